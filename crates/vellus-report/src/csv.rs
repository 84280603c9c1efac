//! One row per hair (RFC 4180), counted or not.
//!
//! Columns are named as in the JSON record, with `photo` (the path as given) first, so that tables of many photos can
//! be stacked. An empty cell is the record's `null`: unknown, not applicable or not resolvable, never zero. A photo
//! without hair gives no row.

use std::io::{self, Write};

use serde::Serialize;
use vellus::{DiameterBasis, Hair, HairClass, Measurement, NotCounted, Origin, Polarity};

/// The columns in their order.
pub const COLUMNS: [&str; 26] = [
    "photo",
    "id",
    "follicular_unit",
    "counted",
    "not_counted",
    "class",
    "diameter_um",
    "diameter_se_um",
    "diameter_sd_um",
    "diameter_limit_um",
    "diameter_basis",
    "width_px",
    "width_se_px",
    "length_um",
    "length_px",
    "root_x_px",
    "root_y_px",
    "tip_x_px",
    "tip_y_px",
    "direction_deg",
    "polarity",
    "confidence",
    "root_confidence",
    "um_per_px",
    "origin",
    "region",
];

/// A row; the fields are [`COLUMNS`], each as [`Hair`] documents it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    photo: Option<&'a str>,
    id: u32,
    follicular_unit: Option<u32>,
    counted: bool,
    not_counted: Option<NotCounted>,
    class: Option<HairClass>,
    diameter_um: Option<f64>,
    diameter_se_um: Option<f64>,
    diameter_sd_um: Option<f64>,
    diameter_limit_um: Option<f64>,
    diameter_basis: Option<DiameterBasis>,
    width_px: Option<f64>,
    width_se_px: Option<f64>,
    length_um: Option<f64>,
    length_px: f64,
    root_x_px: f64,
    root_y_px: f64,
    tip_x_px: f64,
    tip_y_px: f64,
    direction_deg: f64,
    polarity: Polarity,
    confidence: f64,
    root_confidence: f64,
    um_per_px: Option<f64>,
    origin: Origin,
    /// Names of the regions that it counts in, where there are several.
    region: String,
}

impl<'a> Row<'a> {
    fn new(measurement: &'a Measurement, hair: &Hair) -> Self {
        let [root_x_px, root_y_px] = hair.root_px;
        let [tip_x_px, tip_y_px] = hair.tip_px;
        Self {
            photo: measurement.image.path.as_deref(),
            id: hair.id,
            follicular_unit: hair.follicular_unit,
            counted: hair.counted,
            not_counted: hair.not_counted,
            class: hair.class,
            diameter_um: hair.diameter_um,
            diameter_se_um: hair.diameter_se_um,
            diameter_sd_um: hair.diameter_sd_um,
            diameter_limit_um: hair.diameter_limit_um,
            diameter_basis: hair.diameter_basis,
            width_px: hair.width_px,
            width_se_px: hair.width_se_px,
            length_um: hair.length_um,
            length_px: hair.length_px,
            root_x_px,
            root_y_px,
            tip_x_px,
            tip_y_px,
            direction_deg: hair.direction_deg,
            polarity: hair.polarity,
            confidence: hair.confidence,
            root_confidence: hair.root_confidence,
            um_per_px: measurement.calibration.map(|calibration| calibration.um_per_px),
            origin: hair.origin,
            region: measurement
                .regions
                .iter()
                .filter(|region| region.hairs.contains(&hair.id))
                .map(|region| region.name.as_str())
                .collect::<Vec<_>>()
                .join("; "),
        }
    }
}

/// Writes the hairs of one photo or of many as one table.
#[derive(Debug)]
pub struct HairTable<W: Write> {
    writer: ::csv::Writer<W>,
}

impl<W: Write> HairTable<W> {
    /// Starts a table with its header.
    ///
    /// # Errors
    /// When `writer` fails.
    pub fn new(writer: W) -> io::Result<Self> {
        let mut table = Self::continued(writer);
        table.writer.write_record(COLUMNS)?;
        Ok(table)
    }

    /// Goes on with a table whose header is written.
    pub fn continued(writer: W) -> Self {
        Self { writer: ::csv::WriterBuilder::new().has_headers(false).from_writer(writer) }
    }

    /// Adds the hairs of one photo.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn add(&mut self, measurement: &Measurement) -> io::Result<()> {
        for hair in &measurement.hairs {
            self.writer.serialize(Row::new(measurement, hair))?;
        }
        self.writer.flush()
    }

    /// Ends the table and gives the writer back.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(::csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
