//! What became of every hair of the common area.
//!
//! Pairs and second looks → [`Fates`]: matches, and for every other hair how likely it was lost or gained.

use crate::comparison::{Match, MatchSource, SecondLook, SecondLookOutcome};
use crate::hair::{DiameterBasis, Hair, NotCounted, Origin, Polarity};
use crate::measurement::Measurement;

use super::CompareOptions;
use super::change::diameter_change_se;
use super::constellation::{Constellation, told_per_um};
use super::map::{PointUm, distance};
use super::pairing::{Paired, pair};
use super::presence::{Asked, PRIOR_ODDS, Question, SURE_HAIR, ask_again, contrast_of};
use super::quantity::round;
use super::sight::Common;

/// A hair that one photo shows and the other, looked at again, does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alone {
    /// Its id in the photo that shows it.
    pub id: u32,
    /// Its root in µm of the baseline.
    pub root: PointUm,
    /// Probability that it is a hair and was lost (or gained).
    pub weight: f64,
    /// Whether it is called lost (or gained).
    pub told: bool,
    /// Whether its place in the other photo could be seen; if not, it is gone as often as the others.
    pub judged: bool,
    /// Its diameter, µm.
    pub diameter: Option<f64>,
    /// Standard error of that, µm.
    pub diameter_se: f64,
}

/// A matched hair of the common area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Both {
    /// Its root in µm of the baseline.
    pub root: PointUm,
    /// Diameters, µm, where they were measured.
    pub diameter: [Option<f64>; 2],
    /// Their standard errors, µm.
    pub diameter_se: [f64; 2],
    /// Which photos found it on their own.
    pub found: [bool; 2],
    /// Change of the visible length, µm, where both ends are in both photos.
    pub grown: Option<f64>,
}

/// What became of the hairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Fates {
    /// The measurements, with the hairs that a second look found.
    pub measurements: [Measurement; 2],
    /// All matches, by baseline id.
    pub matches: Vec<Match>,
    /// Matched hairs of the common area that count.
    pub both: Vec<Both>,
    /// Hairs of the common area that only one photo shows, baseline then follow-up.
    pub alone: [Vec<Alone>; 2],
    /// What was asked, of the hairs of the baseline and of the follow-up.
    pub second_looks: [Vec<SecondLook>; 2],
}

impl Fates {
    /// Baseline ids of the hairs that are gone.
    pub fn lost(&self) -> Vec<u32> {
        told(&self.alone[0])
    }

    /// Follow-up ids of the hairs that are new.
    pub fn gained(&self) -> Vec<u32> {
        told(&self.alone[1])
    }
}

fn told(alone: &[Alone]) -> Vec<u32> {
    alone.iter().filter(|hair| hair.told).map(|hair| hair.id).collect()
}

/// What became of the hairs of two registered photos.
pub fn fates(common: &Common, measurements: [&Measurement; 2], options: &CompareOptions) -> Fates {
    let [(first, first_sight), (second, second_sight)] = common.photos;
    let warp = common.warp;
    let mut paired = pair(first, second, warp);
    let mut taken = [vec![false; first.strands.len()], vec![false; second.strands.len()]];
    for p in &paired {
        (taken[0][p.first], taken[1][p.second]) = (true, true);
    }
    let gain = contrast_gain(common, &paired);
    let (there, back) = (|p: PointUm| warp.carry(p), |p: PointUm| warp.back(p));
    let (error_there, error_back) = (|p: PointUm| warp.error(p), |p: PointUm| warp.error(warp.back(p)));
    let mut asked = if options.second_look {
        let forth = Question {
            own: (first, first_sight),
            other: (second, second_sight),
            carry: &there,
            error: &error_there,
            gain,
            taken: &taken[1],
        };
        let back = Question {
            own: (second, second_sight),
            other: (first, first_sight),
            carry: &back,
            error: &error_back,
            gain: 1.0 / gain,
            taken: &taken[0],
        };
        [ask_again(&forth, &unpaired(first, &taken[0])), ask_again(&back, &unpaired(second, &taken[1]))]
    } else {
        [unasked(common, 0, &taken[0]), unasked(common, 1, &taken[1])]
    };
    meet(&mut asked, [first, second], &mut paired);
    asked.iter_mut().for_each(|asked| one_per_shaft(asked));

    let mut builder = Builder {
        common,
        gone_rate: [gone_rate(&asked[0]), gone_rate(&asked[1])],
        originals: measurements,
        fates: Fates {
            measurements: measurements.map(Clone::clone),
            matches: Vec::new(),
            both: Vec::new(),
            alone: [Vec::new(), Vec::new()],
            second_looks: [Vec::new(), Vec::new()],
        },
    };
    paired.iter().for_each(|p| builder.add_pair(p));
    for (visit, asked) in asked.iter().enumerate() {
        asked.iter().for_each(|asked| builder.add_asked(visit, asked));
    }
    let mut fates = builder.fates;
    fates.matches.sort_by_key(|m| (m.baseline, m.follow_up));
    fates.second_looks.iter_mut().for_each(|looks| looks.sort_by_key(|look| look.hair));
    fates
}

/// Hairs that count and have no partner.
fn unpaired(photo: &Constellation, taken: &[bool]) -> Vec<usize> {
    (0..photo.strands.len()).filter(|&k| !taken[k] && photo.strands[k].counted).collect()
}

/// Without a second look, whatever has no partner in the common area is lost or gained.
fn unasked(common: &Common, visit: usize, taken: &[bool]) -> Vec<Asked> {
    let (photo, _) = common.photos[visit];
    unpaired(photo, taken)
        .into_iter()
        .map(|strand| {
            let root = photo.strands[strand].root;
            let on_baseline = if visit == 0 { root } else { common.warp.back(root) };
            let outcome = if !common.holds(on_baseline) {
                SecondLookOutcome::Outside
            } else if photo.strands[strand].confidence < SURE_HAIR {
                SecondLookOutcome::DoubtfulHair
            } else {
                SecondLookOutcome::Absent
            };
            Asked { strand, outcome, contrast_ratio: None, presence: Some(0.0), course: Vec::new() }
        })
        .collect()
}

/// Median ratio of the contrasts of one hair in the two photos.
fn contrast_gain(common: &Common, paired: &[Paired]) -> f64 {
    let [(first, first_sight), (second, second_sight)] = common.photos;
    // Every n-th hair: forty tell a median within some 5 %.
    let step = paired.len().div_ceil(40).max(1);
    let mut ratios: Vec<f64> = paired
        .iter()
        .step_by(step)
        .filter_map(|p| {
            let a = contrast_of(first, first_sight, &first.strands[p.first])?;
            let b = contrast_of(second, second_sight, &second.strands[p.second])?;
            Some(b / a)
        })
        .collect();
    if ratios.len() < 5 {
        return 1.0;
    }
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2].clamp(0.5, 2.0)
}

/// Share of a course that has to lie on a hair for both to be one.
const SHARED_COURSE: f64 = 0.5;

/// A hair that was found where the other photo drew one without partner is that hair.
fn meet(asked: &mut [Vec<Asked>; 2], photos: [&Constellation; 2], paired: &mut Vec<Paired>) {
    for visit in 0..2 {
        let other = 1 - visit;
        let mut k = 0;
        while k < asked[visit].len() {
            let this = &asked[visit][k];
            let partner = (this.outcome == SecondLookOutcome::Found)
                .then(|| {
                    asked[other].iter().position(|o| {
                        let strand = &photos[other].strands[o.strand];
                        let near = 0.5 * strand.width + 10.0;
                        let on = |p: &&PointUm| strand.axis.iter().any(|q| distance(**p, *q) < near);
                        let shared = this.course.iter().filter(on).count();
                        shared as f64 >= SHARED_COURSE * this.course.len().max(1) as f64
                    })
                })
                .flatten();
            let Some(partner) = partner else {
                k += 1;
                continue;
            };
            let strands = [this.strand, asked[other][partner].strand];
            let confidence = this.presence.unwrap_or(THIN_EVIDENCE);
            let root_distance = distance(this.course[0], photos[other].strands[strands[1]].root);
            let (first, second) =
                if visit == 0 { (strands[0], strands[1]) } else { (strands[1], strands[0]) };
            paired.push(Paired { first, second, confidence, root_distance });
            asked[other].remove(partner);
            asked[visit].remove(k);
        }
    }
}

/// Of hairs that were found on one shaft of the other photo only the likeliest is there: what one photo drew twice, or as two
/// halves, is one hair in the other. Of the others nothing is known.
fn one_per_shaft(asked: &mut [Asked]) {
    let found = |a: &Asked| a.outcome == SecondLookOutcome::Found;
    let mut order: Vec<usize> = (0..asked.len()).filter(|&k| found(&asked[k])).collect();
    let presence = |k: usize| asked[k].presence.unwrap_or(THIN_EVIDENCE);
    order.sort_by(|&i, &k| presence(k).total_cmp(&presence(i)).then(i.cmp(&k)));
    let mut kept: Vec<usize> = Vec::new();
    let mut covered = Vec::new();
    for k in order {
        let shares = |other: usize| {
            let (a, b) = (&asked[k].course, &asked[other].course);
            let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            let on = |p: &&PointUm| long.iter().any(|q| distance(**p, *q) < SAME_SHAFT_UM);
            short.iter().filter(on).count() as f64 >= SHARED_COURSE * short.len().max(1) as f64
        };
        if kept.iter().any(|&other| shares(other)) { covered.push(k) } else { kept.push(k) }
    }
    for k in covered {
        asked[k] = Asked {
            outcome: SecondLookOutcome::Covered,
            contrast_ratio: None,
            presence: None,
            course: Vec::new(),
            ..asked[k].clone()
        };
    }
}

/// Axes this close are one shaft's, µm: a fine hair's width.
const SAME_SHAFT_UM: f64 = 20.0;

/// Confidence of a match without any better one.
const THIN_EVIDENCE: f64 = 0.5;

/// Of the hairs of a photo without partner whose place in the other photo tells, the share that is gone. Four that are there
/// stand for what is usual.
fn gone_rate(asked: &[Asked]) -> f64 {
    let count = |outcome| asked.iter().filter(|a| a.outcome == outcome).count() as f64;
    let gone = count(SecondLookOutcome::Absent);
    gone / (gone + count(SecondLookOutcome::Found) + 4.0)
}

/// Probability that a hair is gone, from its own answer and from how many others of its photo are ([`gone_rate`]): one whose
/// place could not be seen is gone as often as the others.
fn gone(presence: Option<f64>, rate: f64) -> f64 {
    let rate = rate.min(0.95);
    let Some(presence) = presence else { return rate };
    let odds = (1.0 - presence) / presence.max(1e-9) * PRIOR_ODDS * rate / (1.0 - rate);
    odds / (1.0 + odds)
}

struct Builder<'a> {
    common: &'a Common<'a>,
    /// [`gone_rate`] of the hairs of the baseline and of the follow-up.
    gone_rate: [f64; 2],
    originals: [&'a Measurement; 2],
    fates: Fates,
}

impl Builder<'_> {
    fn hair(&self, visit: usize, strand: usize) -> &Hair {
        &self.originals[visit].hairs[self.common.photos[visit].0.strands[strand].index]
    }

    /// Standard error of a reading of a hair of a photo, µm, without what is the same in both photos.
    fn reading_se_um(&self, visit: usize, hair: &Hair) -> f64 {
        reading_se_um(hair, self.common.photos[visit].0.um_per_px)
    }

    fn add_pair(&mut self, p: &Paired) {
        let [(first, _), (second, _)] = self.common.photos;
        let (a, b) = (&first.strands[p.first], &second.strands[p.second]);
        let (before, after) = (self.hair(0, p.first), self.hair(1, p.second));
        let grown = (a.whole && b.whole).then_some(b.length - a.length);
        let both = Both {
            root: a.root,
            diameter: [before.diameter_um, after.diameter_um],
            diameter_se: [self.reading_se_um(0, before), self.reading_se_um(1, after)],
            found: [a.counted, b.counted],
            grown,
        };
        let in_common_area = self.common.holds(a.root);
        let read = before.diameter_um.zip(after.diameter_um);
        let scaled = self.originals[0].calibration.is_some();
        self.fates.matches.push(Match {
            baseline: before.id,
            follow_up: after.id,
            source: MatchSource::BothPhotos,
            confidence: round(p.confidence),
            root_distance_um: round(p.root_distance * self.unit()),
            in_common_area,
            diameter_change_um: read.map(|(b, a)| round(a - b)),
            diameter_change_se_um: read.map(|(b, a)| round(diameter_change_se([b, a], both.diameter_se))),
            length_change_um: grown.filter(|_| scaled).map(round),
            anagen: None,
            growth_not_told: None,
        });
        if in_common_area && (a.counted || b.counted) {
            self.fates.both.push(both);
        }
    }

    fn add_asked(&mut self, visit: usize, asked: &Asked) {
        let (photo, _) = self.common.photos[visit];
        let strand = &photo.strands[asked.strand];
        let hair = self.hair(visit, asked.strand).clone();
        let root = if visit == 0 { strand.root } else { self.common.warp.back(strand.root) };
        let in_common_area = self.common.holds(root);
        let outcome = if in_common_area { asked.outcome } else { SecondLookOutcome::Outside };
        self.fates.second_looks[visit].push(SecondLook {
            hair: hair.id,
            contrast_ratio: asked.contrast_ratio.map(round),
            presence_probability: asked.presence.map(round),
            outcome,
        });
        if outcome == SecondLookOutcome::Found {
            self.add_found(visit, asked, &hair, root);
        } else if in_common_area {
            let gone = gone(asked.presence, self.gone_rate[visit]);
            self.fates.alone[visit].push(Alone {
                id: hair.id,
                root,
                weight: gone * hair.confidence,
                told: outcome == SecondLookOutcome::Absent,
                judged: asked.presence.is_some(),
                diameter: hair.diameter_um,
                diameter_se: self.reading_se_um(visit, &hair),
            });
        }
    }

    /// A hair that the second look found in the other photo: it gets a record there.
    fn add_found(&mut self, visit: usize, asked: &Asked, hair: &Hair, root: PointUm) {
        let other = 1 - visit;
        let id = self.fates.measurements[other].hairs.iter().map(|h| h.id).max().unwrap_or(0) + 1;
        let found = self.found_hair(other, asked, hair, id);
        self.fates.measurements[other].hairs.push(found);
        let ids = if visit == 0 { [hair.id, id] } else { [id, hair.id] };
        self.fates.matches.push(Match {
            baseline: ids[0],
            follow_up: ids[1],
            source: if visit == 0 {
                MatchSource::SecondLookFollowUp
            } else {
                MatchSource::SecondLookBaseline
            },
            confidence: round(asked.presence.unwrap_or(THIN_EVIDENCE)),
            root_distance_um: self.moved(visit, asked),
            in_common_area: true,
            diameter_change_um: None,
            diameter_change_se_um: None,
            length_change_um: None,
            anagen: None,
            growth_not_told: None,
        });
        let (own, se) = (hair.diameter_um, self.reading_se_um(visit, hair));
        let by_visit = |this, that| if visit == 0 { [this, that] } else { [that, this] };
        self.fates.both.push(Both {
            root,
            diameter: if visit == 0 { [own, None] } else { [None, own] },
            diameter_se: [se, se],
            found: by_visit(true, false),
            grown: None,
        });
    }

    /// How far the found root lies from where the map puts it, µm.
    fn moved(&self, visit: usize, asked: &Asked) -> f64 {
        let root = self.common.photos[visit].0.strands[asked.strand].root;
        let carried = if visit == 0 { self.common.warp.carry(root) } else { self.common.warp.back(root) };
        round(distance(carried, asked.course[0]) * self.unit())
    }

    /// Without a scale lengths are told in px: the record's length of a µm.
    fn unit(&self) -> f64 {
        told_per_um(self.originals[0], self.common.photos[0].0)
    }

    fn found_hair(&self, photo: usize, asked: &Asked, like: &Hair, id: u32) -> Hair {
        let um_per_px = self.common.photos[photo].0.um_per_px;
        let centreline_px: Vec<[f64; 2]> =
            asked.course.iter().map(|p| p.map(|v| round(v / um_per_px))).collect();
        let (root_px, tip_px) = (centreline_px[0], centreline_px[centreline_px.len() - 1]);
        let length = |p: &[[f64; 2]]| p.windows(2).map(|w| distance(w[0], w[1])).sum::<f64>();
        let length_px = round(length(&centreline_px));
        let turn = libm::atan2(tip_px[1] - root_px[1], tip_px[0] - root_px[0]).to_degrees();
        Hair {
            id,
            root_px,
            tip_px,
            width_px: None,
            width_se_px: None,
            diameter_um: None,
            diameter_se_um: None,
            diameter_sd_um: None,
            diameter_limit_um: None,
            diameter_basis: None,
            length_px,
            length_um: self.originals[photo].calibration.map(|c| round(length_px * c.um_per_px)),
            direction_deg: round(turn),
            class: like.class,
            polarity: Polarity::Dark,
            follicular_unit: None,
            counted: false,
            not_counted: Some(NotCounted::SecondLook),
            confidence: round(asked.presence.unwrap_or(THIN_EVIDENCE)),
            root_confidence: like.root_confidence,
            origin: Origin::Automatic,
            centreline_px,
        }
    }
}

/// Standard error of a reading of a diameter, µm. Of a shaft that stands free nowhere, each photo shows something else of its
/// edges, and a width that is doubtful is so for something that this photo alone shows: nothing of its error is the same in both.
fn reading_se_um(hair: &Hair, um_per_px: f64) -> f64 {
    let reading = hair.width_se_px.unwrap_or(0.0) * um_per_px;
    let Some((diameter, stated)) = hair.diameter_um.zip(hair.diameter_se_um) else { return reading };
    let is_free = !matches!(hair.diameter_basis, Some(DiameterBasis::Beside | DiameterBasis::Outline));
    if is_free && stated < DOUBTFUL_SHARE * diameter { reading } else { stated.max(reading) }
}

/// Stated error from which a diameter is doubtful, as a share of it: twice what two readings of one hair usually differ by
/// ([`super::repeat::HAIR_DIAMETER_SHARE`]).
const DOUBTFUL_SHARE: f64 = 0.14;

#[cfg(test)]
#[path = "fates_tests.rs"]
mod tests;
