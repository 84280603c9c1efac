//! Who is missing where, and why: what was not measured is stated, never filled in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::table::Trial;

/// One arm at one visit. Subjects with photos but without arm or visit are in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The arm.
    pub arm: String,
    /// The visit.
    pub visit: String,
    /// Subjects of the arm at any visit.
    pub subjects: usize,
    /// Subjects without a photo of this visit.
    pub without_photo: usize,
    /// Photos of this visit.
    pub photos: usize,
    /// Photos that failed or cannot carry a measurement.
    pub photos_not_measured: usize,
    /// Subjects with a change from the baseline; 0 at the baseline.
    pub compared: usize,
    /// Subjects whose photos of this visit cannot be compared with the baseline's.
    pub refused: usize,
    /// Subjects without a photo of the baseline.
    pub no_baseline: usize,
}

/// By arm, then by visit.
pub fn missing(trial: &Trial) -> Vec<Missing> {
    let arm_of = |arm: &Option<String>| arm.clone().unwrap_or_else(|| "(none)".to_owned());
    let mut arms: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut visits: BTreeMap<usize, &str> = BTreeMap::new();
    for photo in &trial.photos {
        if let (Some(subject), Some(visit), Some(number)) = (&photo.subject, &photo.visit, photo.visit_number)
        {
            arms.entry(arm_of(&photo.arm)).or_default().insert(subject);
            visits.insert(number, visit);
        }
    }
    let mut rows = Vec::new();
    for (arm, subjects) in &arms {
        for visit in visits.values() {
            let photos: Vec<_> = trial
                .photos
                .iter()
                .filter(|photo| photo.visit.as_deref() == Some(visit) && arm_of(&photo.arm) == *arm)
                .collect();
            let present: BTreeSet<&str> =
                photos.iter().filter_map(|photo| photo.subject.as_deref()).collect();
            let with = |status: &str| {
                let changes = trial
                    .changes
                    .iter()
                    .filter(|c| c.visit == **visit && arm_of(&c.arm) == *arm && c.status == status);
                changes.map(|change| change.subject.as_str()).collect::<BTreeSet<_>>().len()
            };
            rows.push(Missing {
                arm: arm.clone(),
                visit: (*visit).to_owned(),
                subjects: subjects.len(),
                without_photo: subjects.difference(&present).count(),
                photos: photos.len(),
                photos_not_measured: photos.iter().filter(|photo| photo.status != "measured").count(),
                compared: with("compared"),
                refused: with("refused"),
                no_baseline: with("no_baseline"),
            });
        }
    }
    rows
}
