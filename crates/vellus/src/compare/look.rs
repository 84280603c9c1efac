//! The second look: is a hair of one photo at its place in the other?
//!
//! A hair, where its course lies in the other photo, and what that photo shows → [`Seen`].
//!
//! Along the course that the hair should have, the opacity in the middle is compared with the skin on both sides. Place,
//! width and direction are known, so that a signal far below what a search over the whole photo needs is enough: it only
//! has to stand out from what the same question gives at places nearby where no hair was found. Both the answer expected
//! of the hair (its own contrast in its own photo, times what the two photos differ by in contrast) and the answer of
//! bare skin are measured, and their likelihood ratio gives the probability of presence.
//!
//! The course may be a little off (the warp's error), turned about its root (hair lies down differently) and shorter
//! (clipped anew): the best answer over these counts, for skin as for the hair. What lies on another hair that has its
//! own place in both photos cannot be seen.

use super::map::PointUm;
use super::sight::{Cover, Sight};

/// A course in the photo that is asked, px.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// From the root, [`STEP_PX`] apart.
    points: Vec<[f32; 2]>,
    /// Width of the shaft, px.
    width: f32,
}

/// The answer of a photo.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// There is something to be read.
    Answer(Answer),
    /// Its place is mostly not scalp or outside.
    Masked,
    /// Its place is mostly under other hairs.
    Covered,
}

/// How much darker the course is than its sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Mean opacity of the middle less the sides.
    pub contrast: f64,
    /// The course where that was found, px.
    pub course: Vec<[f32; 2]>,
}

/// Spacing of a course, px.
const STEP_PX: f32 = 1.5;
/// Longest course that is asked for, µm: a clipped hair's; of a long one the part at the root.
const LONGEST_UM: f64 = 1500.0;
/// Shares of the course that may be left after clipping anew.
const LENGTHS: [f32; 3] = [0.5, 0.75, 1.0];
/// Shortest course that is asked for, µm.
const SHORTEST_UM: f64 = 100.0;
/// Turns about the root, degrees: hair lies down within some 10° of how it lay before.
const TURNS_DEG: [f32; 7] = [-18.0, -12.0, -6.0, 0.0, 6.0, 12.0, 18.0];
/// Least share of the course that has to be seen.
const LEAST_SEEN: f32 = 0.4;
/// Least distance of the sides from the shaft's edge, px: two sigmas of a usual lens.
const SIDE_PX: f32 = 2.4;

impl Course {
    /// The course of a hair: `axis` from the root and `width`, µm of the photo that is asked.
    pub fn new(axis: &[PointUm], width: f64, um_per_px: f64) -> Self {
        let most = (LONGEST_UM / um_per_px) as f32;
        let px: Vec<[f32; 2]> = axis.iter().map(|p| p.map(|v| (v / um_per_px) as f32)).collect();
        let mut points = vec![px[0]];
        let (mut at, mut next) = (0.0_f32, STEP_PX);
        for pair in px.windows(2) {
            let d = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            let length = libm::hypotf(d[0], d[1]);
            while next <= at + length && next <= most {
                let f = (next - at) / length;
                points.push([pair[0][0] + f * d[0], pair[0][1] + f * d[1]]);
                next += STEP_PX;
            }
            at += length;
        }
        Self { points, width: (width / um_per_px) as f32 }
    }

    /// The same course elsewhere: turned about its root by `turn` radians, its root moved by `by` px.
    pub fn moved(&self, turn: f32, by: [f32; 2]) -> Self {
        let (s, c) = (libm::sinf(turn), libm::cosf(turn));
        let [x0, y0] = self.points[0];
        let points = self
            .points
            .iter()
            .map(|[x, y]| {
                let (dx, dy) = (x - x0, y - y0);
                [x0 + by[0] + c * dx - s * dy, y0 + by[1] + s * dx + c * dy]
            })
            .collect();
        Self { points, width: self.width }
    }

    /// Unit vector across the course at its root's end, from its first to its last point.
    fn across(&self) -> [f32; 2] {
        let ([x0, y0], [x1, y1]) = (self.points[0], self.points[self.points.len() - 1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = libm::hypotf(dx, dy).max(1e-6);
        [-dy / length, dx / length]
    }

    /// Share of its points on scalp that no hair covers.
    pub fn open_share(&self, sight: &Sight, cover: &Cover) -> f32 {
        let open = |p: &&[f32; 2]| is_scalp(sight, **p) && !cover.at(p[0], p[1]);
        self.points.iter().filter(open).count() as f32 / self.points.len() as f32
    }
}

/// What the photo answers at the course itself, without a search.
pub fn answer_at(course: &Course, sight: &Sight, cover: &Cover) -> Option<f64> {
    best_length(course, sight, cover, 1).map(|(contrast, _)| f64::from(contrast))
}

/// What the photo answers near the course: within `slack_um` across it.
pub fn ask(course: &Course, sight: &Sight, cover: &Cover, slack_um: f64, um_per_px: f64) -> Seen {
    let shortest = ((SHORTEST_UM / um_per_px) as f32 / STEP_PX).ceil() as usize;
    let scalp = course.points.iter().filter(|p| is_scalp(sight, **p)).count();
    if (scalp as f32) < LEAST_SEEN * course.points.len() as f32 || !is_scalp(sight, course.points[0]) {
        return Seen::Masked;
    }
    let slack = (slack_um / um_per_px) as f32;
    let step = (0.25 * course.width).max(1.0);
    let steps = (slack / step).ceil() as i32;
    let across = course.across();
    let mut best: Option<(f32, Course, usize)> = None;
    for turn in TURNS_DEG {
        for k in -steps..=steps {
            let t = k as f32 * step;
            let moved = course.moved(turn.to_radians(), [t * across[0], t * across[1]]);
            if let Some((contrast, points)) = best_length(&moved, sight, cover, shortest)
                && best.as_ref().is_none_or(|b| contrast > b.0)
            {
                best = Some((contrast, moved, points));
            }
        }
    }
    match best {
        None => Seen::Covered,
        Some((contrast, course, points)) => {
            Seen::Answer(Answer { contrast: f64::from(contrast), course: course.points[..points].to_vec() })
        }
    }
}

/// The largest mean contrast over the shares of the course that may be left, and how many points that is. `shortest` = 1
/// asks for the whole course only.
fn best_length(course: &Course, sight: &Sight, cover: &Cover, shortest: usize) -> Option<(f32, usize)> {
    let n = course.points.len();
    let (mut sum, mut seen) = (0.0_f32, 0_usize);
    let mut best: Option<(f32, usize)> = None;
    let lengths: &[f32] = if shortest == 1 { &LENGTHS[2..] } else { &LENGTHS };
    let mut next = 0;
    for k in 0..n {
        if let Some(contrast) = contrast_at(course, k, sight, cover) {
            sum += contrast;
            seen += 1;
        }
        while next < lengths.len() && k + 1 >= (lengths[next] * n as f32) as usize {
            if k + 1 >= shortest.min(n) && seen as f32 >= LEAST_SEEN * (k + 1) as f32 && seen > 3 {
                let mean = sum / seen as f32;
                // A longer course is the surer one: a shorter has to be clearly darker.
                if best.is_none_or(|(b, _)| mean > 0.9 * b) {
                    best = Some((best.map_or(mean, |(b, _)| b.max(mean)), k + 1));
                }
            }
            next += 1;
        }
    }
    best
}

/// Opacity in the middle less that of the sides which can be seen.
#[inline]
fn contrast_at(course: &Course, k: usize, sight: &Sight, cover: &Cover) -> Option<f32> {
    let p = course.points[k];
    if !is_scalp(sight, p) || cover.at(p[0], p[1]) {
        return None;
    }
    let n = course.points.len();
    let (q, r) = (course.points[k.saturating_sub(2)], course.points[(k + 2).min(n - 1)]);
    let (dx, dy) = (r[0] - q[0], r[1] - q[1]);
    let length = libm::hypotf(dx, dy).max(1e-6);
    let (nx, ny) = (-dy / length, dx / length);
    let opacity = &sight.opacity;
    let quarter = 0.2 * course.width;
    let middle = (opacity.sample(p[0], p[1])
        + opacity.sample(p[0] + quarter * nx, p[1] + quarter * ny)
        + opacity.sample(p[0] - quarter * nx, p[1] - quarter * ny))
        / 3.0;
    let side = 0.5 * course.width + SIDE_PX.max(0.3 * course.width);
    let (mut sum, mut sides) = (0.0, 0.0);
    for t in [-side, side] {
        let s = [p[0] + t * nx, p[1] + t * ny];
        if is_scalp(sight, s) && !cover.at(s[0], s[1]) {
            sum += opacity.sample(s[0], s[1]);
            sides += 1.0_f32;
        }
    }
    // Opacity is 0 on skin, so that no side in sight is no loss of meaning.
    Some((middle - sum / sides.max(1.0)).clamp(-0.3, 1.2))
}

#[inline]
fn is_scalp(sight: &Sight, p: [f32; 2]) -> bool {
    let (width, height) = (sight.opacity.width, sight.opacity.height);
    p[0] >= 0.0
        && p[1] >= 0.0
        && p[0] <= (width - 1) as f32
        && p[1] <= (height - 1) as f32
        && sight.scalp[(p[1] + 0.5) as usize * width + (p[0] + 0.5) as usize]
}
