//! `vellus batch` and `vellus merge` as a user meets them: rows, resumption, kills, shards, what is refused.
//!
//! Photos are small drawings: what is found on them is the business of other tests.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod desk;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use desk::trial::{desk_with, rows, tables};
use desk::{Desk, names};

#[test]
fn every_row_is_in_the_table_in_order_measured_or_with_its_reason() {
    let desk = desk_with(2);
    fs::write(desk.path("photos/broken.jpg"), "no photo").expect("written");
    let manifest = fs::read_to_string(desk.path("trial.csv")).expect("read");
    let more = "photos/absent.jpg,S09,week 0,,\nphotos/broken.jpg,,,,\nphotos/clipped_typical_s1.jpg,S08,week 12,,007\n";
    fs::write(desk.path("trial.csv"), manifest + more).expect("written");

    let run = desk.vellus("batch trial.csv -o out --um-per-px 5");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let run = run.says(&["row 3: photos/absent.jpg does not exist", "row 4: photos/broken.jpg"]);
    for words in [
        "5 photos: 3 measured",
        "2 failed (format 1, missing 1)",
        "rows 1, 5 are the same photo",
        "Visits: week 0 → week 12",
    ] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }

    let photos = rows(&desk, "photos.csv");
    let column = |name: &str| photos.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
    assert_eq!(column("row"), ["1", "2", "3", "4", "5"]);
    assert_eq!(column("status"), ["measured", "measured", "failed", "failed", "measured"]);
    assert_eq!(column("failure"), ["", "", "missing", "format", ""]);
    assert_eq!(column("age"), ["31", "31", "", "", "007"]);
    assert_eq!(column("visit_number"), ["0", "1", "0", "", "1"]);
    assert!(column("hair_count")[2].is_empty() && !column("density_per_cm2")[0].is_empty());
    let changes = rows(&desk, "changes.csv");
    assert_eq!(
        changes.last().map(|row| row["status"].as_str()),
        Some("no_baseline"),
        "S08 has a week 12 alone"
    );
}

#[test]
fn a_second_run_measures_nothing_and_writes_the_same_tables() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let before = tables(&desk.path("out"));
    let record = |desk: &Desk| {
        let records = names(&desk.path("out/photos")).into_iter();
        records
            .map(|name| {
                desk.path("out/photos").join(name).metadata().expect("there").modified().expect("a time")
            })
            .collect::<Vec<_>>()
    };
    let times = record(&desk);
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5 --quiet").succeeds();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(tables(&desk.path("out")) == before && record(&desk) == times);
}

#[test]
fn what_changed_is_measured_again_and_said() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();

    fs::copy(desk.path("photos/clipped_typical_s3.jpg"), desk.path("photos/clipped_typical_s2.jpg"))
        .expect("copied");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let again = |stderr: &str| stderr.lines().filter(|line| line.contains("measured again")).count();
    assert_eq!(again(&run.stderr), 1, "{}", run.stderr);
    assert!(run.stderr.contains("s2.jpg (row 2) is measured again: the photo changed"), "{}", run.stderr);

    fs::write(desk.path("trial.toml"), "min_confidence = 0.9").expect("written");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5 --protocol trial.toml").succeeds();
    assert_eq!(again(&run.stderr), 4, "{}", run.stderr);
    let run = desk.vellus("batch trial.csv -o out --um-per-px 6 --protocol trial.toml").succeeds();
    assert!(run.stderr.contains("the scale changed"), "{}", run.stderr);

    // A cell that changes no number: kept, and in the table.
    let text = fs::read_to_string(desk.path("trial.csv")).expect("read").replace("active", "verum");
    fs::write(desk.path("trial.csv"), text).expect("written");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 6 --protocol trial.toml").succeeds();
    assert_eq!(again(&run.stderr), 0, "{}", run.stderr);
    assert!(rows(&desk, "photos.csv").iter().any(|row| row["arm"] == "verum"));
}

#[test]
fn killed_at_any_moment_it_ends_with_the_tables_of_an_undisturbed_run() {
    let desk = desk_with(60);
    let start = Instant::now();
    desk.vellus("batch trial.csv -o whole --um-per-px 5 --threads 2").succeeds();
    let whole = start.elapsed();
    // Any moment, but the same ones in every run of the test, as shares of a third of the time.
    let mut state = 7_u32;
    for _ in 0..10 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let moment = whole.mul_f64(f64::from(state >> 8) / f64::from(1 << 24) / 3.0);
        let mut child = Command::new(env!("CARGO_BIN_EXE_vellus"))
            .current_dir(desk.folder.path())
            .args(["batch", "trial.csv", "-o", "killed", "--um-per-px", "5", "--threads", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("vellus starts");
        std::thread::sleep(moment.max(Duration::from_millis(5)));
        // SIGKILL where there are signals.
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    desk.vellus("batch trial.csv -o killed --um-per-px 5 --threads 1").succeeds();
    assert!(tables(&desk.path("killed")) == tables(&desk.path("whole")));
    assert_eq!(names(&desk.path("killed/photos")).iter().filter(|name| name.ends_with(".jsonl")).count(), 60);
}

#[test]
fn merged_shards_are_the_bytes_of_one_machine() {
    let desk = desk_with(12);
    desk.vellus("batch trial.csv -o whole --um-per-px 5").succeeds();
    let whole = tables(&desk.path("whole"));
    for shards in [1, 3, 7] {
        let mut folders = Vec::new();
        for number in 1..=shards {
            let folder = format!("part-{number}-{shards}");
            desk.vellus(&format!("batch trial.csv -o {folder} --um-per-px 5 --shard {number}/{shards}"))
                .succeeds();
            assert!(names(&desk.path(&folder).join("tables")).is_empty(), "a shard has no tables");
            folders.push(folder);
        }
        desk.vellus(&format!("merge {} -o merged-{shards}", folders.join(" "))).succeeds();
        assert!(tables(&desk.path(&format!("merged-{shards}"))) == whole, "{shards} shards");
    }
    desk.vellus("merge part-1-3 part-2-3 -o some").fails_saying(&["4 of 12 rows have no record", "row 5"]);
    desk.vellus("batch trial.csv -o other --um-per-px 6 --shard 1/3").succeeds();
    desk.vellus("merge part-1-3 other -o some").fails_saying(&["other", "part-1-3", "scale differs"]);
    desk.vellus("merge photos -o some").fails_saying(&["photos is not the output of a batch"]);
}

#[test]
fn a_folder_is_read_by_the_names_of_its_files() {
    let desk = desk_with(2);
    desk.vellus("batch photos -o out --pattern {device}_s{subject} --um-per-px 5").succeeds();
    let photos = rows(&desk, "photos.csv");
    assert_eq!(photos[1]["device"], "clipped_typical");
    assert_eq!(photos[1]["subject"], "2");
    desk.vellus("batch photos -o again --pattern {subject}-{visit}")
        .refuses_usage_saying(&["clipped_typical_s1.jpg"]);
}

#[test]
fn fail_fast_stops_at_the_first_failure_and_keeps_what_is_done() {
    let desk = desk_with(4);
    let manifest = fs::read_to_string(desk.path("trial.csv")).expect("read");
    fs::write(desk.path("trial.csv"), manifest.replacen("s3.jpg", "s33.jpg", 1)).expect("written");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5 --fail-fast --threads 1");
    assert_eq!(run.code, Some(1));
    let run = run.says(&["s33.jpg does not exist", "stopped, as a photo failed", "the same command goes on"]);
    assert_eq!(run.stdout, "");
    assert!(!desk.path("out/tables/photos.csv").exists());
}

#[test]
fn wrong_usage_measures_nothing() {
    let desk = desk_with(1);
    let wrong = |arguments: &str, words: &[&str]| {
        desk.vellus(arguments).refuses_usage_saying(words);
    };
    wrong("batch absent.csv -o out", &["absent.csv cannot be read"]);
    wrong("batch trial.csv -o out --visits 0,12", &["row 1", "week 0", "0, 12"]);
    wrong("batch trial.csv -o out --visits week_0,week_0", &["'week_0' twice"]);
    wrong("batch trial.csv -o out --shard 3/2", &["3/2", "K runs from 1 to N"]);
    wrong("batch trial.csv -o out --pattern {subject}", &["--pattern is for a folder"]);
    wrong("batch trial.csv -o photos", &["photos", "holds other files"]);
    wrong("batch trial.csv -o trial.csv", &["this is a file"]);
    fs::write(desk.path("bad.csv"), "photo,um_per_px\na.jpg,wide\n").expect("written");
    wrong("batch bad.csv -o out", &["bad.csv", "line 2", "um_per_px is 'wide'"]);
    let said = desk.vellus("batch bad.csv -o out").stderr;
    assert!(said.starts_with("error: ") && !said.contains("Usage"), "{said}");
    fs::write(desk.path("bad.csv"), "photo,subject,visit\na.jpg,S,before\nb.jpg,S,after\n").expect("written");
    wrong("batch bad.csv -o out", &["after, before", "--visits"]);
    assert!(!desk.path("out").exists());
}

#[test]
fn the_tables_open_in_pandas_polars_and_duckdb() {
    // A Python that has the packages; CI installs one.
    let python = std::env::var("VELLUS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import pandas, pyarrow, polars, duckdb"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: {python} has no pandas, pyarrow, polars and duckdb");
        return;
    }
    let desk = desk_with(6);
    fs::copy(desk.path("photos/clipped_typical_s2.jpg"), desk.path("photos/clipped_typical_s1.jpg"))
        .expect("copied");
    fs::write(desk.path("photos/clipped_typical_s6.jpg"), "").expect("written");
    assert_eq!(desk.vellus("batch trial.csv -o out --um-per-px 5").code, Some(1), "one photo is empty");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/tables.py");
    let output = Command::new(&python).arg(script).arg(desk.path("out")).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn statistics_come_from_the_tables_alone() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let run = desk.vellus("stats out").succeeds();
    assert!(run.stdout.contains("no visit has two photos") && run.stdout.contains("lmer("), "{}", run.stdout);
    let scale = "Scale of the photos: 5 µm per px ± 1.0 % (assumed) from flag; 4 photos";
    assert!(run.stdout.contains(scale), "{}", run.stdout);
    assert_eq!(
        names(&desk.path("out/stats")),
        [
            "changes_by_arm.csv",
            "differences.csv",
            "missing.csv",
            "repeatability.csv",
            "sample_sizes.csv",
            "scales.csv",
            "stats.json"
        ]
    );
    desk.vellus("stats photos").fails_saying(&["photos.csv cannot be read", "vellus batch"]);
    desk.vellus("stats out --reference verum").refuses_usage_saying(&["no arm 'verum'"]);
}

#[test]
fn blinded_photos_measure_the_same_and_the_key_leads_back() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    desk.vellus("blind trial.csv -o blinded --key key.csv").succeeds();
    for file in names(&desk.path("blinded")) {
        assert!(!file.contains("typical"), "{file}");
    }
    desk.vellus("batch blinded/manifest.csv -o blind-out --um-per-px 5").succeeds();
    let run = desk.vellus("unblind blind-out --copies blinded --key key.csv -o unblinded").succeeds();
    assert!(!run.stderr.contains("measured again"), "{}", run.stderr);
    // Apart from the files themselves, all tables say the same.
    let numbers = |table: &str| {
        let read = |folder: &str| {
            let mut reader =
                csv::Reader::from_path(desk.path(folder).join("tables").join(table)).expect("a table");
            let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| {
                let mut row = row.expect("a row");
                row.retain(|column, _| {
                    !column.contains("photo") && column != "content_hash" && column != "decoder"
                });
                row
            });
            rows.collect::<Vec<_>>()
        };
        (read("out"), read("unblinded"))
    };
    for table in ["photos.csv", "hairs.csv", "units.csv", "changes.csv"] {
        let (open, blind) = numbers(table);
        assert_eq!(open, blind, "{table}");
    }

    desk.vellus("blind trial.csv -o blinded-2 --key key.csv").refuses_usage_saying(&["never overwritten"]);
    desk.vellus("blind trial.csv -o blinded-2 --key blinded-2/key.csv").refuses_usage_saying(&["outside"]);
    desk.vellus("blind trial.csv -o blinded --key key-2.csv").refuses_usage_saying(&["holds other files"]);
    fs::write(desk.path("key.csv"), "photo\na.png\n").expect("written");
    desk.vellus("unblind blind-out --copies blinded --key key.csv -o wrong")
        .fails_saying(&["sealed", "changed"]);
}

#[test]
fn a_photo_of_another_subject_is_left_out_and_named() {
    let desk = Desk::new();
    for seed in [5, 11] {
        let pair =
            format!("phantom --scene clipped_typical --pair null --seed {seed} --size 1000x800 -o photos");
        desk.vellus(&pair).succeeds();
    }
    // The second replicate of A is B's; B's only follow-up is A's.
    let manifest = "photo,subject,visit,replicate\n\
        photos/clipped_typical_null_s5_a.jpg,A,0,1\n\
        photos/clipped_typical_null_s5_b.jpg,A,12,1\n\
        photos/clipped_typical_null_s11_b.jpg,A,12,2\n\
        photos/clipped_typical_null_s11_a.jpg,B,0,1\n\
        photos/clipped_typical_null_s5_b.jpg,B,12,1\n";
    fs::write(desk.path("trial.csv"), manifest).expect("written");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    assert!(run.stdout.contains("1 follow-ups compared, 1 refused"), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("(row 3): The photo does not show the place of its own baseline, but that of row 4")
    );
    assert!(
        run.stdout
            .contains("(row 5): The photo does not show the place of its own baseline, but that of row 1")
    );

    let changes = rows(&desk, "changes.csv");
    let of = |subject: &str| changes.iter().filter(|row| row["subject"] == subject).collect::<Vec<_>>();
    assert_eq!((of("A").len(), of("A")[0]["status"].as_str()), (10, "compared"));
    assert_eq!((&*of("A")[0]["follow_up_photos"], &*of("A")[0]["left_out_photos"]), ("1", "1"));
    assert_eq!((of("B").len(), of("B")[0]["status"].as_str()), (1, "refused"));
    assert!(of("B")[0]["reason"].contains("do not show the same site"));
    assert!(rows(&desk, "matches.csv").iter().any(|row| row["fate"] == "matched"));
    let findings = rows(&desk, "findings.csv");
    let codes = |number: &str| {
        findings.iter().filter(|row| row["row"] == number).map(|row| row["code"].as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes("3"), ["left_out", "swapped_photo"]);
    assert_eq!(codes("5"), ["duplicate_photo", "left_out", "swapped_photo"]);
    let of_photos = &rows(&desk, "photos.csv")[4]["findings"];
    assert!(of_photos.ends_with("duplicate_photo;left_out;swapped_photo"), "{of_photos}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_it_after_the_photos_at_work() {
    let desk = desk_with(60);
    let child = Command::new(env!("CARGO_BIN_EXE_vellus"))
        .current_dir(desk.folder.path())
        .args(["batch", "trial.csv", "-o", "out", "--um-per-px", "5", "--threads", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vellus starts");
    let start = Instant::now();
    let begun = || desk.path("out/photos").is_dir() && !names(&desk.path("out/photos")).is_empty();
    while !begun() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let output = child.wait_with_output().expect("ended");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("stopping after") && stderr.contains("the same command goes on"), "{stderr}");
    assert!(
        names(&desk.path("out/photos")).iter().all(|name| name.ends_with(".jsonl")),
        "nothing half-written"
    );
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    assert!(run.stdout.contains("60 photos: 60 measured"), "{}", run.stdout);
}

#[test]
fn rows_may_have_regions_of_their_own() {
    let desk = desk_with(2);
    let mask = image::GrayImage::from_fn(200, 160, |x, _| image::Luma([if x < 90 { 255 } else { 0 }]));
    mask.save(desk.path("photos/left.png")).expect("written");
    image::GrayImage::from_pixel(20, 20, image::Luma([255]))
        .save(desk.path("photos/small.png"))
        .expect("written");
    let photo = "photos/clipped_typical_s1.jpg";
    let manifest = format!(
        "photo,subject,region\n{photo},S01,\"left=photos/left.png | right=rect:90,0,110,160\"\n{photo},S02,photos/small.png\n\
         {photo},S03,vertex\n{photo},S04,\n"
    );
    fs::write(desk.path("trial.csv"), manifest).expect("written");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let run = run.says(&[
        "has 200 × 160 px, but the mask photos/small.png has 20 × 20 px",
        "its region in the manifest cannot be used: the region 'vertex' is not understood",
    ]);
    assert!(run.stdout.contains("2 failed (region 2)"), "{}", run.stdout);

    let regions = rows(&desk, "regions.csv");
    let column = |name: &str| regions.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
    assert_eq!((column("row"), column("region")), (vec!["1", "1"], vec!["left", "right"]));
    let photos = rows(&desk, "photos.csv");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let sum: f64 = column("area_px").into_iter().map(number).sum();
    let whole = number(&photos[3]["area_mm2"]);
    assert!((sum * 25e-6 - whole).abs() < 1e-3, "{sum} px of {whole} mm²");
    let counts: f64 = column("hair_count").into_iter().map(number).sum();
    assert_eq!(
        counts,
        number(&photos[0]["hair_count"]),
        "a hair counts in one of two regions that do not overlap"
    );
    let hairs = rows(&desk, "hairs.csv");
    let of_left = hairs.iter().filter(|hair| hair["row"] == "1" && hair["regions"] == "left").count();
    assert_eq!(of_left as f64, number(column("hair_count")[0]));
    assert_eq!(
        (photos[0]["region"].as_str(), photos[3]["region"].as_str()),
        ("left=photos/left.png | right=rect:90,0,110,160", "")
    );

    // Another mask under the same name is another region.
    desk.vellus("batch trial.csv -o out --um-per-px 5");
    let mask = image::GrayImage::from_fn(200, 160, |x, _| image::Luma([if x < 40 { 255 } else { 0 }]));
    mask.save(desk.path("photos/left.png")).expect("written");
    desk.vellus("batch trial.csv -o out --um-per-px 5").says(&["its region changed"]);
    assert!(number(&rows(&desk, "regions.csv")[0]["area_px"]) < number(column("area_px")[0]));
}

#[test]
fn the_tables_say_where_a_scale_is_from_and_how_sure_it_is() {
    let desk = desk_with(2);
    let manifest = fs::read_to_string(desk.path("trial.csv")).expect("read");
    let mut lines = manifest.lines().zip(["um_per_px", "5.1±0.102", ""]);
    let text: String = lines.by_ref().map(|(line, cell)| format!("{line},{cell}\n")).collect();
    fs::write(desk.path("trial.csv"), text).expect("written");
    fs::write(desk.path("vellus.toml"), "um_per_px = 5.0\num_per_px_error = 0.15\n").expect("written");
    desk.vellus("batch trial.csv -o out").succeeds();
    let photos = rows(&desk, "photos.csv");
    let of = |k: usize| {
        ["scale_source", "scale_relative_error", "scale_error_basis"].map(|name| photos[k][name].clone())
    };
    assert_eq!(of(0)[0], "flag");
    assert!((of(0)[1].parse::<f64>().expect("a number") - 0.02).abs() < 1e-9 && of(0)[2] == "stated");
    assert_eq!(of(1)[0], "site_file");
    assert!((of(1)[1].parse::<f64>().expect("a number") - 0.03).abs() < 1e-9 && of(1)[2] == "stated");
}
