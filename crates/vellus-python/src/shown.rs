//! A record's JSON → what is shown of it.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use numpy::{IntoPyArray, PyArray3};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vellus::{Comparison, DecodeLimits, Measurement, Protocol, Series};
use vellus_page::Language;
use vellus_report::overlay::{OverlayStyle, change, overlay};
use vellus_report::table::TableStyle;
use vellus_report::{change_csv, comparison_table, csv, rois as roi_files, series_table};

use crate::errors;
use crate::source::Source;
use crate::threads::shared;

/// Hairs keep their edges, and a photo of a megapixel takes some 400 kB.
const JPEG_QUALITY: u8 = 85;

/// A record of any kind.
enum Record {
    Measurement(Box<Measurement>),
    Comparison(Box<Comparison>),
    Series(Box<Series>),
}

impl Record {
    fn parse(text: &str) -> PyResult<Self> {
        #[derive(serde::Deserialize)]
        struct Named {
            schema: String,
        }
        let named: Named = parse(text)?;
        match named.schema.as_str() {
            vellus::measurement::MEASUREMENT_SCHEMA => Ok(Self::Measurement(Box::new(parse(text)?))),
            vellus::comparison::COMPARISON_SCHEMA => Ok(Self::Comparison(Box::new(parse(text)?))),
            vellus::series::SERIES_SCHEMA => Ok(Self::Series(Box::new(parse(text)?))),
            other => Err(errors::record(format!(
                "the schema '{other}' is none that vellus {} reads: measurements, comparisons and series of version 1",
                vellus::VERSION
            ))),
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text)
        .map_err(|error| errors::record(format!("this is no record of vellus ({error})")))
}

fn json(record: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(record).map_err(errors::record)
}

/// Checks a record against its schema and writes it as vellus does.
#[pyfunction]
pub fn read(py: Python<'_>, text: &str) -> PyResult<String> {
    py.detach(|| match Record::parse(text)? {
        Record::Measurement(record) => json(&record),
        Record::Comparison(record) => json(&record),
        Record::Series(record) => json(&record),
    })
}

/// The summary, as the command line prints it.
#[pyfunction]
pub fn table(text: &str) -> PyResult<String> {
    let style = TableStyle { colour: false };
    Ok(match Record::parse(text)? {
        Record::Measurement(record) => vellus_report::table::summary(&record, style),
        Record::Comparison(record) => comparison_table::summary(&record, style),
        Record::Series(record) => series_table::summary(&record, style),
    })
}

/// A row per hair of a measurement, as CSV.
#[pyfunction]
pub fn hairs_csv(text: &str) -> PyResult<String> {
    let measurement: Measurement = parse(text)?;
    let mut table = csv::HairTable::new(Vec::new()).map_err(errors::record)?;
    table.add(&measurement).map_err(errors::record)?;
    utf8(table.finish().map_err(errors::record)?)
}

/// What became of each hair of a comparison, as CSV.
#[pyfunction]
pub fn changes_csv(text: &str) -> PyResult<String> {
    let mut csv = Vec::new();
    change_csv::write_comparison(&mut csv, &parse(text)?).map_err(errors::record)?;
    utf8(csv)
}

/// A row per hair and visit of a series, as CSV.
#[pyfunction]
pub fn tracks_csv(text: &str) -> PyResult<String> {
    let mut csv = Vec::new();
    change_csv::write_series(&mut csv, &parse(text)?).map_err(errors::record)?;
    utf8(csv)
}

fn utf8(bytes: Vec<u8>) -> PyResult<String> {
    String::from_utf8(bytes).map_err(errors::record)
}

/// A photo to draw on, which must be the one that was measured.
fn picture(photo: Source, measurement: &Measurement) -> PyResult<image::RgbImage> {
    let name = photo.name();
    let photo = photo.open(&measurement.protocol.decode)?;
    if photo.content_hash != measurement.image.content_hash {
        return Err(errors::photo(format!("{name} is not the photo that was measured: its content differs")));
    }
    photo.rgb8().ok_or_else(|| errors::photo(format!("{name} has too few pixels")))
}

fn array(py: Python<'_>, picture: image::RgbImage) -> PyResult<Bound<'_, PyArray3<u8>>> {
    let shape = (picture.height() as usize, picture.width() as usize, 3);
    let array = ndarray::Array3::from_shape_vec(shape, picture.into_raw()).map_err(errors::record)?;
    Ok(array.into_pyarray(py))
}

/// The photo with every hair outlined: an array of shape (height, width, 3).
#[pyfunction]
pub fn measurement_overlay<'py>(
    py: Python<'py>,
    text: &str,
    photo: Source,
) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let drawn = shared(py, || {
        let measurement: Measurement = parse(text)?;
        Ok::<_, PyErr>(overlay(&picture(photo, &measurement)?, &measurement, &OverlayStyle::default()))
    })?;
    array(py, drawn)
}

/// Both photos side by side, in register: an array of shape (height, width, 3).
#[pyfunction]
pub fn comparison_overlay<'py>(
    py: Python<'py>,
    text: &str,
    baseline: Source,
    follow_up: Source,
) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let drawn = shared(py, || {
        let comparison: Comparison = parse(text)?;
        let before = picture(baseline, &comparison.baseline)?;
        let after = picture(follow_up, &comparison.follow_up)?;
        Ok::<_, PyErr>(change(&before, &after, &comparison, &OverlayStyle::default()))
    })?;
    array(py, drawn)
}

/// A picture as JPEG, for a notebook.
#[pyfunction]
pub fn jpeg<'py>(py: Python<'py>, picture: Source) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = shared(py, || {
        let picture = rgb8(picture)?;
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        let (width, height) = picture.dimensions();
        encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8).map_err(errors::record)?;
        Ok::<_, PyErr>(bytes)
    })?;
    Ok(PyBytes::new(py, &bytes))
}

/// The pixels of a photo: an array of shape (height, width, 3).
#[pyfunction]
pub fn pixels(py: Python<'_>, photo: Source) -> PyResult<Bound<'_, PyArray3<u8>>> {
    let picture = shared(py, || rgb8(photo))?;
    array(py, picture)
}

/// For pictures of vellus' own, which are as large as what they show.
const ANY_SIZE: DecodeLimits =
    DecodeLimits { max_pixels: u64::MAX, max_file_bytes: u64::MAX, max_memory_bytes: u64::MAX };

fn rgb8(photo: Source) -> PyResult<image::RgbImage> {
    let name = photo.name();
    let photo = photo.open(&ANY_SIZE)?;
    photo.rgb8().ok_or_else(|| errors::photo(format!("{name} has too few pixels")))
}

fn language(tag: &str) -> PyResult<Language> {
    match tag {
        "en" => Ok(Language::En),
        "de" => Ok(Language::De),
        "hi" => Ok(Language::Hi),
        _ => Err(errors::input(format!("there is no language '{tag}'; give en, de or hi"))),
    }
}

/// The page of a measurement, as HTML.
#[pyfunction]
pub fn measurement_page(py: Python<'_>, text: &str, photo: Source, tag: &str) -> PyResult<String> {
    let language = language(tag)?;
    shared(py, || {
        let measurement: Measurement = parse(text)?;
        let picture = picture(photo, &measurement)?;
        vellus_page::measurement_page(&picture, &measurement, language).map_err(errors::record)
    })
}

/// The page of a comparison, as HTML.
#[pyfunction]
pub fn comparison_page(
    py: Python<'_>,
    text: &str,
    baseline: Source,
    follow_up: Source,
    tag: &str,
) -> PyResult<String> {
    let language = language(tag)?;
    shared(py, || {
        let comparison: Comparison = parse(text)?;
        let pictures = [picture(baseline, &comparison.baseline)?, picture(follow_up, &comparison.follow_up)?];
        vellus_page::comparison_page(&pictures, &comparison, language).map_err(errors::record)
    })
}

/// The shafts as an ImageJ `RoiSet.zip` (`zip`) or as GeoJSON for QuPath (`geojson`).
#[pyfunction]
pub fn rois<'py>(py: Python<'py>, text: &str, format: &str) -> PyResult<Bound<'py, PyBytes>> {
    let measurement: Measurement = parse(text)?;
    let bytes = match format {
        "zip" => roi_files::roi_set(&measurement).map_err(errors::record)?,
        "geojson" => roi_files::geojson(&measurement),
        _ => return Err(errors::input(format!("'{format}' is no kind of ROIs: give zip or geojson"))),
    };
    Ok(PyBytes::new(py, &bytes))
}

/// The default protocol as JSON.
#[pyfunction]
pub fn protocol() -> PyResult<String> {
    json(&Protocol::default())
}

/// The JSON schema of a record.
#[pyfunction]
pub fn schema(name: &str) -> PyResult<String> {
    use vellus_report::schema::Schema;
    let schema = match name {
        "measurement" => Schema::Measurement,
        "comparison" => Schema::Comparison,
        "series" => Schema::Series,
        "protocol" => Schema::Protocol,
        "corrections" => Schema::Corrections,
        _ => {
            let message = format!(
                "there is no schema '{name}': give measurement, comparison, series, protocol or corrections"
            );
            return Err(errors::input(message));
        }
    };
    Ok(schema.text())
}
