//! What became of each hair, as CSV (RFC 4180): a row per hair of a comparison, a row per hair and visit of a series.
//!
//! An empty cell is the record's `null`: unknown, not applicable or not resolvable, never zero. Both files of a pair are
//! in every row, so that tables of many pairs can be stacked.
//!
//! | column of a comparison | what it is |
//! |---|---|
//! | `baseline_photo`, `follow_up_photo` | the paths as given |
//! | `fate` | `matched` (seen in both), `gained`, `lost`, or `not_seen`: the other photo could not show it |
//! | `baseline_id`, `follow_up_id` | its number in either measurement; one is empty unless it was matched |
//! | `in_common_area` | of a matched hair: whether its root lies in the area that is compared |
//! | `match_source`, `match_confidence`, `root_distance_um` | of a matched hair: as in the record |
//! | `…_root_x_px`, `…_root_y_px` | its root in either photo |
//! | `…_diameter_um`, `…_diameter_se_um`, `…_length_um`, `…_class`, `…_confidence` | as in either measurement |
//! | `diameter_change_um`, `diameter_change_se_um`, `length_change_um` | follow-up less baseline, of a matched hair |
//! | `diameter_verdict` | `thickened` or `thinned` where that exceeds 1.96 standard errors, `unchanged` where it does not |
//! | `anagen` | of a phototrichogram: whether it grows |
//! | `growth_not_told` | why that cannot be told: `leaves_frame`, `cut`, `no_length` |
//! | `second_look`, `second_look_probability`, `second_look_contrast_ratio` | what the other photo said when it was asked |

use std::io::{self, Write};

use serde::Serialize;
use vellus::comparison::{Comparison, GrowthNotTold, Match, MatchSource, SecondLook, SecondLookOutcome};
use vellus::{Hair, HairClass, Measurement, Series};

use crate::fate::{DiameterChange, diameter_change};

/// The columns of [`write_comparison`] in their order.
pub const COMPARISON_COLUMNS: [&str; 32] = [
    "baseline_photo",
    "follow_up_photo",
    "fate",
    "baseline_id",
    "follow_up_id",
    "in_common_area",
    "match_source",
    "match_confidence",
    "root_distance_um",
    "baseline_root_x_px",
    "baseline_root_y_px",
    "follow_up_root_x_px",
    "follow_up_root_y_px",
    "baseline_diameter_um",
    "baseline_diameter_se_um",
    "follow_up_diameter_um",
    "follow_up_diameter_se_um",
    "diameter_change_um",
    "diameter_change_se_um",
    "diameter_verdict",
    "baseline_length_um",
    "follow_up_length_um",
    "length_change_um",
    "baseline_class",
    "follow_up_class",
    "baseline_confidence",
    "follow_up_confidence",
    "anagen",
    "growth_not_told",
    "second_look",
    "second_look_probability",
    "second_look_contrast_ratio",
];

/// What became of a hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Matched,
    Lost,
    Gained,
    NotSeen,
}

/// A row; the fields are [`COMPARISON_COLUMNS`].
#[derive(Debug, Serialize)]
struct Row<'a> {
    baseline_photo: Option<&'a str>,
    follow_up_photo: Option<&'a str>,
    fate: Fate,
    baseline_id: Option<u32>,
    follow_up_id: Option<u32>,
    in_common_area: Option<bool>,
    match_source: Option<MatchSource>,
    match_confidence: Option<f64>,
    root_distance_um: Option<f64>,
    baseline_root_x_px: Option<f64>,
    baseline_root_y_px: Option<f64>,
    follow_up_root_x_px: Option<f64>,
    follow_up_root_y_px: Option<f64>,
    baseline_diameter_um: Option<f64>,
    baseline_diameter_se_um: Option<f64>,
    follow_up_diameter_um: Option<f64>,
    follow_up_diameter_se_um: Option<f64>,
    diameter_change_um: Option<f64>,
    diameter_change_se_um: Option<f64>,
    diameter_verdict: Option<DiameterChange>,
    baseline_length_um: Option<f64>,
    follow_up_length_um: Option<f64>,
    length_change_um: Option<f64>,
    baseline_class: Option<HairClass>,
    follow_up_class: Option<HairClass>,
    baseline_confidence: Option<f64>,
    follow_up_confidence: Option<f64>,
    anagen: Option<bool>,
    growth_not_told: Option<GrowthNotTold>,
    second_look: Option<SecondLookOutcome>,
    second_look_probability: Option<f64>,
    second_look_contrast_ratio: Option<f64>,
}

impl<'a> Row<'a> {
    /// The hair with these numbers; `found` if it was matched.
    fn new(comparison: &'a Comparison, fate: Fate, ids: [Option<u32>; 2], found: Option<&Match>) -> Self {
        let hair =
            |visit: &'a Measurement, id: Option<u32>| visit.hairs.iter().find(|hair| Some(hair.id) == id);
        let [before, after] = [hair(&comparison.baseline, ids[0]), hair(&comparison.follow_up, ids[1])];
        let asked =
            |looks: &'a [SecondLook], id: Option<u32>| looks.iter().find(|look| Some(look.hair) == id);
        let look = asked(&comparison.second_look.baseline, ids[0])
            .or_else(|| asked(&comparison.second_look.follow_up, ids[1]));
        let root = |hair: Option<&Hair>, axis: usize| hair.map(|hair| hair.root_px[axis]);
        Self {
            baseline_photo: comparison.baseline.image.path.as_deref(),
            follow_up_photo: comparison.follow_up.image.path.as_deref(),
            fate,
            baseline_id: ids[0],
            follow_up_id: ids[1],
            in_common_area: found.map(|found| found.in_common_area),
            match_source: found.map(|found| found.source),
            match_confidence: found.map(|found| found.confidence),
            root_distance_um: found.map(|found| found.root_distance_um),
            baseline_root_x_px: root(before, 0),
            baseline_root_y_px: root(before, 1),
            follow_up_root_x_px: root(after, 0),
            follow_up_root_y_px: root(after, 1),
            baseline_diameter_um: before.and_then(|hair| hair.diameter_um),
            baseline_diameter_se_um: before.and_then(|hair| hair.diameter_se_um),
            follow_up_diameter_um: after.and_then(|hair| hair.diameter_um),
            follow_up_diameter_se_um: after.and_then(|hair| hair.diameter_se_um),
            diameter_change_um: found.and_then(|found| found.diameter_change_um),
            diameter_change_se_um: found.and_then(|found| found.diameter_change_se_um),
            diameter_verdict: found.and_then(diameter_change),
            baseline_length_um: before.and_then(|hair| hair.length_um),
            follow_up_length_um: after.and_then(|hair| hair.length_um),
            length_change_um: found.and_then(|found| found.length_change_um),
            baseline_class: before.and_then(|hair| hair.class),
            follow_up_class: after.and_then(|hair| hair.class),
            baseline_confidence: before.map(|hair| hair.confidence),
            follow_up_confidence: after.map(|hair| hair.confidence),
            anagen: found.and_then(|found| found.anagen),
            growth_not_told: found.and_then(|found| found.growth_not_told),
            second_look: look.map(|look| look.outcome),
            second_look_probability: look.and_then(|look| look.presence_probability),
            second_look_contrast_ratio: look.and_then(|look| look.contrast_ratio),
        }
    }
}

/// The rows in their order: matched, lost, gained, not seen.
fn rows(comparison: &Comparison) -> impl Iterator<Item = Row<'_>> {
    let matched = comparison.matches.iter().map(|found| {
        Row::new(comparison, Fate::Matched, [Some(found.baseline), Some(found.follow_up)], Some(found))
    });
    let before = |fate, ids: &'_ [u32]| {
        ids.iter().map(|&id| Row::new(comparison, fate, [Some(id), None], None)).collect::<Vec<_>>()
    };
    let after = |fate, ids: &'_ [u32]| {
        ids.iter().map(|&id| Row::new(comparison, fate, [None, Some(id)], None)).collect::<Vec<_>>()
    };
    let others = [
        before(Fate::Lost, &comparison.lost),
        after(Fate::Gained, &comparison.gained),
        before(Fate::NotSeen, &comparison.not_seen.baseline),
        after(Fate::NotSeen, &comparison.not_seen.follow_up),
    ];
    matched.chain(others.into_iter().flatten())
}

/// Writes a row per matched, lost, gained and unseen hair, after a header.
///
/// # Errors
/// When `writer` fails.
pub fn write_comparison(writer: impl Write, comparison: &Comparison) -> io::Result<()> {
    write(writer, &COMPARISON_COLUMNS, rows(comparison))
}

/// The columns of [`write_series`] in their order.
pub const SERIES_COLUMNS: [&str; 8] =
    ["track", "root_x_px", "root_y_px", "visit", "photo", "found", "id", "diameter_um"];

/// A hair at a visit; the fields are [`SERIES_COLUMNS`].
#[derive(Debug, Serialize)]
struct TrackRow<'a> {
    /// Number of the hair within the series.
    track: u32,
    /// Its root in the first visit's photo, px.
    root_x_px: f64,
    root_y_px: f64,
    /// From 1.
    visit: usize,
    photo: Option<&'a str>,
    /// Whether that visit's photo shows it.
    found: bool,
    /// Its number there.
    id: Option<u32>,
    diameter_um: Option<f64>,
}

/// Writes a row per hair that was found at two visits or more and visit, after a header.
///
/// # Errors
/// When `writer` fails.
pub fn write_series(writer: impl Write, series: &Series) -> io::Result<()> {
    let first = series.comparisons.first().map(|comparison| &comparison.baseline);
    let visits: Vec<&Measurement> =
        first.into_iter().chain(series.comparisons.iter().map(|comparison| &comparison.follow_up)).collect();
    let rows = series.tracks.iter().flat_map(|track| {
        visits.iter().enumerate().map(|(i, visit)| {
            let id = track.hairs.get(i).copied().flatten();
            TrackRow {
                track: track.id,
                root_x_px: track.root_px[0],
                root_y_px: track.root_px[1],
                visit: i + 1,
                photo: visit.image.path.as_deref(),
                found: id.is_some(),
                id,
                diameter_um: track.diameter_um.get(i).copied().flatten(),
            }
        })
    });
    write(writer, &SERIES_COLUMNS, rows)
}

fn write(writer: impl Write, columns: &[&str], rows: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
    let mut table = ::csv::WriterBuilder::new().has_headers(false).from_writer(writer);
    table.write_record(columns)?;
    for row in rows {
        table.serialize(row)?;
    }
    table.flush()
}

#[cfg(test)]
#[path = "change_csv_tests.rs"]
mod tests;
