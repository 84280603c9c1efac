//! The picture that shows why a change is claimed: two visits side by side, in register.
//!
//! Left the baseline; right the follow-up, turned, shifted and warped into the baseline's frame, so that each hair is at
//! the same place in both. What not both photos show is dimmed, its border dashed. A hair that lasted is outlined thinly
//! in grey. One that was gained or lost is in a colour of its own, solid where it is and dashed at its empty place in the
//! other photo, with a plus or a minus beyond its tip; one that thickened or thinned has a triangle that points up or
//! down, and its change beside it. Of a phototrichogram, growing hairs have the triangle that points up and resting ones a
//! square, and their growth beside them, instead. A dotted line is a hair that the other photo could not show. A white
//! ring at the root is a hair that this photo showed only when it was asked again. The strip below says it in words, with
//! counts of what is drawn and a scale bar.

mod hairs;
mod words;

use image::{Rgb, RgbImage};
use vellus::comparison::Comparison;

use super::canvas::{Canvas, Colour, Frame};
use super::labels::{self, Label};
use super::panel::WHITE;
use super::warp::Warp;
use super::{NOMINAL_SIDE_PX, OverlayStyle, Pen, Shaft, border, length};
use hairs::{Drawn, Fate, hairs};

/// Length of a dash, nominal px: the empty place of a hair.
const DASHED: f32 = 6.0;
/// The same of a hair that the other photo could not show.
const DOTTED: f32 = 2.6;
/// Behind and between the photos.
const GROUND: Colour = [24, 24, 28];

/// Draws both visits of a comparison; each half has the baseline photo's size.
///
/// The photos must be the compared ones with their orientation applied, as the coordinates of the record are.
pub fn change(
    baseline: &RgbImage,
    follow_up: &RgbImage,
    comparison: &Comparison,
    style: &OverlayStyle,
) -> RgbImage {
    let (width, height) = baseline.dimensions();
    let warp = Warp::new(&comparison.registration, width, height);
    let pen = pen(style, width.max(height));
    let common = |x: f64, y: f64| {
        let [u, v] = warp.to_follow_up([x, y]);
        comparison.baseline.region.shape.contains(x, y)
            && inside(follow_up, [u, v])
            && comparison.follow_up.region.shape.contains(u, v)
    };
    let moved = registered(follow_up, &warp, width, height);
    let hairs = hairs(comparison, &warp);
    let borders = borders(comparison, &warp, follow_up);
    let halves = [(Side::Baseline, baseline), (Side::FollowUp, &moved)].map(|(side, photo)| {
        let Some(mut canvas) = Canvas::new(photo) else { return photo.clone() };
        canvas.dim(|x, y| !common(x, y));
        for border in &borders {
            pen.line(&mut canvas, border, true, 1.2, WHITE, 8.0);
        }
        draw_hairs(&mut canvas, &hairs, side, style, pen);
        canvas.into_photo()
    });
    words::compose(&halves, comparison, &hairs, style)
}

/// One of the two photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Baseline,
    FollowUp,
}

fn draw_hairs(canvas: &mut Canvas, hairs: &[Drawn], side: Side, style: &OverlayStyle, pen: Pen) {
    let mut taken = Vec::new();
    let mut shown: Vec<(&Drawn, &Shaft)> = Vec::new();
    for hair in hairs {
        let (own, other) = match side {
            Side::Baseline => (&hair.before, &hair.after),
            Side::FollowUp => (&hair.after, &hair.before),
        };
        let colour = hair.fate.colour();
        match (own, other, hair.fate) {
            (Some(shaft), _, Fate::NotSeen) => dashed(canvas, shaft, 1.2, colour, DOTTED, pen),
            (Some(shaft), _, Fate::Same) => pen.shaft(canvas, shaft, 1.0, colour),
            (Some(shaft), _, _) => pen.shaft(canvas, shaft, 2.2, colour),
            (None, Some(shaft), Fate::Gained | Fate::Lost) => dashed(canvas, shaft, 1.8, colour, DASHED, pen),
            _ => continue,
        }
        if let Some(shaft) = own.as_ref().or(other.as_ref()) {
            shown.push((hair, shaft));
        }
    }
    for (hair, shaft) in &shown {
        if hair.second_look == Some(side)
            && let Some(&root) = shaft.axis.first()
        {
            pen.ring(canvas, root, 7.0 * pen.unit, 1.6, WHITE);
        }
        if let Some(badge) = hair.fate.badge() {
            let radius = 7.5 * pen.unit;
            let centre = beyond_tip(shaft, 1.6 * radius, [canvas.width(), canvas.height()]);
            badge.draw(canvas, centre, radius, hair.fate.colour());
            let corner = centre.map(|v| v - radius);
            taken.push(Frame { x: corner[0], y: corner[1], width: 2.0 * radius, height: 2.0 * radius });
        }
    }
    if style.labels && side == Side::FollowUp {
        let shafts: Vec<Shaft> = shown.iter().map(|(_, shaft)| (*shaft).clone()).collect();
        let labels = shown.iter().filter_map(|(hair, shaft)| {
            let text = hair.label.clone()?;
            // White: the green alone is too dark to read.
            Some(Label { shaft: (*shaft).clone(), text, colour: WHITE })
        });
        labels::draw(canvas, &shafts, labels, taken, pen);
    }
}

/// The outline of a shaft that is not there, or of one that the other photo cannot show.
fn dashed(canvas: &mut Canvas, shaft: &Shaft, width: f32, colour: Colour, dash: f32, pen: Pen) {
    let edges = shaft.edges(width * pen.unit).unwrap_or_else(|| shaft.axis.clone());
    pen.dashed(canvas, &edges, width, colour, dash);
}

/// A place for a sign, `away` px beyond the tip; on the shaft where that is outside of the picture.
fn beyond_tip(shaft: &Shaft, away: f32, [width, height]: [f32; 2]) -> [f32; 2] {
    let last = shaft.axis.len().saturating_sub(1);
    let (Some(&tip), Some(&before)) = (shaft.axis.get(last), shaft.axis.get(last.saturating_sub(3))) else {
        return [0.0, 0.0];
    };
    let along = [tip[0] - before[0], tip[1] - before[1]];
    let norm = length(along).max(1e-6);
    let place = [tip[0] + away * along[0] / norm, tip[1] + away * along[1] / norm];
    let frame = Frame { x: away, y: away, width: width - 2.0 * away, height: height - 2.0 * away };
    let on_shaft = || shaft.axis.iter().rev().find(|point| frame.contains(**point)).copied();
    if frame.contains(place) { place } else { on_shaft().unwrap_or(place) }
}

fn inside(photo: &RgbImage, [x, y]: [f64; 2]) -> bool {
    x >= 0.0 && y >= 0.0 && x <= f64::from(photo.width()) - 1.0 && y <= f64::from(photo.height()) - 1.0
}

/// The follow-up in the baseline's frame of that size, px, bilinear; what it does not show has the colour of the ground.
pub fn registered(photo: &RgbImage, warp: &Warp, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let [u, v] = warp.to_follow_up([f64::from(x), f64::from(y)]);
        if !inside(photo, [u, v]) {
            return Rgb(GROUND);
        }
        let (i, j) = (u as u32, v as u32);
        let (s, t) = (u - f64::from(i), v - f64::from(j));
        let (right, below) = ((i + 1).min(photo.width() - 1), (j + 1).min(photo.height() - 1));
        let corners = [(i, j), (right, j), (i, below), (right, below)].map(|(x, y)| photo.get_pixel(x, y).0);
        let weights = [(1.0 - s) * (1.0 - t), s * (1.0 - t), (1.0 - s) * t, s * t];
        Rgb([0, 1, 2].map(|channel| {
            let sum: f64 = corners.iter().zip(weights).map(|(c, w)| w * f64::from(c[channel])).sum();
            (sum + 0.5) as u8
        }))
    })
}

/// The borders of what both photos show, in the baseline's frame.
fn borders(comparison: &Comparison, warp: &Warp, follow_up: &RgbImage) -> [Vec<[f32; 2]>; 2] {
    let image = &comparison.baseline.image;
    let own = border(&comparison.baseline.region.shape, [image.width_px as f32, image.height_px as f32]);
    let size = [follow_up.width() as f32, follow_up.height() as f32];
    let corners = border(&comparison.follow_up.region.shape, size);
    let mut other = Vec::new();
    // A straight line of the follow-up is bent by the warp.
    for (i, from) in corners.iter().enumerate() {
        let to = corners[(i + 1) % corners.len()];
        other.extend((0..32).map(|step| {
            let t = step as f32 / 32.0;
            let point = [0, 1].map(|k| f64::from(from[k] + t * (to[k] - from[k])));
            warp.to_baseline(point).map(|v| v as f32)
        }));
    }
    [own, other]
}

fn pen(style: &OverlayStyle, side: u32) -> Pen {
    Pen { unit: style.scale * (side as f32 / NOMINAL_SIDE_PX).clamp(0.6, 5.0) }
}

#[cfg(test)]
#[path = "../../change_overlay_tests.rs"]
mod tests;
