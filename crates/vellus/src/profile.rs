//! Diameter: a blurred bar fitted to the cross-sections of a shaft.
//!
//! Opacity + [`Shaft`]s → [`Width`] per shaft.
//!
//! Along the axis, cross-sections are stacked over stretches of about one width, samples falling into bins of a quarter
//! of a pixel. A stack is fitted with `b(t) + a [Φ((t − c + W/2)/s) − Φ((t − c − W/2)/s)]`: width W, centre c, opacity a,
//! a background b that may differ on the two sides, and the photo's blur s, by Levenberg–Marquardt. The opacity is in
//! linear light, where a blur is a convolution and half height is the edge. The blur is the median of the fits with s
//! free on the shafts that are wide enough to show it. Stretches beside or under another shaft are left out.
//!
//! A shaft narrower than about twice the blur shows only the product a·W; there a is held at the photo's usual opacity. A shaft is no
//! bar: what a cylinder lets pass at its edges, and what shines on pale ones, is allowed for by its opacity ([`Width::of_shaft`]).

use nalgebra::{SMatrix, SVector};
use rayon::prelude::*;

use crate::contrast::{COLOUR_SIGMA_PX, Contrast};
use crate::hair::DiameterBasis;
use crate::plane::Plane;
use crate::ribbon::Ribbon;
use crate::shafts::Shaft;

/// The measured width of a shaft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Width {
    /// Length-weighted mean over the stretches that could be read, px.
    pub mean_px: f32,
    /// Standard error of the mean, px.
    pub se_px: f32,
    /// Standard deviation along the shaft, px.
    pub sd_px: f32,
    /// Opacity of the bar that was fitted; `None` where the width is the outline's.
    pub level: Option<f32>,
    /// What it was read from.
    pub basis: DiameterBasis,
}

impl Width {
    /// That of a width that was read in the plane of lost colour; an outline is one in any plane.
    fn basis_by_colour(&self) -> DiameterBasis {
        if self.basis == DiameterBasis::Outline { self.basis } else { DiameterBasis::Colour }
    }

    /// The width of the shaft whose picture a bar of this width fits: a shaft is a cylinder, through which some light passes.
    pub fn of_shaft(self) -> Self {
        let factor = self.level.map_or(1.0, of_bar);
        let [mean_px, se_px, sd_px] = [self.mean_px, self.se_px, self.sd_px].map(|px| factor * px);
        Self { mean_px, se_px, sd_px, ..self }
    }
}

/// Widths of all shafts, and the blur that they were read with.
#[derive(Debug, Clone, PartialEq)]
pub struct Widths {
    /// One per shaft, in the same order.
    pub of: Vec<Width>,
    /// Standard deviation of the photo's blur, px.
    pub blur_sigma_px: f32,
    /// The blur comes from the photo, not from [`USUAL_BLUR_PX`].
    pub blur_measured: bool,
}

/// Blur of a photo that shows no shaft wide enough to tell, px: a sharp lens, a colour mosaic and JPEG together.
pub const USUAL_BLUR_PX: f32 = 1.1;
/// Bin of a stack, px.
const BIN_PX: f32 = 0.25;
/// Skin on both sides that the fit sees, px.
const FLANK_PX: f32 = 5.0;
/// Opacity of other shafts that makes a flank or a section unusable.
const CLEAR: f32 = 0.1;
/// Share of its opacity that shine alone gives to a shaft that shines all over: between its edges, none is dark.
const SHINES: f32 = 0.5;
/// Narrowest shaft that tells the blur, px: four times the usual one.
const BLUR_WIDTH_PX: f32 = 5.0;
/// Narrowest shaft, in blur sigmas, whose opacity is fitted and not taken from the others.
const FREE_LEVEL_SIGMAS: f32 = 2.2;

/// A stacked cross-section.
struct Stack {
    t: Vec<f32>,
    y: Vec<f32>,
    weight: Vec<f32>,
    length: f32,
}

/// What is fitted: centre, half width, opacity, background left and right, blur.
type Parameters = SVector<f64, 6>;

struct Fit {
    p: Parameters,
    width_se: f64,
    rms: f64,
}

/// Measures all shafts of a photo; everything is in px. Those that shine all over are read by the skin's colour that they hide, as
/// by their brightness they have no edges.
pub fn widths_of(shafts: &[Shaft], contrast: &Contrast, usual_level: f32) -> Widths {
    let shines = |shaft: &Shaft| shaft.ribbon.mean_under(&contrast.shine) > SHINES * shaft.evidence.level;
    let mut widths = match &contrast.lost_colour {
        None => widths(shafts, &contrast.opacity, usual_level),
        Some(lost_colour) => {
            let shining: Vec<bool> = shafts.par_iter().map(shines).collect();
            let dark: Vec<bool> = shining.iter().map(|shines| !shines).collect();
            let mut widths = widths_by(shafts, &dark, &contrast.opacity, USUAL_BLUR_PX, usual_level);
            let blur_px = libm::hypotf(widths.blur_sigma_px, COLOUR_SIGMA_PX);
            let by_colour = widths_by(shafts, &shining, lost_colour, blur_px, 1.0);
            for (k, width) in by_colour.of.into_iter().enumerate().filter(|&(k, _)| shining[k]) {
                widths.of[k] = Width { basis: width.basis_by_colour(), ..width };
            }
            widths
        }
    };
    widths.of.iter_mut().for_each(|width| *width = width.of_shaft());
    widths
}

/// Fits bars to all shafts of a photo by their opacity.
pub fn widths(shafts: &[Shaft], opacity: &Plane, usual_level: f32) -> Widths {
    widths_by(shafts, &vec![true; shafts.len()], opacity, USUAL_BLUR_PX, usual_level)
}

/// Measures some of the shafts; the others only stand in the way. `usual_blur_px` is taken where too few tell the blur.
fn widths_by(
    shafts: &[Shaft],
    read_them: &[bool],
    opacity: &Plane,
    usual_blur_px: f32,
    usual_level: f32,
) -> Widths {
    let ribbons: Vec<&Ribbon> = shafts.iter().map(|shaft| &shaft.ribbon).collect();
    let owners = owners(&ribbons, opacity);
    let stacks: Vec<Vec<Stack>> = ribbons
        .par_iter()
        .enumerate()
        .map(|(k, ribbon)| if read_them[k] { stacks(k, ribbon, opacity, &owners) } else { Vec::new() })
        .collect();

    let mut blurs: Vec<f32> = shafts
        .par_iter()
        .zip(&stacks)
        .filter(|(shaft, _)| shaft.ribbon.mean_width_px() >= BLUR_WIDTH_PX && shaft.log_odds > 0.0)
        .flat_map_iter(|(shaft, stacks)| {
            let start = start(&shaft.ribbon, shaft.evidence.level, usual_blur_px);
            stacks.iter().filter_map(move |stack| fit(stack, start, [true; 6])).map(|fit| fit.p[5] as f32)
        })
        .filter(|blur| (0.3..6.0).contains(blur))
        .collect();
    let blur_measured = blurs.len() >= 5;
    let blur_sigma_px = if blur_measured {
        blurs.sort_by(f32::total_cmp);
        // The sharper half: shafts that lie above or below the plane of focus only add blur.
        blurs[blurs.len() * 2 / 5]
    } else {
        usual_blur_px
    };
    let of = shafts
        .par_iter()
        .zip(&stacks)
        .map(|(shaft, stacks)| read(&shaft.ribbon, shaft.evidence.level, stacks, blur_sigma_px, usual_level))
        .collect();
    Widths { of, blur_sigma_px, blur_measured }
}

/// The width of one ribbon by its stacks; where it stands free nowhere, the ribbon's own.
fn read(ribbon: &Ribbon, level: f32, stacks: &[Stack], blur_sigma_px: f32, usual_level: f32) -> Width {
    let narrow = ribbon.mean_width_px() < FREE_LEVEL_SIGMAS * blur_sigma_px;
    let mut start = start(ribbon, level, blur_sigma_px);
    if narrow {
        start[2] = f64::from(usual_level.max(level));
    }
    let free = [true, true, !narrow, true, true, false];
    let fits: Vec<(f32, Fit)> = stacks
        .iter()
        .filter_map(|stack| fit(stack, start, free).map(|fit| (stack.length, fit)))
        .filter(|(_, fit)| fit.p[1] > 0.1 && fit.p[2] > 0.02)
        .collect();
    let basis = if narrow { DiameterBasis::Density } else { DiameterBasis::Edges };
    mean(&fits, basis).unwrap_or_else(|| {
        let mean_px = ribbon.mean_width_px();
        // The fit of the body knows the outer edges to a pixel, the line between two shafts less well.
        Width {
            mean_px,
            se_px: (0.12 * mean_px).max(0.7),
            sd_px: 0.0,
            level: None,
            basis: DiameterBasis::Outline,
        }
    })
}

/// Least share of a course that stands free for [`widths_from`] to read the width there: less may be the tapered end alone.
const LEAST_FREE: f32 = 0.25;

/// Widths of the ribbons from `first` on, with the blur that [`widths`] found; the others only stand in the way. `levels`
/// are their opacities. One that stands free over too little of its course keeps its ribbon's width; the flag says whether
/// the width was read.
pub fn widths_from(
    first: usize,
    ribbons: &[&Ribbon],
    levels: &[f32],
    opacity: &Plane,
    blur_sigma_px: f32,
    usual_level: f32,
) -> Vec<(Width, bool)> {
    let owners = owners(ribbons, opacity);
    (first..ribbons.len())
        .map(|k| {
            let mut stacks = stacks(k, ribbons[k], opacity, &owners);
            let free: f32 = stacks.iter().map(|stack| stack.length).sum();
            if free < LEAST_FREE * ribbons[k].length_px() {
                stacks.clear();
            }
            let width = read(ribbons[k], levels[k], &stacks, blur_sigma_px, usual_level);
            (width.of_shaft(), !stacks.is_empty())
        })
        .collect()
}

/// Median-guarded, length-weighted mean of the stretches.
fn mean(fits: &[(f32, Fit)], basis: DiameterBasis) -> Option<Width> {
    if fits.is_empty() {
        return None;
    }
    let width = |fit: &Fit| 2.0 * fit.p[1] as f32;
    let median = crate::track::median(fits.iter().map(|(_, fit)| width(fit)).collect());
    let rms = crate::track::median(fits.iter().map(|(_, fit)| fit.rms as f32).collect());
    // A flake, a highlight or an unseen neighbour makes a stretch that fits no bar; it is left out.
    let good: Vec<&(f32, Fit)> = fits
        .iter()
        .filter(|(_, fit)| {
            (width(fit) - median).abs() < 0.3 * median + 0.6 && (fit.rms as f32) < 2.5 * rms + 0.01
        })
        .collect();
    let total: f32 = good.iter().map(|(length, _)| length).sum();
    if total <= 0.0 {
        return None;
    }
    let mean_px = good.iter().map(|(length, fit)| length * width(fit)).sum::<f32>() / total;
    let sd_px = (good.iter().map(|(length, fit)| length * (width(fit) - mean_px).powi(2)).sum::<f32>()
        / total)
        .sqrt();
    let fit_se =
        good.iter().map(|(length, fit)| (length * fit.width_se as f32).powi(2)).sum::<f32>().sqrt() / total;
    let n = good.len() as f32;
    let spread_se = if n > 1.0 { sd_px / (n - 1.0).sqrt() } else { 0.0 };
    let level = good.iter().map(|(length, fit)| length * fit.p[2] as f32).sum::<f32>() / total;
    Some(Width { mean_px, se_px: libm::hypotf(fit_se, 0.5 * spread_se), sd_px, level: Some(level), basis })
}

/// How far a shaft that light passes seems narrower, between none, as of a ribbon, and all that a clear cylinder loses: what its
/// surface mirrors and its cortex scatters darkens the edges again. Our own drawn scalps ask for 0.2 to 0.35, others' for 0.6.
const CLEARNESS: f32 = 0.4;
/// Opacities from which and beyond which that is so: at 0.4 both read widths right as they are.
const CLEAR_FROM: [f32; 2] = [0.4, 0.65];
/// How far a pale shaft seems wider, whose middle shines and whose edges are dark: by 8 and 6 % of 110 and 60 blond hairs, …
const PALE_WIDER: f32 = 0.06;
/// … beyond which opacity not, and below which fully.
const PALE_FROM: [f32; 2] = [0.45, 0.3];
/// Opacity of what lets nothing pass: stray light and the surface's own shine leave black targets and black hair no darker. A level
/// above it tells no more than one that lets this share pass.
const BLACK: f32 = 0.94;
const LEAST_PASSED: f32 = 1e-4;

/// Width of a shaft over the width of the bar that fits it, by its opacity: towards the edges of a cylinder light passes less of it.
/// By Lambert and Beer's law a chord of the share q of the diameter lets `passed^q` pass, q = √(1 − u²) at u radii from the axis; the
/// edge of the bar is where half of the opacity is left.
fn of_bar(level: f32) -> f32 {
    let between = |[none, all]: [f32; 2]| ((level - none) / (all - none)).clamp(0.0, 1.0);
    let passed = (1.0 - level.max(CLEAR_FROM[0]) / BLACK).max(LEAST_PASSED);
    let chord = libm::logf(0.5 * (1.0 + passed)) / libm::logf(passed);
    let lost = 1.0 / (1.0 - chord * chord).sqrt() - 1.0;
    1.0 + CLEARNESS * between(CLEAR_FROM) * lost - PALE_WIDER * between(PALE_FROM)
}

/// For every pixel the shaft that covers it most, +1; 0 for skin; `u32::MAX` where two do.
fn owners(ribbons: &[&Ribbon], opacity: &Plane) -> Vec<u32> {
    let mut owners = vec![0; opacity.data.len()];
    for (k, ribbon) in ribbons.iter().enumerate() {
        for cover in ribbon.cover.iter().filter(|cover| cover.share > CLEAR) {
            let owner = &mut owners[cover.pixel as usize];
            *owner = if *owner == 0 { k as u32 + 1 } else { u32::MAX };
        }
    }
    owners
}

/// Stacked cross-sections of the stretches that stand free.
fn stacks(k: usize, ribbon: &Ribbon, opacity: &Plane, owners: &[u32]) -> Vec<Stack> {
    let axis = &ribbon.axis;
    let widest = ribbon.width_px.iter().fold(1.0_f32, |a, &b| a.max(b));
    let reach = 0.5 * widest + FLANK_PX;
    let bins = (2.0 * reach / BIN_PX) as usize + 1;
    let stretch = widest.clamp(6.0, 20.0);
    let mine = k as u32 + 1;
    let mut stacks = Vec::new();
    let mut sums = vec![[0.0_f32; 2]; bins];
    let mut length = 0.0;
    let mut flush = |sums: &mut Vec<[f32; 2]>, length: &mut f32| {
        if *length >= 0.4 * stretch {
            let (mut t, mut y, mut weight) = (Vec::new(), Vec::new(), Vec::new());
            for (bin, [n, sum]) in sums.iter().enumerate().filter(|(_, [n, _])| *n > 0.0) {
                t.push(bin as f32 * BIN_PX - reach);
                y.push(sum / n);
                weight.push(*n);
            }
            stacks.push(Stack { t, y, weight, length: *length });
        }
        sums.iter_mut().for_each(|s| *s = [0.0; 2]);
        *length = 0.0;
    };
    let total = ribbon.length_px();
    let mut at = 0.0;
    let mut values: Vec<(f32, f32, f32, u32)> = Vec::with_capacity(bins);
    let width_at = |k: usize, f: f32| ribbon.width_px[k] + f * (ribbon.width_px[k + 1] - ribbon.width_px[k]);
    for (pair_at, pair) in axis.windows(2).enumerate() {
        let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        let piece = libm::hypotf(dx, dy);
        if piece < 1e-3 {
            continue;
        }
        let (c, s) = (dx / piece, dy / piece);
        let steps = piece.ceil().max(1.0) as usize;
        for step in 0..steps {
            let f = (step as f32 + 0.5) / steps as f32;
            let here = at + f * piece;
            // The rounded or slanted last half width belongs to the end, not to the shaft.
            if here < 0.5 * widest.min(0.4 * total) || here > total - 0.5 * widest.min(0.4 * total) {
                continue;
            }
            let (x, y) = (pair[0][0] + f * dx, pair[0][1] + f * dy);
            let n = (2.0 * reach) as usize;
            // The sampling phase is shifted from section to section, so that the stack resolves the pixel grid.
            let phase = (here * 0.37).fract();
            values.clear();
            values.extend((0..n).map(|i| i as f32 + phase - reach).filter_map(|t| {
                let (px, py) = (x - t * s, y + t * c);
                let inside = opacity.contains(px, py);
                inside.then(|| (t, px, py, owners[py.round() as usize * opacity.width + px.round() as usize]))
            }));
            let free = between_neighbours(&mut values, mine, 0.5 * width_at(pair_at, f));
            if free {
                for &(t, px, py, _) in &values {
                    let value = opacity.sample(px, py);
                    let bin = (((t + reach) / BIN_PX).round() as usize).min(bins - 1);
                    sums[bin][0] += 1.0;
                    sums[bin][1] += value;
                }
                length += piece / steps as f32;
                if length >= stretch {
                    flush(&mut sums, &mut length);
                }
            }
        }
        at += piece;
    }
    flush(&mut sums, &mut length);
    stacks
}

/// Distance from another shaft's edge up to which its blur reaches, px: two sigmas of a usual lens.
const NEIGHBOUR_PX: f32 = 2.2;
/// Least skin beside the shaft that a section must show on each side, px: its own blurred edge.
const LEAST_FLANK_PX: f32 = 1.5;

/// Keeps of a section what lies between the shafts beside it; whether that shows skin on both sides of the shaft.
fn between_neighbours(section: &mut Vec<(f32, f32, f32, u32)>, mine: u32, half_px: f32) -> bool {
    let other = |owner: u32| owner != 0 && owner != mine;
    let left = section.iter().filter(|s| s.0 < 0.0 && other(s.3)).map(|s| s.0).fold(f32::MIN, f32::max);
    let right = section.iter().filter(|s| s.0 >= 0.0 && other(s.3)).map(|s| s.0).fold(f32::MAX, f32::min);
    let (left, right) = (left + NEIGHBOUR_PX, right - NEIGHBOUR_PX);
    section.retain(|s| left <= s.0 && s.0 <= right);
    let (Some(first), Some(last)) = (section.first(), section.last()) else { return false };
    first.0 <= -half_px - LEAST_FLANK_PX && half_px + LEAST_FLANK_PX <= last.0
}

fn start(ribbon: &Ribbon, level: f32, blur: f32) -> Parameters {
    let half = 0.5 * f64::from(ribbon.mean_width_px());
    Parameters::from([0.0, half, f64::from(level), 0.0, 0.0, f64::from(blur)])
}

/// Standard normal distribution function.
pub(crate) fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Variance that bilinear sampling at a random phase adds to the blur, px²: two thirds of the pixel's own 1/4 − 1/12.
const SAMPLING_VARIANCE: f64 = 1.0 / 6.0;

/// Variance of a bilinear sample at a random phase, as a share of a pixel's: (2/3)², as the mean of f² + (1 − f)² is
/// 2/3 in each direction. Neighbouring samples share pixels, so that there is no more in them than in the pixels.
const SAMPLE_VARIANCE: f64 = 4.0 / 9.0;

/// The model and its derivatives.
fn model(p: &Parameters, t: f64, reach: f64) -> (f64, SVector<f64, 6>) {
    let blur = (p[5] * p[5] + SAMPLING_VARIANCE).sqrt();
    let (u, v) = ((t - p[0] + p[1]) / blur, (t - p[0] - p[1]) / blur);
    let density = |z: f64| libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
    let (gu, gv) = (density(u), density(v));
    let bar = phi(u) - phi(v);
    let f = 0.5 + 0.5 * t / reach;
    let value = p[3] * (1.0 - f) + p[4] * f + p[2] * bar;
    let slopes = SVector::from([
        p[2] * (gv - gu) / blur,
        p[2] * (gu + gv) / blur,
        bar,
        1.0 - f,
        f,
        p[2] * (gv * v - gu * u) / blur * p[5] / blur,
    ]);
    (value, slopes)
}

fn fit(stack: &Stack, start: Parameters, free: [bool; 6]) -> Option<Fit> {
    let reach = f64::from(stack.t.first().copied()?.abs()).max(1.0);
    let n: f64 = stack.t.len() as f64;
    if n < 12.0 {
        return None;
    }
    let mut p = start;
    let cost_of = |p: &Parameters| {
        stack
            .t
            .iter()
            .zip(&stack.y)
            .zip(&stack.weight)
            .map(|((&t, &y), &w)| f64::from(w) * (f64::from(y) - model(p, f64::from(t), reach).0).powi(2))
            .sum::<f64>()
    };
    let mut cost = cost_of(&p);
    let mut damping = 1e-2;
    let mut normal = SMatrix::<f64, 6, 6>::zeros();
    for _ in 0..25 {
        normal = SMatrix::zeros();
        let mut right = SVector::<f64, 6>::zeros();
        for ((&t, &y), &w) in stack.t.iter().zip(&stack.y).zip(&stack.weight) {
            let (value, mut slopes) = model(&p, f64::from(t), reach);
            for i in 0..6 {
                if !free[i] {
                    slopes[i] = 0.0;
                }
            }
            normal += f64::from(w) * slopes * slopes.transpose();
            right += f64::from(w) * (f64::from(y) - value) * slopes;
        }
        for i in 0..6 {
            if !free[i] {
                normal[(i, i)] = 1.0;
            }
        }
        let mut damped = normal;
        for i in 0..6 {
            damped[(i, i)] *= 1.0 + damping;
            damped[(i, i)] += 1e-9;
        }
        let step = damped.cholesky()?.solve(&right);
        let mut next = p + step;
        next[1] = next[1].clamp(0.05, reach);
        next[5] = next[5].clamp(0.2, 8.0);
        let after = cost_of(&next);
        if after < cost {
            let done = cost - after < 1e-7 * cost;
            p = next;
            cost = after;
            damping = (damping * 0.2).max(1e-8);
            if done {
                break;
            }
        } else {
            damping *= 6.0;
            if damping > 1e6 {
                break;
            }
        }
    }
    let total: f64 = stack.weight.iter().map(|&w| f64::from(w)).sum();
    let variance = cost / (total - 6.0).max(1.0) / SAMPLE_VARIANCE;
    let inverse = normal.try_inverse()?;
    let width_se = 2.0 * (variance * inverse[(1, 1)].max(0.0)).sqrt();
    Some(Fit { p, width_se, rms: (cost / total).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_black_shaft_is_a_bar_and_a_brown_one_is_wider_than_its_bar() {
        assert!((of_bar(0.95) - 1.0).abs() < 0.002, "{}", of_bar(0.95));
        // By hand: of 0.7, 0.2553 pass; 0.2553^q = 0.6277 at q = 0.341, u = 0.940; four tenths of what is beyond.
        assert!((of_bar(0.7) - (1.0 + 0.4 * (1.0 / 0.940 - 1.0))).abs() < 0.001, "{}", of_bar(0.7));
        // A blond one has dark edges.
        assert!(of_bar(0.25) < 0.95);
        let levels = (0..200).map(|k| of_bar(0.005 * k as f32));
        let steps: Vec<f32> = levels.clone().zip(levels.skip(1)).map(|(a, b)| (a - b).abs()).collect();
        assert!(steps.iter().all(|&step| step < 0.006), "no width jumps with the level");
    }

    #[test]
    fn an_outline_is_the_shaft_s_own() {
        let outline =
            Width { mean_px: 12.0, se_px: 1.0, sd_px: 0.0, level: None, basis: DiameterBasis::Outline };
        assert_eq!(outline.of_shaft(), outline);
    }
}
