//! How the numbers came about: enough to repeat them.

use vellus::{CalibrationSource, Measurement, RegionShape};

use crate::PageError;
use crate::doubts::word;
use crate::texts::Texts;

/// A term and what it is.
pub struct Fact {
    pub term: String,
    pub value: String,
}

/// The file's name without its folders.
pub fn file_name(measurement: &Measurement) -> String {
    let path = measurement.image.path.as_deref().unwrap_or("photo");
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

/// The file's name without its ending, as `Path::file_stem` gives it.
pub fn stem(measurement: &Measurement) -> String {
    let name = file_name(measurement);
    match name.rfind('.') {
        Some(i) if i > 0 => name[..i].to_owned(),
        _ => name,
    }
}

/// Facts about one photo. `named` says its file first.
pub fn facts(measurement: &Measurement, texts: &Texts) -> Vec<Fact> {
    let image = &measurement.image;
    let fact = |key: &str, value: String| Fact { term: texts.get(key).to_owned(), value };
    let scale = match measurement.calibration {
        None => texts.get("method.no_scale").to_owned(),
        Some(scale) => {
            let source = match scale.source {
                CalibrationSource::Flag => "method.scale_given",
                CalibrationSource::FieldWidth => "method.scale_field_width",
                CalibrationSource::Protocol => "method.scale_protocol",
                CalibrationSource::SiteFile => "method.scale_site_file",
                CalibrationSource::ScaleBar => "method.scale_bar",
                CalibrationSource::Dicom => "method.scale_dicom",
                CalibrationSource::FileResolution => "method.scale_file",
            };
            format!(
                "{} µm/px ± {:.1} %, {}",
                scale.um_per_px,
                100.0 * scale.relative_error,
                texts.get(source)
            )
        }
    };
    let size =
        format!("{} × {} px, {} bit, {}", image.width_px, image.height_px, image.bit_depth, image.format);
    let mut facts = vec![
        fact("method.photo", file_name(measurement)),
        fact("method.size", size),
        fact("method.hash", image.content_hash.clone()),
        fact("method.scale", scale),
        fact("method.region", region(measurement, texts)),
    ];
    if let Some(blur) = measurement.quality.blur_sigma_px {
        let over_field = match measurement.quality.blur_range_px {
            Some([least, most]) if most > least => format!("; {least:.2}–{most:.2}"),
            _ => String::new(),
        };
        facts.push(fact("method.blur", format!("{blur:.2} px (σ{over_field})")));
    }
    facts.push(fact("method.decoder", image.decoder.clone()));
    facts.push(fact("method.colours", in_words("colour_space", &image.colour_space, texts)));
    facts.push(fact("method.software", measurement.software.clone()));
    facts.push(fact("method.schema", measurement.schema.clone()));
    facts
}

/// `9.80 mm², whole photo, less 3.1 % that is not scalp`.
pub fn region(measurement: &Measurement, texts: &Texts) -> String {
    let region = &measurement.region;
    let area = match region.area_mm2 {
        Some(area) => format!("{area:.2} mm²"),
        None => format!("{} px²", region.area_px),
    };
    let shape = match region.shape {
        RegionShape::Whole => "region.whole",
        RegionShape::Rectangle { .. } => "region.rectangle",
        RegionShape::Circle { .. } => "region.circle",
        RegionShape::Polygon { .. } => "region.polygon",
        RegionShape::Outline { .. } => "region.outline",
        RegionShape::Parts { .. } => "region.parts",
    };
    let mut words = format!("{area}, {}", texts.get(shape));
    if region.masked_fraction > 0.0 {
        let share = format!("{:.1} %", 100.0 * region.masked_fraction);
        words.push_str(", ");
        words.push_str(&texts.fill("region.less", &[("share", &share)]));
    }
    words
}

/// Every parameter, as it was used.
pub fn protocol(measurement: &Measurement) -> Result<String, PageError> {
    Ok(serde_json::to_string_pretty(&measurement.protocol)?)
}

/// What the method cannot tell, in words.
pub fn limits(texts: &Texts) -> Vec<String> {
    texts.table("limits").into_values().map(str::to_owned).collect()
}

/// `terminal`, `root_outside_region` and so on, in the page's words.
pub fn in_words(table: &str, value: &impl serde::Serialize, texts: &Texts) -> String {
    let word = word(value);
    texts.find(&format!("{table}.{word}")).map_or(word.clone(), str::to_owned)
}
