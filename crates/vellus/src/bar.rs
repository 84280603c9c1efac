//! A short shaft as nine numbers.
//!
//! A [`Bar`] is a ribbon over a parabola; its width and its opacity change evenly from one end to the other. Its share of
//! a pixel is a product of blurred steps over its two sides and its two ends. [`Prior`] is what is known of a bar before
//! looking. Several bars on skin are a [`crate::scene::Scene`].

use nalgebra::{DMatrix, DVector};

/// Parameters of a bar.
pub const PARAMETERS: usize = 9;
/// Pixels of a row that are looked at together: the compiler then computes several at a time.
pub(crate) const LANES: usize = 16;
/// Half of the width of a blurred step, px: ± 2σ of a lens blur of 1 px.
const STEP_PX: f32 = 2.0;

/// A shaft over a parabola.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// One end, px.
    pub from: [f32; 2],
    /// The other end, px.
    pub to: [f32; 2],
    /// Distance of the axis from the chord at its middle, px; positive to the left of `from` → `to` (y down: towards
    /// the normal (−dy, dx)).
    pub bend_px: f32,
    /// Width half way, px.
    pub width_px: f32,
    /// Width at `to` less width at `from`, px.
    pub taper_px: f32,
    /// Opacity half way, as a share of the photo's usual shaft.
    pub level: f32,
    /// Opacity at `to` less that at `from`.
    pub fade: f32,
}

/// The bar in its own coordinates: along the chord and across.
pub(crate) struct Frame {
    tangent: [f32; 2],
    normal: [f32; 2],
    length: f32,
}

/// A blurred step at 0 and its slope.
#[inline]
fn step(z: f32) -> (f32, f32) {
    let t = (0.5 + 0.5 * z / STEP_PX).clamp(0.0, 1.0);
    (t * t * (3.0 - 2.0 * t), 3.0 * t * (1.0 - t) / STEP_PX)
}

impl Bar {
    /// Length of the chord, px.
    pub fn length_px(&self) -> f32 {
        libm::hypotf(self.to[0] - self.from[0], self.to[1] - self.from[1])
    }

    /// A straight bar of even width and usual opacity.
    pub fn straight(from: [f32; 2], to: [f32; 2], width_px: f32) -> Self {
        Self { from, to, bend_px: 0.0, width_px, taper_px: 0.0, level: 1.0, fade: 0.0 }
    }

    /// The best bar over an axis.
    pub fn over(axis: &[[f32; 2]], width_px: f32) -> Self {
        let (from, to) = (axis[0], axis[axis.len() - 1]);
        let mut bar = Self::straight(from, to, width_px);
        let frame = bar.frame();
        let (mut sum, mut weight) = (0.0, 0.0);
        for p in axis {
            let (dx, dy) = (p[0] - from[0], p[1] - from[1]);
            let f = (dx * frame.tangent[0] + dy * frame.tangent[1]) / frame.length;
            let v = dx * frame.normal[0] + dy * frame.normal[1];
            let shape = 4.0 * f * (1.0 - f);
            sum += shape * v;
            weight += shape * shape;
        }
        if weight > 1e-3 {
            bar.bend_px = sum / weight;
        }
        bar
    }

    /// Points of the axis, about `spacing_px` apart.
    pub fn axis(&self, spacing_px: f32) -> Vec<[f32; 2]> {
        let frame = self.frame();
        let n = (frame.length / spacing_px).ceil().max(1.0) as usize;
        (0..=n)
            .map(|k| {
                let f = k as f32 / n as f32;
                let (u, v) = (f * frame.length, 4.0 * self.bend_px * f * (1.0 - f));
                [
                    self.from[0] + u * frame.tangent[0] + v * frame.normal[0],
                    self.from[1] + u * frame.tangent[1] + v * frame.normal[1],
                ]
            })
            .collect()
    }

    pub(crate) fn frame(&self) -> Frame {
        let length = self.length_px().max(1e-3);
        let tangent = [(self.to[0] - self.from[0]) / length, (self.to[1] - self.from[1]) / length];
        Frame { tangent, normal: [-tangent[1], tangent[0]], length }
    }

    /// Width at a share of the way from `from` to `to`, px.
    #[inline]
    pub fn width_at(&self, f: f32) -> f32 {
        (self.width_px + (f - 0.5) * self.taper_px).max(0.5)
    }

    /// Share of the light that the bar takes from a pixel.
    pub fn cover(&self, x: f32, y: f32) -> f32 {
        self.value_in(&self.frame(), x, y)
    }

    /// The bar with a margin on all sides, px.
    pub(crate) fn grown(&self, margin_px: f32) -> Self {
        let [tx, ty] = self.frame().tangent.map(|t| t * margin_px);
        Self {
            from: [self.from[0] - tx, self.from[1] - ty],
            to: [self.to[0] + tx, self.to[1] + ty],
            width_px: self.width_px + 2.0 * margin_px,
            ..*self
        }
    }

    /// Largest distance between the ends or the edges of two bars, px.
    pub(crate) fn distance_px(&self, other: &Self) -> f32 {
        let apart = |a: [f32; 2], b: [f32; 2]| libm::hypotf(a[0] - b[0], a[1] - b[1]);
        apart(self.from, other.from)
            .max(apart(self.to, other.to))
            .max((self.bend_px - other.bend_px).abs())
            .max((self.width_px - other.width_px).abs())
    }

    /// Rows that the bar and its blurred edges may reach, first and last, px.
    pub(crate) fn rows(&self, frame: &Frame) -> [f32; 2] {
        let [low, high] = self.aside();
        let corners = [-STEP_PX, frame.length + STEP_PX]
            .into_iter()
            .flat_map(|u| [low, high].map(|v| self.from[1] + u * frame.tangent[1] + v * frame.normal[1]));
        corners.fold([f32::MAX, f32::MIN], |[low, high], y| [low.min(y), high.max(y)])
    }

    /// Columns of row `y` that the bar and its blurred edges may reach, first and last, px: no others are covered.
    pub(crate) fn columns(&self, frame: &Frame, y: f32) -> [f32; 2] {
        let dy = y - self.from[1];
        // Where a line `dx · step + dy · other` passes between two values.
        let between = |[low, high]: [f32; 2], step: f32, other: f32| {
            if step.abs() < 1e-6 {
                return [f32::MIN, f32::MAX];
            }
            let (a, b) = ((low - dy * other) / step, (high - dy * other) / step);
            [a.min(b), a.max(b)]
        };
        let along = between([-STEP_PX, frame.length + STEP_PX], frame.tangent[0], frame.tangent[1]);
        let across = between(self.aside(), frame.normal[0], frame.normal[1]);
        [self.from[0] + along[0].max(across[0]), self.from[0] + along[1].min(across[1])]
    }

    /// Distances from the chord between which the bar and its blurred edges lie, px.
    fn aside(&self) -> [f32; 2] {
        let reach = 0.5 * self.width_at(0.0).max(self.width_at(1.0)) + STEP_PX;
        [self.bend_px.min(0.0) - reach, self.bend_px.max(0.0) + reach]
    }

    /// Share of the light that the bar takes from a pixel; beyond its blurred sides and ends its steps are zero.
    #[inline]
    pub(crate) fn value_in(&self, frame: &Frame, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.from[0], y - self.from[1]);
        let u = dx * frame.tangent[0] + dy * frame.tangent[1];
        let f = (u / frame.length).clamp(0.0, 1.0);
        let v = dx * frame.normal[0] + dy * frame.normal[1] - self.bend_px * 4.0 * f * (1.0 - f);
        let half = 0.5 * self.width_at(f);
        let level = (self.level + (f - 0.5) * self.fade).clamp(0.0, 1.0);
        let across = step(half - v).0 * step(half + v).0;
        level * across * (step(u).0 * step(frame.length - u).0)
    }

    /// [`Bar::value_in`] at pixels of a row, the first of them at `[x, y]`.
    pub(crate) fn values_in(&self, frame: &Frame, [x, y]: [f32; 2], stride: f32, values: &mut [f32; LANES]) {
        for (lane, value) in values.iter_mut().enumerate() {
            *value = self.value_in(frame, x + lane as f32 * stride, y);
        }
    }

    /// Cover, and its derivatives by: shift of `from` across, along; of `to` across, along; bend; width; taper; level;
    /// fade; at pixels of a row, the first of them at `[x, y]`.
    #[allow(clippy::needless_range_loop, reason = "several arrays run along; iterators hide it")]
    pub(crate) fn covers_in(
        &self,
        frame: &Frame,
        [x, y]: [f32; 2],
        stride: f32,
        values: &mut [f32; LANES],
        slopes: &mut [[f32; LANES]; PARAMETERS],
    ) {
        for lane in 0..LANES {
            let (dx, dy) = (x + lane as f32 * stride - self.from[0], y - self.from[1]);
            let u = dx * frame.tangent[0] + dy * frame.tangent[1];
            let f = (u / frame.length).clamp(0.0, 1.0);
            let arch = 4.0 * f * (1.0 - f);
            let v = dx * frame.normal[0] + dy * frame.normal[1] - self.bend_px * arch;
            let half = 0.5 * self.width_at(f);
            let ((left, left_slope), (right, right_slope)) = (step(half - v), step(half + v));
            let ((start, start_slope), (end, end_slope)) = (step(u), step(frame.length - u));
            let across = left * right;
            let along = start * end;
            let by_v = along * (left * right_slope - left_slope * right);
            let by_half = along * (left * right_slope + left_slope * right);
            let share = across * along;
            let level = (self.level + (f - 0.5) * self.fade).clamp(0.0, 1.0);
            values[lane] = level * share;
            slopes[0][lane] = -level * (1.0 - f) * by_v;
            slopes[1][lane] = -level * across * start_slope * end;
            slopes[2][lane] = -level * f * by_v;
            slopes[3][lane] = level * across * start * end_slope;
            slopes[4][lane] = -level * arch * by_v;
            slopes[5][lane] = level * 0.5 * by_half;
            slopes[6][lane] = level * 0.5 * (f - 0.5) * by_half;
            slopes[7][lane] = share;
            slopes[8][lane] = (f - 0.5) * share;
        }
    }

    /// The bar after a step of its parameters.
    pub(crate) fn moved(&self, frame: &Frame, delta: &[f64]) -> Self {
        let d: Vec<f32> = delta.iter().map(|&v| v as f32).collect();
        let shift = |p: [f32; 2], across: f32, along: f32| {
            [
                p[0] + across * frame.normal[0] + along * frame.tangent[0],
                p[1] + across * frame.normal[1] + along * frame.tangent[1],
            ]
        };
        Self {
            from: shift(self.from, d[0], d[1]),
            to: shift(self.to, d[2], d[3]),
            bend_px: self.bend_px + d[4],
            width_px: (self.width_px + d[5]).max(1.0),
            taper_px: self.taper_px + d[6],
            level: (self.level + d[7]).clamp(0.1, 1.0),
            fade: (self.fade + d[8]).clamp(-0.8, 0.8),
        }
    }
}

/// What is known of the bars before looking, and what deviating from it costs, px².
#[derive(Debug, Clone, Copy)]
pub struct Prior {
    /// Usual width of a shaft in this photo, px.
    pub width_px: f32,
    /// Standard deviation of the logarithm of the width.
    pub log_width_sd: f32,
    /// Cost of one standard deviation above the usual width, px².
    pub weight: f32,
}

impl Prior {
    /// Cost of a bar's width, bend, taper, level and fade, px².
    pub fn cost(&self, bar: &Bar) -> f32 {
        let z = libm::logf(bar.width_px / self.width_px) / self.log_width_sd;
        let z = if z < 0.0 { NARROW_WEIGHT * z } else { z };
        let bend = bar.bend_px / (BEND_SD * bar.length_px()).max(1.0);
        let taper = self.taper_deviations(bar);
        let level = (1.0 - bar.level) / LEVEL_SD;
        let fade = bar.fade / FADE_SD;
        0.5 * self.weight * (z * z + bend * bend + taper * taper + level * level + fade * fade)
    }
}

/// Weight of a deviation to the narrow side: fine hair is common, but dark fine hair inside a body is not.
const NARROW_WEIGHT: f32 = 0.6;

/// Standard deviation of a clipped shaft's bend as a share of its length: hair of 30 mm radius of curvature bends a
/// 1 mm stub by 0.4 %, curly hair of 4 mm by 3 %; perspective and posture add as much.
const BEND_SD: f32 = 0.04;

/// Standard deviation of the change of width from end to end, as a share of the width: a cut shaft keeps its width, a
/// grown tip comes to a point (a change of 2).
const TAPER_SD: f32 = 0.7;

/// A shaft comes to a point if its end is narrower than this, in usual widths: less than any cut terminal hair.
const POINTED_WIDTHS: f32 = 0.35;
/// What coming to a point costs, in standard deviations of the change of width.
const POINTED_DEVIATIONS: f32 = 1.0;

/// Standard deviation of a shaft's opacity, as a share of the usual one: pigment varies little from hair to hair of one
/// head, and what is paler by half is found by itself, not in a body.
const LEVEL_SD: f32 = 0.25;
/// Standard deviation of the change of opacity from end to end: at the root the shaft lies under the skin.
const FADE_SD: f32 = 0.15;

impl Prior {
    /// The change of width in standard deviations. A shaft that has grown comes to a point: that is as usual as a cut
    /// one, while a shaft that only narrows is more often two that part.
    fn taper_deviations(&self, bar: &Bar) -> f32 {
        let taper = bar.taper_px / (TAPER_SD * bar.width_px);
        let narrow = bar.width_at(0.0).min(bar.width_at(1.0));
        if narrow < POINTED_WIDTHS * self.width_px {
            taper.clamp(-POINTED_DEVIATIONS, POINTED_DEVIATIONS)
        } else {
            taper
        }
    }

    /// The prior's share of the normal equations.
    pub(crate) fn add_to(
        &self,
        normal: &mut DMatrix<f64>,
        right: &mut DVector<f64>,
        first: usize,
        bar: &Bar,
    ) {
        let weight = f64::from(self.weight);
        let mut pull = |parameter: usize, scale: f32, off: f32| {
            let scale = f64::from(scale);
            normal[(first + parameter, first + parameter)] += weight * scale * scale;
            right[first + parameter] -= weight * scale * scale * f64::from(off);
        };
        let off = bar.width_px * libm::logf(bar.width_px / self.width_px);
        let side = if off < 0.0 { NARROW_WEIGHT } else { 1.0 };
        pull(5, side / (self.log_width_sd * bar.width_px), off);
        pull(4, 1.0 / (BEND_SD * bar.length_px()).max(1.0), bar.bend_px);
        if self.taper_deviations(bar).abs() < POINTED_DEVIATIONS {
            pull(6, 1.0 / (TAPER_SD * bar.width_px), bar.taper_px);
        }
        pull(7, 1.0 / LEVEL_SD, bar.level - 1.0);
        pull(8, 1.0 / FADE_SD, bar.fade);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_over_an_axis_keeps_its_bend() {
        let bar = Bar {
            from: [3.0, 4.0],
            to: [63.0, 34.0],
            bend_px: 3.0,
            width_px: 5.0,
            taper_px: 0.0,
            level: 1.0,
            fade: 0.0,
        };
        let again = Bar::over(&bar.axis(2.0), 5.0);
        assert!((again.bend_px - 3.0).abs() < 0.05, "{again:?}");
    }
}
