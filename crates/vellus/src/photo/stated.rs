//! What a file says of the length of its pixels. Only what can be meant: most files carry a printer's or a screen's
//! resolution that nobody chose, and that is left out here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calibration::UM_PER_PX_RANGE;

/// A length of a pixel as the file states it. Nobody has checked it: whether and how far it is believed is not decided
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatedScale {
    /// From one pixel to the next along x of the upright photo, µm.
    pub um_per_px_x: f64,
    /// From one pixel to the next along y of the upright photo, µm.
    pub um_per_px_y: f64,
    /// Which field of the file says so.
    pub source: StatedScaleSource,
}

/// Where a file states the length of its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatedScaleSource {
    /// DICOM `PixelSpacing` (0028,0030), on the patient; in a functional group, too.
    DicomPixelSpacing,
    /// DICOM `ImagerPixelSpacing` (0018,1164), on the sensor: the length on the scalp only if nothing magnifies.
    DicomImagerPixelSpacing,
    /// DICOM `NominalScannedPixelSpacing` (0018,2010), of a scanned film or print.
    DicomScannedPixelSpacing,
    /// TIFF `XResolution` and `YResolution` with inch or centimetre as their unit.
    TiffResolution,
    /// ImageJ's resolution in a TIFF, with a unit of length in its description.
    ImageJ,
    /// OME-XML in a TIFF: `PhysicalSizeX` and `PhysicalSizeY`.
    OmeXml,
    /// PNG `pHYs`, per metre.
    PngPhys,
    /// JPEG's JFIF header, with inch or centimetre as its unit.
    Jfif,
    /// BMP's resolution, per metre.
    BmpResolution,
}

impl StatedScaleSource {
    /// Whether the field is one that devices write for print and screen, so that round resolutions mean nothing.
    fn is_resolution(self) -> bool {
        matches!(self, Self::TiffResolution | Self::PngPhys | Self::Jfif | Self::BmpResolution)
    }

    /// The field's name, as a sentence would call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DicomPixelSpacing => "DICOM PixelSpacing",
            Self::DicomImagerPixelSpacing => "DICOM ImagerPixelSpacing",
            Self::DicomScannedPixelSpacing => "DICOM NominalScannedPixelSpacing",
            Self::TiffResolution => "TIFF resolution",
            Self::ImageJ => "ImageJ's scale",
            Self::OmeXml => "OME PhysicalSize",
            Self::PngPhys => "PNG pHYs",
            Self::Jfif => "JFIF density",
            Self::BmpResolution => "BMP resolution",
        }
    }
}

/// Coarsest resolution that can be a scale of a close-up, µm per px (508 dpi). What is coarser is a screen's or a
/// printer's; photos that are meant here have 3 to 12 µm per px.
const COARSEST_RESOLUTION_UM: f64 = 50.0;

/// Resolutions of scanners, printers and phones above 508 dpi, dots per inch.
const ROUND_DPI: [f64; 22] = [
    600.0, 700.0, 720.0, 800.0, 900.0, 1000.0, 1200.0, 1440.0, 1500.0, 1600.0, 1800.0, 2000.0, 2400.0,
    2880.0, 3000.0, 3200.0, 3600.0, 4000.0, 4800.0, 5760.0, 6400.0, 9600.0,
];

/// How close a resolution must be to a round one to be it: PNG and BMP round to whole pixels per metre.
const ROUND_WITHIN: f64 = 1e-3;

const UM_PER_INCH: f64 = 25_400.0;

impl StatedScale {
    /// The scale if it can be one: finite, within [`UM_PER_PX_RANGE`] and no default of a printer, scanner or screen.
    pub(super) fn new(um_per_px: [f64; 2], source: StatedScaleSource) -> Option<Self> {
        let [min, max] = UM_PER_PX_RANGE;
        let can_be = |um: f64| {
            let dpi = UM_PER_INCH / um;
            let default = um > COARSEST_RESOLUTION_UM
                || ROUND_DPI.iter().any(|round| (dpi - round).abs() <= ROUND_WITHIN * round);
            (min..=max).contains(&um) && !(source.is_resolution() && default)
        };
        let [um_per_px_x, um_per_px_y] = um_per_px;
        um_per_px.into_iter().all(can_be).then_some(Self { um_per_px_x, um_per_px_y, source })
    }

    /// From pixels per unit; `unit_um` is the unit, µm.
    pub(super) fn per_unit(px: [f64; 2], unit_um: f64, source: StatedScaleSource) -> Option<Self> {
        px.iter().all(|px| *px > 0.0).then(|| Self::new(px.map(|px| unit_um / px), source)).flatten()
    }

    /// The same after a turn that exchanges width and height.
    pub(super) fn transposed(self) -> Self {
        Self { um_per_px_x: self.um_per_px_y, um_per_px_y: self.um_per_px_x, ..self }
    }
}

/// The unit of a JFIF header or a TIFF: 2 and 3 in TIFF, 1 and 2 in JFIF; µm.
pub(super) const INCH_UM: f64 = UM_PER_INCH;
pub(super) const CENTIMETRE_UM: f64 = 10_000.0;
pub(super) const METRE_UM: f64 = 1e6;

/// A unit of length as programs write it, µm.
fn unit_um(name: &str) -> Option<f64> {
    // ImageJ writes the micro sign as \u00B5, as a byte of Latin-1, or as a letter u.
    Some(match name.trim().trim_end_matches('\0') {
        "µm" | "μm" | "um" | "micron" | "microns" | "micrometer" | "micrometre" | "\\u00B5m"
        | "\u{fffd}m" => 1.0,
        "nm" => 1e-3,
        "mm" | "millimeter" | "millimetre" => 1e3,
        "cm" => CENTIMETRE_UM,
        "m" => METRE_UM,
        "inch" | "in" => INCH_UM,
        _ => return None,
    })
}

/// ImageJ's description of a TIFF: `ImageJ=1.54f`, then a `unit=` among its lines; resolutions are pixels per unit.
pub(super) fn imagej(description: &str, px_per_unit: [f64; 2]) -> Option<StatedScale> {
    let lines = description.strip_prefix("ImageJ=")?.lines();
    let unit = lines.filter_map(|line| line.strip_prefix("unit=")).find_map(unit_um)?;
    StatedScale::per_unit(px_per_unit, unit, StatedScaleSource::ImageJ)
}

/// OME-XML in a TIFF's description. Its unit is µm where none is given (OME 2016-06).
pub(super) fn ome(description: &str) -> Option<StatedScale> {
    let pixels = description.split_once("<Pixels")?.1.split_once('>')?.0;
    let attribute = |name: &str| {
        let value = pixels.split_once(&format!(" {name}=\""))?.1;
        value.split_once('"').map(|(value, _)| value)
    };
    let um = |size: &str, unit: &str| {
        let unit = attribute(unit).map_or(Some(1.0), unit_um)?;
        attribute(size)?.parse::<f64>().ok().map(|value| value * unit)
    };
    let sides = [um("PhysicalSizeX", "PhysicalSizeXUnit")?, um("PhysicalSizeY", "PhysicalSizeYUnit")?];
    StatedScale::new(sides, StatedScaleSource::OmeXml)
}
