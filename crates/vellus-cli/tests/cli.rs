//! The binary as a user meets it: what it prints, writes and returns.
//!
//! Photos are drawn here: noisy skin with a few clipped hairs. How many are found is the business of the accuracy tests;
//! here it matters that all outputs say the same and that nothing is lost, mixed or half-written.

mod desk;

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;

use desk::{Desk, documents, names};
use image::{Rgb, RgbImage};
use serde_json::Value;

/// With `a.png` and `b.png`.
fn desk_with_photos() -> Desk {
    let desk = Desk::new();
    scalp(1).save(desk.path("a.png")).expect("saved");
    scalp(2).save(desk.path("b.png")).expect("saved");
    desk
}

/// Skin with five clipped hairs, 12 px wide and 120 px long.
fn scalp(seed: u64) -> RgbImage {
    let mut state = seed;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 60) as i32) - 8
    };
    RgbImage::from_fn(480, 360, |x, y| {
        // Slanted: an unblurred upright rectangle is a graphic drawn over the photo, and masked.
        let hair = (120..240).contains(&y) && x > 80 && (x + y / 4) % 80 >= 68;
        let base = if hair { [50, 40, 35] } else { [215, 180, 160] };
        let grain = noise() / 2;
        Rgb(base.map(|v| (v + grain) as u8))
    })
}

#[test]
fn one_photo_prints_a_summary_with_units() {
    let run = desk_with_photos().vellus("measure a.png --um-per-px 5.54").succeeds();
    for words in ["a.png", "480 × 360 px", "5.54 µm per px", "Hairs counted", "per cm²", "Verdict"] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(run.stderr, "");
}

#[test]
fn colour_comes_when_asked_for() {
    let desk = desk_with_photos();
    assert!(desk.vellus("measure a.png --color always").stdout.contains('\u{1b}'));
    assert!(!desk.vellus("measure a.png --color never").stdout.contains('\u{1b}'));
}

#[test]
fn json_to_standard_output_is_one_document_and_nothing_else() {
    let run = desk_with_photos().vellus("measure a.png --um-per-px 5.54 --json -").succeeds();
    let document: Value = serde_json::from_str(&run.stdout).expect("all of it is one document");
    assert_eq!(document["schema"], "vellus.measurement/1");
    assert_eq!(document["image"]["path"], "a.png");
    assert_eq!((&document["image"]["width_px"], &document["image"]["height_px"]), (&480.into(), &360.into()));
    assert_eq!(document["calibration"]["um_per_px"], 5.54);
    assert_eq!(document["calibration"]["source"], "flag");
    assert!(document["region"]["area_mm2"].is_number());
    assert!(document["quality"]["verdict"].is_string() && document["quality"]["findings"].is_array());
    assert!(document["summary"]["density_per_cm2"].is_number());
    let hairs = document["hairs"].as_array().expect("a list");
    assert!(!hairs.is_empty());
    for key in ["id", "root_px", "tip_px", "centreline_px", "diameter_um", "diameter_se_um", "diameter_sd_um"]
    {
        assert!(hairs[0].get(key).is_some(), "{key}");
    }
    for key in ["length_um", "class", "follicular_unit", "counted", "confidence"] {
        assert!(hairs[0].get(key).is_some(), "{key}");
    }
    let counted = hairs.iter().filter(|hair| hair["counted"] == true).count();
    assert_eq!(document["summary"]["hair_count"], counted);
    assert!(document["follicular_units"].is_array());
}

#[test]
fn without_a_scale_there_is_nothing_in_micrometres() {
    let desk = desk_with_photos();
    let document = &desk.vellus("measure a.png --json -").succeeds().documents()[0];
    assert!(document["calibration"].is_null() && document["region"]["area_mm2"].is_null());
    for (key, value) in document["summary"].as_object().expect("an object") {
        if ["_um", "_cm2", "_mm2"].iter().any(|unit| key.contains(unit)) {
            assert!(value.is_null(), "{key}");
        }
    }
    let findings = document["quality"]["findings"].as_array().expect("a list");
    assert!(findings.iter().any(|finding| finding["code"] == "scale_missing"));

    let text = desk.vellus("measure a.png").succeeds().stdout;
    let numbers = text.split("Verdict").next().expect("the rows come first");
    assert!(!numbers.contains("µm") && !numbers.contains("cm²") && !numbers.contains("mm²"), "{text}");
    assert!(text.contains("--um-per-px"), "{text}");
}

#[test]
fn several_photos_give_json_lines_in_the_order_given() {
    let desk = desk_with_photos();
    let run = desk.vellus("measure b.png a.png b.png --um-per-px 5 --json -").succeeds();
    let paths: Vec<Value> =
        run.documents().into_iter().map(|mut document| document["image"]["path"].take()).collect();
    assert_eq!(paths, ["b.png", "a.png", "b.png"]);
}

#[test]
fn threads_change_nothing() {
    let desk = desk_with_photos();
    let run = |threads: u32| {
        desk.vellus(&format!("measure a.png b.png --um-per-px 5 --json - --threads {threads}"))
    };
    assert_eq!(run(1).succeeds().stdout, run(2).succeeds().stdout);
}

#[test]
fn csv_has_one_row_per_hair() {
    let desk = desk_with_photos();
    let document = &desk.vellus("measure a.png --um-per-px 5.54 --json -").succeeds().documents()[0];
    desk.vellus("measure a.png --um-per-px 5.54 --csv a.csv").succeeds();
    let mut reader = csv::Reader::from_path(desk.path("a.csv")).expect("there");
    assert_eq!(&reader.headers().expect("a header")[0], "photo");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let hairs = document["hairs"].as_array().expect("a list");
    assert_eq!(rows.len(), hairs.len());
    for (row, hair) in rows.iter().zip(hairs) {
        assert_eq!((&row[0], &row[1]), ("a.png", hair["id"].to_string().as_str()));
    }
}

#[test]
fn csv_to_standard_output_is_one_table_of_all_photos() {
    let run = desk_with_photos().vellus("measure a.png b.png --csv -").succeeds();
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    let mut photos: Vec<String> = reader.records().map(|row| row.expect("a row")[0].to_owned()).collect();
    photos.dedup();
    assert_eq!(photos, ["a.png", "b.png"]);
}

#[test]
fn overlay_has_the_size_of_the_photo() {
    let desk = desk_with_photos();
    desk.vellus("measure a.png --um-per-px 5.54 --overlay seen.png").succeeds();
    let (photo, seen) = (scalp(1), image::open(desk.path("seen.png")).expect("a PNG").to_rgb8());
    assert_eq!(seen.dimensions(), photo.dimensions());
    assert_ne!(seen, photo);
}

#[test]
fn folders_take_a_file_per_photo() {
    let desk = desk_with_photos();
    fs::create_dir(desk.path("out")).expect("created");
    desk.vellus("measure a.png b.png --um-per-px 5 --csv out --overlay out/ --json all.jsonl -q").succeeds();
    assert_eq!(names(&desk.path("out")), ["a.hairs.csv", "a.overlay.png", "b.hairs.csv", "b.overlay.png"]);
    let text = fs::read_to_string(desk.path("all.jsonl")).expect("written");
    assert_eq!(documents(&text).len(), 2);
}

#[test]
fn quiet_prints_nothing() {
    let run = desk_with_photos().vellus("measure a.png --um-per-px 5 --quiet").succeeds();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn timings_go_to_standard_error() {
    let run =
        desk_with_photos().vellus("measure a.png --json - --timings").succeeds().says(&["decode", "ms"]);
    assert_eq!(run.documents().len(), 1);
}

#[test]
fn what_is_not_a_photo_is_one_sentence() {
    let desk = desk_with_photos();
    let whole = fs::read(desk.path("a.png")).expect("there");
    fs::write(desk.path("empty.jpg"), b"").expect("written");
    fs::write(desk.path("text.jpg"), b"This is a letter, not a photo.").expect("written");
    fs::write(desk.path("cut.png"), &whole[..whole.len() / 2]).expect("written");
    fs::create_dir(desk.path("folder.jpg")).expect("created");
    let before = desk.names();
    for name in ["missing.jpg", "empty.jpg", "text.jpg", "cut.png", "folder.jpg"] {
        let run =
            desk.vellus(&format!("measure {name} --um-per-px 5 --json o.json --csv o.csv --overlay o.png"));
        let run = run.fails_saying(&["vellus: ", name]);
        assert_eq!(run.stdout, "", "{name}");
        assert_eq!(desk.names(), before, "nothing is left behind by {name}");
    }
}

#[test]
fn one_bad_photo_does_not_stop_the_others() {
    let run = desk_with_photos().vellus("measure a.png missing.png b.png --json -");
    assert_eq!(run.code, Some(1));
    assert_eq!(run.documents().len(), 2);
    run.says(&["missing.png", "1 of 3 photos"]);
}

#[test]
fn a_photo_that_cannot_carry_a_measurement_is_no_error() {
    let desk = Desk::new();
    RgbImage::new(64, 64).save(desk.path("black.png")).expect("saved");
    RgbImage::new(1, 1).save(desk.path("dot.png")).expect("saved");
    for name in ["black.png", "dot.png"] {
        let run = desk.vellus(&format!("measure {name} --um-per-px 5 --json -")).succeeds();
        let run = run.says(&[name, "cannot be measured"]);
        let document = &run.documents()[0];
        assert_eq!(document["quality"]["verdict"], "fail");
        assert!(document["summary"]["density_per_cm2"].is_null());
        assert!(document["summary"]["mean_diameter_um"].is_null());
    }
}

#[test]
fn outputs_that_cannot_be_are_found_before_measuring() {
    let desk = desk_with_photos();
    fs::create_dir(desk.path("out")).expect("created");
    fs::write(desk.path("file.csv"), b"mine").expect("written");
    let before = desk.names();
    for (arguments, words) in [
        ("a.png --json no/x.json", &["--json", "does not exist", "create it"][..]),
        ("a.png --json out", &["--json", "is a folder"]),
        ("a.png --overlay x.jpg", &["--overlay", ".png"]),
        ("a.png --overlay -", &["--overlay", "folder"]),
        ("a.png --overlay a.png", &["is a photo"]),
        ("a.png b.png --overlay x.png", &["--overlay", "folder"]),
        ("a.png b.png --csv file.csv", &["--csv", "2 photos need a folder"]),
        ("a.png ./a.png --overlay out", &["written twice"]),
        ("a.png --csv x --json x", &["written twice"]),
        ("a.png --csv - --json -", &["--json -", "--csv -"]),
    ] {
        desk.vellus(&format!("measure {arguments}")).refuses_usage_saying(words);
        assert_eq!(desk.names(), before, "{arguments}");
    }
    assert_eq!(fs::read(desk.path("file.csv")).expect("there"), b"mine");
}

#[test]
fn wrong_values_name_what_is_allowed() {
    let desk = desk_with_photos();
    for (arguments, words) in [
        ("", &["PHOTO"][..]),
        ("a.png --um-per-px 5,54", &["5.54"]),
        ("a.png --um-per-px 0", &["0.1", "200"]),
        ("a.png --um-per-px -3", &["0.1", "200"]),
        ("a.png --um-per-px nan", &["0.1", "200"]),
        ("a.png --um-per-px many", &["number"]),
        ("a.png --region square:1,2,3", &["whole", "rect:X,Y,WIDTH,HEIGHT", "circle:X,Y,RADIUS", "polygon:"]),
        ("a.png --region circle:5,5,-1", &["positive"]),
        ("a.png --threads 0", &["--threads"]),
    ] {
        desk.vellus(&format!("measure {arguments}")).refuses_usage_saying(words);
    }
}

#[test]
fn a_protocol_sets_what_the_options_do_not() {
    let desk = desk_with_photos();
    fs::write(desk.path("trial.toml"), "um_per_px = 6.0\nvellus_limit_um = 40.0\n").expect("written");
    let run =
        desk.vellus("measure a.png --protocol trial.toml --region rect:0,0,300,300 --json -").succeeds();
    let document = &run.documents()[0];
    assert_eq!(document["protocol"]["vellus_limit_um"], 40.0);
    assert_eq!(document["region"]["shape"]["rectangle"]["width_px"], 300.0);
    assert_eq!(document["calibration"]["source"], "protocol");
}

#[test]
fn a_wrong_protocol_is_wrong_usage() {
    let desk = desk_with_photos();
    fs::write(desk.path("typo.toml"), "vellus_limit = 40.0\n").expect("written");
    fs::write(desk.path("range.toml"), "min_confidence = 40.0\n").expect("written");
    let measure = |name: &str| desk.vellus(&format!("measure a.png --protocol {name}"));
    measure("typo.toml").refuses_usage_saying(&["typo.toml", "vellus_limit_um", "vellus protocol"]);
    measure("range.toml").refuses_usage_saying(&["range.toml", "min_confidence", "40", "between 0 and 1"]);
    measure("none.toml").refuses_usage_saying(&["none.toml", "cannot be read"]);
}

#[test]
fn the_printed_protocol_changes_nothing() {
    let desk = desk_with_photos();
    fs::write(desk.path("default.toml"), desk.vellus("protocol").succeeds().stdout).expect("written");
    let with = desk.vellus("measure a.png --um-per-px 5 --json - --protocol default.toml").succeeds();
    assert_eq!(with.stdout, desk.vellus("measure a.png --um-per-px 5 --json -").succeeds().stdout);
}

#[test]
fn a_phantom_is_a_photo_and_its_truth() {
    let desk = Desk::new();
    let draw =
        || desk.vellus("phantom --scene clipped_typical --seed 5 --size 320x256 -o new/folder").succeeds();
    let run = draw();
    let files: Vec<PathBuf> = run.stdout.lines().map(|line| desk.path(line)).collect();
    assert_eq!(names(&desk.path("new/folder")), ["clipped_typical_s5.jpg", "clipped_typical_s5.truth.json"]);
    assert_eq!(image::image_dimensions(&files[0]).expect("a photo"), (320, 256));
    let bytes = fs::read(&files[1]).expect("there");
    let truth: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(truth["image"], "clipped_typical_s5.jpg");
    assert!(truth["hairs"].as_array().is_some_and(|hairs| !hairs.is_empty()));
    draw();
    assert_eq!(fs::read(&files[1]).expect("there"), bytes, "the same seed gives the same bytes");
}

#[test]
fn a_pair_of_phantoms_is_two_photos_and_one_truth() {
    let desk = Desk::new();
    let run = desk.vellus("phantom --scene clipped_typical --pair regrowth --size 256x256 -o .").succeeds();
    assert_eq!(run.stdout.lines().count(), 3);
    let truth = fs::read(desk.path("clipped_typical_regrowth_s1.truth.json")).expect("there");
    let truth: Value = serde_json::from_slice(&truth).expect("JSON");
    for (visit, name) in [
        ("baseline", "clipped_typical_regrowth_s1_a.jpg"),
        ("follow_up", "clipped_typical_regrowth_s1_b.jpg"),
    ] {
        assert_eq!(truth[visit]["image"], name);
        assert!(desk.path(name).is_file());
    }
}

#[test]
fn many_phantoms_are_drawn_in_one_call() {
    let desk = Desk::new();
    let call = "phantom --scene random --seeds 3..4 --size 200x160 --scenery -o .";
    let run = desk.vellus(call).succeeds();
    let names: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names[2].ends_with("_s3.scenery.png") && names[5].ends_with("_s4.scenery.png"), "{names:?}");
    desk.vellus("phantom --seeds 4..3 -o .").refuses_usage_saying(&["1..400"]);
}

#[test]
fn phantoms_name_what_there_is() {
    let desk = Desk::new();
    assert!(desk.vellus("phantom --list").succeeds().stdout.contains("clipped_typical"));
    desk.vellus("phantom --scene nothing -o .").refuses_usage_saying(&["clipped_typical"]);
    desk.vellus("phantom --pair nothing -o .").refuses_usage_saying(&["regrowth"]);
    desk.vellus("phantom --size 3x3 -o .").refuses_usage_saying(&["640x512"]);
    desk.vellus("phantom").refuses_usage_saying(&["--output"]);
    assert!(desk.names().is_empty());
}

#[test]
fn schemas_are_json() {
    for (arguments, title) in [
        ("schema", "vellus.measurement/1"),
        ("schema measurement", "vellus.measurement/1"),
        ("schema protocol", "vellus.protocol"),
    ] {
        let text = Desk::new().vellus(arguments).succeeds().stdout;
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(schema["title"], title);
    }
}

#[test]
fn companions_print_to_standard_output() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = desk.vellus(&format!("completions {shell}")).succeeds();
        assert!(run.stdout.contains("um-per-px"), "{shell}");
    }
    assert!(desk.vellus("man").succeeds().stdout.contains(".TH vellus 1"));
    assert!(desk.vellus("man measure").succeeds().stdout.contains(".TH vellus-measure 1"));
    desk.vellus("man nothing").refuses_usage_saying(&["measure"]);
}

#[test]
fn help_names_every_option_and_the_exit_codes() {
    let desk = Desk::new();
    let run = desk.vellus("measure --help").succeeds();
    for words in
        ["--um-per-px", "--json", "--csv", "--overlay", "--region", "--protocol", "Exit codes", "Examples"]
    {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    assert!(desk.vellus("--help").succeeds().stdout.contains("vellus measure left.jpg --um-per-px 5.54"));
    assert_eq!(desk.vellus("").code, Some(2));
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let desk = desk_with_photos();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vellus"))
        .current_dir(desk.folder.path())
        .args(["measure", "a.png", "b.png", "a.png", "--json", "-", "--threads", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vellus starts");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("UTF-8");
    child.wait().expect("it ends");
    assert_eq!(stderr, "");
}
