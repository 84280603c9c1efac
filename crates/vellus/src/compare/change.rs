//! The numbers of a change, over the common area, with their errors.
//!
//! [`Fates`] → [`Change`], [`HairFates`].
//!
//! What both photos show enters both sides of every difference and cancels. Hairs that were lost or gained enter with the
//! probability that they were, divided by the share of hairs that their photo finds on its own: as many more were lost
//! without ever having been seen. That share comes from the pair itself by recapture (of the hairs that the other photo
//! finds and that are there, how many does this one find; Chapman 1951, Univ. Calif. Publ. Stat. 1, 131).
//!
//! The error of a difference has two parts: what this pair tells (calls that are not certain, diameters with their
//! errors), and what any two photos of unchanged hair differ by ([`RepeatError`]), from replicates or from validation.

use crate::comparison::{Change, HairFates};
use crate::estimate::{Estimate, Z95};
use crate::protocol::Protocol;

use super::fates::{Alone, Both, Fates};
use super::map::distance;
use super::quantity::{Reading, round};

/// By how much two photos of unchanged hair differ: standard deviation of each difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepeatError {
    /// Hairs of the common area.
    pub count: f64,
    /// Hairs of at least 30 µm.
    pub count_30um: f64,
    /// Hairs of at least 40 µm.
    pub count_40um: f64,
    /// Mean diameter, µm.
    pub mean_diameter_um: f64,
    /// Median diameter, µm.
    pub median_diameter_um: f64,
    /// Mean diameter of the hairs measured in both, µm.
    pub matched_hair_diameter_um: f64,
    /// Sum of the diameters of the common area, mm.
    pub thickness_mm: f64,
    /// Units of the common area.
    pub units: f64,
    /// Hairs per unit.
    pub hairs_per_unit: f64,
}

/// Standard deviation of the difference of two counts of unchanged hair, over the root of the hairs.
const COUNT_PER_ROOT: f64 = 0.2;
/// The same for the counts at 30 and 40 µm: diameters near the limit, too.
const CLASS_PER_ROOT: f64 = 0.3;
/// The same for a mean diameter, as a share of it: light and focus move all edges of a photo together.
const DIAMETER_SHARE: f64 = 0.025;
/// Standard deviation of the difference of two diameters of one hair beyond their fits' errors, as a share.
const HAIR_DIAMETER_SHARE: f64 = 0.07;
/// Standard deviation of the difference of two visible lengths of one hair, µm.
pub const LENGTH_SD_UM: f64 = 45.0;

impl RepeatError {
    /// What validation on drawn pairs of unchanged hair showed; see the README's section on accuracy.
    pub fn usual(fates: &Fates) -> Self {
        let n = (fates.both.len() as f64).max(1.0);
        let diameter = mean(fates.both.iter().flat_map(|b| b.diameter).flatten()).unwrap_or(0.0);
        let units = (units(fates).0[0]).max(1.0);
        Self {
            count: COUNT_PER_ROOT * n.sqrt(),
            count_30um: CLASS_PER_ROOT * n.sqrt(),
            count_40um: CLASS_PER_ROOT * n.sqrt(),
            mean_diameter_um: DIAMETER_SHARE * diameter,
            median_diameter_um: 1.25 * DIAMETER_SHARE * diameter,
            matched_hair_diameter_um: DIAMETER_SHARE * diameter,
            thickness_mm: 1e-3 * diameter * n * libm::hypot(DIAMETER_SHARE, COUNT_PER_ROOT / n.sqrt()),
            units: COUNT_PER_ROOT * units.sqrt(),
            hairs_per_unit: COUNT_PER_ROOT * n.sqrt() / units,
        }
    }

    /// All of it times a factor.
    pub fn times(self, f: f64) -> Self {
        Self {
            count: f * self.count,
            count_30um: f * self.count_30um,
            count_40um: f * self.count_40um,
            mean_diameter_um: f * self.mean_diameter_um,
            median_diameter_um: f * self.median_diameter_um,
            matched_hair_diameter_um: f * self.matched_hair_diameter_um,
            thickness_mm: f * self.thickness_mm,
            units: f * self.units,
            hairs_per_unit: f * self.hairs_per_unit,
        }
    }
}

/// The quantities.
pub fn change(
    fates: &Fates,
    area_mm2: Option<f64>,
    protocol: &Protocol,
    scale_ratio: f64,
    repeat: &RepeatError,
    scaled: bool,
) -> Change {
    let count = count(fates, repeat.count);
    let per_cm2 = area_mm2.filter(|area| *area > 0.0).map(|area| 100.0 / area);
    let mut change = Change { hair_count: Some(count.change()), ..Change::default() };
    let units = unit_readings(fates, protocol, repeat);
    if let (Some((_, per_unit)), true) = (units, !fates.both.is_empty()) {
        change.hairs_per_unit = Some(per_unit.change());
    }
    if !scaled {
        return change;
    }
    change.density_per_cm2 = per_cm2.map(|f| count.times(f).change());
    change.units_per_cm2 = per_cm2.zip(units).map(|(f, (units, _))| units.times(f).change());
    change.non_vellus_count_30um = Some(count_from(fates, 30.0, repeat.count_30um).change());
    change.non_vellus_count_40um = Some(count_from(fates, 40.0, repeat.count_40um).change());
    let scale_error = (scale_ratio - 1.0).abs();
    if let Some(diameters) = Diameters::of(fates, scale_error) {
        let [mean, median, matched] = diameters.readings(repeat);
        change.mean_diameter_um = Some(mean.change());
        change.median_diameter_um = Some(median.change());
        change.matched_hair_diameter_um = Some(matched.change());
        change.cumulative_thickness_mm_per_cm2 =
            per_cm2.map(|f| thickness(&count, &mean, repeat).times(f).change());
    }
    change
}

/// Share of the hairs there that each photo finds on its own, and its variance.
fn captured(fates: &Fates) -> [(f64, f64); 2] {
    [0, 1].map(|visit| {
        let found_by_other = fates.both.iter().filter(|b| b.found[1 - visit]).count() as f64;
        let found_by_both = fates.both.iter().filter(|b| b.found == [true, true]).count() as f64;
        let share = (found_by_both + 1.0) / (found_by_other + 1.0);
        // A photo that finds less than half of the hair tells too little to be scaled up.
        let share = share.clamp(0.5, 1.0);
        (share, share * (1.0 - share) / (found_by_other + 1.0))
    })
}

/// Expected hairs of the common area at both visits, each hair weighed by `weight` of its diameter.
fn expected(fates: &Fates, weight: &dyn Fn(&Alone) -> f64) -> ([f64; 2], f64) {
    let captured = captured(fates);
    let mut variance = 0.0;
    let alone = [0, 1].map(|visit| {
        let (share, share_variance) = captured[visit];
        let sum: f64 = fates.alone[visit].iter().map(|hair| hair.weight * weight(hair)).sum();
        let calls: f64 =
            fates.alone[visit].iter().map(|hair| hair.weight * weight(hair)).map(|w| w * (1.0 - w)).sum();
        variance += calls / (share * share) + sum * sum * share_variance / share.powi(4);
        // How many of the hairs that were never seen went, or came, is a matter of chance, too.
        variance += sum * (1.0 - share) / (share * share);
        sum / share
    });
    (alone, variance)
}

fn count(fates: &Fates, repeat_sd: f64) -> Reading {
    let n = fates.both.len() as f64;
    let ([lost, gained], variance) = expected(fates, &|_| 1.0);
    Reading { baseline: n + lost, follow_up: n + gained, standard_error: variance.sqrt(), repeat_sd }
}

/// Probability that a diameter is at least a limit.
fn at_least(diameter: f64, se: f64, limit: f64) -> f64 {
    let se = libm::hypot(se, 0.03 * diameter).max(0.5);
    0.5 * libm::erfc(-(diameter - limit) / se * std::f64::consts::FRAC_1_SQRT_2)
}

/// Expected number of hairs of at least a limit, µm.
fn count_from(fates: &Fates, limit: f64, repeat_sd: f64) -> Reading {
    let (mut sums, mut variance) = ([0.0; 2], 0.0);
    for both in &fates.both {
        // A diameter that was read once says nothing of a change.
        let once = both.diameter[0].or(both.diameter[1]);
        let share = [0, 1]
            .map(|k| both.diameter[k].or(once).map_or(0.5, |d| at_least(d, both.diameter_se[k], limit)));
        (0..2).for_each(|k| sums[k] += share[k]);
        if both.diameter[0].is_some() && both.diameter[1].is_some() {
            variance += share.iter().map(|p| p * (1.0 - p)).sum::<f64>();
        }
    }
    let of = |hair: &Alone| hair.diameter.map_or(0.5, |d| at_least(d, hair.diameter_se, limit));
    let ([lost, gained], alone_variance) = expected(fates, &of);
    Reading {
        baseline: sums[0] + lost,
        follow_up: sums[1] + gained,
        standard_error: (variance + alone_variance).sqrt(),
        repeat_sd,
    }
}

/// Diameters of the common area, each with its weight.
struct Diameters {
    /// Of every hair, baseline and follow-up.
    all: [Vec<(f64, f64)>; 2],
    /// Mean of the hairs that were measured in both, µm.
    matched: [f64; 2],
    /// Standard error of the change of those, µm.
    shift_se: f64,
    /// What the disagreement of the two scales may make of a mean, µm.
    scale_error_um: f64,
    /// Variance of the mean from hairs whose fate is not certain, µm².
    fate_variance: f64,
}

/// What skin may stretch under a contact glass: no error of the scale.
const STRETCH: f64 = 0.015;

impl Diameters {
    fn of(fates: &Fates, scale_off: f64) -> Option<Self> {
        let matched: Vec<[f64; 2]> =
            fates.both.iter().filter_map(|b| Some([b.diameter[0]?, b.diameter[1]?])).collect();
        if matched.is_empty() {
            return None;
        }
        let (shift, shift_se) = huber(&matched.iter().map(|[b, a]| a - b).collect::<Vec<_>>());
        // A hair that was measured once changed as much as the others did, and one read on the wrong pixels, too.
        let before = |b: &Both| b.diameter[0].or(b.diameter[1].map(|d| (d - shift).max(1.0)));
        let all = [0, 1].map(|visit| {
            let moved = if visit == 0 { 0.0 } else { shift };
            let both = fates.both.iter().filter_map(before).map(|d| (d + moved, 1.0));
            let alone = fates.alone[visit].iter().filter_map(|a| Some((a.diameter?, a.weight)));
            both.chain(alone).filter(|(_, w)| *w > 0.0).collect::<Vec<_>>()
        });
        let mut fate_variance = 0.0;
        for visit in 0..2 {
            let total: f64 = all[visit].iter().map(|(_, w)| w).sum();
            let middle = weighted_mean(&all[visit]);
            for hair in &fates.alone[visit] {
                let Some(d) = hair.diameter else { continue };
                fate_variance += hair.weight * (1.0 - hair.weight) * ((d - middle) / total).powi(2);
            }
        }
        let scale_error_um = (scale_off - STRETCH).max(0.0) * weighted_mean(&all[0]);
        let baseline = mean(matched.iter().map(|[before, _]| *before))?;
        let matched = [baseline, baseline + shift];
        Some(Self { all, matched, shift_se, scale_error_um, fate_variance })
    }

    /// Mean, median, and mean of the matched hairs.
    fn readings(&self, repeat: &RepeatError) -> [Reading; 3] {
        let reading = |[baseline, follow_up]: [f64; 2], factor: f64, repeat_sd: f64| {
            let own = (self.shift_se * self.shift_se + self.fate_variance).sqrt() * factor;
            Reading { baseline, follow_up, standard_error: libm::hypot(own, self.scale_error_um), repeat_sd }
        };
        let [before, after] = &self.all;
        [
            reading([weighted_mean(before), weighted_mean(after)], 1.0, repeat.mean_diameter_um),
            // A median scatters by √(π/2) as much as a mean.
            reading([weighted_median(before), weighted_median(after)], 1.253, repeat.median_diameter_um),
            reading(self.matched, 1.0, repeat.matched_hair_diameter_um),
        ]
    }
}

/// Sum of the diameters, mm.
fn thickness(count: &Reading, mean: &Reading, repeat: &RepeatError) -> Reading {
    let own = libm::hypot(count.standard_error * mean.baseline, count.baseline * mean.standard_error);
    Reading {
        baseline: 1e-3 * count.baseline * mean.baseline,
        follow_up: 1e-3 * count.follow_up * mean.follow_up,
        standard_error: 1e-3 * own,
        repeat_sd: repeat.thickness_mm,
    }
}

/// Units of the common area at both visits, with the hairs that were lost or gained, and the variance of the change.
fn units(fates: &Fates) -> ([f64; 2], f64) {
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

fn unit_readings(fates: &Fates, protocol: &Protocol, repeat: &RepeatError) -> Option<(Reading, Reading)> {
    let ([before, after], variance) = units_within(fates, protocol.unit_distance_um);
    if before < 0.5 || after < 0.5 {
        return None;
    }
    let units = Reading {
        baseline: before,
        follow_up: after,
        standard_error: variance.sqrt(),
        repeat_sd: repeat.units,
    };
    let hairs = count(fates, 0.0);
    let per_unit = Reading {
        baseline: hairs.baseline / before,
        follow_up: hairs.follow_up / after,
        standard_error: libm::hypot(hairs.standard_error, variance.sqrt() * hairs.baseline / before) / before,
        repeat_sd: repeat.hairs_per_unit,
    };
    Some((units, per_unit))
}

/// How many hairs did what.
pub fn hair_fates(fates: &Fates, protocol: &Protocol, scaled: bool) -> HairFates {
    let sum = |alone: &[Alone]| {
        let value: f64 = alone.iter().map(|hair| hair.weight).sum();
        let variance: f64 = alone.iter().map(|hair| hair.weight * (1.0 - hair.weight)).sum();
        estimate(value, variance)
    };
    let matched: Vec<([f64; 2], [f64; 2])> =
        fates.both.iter().filter_map(|b| Some(([b.diameter[0]?, b.diameter[1]?], b.diameter_se))).collect();
    // Number of hairs whose change, in standard errors and with a sign, is beyond 1.96.
    let beyond = |sign: f64| {
        let (mut value, mut variance) = (0.0, 0.0);
        for ([before, after], se) in &matched {
            let z = sign * (after - before) / diameter_change_se([*before, *after], *se) - Z95;
            let p = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
            value += if z > 0.0 { 1.0 } else { 0.0 };
            variance += p * (1.0 - p);
        }
        estimate(value, variance)
    };
    let crossed = |from_vellus: bool| {
        let (mut value, mut variance) = (0.0, 0.0);
        for (d, se) in &matched {
            let [before, after] = [0, 1].map(|k| at_least(d[k], se[k], protocol.vellus_limit_um));
            let p = if from_vellus { (1.0 - before) * after } else { before * (1.0 - after) };
            value += p;
            variance += p * (1.0 - p);
        }
        estimate(value, variance)
    };
    let lengths: Vec<f64> = fates.both.iter().filter_map(|b| b.grown).collect();
    let longer = lengths.iter().filter(|g| **g > Z95 * LENGTH_SD_UM).count() as f64;
    HairFates {
        matched: estimate(fates.both.len() as f64, 0.0),
        gained: sum(&fates.alone[1]),
        lost: sum(&fates.alone[0]),
        thickened: scaled.then(|| beyond(1.0)),
        thinned: scaled.then(|| beyond(-1.0)),
        grown: scaled.then(|| estimate(longer, 0.025 * lengths.len() as f64)),
        vellus_to_terminal: scaled.then(|| crossed(true)),
        terminal_to_vellus: scaled.then(|| crossed(false)),
    }
}

/// Standard error of the difference of two diameters of one hair, µm: that of both fits, and what no fit knows of.
pub fn diameter_change_se([before, after]: [f64; 2], fits: [f64; 2]) -> f64 {
    let usual = HAIR_DIAMETER_SHARE * 0.5 * (before + after);
    (fits[0] * fits[0] + fits[1] * fits[1] + usual * usual).sqrt()
}

fn estimate(value: f64, variance: f64) -> Estimate {
    let full = Estimate::non_negative(value, variance.sqrt());
    Estimate {
        value: round(full.value),
        standard_error: round(full.standard_error),
        ci95: full.ci95.map(round),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), v| (n + 1.0, sum + v));
    (n > 0.0).then(|| sum / n)
}

fn weighted_mean(values: &[(f64, f64)]) -> f64 {
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    values.iter().map(|(v, w)| v * w).sum::<f64>() / total.max(1e-12)
}

fn weighted_median(values: &[(f64, f64)]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|p, q| p.0.total_cmp(&q.0));
    let half = 0.5 * sorted.iter().map(|(_, w)| w).sum::<f64>();
    let mut sum = 0.0;
    for (k, (value, weight)) in sorted.iter().enumerate() {
        sum += weight;
        if sum > half + 1e-9 {
            return *value;
        }
        if sum >= half - 1e-9 {
            return 0.5 * (value + sorted.get(k + 1).map_or(*value, |next| next.0));
        }
    }
    0.0
}

/// Mean change and its standard error, with what lies far out held at 1.345 standard deviations (Huber 1964,
/// doi:10.1214/aoms/1177703732): a width that was read on a merged pair of shafts is off by a whole shaft.
fn huber(values: &[f64]) -> (f64, f64) {
    let n = values.len();
    let median = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        0.5 * (v[(n - 1) / 2] + v[n / 2])
    };
    let mut middle = median(values.to_vec());
    if n < 3 {
        return (middle, values.iter().map(|v| (v - middle).abs()).fold(5.0, f64::max));
    }
    let sd = (1.4826 * median(values.iter().map(|v| (v - middle).abs()).collect())).max(0.1);
    let limit = 1.345 * sd;
    for _ in 0..30 {
        middle += values.iter().map(|v| (v - middle).clamp(-limit, limit)).sum::<f64>() / n as f64;
    }
    let inside = values.iter().filter(|v| (**v - middle).abs() < limit).count().max(1) as f64;
    let held: f64 = values.iter().map(|v| (v - middle).clamp(-limit, limit).powi(2)).sum();
    (middle, held.sqrt() / inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_width_does_not_move_the_mean_change() {
        let mut values: Vec<f64> = (0..40).map(|k| 3.0 + 0.1 * f64::from(k % 5 - 2)).collect();
        values.extend([85.0, 43.0, 60.0]);
        let (middle, se) = huber(&values);
        assert!((middle - 3.0).abs() < 0.1 && se < 0.1, "{middle} ± {se}");
    }

    #[test]
    fn a_weighted_median_counts_weights() {
        assert_eq!(weighted_median(&[(1.0, 1.0), (2.0, 1.0), (9.0, 1.0)]), 2.0);
        assert_eq!(weighted_median(&[(1.0, 1.0), (2.0, 1.0)]), 1.5);
        assert_eq!(weighted_median(&[(1.0, 5.0), (2.0, 1.0)]), 1.0);
    }
}
