//! Real clinic photos, where they are at hand: `../shared/clinic` beside the repository, or in `VELLUS_SHARED`.
//!
//! They have no licence for publication, so that the repository has none of them. How many hairs are found on them is
//! scored in CI by the hospital's marks; here is what needs no marks.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | verdict | never `fail` | a hospital's reader measured each of them |
//! | drawn hairs, over every second photo, each turned in one of three ways; by command over all, for each turn | 1 % | as on drawn scalps, see `invariance.rs` |

#![allow(clippy::print_stdout, reason = "a drift is worth watching while it is within its tolerance, too")]

use std::path::{Path, PathBuf};

use vellus::{Measurement, Photo, Protocol, Verdict, measure};
use vellus_tests::Turn;
use vellus_tests::change::map_in_batches;
use vellus_tests::drawn::{measure_image, scale};
use vellus_tests::shared::{clinic, photos};

/// Most that the number of drawn hairs may change, per cent; the worst turn is at 0.6.
const MOST_CHANGED_PERCENT: f64 = 1.0;
/// Scale of the clinic's microscope: its printed bar of 1.0 mm spans 180.5 px.
const UM_PER_PX: f64 = 5.54;

fn measure_file(path: &Path) -> Measurement {
    let protocol = Protocol::default();
    let photo = Photo::open(path, &protocol.decode).expect("a photo that decodes");
    measure(&photo, Some(scale(UM_PER_PX)), &protocol)
}

/// All photos; none where they are not here.
fn every_photo() -> Vec<PathBuf> {
    let Some(folder) = clinic() else {
        println!("SKIPPED: the clinic photos are not here");
        return Vec::new();
    };
    photos(&folder)
}

/// Number of drawn hairs of a photo that is turned.
fn drawn_turned(path: &Path, turn: Turn) -> i64 {
    let image = image::open(path).expect("a photo that decodes").to_rgb8();
    measure_image(&turn.image(&image), UM_PER_PX).hairs.len() as i64
}

fn assert_little_changed(what: &str, before: i64, changed: i64) {
    let percent = 100.0 * changed as f64 / before.max(1) as f64;
    println!("{what}: {before} drawn hairs change by {changed}");
    assert!(percent.abs() <= MOST_CHANGED_PERCENT, "{what}: {before} drawn hairs change by {percent:+.2} %");
}

/// Number of drawn hairs of a photo, which can be measured and has hair.
fn drawn_upright(path: &Path) -> i64 {
    let measurement = measure_file(path);
    let quality = &measurement.quality;
    assert_ne!(quality.verdict, Verdict::Fail, "{}: {:?}", path.display(), quality.findings);
    assert!(measurement.summary.hair_count > 0, "{}: no hair", path.display());
    measurement.hairs.len() as i64
}

/// The others are measured by command, and a third of all in CI's scores.
#[test]
fn every_second_photo_is_measured_and_its_hairs_do_not_depend_on_how_it_is_held() {
    let photos = every_photo().into_iter().step_by(2);
    let turned: Vec<(PathBuf, Turn)> = photos.zip(Turn::ALL.into_iter().cycle()).collect();
    let drawn =
        map_in_batches(&turned, |(path, turn)| [drawn_upright(path), drawn_turned(path, *turn)], |_| {});
    let before = drawn.iter().map(|[upright, _]| upright).sum();
    let changed = drawn.iter().map(|[upright, turned]| turned - upright).sum();
    assert_little_changed("each photo turned in one of three ways", before, changed);
}

#[test]
#[ignore = "minutes: all photos in all turns"]
fn every_photo_is_measured_and_no_turn_changes_the_number_of_hairs() {
    let paths = every_photo();
    let upright = map_in_batches(&paths, |path| drawn_upright(path), |_| {});
    for turn in Turn::ALL {
        let turned = map_in_batches(&paths, |path| drawn_turned(path, turn), |_| {});
        let changed = turned.iter().zip(&upright).map(|(turned, upright)| turned - upright).sum();
        assert_little_changed(&format!("{turn:?}"), upright.iter().sum(), changed);
    }
}
