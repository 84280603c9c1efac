//! The picture that shows why a change is claimed: two visits side by side, in register.
//!
//! Left the baseline; right the follow-up, turned, shifted and warped into the baseline's frame, so that each hair is at
//! the same place in both. What not both photos show is dimmed, its border dashed. A hair that lasted is outlined thinly
//! in grey. One that was gained or lost is in a colour of its own, solid where it is and dashed at its empty place in the
//! other photo, with a plus or a minus beyond its tip; one that thickened or thinned has a triangle that points up or
//! down, and its change beside it. Of a phototrichogram, growing hairs have the triangle that points up and resting ones a
//! square, and their growth beside them, instead. A dotted line is a hair that the other photo could not show. A white ring at the root
//! is a hair that this photo showed only when it was asked again. The strip below says it in words, with counts of what
//! is drawn and a scale bar.

use image::{Rgb, RgbImage, imageops};
use vellus::comparison::{Comparison, Match, MatchSource};
use vellus::{Hair, Measurement};

use super::badge::Badge;
use super::canvas::{CAPITALS, Canvas, Colour, Frame, text_width};
use super::labels::{self, Label};
use super::panel::{Mark, Row, SIZE, WHITE, draw_rows, rows_size, scale_bar, wrapped};
use super::warp::Warp;
use super::{NOMINAL_SIDE_PX, OverlayStyle, Pen, Shaft, border, length};
use crate::comparison_table;
use crate::fate::{DiameterChange, diameter_change};
use crate::quantity::answers;

/// Grey: lasted.
const SAME: Colour = [200, 200, 200];
/// Blue: gained.
const GAINED: Colour = [0, 114, 178];
/// Vermilion: lost.
const LOST: Colour = [213, 94, 0];
/// Bluish green: thickened, or growing.
const THICKENED: Colour = [0, 158, 115];
/// Yellow: thinned, or resting.
const THINNED: Colour = [240, 228, 66];
/// Near white: the other photo could not show it.
const NOT_SEEN: Colour = [245, 245, 245];
/// Length of a dash, nominal px: the empty place of a hair.
const DASHED: f32 = 6.0;
/// The same of a hair that the other photo could not show.
const DOTTED: f32 = 2.6;
/// Behind and between the photos.
const GROUND: Colour = [24, 24, 28];
/// Narrowest picture that has room for words, px.
const NARROWEST_WITH_WORDS: u32 = 320;

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
    compose(&halves, comparison, &hairs, style)
}

/// One of the two photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Baseline,
    FollowUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    NotSeen,
    Same,
    Thinned,
    Thickened,
    Resting,
    Growing,
    Lost,
    Gained,
}

impl Fate {
    fn colour(self) -> Colour {
        match self {
            Self::NotSeen => NOT_SEEN,
            Self::Same => SAME,
            Self::Thinned | Self::Resting => THINNED,
            Self::Thickened | Self::Growing => THICKENED,
            Self::Lost => LOST,
            Self::Gained => GAINED,
        }
    }

    fn badge(self) -> Option<Badge> {
        match self {
            Self::NotSeen | Self::Same => None,
            Self::Thinned => Some(Badge::Down),
            Self::Thickened | Self::Growing => Some(Badge::Up),
            Self::Resting => Some(Badge::Square),
            Self::Lost => Some(Badge::Minus),
            Self::Gained => Some(Badge::Plus),
        }
    }
}

/// A hair in the baseline's frame.
struct Drawn {
    fate: Fate,
    before: Option<Shaft>,
    after: Option<Shaft>,
    /// The photo that showed it only when it was asked again.
    second_look: Option<Side>,
    /// Change of its diameter, if it did change; of a phototrichogram, its growth.
    label: Option<String>,
}

/// Every hair that has a fate, those that matter most last, so that they lie on top.
fn hairs(comparison: &Comparison, warp: &Warp) -> Vec<Drawn> {
    let before = |id: u32| find(&comparison.baseline, id).map(Shaft::of);
    let after = |id: u32| find(&comparison.follow_up, id).map(|hair| in_baseline(hair, warp));
    let alone = |fate, before, after| Drawn { fate, before, after, second_look: None, label: None };
    let mut drawn: Vec<Drawn> = Vec::new();
    let growth = comparison.phototrichogram.is_some();
    drawn.extend(comparison.matches.iter().map(|found| Drawn {
        before: before(found.baseline),
        after: after(found.follow_up),
        ..lasting(found, growth)
    }));
    drawn.extend(comparison.not_seen.baseline.iter().map(|&id| alone(Fate::NotSeen, before(id), None)));
    drawn.extend(comparison.not_seen.follow_up.iter().map(|&id| alone(Fate::NotSeen, None, after(id))));
    drawn.extend(comparison.lost.iter().map(|&id| alone(Fate::Lost, before(id), None)));
    drawn.extend(comparison.gained.iter().map(|&id| alone(Fate::Gained, None, after(id))));
    drawn.sort_by_key(|hair| hair.fate);
    drawn
}

fn find(measurement: &Measurement, id: u32) -> Option<&Hair> {
    measurement.hairs.iter().find(|hair| hair.id == id)
}

/// A match without its shafts. Where growth is asked for, what it says comes before the change of diameter.
fn lasting(found: &Match, growth: bool) -> Drawn {
    let fate = match (found.anagen, diameter_change(found)) {
        _ if !found.in_common_area => Fate::Same,
        (Some(true), _) if growth => Fate::Growing,
        (Some(false), _) if growth => Fate::Resting,
        (_, Some(DiameterChange::Thickened)) if !growth => Fate::Thickened,
        (_, Some(DiameterChange::Thinned)) if !growth => Fate::Thinned,
        _ => Fate::Same,
    };
    let label = if growth { found.length_change_um } else { found.diameter_change_um };
    let label = label.filter(|_| fate != Fate::Same);
    Drawn {
        fate,
        before: None,
        after: None,
        second_look: match found.source {
            MatchSource::BothPhotos => None,
            MatchSource::SecondLookFollowUp => Some(Side::FollowUp),
            MatchSource::SecondLookBaseline => Some(Side::Baseline),
        },
        label: label.map(|change| in_font(&crate::text::signed(change, 0))),
    }
}

/// The font's minus is its dash.
fn in_font(text: &str) -> String {
    text.replace('−', "–")
}

/// A shaft of the follow-up in the baseline's frame.
fn in_baseline(hair: &Hair, warp: &Warp) -> Shaft {
    let axis = hair.centreline_px.iter().map(|&point| warp.to_baseline(point).map(|v| v as f32)).collect();
    let width = hair.width_px.map(|width| (width * warp.scale_to_baseline()) as f32);
    Shaft { axis, width }
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

/// The follow-up in the baseline's frame, bilinear; what it does not show has the colour of the ground.
fn registered(photo: &RgbImage, warp: &Warp, width: u32, height: u32) -> RgbImage {
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

/// Both halves with their headings, and the strip of words below.
fn compose(
    [left, right]: &[RgbImage; 2],
    comparison: &Comparison,
    hairs: &[Drawn],
    style: &OverlayStyle,
) -> RgbImage {
    let gap = (left.width() / 160).max(1);
    let width = 2 * left.width() + gap;
    let pen = pen(style, width);
    let size = SIZE * pen.unit;
    let words = style.legend && width >= NARROWEST_WITH_WORDS;
    let rows = if words { legend(comparison, hairs, width as f32 - 2.0 * size, size, pen) } else { vec![] };
    let head = if words { (2.0 * size) as u32 } else { 0 };
    let strip = if words { (rows_size(&rows, size)[1] + 2.0 * size) as u32 } else { 0 };

    let mut picture = RgbImage::from_pixel(width, head + left.height() + strip, Rgb(GROUND));
    imageops::replace(&mut picture, left, 0, i64::from(head));
    imageops::replace(&mut picture, right, i64::from(left.width() + gap), i64::from(head));
    if !words {
        return picture;
    }
    let bottom = (head + left.height()) as f32;
    let Some(mut canvas) = Canvas::new(&picture) else { return picture };
    let base = 0.5 * (head as f32 + CAPITALS * size);
    let headings = [
        (0.0, "Baseline", &comparison.baseline),
        ((left.width() + gap) as f32, "Follow-up, laid over the baseline", &comparison.follow_up),
    ];
    for (x, title, measurement) in headings {
        let title = heading(title, measurement, left.width() as f32 - 2.0 * size, size);
        canvas.text(&title, [x + size, base], size, WHITE, 0.0);
    }
    draw_rows(&mut canvas, &rows, [size, bottom + size], size, pen);
    canvas.into_photo()
}

/// The title, and the name of the file where the font has its letters and there is room.
fn heading(title: &str, measurement: &Measurement, width: f32, size: f32) -> String {
    let path = measurement.image.path.as_deref().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let full = format!("{title}: {name}");
    let fits = !name.is_empty() && name.is_ascii() && text_width(&full, size) <= width;
    if fits { full } else { title.to_owned() }
}

/// The answer, then what is drawn, each kind with its count.
fn legend(comparison: &Comparison, hairs: &[Drawn], width: f32, size: f32, pen: Pen) -> Vec<Row> {
    let count = |fate: Fate| hairs.iter().filter(|hair| hair.fate == fate).count();
    let growing = comparison.phototrichogram.as_ref().map(comparison_table::growing);
    let mut rows: Vec<Row> = growing.into_iter().map(|words| vec![(Mark::None, words)]).collect();
    let answers = answers(&comparison.change).into_iter();
    rows.extend(answers.map(|(name, quantity, change)| {
        vec![(Mark::None, in_font(&format!("{name}: {}", quantity.sentence(&change))))]
    }));
    let (growth, scaled) = (comparison.phototrichogram.is_some(), comparison.baseline.calibration.is_some());
    let same = if growth { "seen in both, growth not told" } else { "seen in both, unchanged" };
    let mut entries: Row = vec![(Mark::Outline(SAME, 0.0), format!("{same} {}", count(Fate::Same)))];
    let kinds = [
        (Fate::Gained, "gained", true),
        (Fate::Lost, "lost", true),
        (Fate::Thickened, "thicker", scaled && !growth),
        (Fate::Thinned, "thinner", scaled && !growth),
        (Fate::Growing, "growing", growth),
        (Fate::Resting, "resting", growth),
    ];
    for (fate, name, told) in kinds {
        if let Some(badge) = fate.badge().filter(|_| told) {
            entries.push((Mark::Badge(badge, fate.colour()), format!("{name} {}", count(fate))));
        }
    }
    if count(Fate::NotSeen) > 0 {
        let words = format!("the other photo cannot show it {}", count(Fate::NotSeen));
        entries.push((Mark::Outline(NOT_SEEN, DOTTED), words));
    }
    let again = hairs.iter().filter(|hair| hair.second_look.is_some()).count();
    if again > 0 {
        entries.push((Mark::Ring(WHITE), format!("seen when looked for again {again}")));
    }
    if count(Fate::Gained) + count(Fate::Lost) > 0 {
        entries.push((Mark::Outline(LOST, DASHED), "its place without it".to_owned()));
    }
    if hairs.iter().any(|hair| hair.label.is_some()) {
        let what = if growth { "growth" } else { "change of diameter" };
        entries.push((Mark::None, format!("beside: {what}, µm")));
    }
    entries.push((Mark::None, "dimmed: not compared".to_owned()));
    if let Some(calibration) = comparison.baseline.calibration {
        entries.extend(scale_bar(calibration.um_per_px as f32, pen));
    }
    rows.extend(wrapped(entries, width, size));
    rows
}

#[cfg(test)]
#[path = "../change_overlay_tests.rs"]
mod tests;
