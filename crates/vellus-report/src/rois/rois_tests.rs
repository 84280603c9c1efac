use std::io::Read;

use super::*;
use crate::fixture;
use vellus::{Region, RegionShape, RegionSummary};

fn files(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).expect("a zip");
    (0..archive.len())
        .map(|k| {
            let mut file = archive.by_index(k).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("whole");
            (file.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

fn int(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four")) as usize
}

fn text(bytes: &[u8], at: usize, units: usize) -> String {
    let units: Vec<u16> =
        bytes[at..at + 2 * units].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).expect("UTF-16")
}

#[test]
fn imagej_gets_every_hair_with_its_course_and_width() {
    let measurement = fixture::measurement();
    let files = files(roi_set(&measurement).expect("a zip"));
    assert_eq!(files.len(), measurement.hairs.len());
    for ((file, bytes), hair) in files.iter().zip(&measurement.hairs) {
        assert_eq!(*file, format!("hair-{:04}.roi", hair.id));
        assert_eq!((&bytes[..4], bytes[6]), (&b"Iout"[..], 5));
        let count = hair.centreline_px.len();
        assert_eq!(usize::from(u16::from_be_bytes([bytes[16], bytes[17]])), count);
        let float = |at: usize| f64::from(f32::from_be_bytes(bytes[at..at + 4].try_into().expect("four")));
        for (k, [x, y]) in hair.centreline_px.iter().enumerate() {
            let at = 64 + 4 * count;
            assert!((float(at + 4 * k) - x).abs() < 1e-3, "{file} x {k}");
            assert!((float(at + 4 * (count + k)) - y).abs() < 1e-3, "{file} y {k}");
        }
        let second = int(bytes, 60);
        assert_eq!(text(bytes, int(bytes, second + 16), int(bytes, second + 20)), name(hair));
        let width = float(second + 36);
        assert!((width - hair.width_px.unwrap_or(1.0)).abs() < 1e-3, "{file}");
        let told = text(bytes, int(bytes, second + 40), int(bytes, second + 44));
        assert!(told.starts_with(&format!("id: {}\n", hair.id)), "{told}");
        assert_eq!(told.contains("diameter_um: "), hair.diameter_um.is_some(), "{told}");
        assert_eq!(int(bytes, second + 40) + 2 * int(bytes, second + 44), bytes.len());
    }
}

#[test]
fn qupath_gets_lines_half_a_pixel_from_the_centres() {
    let measurement = fixture::measurement();
    let value: Value = serde_json::from_slice(&geojson(&measurement)).expect("JSON");
    let features = value["features"].as_array().expect("features");
    assert_eq!(features.len(), measurement.hairs.len());
    for (feature, hair) in features.iter().zip(&measurement.hairs) {
        assert_eq!(feature["geometry"]["type"], "LineString");
        let first = &feature["geometry"]["coordinates"][0];
        let [x, y] = hair.centreline_px[0];
        assert_eq!((first[0].as_f64(), first[1].as_f64()), (Some(x + 0.5), Some(y + 0.5)));
        let properties = &feature["properties"];
        assert_eq!(properties["measurements"]["diameter_um"].as_f64(), hair.diameter_um);
        assert_eq!(properties["classification"]["name"], group(hair));
        assert!(properties.get("regions").is_none());
    }
}

#[test]
fn hairs_name_the_regions_that_they_count_in() {
    let mut measurement = fixture::measurement();
    let region = Region { shape: RegionShape::Whole, area_px: 1, area_mm2: None, masked_fraction: 0.0 };
    let name = "front, \u{e9}\nback".to_owned();
    measurement.regions = vec![RegionSummary {
        name,
        region,
        summary: Default::default(),
        hairs: vec![measurement.hairs[0].id],
    }];
    let value: Value = serde_json::from_slice(&geojson(&measurement)).expect("JSON");
    assert_eq!(value["features"][0]["properties"]["regions"][0], "front, \u{e9}\nback");
    assert!(value["features"][1]["properties"].get("regions").is_none());
    assert!(properties(&measurement, &measurement.hairs[0]).contains("regions: front, \u{e9} back\n"));
}

#[test]
fn a_photo_without_hair_gives_files_without_rois() {
    let mut measurement = fixture::measurement();
    measurement.hairs.clear();
    assert!(files(roi_set(&measurement).expect("a zip")).is_empty());
    assert_eq!(geojson(&measurement), b"{\"type\":\"FeatureCollection\",\"features\":[]}\n");
}

#[test]
fn what_the_format_cannot_hold_is_said() {
    let mut measurement = fixture::measurement();
    measurement.hairs[3].centreline_px[0] = [40_000.0, 3.0];
    let error = roi_set(&measurement).expect_err("too far").to_string();
    assert!(error.contains("32,767") && error.contains("GeoJSON"), "{error}");
}
