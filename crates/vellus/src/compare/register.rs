//! Registration: where the skin of one photo lies in another.
//!
//! Two [`Constellation`]s → [`Alignment`], or a refusal. [`super::vote`] guesses, [`super::site`] decides whether any
//! guess is more than chance, and here the hairs themselves give the affine map and the local warp.

use super::CompareError;
use super::constellation::{Constellation, Strand};
use super::map::{Affine, Pair, distance};
use super::site::{self, Site};
use super::vote::guesses;
use super::warp::Warp;

/// The map between two photos and what supports it.
#[derive(Debug, Clone)]
pub struct Alignment {
    /// First to second photo, µm.
    pub warp: Warp,
    /// What says that both show one site.
    pub site: Site,
    /// Hairs whose roots support the map.
    pub supporting: usize,
    /// Root mean square of what the warp leaves between their roots, µm.
    pub rms_um: f64,
    /// The same for the affine map alone, µm.
    pub affine_rms_um: f64,
}

/// Least probability of the same site. Photos of other sites pass once in ten thousand pairs, by the theory of
/// [`super::site`]; a change that is told from the wrong site would be told with confidence, so that doubt refuses.
pub const LEAST_PROBABILITY: f64 = 0.9999;
/// Distances within which roots are partners, round by round, µm: from what soft skin leaves of an affine map down to
/// four errors of a root.
const PARTNER_UM: [f64; 4] = [150.0, 130.0, 110.0, 100.0];
/// Share of the weight that holds the affine map to a similarity: as much as three of thirty hairs.
const STIFFNESS: f64 = 0.02;
/// Hairs that a map needs.
const LEAST_HAIRS: usize = 5;

/// The map between two photos.
///
/// # Errors
/// [`CompareError::TooFewHairs`] or [`CompareError::NotTheSameSite`].
pub fn register(first: &Constellation, second: &Constellation) -> Result<Alignment, CompareError> {
    for (photo, visit) in [(first, "baseline"), (second, "follow-up")] {
        if photo.orifices.len() < LEAST_HAIRS {
            return Err(CompareError::TooFewHairs { visit, orifices: photo.orifices.len(), least: LEAST_HAIRS });
        }
    }
    let site = site::best(first, second, &guesses(first, second));
    let Some(site) = site.filter(|site| site.probability() >= LEAST_PROBABILITY) else {
        return Err(CompareError::NotTheSameSite { orifices: [first.orifices.len(), second.orifices.len()] });
    };
    align(first, second, site)
        .ok_or(CompareError::NotTheSameSite { orifices: [first.orifices.len(), second.orifices.len()] })
}

fn align(first: &Constellation, second: &Constellation, site: Site) -> Option<Alignment> {
    let mut warp = Warp::rigid(site.map)?;
    let mut pairs = Vec::new();
    for reach in PARTNER_UM {
        pairs = partners(first, second, &warp, reach);
        if pairs.len() < LEAST_HAIRS {
            return None;
        }
        warp = Warp::fit(&pairs, STIFFNESS)?;
    }
    let rms = |map: &dyn Fn(&Pair) -> f64| {
        (pairs.iter().map(|p| map(p).powi(2)).sum::<f64>() / pairs.len() as f64).sqrt()
    };
    let affine: Affine = warp.affine;
    let rms_um = rms(&|p| distance(warp.carry(p.from), p.to));
    let affine_rms_um = rms(&|p| distance(affine.apply(p.from), p.to));
    Some(Alignment { site, supporting: pairs.len(), rms_um, affine_rms_um, warp })
}

/// Roots that are each other's nearest within `reach`.
fn partners(first: &Constellation, second: &Constellation, warp: &Warp, reach: f64) -> Vec<Pair> {
    let carried: Vec<[f64; 2]> = first.strands.iter().map(|s| warp.carry(s.root)).collect();
    let apart = |i: usize, b: &Strand| distance(carried[i], b.root);
    let nearest_first = |b: &Strand| {
        (0..carried.len()).min_by(|&i, &j| apart(i, b).total_cmp(&apart(j, b)).then(i.cmp(&j)))
    };
    (0..carried.len())
        .filter_map(|i| {
            let b = second.strands.iter().min_by(|p, q| apart(i, p).total_cmp(&apart(i, q)))?;
            let d = apart(i, b);
            if d >= reach || nearest_first(b) != Some(i) {
                return None;
            }
            let weight = (1.0 - (d / reach) * (d / reach)).powi(2).max(1e-3);
            Some(Pair { from: first.strands[i].root, to: b.root, weight })
        })
        .collect()
}
