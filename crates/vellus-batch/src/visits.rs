//! In which order the visits of a trial are.
//!
//! Given, or read from their names: `baseline` first, then by the numbers in the names (`V2` before `V10`), then by the
//! names.

use std::collections::BTreeSet;

use crate::error::ManifestError;
use crate::manifest::Row;

/// The visits in their order; the first is the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visits(Vec<String>);

impl Visits {
    /// The visits of these rows, in the order given or in that of their names.
    ///
    /// # Errors
    /// [`ManifestError::UnknownVisit`] when a row has a visit that `given` lacks.
    pub fn of(rows: &[Row], given: &[String]) -> Result<Self, ManifestError> {
        if given.is_empty() {
            let names: BTreeSet<&String> = rows.iter().filter_map(|row| row.visit.as_ref()).collect();
            let mut names: Vec<String> = names.into_iter().cloned().collect();
            names.sort_by_cached_key(|name| order(name));
            return Ok(Self(names));
        }
        let visits = Self(given.to_vec());
        let unknown = |row: &&Row| row.visit.as_ref().is_some_and(|visit| visits.number(visit).is_none());
        match rows.iter().find(unknown) {
            Some(row) => Err(ManifestError::UnknownVisit {
                row: row.number,
                visit: row.visit.clone().unwrap_or_default(),
                order: given.join(", "),
            }),
            None => Ok(visits),
        }
    }

    /// Place of a visit, 0 for the baseline.
    pub fn number(&self, visit: &str) -> Option<usize> {
        self.0.iter().position(|name| name == visit)
    }

    /// Their names in order.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// By what names are sorted: not the baseline, pieces of text and number in turn, the name.
fn order(name: &str) -> (bool, Vec<(u64, String)>, String) {
    let lower = name.to_lowercase();
    let mut pieces: Vec<(u64, String)> = Vec::new();
    let mut rest = lower.as_str();
    while !rest.is_empty() {
        let text_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, after) = rest.split_at(text_end);
        let digits_end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (digits, after) = after.split_at(digits_end);
        pieces.push((digits.parse().unwrap_or(0), text.to_owned()));
        rest = after;
    }
    (!lower.contains("baseline"), pieces, lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_people_count() {
        let mut names = ["week 24", "week 4", "Baseline", "week 12"];
        names.sort_by_cached_key(|name| order(name));
        assert_eq!(names, ["Baseline", "week 4", "week 12", "week 24"]);
        let mut names = ["V10", "V2", "0"];
        names.sort_by_cached_key(|name| order(name));
        assert_eq!(names, ["0", "V2", "V10"]);
    }
}
