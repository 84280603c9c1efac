use super::*;
use crate::fixture;
use vellus::RegionSummary;

fn table(measurements: &[Measurement]) -> String {
    let mut table = HairTable::new(Vec::new()).expect("memory takes it");
    for measurement in measurements {
        table.add(measurement).expect("memory takes it");
    }
    String::from_utf8(table.finish().expect("memory takes it")).expect("it is text")
}

#[test]
fn the_columns_are_the_fields_of_a_row() {
    let measurement = fixture::measurement();
    let row = serde_json::to_value(Row::new(&measurement, &measurement.hairs[0])).expect("a row is JSON");
    let fields: Vec<&String> = row.as_object().expect("an object").keys().collect();
    assert_eq!(fields, COLUMNS.iter().collect::<Vec<_>>());
}

#[test]
fn there_is_one_row_per_hair_and_one_header() {
    let measurement = fixture::measurement();
    let text = table(&[measurement.clone(), measurement.clone()]);
    assert_eq!(text.lines().count(), 1 + 2 * measurement.hairs.len());
    assert!(text.starts_with("photo,id,follicular_unit,counted,"));
    assert!(text.contains("\n\"visits/left, parietal.jpg\",1,1,true,,"), "{text}");
}

#[test]
fn what_is_unknown_is_an_empty_cell() {
    let text = table(&[fixture::unscaled()]);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.expect("a record");
        for (column, cell) in COLUMNS.iter().zip(&record) {
            if column.contains("_um") || *column == "class" {
                assert_eq!(cell, "", "{column}");
            }
        }
    }
}

#[test]
fn a_photo_without_hair_leaves_the_header() {
    assert_eq!(table(&[fixture::failed()]), format!("{}\n", COLUMNS.join(",")));
}

#[test]
fn the_last_columns_say_who_drew_a_hair_and_where_it_counts() {
    let mut measurement = fixture::corrected();
    let (region, summary) = (measurement.region.clone(), measurement.summary.clone());
    let part = |name: &str| RegionSummary {
        name: name.to_owned(),
        region: region.clone(),
        summary: summary.clone(),
        hairs: vec![measurement.hairs[1].id],
    };
    measurement.regions = vec![part("front"), part("crown")];
    let text = table(&[measurement]);
    let cell = |line: &str, from_end: usize| line.rsplit(',').nth(from_end).unwrap_or_default().to_owned();
    let regions: Vec<String> = text.lines().map(|line| cell(line, 0)).collect();
    assert_eq!(regions[..4], ["region", "", "front; crown", ""]);
    let ends: Vec<String> = text.lines().map(|line| cell(line, 1)).collect();
    assert_eq!(ends[..4], ["origin", "added", "turned", "automatic"]);
}
