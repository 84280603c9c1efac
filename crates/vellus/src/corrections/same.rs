//! Which courses are one hair: a hair that is drawn over one that is there would count twice.

use super::drawn::distance;
use crate::hair::PointPx;

/// Share of a course on another one from which both are one hair. Hairs that cross, fork or lie one behind the other
/// share less.
pub(super) const SAME_SHARE: f64 = 0.7;
/// Distance of the points at which courses are compared, px.
const STEP_PX: f64 = 2.0;
/// Most of them: a course across the largest photo is compared more coarsely.
const MOST_STEPS: f64 = 500.0;

/// A course that others are held against.
#[derive(Debug, Clone)]
pub(super) struct Line {
    points: Vec<PointPx>,
    /// Distance of the points along the course, px.
    step: f64,
    low: PointPx,
    high: PointPx,
}

impl Line {
    /// A course of at least one point.
    pub fn new(course: &[PointPx]) -> Self {
        let (points, step) = resampled(course);
        let over = |i: usize| points.iter().map(move |p| p[i]);
        let low = [0, 1].map(|i| over(i).fold(f64::MAX, f64::min));
        let high = [0, 1].map(|i| over(i).fold(f64::MIN, f64::max));
        Self { points, step, low, high }
    }

    /// Whether one of both lies on the other within a distance, px.
    pub fn is(&self, other: &Self, reach_px: f64) -> bool {
        let apart =
            |i: usize| self.low[i] > other.high[i] + reach_px || other.low[i] > self.high[i] + reach_px;
        !apart(0)
            && !apart(1)
            && (self.share_on(other, reach_px) >= SAME_SHARE || other.share_on(self, reach_px) >= SAME_SHARE)
    }

    /// Share of it within a distance of another one, px.
    fn share_on(&self, other: &Self, reach_px: f64) -> f64 {
        let near = |p: &&PointPx| {
            // A point that is far off spares those that follow it: they are a step apart each.
            let mut k = 0;
            while let Some(q) = other.points.get(k) {
                let off = distance(**p, *q) - reach_px;
                if off <= 0.5 * other.step {
                    return true;
                }
                k += ((off / other.step) as usize).max(1);
            }
            false
        };
        self.points.iter().filter(near).count() as f64 / self.points.len() as f64
    }
}

/// Points at equal distances along a course, and that distance.
fn resampled(course: &[PointPx]) -> (Vec<PointPx>, f64) {
    let total: f64 = course.windows(2).map(|p| distance(p[0], p[1])).sum();
    let steps = (total / STEP_PX).ceil().clamp(1.0, MOST_STEPS);
    let mut points = vec![course[0]];
    let (mut before, mut next) = (0.0, total / steps);
    for pair in course.windows(2) {
        let length = distance(pair[0], pair[1]);
        while next <= before + length + 1e-9 && (points.len() as f64) <= steps && length > 0.0 {
            let f = (next - before) / length;
            points.push([0, 1].map(|i| pair[0][i] + f * (pair[1][i] - pair[0][i])));
            next += total / steps;
        }
        before += length;
    }
    (points, (total / steps).max(1e-6))
}

#[cfg(test)]
#[path = "same_tests.rs"]
mod tests;
