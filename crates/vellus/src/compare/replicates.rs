//! Several photos of a visit: how well this site and operator repeat, and a change with less error.
//!
//! Photos of one visit are compared with each other as two visits are; nothing changed between them, so that what they
//! differ by is the error of measurement. SEM = √(mean d² / 2) per quantity, d over the pairs of one visit (Bland and
//! Altman 1996, doi:10.1136/bmj.312.7047.1654); the smallest detectable change of the mean of k photos is
//! 1.96 · √2 · SEM / √k.

use crate::comparison::{Comparison, NamedValue, QuantityChange, Repeatability};

use super::conditions::Conditions;
use super::quantity::{Reading, round};
use super::repeat::RepeatError;
use super::{CompareError, CompareOptions, Shot, compare_with};

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

/// The fields that [`quantities`] reads, to be changed.
fn quantities_mut(comparison: &mut Comparison) -> [&mut Option<QuantityChange>; 10] {
    let c = &mut comparison.change;
    [
        &mut c.hair_count,
        &mut c.density_per_cm2,
        &mut c.non_vellus_count_30um,
        &mut c.non_vellus_count_40um,
        &mut c.mean_diameter_um,
        &mut c.median_diameter_um,
        &mut c.matched_hair_diameter_um,
        &mut c.cumulative_thickness_mm_per_cm2,
        &mut c.units_per_cm2,
        &mut c.hairs_per_unit,
    ]
}

/// Compares two visits of one or more photos each. The record is that of the first photos; its differences are the mean
/// over the photos taken in turn, its errors those that the replicates show.
///
/// # Errors
/// As [`super::compare`], for any of the photos.
pub fn compare_replicates(
    baseline: &[Shot],
    follow_up: &[Shot],
    options: &CompareOptions,
) -> Result<Comparison, CompareError> {
    let (Some(first), Some(later)) = (baseline.first(), follow_up.first()) else {
        return Err(CompareError::TooFewPhotos { given: baseline.len().min(follow_up.len()), least: 1 });
    };
    let (mut comparison, _) = compare_with(first, later, options, None)?;
    if baseline.len() == 1 && follow_up.len() == 1 {
        return Ok(comparison);
    }
    let within = within_visits(baseline, options)?.into_iter().chain(within_visits(follow_up, options)?);
    let within: Vec<Comparison> = within.collect();
    // Every photo takes part, the shorter visit's more than once.
    let turns = baseline.len().max(follow_up.len());
    let mut across = vec![comparison.clone()];
    for k in 1..turns {
        let (b, f) = (&baseline[k % baseline.len()], &follow_up[k % follow_up.len()]);
        across.push(compare_with(b, f, options, None)?.0);
    }
    let photos = 2.0 / (1.0 / baseline.len() as f64 + 1.0 / follow_up.len() as f64);
    let mut sems = Vec::new();
    let read: Vec<_> = across.iter().map(quantities).collect();
    let repeats: Vec<_> = within.iter().map(quantities).collect();
    for (k, slot) in quantities_mut(&mut comparison).into_iter().enumerate() {
        let Some(single) = *slot else { continue };
        let squares: Vec<f64> =
            repeats.iter().filter_map(|r| r[k].1).map(|q| q.difference * q.difference).collect();
        let changes: Vec<QuantityChange> = read.iter().filter_map(|r| r[k].1).collect();
        if squares.is_empty() || changes.is_empty() {
            continue;
        }
        let default_sd = single.smallest_detectable_change / crate::estimate::Z95;
        let sem = pooled_sem(&squares, default_sd);
        sems.push(NamedValue { quantity: read[0][k].0.to_owned(), value: round(sem) });
        let n = changes.len() as f64;
        let mean = |pick: &dyn Fn(&QuantityChange) -> f64| changes.iter().map(pick).sum::<f64>() / n;
        // What this pair alone tells of its error beyond repetition; what the photos share does not average out.
        let own = (single.standard_error.powi(2) - default_sd.powi(2)).max(0.0).sqrt();
        *slot = Some(
            Reading {
                baseline: mean(&|q| q.baseline),
                follow_up: mean(&|q| q.follow_up),
                own_error: own,
                raised: 1.0,
                raise_error: 0.0,
                repeat_sd: std::f64::consts::SQRT_2 * sem / photos.sqrt(),
            }
            .change(),
        );
    }
    let conditions: Vec<&Conditions> = across.iter().map(|comparison| &comparison.conditions).collect();
    let conditions = Conditions::mean(&conditions);
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

fn within_visits(shots: &[Shot], options: &CompareOptions) -> Result<Vec<Comparison>, CompareError> {
    let still = CompareOptions { interval_h: None, ..*options };
    let none = RepeatError {
        count: 0.0,
        count_30um: 0.0,
        count_40um: 0.0,
        mean_diameter_um: 0.0,
        median_diameter_um: 0.0,
        matched_hair_diameter_um: 0.0,
        thickness_mm: 0.0,
        units: 0.0,
        hairs_per_unit: 0.0,
    };
    let mut within = Vec::new();
    for j in 1..shots.len() {
        for i in 0..j {
            within.push(compare_with(&shots[i], &shots[j], &still, Some(&none))?.0);
        }
    }
    Ok(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pairs_outweigh_the_default() {
        let squares = vec![8.0; 1000];
        assert!((pooled_sem(&squares, 100.0) - 2.0).abs() < 2.5, "√(8 / 2) = 2, and a little");
        assert!((pooled_sem(&[2.0; 2], 2.0_f64.sqrt()) - 1.0).abs() < 1e-12);
    }
}
