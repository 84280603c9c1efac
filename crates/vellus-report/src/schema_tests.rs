use std::path::Path;
use vellus::RegionSummary;
use vellus::scale::ScaleMark;

use super::*;
use crate::fixture;

/// Compares with the copy in `schemas/`. `VELLUS_WRITE_SCHEMAS=1 cargo test -p vellus-report` writes it anew, and fails
/// once so that nobody does so unseen.
fn assert_committed(schema: Schema, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let committed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let current = schema.text();
    if committed != current {
        if std::env::var_os("VELLUS_WRITE_SCHEMAS").is_some() {
            std::fs::write(&path, &current).expect("written");
        }
        panic!(
            "schemas/{name} is not what the types say: VELLUS_WRITE_SCHEMAS=1 cargo test -p vellus-report"
        );
    }
}

#[test]
fn the_committed_schema_of_the_measurement_is_current() {
    assert_committed(Schema::Measurement, "measurement.json");
}

#[test]
fn the_committed_schema_of_the_comparison_is_current() {
    assert_committed(Schema::Comparison, "comparison.json");
}

#[test]
fn the_committed_schema_of_the_series_is_current() {
    assert_committed(Schema::Series, "series.json");
}

#[test]
fn the_committed_schema_of_the_protocol_is_current() {
    assert_committed(Schema::Protocol, "protocol.json");
}

#[test]
fn the_committed_schema_of_corrections_is_current() {
    assert_committed(Schema::Corrections, "corrections.json");
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn every_key_of_a_measurement_is_in_its_schema() {
    let schema = Schema::Measurement.value();
    let mut measurement = fixture::corrected();
    let (region, summary) = (measurement.region.clone(), measurement.summary.clone());
    measurement.regions = vec![RegionSummary { name: "front".to_owned(), region, summary, hairs: vec![1] }];
    measurement.scale_marks = vec![ScaleMark {
        from_px: [10.0, 900.0],
        to_px: [210.0, 900.0],
        length_um: 1000.0,
        label: "1.0 mm".to_owned(),
        um_per_px: 5.0,
        relative_error: 0.011,
    }];
    let record = serde_json::to_value(measurement).expect("a measurement is JSON");
    assert_eq!(keys(&schema["$defs"]["RegionSummary"]["properties"]), keys(&record["regions"][0]));
    assert_eq!(keys(&schema["$defs"]["ScaleMark"]["properties"]), keys(&record["scale_marks"][0]));
    assert_eq!(keys(&schema["properties"]), keys(&record));
    assert_eq!(keys(&schema["$defs"]["Summary"]["properties"]), keys(&record["summary"]));
    assert_eq!(keys(&schema["$defs"]["Hair"]["properties"]), keys(&record["hairs"][0]));
    let corrections = &schema["$defs"]["AppliedCorrections"]["properties"];
    assert_eq!(keys(corrections), keys(&record["corrections"]));
}

#[test]
fn what_only_corrections_write_is_not_required() {
    let schema = Schema::Measurement.value();
    let required =
        |value: &Value, key: &str| value["required"].as_array().expect("a list").contains(&key.into());
    assert!(!required(&schema, "corrections") && !required(&schema, "regions"));
    assert!(!required(&schema["$defs"]["Hair"], "origin"));
    let plain = serde_json::to_string(&fixture::measurement()).expect("a measurement is JSON");
    assert!(!plain.contains("\"origin\"") && !plain.contains("\"corrections\""));
}

#[test]
fn every_key_of_a_comparison_is_in_its_schema() {
    let schema = Schema::Comparison.value();
    let record = serde_json::to_value(fixture::comparison()).expect("a comparison is JSON");
    assert_eq!(keys(&schema["properties"]), keys(&record));
    assert_eq!(keys(&schema["$defs"]["Change"]["properties"]), keys(&record["change"]));
    assert_eq!(keys(&schema["$defs"]["Conditions"]["properties"]), keys(&record["conditions"]));
    let condition = &schema["$defs"]["ConditionChange"]["properties"];
    assert_eq!(keys(condition), keys(&record["conditions"]["blur_sigma_um"]));
    assert_eq!(keys(&schema["$defs"]["Registration"]["properties"]), keys(&record["registration"]));
    assert_eq!(keys(&schema["$defs"]["Match"]["properties"]), keys(&record["matches"][0]));
}

#[test]
fn every_key_of_a_series_is_in_its_schema() {
    let schema = Schema::Series.value();
    let record = serde_json::to_value(fixture::series()).expect("a series is JSON");
    assert_eq!(keys(&schema["properties"]), keys(&record));
    assert_eq!(keys(&schema["$defs"]["HairTrack"]["properties"]), keys(&record["tracks"][0]));
    assert_eq!(keys(&schema["$defs"]["Trend"]["properties"]), keys(&record["trends"][0]));
}

#[test]
fn the_protocol_file_reads_back_as_the_default() {
    let text = protocol_toml();
    assert_eq!(Protocol::from_toml(&text).expect("it is a protocol"), Protocol::default());
    assert!(text.contains("\n# um_per_px =\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= LINE_WIDTH), "{text}");
}
