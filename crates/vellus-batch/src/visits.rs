//! In which order the visits of a trial are.
//!
//! Given, or told from their names where these leave no doubt: a baseline first, then by the number that is all that the
//! other names differ in (`V2` before `V10`). A wrong order would turn every change around, so that nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::ManifestError;
use crate::manifest::Row;

/// The visits in their order; the first is the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visits(Vec<String>);

impl Visits {
    /// The visits of these rows, in the order given or in that of their names.
    ///
    /// # Errors
    /// [`ManifestError::UnknownVisit`] when a row has a visit that `given` lacks, [`ManifestError::VisitOrder`] when the names
    /// tell no order, others when names cannot be told apart.
    pub fn of(rows: &[Row], given: &[String]) -> Result<Self, ManifestError> {
        let names: BTreeSet<&String> = rows.iter().filter_map(|row| row.visit.as_ref()).collect();
        check_spelling(names.iter().map(|name| name.as_str()))?;
        if given.is_empty() {
            return by_name(names.into_iter().cloned().collect());
        }
        check_spelling(given.iter().map(String::as_str))?;
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

/// No name comes twice, and none differs from another one in upper and lower case alone.
fn check_spelling<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ManifestError> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        match seen.insert(name.to_lowercase(), name) {
            Some(other) if other == name => {
                return Err(ManifestError::RepeatedVisit { visit: name.to_owned() });
            }
            Some(other) => {
                return Err(ManifestError::VisitSpelling { one: other.to_owned(), other: name.to_owned() });
            }
            None => {}
        }
    }
    Ok(())
}

/// The order that the names tell.
fn by_name(mut names: Vec<String>) -> Result<Visits, ManifestError> {
    // One visit has an order, whatever its name.
    if names.len() > 1 {
        let numbered: Option<Vec<(f64, String)>> =
            names.iter().filter(|name| !is_baseline(name)).map(|name| number_in(name)).collect();
        let baselines = names.iter().filter(|name| is_baseline(name)).count();
        let told = numbered.is_some_and(|mut numbered| {
            numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
            numbered.windows(2).all(|pair| pair[0].1 == pair[1].1 && pair[0].0 < pair[1].0)
        });
        if !told || baselines > 1 {
            return Err(ManifestError::VisitOrder { names: names.join(", ") });
        }
        let place = |name: &str| number_in(name).filter(|_| !is_baseline(name)).map(|(number, _)| number);
        names.sort_by(|a, b| place(a).unwrap_or(f64::MIN).total_cmp(&place(b).unwrap_or(f64::MIN)));
    }
    Ok(Visits(names))
}

/// Whether it is what trials call the visit before all others.
fn is_baseline(name: &str) -> bool {
    ["baseline", "screening"].contains(&name.to_lowercase().as_str())
}

/// The only number in a name, and the text around it; `None` without or with several.
fn number_in(name: &str) -> Option<(f64, String)> {
    let lower = name.to_lowercase();
    let start = lower.find(|c: char| c.is_ascii_digit())?;
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let end = lower[start..].find(|c| !is_part(c)).map_or(lower.len(), |length| start + length);
    let (before, after) = (&lower[..start], &lower[end..]);
    if after.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = lower[start..end].parse().ok()?;
    // `week -4`; in `week-4` it joins the words.
    let (number, before) = match before.strip_suffix('-') {
        Some(text) if text.is_empty() || text.ends_with(' ') => (-number, text),
        _ => (number, before),
    };
    Some((number, format!("{before}#{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn order(names: &[&str], given: &[&str]) -> Result<Vec<String>, String> {
        let rows: String = names.iter().map(|name| format!("a.jpg,S,{name}\n")).collect();
        let text = format!("photo,subject,visit\n{rows}");
        let manifest = Manifest::parse(&text, Default::default(), "trial.csv").expect("a manifest");
        let given: Vec<String> = given.iter().map(|&name| name.to_owned()).collect();
        let visits = Visits::of(&manifest.rows, &given).map_err(|error| error.to_string())?;
        Ok(visits.names().to_vec())
    }

    #[test]
    fn names_are_sorted_as_people_count() {
        for told in [
            ["Baseline", "week 4", "week 12", "week 24"],
            ["screening", "V2", "V9", "V10"],
            ["0", "1.5", "4", "12"],
            ["Week -4", "Week 0", "Week 4", "Week 12"],
            ["week-2", "week-4", "week-12", "week-24"],
        ] {
            let mixed = [told[2], told[0], told[3], told[1], told[2]];
            assert_eq!(order(&mixed, &[]), Ok(told.map(str::to_owned).to_vec()));
        }
        assert_eq!(order(&["final"], &[]), Ok(vec!["final".to_owned()]));
    }

    #[test]
    fn an_order_that_the_names_do_not_tell_is_asked_for() {
        for names in [
            &["before", "after"][..],
            &["pre", "post"],
            &["V1", "Final"],
            &["week 4", "month 3"],
            &["baseline", "screening"],
            &["V1", "V01"],
            &["baseline", "week 12", "end"],
            &["2024-01", "2024-02"],
        ] {
            let said = order(names, &[]).expect_err("no order");
            assert!(said.contains("--visits") && names.iter().all(|name| said.contains(name)), "{said}");
            assert_eq!(order(names, names), Ok(names.iter().map(|&name| name.to_owned()).collect()));
        }
    }

    #[test]
    fn visits_that_are_one_are_refused() {
        let said = order(&["V1"], &["V1", "V2", "V1"]).expect_err("twice");
        assert!(said.contains("'V1' twice"), "{said}");
        for (names, given) in [(&["V1", "v1"][..], &[][..]), (&["V1"], &["V1", "v1"])] {
            let said = order(names, given).expect_err("one visit");
            assert!(said.contains("V1") && said.contains("v1") && said.contains("lower case"), "{said}");
        }
    }
}
