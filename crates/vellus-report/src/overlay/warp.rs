//! The map between the two photos of a comparison, as its registration gives it.
//!
//! Baseline px → follow-up px: the affine part, plus what the control points of the local warp differ from it. Between
//! them the difference is weighted by distance⁻⁴ (Shepard, doi:10.1145/800186.810616), which passes through every
//! point and, beyond the outermost ones, stays near theirs. It is worked out on a lattice and interpolated bilinearly
//! in its cells, so that a large photo costs no more per pixel than a small one.

use vellus::Registration;
use vellus::hair::PointPx;

/// Side of a cell of the lattice, px: the warp is smooth over some hundred.
const CELL_PX: f64 = 16.0;
/// Steps of the inverse; each leaves the share of the last one's error that the warp stretches, a few percent.
const INVERSE_STEPS: usize = 8;

/// The map over one baseline photo.
pub struct Warp {
    affine: [[f64; 3]; 2],
    inverse: [[f64; 3]; 2],
    /// Differences from the affine map at the corners of the cells, row by row.
    lattice: Vec<PointPx>,
    columns: usize,
    rows: usize,
}

impl Warp {
    /// For a baseline photo of this size, px.
    pub fn new(registration: &Registration, width: u32, height: u32) -> Self {
        let affine = registration.baseline_to_follow_up;
        let supports: Vec<(PointPx, PointPx)> = registration
            .warp
            .iter()
            .map(|point| {
                let [u, v] = apply(&affine, point.baseline_px);
                (point.baseline_px, [point.follow_up_px[0] - u, point.follow_up_px[1] - v])
            })
            .collect();
        let corners = |side: u32| (f64::from(side) / CELL_PX).ceil() as usize + 1;
        let (columns, rows) = (corners(width), corners(height));
        let corner = |i: usize| [(i % columns) as f64 * CELL_PX, (i / columns) as f64 * CELL_PX];
        let lattice = (0..columns * rows).map(|i| shepard(&supports, corner(i))).collect();
        Self { affine, inverse: inverted(&affine), lattice, columns, rows }
    }

    /// Where the skin at a point of the baseline lies in the follow-up.
    pub fn to_follow_up(&self, point: PointPx) -> PointPx {
        let ([u, v], [du, dv]) = (apply(&self.affine, point), self.local(point));
        [u + du, v + dv]
    }

    /// Where the skin at a point of the follow-up lies in the baseline.
    pub fn to_baseline(&self, point: PointPx) -> PointPx {
        let mut place = apply(&self.inverse, point);
        for _ in 0..INVERSE_STEPS {
            let [du, dv] = self.local(place);
            place = apply(&self.inverse, [point[0] - du, point[1] - dv]);
        }
        place
    }

    /// Length in the baseline over length in the follow-up, px.
    pub fn scale_to_baseline(&self) -> f64 {
        let [[a, b, _], [c, d, _]] = self.inverse;
        (a * d - b * c).abs().sqrt()
    }

    /// Difference from the affine map; beyond the photo that of its border.
    fn local(&self, [x, y]: PointPx) -> PointPx {
        let cell = |value: f64, count: usize| {
            let value = (value / CELL_PX).clamp(0.0, (count - 1) as f64);
            let first = (value as usize).min(count.saturating_sub(2));
            (first, value - first as f64)
        };
        let ((i, s), (j, t)) = (cell(x, self.columns), cell(y, self.rows));
        let at =
            |i: usize, j: usize| self.lattice[j.min(self.rows - 1) * self.columns + i.min(self.columns - 1)];
        let (a, b, c, d) = (at(i, j), at(i + 1, j), at(i, j + 1), at(i + 1, j + 1));
        [0, 1].map(|k| (1.0 - t) * ((1.0 - s) * a[k] + s * b[k]) + t * ((1.0 - s) * c[k] + s * d[k]))
    }
}

fn shepard(supports: &[(PointPx, PointPx)], [x, y]: PointPx) -> PointPx {
    let (mut sum, mut weights) = ([0.0; 2], 0.0);
    for ([px, py], difference) in supports {
        let square = (x - px) * (x - px) + (y - py) * (y - py);
        let weight = 1.0 / (square * square).max(1e-6);
        sum = [sum[0] + weight * difference[0], sum[1] + weight * difference[1]];
        weights += weight;
    }
    if weights > 0.0 { sum.map(|value| value / weights) } else { [0.0; 2] }
}

fn apply(affine: &[[f64; 3]; 2], [x, y]: PointPx) -> PointPx {
    affine.map(|[a, b, c]| a * x + b * y + c)
}

/// The inverse map; of a map that has none, which no registration gives, the identity.
fn inverted(&[[a, b, c], [d, e, f]]: &[[f64; 3]; 2]) -> [[f64; 3]; 2] {
    let det = a * e - b * d;
    if det.abs() < 1e-12 {
        return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    }
    let [[p, q], [r, s]] = [[e / det, -b / det], [-d / det, a / det]];
    [[p, q, -(p * c + q * f)], [r, s, -(r * c + s * f)]]
}

#[cfg(test)]
#[path = "../warp_tests.rs"]
mod tests;
