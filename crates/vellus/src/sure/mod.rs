//! How far a count and a diameter may be off.
//!
//! Figures of a photo and its hairs → [`CountError`], relative error of a width.
//!
//! A hair that was never proposed has no confidence, and a width that was read on the wrong pixels fits them well. How often
//! that happens shows only where the truth is known: on drawn scalps of many conditions. `intervals/fit.py` fits the mean
//! and the spread of the log of true over found hairs, and of read over true widths, to plain figures that a photo has
//! (how dark its hair is, how much of what is dark it explains, how sure its hairs are); here they are applied. Coverage on
//! photos that the fit has not seen is in the README.

mod fitted;

use crate::appearance::Appearance;
use crate::estimate::Z95;
use crate::hair::{DiameterBasis, Hair, NotCounted};
use crate::median::median;
use crate::profile::USUAL_BLUR_PX;

/// How a count relates to the truth: mean and standard deviation of the log of true over found hairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountError {
    mean: f64,
    sd: f64,
}

/// Largest bias of the log of true over found hairs that the fit is trusted with, either way: what drawn photos reach, …
const MOST_BIAS: f64 = 1.5;
/// … and largest standard deviation.
const MOST_SPREAD: f64 = 2.0;
/// Variance of the log of a count of one hair, beyond what is fitted; `fit.py` has it, too.
const OF_ONE_HAIR: f64 = 0.02;
/// Standard deviation of the log of a count without a scale over one with it: the root mean square over eight photos of
/// other devices.
const WITHOUT_SCALE: f64 = 0.27;

impl CountError {
    /// 95 % interval of the true number of hairs where `count` were found. A bias that drawn scalps have may be none on this
    /// photo: it widens the interval on its side and moves neither end inwards.
    pub fn interval(&self, count: f64) -> [f64; 2] {
        let half = Z95 * self.sd;
        let end = |by: f64| (count + 1.0) * libm::exp(by) - 1.0;
        [end(self.mean.min(0.0) - half).clamp(0.0, count), end(self.mean.max(0.0) + half).max(count)]
    }
}

/// The error of the count of a photo with these hairs.
pub fn count_error(
    seen: &Appearance,
    hairs: &[Hair],
    blur_sigma_px: Option<f64>,
    scaled: bool,
) -> CountError {
    let figures = of_photo(seen, hairs, blur_sigma_px);
    let found = hairs.iter().filter(|hair| hair.counted).count() as f64;
    let spread = libm::hypot(sd(&figures, &fitted::COUNT_SPREAD), (OF_ONE_HAIR / (found + 1.0)).sqrt());
    let own = fitted::COUNT_FACTOR * spread.min(MOST_SPREAD);
    let without_scale = if scaled { 0.0 } else { WITHOUT_SCALE };
    let mean = dot(&figures, &fitted::COUNT_MEAN).clamp(-MOST_BIAS, MOST_BIAS);
    // Where the photo is out of focus, none of as many hairs as elsewhere may have been found.
    let hidden = -libm::log(1.0 - seen.unsharp_fraction.min(0.9));
    let mean = if hidden > 0.0 { mean.max(hidden) } else { mean };
    CountError { mean, sd: libm::hypot(own, without_scale) }
}

/// Standard error of a hair's width, as a share of it: what is left of the bias, and the spread. `reading` is its standard error
/// as read and `spread` the standard deviation along it, both as shares of the width.
pub(crate) fn width_error(seen: &Appearance, hair: &Hair, blur_px: f64, reading: f64, spread: f64) -> f64 {
    let Some(width_px) = hair.width_px else { return 0.0 };
    let figures = of_hair(seen, width_px, hair, blur_px, reading, spread);
    let fitted = libm::hypot(sd(&figures, &fitted::WIDTH_SPREAD), dot(&figures, &fitted::WIDTH_MEAN));
    (fitted::WIDTH_FACTOR * fitted).max(reading)
}

/// Error that widths read by colour have in common, as a share: drawn white hair of one maker is read 3 % too thin, of another
/// 15 % too wide.
pub(crate) const BY_COLOUR: f64 = 0.08;

/// Standard error of a photo's mean diameter that more hairs do not lower, µm: what their own standard errors have in common.
pub(crate) fn shared_error_um<'a>(counted: impl Iterator<Item = &'a Hair>) -> f64 {
    let (mut n, mut squares, mut by_colour) = (0.0_f64, 0.0, 0.0);
    for (hair, error) in counted.filter_map(|hair| Some((hair, hair.diameter_se_um?))) {
        n += 1.0;
        squares += error * error;
        if hair.diameter_basis == Some(DiameterBasis::Colour) {
            by_colour += BY_COLOUR * hair.diameter_um.unwrap_or(0.0);
        }
    }
    let n = n.max(1.0);
    libm::hypot((fitted::WIDTH_SHARED * squares / n).sqrt(), by_colour / n)
}

/// Number of figures of a photo.
const OF_COUNT: usize = 12;
/// Number of figures of a hair.
const OF_WIDTH: usize = 9;

/// What tells how many hairs are missed or invented; `OF_COUNT` of `intervals/fit.py`.
fn of_photo(seen: &Appearance, hairs: &[Hair], blur_sigma_px: Option<f64>) -> [f64; OF_COUNT] {
    let counted = || hairs.iter().filter(|hair| hair.counted);
    let n = counted().count() as f64;
    let sure = counted().map(|hair| hair.confidence).sum::<f64>();
    let confidence = if n > 0.0 { sure / n } else { 0.5 };
    let blur = blur_sigma_px.unwrap_or(f64::from(USUAL_BLUR_PX));
    let widths: Vec<f64> = counted().filter_map(|hair| hair.width_px).collect();
    let slender: Vec<f64> =
        counted().filter_map(|hair| Some(hair.length_px / hair.width_px?.max(0.5))).collect();
    let width = median(&widths).unwrap_or(6.0 * blur);
    let away = [Some(NotCounted::PassesThrough), Some(NotCounted::RootOutsideRegion)];
    let through = hairs.iter().filter(|hair| away.contains(&hair.not_counted)).count() as f64;
    let explained = seen.explained_fraction.unwrap_or(1.0);
    let (dark, bright) = (seen.dark_fraction, seen.bright_fraction);
    [
        1.0,
        seen.hair_opacity.min(1.0),
        clear(seen),
        explained,
        confidence,
        libm::log(n + 1.0),
        libm::log(bright.min(0.2) + 0.002),
        libm::log(1.02 - confidence),
        libm::log((dark * (1.0 - explained) + bright + 0.001) / (dark + 0.005)),
        libm::log((width / blur).clamp(0.5, 30.0)),
        libm::log(median(&slender).unwrap_or(8.0).clamp(1.0, 60.0)),
        libm::log(1.0 + through / (n + 1.0)),
    ]
}

/// What tells how well a width is read; `OF_WIDTH` of `intervals/fit.py`.
fn of_hair(
    seen: &Appearance,
    width_px: f64,
    hair: &Hair,
    blur_px: f64,
    reading: f64,
    spread: f64,
) -> [f64; OF_WIDTH] {
    let stands_free = !matches!(hair.diameter_basis, Some(DiameterBasis::Beside | DiameterBasis::Outline));
    [
        1.0,
        seen.hair_opacity.min(1.0),
        clear(seen),
        libm::log((width_px.max(0.5) / blur_px).clamp(0.5, 30.0)),
        libm::log(reading.clamp(1e-3, 1.0)),
        libm::log(spread.clamp(1e-2, 1.0)),
        hair.confidence,
        libm::log((hair.length_px / width_px.max(0.5)).clamp(1.0, 60.0)),
        if stands_free { 0.0 } else { 1.0 },
    ]
}

/// Log of the usual hair's opacity over the skin's texture.
fn clear(seen: &Appearance) -> f64 {
    libm::log((seen.hair_opacity / seen.texture_sd.max(0.005)).clamp(1.0, 100.0))
}

fn dot<const N: usize>(figures: &[f64; N], weights: &[f64; N]) -> f64 {
    figures.iter().zip(weights).map(|(figure, weight)| figure * weight).sum()
}

/// Standard deviation by its log, within what was fitted.
fn sd<const N: usize>(figures: &[f64; N], weights: &[f64; N]) -> f64 {
    libm::exp(dot(figures, weights).clamp(-6.0, 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALP: Appearance = Appearance {
        hair_opacity: 0.9,
        texture_sd: 0.03,
        dark_fraction: 0.05,
        explained_fraction: Some(0.85),
        bright_fraction: 0.001,
        skin_evenness: 0.7,
        skin_colour: [0.4, 0.33, 0.27],
        skin_brightness: 0.4,
        foreign_fraction: 0.0,
        unsharp_fraction: 0.0,
        usual_line_px: Some(13.0),
        single_line_px: Some(13.0),
    };

    #[test]
    fn a_count_lies_in_its_interval_and_an_interval_is_never_negative() {
        for mean in [-1.0, 0.0, 1.0] {
            let error = CountError { mean, sd: 0.2 };
            for count in [0.0, 1.0, 40.0] {
                let [low, high] = error.interval(count);
                assert!(0.0 <= low && low <= count && count <= high, "{low} {count} {high}");
            }
        }
        // Where hairs are missed for sure, the interval reaches as far.
        let [low, high] = CountError { mean: libm::log(2.0), sd: 0.1 }.interval(19.0);
        assert!((15.0..19.0).contains(&low), "{low}");
        assert!((44.0..52.0).contains(&high), "{high}");
    }

    #[test]
    fn no_scale_makes_a_count_less_sure() {
        let with = count_error(&SCALP, &[], Some(1.1), true);
        let without = count_error(&SCALP, &[], Some(1.1), false);
        assert!(without.sd > with.sd.max(WITHOUT_SCALE));
    }

    #[test]
    fn a_part_out_of_focus_may_hide_as_many_hairs() {
        let error = count_error(&Appearance { unsharp_fraction: 0.5, ..SCALP }, &[], Some(1.1), true);
        let [_, high] = CountError { sd: 0.0, ..error }.interval(40.0);
        assert!(high >= 80.0, "{high}");
    }

    #[test]
    fn figures_stay_finite_for_any_photo() {
        let odd = Appearance {
            hair_opacity: 0.0,
            texture_sd: 0.0,
            dark_fraction: 0.0,
            explained_fraction: None,
            bright_fraction: 1.0,
            ..SCALP
        };
        let error = count_error(&odd, &[], None, true);
        assert!(error.mean.is_finite() && error.sd.is_finite());
    }
}
