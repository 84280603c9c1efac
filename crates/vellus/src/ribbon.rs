//! A shaft as a ribbon: an axis with a width, and the pixels that it covers.

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

    /// Computes `cover` anew on a plane of `width` × `height`.
    pub fn lay(&mut self, width: usize, height: usize) {
        let reach = 0.5 * self.width_px.iter().fold(0.0_f32, |a, &b| a.max(b)) + 1.0;
        let bound = |axis: usize, low: bool| {
            let values = self.axis.iter().map(|p| p[axis]);
            if low {
                values.fold(f32::MAX, f32::min) - reach
            } else {
                values.fold(f32::MIN, f32::max) + reach
            }
        };
        let clamp = |v: f32, n: usize| v.clamp(0.0, (n - 1) as f32) as usize;
        let (x0, x1) = (clamp(bound(0, true).floor(), width), clamp(bound(0, false).ceil(), width));
        let (y0, y1) = (clamp(bound(1, true).floor(), height), clamp(bound(1, false).ceil(), height));
        let columns = x1 - x0 + 1;
        let mut shares = vec![0.0_f32; columns * (y1 - y0 + 1)];
        let last = self.axis.len() - 2;
        for k in 0..=last {
            let ([ax, ay], [bx, by]) = (self.axis[k], self.axis[k + 1]);
            let length = libm::hypotf(bx - ax, by - ay);
            if length < 1e-6 {
                continue;
            }
            let (c, s) = ((bx - ax) / length, (by - ay) / length);
            let (from, to) = (0.5 * self.width_px[k], 0.5 * self.width_px[k + 1]);
            let pad = from.max(to) + 1.0;
            let (sx0, sx1) =
                (clamp((ax.min(bx) - pad).floor(), width), clamp((ax.max(bx) + pad).ceil(), width));
            let (sy0, sy1) =
                (clamp((ay.min(by) - pad).floor(), height), clamp((ay.max(by) + pad).ceil(), height));
            for y in sy0..=sy1 {
                for x in sx0..=sx1 {
                    let (dx, dy) = (x as f32 - ax, y as f32 - ay);
                    let (u, v) = (dx * c + dy * s, dy * c - dx * s);
                    let half = from + (to - from) * (u / length).clamp(0.0, 1.0);
                    // Flat at the two ends of the shaft, round where two pieces join.
                    let before = -u;
                    let behind = u - length;
                    let mut share = (half - v.abs() + 0.5).clamp(0.0, 1.0);
                    if before > 0.0 {
                        let gap = if k == 0 { before + 0.5 } else { before };
                        share =
                            if k == 0 { share * (1.0 - gap).clamp(0.0, 1.0) } else { round(half, before, v) };
                    } else if behind > 0.0 {
                        share = if k == last {
                            share * (0.5 - behind).clamp(0.0, 1.0)
                        } else {
                            round(half, behind, v)
                        };
                    }
                    let slot = &mut shares[(y - y0) * columns + (x - x0)];
                    *slot = slot.max(share);
                }
            }
        }
        self.cover = shares
            .iter()
            .enumerate()
            .filter(|&(_, &share)| share > 0.02)
            .map(|(i, &share)| Cover { pixel: ((y0 + i / columns) * width + x0 + i % columns) as u32, share })
            .collect();
    }

    /// Length along the axis, px.
    pub fn length_px(&self) -> f32 {
        self.axis.windows(2).map(|pair| libm::hypotf(pair[1][0] - pair[0][0], pair[1][1] - pair[0][1])).sum()
    }

    /// Mean width, px.
    pub fn mean_width_px(&self) -> f32 {
        self.width_px.iter().sum::<f32>() / self.width_px.len() as f32
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
