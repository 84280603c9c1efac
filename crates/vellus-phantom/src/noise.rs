//! Smooth random fields for skin texture: gradient noise, octaves of it, and cells.
//!
//! Input: a position in units of the texture's own wavelength, and a seed. Output: a number of order one.
//! Fields are pure functions of position, so that two visits to one scalp see the same skin.
//!
//! Gradient noise after Perlin, SIGGRAPH 2002 (doi:10.1145/566654.566636, quintic interpolation); cells
//! after Worley, SIGGRAPH 1996 (doi:10.1145/237170.237267).

/// Integer hash of a lattice point (constants of the "lowbias32" mixer by C. Wellons).
fn hash(seed: u32, x: i32, y: i32) -> u32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// Largest integer not above `x`, for coordinates of ordinary size.
fn floor(x: f32) -> i32 {
    let i = x as i32;
    i - i32::from((i as f32) > x)
}

/// Uniform in `[0, 1)` from 16 bits of a hash.
fn fraction(bits: u32) -> f32 {
    (bits & 0xffff) as f32 / 65536.0
}

/// Gradient noise: zero mean, about `[-1, 1]`, wavelength 1.
pub fn gradient(seed: u32, x: f32, y: f32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let (fx, fy) = (ix as f32, iy as f32);
    let (dx, dy) = (x - fx, y - fy);
    let corner = |cx: i32, cy: i32| {
        let h = hash(seed, ix + cx, iy + cy);
        let (gx, gy) = (fraction(h) * 2.0 - 1.0, fraction(h >> 16) * 2.0 - 1.0);
        gx * (dx - cx as f32) + gy * (dy - cy as f32)
    };
    let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (u, v) = (fade(dx), fade(dy));
    let top = corner(0, 0) + u * (corner(1, 0) - corner(0, 0));
    let bottom = corner(0, 1) + u * (corner(1, 1) - corner(0, 1));
    2.0 * (top + v * (bottom - top))
}

/// Sum of `octaves` of gradient noise, each half the wavelength and `gain` the height of the one before.
pub fn fractal(seed: u32, x: f32, y: f32, octaves: u32, gain: f32) -> f32 {
    // Each octave is turned by 37 degrees, so that the lattice directions do not add up to a visible grid.
    const COS: f32 = 0.798_635_5;
    const SIN: f32 = 0.601_815;
    let (mut x, mut y, mut height, mut sum) = (x, y, 1.0, 0.0);
    for octave in 0..octaves {
        sum += height * gradient(seed.wrapping_add(octave.wrapping_mul(0x68bc_21eb)), x, y);
        (x, y) = (2.0 * (COS * x - SIN * y), 2.0 * (SIN * x + COS * y));
        height *= gain;
    }
    sum
}

/// Distances to the nearest and second nearest cell seed (one seed per unit square).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Distance to the nearest seed.
    pub nearest: f32,
    /// Distance to the second nearest seed; equal to `nearest` on the border between two cells.
    pub second: f32,
    /// A number in `[0, 1)` that belongs to the cell.
    pub value: f32,
}

/// The cell that holds a position.
pub fn cell(seed: u32, x: f32, y: f32) -> Cell {
    let (ix, iy) = (floor(x), floor(y));
    let (fx, fy) = (ix as f32, iy as f32);
    let (mut nearest, mut second, mut value) = (f32::MAX, f32::MAX, 0.0);
    for cy in -1..=1 {
        for cx in -1..=1 {
            let h = hash(seed, ix + cx, iy + cy);
            let px = fx + cx as f32 + fraction(h) - x;
            let py = fy + cy as f32 + fraction(h >> 16) - y;
            let d = px * px + py * py;
            if d < nearest {
                (second, nearest, value) = (nearest, d, fraction(h >> 8));
            } else if d < second {
                second = d;
            }
        }
    }
    // IEEE 754 fixes the square root to the last bit: std is as portable as libm here, and faster.
    Cell { nearest: nearest.sqrt(), second: second.sqrt(), value }
}

/// Smooth step from 0 at `low` to 1 at `high`.
pub fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradient_noise_is_zero_on_the_lattice_and_continuous() {
        assert_eq!(gradient(3, 4.0, -2.0), 0.0);
        let a = gradient(3, 0.499_9, 0.3);
        let b = gradient(3, 0.500_1, 0.3);
        assert!((a - b).abs() < 2e-3);
        assert_ne!(gradient(3, 0.5, 0.5), gradient(4, 0.5, 0.5));
    }

    #[test]
    fn second_cell_is_never_nearer() {
        for i in 0..200 {
            let c = cell(9, i as f32 * 0.173, i as f32 * 0.091);
            assert!(c.second >= c.nearest && c.value < 1.0);
        }
    }
}
