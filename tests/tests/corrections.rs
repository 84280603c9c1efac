//! Hairs that a reader draws, on drawn scalps whose truth is exact.
//!
//! Every hair that is found with both ends is removed and drawn again, each end off by up to `hand` px in both directions. Then
//! its diameter must be as good as the automatic one. Of six scalps: median error 1.0 µm, 90 % within 2.1 µm, automatic 1.1 and
//! 2.3 µm; the tolerances leave room for a third more.

#![allow(
    clippy::print_stdout,
    reason = "figures are worth watching while they are within their tolerance, too"
)]

use rstest::rstest;
use serde_json::{Value, json};
use vellus::corrections::CORRECTIONS_SCHEMA;
use vellus::{CorrectionsFile, Hair, Measurement, Photo, Protocol, measure, measure_corrected};
use vellus_phantom::Truth;
use vellus_tests::drawn::{draw_as_file, scale, small_scene};

const TIME: &str = "2026-11-27T15:00:00Z";
/// Largest distance of both ends for a found hair to be a true one, px.
const SAME_END_PX: f64 = 8.0;
/// Shortest hair that is drawn again, µm.
const SHORTEST_UM: f64 = 120.0;

/// Even numbers from −1 to 1, the same on every run.
struct Hand(u64);

impl Hand {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// A true hair, the found one and the id under which it is drawn again.
struct Redrawn {
    true_um: f64,
    found_um: f64,
    id: u32,
}

fn corrections(
    measurement: &Measurement,
    truth: &Truth,
    hand_px: f64,
    hand: &mut Hand,
) -> (CorrectionsFile, Vec<Redrawn>) {
    let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let most = [f64::from(truth.width_px) - 1.0, f64::from(truth.height_px) - 1.0];
    let (mut list, mut redrawn): (Vec<Value>, Vec<Redrawn>) = (Vec::new(), Vec::new());
    let mut used: Vec<u32> = Vec::new();
    for hair in &truth.hairs {
        if !hair.root_in_frame || !hair.tip_in_frame || hair.visible_length_um < SHORTEST_UM {
            continue;
        }
        let (root, tip) = (hair.root_px, hair.tip_px);
        let off = |found: &&Hair| apart(found.root_px, root).max(apart(found.tip_px, tip));
        let near = |found: &&Hair| off(found) < SAME_END_PX && !used.contains(&found.id);
        let best = measurement.hairs.iter().filter(near).min_by(|a, b| off(a).total_cmp(&off(b)));
        let Some((found, found_um)) = best.and_then(|found| Some((found, found.diameter_um?))) else {
            continue;
        };
        used.push(found.id);
        let id = (measurement.hairs.len() + 1 + redrawn.len()) as u32;
        let mut drawn = |p: [f64; 2]| [0, 1].map(|i| (p[i] + hand_px * hand.next()).clamp(0.0, most[i]));
        let before = json!({"id": found.id, "course_px": [found.root_px, found.tip_px]});
        list.push(json!({"kind": "remove", "time": TIME, "before": [before], "after": []}));
        let after = json!({"id": id, "course_px": [drawn(root), drawn(tip)]});
        list.push(json!({"kind": "add", "time": TIME, "before": [], "after": [after]}));
        redrawn.push(Redrawn { true_um: hair.diameter_um, found_um, id });
    }
    let value = json!({
        "schema": CORRECTIONS_SCHEMA,
        "image": {"path": null, "width_px": truth.width_px, "height_px": truth.height_px,
                  "content_hash": measurement.image.content_hash},
        "software": measurement.software,
        "reader": "R1",
        "automatic_hairs": measurement.hairs.len(),
        "corrections": list
    });
    (CorrectionsFile::parse(value.to_string().as_bytes(), "drawn").expect("corrections"), redrawn)
}

/// Median and 90 % of the sizes of some errors.
fn told(mut errors: Vec<f64>) -> [f64; 2] {
    errors.iter_mut().for_each(|error| *error = error.abs());
    errors.sort_by(f64::total_cmp);
    [errors[errors.len() / 2], errors[errors.len() * 9 / 10]]
}

#[rstest]
fn a_hair_that_is_drawn_again_is_measured_as_well_as_one_that_was_found(#[values(1.0, 3.0)] hand_px: f64) {
    let scene = small_scene("clipped_typical", 1000, 800);
    let mut hand = Hand(1);
    let (mut found, mut drawn, mut unread, mut all) = (Vec::new(), Vec::new(), 0, 0);
    for seed in 101..=106 {
        let phantom = draw_as_file(&scene, seed);
        let photo = Photo::from_image(phantom.image.clone().into()).expect("pixels");
        let (scale, protocol) = (Some(scale(phantom.truth.um_per_px)), Protocol::default());
        let automatic = measure(&photo, scale, &protocol);
        let (file, redrawn) = corrections(&automatic, &phantom.truth, hand_px, &mut hand);
        let corrected =
            measure_corrected(&photo, scale, &protocol, &file).expect("the same photo").measurement;
        let record = corrected.corrections.as_ref().expect("a record");
        assert_eq!((record.not_applied, record.added as usize), (0, redrawn.len()));
        for one in redrawn {
            all += 1;
            let hair = corrected.hairs.iter().find(|hair| hair.id == one.id).expect("drawn");
            match hair.diameter_um {
                Some(um) => drawn.push(um - one.true_um),
                None => unread += 1,
            }
            found.push(one.found_um - one.true_um);
        }
    }
    let ([found_median, found_most], [median, most]) = (told(found), told(drawn));
    println!(
        "hand {hand_px} px, {all} hairs, {unread} without a width: drawn {median:.2} (90 %: {most:.2}) µm, found \
         {found_median:.2} ({found_most:.2}) µm"
    );
    assert!(all > 90, "{all} hairs");
    assert!(unread as f64 <= 0.05 * all as f64, "{unread} of {all} have no width");
    assert!(median < 1.5 && most < 2.8, "{median} {most}");
    assert!(median < found_median + 0.4, "{median} {found_median}");
}
