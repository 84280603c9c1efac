//! The same loops, compiled for the vector units that a machine may have.
//!
//! Only how many outputs are computed at a time differs. No multiplication is fused with an addition at any level, so
//! that the numbers are the same at all of them.

use std::sync::OnceLock;

use crate::convolve::{Convolution, Tile, tile};

/// What a processor offers beyond its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// SSE2 on x86-64, NEON on 64-bit ARM.
    Baseline,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this machine offers, the plainest first.
    pub fn all() -> Vec<Self> {
        let mut levels = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                levels.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                levels.push(Self::Avx512);
            }
        }
        levels
    }

    /// The fastest that this machine offers.
    pub fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| Self::all().pop().unwrap_or(Self::Baseline))
    }
}

/// One tile of a convolution at a level that this machine offers.
#[allow(unsafe_code)]
pub(crate) fn convolve_tile(level: Level, convolution: &Convolution, at: Tile, out: &mut [f32]) {
    match level {
        Level::Baseline => tile::<4, 8>(convolution, at, out),
        // SAFETY: a `Level` other than the baseline is only made by `Level::all`, after it asked for these features.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { with_avx2(convolution, at, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { with_avx512(convolution, at, out) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(convolution: &Convolution, at: Tile, out: &mut [f32]) {
    tile::<4, 24>(convolution, at, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl")]
fn with_avx512(convolution: &Convolution, at: Tile, out: &mut [f32]) {
    tile::<8, 48>(convolution, at, out);
}
