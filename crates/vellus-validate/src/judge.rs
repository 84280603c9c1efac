//! Which found hair is which marked one.
//!
//! [`Marks`] and a [`Measurement`] → [`Judged`]. A counted hair hits a mark if, with both resampled every 2 px, at least
//! 60 % of each lies within 33 µm of the other, and their directions differ by less than 25°. One to one, the pairing with
//! the largest sum of mean overlaps. Nobody marked hairs that touch the frame or a line of
//! [`UnmarkedLines`](crate::marks::UnmarkedLines): marks within 22 µm of those, and found hairs within 33 µm of them that
//! hit none, are left out of account, and so are marks of broken hair and debris with what hits them.

use serde::Serialize;
use vellus::{Hair, Measurement};

use crate::line::{Point, length, resampled, share_within};
use crate::marks::{Mark, MarkClass, Marks};
use crate::pair::pair;

/// Spacing of the points that are compared, px.
const STEP_PX: f64 = 2.0;
/// A point is on a hair if it is this close to it, µm: a reader's hand: 6 px of a microscope at 70x, 33 µm.
pub(crate) const REACH_UM: f64 = 6.0 * 5.54;
/// Least overlap of a hit, both ways.
const LEAST_OVERLAP: f64 = 0.6;
/// Directions of a hit differ by less, degrees.
const MOST_ANGLE_DEG: f64 = 25.0;
/// Marks this close to the frame or an unmarked line are left out, µm.
const EDGE_MARK_UM: f64 = 4.0 * 5.54;
/// Found hairs this close that hit nothing are left out, µm.
const EDGE_FOUND_UM: f64 = REACH_UM;
/// Share of a hair on another one that makes it part of that one, or both of them one.
const SAME_SHARE: f64 = 0.5;
/// Share from which a hair was found, however badly drawn.
const SOME_SHARE: f64 = 0.3;

/// Why a hair was missed or is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Missed: it was found, but is not counted.
    NotCounted,
    /// Missed: another hair lies on it; two were taken for one.
    Merged,
    /// Missed or false: found, but too short, too long or off.
    DrawnOtherwise,
    /// Missed: fine hair.
    Fine,
    /// Missed, and none of the above.
    Unseen,
    /// False: it lies on a marked hair that another one hits; one was taken for two.
    Split,
    /// False: nothing is marked there.
    NothingMarked,
}

impl Cause {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotCounted => "found, but not counted",
            Self::Merged => "two hairs taken for one",
            Self::DrawnOtherwise => "found, but too short, too long or off",
            Self::Fine => "fine hair, not found",
            Self::Unseen => "not found",
            Self::Split => "one hair taken for two",
            Self::NothingMarked => "nothing is marked there",
        }
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotCounted => "not_counted",
            Self::Merged => "merged",
            Self::DrawnOtherwise => "drawn_otherwise",
            Self::Fine => "fine",
            Self::Unseen => "unseen",
            Self::Split => "split",
            Self::NothingMarked => "nothing_marked",
        }
    }
}

/// A hair that was missed or is false.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// Whether it was missed; else it is false.
    pub missed: bool,
    /// Why.
    pub cause: Cause,
    /// Its course: the mark's, or the found hair's, px.
    pub line_px: Vec<Point>,
    /// How bad it is: the length of a miss, µm; the confidence of a false hair.
    pub weight: f64,
}

/// A measurement laid over its marks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    /// Marked hairs that have to be found, by class.
    pub marked: Vec<(MarkClass, bool)>,
    /// Counted hairs that hit one.
    pub hits: usize,
    /// Of them, those whose root end is the mark's.
    pub roots_right: usize,
    /// Everything else that counts.
    pub faults: Vec<Fault>,
    /// Counted hairs, hit or false: those left out of account are not among them.
    pub found: usize,
    /// 95 % interval of the count, moved by as many hairs as were left out.
    pub found_ci95: Option<[f64; 2]>,
}

/// A line and its points.
pub(crate) struct Course {
    line: Vec<Point>,
    points: Vec<Point>,
}

impl Course {
    pub(crate) fn new(line: Vec<Point>) -> Self {
        let points = resampled(&line, STEP_PX);
        Self { line, points }
    }

    fn share_on(&self, other: &Self, reach: f64) -> f64 {
        share_within(&self.points, &other.line, reach)
    }

    /// Unit vector from the first to the last point.
    pub(crate) fn direction(&self) -> Point {
        let (first, last) = (self.line[0], self.line[self.line.len() - 1]);
        let along = [last[0] - first[0], last[1] - first[1]];
        let size = along[0].hypot(along[1]).max(1e-9);
        along.map(|v| v / size)
    }

    /// Mean overlap of a hit; 0 if it is none.
    pub(crate) fn hit(&self, other: &Self, reach: f64) -> f64 {
        let (a, b) = (self.direction(), other.direction());
        if (a[0] * b[0] + a[1] * b[1]).abs() < MOST_ANGLE_DEG.to_radians().cos() {
            return 0.0;
        }
        let shares = [self.share_on(other, reach), other.share_on(self, reach)];
        if shares.iter().all(|share| *share >= LEAST_OVERLAP) { 0.5 * (shares[0] + shares[1]) } else { 0.0 }
    }
}

/// Lays a measurement over its marks.
pub fn judge(marks: &Marks, measurement: &Measurement) -> Judged {
    let px = |um: f64| um / marks.um_per_px;
    let reach = px(REACH_UM);
    let wanted: Vec<Course> =
        marks.hairs.iter().map(|mark| Course::new(vec![mark.root_px, mark.tip_px])).collect();
    let drawn = measurement.hairs.iter().filter(|hair| hair.centreline_px.len() > 1);
    let (counted, uncounted): (Vec<&Hair>, Vec<&Hair>) = drawn.partition(|hair| hair.counted);
    let courses =
        |hairs: &[&Hair]| hairs.iter().map(|h| Course::new(h.centreline_px.clone())).collect::<Vec<_>>();
    let (found, left_out) = (courses(&counted), courses(&uncounted));
    let hits = pair(wanted.len(), found.len(), 0.0, |i, k| wanted[i].hit(&found[k], reach));
    let asked = |mark: &Mark, course: &Course| {
        mark.class != MarkClass::Abnormal
            && mark.is_line()
            && !near_edge(&course.line, marks, px(EDGE_MARK_UM))
    };

    let mut judged = Judged::default();
    for (i, (mark, course)) in marks.hairs.iter().zip(&wanted).enumerate() {
        if !asked(mark, course) {
            continue;
        }
        let hit = hits.iter().find(|(mark, _)| *mark == i);
        judged.marked.push((mark.class, hit.is_some()));
        if let Some(&(_, k)) = hit {
            judged.hits += 1;
            let (a, b) = (course.direction(), found[k].direction());
            judged.roots_right += usize::from(a[0] * b[0] + a[1] * b[1] > 0.0);
            continue;
        }
        let matched = |k: usize| hits.iter().any(|(_, other)| *other == k);
        let cause = if left_out.iter().any(|other| course.hit(other, reach) > 0.0) {
            Cause::NotCounted
        } else if (0..found.len()).any(|k| matched(k) && course.share_on(&found[k], reach) >= SAME_SHARE) {
            Cause::Merged
        } else if (0..found.len()).any(|k| !matched(k) && course.share_on(&found[k], reach) >= SOME_SHARE) {
            Cause::DrawnOtherwise
        } else if mark.class == MarkClass::Thin {
            Cause::Fine
        } else {
            Cause::Unseen
        };
        let weight = length(&course.line) * marks.um_per_px;
        judged.faults.push(Fault { missed: true, cause, line_px: course.line.clone(), weight });
    }
    for (k, (hair, course)) in counted.iter().zip(&found).enumerate() {
        if hits.iter().any(|(_, other)| *other == k) || near_edge(&course.line, marks, px(EDGE_FOUND_UM)) {
            continue;
        }
        let on = |least: f64, hit: bool| {
            (0..wanted.len()).any(|i| {
                hits.iter().any(|(mark, _)| *mark == i) == hit && course.share_on(&wanted[i], reach) >= least
            })
        };
        let cause = if on(SAME_SHARE, true) {
            Cause::Split
        } else if on(SOME_SHARE, false) {
            Cause::DrawnOtherwise
        } else {
            Cause::NothingMarked
        };
        judged.faults.push(Fault {
            missed: false,
            cause,
            line_px: course.line.clone(),
            weight: hair.confidence,
        });
    }
    let false_hairs = judged.faults.iter().filter(|fault| !fault.missed).count();
    judged.found = judged.hits + false_hairs;
    let moved = judged.found as f64 - f64::from(measurement.summary.hair_count);
    judged.found_ci95 = measurement.summary.hair_count_ci95.map(|ci95| ci95.map(|end| end + moved));
    judged
}

/// Whether a line comes within `reach` px of the frame or of an unmarked line.
fn near_edge(line: &[Point], marks: &Marks, reach: f64) -> bool {
    [(0, marks.width_px, &marks.unmarked_lines_px.x), (1, marks.height_px, &marks.unmarked_lines_px.y)]
        .into_iter()
        .any(|(axis, size, unmarked)| {
            let low = line.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
            let high = line.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
            let frame = low < reach || high > f64::from(size) - 1.0 - reach;
            frame || unmarked.iter().any(|at| low - reach < *at && *at < high + reach)
        })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
