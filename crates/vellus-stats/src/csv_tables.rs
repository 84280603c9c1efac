//! The analysis as CSV tables: what is nested gets a column each, `outer_inner`; nulls are empty.
//!
//! The columns of a table are always the same, also of one without rows.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::Analysis;

/// Columns of `repeatability.csv`.
pub const REPEATABILITY: [&str; 28] = [
    "quantity",
    "unit",
    "groups",
    "photos",
    "sem",
    "sem_low",
    "sem_high",
    "smallest_detectable_change",
    "cv_percent",
    "icc_photos",
    "icc_groups",
    "icc_groups_left_out",
    "icc_2_1",
    "icc_2_1_low",
    "icc_2_1_high",
    "icc_3_1",
    "icc_3_1_low",
    "icc_3_1_high",
    "bland_altman_pairs",
    "bland_altman_bias",
    "bland_altman_bias_low",
    "bland_altman_bias_high",
    "bland_altman_lower_limit",
    "bland_altman_lower_limit_low",
    "bland_altman_lower_limit_high",
    "bland_altman_upper_limit",
    "bland_altman_upper_limit_low",
    "bland_altman_upper_limit_high",
];

/// Columns of `changes_by_arm.csv`.
pub const CHANGES: [&str; 14] = [
    "quantity",
    "unit",
    "visit",
    "arm",
    "subjects",
    "baseline_mean",
    "change",
    "change_low",
    "change_high",
    "change_sd",
    "responders",
    "responder_rate",
    "responder_rate_low",
    "responder_rate_high",
];

/// Columns of `differences.csv`.
pub const DIFFERENCES: [&str; 21] = [
    "quantity",
    "unit",
    "visit",
    "arm",
    "reference",
    "welch",
    "welch_low",
    "welch_high",
    "welch_t",
    "welch_df",
    "welch_p",
    "mann_whitney_u",
    "mann_whitney_p",
    "ancova_difference",
    "ancova_difference_low",
    "ancova_difference_high",
    "ancova_standard_error",
    "ancova_p",
    "ancova_df",
    "ancova_residual_sd",
    "responder_p",
];

/// Columns of `sample_sizes.csv`.
pub const SAMPLE_SIZES: [&str; 10] = [
    "quantity",
    "unit",
    "visit",
    "design",
    "sd",
    "measurement_share",
    "effect_percent",
    "effect",
    "power",
    "subjects_per_arm",
];

/// Columns of `missing.csv`.
pub const MISSING: [&str; 9] = [
    "arm",
    "visit",
    "subjects",
    "without_photo",
    "photos",
    "photos_not_measured",
    "compared",
    "refused",
    "no_baseline",
];

/// Columns of `scales.csv`.
pub const SCALES: [&str; 7] =
    ["visit", "source", "error_basis", "photos", "um_per_px_low", "um_per_px_high", "relative_error"];

/// All tables: name of the file and its bytes.
///
/// # Errors
/// When a number cannot be written.
pub fn tables(analysis: &Analysis) -> io::Result<[(&'static str, Vec<u8>); 6]> {
    Ok([
        ("repeatability.csv", table(&REPEATABILITY, &analysis.repeatability)?),
        ("changes_by_arm.csv", table(&CHANGES, &analysis.changes)?),
        ("differences.csv", table(&DIFFERENCES, &analysis.differences)?),
        ("sample_sizes.csv", table(&SAMPLE_SIZES, &analysis.sample_sizes)?),
        ("missing.csv", table(&MISSING, &analysis.missing)?),
        ("scales.csv", table(&SCALES, &analysis.scales)?),
    ])
}

fn table(columns: &[&str], records: &[impl Serialize]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for record in records {
        let mut row = Vec::new();
        flatten("", &serde_json::to_value(record)?, &mut row);
        let cell =
            |name: &&str| row.iter().find(|(own, _)| own == name).map_or("", |(_, cell)| cell.as_str());
        writer.write_record(columns.iter().map(cell))?;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Trial, analyse};

    /// The names that a record has, in alphabetical order.
    fn names(record: &impl Serialize) -> Vec<String> {
        let mut row = Vec::new();
        flatten("", &serde_json::to_value(record).expect("JSON"), &mut row);
        let mut names: Vec<String> = row.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    }

    #[test]
    fn the_columns_are_those_of_the_records() {
        let trial = Trial::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"));
        let told = analyse(&trial.expect("the tables"), None).expect("an analysis");
        let sorted = |columns: &[&'static str]| {
            let mut columns = columns.to_vec();
            columns.sort_unstable();
            columns
        };
        let density = told.repeatability.iter().find(|told| told.quantity == "density_per_cm2");
        assert_eq!(names(density.expect("told")), sorted(&REPEATABILITY));
        assert_eq!(names(&told.changes[0]), sorted(&CHANGES));
        assert_eq!(names(&told.differences[0]), sorted(&DIFFERENCES));
        assert_eq!(names(&told.sample_sizes[0]), sorted(&SAMPLE_SIZES));
        assert_eq!(names(&told.missing[0]), sorted(&MISSING));
        assert_eq!(names(&told.scales[0]), sorted(&SCALES));
    }

    #[test]
    fn a_table_without_rows_has_its_header() {
        let nothing = analyse(&Trial::default(), None).expect("an analysis");
        for (name, bytes) in tables(&nothing).expect("written") {
            let text = String::from_utf8(bytes).expect("text");
            let by_quantity = text.contains("quantity,unit") || ["missing.csv", "scales.csv"].contains(&name);
            assert!(text.lines().count() == 1 && by_quantity, "{name}");
        }
    }
}
