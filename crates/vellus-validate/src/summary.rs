//! What the marks say of all photos together.

use std::collections::BTreeMap;

use serde::Serialize;
use vellus_stats::repeat::{BlandAltman, bland_altman};
use vellus_stats::sample::{Interval, mean, wilson};

use crate::judge::{Cause, Judged};
use crate::marks::MarkClass;

/// Name and version of the record.
pub const VALIDATION_SCHEMA: &str = "vellus.validation/1";

/// How well marks and measurements agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// [`VALIDATION_SCHEMA`].
    pub schema: &'static str,
    /// Photos that were measured.
    pub photos: usize,
    /// Marked hairs that had to be found.
    pub marked: usize,
    /// Counted hairs, hit or false.
    pub found: usize,
    /// Counted hairs that hit a marked one.
    pub hits: usize,
    /// Hits per counted hair; `null` without any.
    pub precision: Option<f64>,
    /// Hits per marked hair; `null` without any.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
    /// Recall by class.
    pub recall_by_class: BTreeMap<MarkClass, Interval>,
    /// Share of the hits whose root end is the marked one.
    pub root_end_right: Option<Interval>,
    /// Counted less marked hairs, % of the marked ones.
    pub count_bias_percent: Option<f64>,
    /// Mean over photos of the size of the count's error, % of the marked ones; photos without a marked hair have none.
    pub count_error_percent: Option<f64>,
    /// Counted less marked hairs per photo: bias and 95 % limits of agreement, hairs.
    pub count_agreement: Option<BlandAltman>,
    /// Share of the photos whose 95 % interval of the count holds the marked count.
    pub interval_coverage: Option<Interval>,
    /// Hairs that were missed, by cause.
    pub missed: BTreeMap<Cause, usize>,
    /// Hairs that are false, by cause.
    pub false_hairs: BTreeMap<Cause, usize>,
}

/// Sums up all photos.
pub fn summary(photos: &[Judged]) -> Summary {
    let sum = |of: fn(&Judged) -> usize| photos.iter().map(of).sum::<usize>();
    let marked = sum(|photo| photo.marked.len());
    let (found, hits) = (sum(|photo| photo.found), sum(|photo| photo.hits));
    let ratio = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    let mut classes: BTreeMap<MarkClass, [usize; 2]> = BTreeMap::new();
    for (class, hit) in photos.iter().flat_map(|photo| &photo.marked) {
        let [hits, all] = classes.entry(*class).or_default();
        *hits += usize::from(*hit);
        *all += 1;
    }
    let differences: Vec<f64> =
        photos.iter().map(|photo| photo.found as f64 - photo.marked.len() as f64).collect();
    let errors: Vec<f64> = photos
        .iter()
        .zip(&differences)
        .filter(|(photo, _)| !photo.marked.is_empty())
        .map(|(photo, difference)| 100.0 * difference.abs() / photo.marked.len() as f64)
        .collect();
    let stated = photos.iter().filter_map(|photo| Some((photo.found_ci95?, photo.marked.len() as f64)));
    let covered: Vec<bool> = stated.map(|([low, high], marked)| (low..=high).contains(&marked)).collect();
    let causes = |missed: bool| {
        let mut causes = BTreeMap::new();
        for fault in photos.iter().flat_map(|photo| &photo.faults).filter(|fault| fault.missed == missed) {
            *causes.entry(fault.cause).or_default() += 1;
        }
        causes
    };
    Summary {
        schema: VALIDATION_SCHEMA,
        photos: photos.len(),
        marked,
        found,
        hits,
        precision: ratio(hits, found),
        recall: ratio(hits, marked),
        f1: ratio(2 * hits, found + marked),
        recall_by_class: classes
            .into_iter()
            .filter_map(|(c, [hits, all])| Some((c, wilson(hits, all)?)))
            .collect(),
        root_end_right: wilson(sum(|photo| photo.roots_right), hits),
        count_bias_percent: (marked > 0).then(|| 100.0 * (found as f64 - marked as f64) / marked as f64),
        count_error_percent: mean(&errors),
        count_agreement: bland_altman(&differences),
        interval_coverage: wilson(covered.iter().filter(|covered| **covered).count(), covered.len()),
        missed: causes(true),
        false_hairs: causes(false),
    }
}

/// The summary in words.
pub fn text(summary: &Summary) -> String {
    let share = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    let percent = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:+.1} %"));
    let interval = |value: &Interval| match (value.low, value.high) {
        (Some(low), Some(high)) => {
            format!("{:.1} % ({:.1} to {:.1} %)", 100.0 * value.value, 100.0 * low, 100.0 * high)
        }
        _ => format!("{:.1} %", 100.0 * value.value),
    };
    let mut lines = vec![
        format!("{} photos, {} marked hairs, {} counted", summary.photos, summary.marked, summary.found),
        format!(
            "  F1 {}, precision {}, recall {}",
            share(summary.f1),
            share(summary.precision),
            share(summary.recall)
        ),
    ];
    for (class, recall) in &summary.recall_by_class {
        lines.push(format!("  Recall, {}: {}", format!("{class:?}").to_lowercase(), interval(recall)));
    }
    if let Some(right) = &summary.root_end_right {
        lines.push(format!("  Root end right: {}", interval(right)));
    }
    lines.push(format!(
        "  Count: bias {}, mean error per photo {}",
        percent(summary.count_bias_percent),
        percent(summary.count_error_percent).trim_start_matches('+')
    ));
    if let Some(agreement) = &summary.count_agreement {
        lines.push(format!(
            "  Counted less marked, per photo: {:+.1}, 95 % limits of agreement {:+.1} to {:+.1} hairs",
            agreement.bias.value, agreement.lower_limit.value, agreement.upper_limit.value
        ));
    }
    if let Some(coverage) = &summary.interval_coverage {
        lines.push(format!("  95 % intervals that hold the marked count: {}", interval(coverage)));
    }
    for (what, causes) in [("Missed", &summary.missed), ("False", &summary.false_hairs)] {
        for (cause, count) in causes {
            lines.push(format!("  {what}: {count} {}", cause.words()));
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_without_marked_hair_has_no_relative_error() {
        let photo = |marked: usize, found: usize| Judged {
            marked: vec![(MarkClass::Single, false); marked],
            found,
            ..Judged::default()
        };
        let told = summary(&[photo(10, 8), photo(0, 7)]);
        assert_eq!((told.photos, told.count_error_percent), (2, Some(20.0)));
        assert_eq!(summary(&[photo(0, 7)]).count_error_percent, None);
    }
}
