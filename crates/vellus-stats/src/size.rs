//! How many subjects a next trial needs, from the scatter that this one shows.
//!
//! Per arm, two equal arms, two-sided 5 %: n = 2 (z₀.₉₇₅ + z_power)² SD² / δ², rounded up, by the normal distribution (which
//! is a subject or two short below twenty). SD is that of the change within
//! arms; ANCOVA leaves less, see its residual. With two photos
//! at every visit half of the error of measurement goes: SD² less half of its mean variance.

use serde::Serialize;

use crate::arms::{Group, is_named, values};
use crate::sample::{mean, squares, z_quantile};
use crate::units::NO_ARM;

/// Differences to tell, % of the mean at the baseline: treatments change counts by 5 to 20 %.
const EFFECTS_PERCENT: [f64; 3] = [5.0, 10.0, 20.0];
/// Probabilities to tell them.
const POWERS: [f64; 2] = [0.8, 0.9];

/// Fewest subjects of an arm that have a scatter.
const LEAST: u64 = 2;

/// Subjects per arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleSize {
    /// The quantity.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// The visit.
    pub visit: String,
    /// `change` or `change_two_photos`: how it would be measured and compared.
    pub design: &'static str,
    /// Standard deviation that it has to stand out from.
    pub sd: f64,
    /// Share of the variance of the change that is error of measurement, 0 to 1.
    pub measurement_share: f64,
    /// Difference between the arms to tell, % of the mean at the baseline.
    pub effect_percent: f64,
    /// The same in the unit of the quantity.
    pub effect: f64,
    /// Probability to tell it.
    pub power: f64,
    /// Subjects per arm.
    pub subjects_per_arm: u64,
}

/// Of a quantity and visit; none where no arm has two subjects or the baseline is zero.
pub fn sample_sizes(group: &Group) -> Vec<SampleSize> {
    // Subjects without an arm are a group of their own only where nobody has one.
    let by_arm = group.arms.keys().any(|arm| is_named(arm));
    let used = || group.arms.iter().filter(|(arm, _)| if by_arm { is_named(arm) } else { *arm == NO_ARM });
    let arms: Vec<Vec<f64>> = used().map(|(_, subjects)| values(subjects)).collect();
    let df: usize = arms.iter().map(|arm| arm.len() - 1).sum();
    let subjects = || used().flat_map(|(_, subjects)| subjects);
    let (Some(baseline), Some(error)) = (
        mean(&subjects().map(|subject| subject.baseline).collect::<Vec<_>>()),
        mean(&subjects().map(|subject| subject.error_variance).collect::<Vec<_>>()),
    ) else {
        return Vec::new();
    };
    let total = arms.iter().map(|arm| squares(arm)).sum::<f64>() / df as f64;
    if df == 0 || total <= 0.0 || baseline <= 0.0 {
        return Vec::new();
    }
    // A stated error above the scatter that there is cannot be all of it.
    let error = error.min(total);
    let designs = [("change", total), ("change_two_photos", total - 0.5 * error)];
    let mut sizes = Vec::new();
    for (design, variance) in designs {
        for effect_percent in EFFECTS_PERCENT {
            let effect = 1e-2 * effect_percent * baseline;
            sizes.extend(POWERS.map(|power| SampleSize {
                quantity: group.quantity.clone(),
                unit: group.unit.clone(),
                visit: group.visit.clone(),
                design,
                sd: variance.sqrt(),
                measurement_share: error / total,
                effect_percent,
                effect,
                power,
                subjects_per_arm: (subjects_per_arm(variance, effect, power).ceil() as u64).max(LEAST),
            }));
        }
    }
    sizes
}

/// Before it is rounded up.
pub fn subjects_per_arm(variance: f64, effect: f64, power: f64) -> f64 {
    let z = z_quantile(0.975) + z_quantile(power);
    2.0 * z * z * variance / (effect * effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_trial() {
        // SD 22 hairs/cm², 15 hairs/cm² to tell: 34 per arm.
        assert_eq!(subjects_per_arm(22.0 * 22.0, 15.0, 0.8).ceil(), 34.0);
        assert_eq!(subjects_per_arm(22.0 * 22.0, 8.0, 0.8).ceil(), 119.0);
    }
}
