//! The numbers of a photo, from its hairs.

use crate::calibration::Calibration;
use crate::estimate::{Estimate, Z95};
use crate::hair::{FollicularUnit, Hair, HairClass, NotCounted};
use crate::measurement::{DiameterHistogram, Summary};
use crate::median::median;
use crate::profile::phi;
use crate::protocol::Protocol;
use crate::sure::{CountError, shared_error_um};

/// What the numbers refer to.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Area of the region, mm²; `None` without a scale.
    pub area_mm2: Option<f64>,
    /// Area of the region, px².
    pub area_px: f64,
    /// The scale; its error is part of every interval.
    pub calibration: Option<Calibration>,
    /// Thinnest hair that the photo resolves, µm.
    pub resolvable_diameter_um: Option<f64>,
    /// How far the count may be off beyond what the hairs' confidences tell; `None` where that is not known.
    pub count_error: Option<CountError>,
}

/// Summary of a photo that carries a measurement.
pub fn summarise(hairs: &[Hair], units: &[FollicularUnit], field: &Field, protocol: &Protocol) -> Summary {
    let counted: Vec<&Hair> = hairs.iter().filter(|hair| hair.counted).collect();
    let n = counted.len() as f64;
    let ci = count_interval(hairs, field.count_error);
    let per_cm2 = field.area_mm2.filter(|&area| area > 0.0).map(|area| 100.0 / area);
    let diameters: Vec<f64> = counted.iter().filter_map(|hair| hair.diameter_um).collect();
    let shared_um = shared_error_um(counted.iter().copied());
    let widths: Vec<f64> = counted.iter().filter_map(|hair| hair.width_px).collect();
    let lengths_um: Vec<f64> = counted.iter().filter_map(|hair| hair.length_um).collect();
    let lengths_px: Vec<f64> = counted.iter().map(|hair| hair.length_px).collect();
    let scaled = field.calibration.is_some();
    let scale_error = field.calibration.map_or(0.0, |c| c.relative_error);
    // A length goes with the scale, an area with its square, and a length per area with its inverse.
    let uncertain = |value: Option<f64>, own: f64| {
        scaled.then_some(value?).map(|v| Estimate::non_negative(v, libm::hypot(own, scale_error * v)).ci95)
    };
    let of_mean = |values: &[f64]| sd(values).unwrap_or(0.0) / (values.len().max(1) as f64).sqrt();
    // Of nothing `Iterator::sum` is −0.
    let sum = |values: &[f64]| values.iter().sum::<f64>() + 0.0;
    // What makes all diameters of a photo too large, or too small, as a share.
    let common = libm::hypot(mean(&diameters).map_or(0.0, |mean| shared_um / mean.max(1e-9)), scale_error);
    let thickness = per_cm2.map(|f| sum(&diameters) * 1e-3 * f);
    let thickness_error = {
        let of_count = if n > 0.0 { 0.5 * (ci[1] - ci[0]) / Z95 / n } else { 0.0 };
        let own = libm::hypot(of_mean(&diameters), shared_um);
        let of_diameter = mean(&diameters).map_or(0.0, |m| own / m.max(1e-9));
        libm::hypot(of_count, of_diameter) * thickness.unwrap_or(0.0)
    };
    let at_least = |limit: f64| scaled.then(|| diameters.iter().filter(|&&d| d >= limit).count() as u32);
    let of_class =
        |class| scaled.then(|| counted.iter().filter(|hair| hair.class == Some(class)).count() as u32);
    let (mut c, mut s) = (0.0, 0.0);
    for hair in &counted {
        let angle = hair.direction_deg.to_radians();
        c += libm::cos(angle);
        s += libm::sin(angle);
    }
    let covered: Vec<f64> =
        counted.iter().filter_map(|hair| hair.width_px.map(|w| w * hair.length_px)).collect();
    Summary {
        hair_count: counted.len() as u32,
        hair_count_ci95: Some(ci),
        density_per_cm2: per_cm2.map(|f| n * f),
        density_ci95_per_cm2: per_cm2.map(|f| with_scale_error(ci.map(|v| v * f), n * f, 2.0 * scale_error)),
        mean_diameter_um: mean(&diameters),
        mean_diameter_ci95_um: uncertain(mean(&diameters), libm::hypot(of_mean(&diameters), shared_um)),
        median_diameter_um: median(&diameters),
        diameter_sd_um: sd(&diameters),
        mean_width_px: mean(&widths),
        diameter_histogram: scaled.then(|| histogram(&diameters, protocol.histogram_bin_um)),
        vellus_limit_um: scaled.then_some(protocol.vellus_limit_um),
        terminal_count: of_class(HairClass::Terminal),
        vellus_count: of_class(HairClass::Vellus),
        non_vellus_count_30um: at_least(30.0),
        non_vellus_count_40um: at_least(40.0),
        non_vellus_expected_30um: scaled.then(|| expected_at_least(30.0, &counted, ci, common)),
        non_vellus_expected_40um: scaled.then(|| expected_at_least(40.0, &counted, ci, common)),
        diameter_percentiles_um: percentiles(&diameters),
        unlike_diameter_fraction: unlike_fraction(&diameters),
        cumulative_thickness_mm_per_cm2: thickness,
        cumulative_thickness_ci95_mm_per_cm2: uncertain(thickness, thickness_error),
        hair_area_fraction: (field.area_px > 0.0).then(|| (sum(&covered) / field.area_px).min(1.0)),
        unit_count: Some(units.len() as u32),
        units_per_cm2: per_cm2.map(|f| units.len() as f64 * f),
        hairs_per_unit: (!units.is_empty()).then(|| n / units.len() as f64),
        units_by_hairs: Some(units_by_hairs(units)),
        unit_neighbour_distance_um: field
            .calibration
            .and_then(|c| neighbour_distance_px(units).map(|d| d * c.um_per_px)),
        mean_length_um: mean(&lengths_um),
        mean_length_ci95_um: uncertain(mean(&lengths_um), of_mean(&lengths_um)),
        mean_length_px: mean(&lengths_px),
        mean_direction_deg: (n > 0.0).then(|| libm::atan2(s, c).to_degrees()),
        direction_concentration: (n > 0.0).then(|| libm::hypot(c, s) / n),
        resolvable_diameter_um: field.resolvable_diameter_um,
    }
}

/// 95 % interval of the count: every shaft is a hair with its own probability (Poisson-binomial, normal approximation), and
/// others were never found; the wider end counts on either side.
fn count_interval(hairs: &[Hair], error: Option<CountError>) -> [f64; 2] {
    let unsure = |hair: &&Hair| hair.counted || hair.not_counted == Some(NotCounted::LowConfidence);
    let variance: f64 =
        hairs.iter().filter(unsure).map(|hair| hair.confidence * (1.0 - hair.confidence)).sum();
    let n = hairs.iter().filter(|hair| hair.counted).count() as f64;
    let half = Z95 * variance.sqrt();
    let [low, high] = error.map_or([n, n], |error| error.interval(n));
    // What is too wide for one hair may be one by another scale, or several.
    let wide = hairs.iter().filter(|hair| hair.not_counted == Some(NotCounted::TooWide)).count() as f64;
    [(n - half).max(0.0).min(low), (n + half).max(high) + wide]
}

/// Expected number of hairs of at least `limit_um`: every one with its own probability (Poisson-binomial), as many more or fewer as
/// the count may be off, and those that an error that all diameters share moves over the limit.
fn expected_at_least(limit_um: f64, counted: &[&Hair], count_ci95: [f64; 2], common_error: f64) -> Estimate {
    let expected = |limit_um: f64| {
        let chances = counted.iter().filter_map(|hair| match (hair.diameter_um, hair.diameter_limit_um) {
            (Some(diameter), _) => {
                let error = hair.diameter_se_um.unwrap_or(0.0).max(1e-6);
                Some(phi((diameter - limit_um) / error))
            }
            // Below its limit in 19 of 20 cases, and nothing is known of where; twice as wide it is not.
            (None, Some(below)) if limit_um < below => Some(1.0 - 0.95 * limit_um / below),
            (None, Some(below)) => Some(0.05 * (2.0 - limit_um / below).max(0.0)),
            (None, None) => None,
        });
        chances.fold((0.0, 0.0), |(sum, variance), p| (sum + p, variance + p * (1.0 - p)))
    };
    let (value, variance) = expected(limit_um);
    let shift = Z95 * common_error;
    let fewer = value - expected(limit_um * (1.0 + shift)).0;
    let more = expected(limit_um / (1.0 + shift)).0 - value;
    let n = (counted.len() as f64).max(1.0);
    let [low, high] = count_ci95.map(|end| value * end / n);
    let half = |of_count: f64, moved: f64| libm::hypot(Z95 * variance.sqrt(), libm::hypot(of_count, moved));
    let ends = [(value - half(value - low, fewer)).max(0.0), value + half(high - value, more)];
    Estimate { value, standard_error: 0.5 * (ends[1] - ends[0]) / Z95, ci95: ends }
}

/// Diameters below which 10, 25, 50, 75 and 90 % are, between the two nearest ones.
fn percentiles(values: &[f64]) -> Option<[f64; 5]> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some([0.1, 0.25, 0.5, 0.75, 0.9].map(|share| {
        let at = share * last as f64;
        let (below, above) = (sorted[at as usize], sorted[(at as usize + 1).min(last)]);
        below + at.fract() * (above - below)
    }))
}

/// How far from the mean a diameter is unlike it, as a share.
const UNLIKE: f64 = 0.2;

/// Share of the values that are more than [`UNLIKE`] off their mean.
fn unlike_fraction(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let unlike = values.iter().filter(|&&value| (value - mean).abs() > UNLIKE * mean).count();
    Some(unlike as f64 / values.len() as f64)
}

/// An interval, widened on both sides of its value by an independent relative error of the value; not below zero.
fn with_scale_error([low, high]: [f64; 2], value: f64, relative_error: f64) -> [f64; 2] {
    let by = Z95 * relative_error * value;
    [(value - libm::hypot(value - low, by)).max(0.0), value + libm::hypot(high - value, by)]
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    (values.len() > 1)
        .then(|| (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt())
}

fn histogram(diameters: &[f64], bin_width_um: f64) -> DiameterHistogram {
    let mut counts = Vec::new();
    for diameter in diameters {
        let bin = (diameter / bin_width_um) as usize;
        if bin >= counts.len() {
            counts.resize(bin + 1, 0);
        }
        counts[bin] += 1;
    }
    DiameterHistogram { bin_width_um, counts }
}

fn units_by_hairs(units: &[FollicularUnit]) -> Vec<u32> {
    let mut counts = vec![0; units.iter().map(|unit| unit.hairs.len()).max().unwrap_or(0)];
    units.iter().for_each(|unit| counts[unit.hairs.len() - 1] += 1);
    counts
}

/// Mean distance to the nearest other unit, px.
fn neighbour_distance_px(units: &[FollicularUnit]) -> Option<f64> {
    let nearest: Vec<f64> = units
        .iter()
        .filter_map(|a| {
            units
                .iter()
                .filter(|b| b.id != a.id)
                .map(|b| libm::hypot(a.centre_px[0] - b.centre_px[0], a.centre_px[1] - b.centre_px[1]))
                .min_by(f64::total_cmp)
        })
        .collect();
    mean(&nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hair of a diameter and its error, µm.
    fn hair(diameter_um: f64, error_um: f64) -> Hair {
        let record = serde_json::json!({
            "id": 1, "root_px": [0.0, 0.0], "tip_px": [0.0, 9.0], "centreline_px": [[0.0, 0.0], [0.0, 9.0]],
            "width_px": 8.0, "width_se_px": 0.1, "diameter_um": diameter_um, "diameter_se_um": error_um,
            "diameter_sd_um": 0.0, "diameter_limit_um": null, "length_px": 9.0, "length_um": 45.0,
            "direction_deg": 90.0, "class": "terminal", "polarity": "dark", "follicular_unit": 1, "counted": true,
            "not_counted": null, "confidence": 1.0, "root_confidence": 1.0
        });
        serde_json::from_value(record).expect("a hair")
    }

    #[test]
    fn what_all_diameters_share_moves_all_hairs_near_the_limit() {
        let hairs: Vec<Hair> = (0..40).map(|k| hair(42.0 + 0.05 * f64::from(k), 1.0)).collect();
        let counted: Vec<&Hair> = hairs.iter().collect();
        let of = |common| expected_at_least(40.0, &counted, [40.0, 40.0], common);
        let (alone, shared) = (of(0.0), of(0.1));
        assert!(alone.value > 39.0 && alone.ci95[0] > 36.0, "{alone:?}");
        // By a scale 10 % too large, most of them are below the limit.
        assert!(shared.value == alone.value && shared.ci95[0] < 3.0, "{shared:?}");
        // Far from the limit no scale matters.
        let thick = [hair(80.0, 2.0)];
        let sure = expected_at_least(40.0, &[&thick[0]], [1.0, 1.0], 0.1);
        assert!((sure.value - 1.0).abs() < 1e-6 && sure.ci95[0] > 0.99, "{sure:?}");
    }

    #[test]
    fn percentiles_lie_between_the_nearest_values() {
        let values: Vec<f64> = (0..=10).rev().map(f64::from).collect();
        assert_eq!(percentiles(&values), Some([1.0, 2.5, 5.0, 7.5, 9.0]));
        assert_eq!(percentiles(&[7.0]), Some([7.0; 5]));
        assert_eq!(percentiles(&[]), None);
    }

    #[test]
    fn hairs_more_than_a_fifth_off_the_mean_are_unlike() {
        assert_eq!(unlike_fraction(&[50.0, 70.0, 60.0, 60.0]), Some(0.0));
        assert_eq!(unlike_fraction(&[30.0, 90.0, 60.0, 60.0]), Some(0.5));
        assert_eq!(unlike_fraction(&[]), None);
    }
}
