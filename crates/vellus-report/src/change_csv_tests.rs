use std::collections::BTreeMap;

use super::*;
use crate::fixture;

fn comparison_table(comparison: &Comparison) -> String {
    let mut text = Vec::new();
    write_comparison(&mut text, comparison).expect("memory takes it");
    String::from_utf8(text).expect("it is text")
}

/// The rows as maps from column to cell.
fn cells(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn the_columns_are_the_fields_of_a_row() {
    let comparison = fixture::comparison();
    let row = serde_json::to_value(rows(&comparison).next().expect("a row")).expect("a row is JSON");
    let fields: Vec<&String> = row.as_object().expect("an object").keys().collect();
    assert_eq!(fields, COMPARISON_COLUMNS.iter().collect::<Vec<_>>());
}

#[test]
fn there_is_one_row_for_what_became_of_each_hair() {
    let comparison = fixture::comparison();
    let rows = cells(&comparison_table(&comparison));
    let of = |fate: &str| rows.iter().filter(|row| row["fate"] == fate).count();
    assert_eq!(of("matched"), comparison.matches.len());
    assert_eq!((of("lost"), of("gained"), of("not_seen")), (2, 3, 2));
    let verdict = |words: &str| rows.iter().filter(|row| row["diameter_verdict"] == words).count();
    assert_eq!((verdict("thickened"), verdict("thinned")), (3, 1));
}

#[test]
fn a_hair_that_one_photo_shows_has_only_that_photos_cells() {
    let rows = cells(&comparison_table(&fixture::comparison()));
    let gained = rows.iter().find(|row| row["fate"] == "gained").expect("a gained hair");
    assert_eq!((gained["follow_up_id"].as_str(), gained["second_look"].as_str()), ("1006", "absent"));
    assert!(!gained["follow_up_diameter_um"].is_empty() && !gained["follow_up_root_x_px"].is_empty());
    for (column, cell) in gained {
        let of_a_match = column.contains("change") || column.contains("match") || column == "in_common_area";
        if (column.starts_with("baseline_") && column != "baseline_photo") || of_a_match {
            assert_eq!(cell, "", "{column}");
        }
    }
}

#[test]
fn a_hair_of_the_second_look_says_so() {
    let rows = cells(&comparison_table(&fixture::comparison()));
    let found = rows.iter().find(|row| row["match_source"] == "second_look_follow_up").expect("it is there");
    assert_eq!(found["baseline_id"], fixture::SECOND_LOOK.to_string());
    assert_eq!((found["second_look"].as_str(), found["second_look_probability"].as_str()), ("found", "0.97"));
}

#[test]
fn without_a_scale_there_are_no_diameters() {
    for row in cells(&comparison_table(&fixture::unscaled_comparison())) {
        for (column, cell) in row.iter().filter(|(column, _)| column.contains("diameter")) {
            assert_eq!(cell, "", "{column}");
        }
    }
}

#[test]
fn a_series_has_a_row_per_hair_and_visit() {
    let series = fixture::series();
    let mut text = Vec::new();
    write_series(&mut text, &series).expect("memory takes it");
    let text = String::from_utf8(text).expect("it is text");
    assert!(text.starts_with(&SERIES_COLUMNS.join(",")), "{text}");
    let rows = cells(&text);
    assert_eq!(rows.len(), 3 * series.tracks.len());
    let third = rows.iter().filter(|row| row["track"] == "3").collect::<Vec<_>>();
    assert_eq!(third.iter().map(|row| row["visit"].as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(third.iter().map(|row| row["found"].as_str()).collect::<Vec<_>>(), ["true", "false", "true"]);
    assert_eq!((third[1]["id"].as_str(), third[1]["diameter_um"].as_str()), ("", ""));
    assert!(third[1]["photo"].ends_with("month 3.jpg"));
}
