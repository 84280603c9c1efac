//! One hair: a centreline and a diameter per vertex, laid out from a few shape parameters.
//!
//! A hair keeps its shape parameters beside the vertices, so that a later visit can cut it, let it grow or
//! thicken it and lay it out again. All lengths are projected on the plane of the photo: a stub that stands
//! up is a short stub.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::{PointUm, rotate};
use crate::tone::HairTone;

/// Distance of the vertices of a short hair, µm; long hair has twice that.
///
/// At 3-12 µm/px these are 1-6 px; radii of curvature are above 1 mm, so that the chord departs from the
/// curve by less than 0.05 µm.
pub const VERTEX_STEP_UM: f64 = 10.0;

/// Length from which a hair is long, µm.
const LONG_UM: f64 = 2000.0;

/// Calibre class a hair was drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HairKind {
    /// 50-110 µm.
    Terminal,
    /// 30-50 µm.
    Intermediate,
    /// 15-30 µm.
    Vellus,
}

/// The parameters a hair is laid out from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HairShape {
    /// Direction at the root, radians from x towards y.
    pub direction_rad: f64,
    /// Mean curvature, 1/µm.
    pub curvature_per_um: f64,
    /// Amplitude of a slow change of curvature along the hair, 1/µm.
    pub wave_per_um: f64,
    /// Wavelength of that change, µm.
    pub wave_length_um: f64,
    /// Phase of that change, radians.
    pub wave_phase_rad: f64,
    /// Projected length, µm.
    pub length_um: f64,
    /// Diameter of the untapered shaft, µm.
    pub diameter_um: f64,
    /// Relative amplitude of slow diameter variation along the shaft.
    pub diameter_wave: f64,
    /// Length of the natural taper at the tip, µm; 0 for a cut end.
    pub taper_um: f64,
    /// Slope of the cut: tip shift along the hair per unit across it.
    pub cut_slope: f64,
}

/// One hair of a scalp.
#[derive(Debug, Clone, PartialEq)]
pub struct Hair {
    /// Number, unique on the scalp and kept over visits.
    pub id: u32,
    /// The unit it belongs to; `None` for a loose hair without a root.
    pub unit: Option<u32>,
    /// Calibre class.
    pub kind: HairKind,
    /// Colour.
    pub tone: HairTone,
    /// Factor on the absorption, since no two hairs are equally dark.
    pub darkness: f64,
    /// Whether a medulla shows.
    pub medulla: bool,
    /// Whether it grows between visits.
    pub anagen: bool,
    /// Height above the skin, arbitrary unit; the higher hair hides the lower.
    pub depth: f64,
    /// Where the shaft leaves the skin, µm.
    pub root_um: PointUm,
    /// What it was laid out from.
    pub shape: HairShape,
    /// Root to tip, µm.
    pub centreline_um: Vec<PointUm>,
    /// Diameter at each vertex, µm.
    pub diameter_um: Vec<f64>,
}

impl Hair {
    /// Lays out centreline and diameters again after `root_um` or `shape` changed.
    pub fn lay(&mut self) {
        (self.centreline_um, self.diameter_um) = lay(self.root_um, &self.shape);
    }

    /// True for a cut hair or fibre lying on the skin.
    pub fn is_loose(&self) -> bool {
        self.unit.is_none()
    }
}

/// Centreline and diameters of a hair.
///
/// Heading θ(s) = θ₀ + κs + (aλ/2π)(sin(2πs/λ + φ) − sin φ), integrated by the midpoint rule.
pub fn lay(root_um: PointUm, shape: &HairShape) -> (Vec<PointUm>, Vec<f64>) {
    let spacing = if shape.length_um > LONG_UM { 2.0 * VERTEX_STEP_UM } else { VERTEX_STEP_UM };
    let steps = libm::ceil(shape.length_um / spacing).max(1.0);
    let step = shape.length_um / steps;
    let k = core::f64::consts::TAU / shape.wave_length_um;
    let heading = |s: f64| {
        shape.direction_rad
            + shape.curvature_per_um * s
            + shape.wave_per_um / k
                * (libm::sin(k * s + shape.wave_phase_rad) - libm::sin(shape.wave_phase_rad))
    };
    let mut point = root_um;
    let mut line = vec![point];
    for i in 0..steps as usize {
        let v = rotate([step, 0.0], heading((i as f64 + 0.5) * step));
        point = [point[0] + v[0], point[1] + v[1]];
        line.push(point);
    }
    let diameters = (0..line.len()).map(|i| diameter_at(i as f64 * step, shape)).collect();
    (line, diameters)
}

/// Diameter at distance `s` from the root.
fn diameter_at(s: f64, shape: &HairShape) -> f64 {
    let wave = 1.0 + shape.diameter_wave * libm::sin(s / 220.0 + shape.wave_phase_rad);
    let into = s - (shape.length_um - shape.taper_um);
    // A tip that was never cut runs out to about a fifth of the shaft over the last part of it.
    let taper = if shape.taper_um > 0.0 && into > 0.0 {
        let t = into / shape.taper_um;
        1.0 - 0.8 * t * libm::sqrt(t)
    } else {
        1.0
    };
    shape.diameter_um * wave * taper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::length;

    fn shape() -> HairShape {
        HairShape {
            direction_rad: 0.7,
            curvature_per_um: 0.0,
            wave_per_um: 0.0,
            wave_length_um: 3000.0,
            wave_phase_rad: 0.3,
            length_um: 643.0,
            diameter_um: 60.0,
            diameter_wave: 0.0,
            taper_um: 0.0,
            cut_slope: 0.0,
        }
    }

    #[test]
    fn length_and_direction_are_those_asked_for() {
        let (line, diameters) = lay([5.0, 6.0], &shape());
        assert!((length(&line) - 643.0).abs() < 1e-9);
        let tip = line[line.len() - 1];
        assert!((tip[0] - 5.0 - 643.0 * libm::cos(0.7)).abs() < 1e-9);
        assert!(diameters.iter().all(|d| (d - 60.0).abs() < 1e-12));
    }

    #[test]
    fn constant_curvature_turns_by_the_product() {
        let (line, _) = lay([0.0, 0.0], &HairShape { curvature_per_um: 0.001, ..shape() });
        let n = line.len();
        let end = libm::atan2(line[n - 1][1] - line[n - 2][1], line[n - 1][0] - line[n - 2][0]);
        assert!((end - (0.7 + 0.643)).abs() < 0.006);
    }

    #[test]
    fn taper_runs_out_at_the_tip_only() {
        let (_, d) = lay([0.0, 0.0], &HairShape { taper_um: 300.0, ..shape() });
        assert!((d[10] - 60.0).abs() < 1e-9);
        assert!((d[d.len() - 1] - 12.0).abs() < 0.5);
    }
}
