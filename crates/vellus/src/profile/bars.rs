//! One to [`MOST_BARS`] blurred bars, fitted to a stacked cross-section.
//!
//! `b(t) + Σ aⱼ Bⱼ(t) − Σ aⱼ aⱼ₊₁ Oⱼ(t)` with `B(t) = Φ((t − c + h)/s) − Φ((t − c − h)/s)`: per bar a centre c, half a width h
//! and an opacity a, a background b that may differ on the two sides, the blur s, and O the same over what a bar and the
//! next one both cover, where light passes one after the other. Fitted by [`minimise`]. What is known beforehand enters as a
//! Gaussian prior beside the samples, so that what a section does not show stays where the rest of the photo put it.

use nalgebra::{Const, SMatrix, SVector};

use super::section::Stack;
use crate::least_squares::{Descent, LeastSquares, minimise};

/// Most bars of a cross-section, the shaft's own included.
pub(super) const MOST_BARS: usize = 5;
/// Parameters beside those of the bars: the background left and right, and the blur.
const COMMON: usize = 3;
/// What is left is less than 1 % of the width's standard error: √(1e-7 · 500 samples).
const DESCENT: Descent = Descent { steps: 25, settled: 1e-7, damping: 1e-2, floor: 1e-9, tries: 10 };
/// Fewest bins that tell a bar from its background.
const LEAST_BINS: usize = 12;
/// Variance that bilinear sampling at a random phase adds to the blur, px²: two thirds of the pixel's own 1/4 − 1/12.
const SAMPLING_VARIANCE: f64 = 1.0 / 6.0;
/// Variance of a bilinear sample at a random phase, as a share of a pixel's: (2/3)², as the mean of f² + (1 − f)² is
/// 2/3 in each direction. Neighbouring samples share pixels, so that there is no more in them than in the pixels.
const SAMPLE_VARIANCE: f64 = 4.0 / 9.0;

/// What is free in a fit, and how well the rest is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Freedom {
    /// The opacity at which the shaft itself is held if its ribbon is paler; `None` if it is free.
    pub level: Option<f32>,
    /// Standard deviation of the shaft's blur around that of its place, px; 0 holds it, infinite if nothing is known of it.
    pub blur_sd_px: f64,
    /// Standard deviation of half the shaft's own width before looking, px; infinite if nothing is known of it.
    pub half_sd_px: f64,
}

/// The shaft's own bar as it was fitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// Width, px.
    pub width_px: f64,
    /// Standard error of the width by the scatter of the samples, px.
    pub width_se_px: f64,
    /// Opacity.
    pub level: f64,
    /// Blur, px.
    pub blur_px: f64,
    /// Misfit of the bins, root mean square, opacity.
    pub rms: f64,
}

/// Standard deviations of what is known of a neighbour before looking: its course, px, half its width as a share and at least,
/// px, and its opacity. Its ribbon was fitted to the body of hair, whose outer edges are known to a pixel, the lines between
/// shafts less well; opacities within a photo vary by this much.
const COURSE_SD_PX: f64 = 0.7;
pub(super) const HALF_SD: [f64; 2] = [0.12, 0.35];
const LEVEL_SD: f64 = 0.15;

/// Fits the bars that a stack expects; the first is the shaft's own. `None` where there is too little to fit.
pub(super) fn fit(stack: &Stack, blur_px: f32, freedom: Freedom) -> Option<Fit> {
    match stack.bars.len() {
        1 => Solver::<1, 6>::new(stack, blur_px, freedom)?.solve(),
        2 => Solver::<2, 9>::new(stack, blur_px, freedom)?.solve(),
        3 => Solver::<3, 12>::new(stack, blur_px, freedom)?.solve(),
        4 => Solver::<4, 15>::new(stack, blur_px, freedom)?.solve(),
        MOST_BARS => Solver::<MOST_BARS, 18>::new(stack, blur_px, freedom)?.solve(),
        _ => None,
    }
}

/// The fit of `K` bars, with `N` = 3 + 3 K parameters: background left and right, blur, then centre, half width and opacity of each.
struct Solver<'a, const K: usize, const N: usize> {
    stack: &'a Stack,
    reach: f64,
    start: SVector<f64, N>,
    free: [bool; N],
    /// Variance of a sample over that of the prior: the weight of what was known. 0 for no prior.
    hold: [f64; N],
    /// Variance of a pixel within its bin.
    noise: f64,
    /// The bars from left to right.
    order: [usize; K],
}

impl<'a, const K: usize, const N: usize> Solver<'a, K, N> {
    fn new(stack: &'a Stack, blur_px: f32, freedom: Freedom) -> Option<Self> {
        if stack.bins.len() < LEAST_BINS {
            return None;
        }
        let reach = stack.bins.iter().fold(1.0_f64, |a, bin| a.max(f64::from(bin.t_px.abs())));
        let mut start = SVector::zeros();
        let mut free = [true; N];
        let mut hold = [0.0; N];
        let noise = stack.scatter() / SAMPLE_VARIANCE;
        start[2] = f64::from(blur_px);
        free[2] = freedom.blur_sd_px > 0.0;
        hold[2] = if free[2] { noise / freedom.blur_sd_px.powi(2) } else { 0.0 };
        for (k, bar) in stack.bars.iter().enumerate() {
            let at = COMMON + 3 * k;
            start[at] = f64::from(bar.centre_px);
            start[at + 1] = f64::from(bar.half_px);
            start[at + 2] = f64::from(bar.level);
            if k == 0 {
                if let Some(level) = freedom.level {
                    start[at + 2] = f64::from(level.max(bar.level));
                    free[at + 2] = false;
                }
                hold[at + 1] = noise / freedom.half_sd_px.powi(2);
            } else {
                let half_sd = (HALF_SD[0] * f64::from(bar.half_px)).max(HALF_SD[1]);
                for (i, sd) in [COURSE_SD_PX, half_sd, LEVEL_SD].into_iter().enumerate() {
                    hold[at + i] = noise / (sd * sd);
                }
            }
        }
        let mut order: [usize; K] = std::array::from_fn(|k| k);
        order.sort_by(|&a, &b| stack.bars[a].centre_px.total_cmp(&stack.bars[b].centre_px));
        Some(Self { stack, reach, start, free, hold, noise, order })
    }

    /// The blur of a bar's edges, px.
    fn blur_px(&self, p: &SVector<f64, N>, bar: usize) -> f64 {
        (p[2] * p[2] + SAMPLING_VARIANCE + f64::from(self.stack.bars[bar].smear_px2)).sqrt()
    }

    /// What two bars next to each other both cover.
    fn overlap(&self, p: &SVector<f64, N>, pair: [usize; 2]) -> Option<Overlap> {
        let [i, j] = pair.map(|k| COMMON + 3 * k);
        // The inner edges, whichever bar they belong to.
        let edge = |k: usize, side: f64| p[k] + side * p[k + 1];
        let left_of = if edge(j, -1.0) > edge(i, -1.0) { j } else { i };
        let right_of = if edge(i, 1.0) < edge(j, 1.0) { i } else { j };
        let both = Between {
            left: edge(left_of, -1.0),
            right: edge(right_of, 1.0),
            blur: self.blur_px(p, pair[0]).max(self.blur_px(p, pair[1])),
        };
        (both.right > both.left).then_some(Overlap { both, of: [i, j], left_of, right_of })
    }

    /// The model at a place across, without its derivatives.
    fn value(&self, p: &SVector<f64, N>, t: f64) -> f64 {
        let f = 0.5 + 0.5 * t / self.reach;
        let ground = p[0] * (1.0 - f) + p[1] * f;
        let bars = (0..K).map(|k| {
            let [c, h, a] = [0, 1, 2].map(|i| p[COMMON + 3 * k + i]);
            a * Between { left: c - h, right: c + h, blur: self.blur_px(p, k) }.share(t)
        });
        let overlaps = self.order.windows(2).filter_map(|pair| self.overlap(p, [pair[0], pair[1]]));
        let twice = overlaps.map(|Overlap { both, of: [i, j], .. }| p[i + 2] * p[j + 2] * both.share(t));
        ground + bars.sum::<f64>() - twice.sum::<f64>()
    }

    /// The model and its derivatives at a place across.
    fn model(&self, p: &SVector<f64, N>, t: f64) -> (f64, SVector<f64, N>) {
        let mut slopes = SVector::<f64, N>::zeros();
        let f = 0.5 + 0.5 * t / self.reach;
        (slopes[0], slopes[1]) = (1.0 - f, f);
        let mut value = p[0] * (1.0 - f) + p[1] * f;
        for k in 0..K {
            let at = COMMON + 3 * k;
            let (c, h, a) = (p[at], p[at + 1], p[at + 2]);
            let bar = Between { left: c - h, right: c + h, blur: self.blur_px(p, k) };
            let ([of_left, of_right, of_blur], share) = (bar.slopes(t), bar.share(t));
            value += a * share;
            slopes[at] += a * (of_left + of_right);
            slopes[at + 1] += a * (of_right - of_left);
            slopes[at + 2] += share;
            slopes[2] += a * of_blur * p[2];
        }
        for Overlap { both, of: [i, j], left_of, right_of } in
            self.order.windows(2).filter_map(|pair| self.overlap(p, [pair[0], pair[1]]))
        {
            let ([of_left, of_right, of_blur], share) = (both.slopes(t), both.share(t));
            let product = p[i + 2] * p[j + 2];
            value -= product * share;
            slopes[right_of] -= product * of_right;
            slopes[right_of + 1] -= product * of_right;
            slopes[left_of] -= product * of_left;
            slopes[left_of + 1] += product * of_left;
            slopes[i + 2] -= p[j + 2] * share;
            slopes[j + 2] -= p[i + 2] * share;
            slopes[2] -= product * of_blur * p[2];
        }
        (value, slopes)
    }

    /// Misfit of the bins, without the priors.
    fn misfit(&self, p: &SVector<f64, N>) -> f64 {
        let of = |bin: &super::section::Bin| {
            f64::from(bin.n) * (f64::from(bin.mean) - self.value(p, f64::from(bin.t_px))).powi(2)
        };
        self.stack.bins.iter().map(of).sum()
    }

    fn solve(&self) -> Option<Fit> {
        let found = minimise(self, self.start, &DESCENT);
        if !found.cost.is_finite() {
            return None;
        }
        let p = found.state;
        let samples = self.stack.samples();
        let misfit = self.misfit(&p);
        let free = self.free.iter().filter(|&&free| free).count() as f64;
        // What the model misses beside what scatters within the bins: both are errors of the width.
        let variance = (misfit + self.stack.within) / (samples - free).max(1.0) / SAMPLE_VARIANCE;
        let inverse = found.normal?.cholesky()?.inverse();
        let width_se_px = 2.0 * (variance.max(self.noise) * inverse[(COMMON + 1, COMMON + 1)]).sqrt();
        Some(Fit {
            width_px: 2.0 * p[COMMON + 1],
            width_se_px,
            level: p[COMMON + 2],
            blur_px: p[2],
            rms: (misfit / samples).sqrt(),
        })
    }
}

impl<const K: usize, const N: usize> LeastSquares<Const<N>> for Solver<'_, K, N> {
    type State = SVector<f64, N>;

    fn cost(&self, p: &Self::State) -> f64 {
        let held: f64 = (0..N).map(|i| self.hold[i] * (p[i] - self.start[i]).powi(2)).sum();
        self.misfit(p) + held
    }

    fn normal_equations(&self, p: &Self::State) -> (SMatrix<f64, N, N>, SVector<f64, N>) {
        let (mut normal, mut right) = (SMatrix::zeros(), SVector::zeros());
        for bin in &self.stack.bins {
            let (value, mut slopes) = self.model(p, f64::from(bin.t_px));
            for i in (0..N).filter(|&i| !self.free[i]) {
                slopes[i] = 0.0;
            }
            normal += f64::from(bin.n) * slopes * slopes.transpose();
            right += f64::from(bin.n) * (f64::from(bin.mean) - value) * slopes;
        }
        for i in 0..N {
            if self.free[i] {
                normal[(i, i)] += self.hold[i];
                right[i] += self.hold[i] * (self.start[i] - p[i]);
            } else {
                normal[(i, i)] = 1.0;
            }
        }
        (normal, right)
    }

    fn moved(&self, p: &Self::State, step: &Self::State) -> Option<Self::State> {
        let mut next = p + step;
        next[2] = next[2].clamp(0.2, 8.0);
        for k in 0..K {
            let half = &mut next[COMMON + 3 * k + 1];
            *half = half.clamp(0.05, self.reach);
        }
        Some(next)
    }
}

/// What two bars both cover: where, and the index of the first parameter of both, and of those whose left and right edge bound it.
struct Overlap {
    both: Between,
    of: [usize; 2],
    left_of: usize,
    right_of: usize,
}

/// What lies between two blurred edges, px.
struct Between {
    left: f64,
    right: f64,
    blur: f64,
}

impl Between {
    /// Its share of a place.
    fn share(&self, t: f64) -> f64 {
        phi((t - self.left) / self.blur) - phi((t - self.right) / self.blur)
    }

    /// How that changes with its left edge, its right edge, and half the square of its blur.
    fn slopes(&self, t: f64) -> [f64; 3] {
        let (u, v) = ((t - self.left) / self.blur, (t - self.right) / self.blur);
        let (gu, gv) = (density(u), density(v));
        [-gu / self.blur, gv / self.blur, (gv * v - gu * u) / (self.blur * self.blur)]
    }
}

/// Beyond so many standard deviations, 1 − Φ is below the last digit of 1, and the density below 1e-16.
const FAR: f64 = 8.5;

fn density(z: f64) -> f64 {
    if z.abs() > FAR {
        return 0.0;
    }
    libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Standard normal distribution function.
pub(crate) fn phi(z: f64) -> f64 {
    if z.abs() > FAR {
        return if z > 0.0 { 1.0 } else { 0.0 };
    }
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
#[path = "bars_tests.rs"]
mod tests;
