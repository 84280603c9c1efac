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

use std::path::Path;

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

#[test]
fn every_photo_is_measured_and_its_hairs_do_not_depend_on_how_it_is_held() {
    let Some(folder) = clinic() else {
        println!("SKIPPED: the clinic photos are not here");
        return;
    };
    let (mut before, mut changed) = (0, [0_i64; 3]);
    for path in &photos(&folder) {
        let image = image::open(path).expect("a photo that decodes").to_rgb8();
        let measurement = measure_file(path);
        let quality = &measurement.quality;
        assert_ne!(quality.verdict, Verdict::Fail, "{}: {:?}", path.display(), quality.findings);
        assert!(measurement.summary.hair_count > 0, "{}: no hair", path.display());
        let upright = measurement.hairs.len() as i64;
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
