//! What two photos of unchanged hair differ by, and what is never recognised.
//!
//! The defaults come from drawn pairs: see the README's section on accuracy. Replicates of a site and operator replace them.

use super::diameters::mean;
use super::fates::Fates;
use super::units::units;

/// By how much two photos of unchanged hair differ: standard deviation of each difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepeatError {
    /// Hairs of the common area.
    pub count: f64,
    /// Hairs of at least 30 µm.
    pub count_30um: f64,
    /// Hairs of at least 40 µm.
    pub count_40um: f64,
    /// Mean diameter, µm.
    pub mean_diameter_um: f64,
    /// Median diameter, µm.
    pub median_diameter_um: f64,
    /// Mean diameter of the hairs measured in both, µm.
    pub matched_hair_diameter_um: f64,
    /// Sum of the diameters of the common area, mm.
    pub thickness_mm: f64,
    /// Units of the common area.
    pub units: f64,
    /// Hairs per unit.
    pub hairs_per_unit: f64,
}

/// Standard deviation of the difference of two counts of unchanged hair, over the root of the hairs.
const COUNT_PER_ROOT: f64 = 0.2;
/// The same for the counts at 30 and 40 µm: diameters near the limit, too.
const CLASS_PER_ROOT: f64 = 0.3;
/// The same for a mean diameter, as a share of it: light and focus move all edges of a photo together.
const DIAMETER_SHARE: f64 = 0.025;
/// Standard deviation of the difference of two diameters of one hair beyond their fits' errors, as a share.
pub const HAIR_DIAMETER_SHARE: f64 = 0.07;
/// Standard deviation of the difference of two visible lengths of one hair, µm.
pub const LENGTH_SD_UM: f64 = 45.0;

impl RepeatError {
    /// What validation on drawn pairs of unchanged hair showed; see the README's section on accuracy.
    pub fn usual(fates: &Fates) -> Self {
        let n = (fates.both.len() as f64).max(1.0);
        let diameter = mean(fates.both.iter().flat_map(|b| b.diameter).flatten()).unwrap_or(0.0);
        let units = (units(fates).0[0]).max(1.0);
        Self {
            count: COUNT_PER_ROOT * n.sqrt(),
            count_30um: CLASS_PER_ROOT * n.sqrt(),
            count_40um: CLASS_PER_ROOT * n.sqrt(),
            mean_diameter_um: DIAMETER_SHARE * diameter,
            median_diameter_um: 1.25 * DIAMETER_SHARE * diameter,
            matched_hair_diameter_um: DIAMETER_SHARE * diameter,
            thickness_mm: 1e-3 * diameter * n * libm::hypot(DIAMETER_SHARE, COUNT_PER_ROOT / n.sqrt()),
            units: COUNT_PER_ROOT * units.sqrt(),
            hairs_per_unit: COUNT_PER_ROOT * n.sqrt() / units,
        }
    }
}

/// Share of the hairs lost or gained that are recognised as such, and its error. Where shafts touch, one that goes is taken for
/// its neighbour at times, and one that comes stands beside others and is fine. Measured on 24 drawn pairs of the own generator:
/// 0.7 of 76 hairs lost, 0.45 of 63 gained. One share for both, so that visits exchanged give the opposite change.
const RECOGNISED: f64 = 0.6;
const RECOGNISED_SE: f64 = 0.12;
/// Change to expect where there is one, as a share of the hairs: treatments and their absence move counts by 5 to 20 %.
const USUAL_CHANGE: f64 = 0.15;

/// How much more was lost and gained than was recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raise {
    /// Factor of the hairs lost and of those gained; at least 1.
    pub by: f64,
    /// Relative standard error of the factor.
    pub error: f64,
}

impl Raise {
    /// No more than was recognised.
    pub const NONE: Self = Self { by: 1.0, error: 0.0 };

    /// What recognised losses and gains say of all of them.
    ///
    /// Either nothing changed, so that the difference is error, or something did, and more than was recognised. Both are
    /// equally likely beforehand; how likely they are after the difference was seen weighs the two answers.
    pub fn of([lost, gained]: [f64; 2], hairs: f64, repeat_sd: f64) -> Self {
        let net = gained - lost;
        let still = repeat_sd * repeat_sd;
        let moved = still + (RECOGNISED * USUAL_CHANGE * hairs).powi(2);
        if still <= 0.0 {
            return Self::NONE;
        }
        let log_odds = 0.5 * (libm::log(still / moved) + net * net / still - net * net / moved);
        let changed = 1.0 / (1.0 + libm::exp(-log_odds.clamp(-30.0, 30.0)));
        Self { by: 1.0 + changed * (1.0 / RECOGNISED - 1.0), error: changed * RECOGNISED_SE / RECOGNISED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_error_is_hardly_raised_and_what_is_none_is() {
        // By hand: variances 1.96 and 22.21, log odds −0.98, so that change has a probability of 0.27.
        assert!((Raise::of([1.0, 0.0], 50.0, 1.4).by - 1.18).abs() < 0.01);
        assert!((Raise::of([9.0, 0.0], 50.0, 1.4).by - 1.0 / 0.6).abs() < 0.01);
        assert_eq!(Raise::of([9.0, 0.0], 50.0, 0.0), Raise::NONE);
    }
}
