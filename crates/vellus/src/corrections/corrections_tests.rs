use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::calibration::{Calibration, CalibrationSource};
use crate::finding::{FindingCode, Verdict};
use crate::hair::{Hair, NotCounted, Origin};
use crate::measure::{measure, measure_corrected};
use crate::measurement::Measurement;
use crate::photo::{DecodeLimits, Photo};
use crate::protocol::Protocol;
use crate::region::RegionShape;
use crate::summarise::{Field, summarise};

const TIME: &str = "2026-11-27T15:00:00Z";

struct Sample {
    photo: Photo,
    truth: Value,
    automatic: Measurement,
}

fn sample() -> Sample {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let photo = Photo::open(folder.join("clipped.jpg"), &DecodeLimits::default()).expect("a photo");
    let truth = std::fs::read(folder.join("clipped.truth.json")).expect("the truth");
    let automatic = measure(&photo, scale(), &Protocol::default());
    Sample { photo, truth: serde_json::from_slice(&truth).expect("JSON"), automatic }
}

fn scale() -> Option<Calibration> {
    Calibration::new(5.0, CalibrationSource::Flag).ok()
}

impl Sample {
    fn file(&self, corrections: Vec<Value>) -> CorrectionsFile {
        let image = &self.automatic.image;
        let value = json!({
            "schema": CORRECTIONS_SCHEMA,
            "image": {"path": "clipped.jpg", "width_px": image.width_px, "height_px": image.height_px,
                      "content_hash": image.content_hash},
            "software": self.automatic.software,
            "reader": "R1",
            "automatic_hairs": self.automatic.hairs.len(),
            "corrections": corrections
        });
        CorrectionsFile::parse(value.to_string().as_bytes(), "clipped.corrections.json").expect("corrections")
    }

    fn corrected(&self, corrections: Vec<Value>) -> Measurement {
        let file = self.file(corrections);
        let protocol = Protocol::default();
        measure_corrected(&self.photo, scale(), &protocol, &file).expect("the same photo").measurement
    }

    /// An automatic hair as corrections name it.
    fn hair(&self, id: u32) -> Value {
        let hair = by_id(&self.automatic, id);
        json!({"id": id, "course_px": [hair.root_px, hair.tip_px]})
    }

    /// A hair of the truth as a reader would draw it, a pixel or two off.
    fn drawn(&self, truth: u64, id: u32) -> Value {
        let hair = self.true_hair(truth);
        let end = |key: &str, dx: f64, dy: f64| {
            json!([hair[key][0].as_f64().expect("x") + dx, hair[key][1].as_f64().expect("y") + dy])
        };
        json!({"id": id, "course_px": [end("root_px", 1.5, 0.5), end("tip_px", -1.0, -1.5)]})
    }

    fn true_hair(&self, id: u64) -> &Value {
        let hairs = self.truth["hairs"].as_array().expect("hairs");
        hairs.iter().find(|hair| hair["id"] == id).expect("a true hair")
    }

    fn true_um(&self, id: u64) -> f64 {
        self.true_hair(id)["diameter_um"].as_f64().expect("a diameter")
    }

    /// The automatic hair that lies where a true one does.
    fn found(&self, truth: u64) -> u32 {
        self.find(truth).expect("found")
    }

    fn find(&self, truth: u64) -> Option<u32> {
        let hair = self.true_hair(truth);
        let root = [0, 1].map(|i| hair["root_px"][i].as_f64().expect("a root"));
        let near = |h: &&Hair| libm::hypot(h.root_px[0] - root[0], h.root_px[1] - root[1]) < 5.0;
        self.automatic.hairs.iter().find(near).map(|hair| hair.id)
    }
}

fn by_id(measurement: &Measurement, id: u32) -> &Hair {
    measurement.hairs.iter().find(|hair| hair.id == id).expect("a hair")
}

fn change(kind: &str, before: Vec<Value>, after: Vec<Value>) -> Value {
    json!({"kind": kind, "time": TIME, "before": before, "after": after})
}

fn codes(measurement: &Measurement) -> Vec<FindingCode> {
    measurement.quality.findings.iter().map(|finding| finding.code).collect()
}

/// A hair's own course, up to some px aside.
fn over(hair: &Hair, aside: f64, id: u32) -> Value {
    let [dx, dy] = [0, 1].map(|i| hair.tip_px[i] - hair.root_px[i]);
    let length = libm::hypot(dx, dy);
    let moved = |p: &[f64; 2]| [p[0] - aside * dy / length, p[1] + aside * dx / length];
    let course: Vec<[f64; 2]> = hair.centreline_px.iter().map(moved).collect();
    json!({"id": id, "course_px": course})
}

#[test]
fn no_corrections_leave_every_number() {
    let sample = sample();
    let mut corrected = sample.corrected(vec![]);
    let record = corrected.corrections.take().expect("a record");
    assert_eq!(record.automatic_summary, sample.automatic.summary);
    assert_eq!((record.added, record.removed, record.not_applied), (0, 0, 0));
    assert_eq!(corrected, sample.automatic);
    let text = serde_json::to_string(&sample.automatic).expect("JSON");
    assert!(
        !text.contains("origin") && !text.contains("corrections"),
        "uncorrected records keep their bytes"
    );
}

#[test]
fn a_hair_that_is_removed_and_drawn_again_is_measured_as_before() {
    let sample = sample();
    // Alone; fine; broad. The truth is exact, and the tolerance is that of an automatic hair on this sample.
    for (truth, tolerance_um) in [(9, 2.0), (30, 3.0), (48, 3.0), (22, 3.0)] {
        let id = sample.found(truth);
        let next = sample.automatic.hairs.len() as u32 + 1;
        let removed = sample.corrected(vec![change("remove", vec![sample.hair(id)], vec![])]);
        assert_eq!(removed.summary.hair_count, sample.automatic.summary.hair_count - 1);
        let corrected = sample.corrected(vec![
            change("remove", vec![sample.hair(id)], vec![]),
            change("add", vec![], vec![sample.drawn(truth, next)]),
        ]);
        assert_eq!(corrected.summary.hair_count, sample.automatic.summary.hair_count);
        let record = corrected.corrections.as_ref().expect("a record");
        assert_eq!((record.added, record.removed, record.not_applied), (1, 1, 0));
        let hair = by_id(&corrected, next);
        assert_eq!((hair.origin, hair.confidence, hair.counted), (Origin::Added, 1.0, true));
        let read = hair.diameter_um.expect("a diameter");
        let true_um = sample.true_um(truth);
        assert!((read - true_um).abs() < tolerance_um, "{truth}: {read} µm, {true_um} true");
        assert!(codes(&corrected).contains(&FindingCode::CorrectedByReader));
        assert_eq!(corrected.quality.verdict, Verdict::Pass);
        // The count is surer than before: one hair less is in doubt.
        let half = |m: &Measurement| m.summary.hair_count_ci95.map(|c| c[1] - c[0]).expect("an interval");
        assert!(half(&corrected) <= half(&sample.automatic));
        let json = serde_json::to_string(&corrected).expect("JSON");
        let again: Measurement = serde_json::from_str(&json).expect("a measurement");
        assert_eq!(again, corrected);
    }
}

#[test]
fn one_hair_that_is_two_is_split() {
    let sample = sample();
    // The sample's hairs 10 and 51 lie one behind the other and were found as one.
    let (both, next) = (sample.found(10), sample.automatic.hairs.len() as u32 + 1);
    let after = vec![sample.drawn(10, next), sample.drawn(51, next + 1)];
    let mut list = vec![change("split", vec![sample.hair(both)], after)];
    // Should the second one be found by itself some day, it makes room.
    let second = sample.find(51).map(|id| change("remove", vec![sample.hair(id)], vec![]));
    let removed = u32::from(second.is_some());
    list.extend(second);
    let corrected = sample.corrected(list);
    let record = corrected.corrections.as_ref().expect("a record");
    assert_eq!((record.split, record.added, record.removed), (1, 0, removed));
    assert_eq!(corrected.summary.hair_count, sample.automatic.summary.hair_count + 1 - removed);
    for (id, truth) in [(next, 10), (next + 1, 51)] {
        let read = by_id(&corrected, id).diameter_um.expect("a diameter");
        assert!((read - sample.true_um(truth)).abs() < 3.0, "{read} µm for {}", sample.true_um(truth));
    }
}

#[test]
fn two_hairs_side_by_side_are_measured_within_their_error() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let before = [sample.hair(sample.found(41)), sample.hair(sample.found(42))];
    let corrected = sample.corrected(vec![
        change("remove", vec![before[0].clone()], vec![]),
        change("remove", vec![before[1].clone()], vec![]),
        change("add", vec![], vec![sample.drawn(41, next)]),
        change("add", vec![], vec![sample.drawn(42, next + 1)]),
    ]);
    for (id, truth) in [(next, 41), (next + 1, 42)] {
        let hair = by_id(&corrected, id);
        let (read, se) = (hair.diameter_um.expect("a diameter"), hair.diameter_se_um.expect("an error"));
        assert!(
            (read - sample.true_um(truth)).abs() < 2.0 * se,
            "{read} ± {se} µm for {}",
            sample.true_um(truth)
        );
    }
}

#[test]
fn two_pieces_are_merged_and_the_result_can_be_turned_and_removed() {
    let sample = sample();
    let (a, b) = (sample.found(22), sample.found(48));
    let next = sample.automatic.hairs.len() as u32 + 1;
    let course = json!({"id": next, "course_px": [[237.0, 474.0], [171.5, 417.5]]});
    let merge = change("merge", vec![sample.hair(a), sample.hair(b)], vec![course.clone()]);
    let merged = sample.corrected(vec![merge.clone()]);
    let hair = by_id(&merged, next);
    assert_eq!(merged.hairs.len(), sample.automatic.hairs.len() - 1);
    assert!(hair.root_px[0] > hair.tip_px[0]);

    let back = json!({"id": next, "course_px": [[171.5, 417.5], [237.0, 474.0]]});
    let turn = change("turn", vec![course.clone()], vec![back.clone()]);
    let turned = sample.corrected(vec![merge.clone(), turn.clone()]);
    let hair = by_id(&turned, next);
    assert!(hair.root_px[0] < hair.tip_px[0] && hair.origin == Origin::Added);
    assert!((hair.diameter_um.expect("read") - sample.true_um(22)).abs() < 3.0);

    let gone = sample.corrected(vec![merge, turn, change("remove", vec![back], vec![])]);
    assert_eq!(gone.hairs.len(), sample.automatic.hairs.len() - 2);
    let record = gone.corrections.expect("a record");
    assert_eq!((record.merged, record.turned, record.removed, record.not_applied), (1, 1, 1, 0));
}

#[test]
fn root_and_tip_are_exchanged_and_back() {
    let sample = sample();
    let id = sample.found(9);
    let hair = by_id(&sample.automatic, id);
    let back = json!({"id": id, "course_px": [hair.tip_px, hair.root_px]});
    let turn = change("turn", vec![sample.hair(id)], vec![back.clone()]);
    let corrected = sample.corrected(vec![turn.clone()]);
    let turned = by_id(&corrected, id);
    assert_eq!((turned.root_px, turned.tip_px), (hair.tip_px, hair.root_px));
    assert_eq!((turned.origin, turned.root_confidence), (Origin::Turned, 1.0));
    assert_eq!((turned.diameter_um, turned.confidence), (hair.diameter_um, hair.confidence));
    assert!((turned.direction_deg - hair.direction_deg).abs() - 180.0 < 1e-6);
    // Turned again, by the ends that it then has, it is what it was.
    let again = sample.corrected(vec![turn, change("turn", vec![back], vec![sample.hair(id)])]);
    assert_eq!(again.hairs, sample.automatic.hairs);
}

#[test]
fn what_is_not_scalp_is_taken_out() {
    let sample = sample();
    let inside = |hair: &&Hair| hair.counted && hair.root_px[0] < 300.0 && hair.root_px[1] < 200.0;
    let rooted = sample.automatic.hairs.iter().filter(inside).count() as u32;
    assert!(rooted > 0);
    let corners = json!([[0.0, 0.0], [300.0, 0.0], [300.0, 200.0], [0.0, 200.0]]);
    let corrected = sample.corrected(vec![json!({"kind": "not_scalp", "time": TIME, "polygon_px": corners})]);
    assert_eq!(corrected.summary.hair_count, sample.automatic.summary.hair_count - rooted);
    let (before, after) = (sample.automatic.region.area_px, corrected.region.area_px);
    let lost = before - after;
    assert!((58_000..=60_000).contains(&lost), "300 × 200 px, less what was no scalp before: {lost}");
    assert!(corrected.region.masked_fraction > 0.1);
    let reason = |hair: &&Hair| hair.not_counted == Some(NotCounted::RootOutsideRegion);
    assert!(corrected.hairs.iter().filter(reason).count() as u32 >= rooted);
    let area = corrected.region.area_mm2.expect("an area");
    let density = corrected.summary.density_per_cm2.expect("a density");
    assert!((density - 100.0 * f64::from(corrected.summary.hair_count) / area).abs() < 1e-9);
    assert_eq!(corrected.corrections.expect("a record").not_scalp_regions, 1);

    let all = json!([[-0.5, -0.5], [699.5, -0.5], [699.5, 559.5], [-0.5, 559.5]]);
    let none = sample.corrected(vec![json!({"kind": "not_scalp", "time": TIME, "polygon_px": all})]);
    assert_eq!((none.quality.verdict, none.summary.hair_count), (Verdict::Fail, 0));
    assert!(codes(&none).contains(&FindingCode::RegionEmpty));
}

#[test]
fn a_hair_that_moved_is_found_again_and_one_that_is_gone_is_said() {
    let sample = sample();
    let id = sample.found(9);
    let hair = by_id(&sample.automatic, id);
    let moved = |d: f64, id: u32| {
        let ends = [hair.root_px, hair.tip_px].map(|[x, y]| [x + d, y]);
        change("remove", vec![json!({"id": id, "course_px": ends})], vec![])
    };
    // Another id, 4 px off: it is the hair by its ends.
    for by in [moved(4.0, id), moved(4.0, id + 3)] {
        let corrected = sample.corrected(vec![by]);
        assert!(corrected.hairs.iter().all(|hair| hair.id != id));
        assert_eq!(corrected.corrections.expect("a record").removed, 1);
    }
    // 30 µm are 6 px here.
    let corrected = sample.corrected(vec![moved(9.0, id)]);
    let record = corrected.corrections.as_ref().expect("a record");
    assert_eq!((record.removed, record.not_applied), (0, 1));
    assert_eq!(corrected.hairs, sample.automatic.hairs);
    let finding = corrected.quality.findings.iter().find(|f| f.code == FindingCode::CorrectionNotApplied);
    let message = &finding.expect("said").message;
    assert!(message.contains(&format!("1 (remove, hair {id})")), "{message}");
    assert_eq!(corrected.quality.verdict, Verdict::Warn);
}

#[test]
fn hairs_made_and_taken_add_up() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let hair = by_id(&sample.automatic, sample.found(9));
    let n = hair.centreline_px.len();
    let part = |range: std::ops::Range<usize>, id: u32| json!({"id": id, "course_px": hair.centreline_px[range].to_vec()});
    let parts = vec![part(0..n / 2, next), part(n / 2..n, next + 1)];
    let split = sample.corrected(vec![change("split", vec![sample.hair(hair.id)], parts.clone())]);
    let record = split.corrections.as_ref().expect("a record");
    assert_eq!((record.added, record.hairs_taken, record.hairs_made), (0, 1, 2));
    assert_eq!(split.hairs.len(), sample.automatic.hairs.len() + 1);
    let merged = sample.corrected(vec![
        change("split", vec![sample.hair(hair.id)], parts.clone()),
        change("merge", parts, vec![over(hair, 0.0, next + 2)]),
    ]);
    let record = merged.corrections.as_ref().expect("a record");
    assert_eq!((record.hairs_taken, record.hairs_made), (3, 3));
    assert_eq!(merged.hairs.len(), sample.automatic.hairs.len());
}

#[test]
fn too_little_scalp_left_is_no_measurement() {
    let sample = sample();
    let area = |bottom: f64| {
        let corners = json!([[-0.5, -0.5], [699.5, -0.5], [699.5, bottom], [-0.5, bottom]]);
        json!({"kind": "not_scalp", "time": TIME, "polygon_px": corners})
    };
    let left = sample.corrected(vec![area(557.5)]);
    assert_eq!(left.quality.verdict, Verdict::Fail);
    assert!(codes(&left).contains(&FindingCode::NoScalp));
    assert_eq!(left.summary.density_per_cm2, None);
    assert!(left.region.area_px > 0);
    // The outline is kept, and a second lap takes nothing back.
    let once = sample.corrected(vec![area(200.0)]);
    let record = once.corrections.as_ref().expect("a record");
    assert_eq!(record.not_scalp_px, [[[-0.5, -0.5], [699.5, -0.5], [699.5, 200.0], [-0.5, 200.0]]]);
    let mut twice = area(200.0);
    let lap = twice["polygon_px"].as_array().expect("corners").clone();
    twice["polygon_px"].as_array_mut().expect("corners").extend(lap);
    let twice = sample.corrected(vec![twice]);
    assert_eq!(twice.region, once.region);
    assert_eq!(twice.summary, once.summary);
}

#[test]
fn corrections_of_another_photo_are_refused() {
    let sample = sample();
    let mut file = sample.file(vec![]);
    file.corrections.image.content_hash = "blake3:1234".to_owned();
    file.corrections.image.path = Some("other.jpg".to_owned());
    let error = measure_corrected(&sample.photo, scale(), &Protocol::default(), &file).expect_err("refused");
    let sentence = error.to_string();
    assert!(sentence.contains("clipped.corrections.json corrects other.jpg (blake3:1234)"), "{sentence}");
}

#[test]
fn another_version_is_said() {
    let sample = sample();
    let mut file = sample.file(vec![]);
    file.corrections.software = "vellus 9.0.0".to_owned();
    let measured = measure_corrected(&sample.photo, scale(), &Protocol::default(), &file).expect("measured");
    let finding = &measured.measurement.quality.findings[0];
    assert_eq!(finding.code, FindingCode::CorrectionsStale);
    assert!(finding.message.contains("vellus 9.0.0"), "{}", finding.message);
}

#[test]
fn without_a_scale_there_are_widths_in_pixels() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let file = sample.file(vec![
        change("remove", vec![sample.hair(sample.found(30))], vec![]),
        change("add", vec![], vec![sample.drawn(30, next)]),
    ]);
    let measured = measure_corrected(&sample.photo, None, &Protocol::default(), &file).expect("measured");
    let hair = measured.measurement.hairs.last().expect("a hair");
    assert_eq!((hair.diameter_um, hair.length_um, hair.class), (None, None, None));
    assert!(hair.width_px.is_some_and(|width| (width - 5.8).abs() < 0.6), "{:?}", hair.width_px);
}

#[test]
fn a_photo_that_cannot_be_measured_applies_none() {
    let image = image::RgbImage::from_pixel(200, 150, image::Rgb([0, 0, 0]));
    let photo = Photo::from_image(image.into()).expect("a photo");
    let value = json!({
        "schema": CORRECTIONS_SCHEMA,
        "image": {"path": null, "width_px": 200, "height_px": 150, "content_hash": photo.content_hash},
        "software": "vellus", "reader": "R1", "automatic_hairs": 0,
        "corrections": [change("add", vec![], vec![json!({"id": 1, "course_px": [[9, 9], [50, 50]]})])]
    });
    let file = CorrectionsFile::parse(value.to_string().as_bytes(), "x").expect("corrections");
    let black =
        measure_corrected(&photo, scale(), &Protocol::default(), &file).expect("measured").measurement;
    assert_eq!(black.quality.verdict, Verdict::Fail);
    assert_eq!(black.corrections.as_ref().expect("a record").not_applied, 1);
    assert!(codes(&black).contains(&FindingCode::CorrectionNotApplied) && black.hairs.is_empty());
}

/// A photo of 160 × 120 px with one hair.
fn small() -> Photo {
    let image = image::RgbImage::from_fn(160, 120, |x, y| {
        let hair = (30..90).contains(&y) && (x + y / 4) % 80 > 70;
        let grain = ((x * 7 + y * 13) % 9) as u8;
        image::Rgb(if hair { [40, 32, 28] } else { [210, 175, 155] }.map(|v: u8| v + grain))
    });
    Photo::from_image(image.into()).expect("a photo")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_drawn_is_measured_or_said(
        courses in prop::collection::vec(
            prop::collection::vec((-0.5..159.5_f64, -0.5..119.5_f64), 2..4), 1..5),
        polygon in prop::collection::vec((-0.5..159.5_f64, -0.5..119.5_f64), 3..6),
    ) {
        let photo = small();
        let mut corrections: Vec<Value> = Vec::new();
        for (course, id) in courses.iter().zip(1..) {
            let points: Vec<[f64; 2]> = course.iter().map(|&(x, y)| [x, y]).collect();
            corrections.push(change("add", vec![], vec![json!({"id": id + 50, "course_px": points})]));
        }
        let corners: Vec<[f64; 2]> = polygon.iter().map(|&(x, y)| [x, y]).collect();
        corrections.push(json!({"kind": "not_scalp", "time": TIME, "polygon_px": corners}));
        let value = json!({
            "schema": CORRECTIONS_SCHEMA,
            "image": {"path": null, "width_px": 160, "height_px": 120, "content_hash": photo.content_hash},
            "software": "vellus", "reader": "R1", "automatic_hairs": 50, "corrections": corrections
        });
        // What cannot be meant, such as a course that turns back, is refused.
        if let Ok(file) = CorrectionsFile::parse(value.to_string().as_bytes(), "x") {
            let timed = measure_corrected(&photo, scale(), &Protocol::default(), &file).expect("the same photo");
            let measurement = timed.measurement;
            let record = measurement.corrections.as_ref().expect("a record");
            let drawn = measurement.hairs.iter().filter(|hair| hair.origin == Origin::Added).count();
            let refused = record.not_applied as usize;
            prop_assert!(refused == corrections.len() || drawn == courses.len() - refused);
            let hairs = record.automatic_hairs + record.hairs_made - record.hairs_taken;
            prop_assert_eq!(hairs as usize, measurement.hairs.len());
            for hair in &measurement.hairs {
                prop_assert!(hair.width_px.is_none_or(|width| width > 0.0 && width.is_finite()));
                prop_assert!(hair.centreline_px.iter().all(|p| p[0] >= 0.0 && p[1] >= 0.0 && p[0] <= 159.0 && p[1] <= 119.0));
                prop_assert!(hair.counted == hair.not_counted.is_none());
            }
            let text = serde_json::to_string(&measurement).expect("JSON");
            let again: Measurement = serde_json::from_str(&text).expect("no number is lost");
            prop_assert_eq!(again, measurement);
        }
    }
}

#[path = "hand_drawn_tests.rs"]
mod hand_drawn;
