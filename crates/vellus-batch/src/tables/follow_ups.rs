//! The tables by follow-up: the comparisons of one series at a time are in memory.

use vellus::compare::replicates::quantities;
use vellus::compare::trend::trends;
use vellus::comparison::SecondLook;
use vellus::{Comparison, Hair, Measurement};

use super::field::Column;
use super::rows::{Course, Fate, FollowUp, of_change, of_fate, of_follow_up, of_trend};
use super::writer::TableWriter;
use super::{Outcome, cells, columns, stale};
use crate::arms::Arms;
use crate::error::BatchError;
use crate::plan::{Plan, Series, VisitRows};
use crate::record::{ComparisonHead, RowHead, Source, inputs_hash};
use crate::store::Store;

pub(super) fn write(
    plan: &Plan,
    store: &Store,
    heads: &[RowHead],
    outcome: &mut Outcome,
) -> Result<(), BatchError> {
    let folder = store.tables();
    let mut changes = TableWriter::create(&folder, "changes", columns(of_follow_up(), of_change()))?;
    let mut matches = TableWriter::create(&folder, "matches", columns(of_follow_up(), of_fate()))?;
    let mut courses = TableWriter::create(&folder, "trends", of_trend().iter().map(Column::from).collect())?;
    let arms = Arms::of(&plan.manifest.rows);
    for series in &plan.series {
        let records = records(plan, store, heads, series)?;
        let follow_ups: Vec<FollowUp<'_>> =
            records.iter().map(|record| record.follow_up(plan, &arms)).collect();
        for follow_up in &follow_ups {
            match (follow_up.head, follow_up.comparison) {
                (Some(_), Some(_)) => outcome.compared += 1,
                (Some(_), None) => outcome.refused += 1,
                (None, _) => {}
            }
            for change in changed(follow_up) {
                changes.add(cells(of_follow_up(), follow_up).chain(cells(of_change(), &change)))?;
            }
            for fate in fates(follow_up) {
                matches.add(cells(of_follow_up(), follow_up).chain(cells(of_fate(), &fate)))?;
            }
        }
        let compared: Vec<Comparison> = follow_ups.iter().filter_map(|f| f.comparison.cloned()).collect();
        if let Some(last) = follow_ups.iter().rfind(|follow_up| follow_up.comparison.is_some()) {
            for trend in trends(&compared) {
                let course: Course<'_> = (last, &trend);
                courses.add(cells(of_trend(), &course))?;
            }
        }
    }
    [changes, matches, courses].into_iter().try_for_each(TableWriter::finish)
}

/// A follow-up's record.
struct Record<'a> {
    visit: &'a VisitRows,
    head: Option<ComparisonHead>,
    comparison: Option<Comparison>,
}

impl Record<'_> {
    fn follow_up<'a>(&'a self, plan: &'a Plan, arms: &Arms<'a>) -> FollowUp<'a> {
        let row = &plan.manifest.rows[self.visit.rows[0]];
        FollowUp {
            row,
            arm: arms.arm(row),
            baseline_visit: plan.visits.names().first().map(String::as_str).unwrap_or_default(),
            visit_number: self.visit.visit,
            head: self.head.as_ref(),
            comparison: self.comparison.as_ref(),
        }
    }
}

/// The follow-ups of a series; all its visits where it has no baseline.
fn records<'a>(
    plan: &Plan,
    store: &Store,
    heads: &[RowHead],
    series: &'a Series,
) -> Result<Vec<Record<'a>>, BatchError> {
    let Some(baseline) = series.baseline() else {
        let visits = series.visits.iter().filter(|visit| visit.visit.is_some());
        let alone = visits.filter(|visit| plan.manifest.rows[visit.rows[0]].subject.is_some());
        return Ok(alone.map(|visit| Record { visit, head: None, comparison: None }).collect());
    };
    let sources = |visit: &VisitRows| -> Vec<Source<'_>> {
        let source = |&i: &usize| (plan.keys[i].as_str(), &heads[i].inputs, heads[i].failure.is_none());
        visit.rows.iter().map(source).collect()
    };
    let record = |visit: &'a VisitRows| {
        let key = plan.comparison_key(visit);
        let head = store.comparison_head(&key).map(ComparisonHead::current);
        let row = &plan.manifest.rows[visit.rows[0]];
        let Some(head) = head else {
            return Err(BatchError::Incomplete {
                missing: 1,
                rows: plan.manifest.rows.len(),
                row: row.number,
                photo: row.photo.clone(),
            });
        };
        if head.inputs_hash != inputs_hash(&sources(baseline), &sources(visit)) {
            return Err(stale(store, row, "from other measurements than those that it is compared by"));
        }
        // A comparison may be kept of photos that cannot be read now.
        let comparison = if head.refusal.is_none() { store.comparison(&key)? } else { None };
        Ok(Record { visit, head: Some(head), comparison })
    };
    series.follow_ups().iter().map(record).collect()
}

/// A row per quantity, or one that says why there is none.
fn changed<'a>(follow_up: &'a FollowUp<'a>) -> Vec<super::rows::Changed<'a>> {
    let Some(comparison) = follow_up.comparison else { return vec![(follow_up, None)] };
    let told = quantities(comparison).into_iter().filter_map(|(name, change)| Some((name, change?)));
    told.map(|quantity| (follow_up, Some(quantity))).collect()
}

/// Matched, lost, gained, not seen.
fn fates<'a>(follow_up: &'a FollowUp<'a>) -> Vec<Fate<'a>> {
    let Some(comparison) = follow_up.comparison else { return Vec::new() };
    let hair = |visit: &'a Measurement, id: Option<u32>| -> Option<&'a Hair> {
        visit.hairs.iter().find(|hair| Some(hair.id) == id)
    };
    let asked = |looks: &'a [SecondLook], id: Option<u32>| looks.iter().find(|look| Some(look.hair) == id);
    let fate = |fate, [before, after]: [Option<u32>; 2]| Fate {
        follow_up,
        comparison,
        fate,
        baseline: hair(&comparison.baseline, before),
        hair: hair(&comparison.follow_up, after),
        found: None,
        look: asked(&comparison.second_look.baseline, before)
            .or_else(|| asked(&comparison.second_look.follow_up, after)),
    };
    let matched = comparison.matches.iter().map(|found| Fate {
        found: Some(found),
        ..fate("matched", [Some(found.baseline), Some(found.follow_up)])
    });
    let before = |name, ids: &'a [u32]| ids.iter().map(move |&id| (name, [Some(id), None]));
    let after = |name, ids: &'a [u32]| ids.iter().map(move |&id| (name, [None, Some(id)]));
    let others = before("lost", &comparison.lost)
        .chain(after("gained", &comparison.gained))
        .chain(before("not_seen", &comparison.not_seen.baseline))
        .chain(after("not_seen", &comparison.not_seen.follow_up));
    matched.chain(others.map(|(name, ids)| fate(name, ids))).collect()
}
