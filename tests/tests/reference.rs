//! Numeric steps against NumPy and SciPy: `reference/numeric.json`, which `reference/make.py` wrote.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | smoothed planes | 2 × 10⁻⁵ of values up to 9 | `f32` has 24 bits |
//! | ridge points: place, strength | 10⁻³ px, 10⁻³ of the strongest | second differences of `f32` lose three digits |
//! | width at half maximum | 0.02 px | interpolated linearly between pixels |
//! | mean, median, SD, directions | 10⁻⁶ | the digits that are kept |
//! | half of the count's interval | 0.75 hairs | the exact one moves in whole hairs, so that its half is known to half a hair; the normal one has tails of another shape |

use approx::assert_abs_diff_eq;
use serde_json::Value;
use vellus::measurement::Summary;
use vellus::plane::Plane;
use vellus::ridge::ridge_points;
use vellus::summarise::{Field, summarise};
use vellus::{Calibration, CalibrationSource, Estimate, Hair, Protocol};
use vellus_tests::record::hair;

fn reference(part: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../reference/numeric.json")).expect("JSON");
    all[part].clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn plane(part: &Value) -> Plane {
    let size = |key: &str| number(&part[key]) as usize;
    let data = numbers(&part["plane"]).into_iter().map(|v| v as f32).collect();
    Plane { width: size("width"), height: size("height"), data }
}

#[test]
fn gaussian_is_that_of_scipy() {
    let part = reference("gaussian");
    for (sigma, smooth) in part["smooth"].as_object().expect("planes by sigma") {
        let got = plane(&part).gaussian(sigma.parse().expect("a sigma"));
        for (got, want) in got.data.iter().zip(numbers(smooth)) {
            assert_abs_diff_eq!(f64::from(*got), want, epsilon = 2e-5);
        }
    }
}

#[test]
fn ridges_are_those_of_the_eigenvalues_of_numpy() {
    let part = reference("ridges");
    let sigma = number(&part["sigma_px"]) as f32;
    let found = ridge_points(&plane(&part), sigma, sigma);
    let wanted: Vec<Vec<f64>> = part["points"].as_array().expect("points").iter().map(numbers).collect();
    let strongest = wanted[0][2];
    for want in wanted {
        // The strengths of neighbours may tie, so that the order is not compared.
        let near = found.iter().find(|p| {
            (f64::from(p.x) - want[0]).abs() < 1e-3
                && (f64::from(p.y) - want[1]).abs() < 1e-3
                && (f64::from(p.strength) - want[2]).abs() < 1e-3 * strongest
        });
        assert!(near.is_some(), "no ridge point at {want:?}");
    }
    assert_abs_diff_eq!(f64::from(found[0].strength), strongest, epsilon = 1e-3 * strongest);
}

/// The width at half maximum of a row that is symmetric about its middle, px.
fn half_maximum_px(row: &[f32]) -> f64 {
    let middle = row.len() / 2;
    let half = f64::from(row[middle]) / 2.0;
    let below = (middle..row.len()).find(|&x| f64::from(row[x]) < half).expect("an edge");
    let (inner, outer) = (f64::from(row[below - 1]), f64::from(row[below]));
    2.0 * ((below - 1 - middle) as f64 + (inner - half) / (inner - outer))
}

#[test]
fn a_blurred_bar_is_too_wide_at_half_maximum_by_the_table() {
    const BAR_PX: usize = 21;
    for pair in reference("half_maximum").as_array().expect("a table") {
        let [ratio, widening] = numbers(pair)[..] else { panic!("ratio and width") };
        let mut bar = Plane::filled(301, 3, 0.0);
        bar.data.chunks_mut(301).for_each(|row| row[150 - BAR_PX / 2..=150 + BAR_PX / 2].fill(1.0));
        // A pixel is itself a box: it adds a variance of 1/12 px².
        let blur = (BAR_PX as f64 / ratio).powi(2) - 1.0 / 12.0;
        let blurred = bar.gaussian(blur.sqrt() as f32);
        let got = half_maximum_px(&blurred.data[301..602]);
        assert_abs_diff_eq!(got, widening * BAR_PX as f64, epsilon = 0.02);
    }
}

fn summary(hairs: &[Hair]) -> Summary {
    let exact = Calibration::new(5.0, CalibrationSource::Flag).and_then(|scale| scale.with_error(0.0));
    let exact = exact.expect("a scale without error");
    let field = Field {
        area_mm2: Some(10.0),
        area_px: 4e5,
        calibration: Some(exact),
        resolvable_diameter_um: None,
        count_error: None,
    };
    summarise(hairs, &[], &field, &Protocol::default())
}

#[test]
fn nothing_sums_up_to_a_zero_without_a_sign() {
    let text = serde_json::to_string(&summary(&[])).expect("a summary");
    assert!(!text.contains("-0.0") && text.contains("\"hair_area_fraction\":0.0"), "{text}");
}

#[test]
fn the_interval_of_the_count_is_the_poisson_binomial_one() {
    let part = reference("count");
    let hairs: Vec<Hair> = numbers(&part["confidences"])
        .into_iter()
        .map(|confidence| Hair { confidence, ..hair(1, &[[0.0, 0.0], [100.0, 0.0]], 60.0, 5.0) })
        .collect();
    let [low, high] = summary(&hairs).hair_count_ci95.expect("an interval");
    let range = numbers(&part["range95"]);
    assert_abs_diff_eq!(0.5 * (high - low), 0.5 * (range[1] - range[0]), epsilon = 0.75);
    assert_abs_diff_eq!(0.5 * (high + low), hairs.len() as f64, epsilon = 1e-9);
}

#[test]
fn a_normal_interval_has_the_quantile_of_scipy() {
    let [low, high] = Estimate::normal(5.0, 1.0).ci95;
    assert_abs_diff_eq!(high - 5.0, number(&reference("z95")), epsilon = 1e-11);
    assert_abs_diff_eq!(5.0 - low, high - 5.0, epsilon = 1e-11);
}

#[test]
fn the_summary_has_the_statistics_of_numpy() {
    let part = reference("diameters");
    let directions = numbers(&part["directions_deg"]);
    let hairs: Vec<Hair> = numbers(&part["diameters_um"])
        .into_iter()
        .zip(directions)
        .map(|(diameter, direction_deg)| Hair {
            direction_deg,
            ..hair(1, &[[0.0, 0.0], [100.0, 0.0]], diameter, 5.0)
        })
        .collect();
    let summary = summary(&hairs);
    let check = |got: Option<f64>, key: &str| {
        assert_abs_diff_eq!(got.expect(key), number(&part[key]), epsilon = 1e-6);
    };
    check(summary.mean_diameter_um, "mean");
    check(summary.median_diameter_um, "median");
    check(summary.diameter_sd_um, "sd");
    check(summary.mean_direction_deg, "direction_deg");
    check(summary.direction_concentration, "concentration");
    assert_abs_diff_eq!(summary.density_per_cm2.expect("a density"), 120.0, epsilon = 1e-9);
}
