//! The analysis as text, as CSV tables and as JSON.

use std::fmt::Write;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use vellus_report::atomic;

use crate::Analysis;
use crate::sample::Interval;

/// What is not done here, and how it is.
pub const NOT_DONE: &str = "\
Not done: mixed models over visits and centres, corrections for several tests, imputation. In R, from the same tables:
  changes <- read.csv(\"tables/changes.csv\")
  density <- subset(changes, quantity == \"density_per_cm2\")
  lme4::lmer(difference ~ baseline + arm * factor(visit) + (1 | subject), data = density)
Arms are taken for independent: where a subject carries two, use a paired analysis.
";

/// Writes `stats.json` and a CSV table per part into a folder, which is made if it is missing.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, analysis: &Analysis) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut json = serde_json::to_vec_pretty(analysis)?;
    json.push(b'\n');
    atomic::write(&folder.join("stats.json"), &json)?;
    atomic::write(&folder.join("repeatability.csv"), &table(&analysis.repeatability)?)?;
    atomic::write(&folder.join("changes_by_arm.csv"), &table(&analysis.changes)?)?;
    atomic::write(&folder.join("differences.csv"), &table(&analysis.differences)?)?;
    atomic::write(&folder.join("sample_sizes.csv"), &table(&analysis.sample_sizes)?)?;
    atomic::write(&folder.join("missing.csv"), &table(&analysis.missing)?)
}

/// Records as CSV: what is nested gets a column each, `outer_inner`; nulls are empty. No record: no byte.
fn table(records: &[impl Serialize]) -> io::Result<Vec<u8>> {
    let mut rows: Vec<Vec<(String, String)>> = Vec::new();
    for record in records {
        let mut row = Vec::new();
        flatten("", &serde_json::to_value(record)?, &mut row);
        rows.push(row);
    }
    // A record whose part is null has fewer columns than one that has it.
    let Some(widest) = rows.iter().max_by_key(|row| row.len()) else { return Ok(Vec::new()) };
    let header: Vec<String> = widest.iter().map(|(name, _)| name.clone()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    for row in &rows {
        let cell =
            |name: &String| row.iter().find(|(own, _)| own == name).map_or("", |(_, cell)| cell.as_str());
        writer.write_record(header.iter().map(cell))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn flatten(name: &str, value: &Value, row: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = match (name, field.as_str()) {
                    ("", field) => field.to_owned(),
                    (name, "value") => name.to_owned(),
                    (name, field) => format!("{name}_{field}"),
                };
                flatten(&name, value, row);
            }
        }
        Value::Null => row.push((name.to_owned(), String::new())),
        Value::String(text) => row.push((name.to_owned(), text.clone())),
        other => row.push((name.to_owned(), other.to_string())),
    }
}

/// The quantities that the text shows; the tables have all.
const SHOWN: [&str; 4] =
    ["density_per_cm2", "mean_diameter_um", "matched_hair_diameter_um", "cumulative_thickness_mm_per_cm2"];

/// The analysis in words.
pub fn text(analysis: &Analysis) -> String {
    let mut text = String::new();
    repeatability(&mut text, analysis);
    changes(&mut text, analysis);
    sizes(&mut text, analysis);
    let missing = analysis
        .missing
        .iter()
        .filter(|row| row.without_photo + row.photos_not_measured + row.refused + row.no_baseline > 0);
    let mut missing = missing.peekable();
    if missing.peek().is_some() {
        line(&mut text, "Missing");
    }
    for row in missing {
        line(
            &mut text,
            &format!(
                "  {}, visit {}: of {} subjects {} without photo, {} refused, {} without baseline; {} of {} photos not measured",
                row.arm,
                row.visit,
                row.subjects,
                row.without_photo,
                row.refused,
                row.no_baseline,
                row.photos_not_measured,
                row.photos
            ),
        );
    }
    text.push_str(NOT_DONE);
    text
}

fn repeatability(text: &mut String, analysis: &Analysis) {
    if analysis.repeatability.is_empty() {
        line(
            text,
            "Repeatability: no visit has two photos of a subject and site; take replicates to have it.",
        );
        return;
    }
    line(text, "Repeatability, from replicates");
    for told in analysis.repeatability.iter().filter(|told| SHOWN.contains(&told.quantity)) {
        let icc = |icc: Option<Interval>| icc.map_or("–".to_owned(), |icc| interval(&icc));
        line(
            text,
            &format!(
                "  {}: SEM {} {}, smallest detectable change {:.2}, CV {}, ICC(2,1) {}, ICC(3,1) {}; {} groups, {} photos",
                told.quantity,
                interval(&told.sem),
                told.unit,
                told.smallest_detectable_change,
                told.cv_percent.map_or("–".to_owned(), |cv| format!("{cv:.1} %")),
                icc(told.icc_2_1),
                icc(told.icc_3_1),
                told.groups,
                told.photos
            ),
        );
    }
}

fn changes(text: &mut String, analysis: &Analysis) {
    let shown = |quantity: &str| SHOWN.contains(&quantity);
    if !analysis.changes.is_empty() {
        line(text, "Change from baseline");
    }
    for change in analysis.changes.iter().filter(|change| shown(&change.quantity)) {
        line(
            text,
            &format!(
                "  visit {}, {}, {}: {} {}, {} subjects, {} responders",
                change.visit,
                change.quantity,
                change.arm,
                interval(&change.change),
                change.unit,
                change.subjects,
                change.responders
            ),
        );
    }
    if !analysis.differences.is_empty() {
        line(text, "Between arms");
    }
    let p = |p: Option<f64>| {
        p.map_or("–".to_owned(), |p| if p < 1e-4 { "< 0.0001".to_owned() } else { format!("{p:.4}") })
    };
    for told in analysis.differences.iter().filter(|told| shown(&told.quantity)) {
        let ancova = told.ancova.as_ref();
        line(
            text,
            &format!(
                "  visit {}, {}, {} less {}: at equal baseline {} {}, p {}; Welch p {}, Mann-Whitney p {}, responders p {}",
                told.visit,
                told.quantity,
                told.arm,
                told.reference,
                ancova.map_or("–".to_owned(), |ancova| interval(&ancova.difference)),
                told.unit,
                p(ancova.map(|ancova| ancova.p)),
                p(told.welch_p),
                p(told.mann_whitney_p),
                p(told.responder_p)
            ),
        );
    }
}

fn sizes(text: &mut String, analysis: &Analysis) {
    let shown = analysis.sample_sizes.iter().filter(|size| {
        SHOWN[..2].contains(&size.quantity.as_str()) && size.effect_percent == 10.0 && size.power == 0.8
    });
    let mut shown = shown.peekable();
    if shown.peek().is_some() {
        line(text, "Subjects per arm to tell 10 % of the baseline with a power of 80 %");
    }
    for size in shown {
        let photos = if size.design == "change" { "as here" } else { "with two photos per visit" };
        line(
            text,
            &format!(
                "  visit {}, {}: {} {photos} (SD {:.2} {})",
                size.visit, size.quantity, size.subjects_per_arm, size.sd, size.unit
            ),
        );
    }
}

fn line(text: &mut String, words: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{words}");
}

/// `3.21 (1.10 to 5.32)`.
fn interval(interval: &Interval) -> String {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("{:.2} ({low:.2} to {high:.2})", interval.value),
        _ => format!("{:.2}", interval.value),
    }
}
