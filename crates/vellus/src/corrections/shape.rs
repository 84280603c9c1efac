//! The shape of a shaft around a course: which pixels it covers, and how much of the light passes there.
//!
//! A course → [`Axis`]; with width and opacity [`Shape`]. A pixel has a [`Place`] by an axis.

use crate::hair::Hair;
use crate::plane::Plane;
use crate::profile::phi;

/// Distance of the points of an axis, px.
pub(super) const STEP_PX: f32 = 2.0;
/// Most points of an axis: a course across the largest photo and back.
const MOST_STEPS: f32 = 20_000.0;
/// Skin beside a shaft that the fit sees, px: more than the reach of a blurred edge.
pub(super) const MARGIN_PX: f32 = 5.0;
/// Narrowest shaft that is looked for, px.
pub(super) const NARROWEST_PX: f32 = 2.0;
/// Every so many points of an axis are asked whether another one is near.
const NEAR_STRIDE: usize = 4;

/// A shaft that other pixels are seen through.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub axis: Axis,
    bounds: [f32; 4],
    pub width: f32,
    pub level: f32,
}

impl Shape {
    pub fn new(axis: Vec<[f32; 2]>, width: f32, level: f32) -> Self {
        let pad = 0.5 * width + MARGIN_PX;
        let over = |i: usize| axis.iter().map(move |p| p[i]);
        let bounds = [
            over(0).fold(f32::MAX, f32::min) - pad,
            over(1).fold(f32::MAX, f32::min) - pad,
            over(0).fold(f32::MIN, f32::max) + pad,
            over(1).fold(f32::MIN, f32::max) + pad,
        ];
        Self { axis: Axis::new(axis), bounds, width, level }
    }

    /// An automatic hair, as dark as the photo is along its axis.
    pub fn of(hair: &Hair, opacity: &Plane, usual_level: f32) -> Self {
        let axis: Vec<[f32; 2]> = hair.centreline_px.iter().map(|p| p.map(|v| v as f32)).collect();
        let mut dark: Vec<f32> = axis.iter().map(|p| opacity.sample(p[0], p[1])).collect();
        dark.sort_by(f32::total_cmp);
        let level = dark.get(dark.len() / 2).copied().unwrap_or(usual_level).clamp(0.05, 1.0);
        Self::new(axis, hair.width_px.map_or(NARROWEST_PX, |w| w as f32), level)
    }

    /// Whether light that passes one may pass the other.
    pub fn is_near(&self, other: &Self) -> bool {
        let boxes =
            (0..2).all(|i| self.bounds[i] <= other.bounds[i + 2] && other.bounds[i] <= self.bounds[i + 2]);
        boxes && {
            let reach = 0.5 * (self.width + other.width) + 2.0 * MARGIN_PX + NEAR_STRIDE as f32 * STEP_PX;
            let points = &self.axis.points;
            points.iter().step_by(NEAR_STRIDE).chain(points.last()).any(|p| {
                let inside =
                    (0..2).all(|i| p[i] >= other.bounds[i] - reach && p[i] <= other.bounds[i + 2] + reach);
                inside && {
                    let at = other.axis.place(*p);
                    let beyond = (at.along - at.length).max(-at.along).max(0.0);
                    libm::hypotf(at.across, beyond) <= reach
                }
            })
        }
    }

    /// Share of the light that passes at a pixel.
    pub fn passes(&self, p: [f32; 2], blur: f32) -> f32 {
        if p[0] < self.bounds[0] || p[1] < self.bounds[1] || p[0] > self.bounds[2] || p[1] > self.bounds[3] {
            return 1.0;
        }
        let at = self.axis.place(p);
        1.0 - self.level * share(at, 0.5 * self.width, blur)
    }
}

/// A place by an axis: along it, across it (to its left if negative), and the axis' length, px.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub along: f32,
    pub across: f32,
    pub length: f32,
}

/// An axis and how far along it its points are, px.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub points: Vec<[f32; 2]>,
    at: Vec<f32>,
}

/// Every so many points, an axis is asked first how close it comes.
const COARSE: usize = 16;

impl Axis {
    pub fn new(points: Vec<[f32; 2]>) -> Self {
        let mut at = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (k, p) in points.iter().enumerate() {
            if k > 0 {
                let before = points[k - 1];
                sum += libm::hypotf(p[0] - before[0], p[1] - before[1]).max(1e-6);
            }
            at.push(sum);
        }
        Self { points, at }
    }

    /// Where a pixel lies by the axis; beyond its ends the axis runs straight on.
    pub fn place(&self, p: [f32; 2]) -> Place {
        let axis = &self.points;
        let last = axis.len() - 2;
        let off = |k: usize| libm::hypotf(p[0] - axis[k][0], p[1] - axis[k][1]);
        let near = (0..axis.len()).step_by(COARSE).chain([last + 1]).map(off).fold(f32::MAX, f32::min);
        let mut best = (f32::MAX, 0.0, 0.0);
        let mut k = 0;
        while k <= last {
            // No point of the axis is closer than this one less the way to it.
            let spare = off(k) - best.0.min(near) - SPARE_PX;
            if spare > 0.0 && self.at[k + 1] - self.at[k] < spare {
                let to = self.at[k] + spare;
                k += 1;
                while k < last && self.at[k + 1] < to {
                    k += 1;
                }
                continue;
            }
            let (from, to, at) = (axis[k], axis[k + 1], self.at[k]);
            let d = [to[0] - from[0], to[1] - from[1]];
            let length = libm::hypotf(d[0], d[1]).max(1e-6);
            let e = [p[0] - from[0], p[1] - from[1]];
            let along = (e[0] * d[0] + e[1] * d[1]) / length;
            let across = (e[1] * d[0] - e[0] * d[1]) / length;
            let kept = along.clamp(0.0, length);
            let off = libm::hypotf(along - kept, across);
            if off < best.0 {
                let outer = (k == 0 && along < 0.0) || (k == last && along > length);
                let aside = if outer { across } else { off.copysign(across) };
                best = (off, at + if outer { along } else { kept }, aside);
            }
            k += 1;
        }
        Place { along: best.1, across: best.2, length: self.at[last + 1] }
    }
}

/// What rounding may take from a distance, px.
const SPARE_PX: f32 = 0.01;

/// Share of a pixel that a shaft covers, with the blur of its edges and ends.
pub(super) fn share(at: Place, half: f32, blur: f32) -> f32 {
    // Beyond five sigmas a step is over.
    let step = |z: f32| match z / blur {
        z if z > 5.0 => 1.0,
        z if z < -5.0 => 0.0,
        z => phi(f64::from(z)) as f32,
    };
    let across = step(half - at.across) + step(half + at.across) - 1.0;
    across.max(0.0) * step(at.along) * step(at.length - at.along)
}

/// Unit vectors across an axis, to the side where [`Place::across`] is positive.
pub(super) fn normals(axis: &[[f32; 2]]) -> Vec<[f32; 2]> {
    (0..axis.len())
        .map(|k| {
            let (a, b) = (axis[k.saturating_sub(2)], axis[(k + 2).min(axis.len() - 1)]);
            let d = [b[0] - a[0], b[1] - a[1]];
            let length = libm::hypotf(d[0], d[1]).max(1e-6);
            [-d[1] / length, d[0] / length]
        })
        .collect()
}

/// A course with a point about every [`STEP_PX`].
pub(super) fn resampled(course: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let length = |pair: &[[f32; 2]]| libm::hypotf(pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
    let total: f32 = course.windows(2).map(length).sum();
    let n = (total / STEP_PX).round().clamp(2.0, MOST_STEPS) as usize;
    let mut points = Vec::with_capacity(n + 1);
    let (mut k, mut before) = (0, 0.0);
    for i in 0..=n {
        let at = total * i as f32 / n as f32;
        while k + 2 < course.len() && before + length(&course[k..k + 2]) < at {
            before += length(&course[k..k + 2]);
            k += 1;
        }
        let f = ((at - before) / length(&course[k..k + 2]).max(1e-6)).clamp(0.0, 1.0);
        let ([x0, y0], [x1, y1]) = (course[k], course[k + 1]);
        points.push([x0 + f * (x1 - x0), y0 + f * (y1 - y0)]);
    }
    points
}
