//! Change per arm, and one arm against another.
//!
//! The unit is the [subject at a site](crate::units). Arms are taken for independent; where subjects carry two arms (split
//! scalp), use a paired analysis instead. Subjects without an arm, or with several, are in no comparison of arms.
//!
//! - Per arm: mean change with Student's interval; responders, whose change is claimed as an increase (beyond its interval
//!   and the smallest detectable change), with Wilson's interval.
//! - Between arms: Welch's t of the changes (1947, doi:10.1093/biomet/34.1-2.28); [Mann-Whitney U](crate::ranks); [ANCOVA](crate::ancova); responders by Fisher's exact test.

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::stats_tests::Alternative;
use statrs::stats_tests::fisher::fishers_exact;

use crate::ancova::{self, Adjusted};
use crate::ranks::mann_whitney;
use crate::sample::{Interval, ROUNDING, mean, mean_interval, t_p, t_quantile, variance, wilson};
use crate::table::Trial;
use crate::units::{self, Units};

pub use crate::units::is_named;

/// The changes of one quantity at one visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// The quantity.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// The visit.
    pub visit: String,
    /// Subjects by arm; without an arm of the arm `(none)`, with several of `(several)`.
    pub arms: BTreeMap<String, Vec<Subject>>,
}

/// The change of one subject at one site.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Subject {
    /// At the baseline.
    pub baseline: f64,
    /// Follow-up less baseline.
    pub change: f64,
    /// Variance of the error of `change`.
    pub error_variance: f64,
    /// Whether an increase is claimed.
    pub responds: bool,
}

/// Change of an arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmChange {
    /// The quantity.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// The visit.
    pub visit: String,
    /// The arm.
    pub arm: String,
    /// Subjects that were compared, one per site.
    pub subjects: usize,
    /// Mean at the baseline.
    pub baseline_mean: f64,
    /// Mean change.
    pub change: Interval,
    /// Standard deviation of the change over subjects; `null` with one subject.
    pub change_sd: Option<f64>,
    /// Subjects whose increase is claimed.
    pub responders: usize,
    /// Their share.
    pub responder_rate: Option<Interval>,
}

/// An arm against the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmDifference {
    /// The quantity.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// The visit.
    pub visit: String,
    /// The arm.
    pub arm: String,
    /// The arm that it is compared with.
    pub reference: String,
    /// Mean change of the arm less that of the reference, with Welch's interval.
    pub welch: Option<Interval>,
    /// Welch's t.
    pub welch_t: Option<f64>,
    /// Its degrees of freedom.
    pub welch_df: Option<f64>,
    /// Its two-sided p.
    pub welch_p: Option<f64>,
    /// Mann-Whitney U of the arm.
    pub mann_whitney_u: Option<f64>,
    /// Its two-sided p.
    pub mann_whitney_p: Option<f64>,
    /// Difference of the change at equal baseline.
    pub ancova: Option<Adjusted>,
    /// Two-sided p of Fisher's test of the responders.
    pub responder_p: Option<f64>,
}

/// The changes, by quantity and visit in the order of the table.
pub fn groups(trial: &Trial, units: &Units<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for change in &trial.changes {
        let Some(quantity) = &change.quantity else { continue };
        let known = groups.iter().position(|g| g.quantity == quantity.name && g.visit == change.visit);
        let at = known.unwrap_or_else(|| {
            groups.push(Group {
                quantity: quantity.name.clone(),
                unit: quantity.unit.clone(),
                visit: change.visit.clone(),
                arms: BTreeMap::new(),
            });
            groups.len() - 1
        });
        let arm = units.arm(units::of_change(change)).to_owned();
        groups[at].arms.entry(arm).or_default().push(Subject {
            baseline: quantity.baseline,
            change: quantity.difference,
            error_variance: quantity.standard_error * quantity.standard_error,
            responds: quantity.verdict == "increase",
        });
    }
    let place = |visit: &str| trial.changes.iter().find(|c| c.visit == visit).map_or(0, |c| c.visit_number);
    groups.sort_by_cached_key(|group| place(&group.visit));
    groups
}

/// The changes of the subjects.
pub(crate) fn values(subjects: &[Subject]) -> Vec<f64> {
    subjects.iter().map(|subject| subject.change).collect()
}

fn responders(subjects: &[Subject]) -> usize {
    subjects.iter().filter(|subject| subject.responds).count()
}

/// Each arm of a group.
pub fn changes(group: &Group) -> Vec<ArmChange> {
    let arm = |(arm, subjects): (&String, &Vec<Subject>)| {
        let values = values(subjects);
        Some(ArmChange {
            quantity: group.quantity.clone(),
            unit: group.unit.clone(),
            visit: group.visit.clone(),
            arm: arm.clone(),
            subjects: subjects.len(),
            baseline_mean: mean(&subjects.iter().map(|subject| subject.baseline).collect::<Vec<_>>())?,
            change: mean_interval(&values)?,
            change_sd: variance(&values).map(f64::sqrt),
            responders: responders(subjects),
            responder_rate: wilson(responders(subjects), subjects.len()),
        })
    };
    group.arms.iter().filter_map(arm).collect()
}

/// Each arm of a group against the reference.
pub fn differences(group: &Group, reference: &str) -> Vec<ArmDifference> {
    let Some(control) = group.arms.get(reference) else { return Vec::new() };
    let adjusted = ancova::adjusted(group, reference);
    let arm = |(arm, subjects): (&String, &Vec<Subject>)| {
        let (x, y) = (values(subjects), values(control));
        let size = subjects
            .iter()
            .chain(control)
            .map(|subject| subject.baseline.abs() + subject.change.abs())
            .fold(0.0, f64::max);
        let welch = Welch::of(&x, &y, size);
        let ranks = mann_whitney(&x, &y);
        let count = |subjects: &[Subject]| {
            let responders = responders(subjects);
            [responders as u64, (subjects.len() - responders) as u64]
        };
        let ([a, b], [c, d]) = (count(subjects), count(control));
        ArmDifference {
            quantity: group.quantity.clone(),
            unit: group.unit.clone(),
            visit: group.visit.clone(),
            arm: arm.clone(),
            reference: reference.to_owned(),
            welch: welch.as_ref().map(|welch| welch.difference),
            welch_t: welch.as_ref().map(|welch| welch.t),
            welch_df: welch.as_ref().map(|welch| welch.df),
            welch_p: welch.as_ref().map(|welch| welch.p),
            mann_whitney_u: ranks.map(|(u, _)| u),
            mann_whitney_p: ranks.map(|(_, p)| p),
            ancova: adjusted.iter().find(|(name, _)| name == arm).map(|(_, adjusted)| *adjusted),
            responder_p: fishers_exact(&[a, b, c, d], Alternative::TwoSided).ok(),
        }
    };
    group.arms.iter().filter(|(arm, _)| *arm != reference && is_named(arm)).map(arm).collect()
}

/// Welch's comparison of two means.
struct Welch {
    difference: Interval,
    t: f64,
    df: f64,
    p: f64,
}

impl Welch {
    /// `None` with fewer than two numbers in a group, or without any scatter above the rounding of numbers of a size.
    fn of(x: &[f64], y: &[f64], size: f64) -> Option<Self> {
        let [vx, vy] = [variance(x)? / x.len() as f64, variance(y)? / y.len() as f64];
        let squared = vx + vy;
        if squared.sqrt() <= ROUNDING * size || squared <= 0.0 {
            return None;
        }
        let df = squared * squared / (vx * vx / (x.len() - 1) as f64 + vy * vy / (y.len() - 1) as f64);
        let difference = mean(x)? - mean(y)?;
        let t = difference / squared.sqrt();
        let half = t_quantile(0.975, df).map(|quantile| quantile * squared.sqrt());
        Some(Self { difference: Interval::around(difference, half), t, df, p: t_p(t, df)? })
    }
}
