//! Every parameter that can change a number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::photo::DecodeLimits;
use crate::region::RegionShape;

/// How a photo is measured. The resolved protocol is stored in every [`crate::Measurement`]; equal protocols and equal
/// bytes give equal measurements.
///
/// As a file it is TOML; what is left out keeps its default:
///
/// ```
/// let protocol = vellus::Protocol::from_toml("vellus_limit_um = 40.0")?;
/// assert_eq!(protocol.vellus_limit_um, 40.0);
/// # Ok::<(), vellus::ProtocolError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Protocol {
    /// Scale, µm per px, for all photos of this protocol; a scale given with the photo wins. Default: none.
    pub um_per_px: Option<f64>,
    /// Whether a scale that is read in the picture (a bar with its length), or a resolution that the file states, is used
    /// where none is given. Without it such a scale is named only. Default: no.
    pub read_scale: bool,
    /// Part of the photo that is analysed, px. Default: the whole photo.
    pub region: RegionShape,
    /// Hairs thinner than this are vellus, µm. Default: 30, as trials count (non-vellus from 30 µm); TrichoScan cuts
    /// at 40, and both counts are always in the summary.
    pub vellus_limit_um: f64,
    /// Shortest visible length of a hair that counts, µm. Default: 120: the shortest stub that a phototrichogram's
    /// clipping leaves standing (0.3 mm), foreshortened by 65°.
    pub min_length_um: f64,
    /// Thickest single shaft, µm; what is wider is taken apart or not counted. Default: 140: human scalp hair ends
    /// at 120 µm, plus 15 % for the long axis of its elliptical section.
    pub max_diameter_um: f64,
    /// Lowest confidence of a hair that counts, 0 to 1. Default: 0.3: hairs that are missed altogether outnumber false
    /// ones, and at this limit the two come closest to cancelling over the scenes.
    pub min_confidence: f64,
    /// Largest distance between roots of one follicular unit, µm. Default: 200: a unit's orifices lie within 0.1 to
    /// 0.2 mm, units 0.8 to 1.2 mm apart.
    pub unit_distance_um: f64,
    /// Width of a bin of the diameter histogram, µm. Default: 10.
    pub histogram_bin_um: f64,
    /// Longest that measuring one photo may take, s. Default: 600, some hundred times what a photo of a few megapixels
    /// takes. A photo that takes longer fails whole (finding `took_too_long`): no number hangs on the machine's speed.
    pub max_seconds: f64,
    /// What is refused before it is decoded.
    pub decode: DecodeLimits,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            um_per_px: None,
            read_scale: false,
            region: RegionShape::Whole,
            vellus_limit_um: 30.0,
            min_length_um: 120.0,
            max_diameter_um: 140.0,
            min_confidence: 0.3,
            unit_distance_um: 200.0,
            histogram_bin_um: 10.0,
            max_seconds: 600.0,
            decode: DecodeLimits::default(),
        }
    }
}

/// A protocol that cannot be used.
#[derive(Debug, Error)]
pub enum ProtocolError {
    /// Not TOML, an unknown field, or a value of the wrong type.
    #[error("the protocol is not understood: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A number outside its range.
    #[error("the protocol's {field} is {value}, but must lie between {min} and {max}")]
    OutOfRange {
        /// Name of the field.
        field: &'static str,
        /// The value given.
        value: f64,
        /// Smallest value accepted.
        min: f64,
        /// Largest value accepted.
        max: f64,
    },
    /// A region without area.
    #[error(
        "the protocol's region cannot be used: sizes must be positive numbers of pixels, rings have at least three corners, and \
         several regions (up to 1,000) need names that differ, without a semicolon"
    )]
    Region,
}

impl Protocol {
    /// Reads a protocol file's text.
    ///
    /// # Errors
    /// [`ProtocolError`] when the text is not TOML, names an unknown field or gives a value outside its range.
    pub fn from_toml(text: &str) -> Result<Self, ProtocolError> {
        let protocol: Self = toml::from_str(text)?;
        protocol.check()?;
        Ok(protocol)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`ProtocolError::OutOfRange`] names the first field that is off.
    pub fn check(&self) -> Result<(), ProtocolError> {
        let ranges = [
            ("vellus_limit_um", self.vellus_limit_um, 1.0, 200.0),
            ("min_length_um", self.min_length_um, 0.0, 1e5),
            ("max_diameter_um", self.max_diameter_um, 20.0, 1000.0),
            ("min_confidence", self.min_confidence, 0.0, 1.0),
            ("unit_distance_um", self.unit_distance_um, 0.0, 2000.0),
            ("histogram_bin_um", self.histogram_bin_um, 0.1, 1000.0),
            ("max_seconds", self.max_seconds, 1e-3, 1e6),
        ];
        for (field, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(ProtocolError::OutOfRange { field, value, min, max });
            }
        }
        if let Some(value) = self.um_per_px {
            let [min, max] = crate::calibration::UM_PER_PX_RANGE;
            if !(min..=max).contains(&value) {
                return Err(ProtocolError::OutOfRange { field: "um_per_px", value, min, max });
            }
        }
        if self.region.is_valid() { Ok(()) } else { Err(ProtocolError::Region) }
    }
}
