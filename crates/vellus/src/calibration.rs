//! How long a pixel is, where that is known from, and how well.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::photo::{StatedScale, StatedScaleSource};
use crate::scale::ScaleMark;

/// Shortest and longest pixel that is accepted, µm. Below 0.1 µm light itself does not resolve (Abbe limit about
/// 0.2 µm); above 200 µm a terminal hair is thinner than a pixel.
pub const UM_PER_PX_RANGE: [f64; 2] = [0.1, 200.0];

/// Largest relative standard error of a scale that is accepted: beyond, a density is good for nothing.
pub const MOST_RELATIVE_ERROR: f64 = 0.2;

/// Relative standard error of a scale that somebody states without one: 1 %. A ruler or bar of 180 px is read to 1 px at
/// both ends (0.6 %), and the distance of lens and skin changes by some tenths of a per cent between ruler and scalp.
pub const ASSUMED_ERROR: f64 = 0.01;

/// The same of what a file states and nobody has checked: 2 %.
pub const ASSUMED_FILE_ERROR: f64 = 0.02;

/// Where a scale comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationSource {
    /// Given by the caller (`--um-per-px`, or the photo's row of a manifest).
    Flag,
    /// Given by the caller as the width of the field (`--field-width-mm`).
    FieldWidth,
    /// Set in the protocol file.
    Protocol,
    /// Set in the site file (`vellus.toml`).
    SiteFile,
    /// Read in the picture: a bar with its length printed beside it.
    ScaleBar,
    /// Stated by the file: DICOM's spacing of pixels.
    Dicom,
    /// Stated by the file: its resolution.
    FileResolution,
}

/// What the error of a scale is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleErrorBasis {
    /// Stated together with the scale.
    Stated,
    /// None was stated: 1 %, or 2 % where a file states the scale and nobody has checked it.
    Assumed,
    /// From the mark in the picture: how well its ends are told, and 1 % for the program that drew it.
    Read,
}

/// The scale of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Length of one pixel on the scalp, µm. Pixels are square.
    pub um_per_px: f64,
    /// Where it comes from.
    pub source: CalibrationSource,
    /// Relative standard error of `um_per_px`, 0 to 0.2. It is part of the intervals of all numbers in µm, mm² and per cm².
    #[serde(default)]
    pub relative_error: f64,
    /// What `relative_error` is based on.
    #[serde(default = "assumed")]
    pub error_basis: ScaleErrorBasis,
}

fn assumed() -> ScaleErrorBasis {
    ScaleErrorBasis::Assumed
}

/// A scale that cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CalibrationError {
    /// Not a number, or outside [`UM_PER_PX_RANGE`].
    #[error(
        "a scale of {um_per_px} µm per pixel cannot be used: it must lie between {min} and {max} µm per pixel; \
         measure it on a stage micrometer or ruler photographed with the same device and magnification"
    )]
    OutOfRange {
        /// The value given.
        um_per_px: f64,
        /// Smallest value accepted.
        min: f64,
        /// Largest value accepted.
        max: f64,
    },
    /// An error that is negative, no number, or too large.
    #[error(
        "an error of {} % of the scale cannot be used: it must lie between 0 and {} %; measure the scale on a ruler",
        100.0 * .relative_error, 100.0 * MOST_RELATIVE_ERROR
    )]
    Error {
        /// The relative error given.
        relative_error: f64,
    },
}

impl Calibration {
    /// A scale without a stated error: [`ASSUMED_ERROR`] is taken.
    ///
    /// # Errors
    /// [`CalibrationError::OutOfRange`] when `um_per_px` is not finite or outside [`UM_PER_PX_RANGE`].
    pub fn new(um_per_px: f64, source: CalibrationSource) -> Result<Self, CalibrationError> {
        let [min, max] = UM_PER_PX_RANGE;
        if um_per_px.is_finite() && (min..=max).contains(&um_per_px) {
            Ok(Self {
                um_per_px,
                source,
                relative_error: ASSUMED_ERROR,
                error_basis: ScaleErrorBasis::Assumed,
            })
        } else {
            Err(CalibrationError::OutOfRange { um_per_px, min, max })
        }
    }

    /// The same scale with a stated standard error, µm per px.
    ///
    /// # Errors
    /// [`CalibrationError::Error`] when it is negative, no number or more than a fifth of the scale.
    pub fn with_error(self, error_um_per_px: f64) -> Result<Self, CalibrationError> {
        let relative_error = error_um_per_px / self.um_per_px;
        if (0.0..=MOST_RELATIVE_ERROR).contains(&relative_error) {
            Ok(Self { relative_error, error_basis: ScaleErrorBasis::Stated, ..self })
        } else {
            Err(CalibrationError::Error { relative_error })
        }
    }

    /// A scale as people write it: `5.54`, or with its standard error `5.54±0.05` (`+-`, too).
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_text(text: &str, source: CalibrationSource) -> Result<Self, String> {
        let number = |text: &str| {
            let text = text.trim();
            text.parse::<f64>().map_err(|_| match text.replace(',', ".").parse::<f64>() {
                Ok(number) => format!("write it with a point: {number}"),
                Err(_) => {
                    "it must be a number of micrometres per pixel, such as 5.54 or 5.54±0.05".to_owned()
                }
            })
        };
        let parts = text.split_once('±').or_else(|| text.split_once("+-"));
        let scale = Self::new(number(parts.map_or(text, |(value, _)| value))?, source);
        let scale = match parts {
            None => scale,
            Some((_, error)) => {
                let error = number(error)?;
                scale.and_then(|scale| scale.with_error(error))
            }
        };
        scale.map_err(|error| error.to_string())
    }

    /// The text that [`Calibration::from_text`] reads: with the standard error if that was stated.
    pub fn text(&self) -> String {
        match self.error_basis {
            ScaleErrorBasis::Stated => format!("{}±{}", self.um_per_px, self.um_per_px * self.relative_error),
            _ => self.um_per_px.to_string(),
        }
    }

    /// The scale of a photo that is `width_px` wide and shows `width_mm` of scalp.
    ///
    /// # Errors
    /// [`CalibrationError::OutOfRange`] when that gives no scale that can be used.
    pub fn of_field_width(width_mm: f64, width_px: u32) -> Result<Self, CalibrationError> {
        let um_per_px = crate::estimate::round(1e3 * 1e3 * width_mm / f64::from(width_px)) / 1e3;
        Self::new(um_per_px, CalibrationSource::FieldWidth)
    }

    /// The scale by a mark in the picture.
    pub fn of_mark(mark: &ScaleMark) -> Option<Self> {
        let scale = Self::new(mark.um_per_px, CalibrationSource::ScaleBar).ok()?;
        Some(Self { relative_error: mark.relative_error, error_basis: ScaleErrorBasis::Read, ..scale })
    }

    /// The scale that a file states, if its pixels are square to a per cent and the field means a length on the scalp.
    pub fn of_file(stated: &StatedScale) -> Option<Self> {
        let source = match stated.source {
            StatedScaleSource::DicomPixelSpacing => CalibrationSource::Dicom,
            StatedScaleSource::DicomImagerPixelSpacing | StatedScaleSource::DicomScannedPixelSpacing => {
                return None;
            }
            _ => CalibrationSource::FileResolution,
        };
        let [x, y] = [stated.um_per_px_x, stated.um_per_px_y];
        let um_per_px = crate::estimate::round(0.5e3 * (x + y)) / 1e3;
        let scale = Self::new(um_per_px, source).ok()?;
        ((x - y).abs() <= 0.01 * um_per_px).then_some(Self { relative_error: ASSUMED_FILE_ERROR, ..scale })
    }

    /// Area of one pixel, mm².
    pub fn px_area_mm2(&self) -> f64 {
        self.um_per_px * self.um_per_px * 1e-6
    }

    /// Whether two scales differ by more than 1.96 standard errors of their difference.
    pub fn disagrees(&self, other: &Self) -> bool {
        let off = (self.um_per_px / other.um_per_px - 1.0).abs();
        off > crate::estimate::Z95 * libm::hypot(self.relative_error, other.relative_error)
    }

    /// How far the errors of two photos' scales are the same error, and how far they are independent, relative standard
    /// errors. What somebody states once for a device is off by the same in both; of what is read in the pictures, the
    /// program that drew the marks is, and the reading is not.
    pub fn common_and_apart(&self, other: &Self) -> [f64; 2] {
        let errors = [self.relative_error, other.relative_error];
        let common = if self.source != other.source {
            0.0
        } else if self.error_basis == ScaleErrorBasis::Read {
            crate::scale::DRAWN_ERROR.min(errors[0]).min(errors[1])
        } else if self.um_per_px == other.um_per_px {
            errors[0].min(errors[1])
        } else {
            0.0
        };
        let rest = errors.map(|e| (e * e - common * common).max(0.0));
        [common, (rest[0] + rest[1]).sqrt()]
    }
}
