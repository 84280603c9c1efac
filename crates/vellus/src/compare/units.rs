//! Follicular units of the common area at both visits.
//!
//! [`Fates`] → units, hairs per unit. Units are grouped once for both visits, on the skin of the baseline, so that a root
//! that is read a little off moves no hair to another unit.

use crate::protocol::Protocol;

use super::fates::Fates;
use super::map::distance;
use super::quantity::Reading;
use super::repeat::RepeatError;

/// Units of the common area at both visits, with the hairs that were lost or gained, and the variance of the change.
pub fn units(fates: &Fates) -> ([f64; 2], f64) {
    units_within(fates, Protocol::default().unit_distance_um)
}

fn units_within(fates: &Fates, reach: f64) -> ([f64; 2], f64) {
    let mut variance = 0.0;
    let units = [0, 1].map(|visit| {
        let roots: Vec<(f64, [f64; 2])> = fates
            .both
            .iter()
            .map(|b| (1.0, b.root))
            .chain(fates.alone[visit].iter().map(|a| (a.weight, a.root)))
            .collect();
        let mut group: Vec<usize> = (0..roots.len()).collect();
        for i in 0..roots.len() {
            for j in 0..i {
                if group[i] != group[j] && distance(roots[i].1, roots[j].1) < reach {
                    let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                }
            }
        }
        // A unit is there if any of its hairs is.
        let there = |first: usize| {
            let gone: f64 =
                roots.iter().zip(&group).filter(|(_, g)| **g == first).map(|((w, _), _)| 1.0 - w).product();
            1.0 - gone
        };
        let mut firsts = group.clone();
        firsts.sort_unstable();
        firsts.dedup();
        let shares: Vec<f64> = firsts.into_iter().map(there).collect();
        variance += shares.iter().map(|p| p * (1.0 - p)).sum::<f64>();
        shares.iter().sum::<f64>()
    });
    (units, variance)
}

/// Units and hairs per unit; `None` where there is no unit.
pub fn unit_readings(
    fates: &Fates,
    hairs: &Reading,
    protocol: &Protocol,
    repeat: &RepeatError,
) -> Option<(Reading, Reading)> {
    let ([mut before, mut after], variance) = units_within(fates, protocol.unit_distance_um);
    if before < 0.5 || after < 0.5 {
        return None;
    }
    // Units come and go unrecognised as hairs do.
    let (seen, raised) = ((after - before).abs(), hairs.raised);
    *(if after < before { &mut before } else { &mut after }) += (raised - 1.0) * seen;
    let raise_error = if hairs.raised > 1.0 {
        let difference = (hairs.follow_up - hairs.baseline).abs();
        (after - before).abs() * hairs.raise_error / difference.max(1e-9)
    } else {
        0.0
    };
    let units = Reading {
        baseline: before,
        follow_up: after,
        own_error: raised * variance.sqrt(),
        raised,
        raise_error,
        repeat_sd: repeat.units,
    };
    let per_unit = Reading {
        baseline: hairs.baseline / before,
        follow_up: hairs.follow_up / after,
        own_error: libm::hypot(hairs.own_error, raised * variance.sqrt() * hairs.baseline / before) / before,
        raised,
        // A factor that both have in common hardly moves their quotient.
        raise_error: 0.0,
        repeat_sd: repeat.hairs_per_unit,
    };
    Some((units, per_unit))
}
