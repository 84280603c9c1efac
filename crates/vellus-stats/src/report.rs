//! The analysis as text and as files: JSON and the [tables](crate::csv_tables).

use std::fmt::Write;
use std::io;
use std::path::Path;

use vellus_report::atomic;

use crate::csv_tables;
use crate::sample::Interval;
use crate::scales::Scale;
use crate::{Analysis, units};

/// What is not done here, and how it is.
pub const NOT_DONE: &str = "\
Not done: mixed models over visits and centres, corrections for several tests, imputation. In R, from the same tables:
  changes <- read.csv(\"tables/changes.csv\")
  density <- subset(changes, quantity == \"density_per_cm2\")
  lme4::lmer(difference ~ baseline + arm * factor(visit) + (1 | subject), data = density)
Arms are taken for independent: where a subject carries two, use a paired analysis.
A subject is one at a site: for areas of one scalp use (1 | subject/site) there, for centres (1 | site/subject).
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
    for (name, bytes) in csv_tables::tables(analysis)? {
        atomic::write(&folder.join(name), &bytes)?;
    }
    Ok(())
}

/// The quantities that the text shows; the tables have all.
const SHOWN: [&str; 4] =
    ["density_per_cm2", "mean_diameter_um", "matched_hair_diameter_um", "cumulative_thickness_mm_per_cm2"];

/// The analysis in words.
pub fn text(analysis: &Analysis) -> String {
    let mut text = String::new();
    subjects(&mut text, &analysis.subjects);
    scales(&mut text, &analysis.scales);
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

/// Most subjects that are named; the JSON file has all.
const MOST_NAMED: usize = 10;

fn subjects(text: &mut String, told: &units::Subjects) {
    if told.codes_at_several_sites > 0 {
        line(
            text,
            &format!(
                "{} subjects, one per site; codes that occur at several sites and are taken for a subject at each: {}",
                told.subjects, told.codes_at_several_sites
            ),
        );
    }
    let several = &told.with_several_arms;
    if !several.is_empty() {
        let named = several.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = several.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line(
            text,
            &format!(
                "In no comparison of arms, as their photos say several arms (shown as {}): {named}{more}",
                units::SEVERAL_ARMS
            ),
        );
    }
}

/// One line where all photos have one scale, one per visit and source where they differ.
fn scales(text: &mut String, told: &[Scale]) {
    let same = |a: &Scale, b: &Scale| {
        let of = |scale: &Scale| (scale.um_per_px_low, scale.um_per_px_high, scale.relative_error);
        a.source == b.source && of(a) == of(b)
    };
    // Tables without the columns say nothing of scales.
    let Some(first) = told.first().filter(|_| told.iter().any(|scale| scale.source.is_some())) else {
        return;
    };
    if told.iter().all(|scale| same(scale, first)) {
        let photos = told.iter().map(|scale| scale.photos).sum();
        line(text, &format!("Scale of the photos: {}", scale(first, photos)));
        return;
    }
    line(text, "Scales of the photos; sources and values that differ between visits may look like a change");
    for own in told {
        let visit = own.visit.as_deref().map_or("without visit".to_owned(), |visit| format!("visit {visit}"));
        line(text, &format!("  {visit}: {}", scale(own, own.photos)));
    }
}

fn scale(scale: &Scale, photos: usize) -> String {
    let (Some(low), Some(high), Some(source)) = (scale.um_per_px_low, scale.um_per_px_high, &scale.source)
    else {
        return format!("none; {photos} photos");
    };
    let value = if low == high { format!("{low}") } else { format!("{low} to {high}") };
    let error = scale.relative_error.map_or(String::new(), |error| {
        format!(" ± {:.1} % ({})", 100.0 * error, scale.error_basis.as_deref().unwrap_or("no basis"))
    });
    format!("{value} µm per px{error} from {source}; {photos} photos")
}

fn repeatability(text: &mut String, analysis: &Analysis) {
    if analysis.copies_left_out > 0 {
        line(
            text,
            &format!(
                "Left out of the repeatability: {} photos that are copies of another one of the visit",
                analysis.copies_left_out
            ),
        );
    }
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
                "  {}: SEM {} {}, smallest detectable change {:.2}, CV {}, ICC(2,1) {}, ICC(3,1) {}; {} groups, {} photos{}",
                told.quantity,
                interval(&told.sem),
                told.unit,
                told.smallest_detectable_change,
                told.cv_percent.map_or("–".to_owned(), |cv| format!("{cv:.1} %")),
                icc(told.icc_2_1),
                icc(told.icc_3_1),
                told.groups,
                told.photos,
                match told.icc_groups_left_out {
                    0 => String::new(),
                    left_out => format!("; {left_out} groups with other replicates are not in the ICC"),
                }
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
    if let Some(reference) = &analysis.reference_arm {
        let by = if analysis.reference_by == Some("given") { "as given" } else { "by its name" };
        line(text, &format!("Between arms; reference arm: {reference} ({by})"));
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
                p(ancova.and_then(|ancova| ancova.p)),
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

/// `3.21 (1.10 to 5.32)`; `3.21 (from 1.10)` where one end alone is known.
fn interval(interval: &Interval) -> String {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("{:.2} ({low:.2} to {high:.2})", interval.value),
        (Some(low), None) => format!("{:.2} (from {low:.2})", interval.value),
        (None, Some(high)) => format!("{:.2} (to {high:.2})", interval.value),
        (None, None) => format!("{:.2}", interval.value),
    }
}
