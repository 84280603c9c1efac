//! Which shafts run along the middle of others: of two shafts there one could not be seen.

use std::collections::BTreeSet;

use crate::ribbon::Ribbon;
use crate::shafts::Shaft;

/// Share of an axis that has to run along the middle of another shaft for both to be one.
const SHARED: f32 = 0.7;
/// Half of the middle, as a share of the width: axes are known to a few hundredths of it, and shafts side by side are a whole one
/// apart.
const HALF_MIDDLE: f32 = 0.25;

/// The middles of shafts, over a picture.
pub(crate) struct Middles {
    size: [usize; 2],
    /// Number of the last shaft that was laid over a pixel, from 1.
    of: Vec<u32>,
    laid: u32,
}

impl Middles {
    /// Of no shaft, over a picture of a width and height, px.
    pub fn of(size: [usize; 2]) -> Self {
        Self { size, of: vec![0; size[0] * size[1]], laid: 0 }
    }

    /// Adds a shaft.
    pub fn lay(&mut self, ribbon: &Ribbon) {
        self.laid += 1;
        for (&point, width) in ribbon.axis.iter().zip(&ribbon.width_px) {
            // Points are up to two pixels apart.
            for pixel in around(point, (HALF_MIDDLE * width).max(1.0), self.size) {
                self.of[pixel] = self.laid;
            }
        }
    }

    /// Whether a shaft runs along the middles of `laid`, the shafts that were laid, or one of them along its own.
    pub fn shares(&self, ribbon: &Ribbon, laid: &[Shaft]) -> bool {
        let mut met = BTreeSet::new();
        let mut shared = 0;
        for &point in &ribbon.axis {
            let here = around(point, 0.71, self.size).map(|pixel| self.of[pixel]).max().unwrap_or(0);
            if here > 0 {
                shared += 1;
                met.insert(here);
            }
        }
        shared as f32 >= SHARED * ribbon.axis.len() as f32
            || met.into_iter().any(|number| runs_along(&laid[number as usize - 1].ribbon, ribbon))
    }
}

/// Whether a shaft runs along the middle of another.
fn runs_along(ribbon: &Ribbon, other: &Ribbon) -> bool {
    let on = |p: &&[f32; 2]| {
        let near = |(q, width): (&[f32; 2], &f32)| {
            libm::hypotf(p[0] - q[0], p[1] - q[1]) <= (HALF_MIDDLE * width).max(1.0)
        };
        other.axis.iter().zip(&other.width_px).any(near)
    };
    ribbon.axis.iter().filter(on).count() as f32 >= SHARED * ribbon.axis.len() as f32
}

/// Pixels within a distance of a point.
fn around([x, y]: [f32; 2], within: f32, [width, height]: [usize; 2]) -> impl Iterator<Item = usize> {
    let span = move |at: f32, size: usize| {
        let [from, to] = [at - within, at + within].map(|v| v.round().clamp(0.0, (size - 1) as f32) as usize);
        from..=to
    };
    span(y, height).flat_map(move |row| {
        let near = move |column: &usize| libm::hypotf(*column as f32 - x, row as f32 - y) <= within;
        span(x, width).filter(near).map(move |column| row * width + column)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::evidence;
    use crate::plane::Plane;

    const SIZE: [usize; 2] = [400, 200];

    fn shaft(from: [f32; 2], to: [f32; 2], width: f32) -> Shaft {
        let steps = (libm::hypotf(to[0] - from[0], to[1] - from[1]) / 2.0) as usize;
        let at = |k: usize| [0, 1].map(|a| from[a] + (to[a] - from[a]) * k as f32 / steps as f32);
        let ribbon = Ribbon::over((0..=steps).map(at).collect(), width, 0.9, SIZE);
        let plane = Plane::filled(SIZE[0], SIZE[1], 0.5);
        let evidence = evidence(&ribbon, &plane, |x, y| plane.sample(x, y));
        Shaft { ribbon, evidence, margin: 1.0, log_odds: 1.0 }
    }

    fn shares(first: Shaft, second: &Shaft) -> bool {
        let mut middles = Middles::of(SIZE);
        middles.lay(&first.ribbon);
        middles.shares(&second.ribbon, &[first])
    }

    #[test]
    fn of_a_shaft_drawn_twice_one_is_left() {
        let long = || shaft([20.0, 100.0], [380.0, 100.0], 12.0);
        let piece = || shaft([40.0, 101.0], [160.0, 101.0], 12.0);
        assert!(shares(long(), &piece()) && shares(piece(), &long()));
        assert!(shares(long(), &long()));
    }

    #[test]
    fn shafts_that_touch_or_cross_are_two() {
        let long = || shaft([20.0, 100.0], [380.0, 100.0], 12.0);
        for other in [
            shaft([20.0, 110.0], [380.0, 110.0], 12.0),
            shaft([100.0, 80.0], [300.0, 125.0], 12.0),
            shaft([20.0, 100.0], [380.0, 140.0], 12.0),
            shaft([360.0, 100.0], [399.0, 130.0], 5.0),
        ] {
            assert!(!shares(long(), &other) && !shares(other.clone(), &long()));
        }
    }
}
