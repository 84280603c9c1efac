//! The accuracy table: Markdown, and its place in a file.

use std::fmt::Write;

use crate::score::Score;

/// Stands before the table.
pub const BEGIN: &str = "<!-- accuracy:begin -->";
/// Stands behind it.
pub const END: &str = "<!-- accuracy:end -->";

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

fn plain(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
}

fn signed(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:+.1}").replace('-', "−"))
}

/// The text with what stands between the two markers replaced by `table`; `None` unless each marker stands there once,
/// in order.
pub fn replaced(text: &str, table: &str) -> Option<String> {
    if text.matches(BEGIN).count() != 1 || text.matches(END).count() != 1 {
        return None;
    }
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        assert_eq!(replaced(&text, "new\n"), Some(format!("a\n{BEGIN}\nnew\n{END}\nb\n")));
    }

    #[test]
    fn missing_twisted_or_double_markers_are_refused() {
        for text in ["no markers", BEGIN, END, &format!("{END}{BEGIN}"), &format!("{BEGIN}{END}{END}")] {
            assert_eq!(replaced(text, "new"), None, "{text}");
        }
    }

    #[test]
    fn what_is_undefined_is_a_dash() {
        let score = Score { true_counts: vec![0], counts: vec![2], false_hairs: 2, ..Score::default() };
        let table = markdown(&[("empty_skin", score)]);
        assert!(
            table.ends_with("| `empty_skin` | 0 | 2 | – | – | 0.000 | 0.000 | – | – | – | – |\n"),
            "{table}"
        );
    }
}
