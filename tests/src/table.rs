//! The accuracy table, as Markdown.

use std::fmt::Write;

use crate::score::Score;

/// One row per condition.
pub fn markdown(rows: &[(&str, Score)]) -> String {
    let mut text = String::from(
        "| condition | hairs | counted | count error, % | per photo, % | F1 | precision | recall \
         | diameter bias, µm | SD, µm | root end right, % |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, score) in rows {
        let cells = [
            score.true_counts.iter().sum::<usize>().to_string(),
            score.counts.iter().sum::<usize>().to_string(),
            signed(score.count_bias_percent()),
            plain(score.count_error_percent(), 1),
            plain(score.f1(), 3),
            plain(score.precision(), 3),
            plain(score.recall(), 3),
            signed(score.diameter_bias_um()),
            plain(score.diameter_sd_um(), 1),
            plain(score.root_right_percent(), 0),
        ];
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}` | {} |", cells.join(" | "));
    }
    text
}

/// A number, or a dash.
pub fn plain(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
}

/// A number with its sign and one decimal, or a dash.
pub fn signed(value: Option<f64>) -> String {
    with_sign(value.unwrap_or(f64::NAN), 1)
}

/// A number with its sign, none where it rounds to zero; a dash for what is none.
pub fn with_sign(value: f64, digits: usize) -> String {
    if value.is_nan() { "–".into() } else { vellus_report::signed(value, digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undefined_is_a_dash() {
        let score = Score { true_counts: vec![0], counts: vec![2], false_hairs: 2, ..Score::default() };
        let table = markdown(&[("empty_skin", score)]);
        assert!(
            table.ends_with("| `empty_skin` | 0 | 2 | – | – | 0.000 | 0.000 | – | – | – | – |\n"),
            "{table}"
        );
    }

    #[test]
    fn signs_are_told_where_there_is_something_to_tell() {
        let told = [0.04, -0.04, 0.06, -1.25, f64::NAN].map(|value| with_sign(value, 1));
        assert_eq!(told, ["0.0", "0.0", "+0.1", "−1.2", "–"]);
        assert_eq!(signed(None), "–");
    }
}
