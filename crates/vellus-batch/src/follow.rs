//! A follow-up against its baseline, with the photos that do not belong left out.

use vellus::compare::constellation::Constellation;
use vellus::compare::register::register;
use vellus::compare::{CompareError, CompareOptions, Shot, compare_replicates};
use vellus::{Comparison, Verdict};

use crate::record::LeftOut;

/// A photo of a visit that was measured.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Name of its row's record.
    pub key: String,
    /// Its path as the manifest gives it.
    pub photo: String,
    /// What it shows.
    pub shot: Shot,
}

/// How a follow-up was compared.
#[derive(Debug)]
pub struct Followed {
    /// What changed, or why that cannot be told.
    pub outcome: Result<Comparison, String>,
    /// Photos of the baseline that took part.
    pub baseline: Vec<String>,
    /// Photos of the follow-up that took part.
    pub follow_up: Vec<String>,
    /// Photos that did not.
    pub left_out: Vec<LeftOut>,
}

impl Followed {
    /// No comparison, and no photo that took part.
    pub fn refused(reason: String) -> Self {
        Self { outcome: Err(reason), baseline: Vec::new(), follow_up: Vec::new(), left_out: Vec::new() }
    }
}

/// Compares two visits as [`compare_replicates`] does. Where that is refused as a photo shows another place, it is asked
/// again without the photos that do.
pub fn follow(baseline: &[Taken], follow_up: &[Taken]) -> Followed {
    let mut left_out = Vec::new();
    let [baseline, follow_up] = [baseline, follow_up].map(|visit| fit(visit, &mut left_out));
    let refused = |reason: &str, left_out| Followed {
        outcome: Err(reason.to_owned()),
        baseline: names(&baseline),
        follow_up: names(&follow_up),
        left_out,
    };
    if baseline.is_empty() {
        return refused("no photo of the baseline could be measured", left_out);
    }
    if follow_up.is_empty() {
        return refused("no photo of the follow-up could be measured", left_out);
    }
    let error = match compare(&baseline, &follow_up) {
        Ok(comparison) => return told(comparison, &baseline, &follow_up, left_out),
        Err(error) => error,
    };
    let (reference, registering) = best_reference(&baseline, &follow_up);
    let same = |other: &Taken| same_place(reference, other);
    let kept: Vec<&Taken> = follow_up.iter().copied().filter(|taken| same(taken).is_ok()).collect();
    for taken in follow_up.iter().chain(baseline.iter().filter(|_| registering > 0)) {
        if let Err(reason) = same(taken) {
            left_out.push(leave_out(taken, &reason));
        }
    }
    if registering == 0 {
        return refused(&error.to_string(), left_out);
    }
    let base: Vec<&Taken> = baseline.iter().copied().filter(|taken| same(taken).is_ok()).collect();
    match compare(&base, &kept) {
        Ok(comparison) => told(comparison, &base, &kept, left_out),
        Err(error) => Followed {
            outcome: Err(error.to_string()),
            baseline: names(&base),
            follow_up: names(&kept),
            left_out,
        },
    }
}

/// The photos of a visit that can carry a measurement.
fn fit<'a>(visit: &'a [Taken], left_out: &mut Vec<LeftOut>) -> Vec<&'a Taken> {
    let (fit, unfit): (Vec<&Taken>, Vec<&Taken>) =
        visit.iter().partition(|taken| taken.shot.measurement.quality.verdict != Verdict::Fail);
    left_out.extend(unfit.into_iter().map(|taken| LeftOut {
        key: taken.key.clone(),
        photo: taken.photo.clone(),
        other_place: false,
        reason: "the photo cannot carry a measurement".to_owned(),
    }));
    fit
}

fn compare(baseline: &[&Taken], follow_up: &[&Taken]) -> Result<Comparison, CompareError> {
    let [baseline, follow_up] =
        [baseline, follow_up].map(|visit| visit.iter().map(|taken| taken.shot.clone()).collect::<Vec<_>>());
    compare_replicates(&baseline, &follow_up, &CompareOptions::default())
}

/// The photo of the baseline with which most of the follow-up registers, and how many that are.
fn best_reference<'a>(baseline: &[&'a Taken], follow_up: &[&Taken]) -> (&'a Taken, usize) {
    let count = |one: &Taken| follow_up.iter().filter(|other| same_place(one, other).is_ok()).count();
    let mut best = (baseline[0], count(baseline[0]));
    for one in &baseline[1..] {
        let registering = count(one);
        if registering > best.1 {
            best = (one, registering);
        }
    }
    best
}

fn same_place(one: &Taken, other: &Taken) -> Result<(), CompareError> {
    if one.key == other.key {
        return Ok(());
    }
    let [one, other] = [one, other].map(|taken| Constellation::of(&taken.shot.measurement));
    register(&one, &other).map(|_| ())
}

fn leave_out(taken: &Taken, reason: &CompareError) -> LeftOut {
    LeftOut {
        key: taken.key.clone(),
        photo: taken.photo.clone(),
        other_place: matches!(reason, CompareError::NotTheSameSite { .. }),
        reason: reason.to_string(),
    }
}

fn told(
    comparison: Comparison,
    baseline: &[&Taken],
    follow_up: &[&Taken],
    left_out: Vec<LeftOut>,
) -> Followed {
    Followed { outcome: Ok(comparison), baseline: names(baseline), follow_up: names(follow_up), left_out }
}

fn names(visit: &[&Taken]) -> Vec<String> {
    visit.iter().map(|taken| taken.photo.clone()).collect()
}
