//! Found hairs against true hairs, one to one.
//!
//! A found hair hits a true one if, with both resampled every 2 px, at least 60 % of each lies within
//! max(2 px, 0.35 true diameters) of the other; of the true hair only what is visible has to be found. Of all
//! one-to-one pairings the one with the largest sum of overlaps is taken (Kuhn 1955, doi:10.1002/nav.3800020109).
//!
//! - True hairs are left out that nobody could be asked to find: loose ones, less than 150 µm visible, less than 30 %
//!   visible. A found hair that lies on one of them is ignored.
//! - Found hairs that are not counted are neither right nor false. A true hair rooted outside the frame that was found
//!   but not counted is no miss: leaving it out is what counting by the root asks for.
//! - The count is of hairs rooted in the frame.

use serde::{Deserialize, Serialize};
use vellus::{Hair, Measurement};
use vellus_phantom::{HairTruth, Truth};
pub use vellus_stats::sample::mean;
use vellus_validate::pair::pair;

use crate::line::{Point, distance, resampled, share_within};

/// Spacing of the points that are compared, px.
const STEP_PX: f64 = 2.0;
/// Least overlap of a hit, both ways.
const LEAST_OVERLAP: f64 = 0.6;
/// A point is on a hair if it is this close to its axis, px, …
const REACH_PX: f64 = 2.0;
/// … or this close, true diameters.
const REACH_DIAMETERS: f64 = 0.35;
/// Shortest visible course of a true hair that has to be found, µm.
const LEAST_VISIBLE_UM: f64 = 150.0;
/// Least visible share of a true hair that has to be found.
const LEAST_VISIBLE_SHARE: f64 = 0.3;
/// Least share of a found hair on hairs left out that makes it one of them.
const IGNORED_SHARE: f64 = 0.5;

/// What a measurement is worth, over one photo or several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Photos.
    pub photos: usize,
    /// True hairs that had to be found.
    pub hairs: usize,
    /// True hairs that were found.
    pub hits: usize,
    /// Counted hairs that are none.
    pub false_hairs: usize,
    /// True hairs that were not found.
    pub misses: usize,
    /// True hairs rooted in the frame, per photo.
    pub true_counts: Vec<usize>,
    /// Counted hairs less ignored ones, per photo.
    pub counts: Vec<usize>,
    /// Diameter found less true, per hit with a diameter, µm.
    pub diameter_errors_um: Vec<f64>,
    /// Stated standard error of each of them, µm.
    pub diameter_ses_um: Vec<f64>,
    /// Hits whose true root is in the frame.
    pub roots: usize,
    /// Those of them whose root end was told right.
    pub roots_right: usize,
}

impl Score {
    /// Hits per counted hair; `None` without any.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.hits, self.hits + self.false_hairs)
    }

    /// Hits per true hair; `None` without any.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.hits, self.hits + self.misses)
    }

    /// Harmonic mean of precision and recall; `None` where there was nothing to find and nothing was found.
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.hits, 2 * self.hits + self.false_hairs + self.misses)
    }

    /// Error of the count over all photos, % of the true count; `None` without true hairs.
    pub fn count_bias_percent(&self) -> Option<f64> {
        let truth: usize = self.true_counts.iter().sum();
        let found: usize = self.counts.iter().sum();
        (truth > 0).then(|| 100.0 * (found as f64 - truth as f64) / truth as f64)
    }

    /// Mean over photos of the size of the count's error, % of the photo's true count; `None` without true hairs.
    pub fn count_error_percent(&self) -> Option<f64> {
        let errors: Vec<f64> = (self.true_counts.iter().zip(&self.counts))
            .filter(|&(&truth, _)| truth > 0)
            .map(|(&truth, &found)| 100.0 * (found as f64 - truth as f64).abs() / truth as f64)
            .collect();
        mean(&errors)
    }

    /// Mean error of the diameter, µm.
    pub fn diameter_bias_um(&self) -> Option<f64> {
        mean(&self.diameter_errors_um)
    }

    /// Standard deviation of the diameter's error, µm.
    pub fn diameter_sd_um(&self) -> Option<f64> {
        sd(&self.diameter_errors_um)
    }

    /// Share of hits whose root end is right, %.
    pub fn root_right_percent(&self) -> Option<f64> {
        ratio(self.roots_right, self.roots).map(|share| 100.0 * share)
    }

    /// Takes in the score of further photos.
    pub fn add(&mut self, other: &Self) {
        self.photos += other.photos;
        self.hairs += other.hairs;
        self.hits += other.hits;
        self.false_hairs += other.false_hairs;
        self.misses += other.misses;
        self.true_counts.extend(&other.true_counts);
        self.counts.extend(&other.counts);
        self.diameter_errors_um.extend(&other.diameter_errors_um);
        self.diameter_ses_um.extend(&other.diameter_ses_um);
        self.roots += other.roots;
        self.roots_right += other.roots_right;
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Standard deviation of a sample of at least two values.
pub fn sd(values: &[f64]) -> Option<f64> {
    vellus_stats::sample::variance(values).map(f64::sqrt)
}

/// A line with what is asked of it, and the box around it.
struct Course {
    points: Vec<Point>,
    line: Vec<Point>,
    low: Point,
    high: Point,
}

impl Course {
    fn new(line: Vec<Point>, points: Vec<Point>) -> Self {
        let fold = |pick: fn(f64, f64) -> f64, start: f64| {
            [0, 1].map(|axis| line.iter().map(|p| p[axis]).fold(start, pick))
        };
        let (low, high) = (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY));
        Self { points, line, low, high }
    }

    fn of_line(line: Vec<Point>) -> Self {
        let points = resampled(&line, STEP_PX);
        Self::new(line, points)
    }

    fn of_found(hair: &Hair) -> Self {
        Self::of_line(hair.centreline_px.clone())
    }

    /// The whole course in the frame is there to lie on; only its visible stretches have to be found.
    fn of_true(hair: &HairTruth) -> Self {
        let line = stretches(&hair.polyline_px, &hair.in_frame).concat();
        let points = stretches(&hair.polyline_px, &hair.visible)
            .iter()
            .flat_map(|stretch| resampled(stretch, STEP_PX))
            .collect();
        Self::new(line, points)
    }

    fn near(&self, other: &Self, reach: f64) -> bool {
        (0..2).all(|axis| {
            self.low[axis] - reach <= other.high[axis] && other.low[axis] - reach <= self.high[axis]
        })
    }

    /// Share of each that lies on the other; the smaller of the two.
    fn overlap(&self, other: &Self, reach: f64) -> f64 {
        if !self.near(other, reach) {
            return 0.0;
        }
        let own = share_within(&self.points, &other.line, reach);
        own.min(share_within(&other.points, &self.line, reach))
    }
}

/// The runs of vertices that are flagged.
fn stretches(line: &[Point], flags: &[bool]) -> Vec<Vec<Point>> {
    let flagged: Vec<(Point, bool)> = line.iter().copied().zip(flags.iter().copied()).collect();
    flagged
        .chunk_by(|a, b| a.1 == b.1)
        .filter(|run| run[0].1 && run.len() > 1)
        .map(|run| run.iter().map(|(p, _)| *p).collect())
        .collect()
}

/// Whether a true hair has to be found.
fn asked_for(hair: &HairTruth) -> bool {
    !hair.loose && hair.visible_length_um >= LEAST_VISIBLE_UM && hair.visible_fraction >= LEAST_VISIBLE_SHARE
}

/// A measurement laid over its truth.
#[derive(Debug)]
pub struct Judged<'a> {
    /// True hairs that have to be found.
    pub asked: Vec<&'a HairTruth>,
    /// Counted hairs.
    pub counted: Vec<&'a Hair>,
    /// What hits what: places in `counted` and `asked`.
    pub hits: Vec<(usize, usize)>,
    /// Places in `counted` of hairs that are neither right nor false: they lie on what nobody is asked to find.
    pub ignored: Vec<usize>,
    /// How many of the true hairs that have to be found were missed.
    pub misses: usize,
}

/// Which counted hair hits which true one.
pub fn judge<'a>(measurement: &'a Measurement, truth: &'a Truth) -> Judged<'a> {
    let drawn = Drawn::of(truth);
    let (counted, uncounted): (Vec<&Hair>, Vec<&Hair>) = measurement.hairs.iter().partition(|h| h.counted);
    let courses = |hairs: &[&Hair]| hairs.iter().map(|h| Course::of_found(h)).collect::<Vec<_>>();
    let (found, left_out) = (courses(&counted), courses(&uncounted));
    let (hits, ignored) = drawn.under(&found);
    let mut hit = vec![false; drawn.asked.len()];
    hits.iter().for_each(|&(_, k)| hit[k] = true);
    let excused = |k: usize| {
        !drawn.asked[k].root_in_frame && left_out.iter().any(|found| drawn.overlap(found, k) >= LEAST_OVERLAP)
    };
    let misses = (0..hit.len()).filter(|&k| !hit[k] && !excused(k)).count();
    Judged { asked: drawn.asked, counted, hits, ignored, misses }
}

/// Whether each line is a true hair, drawn right and once; `None` where it lies on what nobody is asked to find.
pub fn are_hairs(lines: Vec<Vec<Point>>, truth: &Truth) -> Vec<Option<bool>> {
    let found: Vec<Course> = lines.into_iter().map(Course::of_line).collect();
    let (hits, ignored) = Drawn::of(truth).under(&found);
    let mut are = vec![Some(false); found.len()];
    hits.iter().for_each(|&(i, _)| are[i] = Some(true));
    ignored.iter().for_each(|&i| are[i] = None);
    are
}

/// The hairs of a truth with their courses.
struct Drawn<'a> {
    truth: &'a Truth,
    asked: Vec<&'a HairTruth>,
    wanted: Vec<Course>,
    others: Vec<(&'a HairTruth, Course)>,
}

impl<'a> Drawn<'a> {
    fn of(truth: &'a Truth) -> Self {
        let (asked, others): (Vec<&HairTruth>, Vec<&HairTruth>) =
            truth.hairs.iter().partition(|h| asked_for(h));
        let wanted = asked.iter().map(|h| Course::of_true(h)).collect();
        let others = others.into_iter().map(|h| (h, Course::of_true(h))).collect();
        Self { truth, asked, wanted, others }
    }

    /// Overlap of a found line with the hair of that place in `asked`.
    fn overlap(&self, found: &Course, k: usize) -> f64 {
        found.overlap(&self.wanted[k], reach(self.asked[k], self.truth))
    }

    /// Pairs of found lines and places in `asked`, and which of the other found lines lie on what nobody is asked to find.
    fn under(&self, found: &[Course]) -> (Vec<(usize, usize)>, Vec<usize>) {
        let hits = pair(found.len(), self.wanted.len(), LEAST_OVERLAP, |i, k| self.overlap(&found[i], k));
        let mut free = vec![true; found.len()];
        hits.iter().for_each(|&(i, _)| free[i] = false);
        let lies_on_other = |found: &Course| {
            self.others.iter().any(|(hair, course)| {
                let reach = reach(hair, self.truth);
                found.near(course, reach) && share_within(&found.points, &course.line, reach) >= IGNORED_SHARE
            })
        };
        let ignored = (0..found.len()).filter(|&i| free[i] && lies_on_other(&found[i])).collect();
        (hits, ignored)
    }
}

/// The drawn hair that most of a found hair lies on, if at least half of it lies on any: what it is, however badly drawn.
pub fn lies_on<'a>(hair: &Hair, truth: &'a Truth) -> Option<&'a HairTruth> {
    let found = Course::of_found(hair);
    let share = |drawn: &HairTruth| {
        let (course, reach) = (Course::of_true(drawn), reach(drawn, truth));
        if found.near(&course, reach) { share_within(&found.points, &course.line, reach) } else { 0.0 }
    };
    let shares = truth.hairs.iter().map(|drawn| (share(drawn), drawn));
    let (share, drawn) = shares.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (share >= IGNORED_SHARE).then_some(drawn)
}

/// How close to the axis of a drawn hair a point is on it, px.
fn reach(hair: &HairTruth, truth: &Truth) -> f64 {
    REACH_PX.max(REACH_DIAMETERS * hair.diameter_um / truth.um_per_px)
}

/// Scores one measurement.
pub fn score(measurement: &Measurement, truth: &Truth) -> Score {
    let judged = judge(measurement, truth);
    let hits = judged.hits.len();
    let mut score = Score {
        photos: 1,
        hairs: judged.asked.len(),
        hits,
        false_hairs: judged.counted.len() - hits - judged.ignored.len(),
        misses: judged.misses,
        ..Score::default()
    };
    for &(i, k) in &judged.hits {
        let (hair, truth) = (judged.counted[i], judged.asked[k]);
        if let (Some(diameter), Some(se)) = (hair.diameter_um, hair.diameter_se_um) {
            score.diameter_errors_um.push(diameter - truth.diameter_um);
            score.diameter_ses_um.push(se);
        }
        if truth.root_in_frame {
            score.roots += 1;
            let right = distance(hair.root_px, truth.root_px) < distance(hair.tip_px, truth.root_px);
            score.roots_right += usize::from(right);
        }
    }
    score.true_counts = vec![judged.asked.iter().filter(|hair| hair.root_in_frame).count()];
    score.counts = vec![hits + score.false_hairs];
    score
}

/// Which lines of two photos are one, one to one: the pairing with the largest overlaps, by the rule of a hit. Each line
/// of the first photo comes with the distance that counts as on it, px, and has been carried into the second.
pub fn same_lines(first: &[(Vec<Point>, f64)], second: &[Vec<Point>]) -> Vec<(usize, usize)> {
    let from: Vec<Course> = first.iter().map(|(line, _)| Course::of_line(line.clone())).collect();
    let to: Vec<Course> = second.iter().map(|line| Course::of_line(line.clone())).collect();
    pair(from.len(), to.len(), LEAST_OVERLAP, |i, k| from[i].overlap(&to[k], first[i].1.max(REACH_PX)))
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
