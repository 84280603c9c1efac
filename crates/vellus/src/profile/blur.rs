//! The photo's blur and its change over the field, by the edges of its wider shafts.
//!
//! Blur of stretches of shafts and where these lie → [`Blur`].
//!
//! A lens is sharpest at some distance and, mostly, in the middle: the blur is fitted with `β₀ + β₁ x + β₂ y + β₃ r²`, robustly
//! (Huber's weights, doi:10.1214/aoms/1177703732), if that explains the shafts better than one number by Schwarz's criterion
//! (doi:10.1214/aos/1176344136). How far shafts scatter around it says how far any shaft's blur may be from that of its
//! place: hair stands above the skin.

use std::collections::BTreeSet;

use nalgebra::{SMatrix, SVector};

use crate::median::upper_median_of;

/// Blur of a photo that shows no shaft wide enough to tell, px: a sharp lens, a colour mosaic and JPEG together, …
pub const USUAL_BLUR_PX: f32 = 1.1;
/// … and how far one photo's is from another's, standard deviation, px: drawn and clinic photos have 0.6 to 1.6.
const USUAL_SPREAD_PX: f32 = 0.25;
/// Blurs that a fit may come to, px; anything else is a fit of something else.
const POSSIBLE_PX: [f32; 2] = [0.3, 6.0];
/// Fewest stretches of shafts that tell the blur, and fewest shafts that tell its change over the field: six per parameter.
const LEAST_STRETCHES: usize = 5;
const LEAST_FOR_FIELD: usize = 24;
/// Parameters of the change over the field.
const N: usize = 4;
/// Huber's limit, standard deviations: 95 % as efficient as the mean where all is normal.
const HUBER: f64 = 1.345;
/// Median absolute deviation of a standard normal.
const MAD: f64 = 0.6745;
/// Least scatter of shafts around the field's blur, px: what the bar itself misses of a shaft's edge.
const LEAST_SPREAD_PX: f32 = 0.05;

/// The blur of a stretch of a shaft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Which shaft.
    pub shaft: usize,
    /// Middle of the shaft, px.
    pub at_px: [f32; 2],
    /// The stretch's blur, standard deviation, px.
    pub sigma_px: f32,
}

/// Standard deviation of the photo's blur over the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blur {
    /// That of the usual shaft, px.
    pub sigma_px: f32,
    /// Standard error of `sigma_px`, px.
    pub se_px: f32,
    /// How far that of a shaft is from that of its place, standard deviation, px.
    pub spread_px: f32,
    /// It comes from the photo, not from [`USUAL_BLUR_PX`].
    pub measured: bool,
    /// Least and largest over the field, px.
    pub range_px: [f32; 2],
    /// By how much it differs from `sigma_px` at a place, by [`Field::terms`].
    change: [f64; N],
    field: Field,
}

/// Where the field lies.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Field {
    /// Its middle, px.
    middle_px: [f64; 2],
    /// Half of its longer side, px.
    half_px: f64,
}

impl Field {
    fn of([width, height]: [usize; 2]) -> Self {
        Self {
            middle_px: [0.5 * width as f64, 0.5 * height as f64],
            half_px: 0.5 * width.max(height).max(1) as f64,
        }
    }

    /// The terms of the change: one, x and y from the middle, and their distance squared.
    fn terms(&self, at_px: [f32; 2]) -> SVector<f64, N> {
        let [x, y] = [0, 1].map(|i| (f64::from(at_px[i]) - self.middle_px[i]) / self.half_px);
        SVector::from([1.0, x, y, x * x + y * y])
    }
}

impl Blur {
    /// The same all over the field, and not told by the photo.
    pub(crate) fn usual(sigma_px: f32) -> Self {
        Self {
            sigma_px,
            se_px: USUAL_SPREAD_PX,
            spread_px: USUAL_SPREAD_PX,
            measured: false,
            range_px: [sigma_px; 2],
            change: [0.0; N],
            field: Field::of([1, 1]),
        }
    }

    /// That of a photo by its shafts; `usual_px` if too few tell it.
    pub(super) fn of(seen: &[Seen], usual_px: f32, size_px: [usize; 2]) -> Self {
        let possible = POSSIBLE_PX[0]..POSSIBLE_PX[1];
        let seen: Vec<Seen> = seen.iter().copied().filter(|s| possible.contains(&s.sigma_px)).collect();
        if seen.len() < LEAST_STRETCHES {
            return Self::usual(usual_px);
        }
        let field = Field::of(size_px);
        let shafts = seen.iter().map(|s| s.shaft).collect::<BTreeSet<_>>().len();
        let constant = sharper_half(seen.iter().map(|s| s.sigma_px).collect());
        let even = spread(seen.iter().map(|s| s.sigma_px - constant).collect());
        let blur = |change: [f64; N], spread_px: f32| {
            let mut blur = Self { change, field, spread_px, measured: true, ..Self::usual(constant) };
            blur.se_px = spread_px / (shafts as f32).sqrt();
            blur.range_px = blur.over_field(&seen);
            blur
        };
        let one = blur([0.0; N], even);
        if shafts < LEAST_FOR_FIELD {
            return one;
        }
        let Some(fitted) = fit(&seen, &field) else { return one };
        let off = |s: &Seen| s.sigma_px - fitted.dot(&field.terms(s.at_px)) as f32;
        let left = spread(seen.iter().map(off).collect());
        // Stretches of one shaft say the same.
        let n = shafts as f32;
        let gain = 2.0 * n * libm::logf(even / left);
        if gain <= (N - 1) as f32 * libm::logf(n) {
            return one;
        }
        // The fit goes through the middle of the shafts; the field, as the constant, through the sharper ones.
        let sharper = sharper_half(seen.iter().map(off).collect());
        let mut change: [f64; N] = fitted.into();
        change[0] += f64::from(sharper - constant);
        blur(change, left)
    }

    /// At a place, px; no less and no more than where shafts tell it.
    pub fn at(&self, at_px: [f32; 2]) -> f32 {
        self.fitted_at(at_px).clamp(self.range_px[0], self.range_px[1])
    }

    fn fitted_at(&self, at_px: [f32; 2]) -> f32 {
        self.sigma_px + SVector::from(self.change).dot(&self.field.terms(at_px)) as f32
    }

    /// The same for places that are told from another corner, which lies at `corner_px` of it.
    pub(crate) fn moved(self, corner_px: [usize; 2]) -> Self {
        let [x, y] = self.field.middle_px;
        let middle_px = [x + corner_px[0] as f64, y + corner_px[1] as f64];
        Self { field: Field { middle_px, ..self.field }, ..self }
    }

    /// Least and largest at the shafts that told it: beyond them it would be a guess.
    fn over_field(&self, seen: &[Seen]) -> [f32; 2] {
        let [least, most] = POSSIBLE_PX;
        seen.iter()
            .map(|s| self.fitted_at(s.at_px).clamp(least, most))
            .fold([f32::MAX, f32::MIN], |[a, b], v| [a.min(v), b.max(v)])
    }
}

/// Shafts that lie above or below the plane of focus only add blur: not the middle one, but one that is a little sharper.
fn sharper_half(mut sigmas: Vec<f32>) -> f32 {
    sigmas.sort_by(f32::total_cmp);
    sigmas[sigmas.len() * 2 / 5]
}

/// Robust standard deviation around the median.
fn spread(off: Vec<f32>) -> f32 {
    let middle = upper_median_of(off.clone());
    let mad = upper_median_of(off.into_iter().map(|v| (v - middle).abs()));
    (mad / MAD as f32).max(LEAST_SPREAD_PX)
}

/// Robust fit of the change over the field.
fn fit(seen: &[Seen], field: &Field) -> Option<SVector<f64, N>> {
    let mut fitted = SVector::<f64, N>::zeros();
    let mut weights = vec![1.0; seen.len()];
    for _ in 0..10 {
        let mut normal = SMatrix::<f64, N, N>::zeros();
        let mut right = SVector::<f64, N>::zeros();
        for (s, &weight) in seen.iter().zip(&weights) {
            let terms = field.terms(s.at_px);
            normal += weight * terms * terms.transpose();
            right += weight * f64::from(s.sigma_px) * terms;
        }
        fitted = normal.cholesky()?.solve(&right);
        let off: Vec<f32> =
            seen.iter().map(|s| s.sigma_px - fitted.dot(&field.terms(s.at_px)) as f32).collect();
        let limit = HUBER * f64::from(spread(off.clone()));
        weights = off.iter().map(|off| (limit / f64::from(off.abs()).max(1e-9)).min(1.0)).collect();
    }
    Some(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [usize; 2] = [1200, 900];

    /// Shafts all over the field whose blur is as told; every tenth is out of the plane of focus.
    fn field(n: usize, sigma: impl Fn([f32; 2]) -> f32) -> Vec<Seen> {
        (0..n)
            .map(|k| {
                let at_px = [(k * 577 % 1200) as f32, (k * 331 % 900) as f32];
                let off = 0.04 * ((k * 7919 % 101) as f32 / 50.0 - 1.0) + if k % 10 == 0 { 1.5 } else { 0.0 };
                Seen { shaft: k, at_px, sigma_px: sigma(at_px) + off }
            })
            .collect()
    }

    #[test]
    fn a_ramp_is_followed_and_an_even_blur_stays_one_number() {
        let blur = Blur::of(&field(80, |_| 1.2), 1.1, SIZE);
        assert!(blur.measured && (blur.sigma_px - 1.2).abs() < 0.04, "{blur:?}");
        assert_eq!(blur.at([0.0, 0.0]), blur.at([1199.0, 899.0]));
        assert_eq!(blur.range_px, [blur.sigma_px; 2]);

        let ramp = |[x, y]: [f32; 2]| 0.9 + 0.6 * x / 1200.0 + 0.2 * y / 900.0;
        let blur = Blur::of(&field(80, ramp), 1.1, SIZE);
        for place in [[50.0, 60.0], [600.0, 450.0], [1150.0, 800.0]] {
            assert!(
                (blur.at(place) - ramp(place)).abs() < 0.08,
                "{place:?}: {} for {}",
                blur.at(place),
                ramp(place)
            );
        }
        assert!(blur.range_px[0] < 1.05 && blur.range_px[1] > 1.5, "{:?}", blur.range_px);
        assert!(blur.spread_px < 0.1, "{}", blur.spread_px);
    }

    #[test]
    fn too_little_tells_no_blur() {
        let blur = Blur::of(&field(4, |_| 2.0), USUAL_BLUR_PX, SIZE);
        assert!(!blur.measured);
        assert_eq!(blur.at([3.0, 4.0]), USUAL_BLUR_PX);
        assert!(blur.se_px >= USUAL_SPREAD_PX);
    }
}
