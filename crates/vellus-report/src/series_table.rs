//! The readable table of more than two visits: a column per visit, then the trend.

use std::fmt::Write;

use vellus::Series;
use vellus::comparison::ChangeVerdict;
use vellus::series::Trend;

use crate::comparison_table::{answer, name, registration_words};
use crate::quantity::Quantity;
use crate::text::{Paint, TableStyle, columns, findings, number, range, scale, signed, told_decimals};

/// The table of a series as text, with a final line feed.
///
/// The first visit has its level over the skin that it shares with the last one; the others have their difference from
/// the first, with an arrow where a change is claimed.
pub fn summary(series: &Series, style: TableStyle) -> String {
    let Some(last) = series.comparisons.last() else { return String::new() };
    let visits = series.comparisons.len() + 1;
    let scale = scale(last.baseline.calibration);
    let mut text = style.paint(Paint::Bold, &format!("{visits} visits  ·  {scale}"));
    let _ = writeln!(text, "\n  Visit {visits} against visit 1:");
    answer(&mut text, last, style);

    let _ = writeln!(text, "\n  Visit 1  {}", name(&last.baseline, "baseline"));
    for (number, comparison) in (2..).zip(&series.comparisons) {
        let words = registration_words(&comparison.registration, comparison.baseline.calibration.is_some());
        let path = name(&comparison.follow_up, "follow-up");
        let _ = writeln!(text, "  Visit {number}  {path}: {words}");
    }

    let mut heading = vec!["Change from visit 1".to_owned(), "Level at 1".to_owned()];
    heading.extend((2..=visits).map(|number| format!("Visit {number}")));
    heading.extend(["Trend per visit", "95 % interval"].map(str::to_owned));
    let mut rows = vec![heading];
    rows.extend(series.trends.iter().filter_map(|trend| row(series, trend)));
    rows.push(fates(series, "Gained", |comparison| comparison.hairs.gained.value));
    rows.push(fates(series, "Lost", |comparison| comparison.hairs.lost.value));
    let _ = writeln!(text, "\n{}", columns(&rows, &(1..=visits + 1).collect::<Vec<_>>()));
    let _ = writeln!(text, "  ▲ increase, ▼ decrease; the others are no change beyond measurement error.");

    let everywhere = series.tracks.iter().filter(|track| track.hairs.iter().all(Option::is_some)).count();
    let tracks = series.tracks.len();
    let _ = writeln!(text, "  {tracks} hairs were found at two visits or more, {everywhere} of them at all.");
    for (number, comparison) in (2..).zip(&series.comparisons) {
        let visit = format!("Visit {number}: ");
        let own = comparison.findings.iter().chain(&comparison.follow_up.quality.findings);
        findings(&mut text, own.map(|finding| (visit.as_str(), finding)), style);
    }
    findings(&mut text, last.baseline.quality.findings.iter().map(|f| ("Visit 1: ", f)), style);
    text
}

fn row(series: &Series, trend: &Trend) -> Option<Vec<String>> {
    let quantity = Quantity::named(&trend.quantity)?;
    let decimals = quantity.decimals;
    let changes: Vec<_> = series.comparisons.iter().map(|other| (quantity.of)(&other.change)).collect();
    let level = changes.iter().rev().flatten().next().map(|change| number(change.baseline, decimals));
    let mut row = vec![quantity.title(), level.unwrap_or_default()];
    for (difference, change) in trend.difference.iter().skip(1).zip(&changes) {
        let arrow = match change.map(|change| change.verdict) {
            Some(ChangeVerdict::Increase) => " ▲",
            Some(ChangeVerdict::Decrease) => " ▼",
            _ => "  ",
        };
        row.push(difference.map(|value| signed(value, decimals) + arrow).unwrap_or_default());
    }
    let slope = trend.slope_per_visit;
    row.push(slope.map(|slope| signed(slope.value, decimals + 1)).unwrap_or_default());
    row.push(
        slope.map(|slope| range(slope.ci95, told_decimals(slope.ci95, decimals + 1))).unwrap_or_default(),
    );
    Some(row)
}

fn fates(series: &Series, name: &str, of: impl Fn(&vellus::Comparison) -> f64) -> Vec<String> {
    let mut row = vec![format!("{name} since visit 1"), String::new()];
    row.extend(series.comparisons.iter().map(|comparison| format!("{}  ", number(of(comparison), 1))));
    row.extend([String::new(), String::new()]);
    row
}

#[cfg(test)]
#[path = "series_table_tests.rs"]
mod tests;
