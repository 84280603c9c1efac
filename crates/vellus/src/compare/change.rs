//! The numbers of a change, over the common area, with their errors.
//!
//! [`Fates`] → [`Readings`] → [`Change`]; [`HairFates`].
//!
//! What both photos show enters both sides of every difference and cancels. Hairs that were lost or gained enter with the
//! probability that they were, divided by the share of hairs that their photo finds on its own and by the share of their width that is
//! recognised at all ([`Raise`]): as many more were lost without ever having been seen. The first share comes from the pair itself by
//! recapture (of the hairs that the other photo finds and that are there, how many does this one find; Chapman 1951, Univ. Calif.
//! Publ. Stat. 1, 131).
//!
//! The error of a difference has two parts: what this pair tells (calls that are not certain, diameters with their
//! errors), and what any two photos of unchanged hair differ by ([`RepeatError`]), from replicates or from validation.

use crate::calibration::Calibration;
use crate::comparison::{Change, HairFates};
use crate::estimate::{Estimate, Z95};
use crate::protocol::Protocol;

use super::diameters::Diameters;
use super::fates::{Alone, Fates};
use super::quantity::{Reading, rounded};
use super::repeat::{HAIR_DIAMETER_SHARE, LENGTH_SD_UM, Raise, RepeatError};
use super::units::unit_readings;

/// Relative standard errors of the scales of two visits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleErrors {
    /// Of the baseline's scale, whole.
    pub baseline: f64,
    /// What both scales are off by alike.
    pub common: f64,
    /// By how much they may be off differently.
    pub apart: f64,
}

impl ScaleErrors {
    /// Of two scales.
    pub fn of(baseline: &Calibration, follow_up: &Calibration) -> Self {
        let [common, apart] = baseline.common_and_apart(follow_up);
        Self { baseline: baseline.relative_error, common, apart }
    }

    /// Relative standard error of a length per area at both visits alike: what both scales share makes lengths as wrong as
    /// it makes areas twice, so that once is left; what only the baseline's is off by, the area has twice.
    fn of_thickness(&self) -> f64 {
        let alone = (self.baseline * self.baseline - self.common * self.common).max(0.0);
        (self.common * self.common + 4.0 * alone).sqrt()
    }
}

/// The quantities of a [`Change`] with what is known of their errors, in the order of [`super::replicates::quantities`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Readings(pub [Option<Reading>; 10]);

impl Readings {
    /// With what differing conditions may move density and diameters by, %.
    pub fn biased(self, [density, diameter]: [f64; 2]) -> Self {
        let both = libm::hypot(density, diameter);
        let by = [density, density, density, density, diameter, diameter, diameter, both, density, density];
        Self(std::array::from_fn(|k| self.0[k].map(|reading| reading.biased(by[k]))))
    }

    /// The record of them.
    pub fn change(&self) -> Change {
        let [
            hair_count,
            density_per_cm2,
            non_vellus_count_30um,
            non_vellus_count_40um,
            mean_diameter_um,
            median_diameter_um,
            matched_hair_diameter_um,
            cumulative_thickness_mm_per_cm2,
            units_per_cm2,
            hairs_per_unit,
        ] = self.0.map(|reading| reading.map(|reading| reading.change()));
        Change {
            hair_count,
            density_per_cm2,
            non_vellus_count_30um,
            non_vellus_count_40um,
            mean_diameter_um,
            median_diameter_um,
            matched_hair_diameter_um,
            cumulative_thickness_mm_per_cm2,
            units_per_cm2,
            hairs_per_unit,
        }
    }
}

/// The quantities; `scales` is `None` without a scale.
pub fn readings(
    fates: &Fates,
    area_mm2: Option<f64>,
    protocol: &Protocol,
    scale_ratio: f64,
    repeat: &RepeatError,
    scales: Option<&ScaleErrors>,
) -> Readings {
    let raise = recognition(fates, repeat);
    let moved = Moved::of(fates, &raise, &|_, _| 1.0);
    let count = moved.reading([fates.both.len() as f64; 2], 0.0, repeat.count);
    let per_cm2 = area_mm2.filter(|area| *area > 0.0).map(|area| 100.0 / area);
    let units = unit_readings(fates, &count, &moved, protocol, repeat);
    let per_unit = units.filter(|_| !fates.both.is_empty()).map(|(_, per_unit)| per_unit);
    let mut readings = Readings::default();
    (readings.0[0], readings.0[9]) = (Some(count), per_unit);
    let Some(scales) = scales else { return readings };
    // Both visits are counted over one area, which the baseline's scale measures.
    let of_area = 2.0 * scales.baseline;
    let from = |limit, repeat_sd| count_from(fates, &raise, limit, repeat_sd, scales);
    readings.0[1] = per_cm2.map(|f| count.times(f).scaled_alike(of_area));
    readings.0[2] = Some(from(30.0, repeat.count_30um));
    readings.0[3] = Some(from(40.0, repeat.count_40um));
    readings.0[8] = per_cm2.zip(units).map(|(f, (units, _))| units.times(f).scaled_alike(of_area));
    let scale_off = (scale_ratio - 1.0).abs();
    if let Some(diameters) = Diameters::of(fates, &raise, scale_off, scales.apart) {
        let [mean, median, matched] =
            diameters.readings(repeat).map(|reading| reading.scaled_alike(scales.common));
        (readings.0[4], readings.0[5], readings.0[6]) = (Some(mean), Some(median), Some(matched));
        readings.0[7] =
            per_cm2.map(|f| thickness(&count, &mean, repeat).times(f).scaled_alike(scales.of_thickness()));
    }
    readings
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

/// Hairs of the common area that were lost and gained, each weighed by some share of 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    lost: f64,
    gained: f64,
    /// By how much more than was recognised, of all of them.
    raised: f64,
    /// Variance of the difference from calls that are not certain.
    calls: f64,
    /// Variance of the lost and of the gained from hairs whose place could not be seen, each by itself, and from what both are
    /// multiplied by. Such hairs came or went, too, but no fewer than none: on the side that moved more this tells how large a
    /// change is, and only on the other one whether there is one.
    factor: [f64; 2],
    /// Variance of what came and went, both together, behind no hair that was recognised. Taken to tell how large a change is:
    /// hair that came and hair that went unseen seldom undo what was seen.
    unseen: f64,
    /// Sum of the shares of all hairs that only one photo shows, and the number of all hairs.
    alone: f64,
    hairs: f64,
}

impl Moved {
    fn of(fates: &Fates, raise: &Raise, share_of: &dyn Fn(usize, &Alone) -> f64) -> Self {
        let captured = captured(fates);
        let (mut seen, mut calls, mut factor, mut alone) = (0.0, 0.0, [0.0; 2], 0.0);
        let sums = [0, 1].map(|visit| {
            let (share, share_variance) = captured[visit];
            let (mut sum, mut unjudged, mut judged, mut chance) = (0.0, 0.0, 0.0, 0.0);
            for hair in &fates.alone[visit] {
                let by = raise.by(hair.diameter) / share;
                let of = share_of(visit, hair);
                let w = hair.weight * of;
                alone += of;
                seen += w / share;
                sum += by * w;
                let call = by * by * w * (1.0 - w);
                if hair.judged {
                    calls += call;
                    judged += w;
                } else {
                    chance += call;
                    unjudged += by * w;
                }
                // How many hairs stand behind each one that was recognised is a matter of chance (geometric law).
                chance += by * (by - 1.0) * w;
            }
            // All that were not judged are gone as often as the judged ones, whose number is a matter of chance (Poisson's law).
            calls += unjudged * unjudged / judged.max(1.0);
            factor[visit] =
                chance + sum * sum * (share_variance / (share * share) + raise.error() * raise.error());
            sum
        });
        let raised = if seen > 1e-9 { ((sums[0] + sums[1]) / seen).max(1.0) } else { 1.0 };
        let hairs = (fates.both.len() + fates.alone[0].len() + fates.alone[1].len()) as f64;
        let unseen = 2.0 * raise.unseen();
        Self { lost: sums[0], gained: sums[1], raised, calls, factor, unseen, alone, hairs }
    }

    /// Relative standard error of what moved more, from what it was multiplied by.
    pub fn factor_error(&self) -> f64 {
        let more = usize::from(self.gained > self.lost);
        self.factor[more].sqrt() / [self.lost, self.gained][more].max(1.0)
    }

    /// Standard error of the number of hairs from those that were never seen.
    pub fn unseen_error(&self) -> f64 {
        self.unseen.sqrt()
    }

    /// The reading of what `still` hairs are beside these; `variance` is that of them.
    fn reading(&self, still: [f64; 2], variance: f64, repeat_sd: f64) -> Reading {
        let more = usize::from(self.gained > self.lost);
        let share = (0.5 * (still[0] + still[1]) + self.alone) / self.hairs.max(1.0);
        Reading {
            baseline: still[0] + self.lost,
            follow_up: still[1] + self.gained,
            own_error: (variance + self.calls + self.factor[1 - more]).sqrt(),
            raised: self.raised,
            raise_error: (self.factor[more] + share * self.unseen).sqrt(),
            ..Reading::of_repeat(repeat_sd)
        }
    }
}

/// [`Raise`] of a pair.
fn recognition(fates: &Fates, repeat: &RepeatError) -> Raise {
    let moved = Moved::of(fates, &Raise::NONE, &|_, _| 1.0);
    Raise::of([moved.lost, moved.gained], fates.both.len() as f64, repeat.count)
}

/// Probability that a diameter is at least a limit.
fn at_least(diameter: f64, se: f64, limit: f64) -> f64 {
    let se = libm::hypot(se, 0.03 * diameter).max(0.5);
    0.5 * libm::erfc(-(diameter - limit) / se * std::f64::consts::FRAC_1_SQRT_2)
}

/// Expected number of hairs of at least a limit, µm. With a scale that is off, so are the diameters, and some hairs change sides.
fn count_from(fates: &Fates, raise: &Raise, limit: f64, repeat_sd: f64, scales: &ScaleErrors) -> Reading {
    let reading = counted_from(fates, raise, [limit; 2], repeat_sd);
    // Diameters that are too large by a share are held against a limit that is as much smaller.
    let moved = |off: [f64; 2]| {
        let other = counted_from(fates, raise, off.map(|off| limit / (1.0 + off)), repeat_sd);
        (other.follow_up - other.baseline) - (reading.follow_up - reading.baseline)
    };
    let alike = moved([scales.common; 2]);
    let apart = moved([0.0, scales.apart]);
    let own = reading.own_error;
    Reading { own_error: (own * own + alike * alike + apart * apart).sqrt(), ..reading }
}

/// The same by a limit per visit.
fn counted_from(fates: &Fates, raise: &Raise, limits: [f64; 2], repeat_sd: f64) -> Reading {
    let (mut sums, mut variance) = ([0.0; 2], 0.0);
    for both in &fates.both {
        // A diameter that was read once says nothing of a change.
        let once = both.diameter[0].or(both.diameter[1]);
        let share = [0, 1]
            .map(|k| both.diameter[k].or(once).map_or(0.5, |d| at_least(d, both.diameter_se[k], limits[k])));
        (0..2).for_each(|k| sums[k] += share[k]);
        if both.diameter[0].is_some() && both.diameter[1].is_some() {
            variance += share.iter().map(|p| p * (1.0 - p)).sum::<f64>();
        }
    }
    let of = |visit: usize, hair: &Alone| {
        hair.diameter.map_or(0.5, |d| at_least(d, hair.diameter_se, limits[visit]))
    };
    Moved::of(fates, raise, &of).reading(sums, variance, repeat_sd)
}

/// Sum of the diameters, mm.
fn thickness(count: &Reading, mean: &Reading, repeat: &RepeatError) -> Reading {
    let own = libm::hypot(count.own_error * mean.baseline, count.baseline * mean.own_error);
    Reading {
        baseline: 1e-3 * count.baseline * mean.baseline,
        follow_up: 1e-3 * count.follow_up * mean.follow_up,
        own_error: 1e-3 * own,
        raised: count.raised,
        raise_error: 1e-3 * count.raise_error * mean.baseline,
        ..Reading::of_repeat(repeat.thickness_mm)
    }
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
    rounded(Estimate::non_negative(value, variance.sqrt()))
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
