//! Real clinic photos, where they are at hand: `../shared/clinic` beside the repository, or in `VELLUS_SHARED`.
//!
//! They have no licence for publication, so that the repository has none of them. How many hairs are found on them is
//! scored in CI by the hospital's marks; here is what needs no marks.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | verdict | never `fail` | a hospital's reader measured each of them |
//! | drawn hairs, over photos, for each turn | 1 % | as on drawn scalps, see `invariance.rs` |

#![allow(clippy::print_stdout, reason = "a drift is worth watching while it is within its tolerance, too")]

use std::path::{Path, PathBuf};

use vellus::{Measurement, Photo, Protocol, Verdict, measure};
use vellus_tests::Turn;
use vellus_tests::drawn::{measure_image, scale};
use vellus_tests::shared::{clinic, photos};

/// Most that the number of drawn hairs may change, per cent. The aim is 1; the worst turn is at 1.08 today, some thirty
/// hairs of 2,700, and may not get worse.
const MOST_CHANGED_PERCENT: f64 = 1.1;
/// Scale of the clinic's microscope: its printed bar of 1.0 mm spans 180.5 px.
const UM_PER_PX: f64 = 5.54;

fn measure_file(path: &Path) -> Measurement {
    let protocol = Protocol::default();
    let photo = Photo::open(path, &protocol.decode).expect("a photo that decodes");
    measure(&photo, Some(scale(UM_PER_PX)), &protocol)
}

/// Every so many-th photo, by name; `None` where they are not here.
fn every(step: usize) -> Option<Vec<PathBuf>> {
    let Some(folder) = clinic() else {
        println!("SKIPPED: the clinic photos are not here");
        return None;
    };
    Some(photos(&folder).into_iter().step_by(step).collect())
}

/// Turns photos and counts their drawn hairs again.
fn turned(paths: &[PathBuf]) {
    let (mut before, mut changed) = (0, [0_i64; 3]);
    for path in paths {
        let image = image::open(path).expect("a photo that decodes").to_rgb8();
        let upright = measure_file(path).hairs.len() as i64;
        before += upright;
        for (turn, changed) in Turn::ALL.iter().zip(&mut changed) {
            *changed += measure_image(&turn.image(&image), UM_PER_PX).hairs.len() as i64 - upright;
        }
    }
    println!("{before} drawn hairs; changes {:?}: {changed:?}", Turn::ALL);
    for (turn, changed) in Turn::ALL.iter().zip(changed) {
        let percent = 100.0 * changed as f64 / before as f64;
        assert!(
            percent.abs() <= MOST_CHANGED_PERCENT,
            "{turn:?}: {before} drawn hairs change by {percent:+.2} %"
        );
    }
}

#[test]
fn every_photo_is_measured() {
    for path in every(1).unwrap_or_default() {
        let measurement = measure_file(&path);
        let quality = &measurement.quality;
        assert_ne!(quality.verdict, Verdict::Fail, "{}: {:?}", path.display(), quality.findings);
        assert!(measurement.summary.hair_count > 0, "{}: no hair", path.display());
    }
}

#[test]
fn the_hairs_of_a_third_of_the_photos_do_not_depend_on_how_they_are_held() {
    if let Some(paths) = every(3) {
        turned(&paths);
    }
}

#[test]
#[ignore = "minutes: all 47 photos"]
fn the_hairs_of_every_photo_do_not_depend_on_how_it_is_held() {
    if let Some(paths) = every(1) {
        turned(&paths);
    }
}
