//! The shafts as regions of interest: for ImageJ a `RoiSet.zip`, for QuPath GeoJSON.
//!
//! | | ImageJ ([`roi_set`]) | QuPath ([`geojson`]) |
//! |---|---|---|
//! | a hair is | a segmented line, as wide as the shaft | a line annotation |
//! | its values | properties of the ROI | measurements of the annotation; class, name |
//! | origin | centre of the top-left pixel, as in the record: ImageJ takes lines so | its outer corner, half a pixel before |
//!
//! All hairs are in it, counted or not, from root to tip. Lengths along the axes are px of the upright photo.

mod imagej;

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use vellus::{Hair, HairClass, Measurement};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::overlay::colour;

/// From the centre of a pixel to its outer corner, px.
const HALF_PX: f64 = 0.5;

/// `RoiSet.zip`: an ROI per hair, in the order of the record.
///
/// # Errors
/// A hair lies beyond what the format holds, 32,767 px.
pub fn roi_set(measurement: &Measurement) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
    // Neither time nor compression: equal records give equal bytes.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for hair in &measurement.hairs {
        archive.start_file(format!("{}.roi", name(hair)), options)?;
        archive.write_all(&imagej::line(hair, &name(hair), &properties(measurement, hair))?)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// GeoJSON (RFC 7946, in px): a feature per hair, in the order of the record.
pub fn geojson(measurement: &Measurement) -> Vec<u8> {
    let features: Vec<Value> = measurement.hairs.iter().map(|hair| feature(measurement, hair)).collect();
    let mut text = json!({"type": "FeatureCollection", "features": features}).to_string().into_bytes();
    text.push(b'\n');
    text
}

fn feature(measurement: &Measurement, hair: &Hair) -> Value {
    let course: Vec<[f64; 2]> = hair.centreline_px.iter().map(|p| p.map(|v| v + HALF_PX)).collect();
    let numbers: Map<String, Value> =
        values(hair).filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    let mut properties = json!({
        "objectType": "annotation",
        "name": name(hair),
        "classification": {"name": group(hair), "color": colour(hair)},
        "measurements": numbers,
        "id": hair.id,
        "counted": hair.counted,
    });
    let regions = regions(measurement, hair);
    if !regions.is_empty() {
        properties["regions"] = json!(regions);
    }
    json!({"type": "Feature", "geometry": {"type": "LineString", "coordinates": course}, "properties": properties})
}

/// `hair-0007`, so that names sort as ids do.
fn name(hair: &Hair) -> String {
    format!("hair-{:04}", hair.id)
}

/// What its colour stands for.
fn group(hair: &Hair) -> &'static str {
    match (hair.counted, hair.class) {
        (false, _) => "not counted",
        (true, Some(HairClass::Terminal)) => "terminal",
        (true, Some(HairClass::Vellus)) => "vellus",
        (true, None) => "hair",
    }
}

/// Its numbers by the names of the record.
fn values(hair: &Hair) -> impl Iterator<Item = (&'static str, Option<f64>)> {
    [
        ("diameter_um", hair.diameter_um),
        ("diameter_se_um", hair.diameter_se_um),
        ("width_px", hair.width_px),
        ("length_um", hair.length_um),
        ("length_px", Some(hair.length_px)),
        ("confidence", Some(hair.confidence)),
        ("follicular_unit", hair.follicular_unit.map(f64::from)),
    ]
    .into_iter()
}

/// Names of the regions that it counts in, where there are several.
fn regions<'a>(measurement: &'a Measurement, hair: &Hair) -> Vec<&'a str> {
    let of = measurement.regions.iter().filter(|region| region.hairs.contains(&hair.id));
    of.map(|region| region.name.as_str()).collect()
}

/// A line per value, as ImageJ keeps properties.
fn properties(measurement: &Measurement, hair: &Hair) -> String {
    let mut text = format!("id: {}\nclass: {}\ncounted: {}\n", hair.id, group(hair), hair.counted);
    for (name, value) in values(hair) {
        if let Some(value) = value {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    let regions = regions(measurement, hair);
    if !regions.is_empty() {
        text.push_str(&format!("regions: {}\n", regions.join("; ").replace('\n', " ")));
    }
    text
}

#[cfg(test)]
#[path = "rois_tests.rs"]
mod tests;
