//! The tables that a statistician opens: one row per thing, one column per property, made from the records alone.
//!
//! | table | a row is |
//! |---|---|
//! | `photos` | a row of the manifest, measured or not, in its order |
//! | `hairs` | a hair of a photo |
//! | `units` | a follicular unit of a photo |
//! | `changes` | a quantity of a follow-up against its baseline |
//! | `matches` | a hair of a follow-up: matched, gained, lost, not seen |
//! | `trends` | a quantity over the visits of a subject and site |
//! | `regions` | one of several regions of a photo |
//! | `findings` | a doubt about a photo |
//! | `dictionary` | a column of these tables: type, unit, meaning |
//!
//! `complete.json` is written last: where it is missing, the tables are not all there or of another state.
//!
//! Equal records give equal bytes, however many machines made them.

pub mod field;
pub mod rows;
pub mod writer;

mod follow_ups;

use std::collections::BTreeMap;

use crate::doubt::{self, Doubt};
use crate::error::BatchError;
use crate::manifest::{Manifest, Row};
use crate::plan::Plan;
use crate::record::RowHead;
use crate::run::reason_of_failure;
use crate::store::{Store, hash_of, software};
use field::{Cell, Column, Field, Kind, fields, named};
use rows::{
    Part, PhotoRow, of_change, of_fate, of_follow_up, of_hair, of_photo, of_region, of_row, of_trend, of_unit,
};
use writer::TableWriter;

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Rows of the manifest.
    pub rows: usize,
    /// Rows with a measurement that carries numbers.
    pub measured: usize,
    /// Rows whose photo was read but cannot carry a measurement.
    pub not_measurable: usize,
    /// Rows that failed, by the name of the reason.
    pub failed: BTreeMap<&'static str, usize>,
    /// Rows whose measurement a reader corrected.
    pub corrected: usize,
    /// Follow-ups that were compared.
    pub compared: usize,
    /// Follow-ups that were refused.
    pub refused: usize,
    /// Doubts about rows that only all rows together show.
    pub doubts: Vec<String>,
    /// Files of corrections that are of no photo of the batch.
    pub corrections_without_photo: Vec<String>,
}

impl Outcome {
    /// Rows that failed.
    pub fn failures(&self) -> usize {
        self.failed.values().sum()
    }
}

/// Whether the table of photos has a column of that name, so that none of the manifest may have it.
pub fn is_column_of_photos(name: &str) -> bool {
    of_row().iter().chain(of_photo()).any(|field| field.name == name)
}

/// A doubt about a row.
struct Finding<'a> {
    photo: &'a PhotoRow<'a>,
    code: Cell,
    severity: Cell,
    message: &'a str,
    advice: &'a str,
}

fn of_finding<'a>() -> &'a [Field<Finding<'a>>] {
    fields![Finding<'a>;
        code: Text "" "Kind of doubt" |f| f.code.clone();
        severity: Text "" "note, warning or failure" |f| f.severity.clone();
        message: Text "" "What was seen" |f| f.message.into();
        advice: Text "" "What to do about it" |f| f.advice.into();
    ]
}

/// Writes all tables.
///
/// # Errors
/// [`BatchError::Incomplete`] when a row has no record, [`BatchError::Stale`] when one is of another protocol, others when a file cannot be read or written.
pub fn write(plan: &Plan, store: &Store) -> Result<Outcome, BatchError> {
    let heads = heads(plan, store)?;
    let hashes: Vec<Option<String>> = heads.iter().map(|head| head.inputs.content_hash.clone()).collect();
    let mut doubts = doubt::repeated(plan, &hashes);
    doubts.extend(doubt::misplaced(plan, store)?);
    let mut outcome = Outcome { rows: heads.len(), doubts: told(plan, &doubts), ..Outcome::default() };
    let strange =
        plan.settings.corrections.iter().filter(|(photo, _)| !hashes.contains(&Some((*photo).clone())));
    outcome.corrections_without_photo = strange.map(|(_, source)| source.file.clone()).collect();
    outcome.corrections_without_photo.sort();
    by_photo(plan, store, &heads, &doubts, &mut outcome)?;
    follow_ups::write(plan, store, &heads, &mut outcome)?;
    dictionary(plan, store)?;
    store.put_complete(outcome.rows, outcome.failures())?;
    Ok(outcome)
}

/// Heads of all rows as they came out in the last run, each made as the plan says.
fn heads(plan: &Plan, store: &Store) -> Result<Vec<RowHead>, BatchError> {
    let head = |key: &String| store.row_head(key).map(RowHead::current);
    let heads: Vec<Option<RowHead>> = plan.keys.iter().map(head).collect();
    let missing = heads.iter().filter(|head| head.is_none()).count();
    match heads.iter().position(Option::is_none) {
        None => {
            let heads: Vec<RowHead> = heads.into_iter().flatten().collect();
            check(plan, store, &heads)?;
            Ok(heads)
        }
        Some(row) => Err(BatchError::Incomplete {
            missing,
            rows: heads.len(),
            row: row + 1,
            photo: plan.manifest.rows[row].photo.clone(),
        }),
    }
}

/// Every record is of this protocol, scale and version: one that was left from before would be mixed in silently.
fn check(plan: &Plan, store: &Store, heads: &[RowHead]) -> Result<(), BatchError> {
    let protocol_hash = hash_of(&plan.settings.protocol);
    for (row, RowHead { inputs, .. }) in plan.manifest.rows.iter().zip(heads) {
        let how = if inputs.protocol_hash != protocol_hash {
            "with another protocol"
        } else if inputs.scale != plan.scale(row) {
            "with another scale"
        } else if inputs.corrections_hash.as_deref() != plan.corrections_hash(inputs.content_hash.as_deref())
        {
            "with other corrections"
        } else if inputs.region_hash.is_some() && row.region.is_none() {
            "with a region of its own"
        } else if inputs.software != software() {
            "with another version of vellus"
        } else {
            continue;
        };
        return Err(stale(store, row, how));
    }
    Ok(())
}

fn stale(store: &Store, row: &Row, how: &'static str) -> BatchError {
    let path = store.folder().display().to_string();
    BatchError::Stale { path, row: row.number, photo: row.photo.clone(), how }
}

/// A line per doubt; what is said of several rows together, once. Photos that are left out were named at work.
fn told(plan: &Plan, doubts: &[Doubt]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for doubt in doubts.iter().filter(|doubt| doubt.code != "left_out") {
        let line = match doubt.code {
            "swapped_photo" => {
                let row = &plan.manifest.rows[doubt.row];
                format!("{} (row {}): {}", row.photo, row.number, doubt.message)
            }
            _ => doubt.message.clone(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The tables by photo: one measurement at a time is in memory.
fn by_photo(
    plan: &Plan,
    store: &Store,
    heads: &[RowHead],
    doubts: &[Doubt],
    outcome: &mut Outcome,
) -> Result<(), BatchError> {
    let further = further_columns(&plan.manifest);
    let folder = store.tables();
    let mut photos = TableWriter::create(&folder, "photos", photo_columns(&further))?;
    let mut hairs = TableWriter::create(&folder, "hairs", columns(of_row(), of_hair()))?;
    let mut units = TableWriter::create(&folder, "units", columns(of_row(), of_unit()))?;
    let mut regions = TableWriter::create(&folder, "regions", columns(of_row(), of_region()))?;
    let mut findings = TableWriter::create(&folder, "findings", columns(of_row(), of_finding()))?;
    for (index, (row, head)) in plan.manifest.rows.iter().zip(heads).enumerate() {
        // A measurement may be kept of a photo that cannot be read now.
        let measurement = if head.failure.is_none() { store.measurement(&plan.keys[index])? } else { None };
        let photo = PhotoRow {
            row,
            visit_number: row.visit.as_deref().and_then(|visit| plan.visits.number(visit)),
            head,
            measurement: measurement.as_ref(),
            doubts: doubts.iter().filter(|doubt| doubt.row == index).map(|doubt| doubt.code).collect(),
        };
        count(&photo, outcome);
        let passed =
            further.iter().zip(&row.further).map(|(column, cell)| typed(column.kind, cell.as_deref()));
        photos.add(cells(of_row(), &photo).chain(passed).chain(cells(of_photo(), &photo)))?;
        for part in measurement.iter().flat_map(|measurement| &measurement.hairs) {
            hairs.add(cells(of_row(), &photo).chain(cells(of_hair(), &Part { photo: &photo, part })))?;
        }
        for part in measurement.iter().flat_map(|measurement| &measurement.regions) {
            regions.add(cells(of_row(), &photo).chain(cells(of_region(), &Part { photo: &photo, part })))?;
        }
        for part in measurement.iter().flat_map(|measurement| &measurement.follicular_units) {
            units.add(cells(of_row(), &photo).chain(cells(of_unit(), &Part { photo: &photo, part })))?;
        }
        let own =
            measurement.iter().flat_map(|measurement| &measurement.quality.findings).map(|finding| Finding {
                photo: &photo,
                code: named(finding.code),
                severity: named(finding.severity),
                message: &finding.message,
                advice: &finding.advice,
            });
        let together = doubts.iter().filter(|doubt| doubt.row == index).map(|doubt| Finding {
            photo: &photo,
            code: doubt.code.into(),
            severity: "warning".into(),
            message: &doubt.message,
            advice: doubt.advice,
        });
        for finding in own.chain(together) {
            findings.add(cells(of_row(), finding.photo).chain(cells(of_finding(), &finding)))?;
        }
    }
    [photos, hairs, units, regions, findings].into_iter().try_for_each(TableWriter::finish)
}

fn count(photo: &PhotoRow<'_>, outcome: &mut Outcome) {
    outcome.corrected +=
        usize::from(photo.measurement.is_some_and(|measurement| measurement.corrections.is_some()));
    match (&photo.head.failure, photo.measurement) {
        (Some(failure), _) => *outcome.failed.entry(failure.reason.name()).or_default() += 1,
        (None, Some(measurement)) if reason_of_failure(measurement).is_some() => outcome.not_measurable += 1,
        (None, _) => outcome.measured += 1,
    }
}

fn cells<'a, R>(fields: &'a [Field<R>], row: &'a R) -> impl Iterator<Item = Cell> + 'a {
    fields.iter().map(move |field| (field.of)(row))
}

fn columns<A, B>(first: &[Field<A>], then: &[Field<B>]) -> Vec<Column> {
    first.iter().map(Column::from).chain(then.iter().map(Column::from)).collect()
}

fn photo_columns(further: &[Column]) -> Vec<Column> {
    let mut all = columns(of_row(), of_photo());
    all.splice(of_row().len()..of_row().len(), further.iter().cloned());
    all
}

/// The columns that pass through, each with the narrowest type that holds all its cells.
fn further_columns(manifest: &Manifest) -> Vec<Column> {
    let kind = |i: usize| {
        let cells = || manifest.rows.iter().filter_map(move |row| row.further[i].as_deref());
        let all = |kind: Kind| {
            cells().next().is_some() && cells().all(|cell| typed(kind, Some(cell)) != Cell::Null)
        };
        [Kind::Integer, Kind::Number].into_iter().find(|&kind| all(kind)).unwrap_or(Kind::Text)
    };
    let column = |(i, name): (usize, &String)| Column {
        name: name.clone(),
        kind: kind(i),
        unit: String::new(),
        meaning: "As the manifest gives it".to_owned(),
    };
    manifest.further.iter().enumerate().map(column).collect()
}

/// A cell of the manifest in that type; a null where it would be written in another way. `007`, `12E5` and `1.10` are
/// codes and no numbers.
fn typed(kind: Kind, cell: Option<&str>) -> Cell {
    let Some(text) = cell else { return Cell::Null };
    let value = match kind {
        Kind::Integer => text.parse().map_or(Cell::Null, Cell::Integer),
        Kind::Number => text.parse::<f64>().map_or(Cell::Null, Cell::from),
        _ => text.into(),
    };
    let mut written = String::new();
    value.write(&mut written);
    if written == text { value } else { Cell::Null }
}

/// The data dictionary: `dictionary.csv` alone, as it is read by people.
fn dictionary(plan: &Plan, store: &Store) -> Result<(), BatchError> {
    let tables = [
        ("photos", photo_columns(&further_columns(&plan.manifest))),
        ("hairs", columns(of_row(), of_hair())),
        ("units", columns(of_row(), of_unit())),
        ("regions", columns(of_row(), of_region())),
        ("changes", columns(of_follow_up(), of_change())),
        ("matches", columns(of_follow_up(), of_fate())),
        ("trends", columns(of_trend(), of_trend()).split_off(of_trend().len())),
        ("findings", columns(of_row(), of_finding())),
    ];
    let mut text = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = text.write_record(["table", "column", "type", "unit", "meaning"]);
    for (table, columns) in &tables {
        for column in columns {
            let _ =
                text.write_record([*table, &column.name, column.kind.name(), &column.unit, &column.meaning]);
        }
    }
    let path = store.tables().join("dictionary.csv");
    let bytes = text.into_inner().unwrap_or_default();
    vellus_report::atomic::write(&path, &bytes).map_err(BatchError::written(&path))
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
