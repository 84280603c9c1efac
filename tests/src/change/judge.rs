//! One comparison against the truth about its pair.
//!
//! A found hair is the drawn one that it hits, by the rule of [`mod@crate::score`].
//!
//! - A match of two hairs that were found in both photos is right if both are one drawn hair: the one that it hits, or, of a
//!   hair that was drawn too badly to hit any, the one that most of it lies on. A match with what is no hair is wrong.
//! - A match that the second look made is right if the drawn hair that the counted one hits is in the other photo, too.
//! - A hair called lost or gained is right if it hits a drawn one that was. One that hits none is wrong.
//! - Registration is that of the affine map alone, over the true displacements of the common area.

use std::collections::BTreeMap;

use vellus::compare::replicates::quantities;
use vellus::comparison::MatchSource;
use vellus::{ChangeVerdict, Comparison, Measurement, QuantityChange};
use vellus_phantom::{PairKind, PairTruth, Truth};

use crate::score::{judge, lies_on};

/// Right and wrong answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many were right.
    pub right: usize,
    /// How many were wrong.
    pub wrong: usize,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.wrong += usize::from(!right);
    }

    /// Both sums.
    pub fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, wrong: self.wrong + other.wrong }
    }

    /// Share of the right ones, %; `None` without any.
    pub fn percent(self) -> Option<f64> {
        let all = self.right + self.wrong;
        (all > 0).then(|| 100.0 * self.right as f64 / all as f64)
    }
}

/// What a comparison said, against the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Root mean square error of the affine map over the common area, µm.
    pub registration_um: f64,
    /// The same, over what the best affine map leaves.
    pub registration_ratio: f64,
    /// Matches of hairs counted in both photos: whether both are one hair.
    pub matches: Tally,
    /// Matches that the second look made: whether the hair is there.
    pub second_look: Tally,
    /// Hairs that were counted in both photos and lie in the common area: whether they were matched.
    pub found_in_both: Tally,
    /// Hairs called lost or gained: whether they were.
    pub lost_or_gained: Tally,
    /// Hairs that went or came: whether they were called so, by diameter: below, between and above [`CLASSES_UM`].
    pub recognised: [Tally; 3],
    /// True change of the count, % of the hairs at the baseline.
    pub true_change_percent: f64,
    /// Error of the change of density, % of the true density at the baseline.
    pub density_error_percent: f64,
    /// Whether the 95 % interval of the change of the count covers the truth.
    pub covers_count: bool,
    /// The same for the mean diameter.
    pub covers_diameter: bool,
    /// Whether the change goes where it went; `None` where nothing changed that has a direction.
    pub right_direction: Option<bool>,
    /// Whether the change was claimed; where there was none, whether none was claimed. `None` where hairs came and went by
    /// the same number.
    pub right_verdict: Option<bool>,
    /// Names of the quantities of which a change was claimed.
    pub claims: Vec<&'static str>,
    /// Error of the share of growing hairs, percentage points; `None` without an interval between the photos.
    pub anagen_error_points: Option<f64>,
}

/// Judges a comparison of two photos of one scalp; `None` where they show no skin in common.
pub fn told(comparison: &Comparison, truth: &PairTruth) -> Option<Told> {
    let change = truth.change.as_ref()?;
    let [before, after] =
        [(&comparison.baseline, &truth.baseline), (&comparison.follow_up, &truth.follow_up)]
            .map(|(measurement, truth)| Hits::of(measurement, truth));
    let (matches, second_look) = matches(comparison, [&before, &after], truth);
    let registration_um = registration(comparison, truth);
    let claims = claims(comparison);
    let effect = effect(comparison, truth);
    let covers = |quantity: Option<QuantityChange>, truth: f64| {
        quantity.is_some_and(|q| q.ci95[0] <= truth && truth <= q.ci95[1])
    };
    let count_change = change.count_follow_up as f64 - change.count_baseline as f64;
    let density_change = comparison.change.density_per_cm2.map_or(0.0, |q| q.difference);
    let growth = comparison.phototrichogram.as_ref().zip(change.anagen_fraction);
    Some(Told {
        registration_um,
        registration_ratio: registration_um / truth.affine_residual_um?,
        matches,
        second_look,
        found_in_both: found_in_both(comparison, [&before, &after], truth),
        lost_or_gained: lost_or_gained(comparison, [&before, &after], truth),
        recognised: recognised(comparison, [&before, &after], truth),
        true_change_percent: 100.0 * count_change / change.count_baseline as f64,
        density_error_percent: 100.0 * (density_change - change.density_difference_per_cm2)
            / change.density_baseline_per_cm2,
        covers_count: covers(comparison.change.hair_count, count_change),
        covers_diameter: covers(comparison.change.mean_diameter_um, change.mean_diameter_difference_um),
        right_direction: effect.map(|(q, truth)| q.difference * truth > 0.0),
        right_verdict: if nothing_changes(truth.kind) {
            Some(claims.is_empty())
        } else {
            effect.map(|(q, truth)| {
                q.verdict == if truth > 0.0 { ChangeVerdict::Increase } else { ChangeVerdict::Decrease }
            })
        },
        claims,
        anagen_error_points: growth.map(|(told, truth)| 100.0 * (told.anagen_fraction.value - truth)),
    })
}

/// Limits of the diameters by which it is told how many hairs that went or came are recognised, µm.
pub const CLASSES_UM: [f64; 2] = [30.0, 50.0];

/// Hairs that went or came: whether they were called so.
fn recognised(comparison: &Comparison, [before, after]: [&Hits; 2], truth: &PairTruth) -> [Tally; 3] {
    let mut tallies = [Tally::default(); 3];
    for (were, hits, called) in
        [(&truth.lost, before, &comparison.lost), (&truth.gained, after, &comparison.gained)]
    {
        for drawn in hits.truth.hairs.iter().filter(|hair| were.contains(&hair.id)) {
            let class = CLASSES_UM.iter().filter(|&&limit| drawn.diameter_um >= limit).count();
            tallies[class].add(hits.found.get(&drawn.id).is_some_and(|found| called.contains(found)));
        }
    }
    tallies
}

/// Names of the quantities of which a change is claimed.
pub fn claims(comparison: &Comparison) -> Vec<&'static str> {
    let claimed = |q: QuantityChange| q.verdict != ChangeVerdict::WithinError;
    let quantities = quantities(comparison).into_iter();
    quantities.filter(|(_, q)| q.is_some_and(claimed)).map(|(name, _)| name).collect()
}

/// Whether no quantity changes in a kind of pair: growth only makes hairs longer.
fn nothing_changes(kind: PairKind) -> bool {
    matches!(kind, PairKind::Null | PairKind::Misaligned | PairKind::Growth)
}

/// What the kind of pair changes: as it was told, and the truth.
fn effect(comparison: &Comparison, truth: &PairTruth) -> Option<(QuantityChange, f64)> {
    let change = truth.change.as_ref()?;
    let (quantity, truth) = match truth.kind {
        PairKind::Regrowth | PairKind::Loss | PairKind::Extraction => {
            (comparison.change.density_per_cm2, change.density_difference_per_cm2)
        }
        PairKind::Thickening => {
            (comparison.change.matched_hair_diameter_um, change.matched_diameter_difference_um?)
        }
        PairKind::Null | PairKind::Misaligned | PairKind::Growth | PairKind::Wrong => return None,
    };
    quantity.filter(|_| truth != 0.0).map(|q| (q, truth))
}

/// Root mean square error of the affine map over the true displacements, µm.
fn registration(comparison: &Comparison, truth: &PairTruth) -> f64 {
    let [[a, b, x0], [c, d, y0]] = comparison.registration.baseline_to_follow_up;
    let squares = truth.grid.iter().map(|[x, y, u, v]| {
        let off = [a * x + b * y + x0 - u, c * x + d * y + y0 - v];
        off[0] * off[0] + off[1] * off[1]
    });
    (squares.sum::<f64>() / truth.grid.len().max(1) as f64).sqrt() * truth.um_per_px
}

/// What the counted hairs of one photo are.
#[derive(Debug)]
pub struct Hits<'a> {
    measurement: &'a Measurement,
    truth: &'a Truth,
    /// Drawn hair by found hair.
    pub drawn: BTreeMap<u32, u32>,
    /// Found hair by drawn hair.
    pub found: BTreeMap<u32, u32>,
    /// Found hairs that are neither right nor false.
    pub ignored: Vec<u32>,
}

impl<'a> Hits<'a> {
    /// Lays one photo over its truth.
    pub fn of(measurement: &'a Measurement, truth: &'a Truth) -> Self {
        let judged = judge(measurement, truth);
        let hits: Vec<(u32, u32)> =
            judged.hits.iter().map(|&(i, k)| (judged.counted[i].id, judged.asked[k].id)).collect();
        Self {
            measurement,
            truth,
            drawn: hits.iter().copied().collect(),
            found: hits.iter().map(|&(found, drawn)| (drawn, found)).collect(),
            ignored: judged.ignored.iter().map(|&i| judged.counted[i].id).collect(),
        }
    }

    /// The drawn hair that a found one is.
    fn is(&self, id: u32) -> Option<u32> {
        let hit = self.drawn.get(&id).copied();
        hit.or_else(|| {
            let hair = self.measurement.hairs.iter().find(|hair| hair.id == id)?;
            lies_on(hair, self.truth).map(|drawn| drawn.id)
        })
    }
}

/// Matches of what both photos counted, and those of the second look.
fn matches(comparison: &Comparison, [before, after]: [&Hits; 2], truth: &PairTruth) -> (Tally, Tally) {
    let (mut both, mut second) = (Tally::default(), Tally::default());
    for m in &comparison.matches {
        let drawn = [before.drawn.get(&m.baseline), after.drawn.get(&m.follow_up)];
        match (m.source, drawn) {
            (MatchSource::SecondLookFollowUp, [Some(hair), _]) => {
                second.add(truth.matches.iter().any(|m| m.baseline == *hair));
            }
            (MatchSource::SecondLookBaseline, [_, Some(hair)]) => {
                second.add(truth.matches.iter().any(|m| m.follow_up == *hair));
            }
            (MatchSource::SecondLookFollowUp | MatchSource::SecondLookBaseline, _) => {}
            (MatchSource::BothPhotos, _) => {
                let hair = before.is(m.baseline);
                both.add(hair.is_some() && hair == after.is(m.follow_up));
            }
        }
    }
    (both, second)
}

/// Hairs that both photos found: whether they were matched with each other.
fn found_in_both(comparison: &Comparison, [before, after]: [&Hits; 2], truth: &PairTruth) -> Tally {
    let mut tally = Tally::default();
    for m in truth.matches.iter().filter(|m| m.in_overlap) {
        if let (Some(&b), Some(&f)) = (before.found.get(&m.baseline), after.found.get(&m.follow_up)) {
            tally.add(comparison.matches.iter().any(|m| (m.baseline, m.follow_up) == (b, f)));
        }
    }
    tally
}

/// Hairs called lost or gained: whether they were.
fn lost_or_gained(comparison: &Comparison, [before, after]: [&Hits; 2], truth: &PairTruth) -> Tally {
    let mut tally = Tally::default();
    for (called, hits, were) in
        [(&comparison.lost, before, &truth.lost), (&comparison.gained, after, &truth.gained)]
    {
        for id in called.iter().filter(|id| !hits.ignored.contains(*id)) {
            tally.add(hits.drawn.get(id).is_some_and(|drawn| were.contains(drawn)));
        }
    }
    tally
}
