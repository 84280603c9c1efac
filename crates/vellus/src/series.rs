//! The record of more than two visits: schema `vellus.series/1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::comparison::Comparison;
use crate::estimate::Estimate;
use crate::hair::PointPx;

/// Name and version of the record.
pub const SERIES_SCHEMA: &str = "vellus.series/1";

/// One hair over the visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HairTrack {
    /// Number within the series, from 1.
    pub id: u32,
    /// Its root in the coordinates of the first visit, px.
    pub root_px: PointPx,
    /// Its id at every visit; `null` where it was not found.
    pub hairs: Vec<Option<u32>>,
    /// Its diameter at every visit, µm; `null` where it was not measured.
    pub diameter_um: Vec<Option<f64>>,
}

/// How a quantity goes over the visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// As in [`crate::comparison::Change`].
    pub quantity: String,
    /// Difference from the first visit at every visit; 0 at the first. `null` where it could not be compared.
    pub difference: Vec<Option<f64>>,
    /// Standard error of `difference`.
    pub standard_error: Vec<Option<f64>>,
    /// Weighted straight line through them, per visit; `null` with fewer than three visits.
    pub slope_per_visit: Option<Estimate>,
}

/// What changed over more than two visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// [`SERIES_SCHEMA`].
    pub schema: String,
    /// Every follow-up against the first visit.
    pub comparisons: Vec<Comparison>,
    /// Every hair that was found at two visits or more.
    pub tracks: Vec<HairTrack>,
    /// Every quantity.
    pub trends: Vec<Trend>,
    /// Version of vellus.
    pub software: String,
}
