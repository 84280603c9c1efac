//! What the tables share: colours, numbers, columns, findings.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use vellus::{Calibration, CalibrationSource, Finding, Severity};

/// How a summary looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableStyle {
    /// ANSI colours for the verdict and the findings. Default: off.
    pub colour: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Paint {
    Plain,
    Bold,
    Red,
    Green,
    Yellow,
}

impl TableStyle {
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Bold => "1",
            Paint::Red => "31",
            Paint::Green => "32",
            Paint::Yellow => "33",
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A number with so many decimals. What rounds to zero has no sign.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    if value < 0.0 && !is_zero(&text) { format!("−{text}") } else { text }
}

/// As [`number`], with a plus before what is above zero.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    if value > 0.0 && !is_zero(&text) { format!("+{text}") } else { text }
}

/// `−3.0 to 5.4`.
pub fn range([low, high]: [f64; 2], decimals: usize) -> String {
    format!("{} to {}", number(low, decimals), number(high, decimals))
}

/// Decimals by which an interval is told: up to two more where an end would be told as zero and is not, so that an interval that
/// excludes zero shows it.
pub fn told_decimals(ends: [f64; 2], decimals: usize) -> usize {
    let as_zero = |decimals: usize| ends.iter().any(|v| *v != 0.0 && is_zero(&number(v.abs(), decimals)));
    (decimals..decimals + 2).find(|&decimals| !as_zero(decimals)).unwrap_or(decimals + 2)
}

fn is_zero(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '0' | '.'))
}

/// `5 µm per px ± 1 % (given)`; the error is the standard error.
pub fn scale(calibration: Option<Calibration>) -> String {
    match calibration {
        None => "no scale".to_owned(),
        Some(calibration) => {
            let source = match calibration.source {
                CalibrationSource::Flag => "given",
                CalibrationSource::FieldWidth => "from the field's width",
                CalibrationSource::Protocol => "from the protocol",
                CalibrationSource::SiteFile => "from the site file",
                CalibrationSource::ScaleBar => "read from the scale bar",
                CalibrationSource::Dicom => "from DICOM",
                CalibrationSource::FileResolution => "from the file's resolution",
            };
            let error = (1000.0 * calibration.relative_error).round() / 10.0;
            format!("{} µm per px ± {error} % ({source})", calibration.um_per_px)
        }
    }
}

/// Rows in columns, without lines; the columns named in `right` are flush right.
pub fn columns<Row: Clone + Into<comfy_table::Row>>(rows: &[Row], right: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.add_rows(rows.iter().cloned());
    if let Some(column) = table.column_mut(0) {
        column.set_padding((2, 2));
    }
    for &i in right {
        if let Some(column) = table.column_mut(i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A bullet and an arrow per finding, what weighs most first. `whose` stands before the sentence.
pub fn findings<'a>(
    text: &mut String,
    findings: impl IntoIterator<Item = (&'a str, &'a Finding)>,
    style: TableStyle,
) {
    let mut findings: Vec<(&str, &Finding)> = findings.into_iter().collect();
    findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    for (whose, finding) in findings {
        let paint = match finding.severity {
            Severity::Failure => Paint::Red,
            Severity::Warning => Paint::Yellow,
            Severity::Note => Paint::Plain,
        };
        let _ = writeln!(text, "  {} {whose}{}", style.paint(paint, "•"), finding.message);
        let _ = writeln!(text, "    → {}", finding.advice);
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
