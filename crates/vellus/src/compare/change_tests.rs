//! What the error of the scale does to the intervals of a change.

use super::super::fates::Both;
use super::*;
use crate::{Photo, measure};

const EXACT: ScaleErrors = ScaleErrors { baseline: 0.0, common: 0.0, apart: 0.0 };
const NO_REPEAT: RepeatError = RepeatError {
    count: 0.0,
    count_30um: 0.0,
    count_40um: 0.0,
    mean_diameter_um: 0.0,
    median_diameter_um: 0.0,
    matched_hair_diameter_um: 0.0,
    thickness_mm: 0.0,
    units: 0.0,
    hairs_per_unit: 0.0,
};

/// 40 hairs that both visits show, 30 µm and thicker before, `factor` times that after; 10 gained, each for sure.
fn fates(factor: f64) -> Fates {
    let photo = Photo::from_image(image::RgbImage::new(30, 30).into()).expect("pixels");
    let nothing = measure(&photo, None, &Protocol::default());
    let both = |k: u32| {
        let before = 30.0 + f64::from(k);
        Both {
            root: [f64::from(k) * 500.0, 0.0],
            diameter: [Some(before), Some(factor * before)],
            diameter_se: [0.1; 2],
            found: [true; 2],
            grown: None,
        }
    };
    let gained = |k: u32| Alone {
        id: 100 + k,
        root: [f64::from(k) * 500.0, 900.0],
        weight: 1.0,
        told: true,
        judged: true,
        diameter: Some(50.0),
        diameter_se: 0.1,
    };
    Fates {
        measurements: [nothing.clone(), nothing],
        matches: Vec::new(),
        both: (0..40).map(both).collect(),
        alone: [Vec::new(), (0..10).map(gained).collect()],
        second_looks: [Vec::new(), Vec::new()],
    }
}

fn told(scales: &ScaleErrors) -> Change {
    readings(&fates(1.0), Some(20.0), &Protocol::default(), 1.0, &NO_REPEAT, Some(scales)).change()
}

/// What an error of the scale adds to a standard error.
fn added(with: Option<crate::QuantityChange>, without: Option<crate::QuantityChange>) -> f64 {
    let [with, without] = [with, without].map(|q| q.expect("a number").standard_error);
    (with * with - without * without).max(0.0).sqrt()
}

#[test]
fn an_error_that_both_scales_share_is_twice_in_the_density_and_once_in_the_thickness() {
    let [with, without] = [ScaleErrors { baseline: 0.03, common: 0.03, apart: 0.0 }, EXACT].map(|s| told(&s));
    let density = without.density_per_cm2.expect("a density").difference;
    let expected = 0.06 * density;
    assert!((added(with.density_per_cm2, without.density_per_cm2) - expected).abs() < 0.01 * expected);
    let thickness = without.cumulative_thickness_mm_per_cm2.expect("a sum").difference;
    let expected = 0.03 * thickness;
    let is = added(with.cumulative_thickness_mm_per_cm2, without.cumulative_thickness_mm_per_cm2);
    assert!((is - expected).abs() < 0.03 * expected, "{is} {expected}");
    // A number of hairs has no unit of length, but it is not raised to a change by it either.
    assert_eq!(with.hair_count, without.hair_count);
}

#[test]
fn an_error_of_the_baselines_scale_alone_is_twice_in_the_thickness() {
    let [with, without] = [ScaleErrors { baseline: 0.03, common: 0.0, apart: 0.0 }, EXACT].map(|s| told(&s));
    let thickness = without.cumulative_thickness_mm_per_cm2.expect("a sum").difference;
    let is = added(with.cumulative_thickness_mm_per_cm2, without.cumulative_thickness_mm_per_cm2);
    assert!((is - 0.06 * thickness).abs() < 0.002 * thickness, "{is} {thickness}");
}

#[test]
fn scales_that_are_off_differently_move_hairs_over_the_limit() {
    let [with, without] = [ScaleErrors { baseline: 0.03, common: 0.0, apart: 0.05 }, EXACT].map(|s| told(&s));
    // By hand: a hair per µm, so that 5 % of 40 µm are two hairs; near 40 µm errors of 3 % of a diameter only smooth that.
    let is = added(with.non_vellus_count_40um, without.non_vellus_count_40um);
    assert!((is - 1.9).abs() < 0.2, "{is}");
    let alike = told(&ScaleErrors { baseline: 0.05, common: 0.05, apart: 0.0 });
    assert!(added(alike.non_vellus_count_40um, without.non_vellus_count_40um) < 0.1, "both sides move alike");
}
