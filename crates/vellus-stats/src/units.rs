//! Whose photos belong together: the unit of the statistics is a subject at a site, as comparisons have it.
//!
//! A site may be an area of the scalp or a centre of the trial, which the tables do not tell. Centres often count their
//! subjects each from 1, so that one code at two sites is taken for two subjects; how many codes that concerns is said.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::table::{Change, Photo, Trial};

/// Name of the arm of subjects that have none.
pub const NO_ARM: &str = "(none)";
/// Name of the arm of subjects whose photos say different arms.
pub const SEVERAL_ARMS: &str = "(several)";

/// Whether an arm is one of the trial, and takes part in comparisons of arms.
pub fn is_named(arm: &str) -> bool {
    arm != NO_ARM && arm != SEVERAL_ARMS
}

/// Subject and site.
pub type Unit<'a> = (&'a str, Option<&'a str>);

/// The unit of a photo; `None` without a subject.
pub fn of_photo(photo: &Photo) -> Option<Unit<'_>> {
    Some((photo.subject.as_deref()?, photo.site.as_deref()))
}

/// The unit of a change.
pub fn of_change(change: &Change) -> Unit<'_> {
    (&change.subject, change.site.as_deref())
}

/// The arm of each unit, by what all its photos and changes say.
pub struct Units<'a>(BTreeMap<Unit<'a>, BTreeSet<&'a str>>);

/// How many subjects there are, and which of them cannot be told apart or put into an arm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subjects {
    /// Subjects, one per site.
    pub subjects: usize,
    /// Codes of subjects that occur at several sites, each of which is taken for a subject.
    pub codes_at_several_sites: usize,
    /// Subjects whose photos say different arms, as `subject` or `subject (site)`; they are in no comparison of arms.
    pub with_several_arms: Vec<String>,
}

impl<'a> Units<'a> {
    /// Of a trial.
    pub fn of(trial: &'a Trial) -> Self {
        let mut units: BTreeMap<Unit<'a>, BTreeSet<&'a str>> = BTreeMap::new();
        let photos = trial.photos.iter().filter_map(|photo| Some((of_photo(photo)?, &photo.arm)));
        let changes = trial.changes.iter().map(|change| (of_change(change), &change.arm));
        for (unit, arm) in photos.chain(changes) {
            units.entry(unit).or_default().extend(arm.as_deref());
        }
        Self(units)
    }

    /// The arm of a unit.
    pub fn arm(&self, unit: Unit<'_>) -> &'a str {
        let arms = self.0.get(&unit).map(|arms| arms.iter().copied().collect::<Vec<_>>());
        match arms.as_deref() {
            None | Some([]) => NO_ARM,
            Some([arm]) => arm,
            Some(_) => SEVERAL_ARMS,
        }
    }

    /// What has to be said of them.
    pub fn told(&self) -> Subjects {
        let mut sites: BTreeMap<&str, usize> = BTreeMap::new();
        for (subject, _) in self.0.keys() {
            *sites.entry(subject).or_default() += 1;
        }
        let several = self.0.iter().filter(|(_, arms)| arms.len() > 1);
        Subjects {
            subjects: self.0.len(),
            codes_at_several_sites: sites.values().filter(|sites| **sites > 1).count(),
            with_several_arms: several
                .map(|((subject, site), _)| {
                    site.map_or((*subject).to_owned(), |site| format!("{subject} ({site})"))
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Quantity;
    use crate::{Analysis, analyse};

    /// Changes: subject, site, arm, change.
    fn analysis(rows: &[(&str, &str, &str, f64)]) -> Analysis {
        let cell = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let change = |&(subject, site, arm, difference): &(&str, &str, &str, f64)| Change {
            subject: subject.to_owned(),
            site: cell(site),
            arm: cell(arm),
            visit: "12".to_owned(),
            visit_number: 1,
            status: "compared".to_owned(),
            quantity: Some(Quantity {
                name: "density_per_cm2".to_owned(),
                unit: "hairs/cm²".to_owned(),
                baseline: 100.0,
                difference,
                standard_error: 1.0,
                verdict: String::new(),
            }),
        };
        let trial = Trial { photos: Vec::new(), changes: rows.iter().map(change).collect() };
        analyse(&trial, None).expect("an analysis")
    }

    #[test]
    fn one_code_at_two_sites_is_two_subjects() {
        let told =
            analysis(&[("1", "Bonn", "active", 4.0), ("1", "Graz", "active", 8.0), ("2", "", "active", 0.0)]);
        assert_eq!((told.changes[0].subjects, told.changes[0].change.value), (3, 4.0));
        assert_eq!((told.subjects.subjects, told.subjects.codes_at_several_sites), (3, 1));
        assert!(
            crate::report::text(&told)
                .contains("3 subjects, one per site; codes that occur at several sites")
        );
    }

    #[test]
    fn without_arm_or_with_several_a_subject_is_in_no_comparison_of_arms() {
        let rows = [
            ("1", "", "active", 4.0),
            ("2", "", "active", 6.0),
            ("3", "", "placebo", 0.0),
            ("4", "", "placebo", 1.0),
            ("5", "nape", "active", 50.0),
            ("5", "nape", "placebo", 50.0),
            ("6", "", "", 90.0),
        ];
        let told = analysis(&rows);
        assert_eq!(told.subjects.with_several_arms, ["5 (nape)"]);
        let arms: Vec<&str> = told.changes.iter().map(|change| change.arm.as_str()).collect();
        assert_eq!(arms, [NO_ARM, SEVERAL_ARMS, "active", "placebo"]);
        assert_eq!(told.differences.len(), 1);
        assert_eq!(told.differences[0].welch.map(|welch| welch.value), Some(4.5));
        assert!(told.sample_sizes.iter().all(|size| size.sd < 2.0));
        let text = crate::report::text(&told);
        for words in ["reference arm: placebo (by its name)", "several arms (shown as (several)): 5 (nape)"] {
            assert!(text.contains(words), "{text}");
        }
    }
}
