//! A shaft as a ribbon: an axis with a width, and the pixels that it covers.

use crate::median::upper_median_of;
use crate::plane::Plane;
use crate::track::{Track, TrackEnd, TrackPoint};

/// A candidate shaft, ready to be laid over the photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    /// Axis, px; at least two points.
    pub axis: Vec<[f32; 2]>,
    /// Width at every point of the axis, px.
    pub width_px: Vec<f32>,
    /// Edges in sight at every point: left, right.
    pub edges: Vec<[bool; 2]>,
    /// Opacity of the shaft.
    pub level: f32,
    /// How it ends before the first and after the last point.
    pub ends: [TrackEnd; 2],
    /// Pixels that it covers, by index into the plane, in rising order.
    pub cover: Vec<Cover>,
}

/// A pixel and how much of it a ribbon covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cover {
    /// Index into the plane, y × W + x.
    pub pixel: u32,
    /// Share of the pixel, 0 to 1.
    pub share: f32,
}

impl Ribbon {
    /// The ribbon of a track, its axis and width smoothed over one width; not laid over any pixels yet.
    pub fn of_track(track: &Track) -> Self {
        let smooth = smooth(&track.points, track.width_px);
        let axis = smooth.iter().map(|p| [p.x, p.y]).collect();
        let width_px = smooth.iter().map(|p| p.width_px).collect();
        let edges = smooth.iter().map(|p| [p.left, p.right]).collect();
        Self { axis, width_px, edges, level: track.level, ends: track.ends, cover: Vec::new() }
    }

    /// A ribbon of even width over an axis, laid over a plane of `width` × `height`.
    pub fn over(axis: Vec<[f32; 2]>, width_px: f32, level: f32, [width, height]: [usize; 2]) -> Self {
        let n = axis.len();
        let mut ribbon = Self {
            axis,
            width_px: vec![width_px; n],
            edges: vec![[true, true]; n],
            level,
            ends: [TrackEnd::Open; 2],
            cover: Vec::new(),
        };
        ribbon.lay(width, height);
        ribbon
    }

    /// Computes `cover` anew on a plane of `width` × `height`, and cuts the axis at its frame.
    pub fn lay(&mut self, width: usize, height: usize) {
        self.cover(width, height);
        self.cut(width, height);
    }

    /// Whether all of the axis lies on a plane of `width` × `height`.
    pub fn is_inside(&self, width: usize, height: usize) -> bool {
        let most = [(width - 1) as f32, (height - 1) as f32];
        self.axis.iter().all(|p| (0..2).all(|i| p[i] >= 0.0 && p[i] <= most[i]))
    }

    /// Cuts the axis where it leaves a plane of `width` × `height`: nothing is known of a shaft outside the photo.
    fn cut(&mut self, width: usize, height: usize) {
        if self.is_inside(width, height) {
            return;
        }
        let most = [(width - 1) as f32, (height - 1) as f32];
        let inside = |p: &[f32; 2]| (0..2).all(|i| p[i] >= 0.0 && p[i] <= most[i]);
        if let (Some(first), Some(last)) =
            (self.axis.iter().position(inside), self.axis.iter().rposition(inside))
            && self.axis.len() > 1
        {
            // A point that lies on the frame is the end itself, as long as there are two.
            if last + 1 < self.axis.len() {
                let on_frame = self.cut_piece(last, last + 1, most) && last > first;
                let keep = if on_frame { last + 1 } else { last + 2 };
                self.axis.truncate(keep);
                self.width_px.truncate(keep);
                self.edges.truncate(keep);
                self.ends[1] = TrackEnd::Border;
            }
            if first > 0 {
                let on_frame = self.cut_piece(first, first - 1, most) && last > first;
                let drop = if on_frame { first } else { first - 1 };
                self.axis.drain(..drop);
                self.width_px.drain(..drop);
                self.edges.drain(..drop);
                self.ends[0] = TrackEnd::Border;
            }
        }
        // What still lies outside runs along the frame.
        for p in &mut self.axis {
            *p = [p[0].clamp(0.0, most[0]), p[1].clamp(0.0, most[1])];
        }
    }

    /// Moves the point `outer` of the axis to where the way to it from `inner` leaves the frame; `true` if that is at
    /// `inner` itself.
    fn cut_piece(&mut self, inner: usize, outer: usize, most: [f32; 2]) -> bool {
        let (p, q) = (self.axis[inner], self.axis[outer]);
        let share = (0..2).fold(1.0_f32, |share, i| {
            let way = q[i] - p[i];
            if q[i] < 0.0 {
                share.min(-p[i] / way)
            } else if q[i] > most[i] {
                share.min((most[i] - p[i]) / way)
            } else {
                share
            }
        });
        self.axis[outer] = [p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])];
        self.width_px[outer] = self.width_px[inner] + share * (self.width_px[outer] - self.width_px[inner]);
        share * libm::hypotf(q[0] - p[0], q[1] - p[1]) < 0.01
    }

    fn cover(&mut self, width: usize, height: usize) {
        let reach = 0.5 * self.width_px.iter().fold(0.0_f32, |a, &b| a.max(b)) + 1.0;
        let clamp = |v: f32, n: usize| v.clamp(0.0, (n - 1) as f32) as usize;
        let rows = self.axis.iter().map(|p| p[1]);
        let (top, bottom) = rows.fold((f32::MAX, f32::MIN), |(low, high), y| (low.min(y), high.max(y)));
        let (y0, y1) = (clamp((top - reach).floor(), height), clamp((bottom + reach).ceil(), height));
        let last = self.axis.len() - 2;
        let mut pieces = Vec::with_capacity(last + 1);
        // Of every row only the stretch that the pieces reach is held: the bounding box of a long hair is nearly empty.
        let mut stretches = Vec::new();
        let mut reached = vec![[usize::MAX, 0]; y1 - y0 + 1];
        for k in 0..=last {
            let ([ax, ay], [bx, by]) = (self.axis[k], self.axis[k + 1]);
            let length = libm::hypotf(bx - ax, by - ay);
            let (c, s) = ((bx - ax) / length, (by - ay) / length);
            let (from, to) = (0.5 * self.width_px[k], 0.5 * self.width_px[k + 1]);
            pieces.push(Piece { start: [ax, ay], direction: [c, s], length, half: [from, to] });
            if length < 1e-6 {
                continue;
            }
            let pad = from.max(to) + 1.0;
            let (sx0, sx1) =
                (clamp((ax.min(bx) - pad).floor(), width), clamp((ax.max(bx) + pad).ceil(), width));
            let (sy0, sy1) =
                (clamp((ay.min(by) - pad).floor(), height), clamp((ay.max(by) + pad).ceil(), height));
            // Nothing is covered farther from the middle of the piece than this, along and across.
            let (far_along, far_across) = (0.5 * length + from.max(to) + 1.5, from.max(to) + 1.5);
            let (mx, my) = (0.5 * (ax + bx), 0.5 * (ay + by));
            for y in sy0..=sy1 {
                let dy = y as f32 - my;
                let band = |far: f32, slope: f32, offset: f32| {
                    // Columns with |slope · dx + offset| ≤ far.
                    if slope.abs() < 1e-3 {
                        return (f32::MIN, f32::MAX);
                    }
                    let (a, b) = ((-far - offset) / slope, (far - offset) / slope);
                    (a.min(b), a.max(b))
                };
                let (a0, a1) = band(far_along, c, dy * s);
                let (b0, b1) = band(far_across, -s, dy * c);
                let from_x = (mx + a0.max(b0)).max(sx0 as f32).floor() as usize;
                let to_x = (mx + a1.min(b1)).min(sx1 as f32).ceil().max(-1.0);
                if to_x < 0.0 {
                    continue;
                }
                let end_x = (to_x as usize).min(sx1) + 1;
                if from_x < end_x {
                    let [first, end] = &mut reached[y - y0];
                    (*first, *end) = ((*first).min(from_x), (*end).max(end_x));
                    stretches.push((k, y, from_x..end_x));
                }
            }
        }
        let mut first = Vec::with_capacity(reached.len());
        let mut count = 0;
        for &[from, end] in &reached {
            first.push(count);
            count += end.saturating_sub(from);
        }
        let mut shares = vec![0.0_f32; count];
        for (k, y, columns) in stretches {
            let piece = &pieces[k];
            let begin = first[y - y0] + columns.start - reached[y - y0][0];
            let slots = &mut shares[begin..begin + columns.len()];
            // More than all of a pixel is not covered.
            for (slot, x) in slots.iter_mut().zip(columns).filter(|(slot, _)| **slot < 1.0) {
                *slot = slot.max(piece.share(x as f32, y as f32, k == 0, k == last));
            }
        }
        self.cover.clear();
        for ((y, &[from, end]), first) in (y0..).zip(&reached).zip(first) {
            let row = (y * width) as u32;
            let part = &shares[first..first + end.saturating_sub(from)];
            let covered = part.iter().enumerate().filter(|&(_, &share)| share > 0.02);
            self.cover.extend(covered.map(|(x, &share)| Cover { pixel: row + (from + x) as u32, share }));
        }
    }

    /// The last point of the axis (the first, if not `last`) and the direction out of the shaft there.
    pub fn end(&self, last: bool) -> ([f32; 2], [f32; 2]) {
        let n = self.axis.len();
        let back = (n / 3).clamp(1, n - 1).min(END_POINTS);
        let (tip, inner) =
            if last { (self.axis[n - 1], self.axis[n - 1 - back]) } else { (self.axis[0], self.axis[back]) };
        let (dx, dy) = (tip[0] - inner[0], tip[1] - inner[1]);
        let length = libm::hypotf(dx, dy).max(1e-6);
        (tip, [dx / length, dy / length])
    }

    /// Takes back both ends to where the shaft reaches `share` of its own opacity: around a root the skin is darker,
    /// too, but less so. What falls within the reach of a blurred edge is a sharp end and stays.
    pub fn trim(&mut self, opacity: &Plane, share: f32) {
        let core: Vec<f32> = self.axis.iter().map(|p| opacity.sample(p[0], p[1])).collect();
        let least = share * upper_median_of(core.clone());
        let n = core.len();
        let spacing = self.length_px() / (n - 1) as f32;
        let (most, sharp) = (MAX_TRIM * n as f32, SHARP_END_PX / spacing);
        let faded = |pale: usize| if pale as f32 > sharp { pale.min(most as usize) } else { 0 };
        let first = faded(core.iter().take_while(|&&v| v < least).count());
        let last = n - faded(core.iter().rev().take_while(|&&v| v < least).count());
        if last >= first + 2 {
            self.axis = self.axis[first..last].to_vec();
            self.width_px = self.width_px[first..last].to_vec();
            self.edges = self.edges[first..last].to_vec();
        }
    }

    /// Adds `px` to both ends.
    pub fn lengthen(&mut self, px: f32) {
        for last in [false, true] {
            let ([x, y], [dx, dy]) = self.end(last);
            let k = if last { self.axis.len() - 1 } else { 0 };
            self.axis[k] = [x + px * dx, y + px * dy];
        }
    }

    /// Runs the axis the other way.
    pub fn reverse(&mut self) {
        self.axis.reverse();
        self.width_px.reverse();
        self.edges.reverse();
        self.edges.iter_mut().for_each(|edges| edges.swap(0, 1));
        self.ends.swap(0, 1);
    }

    /// Leaves out the first points that lie behind an end of another piece with a course.
    pub fn drop_behind(&mut self, end: [f32; 2], course: [f32; 2]) {
        let is_behind = |p: &[f32; 2]| (p[0] - end[0]) * course[0] + (p[1] - end[1]) * course[1] <= 0.0;
        let behind = self.axis.iter().take_while(|p| is_behind(p)).count();
        let behind = behind.min(self.axis.len().saturating_sub(2));
        self.axis.drain(..behind);
        self.width_px.drain(..behind);
        self.edges.drain(..behind);
    }

    /// Continues with another piece of the same shaft; `cover` is to be laid anew.
    pub fn append(&mut self, other: Self) {
        let (own, further) = (self.axis.len() as f32, other.axis.len() as f32);
        self.level = (own * self.level + further * other.level) / (own + further);
        self.axis.extend(other.axis);
        self.width_px.extend(other.width_px);
        self.edges.extend(other.edges);
        self.ends[1] = other.ends[1];
        self.cover.clear();
    }

    /// The middle point of the axis, px.
    pub fn middle(&self) -> [f32; 2] {
        self.axis[self.axis.len() / 2]
    }

    /// Length along the axis, px.
    pub fn length_px(&self) -> f32 {
        self.axis.windows(2).map(|pair| libm::hypotf(pair[1][0] - pair[0][0], pair[1][1] - pair[0][1])).sum()
    }

    /// Mean width, px.
    pub fn mean_width_px(&self) -> f32 {
        self.width_px.iter().sum::<f32>() / self.width_px.len() as f32
    }

    /// Mean of a plane over the pixels that are covered.
    pub fn mean_under(&self, plane: &Plane) -> f32 {
        let sum: f32 = self.cover.iter().map(|cover| cover.share * plane.data[cover.pixel as usize]).sum();
        sum / self.area_px().max(f32::EPSILON)
    }

    /// Area, px².
    pub fn area_px(&self) -> f32 {
        self.cover.iter().map(|cover| cover.share).sum()
    }

    /// Edges in sight per edge there is, 0 to 1.
    pub fn edges_seen(&self) -> f32 {
        let seen: usize = self.edges.iter().map(|[l, r]| usize::from(*l) + usize::from(*r)).sum();
        seen as f32 / (2 * self.edges.len()) as f32
    }

    /// Share of the points that see both edges, 0 to 1.
    pub fn both_edges(&self) -> f32 {
        self.edges.iter().filter(|[l, r]| *l && *r).count() as f32 / self.edges.len() as f32
    }
}

/// What lies between two points of an axis.
struct Piece {
    start: [f32; 2],
    direction: [f32; 2],
    length: f32,
    /// Half of the width at its two ends.
    half: [f32; 2],
}

impl Piece {
    /// Share of a pixel that it covers: flat at the two ends of the shaft, round where two pieces join.
    #[inline]
    fn share(&self, x: f32, y: f32, is_first: bool, is_last: bool) -> f32 {
        let ([ax, ay], [c, s], [from, to]) = (self.start, self.direction, self.half);
        let (dx, dy) = (x - ax, y - ay);
        let (u, v) = (dx * c + dy * s, dy * c - dx * s);
        let half = from + (to - from) * (u / self.length).clamp(0.0, 1.0);
        let (before, behind) = (-u, u - self.length);
        let share = (half - v.abs() + 0.5).clamp(0.0, 1.0);
        if before > 0.0 {
            if is_first { share * (1.0 - (before + 0.5)).clamp(0.0, 1.0) } else { round(half, before, v) }
        } else if behind > 0.0 {
            if is_last { share * (0.5 - behind).clamp(0.0, 1.0) } else { round(half, behind, v) }
        } else {
            share
        }
    }
}

/// Longest stretch over which a cut end fades, px: two sigmas of a lens blur of 1.2 px, and a step of the axis.
const SHARP_END_PX: f32 = 4.4;
/// Largest share of the axis that is taken back at one end.
const MAX_TRIM: f32 = 0.3;
/// Points of the axis that give the direction of an end.
const END_POINTS: usize = 8;

fn round(half: f32, ahead: f32, across: f32) -> f32 {
    (half - libm::hypotf(ahead, across) + 0.5).clamp(0.0, 1.0)
}

/// Local straight-line fit of axis and width, points that see both edges counting most.
fn smooth(points: &[TrackPoint], width_px: f32) -> Vec<TrackPoint> {
    let mut at = Vec::with_capacity(points.len());
    let mut s = 0.0;
    for (k, point) in points.iter().enumerate() {
        if k > 0 {
            s += libm::hypotf(point.x - points[k - 1].x, point.y - points[k - 1].y);
        }
        at.push(s);
    }
    let reach = (1.5 * width_px).clamp(4.0, 40.0);
    let trust = |p: &TrackPoint| match (p.left, p.right) {
        (true, true) => 1.0,
        (false, false) => 0.05,
        _ => 0.5_f32,
    };
    let mut first = 0;
    (0..points.len())
        .map(|i| {
            while at[i] - at[first] > reach {
                first += 1;
            }
            let (mut w, mut su, mut suu) = (0.0, 0.0, 0.0);
            let mut sums = [[0.0_f32; 2]; 2];
            let (mut ww, mut swidth) = (1e-3, 1e-3 * width_px);
            for k in (first..points.len()).take_while(|&k| at[k] - at[i] <= reach) {
                let u = (at[k] - at[i]) / reach;
                let weight = trust(&points[k]) * (1.0 - u * u);
                w += weight;
                su += weight * u;
                suu += weight * u * u;
                for (sum, value) in sums.iter_mut().zip([points[k].x, points[k].y]) {
                    sum[0] += weight * value;
                    sum[1] += weight * u * value;
                }
                if points[k].left && points[k].right {
                    ww += weight;
                    swidth += weight * points[k].width_px;
                }
            }
            let det = w * suu - su * su;
            let value = |sum: [f32; 2]| {
                if det > 1e-4 * w * w { (suu * sum[0] - su * sum[1]) / det } else { sum[0] / w.max(1e-9) }
            };
            TrackPoint { x: value(sums[0]), y: value(sums[1]), width_px: swidth / ww, ..points[i] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ribbon(axis: Vec<[f32; 2]>) -> Ribbon {
        let n = axis.len();
        let (width_px, edges) = (vec![4.0; n], vec![[true; 2]; n]);
        Ribbon { axis, width_px, edges, level: 1.0, ends: [TrackEnd::Open; 2], cover: Vec::new() }
    }

    #[test]
    fn an_axis_ends_at_the_frame() {
        let mut leaving =
            ribbon(vec![[-6.0, 8.0], [-2.0, 8.0], [2.0, 10.0], [10.0, 10.0], [20.0, 0.0], [24.0, -4.0]]);
        leaving.lay(40, 30);
        assert_eq!(leaving.axis, [[0.0, 9.0], [2.0, 10.0], [10.0, 10.0], [20.0, 0.0]]);
        assert_eq!(leaving.ends, [TrackEnd::Border; 2]);
        assert_eq!((leaving.width_px.len(), leaving.edges.len()), (4, 4));
        let share = leaving.cover.iter().find(|c| c.pixel == 9 * 40).map(|c| c.share);
        assert_eq!(share, Some(1.0), "the shaft goes on behind the frame");

        let mut beside = ribbon(vec![[5.0, -1.0], [15.0, -1.0]]);
        beside.lay(40, 30);
        assert_eq!(beside.axis, [[5.0, 0.0], [15.0, 0.0]]);

        let mut within = ribbon(vec![[5.0, 5.0], [15.0, 5.0]]);
        within.lay(40, 30);
        assert_eq!((within.axis.len(), within.ends), (2, [TrackEnd::Open; 2]));
    }
}
