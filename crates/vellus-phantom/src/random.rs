//! Seeded random streams, one per component of a picture.
//!
//! Every component (hairs, skin, sensor, ...) draws from its own ChaCha stream, derived from the seed and
//! the component's name. A change in one of them, such as another noise seed, therefore moves nothing in
//! the others. ChaCha12 is defined bit by bit, and all transcendental functions come from `libm`, so that
//! a seed means the same picture on every machine.

use rand::rngs::ChaCha12Rng;
use rand::{Rng, SeedableRng};

/// A stream of random numbers that belongs to one component.
#[derive(Debug)]
pub struct Stream {
    rng: ChaCha12Rng,
    spare: Option<f64>,
}

impl Stream {
    /// The stream of `component` under `seed`.
    pub fn new(seed: u64, component: &str) -> Self {
        Self::indexed(seed, component, 0)
    }

    /// The stream of member `index` of `component` under `seed`.
    pub fn indexed(seed: u64, component: &str, index: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        key[16..24].copy_from_slice(&fnv1a(component).to_le_bytes());
        Self { rng: ChaCha12Rng::from_seed(key), spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the interval `range`.
    pub fn within(&mut self, range: [f64; 2]) -> f64 {
        self.uniform(range[0], range[1])
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform angle in radians, `[0, 2π)`.
    pub fn angle(&mut self) -> f64 {
        self.uniform(0.0, core::f64::consts::TAU)
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Normal with the given mean and standard deviation (Box and Muller 1958).
    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let z = if let Some(z) = self.spare.take() {
            z
        } else {
            let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
            let angle = self.angle();
            self.spare = Some(radius * libm::sin(angle));
            radius * libm::cos(angle)
        };
        mean + sd * z
    }

    /// How many events of a Poisson process with this mean (Knuth's product; means here are small).
    pub fn poisson(&mut self, mean: f64) -> usize {
        // exp(-mean) underflows near 745; means of that size are rounded instead.
        if mean > 500.0 {
            return self.normal(mean, libm::sqrt(mean)).max(0.0) as usize;
        }
        let limit = libm::exp(-mean.max(0.0));
        let mut product = self.unit();
        let mut count = 0;
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// Index drawn with the given weights.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        for (i, w) in weights.iter().enumerate() {
            if left < *w {
                return i;
            }
            left -= w;
        }
        weights.len().saturating_sub(1)
    }
}

/// FNV-1a, 64 bits: turns a component's name into part of a key.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_independent_and_repeatable() {
        let a: Vec<u64> =
            (0..4).map(|_| 0).scan(Stream::new(7, "skin"), |s, _: u64| Some(s.bits())).collect();
        let b: Vec<u64> =
            (0..4).map(|_| 0).scan(Stream::new(7, "skin"), |s, _: u64| Some(s.bits())).collect();
        assert_eq!(a, b);
        assert_ne!(a[0], Stream::new(7, "hair").bits());
        assert_ne!(a[0], Stream::new(8, "skin").bits());
        assert_ne!(a[0], Stream::indexed(7, "skin", 1).bits());
    }

    #[test]
    fn normal_and_poisson_have_their_moments() {
        let mut s = Stream::new(1, "moments");
        let n = 40_000;
        let x: Vec<f64> = (0..n).map(|_| s.normal(2.0, 3.0)).collect();
        let mean = x.iter().sum::<f64>() / n as f64;
        let var = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n as f64;
        // Standard errors: 0.015 of the mean, 0.064 of the variance; five of them allowed.
        assert!((mean - 2.0).abs() < 0.075, "{mean}");
        assert!((var - 9.0).abs() < 0.32, "{var}");
        let k = (0..n).map(|_| s.poisson(4.0)).sum::<usize>() as f64 / n as f64;
        assert!((k - 4.0).abs() < 0.05, "{k}");
    }
}
