//! The record of what changed between two visits: schema `vellus.comparison/1`.
//!
//! Ids of hairs are those of the two measurements that the record holds. A hair that only the second look found is
//! added to its measurement with `counted: false` and [`crate::NotCounted::SecondLook`]: the photo's own numbers stay
//! what `measure` gives, and the match has a hair to name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compare::conditions::Conditions;
use crate::estimate::Estimate;
use crate::finding::Finding;
use crate::hair::PointPx;
use crate::measurement::Measurement;

/// Name and version of the record.
pub const COMPARISON_SCHEMA: &str = "vellus.comparison/1";

/// What is said of a change. A change is claimed if its 95 % interval excludes zero and its size exceeds the smallest
/// detectable change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ChangeVerdict {
    /// More than before.
    #[serde(rename = "increase")]
    Increase,
    /// Less than before.
    #[serde(rename = "decrease")]
    Decrease,
    /// Nothing that could be told from the error of the method.
    #[serde(rename = "no change beyond measurement error")]
    WithinError,
}

/// One quantity at both visits, over the common area. The unit is in the name of the field that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantityChange {
    /// At the baseline.
    pub baseline: f64,
    /// At the follow-up.
    pub follow_up: f64,
    /// Follow-up less baseline.
    pub difference: f64,
    /// Standard error of `difference`: counting, matching, diameter, scale and registration together.
    pub standard_error: f64,
    /// 95 % interval of `difference`, lower then upper end.
    pub ci95: [f64; 2],
    /// Smallest change that the method tells from its own error when one hair field is photographed twice (95 %).
    pub smallest_detectable_change: f64,
    /// What is said of it.
    pub verdict: ChangeVerdict,
}

/// The quantities, over the common area only. What needs a scale is `null` without one, what needs a hair without any.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Hairs in the common area.
    pub hair_count: Option<QuantityChange>,
    /// Hairs per cm² of the common area.
    pub density_per_cm2: Option<QuantityChange>,
    /// Hairs of at least 30 µm in the common area.
    pub non_vellus_count_30um: Option<QuantityChange>,
    /// Hairs of at least 40 µm in the common area.
    pub non_vellus_count_40um: Option<QuantityChange>,
    /// Mean diameter of the hairs of the common area, µm.
    pub mean_diameter_um: Option<QuantityChange>,
    /// Median diameter of the hairs of the common area, µm.
    pub median_diameter_um: Option<QuantityChange>,
    /// Mean diameter of the hairs that were measured in both photos, µm: free of the scatter between hairs.
    pub matched_hair_diameter_um: Option<QuantityChange>,
    /// Sum of the diameters per area, mm/cm².
    pub cumulative_thickness_mm_per_cm2: Option<QuantityChange>,
    /// Follicular units per cm².
    pub units_per_cm2: Option<QuantityChange>,
    /// Hairs per follicular unit.
    pub hairs_per_unit: Option<QuantityChange>,
}

/// How many hairs of the common area did what; expected numbers, as no single hair is certain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HairFates {
    /// Seen in both photos.
    pub matched: Estimate,
    /// Seen at the follow-up, and looked for in vain at the baseline.
    pub gained: Estimate,
    /// Seen at the baseline, and looked for in vain at the follow-up.
    pub lost: Estimate,
    /// Matched, and thicker beyond the error of the two diameters; `null` without a scale.
    pub thickened: Option<Estimate>,
    /// Matched, and thinner beyond the error of the two diameters; `null` without a scale.
    pub thinned: Option<Estimate>,
    /// Matched, and longer beyond the error of the two lengths. Between two clippings this tells nothing.
    pub grown: Option<Estimate>,
    /// Matched, vellus before and terminal now, by the protocol's limit; `null` without a scale.
    pub vellus_to_terminal: Option<Estimate>,
    /// Matched, terminal before and vellus now, by the protocol's limit; `null` without a scale.
    pub terminal_to_vellus: Option<Estimate>,
}

/// A support of the local warp.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ControlPoint {
    /// In the baseline, px.
    pub baseline_px: PointPx,
    /// Where the skin there lies in the follow-up, px.
    pub follow_up_px: PointPx,
    /// Standard error of `follow_up_px` in each direction, µm (px without a scale).
    pub error_um: f64,
}

/// Where the two photos overlap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// Affine part, baseline px to follow-up px: two rows of three, applied to (x, y, 1).
    pub baseline_to_follow_up: [[f64; 3]; 2],
    /// Local part: a grid over the common area, the smooth map that soft skin takes. Points between are interpolated.
    pub warp: Vec<ControlPoint>,
    /// Root mean square of what affine map and warp leave between the roots of supporting hairs, µm (px without a
    /// scale).
    pub rms_residual_um: f64,
    /// The same for the affine map alone.
    pub affine_rms_residual_um: f64,
    /// Skin that both photos show and that is scalp in both, mm² of the baseline. `null` without a scale.
    pub overlap_area_mm2: Option<f64>,
    /// `overlap_area_mm2` as a share of the baseline's region, 0 to 1.
    pub overlap_fraction: f64,
    /// Hairs whose roots support the map.
    pub supporting_hairs: u32,
    /// Turn from baseline to follow-up, degrees clockwise, in (−180, 180].
    pub rotation_deg: f64,
    /// Length in the follow-up over length in the baseline, on the scalp by the two scales: 1 if the scales agree.
    pub scale_ratio: f64,
    /// Move of the middle of the baseline's field, µm in the baseline's directions; px without a scale.
    pub shift_um: f64,
    /// Probability that both photos show the same site, 0 to 1.
    pub same_site_probability: f64,
}

/// How a match came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchSource {
    /// Found in both photos on its own.
    BothPhotos,
    /// Found in the baseline, and in the follow-up when it was asked again.
    SecondLookFollowUp,
    /// Found in the follow-up, and in the baseline when it was asked again.
    SecondLookBaseline,
}

/// One hair seen twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// Its id in the baseline.
    pub baseline: u32,
    /// Its id in the follow-up.
    pub follow_up: u32,
    /// How it came about.
    pub source: MatchSource,
    /// Probability that both are the same hair, 0 to 1.
    pub confidence: f64,
    /// Distance of the roots after registration, µm (px without a scale).
    pub root_distance_um: f64,
    /// Whether its root lies in the common area.
    pub in_common_area: bool,
    /// Follow-up less baseline, µm; `null` where one of the two was not measured.
    pub diameter_change_um: Option<f64>,
    /// Standard error of `diameter_change_um`, µm.
    pub diameter_change_se_um: Option<f64>,
    /// Follow-up less baseline, µm; `null` where one of the two was not measured or leaves its photo.
    pub length_change_um: Option<f64>,
    /// Growing (anagen) by a phototrichogram; `null` without one, or where it cannot be told.
    pub anagen: Option<bool>,
    /// Why a phototrichogram cannot tell whether it grows; `null` without one, or where it can.
    #[serde(default)]
    pub growth_not_told: Option<GrowthNotTold>,
}

/// Why a phototrichogram cannot tell whether a hair grows. None of these is resting for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrowthNotTold {
    /// It leaves a photo, and what is seen of it tells no growth.
    LeavesFrame,
    /// It is shorter than before: it was cut, or broke.
    Cut,
    /// Only the second look found it in one of the photos, or there is no scale, so that it has no length to compare.
    NoLength,
}

/// What the other photo said of a hair that had no match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondLookOutcome {
    /// There is a shaft where it should be.
    Found,
    /// There is bare skin where it should be.
    Absent,
    /// Its place lies outside the photo or its region, or so near the border that it may.
    Outside,
    /// Its place is masked: caption, glare, bubble, padding.
    Masked,
    /// Other hairs lie on its place.
    Covered,
    /// The photo cannot tell: the signal would be too weak there, or lies between hair and skin.
    Unclear,
    /// It is not sure enough to be a hair rooted there for its absence to mean a loss or a gain: it has little confidence, or is not
    /// there and points elsewhere than the hairs around it, as a fallen clipping does.
    DoubtfulHair,
    /// A reader took what lies at its place for no hair, and did not go through the photo that shows it.
    RemovedByReader,
}

/// A hair that was asked for in the other photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecondLook {
    /// Its id in the photo that shows it.
    pub hair: u32,
    /// Contrast at its place over the contrast that it should have there: 1 if it is there, about 0 on bare skin.
    /// `null` where its place cannot be seen.
    pub contrast_ratio: Option<f64>,
    /// Probability that it is there, 0 to 1; `null` where its place cannot be seen.
    pub presence_probability: Option<f64>,
    /// What follows.
    pub outcome: SecondLookOutcome,
}

/// A list for each photo.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ByVisit<T> {
    /// Of the baseline.
    pub baseline: Vec<T>,
    /// Of the follow-up.
    pub follow_up: Vec<T>,
}

/// How well this site and operator repeat, from replicates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repeatability {
    /// Photos of the baseline.
    pub baseline_photos: u32,
    /// Photos of the follow-up.
    pub follow_up_photos: u32,
    /// Pairs of photos of one visit that the errors come from.
    pub pairs: u32,
    /// Standard error of measurement of one photo, by quantity; the names are those of `change`.
    pub standard_error_of_measurement: Vec<NamedValue>,
}

/// A number with the name of its quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedValue {
    /// As in [`Change`].
    pub quantity: String,
    /// In the quantity's unit.
    pub value: f64,
}

/// Growth between two photos of hair that was clipped before the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phototrichogram {
    /// Time between the photos, h.
    pub interval_h: f64,
    /// Hairs whose growth could be told and that are counted below: those that would not have left the photo by growing. Near
    /// the frame growing hairs leave and resting ones stay, so that the share would be wrong there.
    pub hairs: u32,
    /// Hairs of the common area that are not counted as they leave a photo, or would have by growing.
    #[serde(default)]
    pub left_frame: u32,
    /// Hairs that are not counted as they became shorter: cut or broken.
    #[serde(default)]
    pub cut: u32,
    /// Hairs that are not counted as they have no length in one of the photos.
    #[serde(default)]
    pub no_length: u32,
    /// Share of them that grow, 0 to 1.
    pub anagen_fraction: Estimate,
    /// Share of them that rest, 0 to 1.
    pub telogen_fraction: Estimate,
    /// Mean growth of the growing ones, µm per day, as the photo shows it: what stands up from the skin is foreshortened.
    pub growth_um_per_day: Option<Estimate>,
    /// Growth from which a hair counts as growing, µm over the interval.
    pub anagen_limit_um: f64,
}

/// What changed between two visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// The first visit; of replicates, the first photo.
    pub baseline: Measurement,
    /// The second visit; of replicates, the first photo.
    pub follow_up: Measurement,
    /// Where the two overlap.
    pub registration: Registration,
    /// Hairs seen twice, by baseline id.
    pub matches: Vec<Match>,
    /// Follow-up ids of hairs that were not there before.
    pub gained: Vec<u32>,
    /// Baseline ids of hairs that are gone.
    pub lost: Vec<u32>,
    /// Ids of hairs that the other photo could not show, whatever became of them; why, is in `second_look`.
    pub not_seen: ByVisit<u32>,
    /// Every hair that one photo shows and the other was asked for.
    pub second_look: ByVisit<SecondLook>,
    /// The quantities.
    pub change: Change,
    /// The hairs.
    pub hairs: HairFates,
    /// How well this site and operator repeat; `null` without replicates, where a default from validation is used.
    pub repeatability: Option<Repeatability>,
    /// Growth; `null` unless an interval was given.
    pub phototrichogram: Option<Phototrichogram>,
    /// What else differs between the photos, and what that does to the change; of replicates, the mean over their pairs.
    #[serde(default)]
    pub conditions: Conditions,
    /// Doubts about the comparison; those about a photo are in its measurement.
    pub findings: Vec<Finding>,
    /// Version of vellus.
    pub software: String,
}
