//! One table as CSV and as Parquet, row by row.
//!
//! CSV: RFC 4180, UTF-8, a null is an empty cell. Parquet: a column per type, a null is a null, compressed by Snappy. Rows
//! are held back until a row group is full, so that memory does not grow with the table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use vellus_report::atomic::AtomicFile;

use super::field::{Cell, Column, Kind};
use crate::error::BatchError;

/// Rows of a Parquet row group; fixed, so that equal rows give equal bytes.
const GROUP_ROWS: usize = 16_384;

/// A table that is being written.
pub struct TableWriter {
    columns: Vec<Column>,
    csv: csv::Writer<AtomicFile>,
    csv_path: PathBuf,
    parquet: ArrowWriter<AtomicFile>,
    parquet_path: PathBuf,
    schema: Arc<Schema>,
    /// Cells by column.
    held: Vec<Vec<Cell>>,
}

impl TableWriter {
    /// Starts `NAME.csv` and `NAME.parquet` in a folder.
    ///
    /// # Errors
    /// [`BatchError`] when they cannot be created.
    pub fn create(folder: &Path, name: &str, columns: Vec<Column>) -> Result<Self, BatchError> {
        let [csv_path, parquet_path] =
            ["csv", "parquet"].map(|ending| folder.join(format!("{name}.{ending}")));
        let open = |path: &Path| AtomicFile::create(path).map_err(BatchError::written(path));
        let mut csv = csv::Writer::from_writer(open(&csv_path)?);
        csv.write_record(columns.iter().map(|column| &column.name)).map_err(csv_error(&csv_path))?;
        let data_type = |kind| match kind {
            Kind::Text => DataType::Utf8,
            Kind::Integer => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Boolean => DataType::Boolean,
        };
        let fields: Vec<arrow_schema::Field> = columns
            .iter()
            .map(|column| arrow_schema::Field::new(&column.name, data_type(column.kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("vellus {}", vellus::VERSION))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        let parquet = ArrowWriter::try_new(open(&parquet_path)?, schema.clone(), Some(properties))
            .map_err(parquet_error(&parquet_path))?;
        let held = vec![Vec::new(); columns.len()];
        Ok(Self { columns, csv, csv_path, parquet, parquet_path, schema, held })
    }

    /// Adds a row, a cell per column.
    ///
    /// # Errors
    /// [`BatchError`] when it cannot be written.
    pub fn add(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<(), BatchError> {
        let mut text = String::new();
        let mut ends = Vec::with_capacity(self.held.len());
        for (cell, held) in cells.into_iter().zip(&mut self.held) {
            cell.write(&mut text);
            ends.push(text.len());
            held.push(cell);
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let row = starts.zip(&ends).map(|(start, &end)| &text[start..end]);
        self.csv.write_record(row).map_err(csv_error(&self.csv_path))?;
        if self.held[0].len() == GROUP_ROWS { self.write_group() } else { Ok(()) }
    }

    /// Gives both files their names.
    ///
    /// # Errors
    /// [`BatchError`] when they cannot be written.
    pub fn finish(mut self) -> Result<(), BatchError> {
        self.write_group()?;
        let csv =
            self.csv.into_inner().map_err(|error| BatchError::written(&self.csv_path)(error.into_error()))?;
        let parquet = self.parquet.into_inner().map_err(parquet_error(&self.parquet_path))?;
        csv.finish().map_err(BatchError::written(&self.csv_path))?;
        parquet.finish().map_err(BatchError::written(&self.parquet_path))
    }

    fn write_group(&mut self) -> Result<(), BatchError> {
        if self.held[0].is_empty() {
            return Ok(());
        }
        let arrays = self
            .columns
            .iter()
            .zip(&mut self.held)
            .map(|(column, held)| array(column.kind, std::mem::take(held)));
        let arrays: Vec<ArrayRef> = arrays.collect();
        RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(ParquetError::from)
            .and_then(|batch| self.parquet.write(&batch))
            .and_then(|()| self.parquet.flush())
            .map_err(parquet_error(&self.parquet_path))
    }
}

/// A cell of another kind than its column's is a null; the tests hold that there is none.
fn array(kind: Kind, cells: Vec<Cell>) -> ArrayRef {
    macro_rules! collect {
        ($variant:ident) => {
            cells.into_iter().map(|cell| match cell {
                Cell::$variant(value) => Some(value),
                _ => None,
            })
        };
    }
    match kind {
        Kind::Text => Arc::new(collect!(Text).collect::<StringArray>()),
        Kind::Integer => Arc::new(collect!(Integer).collect::<Int64Array>()),
        Kind::Number => Arc::new(collect!(Number).collect::<Float64Array>()),
        Kind::Boolean => Arc::new(collect!(Boolean).collect::<BooleanArray>()),
    }
}

fn csv_error(path: &Path) -> impl FnOnce(csv::Error) -> BatchError {
    let written = BatchError::written(path);
    move |error| match error.into_kind() {
        csv::ErrorKind::Io(error) => written(error),
        other => written(std::io::Error::other(format!("{other:?}"))),
    }
}

fn parquet_error(path: &Path) -> impl FnOnce(ParquetError) -> BatchError {
    let path = path.display().to_string();
    move |error| BatchError::Parquet { path, detail: error.to_string() }
}
