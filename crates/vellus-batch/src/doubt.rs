//! Doubts that only all rows together show: photos that come twice or are of somebody else, subjects with two arms.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vellus::Measurement;
use vellus::compare::constellation::Constellation;
use vellus::compare::register::register;

use crate::arms::Arms;
use crate::error::BatchError;
use crate::plan::Plan;
use crate::record::ComparisonHead;
use crate::store::Store;

/// A doubt about a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Index of the row.
    pub row: usize,
    /// What kind.
    pub code: &'static str,
    /// What was seen.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// Rows with the same photo, rows that say the same of two photos, rows of one subject in several arms. `hashes` are those
/// of the rows' photos.
pub fn repeated(plan: &Plan, hashes: &[Option<String>]) -> Vec<Doubt> {
    let rows = &plan.manifest.rows;
    let by_content = hashes.iter().enumerate().filter_map(|(i, hash)| Some((hash.as_deref()?.to_owned(), i)));
    let same_photo = groups(by_content).into_iter().flat_map(|group| {
        let list = numbers(&group);
        group.into_iter().map(move |row| Doubt {
            row,
            code: "duplicate_photo",
            message: format!("The rows {list} are the same photo, byte by byte."),
            advice: "Check which of them is meant; copies of one photo are no replicates.",
        })
    });
    let by_place = rows.iter().enumerate().filter_map(|(i, row)| {
        row.subject.as_ref()?;
        row.visit.as_ref()?;
        let place = [&row.subject, &row.site, &row.visit, &row.replicate]
            .map(|cell| cell.clone().unwrap_or_default());
        row.replicate.is_some().then(|| (place.join("\u{1f}"), i))
    });
    let same_place = groups(by_place).into_iter().flat_map(|group| {
        let list = numbers(&group);
        group.into_iter().map(move |row| Doubt {
            row,
            code: "repeated_replicate",
            message: format!("The rows {list} have the same subject, site, visit and replicate."),
            advice: "Number the replicates of a visit anew, or correct the subject or the visit.",
        })
    });
    let arms = Arms::of(rows);
    let two_arms = rows.iter().enumerate().filter_map(|(i, row)| {
        let stated = arms.conflict(row)?;
        let subject = row.subject.as_deref().unwrap_or_default();
        Some(Doubt {
            row: i,
            code: "conflicting_arm",
            message: format!("The rows of subject {subject} state different arms: {stated}."),
            advice: "Correct the arm in the manifest and run the batch again; nothing is measured anew.",
        })
    });
    same_photo.chain(same_place).chain(two_arms).collect()
}

/// Groups of two or more with the same key, in the order of their first row.
fn groups(keyed: impl Iterator<Item = (String, usize)>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (key, i) in keyed {
        groups.entry(key).or_default().push(i);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    groups
}

fn numbers(rows: &[usize]) -> String {
    rows.iter().map(|row| (row + 1).to_string()).collect::<Vec<_>>().join(", ")
}

/// Photos that were left out of a comparison, and, of those that do not show their own baseline's place, whose they show.
///
/// # Errors
/// [`BatchError`] when a record cannot be read.
pub fn misplaced(plan: &Plan, store: &Store) -> Result<Vec<Doubt>, BatchError> {
    let row_of: BTreeMap<&str, usize> =
        plan.keys.iter().enumerate().map(|(i, key)| (key.as_str(), i)).collect();
    let (mut doubts, mut candidates) = (Vec::new(), Vec::new());
    for (number, series) in plan.series.iter().enumerate() {
        let heads =
            series.follow_ups().iter().filter_map(|visit| store.comparison_head(&plan.comparison_key(visit)));
        for ComparisonHead { left_out, .. } in heads.map(ComparisonHead::current) {
            for left_out in left_out {
                let Some(&row) = row_of.get(left_out.key.as_str()) else { continue };
                doubts.push(Doubt {
                    row,
                    code: "left_out",
                    message: format!("The photo takes no part in the change: {}.", left_out.reason),
                    advice: "Check that it shows the site of the baseline; take it again if it can be.",
                });
                if left_out.other_place
                    && let Some(measurement) = store.measurement(&plan.keys[row])?
                {
                    candidates.push((number, row, Constellation::of(&measurement)));
                }
            }
        }
    }
    if !candidates.is_empty() {
        doubts.extend(swapped(plan, store, &candidates)?);
    }
    // A photo of the baseline is left out of several comparisons, for one reason.
    doubts.sort_by(|a, b| (a.row, a.code, &a.message).cmp(&(b.row, b.code, &b.message)));
    doubts.dedup();
    Ok(doubts)
}

/// Candidates (series, row, pattern) that register with the baseline of another series.
fn swapped(
    plan: &Plan,
    store: &Store,
    candidates: &[(usize, usize, Constellation)],
) -> Result<Vec<Doubt>, BatchError> {
    let baselines: Vec<(usize, usize)> = plan
        .series
        .iter()
        .enumerate()
        .filter_map(|(number, series)| Some((number, *series.baseline()?.rows.first()?)))
        .collect();
    // One baseline per thread is in memory.
    let found: Vec<Result<Vec<Doubt>, BatchError>> = baselines
        .par_iter()
        .with_max_len(1)
        .map(|&(series, baseline)| {
            let Some(measurement) = store.measurement(&plan.keys[baseline])? else { return Ok(Vec::new()) };
            Ok(of_this_place(plan, series, baseline, &measurement, candidates))
        })
        .collect();
    Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn of_this_place(
    plan: &Plan,
    series: usize,
    baseline: usize,
    measurement: &Measurement,
    candidates: &[(usize, usize, Constellation)],
) -> Vec<Doubt> {
    let place = Constellation::of(measurement);
    let own = &plan.manifest.rows[baseline];
    let site = own.site.as_ref().map(|site| format!(", site {site}")).unwrap_or_default();
    let same =
        candidates.iter().filter(|(other, _, shown)| *other != series && register(&place, shown).is_ok());
    same.map(|&(_, row, _)| Doubt {
        row,
        code: "swapped_photo",
        message: format!(
            "The photo does not show the place of its own baseline, but that of row {} (subject {}{site}).",
            own.number,
            own.subject.as_deref().unwrap_or("?"),
        ),
        advice: "Correct the subject or the site in the manifest, or exchange the photos, and run the batch again.",
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use crate::plan::Settings;

    #[test]
    fn the_same_photo_twice_is_a_doubt_about_both_rows() {
        let text = "photo,subject,visit,replicate\na,S,0,1\nb,S,0,2\nc,T,0,1\nd,S,0,2\n";
        let manifest = Manifest::parse(text, Default::default(), "trial.csv").expect("a manifest");
        let plan = Plan::new(manifest, Settings::default()).expect("a plan");
        let doubts = repeated(&plan, &[Some("x".into()), None, Some("x".into()), None]);
        let told: Vec<(usize, &str)> = doubts.iter().map(|doubt| (doubt.row, doubt.code)).collect();
        let [same, again] = ["duplicate_photo", "repeated_replicate"];
        assert_eq!(told, [(0, same), (2, same), (1, again), (3, again)]);
        assert!(doubts[0].message.contains("1, 3"), "{}", doubts[0].message);
    }

    #[test]
    fn groups_come_by_their_first_row_and_arms_that_conflict_are_doubts() {
        let text = "photo,subject,visit,arm\na,S,0,active\nb,T,0,active\nc,S,1,placebo\nd,T,1,\n";
        let manifest = Manifest::parse(text, Default::default(), "trial.csv").expect("a manifest");
        let plan = Plan::new(manifest, Settings::default()).expect("a plan");
        let hashes = ["z", "a", "a", "z"].map(|hash| Some(hash.to_owned()));
        let doubts = repeated(&plan, &hashes);
        let told: Vec<(usize, &str)> = doubts.iter().map(|doubt| (doubt.row, doubt.code)).collect();
        let [same, arm] = ["duplicate_photo", "conflicting_arm"];
        assert_eq!(told, [(0, same), (3, same), (1, same), (2, same), (0, arm), (2, arm)]);
        assert!(doubts[4].message.contains("subject S") && doubts[4].message.contains("active, placebo"));
    }
}
