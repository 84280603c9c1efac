//! The page of one photo.

use askama::Template;
use image::RgbImage;
use serde::Serialize;
use serde_json::Value;
use vellus::{Estimate, Measurement, Protocol, RegionShape, Summary, Verdict};

use crate::chart::Plot;
use crate::doubts::{Badge, Doubt};
use crate::marks::{self, Mark, Ring};
use crate::method::{self, Fact};
use crate::numbers::{self, Figure, Row};
use crate::texts::{Language, Texts};
use crate::{PageError, assets, embed};

#[derive(Template)]
#[template(path = "measurement.html")]
struct Page<'a> {
    t: &'a Texts,
    css: &'static str,
    scripts: [&'static str; 3],
    title: String,
    file: String,
    badge: Badge,
    figures: Vec<Figure>,
    sentences: Vec<String>,
    doubts: Vec<Doubt>,
    corrected: Option<Corrected>,
    editable: bool,
    width: u32,
    height: u32,
    photo: String,
    marks: Vec<Mark>,
    rings: Vec<Ring>,
    region: Option<String>,
    layers: Vec<Layer>,
    rows: Vec<Row>,
    region_heads: [String; 6],
    /// One of several regions each.
    regions: Vec<[String; 6]>,
    histogram: Option<Plot>,
    facts: Vec<Fact>,
    limits: Vec<String>,
    protocol: String,
    data: String,
}

/// A switch for a kind of mark.
pub(crate) struct Layer {
    /// Its class in the page.
    pub class: &'static str,
    pub name: String,
    /// How many of it are drawn.
    pub count: usize,
    pub on: bool,
    /// Whether it is told on paper.
    pub printed: bool,
}

/// What a reader had corrected before this was measured.
struct Corrected {
    sentence: String,
    /// Quantity, automatic, corrected.
    rows: Vec<[String; 3]>,
}

/// What the scripts read.
#[derive(Serialize)]
struct Data<'a> {
    image: Image<'a>,
    stem: String,
    software: &'a str,
    um_per_px: Option<f64>,
    /// As `--region` takes it; empty for the whole photo.
    region: String,
    /// Whether a parameter differs from its default, so that the protocol's file has to be given again.
    other_protocol: bool,
    /// Whether the region cannot be written into the command, so that its options have to be given again.
    other_region: bool,
    /// How far the ends of a corrected hair may lie from those of one found, px, as the program has it.
    reach_px: f64,
    editable: bool,
    fields: &'a [String],
    hairs: Vec<marks::Facts>,
    words: std::collections::BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Image<'a> {
    path: String,
    width_px: u32,
    height_px: u32,
    content_hash: &'a str,
}

/// The page of one photo, on which its hairs can be corrected.
///
/// `photo` must be the measured one with its orientation applied, as the measurement's coordinates are.
///
/// # Errors
/// [`PageError`], none of which a photo or a measurement can cause by what is in it.
pub fn measurement_page(
    photo: &RgbImage,
    measurement: &Measurement,
    language: Language,
) -> Result<String, PageError> {
    let texts = &Texts::of(language)?;
    let file = method::file_name(measurement);
    let record = serde_json::to_value(measurement)?;
    let corrected = corrected(&record, texts);
    let editable = corrected.is_none() && measurement.quality.verdict != Verdict::Fail;
    let mut fields = marks::fields(texts);
    let mut facts = marks::facts(measurement, texts);
    if corrected.is_some() {
        fields.push(texts.get("hair.origin").to_owned());
        for (fact, hair) in facts.iter_mut().zip(record["hairs"].as_array().into_iter().flatten()) {
            let origin = hair["origin"].as_str().unwrap_or("automatic");
            fact.values.push(texts.find(&format!("origin.{origin}")).unwrap_or(origin).to_owned());
        }
    }
    let hairs = marks::marks(measurement);
    let rings = marks::rings(measurement);
    let data = Data {
        image: Image {
            path: file.clone(),
            width_px: measurement.image.width_px,
            height_px: measurement.image.height_px,
            content_hash: &measurement.image.content_hash,
        },
        stem: method::stem(measurement),
        software: &measurement.software,
        um_per_px: measurement.calibration.map(|scale| scale.um_per_px),
        region: asked_region(&measurement.region.shape),
        other_protocol: other_protocol(&measurement.protocol),
        other_region: other_region(&measurement.region.shape),
        reach_px: reach_px(measurement),
        editable,
        fields: &fields,
        hairs: facts,
        words: texts.table("js"),
    };
    let page = Page {
        t: texts,
        css: assets::CSS,
        scripts: [assets::VIEW, assets::EDIT, assets::START],
        title: texts.fill("page.measurement", &[("file", &file)]),
        badge: Badge::of(measurement.quality.verdict, texts),
        figures: numbers::figures(measurement, texts),
        sentences: sentences(measurement, texts),
        doubts: Doubt::all(&measurement.quality.findings, "", texts),
        corrected,
        editable,
        width: measurement.image.width_px,
        height: measurement.image.height_px,
        photo: embed::data_uri(photo, embed::BUDGET_BYTES)?,
        layers: layers(&hairs, rings.len(), measurement, editable, texts),
        marks: hairs,
        rings,
        region: marks::region(&measurement.region.shape),
        rows: numbers::rows(measurement, texts),
        region_heads: numbers::region_heads(texts),
        regions: numbers::regions(measurement, texts),
        histogram: histogram(&measurement.summary, texts),
        facts: method::facts(measurement, texts),
        limits: method::limits(texts),
        protocol: method::protocol(measurement)?,
        data: in_script(&data)?,
        file,
    };
    Ok(page.render()?)
}

/// The value of `--region` that asks for it; nothing for the whole photo.
fn asked_region(shape: &RegionShape) -> String {
    match shape {
        RegionShape::Whole => String::new(),
        RegionShape::Rectangle { x_px, y_px, width_px, height_px } => {
            format!("rect:{x_px},{y_px},{width_px},{height_px}")
        }
        RegionShape::Circle { centre_px: [x, y], radius_px } => format!("circle:{x},{y},{radius_px}"),
        RegionShape::Polygon { corners_px } => {
            let corners: Vec<String> = corners_px.iter().map(|[x, y]| format!("{x},{y}")).collect();
            format!("polygon:{}", corners.join(","))
        }
        // One option cannot say these: the page tells to give the same ones again.
        RegionShape::Outline { .. } | RegionShape::Parts { .. } => String::new(),
    }
}

/// Whether the region came from a mask, from GeoJSON or from several options, so that [`asked_region`] cannot ask for it.
fn other_region(shape: &RegionShape) -> bool {
    matches!(shape, RegionShape::Outline { .. } | RegionShape::Parts { .. })
}

/// Whether a parameter has another value than its default; scale and region have options of their own.
fn other_protocol(protocol: &Protocol) -> bool {
    let usual = Protocol::default();
    Protocol { um_per_px: usual.um_per_px, region: usual.region.clone(), ..protocol.clone() } != usual
}

/// 30 µm, at least 6 px; without a scale as if a pixel were 5 µm.
fn reach_px(measurement: &Measurement) -> f64 {
    (30.0 / measurement.calibration.map_or(5.0, |scale| scale.um_per_px)).max(6.0)
}

/// JSON that can stand inside a script element, whatever names are in it.
pub(crate) fn in_script(data: &impl Serialize) -> Result<String, PageError> {
    Ok(serde_json::to_string(data)?.replace('<', "\\u003c").replace('\u{2028}', "\\u2028"))
}

fn layers(
    marks: &[Mark],
    units: usize,
    measurement: &Measurement,
    editable: bool,
    texts: &Texts,
) -> Vec<Layer> {
    let count = |class: &str| marks.iter().filter(|mark| mark.class == class).count();
    let layer = |class, count, on| Layer {
        class,
        name: match class {
            "widths" if measurement.calibration.is_none() => texts.get("layer.widths_px").to_owned(),
            _ => texts.get(&format!("layer.{class}")).to_owned(),
        },
        count,
        on,
        printed: on && count > 0,
    };
    let mut layers: Vec<Layer> = ["t", "v", "u", "n"]
        .into_iter()
        .map(|class| layer(class, count(class), true))
        .filter(|layer| layer.count > 0)
        .collect();
    let labels = marks.iter().filter(|mark| mark.label.is_some()).count();
    layers.push(layer("widths", labels, false));
    layers.push(layer("units", units, true));
    if marks::region(&measurement.region.shape).is_some() {
        layers.push(layer("region", 1, true));
    }
    if editable {
        layers.push(layer("edits", 0, true));
    }
    layers
}

/// The summary that a patient understands.
fn sentences(measurement: &Measurement, texts: &Texts) -> Vec<String> {
    let summary = &measurement.summary;
    if measurement.quality.verdict == Verdict::Fail {
        return vec![texts.get("summary.fail").to_owned(), texts.get("summary.no_diagnosis").to_owned()];
    }
    let count = summary.hair_count.to_string();
    let mut sentences = Vec::new();
    match (summary.density_per_cm2, summary.density_ci95_per_cm2, measurement.region.area_mm2) {
        // An interval from nothing would promise that there is nothing.
        _ if summary.hair_count == 0 => sentences.push(texts.get("summary.none").to_owned()),
        (Some(density), Some(ci95), Some(area)) => sentences.push(texts.fill(
            "summary.density",
            &[
                ("count", &count),
                ("area", &format!("{area:.1}")),
                ("density", &format!("{density:.0}")),
                ("range", &texts.range(ci95, 0)),
            ],
        )),
        _ => sentences.push(texts.fill("summary.count", &[("count", &count)])),
    }
    if let Some(mean) = measurement.mean_diameter() {
        let values = [("mean", format!("{:.0}", mean.value)), ("range", texts.range(mean.ci95, 0))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        sentences.push(texts.fill("summary.diameter", &values));
    }
    if let (Some(terminal), Some(vellus), 1..) =
        (summary.terminal_count, summary.vellus_count, summary.hair_count)
    {
        let values = [("terminal", terminal.to_string()), ("vellus", vellus.to_string())];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        sentences.push(texts.fill("summary.classes", &values));
    }
    let quality = if measurement.quality.verdict == Verdict::Pass { "summary.pass" } else { "summary.warn" };
    sentences.push(texts.get(quality).to_owned());
    sentences.push(texts.get("summary.field").to_owned());
    sentences.push(texts.get("summary.no_diagnosis").to_owned());
    sentences
}

fn histogram(summary: &Summary, texts: &Texts) -> Option<Plot> {
    let histogram = summary.diameter_histogram.as_ref()?;
    let most = f64::from(*histogram.counts.iter().max()?);
    let (width, bins) = (histogram.bin_width_um, histogram.counts.len());
    let titles = ["quantity.diameter_um", "quantity.hairs"].map(|key| texts.get(key).to_owned());
    let label = texts.get("histogram.label").to_owned();
    let mut plot = Plot::new(label, titles, [0.0, width * bins as f64], [0.0, most.max(1.0)]).x_scale();
    for (i, &count) in histogram.counts.iter().enumerate() {
        let (from, to) = (width * i as f64, width * (i + 1) as f64);
        let fine = summary.vellus_limit_um.is_some_and(|limit| to <= limit + 1e-9);
        if count > 0 {
            plot.bar(
                [from, to],
                f64::from(count),
                if fine { "v" } else { "t" },
                format!("{from:.0}–{to:.0} µm: {count}"),
            );
        }
    }
    Some(plot)
}

/// The record's `corrections`, which is there when a corrections file was applied.
fn corrected(record: &Value, texts: &Texts) -> Option<Corrected> {
    let corrections = record["corrections"].as_object()?;
    let number = |key: &str| corrections.get(key).and_then(Value::as_u64).unwrap_or(0).to_string();
    let readers: Vec<&str> = corrections["readers"].as_array()?.iter().filter_map(Value::as_str).collect();
    let keys = [
        "automatic_hairs",
        "added",
        "removed",
        "split",
        "merged",
        "turned",
        "not_scalp_regions",
        "not_applied",
    ];
    let mut values: Vec<(&str, String)> = keys.map(|key| (key, number(key))).to_vec();
    values.push(("readers", readers.join(", ")));
    let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let rows = [
        ("quantity.count", "hair_count", "hair_count_ci95", 0),
        ("quantity.density", "density_per_cm2", "density_ci95_per_cm2", 1),
        ("quantity.mean_diameter", "mean_diameter_um", "", 1),
        ("quantity.terminal_all", "terminal_count", "", 0),
        ("quantity.vellus_all", "vellus_count", "", 0),
    ];
    let rows = rows.map(|(name, key, ci95, decimals)| {
        let of = |summary: &Value| {
            let Some(value) = summary[key].as_f64() else { return "–".to_owned() };
            let stated =
                summary[ci95].as_array().and_then(|ends| Some([ends[0].as_f64()?, ends[1].as_f64()?]));
            let ends = if key == "mean_diameter_um" { mean_ci95(summary, value) } else { stated };
            let interval =
                ends.map_or_else(|| texts.get("number.none").to_owned(), |ends| texts.range(ends, decimals));
            format!("{} ({interval})", vellus_report::number(value, decimals))
        };
        [texts.get(name).to_owned(), of(&corrections["automatic_summary"]), of(&record["summary"])]
    });
    Some(Corrected { sentence: texts.fill("corrected.sentence", &values), rows: rows.to_vec() })
}

/// The interval of the mean diameter, as [`Measurement::mean_diameter`] has it, from a summary alone.
fn mean_ci95(summary: &Value, mean: f64) -> Option<[f64; 2]> {
    let counts = summary["diameter_histogram"]["counts"].as_array()?;
    let hairs: f64 = counts.iter().filter_map(Value::as_f64).sum();
    let sd = summary["diameter_sd_um"].as_f64()?;
    (hairs > 0.0).then(|| Estimate::non_negative(mean, sd / hairs.sqrt()).ci95)
}

#[cfg(test)]
#[path = "measurement_tests.rs"]
mod tests;
