//! The readable summary of one measurement.
//!
//! Rows are quantity, value, unit and what belongs to it (95 % interval, limits, parts). What the photo cannot carry has
//! no row: without a scale there is nothing in µm or per cm², and a failed photo has its reason and no numbers.

use std::fmt::Write;

use vellus::{AppliedCorrections, Estimate, Measurement, NotCounted, RegionShape, Summary, Verdict};

pub use crate::text::TableStyle;
use crate::text::{Paint, columns, findings, range, scale};

/// The summary of one measurement as text, with a final line feed.
pub fn summary(measurement: &Measurement, style: TableStyle) -> String {
    let mut text = style.paint(Paint::Bold, &heading(measurement));
    text.push('\n');
    let verdict = measurement.quality.verdict;
    if verdict != Verdict::Fail {
        let mut rows = Rows::default();
        rows.fill(measurement);
        let _ = writeln!(text, "{}", rows.table());
        if !measurement.regions.is_empty() {
            let _ = writeln!(text, "{}\n", regions(measurement));
        }
    }
    let word = match verdict {
        Verdict::Pass => style.paint(Paint::Green, "pass"),
        Verdict::Warn => style.paint(Paint::Yellow, "warn: the numbers stand, with the reservation below"),
        Verdict::Fail => style.paint(Paint::Red, "fail: this photo cannot be measured"),
    };
    let _ = writeln!(text, "  Verdict  {word}");
    findings(&mut text, measurement.quality.findings.iter().map(|finding| ("", finding)), style);
    text
}

/// A row per region.
fn regions(measurement: &Measurement) -> String {
    let scaled = measurement.calibration.is_some();
    let names = if scaled {
        ["Region", "mm²", "Hairs", "per cm²", "Mean µm", "Units"]
    } else {
        ["Region", "px²", "Hairs", "", "", "Units"]
    };
    let number =
        |value: Option<f64>, decimals: usize| value.map_or(String::new(), |v| format!("{v:.decimals$}"));
    let rows = measurement.regions.iter().map(|part| {
        let summary = &part.summary;
        let area = part.region.area_mm2.map_or(part.region.area_px.to_string(), |area| format!("{area:.2}"));
        [
            part.name.clone(),
            area,
            summary.hair_count.to_string(),
            number(summary.density_per_cm2, 1),
            number(summary.mean_diameter_um, 1),
            summary.unit_count.map_or(String::new(), |count| count.to_string()),
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(names.map(str::to_owned)).chain(rows).collect();
    columns(&rows, &[1, 2, 3, 4, 5])
}

fn heading(measurement: &Measurement) -> String {
    let image = &measurement.image;
    let scale = scale(measurement.calibration);
    let path = image.path.as_deref().unwrap_or("photo");
    format!("{path}  ·  {} × {} px  ·  {scale}", image.width_px, image.height_px)
}

#[derive(Default)]
struct Rows(Vec<[String; 4]>);

impl Rows {
    fn add(&mut self, quantity: &str, value: String, unit: &str, remark: String) {
        self.0.push([quantity.to_owned(), value, unit.to_owned(), remark]);
    }

    fn number(&mut self, quantity: &str, value: Option<f64>, decimals: usize, unit: &str, remark: String) {
        if let Some(value) = value {
            self.add(quantity, format!("{value:.decimals$}"), unit, remark);
        }
    }

    fn count(&mut self, quantity: &str, value: Option<u32>, remark: String) {
        if let Some(value) = value {
            self.add(quantity, value.to_string(), "", remark);
        }
    }

    fn fill(&mut self, measurement: &Measurement) {
        let summary = &measurement.summary;
        self.count("Hairs counted", Some(summary.hair_count), interval(summary.hair_count_ci95, 0));
        self.corrected(measurement);
        self.not_counted(measurement);
        self.number(
            "Density",
            summary.density_per_cm2,
            1,
            "per cm²",
            interval(summary.density_ci95_per_cm2, 1),
        );
        let mean_ci95 = measurement.mean_diameter().map(|estimate| estimate.ci95);
        self.number("Diameter, mean", summary.mean_diameter_um, 1, "µm", interval(mean_ci95, 1));
        let tenths =
            summary.diameter_percentiles_um.map(|[p10, .., p90]| format!("80 % from {p10:.1} to {p90:.1}"));
        let median = summary.median_diameter_um;
        self.number("Diameter, median", median, 1, "µm", tenths.unwrap_or_default());
        let unlike = summary.unlike_diameter_fraction.map(|share| 100.0 * share);
        let unlike = unlike.map(|percent| format!("{percent:.0} % are more than 20 % off the mean"));
        self.number("Diameter, SD over hairs", summary.diameter_sd_um, 1, "µm", unlike.unwrap_or_default());
        if measurement.calibration.is_none() {
            self.number("Width, mean", summary.mean_width_px, 1, "px", String::new());
        }
        self.classes(summary);
        let thickness = summary.cumulative_thickness_mm_per_cm2;
        let thickness_ci95 = interval(summary.cumulative_thickness_ci95_mm_per_cm2, 2);
        self.number("Cumulative thickness", thickness, 2, "mm/cm²", thickness_ci95);
        let covered = summary.hair_area_fraction.map(|fraction| 100.0 * fraction);
        self.number("Area covered by hair", covered, 1, "%", String::new());
        self.count("Follicular units", summary.unit_count, by_hairs(summary));
        self.number("Unit density", summary.units_per_cm2, 1, "per cm²", String::new());
        self.number("Hairs per unit", summary.hairs_per_unit, 2, "", String::new());
        let distance = summary.unit_neighbour_distance_um;
        self.number("Distance to the next unit", distance, 0, "µm", String::new());
        match summary.mean_length_um {
            Some(length) => {
                let ci95 = interval(summary.mean_length_ci95_um, 0);
                self.number("Visible length, mean", Some(length), 0, "µm", ci95);
            }
            None => self.number("Visible length, mean", summary.mean_length_px, 1, "px", String::new()),
        }
        self.number("Thinnest hair resolved", summary.resolvable_diameter_um, 0, "µm", String::new());
        self.region(measurement);
    }

    /// What a reader did, and what was counted before.
    fn corrected(&mut self, measurement: &Measurement) {
        let Some(record) = &measurement.corrections else { return };
        let parts: Vec<String> = corrected_parts(record)
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        let readers = record.readers.join(", ");
        self.count(
            "Counted before correction",
            Some(record.automatic_summary.hair_count),
            format!("reader {readers}: {parts}"),
        );
    }

    fn not_counted(&mut self, measurement: &Measurement) {
        const REASONS: [(NotCounted, &str); 6] = [
            (NotCounted::RootOutsideRegion, "rooted outside the region"),
            (NotCounted::PassesThrough, "passing through"),
            (NotCounted::LowConfidence, "not sure enough"),
            (NotCounted::TooShort, "too short"),
            (NotCounted::TooWide, "too wide for one hair"),
            (NotCounted::SecondLook, "found by a second look"),
        ];
        let of = |reason| measurement.hairs.iter().filter(|hair| hair.not_counted == Some(reason)).count();
        let parts: Vec<String> = REASONS
            .iter()
            .filter(|(reason, _)| of(*reason) > 0)
            .map(|(reason, words)| format!("{} {words}", of(*reason)))
            .collect();
        let drawn = measurement.hairs.iter().filter(|hair| !hair.counted).count();
        if drawn > 0 {
            self.add("Found, not counted", drawn.to_string(), "", parts.join(", "));
        }
    }

    fn classes(&mut self, summary: &Summary) {
        let limit = summary.vellus_limit_um.map(|limit| format!("{limit} µm")).unwrap_or_default();
        let at_least = [
            (30.0, summary.non_vellus_count_30um, summary.non_vellus_expected_30um),
            (40.0, summary.non_vellus_count_40um, summary.non_vellus_expected_40um),
        ];
        let expected = |estimate: Option<Estimate>| interval(estimate.map(|estimate| estimate.ci95), 0);
        let with =
            |share: String, interval: String| [share, interval].join(", ").trim_end_matches(", ").to_owned();
        let own = at_least.iter().find(|(other, ..)| summary.vellus_limit_um == Some(*other));
        let own = own.map(|&(_, _, estimate)| expected(estimate)).unwrap_or_default();
        let terminal = with(share(summary.terminal_count, summary), own);
        self.count(&format!("Terminal, at least {limit}"), summary.terminal_count, terminal);
        let vellus = share(summary.vellus_count, summary);
        self.count(&format!("Vellus, below {limit}"), summary.vellus_count, vellus);
        for (other, count, estimate) in at_least {
            if summary.vellus_limit_um != Some(other) {
                self.count(
                    &format!("At least {other} µm"),
                    count,
                    with(share(count, summary), expected(estimate)),
                );
            }
        }
    }

    fn region(&mut self, measurement: &Measurement) {
        let region = &measurement.region;
        let shape = match &region.shape {
            RegionShape::Whole => "whole photo",
            RegionShape::Rectangle { .. } => "rectangle",
            RegionShape::Circle { .. } => "circle",
            RegionShape::Polygon { .. } => "polygon",
            RegionShape::Outline { .. } => "outline",
            RegionShape::Parts { parts } => &format!("{} regions", parts.len()),
        };
        let remark = if region.masked_fraction > 0.0 {
            format!("{shape}, less {:.1} % that is not scalp", 100.0 * region.masked_fraction)
        } else {
            shape.to_owned()
        };
        match region.area_mm2 {
            Some(area) => self.number("Region analysed", Some(area), 2, "mm²", remark),
            None => self.add("Region analysed", region.area_px.to_string(), "px²", remark),
        }
    }

    fn table(&self) -> String {
        columns(&self.0, &[1])
    }
}

/// Numbers of the corrections of each kind, and their words.
fn corrected_parts(record: &AppliedCorrections) -> [(u32, &'static str); 7] {
    [
        (record.added, "added"),
        (record.removed, "removed"),
        (record.split, "split"),
        (record.merged, "merged"),
        (record.turned, "turned"),
        (record.not_scalp_regions, "marked as not scalp"),
        (record.not_applied, "not applied"),
    ]
}

fn interval(ci95: Option<[f64; 2]>, decimals: usize) -> String {
    ci95.map(|ends| format!("{} (95 %)", range(ends, decimals))).unwrap_or_default()
}

fn share(count: Option<u32>, summary: &Summary) -> String {
    match count {
        Some(count) if summary.hair_count > 0 => {
            format!("{:.0} %", 100.0 * f64::from(count) / f64::from(summary.hair_count))
        }
        _ => String::new(),
    }
}

/// `12 of 1 hair, 8 of 2 hairs`.
fn by_hairs(summary: &Summary) -> String {
    let units = summary.units_by_hairs.iter().flatten().enumerate().filter(|&(_, &units)| units > 0);
    let parts: Vec<String> = units
        .map(|(i, units)| if i == 0 { format!("{units} of 1 hair") } else { format!("{units} of {}", i + 1) })
        .collect();
    parts.join(", ")
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
