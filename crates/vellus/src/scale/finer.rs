//! Whether a ruler has finer ticks between those that were found.
//!
//! Ruler, [`Tone`] → a flag. Ticks of less than 6 px run into each other, and the longer ones among them look like a ruler of their
//! own, five times as coarse. Where they do, the brightness between two ticks still ripples: along lines through the ticks it is
//! read at each place where a finer tick would stand, against the places half-way to its neighbours. A blurred tick's own flank is
//! convex there, and speaks against it.

use super::Ruler;
use super::tone::Tone;

/// Into how many parts rulers divide the distance of two longer ticks.
const PARTS: [usize; 5] = [2, 4, 5, 8, 10];
/// Nearest place to a found tick that is read, as a share of the distance: its own width and blur.
const CLEAR: f32 = 0.18;
/// Least ripple, levels of 255: that of JPEG of high quality in an even area is less …
const LEAST_LEVELS: f32 = 0.4;
/// … and least over its standard error: some hundred lines and five divisions are tried.
const LEAST_OVER_ERROR: f32 = 6.0;
/// Lines that are read as one, px.
const LINES: usize = 5;
/// What a ruler's corners lie beyond its ticks: along it, ticks; across it, px.
const MARGIN: (f32, f32) = (1.5, 6.0);

/// Whether finer ticks stand between those of a ruler.
pub(super) fn has_finer(tone: &Tone, ruler: &Ruler) -> bool {
    let corner = |k: usize| ruler.corners_px[k].map(|v| v as f32);
    let from = corner(0);
    let unit = |to: [f32; 2]| {
        let d = [to[0] - from[0], to[1] - from[1]];
        let length = libm::hypotf(d[0], d[1]).max(1.0);
        ([d[0] / length, d[1] / length], length)
    };
    let ((along, _), (across, depth)) = (unit(corner(1)), unit(corner(3)));
    let period = ruler.period_px as f32;
    let value = |ticks: f32, offset: f32| {
        let t = (MARGIN.0 + ticks) * period;
        let at = |k: usize| from[k] + t * along[k] + offset * across[k];
        tone.between(at(0), at(1))
    };
    let gaps = ruler.ticks.saturating_sub(1);
    let first = MARGIN.1 as usize;
    let last = (depth - MARGIN.1).max(0.0) as usize;
    (first..last.saturating_sub(LINES)).any(|line| {
        let mean = |ticks: f32| {
            (line..line + LINES).map(|offset| value(ticks, offset as f32)).sum::<f32>() / LINES as f32
        };
        PARTS.iter().any(|&parts| {
            let part = 1.0 / parts as f32;
            let ripples: Vec<f32> = (0..gaps).map(|gap| ripple(&mean, gap as f32, part)).collect();
            stands_out(&ripples)
        })
    })
}

/// By how much finer ticks would be of the colour of the found ones, levels, in the mean over one distance of two.
fn ripple(mean: &impl Fn(f32) -> f32, gap: f32, part: f32) -> f32 {
    let sign = if mean(gap) < mean(gap + 0.5) { -1.0 } else { 1.0 };
    let (mut sum, mut count, mut at) = (0.0, 0.0_f32, part);
    while at < 1.0 - CLEAR {
        if at >= CLEAR {
            let beside = 0.5 * (mean(gap + at - 0.5 * part) + mean(gap + at + 0.5 * part));
            sum += sign * (mean(gap + at) - beside);
            count += 1.0;
        }
        at += part;
    }
    sum / count.max(1.0)
}

fn stands_out(ripples: &[f32]) -> bool {
    let n = ripples.len() as f32;
    if ripples.len() < 3 {
        return false;
    }
    let mean = ripples.iter().sum::<f32>() / n;
    let variance = ripples.iter().map(|r| (r - mean) * (r - mean)).sum::<f32>() / (n - 1.0);
    mean >= LEAST_LEVELS && mean >= LEAST_OVER_ERROR * libm::sqrtf(variance / n)
}
