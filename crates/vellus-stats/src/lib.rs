//! What a trial's tables say: how well photos repeat, what changed per arm, how many subjects the next trial needs.
//!
//! The tables `photos.csv` and `changes.csv` of `vellus batch` in, an [`Analysis`] out. Nothing here looks at a photo, and
//! nothing knows how the numbers came about: every figure can be had from the same two tables by another program, and the
//! tests hold that statsmodels, pingouin and SciPy give the same to 1e-6.
//!
//! | module | in → out |
//! |---|---|
//! | [`table`] | CSV → photos and changes |
//! | [`units`] | photos and changes → subjects at a site, and their arms |
//! | [`replicates`] | photos → those of one subject, site and visit, by label |
//! | [`repeat`] | replicates → SEM, ICC, CV, smallest detectable change, Bland-Altman |
//! | [`arms`] | changes per subject → mean and interval per arm, Welch, Mann-Whitney, responders |
//! | [`ranks`] | two samples → Mann-Whitney U and p |
//! | [`ancova`] | changes and baseline → difference between arms, adjusted |
//! | [`size`] | scatter of the changes → subjects per arm of a next trial |
//! | [`scales`] | photos → by which scales they were measured |
//! | [`missing`] | photos and changes → who is missing where, and why |
//! | [`report`] | all of it → text, JSON |
//! | [`csv_tables`] | all of it → CSV |
//!
//! Distributions are those of `statrs` ([`quantile`]: where it fails), linear algebra that of `nalgebra`. What is not done is said by
//! [`report::NOT_DONE`]: mixed models, corrections for many tests, imputation.

pub mod ancova;
pub mod arms;
pub mod csv_tables;
pub mod missing;
pub mod quantile;
pub mod ranks;
pub mod repeat;
pub mod replicates;
pub mod report;
pub mod sample;
pub mod scales;
pub mod size;
pub mod table;
pub mod units;

use std::collections::BTreeSet;

use serde::Serialize;

pub use table::{StatsError, Trial};

/// Everything that is told of a trial. A part that the tables cannot carry is empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// The arm that the others are compared with; `null` with fewer than two.
    pub reference_arm: Option<String>,
    /// `given` or `name`: why it is that one; `null` without a reference.
    pub reference_by: Option<&'static str>,
    /// How many subjects there are, and which of them cannot be told apart or put into an arm.
    pub subjects: units::Subjects,
    /// Photos that are byte by byte another one of the same subject, site and visit; they are no replicates.
    pub copies_left_out: usize,
    /// How well photos repeat, by quantity.
    pub repeatability: Vec<repeat::Repeatability>,
    /// Change per arm, visit and quantity.
    pub changes: Vec<arms::ArmChange>,
    /// Each arm against the reference, per visit and quantity.
    pub differences: Vec<arms::ArmDifference>,
    /// Subjects per arm of a next trial.
    pub sample_sizes: Vec<size::SampleSize>,
    /// Who is missing, per arm and visit.
    pub missing: Vec<missing::Missing>,
    /// By which scales the photos were measured, per visit and source.
    pub scales: Vec<scales::Scale>,
}

/// Words in the names of arms that are taken for the reference, in this order.
const REFERENCES: [&str; 5] = ["placebo", "vehicle", "control", "sham", "untreated"];

/// Analyses the tables of a batch. `reference` is the arm that the others are compared with; without it, the arm whose
/// name has the word of a control.
///
/// # Errors
/// [`StatsError::NoSuchArm`] when the tables lack the reference, [`StatsError::ReferenceUnknown`] when it has to be said.
pub fn analyse(trial: &Trial, reference: Option<&str>) -> Result<Analysis, StatsError> {
    let units = units::Units::of(trial);
    let all = trial.changes.iter().map(|change| units.arm(units::of_change(change)));
    let names: BTreeSet<&str> = all.filter(|arm| units::is_named(arm)).collect();
    let reference_arm = reference_arm(&names, reference)?;
    let groups = arms::groups(trial, &units);
    let changes: Vec<arms::ArmChange> = groups.iter().flat_map(arms::changes).collect();
    let differences = reference_arm.map_or_else(Vec::new, |reference| {
        groups.iter().flat_map(|group| arms::differences(group, reference)).collect()
    });
    let replicates = replicates::Replicates::of(trial);
    Ok(Analysis {
        reference_arm: reference_arm.map(str::to_owned),
        reference_by: reference_arm.map(|_| if reference.is_some() { "given" } else { "name" }),
        subjects: units.told(),
        copies_left_out: replicates.copies,
        repeatability: repeat::repeatability(&replicates),
        changes,
        differences,
        sample_sizes: groups.iter().flat_map(size::sample_sizes).collect(),
        missing: missing::missing(trial, &units),
        scales: scales::scales(trial),
    })
}

/// As given, or by its name; `None` with fewer than two arms.
fn reference_arm<'a>(names: &BTreeSet<&'a str>, given: Option<&str>) -> Result<Option<&'a str>, StatsError> {
    let arms = || names.iter().copied().collect::<Vec<_>>().join(", ");
    if let Some(given) = given {
        let known = names.get(given).copied();
        return known.map(Some).ok_or_else(|| StatsError::NoSuchArm { arm: given.to_owned(), arms: arms() });
    }
    if names.len() < 2 {
        return Ok(None);
    }
    // Whole words: "shampoo" is no "sham".
    let has = |name: &str, word: &str| {
        name.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).any(|own| own == word)
    };
    for word in REFERENCES {
        let mut found = names.iter().copied().filter(|name| has(name, word));
        match (found.next(), found.next()) {
            (Some(name), None) => return Ok(Some(name)),
            (Some(_), Some(_)) => break,
            (None, _) => {}
        }
    }
    Err(StatsError::ReferenceUnknown { arms: arms() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_told_by_a_whole_word_or_has_to_be_said() {
        let of = |names: &[&'static str], given| {
            let names: BTreeSet<&'static str> = names.iter().copied().collect();
            reference_arm(&names, given).map_err(|error| error.to_string())
        };
        assert_eq!(of(&["active", "Vehicle, 5 %"], None), Ok(Some("Vehicle, 5 %")));
        assert_eq!(of(&["sham-treated", "shampoo"], None), Ok(Some("sham-treated")));
        assert_eq!(of(&["shampoo"], None), Ok(None));
        assert_eq!(of(&["shampoo", "serum"], Some("serum")), Ok(Some("serum")));
        for names in [["shampoo", "serum"], ["placebo foam", "placebo lotion"]] {
            let error = of(&names, None).expect_err("nothing tells");
            assert!(error.contains(names[0]) && error.contains("--reference"), "{error}");
        }
        assert!(of(&["a", "b"], Some("c")).expect_err("no such arm").contains("a, b"));
    }
}
