//! The record of one hair shaft, and of the unit that it emerges with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in the photo, px: x right, y down, the centre of the top-left pixel is (0, 0).
pub type PointPx = [f64; 2];

/// Terminal or vellus, by the protocol's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HairClass {
    /// At least as thick as the limit.
    Terminal,
    /// Thinner than the limit.
    Vellus,
}

/// Whether a shaft is darker or brighter than the skin around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Pigmented hair on lighter skin.
    Dark,
    /// Grey, white or blond hair on darker skin.
    Bright,
}

/// What a diameter was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiameterBasis {
    /// Both edges of the shaft, where it stands free.
    Edges,
    /// Its width times its opacity, with the opacity of the photo's wider shafts: it is narrower than about twice the blur.
    Density,
    /// Its edges and those of the shafts beside it together: it stands free nowhere.
    Beside,
    /// The outline of the body of hair that it is a part of: it stands free nowhere, and its edges cannot be told from others'.
    Outline,
    /// The skin's colour that it hides: it is as bright as the skin, or brighter.
    Colour,
}

/// Why a hair that was found does not enter the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotCounted {
    /// It emerges outside the region: it enters through the border.
    RootOutsideRegion,
    /// Both its ends are hidden or outside: it passes through the field.
    PassesThrough,
    /// Its confidence is below the protocol's limit.
    LowConfidence,
    /// Less of it is visible than the protocol asks for.
    TooShort,
    /// It is thicker than a hair can be: a body that could not be taken apart.
    TooWide,
    /// Found only because another photo of the site shows it: it enters the change, not this photo's own numbers.
    SecondLook,
}

/// Where the record of a hair comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Found and drawn by vellus.
    #[default]
    Automatic,
    /// Drawn by a reader, also as a part of a hair that was split or as several that were merged; measured by vellus.
    Added,
    /// Found by vellus; a reader exchanged root and tip.
    Turned,
}

impl Origin {
    /// Whether no reader had a hand in it.
    pub fn is_automatic(&self) -> bool {
        *self == Self::Automatic
    }
}

/// One hair shaft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hair {
    /// Number within the photo, from 1, in the order of the roots from top to bottom; hairs that a reader added follow.
    pub id: u32,
    /// Where the shaft emerges from the skin (or enters the field), px.
    pub root_px: PointPx,
    /// The other end: cut, tapered, or where it leaves the field, px.
    pub tip_px: PointPx,
    /// Axis of the shaft from root to tip, px; at least two points.
    pub centreline_px: Vec<PointPx>,
    /// Length-weighted arithmetic mean of the projected shaft width over its visible course, px. `null` where it
    /// cannot be resolved.
    pub width_px: Option<f64>,
    /// Standard error of reading `width_px`, px: what another photo of the same shaft would scatter by.
    pub width_se_px: Option<f64>,
    /// `width_px` as a length on the scalp, µm. `null` without a scale, or where it cannot be resolved.
    pub diameter_um: Option<f64>,
    /// Standard error of `diameter_um`, µm: reading, blur, opacity and neighbours, by a fit to drawn hairs; the scale's own
    /// error is not in it.
    pub diameter_se_um: Option<f64>,
    /// Spread (standard deviation) of the diameter along the shaft, µm.
    pub diameter_sd_um: Option<f64>,
    /// Where the diameter cannot be resolved: it is below this, µm.
    pub diameter_limit_um: Option<f64>,
    /// What the diameter was read from; `null` where there is none, or where a record does not say.
    #[serde(default)]
    pub diameter_basis: Option<DiameterBasis>,
    /// Length of the visible course, px.
    pub length_px: f64,
    /// Length of the visible course, µm. `null` without a scale.
    pub length_um: Option<f64>,
    /// Direction from root to tip, degrees clockwise from the x axis (y is down), in (−180, 180].
    pub direction_deg: f64,
    /// Terminal or vellus by the protocol's limit; `null` without a scale.
    pub class: Option<HairClass>,
    /// Darker or brighter than the skin.
    pub polarity: Polarity,
    /// `id` of the follicular unit that it emerges with; `null` where the root is outside the region.
    pub follicular_unit: Option<u32>,
    /// Whether it enters the count.
    pub counted: bool,
    /// Why not, if it does not.
    pub not_counted: Option<NotCounted>,
    /// Probability that this is a hair and drawn right, 0 to 1.
    pub confidence: f64,
    /// Probability that `root_px` is the root and not the tip, 0.5 to 1.
    pub root_confidence: f64,
    /// Who drew it; absent: vellus.
    #[serde(default, skip_serializing_if = "Origin::is_automatic")]
    pub origin: Origin,
}

/// Hairs that emerge together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FollicularUnit {
    /// Number within the photo, from 1.
    pub id: u32,
    /// Mean of the hairs' roots, px.
    pub centre_px: PointPx,
    /// `id`s of its hairs.
    pub hairs: Vec<u32>,
}
