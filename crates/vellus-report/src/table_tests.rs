use super::*;
use crate::fixture;

const PLAIN: TableStyle = TableStyle { colour: false };

#[test]
fn a_scaled_photo_has_every_number_with_its_unit() {
    let text = summary(&fixture::measurement(), PLAIN);
    for words in
        ["Hairs counted", "per cm²", "Diameter, mean", "Terminal, at least 30 µm", "At least 40 µm", "mm/cm²"]
    {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn without_a_scale_nothing_is_in_micrometres_or_per_area() {
    let text = summary(&fixture::unscaled(), PLAIN);
    let numbers = text.split("Verdict").next().expect("the rows come first");
    for unit in ["µm", "cm²", "mm²"] {
        assert!(!numbers.contains(unit), "{unit} in\n{numbers}");
    }
    assert!(text.contains("px"), "{text}");
    assert!(text.contains("--um-per-px"), "{text}");
}

#[test]
fn a_failed_photo_has_its_reason_and_no_numbers() {
    let text = summary(&fixture::failed(), PLAIN);
    assert!(text.contains("Nothing in the photo stands out"), "{text}");
    for words in ["Hairs", "Density", "Diameter"] {
        assert!(!text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    assert!(summary(&fixture::failed(), TableStyle { colour: true }).contains("\u{1b}[31m"));
}

#[test]
fn a_corrected_photo_says_so_and_what_was_counted_before() {
    let text = summary(&fixture::corrected(), PLAIN);
    assert!(text.contains("Counted before correction"), "{text}");
    assert!(text.contains("reader R1: 1 added, 2 removed, 1 turned"), "{text}");
    assert!(!summary(&fixture::measurement(), PLAIN).contains("correction"));
}
