//! How long a pixel is, and where that is known from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Shortest and longest pixel that is accepted, µm. Below 0.1 µm light itself does not resolve (Abbe limit about
/// 0.2 µm); above 200 µm a terminal hair is thinner than a pixel.
pub const UM_PER_PX_RANGE: [f64; 2] = [0.1, 200.0];

/// Where a scale comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationSource {
    /// Given by the caller (`--um-per-px`).
    Flag,
    /// Set in the protocol file.
    Protocol,
}

/// The scale of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Length of one pixel on the scalp, µm. Pixels are square.
    pub um_per_px: f64,
    /// Where it comes from.
    pub source: CalibrationSource,
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
}

impl Calibration {
    /// A scale given by hand.
    ///
    /// # Errors
    /// [`CalibrationError::OutOfRange`] when `um_per_px` is not finite or outside [`UM_PER_PX_RANGE`].
    pub fn new(um_per_px: f64, source: CalibrationSource) -> Result<Self, CalibrationError> {
        let [min, max] = UM_PER_PX_RANGE;
        if um_per_px.is_finite() && (min..=max).contains(&um_per_px) {
            Ok(Self { um_per_px, source })
        } else {
            Err(CalibrationError::OutOfRange { um_per_px, min, max })
        }
    }

    /// Area of one pixel, mm².
    pub fn px_area_mm2(&self) -> f64 {
        self.um_per_px * self.um_per_px * 1e-6
    }
}
