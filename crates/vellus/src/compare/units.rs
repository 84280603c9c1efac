//! Follicular units of the common area at both visits.
//!
//! [`Fates`] → units, hairs per unit. Units are grouped once for both visits, on the skin of the baseline, so that a root
//! that is read a little off moves no hair to another unit.

use crate::protocol::Protocol;

use super::change::Moved;
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
        let near = |i: usize, j: usize| distance(roots[i].1, roots[j].1) < reach;
        // A hair that is likelier not there joins no two units.
        let there = |i: &usize| roots[*i].0 >= 0.5;
        let likely: Vec<usize> = (0..roots.len()).filter(there).collect();
        for (n, &i) in likely.iter().enumerate() {
            for &j in &likely[..n] {
                if group[i] != group[j] && near(i, j) {
                    let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                }
            }
        }
        for i in (0..roots.len()).filter(|i| !there(i)) {
            let away = |j: &usize| distance(roots[i].1, roots[*j].1);
            let nearest = likely.iter().filter(|&&j| near(i, j)).min_by(|p, q| away(p).total_cmp(&away(q)));
            group[i] = nearest.map_or(i, |&j| group[j]);
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
    moved: &Moved,
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
    let own_error = raised * variance.sqrt();
    let per_hair = 0.5 * (before + after) / hairs.middle().max(1.0);
    let units = Reading {
        baseline: before,
        follow_up: after,
        own_error,
        raised,
        raise_error: libm::hypot((after - before) * moved.factor_error(), per_hair * moved.unseen_error()),
        ..Reading::of_repeat(repeat.units)
    };
    let per_unit = Reading {
        baseline: hairs.baseline / before,
        follow_up: hairs.follow_up / after,
        own_error: libm::hypot(hairs.own_error, own_error * hairs.baseline / before) / before,
        raised,
        raise_error: hairs.raise_error / before,
        ..Reading::of_repeat(repeat.hairs_per_unit)
    };
    Some((units, per_unit))
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
