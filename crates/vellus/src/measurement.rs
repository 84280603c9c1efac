//! The record of one photo's measurement: schema `vellus.measurement/1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;
use crate::calibration::Calibration;
use crate::cut::hairs_in;
use crate::estimate::Estimate;
use crate::finding::{Finding, Verdict};
use crate::hair::{FollicularUnit, Hair, PointPx};
use crate::photo::ColourSpace;
use crate::protocol::Protocol;
use crate::region::{Region, RegionShape};
use crate::scale::ScaleMark;
use crate::spectrum::{Lines, search_um_per_px};
use crate::sure::{CountError, count_error, shared_error_um};

/// Name and version of the record.
pub const MEASUREMENT_SCHEMA: &str = "vellus.measurement/1";

/// Which photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageRecord {
    /// The path as given; `null` when the photo came as bytes or pixels.
    pub path: Option<String>,
    /// Width after the orientation was applied, px.
    pub width_px: u32,
    /// Height after the orientation was applied, px.
    pub height_px: u32,
    /// `blake3:` and the hash of the file's bytes (of the pixels, when the photo came as pixels).
    pub content_hash: String,
    /// `jpeg`, `png`, `tiff`, `bmp`, `gif`, `webp`, `dicom` or `pixels`.
    pub format: String,
    /// Bits per channel in the file.
    pub bit_depth: u8,
    /// What decoded it, with its version: decoders differ by a few grey levels.
    pub decoder: String,
    /// What its samples were taken for: colours that the file declares are converted to sRGB where that can be done.
    #[serde(default)]
    pub colour_space: ColourSpace,
}

/// What the photo is good for, and every doubt about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// The findings in one word.
    pub verdict: Verdict,
    /// Standard deviation of the noise in the skin, in units of the skin's brightness (1 = as bright as the skin).
    pub noise_sd: Option<f64>,
    /// Standard deviation of the blur of a shaft's edge, px.
    pub blur_sigma_px: Option<f64>,
    /// Standard error of `blur_sigma_px`, px.
    #[serde(default)]
    pub blur_se_px: Option<f64>,
    /// Least and largest blur over the part of the field in which shafts tell it, px; equal where it does not change.
    #[serde(default)]
    pub blur_range_px: Option<[f64; 2]>,
    /// What the photo looks like as a whole; `null` where it could not be measured.
    #[serde(default)]
    pub appearance: Option<Appearance>,
    /// The doubts.
    pub findings: Vec<Finding>,
}

/// How often a diameter occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiameterHistogram {
    /// Width of a bin, µm; the first bin starts at 0.
    pub bin_width_um: f64,
    /// Counted hairs per bin.
    pub counts: Vec<u32>,
}

/// The numbers of the photo. What needs a scale is `null` without one; all but `hair_count` is `null` when the verdict
/// is `fail`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Hairs that count: rooted in the region, and sure enough by the protocol.
    pub hair_count: u32,
    /// 95 % interval of the count from the hairs' confidences: of the counting, not of sampling the scalp.
    pub hair_count_ci95: Option<[f64; 2]>,
    /// Hairs per cm² of the region.
    pub density_per_cm2: Option<f64>,
    /// `hair_count_ci95` per cm², with the error of the scale (twice, as an area).
    pub density_ci95_per_cm2: Option<[f64; 2]>,
    /// Mean diameter, µm.
    pub mean_diameter_um: Option<f64>,
    /// 95 % interval of the mean diameter, µm: its scatter over hairs and the error of the scale.
    #[serde(default)]
    pub mean_diameter_ci95_um: Option<[f64; 2]>,
    /// Median diameter, µm.
    pub median_diameter_um: Option<f64>,
    /// Standard deviation of the diameter over hairs, µm.
    pub diameter_sd_um: Option<f64>,
    /// Mean width, px: for photos without a scale.
    pub mean_width_px: Option<f64>,
    /// How often a diameter occurs.
    pub diameter_histogram: Option<DiameterHistogram>,
    /// The limit between vellus and terminal that `terminal_count` and `vellus_count` use, µm.
    pub vellus_limit_um: Option<f64>,
    /// Counted hairs at or above the limit.
    pub terminal_count: Option<u32>,
    /// Counted hairs below the limit.
    pub vellus_count: Option<u32>,
    /// Counted hairs of at least 30 µm.
    pub non_vellus_count_30um: Option<u32>,
    /// Counted hairs of at least 40 µm.
    pub non_vellus_count_40um: Option<u32>,
    /// Expected hairs of at least 30 µm: each counts with the probability that it is, by the error of its diameter. The interval
    /// carries that and the error of the count.
    #[serde(default)]
    pub non_vellus_expected_30um: Option<Estimate>,
    /// Expected hairs of at least 40 µm.
    #[serde(default)]
    pub non_vellus_expected_40um: Option<Estimate>,
    /// Diameters below which 10, 25, 50, 75 and 90 % of the counted hairs are, µm.
    #[serde(default)]
    pub diameter_percentiles_um: Option<[f64; 5]>,
    /// Share of the counted hairs whose diameter is more than 20 % off the mean, 0 to 1 (anisotrichosis).
    #[serde(default)]
    pub unlike_diameter_fraction: Option<f64>,
    /// Sum of the diameters per area, mm/cm².
    pub cumulative_thickness_mm_per_cm2: Option<f64>,
    /// Its 95 % interval: of the count, of the mean diameter and of the scale.
    #[serde(default)]
    pub cumulative_thickness_ci95_mm_per_cm2: Option<[f64; 2]>,
    /// Share of the region that shafts cover, 0 to 1.
    pub hair_area_fraction: Option<f64>,
    /// Follicular units with at least one counted hair.
    pub unit_count: Option<u32>,
    /// Follicular units per cm².
    pub units_per_cm2: Option<f64>,
    /// Counted hairs per follicular unit.
    pub hairs_per_unit: Option<f64>,
    /// How many units have 1, 2, 3, … counted hairs.
    pub units_by_hairs: Option<Vec<u32>>,
    /// Mean distance from a unit to its nearest neighbour, µm.
    pub unit_neighbour_distance_um: Option<f64>,
    /// Mean visible length of counted hairs, µm.
    pub mean_length_um: Option<f64>,
    /// Its 95 % interval: its scatter over hairs and the error of the scale.
    #[serde(default)]
    pub mean_length_ci95_um: Option<[f64; 2]>,
    /// Mean visible length of counted hairs, px.
    pub mean_length_px: Option<f64>,
    /// Circular mean of the counted hairs' directions, degrees; see [`Hair::direction_deg`].
    pub mean_direction_deg: Option<f64>,
    /// Length of the mean direction vector, 0 (all directions) to 1 (all parallel).
    pub direction_concentration: Option<f64>,
    /// Thinnest hair that the photo resolves, µm.
    pub resolvable_diameter_um: Option<f64>,
}

/// What a reader's corrections did to a measurement. Numbers are of corrections that were applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedCorrections {
    /// Codes of the readers.
    pub readers: Vec<String>,
    /// `blake3:` and the hash of the file with the corrections.
    pub file_hash: String,
    /// Hairs that were drawn, counted or not, before any correction.
    pub automatic_hairs: u32,
    /// Hairs that were added.
    pub added: u32,
    /// Hairs that were removed.
    pub removed: u32,
    /// Hairs that were split into several.
    pub split: u32,
    /// Times that several hairs were merged into one.
    pub merged: u32,
    /// Times that root and tip were exchanged.
    pub turned: u32,
    /// Automatic hairs that did not count and that a drawn hair took the place of.
    pub replaced: u32,
    /// Hairs that corrections took away: removed, replaced, split and merged ones.
    pub hairs_taken: u32,
    /// Hairs that corrections made, by adding, splitting and merging: `automatic_hairs` − `hairs_taken` + this are drawn.
    pub hairs_made: u32,
    /// Areas that were taken out as not scalp.
    pub not_scalp_regions: u32,
    /// Their corners, px; what an outline goes round is taken out, once or more often.
    pub not_scalp_px: Vec<Vec<PointPx>>,
    /// Corrections that could not be applied; a finding names them.
    pub not_applied: u32,
    /// The numbers before any correction.
    pub automatic_summary: Summary,
}

impl AppliedCorrections {
    /// Flags of the pixels of the photo, row by row, that no reader marked as not scalp.
    pub fn left(&self, width_px: usize, height_px: usize) -> Vec<bool> {
        let mut left = vec![true; width_px * height_px];
        crate::corrections::mask(&mut left, width_px, &self.not_scalp_px);
        left
    }
}

/// The numbers of one of several regions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionSummary {
    /// Its name.
    pub name: String,
    /// The part of the photo.
    pub region: Region,
    /// Its numbers: of the hairs that count and are rooted in it. All `null` but `hair_count` when the verdict is `fail`.
    pub summary: Summary,
    /// Ids of the hairs that count in it. Where regions overlap, a hair counts in each, and once in the photo's summary.
    pub hairs: Vec<u32>,
}

/// Everything that was measured on one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// [`MEASUREMENT_SCHEMA`].
    pub schema: String,
    /// Which photo.
    pub image: ImageRecord,
    /// The scale; `null` when none was given and none could be read.
    pub calibration: Option<Calibration>,
    /// The part of the photo that was analysed.
    pub region: Region,
    /// What the photo is good for.
    pub quality: Quality,
    /// The numbers.
    pub summary: Summary,
    /// The numbers of each of several regions; absent where none or one was asked for. `region` and `summary` are of all of
    /// them together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionSummary>,
    /// Every hair that was drawn, counted or not.
    pub hairs: Vec<Hair>,
    /// Hairs that emerge together.
    pub follicular_units: Vec<FollicularUnit>,
    /// Every parameter that can change a number, as it was used.
    pub protocol: Protocol,
    /// Version of vellus.
    pub software: String,
    /// What a reader corrected; absent where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrections: Option<AppliedCorrections>,
    /// Scale marks that were read in the picture; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale_marks: Vec<ScaleMark>,
}

impl Measurement {
    /// Mean diameter, µm, with the standard error of the mean over hairs, what their readings have in common, and the scale's.
    pub fn mean_diameter(&self) -> Option<Estimate> {
        let n = self.counted().filter(|hair| hair.diameter_um.is_some()).count() as f64;
        let mean = self.summary.mean_diameter_um?;
        let sd = self.summary.diameter_sd_um.unwrap_or(0.0);
        let of_scale = self.calibration.map_or(0.0, |scale| scale.relative_error) * mean;
        let own = libm::hypot(sd / n.max(1.0).sqrt(), shared_error_um(self.counted()));
        Some(Estimate::non_negative(mean, libm::hypot(own, of_scale)))
    }

    /// The hairs that count.
    pub fn counted(&self) -> impl Iterator<Item = &Hair> {
        self.hairs.iter().filter(|hair| hair.counted)
    }
}

impl Measurement {
    /// Pixel size by which lengths are judged, µm: the scale, or without one what the photo's lines suggest.
    pub(crate) fn judged_um_per_px(&self) -> f64 {
        let lines = self.quality.appearance.and_then(|seen| {
            let usual_px = seen.usual_line_px?;
            // Records of before it was told were judged by the usual line.
            let single_px = seen.single_line_px.unwrap_or(usual_px);
            Some(Lines { usual_px, single_px })
        });
        self.calibration.map_or_else(|| search_um_per_px(None, lines), |scale| scale.um_per_px)
    }

    /// How far the count of these hairs in a region may be off; `None` where nothing was measured. What a reader added or removed
    /// makes it no surer: whether everything was gone through is not known.
    pub(crate) fn count_error(&self, hairs: &[Hair], region: &RegionShape) -> Option<CountError> {
        let seen = self.quality.appearance.as_ref()?;
        Some(count_error(
            seen,
            &hairs_in(hairs, region),
            self.quality.blur_sigma_px,
            self.calibration.is_some(),
        ))
    }
}
