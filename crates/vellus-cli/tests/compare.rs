//! `vellus compare` as a user meets it.
//!
//! Photos are drawn here: noisy skin with a pattern of short hairs, some of them gone or new at the second visit. How
//! well changes are told is the business of the accuracy tests; here it matters that all outputs say the same, that a
//! refusal leaves nothing behind, and that wrong usage is found before anything is measured.

mod desk;

use std::collections::BTreeMap;
use std::fs;

use desk::{Desk, names};
use image::{Rgb, RgbImage};
use serde_json::Value;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 360;

struct Random(u64);

impl Random {
    /// 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A visit to a scalp: which one, the shift of the camera, which hairs are missing, and the noise.
struct Visit {
    scalp: u64,
    shift_px: [f64; 2],
    missing: &'static [usize],
    noise: u64,
}

const BASELINE: Visit = Visit { scalp: 1, shift_px: [0.0, 0.0], missing: &[5, 14], noise: 2 };
/// Two hairs gained, three lost.
const FOLLOW_UP: Visit = Visit { scalp: 1, shift_px: [14.0, -9.0], missing: &[9, 20, 27], noise: 3 };

/// Skin with up to 40 hairs, 7 px wide and 40 px long, one in each cell of a grid, with soft edges and a halo at the root.
fn photo(visit: &Visit) -> RgbImage {
    let (mut scalp, mut noise) = (Random(visit.scalp), Random(visit.noise));
    let mut opacity = vec![0.0_f64; (WIDTH * HEIGHT) as usize];
    for hair in 0..40 {
        let cell = [f64::from(hair % 8) * 60.0, f64::from(hair / 8) * 72.0];
        let root = [cell[0] + 4.0 + 34.0 * scalp.next(), cell[1] + 4.0 + 40.0 * scalp.next()];
        let angle = 0.7 + 0.5 * scalp.next();
        if visit.missing.contains(&(hair as usize)) {
            continue;
        }
        let (sin, cos) = angle.sin_cos();
        for (i, at) in opacity.iter_mut().enumerate() {
            let x = f64::from(i as u32 % WIDTH) + visit.shift_px[0] - root[0];
            let y = f64::from(i as u32 / WIDTH) + visit.shift_px[1] - root[1];
            let (along, across) = (x * cos + y * sin, (y * cos - x * sin).abs());
            let soft = |inside: f64| (0.5 + 0.6 * inside).clamp(0.0, 1.0);
            *at = at.max(0.85 * soft(3.5 - across) * soft(20.0 - (along - 20.0).abs()));
            // Melanin under the skin darkens it around the root, and tells it from the tip.
            let from_root = (x + 3.0 * cos).hypot(y + 3.0 * sin);
            *at = at.max(0.3 * (-0.5 * (from_root / 4.0).powi(2)).exp());
        }
    }
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let light = 1.0 - opacity[(y * WIDTH + x) as usize];
        let grain = 8.0 * (noise.next() - 0.5);
        Rgb([215.0, 180.0, 160.0]
            .map(|skin: f64| (skin * light.powf(1.0 / 2.2) + grain).clamp(0.0, 255.0) as u8))
    })
}

/// With `a.png`, its follow-up `b.png`, and `other.png` of another scalp.
fn desk() -> Desk {
    let desk = Desk::new();
    let other = Visit { scalp: 99, noise: 4, ..BASELINE };
    for (name, visit) in [("a.png", &BASELINE), ("b.png", &FOLLOW_UP), ("other.png", &other)] {
        photo(visit).save(desk.path(name)).expect("saved");
    }
    desk
}

fn list<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect(key)
}

#[test]
fn a_pair_prints_what_changed() {
    let run = desk().vellus("compare a.png b.png --um-per-px 5").succeeds();
    let first: Vec<&str> = run.stdout.lines().take(3).collect();
    assert_eq!(first[0], "a.png → b.png  ·  5 µm per px ± 1 % (given)");
    assert!(first[1].starts_with("  Density: ") && first[1].contains("could be told"), "{}", run.stdout);
    assert!(first[2].starts_with("  Hair diameter, same hairs: "), "{}", run.stdout);
    for words in ["Same site", "95 % interval", "Verdict", "Gained", "Lost", "Looked for again"] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(run.stderr, "");
}

#[test]
fn json_is_one_document_with_the_keys_of_the_contract() {
    let run = desk().vellus("compare a.png b.png --um-per-px 5 --json -").succeeds();
    let document: Value = serde_json::from_str(&run.stdout).expect("all of it is one document");
    assert_eq!(document["schema"], "vellus.comparison/1");
    for (visit, path) in [("baseline", "a.png"), ("follow_up", "b.png")] {
        assert_eq!(document[visit]["schema"], "vellus.measurement/1");
        assert_eq!(document[visit]["image"]["path"], path);
    }
    let registration = &document["registration"];
    let map = list(registration, "baseline_to_follow_up");
    assert_eq!((map.len(), map[0].as_array().expect("a row").len()), (2, 3));
    // The camera moved by this much, and nothing else.
    for (row, shift) in [(0, -14.0), (1, 9.0)] {
        let found = map[row][2].as_f64().expect("a number");
        assert!((found - shift).abs() < 4.0, "{map:?}");
    }
    for key in ["rms_residual_um", "overlap_area_mm2", "same_site_probability"] {
        assert!(registration[key].is_number(), "{key}");
    }
    assert!(registration["warp"].is_array());
    for key in ["baseline", "follow_up", "diameter_change_um", "length_change_um", "confidence"] {
        assert!(list(&document, "matches")[0].get(key).is_some(), "{key}");
    }
    for (key, visit) in [("gained", "follow_up"), ("lost", "baseline")] {
        assert!(!list(&document, key).is_empty(), "{key}");
        for id in list(&document, key) {
            assert!(list(&document[visit], "hairs").iter().any(|hair| hair["id"] == *id), "{key} {id}");
        }
    }
    assert!(document["not_seen"]["baseline"].is_array() && document["not_seen"]["follow_up"].is_array());
    for quantity in ["density_per_cm2", "mean_diameter_um"] {
        let change = &document["change"][quantity];
        let number = |key: &str| change[key].as_f64().expect(key);
        assert!((number("follow_up") - number("baseline") - number("difference")).abs() < 0.01, "{change}");
        assert_eq!(list(change, "ci95").len(), 2);
        let verdicts = ["increase", "decrease", "no change beyond measurement error"];
        assert!(verdicts.contains(&change["verdict"].as_str().expect("words")), "{change}");
    }
    assert!(document["phototrichogram"].is_null() && document["repeatability"].is_null());
}

#[test]
fn csv_has_a_row_for_what_became_of_each_hair() {
    let desk = desk();
    let run = desk.vellus("compare a.png b.png --um-per-px 5 --json c.json --csv -").succeeds();
    let document: Value =
        serde_json::from_slice(&fs::read(desk.path("c.json")).expect("written")).expect("JSON");
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let of = |fate: &str| rows.iter().filter(|row| row["fate"] == fate).count();
    for (fate, key) in [("matched", "matches"), ("gained", "gained"), ("lost", "lost")] {
        assert_eq!(of(fate), list(&document, key).len(), "{fate}");
    }
    let not_seen =
        list(&document["not_seen"], "baseline").len() + list(&document["not_seen"], "follow_up").len();
    assert_eq!(of("not_seen"), not_seen);
    assert!(rows.iter().all(|row| row["baseline_photo"] == "a.png" && row["follow_up_photo"] == "b.png"));
}

#[test]
fn the_overlay_shows_both_photos_side_by_side() {
    let desk = desk();
    desk.vellus("compare a.png b.png --um-per-px 5 --overlay seen.png -q").succeeds();
    let seen = image::open(desk.path("seen.png")).expect("a PNG").to_rgb8();
    assert!(seen.width() >= 2 * WIDTH && seen.height() > HEIGHT, "{:?}", seen.dimensions());
    fs::create_dir(desk.path("out")).expect("created");
    desk.vellus("compare a.png b.png --um-per-px 5 --overlay out --csv out/ -q").succeeds();
    assert_eq!(names(&desk.path("out")), ["b.change.csv", "b.change.png"]);
}

#[test]
fn another_site_is_refused_and_leaves_nothing_behind() {
    let desk = desk();
    let before = desk.names();
    let run = desk
        .vellus("compare a.png other.png --um-per-px 5 --json o.json --csv o.csv --overlay o.png --timings");
    let run = run.fails_saying(&["a.png and other.png cannot be compared", "same site"]);
    assert_eq!(run.stdout, "");
    assert_eq!(desk.names(), before);
    assert_eq!(desk.vellus("compare a.png other.png --um-per-px 5 --json -").stdout, "");
}

#[test]
fn of_several_photos_those_two_are_named_that_cannot_be_compared() {
    let desk = desk();
    for arguments in ["a.png b.png other.png", "--baseline a.png --follow-up b.png other.png"] {
        let run = desk.vellus(&format!("compare {arguments} --um-per-px 5"));
        let run = run
            .fails_saying(&["a.png and other.png cannot be compared: the photos do not show the same site"]);
        assert!(!run.stderr.contains("b.png"), "{}", run.stderr);
    }
}

#[test]
fn a_photo_that_cannot_be_measured_or_read_is_refused() {
    let desk = desk();
    RgbImage::new(64, 64).save(desk.path("black.png")).expect("saved");
    fs::write(desk.path("text.jpg"), b"This is a letter, not a photo.").expect("written");
    let before = desk.names();
    for (arguments, words) in [
        ("a.png black.png", &["black.png", "follow-up photo cannot be measured"][..]),
        ("a.png missing.png", &["missing.png"]),
        ("text.jpg b.png", &["text.jpg"]),
    ] {
        let run = desk.vellus(&format!("compare {arguments} --um-per-px 5 --json o.json --csv o.csv"));
        assert_eq!(run.fails_saying(words).stdout, "");
        assert_eq!(desk.names(), before, "{arguments}");
    }
    let run = desk.vellus("compare missing.png text.jpg --um-per-px 5");
    assert_eq!(run.code, Some(1));
    run.says(&["missing.png", "text.jpg"]);
}

#[test]
fn more_than_two_photos_are_a_series() {
    let desk = desk();
    photo(&Visit { noise: 7, ..FOLLOW_UP }).save(desk.path("c.png")).expect("saved");
    fs::create_dir(desk.path("out")).expect("created");
    let run = desk.vellus("compare a.png b.png c.png --um-per-px 5 --json s.json --csv s.csv --overlay out");
    let run = run.succeeds();
    for words in ["3 visits", "Visit 3", "Trend per visit", "Density"] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    let document: Value =
        serde_json::from_slice(&fs::read(desk.path("s.json")).expect("written")).expect("JSON");
    assert_eq!(document["schema"], "vellus.series/1");
    assert_eq!(list(&document, "comparisons").len(), 2);
    assert!(!list(&document, "trends").is_empty());
    assert_eq!(names(&desk.path("out")), ["b.change.png", "c.change.png"]);
    let mut reader = csv::Reader::from_path(desk.path("s.csv")).expect("written");
    assert_eq!(reader.records().count(), 3 * list(&document, "tracks").len());
}

#[test]
fn repeat_photos_tell_the_error_of_measurement() {
    let desk = desk();
    for (name, visit, noise) in [("a2.png", &BASELINE, 11), ("b2.png", &FOLLOW_UP, 12)] {
        photo(&Visit { noise, shift_px: visit.shift_px.map(|v| v + 3.0), ..*visit })
            .save(desk.path(name))
            .expect("saved");
    }
    let run = desk.vellus(
        "compare --baseline a.png a2.png --follow-up b.png b2.png --um-per-px 5 --json r.json --overlay r.png",
    );
    assert!(run.succeeds().stdout.contains("2 + 2 photos"));
    let document: Value =
        serde_json::from_slice(&fs::read(desk.path("r.json")).expect("written")).expect("JSON");
    assert_eq!(document["repeatability"]["baseline_photos"], 2);
    assert_eq!(document["baseline"]["image"]["path"], "a.png");
    assert_eq!(document["follow_up"]["image"]["path"], "b.png");
    // One photo a visit is a pair, whichever way it is given.
    let by_name = desk.vellus("compare --baseline a.png --follow-up b.png --um-per-px 5 --json -").succeeds();
    assert_eq!(by_name.stdout, desk.vellus("compare a.png b.png --um-per-px 5 --json -").succeeds().stdout);
}

#[test]
fn an_interval_makes_it_a_phototrichogram() {
    let desk = desk();
    for (text, hours) in [("48h", 48.0), ("2d", 48.0), ("48 h", 48.0), ("1.5d", 36.0)] {
        let run = desk
            .vellus_with(&[
                "compare",
                "a.png",
                "b.png",
                "--um-per-px",
                "5",
                "--interval",
                text,
                "--json",
                "-",
            ])
            .succeeds();
        assert_eq!(run.documents()[0]["phototrichogram"]["interval_h"], hours, "{text}");
    }
    for (text, words) in [
        ("48", "unit"),
        ("0h", "13h"),
        ("12h", "13h"),
        ("31d", "30d"),
        ("1,5d", "1.5d"),
        ("h", "number"),
        ("nanh", "13h"),
    ] {
        let run = desk.vellus_with(&["compare", "a.png", "b.png", "--interval", text]);
        run.refuses_usage_saying(&["--interval", words]);
    }
}

#[test]
fn without_the_second_look_nothing_is_found_by_it() {
    let run = desk().vellus("compare a.png b.png --um-per-px 5 --no-second-look --json -").succeeds();
    let document = &run.documents()[0];
    assert!(list(document, "matches").iter().all(|found| found["source"] == "both_photos"));
}

#[test]
fn without_a_scale_nothing_is_in_micrometres() {
    let run = desk().vellus("compare a.png b.png").succeeds();
    let numbers = run.stdout.split('•').next().expect("the rows come first");
    assert!(!numbers.contains("µm") && !numbers.contains("cm²"), "{}", run.stdout);
    assert!(run.stdout.contains("--um-per-px"), "{}", run.stdout);
}

#[test]
fn threads_change_nothing() {
    let desk = desk();
    let run = |threads: u32| {
        let run = desk.vellus(&format!(
            "compare a.png b.png --um-per-px 5 --json - --csv {threads}.csv --overlay {threads}.png --threads {threads}"
        ));
        let read = |name: String| fs::read(desk.path(&name)).expect("written");
        (run.succeeds().stdout, read(format!("{threads}.csv")), read(format!("{threads}.png")))
    };
    assert!(run(1) == run(2));
}

#[test]
fn timings_go_to_standard_error() {
    let run = desk().vellus("compare a.png b.png --um-per-px 5 --json - --timings").succeeds();
    assert_eq!(run.says(&["decode", "compare", "2 photo(s)"]).documents().len(), 1);
}

#[test]
fn wrong_usage_is_found_before_measuring() {
    let desk = desk();
    fs::write(desk.path("file.csv"), b"mine").expect("written");
    let before = desk.names();
    for (arguments, words) in [
        ("", &["PHOTO"][..]),
        ("a.png", &["a.png is one photo", "follow-up"]),
        ("--baseline a.png", &["--follow-up"]),
        ("--follow-up a.png", &["--baseline"]),
        ("a.png b.png --baseline a.png --follow-up b.png", &["--baseline"]),
        ("a.png b.png other.png --interval 2d", &["--interval", "two at a time"]),
        ("a.png b.png --json no/x.json", &["--json", "does not exist"]),
        ("a.png b.png --overlay x.jpg", &["--overlay", ".png"]),
        ("a.png b.png --overlay b.png", &["b.png is a photo"]),
        ("a.png b.png --csv x --json x", &["written twice"]),
        ("a.png b.png --csv - --json -", &["--json -", "--csv -"]),
        ("a.png b.png other.png --overlay x.png", &["--overlay", "folder"]),
        ("a.png b.png --protocol none.toml", &["none.toml", "cannot be read"]),
    ] {
        desk.vellus(&format!("compare {arguments}")).refuses_usage_saying(words);
        assert_eq!(desk.names(), before, "{arguments}");
    }
}

#[test]
fn the_schemas_and_the_manual_know_comparisons() {
    let desk = Desk::new();
    for (record, title) in [("comparison", "vellus.comparison/1"), ("series", "vellus.series/1")] {
        let text = desk.vellus(&format!("schema {record}")).succeeds().stdout;
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(schema["title"], title);
    }
    assert!(desk.vellus("man compare").succeeds().stdout.contains(".TH vellus-compare 1"));
    let help = desk.vellus("compare --help").succeeds().stdout;
    for words in
        ["--interval", "--no-second-look", "--follow-up", "Examples", "Exit codes", "not the same site"]
    {
        assert!(help.contains(words), "'{words}' in\n{help}");
    }
}
