//! `vellus batch` run again, and `vellus merge`: records that are stale, damaged or of photos that are away.

mod desk;

use std::fs;
use std::path::Path;

use desk::trial::{desk_with, rows, tables};
use desk::{Desk, names};
use serde_json::{Value, json};

/// The records of a folder: name, head, body.
fn records(folder: &Path) -> Vec<(String, Value, String)> {
    let record = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).expect("read");
        let (head, body) = text.split_once('\n').expect("a head");
        (name, serde_json::from_str(head).expect("JSON"), body.to_owned())
    };
    names(folder).into_iter().map(record).collect()
}

/// Two visits of one drawn scalp, of which the first has a replicate.
fn desk_with_a_pair() -> Desk {
    let desk = Desk::new();
    desk.vellus("phantom --scene clipped_typical --pair null --seed 5 --size 1000x800 -o photos").succeeds();
    let [a, b] = ["a", "b"].map(|end| format!("photos/clipped_typical_null_s5_{end}.jpg"));
    let manifest = format!("photo,subject,visit\n{a},S1,week 0\n{b},S1,week 12\n");
    fs::write(desk.path("trial.csv"), manifest).expect("written");
    desk
}

#[test]
fn photos_that_are_away_fail_and_are_not_measured_again_when_they_are_back() {
    let desk = desk_with_a_pair();
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let whole = tables(&desk.path("out"));
    let folders = ["photos", "comparisons"].map(|name| desk.path("out").join(name));
    let before = folders.clone().map(|folder| records(&folder));
    assert!(before.iter().flatten().all(|(_, _, body)| !body.is_empty()));

    let away = [desk.path("photos"), desk.path("away")];
    fs::rename(&away[0], &away[1]).expect("moved");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let run = run.says(&["row 1: ", "does not exist", "cannot be compared"]);
    assert!(run.stdout.contains("2 photos: 0 measured, 2 failed (missing 2)"), "{}", run.stdout);
    for row in rows(&desk, "photos.csv") {
        assert_eq!((&*row["status"], &*row["failure"], &*row["content_hash"]), ("failed", "missing", ""));
        assert!(row["reason"].contains("does not exist") && row["hair_count"].is_empty());
    }
    let changes = rows(&desk, "changes.csv");
    assert_eq!((changes.len(), &*changes[0]["status"]), (1, "refused"));
    assert!(changes[0]["reason"].contains("was measured before"), "{}", changes[0]["reason"]);
    assert!(rows(&desk, "hairs.csv").is_empty() && rows(&desk, "matches.csv").is_empty());
    for (folder, before) in folders.iter().zip(&before) {
        let bodies = |records: &[(String, Value, String)]| {
            records.iter().map(|(name, _, body)| (name.clone(), body.clone())).collect::<Vec<_>>()
        };
        assert!(bodies(&records(folder)) == bodies(before), "what was measured is kept");
    }

    fs::rename(&away[1], &away[0]).expect("moved");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    assert!(!run.stderr.contains("measured again"), "{}", run.stderr);
    assert!(folders.map(|folder| records(&folder)) == before);
    assert!(tables(&desk.path("out")) == whole);
}

#[test]
fn what_failed_and_later_succeeds_is_compared() {
    let desk = desk_with_a_pair();
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let whole = tables(&desk.path("out"));
    // As if vellus had failed at the follow-up, so that it was refused.
    let fails = |folder: &str, change: &dyn Fn(&mut Value)| {
        for (name, mut head, _) in records(&desk.path(folder)) {
            (head["body_bytes"], head["body_hash"]) = (json!(0), Value::Null);
            change(&mut head);
            fs::write(desk.path(folder).join(name), format!("{head}\n")).expect("written");
        }
    };
    fails("out/photos", &|head| head["failure"] = json!({"reason": "crashed", "message": "it failed"}));
    fails("out/comparisons", &|head| {
        (head["refusal"], head["inputs_hash"]) = (json!("no photo could be measured"), json!("blake3:0"));
    });
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    assert!(tables(&desk.path("out")) == whole);
}

#[test]
fn a_damaged_record_is_made_again_and_that_is_said() {
    let desk = desk_with(2);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let whole = tables(&desk.path("out"));
    for folder in ["out/photos", "out/comparisons"] {
        for name in names(&desk.path(folder)) {
            let path = desk.path(folder).join(name);
            let mut bytes = fs::read(&path).expect("read");
            // The last digit of the body: still JSON, of the same length.
            let digit = bytes.iter().rposition(u8::is_ascii_digit).expect("a digit");
            bytes[digit] = if bytes[digit] == b'7' { b'8' } else { b'7' };
            fs::write(&path, bytes).expect("written");
        }
    }
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    assert_eq!(run.stderr.matches("its record is damaged").count(), 2, "{}", run.stderr);
    assert!(tables(&desk.path("out")) == whole);
}

#[test]
fn a_run_that_stops_leaves_no_mark_of_complete_tables() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o out --um-per-px 5").succeeds();
    let marks = || ["out/tables/complete.json", "out/done.json"].map(|name| desk.path(name).is_file());
    assert_eq!(marks(), [true, true]);
    fs::remove_file(desk.path("photos/clipped_typical_s4.jpg")).expect("removed");
    let run = desk.vellus("batch trial.csv -o out --um-per-px 5 --fail-fast --threads 1");
    assert_eq!((run.code, marks()), (Some(1), [false, false]));
    assert_eq!(desk.vellus("batch trial.csv -o out --um-per-px 5").code, Some(1));
    assert_eq!(marks(), [true, true], "a failed photo is in the tables");
}

#[test]
fn merge_takes_a_shards_own_records_and_refuses_stale_ones() {
    let desk = desk_with(4);
    desk.vellus("batch trial.csv -o whole --um-per-px 5").succeeds();
    // The first shard works where all rows were measured with another scale.
    desk.vellus("batch trial.csv -o a --um-per-px 6").succeeds();
    desk.vellus("batch trial.csv -o a --um-per-px 5 --shard 1/2").succeeds();
    desk.vellus("batch trial.csv -o b --um-per-px 5 --shard 2/2").succeeds();
    desk.vellus("merge a -o half").fails_saying(&["2 of 4 rows have no record", "row 3"]);
    desk.vellus("merge b a -o merged").succeeds();
    assert!(tables(&desk.path("merged")) == tables(&desk.path("whole")));

    desk.vellus("batch trial.csv -o c --um-per-px 6").succeeds();
    fs::copy(desk.path("whole/batch.json"), desk.path("c/batch.json")).expect("copied");
    desk.vellus("merge c -o stale").fails_saying(&["row 1", "s1.jpg", "with another scale"]);
    assert!(!desk.path("stale/tables/complete.json").exists());
}

#[test]
fn merge_writes_into_no_folder_of_others() {
    let desk = desk_with(2);
    desk.vellus("batch trial.csv -o out --um-per-px 5 --shard 1/1").succeeds();
    fs::create_dir(desk.path("mine")).expect("made");
    fs::write(desk.path("mine/manifest.csv"), "mine").expect("written");
    desk.vellus("merge out -o mine").refuses_usage_saying(&["mine", "holds other files"]);
    assert_eq!(fs::read_to_string(desk.path("mine/manifest.csv")).expect("read"), "mine");
    // What a workflow engine makes for its outputs, and what a run that was killed at its start leaves behind.
    fs::create_dir_all(desk.path("merged/tables")).expect("made");
    fs::write(desk.path("merged/.lock"), "").expect("written");
    desk.vellus("merge out -o merged").succeeds();
}

#[cfg(unix)]
#[test]
fn what_is_no_file_fails_and_takes_no_memory() {
    let desk = Desk::new();
    let made = std::process::Command::new("mkfifo").arg(desk.path("pipe.jpg")).status().expect("mkfifo");
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", desk.path("zero.jpg")).expect("linked");
    fs::write(desk.path("trial.csv"), "photo\npipe.jpg\nzero.jpg\n").expect("written");
    let run = desk.vellus("batch trial.csv -o out");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("2 failed (unreadable 2)"), "{}", run.stdout);
    run.says(&["pipe.jpg", "zero.jpg", "a device or a pipe"]);
}
