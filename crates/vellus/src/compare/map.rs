//! Maps between two photos, in µm on the scalp.
//!
//! A point of a photo in µm is its point in px times the photo's µm per px. The whole map of a registration is an
//! [`Affine`] and, on top of it, a smooth local displacement (see [`super::warp`]).

use nalgebra::{Matrix3, Vector3};

/// A point or a displacement, µm; x right, y down.
pub type PointUm = [f64; 2];

/// `(x, y) → (m00 x + m01 y + m02, m10 x + m11 y + m12)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [[f64; 3]; 2]);

impl Affine {
    /// Turn by `angle` (radians, clockwise as y is down), stretch by `scale`, so that `from` goes to `to`.
    pub fn similarity(angle: f64, scale: f64, from: PointUm, to: PointUm) -> Self {
        let (s, c) = (scale * libm::sin(angle), scale * libm::cos(angle));
        Self([[c, -s, to[0] - c * from[0] + s * from[1]], [s, c, to[1] - s * from[0] - c * from[1]]])
    }

    /// Where a point goes.
    pub fn apply(&self, p: PointUm) -> PointUm {
        self.0.map(|[a, b, c]| a * p[0] + b * p[1] + c)
    }

    /// Where a direction goes.
    pub fn turn(&self, d: PointUm) -> PointUm {
        self.0.map(|[a, b, _]| a * d[0] + b * d[1])
    }

    /// Change of area; its root is the mean stretch.
    pub fn determinant(&self) -> f64 {
        self.0[0][0] * self.0[1][1] - self.0[0][1] * self.0[1][0]
    }

    /// Mean stretch.
    pub fn scale(&self) -> f64 {
        self.determinant().abs().sqrt()
    }

    /// Mean turn, radians clockwise.
    pub fn angle(&self) -> f64 {
        libm::atan2(self.0[1][0] - self.0[0][1], self.0[0][0] + self.0[1][1])
    }

    /// Largest change of shape against a similarity: ratio of the two principal stretches, at least 1.
    pub fn shear(&self) -> f64 {
        let [[a, b, _], [c, d, _]] = self.0;
        let (q, r) = (libm::hypot(a + d, c - b), libm::hypot(a - d, c + b));
        if q > r { (q + r) / (q - r) } else { f64::INFINITY }
    }

    /// The way back; `None` for a map that flattens.
    pub fn inverse(&self) -> Option<Self> {
        let det = self.determinant();
        if det.abs() < 1e-9 {
            return None;
        }
        let [[a, b, tx], [c, d, ty]] = self.0;
        let (ia, ib, ic, id) = (d / det, -b / det, -c / det, a / det);
        Some(Self([[ia, ib, -ia * tx - ib * ty], [ic, id, -ic * tx - id * ty]]))
    }

    /// Weighted least squares over pairs of points, with what is not a similarity held down as if `stiffness` of the
    /// total weight had been seen without it. `None` for fewer than two points in different places.
    pub fn fit(pairs: &[Pair], stiffness: f64) -> Option<Self> {
        let total: f64 = pairs.iter().map(|p| p.weight).sum();
        if total <= 0.0 {
            return None;
        }
        let mean = |pick: &dyn Fn(&Pair) -> PointUm| {
            [0, 1].map(|i| pairs.iter().map(|p| p.weight * pick(p)[i]).sum::<f64>() / total)
        };
        let (from, to) = (mean(&|p| p.from), mean(&|p| p.to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for p in pairs {
            let (f, t) = (sub(p.from, from), sub(p.to, to));
            dot += p.weight * (f[0] * t[0] + f[1] * t[1]);
            cross += p.weight * (f[0] * t[1] - f[1] * t[0]);
            spread += p.weight * (f[0] * f[0] + f[1] * f[1]);
        }
        if spread <= 1e-9 {
            return None;
        }
        let similar = [[dot / spread, -cross / spread], [cross / spread, dot / spread]];
        // What the similarity leaves, fitted by a linear map that is pulled towards zero.
        let mut normal = Matrix3::zeros();
        let mut right = [Vector3::zeros(); 2];
        for p in pairs {
            let (f, t) = (sub(p.from, from), sub(p.to, to));
            let left = [0, 1].map(|i| t[i] - similar[i][0] * f[0] - similar[i][1] * f[1]);
            let v = Vector3::new(f[0], f[1], 1.0);
            normal += p.weight * v * v.transpose();
            right.iter_mut().zip(left).for_each(|(r, left)| *r += p.weight * left * v);
        }
        for i in 0..2 {
            normal[(i, i)] += stiffness * 0.5 * spread + 1e-6;
        }
        normal[(2, 2)] += 1e-9;
        let solved = normal.cholesky()?;
        let rows = [0, 1].map(|i| {
            let extra = solved.solve(&right[i]);
            let (a, b) = (similar[i][0] + extra[0], similar[i][1] + extra[1]);
            [a, b, to[i] + extra[2] - a * from[0] - b * from[1]]
        });
        Some(Self(rows))
    }
}

/// Two points that should be one, and how much they count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// In the first photo.
    pub from: PointUm,
    /// In the second photo.
    pub to: PointUm,
    /// Weight, 0 or more.
    pub weight: f64,
}

/// a − b.
pub fn sub(a: PointUm, b: PointUm) -> PointUm {
    [a[0] - b[0], a[1] - b[1]]
}

/// Distance of two points.
pub fn distance(a: PointUm, b: PointUm) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(map: &Affine) -> Vec<Pair> {
        (0..12)
            .map(|k| {
                let from = [f64::from(k % 4) * 900.0, f64::from(k * k % 7) * 650.0];
                Pair { from, to: map.apply(from), weight: 1.0 }
            })
            .collect()
    }

    #[test]
    fn an_affine_map_is_found_again() {
        let map = Affine([[0.94, -0.36, 400.0], [0.31, 0.97, -250.0]]);
        let found = Affine::fit(&pairs(&map), 0.0).expect("twelve points");
        for (row, truth) in found.0.iter().zip(map.0) {
            for (a, b) in row.iter().zip(truth) {
                assert!((a - b).abs() < 1e-5, "{found:?}");
            }
        }
        let back = map.inverse().expect("not flat");
        assert!(distance(back.apply(map.apply([1234.0, 567.0])), [1234.0, 567.0]) < 1e-9);
    }

    #[test]
    fn a_stiff_fit_is_a_similarity() {
        let map = Affine([[1.05, 0.0, 0.0], [0.0, 0.95, 0.0]]);
        assert!(Affine::fit(&pairs(&map), 1e9).expect("twelve points").shear() < 1.0001);
        assert!((map.shear() - 1.05 / 0.95).abs() < 1e-12);
    }

    #[test]
    fn a_similarity_turns_clockwise() {
        let map = Affine::similarity(0.5, 1.1, [10.0, 20.0], [3.0, 4.0]);
        assert!(distance(map.apply([10.0, 20.0]), [3.0, 4.0]) < 1e-12);
        assert!((map.angle() - 0.5).abs() < 1e-12 && (map.scale() - 1.1).abs() < 1e-12);
    }

    #[test]
    fn one_place_fixes_no_map() {
        let pair = Pair { from: [1.0, 1.0], to: [2.0, 2.0], weight: 1.0 };
        assert_eq!(Affine::fit(&[pair; 5], 0.0), None);
        assert_eq!(Affine::fit(&[], 0.0), None);
    }
}
