//! Registration: where the skin of one photo lies in another.
//!
//! Two [`Constellation`]s → [`Alignment`], or a refusal. [`super::vote`] guesses, [`super::site`] decides whether any
//! guess is more than chance, and here the hairs themselves give the affine map and the local warp.

use super::CompareError;
use super::constellation::Constellation;
use super::map::{Affine, Pair, PointUm, distance};
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
/// Distances within which orifices, and then roots, are partners, round by round, µm: from what soft skin leaves of an
/// affine map down to four errors of a root.
const ORIFICE_PARTNER_UM: [f64; 3] = [180.0, 150.0, 130.0];
const PARTNER_UM: [f64; 3] = [90.0, 80.0, 80.0];
/// Weight of an orifice against a root: the middle of a unit moves when one of its hairs is found in one photo only.
const ORIFICE_WEIGHT: f64 = 0.5;
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
            return Err(CompareError::TooFewHairs {
                visit,
                orifices: photo.orifices.len(),
                least: LEAST_HAIRS,
            });
        }
    }
    let site = |first: &Constellation, second: &Constellation| {
        site::best(first, second, &guesses(first, second)).filter(|s| s.probability() >= LEAST_PROBABILITY)
    };
    site(first, second)
        .or_else(|| site(&first.by_ends(), &second.by_ends()))
        .and_then(|site| align(first, second, site))
        .ok_or(CompareError::NotTheSameSite { orifices: [first.orifices.len(), second.orifices.len()] })
}

fn align(first: &Constellation, second: &Constellation, site: Site) -> Option<Alignment> {
    // Orifices first: they lie far apart, so that none is taken for its neighbour where the skin gave way. The hairs of
    // one orifice lie closer than that, and say more exactly where it is once it is known which is which.
    let mut warp = Warp::rigid(site.map)?;
    for reach in ORIFICE_PARTNER_UM {
        let mut pairs = partners(&first.orifices, &second.orifices, &warp, reach);
        pairs.iter_mut().for_each(|pair| pair.weight *= ORIFICE_WEIGHT);
        if pairs.len() < LEAST_HAIRS {
            return None;
        }
        warp = Warp::fit(&pairs, STIFFNESS)?;
    }
    let roots = [first, second].map(|photo| photo.strands.iter().map(|s| s.root).collect::<Vec<_>>());
    let mut pairs = Vec::new();
    for reach in PARTNER_UM {
        pairs = partners(&roots[0], &roots[1], &warp, reach);
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

/// Points that are each other's nearest within `reach`.
fn partners(first: &[PointUm], second: &[PointUm], warp: &Warp, reach: f64) -> Vec<Pair> {
    let carried: Vec<PointUm> = first.iter().map(|p| warp.carry(*p)).collect();
    let nearest = |p: PointUm, among: &[PointUm]| {
        (0..among.len())
            .min_by(|&i, &j| distance(p, among[i]).total_cmp(&distance(p, among[j])).then(i.cmp(&j)))
    };
    (0..carried.len())
        .filter_map(|i| {
            let j = nearest(carried[i], second)?;
            let d = distance(carried[i], second[j]);
            if d >= reach || nearest(second[j], &carried) != Some(i) {
                return None;
            }
            // Tukey's biweight: what lies at the limit no longer pulls.
            let weight = (1.0 - (d / reach) * (d / reach)).powi(2).max(1e-3);
            Some(Pair { from: first[i], to: second[j], weight })
        })
        .collect()
}
