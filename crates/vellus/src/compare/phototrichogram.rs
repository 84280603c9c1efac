//! Growth between two photos of hair that was clipped before the first.
//!
//! Hair grows by 0.25 to 0.41 mm a day (Loussouarn 2001, doi:10.1046/j.1365-2133.2001.04350.x, and Loussouarn et al. 2016,
//! doi:10.1684/ejd.2015.2726) or rests. What leaves the frame grows at least as far as it is seen; what became shorter was cut,
//! and what one photo only found at the second look has no length: neither is resting for it.

use crate::comparison::{Comparison, MatchSource, Phototrichogram};
use crate::estimate::{Estimate, Z95};

use super::quantity::round;
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
    let length = |hairs: &[crate::Hair], id: u32| hairs.iter().find(|h| h.id == id).and_then(|h| h.length_um);
    let mut grown = Vec::new();
    let (mut growing, mut told) = (0.0, 0.0);
    for m in &mut comparison.matches {
        if m.source != MatchSource::BothPhotos || !m.in_common_area {
            continue;
        }
        let seen = length(&comparison.baseline.hairs, m.baseline)
            .zip(length(&comparison.follow_up.hairs, m.follow_up))
            .map(|(before, after)| after - before);
        m.anagen = match (m.length_change_um, seen) {
            (Some(change), _) if change < -2.0 * LENGTH_SD_UM => None,
            (Some(change), _) => Some(change > limit_um),
            // It leaves the frame: it grew at least by what is seen, and may have grown more.
            (None, Some(at_least)) if at_least > limit_um => Some(true),
            _ => None,
        };
        if let Some(anagen) = m.anagen {
            told += 1.0;
            growing += f64::from(u8::from(anagen));
        }
        if let (Some(true), Some(change)) = (m.anagen, m.length_change_um) {
            grown.push(change / days);
        }
    }
    let anagen = wilson(growing, told);
    Phototrichogram {
        interval_h,
        hairs: told as u32,
        telogen_fraction: Estimate {
            value: round(1.0 - anagen.value),
            standard_error: anagen.standard_error,
            ci95: [round(1.0 - anagen.ci95[1]), round(1.0 - anagen.ci95[0])],
        },
        anagen_fraction: anagen,
        growth_um_per_day: mean(&grown),
        anagen_limit_um: limit_um,
    }
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
        value: round(p),
        standard_error: round(half / Z95),
        ci95: [round((middle - half).max(0.0)), round((middle + half).min(1.0))],
    }
}

fn mean(values: &[f64]) -> Option<Estimate> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    let full = Estimate::non_negative(mean, (variance / n).sqrt());
    Some(Estimate {
        value: round(full.value),
        standard_error: round(full.standard_error),
        ci95: full.ci95.map(round),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_is_wilsons() {
        // 45 of 50: 0.7864 to 0.9565 (R: prop.test(45, 50, correct = FALSE)).
        let share = wilson(45.0, 50.0);
        assert_eq!(share.value, 0.9);
        assert!((share.ci95[0] - 0.786).abs() < 1e-3 && (share.ci95[1] - 0.957).abs() < 1e-3, "{share:?}");
        assert_eq!(wilson(0.0, 0.0).ci95, [0.0, 1.0]);
    }
}
