//! What soft skin does to the map: a smooth local displacement on top of the affine one.
//!
//! Pairs of roots → [`Warp`]: displacement and its standard error at any point.
//!
//! Gaussian-process regression (kriging; Rasmussen and Williams 2006, ISBN 026218253X): each component of the
//! displacement is a random field with standard deviation `SKIN_UM` and correlation exp(−d²/2ℓ²), each root is read with
//! an error. It is the smoothest map that the roots ask for, falls back to the affine one where there are none, and
//! tells how well it is known.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::map::{Affine, Pair, PointUm, distance};

/// Standard deviation of the displacement in each direction, µm: skin under a contact glass moves 18-35 µm (root mean
/// square) against the best affine map, both directions together; drawn pairs of another generator up to 45.
const SKIN_UM: f64 = 24.0;
/// Correlation length of the displacement ℓ, µm: it swings over 2 to 4 mm, a quarter of a swing is about an ℓ.
const LENGTH_UM: f64 = 1100.0;
/// Error of the place of a root in each direction, two photos together, µm: the skin hides where exactly a shaft emerges.
/// As in [`super::pairing`], across and along together.
const ROOT_UM: f64 = 20.0;

/// Most roots that the displacement is fitted to: solving for n of them takes n³ steps, a thousand a second. Over a field of
/// 8 × 6 mm these lie 0.35 mm apart, a third of the length over which skin moves alike.
const MOST_SUPPORTS: usize = 400;

/// An affine map and a smooth displacement.
#[derive(Debug, Clone)]
pub struct Warp {
    /// The affine part, first to second photo, µm.
    pub affine: Affine,
    /// Its way back.
    inverse: Affine,
    supports: Vec<PointUm>,
    weights: [DVector<f64>; 2],
    solver: Option<Cholesky<f64, Dyn>>,
}

impl Warp {
    /// The map that pairs of roots ask for. The affine part is fitted, too; `None` where the pairs fix none.
    pub fn fit(pairs: &[Pair], stiffness: f64) -> Option<Self> {
        let affine = Affine::fit(pairs, stiffness)?;
        let inverse = affine.inverse()?;
        // Every n-th of them: hairs come in no order that has to do with how skin moves. The affine map has them all.
        let step = pairs.len().div_ceil(MOST_SUPPORTS).max(1);
        let pairs: Vec<Pair> = pairs.iter().step_by(step).copied().collect();
        let n = pairs.len();
        let supports: Vec<PointUm> = pairs.iter().map(|p| p.from).collect();
        let covariance = DMatrix::from_fn(n, n, |i, j| {
            let own = if i == j { ROOT_UM * ROOT_UM / pairs[i].weight.max(1e-3) } else { 0.0 };
            covariance(supports[i], supports[j]) + own
        });
        let solver = covariance.cholesky()?;
        let weights = [0, 1].map(|axis| {
            let left = pairs.iter().map(|p| p.to[axis] - affine.apply(p.from)[axis]);
            solver.solve(&DVector::from_iterator(n, left))
        });
        Some(Self { affine, inverse, supports, weights, solver: Some(solver) })
    }

    /// A warp without a local part.
    pub fn rigid(affine: Affine) -> Option<Self> {
        let empty = || DVector::zeros(0);
        Some(Self {
            affine,
            inverse: affine.inverse()?,
            supports: Vec::new(),
            weights: [empty(), empty()],
            solver: None,
        })
    }

    /// Where a point of the first photo lies in the second.
    pub fn carry(&self, p: PointUm) -> PointUm {
        let mut q = self.affine.apply(p);
        for (k, support) in self.supports.iter().enumerate() {
            let c = covariance(p, *support);
            q[0] += c * self.weights[0][k];
            q[1] += c * self.weights[1][k];
        }
        q
    }

    /// Where a point of the second photo lies in the first.
    pub fn back(&self, q: PointUm) -> PointUm {
        // The displacement changes by a few per cent per step, so that three corrections reach a nanometre.
        let mut p = self.inverse.apply(q);
        for _ in 0..4 {
            let there = self.carry(p);
            let step = self.inverse.turn([q[0] - there[0], q[1] - there[1]]);
            p = [p[0] + step[0], p[1] + step[1]];
        }
        p
    }

    /// Standard error of the place in each direction, µm.
    pub fn error(&self, p: PointUm) -> f64 {
        let Some(solver) = &self.solver else { return SKIN_UM };
        let c = DVector::from_iterator(self.supports.len(), self.supports.iter().map(|s| covariance(p, *s)));
        (SKIN_UM * SKIN_UM - c.dot(&solver.solve(&c))).max(1.0).sqrt()
    }
}

fn covariance(p: PointUm, q: PointUm) -> f64 {
    let d = distance(p, q) / LENGTH_UM;
    SKIN_UM * SKIN_UM * libm::exp(-0.5 * d * d)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Skin that swings over 3 mm by 25 µm, seen at roots on a loose grid.
    fn bent(p: PointUm) -> PointUm {
        let wave = |v: f64| 25.0 * libm::sin(v / 955.0);
        [p[0] * 1.01 + 300.0 + wave(p[1]), p[1] * 0.99 - 120.0 + wave(p[0] + 400.0)]
    }

    fn pairs() -> Vec<Pair> {
        (0..90)
            .map(|k| {
                let from =
                    [f64::from(k % 10) * 700.0 + f64::from(k * 37 % 11) * 30.0, f64::from(k / 10) * 650.0];
                Pair { from, to: bent(from), weight: 1.0 }
            })
            .collect()
    }

    #[test]
    fn soft_skin_is_followed_and_led_back() {
        let warp = Warp::fit(&pairs(), 0.0).expect("ninety pairs");
        let (mut left, mut rigid) = (0.0_f64, 0.0_f64);
        for k in 0..50 {
            let p = [700.0 + f64::from(k % 7) * 800.0, 600.0 + f64::from(k / 7) * 590.0];
            left = left.max(distance(warp.carry(p), bent(p)));
            rigid = rigid.max(distance(warp.affine.apply(p), bent(p)));
            assert!(distance(warp.back(warp.carry(p)), p) < 1e-3);
            assert!(warp.error(p) < 15.0, "{}", warp.error(p));
        }
        assert!(left < 12.0 && rigid > 20.0, "{left} of {rigid} µm are left");
    }

    #[test]
    fn of_very_many_roots_a_share_gives_the_map_in_a_bounded_time() {
        let many: Vec<Pair> = (0..5000)
            .map(|k| {
                let from = [f64::from(k * 37 % 701) * 10.0, f64::from(k * 53 % 577) * 10.0];
                Pair { from, to: bent(from), weight: 1.0 }
            })
            .collect();
        let warp = Warp::fit(&many, 0.0).expect("five thousand pairs");
        assert!(warp.supports.len() <= MOST_SUPPORTS, "{}", warp.supports.len());
        let left = (0..40).map(|k| {
            let p = [700.0 + f64::from(k % 7) * 800.0, 600.0 + f64::from(k / 7) * 800.0];
            distance(warp.carry(p), bent(p))
        });
        assert!(left.fold(0.0, f64::max) < 6.0);
    }

    #[test]
    fn far_from_roots_the_map_is_affine_and_its_error_that_of_skin() {
        let warp = Warp::fit(&pairs(), 0.0).expect("ninety pairs");
        let far = [60_000.0, 60_000.0];
        assert!(distance(warp.carry(far), warp.affine.apply(far)) < 1e-6);
        assert!((warp.error(far) - SKIN_UM).abs() < 1e-6);
    }
}
