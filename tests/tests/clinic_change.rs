//! Comparing real clinic photos, where they are at hand: `../shared/clinic` beside the repository, or in `VELLUS_SHARED`.
//!
//! There is one photo of each site, so that every photo is compared with itself taken again, and with all others. A third
//! of the photos is compared in every run; all of them by
//! `cargo test --release -p vellus-tests --test clinic_change -- --ignored --nocapture`.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | taken again (turned, shifted, brighter, softer, JPEG) | the same site, no claim of change | nothing changed |
//! | hairs found in both | 95 % matched over all photos | the floor for matching |
//! | photos of different sites | one in 1,000 accepted at most | what a refusal is worth |

#![allow(clippy::print_stdout, reason = "a drift is worth watching while it is within its tolerance, too")]

use std::path::PathBuf;
use std::sync::LazyLock;

use image::RgbImage;
use vellus::{CompareOptions, Shot, compare};
use vellus_phantom::Encoding;
use vellus_tests::change::judge::claims;
use vellus_tests::change::map_in_batches;
use vellus_tests::drawn::shot;
use vellus_tests::retake::{Retake, hairs_in_both, matched};
use vellus_tests::shared::{clinic, photos};

/// Scale of the clinic's microscope: its printed bar of 1.0 mm spans 180.5 px.
const UM_PER_PX: f64 = 5.54;
/// Most of 1,000 pairs of different sites that may be taken for one.
const MOST_ACCEPTED_PER_1000: f64 = 1.0;

/// Every `step`-th photo; none, with a word, where there are none.
fn every(step: usize) -> Vec<PathBuf> {
    let Some(folder) = clinic() else {
        println!("SKIPPED: the clinic photos are not here");
        return Vec::new();
    };
    photos(&folder).into_iter().step_by(step).collect()
}

/// What came of a photo against itself.
struct Again {
    name: String,
    /// Of the hairs found in both, how many were matched, and how many there are.
    matched: [usize; 2],
    /// What is wrong, if anything is.
    complaint: Option<String>,
}

/// A photo and what is measured of it.
struct Site {
    path: PathBuf,
    image: RgbImage,
    shot: Shot,
}

fn sites(paths: &[PathBuf]) -> Vec<Site> {
    let site = |path: &PathBuf| {
        let image = image::open(path).expect("a photo that decodes").to_rgb8();
        Site { path: path.clone(), shot: shot(&image, Some(UM_PER_PX)), image }
    };
    map_in_batches(paths, site, |_| {})
}

/// A third of the photos, measured once for both tests.
static A_THIRD: LazyLock<Vec<Site>> = LazyLock::new(|| sites(&every(3)));

fn again(Site { path, image, shot: first }: &Site) -> Again {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // 0.6 mm, in a direction of no meaning.
    let shift_px = [0.8, -0.6].map(|v| v * 600.0 / UM_PER_PX);
    let retake = Retake {
        rotation_deg: 17.0,
        shift_px,
        brightness: 1.1,
        blur_sigma_px: 0.8,
        encoding: Encoding::Jpeg { quality: 80 },
        ..Retake::default()
    };
    let second = shot(&retake.image(image), Some(UM_PER_PX));
    let size = image.dimensions();
    let in_both = hairs_in_both(&first.measurement, &second.measurement, |p| retake.carry(p, size));
    let comparison = match compare(first, &second, &CompareOptions::default()) {
        Ok(comparison) => comparison,
        Err(error) => return Again { name, matched: [0, in_both.len()], complaint: Some(error.to_string()) },
    };
    let claims = claims(&comparison);
    let complaint = (!claims.is_empty()).then(|| format!("claims a change of {}", claims.join(", ")));
    Again { name, matched: matched(&comparison, &in_both), complaint }
}

fn photos_taken_again(sites: &[Site]) {
    let results = map_in_batches(sites, again, |again| {
        let [matched, all] = again.matched;
        println!("{}: {matched} of {all} matched; {:?}", again.name, again.complaint);
    });
    let complaints: Vec<String> = results
        .iter()
        .filter_map(|r| r.complaint.as_ref().map(|complaint| format!("{}: {complaint}", r.name)))
        .collect();
    let [matched, all] = results.iter().fold([0, 0], |sum, r| [sum[0] + r.matched[0], sum[1] + r.matched[1]]);
    println!("{matched} of {all} hairs found in both are matched");
    assert!(complaints.is_empty(), "{}", complaints.join("; "));
    assert!(matched as f64 >= 0.95 * all as f64, "{matched} of {all} hairs found in both are matched");
}

fn photos_of_different_sites(sites: &[Site]) {
    let pairs: Vec<(usize, usize)> = (0..sites.len()).flat_map(|i| (0..i).map(move |k| (k, i))).collect();
    let accepted: Vec<Option<String>> = map_in_batches(
        &pairs,
        |&(i, k)| {
            let comparison = compare(&sites[i].shot, &sites[k].shot, &CompareOptions::default()).ok()?;
            let name =
                |i: usize| sites[i].path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Some(format!("{} and {}: {:?}", name(i), name(k), comparison.registration.same_site_probability))
        },
        |_| {},
    );
    let accepted: Vec<String> = accepted.into_iter().flatten().collect();
    println!("{} of {} pairs of different photos are accepted: {accepted:?}", accepted.len(), pairs.len());
    let most = (MOST_ACCEPTED_PER_1000 * pairs.len() as f64 / 1000.0).floor();
    assert!(accepted.len() as f64 <= most, "{}", accepted.join("; "));
}

#[test]
fn a_third_of_the_photos_taken_again_show_the_same_site_and_no_change() {
    photos_taken_again(&A_THIRD);
}

#[test]
fn photos_of_different_sites_are_refused() {
    photos_of_different_sites(&A_THIRD);
}

#[test]
#[ignore = "minutes: all 47 photos"]
fn every_photo_taken_again_shows_the_same_site_and_no_change() {
    photos_taken_again(&sites(&every(1)));
}

#[test]
#[ignore = "minutes: all 1,081 pairs"]
fn at_most_one_in_a_thousand_pairs_of_different_sites_is_accepted() {
    photos_of_different_sites(&sites(&every(1)));
}
