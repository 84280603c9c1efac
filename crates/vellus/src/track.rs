//! Proposals: follows a shaft by its two edges, from a ridge point to both its ends.
//!
//! Opacity + [`Seed`] → [`Track`].
//!
//! At every step the cross-section of the opacity is read, and both edges are looked for where the shaft so far says
//! that they should be. With both edges in sight, axis and width follow them; with one (the other hair of a touching pair
//! hides the second) the axis keeps its distance from the edge in sight; with none (under a crossing hair) the shaft runs
//! straight on. So two hairs that merge are followed by their outer edges with the width that each had before, and
//! a crossing is passed without deciding anything at the junction. What a track claims is only a proposal: the
//! selection decides which of them explain the photo.

use crate::cross_section::CrossSection;
use crate::median::{upper_median, upper_median_of};
use crate::plane::Plane;
use crate::ridge::RidgePoint;

/// Where a track starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seed {
    /// Position on the axis, px.
    pub x: f32,
    /// Position on the axis, px.
    pub y: f32,
    /// Direction of the axis, radians.
    pub angle: f32,
    /// Width to look for, px.
    pub width_px: f32,
    /// Opacity on the axis.
    pub level: f32,
    /// Smallest drop of the opacity at an edge, as a share of `level`.
    pub edge_drop: f32,
}

/// What was seen of the shaft at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackPoint {
    /// Axis, px.
    pub x: f32,
    /// Axis, px.
    pub y: f32,
    /// Width of the shaft here, px: measured with both edges in sight, carried on otherwise.
    pub width_px: f32,
    /// Mean opacity around the axis.
    pub level: f32,
    /// The edge to the left (seen along the track) is in sight.
    pub left: bool,
    /// The edge to the right is in sight.
    pub right: bool,
}

/// How a track ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackEnd {
    /// The shaft's opacity falls to that of skin: a root, or a cut or tapered tip.
    Open,
    /// The frame or the mask cuts it.
    Border,
    /// It is lost inside a body of other hairs.
    Hidden,
}

/// A followed shaft.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The axis in order, with what was seen; at least two points.
    pub points: Vec<TrackPoint>,
    /// How it ends before the first and after the last point.
    pub ends: [TrackEnd; 2],
    /// Median width with both edges in sight, px.
    pub width_px: f32,
    /// Median opacity on the axis with both edges in sight.
    pub level: f32,
}

impl Track {
    /// Length along the axis, px.
    pub fn length_px(&self) -> f32 {
        self.points.windows(2).map(|pair| libm::hypotf(pair[1].x - pair[0].x, pair[1].y - pair[0].y)).sum()
    }

    /// Share of the points that see both edges, 0 to 1.
    pub fn both_edges(&self) -> f32 {
        self.points.iter().filter(|point| point.left && point.right).count() as f32 / self.points.len() as f32
    }

    /// Edges in sight per edge there is, 0 to 1.
    pub fn edges_seen(&self) -> f32 {
        let seen: usize = self.points.iter().map(|p| usize::from(p.left) + usize::from(p.right)).sum();
        seen as f32 / (2 * self.points.len()) as f32
    }
}

/// Opacity below this share of the shaft's own is skin: half, where a blurred edge of an opaque shaft lies.
const END_LEVEL: f32 = 0.5;
/// How far an edge may lie from where it is expected, as a share of the width: a shaft's width varies by 5 % along its
/// course; an ellipse that twists by up to 20 %.
const EDGE_TOLERANCE: f32 = 0.25;
/// The same at least, px: the error of an edge in noise.
const EDGE_TOLERANCE_PX: f32 = 1.3;
/// Largest difference between a measured width and the shaft's so far, as a share of it: twice the 5 % that the width of
/// a shaft varies by over a millimetre.
const WIDTH_CHANGE: f32 = 0.12;
/// The same at least, px: the error of two edges in noise.
const WIDTH_CHANGE_PX: f32 = 1.2;
/// Points with both edges in sight whose median width is the shaft's so far.
const WIDTH_MEMORY: usize = 40;
/// Stretch of axis that gives the direction, in widths.
const HEADING_WIDTHS: f32 = 4.0;
/// The same at least, px.
const HEADING_PX: f32 = 16.0;
/// Longest gap (glare, a flake) that is bridged, in widths.
const GAP_WIDTHS: f32 = 1.0;
/// Longest stretch without any edge, in widths: a crossing at 10° of a hair of equal width.
const COAST_WIDTHS: f32 = 11.0;
/// Shortest way round that is a ring, in widths: a ring as narrow as this has no inside.
const RING_WIDTHS: f32 = 8.0;
/// Most steps of one track: the longest hair of a 100 megapixel photo has fewer.
const MAX_STEPS: usize = 20_000;

/// Follows shafts in one opacity plane.
#[derive(Debug, Clone, Copy)]
pub struct Tracker<'a> {
    /// Opacity, lightly smoothed.
    pub opacity: &'a Plane,
    /// `false` where there is no scalp.
    pub valid: &'a [bool],
    /// Widest shaft, px.
    pub max_width_px: f32,
}

/// One of the two ways from a seed.
#[derive(Debug)]
struct Way {
    /// What was seen, the start first.
    points: Vec<TrackPoint>,
    /// Direction at the seed, radians.
    angle: f32,
    /// Length since an edge was in sight, px.
    coasted: f32,
    /// How many of the points are kept at last.
    keep: usize,
    /// How it ended, once it has.
    end: Option<TrackEnd>,
}

impl Way {
    /// Whether it has run in a ring, as the rim of a bubble does and no shaft.
    fn is_back(&self, seed: &Seed) -> bool {
        let (first, last) = (self.points[0], self.points[self.points.len() - 1]);
        let step = (0.25 * seed.width_px).clamp(1.0, 3.0);
        let walked = step * (self.points.len() - 1) as f32;
        walked > RING_WIDTHS * seed.width_px
            && libm::hypotf(last.x - first.x, last.y - first.y) < seed.width_px
    }

    fn new(start: TrackPoint, angle: f32) -> Self {
        Self { points: vec![start], angle, coasted: 0.0, keep: usize::MAX, end: None }
    }

    /// Takes back what was coasted, once both ways have ended.
    fn roll_back(&mut self, step: f32) {
        let steps = (self.coasted / step).round() as usize;
        self.keep = self.points.len().saturating_sub(steps).max(1);
    }
}

impl Tracker<'_> {
    /// Seeds at a ridge point, one for each of `edge_drops`, falling ones: both edges must be in sight there, dropping by that share of
    /// the opacity on the axis, which is at least `min_level`.
    ///
    /// Most ridge points are none: no more of the cross-section is read than it takes to tell.
    pub(crate) fn seeds<const N: usize>(
        &self,
        section: &mut CrossSection,
        ridge: &RidgePoint,
        edge_drops: [f32; N],
        min_level: f32,
    ) -> [Option<Seed>; N] {
        let RidgePoint { x, y, angle, sigma_px, .. } = *ridge;
        let far = (4.0 * sigma_px + 1.0).min(0.75 * self.max_width_px + 2.0);
        let (c, s) = (libm::cosf(angle), libm::sinf(angle));
        section.lay(self.opacity, [x, y], [c, s], far, sigma_px.clamp(1.0, 4.0));
        let end = section.limit();
        // An edge to the left looks at two samples to the right of the middle.
        let core = ((0.6 * sigma_px / section.spacing_px()) as i32 + 1).max(3).min(end);
        section.read(self.opacity, -core, core);
        let level = section.core(2.0 * sigma_px).max(section.core(0.0));
        if level <= 0.0 || level < min_level {
            return [None; N];
        }
        let nearest = |section: &CrossSection, side: i32, edge_drop: f32| {
            section.edge(side, 0.0, 0.4 * sigma_px, far, edge_drop * level)
        };
        section.read(self.opacity, -end, -core - 1);
        let lefts = edge_drops.map(|edge_drop| nearest(section, -1, edge_drop));
        if lefts.iter().all(Option::is_none) {
            return [None; N];
        }
        section.read(self.opacity, core + 1, end);
        let mut seeds = [None; N];
        for ((seed, left), edge_drop) in seeds.iter_mut().zip(lefts).zip(edge_drops) {
            let Some((left, right)) = left.zip(nearest(section, 1, edge_drop)) else { continue };
            let width_px = left.at + right.at;
            let shift = 0.5 * (right.at - left.at);
            if width_px > self.max_width_px || shift.abs() > 0.4 * width_px {
                continue;
            }
            *seed = Some(Seed { x: x - shift * s, y: y + shift * c, angle, width_px, level, edge_drop });
        }
        seeds
    }

    /// Follows the shaft both ways from a seed. The two ways go step by step in turn, each knowing what both saw before
    /// the turn, so that a mirrored photo gives the mirrored track.
    pub fn track(&self, seed: &Seed) -> Option<Track> {
        let mut section = CrossSection::default();
        let at = [seed.x, seed.y];
        let direction = [libm::cosf(seed.angle), libm::sinf(seed.angle)];
        let start = self.observe(&mut section, at, direction, seed.width_px, seed.level, seed.edge_drop);
        let turned = |p: &TrackPoint| TrackPoint { left: p.right, right: p.left, ..*p };
        let mut ahead = Way::new(start, seed.angle);
        let mut back = Way::new(turned(&start), seed.angle + std::f32::consts::PI);
        for _ in 0..MAX_STEPS {
            let (a, b) = (ahead.points.len(), back.points.len());
            self.step(&mut section, &mut ahead, &back.points[1..b], seed);
            self.step(&mut section, &mut back, &ahead.points[1..a], seed);
            if ahead.end.is_some() && back.end.is_some() {
                break;
            }
            if [&ahead, &back].iter().any(|way| way.is_back(seed)) {
                return None;
            }
        }
        let ends = [&back, &ahead].map(|way| way.end.unwrap_or(TrackEnd::Hidden));
        ahead.points.truncate(ahead.keep);
        back.points.truncate(back.keep);
        let points: Vec<TrackPoint> = back.points[1..].iter().rev().map(turned).chain(ahead.points).collect();
        if points.len() < 3 {
            return None;
        }
        let mut sure: Vec<&TrackPoint> = points.iter().filter(|p| p.left && p.right).collect();
        if sure.is_empty() {
            sure = points.iter().collect();
        }
        let width_px = upper_median_of(sure.iter().map(|p| p.width_px));
        let level = upper_median_of(sure.iter().map(|p| p.level));
        Some(Track { points, ends, width_px, level })
    }

    /// Goes one step along `way`, unless it has ended; `other` is what the other way saw, the start left out.
    fn step(&self, section: &mut CrossSection, way: &mut Way, other: &[TrackPoint], seed: &Seed) {
        if way.end.is_some() {
            return;
        }
        let step = (0.25 * seed.width_px).clamp(1.0, 3.0);
        let width = recent(&way.points, other, seed.width_px, |p| p.width_px, WIDTH_MEMORY);
        let level = recent(&way.points, other, seed.level, |p| p.level, 16);
        let heading = heading(&way.points, other, way.angle, width.max(seed.width_px));
        let [c, s] = heading.direction;
        let (x, y) = (heading.x + step * c, heading.y + step * s);
        if !self.on_scalp(x, y) {
            way.end = Some(TrackEnd::Border);
            return;
        }
        let seen = self.observe(section, [x, y], heading.direction, width, level, seed.edge_drop);
        if seen.level < END_LEVEL * level {
            if self.bridge(section, &mut way.points, heading, width, level, step, seed.edge_drop) {
                way.coasted = 0.0;
            } else {
                way.end = Some(self.finish(way, heading, width, level, step));
            }
            return;
        }
        way.coasted = if seen.left || seen.right { 0.0 } else { way.coasted + step };
        way.points.push(seen);
        if way.coasted > COAST_WIDTHS * width {
            way.roll_back(step);
            way.end = Some(TrackEnd::Hidden);
        }
    }

    /// Reads the shaft at a predicted place.
    fn observe(
        &self,
        section: &mut CrossSection,
        [x, y]: [f32; 2],
        direction: [f32; 2],
        width: f32,
        level: f32,
        edge_drop: f32,
    ) -> TrackPoint {
        let tolerance = (EDGE_TOLERANCE * width).max(EDGE_TOLERANCE_PX);
        let half = 0.5 * width;
        let along = (0.2 * width).clamp(1.0, 2.5);
        let [c, s] = direction;
        section.lay(self.opacity, [x, y], direction, half + tolerance, along);
        section.read(self.opacity, -section.limit(), section.limit());
        let drop = edge_drop * level;
        let find = |side: i32| section.edge(side, half, (half - tolerance).max(0.0), half + tolerance, drop);
        let (mut left, mut right) = (find(-1), find(1));
        if let (Some(l), Some(r)) = (left, right) {
            // A shaft does not change its width at once: where the two edges do not fit, one belongs to another hair.
            if (l.at + r.at - width).abs() > (WIDTH_CHANGE * width).max(WIDTH_CHANGE_PX) {
                if (l.at - half).abs() <= (r.at - half).abs() {
                    right = None;
                } else {
                    left = None;
                }
            }
        }
        let (shift, measured) = match (left, right) {
            (Some(l), Some(r)) => (0.5 * (r.at - l.at), l.at + r.at),
            (Some(l), None) => (half - l.at, width),
            (None, Some(r)) => (r.at - half, width),
            (None, None) => (0.0, width),
        };
        TrackPoint {
            x: x - shift * s,
            y: y + shift * c,
            width_px: measured,
            level: section.core(width),
            left: left.is_some(),
            right: right.is_some(),
        }
    }

    /// Looks for the shaft behind a gap; extends `points` over it if it goes on there.
    #[allow(clippy::too_many_arguments)]
    fn bridge(
        &self,
        section: &mut CrossSection,
        points: &mut Vec<TrackPoint>,
        heading: Heading,
        width: f32,
        level: f32,
        step: f32,
        edge_drop: f32,
    ) -> bool {
        let [c, s] = heading.direction;
        let longest = (GAP_WIDTHS * width).clamp(3.0, 16.0) + step;
        let mut ahead = 2.0 * step;
        let mut look = |d: f32| {
            let at = [heading.x + d * c, heading.y + d * s];
            self.observe(section, at, heading.direction, width, level, edge_drop)
        };
        let goes_on = |p: &TrackPoint| p.level > 0.7 * level && p.left && p.right;
        // What the last look saw at this distance.
        let mut known: Option<TrackPoint> = None;
        while ahead <= longest {
            if !self.on_scalp(heading.x + (ahead + step) * c, heading.y + (ahead + step) * s) {
                return false;
            }
            let seen = known.take().unwrap_or_else(|| look(ahead));
            if goes_on(&seen) {
                let next = look(ahead + step);
                if goes_on(&next) {
                    points.extend([seen, next]);
                    return true;
                }
                known = Some(next);
            }
            ahead += step;
        }
        false
    }

    /// The end of a shaft: walks to where the opacity falls to half, or takes back what was only coasted through the side
    /// of another hair.
    fn finish(&self, way: &mut Way, heading: Heading, width: f32, level: f32, step: f32) -> TrackEnd {
        let [c, s] = heading.direction;
        let strip = |d: f32| {
            let (x, y) = (heading.x + d * c, heading.y + d * s);
            [-0.3, 0.0, 0.3]
                .iter()
                .map(|t| self.opacity.sample(x - t * width * s, y + t * width * c))
                .sum::<f32>()
                / 3.0
        };
        let half = END_LEVEL * level;
        let mut d = 0.0;
        while d < step && strip(d + 0.5) >= half {
            d += 0.5;
        }
        let (before, after) = (strip(d), strip(d + 0.5));
        if before > half && after < half {
            d += 0.5 * (before - half) / (before - after);
        }
        let (x, y) = (heading.x + d * c, heading.y + d * s);
        if way.coasted > 0.8 * width {
            // Leaving a body through its side means that the shaft had ended inside: its own end is square.
            let gx = self.opacity.sample(x + 1.5, y) - self.opacity.sample(x - 1.5, y);
            let gy = self.opacity.sample(x, y + 1.5) - self.opacity.sample(x, y - 1.5);
            let along = -(gx * c + gy * s) / (gx * gx + gy * gy).sqrt().max(1e-6);
            if along < SQUARE_END {
                way.roll_back(step);
                return TrackEnd::Hidden;
            }
        }
        if d > 0.05 {
            let last = way.points[way.points.len() - 1];
            way.points.push(TrackPoint { x, y, ..last });
        }
        TrackEnd::Open
    }

    fn on_scalp(&self, x: f32, y: f32) -> bool {
        self.opacity.contains(x, y)
            && self.valid[y.round() as usize * self.opacity.width + x.round() as usize]
    }
}

/// Least cosine between a shaft's direction and the fall of opacity at its end: 45°, half way from square to sideways.
const SQUARE_END: f32 = 0.7;

/// Where the axis points to.
#[derive(Debug, Clone, Copy)]
struct Heading {
    x: f32,
    y: f32,
    /// Cosine and sine.
    direction: [f32; 2],
}

/// Line through the last stretch of the axis, that of the `other` way beyond the start; `angle` is the direction until
/// there is enough of it.
fn heading(points: &[TrackPoint], other: &[TrackPoint], angle: f32, width: f32) -> Heading {
    let last = points[points.len() - 1];
    let span = (HEADING_WIDTHS * width).max(HEADING_PX);
    let backwards = || points.iter().rev().chain(other);
    let (mut w, mut mx, mut my) = (0.0, 0.0, 0.0);
    let mut used = 0;
    let mut previous = last;
    for point in backwards() {
        let (dx, dy) = (point.x - last.x, point.y - last.y);
        if dx * dx + dy * dy > span * span {
            break;
        }
        let weight = trust(point);
        w += weight;
        mx += weight * point.x;
        my += weight * point.y;
        used += 1;
        previous = *point;
    }
    if used < 3 {
        return Heading { x: last.x, y: last.y, direction: [libm::cosf(angle), libm::sinf(angle)] };
    }
    (mx, my) = (mx / w, my / w);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for point in backwards().take(used) {
        let weight = trust(point);
        let (dx, dy) = (point.x - mx, point.y - my);
        xx += weight * dx * dx;
        yy += weight * dy * dy;
        xy += weight * dx * dy;
    }
    let mut along = 0.5 * libm::atan2f(2.0 * xy, xx - yy);
    let (fx, fy) = (last.x - previous.x, last.y - previous.y);
    if libm::cosf(along) * fx + libm::sinf(along) * fy < 0.0 {
        along += std::f32::consts::PI;
    }
    // A short stretch says little of the direction: it is blended with the one that the ridge gave.
    let length = (fx * fx + fy * fy).sqrt();
    let share = (length / (1.5 * width).max(8.0)).min(1.0);
    let mut turn = along - angle;
    while turn > std::f32::consts::PI {
        turn -= 2.0 * std::f32::consts::PI;
    }
    while turn < -std::f32::consts::PI {
        turn += 2.0 * std::f32::consts::PI;
    }
    let along = if share < 1.0 { angle + share * turn } else { along };
    let (c, s) = (libm::cosf(along), libm::sinf(along));
    let ahead = (last.x - mx) * c + (last.y - my) * s;
    // The line says where the axis is; half of the last reading's distance from it is kept, so that curves are followed.
    let off = -(last.x - mx) * s + (last.y - my) * c;
    Heading { x: mx + ahead * c - 0.5 * off * s, y: my + ahead * s + 0.5 * off * c, direction: [c, s] }
}

/// Weight of a point in the direction: what sees no edge only repeats the prediction.
fn trust(point: &TrackPoint) -> f32 {
    match (point.left, point.right) {
        (true, true) => 1.0,
        (false, false) => 0.05,
        _ => 0.5,
    }
}

/// Median over the last `n` points that see both edges, at most [`WIDTH_MEMORY`], those of the `other` way after one's
/// own, or `otherwise`.
fn recent(
    points: &[TrackPoint],
    other: &[TrackPoint],
    otherwise: f32,
    field: impl Fn(&TrackPoint) -> f32,
    n: usize,
) -> f32 {
    let mut values = [0.0; WIDTH_MEMORY];
    let mut count = 0;
    let seen = points.iter().rev().chain(other).filter(|p| p.left && p.right).take(n);
    for (value, point) in values.iter_mut().zip(seen) {
        *value = field(point);
        count += 1;
    }
    let values = &mut values[..count];
    upper_median(values).filter(|_| count >= 3).unwrap_or(otherwise)
}
