//! Points and polylines.
//!
//! Pixels: x right, y down, the centre of the top-left pixel is (0, 0). Micrometres: the scalp's own frame,
//! same handedness, origin at the middle of the patch.

/// A point in micrometres of the scalp.
pub type PointUm = [f64; 2];

/// A point in pixels of the photo.
pub type PointPx = [f64; 2];

/// Distance of two points.
pub fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}

/// Length of a polyline.
pub fn length(line: &[[f64; 2]]) -> f64 {
    line.windows(2).map(|w| distance(w[0], w[1])).sum()
}

/// Turns a vector by an angle in radians (positive from x towards y).
pub fn rotate(v: [f64; 2], angle_rad: f64) -> [f64; 2] {
    let (s, c) = (libm::sin(angle_rad), libm::cos(angle_rad));
    [c * v[0] - s * v[1], s * v[0] + c * v[1]]
}

/// An affine map of the plane: `[[a, b, tx], [c, d, ty]]`.
pub type Affine = [[f64; 3]; 2];

/// Applies an affine map.
pub fn apply(map: &Affine, p: [f64; 2]) -> [f64; 2] {
    [map[0][0] * p[0] + map[0][1] * p[1] + map[0][2], map[1][0] * p[0] + map[1][1] * p[1] + map[1][2]]
}

/// The affine map that takes `from` to `to` with the least squared error, or `None` for fewer than three
/// points or points on one line.
pub fn fit_affine(from: &[[f64; 2]], to: &[[f64; 2]]) -> Option<Affine> {
    let n = from.len().min(to.len());
    if n < 3 {
        return None;
    }
    let mean = |points: &[[f64; 2]]| {
        let sum = points[..n].iter().fold([0.0, 0.0], |s, p| [s[0] + p[0], s[1] + p[1]]);
        [sum[0] / n as f64, sum[1] / n as f64]
    };
    let (f0, t0) = (mean(from), mean(to));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    let mut cross = [[0.0; 2]; 2];
    for (f, t) in from.iter().zip(to) {
        let (x, y) = (f[0] - f0[0], f[1] - f0[1]);
        xx += x * x;
        xy += x * y;
        yy += y * y;
        for (row, k) in cross.iter_mut().zip([t[0] - t0[0], t[1] - t0[1]]) {
            row[0] += k * x;
            row[1] += k * y;
        }
    }
    let det = xx * yy - xy * xy;
    if det <= 1e-9 * (xx + yy) * (xx + yy) {
        return None;
    }
    let mut map = [[0.0; 3]; 2];
    for i in 0..2 {
        let a = (cross[i][0] * yy - cross[i][1] * xy) / det;
        let b = (cross[i][1] * xx - cross[i][0] * xy) / det;
        map[i] = [a, b, t0[i] - a * f0[0] - b * f0[1]];
    }
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affine_fit_recovers_the_map() {
        let map = [[0.99, -0.06, 12.0], [0.07, 1.01, -3.5]];
        let from = [[0.0, 0.0], [100.0, 3.0], [20.0, 90.0], [70.0, 60.0]];
        let to = from.map(|p| apply(&map, p));
        let got = fit_affine(&from, &to).expect("four points in general position");
        for i in 0..2 {
            for j in 0..3 {
                assert!((got[i][j] - map[i][j]).abs() < 1e-9);
            }
        }
        assert!(fit_affine(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], &to).is_none());
    }
}
