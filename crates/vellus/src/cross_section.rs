//! Cross-sections of a shaft that is being followed: its opacity on the axis and its two edges.
//!
//! Opacity, place, direction → [`CrossSection`] → [`Edge`]s.

use crate::plane::{Plane, bilinear};

/// Reach over which an edge's drop is taken, px: two sigmas of a lens blur of 1.2 px.
const EDGE_REACH_PX: f32 = 2.5;
/// Samples of a section that are read together: the compiler then computes several at a time.
const LANES: usize = 8;

/// One cross-section of the opacity, from left to right.
#[derive(Debug, Default)]
pub(crate) struct CrossSection {
    /// Opacity every `spacing` px from `-reach` to `reach`.
    values: Vec<f32>,
    /// Distance between samples, px.
    spacing: f32,
    /// Its middle, px.
    at: [f32; 2],
    /// Direction of the axis, cosine and sine.
    direction: [f32; 2],
    /// Every sample is averaged over this to both sides along the axis, px.
    along: [f32; 2],
    /// Whether all that it reads lies on the plane.
    inside: bool,
}

/// An edge found in a section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    /// Distance from the section's centre, px; positive.
    pub at: f32,
}

impl CrossSection {
    /// Lays it at right angles to `direction`, so far out that edges up to `reach` from the middle are told; samples are averaged
    /// over ± `along` px of the axis. Nothing is read yet.
    pub fn lay(&mut self, plane: &Plane, [x, y]: [f32; 2], [c, s]: [f32; 2], reach: f32, along: f32) {
        let reach = reach + EDGE_REACH_PX;
        let spacing = if reach > 12.0 { 1.0 } else { 0.5 };
        let n = (reach / spacing).ceil() as i32;
        self.spacing = spacing;
        self.values.clear();
        self.values.resize(2 * n as usize + 1, 0.0);
        let (width, height) = (plane.width, plane.height);
        let margin = n as f32 * spacing + along + 1.0;
        self.inside =
            x >= margin && y >= margin && x + margin < (width - 1) as f32 && y + margin < (height - 1) as f32;
        self.at = [x, y];
        self.direction = [c, s];
        self.along = [along * c, along * s];
    }

    /// Distance between samples, px.
    pub fn spacing_px(&self) -> f32 {
        self.spacing
    }

    /// Number of samples to either side of the middle.
    pub fn limit(&self) -> i32 {
        (self.values.len() / 2) as i32
    }

    /// Reads the samples from one to another, both included, counted from the middle.
    #[allow(clippy::needless_range_loop, reason = "several arrays run along; iterators hide it")]
    pub fn read(&mut self, plane: &Plane, from: i32, to: i32) {
        let (limit, spacing) = (self.limit(), self.spacing);
        let ([x, y], [c, s], [dx, dy]) = (self.at, self.direction, self.along);
        if from > to {
            return;
        }
        let values = &mut self.values[(limit + from) as usize..=(limit + to) as usize];
        for (part, values) in (0..).zip(values.chunks_mut(LANES)) {
            let mut across = [0.0; LANES];
            for lane in 0..LANES {
                across[lane] = (from + part * LANES as i32 + lane as i32).min(to) as f32 * spacing;
            }
            let moved = |by: f32| {
                let mut at = [[0.0; LANES]; 2];
                for lane in 0..LANES {
                    at[0][lane] = x - across[lane] * s + by * dx;
                    at[1][lane] = y + across[lane] * c + by * dy;
                }
                if self.inside { sample_inside(plane, &at) } else { sample(plane, &at) }
            };
            let (before, here, after) = (moved(-1.0), moved(0.0), moved(1.0));
            for (lane, value) in values.iter_mut().enumerate() {
                *value = (here[lane] + (before[lane] + after[lane])) / 3.0;
            }
        }
    }

    /// Mean over the middle of a shaft `width` wide.
    pub fn core(&self, width: f32) -> f32 {
        let middle = self.values.len() / 2;
        let n = (0.3 * width / self.spacing) as usize;
        let at = |i: usize| self.values[i.min(self.values.len() - 1)];
        // Both sides are paired, so that a mirrored shaft gives the very same sum.
        let sides: f32 = (1..=n).map(|i| at(middle.saturating_sub(i)) + at(middle + i)).sum();
        (at(middle) + sides) / (2 * n + 1) as f32
    }

    /// The edge on one side (`side` = −1 left, 1 right) nearest to `expected`, between `from` and `to`, that drops by at
    /// least `drop`.
    pub fn edge(&self, side: i32, expected: f32, from: f32, to: f32, drop: f32) -> Option<Edge> {
        let h = self.spacing;
        let reach = (EDGE_REACH_PX / h) as i32;
        let limit = (self.values.len() / 2) as i32;
        let value = |i: i32| self.values[(limit + side * i).clamp(0, 2 * limit) as usize];
        let first = ((from / h) as i32).max(0);
        let last = ((to / h).ceil() as i32).min(limit - 1);
        let mut best: Option<(f32, f32)> = None;
        let slope = |i: i32| value(i - 1) - value(i + 1);
        let (mut here, mut next) = (slope(first - 1), slope(first));
        for i in first..=last {
            let before = here;
            (here, next) = (next, slope(i + 1));
            if here <= 0.0 || here < before || here < next {
                continue;
            }
            let inner = (0..=reach).map(|k| value((i - k).max(0))).fold(f32::MIN, f32::max);
            let outer = (0..=reach).map(|k| value((i + k).min(limit))).fold(f32::MAX, f32::min);
            if inner - outer < drop {
                continue;
            }
            // Where the blurred edge crosses half way, in linear light the edge itself.
            let half = 0.5 * (inner + outer);
            let at = (i - reach..i + reach)
                .find(|&k| k >= 0 && value(k) >= half && value(k + 1) < half)
                .map_or(i as f32, |k| k as f32 + (value(k) - half) / (value(k) - value(k + 1)).max(1e-6))
                * h;
            // The nearest edge wins unless another one drops much more.
            let cost =
                (at - expected).abs() / (0.3 * (to - from)).max(0.5) - (inner - outer) / drop.max(1e-3) * 0.5;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, at));
            }
        }
        best.map(|(_, at)| Edge { at })
    }
}

/// [`Plane::sample`] at several points.
fn sample(plane: &Plane, [x, y]: &[[f32; LANES]; 2]) -> [f32; LANES] {
    core::array::from_fn(|lane| plane.sample(x[lane], y[lane]))
}

/// The same as [`sample`] at points which need not look for the frame here.
#[allow(clippy::needless_range_loop, reason = "several arrays run along; iterators hide it")]
#[inline]
fn sample_inside(plane: &Plane, [x, y]: &[[f32; LANES]; 2]) -> [f32; LANES] {
    let mut corners = [[0.0; LANES]; 4];
    let (mut right, mut down) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        let (x0, y0) = (x[lane] as i32, y[lane] as i32);
        (right[lane], down[lane]) = (x[lane] - x0 as f32, y[lane] - y0 as f32);
        let four = &plane.data[y0 as usize * plane.width + x0 as usize..][..plane.width + 2];
        corners[0][lane] = four[0];
        corners[1][lane] = four[1];
        corners[2][lane] = four[plane.width];
        corners[3][lane] = four[plane.width + 1];
    }
    let mut samples = [0.0; LANES];
    for lane in 0..LANES {
        let four = [corners[0][lane], corners[1][lane], corners[2][lane], corners[3][lane]];
        samples[lane] = bilinear(four, right[lane], down[lane]);
    }
    samples
}
