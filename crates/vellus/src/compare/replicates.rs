//! Several photos of a visit: how well this site and operator repeat, and a change with less error.
//!
//! Photos of one visit are compared with each other as two visits are; nothing changed between them, so that what they
//! differ by is the error of measurement. SEM = √(mean d² / 2) per quantity, d over the pairs of one visit (Bland and
//! Altman 1996, doi:10.1136/bmj.312.7047.1654); the smallest detectable change of the mean of k photos is
//! 1.96 · √2 · SEM / √k.

use crate::comparison::{Comparison, NamedValue, QuantityChange, Repeatability};

use super::conditions::Conditions;
use super::quantity::{Reading, round};
use super::{CompareError, CompareOptions, Pair, Shot, compare_with};

/// Names and fields of the quantities of a [`crate::comparison::Change`].
pub fn quantities(comparison: &Comparison) -> [(&'static str, Option<QuantityChange>); 10] {
    let c = &comparison.change;
    [
        ("hair_count", c.hair_count),
        ("density_per_cm2", c.density_per_cm2),
        ("non_vellus_count_30um", c.non_vellus_count_30um),
        ("non_vellus_count_40um", c.non_vellus_count_40um),
        ("mean_diameter_um", c.mean_diameter_um),
        ("median_diameter_um", c.median_diameter_um),
        ("matched_hair_diameter_um", c.matched_hair_diameter_um),
        ("cumulative_thickness_mm_per_cm2", c.cumulative_thickness_mm_per_cm2),
        ("units_per_cm2", c.units_per_cm2),
        ("hairs_per_unit", c.hairs_per_unit),
    ]
}

/// Compares two visits of one or more photos each. The record is that of the first photos; its differences are the mean
/// over the photos taken in turn, its errors those that the replicates show.
///
/// # Errors
/// As [`super::compare`]; as [`CompareError::Among`] with the two photos where there are more.
pub fn compare_replicates(
    baseline: &[Shot],
    follow_up: &[Shot],
    options: &CompareOptions,
) -> Result<Comparison, CompareError> {
    let (Some(first), Some(later)) = (baseline.first(), follow_up.first()) else {
        return Err(CompareError::TooFewPhotos { given: baseline.len().min(follow_up.len()), least: 1 });
    };
    if baseline.len() == 1 && follow_up.len() == 1 {
        return compare_with(first, later, options, None).map(|pair| pair.comparison);
    }
    let photos = baseline.len() + follow_up.len();
    // Every photo takes part, the shorter visit's more than once.
    let mut across = Vec::new();
    for k in 0..baseline.len().max(follow_up.len()) {
        let [b, f] = [k % baseline.len(), k % follow_up.len()];
        let pair = compare_with(&baseline[b], &follow_up[f], options, None);
        across.push(pair.map_err(|reason| reason.among([b, baseline.len() + f], photos))?);
    }
    let mut within = within_visit(baseline, options, 0, photos)?;
    within.extend(within_visit(follow_up, options, baseline.len(), photos)?);
    let mut comparison = across[0].comparison.clone();
    let harmonic = 2.0 / (1.0 / baseline.len() as f64 + 1.0 / follow_up.len() as f64);
    let mut sems = Vec::new();
    let mut readings = across[0].readings;
    let names = quantities(&comparison).map(|(name, _)| name);
    for (k, slot) in readings.0.iter_mut().enumerate() {
        let still: Vec<f64> = within.iter().filter_map(|pair| pair.readings.0[k]).map(still).collect();
        let changes: Vec<Reading> = across.iter().filter_map(|pair| pair.readings.0[k]).collect();
        let Some(single) = slot.filter(|_| !still.is_empty()) else { continue };
        let sem = pooled_sem(&still, single.repeat_sd);
        sems.push(NamedValue { quantity: names[k].to_owned(), value: round(sem) });
        let n = changes.len() as f64;
        let mean = |pick: &dyn Fn(&Reading) -> f64| changes.iter().map(pick).sum::<f64>() / n;
        *slot = Some(Reading {
            baseline: mean(&|r| r.baseline),
            follow_up: mean(&|r| r.follow_up),
            // What the photos share does not average out.
            own_error: mean(&|r| r.own_error),
            raised: mean(&|r| r.raised),
            raise_error: mean(&|r| r.raise_error),
            ..Reading::of_repeat(std::f64::consts::SQRT_2 * sem / harmonic.sqrt())
        });
    }
    let conditions: Vec<&Conditions> = across.iter().map(|pair| &pair.comparison.conditions).collect();
    let conditions = Conditions::mean(&conditions);
    comparison.change = readings.biased(conditions.biases_percent()).change();
    comparison.findings.retain(|finding| !finding.code.is_of_conditions());
    comparison.findings.extend(conditions.findings());
    comparison.conditions = conditions;
    comparison.repeatability = Some(Repeatability {
        baseline_photos: baseline.len() as u32,
        follow_up_photos: follow_up.len() as u32,
        pairs: within.len() as u32,
        standard_error_of_measurement: sems,
    });
    Ok(comparison)
}

/// Pairs that the default error counts for: with few pairs of its own a site's error is mostly the usual one.
const DEFAULT_PAIRS: f64 = 2.0;

/// SEM of the pairs, with the usual error as a prior worth [`DEFAULT_PAIRS`] pairs: three pairs alone leave a standard
/// deviation uncertain by a factor of two.
fn pooled_sem(squares: &[f64], default_sd: f64) -> f64 {
    let sum: f64 = squares.iter().sum::<f64>() + DEFAULT_PAIRS * default_sd * default_sd;
    (sum / (2.0 * (squares.len() as f64 + DEFAULT_PAIRS))).sqrt()
}

/// Square of what two photos of unchanged hair differ by. What was raised is as if it had not been: the error of repetition is
/// raised with the change that it is the error of ([`Reading::change`]).
fn still(reading: Reading) -> f64 {
    ((reading.follow_up - reading.baseline) / reading.raised).powi(2)
}

/// Photos of one visit against each other; the first of them is number `from` of all `photos`.
fn within_visit(
    shots: &[Shot],
    options: &CompareOptions,
    from: usize,
    photos: usize,
) -> Result<Vec<Pair>, CompareError> {
    let options = CompareOptions { interval_h: None, ..*options };
    let mut within = Vec::new();
    for j in 1..shots.len() {
        for i in 0..j {
            let pair = compare_with(&shots[i], &shots[j], &options, None);
            within.push(pair.map_err(|reason| reason.among([from + i, from + j], photos))?);
        }
    }
    Ok(within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::ChangeVerdict;

    #[test]
    fn many_pairs_outweigh_the_default() {
        let squares = vec![8.0; 1000];
        assert!((pooled_sem(&squares, 100.0) - 2.0).abs() < 2.5, "√(8 / 2) = 2, and a little");
        assert!((pooled_sem(&[2.0; 2], 2.0_f64.sqrt()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_difference_that_was_raised_is_held_against_an_error_that_is_raised_alike() {
        let of = |raised: f64| Reading {
            baseline: 40.0,
            follow_up: 40.0 + 3.0 * raised,
            raised,
            ..Reading::of_repeat(1.0)
        };
        assert!((still(of(1.6)) - 9.0).abs() < 1e-9 && (still(of(1.0)) - 9.0).abs() < 1e-9);
        // 3 hairs seen, ± 1.8 by repeat photos: beyond them. 3 seen and raised to 4.8, ± 2.7, is not beyond 1.6 times that.
        let with = |sem: f64, raised| {
            Reading { repeat_sd: std::f64::consts::SQRT_2 * sem, ..of(raised) }.change().verdict
        };
        for raised in [1.0, 1.6] {
            assert_eq!(with(1.0, raised), ChangeVerdict::Increase, "{raised}");
            assert_eq!(with(1.2, raised), ChangeVerdict::WithinError, "{raised}");
        }
    }
}
