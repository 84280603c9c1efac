//! What real scalps and photos have beside what the named scenes draw. Everything is off by default, so that
//! a named scene looks as it always did; [`crate::Scene::random`] turns it on at random.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::{PointUm, rotate};
use crate::hair::Hair;
use crate::random::Stream;
use crate::scalp::Unit;
use crate::tone::HairTone;

/// Parameters of the finer things.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Detail {
    /// Share of the units whose hairs lie on each other along their length. Default: 0.
    pub bundled_fraction: f64,
    /// How far the tips of a unit move together: 0 as they grow, 1 they meet, above 1 they cross. Default: 0.
    pub converge: [f64; 2],
    /// Colour of some of the hairs. Default: as all.
    pub second_tone: Option<HairTone>,
    /// Share of the hairs in that colour. Default: 0.
    pub second_fraction: f64,
    /// Standard deviation of the logarithm of absorption between hairs, beside the usual 0.18. Default: 0.
    pub darkness_sd: f64,
    /// Standard deviation of the slope of cut ends, beside the usual 0.3. Default: 0.
    pub bevel_sd: f64,
    /// Largest relative variation of the width along a shaft, beside the usual 0.03. Default: 0.
    pub unevenness: f64,
    /// Share of the loose hairs that are fragments of 40-200 µm. Default: 0.
    pub fragment_fraction: f64,
    /// Share of the units whose roots are covered by a crust. Default: 0.
    pub crusts: f64,
    /// Crumbs that stick to shafts, per hair. Default: 0.
    pub crumbs_per_hair: f64,
    /// Factor on the absorption of all shafts. Default: 1.
    pub pigment: f64,
    /// Factor on the light that shafts lose at their edges, 0 (flat) to 2. Default: 1.
    pub edge_loss: f64,
    /// Width of the highlight along shafts, in half widths (standard deviation). Default: 0.15.
    pub gloss_width: f64,

    /// Factor on the reflectance of the skin (r, g, b). Default: 1.
    pub complexion: [f64; 3],
    /// Strength of fine parallel creases of the skin, 0-1. Default: 0.
    pub creases: f64,
    /// Strength of the pigment network, a honeycomb that dark skin shows, 0-1. Default: 0.
    pub network: f64,
    /// Brown rings round the openings, optical depth in the middle, 0-1. Default: 0.
    pub swelling: f64,
    /// Factor on the optical depth of vessels. Default: 1.
    pub vessel_depth: f64,
    /// Factor on the width of vessels. Default: 1.
    pub vessel_width: f64,
    /// How much thinner a vessel is at its far end, 0-0.9. Default: 0.
    pub vessel_taper: f64,
    /// Factor on the size of the polygons between furrows. Default: 1.
    pub furrow_size: f64,
    /// Factor on the width of the slopes of furrows: small ones are sharp. Default: 1.
    pub furrow_width: f64,
    /// How much the rims of bubbles differ from each other, 0 (all alike) to 1. Default: 0.
    pub rims: f64,
    /// Size of the shine of the roots, 1 as usual. Default: 1.
    pub halo_size: f64,
    /// Dark or coloured specks of 10-40 µm per cm². Default: 0.
    pub specks_per_cm2: f64,

    /// Coloured unevenness of the light, standard deviation of its logarithm. Default: 0.
    pub tint: f64,
    /// Colour of the light (r, g, b). Default: 1.
    pub light: [f64; 3],
    /// Marks printed on the photo: captions, circles, rulers, frames, bars (mean number). Default: 0.
    pub prints: f64,
}

impl Default for Detail {
    fn default() -> Self {
        Self {
            bundled_fraction: 0.0,
            converge: [0.0, 0.0],
            second_tone: None,
            second_fraction: 0.0,
            darkness_sd: 0.0,
            bevel_sd: 0.0,
            unevenness: 0.0,
            fragment_fraction: 0.0,
            crusts: 0.0,
            crumbs_per_hair: 0.0,
            pigment: 1.0,
            edge_loss: 1.0,
            gloss_width: 0.15,
            complexion: [1.0; 3],
            creases: 0.0,
            network: 0.0,
            swelling: 0.0,
            vessel_depth: 1.0,
            vessel_width: 1.0,
            vessel_taper: 0.0,
            furrow_size: 1.0,
            furrow_width: 1.0,
            rims: 0.0,
            halo_size: 1.0,
            specks_per_cm2: 0.0,
            tint: 0.0,
            light: [1.0; 3],
            prints: 0.0,
        }
    }
}

impl Detail {
    /// Gives hairs another colour, darkness and cut.
    pub(crate) fn vary(&self, hairs: &mut [Hair], rng: &mut Stream) {
        for hair in hairs {
            if let Some(tone) = self.second_tone
                && rng.chance(self.second_fraction)
            {
                hair.tone = tone;
            }
            if self.darkness_sd > 0.0 {
                hair.darkness *= libm::exp(rng.normal(0.0, self.darkness_sd)).min(1.6);
            }
            if self.bevel_sd > 0.0 {
                let slope = hair.shape.cut_slope + rng.normal(0.0, self.bevel_sd);
                hair.shape.cut_slope = slope.clamp(-1.6, 1.6);
            }
            if self.unevenness > 0.0 {
                hair.shape.diameter_wave += rng.uniform(0.0, self.unevenness);
            }
        }
    }

    /// Where the roots of a unit are and where its hairs point: `across_um` are the offsets of the roots
    /// across the lean, around 0; they are moved together in a bundle.
    pub(crate) fn arrange(&self, hairs: &mut [Hair], across_um: &mut [f64], rng: &mut Stream) {
        if hairs.len() < 2 || (self.bundled_fraction <= 0.0 && self.converge[1] <= 0.0) {
            return;
        }
        if rng.chance(self.bundled_fraction) {
            let first = hairs[0].shape;
            let tight = rng.uniform(0.5, 1.0);
            for (hair, across) in hairs.iter_mut().zip(across_um.iter_mut()) {
                *across *= tight;
                let shape = &mut hair.shape;
                shape.direction_rad = first.direction_rad + rng.normal(0.0, 0.035);
                shape.curvature_per_um = first.curvature_per_um * rng.uniform(0.9, 1.1);
                shape.wave_per_um = first.wave_per_um;
                shape.wave_length_um = first.wave_length_um;
                shape.wave_phase_rad = first.wave_phase_rad;
            }
        }
        let converge = rng.within(self.converge);
        for (hair, across) in hairs.iter_mut().zip(across_um.iter()) {
            // Long hair meets within the first millimetre or so.
            let reach = hair.shape.length_um.clamp(100.0, 1200.0);
            hair.shape.direction_rad -= libm::atan(converge * across / reach);
        }
    }
}

/// Middles of crusts on the roots of some units, µm, with their radii.
pub(crate) fn crusts(detail: &Detail, units: &[Unit], seed: u64) -> Vec<(PointUm, f64)> {
    let mut found = Vec::new();
    for unit in units {
        let mut rng = Stream::indexed(seed, "crusts", u64::from(unit.id));
        if !rng.chance(detail.crusts) {
            continue;
        }
        for _ in 0..=rng.below(4) {
            let radius = 18.0 * libm::pow(5.0, rng.unit());
            let v = rotate([rng.normal(20.0, 45.0), rng.normal(0.0, 60.0)], unit.lean_rad);
            found.push(([unit.site_um[0] + v[0], unit.site_um[1] + v[1]], radius));
        }
    }
    found
}

/// Middles of crumbs on shafts, µm, with their radii.
pub(crate) fn crumbs(detail: &Detail, hairs: &[Hair], seed: u64) -> Vec<(PointUm, f64)> {
    let mut found = Vec::new();
    for hair in hairs {
        let mut rng = Stream::indexed(seed, "crumbs", u64::from(hair.id));
        for _ in 0..rng.poisson(detail.crumbs_per_hair) {
            let at = hair.centreline_um[rng.below(hair.centreline_um.len())];
            let off = 0.5 * hair.shape.diameter_um;
            let p = [at[0] + rng.uniform(-off, off), at[1] + rng.uniform(-off, off)];
            found.push((p, 7.0 * libm::pow(5.0, rng.unit())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Scene, grow};

    fn scene() -> Scene {
        Scene { hairs_per_unit: [0.0, 1.0, 0.0, 0.0], hair_turn_deg: 0.0, ..Scene::default() }
    }

    #[test]
    fn tips_that_converge_are_nearer_than_roots() {
        let mut scene = scene();
        scene.detail.converge = [1.0, 1.0];
        let scalp = grow(&scene, 2);
        let gap = |k: usize, end: bool| {
            let at = |i: usize| {
                let line = &scalp.hairs[i].centreline_um;
                // Across the lean of the unit.
                let p = if end { line[line.len() - 1] } else { line[0] };
                crate::geometry::rotate(p, -scalp.units[k].lean_rad)[1]
            };
            (at(2 * k) - at(2 * k + 1)).abs()
        };
        let count = scalp.units.len();
        let nearer = (0..count).filter(|k| gap(*k, true) < gap(*k, false)).count();
        assert!(nearer * 10 > count * 7, "{nearer} of {count}");
    }

    #[test]
    fn what_is_off_draws_nothing() {
        let plain = grow(&scene(), 2);
        assert!(super::crusts(&plain.scene.detail, &plain.units, 1).is_empty());
        assert!(super::crumbs(&plain.scene.detail, &plain.hairs, 1).is_empty());
    }
}
