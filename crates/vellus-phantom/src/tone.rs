//! Colour of hair and skin, as optical constants in linear light.
//!
//! Hair: a shaft is a cylinder of absorbing cortex (Beer and Lambert along the chord), with light lost by
//! refraction towards its edges, some light scattered back, and sometimes a medulla. Order of magnitude
//! after Kharin et al. 2009 (doi:10.1117/1.3116712): the medulla of blond and grey hair attenuates far
//! more than its cortex, that of black hair hardly more. The numbers are set so that shafts look as they do
//! in trichoscopy; they are not a colorimetric model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Colour of a hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HairTone {
    /// Black.
    Black,
    /// Dark brown.
    DarkBrown,
    /// Brown.
    Brown,
    /// Red.
    Red,
    /// Blond.
    Blond,
    /// Grey: little pigment, part of the light scattered back.
    Grey,
    /// White: no pigment.
    White,
}

/// What a shaft does to light; colour channels are red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HairOptics {
    /// Absorption of the cortex per µm of path.
    pub absorption_per_um: [f64; 3],
    /// Light scattered back by the shaft, as a share of the light that it does not let through.
    pub body: [f64; 3],
    /// Share of light lost to refraction at the very edge, 0-1.
    pub edge_loss: f64,
    /// Extra optical depth of the medulla at its middle.
    pub medulla_depth: f64,
}

impl HairTone {
    /// The optical constants of this tone.
    pub fn optics(self) -> HairOptics {
        let (absorption_per_um, body, edge_loss, medulla_depth) = match self {
            Self::Black => ([0.060, 0.075, 0.090], [0.010, 0.009, 0.008], 0.60, 0.1),
            Self::DarkBrown => ([0.036, 0.046, 0.058], [0.020, 0.014, 0.010], 0.55, 0.2),
            Self::Brown => ([0.016, 0.024, 0.034], [0.055, 0.032, 0.018], 0.50, 0.4),
            Self::Red => ([0.008, 0.026, 0.050], [0.180, 0.060, 0.020], 0.45, 0.4),
            Self::Blond => ([0.0045, 0.0080, 0.0160], [0.260, 0.180, 0.090], 0.42, 0.5),
            Self::Grey => ([0.0100, 0.0105, 0.0110], [0.520, 0.515, 0.500], 0.40, 0.6),
            Self::White => ([0.0160, 0.0155, 0.0150], [0.800, 0.795, 0.770], 0.35, 0.5),
        };
        HairOptics { absorption_per_um, body, edge_loss, medulla_depth }
    }

    /// Pigment relative to black hair, 0-1: how dark its root shines through the skin.
    pub fn pigment(self) -> f64 {
        match self {
            Self::Black => 1.0,
            Self::DarkBrown => 0.8,
            Self::Brown => 0.5,
            Self::Red => 0.3,
            Self::Blond => 0.12,
            Self::Grey => 0.1,
            Self::White => 0.0,
        }
    }
}

/// Colour of the skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkinTone {
    /// Fitzpatrick I-II.
    Light,
    /// Fitzpatrick III.
    Medium,
    /// Fitzpatrick IV.
    Tan,
    /// Fitzpatrick V-VI.
    Dark,
}

impl SkinTone {
    /// Reflectance in linear light.
    pub fn reflectance(self) -> [f64; 3] {
        // sRGB levels as trichoscopes show the scalp of these phototypes.
        let srgb = match self {
            Self::Light => [206.0, 180.0, 166.0],
            Self::Medium => [194.0, 166.0, 140.0],
            Self::Tan => [160.0, 120.0, 96.0],
            Self::Dark => [98.0, 70.0, 56.0],
        };
        srgb.map(|level: f64| srgb_to_linear(level / 255.0))
    }
}

/// sRGB value (0-1) to linear light (IEC 61966-2-1).
pub fn srgb_to_linear(value: f64) -> f64 {
    if value <= 0.04045 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
}

/// Linear light to sRGB value (0-1) (IEC 61966-2-1).
pub fn linear_to_srgb(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * libm::pow(light, 1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_round_trip() {
        for level in 0..=255 {
            let v = f64::from(level) / 255.0;
            assert!((linear_to_srgb(srgb_to_linear(v)) - v).abs() < 1e-6);
        }
    }

    #[test]
    fn black_hair_is_nearly_opaque_and_blond_is_not() {
        let through = |tone: HairTone| libm::exp(-tone.optics().absorption_per_um[1] * 70.0);
        assert!(through(HairTone::Black) < 0.01);
        assert!(through(HairTone::Blond) > 0.5);
    }
}
