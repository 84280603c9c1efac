//! How well photos repeat: [replicates](crate::replicates) of one subject, site and visit.
//!
//! n groups of k photos, x of the quantity.
//!
//! - SEM = √(mean square within groups), with the interval of a variance; smallest detectable change 1.96 · √2 · SEM (Bland
//!   and Altman 1996, doi:10.1136/bmj.312.7047.1654). All groups with two photos or more take part.
//! - CV: root mean square over groups of SD / mean.
//! - ICC(2,1), ICC(3,1), single photo, agreement and consistency, by two-way analysis of variance (Shrout and Fleiss 1979,
//!   doi:10.1037/0033-2909.86.2.420; intervals of McGraw and Wong 1996, doi:10.1037/1082-989X.1.1.30). The labels of the
//!   photos stand for the raters, and the groups that have the usual labels, these and no other, take part.
//! - Bland-Altman: second less first of the usual labels, of each group that has both; bias, limits bias ± 1.96 SD, and the interval of a limit by
//!   √(1/n + 1.96² / (2 (n − 1))) SD (1999, doi:10.1177/096228029900800204).
//!
//! The camera is put down anew for a replicate, so that skin that comes into the field or leaves it is part of this error.
//! Changes are told over common skin and repeat better.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::quantile::f_exceeded;
use crate::replicates::{Label, Replicates, Values};
use crate::sample::{Interval, chi_squared_quantile, mean, squares, t_quantile, variance};
use crate::table::PHOTO_QUANTITIES;

/// 97.5 % point of the normal distribution, as Bland and Altman round it.
const Z: f64 = 1.96;

/// How well one quantity repeats; all but counts and ratios in its unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repeatability {
    /// The quantity.
    pub quantity: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Subject, site and visit with two photos or more.
    pub groups: usize,
    /// Photos of them.
    pub photos: usize,
    /// Standard error of measurement of one photo.
    pub sem: Interval,
    /// Smallest detectable change between two photos.
    pub smallest_detectable_change: f64,
    /// Coefficient of variation within groups, %; `null` where a mean is zero.
    pub cv_percent: Option<f64>,
    /// Photos per group in the ICC.
    pub icc_photos: usize,
    /// Groups in the ICC.
    pub icc_groups: usize,
    /// Groups that are not in it: their photos have other labels, or labels that do not tell them apart.
    pub icc_groups_left_out: usize,
    /// Agreement of single photos; `null` with fewer than two groups.
    pub icc_2_1: Option<Interval>,
    /// Consistency of single photos.
    pub icc_3_1: Option<Interval>,
    /// Second less first photo of each group that has both; `null` with fewer than two.
    pub bland_altman: Option<BlandAltman>,
}

/// Agreement of two photos of each group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlandAltman {
    /// Pairs.
    pub pairs: usize,
    /// Mean difference.
    pub bias: Interval,
    /// Bias less 1.96 SD.
    pub lower_limit: Interval,
    /// Bias and 1.96 SD.
    pub upper_limit: Interval,
}

/// The quantities that repeat at all.
pub fn repeatability(replicates: &Replicates) -> Vec<Repeatability> {
    PHOTO_QUANTITIES
        .iter()
        .enumerate()
        .filter_map(|(k, &(quantity, unit))| of(quantity, unit, &replicates.values(k)))
        .collect()
}

fn of(quantity: &'static str, unit: &'static str, replicates: &[Values]) -> Option<Repeatability> {
    let groups: Vec<&Vec<f64>> = replicates.iter().map(|group| &group.values).collect();
    if groups.is_empty() {
        return None;
    }
    let df: usize = groups.iter().map(|group| group.len() - 1).sum();
    let within: f64 = groups.iter().map(|group| squares(group)).sum();
    let sem = (within / df as f64).sqrt();
    let end = |p| chi_squared_quantile(p, df as f64).map(|quantile| (within / quantile).sqrt());
    let usual = usual(replicates);
    let balanced: Vec<&Vec<f64>> = replicates
        .iter()
        .filter(|group| group.labels.is_some() && group.labels.as_ref() == usual)
        .map(|group| &group.values)
        .collect();
    let icc = icc(&balanced);
    Some(Repeatability {
        quantity,
        unit,
        groups: groups.len(),
        photos: groups.iter().map(|group| group.len()).sum(),
        sem: Interval { value: sem, low: end(0.975), high: end(0.025) },
        smallest_detectable_change: Z * std::f64::consts::SQRT_2 * sem,
        cv_percent: cv_percent(&groups),
        icc_photos: balanced.first().map_or(0, |group| group.len()),
        icc_groups: balanced.len(),
        icc_groups_left_out: groups.len() - balanced.len(),
        icc_2_1: icc.map(|[agreement, _]| agreement),
        icc_3_1: icc.map(|[_, consistency]| consistency),
        bland_altman: bland_altman(
            &pairs(replicates).iter().map(|[first, second]| second - first).collect::<Vec<_>>(),
        ),
    })
}

fn cv_percent(groups: &[&Vec<f64>]) -> Option<f64> {
    let squared = |group: &&Vec<f64>| {
        let mean = mean(group).filter(|mean| *mean != 0.0)?;
        Some(variance(group)? / (mean * mean))
    };
    let squared: Option<Vec<f64>> = groups.iter().map(squared).collect();
    Some(100.0 * mean(&squared?)?.sqrt())
}

/// The labels that most groups have; of two such sets the larger.
fn usual(groups: &[Values]) -> Option<&Vec<Label>> {
    let mut counts: BTreeMap<&Vec<Label>, usize> = BTreeMap::new();
    for labels in groups.iter().filter_map(|group| group.labels.as_ref()) {
        *counts.entry(labels).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(labels, count)| (*count, labels.len())).map(|(labels, _)| labels)
}

/// First and second photo, by the labels that most groups have, of each group that has both.
pub fn pairs(groups: &[Values]) -> Vec<[f64; 2]> {
    let Some([first, second, ..]) = usual(groups).map(Vec::as_slice) else { return Vec::new() };
    let pair = |group: &Values| {
        let labels = group.labels.as_ref()?;
        let value = |label| Some(group.values[labels.iter().position(|own| own == label)?]);
        Some([value(first)?, value(second)?])
    };
    groups.iter().filter_map(pair).collect()
}

/// ICC(2,1) and ICC(3,1) of groups of equally many values, in the order of their raters; `None` with fewer than two groups or without any scatter.
pub fn icc(groups: &[&Vec<f64>]) -> Option<[Interval; 2]> {
    let (n, k) = (groups.len() as f64, groups.first()?.len() as f64);
    let all: Vec<f64> = groups.iter().flat_map(|group| group.iter().copied()).collect();
    let rows: Vec<f64> = groups.iter().filter_map(|group| mean(group)).collect();
    let columns: Vec<f64> = (0..groups[0].len())
        .filter_map(|j| mean(&groups.iter().map(|group| group[j]).collect::<Vec<_>>()))
        .collect();
    let (rows, columns) = (k * squares(&rows), n * squares(&columns));
    let (df_rows, df_error) = (n - 1.0, (n - 1.0) * (k - 1.0));
    let between = rows / df_rows;
    let raters = columns / (k - 1.0);
    let error = (squares(&all) - rows - columns).max(0.0) / df_error;
    if groups.len() < 2 || between + error <= 0.0 {
        return None;
    }
    let quantile = |df1: f64, df2: f64| f_exceeded(0.025, df1, df2);
    let consistency = {
        let ratio = between / error;
        let low = quantile(df_rows, df_error).map(|quantile| ratio / quantile);
        let high = quantile(df_error, df_rows).map(|quantile| ratio * quantile);
        let of = |ratio: f64| if ratio.is_infinite() { 1.0 } else { (ratio - 1.0) / (ratio + k - 1.0) };
        Interval { value: of(ratio), low: low.map(of), high: high.map(of) }
    };
    let agreement = {
        let value = (between - error) / (between + (k - 1.0) * error + k * (raters - error) / n);
        let f = raters / error;
        let scale = n * (1.0 + (k - 1.0) * value) - k * value;
        let df = (k - 1.0) * (n - 1.0) * (k * value * f + scale).powi(2)
            / ((n - 1.0) * (k * value * f).powi(2) + scale * scale);
        let noise = k * raters + (k * n - k - n) * error;
        // By 1 / F: with less than one degree of freedom F may be too large for a number.
        let low = quantile(df_rows, df).map(|q| n * (between / q - error) / (noise + n * between / q));
        let high = quantile(df, df_rows).map(|q| n * (q * between - error) / (noise + n * q * between));
        Interval { value, low, high }
    };
    Some([agreement, consistency])
}

/// Bias and limits of agreement of paired differences; `None` of fewer than two.
pub fn bland_altman(differences: &[f64]) -> Option<BlandAltman> {
    let n = differences.len() as f64;
    let sd = variance(differences)?.sqrt();
    let bias = mean(differences)?;
    let t = t_quantile(0.975, n - 1.0);
    let limit_error = (1.0 / n + Z * Z / (2.0 * (n - 1.0))).sqrt() * sd;
    let limit = |at: f64| Interval::around(at, t.map(|t| t * limit_error));
    Some(BlandAltman {
        pairs: differences.len(),
        bias: Interval::around(bias, t.map(|t| t * sd / n.sqrt())),
        lower_limit: limit(bias - Z * sd),
        upper_limit: limit(bias + Z * sd),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(groups: &[(&[&str], &[f64])]) -> Vec<Values> {
        let group = |(labels, values): &(&[&str], &[f64])| Values {
            labels: Some(labels.iter().map(|label| Label::new(label)).collect()),
            values: values.to_vec(),
        };
        groups.iter().map(group).collect()
    }

    #[test]
    fn two_photos_by_hand() {
        let groups = groups(&[(&["1", "2"], &[10.0, 12.0]), (&["1", "2"], &[20.0, 20.0])]);
        let told = of("density_per_cm2", "hairs/cm²", &groups).expect("two groups");
        // Squares within: 2 and 0, one degree of freedom each.
        assert!((told.sem.value - 1.0).abs() < 1e-12);
        assert!((told.smallest_detectable_change - 1.96 * 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(told.bland_altman.map(|told| told.bias.value), Some(1.0));
    }

    #[test]
    fn photos_that_are_equal_repeat_wholly() {
        let equal = groups(&[(&["1", "2"], &[1.0, 1.0]), (&["1", "2"], &[2.0, 2.0])]);
        let told = of("density_per_cm2", "", &equal).expect("two groups");
        assert_eq!((told.sem.value, told.icc_3_1.map(|icc| icc.value)), (0.0, Some(1.0)));
        assert!(of("density_per_cm2", "", &[]).is_none());
    }

    #[test]
    fn photos_are_paired_by_label() {
        let groups = groups(&[
            (&["1", "2", "3"], &[1.0, 2.0, 9.0]),
            (&["1", "2", "3"], &[5.0, 6.0, 9.0]),
            (&["2", "3"], &[4.0, 9.0]),
            (&["1", "2"], &[2.0, 6.0]),
        ]);
        let told = of("density_per_cm2", "", &groups).expect("groups");
        assert_eq!((told.icc_photos, told.icc_groups, told.icc_groups_left_out), (3, 2, 2));
        let agreement = told.bland_altman.expect("pairs");
        assert_eq!((agreement.pairs, agreement.bias.value), (3, 2.0));
    }
}
