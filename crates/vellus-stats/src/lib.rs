//! What a trial's tables say: how well photos repeat, what changed per arm, how many subjects the next trial needs.
//!
//! The tables `photos.csv` and `changes.csv` of `vellus batch` in, an [`Analysis`] out. Nothing here looks at a photo, and
//! nothing knows how the numbers came about: every figure can be had from the same two tables by another program, and the
//! tests hold that statsmodels, pingouin and SciPy give the same to 1e-6.
//!
//! | module | in → out |
//! |---|---|
//! | [`table`] | CSV → photos and changes |
//! | [`repeat`] | replicates of a visit → SEM, ICC, CV, smallest detectable change, Bland-Altman |
//! | [`arms`] | changes per subject → mean and interval per arm, Welch, Mann-Whitney, responders |
//! | [`ranks`] | two samples → Mann-Whitney U and p |
//! | [`ancova`] | changes and baseline → difference between arms, adjusted |
//! | [`size`] | scatter of the changes → subjects per arm of a next trial |
//! | [`missing`] | photos and changes → who is missing where, and why |
//! | [`report`] | all of it → text, CSV, JSON |
//!
//! Distributions are those of `statrs`, linear algebra that of `nalgebra`. What is not done is said by
//! [`report::NOT_DONE`]: mixed models, corrections for many tests, imputation.

pub mod ancova;
pub mod arms;
pub mod missing;
pub mod ranks;
pub mod repeat;
pub mod report;
pub mod sample;
pub mod size;
pub mod table;

use std::collections::BTreeSet;

use serde::Serialize;

pub use table::{StatsError, Trial};

/// Everything that is told of a trial. A part that the tables cannot carry is empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// The arm that the others are compared with; `null` with fewer than two.
    pub reference_arm: Option<String>,
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
}

/// Names of arms that are taken for the reference, in this order.
const REFERENCES: [&str; 5] = ["placebo", "vehicle", "control", "sham", "untreated"];

/// Analyses the tables of a batch. `reference` is the arm that the others are compared with; without it, an arm with the
/// name of a control, or else the first by name.
///
/// # Errors
/// [`StatsError::NoSuchArm`] when the tables lack the reference.
pub fn analyse(trial: &Trial, reference: Option<&str>) -> Result<Analysis, StatsError> {
    let names: BTreeSet<&str> = trial.changes.iter().filter_map(|change| change.arm.as_deref()).collect();
    let reference_arm = match reference {
        Some(name) if names.contains(name) => Some(name),
        Some(name) => {
            let arms = names.iter().copied().collect::<Vec<_>>().join(", ");
            return Err(StatsError::NoSuchArm { arm: name.to_owned(), arms });
        }
        None if names.len() < 2 => None,
        None => {
            let control =
                |known: &&str| names.iter().copied().find(|name| name.to_lowercase().contains(*known));
            REFERENCES.iter().find_map(control).or_else(|| names.iter().next().copied())
        }
    };
    let groups = arms::groups(trial);
    let changes: Vec<arms::ArmChange> = groups.iter().flat_map(arms::changes).collect();
    let differences = reference_arm.map_or_else(Vec::new, |reference| {
        groups.iter().flat_map(|group| arms::differences(group, reference)).collect()
    });
    Ok(Analysis {
        reference_arm: reference_arm.map(str::to_owned),
        repeatability: repeat::repeatability(trial),
        changes,
        differences,
        sample_sizes: groups.iter().flat_map(size::sample_sizes).collect(),
        missing: missing::missing(trial),
    })
}
