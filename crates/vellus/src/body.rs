//! Bodies: connected dark areas, each explained by the fewest bars that fit its pixels.
//!
//! Opacity + the ribbons selected so far → [`Explanation`] per body.
//!
//! The selection works with proposals as they are; where shafts touch, none of them may be right. Here all shafts of one
//! body move together ([`crate::bar::fit`]), and shafts are added where something dark is left over, split where one is
//! too wide or covers a forked body, and dropped where the others do without; a change stays if it lowers the misfit by
//! more than a shaft costs to write down (minimum description length).

use imageproc::region_labelling::{Connectivity, connected_components};

use crate::bar::{Bar, Pixel, Prior, fit, misfit};
use crate::plane::Plane;

/// A body and the bars that explain it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Its shafts.
    pub bars: Vec<Bar>,
    /// Misfit that is left, px².
    pub misfit: f32,
    /// For every bar, by how much the misfit would rise without it, px².
    pub margins: Vec<f32>,
}

/// A connected dark area.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its pixels and a margin around, every `stride`-th in both directions.
    pub pixels: Vec<Pixel>,
    /// Area that one of the pixels stands for, px².
    pub pixel_area: f32,
    /// Dark pixels, px².
    pub area_px: f32,
    /// It runs into the frame or the mask.
    pub at_border: bool,
}

/// Margin of skin around a body that the fit sees, px: more than the reach of a blurred edge.
const MARGIN_PX: usize = 5;
/// Cost of a bar in units of the misfit that an edge as long as a usual shaft's outline carries anyway: a further shaft
/// has to explain clearly more than the raggedness of the edges that there are. Over the clinic photos the F1 is flat
/// from 11 to 15, and the count is unbiased in between.
const COST_PER_ROUGHNESS: f32 = 13.0;
/// Least and largest cost of a bar, in usual widths squared.
const BAR_COST: [f32; 2] = [0.2, 1.2];
/// Most bars of one body.
const MAX_BARS: usize = 8;
/// Steps of the fit while trying, and at the end.
const TRIAL_STEPS: usize = 6;
const FINAL_STEPS: usize = 12;

/// Labels of the connected areas darker than half of a shaft's opacity `level`; 0 is skin.
pub fn label(opacity: &Plane, valid: &[bool], level: f32) -> Vec<u32> {
    let dark = image::GrayImage::from_fn(opacity.width as u32, opacity.height as u32, |x, y| {
        let i = y as usize * opacity.width + x as usize;
        image::Luma([if valid[i] && opacity.data[i] >= 0.5 * level { 255 } else { 0 }])
    });
    connected_components(&dark, Connectivity::Four, image::Luma([0])).pixels().map(|p| p[0]).collect()
}

/// Pixels of the body with a label within `bounds` (x0, y0, x1, y1, ends included).
pub fn body(
    opacity: &Plane,
    valid: &[bool],
    labels: &[u32],
    label: u32,
    bounds: [usize; 4],
    level: f32,
    stride: usize,
) -> Body {
    let [x0, y0, x1, y1] = bounds;
    let (x0, y0) = (x0.saturating_sub(MARGIN_PX), y0.saturating_sub(MARGIN_PX));
    let (x1, y1) = ((x1 + MARGIN_PX).min(opacity.width - 1), (y1 + MARGIN_PX).min(opacity.height - 1));
    let mut pixels = Vec::new();
    let mut dark = 0;
    let mut at_border = false;
    for y in (y0..=y1).step_by(stride) {
        for x in (x0..=x1).step_by(stride) {
            let i = y * opacity.width + x;
            if !valid[i] || (labels[i] != 0 && labels[i] != label) {
                at_border |= !valid[i];
                continue;
            }
            if labels[i] == label {
                dark += 1;
                at_border |=
                    x < stride || y < stride || x + stride >= opacity.width || y + stride >= opacity.height;
            }
            let seen = (opacity.data[i] / level).clamp(0.0, 1.0);
            pixels.push(Pixel { x: x as f32, y: y as f32, seen });
        }
    }
    let pixel_area = (stride * stride) as f32;
    Body { pixels, pixel_area, area_px: dark as f32 * pixel_area, at_border }
}

/// Misfit per length of outline that a body's first bars leave, px: how ragged edges are in this photo.
pub fn roughness(body: &Body, bars: &[Bar], prior: &Prior) -> Option<f32> {
    if bars.is_empty() {
        return None;
    }
    let mut bars = bars.to_vec();
    let cost = fit(&mut bars, &body.pixels, body.pixel_area, prior, TRIAL_STEPS);
    let own = cost - bars.iter().map(|bar| prior.cost(bar)).sum::<f32>();
    let outline: f32 = bars.iter().map(|bar| 2.0 * (bar.length_px() + bar.width_px)).sum();
    Some(own / outline)
}

/// What a further bar costs, px².
pub fn bar_cost(roughness_px: f32, usual_width_px: f32) -> f32 {
    let square = usual_width_px * usual_width_px;
    (COST_PER_ROUGHNESS * roughness_px * usual_width_px).clamp(BAR_COST[0] * square, BAR_COST[1] * square)
}

/// The fewest bars that explain a body, starting from `bars`; a further one costs `bar_cost`, px².
pub fn explain(body: &Body, mut bars: Vec<Bar>, prior: &Prior, bar_cost: f32) -> Explanation {
    let area = body.pixel_area;
    if bars.is_empty() {
        bars.extend(left_over(body, &[], bar_cost));
    }
    let mut cost = fit(&mut bars, &body.pixels, area, prior, TRIAL_STEPS);
    for _ in 0..2 * MAX_BARS {
        let mut best: Option<(Vec<Bar>, f32)> = None;
        let mut consider = |mut trial: Vec<Bar>, steps: usize| {
            let after = fit(&mut trial, &body.pixels, area, prior, steps);
            let gain = cost - after - bar_cost * (trial.len() as f32 - bars.len() as f32);
            if gain > 0.02 * bar_cost && best.as_ref().is_none_or(|(_, most)| gain > *most) {
                best = Some((trial, gain));
            }
        };
        for k in 0..bars.len() {
            let mut without = bars.clone();
            without.remove(k);
            consider(without, TRIAL_STEPS);
        }
        for k in 0..bars.len() {
            for l in 0..k {
                if let Some(joined) = join(&bars[l], &bars[k]) {
                    let mut trial = bars.clone();
                    trial[l] = joined;
                    trial.remove(k);
                    consider(trial, TRIAL_STEPS);
                }
            }
        }
        if bars.len() < MAX_BARS && cost > bar_cost {
            if let Some(bar) = left_over(body, &bars, bar_cost) {
                consider(bars.iter().copied().chain([bar]).collect(), TRIAL_STEPS);
            }
            if let Some(widest) =
                (0..bars.len()).max_by(|&a, &b| bars[a].width_px.total_cmp(&bars[b].width_px))
            {
                for pair in splits(&bars[widest]) {
                    let mut trial = bars.clone();
                    trial.remove(widest);
                    trial.extend(pair);
                    consider(trial, TRIAL_STEPS);
                }
            }
        }
        let Some((trial, _)) = best else { break };
        bars = trial;
        cost = misfit(&bars, &body.pixels, area, prior);
    }
    cost = fit(&mut bars, &body.pixels, area, prior, FINAL_STEPS);
    let margins = (0..bars.len())
        .map(|k| {
            let mut without = bars.clone();
            without.remove(k);
            misfit(&without, &body.pixels, area, prior) - cost
        })
        .collect();
    Explanation { bars, misfit: cost, margins }
}

/// A bar over the largest area that the bars leave unexplained, by its second moments.
fn left_over(body: &Body, bars: &[Bar], bar_cost: f32) -> Option<Bar> {
    let spacing = body.pixel_area.sqrt();
    let rest: Vec<&Pixel> = body
        .pixels
        .iter()
        .filter(|p| p.seen - (1.0 - bars.iter().map(|bar| 1.0 - bar.share(p.x, p.y)).product::<f32>()) > 0.5)
        .collect();
    let mut group = vec![usize::MAX; rest.len()];
    let mut best: Vec<usize> = Vec::new();
    let near =
        |a: &Pixel, b: &Pixel| (a.x - b.x).abs() <= 1.5 * spacing && (a.y - b.y).abs() <= 1.5 * spacing;
    for start in 0..rest.len() {
        if group[start] != usize::MAX {
            continue;
        }
        let mut members = vec![start];
        group[start] = start;
        let mut next = 0;
        while next < members.len() {
            let here = members[next];
            next += 1;
            // Pixels are in rows: neighbours lie within two rows of indices, but a plain window keeps this simple.
            for other in 0..rest.len() {
                if group[other] == usize::MAX && near(rest[here], rest[other]) {
                    group[other] = start;
                    members.push(other);
                }
            }
        }
        if members.len() > best.len() {
            best = members;
        }
    }
    if (best.len() as f32) * body.pixel_area < bar_cost {
        return None;
    }
    let n = best.len() as f32;
    let (mx, my) = best.iter().fold((0.0, 0.0), |(x, y), &i| (x + rest[i].x / n, y + rest[i].y / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for &i in &best {
        let (dx, dy) = (rest[i].x - mx, rest[i].y - my);
        xx += dx * dx / n;
        yy += dy * dy / n;
        xy += dx * dy / n;
    }
    let angle = 0.5 * libm::atan2f(2.0 * xy, xx - yy);
    let (c, s) = (libm::cosf(angle), libm::sinf(angle));
    let root = (0.25 * (xx - yy) * (xx - yy) + xy * xy).sqrt();
    let (long, short) = (0.5 * (xx + yy) + root, (0.5 * (xx + yy) - root).max(0.1));
    // The second moment of a uniform bar of length L is L² / 12.
    let (half, width_px) = ((3.0 * long).sqrt(), (12.0 * short).sqrt().max(2.0));
    Some(Bar {
        from: [mx - half * c, my - half * s],
        to: [mx + half * c, my + half * s],
        bend_px: 0.0,
        width_px,
        taper_px: 0.0,
    })
}

/// Largest angle between two pieces of one shaft, cosine of 30°.
const SAME_SHAFT: f32 = 0.866;

/// Two pieces of one shaft as one, from the farthest end of one to the farthest of the other.
fn join(a: &Bar, b: &Bar) -> Option<Bar> {
    let direction = |bar: &Bar| {
        let length = bar.length_px().max(1e-3);
        [(bar.to[0] - bar.from[0]) / length, (bar.to[1] - bar.from[1]) / length]
    };
    let (u, v) = (direction(a), direction(b));
    if (u[0] * v[0] + u[1] * v[1]).abs() < SAME_SHAFT {
        return None;
    }
    let ends = [(a.from, b.from), (a.from, b.to), (a.to, b.from), (a.to, b.to)];
    let distance = |(p, q): &([f32; 2], [f32; 2])| libm::hypotf(p[0] - q[0], p[1] - q[1]);
    let (from, to) = ends.into_iter().max_by(|p, q| distance(p).total_cmp(&distance(q)))?;
    let longer = if a.length_px() >= b.length_px() { a } else { b };
    // Side by side they are two shafts; one behind the other the joined one is clearly longer than either.
    if distance(&(from, to)) < 1.1 * longer.length_px() {
        return None;
    }
    Some(Bar { from, to, bend_px: 0.0, width_px: longer.width_px, taper_px: 0.0 })
}

/// A bar as two: side by side, and as a fork from either end.
fn splits(bar: &Bar) -> [[Bar; 2]; 3] {
    let length = bar.length_px().max(1e-3);
    let normal = [-(bar.to[1] - bar.from[1]) / length, (bar.to[0] - bar.from[0]) / length];
    let aside = |p: [f32; 2], d: f32| [p[0] + d * normal[0], p[1] + d * normal[1]];
    let quarter = 0.25 * bar.width_px;
    let narrow = |from: f32, to: f32, width_px: f32| Bar {
        from: aside(bar.from, from),
        to: aside(bar.to, to),
        bend_px: 0.5 * bar.bend_px,
        width_px,
        taper_px: 0.0,
    };
    let half = 0.5 * bar.width_px;
    let fork = 0.65 * bar.width_px;
    [
        [narrow(-quarter, -quarter, half), narrow(quarter, quarter, half)],
        [narrow(-quarter, -0.4 * quarter, fork), narrow(quarter, 0.4 * quarter, fork)],
        [narrow(-0.4 * quarter, -quarter, fork), narrow(0.4 * quarter, quarter, fork)],
    ]
}
