//! Which guess of the map is right, and whether any is: do both photos show the same site?
//!
//! [`Constellation`]s and guesses → [`Site`].
//!
//! A guess is refined to an affine map on the orifices that it brings together. Its worth is the number of false alarms
//! (Moisan and Stival 2004, doi:10.1023/B:VISI.0000013094.38752.54): how many maps at least as good are to be expected
//! between photos of different sites,
//!
//! `NFA = tests(ε) · P(Binomial(n, p(ε)) ≥ k)`
//!
//! for n orifices of the first photo that the map brings into the second, k of which meet one there within ε. p(ε) is
//! the share of the second photo that lies within ε of an orifice, and tests(ε) the number of maps that can be told
//! apart at ε: turns, scales, shifts and shears. With even odds beforehand the probability of the same site is
//! `1 / (1 + NFA)`. Orifices keep their distance from each other, which makes them meet a little less often by chance
//! than the binomial law says in the mean and more evenly; how often photos of different sites reach which NFA is
//! measured in the crate's tests.

use super::constellation::Constellation;
use super::map::{Affine, Pair, PointUm, distance};
use super::vote::SCALE_TOLERANCE;

/// Distances at which orifices meet, µm: from the error of a root (20-40 µm, and that a unit lost or gained a hair) to
/// what soft skin moves against an affine map.
const MEET_UM: [f64; 4] = [40.0, 60.0, 90.0, 130.0];
/// Distances within which partners are looked for while a guess is refined, µm: from the error of a vote down.
const REFINE_UM: [f64; 6] = [350.0, 250.0, 180.0, 130.0, 110.0, 100.0];
/// Least number of orifices that have to meet: an affine map fits any three.
const LEAST_MEETING: usize = 5;
/// Largest shear of skin under a contact glass; the rest of the local stretch is left to the warp.
const MOST_SHEAR: f64 = 1.08;
/// Weight of the similarity against shears in a fit, as a share of all points.
const STIFFNESS: f64 = 0.1;

/// The best map between two photos.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// From the first photo to the second, µm.
    pub map: Affine,
    /// Common logarithm of the number of false alarms.
    pub log10_false_alarms: f64,
    /// Orifices of the first photo that the map brings into the second.
    pub in_both: usize,
    /// Those of them that meet one there.
    pub meeting: usize,
}

impl Site {
    /// Probability that both photos show one site.
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + libm::pow(10.0, self.log10_false_alarms.clamp(-300.0, 300.0)))
    }
}

/// The best of the guesses, refined; `None` where none brings orifices together.
pub fn best(first: &Constellation, second: &Constellation, guesses: &[Affine]) -> Option<Site> {
    let mut best: Option<Site> = None;
    for guess in guesses {
        if let Some(site) = refined(first, second, *guess)
            && best.as_ref().is_none_or(|b| site.log10_false_alarms < b.log10_false_alarms)
        {
            best = Some(site);
        }
    }
    best
}

fn refined(first: &Constellation, second: &Constellation, guess: Affine) -> Option<Site> {
    let mut map = guess;
    for reach in REFINE_UM {
        let pairs = meeting(first, second, &map, reach);
        if pairs.len() < LEAST_MEETING {
            return None;
        }
        map = Affine::fit(&pairs, STIFFNESS)?;
        if (map.scale() - 1.0).abs() > SCALE_TOLERANCE || map.shear() > MOST_SHEAR {
            return None;
        }
    }
    judge(first, second, map)
}

/// Orifices that are each other's nearest within `reach`.
fn meeting(first: &Constellation, second: &Constellation, map: &Affine, reach: f64) -> Vec<Pair> {
    let carried: Vec<PointUm> = first.orifices.iter().map(|p| map.apply(*p)).collect();
    let nearest = |p: PointUm, among: &[PointUm]| {
        let (k, d) = among
            .iter()
            .enumerate()
            .map(|(k, q)| (k, distance(p, *q)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        (d < reach).then_some((k, d))
    };
    carried
        .iter()
        .enumerate()
        .filter_map(|(i, p)| {
            let (j, d) = nearest(*p, &second.orifices)?;
            let (back, _) = nearest(second.orifices[j], &carried)?;
            // Tukey's biweight: what lies at the limit no longer pulls.
            let weight = (1.0 - (d / reach) * (d / reach)).powi(2).max(1e-3);
            (back == i).then_some(Pair { from: first.orifices[i], to: second.orifices[j], weight })
        })
        .collect()
}

fn judge(first: &Constellation, second: &Constellation, map: Affine) -> Option<Site> {
    let in_both = first.orifices.iter().filter(|p| second.holds(map.apply(**p), 0.0)).count();
    let area = second.size[0] * second.size[1];
    let radius = 0.5 * libm::hypot(first.size[0], first.size[1]);
    let distances: Vec<f64> = meeting(first, second, &map, MEET_UM[MEET_UM.len() - 1])
        .iter()
        .filter(|p| second.holds(map.apply(p.from), 0.0))
        .map(|p| distance(map.apply(p.from), p.to))
        .collect();
    MEET_UM
        .iter()
        .filter_map(|&reach| {
            let meeting = distances.iter().filter(|d| **d <= reach).count();
            if meeting < LEAST_MEETING || meeting > in_both {
                return None;
            }
            let disc = std::f64::consts::PI * reach * reach;
            let chance = (second.orifices.len() as f64 * disc / area).min(0.9);
            // An affine map brings three of them together whatever they are.
            let tail = log10_binomial_tail(in_both - 3, meeting - 3, chance);
            let steps = radius / reach;
            let tests = std::f64::consts::TAU * steps
                * (2.0 * SCALE_TOLERANCE * steps).max(1.0)
                * (area / (reach * reach))
                * (2.0 * (MOST_SHEAR - 1.0) * steps).max(1.0).powi(2)
                * MEET_UM.len() as f64;
            let log10_false_alarms = libm::log10(tests) + tail;
            Some(Site { map, log10_false_alarms, in_both, meeting })
        })
        .min_by(|a, b| a.log10_false_alarms.total_cmp(&b.log10_false_alarms))
}

/// log10 of P(Binomial(n, p) ≥ k).
fn log10_binomial_tail(n: usize, k: usize, p: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    let log_choose =
        |k: usize| libm::lgamma(n as f64 + 1.0) - libm::lgamma(k as f64 + 1.0) - libm::lgamma((n - k) as f64 + 1.0);
    let term = |k: usize| log_choose(k) + k as f64 * libm::log(p) + (n - k) as f64 * libm::log1p(-p);
    let largest = (k..=n).map(term).fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    let sum: f64 = (k..=n).map(|k| libm::exp(term(k) - largest)).sum();
    (largest + libm::log(sum)) / std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_tail_agrees_with_sums_by_hand() {
        // P(Bin(4, 1/2) ≥ 3) = 5/16.
        assert!((log10_binomial_tail(4, 3, 0.5) - (5.0_f64 / 16.0).log10()).abs() < 1e-12);
        assert_eq!(log10_binomial_tail(4, 0, 0.5), 0.0);
        // P(Bin(40, 0.01) ≥ 40) = 10^-80.
        assert!((log10_binomial_tail(40, 40, 0.01) + 80.0).abs() < 1e-9);
    }
}
