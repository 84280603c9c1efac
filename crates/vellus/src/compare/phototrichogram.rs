//! Growth between two photos of hair that was clipped before the first.
//!
//! Hair grows by 0.25 to 0.41 mm a day (Loussouarn 2001, doi:10.1046/j.1365-2133.2001.04350.x, and Loussouarn et al. 2016,
//! doi:10.1684/ejd.2015.2726) or rests. What leaves the frame grows at least as far as it is seen; what became shorter was cut,
//! and what one photo only found at the second look has no length: neither is resting for it ([`GrowthNotTold`]).
//!
//! The share of growing hairs is taken over hairs that had room to grow in the photo. Without that, of two hairs that point at
//! the frame the growing one would leave it and not be told, and the resting one be counted.

use crate::comparison::{Comparison, GrowthNotTold, MatchSource, Phototrichogram};
use crate::estimate::{Estimate, Z95};
use crate::hair::{Hair, PointPx};
use crate::measurement::Measurement;

use super::constellation::{FRAME_UM, GUESSED_UM_PER_PX};
use super::quantity::rounded;
use super::repeat::LENGTH_SD_UM;

/// Growth from which a hair is growing, µm per day: half of what the slowest grow (256 − 2 · 44 µm per day), as the photo
/// sees stubs foreshortened.
const LEAST_GROWTH_UM_PER_DAY: f64 = 80.0;

/// Times between the photos that tell growth, h: from when the slowest growing hair (168 µm per day) is longer by more than two
/// errors of a length.
pub const INTERVAL_H: std::ops::RangeInclusive<f64> = 13.0..=720.0;

/// Growth of the matched hairs of the common area; writes each hair's own into its match.
pub fn phototrichogram(comparison: &mut Comparison, interval_h: f64) -> Phototrichogram {
    let days = interval_h / 24.0;
    // Below two errors of a length nothing can be told.
    let limit_um = (LEAST_GROWTH_UM_PER_DAY * days).max(2.0 * LENGTH_SD_UM);
    let (baseline, follow_up) = (&comparison.baseline, &comparison.follow_up);
    let of = |photo: &Measurement, id: u32| photo.hairs.iter().position(|h| h.id == id);
    let mut speeds = Vec::new();
    let (mut growing, mut told) = (0.0, 0.0);
    let (mut left_frame, mut cut, mut no_length) = (0, 0, 0);
    for m in &mut comparison.matches {
        let pair = of(baseline, m.baseline).zip(of(follow_up, m.follow_up));
        let pair = pair.map(|(b, f)| [&baseline.hairs[b], &follow_up.hairs[f]]);
        let pair = pair.filter(|_| m.source == MatchSource::BothPhotos);
        let growth = pair.map_or(Err(GrowthNotTold::NoLength), |[before, after]| {
            let whole = m.length_change_um.ok_or_else(|| holds(baseline, before.tip_px));
            growth(whole, [before, after], limit_um)
        });
        (m.anagen, m.growth_not_told) = (growth.ok(), growth.err());
        if !m.in_common_area {
            continue;
        }
        let roomy = |[before, after]: [&Hair; 2]| has_room(follow_up, after, before.length_um, limit_um);
        match growth {
            Err(GrowthNotTold::NoLength) => no_length += 1,
            Err(GrowthNotTold::Cut) => cut += 1,
            Ok(anagen) if pair.is_some_and(roomy) => {
                told += 1.0;
                growing += f64::from(u8::from(anagen));
            }
            Err(GrowthNotTold::LeavesFrame) | Ok(_) => left_frame += 1,
        }
        if let (Some(true), Some(change)) = (m.anagen, m.length_change_um) {
            speeds.push(change / days);
        }
    }
    let anagen = wilson(growing, told);
    let telogen = Estimate {
        value: 1.0 - anagen.value,
        standard_error: anagen.standard_error,
        ci95: [1.0 - anagen.ci95[1], 1.0 - anagen.ci95[0]],
    };
    Phototrichogram {
        interval_h,
        hairs: told as u32,
        left_frame,
        cut,
        no_length,
        anagen_fraction: rounded(anagen),
        telogen_fraction: rounded(telogen),
        growth_um_per_day: mean(&speeds),
        anagen_limit_um: limit_um,
    }
}

/// Whether a hair grows: by the change of its length where both ends are in both photos; otherwise (`Err`, with whether both
/// were in the first) by what is seen.
fn growth(
    change: Result<f64, bool>,
    [before, after]: [&Hair; 2],
    limit_um: f64,
) -> Result<bool, GrowthNotTold> {
    let Some((before, after)) = before.length_um.zip(after.length_um) else {
        return Err(GrowthNotTold::NoLength);
    };
    match change {
        Ok(change) if change < -2.0 * LENGTH_SD_UM => Err(GrowthNotTold::Cut),
        Ok(change) => Ok(change > limit_um),
        // It was whole and leaves the second photo: it grew at least by what is seen, and may have grown more.
        Err(true) if after - before > limit_um => Ok(true),
        Err(_) => Err(GrowthNotTold::LeavesFrame),
    }
}

/// Whether a point lies in a photo, off its frame.
fn holds(photo: &Measurement, p: PointPx) -> bool {
    let um_per_px = photo.calibration.map_or(GUESSED_UM_PER_PX, |c| c.um_per_px);
    let rim = FRAME_UM / um_per_px;
    let size = [photo.image.width_px, photo.image.height_px].map(f64::from);
    (0..2).all(|k| p[k] > rim && p[k] < size[k] - 1.0 - rim)
}

/// Whether a hair that had `length_um` before would still be whole in the second photo had it grown by the limit.
fn has_room(photo: &Measurement, after: &Hair, length_um: Option<f64>, limit_um: f64) -> bool {
    let Some((length_um, scale)) = length_um.zip(photo.calibration) else { return false };
    let (root, tip) = (after.root_px, after.tip_px);
    let chord = libm::hypot(tip[0] - root[0], tip[1] - root[1]).max(1e-9);
    let reach = (length_um + limit_um) / scale.um_per_px / chord;
    holds(photo, [0, 1].map(|k| root[k] + reach * (tip[k] - root[k])))
}

/// Share with its interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).
fn wilson(k: f64, n: f64) -> Estimate {
    if n == 0.0 {
        return Estimate { value: 0.5, standard_error: 0.5, ci95: [0.0, 1.0] };
    }
    let (p, z2) = (k / n, Z95 * Z95);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Estimate {
        value: p,
        standard_error: half / Z95,
        ci95: [(middle - half).max(0.0), (middle + half).min(1.0)],
    }
}

fn mean(values: &[f64]) -> Option<Estimate> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    Some(rounded(Estimate::non_negative(mean, (variance / n).sqrt())))
}

#[cfg(test)]
#[path = "phototrichogram_tests.rs"]
mod tests;
