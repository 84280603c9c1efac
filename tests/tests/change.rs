//! What is told of a change, on drawn pairs of visits and on one photo taken again.
//!
//! How well it is told over many pairs is the business of the program `change`; here is what must hold in every one.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | nothing changed | no claim in any of ten quantities | a claim is what a patient hears |
//! | hairs gained or lost | direction of the density | the least that a change is worth |
//! | another scalp, a mirrored photo | refused | a change told from the wrong site is told with confidence |
//! | quarter turn, half turn | 1° of turn, 1 % of scale, 95 % of the hairs found in both matched | the floor for matching; roots are known to some 20 µm over 4 mm |
//! | another scale by 0.93 | 1 % of scale, 90 % matched | shafts shrink with the skin there, as they never do: widths speak against each match |
//! | visits exchanged | 0.25 standard errors, a median 1 | each photo draws its own hairs, so that the map and the widths differ a little; a median jumps from hair to hair |
//! | threads | equal bytes | the contract |
//! | a photo and itself | all matched, differences of 0 | nothing differs |

#![allow(clippy::print_stdout, reason = "a drift is worth watching while it is within its tolerance, too")]

use std::sync::LazyLock;

use image::{Rgb, RgbImage, imageops};
use rayon::ThreadPoolBuilder;
use rstest::rstest;
use vellus::compare::replicates::quantities;
use vellus::{CompareError, CompareOptions, Comparison, Shot, compare};
use vellus_phantom::{PairKind, draw, pair};
use vellus_tests::Turn;
use vellus_tests::change::Visits;
use vellus_tests::change::judge::{claims, told};
use vellus_tests::drawn::{shot, small_scene};
use vellus_tests::retake::{Retake, hairs_in_both, matched};

/// Scale of every drawn photo here, µm per px.
const UM_PER_PX: f64 = 5.0;
/// Field of every drawn photo here, px: 5 × 4 mm, some forty hairs.
const SIZE: (u32, u32) = (1000, 800);

fn visits(scene: &str, kind: PairKind, seed: u64) -> Visits {
    Visits::take(pair(&small_scene(scene, SIZE.0, SIZE.1), kind, seed))
}

fn compared(baseline: &Shot, follow_up: &Shot) -> Comparison {
    compare(baseline, follow_up, &CompareOptions::default()).expect("the same site")
}

/// One drawn photo, and what was measured on it.
static PHOTO: LazyLock<(RgbImage, Shot)> = LazyLock::new(|| {
    let image = draw(&small_scene("clipped_typical", SIZE.0, SIZE.1), 3001).image;
    let shot = shot(&image, Some(UM_PER_PX));
    (image, shot)
});
/// A pair in which hairs were lost.
static LOSS: LazyLock<Visits> = LazyLock::new(|| visits("clipped_typical", PairKind::Loss, 3001));

#[rstest]
#[case::typical("clipped_typical", PairKind::Null)]
#[case::dry("clipped_dry", PairKind::Null)]
#[case::dense("clipped_dense", PairKind::Null)]
#[case::far_off("clipped_dense", PairKind::Misaligned)]
fn no_change_is_claimed_where_nothing_changed(#[case] scene: &str, #[case] kind: PairKind) {
    let visits = visits(scene, kind, 3001);
    let comparison = compared(&visits.shots[0], &visits.shots[1]);
    assert_eq!(claims(&comparison), [""; 0], "{:?}", comparison.change);
}

#[rstest]
#[case::regrowth(PairKind::Regrowth, "clipped_typical")]
#[case::regrowth_on_dry_skin(PairKind::Regrowth, "clipped_dry")]
#[case::loss_on_dry_skin(PairKind::Loss, "clipped_dry")]
#[case::loss(PairKind::Loss, "clipped_typical")]
fn hairs_gained_or_lost_move_the_density_their_way(#[case] kind: PairKind, #[case] scene: &str) {
    let visits = visits(scene, kind, 3001);
    let comparison = compared(&visits.shots[0], &visits.shots[1]);
    let told = told(&comparison, &visits.truth).expect("skin in common");
    assert_eq!(told.right_direction, Some(true), "{:?}", comparison.change.density_per_cm2);
}

#[test]
fn another_scalp_is_refused() {
    let visits = visits("clipped_dense", PairKind::Wrong, 3001);
    let refusal = compare(&visits.shots[0], &visits.shots[1], &CompareOptions::default());
    assert!(matches!(refusal, Err(CompareError::NotTheSameSite { .. })), "{refusal:?}");
}

#[test]
fn a_mirrored_photo_is_refused() {
    let (image, upright) = &*PHOTO;
    for mirrored in [imageops::flip_horizontal(image), imageops::flip_vertical(image)] {
        let mirrored = shot(&mirrored, Some(UM_PER_PX));
        let refusal = compare(upright, &mirrored, &CompareOptions::default());
        assert!(matches!(refusal, Err(CompareError::NotTheSameSite { .. })), "{refusal:?}");
    }
}

/// The comparison of [`PHOTO`] with the same photo held another way; `back` takes its points to those of the upright one.
fn held_another_way(other: &RgbImage, back: impl Fn([f64; 2]) -> [f64; 2], least_matched: f64) -> Comparison {
    let upright = &PHOTO.1;
    let other = shot(other, Some(UM_PER_PX));
    let comparison = compared(upright, &other);
    let in_both: Vec<(u32, u32)> = hairs_in_both(&other.measurement, &upright.measurement, back)
        .into_iter()
        .map(|(other, upright)| (upright, other))
        .collect();
    let [matched, all] = matched(&comparison, &in_both);
    assert!(all > 20 && matched as f64 >= least_matched * all as f64, "{matched} of {all} matched");
    comparison
}

#[test]
fn a_camera_held_sideways_or_upside_down_shows_the_same_site() {
    let image = &PHOTO.0;
    let (right, bottom) = (f64::from(SIZE.0) - 1.0, f64::from(SIZE.1) - 1.0);
    let half = held_another_way(&imageops::rotate180(image), |[x, y]| [right - x, bottom - y], 0.95);
    let quarter =
        held_another_way(&Turn::Quarter.image(image), |p| Turn::Quarter.back(p, SIZE.0, SIZE.1), 0.95);
    for (comparison, turn) in [(half, 180.0), (quarter, 90.0)] {
        let registration = &comparison.registration;
        assert!((registration.rotation_deg.abs() - turn).abs() < 1.0, "{registration:?}");
        assert!((registration.scale_ratio - 1.0).abs() < 0.01, "{registration:?}");
        assert_eq!(claims(&comparison), [""; 0], "{turn}°");
    }
}

#[test]
fn a_wrong_scale_is_told_and_bridged() {
    let retake = Retake { scale: 0.93, ..Retake::default() };
    let smaller = retake.image(&PHOTO.0);
    let comparison = held_another_way(&smaller, |p| retake.back(p, SIZE), 0.9);
    assert!((comparison.registration.scale_ratio - 0.93).abs() < 0.01, "{:?}", comparison.registration);
    assert!(comparison.findings.iter().any(|f| f.code == vellus::FindingCode::ScalesDisagree));
}

#[test]
fn visits_exchanged_give_the_opposite_change() {
    let [baseline, follow_up] = &LOSS.shots;
    let (there, back) = (compared(baseline, follow_up), compared(follow_up, baseline));
    for ((name, there), (_, back)) in quantities(&there).into_iter().zip(quantities(&back)) {
        let (there, back) = (there.expect(name), back.expect(name));
        let off = (there.difference + back.difference).abs();
        let share = if name == "median_diameter_um" { 1.0 } else { 0.25 };
        let error = share * there.standard_error.max(back.standard_error);
        assert!(off <= error, "{name}: {there:?}, {back:?}");
        println!("{name}: {} there, {} back, ± {error}", there.difference, back.difference);
    }
    assert_eq!((there.lost.len(), there.gained.len()), (back.gained.len(), back.lost.len()));
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let pair = pair(&small_scene("clipped_dense", 800, 640), PairKind::Regrowth, 3001);
    let record = || {
        let visits = Visits::take(pair.clone());
        serde_json::to_string(&compared(&visits.shots[0], &visits.shots[1])).expect("a record")
    };
    let with = |threads: usize| {
        ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(record)
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn a_photo_and_itself_differ_in_nothing() {
    let shot = &PHOTO.1;
    let comparison = compared(shot, shot);
    for hair in shot.measurement.counted() {
        let own = comparison.matches.iter().any(|m| (m.baseline, m.follow_up) == (hair.id, hair.id));
        assert!(own, "hair {} is not matched with itself", hair.id);
    }
    assert_eq!((comparison.lost.len(), comparison.gained.len()), (0, 0));
    for (name, quantity) in quantities(&comparison) {
        assert_eq!(quantity.expect(name).difference, 0.0, "{name}");
    }
    assert_eq!((comparison.registration.rotation_deg, comparison.registration.scale_ratio), (0.0, 1.0));
}

#[test]
fn without_a_scale_hairs_are_counted_and_nothing_is_in_micrometres() {
    let [before, after] = {
        let pair = pair(&small_scene("clipped_typical", SIZE.0, SIZE.1), PairKind::Loss, 3001);
        [pair.baseline, pair.follow_up].map(|photo| shot(&photo.image, None))
    };
    let comparison = compared(&before, &after);
    let with_values: Vec<&str> =
        quantities(&comparison).into_iter().filter(|(_, q)| q.is_some()).map(|(name, _)| name).collect();
    assert_eq!(with_values, ["hair_count", "hairs_per_unit"]);
    assert!(comparison.change.hair_count.expect("a count").difference < 0.0);
    assert_eq!(comparison.registration.overlap_area_mm2, None);
    assert!(
        comparison.matches.iter().all(|m| m.diameter_change_um.is_none() && m.length_change_um.is_none())
    );

    let scaled = compare(&before, &LOSS.shots[1], &CompareOptions::default());
    assert_eq!(scaled, Err(CompareError::OneScale { visit: "baseline" }));
}

#[test]
fn a_blank_photo_is_an_error() {
    let blank = shot(&RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb([205, 170, 150])), Some(UM_PER_PX));
    let photo = &PHOTO.1;
    let compare = |baseline, follow_up| compare(baseline, follow_up, &CompareOptions::default());
    for (refusal, which) in [(compare(&blank, photo), "baseline"), (compare(photo, &blank), "follow-up")] {
        let told = matches!(&refusal, Err(CompareError::NotMeasured { visit, .. }) if *visit == which);
        assert!(told, "{refusal:?}");
    }
}

#[test]
fn hairs_that_a_softer_photo_hides_are_not_lost() {
    // Blur takes away what the first photo found; nothing left the scalp.
    let soft = Retake { blur_sigma_px: 2.5, rotation_deg: 3.0, ..Retake::default() }.image(&PHOTO.0);
    let soft = shot(&soft, Some(UM_PER_PX));
    let change = |second_look| {
        let options = CompareOptions { second_look, ..CompareOptions::default() };
        let comparison = compare(&PHOTO.1, &soft, &options).expect("the same site");
        comparison.change.hair_count.expect("a count").difference
    };
    let (with, without) = (change(true), change(false));
    assert!(with.abs() <= without.abs(), "{with} with the second look, {without} without");
}
