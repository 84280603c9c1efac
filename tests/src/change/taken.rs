//! What was said of the hairs that were taken out.

use vellus::Comparison;
use vellus::comparison::MatchSource;
use vellus_phantom::PairTruth;

use super::judge::Hits;

/// How many of the hairs that are gone were said to be what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Called lost.
    pub lost: usize,
    /// Found in the first photo, and not judged: their place in the second cannot be seen, or they may be no hair.
    pub not_judged: usize,
    /// Matched with another hair of the second photo.
    pub matched: usize,
    /// Found again by the second look, though they are gone.
    pub found_again: usize,
    /// Not found in the first photo, so that nothing could be said.
    pub missed: usize,
}

impl Taken {
    /// Follows the hairs that are gone.
    pub fn of(comparison: &Comparison, truth: &PairTruth) -> Self {
        let before = Hits::of(&comparison.baseline, &truth.baseline);
        let mut taken = Self::default();
        for gone in &truth.lost {
            let Some(id) = before.found.get(gone) else {
                taken.missed += 1;
                continue;
            };
            let source = comparison.matches.iter().find(|m| m.baseline == *id).map(|m| m.source);
            *match source {
                Some(MatchSource::SecondLookFollowUp) => &mut taken.found_again,
                Some(_) => &mut taken.matched,
                None if comparison.lost.contains(id) => &mut taken.lost,
                None => &mut taken.not_judged,
            } += 1;
        }
        taken
    }

    /// Both sums.
    pub fn plus(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            not_judged: self.not_judged + other.not_judged,
            matched: self.matched + other.matched,
            found_again: self.found_again + other.found_again,
            missed: self.missed + other.missed,
        }
    }

    /// A sentence.
    pub fn words(self) -> String {
        let Self { lost, not_judged, matched, found_again, missed } = self;
        let all = lost + not_judged + matched + found_again + missed;
        format!(
            "Of {all} hairs taken out, {lost} were called lost, {not_judged} were not judged as their place could not be seen \
             or they may have been none, {matched} were matched with another hair, {found_again} were found by the second \
             look though gone, and {missed} had not been found in the first photo."
        )
    }
}
