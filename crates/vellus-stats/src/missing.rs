//! Who is missing where, and why: what was not measured is stated, never filled in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::table::Trial;
use crate::units::{self, Unit, Units};

/// One arm at one visit; a subject is one [at a site](crate::units). Photos without subject or visit are in none.
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
pub fn missing(trial: &Trial, units: &Units<'_>) -> Vec<Missing> {
    let mut arms: BTreeMap<&str, BTreeSet<Unit<'_>>> = BTreeMap::new();
    let mut visits: BTreeMap<usize, &str> = BTreeMap::new();
    for photo in &trial.photos {
        if let (Some(unit), Some(visit), Some(number)) =
            (units::of_photo(photo), &photo.visit, photo.visit_number)
        {
            arms.entry(units.arm(unit)).or_default().insert(unit);
            visits.insert(number, visit);
        }
    }
    let mut rows = Vec::new();
    for (arm, subjects) in &arms {
        for visit in visits.values() {
            let photos: Vec<_> = trial
                .photos
                .iter()
                .filter_map(|photo| Some((units::of_photo(photo)?, photo)))
                .filter(|(unit, photo)| photo.visit.as_deref() == Some(visit) && subjects.contains(unit))
                .collect();
            let present: BTreeSet<Unit<'_>> = photos.iter().map(|(unit, _)| *unit).collect();
            let with = |status: &str| {
                let changes = trial.changes.iter().filter(|c| c.visit == **visit && c.status == status);
                let of_arm = changes.map(units::of_change).filter(|unit| units.arm(*unit) == *arm);
                of_arm.collect::<BTreeSet<_>>().len()
            };
            rows.push(Missing {
                arm: (*arm).to_owned(),
                visit: (*visit).to_owned(),
                subjects: subjects.len(),
                without_photo: subjects.difference(&present).count(),
                photos: photos.len(),
                photos_not_measured: photos.iter().filter(|(_, photo)| photo.status != "measured").count(),
                compared: with("compared"),
                refused: with("refused"),
                no_baseline: with("no_baseline"),
            });
        }
    }
    rows
}
