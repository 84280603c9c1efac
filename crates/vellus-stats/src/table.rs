//! The tables that are read: `photos.csv` and `changes.csv` of a batch.

use std::collections::BTreeMap;
use std::path::Path;

use thiserror::Error;

/// Quantities of a photo whose repeatability is told, with their units.
pub const PHOTO_QUANTITIES: [(&str, &str); 8] = [
    ("hair_count", "hairs"),
    ("density_per_cm2", "hairs/cm²"),
    ("mean_diameter_um", "µm"),
    ("median_diameter_um", "µm"),
    ("cumulative_thickness_mm_per_cm2", "mm/cm²"),
    ("units_per_cm2", "units/cm²"),
    ("hairs_per_unit", "hairs"),
    ("mean_length_um", "µm"),
];

/// What `vellus batch` writes when all tables are whole.
const COMPLETE: &str = "complete.json";

/// A row of `photos.csv`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Photo {
    /// Its path; `None` in tables that lack the column.
    pub photo: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Site.
    pub site: Option<String>,
    /// Arm.
    pub arm: Option<String>,
    /// Visit.
    pub visit: Option<String>,
    /// Place of the visit, 0 for the baseline.
    pub visit_number: Option<usize>,
    /// Which of several photos of the visit.
    pub replicate: Option<String>,
    /// Hash of the file's bytes; `None` if it could not be read.
    pub content_hash: Option<String>,
    /// `measured`, `not_measurable` or `failed`.
    pub status: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// The same in a sentence; `None` in tables that lack the column.
    pub reason: Option<String>,
    /// `pass`, `warn` or `fail`; `None` in tables that lack the column.
    pub verdict: Option<String>,
    /// Codes of the readers who corrected it; `None` where nobody did, and in tables that lack the column, as the next three.
    pub corrected_by: Option<String>,
    /// Hairs that counted before any correction.
    pub automatic_hair_count: Option<String>,
    /// Hairs that a reader added.
    pub hairs_added: Option<String>,
    /// Hairs that a reader removed.
    pub hairs_removed: Option<String>,
    /// Length of a pixel, µm; `None` without a scale, and in tables that lack the column, as the next three.
    pub um_per_px: Option<f64>,
    /// Where that is from.
    pub scale_source: Option<String>,
    /// Its standard error as a share of it.
    pub scale_relative_error: Option<f64>,
    /// `stated`, `assumed` or `read`.
    pub scale_error_basis: Option<String>,
    /// [`PHOTO_QUANTITIES`].
    pub values: Vec<Option<f64>>,
}

/// A row of `changes.csv`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    /// Subject.
    pub subject: String,
    /// Site.
    pub site: Option<String>,
    /// Arm.
    pub arm: Option<String>,
    /// Follow-up.
    pub visit: String,
    /// Its place in time.
    pub visit_number: usize,
    /// `compared`, `refused` or `no_baseline`.
    pub status: String,
    /// The quantity and its numbers; `None` where nothing could be compared.
    pub quantity: Option<Quantity>,
}

/// A quantity of a follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// At the baseline.
    pub baseline: f64,
    /// Follow-up less baseline.
    pub difference: f64,
    /// Standard error of the difference.
    pub standard_error: f64,
    /// `increase`, `decrease` or no change.
    pub verdict: String,
}

/// Both tables.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trial {
    /// All photos.
    pub photos: Vec<Photo>,
    /// All changes.
    pub changes: Vec<Change>,
}

/// Tables that cannot be analysed.
#[derive(Debug, Error)]
pub enum StatsError {
    /// No such table.
    #[error(
        "{path} cannot be read ({detail}); give the output folder of `vellus batch` whose tables are written"
    )]
    Unreadable {
        /// The table.
        path: String,
        /// Why.
        detail: String,
    },
    /// Tables of a batch that did not end.
    #[error(
        "the tables of {path} are not complete (there is no complete.json); run `vellus batch` again, or what wrote them"
    )]
    Incomplete {
        /// Their folder.
        path: String,
    },
    /// A table without a column that is needed.
    #[error("{path} has no column '{column}'; write the tables anew with `vellus batch`")]
    NoColumn {
        /// The table.
        path: String,
        /// The column.
        column: String,
    },
    /// A cell that is no number.
    #[error("{path}, line {line}: {column} is '{value}', but must be a number or empty")]
    NotANumber {
        /// The table.
        path: String,
        /// From 1.
        line: u64,
        /// The column.
        column: String,
        /// The cell.
        value: String,
    },
    /// An arm that the tables lack.
    #[error("there is no arm '{arm}'; the arms are: {arms}")]
    NoSuchArm {
        /// As given.
        arm: String,
        /// Those that there are.
        arms: String,
    },
    /// No name says which arm the others are compared with.
    #[error("which arm is the reference cannot be told from the names ({arms}); say it with --reference")]
    ReferenceUnknown {
        /// Those that there are.
        arms: String,
    },
}

impl Trial {
    /// Reads the tables of a folder.
    ///
    /// # Errors
    /// [`StatsError`] names the table, the column and the line.
    pub fn read(folder: &Path) -> Result<Self, StatsError> {
        let mut trial = Self::default();
        let photos = Rows::read(&folder.join("photos.csv"))?;
        // Tables that are being written may be of two runs.
        if !folder.join(COMPLETE).is_file() {
            return Err(StatsError::Incomplete { path: folder.display().to_string() });
        }
        for row in photos {
            let values =
                PHOTO_QUANTITIES.iter().map(|(name, _)| row.number(name)).collect::<Result<_, _>>()?;
            trial.photos.push(Photo {
                photo: row.text_if_there("photo"),
                subject: row.text("subject")?,
                site: row.text("site")?,
                arm: row.text("arm")?,
                visit: row.text("visit")?,
                visit_number: row.number("visit_number")?.map(|number| number as usize),
                replicate: row.text("replicate")?,
                content_hash: row.text("content_hash")?,
                status: row.text("status")?.unwrap_or_default(),
                failure: row.text("failure")?,
                reason: row.text_if_there("reason"),
                verdict: row.text_if_there("verdict"),
                corrected_by: row.text_if_there("corrected_by"),
                automatic_hair_count: row.text_if_there("automatic_hair_count"),
                hairs_added: row.text_if_there("hairs_added"),
                hairs_removed: row.text_if_there("hairs_removed"),
                um_per_px: row.number_if_there("um_per_px")?,
                scale_source: row.text_if_there("scale_source"),
                scale_relative_error: row.number_if_there("scale_relative_error")?,
                scale_error_basis: row.text_if_there("scale_error_basis"),
                values,
            });
        }
        for row in Rows::read(&folder.join("changes.csv"))? {
            let numbers = [row.number("baseline")?, row.number("difference")?, row.number("standard_error")?];
            let quantity = match (row.text("quantity")?, numbers) {
                (Some(name), [Some(baseline), Some(difference), Some(standard_error)]) => Some(Quantity {
                    name,
                    unit: row.text("unit")?.unwrap_or_default(),
                    baseline,
                    difference,
                    standard_error,
                    verdict: row.text("verdict")?.unwrap_or_default(),
                }),
                _ => None,
            };
            trial.changes.push(Change {
                subject: row.text("subject")?.unwrap_or_default(),
                site: row.text("site")?,
                arm: row.text("arm")?,
                visit: row.text("visit")?.unwrap_or_default(),
                visit_number: row.number("visit_number")?.unwrap_or(0.0) as usize,
                status: row.text("status")?.unwrap_or_default(),
                quantity,
            });
        }
        Ok(trial)
    }
}

/// A row of a table by the names of its columns.
struct Rows {
    path: String,
    line: u64,
    cells: BTreeMap<String, String>,
}

impl Rows {
    fn read(path: &Path) -> Result<Vec<Self>, StatsError> {
        let name = path.display().to_string();
        let unreadable =
            |error: csv::Error| StatsError::Unreadable { path: name.clone(), detail: error.to_string() };
        let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.clone();
        let row = |record: Result<csv::StringRecord, csv::Error>| {
            let record = record.map_err(unreadable)?;
            let cells =
                header.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
            Ok(Self { path: name.clone(), line: record.position().map_or(0, csv::Position::line), cells })
        };
        reader.records().map(row).collect()
    }

    fn text(&self, column: &str) -> Result<Option<String>, StatsError> {
        match self.cells.get(column) {
            Some(cell) => Ok((!cell.is_empty()).then(|| cell.clone())),
            None => Err(StatsError::NoColumn { path: self.path.clone(), column: column.to_owned() }),
        }
    }

    /// Of a column that a table need not have.
    fn text_if_there(&self, column: &str) -> Option<String> {
        self.cells.get(column).filter(|cell| !cell.is_empty()).cloned()
    }

    fn number_if_there(&self, column: &str) -> Result<Option<f64>, StatsError> {
        if self.cells.contains_key(column) { self.number(column) } else { Ok(None) }
    }

    fn number(&self, column: &str) -> Result<Option<f64>, StatsError> {
        let Some(value) = self.text(column)? else { return Ok(None) };
        match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(StatsError::NotANumber {
                path: self.path.clone(),
                line: self.line,
                column: column.to_owned(),
                value,
            }),
        }
    }
}
