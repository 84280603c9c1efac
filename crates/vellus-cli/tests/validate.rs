//! `vellus validate` as a user meets it: the sample's marks, the atlas, marks that cannot be used.

mod desk;

use std::fs;
use std::path::Path;

use desk::{Desk, names};
use serde_json::Value;

/// With the clipped sample and its marks.
fn desk_with_marks() -> Desk {
    let desk = Desk::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    fs::create_dir(desk.path("marks")).expect("made");
    fs::copy(samples.join("clipped.jpg"), desk.path("clipped.jpg")).expect("copied");
    fs::copy(samples.join("marks/clipped.marks.json"), desk.path("marks/clipped.marks.json"))
        .expect("copied");
    desk
}

#[test]
fn the_sample_is_scored_and_its_faults_are_shown() {
    let desk = desk_with_marks();
    let run = desk.vellus("validate marks -o validation").succeeds();
    for words in
        ["1 photos", "F1 ", "precision", "recall", "Root end right", "Count: bias", "intervals that hold"]
    {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    let text = fs::read_to_string(desk.path("validation/validation.json")).expect("written");
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(summary["schema"], "vellus.validation/1");
    let number = |key: &str| summary[key].as_u64().expect("a count");
    assert!(number("hits") <= number("marked").min(number("found")) && number("hits") > 0);
    assert!(summary["f1"].as_f64().expect("a number") > 0.7);
    let faults = |key: &str| {
        let causes = summary[key].as_object().expect("causes").values();
        causes.map(|count| count.as_u64().expect("a count")).sum::<u64>()
    };
    assert_eq!(faults("missed"), number("marked") - number("hits"));
    assert_eq!(faults("false_hairs"), number("found") - number("hits"));
    let pictures = names(&desk.path("validation/atlas")).len() as u64;
    assert_eq!(pictures, faults("missed") + faults("false_hairs"));
    desk.vellus("validate marks -o validation --quiet").succeeds();
}

#[test]
fn marks_that_cannot_be_used_measure_nothing() {
    let desk = desk_with_marks();
    let marks = fs::read_to_string(desk.path("marks/clipped.marks.json")).expect("read");
    desk.vellus("validate absent").refuses_usage_saying(&["absent cannot be read"]);
    desk.vellus("validate .").refuses_usage_saying(&[".marks.json"]);
    fs::write(desk.path("marks/clipped.marks.json"), marks.replace("700", "701")).expect("written");
    desk.vellus("validate marks").says(&["700 × 560 px, but its marks are of 701"]);
    fs::write(desk.path("marks/clipped.marks.json"), "{}").expect("written");
    desk.vellus("validate marks").refuses_usage_saying(&["clipped.marks.json is not understood", "--help"]);
}
