//! The outputs that all photos share, written in the order of the photos.

use std::io::{self, BufWriter, StdoutLock, Write};

use anyhow::{Context, Result};
use vellus::Measurement;
use vellus_report::atomic::AtomicFile;
use vellus_report::csv::HairTable;
use vellus_report::json;
use vellus_report::table::{self, TableStyle};

use crate::output::{Outputs, Stream, Tables};

/// What is open while photos are measured.
pub struct Sink {
    stdout: BufWriter<StdoutLock<'static>>,
    printed: Printed,
    json: Option<AtomicFile>,
    /// Photos that were added.
    added: usize,
}

/// What standard output carries.
enum Printed {
    Nothing,
    Summary(TableStyle),
    Json,
    Csv,
}

impl Sink {
    /// Opens the outputs.
    ///
    /// # Errors
    /// When the JSON file cannot be created.
    pub fn open(outputs: &Outputs, style: TableStyle) -> Result<Self> {
        let json = match &outputs.json {
            Some(Stream::File(path)) => {
                let file = AtomicFile::create(path);
                Some(file.with_context(|| format!("{} cannot be written", path.display()))?)
            }
            _ => None,
        };
        let printed = match outputs {
            Outputs { json: Some(Stream::Stdout), .. } => Printed::Json,
            Outputs { csv: Some(Tables::Stdout), .. } => Printed::Csv,
            Outputs { summary: true, .. } => Printed::Summary(style),
            _ => Printed::Nothing,
        };
        Ok(Self { stdout: BufWriter::new(io::stdout().lock()), printed, json, added: 0 })
    }

    /// Adds the next photo.
    ///
    /// # Errors
    /// When an output cannot be written to.
    pub fn add(&mut self, measurement: &Measurement) -> Result<()> {
        if let Some(file) = &mut self.json {
            json::write_line(file, measurement).context("the JSON file cannot be written")?;
        }
        match self.printed {
            Printed::Nothing => {}
            Printed::Json => json::write_line(&mut self.stdout, measurement)?,
            Printed::Csv if self.added == 0 => HairTable::new(&mut self.stdout)?.add(measurement)?,
            Printed::Csv => HairTable::continued(&mut self.stdout).add(measurement)?,
            Printed::Summary(style) => {
                if self.added > 0 {
                    writeln!(self.stdout)?;
                }
                self.stdout.write_all(table::summary(measurement, style).as_bytes())?;
            }
        }
        self.added += 1;
        self.stdout.flush()?;
        Ok(())
    }

    /// Gives the JSON file its name, if there is a document in it.
    ///
    /// # Errors
    /// When it cannot be finished.
    pub fn finish(self) -> Result<()> {
        match self.json {
            Some(file) if self.added > 0 => file.finish().context("the JSON file cannot be written"),
            _ => Ok(()),
        }
    }
}
