//! A short shaft as seven numbers, and the least-squares fit of several of them to one dark body.
//!
//! A [`Bar`] is a ribbon over a parabola, its width changing evenly from one end to the other. Its share of a pixel is a product of blurred steps over its
//! two sides and its two ends; several bars cover `1 − Π(1 − shareᵢ)`. [`fit`] moves all bars of a body together until
//! the covered share is closest to the opacity seen (Levenberg–Marquardt, doi:10.1137/0111030), so that a shaft whose one
//! side is hidden takes its place from its other side, its ends and what the others leave over.

use nalgebra::{DMatrix, DVector};

/// Parameters of a bar.
pub const PARAMETERS: usize = 7;
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
}

/// A pixel of a body.
#[derive(Debug, Clone, Copy)]
pub struct Pixel {
    /// Column, px.
    pub x: f32,
    /// Row, px.
    pub y: f32,
    /// Opacity as a share of the shafts' own, 0 to 1.
    pub seen: f32,
}

/// The bar in its own coordinates: along the chord and across.
struct Frame {
    tangent: [f32; 2],
    normal: [f32; 2],
    length: f32,
}

/// A blurred step at 0 and its slope.
fn step(z: f32) -> (f32, f32) {
    let t = (0.5 + 0.5 * z / STEP_PX).clamp(0.0, 1.0);
    (t * t * (3.0 - 2.0 * t), 3.0 * t * (1.0 - t) / STEP_PX)
}

impl Bar {
    /// Length of the chord, px.
    pub fn length_px(&self) -> f32 {
        libm::hypotf(self.to[0] - self.from[0], self.to[1] - self.from[1])
    }

    /// The best bar over an axis.
    pub fn over(axis: &[[f32; 2]], width_px: f32) -> Self {
        let (from, to) = (axis[0], axis[axis.len() - 1]);
        let mut bar = Self { from, to, bend_px: 0.0, width_px, taper_px: 0.0 };
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

    fn frame(&self) -> Frame {
        let length = self.length_px().max(1e-3);
        let tangent = [(self.to[0] - self.from[0]) / length, (self.to[1] - self.from[1]) / length];
        Frame { tangent, normal: [-tangent[1], tangent[0]], length }
    }

    /// Width at a share of the way from `from` to `to`, px.
    pub fn width_at(&self, f: f32) -> f32 {
        (self.width_px + (f - 0.5) * self.taper_px).max(0.5)
    }

    /// Share of a pixel that the bar covers.
    pub fn share(&self, x: f32, y: f32) -> f32 {
        self.share_in(&self.frame(), x, y).0
    }

    /// Share, and its derivatives by: shift of `from` across, along; of `to` across, along; bend; width; taper.
    fn share_in(&self, frame: &Frame, x: f32, y: f32) -> (f32, [f32; PARAMETERS]) {
        let (dx, dy) = (x - self.from[0], y - self.from[1]);
        let u = dx * frame.tangent[0] + dy * frame.tangent[1];
        if u < -STEP_PX || u > frame.length + STEP_PX {
            return (0.0, [0.0; PARAMETERS]);
        }
        let f = (u / frame.length).clamp(0.0, 1.0);
        let arch = 4.0 * f * (1.0 - f);
        let v = dx * frame.normal[0] + dy * frame.normal[1] - self.bend_px * arch;
        let half = 0.5 * self.width_at(f);
        if v.abs() > half + STEP_PX {
            return (0.0, [0.0; PARAMETERS]);
        }
        let ((left, left_slope), (right, right_slope)) = (step(half - v), step(half + v));
        let ((start, start_slope), (end, end_slope)) = (step(u), step(frame.length - u));
        let across = left * right;
        let along = start * end;
        let by_v = along * (left * right_slope - left_slope * right);
        let by_half = along * (left * right_slope + left_slope * right);
        let share = across * along;
        (
            share,
            [
                -(1.0 - f) * by_v,
                -across * start_slope * end,
                -f * by_v,
                across * start * end_slope,
                -arch * by_v,
                0.5 * by_half,
                0.5 * (f - 0.5) * by_half,
            ],
        )
    }

    /// The bar after a step of its parameters.
    fn moved(&self, frame: &Frame, delta: &[f64]) -> Self {
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
    /// Cost of a bar's width, bend and taper, px². Thin hair is as usual as it gets; only what is too wide costs.
    pub fn cost(&self, bar: &Bar) -> f32 {
        let z = (libm::logf(bar.width_px / self.width_px) / self.log_width_sd).max(0.0);
        let bend = bar.bend_px / (BEND_SD * bar.length_px()).max(1.0);
        let taper = bar.taper_px / (TAPER_SD * bar.width_px);
        0.5 * self.weight * (z * z + bend * bend + taper * taper)
    }
}

/// Standard deviation of a clipped shaft's bend as a share of its length: hair of 30 mm radius of curvature bends a
/// 1 mm stub by 0.4 %, curly hair of 4 mm by 3 %; perspective and posture add as much.
const BEND_SD: f32 = 0.04;

/// Standard deviation of the change of width from end to end, as a share of the width: a cut shaft keeps its width, a
/// grown tip comes to a point (a change of 2).
const TAPER_SD: f32 = 0.7;

/// Sum of squared differences between the covered share and the opacity seen, in pixels, plus the prior's cost.
pub fn misfit(bars: &[Bar], pixels: &[Pixel], pixel_area: f32, prior: &Prior) -> f32 {
    let frames: Vec<Frame> = bars.iter().map(Bar::frame).collect();
    let sum: f32 = pixels
        .iter()
        .map(|p| {
            let mut open = 1.0;
            for (bar, frame) in bars.iter().zip(&frames) {
                open *= 1.0 - bar.share_in(frame, p.x, p.y).0;
            }
            let rest = p.seen - (1.0 - open);
            rest * rest
        })
        .sum();
    sum * pixel_area + bars.iter().map(|bar| prior.cost(bar)).sum::<f32>()
}

/// Moves all bars together to the least misfit; returns it.
pub fn fit(bars: &mut [Bar], pixels: &[Pixel], pixel_area: f32, prior: &Prior, steps: usize) -> f32 {
    let n = bars.len() * PARAMETERS;
    if n == 0 {
        return misfit(bars, pixels, pixel_area, prior);
    }
    let mut cost = misfit(bars, pixels, pixel_area, prior);
    let mut damping = 0.03;
    for _ in 0..steps {
        let frames: Vec<Frame> = bars.iter().map(Bar::frame).collect();
        let mut normal = DMatrix::<f64>::zeros(n, n);
        let mut right = DVector::<f64>::zeros(n);
        let mut shares = vec![(0.0_f32, [0.0_f32; PARAMETERS]); bars.len()];
        let mut active: Vec<(usize, [f64; PARAMETERS])> = Vec::with_capacity(bars.len());
        for p in pixels {
            let mut open = 1.0;
            for ((bar, frame), share) in bars.iter().zip(&frames).zip(&mut shares) {
                *share = bar.share_in(frame, p.x, p.y);
                open *= 1.0 - share.0;
            }
            active.clear();
            for (k, (share, slopes)) in shares.iter().enumerate() {
                if slopes.iter().all(|&v| v == 0.0) {
                    continue;
                }
                let others: f32 =
                    shares.iter().enumerate().filter(|&(j, _)| j != k).map(|(_, (s, _))| 1.0 - s).product();
                debug_assert!(*share <= 1.0);
                active.push((k, slopes.map(|v| f64::from(others * v))));
            }
            let rest = f64::from(p.seen - (1.0 - open));
            for (k, a) in &active {
                for i in 0..PARAMETERS {
                    right[k * PARAMETERS + i] += a[i] * rest;
                }
                for (l, b) in &active {
                    if l < k {
                        continue;
                    }
                    for i in 0..PARAMETERS {
                        for j in 0..PARAMETERS {
                            normal[(k * PARAMETERS + i, l * PARAMETERS + j)] += a[i] * b[j];
                        }
                    }
                }
            }
        }
        let area = f64::from(pixel_area);
        normal *= area;
        right *= area;
        for i in 0..n {
            for j in 0..i {
                normal[(i, j)] = normal[(j, i)];
            }
        }
        for (k, bar) in bars.iter().enumerate() {
            add_prior(&mut normal, &mut right, k * PARAMETERS, bar, prior);
        }
        let mut improved = false;
        for _ in 0..3 {
            let mut damped = normal.clone();
            for i in 0..n {
                damped[(i, i)] += damping * normal[(i, i)] + 0.3;
            }
            let Some(cholesky) = damped.cholesky() else { break };
            let delta = cholesky.solve(&right);
            let moved: Vec<Bar> = bars
                .iter()
                .zip(&frames)
                .enumerate()
                .map(|(k, (bar, frame))| {
                    bar.moved(frame, &delta.as_slice()[k * PARAMETERS..(k + 1) * PARAMETERS])
                })
                .collect();
            let sane = moved.iter().all(|bar| bar.length_px() > 2.0 && bar.width_px.is_finite());
            let after = if sane { misfit(&moved, pixels, pixel_area, prior) } else { f32::MAX };
            if after < cost {
                improved = cost - after > 1e-3 * cost;
                cost = after;
                bars.copy_from_slice(&moved);
                damping = (damping * 0.3).max(1e-4);
                break;
            }
            damping *= 8.0;
        }
        if !improved {
            break;
        }
    }
    cost
}

/// The prior's share of the normal equations.
fn add_prior(normal: &mut DMatrix<f64>, right: &mut DVector<f64>, first: usize, bar: &Bar, prior: &Prior) {
    let z = libm::logf(bar.width_px / prior.width_px) / prior.log_width_sd;
    let weight = f64::from(prior.weight);
    if z > 0.0 {
        let slope = f64::from(1.0 / (prior.log_width_sd * bar.width_px));
        normal[(first + 5, first + 5)] += weight * slope * slope;
        right[first + 5] -= weight * slope * f64::from(z);
    }
    let scale = f64::from(1.0 / (BEND_SD * bar.length_px()).max(1.0));
    normal[(first + 4, first + 4)] += weight * scale * scale;
    right[first + 4] -= weight * scale * scale * f64::from(bar.bend_px);
    let scale = f64::from(1.0 / (TAPER_SD * bar.width_px));
    normal[(first + 6, first + 6)] += weight * scale * scale;
    right[first + 6] -= weight * scale * scale * f64::from(bar.taper_px);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels_of(bars: &[Bar], side: usize) -> Vec<Pixel> {
        (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as f32, (i / side) as f32);
                let open: f32 = bars.iter().map(|bar| 1.0 - bar.share(x, y)).product();
                Pixel { x, y, seen: 1.0 - open }
            })
            .collect()
    }

    const FREE: Prior = Prior { width_px: 100.0, log_width_sd: 1.0, weight: 0.01 };

    #[test]
    fn fit_finds_two_touching_bars_from_a_rough_start() {
        let truth = [
            Bar { from: [15.0, 20.0], to: [60.0, 24.0], bend_px: 1.0, width_px: 9.0, taper_px: 0.0 },
            Bar { from: [18.0, 29.0], to: [50.0, 31.0], bend_px: 0.0, width_px: 8.0, taper_px: 2.0 },
        ];
        let pixels = pixels_of(&truth, 80);
        let mut bars = [
            Bar { from: [17.0, 22.0], to: [57.0, 22.0], bend_px: 0.0, width_px: 11.0, taper_px: 0.0 },
            Bar { from: [17.0, 31.0], to: [54.0, 33.0], bend_px: 0.0, width_px: 11.0, taper_px: 0.0 },
        ];
        let cost = fit(&mut bars, &pixels, 1.0, &FREE, 40);
        assert!(cost < 1.0, "misfit {cost}");
        for (bar, truth) in bars.iter().zip(&truth) {
            assert!((bar.width_px - truth.width_px).abs() < 0.2, "{bar:?}");
            assert!((bar.to[0] - truth.to[0]).abs() < 0.3, "{bar:?}");
        }
    }

    #[test]
    fn a_bar_over_an_axis_keeps_its_bend() {
        let bar = Bar { from: [3.0, 4.0], to: [63.0, 34.0], bend_px: 3.0, width_px: 5.0, taper_px: 0.0 };
        let again = Bar::over(&bar.axis(2.0), 5.0);
        assert!((again.bend_px - 3.0).abs() < 0.05, "{again:?}");
    }
}
