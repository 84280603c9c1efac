//! Which photo is whose: a table with a row per photo.
//!
//! A CSV file (UTF-8; separated by comma, semicolon or tab) with a header. `photo` is required: the path of the file, from
//! the manifest's folder. `subject`, `visit`, `replicate`, `site`, `arm`, `um_per_px` and `region` are understood; further
//! columns pass through to the table of photos. `region` is what `vellus measure --region` takes: a shape, a mask image or GeoJSON
//! (from the manifest's folder), with a name before an equals sign or without; several are separated by `|`. An empty cell is a null. What spreadsheets leave behind is passed over: rows without
//! a cell, and columns without a name and a cell at the end. Where semicolons separate, `um_per_px` may have a decimal comma.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use vellus::scale::Site;
use vellus::{Calibration, CalibrationSource};

use crate::error::ManifestError;
use crate::tables;

/// Columns that are understood, in the order in which they are written.
pub const COLUMNS: [&str; 8] =
    ["photo", "subject", "visit", "replicate", "site", "arm", "um_per_px", "region"];

/// Most faults that are told at once.
const MOST_FAULTS: usize = 10;

/// A row: one photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1, in the order of the manifest.
    pub number: usize,
    /// The path as the manifest gives it.
    pub photo: String,
    /// Who was photographed, as a code.
    pub subject: Option<String>,
    /// When, as the trial calls it.
    pub visit: Option<String>,
    /// Which of several photos of one visit.
    pub replicate: Option<String>,
    /// Target area on the scalp, or trial centre: photos of one subject are compared within a site.
    pub site: Option<String>,
    /// Treatment arm.
    pub arm: Option<String>,
    /// Scale, if the row gives it.
    pub scale: Option<Calibration>,
    /// Parts of the photo that are analysed, as the manifest gives them: [`Row::regions`]; `None`: what the protocol says.
    pub region: Option<String>,
    /// Cells of [`Manifest::further`].
    pub further: Vec<Option<String>>,
}

impl Row {
    /// Its regions, each as `--region` takes one; none: what the protocol says.
    pub fn regions(&self) -> Vec<String> {
        self.region.iter().flat_map(|text| text.split('|')).map(|one| one.trim().to_owned()).collect()
    }
}

/// All rows, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Folder that the photos' paths start from.
    pub folder: PathBuf,
    /// Names of the columns that pass through.
    pub further: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Manifest {
    /// The first photo without a scale that has a nearer site file than the trial, whose manifest or folder is `input`: a trial
    /// has one, and the scale of that photo would be another's.
    pub fn other_site_file(&self, input: &Path) -> Option<(&str, PathBuf)> {
        let of_trial = Site::find(input);
        self.rows.iter().filter(|row| row.scale.is_none()).find_map(|row| {
            let own = Site::find(&self.folder.join(&row.photo))?;
            (Some(&own) != of_trial.as_ref()).then_some((row.photo.as_str(), own))
        })
    }

    /// Reads a manifest file.
    ///
    /// # Errors
    /// [`ManifestError`] when it cannot be read, is no table, or has a row that cannot be used.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| ManifestError::Unreadable {
            path: name.clone(),
            detail: error.to_string(),
        };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| ManifestError::NotUtf8 { path: name.clone() })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self::parse(&text, folder, &name)
    }

    /// Reads a manifest's text; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn parse(text: &str, folder: PathBuf, name: &str) -> Result<Self, ManifestError> {
        // Spreadsheets put a byte order mark first.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let delimiter = delimiter(text);
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let broken =
            |error: csv::Error| ManifestError::NotATable { path: name.to_owned(), detail: error.to_string() };
        let header = Header::of(reader.headers().map_err(broken)?, name, delimiter == b';')?;
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(broken)?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = record.position().map_or(0, csv::Position::line);
            match header.row(&record, rows.len() + 1) {
                Ok(row) => rows.push(row),
                Err(fault) => faults.push(format!("line {line}: {fault}")),
            }
        }
        if !faults.is_empty() {
            return Err(ManifestError::rows(name, faults, MOST_FAULTS));
        }
        if rows.is_empty() {
            return Err(ManifestError::Empty { path: name.to_owned() });
        }
        Ok(Self { folder, further: header.further.into_iter().map(|(name, _)| name).collect(), rows })
    }

    /// The file of a row.
    pub fn file(&self, row: &Row) -> PathBuf {
        self.folder.join(&row.photo)
    }

    /// The manifest as it was understood, as CSV: the same columns in the same order for every spelling of it.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = COLUMNS.iter().copied().chain(self.further.iter().map(String::as_str));
        // Writing to memory does not fail.
        let _ = writer.write_record(header);
        for row in &self.rows {
            let scale = row.scale.map(|scale| scale.text());
            let known = [&row.subject, &row.visit, &row.replicate, &row.site, &row.arm, &scale, &row.region];
            let cells = known.into_iter().chain(&row.further).map(|cell| cell.as_deref().unwrap_or_default());
            let _ = writer.write_record(std::iter::once(row.photo.as_str()).chain(cells));
        }
        writer.into_inner().unwrap_or_default()
    }
}

/// Where the columns are.
struct Header {
    known: [Option<usize>; COLUMNS.len()],
    further: Vec<(String, usize)>,
    width: usize,
    /// Whether numbers may have a decimal comma.
    comma: bool,
}

impl Header {
    fn of(header: &StringRecord, path: &str, comma: bool) -> Result<Self, ManifestError> {
        let mut names: Vec<&str> = header.iter().collect();
        names.truncate(names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1));
        let path = path.to_owned();
        let mut seen = BTreeSet::new();
        let (mut known, mut further) = ([None; COLUMNS.len()], Vec::new());
        for (i, &name) in names.iter().enumerate() {
            let column = name.to_lowercase();
            if name.is_empty() {
                return Err(ManifestError::UnnamedColumn { path, column: i + 1 });
            }
            if !seen.insert(column.clone()) {
                return Err(ManifestError::RepeatedColumn { path, column: name.to_owned() });
            }
            match COLUMNS.iter().position(|&known| known == column) {
                Some(k) => known[k] = Some(i),
                None if tables::is_column_of_photos(&column) => {
                    return Err(ManifestError::ReservedColumn { path, column: name.to_owned() });
                }
                None => further.push((name.to_owned(), i)),
            }
        }
        if known[0].is_none() {
            return Err(ManifestError::NoPhotoColumn { path, columns: names.join(", ") });
        }
        Ok(Self { known, further, width: names.len(), comma })
    }

    fn row(&self, record: &StringRecord, number: usize) -> Result<Row, String> {
        let surplus = record.iter().enumerate().skip(self.width).find(|(_, cell)| !cell.is_empty());
        if let Some((i, _)) = surplus {
            return Err(format!(
                "it has a cell in column {}, but the header has {} names; quote cells that hold the separator",
                i + 1,
                self.width
            ));
        }
        if record.len() < self.width {
            return Err(format!(
                "it has {} cells, but the header has {}; quote cells that hold the separator",
                record.len(),
                self.width
            ));
        }
        let cell = |i: usize| record.get(i).filter(|cell| !cell.is_empty()).map(str::to_owned);
        let known = |k: usize| self.known[k].and_then(cell);
        Ok(Row {
            number,
            photo: known(0).ok_or("the photo is missing; give the path of its file")?,
            subject: known(1),
            visit: known(2),
            replicate: known(3),
            site: known(4),
            arm: known(5),
            scale: known(6).map(|text| scale(&text, self.comma)).transpose()?,
            region: known(7),
            further: self.further.iter().map(|&(_, i)| cell(i)).collect(),
        })
    }
}

/// A scale as a cell gives it.
fn scale(text: &str, comma: bool) -> Result<Calibration, String> {
    let point = if comma { text.replacen(',', ".", 1) } else { text.to_owned() };
    let number = point.split(['±', '+']).next().unwrap_or_default().trim();
    number.parse::<f64>().map_err(|_| match text.replace(',', ".").parse::<f64>() {
        Ok(number) => format!("um_per_px is '{text}'; write it with a point: {number}"),
        Err(_) => format!("um_per_px is '{text}', but must be a number of µm per px, such as 5.54"),
    })?;
    Calibration::from_text(&point, CalibrationSource::Flag)
}

/// The separator under which the header has most columns.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|&byte| byte == separator).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
