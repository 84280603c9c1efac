//! Scale marks that the phantom burns in: right, or not read; never wrong. The label's font is none that the reader learned.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

use vellus::{CalibrationSource, FindingCode, Photo, Protocol, measure, scale};
use vellus_phantom::{ScaleMarkKind, Scene};
use vellus_tests::drawn::scale as given;

/// Largest error of a scale that is right.
const WITHIN: f64 = 0.01;

fn drawn(kind: Option<ScaleMarkKind>, um_per_px: f64, seed: u64) -> Photo {
    let scene = Scene { scale_mark: kind, um_per_px, width_px: 1000, height_px: 760, ..Scene::default() };
    let phantom = vellus_phantom::draw(&scene, seed);
    Photo::from_image(phantom.image.into()).expect("an image is a photo")
}

#[test]
fn a_burned_in_mark_is_read_right_or_not_at_all() {
    for (kind, seed) in [(ScaleMarkKind::Bar, 1), (ScaleMarkKind::Corner, 2), (ScaleMarkKind::Ruler, 3)] {
        for um_per_px in [4.0, 5.54, 8.0] {
            let seen = scale::look(&drawn(Some(kind), um_per_px, seed));
            for mark in &seen.marks {
                let off = mark.um_per_px / um_per_px - 1.0;
                assert!(off.abs() < WITHIN, "{kind:?} at {um_per_px}: {mark:?}");
            }
        }
    }
}

#[test]
fn a_photo_without_a_mark_has_no_scale() {
    for seed in [11, 12, 13] {
        let seen = scale::look(&drawn(None, 5.0, seed));
        assert_eq!((seen.marks, seen.rulers), (Vec::new(), Vec::new()));
    }
}

#[test]
fn the_error_of_the_scale_widens_what_is_in_micrometres_and_nothing_else() {
    let photo = drawn(None, 5.0, 21);
    let exact = given(5.0).with_error(0.0).expect("no error");
    let rough = given(5.0).with_error(0.25).expect("five per cent");
    let [exact, rough] = [exact, rough].map(|scale| measure(&photo, Some(scale), &Protocol::default()));
    assert_eq!(exact.hairs, rough.hairs);
    assert_eq!(exact.summary.hair_count_ci95, rough.summary.hair_count_ci95);
    let (density, ci95) =
        (rough.summary.density_per_cm2.expect("a scale"), rough.summary.density_ci95_per_cm2);
    let [low, high] = ci95.expect("an interval");
    // Twice 5 %, times 1.96.
    assert!(high - density > 0.195 * density && density - low > 0.195 * density, "{low} {density} {high}");
    let width = |ci95: Option<[f64; 2]>| ci95.map_or(0.0, |[low, high]| high - low);
    assert!(width(exact.summary.mean_diameter_ci95_um) < width(rough.summary.mean_diameter_ci95_um));
    assert!(width(exact.summary.mean_length_ci95_um) < width(rough.summary.mean_length_ci95_um));
}

#[test]
fn ticks_of_a_ruler_are_no_hair() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/field/ruler-caption.jpg");
    let Ok(photo) = Photo::open(path, &Protocol::default().decode) else {
        println!("SKIPPED: {path} is not here");
        return;
    };
    let measurement = measure(&photo, None, &Protocol::default());
    let [ruler] = scale::rulers(&photo).try_into().expect("one ruler");
    assert!((ruler.period_px - 28.9).abs() < 0.2, "{ruler:?}");
    assert_eq!(measurement.calibration, None);
    let codes: Vec<FindingCode> = measurement.quality.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&FindingCode::ScaleMarkUnread), "{codes:?}");
    // Along the ticks, from their first to their last.
    let [a, b, c, _] = ruler.corners_px;
    let (along, across) = ([b[0] - a[0], b[1] - a[1]], [c[0] - b[0], c[1] - b[1]]);
    let share = |p: [f64; 2], v: [f64; 2]| {
        ((p[0] - a[0]) * v[0] + (p[1] - a[1]) * v[1]) / (v[0] * v[0] + v[1] * v[1])
    };
    for hair in measurement.counted() {
        let middle = hair.centreline_px[hair.centreline_px.len() / 2];
        let inside = [along, across].iter().all(|v| (0.0..1.0).contains(&share(middle, *v)));
        assert!(!inside, "hair {} lies on the ruler", hair.id);
    }
}

#[test]
fn what_is_given_is_named_as_given() {
    let measurement = measure(&drawn(None, 5.0, 31), Some(given(5.0)), &Protocol::default());
    let scale = measurement.calibration.expect("a scale");
    assert_eq!((scale.source, scale.relative_error), (CalibrationSource::Flag, 0.01));
}
