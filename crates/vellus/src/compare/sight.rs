//! What a photo keeps for being asked again, and which skin two photos have in common.

use crate::hair::PointPx;
use crate::plane::Plane;
use crate::region::RegionShape;

use super::constellation::{Constellation, Strand};
use super::map::PointUm;
use super::tone::Tone;
use super::warp::Warp;

/// The planes of a measured photo that a second look reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// What shafts are found in: light that is missing, as a share of the skin's.
    pub opacity: Plane,
    /// Flags of the pixels that are scalp.
    pub scalp: Vec<bool>,
    /// Part of the photo that is analysed.
    pub region: RegionShape,
    /// Centrelines, px, of what a reader took for no hair; `None` where no reader went through the photo.
    pub removed: Option<Vec<Vec<PointPx>>>,
    /// How it shows skin and hair.
    pub tone: Tone,
}

/// Shares of the shorter and of the longer course on the other one from which both can be one hair: a hair may be cut, or
/// grow, between two photos.
const SAME_SHARES: [f64; 2] = [0.6, 0.4];

impl Sight {
    /// Whether a point in px lies on scalp in the region.
    pub fn analysed(&self, p: [f64; 2]) -> bool {
        self.region.contains(p[0], p[1]) && self.is_scalp(p)
    }

    /// Which of some courses, px with the reach of each, are those that a reader took for no hair. A line answers for the one
    /// course that is closest to it, and a neighbour stays what it is.
    pub fn taken_for_none(&self, courses: &[(Vec<PointPx>, f64)]) -> Vec<bool> {
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        let lines: Vec<&Vec<PointPx>> = self.removed.iter().flatten().collect();
        for (l, line) in lines.iter().enumerate() {
            let same = courses
                .iter()
                .enumerate()
                .filter_map(|(c, (course, reach))| apart(course, line, *reach).map(|apart| (apart, l, c)));
            pairs.extend(same);
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut answered = vec![false; lines.len()];
        let mut taken = vec![false; courses.len()];
        for (_, l, c) in pairs {
            if !answered[l] && !taken[c] {
                (answered[l], taken[c]) = (true, true);
            }
        }
        taken
    }

    /// Whether a point in px lies in the photo, on scalp.
    pub fn is_scalp(&self, p: [f64; 2]) -> bool {
        let (x, y) = (libm::round(p[0]), libm::round(p[1]));
        let (width, height) = (self.opacity.width, self.opacity.height);
        x >= 0.0
            && y >= 0.0
            && x < width as f64
            && y < height as f64
            && self.scalp[y as usize * width + x as usize]
    }
}

/// How far two courses are from each other on the whole, px; `None` where they cannot be one hair: the ends of the shorter
/// one, and most of both, lie on the other.
fn apart(a: &[PointPx], b: &[PointPx], reach: f64) -> Option<f64> {
    let length = |line: &[PointPx]| {
        line.windows(2).map(|p| libm::hypot(p[1][0] - p[0][0], p[1][1] - p[0][1])).sum::<f64>()
    };
    let (short, long) = if length(a) <= length(b) { (a, b) } else { (b, a) };
    if short.len() < 2 || from(short[0], long) > reach || from(short[short.len() - 1], long) > reach {
        return None;
    }
    let on = [(short, long), (long, short)]
        .map(|(one, other)| one.iter().map(|p| from(*p, other)).collect::<Vec<_>>());
    let near = |offs: &Vec<f64>| offs.iter().filter(|off| **off <= reach).count() as f64 / offs.len() as f64;
    let mean = |offs: &Vec<f64>| offs.iter().sum::<f64>() / offs.len() as f64;
    let same = on.iter().zip(SAME_SHARES).all(|(offs, share)| near(offs) >= share);
    same.then(|| mean(&on[0]) + mean(&on[1]))
}

/// Distance of a point from a line.
fn from(p: PointPx, line: &[PointPx]) -> f64 {
    line.windows(2).map(|piece| off(p, piece[0], piece[1])).fold(f64::MAX, f64::min)
}

/// Distance of a point from a piece of a line.
fn off(p: [f64; 2], a: PointPx, b: PointPx) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = along[0] * along[0] + along[1] * along[1];
    let t = if square > 0.0 { ((p[0] - a[0]) * along[0] + (p[1] - a[1]) * along[1]) / square } else { 0.0 };
    let t = t.clamp(0.0, 1.0);
    libm::hypot(p[0] - a[0] - t * along[0], p[1] - a[1] - t * along[1])
}

/// Pixels that hairs lie on.
#[derive(Debug, Clone)]
pub struct Cover {
    width: usize,
    flags: Vec<bool>,
}

impl Cover {
    /// Nothing is covered.
    pub fn none(like: &Plane) -> Self {
        Self { width: like.width, flags: vec![false; like.data.len()] }
    }

    /// Marks what a hair lies on, with its blurred edge.
    pub fn lay(&mut self, strand: &Strand, um_per_px: f64) {
        self.set(strand, um_per_px, true);
    }

    /// Clears what a hair lies on.
    pub fn lift(&mut self, strand: &Strand, um_per_px: f64) {
        self.set(strand, um_per_px, false);
    }

    fn set(&mut self, strand: &Strand, um_per_px: f64, flag: bool) {
        let radius = 0.5 * strand.width / um_per_px + EDGE_PX;
        let height = self.flags.len() / self.width;
        for pair in strand.axis.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|p| p.map(|v| v / um_per_px));
            let length = libm::hypot(b[0] - a[0], b[1] - a[1]);
            let steps = (length / radius.max(1.0) * 2.0).ceil().max(1.0) as usize;
            for step in 0..=steps {
                let f = step as f64 / steps as f64;
                let c = [a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])];
                let range = |v: f64, n: usize| {
                    ((v - radius).ceil().max(0.0) as usize)
                        ..=((v + radius).floor().clamp(-1.0, n as f64 - 1.0) + 0.0) as usize
                };
                if c[0] + radius < 0.0 || c[1] + radius < 0.0 {
                    continue;
                }
                for y in range(c[1], height) {
                    for x in range(c[0], self.width) {
                        let (dx, dy) = (x as f64 - c[0], y as f64 - c[1]);
                        if dx * dx + dy * dy <= radius * radius {
                            self.flags[y * self.width + x] = flag;
                        }
                    }
                }
            }
        }
    }

    /// Whether the pixel at a point of the photo is covered.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> bool {
        self.flags[(y + 0.5) as usize * self.width + (x + 0.5) as usize]
    }
}

/// Blurred edge of a shaft beyond its width, px: two sigmas of a usual lens.
const EDGE_PX: f64 = 2.4;

/// The skin that both photos show.
pub struct Common<'a> {
    /// Constellations and sights of both photos.
    pub photos: [(&'a Constellation, &'a Sight); 2],
    /// First to second photo.
    pub warp: &'a Warp,
}

/// Distance from the frame of either photo within which a root may be in one photo and not in the other, µm: two errors
/// of a root.
const RIM_UM: f64 = 40.0;
/// Step of the raster that the area is counted on, µm: an eighth of the distance of two units.
const STEP_UM: f64 = 100.0;
/// Most steps along a side.
const MOST_STEPS: f64 = 200.0;

impl Common<'_> {
    /// Whether a point of the first photo, µm, lies on the skin that both analyse.
    pub fn holds(&self, p: PointUm) -> bool {
        let [(first, first_sight), (second, second_sight)] = self.photos;
        let q = self.warp.carry(p);
        first.holds(p, RIM_UM)
            && second.holds(q, RIM_UM)
            && first_sight.analysed(p.map(|v| v / first.um_per_px))
            && second_sight.analysed(q.map(|v| v / second.um_per_px))
    }

    /// Area, µm² of the first photo.
    pub fn area_um2(&self) -> f64 {
        let (first, _) = self.photos[0];
        let step = STEP_UM.max(first.size[0].max(first.size[1]) / MOST_STEPS);
        let [columns, rows] = first.size.map(|side| (side / step) as usize);
        let middle = |k: usize| (k as f64 + 0.5) * step;
        let held =
            (0..columns * rows).filter(|k| self.holds([middle(k % columns), middle(k / columns)])).count();
        held as f64 * step * step
    }
}

#[cfg(test)]
#[path = "sight_tests.rs"]
mod tests;
