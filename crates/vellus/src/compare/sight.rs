//! What a photo keeps for being asked again, and which skin two photos have in common.

use crate::hair::PointPx;
use crate::plane::Plane;
use crate::region::RegionShape;

use super::constellation::{Constellation, Strand};
use super::map::PointUm;
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
}

/// Share of a course on a line from which both are the same hair.
const SAME_SHARE: f64 = 0.6;

impl Sight {
    /// Whether a point in px lies on scalp in the region.
    pub fn analysed(&self, p: [f64; 2]) -> bool {
        self.region.contains(p[0], p[1]) && self.is_scalp(p)
    }

    /// Whether a course in px lies on one that a reader took for no hair.
    pub fn took_for_none(&self, course: &[[f64; 2]], reach_px: f64) -> bool {
        let on = |line: &Vec<PointPx>| {
            let near = |p: &&[f64; 2]| line.windows(2).any(|piece| off(**p, piece[0], piece[1]) <= reach_px);
            course.iter().filter(near).count() as f64 >= SAME_SHARE * course.len() as f64
        };
        self.removed.iter().flatten().any(on)
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
