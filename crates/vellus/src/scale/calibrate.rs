//! Measures the scale on a photo of a ruler or stage micrometer.
//!
//! [`Photo`] of a ruler → [`RulerScale`]. All ticks are fitted together, so that the scale is told far better than by two of
//! them; how far they depart from equal distances is what the lens distorts.

use thiserror::Error;

use super::finer::has_finer;
use super::tone::Tone;
use super::{Ruler, Site, rulers_of};
use crate::calibration::{Calibration, CalibrationError, CalibrationSource};
use crate::photo::Photo;

/// Relative standard error of a ruler itself: cheap steel rulers and printed micrometers are right to 0.2 %.
const RULER_ERROR: f64 = 0.002;
/// The same of the direction that no ruler was laid along: pixels of sensors are square, lenses to some tenths of a per cent.
const OTHER_DIRECTION_ERROR: f64 = 0.003;
/// Rulers in two directions may differ by this; more is said.
const SQUARE: f64 = 0.01;

/// The scale by a photo of a ruler.
#[derive(Debug, Clone, PartialEq)]
pub struct RulerScale {
    /// Length of a pixel, µm: of both directions together.
    pub um_per_px: f64,
    /// Its standard error, µm per px.
    pub um_per_px_error: f64,
    /// Along a ruler that lies nearer to the rows, µm per px.
    pub x_um_per_px: Option<f64>,
    /// Along a ruler that lies nearer to the columns, µm per px.
    pub y_um_per_px: Option<f64>,
    /// Largest departure of a tick from equal distances, relative to the length of its ruler.
    pub distortion: f64,
    /// The rulers that were used.
    pub rulers: Vec<Ruler>,
}

/// Why a photo of a ruler gives no scale.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RulerError {
    /// No ticks.
    #[error(
        "no ruler was found: at least 8 ticks at equal distances, 16 px or more apart, must run through the photo; focus on the \
         ruler, and lay it so that its ticks are darker or brighter than what is between them"
    )]
    NoRuler,
    /// Ticks so close that they may be every second one only.
    #[error(
        "ticks {0:.1} px apart are too close to be told one by one; they must be 16 px apart: go nearer, or use a ruler with \
         coarser ticks"
    )]
    TooFine(f64),
    /// Ticks between those that were found.
    #[error(
        "between ticks {0:.1} px apart there are finer ones that cannot be told one by one; they must be 16 px apart: go nearer, or \
         use a ruler with coarser ticks"
    )]
    Finer(f64),
    /// A distance of ticks that is none.
    #[error("ticks {0} mm apart cannot be used: the distance must lie between 0.001 and 100 mm")]
    Tick(f64),
    /// A scale that cannot be.
    #[error("{0}; check the distance of two ticks")]
    Scale(#[from] CalibrationError),
}

/// Least distance of two ticks, px: finer ones may be every second or fifth of what is there.
const LEAST_PERIOD_PX: f64 = 16.0;

/// Measures the ruler of a photo whose neighbouring ticks are `tick_mm` apart.
///
/// # Errors
/// [`RulerError`].
pub fn calibrate(photo: &Photo, tick_mm: f64) -> Result<RulerScale, RulerError> {
    if !(0.001..=100.0).contains(&tick_mm) {
        return Err(RulerError::Tick(tick_mm));
    }
    let tone = &Tone::of(photo)[0];
    let found = rulers_of(tone);
    // Of finer ticks every second or fifth may be all that is told.
    if let Some(fine) = found.iter().find(|ruler| ruler.period_px < LEAST_PERIOD_PX) {
        return Err(RulerError::TooFine(fine.period_px));
    }
    let is_x = |ruler: &&Ruler| {
        let turn = ruler.direction_deg.rem_euclid(180.0);
        !(45.0..135.0).contains(&turn)
    };
    let x = found.iter().find(is_x);
    let y = found.iter().find(|ruler| !is_x(ruler));
    let used: Vec<Ruler> = x.into_iter().chain(y).cloned().collect();
    if let Some(coarse) = used.iter().find(|ruler| has_finer(tone, ruler)) {
        return Err(RulerError::Finer(coarse.period_px));
    }
    let scale = |ruler: &Ruler| 1e3 * tick_mm / ruler.period_px;
    let scales: Vec<f64> = used.iter().map(scale).collect();
    if scales.is_empty() {
        return Err(RulerError::NoRuler);
    }
    let um_per_px = scales.iter().sum::<f64>() / scales.len() as f64;
    let span = |ruler: &Ruler| (ruler.ticks.max(2) - 1) as f64 * ruler.period_px;
    let distortion = used.iter().map(|r| r.departure_px / span(r)).fold(0.0, f64::max);
    let fit = used.iter().map(|r| r.period_se_px / r.period_px).fold(0.0, f64::max);
    let between = match scales.as_slice() {
        [x, y] => 0.5 * (x / y - 1.0).abs(),
        _ => OTHER_DIRECTION_ERROR,
    };
    let squares = [RULER_ERROR, fit, distortion, between].map(|e| e * e);
    let relative = squares.iter().sum::<f64>().sqrt();
    let fine = |v: f64| libm::round(v * 1e4) / 1e4;
    let um_per_px = fine(um_per_px);
    let um_per_px_error = (fine(um_per_px * relative)).max(1e-4);
    Calibration::new(um_per_px, CalibrationSource::SiteFile)?.with_error(um_per_px_error)?;
    let along = |ruler: Option<&Ruler>| ruler.map(|r| fine(scale(r)));
    Ok(RulerScale {
        um_per_px,
        um_per_px_error,
        x_um_per_px: along(x),
        y_um_per_px: along(y),
        distortion,
        rulers: used,
    })
}

impl RulerScale {
    /// Whether both directions were measured and differ by more than a per cent: a ruler that is tilted, two rulers with
    /// other ticks, or a lens that is not made for measuring.
    pub fn is_not_square(&self) -> bool {
        match (self.x_um_per_px, self.y_um_per_px) {
            (Some(x), Some(y)) => (x / y - 1.0).abs() > SQUARE,
            _ => false,
        }
    }

    /// The site file of the device that took the photo; what else stood in it `before` stays.
    pub fn site(&self, before: Site, device: Option<&str>, magnification: Option<&str>) -> Site {
        Site {
            device: device.map(str::to_owned).or(before.device),
            magnification: magnification.map(str::to_owned).or(before.magnification),
            um_per_px: Some(self.um_per_px),
            um_per_px_error: Some(self.um_per_px_error),
            ..before
        }
    }
}
