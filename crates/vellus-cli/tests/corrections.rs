//! What a reader corrected, through the commands: `measure`, `compare`, `batch` and `merge` with `--corrections`.

mod desk;

use std::fs;
use std::path::Path;

use desk::trial::{rows, tables};
use desk::{Desk, documents};
use serde_json::{Value, json};

const TIME: &str = "2026-11-27T15:00:00Z";

/// The samples, and `before` and `after` of one drawn scalp.
fn desk() -> Desk {
    let desk = Desk::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    for name in ["clipped.jpg", "baseline.jpg", "follow_up.jpg"] {
        fs::copy(samples.join(name), desk.path(name)).expect("copied");
    }
    desk
}

fn measured(desk: &Desk, photo: &str) -> Value {
    let run = desk.vellus(&format!("measure {photo} --um-per-px 5 --json -")).succeeds();
    documents(&run.stdout).remove(0)
}

fn hair(measurement: &Value, k: usize) -> Value {
    let hair = &measurement["hairs"][k];
    json!({"id": hair["id"], "course_px": [hair["root_px"], hair["tip_px"]]})
}

/// The first hairs that count, as corrections name them.
fn counted(measurement: &Value) -> Vec<Value> {
    let hairs = measurement["hairs"].as_array().expect("a list");
    (0..hairs.len()).filter(|&k| hairs[k]["counted"] == true).map(|k| hair(measurement, k)).collect()
}

fn remove(hair: &Value) -> Value {
    json!({"kind": "remove", "time": TIME, "before": [hair], "after": []})
}

fn write(desk: &Desk, file: &str, photo: &str, measurement: &Value, reader: &str, corrections: &[Value]) {
    let image = &measurement["image"];
    let value = json!({
        "schema": "vellus.corrections/1",
        "image": {"path": photo, "width_px": image["width_px"], "height_px": image["height_px"],
                  "content_hash": image["content_hash"]},
        "software": measurement["software"],
        "reader": reader,
        "automatic_hairs": measurement["hairs"].as_array().expect("a list").len(),
        "corrections": corrections
    });
    let path = desk.path(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, value.to_string()).expect("written");
}

#[test]
fn a_corrected_photo_says_what_was_automatic_added_and_removed() {
    let desk = desk();
    let plain = measured(&desk, "clipped.jpg");
    let hairs = counted(&plain);
    let next = plain["hairs"].as_array().expect("a list").len() + 1;
    let mut again = hairs[0].clone();
    again["id"] = next.into();
    let add = json!({"kind": "add", "time": TIME, "before": [], "after": [again]});
    let turned =
        json!({"id": hairs[1]["id"], "course_px": [hairs[1]["course_px"][1], hairs[1]["course_px"][0]]});
    let turn = json!({"kind": "turn", "time": TIME, "before": [hairs[1]], "after": [turned]});
    let corrections = [remove(&hairs[0]), add, turn, remove(&hairs[2])];
    write(&desk, "clipped.corrections.json", "clipped.jpg", &plain, "R1", &corrections);

    let run = desk
        .vellus("measure clipped.jpg --um-per-px 5 --corrections clipped.corrections.json --json out.json --csv out.csv --overlay out.png")
        .succeeds();
    assert!(run.stdout.contains("reader R1: 1 added, 2 removed, 1 turned"), "{}", run.stdout);
    let document = documents(&fs::read_to_string(desk.path("out.json")).expect("read")).remove(0);
    let count = |document: &Value| document["summary"]["hair_count"].as_u64().expect("a count");
    assert_eq!(count(&document), count(&plain) - 1);
    assert_eq!(document["corrections"]["automatic_summary"], plain["summary"]);
    assert_eq!(document["corrections"]["readers"], json!(["R1"]));
    let table = fs::read_to_string(desk.path("out.csv")).expect("read");
    let column = table.lines().next().and_then(|head| head.split(',').position(|name| name == "origin"));
    let origins = |name: &str| {
        table.lines().filter(|line| line.split(',').nth(column.expect("origin")) == Some(name)).count()
    };
    assert_eq!((origins("added"), origins("turned")), (1, 1));

    // A folder does as well, whatever the order of the photos, and says what it did not use.
    let run =
        desk.vellus("measure follow_up.jpg clipped.jpg --um-per-px 5 --corrections . --json -").succeeds();
    let both = documents(&run.stdout);
    assert!(both[0].get("corrections").is_none());
    assert_eq!(both[1]["hairs"], document["hairs"]);
    let run = desk.vellus("measure follow_up.jpg --um-per-px 5 --corrections . -q").succeeds();
    run.says(&["1 corrections file(s) are of other photos"]);
}

#[test]
fn corrections_of_another_photo_or_none_are_refused() {
    let desk = desk();
    let plain = measured(&desk, "clipped.jpg");
    write(&desk, "clipped.corrections.json", "clipped.jpg", &plain, "R1", &[]);
    desk.vellus("measure follow_up.jpg --um-per-px 5 --corrections clipped.corrections.json --json out.json")
        .fails_saying(&[
            "clipped.corrections.json corrects clipped.jpg (blake3:",
            "than follow_up.jpg (blake3:",
        ]);
    assert!(!desk.path("out.json").exists());
    // A photo that cannot be read does not hide it.
    desk.vellus("measure nope.jpg follow_up.jpg --um-per-px 5 --corrections clipped.corrections.json -q")
        .fails_saying(&["clipped.corrections.json corrects clipped.jpg", "than follow_up.jpg (blake3:"]);
    // The photo of that name is another one now.
    fs::copy(desk.path("baseline.jpg"), desk.path("clipped.jpg")).expect("copied");
    desk.vellus("measure clipped.jpg follow_up.jpg --um-per-px 5 --corrections . -q")
        .fails_saying(&["corrects clipped.jpg", "than clipped.jpg"]);
    fs::write(desk.path("bad.corrections.json"), "{}").expect("written");
    desk.vellus("measure follow_up.jpg --corrections bad.corrections.json")
        .refuses_usage_saying(&["bad.corrections.json is not understood", "vellus schema corrections"]);
    desk.vellus("measure follow_up.jpg --corrections nowhere")
        .refuses_usage_saying(&["nowhere cannot be read"]);
    let run = desk.vellus("schema corrections").succeeds();
    assert!(run.stdout.contains("vellus.corrections/1"));
}

#[test]
fn a_comparison_and_a_series_use_what_readers_corrected() {
    let desk = desk();
    let [before, after] = ["baseline.jpg", "follow_up.jpg"].map(|photo| measured(&desk, photo));
    write(&desk, "b.corrections.json", "baseline.jpg", &before, "R1", &[remove(&counted(&before)[0])]);
    write(&desk, "a.corrections.json", "follow_up.jpg", &after, "R2", &[remove(&counted(&after)[0])]);
    let run = desk
        .vellus("compare baseline.jpg follow_up.jpg --um-per-px 5 --corrections a.corrections.json b.corrections.json --json -")
        .succeeds();
    let comparison = &documents(&run.stdout)[0];
    for (visit, reader) in [("baseline", "R1"), ("follow_up", "R2")] {
        assert_eq!(comparison[visit]["corrections"]["readers"], json!([reader]));
        assert_eq!(comparison[visit]["corrections"]["removed"], 1);
    }
    let run = desk
        .vellus("compare baseline.jpg follow_up.jpg baseline.jpg --um-per-px 5 --corrections b.corrections.json --json -")
        .succeeds();
    let series = &documents(&run.stdout)[0];
    assert_eq!(series["comparisons"][1]["follow_up"]["corrections"]["removed"], 1);
    desk.vellus("compare baseline.jpg baseline.jpg --um-per-px 5 --corrections a.corrections.json")
        .fails_saying(&["a.corrections.json corrects follow_up.jpg"]);
}

#[test]
fn what_a_reader_removed_is_not_found_again() {
    let desk = desk();
    let [before, after] = ["baseline.jpg", "follow_up.jpg"].map(|photo| measured(&desk, photo));
    let compared = |corrections: &str| {
        let call = format!("compare baseline.jpg follow_up.jpg --um-per-px 5 --json - {corrections}");
        documents(&desk.vellus(&call).succeeds().stdout).remove(0)
    };
    // A sure hair that both photos show.
    let matched = compared("");
    let sure = |id: &Value| {
        before["hairs"].as_array().expect("a list").iter().any(|h| &h["id"] == id && h["counted"] == true)
    };
    let pairs = matched["matches"].as_array().expect("a list");
    let pair = pairs.iter().find(|m| m["source"] == "both_photos" && sure(&m["baseline"])).expect("a pair");
    let partner =
        after["hairs"].as_array().expect("a list").iter().position(|h| h["id"] == pair["follow_up"]);
    write(
        &desk,
        "a.corrections.json",
        "follow_up.jpg",
        &after,
        "R1",
        &[remove(&hair(&after, partner.expect("a hair")))],
    );

    let alone = compared("--corrections a.corrections.json");
    let look = |comparison: &Value| {
        let looks = comparison["second_look"]["baseline"].as_array().expect("a list").clone();
        looks.iter().find(|look| look["hair"] == pair["baseline"]).expect("asked again")["outcome"].clone()
    };
    assert_eq!(look(&alone), "removed_by_reader");
    assert!(alone["not_seen"]["baseline"].as_array().expect("a list").contains(&pair["baseline"]));
    assert!(!alone["lost"].as_array().expect("a list").contains(&pair["baseline"]));

    // The reader went through the baseline too, and left its hair there.
    write(&desk, "b.corrections.json", "baseline.jpg", &before, "R1", &[]);
    let both = compared("--corrections a.corrections.json b.corrections.json");
    assert_eq!(look(&both), "absent");
    assert!(both["lost"].as_array().expect("a list").contains(&pair["baseline"]));
}

#[test]
fn a_batch_measures_again_what_was_corrected_anew() {
    let desk = desk();
    let [before, after] = ["baseline.jpg", "follow_up.jpg"].map(|photo| measured(&desk, photo));
    let manifest = "photo,subject,visit\nbaseline.jpg,S1,week 0\nfollow_up.jpg,S1,week 12\n";
    fs::write(desk.path("trial.csv"), manifest).expect("written");
    let run = |options: &str| desk.vellus(&format!("batch trial.csv --um-per-px 5 {options}")).succeeds();
    run("-o out");
    let plain = tables(&desk.path("out"));
    let count = |k: usize| rows(&desk, "photos.csv")[k]["hair_count"].parse::<u64>().expect("a count");
    let automatic = [count(0), count(1)];
    let head = |folder: &str| {
        let photos = desk.path(folder).join("photos");
        let text = |name: &String| fs::read_to_string(photos.join(name)).expect("read");
        desk::names(&photos).iter().map(text).collect::<Vec<_>>().join("")
    };
    assert!(!head("out").contains("corrections"), "uncorrected records keep their bytes");

    let hairs = counted(&after);
    write(&desk, "hand/a.corrections.json", "follow_up.jpg", &after, "R1", &[remove(&hairs[0])]);
    let strange = json!({"image": {"content_hash": "blake3:77", "width_px": 1, "height_px": 1},
                         "software": "", "hairs": []});
    write(&desk, "hand/z.corrections.json", "z.jpg", &strange, "R1", &[]);
    let said = run("-o out --corrections hand");
    assert!(
        said.stderr.contains("z.corrections.json corrects a photo that is not in this batch"),
        "{}",
        said.stderr
    );
    assert!(said.stdout.contains("1 photos corrected by readers"), "{}", said.stdout);
    assert!(
        said.stderr.contains("follow_up.jpg (row 2) is measured again: its corrections changed"),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("baseline.jpg (row 1) is measured again"));
    assert_eq!([count(0), count(1)], [automatic[0], automatic[1] - 1]);
    let photos = rows(&desk, "photos.csv");
    let cells = ["corrected_by", "hairs_added", "hairs_removed", "automatic_hair_count"];
    assert_eq!(cells.map(|name| &*photos[0][name]), ["", "", "", ""]);
    assert_eq!(cells.map(|name| &*photos[1][name]), ["R1", "0", "1", &*automatic[1].to_string()]);
    assert!(photos[1]["corrections_hash"].starts_with("blake3:"));
    let corrected = tables(&desk.path("out"));
    assert!(corrected["changes.csv"] != plain["changes.csv"], "the comparison is made again");

    // Nothing changed: nothing is measured.
    let again = run("-o out --corrections hand");
    assert!(!again.stderr.contains("measured again"), "{}", again.stderr);
    assert!(tables(&desk.path("out")) == corrected);
    // One more correction.
    write(
        &desk,
        "hand/a.corrections.json",
        "follow_up.jpg",
        &after,
        "R1",
        &[remove(&hairs[0]), remove(&hairs[1])],
    );
    let again = run("-o out --corrections hand");
    assert!(again.stderr.contains("its corrections changed"), "{}", again.stderr);
    assert_eq!(count(1), automatic[1] - 2);
    // A fresh folder, and shards, give the same bytes.
    let resumed = tables(&desk.path("out"));
    run("-o fresh --corrections hand");
    assert!(tables(&desk.path("fresh")) == resumed);
    run("-o one --corrections hand --shard 1/2");
    run("-o two --corrections hand --shard 2/2");
    let merged = desk.vellus("merge one two -o merged").succeeds();
    assert!(merged.stderr.contains("z.corrections.json"), "{}", merged.stderr);
    assert!(tables(&desk.path("merged")) == resumed);
    let quiet = run("-o quiet --quiet --corrections hand");
    assert!(quiet.stderr.contains("z.corrections.json corrects a photo"), "{}", quiet.stderr);
    run("-o three --shard 2/2");
    desk.vellus("merge one three -o none").fails_saying(&["the corrections differs"]);
    // Without corrections it is what it was.
    let back = run("-o out");
    assert!(back.stderr.contains("its corrections changed"), "{}", back.stderr);
    assert!(tables(&desk.path("out")) == plain);
    assert!(before["hairs"].is_array());
}

#[test]
fn readers_are_held_against_each_other_and_the_machine() {
    let desk = desk();
    fs::create_dir(desk.path("photos")).expect("made");
    let photos = ["clipped.jpg", "baseline.jpg", "follow_up.jpg"];
    let read = photos.map(|photo| {
        fs::rename(desk.path(photo), desk.path("photos").join(photo)).expect("moved");
        measured(&desk, &format!("photos/{photo}"))
    });
    for (k, (photo, plain)) in photos.iter().zip(&read).enumerate() {
        let hairs = counted(plain);
        write(&desk, &format!("r1/{photo}.corrections.json"), photo, plain, "R1", &[remove(&hairs[0])]);
        // The third photo has one reader.
        if k < 2 {
            let gone = [remove(&hairs[0]), remove(&hairs[1])];
            write(&desk, &format!("r2/{photo}.corrections.json"), photo, plain, "R2", &gone[k..]);
        }
    }
    let run = desk.vellus("validate photos --corrections r1 r2 --um-per-px 5 -o agreement").succeeds();
    for words in [
        "3 photos, 2 readers",
        "the machine and R1, 3 photos",
        "R1 and R2, 2 photos",
        "ICC(2,1)",
        "limits of agreement",
        "follow_up.jpg was read by R1 and not by R2",
    ] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    let told: Value =
        serde_json::from_str(&fs::read_to_string(desk.path("agreement/agreement.json")).expect("read"))
            .expect("JSON");
    assert_eq!(told["schema"], "vellus.agreement/1");
    let count = |k: usize| read[k]["summary"]["hair_count"].as_u64().expect("a count");
    let all = count(0) + count(1);
    let pair = &told["pairs"][2];
    assert_eq!((&pair["first"], &pair["second"]), (&json!("R1"), &json!("R2")));
    // R1 lacks the first hair of each photo; R2 the first two of one, the second of the other.
    assert_eq!(
        [&pair["first_counted"], &pair["second_counted"]].map(|n| n.as_u64()),
        [Some(all - 2), Some(all - 3)]
    );
    assert_eq!(pair["both"].as_u64(), Some(all - 4));
    let table = fs::read_to_string(desk.path("agreement/readings.csv")).expect("read");
    assert_eq!(table.lines().count(), 1 + 3 + 3 + 2);
    assert!(
        fs::read_to_string(desk.path("agreement/pairs.csv")).expect("read").lines().count() == 1 + 3 + 2 + 2
    );

    desk.vellus("validate photos --corrections r1 r1")
        .refuses_usage_saying(&["reader R1 corrects one photo twice"]);
    desk.vellus("validate photos --corrections r3").refuses_usage_saying(&["r3"]);
    desk.vellus("validate photos --um-per-px 5").refuses_usage_saying(&["--um-per-px is for --corrections"]);
    fs::remove_file(desk.path("photos/clipped.jpg")).expect("removed");
    let run = desk.vellus("validate photos --corrections r1 r2 --um-per-px 5 --quiet");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    run.says(&["r1/clipped.jpg.corrections.json corrects clipped.jpg; no photo in photos has its content"]);
    // Two readers' files in one folder.
    fs::create_dir(desk.path("both")).expect("made");
    for (k, reader) in ["r1", "r2"].iter().enumerate() {
        let from = desk.path(&format!("{reader}/baseline.jpg.corrections.json"));
        fs::copy(from, desk.path(&format!("both/{k}.corrections.json"))).expect("copied");
    }
    desk.vellus("validate photos --corrections both").refuses_usage_saying(&["give a folder per reader"]);
}

#[test]
fn a_photo_that_cannot_be_measured_is_in_no_agreement() {
    let desk = desk();
    fs::create_dir(desk.path("photos")).expect("made");
    for photo in ["baseline.jpg", "follow_up.jpg"] {
        fs::copy(desk.path(photo), desk.path(&format!("photos/{photo}"))).expect("copied");
    }
    let black = image::RgbImage::from_pixel(300, 200, image::Rgb([0, 0, 0]));
    black.save(desk.path("photos/black.png")).expect("written");
    for photo in ["baseline.jpg", "follow_up.jpg", "black.png"] {
        let read = measured(&desk, &format!("photos/{photo}"));
        for reader in ["R1", "R2"] {
            write(&desk, &format!("{reader}/{photo}.corrections.json"), photo, &read, reader, &[]);
        }
    }
    let run = desk.vellus("validate photos --corrections R1 R2 --um-per-px 5 -o agreement").succeeds();
    assert!(run.stdout.contains("R1 and R2, 2 photos"), "{}", run.stdout);
    assert!(run.stdout.contains("black.png cannot be measured as R1 left it"), "{}", run.stdout);
    let json = fs::read_to_string(desk.path("agreement/agreement.json")).expect("read");
    let told: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(told["not_measurable"].as_array().map(Vec::len), Some(3), "the machine and both readers");
    assert_eq!(told["readers"][1]["photos"], 2);
    let table = fs::read_to_string(desk.path("agreement/readings.csv")).expect("read");
    assert!(table.starts_with("photo,reader,status,reason,counted,"), "{table}");
    assert!(table.contains("black.png,R1,not_measurable,"), "{table}");
}

#[test]
fn removing_a_hair_does_not_lose_its_neighbour() {
    removed_one_by_one(4);
}

#[test]
#[ignore = "half a minute: every hair of the lower part"]
fn removing_any_hair_does_not_lose_its_neighbour() {
    removed_one_by_one(1);
}

/// Removes every `step`-th hair of the lower part of a photo, where hairs stand close, and draws it again.
fn removed_one_by_one(step: usize) {
    let desk = desk();
    let [before, after] = ["baseline.jpg", "follow_up.jpg"].map(|photo| measured(&desk, photo));
    write(&desk, "b.corrections.json", "baseline.jpg", &before, "R1", &[]);
    let lost = |corrections: &[Value]| {
        write(&desk, "a.corrections.json", "follow_up.jpg", &after, "R1", corrections);
        let call = "compare baseline.jpg follow_up.jpg --um-per-px 5 --json - --corrections a.corrections.json b.corrections.json";
        documents(&desk.vellus(call).succeeds().stdout).remove(0)["lost"].as_array().expect("a list").len()
    };
    let none = lost(&[]);
    let hairs = counted(&after);
    for hair in hairs[hairs.len() * 3 / 4..].iter().step_by(step) {
        let gone = remove(hair);
        assert!(lost(std::slice::from_ref(&gone)) <= none + 1, "{hair}");
        let mut again = hair.clone();
        again["id"] = json!(after["hairs"].as_array().expect("a list").len() + 1);
        let add = json!({"kind": "add", "time": TIME, "before": [], "after": [again]});
        assert_eq!(lost(&[gone, add]), none, "{hair}");
    }
}
