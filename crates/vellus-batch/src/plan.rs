//! What has to be done: the photos, and which of them are of one place over time.
//!
//! [`Manifest`] + [`Settings`] → [`Plan`]. A series is all photos of one subject and site, visit by visit; photos without
//! subject or visit are a series of their own. A series is worked on by one thread, so that each photo is measured once
//! and compared while it is in memory.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vellus::{Calibration, CorrectionsSet, Protocol};

use crate::error::ManifestError;
use crate::manifest::{Manifest, Row};
use crate::shard::Shard;
use crate::store::key;
use crate::visits::Visits;

/// What is the same for all photos.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// How photos are measured.
    pub protocol: Protocol,
    /// Scale of rows that give none.
    pub scale: Option<Calibration>,
    /// Order of the visits; empty: by their names.
    pub visits: Vec<String>,
    /// This machine's share; `None`: all of it.
    pub shard: Option<Shard>,
    /// Which corrections there are, by the content hash of their photo.
    pub corrections: BTreeMap<String, CorrectionsSource>,
}

/// A file of corrections, as records name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CorrectionsSource {
    /// Name of the file, without its folder.
    pub file: String,
    /// `blake3:` and the hash of its bytes.
    pub hash: String,
}

/// Rows of one visit, as indices into [`Manifest::rows`].
#[derive(Debug, Clone, PartialEq)]
pub struct VisitRows {
    /// Place of the visit, 0 for the baseline; `None` for a photo without visit.
    pub visit: Option<usize>,
    /// Its replicates in the order of the manifest.
    pub rows: Vec<usize>,
}

/// The photos of one subject and site.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Visits in their order.
    pub visits: Vec<VisitRows>,
}

impl Series {
    /// The rows of the trial's first visit, if there are any.
    pub fn baseline(&self) -> Option<&VisitRows> {
        self.visits.first().filter(|visit| visit.visit == Some(0))
    }

    /// The visits after the baseline; none where there is no baseline.
    pub fn follow_ups(&self) -> &[VisitRows] {
        if self.baseline().is_some() { &self.visits[1..] } else { &[] }
    }

    /// All its rows, visit by visit.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.visits.iter().flat_map(|visit| visit.rows.iter().copied())
    }
}

/// All that has to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The photos.
    pub manifest: Manifest,
    /// What is the same for all of them.
    pub settings: Settings,
    /// The order of the visits.
    pub visits: Visits,
    /// Series in the order of their first photo.
    pub series: Vec<Series>,
    /// Name of each row's record.
    pub keys: Vec<String>,
    /// What readers corrected. Where a folder is opened, only their names and hashes are known ([`Settings::corrections`]).
    pub corrections: CorrectionsSet,
}

impl Plan {
    /// Puts the rows in series.
    ///
    /// # Errors
    /// [`ManifestError`] when the order of the visits lacks one, or is not given and cannot be told.
    pub fn new(manifest: Manifest, settings: Settings) -> Result<Self, ManifestError> {
        let visits = Visits::of(&manifest.rows, &settings.visits)?;
        let series = series(&manifest.rows, &visits);
        let keys = keys(&manifest.rows);
        Ok(Self { manifest, settings, visits, series, keys, corrections: CorrectionsSet::default() })
    }

    /// The plan with what readers corrected.
    pub fn corrected(mut self, corrections: CorrectionsSet) -> Self {
        let source = |file: &vellus::CorrectionsFile| CorrectionsSource {
            file: Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned(),
            hash: file.hash.clone(),
        };
        self.settings.corrections =
            corrections.iter().map(|(photo, file)| (photo.clone(), source(file))).collect();
        self.corrections = corrections;
        self
    }

    /// Hash of the corrections of a photo.
    pub fn corrections_hash(&self, content_hash: Option<&str>) -> Option<&str> {
        self.settings.corrections.get(content_hash?).map(|source| source.hash.as_str())
    }

    /// The series of this machine's share.
    pub fn own_series(&self) -> impl Iterator<Item = &Series> {
        let has = |index| self.settings.shard.is_none_or(|shard| shard.has(index));
        self.series.iter().enumerate().filter(move |(index, _)| has(*index)).map(|(_, series)| series)
    }

    /// The scale of a row; the protocol's counts where this is `None`.
    pub fn scale(&self, row: &Row) -> Option<Calibration> {
        row.scale.or(self.settings.scale)
    }

    /// Name of the record of a follow-up's comparison.
    pub fn comparison_key(&self, visit: &VisitRows) -> String {
        let row = &self.manifest.rows[visit.rows[0]];
        key(&[Some("comparison"), row.subject.as_deref(), row.site.as_deref(), row.visit.as_deref()])
    }
}

fn series(rows: &[Row], visits: &Visits) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut of: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let visit = row.visit.as_deref().and_then(|visit| visits.number(visit));
        let own = match (row.subject.as_deref(), visit) {
            (Some(subject), Some(_)) => {
                let next = all.len();
                *of.entry((subject, row.site.as_deref())).or_insert(next)
            }
            _ => all.len(),
        };
        if own == all.len() {
            all.push(Series { visits: Vec::new() });
        }
        let own = &mut all[own].visits;
        match own.iter_mut().find(|known| known.visit == visit) {
            Some(known) => known.rows.push(i),
            None => own.push(VisitRows { visit, rows: vec![i] }),
        }
    }
    for series in &mut all {
        series.visits.sort_by_key(|visit| visit.visit);
    }
    all
}

/// By photo and by how often it came before, so that a row that is put in between moves no other.
fn keys(rows: &[Row]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let names = rows.iter().map(|row| {
        let before = seen.entry(&row.photo).or_default();
        *before += 1;
        key(&[Some("photo"), Some(&row.photo), Some(&before.to_string())])
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        let manifest = Manifest::parse(text, Default::default(), "trial.csv").expect("a manifest");
        Plan::new(manifest, Settings::default()).expect("a plan")
    }

    #[test]
    fn photos_of_one_subject_and_site_are_a_series() {
        let plan = plan(
            "photo,subject,visit,site\n\
             b1,B,12,\na0,A,0,\na12,A,12,\nb0,B,0,\nx,,0,\na0r,A,0,\na4,A,4,\nn0,A,0,nape\n",
        );
        let rows: Vec<Vec<usize>> = plan.series.iter().map(|series| series.rows().collect()).collect();
        assert_eq!(rows, [vec![3, 0], vec![1, 5, 6, 2], vec![4], vec![7]]);
        assert_eq!(plan.visits.names(), ["0", "4", "12"]);
        assert_eq!(plan.series[1].follow_ups().len(), 2);
        assert_eq!(plan.series[2].follow_ups(), []);
    }

    #[test]
    fn a_subject_without_baseline_has_no_follow_up() {
        let plan = plan("photo,subject,visit\na,A,0\nb,B,1\nc,B,2\n");
        assert!(plan.series[1].baseline().is_none() && plan.series[1].follow_ups().is_empty());
    }

    #[test]
    fn the_same_photo_on_two_rows_has_two_records() {
        let plan = plan("photo\na\na\nb\n");
        assert!(plan.keys[0] != plan.keys[1] && plan.keys[1] != plan.keys[2]);
    }
}
