//! Mean and median diameter of the common area, and their change.
//!
//! [`Fates`] → [`Diameters`] → [`Reading`]s. The change of the hairs that were measured in both photos is paired, and so free
//! of the scatter between hairs; hairs lost or gained move the mean by what they differ from it.

use crate::median::median;

use super::fates::{Both, Fates};
use super::quantity::Reading;
use super::repeat::{Raise, RepeatError};

/// Diameters of the common area, each with its weight.
pub struct Diameters {
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
    /// Diameters of the fates; `raise` as in [`super::repeat`], `scale_off` the relative disagreement of the two
    /// scales on the same skin, `apart` how far their errors are independent.
    /// `None` where no hair was measured in both.
    pub fn of(fates: &Fates, raise: &Raise, scale_off: f64, apart: f64) -> Option<Self> {
        let matched: Vec<[f64; 2]> =
            fates.both.iter().filter_map(|b| Some([b.diameter[0]?, b.diameter[1]?])).collect();
        if matched.is_empty() {
            return None;
        }
        let (shift, shift_se) = huber(&matched.iter().map(|[b, a]| a - b).collect::<Vec<_>>());
        // A hair that was measured once changed as much as the others did, and one read on the wrong pixels, too. Both readings of
        // a hair count alike, so that visits exchanged give the opposite change.
        let before = |b: &Both| match b.diameter {
            [Some(before), Some(after)] => Some((0.5 * (before + after - shift)).max(1.0)),
            [before, after] => before.or(after.map(|d| (d - shift).max(1.0))),
        };
        let all = [0, 1].map(|visit| {
            let moved = if visit == 0 { 0.0 } else { shift };
            let both = fates.both.iter().filter_map(before).map(|d| (d + moved, 1.0));
            let alone = fates.alone[visit]
                .iter()
                .filter_map(|a| Some((a.diameter?, raise.by(a.diameter) * a.weight)));
            both.chain(alone).filter(|(_, w)| *w > 0.0).collect::<Vec<_>>()
        });
        let mut fate_variance = 0.0;
        for (all, alone) in all.iter().zip(&fates.alone) {
            let total: f64 = all.iter().map(|(_, w)| w).sum();
            let middle = weighted_mean(all);
            for hair in alone {
                let Some(d) = hair.diameter else { continue };
                fate_variance += hair.weight * (1.0 - hair.weight) * ((d - middle) / total).powi(2);
            }
        }
        // Scales that are off differently show on the skin, whose size is the same but for its stretch.
        let independent = apart.min(scale_off + STRETCH);
        let scale_error = libm::hypot((scale_off - STRETCH).max(0.0), independent);
        let scale_error_um = scale_error * weighted_mean(&all[0]);
        let baseline = mean(matched.iter().map(|[before, _]| *before))?;
        let matched = [baseline, baseline + shift];
        Some(Self { all, matched, shift_se, scale_error_um, fate_variance })
    }

    /// Mean, median, and mean of the matched hairs.
    pub fn readings(&self, repeat: &RepeatError) -> [Reading; 3] {
        let reading = |[baseline, follow_up]: [f64; 2], factor: f64, repeat_sd: f64| {
            let own = (self.shift_se * self.shift_se + self.fate_variance).sqrt() * factor;
            let own_error = libm::hypot(own, self.scale_error_um);
            Reading { baseline, follow_up, own_error, ..Reading::of_repeat(repeat_sd) }
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

/// Plain mean; `None` of nothing.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
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
    let mut middle = median(values).unwrap_or(0.0);
    if n < 3 {
        return (middle, values.iter().map(|v| (v - middle).abs()).fold(5.0, f64::max));
    }
    let away: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let sd = (1.4826 * median(&away).unwrap_or(0.0)).max(0.1);
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
