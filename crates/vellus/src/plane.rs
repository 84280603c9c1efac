//! A single-channel picture and the few linear filters that the stages share.
//!
//! W × H samples, row by row, `f32`. Coordinates are in px: x right, y down, the centre of the top-left sample is
//! (0, 0). Outside the picture the nearest border sample is repeated.
//!
//! The Gaussian kernel reaches to 4σ: cut at 2σ, as image libraries often do, the σ that results is 4 to 10 % smaller
//! than the one asked for, which would bias every width.

use std::ops::Range;

use rayon::prelude::*;

/// A picture with one value per pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Samples per row, W.
    pub width: usize,
    /// Rows, H.
    pub height: usize,
    /// W × H samples, row by row.
    pub data: Vec<f32>,
}

impl Plane {
    /// A plane of one value.
    pub fn filled(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, data: vec![value; width * height] }
    }

    /// The sample at a column and row inside the plane.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    /// Bilinear interpolation at a point, px.
    #[inline]
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let right = usize::from(x0 + 1 < self.width);
        let down = if y0 + 1 < self.height { self.width } else { 0 };
        let i = y0 * self.width + x0;
        let (here, below) = (&self.data[i..], &self.data[i + down..]);
        bilinear([here[0], here[right], below[0], below[right]], fx, fy)
    }

    /// Whether a point lies on the plane, px.
    #[inline]
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= 0.0 && y >= 0.0 && x <= (self.width - 1) as f32 && y <= (self.height - 1) as f32
    }

    /// The samples in some columns and rows of it.
    pub fn part(&self, window: &[Range<usize>; 2]) -> Self {
        let [width, height] = window.each_ref().map(Range::len);
        Self { width, height, data: part_of(&self.data, self.width, window) }
    }

    /// The difference to a plane of the same size.
    pub fn less(&self, other: &Self) -> Self {
        let data = self.data.iter().zip(&other.data).map(|(a, b)| a - b).collect();
        Self { width: self.width, height: self.height, data }
    }

    /// Convolution with a Gaussian of standard deviation `sigma_px`.
    pub fn gaussian(&self, sigma_px: f32) -> Self {
        if sigma_px < 0.2 {
            return self.clone();
        }
        self.convolved(&gaussian_kernel(sigma_px))
    }

    /// Every 2 × 2 block averaged into one sample; an odd last row or column is averaged with its copy. The centre of
    /// sample (0, 0) of the result lies at (0.5, 0.5) of this plane.
    pub fn halved(&self) -> Self {
        halved(&self.data, self.width, |&value| value)
    }

    /// [`Plane::halved`] a plane of ones where flags of that many columns are set, and zeros.
    pub(crate) fn halved_of(flags: &[bool], width: usize) -> Self {
        halved(flags, width, |&flag| f32::from(u8::from(flag)))
    }

    /// Convolution of every row, and then of every column, with a symmetric kernel of odd length.
    ///
    /// Blocks of rows are filtered one after the other, with those that they look at above and below: what lies between the two
    /// filters stays in the cache, and needs no plane of its own.
    fn convolved(&self, kernel: &[f32]) -> Self {
        let (width, radius) = (self.width, kernel.len() / 2);
        let block = BLOCK_ROWS.max(BLOCK_RADII * radius);
        let mut data = vec![0.0; self.data.len()];
        data.par_chunks_mut(width * block).enumerate().for_each(|(k, out)| {
            let rows = k * block..k * block + out.len() / width;
            let seen = rows.start.saturating_sub(radius)..(rows.end + radius).min(self.height);
            let along = Self { width, height: seen.len(), data: self.convolved_rows(kernel, seen.clone()) };
            for (y, out) in rows.zip(out.chunks_mut(width)) {
                along.convolve_column(kernel, y - seen.start, out);
            }
        });
        Self { width, height: self.height, data }
    }

    /// Convolution of some rows.
    fn convolved_rows(&self, kernel: &[f32], rows: Range<usize>) -> Vec<f32> {
        let (width, radius) = (self.width, kernel.len() / 2);
        let mut data = vec![0.0; rows.len() * width];
        let mut padded = vec![0.0; width.next_multiple_of(TILE) + 2 * radius];
        for (y, out) in rows.zip(data.chunks_mut(width)) {
            let row = &self.data[y * width..][..width];
            padded[..radius].fill(row[0]);
            padded[radius..radius + width].copy_from_slice(row);
            padded[radius + width..].fill(row[width - 1]);
            for (tile, out) in out.chunks_mut(TILE).enumerate() {
                let row = &padded[tile * TILE..][..TILE + 2 * radius];
                let sums = tile_sums(&kernel[radius..], |distance| {
                    (&row[radius - distance..][..TILE], &row[radius + distance..][..TILE])
                });
                out.copy_from_slice(&sums[..out.len()]);
            }
        }
        data
    }

    /// Convolution of every column at one row.
    fn convolve_column(&self, kernel: &[f32], y: usize, out: &mut [f32]) {
        let (width, radius) = (self.width, kernel.len() / 2);
        let row = |y: usize| &self.data[y.min(self.height - 1) * width..][..width];
        let mut tiles = out.chunks_exact_mut(TILE);
        for (tile, out) in tiles.by_ref().enumerate() {
            let sums = tile_sums(&kernel[radius..], |distance| {
                let part = |y: usize| &row(y)[tile * TILE..][..TILE];
                (part(y.saturating_sub(distance)), part(y + distance))
            });
            out.copy_from_slice(&sums);
        }
        let rest = tiles.into_remainder();
        let from = width - rest.len();
        for (value, centre) in rest.iter_mut().zip(&row(y)[from..]) {
            *value = kernel[radius] * centre;
        }
        for (distance, weight) in (1..).zip(&kernel[radius + 1..]) {
            let (before, after) = (&row(y.saturating_sub(distance))[from..], &row(y + distance)[from..]);
            for ((value, a), b) in rest.iter_mut().zip(before).zip(after) {
                *value += weight * (a + b);
            }
        }
    }
}

/// [`Plane::halved`] of what is worth something in a table of that many columns.
fn halved<T: Sync>(table: &[T], columns: usize, value: impl Fn(&T) -> f32 + Sync) -> Plane {
    let rows = table.len() / columns;
    let (width, height) = (columns.div_ceil(2), rows.div_ceil(2));
    let mut data = vec![0.0; width * height];
    data.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = |y: usize| &table[y.min(rows - 1) * columns..][..columns];
        let (top, bottom) = (row(2 * y), row(2 * y + 1));
        for (x, out) in out.iter_mut().enumerate() {
            let right = (2 * x + 1).min(columns - 1);
            let [a, b, c, d] = [&top[2 * x], &top[right], &bottom[2 * x], &bottom[right]].map(&value);
            *out = 0.25 * ((a + b) + (c + d));
        }
    });
    Plane { width, height, data }
}

/// What stands in some columns and rows of a table of that many columns, row by row.
pub(crate) fn part_of<T: Copy>(table: &[T], width: usize, [columns, rows]: &[Range<usize>; 2]) -> Vec<T> {
    rows.clone().flat_map(|row| &table[row * width..][columns.clone()]).copied().collect()
}

/// The value between four neighbours: top left, top right, bottom left, bottom right; `right` and `down` from the first, px.
#[inline]
pub(crate) fn bilinear([a, b, c, d]: [f32; 4], right: f32, down: f32) -> f32 {
    let (top, bottom) = (a + right * (b - a), c + right * (d - c));
    top + down * (bottom - top)
}

/// Samples that are filtered together: their sums stay in registers.
const TILE: usize = 32;

/// Sums of one tile: `kernel` from its middle outwards, `pair` gives the samples that lie a distance before and after.
#[inline]
fn tile_sums<'a>(kernel: &[f32], pair: impl Fn(usize) -> (&'a [f32], &'a [f32])) -> [f32; TILE] {
    let mut sums = [0.0; TILE];
    for (sum, centre) in sums.iter_mut().zip(pair(0).0) {
        *sum = kernel[0] * centre;
    }
    for (distance, weight) in kernel.iter().enumerate().skip(1) {
        let (before, after) = pair(distance);
        for ((sum, a), b) in sums.iter_mut().zip(before).zip(after) {
            *sum += weight * (a + b);
        }
    }
    sums
}

/// Rows that are filtered at a time, at least, …
const BLOCK_ROWS: usize = 64;
/// … and in radii of the kernel: of the rows a quarter is then filtered twice.
const BLOCK_RADII: usize = 8;

/// Samples of a Gaussian out to 4σ, normalised to sum 1.
fn gaussian_kernel(sigma_px: f32) -> Vec<f32> {
    let radius = libm::ceilf(4.0 * sigma_px) as i32;
    let mut kernel: Vec<f32> = (-radius..=radius)
        .map(|i| libm::expf(-0.5 * (i as f32 / sigma_px) * (i as f32 / sigma_px)))
        .collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|weight| *weight /= sum);
    kernel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussian_keeps_the_sum_and_has_the_variance_asked_for() {
        let mut plane = Plane::filled(81, 81, 0.0);
        plane.data[40 * 81 + 40] = 1.0;
        for sigma in [0.8_f32, 1.7, 4.0] {
            let blurred = plane.gaussian(sigma);
            let sum: f32 = blurred.data.iter().sum();
            let variance: f32 = (0..81)
                .flat_map(|y| (0..81).map(move |x| (x, y)))
                .map(|(x, y)| blurred.at(x, y) * (x as f32 - 40.0).powi(2))
                .sum();
            assert!((sum - 1.0).abs() < 1e-5, "sum {sum}");
            assert!((variance.sqrt() / sigma - 1.0).abs() < 2e-3, "σ {} for {sigma}", variance.sqrt());
        }
    }

    #[test]
    fn blocks_of_rows_are_filtered_as_one() {
        // Higher than several blocks, and wider than a tile by a few columns.
        let (width, height) = (TILE + 5, 3 * BLOCK_ROWS + 7);
        let data = (0..width * height).map(|i| ((i * 7919) % 1009) as f32 / 1009.0).collect();
        let plane = Plane { width, height, data };
        for sigma in [0.7_f32, 3.0, 9.0] {
            let kernel = gaussian_kernel(sigma);
            let radius = (kernel.len() / 2) as isize;
            let sum = |value: &dyn Fn(isize) -> f32| -> f32 {
                (-radius..=radius).zip(&kernel).map(|(k, weight)| weight * value(k)).sum()
            };
            let near = |at: usize, k: isize, size: usize| at.saturating_add_signed(k).min(size - 1);
            let blurred = plane.gaussian(sigma);
            for y in [0, 5, BLOCK_ROWS - 1, BLOCK_ROWS, 2 * BLOCK_ROWS + 3, height - 1] {
                for x in [0, 3, TILE - 1, TILE, width - 1] {
                    let row = |y: usize| sum(&|k| plane.at(near(x, k, width), y));
                    let expected = sum(&|k| row(near(y, k, height)));
                    assert!((blurred.at(x, y) - expected).abs() < 1e-5, "σ {sigma} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn halving_an_odd_plane_keeps_a_constant() {
        let halved = Plane::filled(7, 5, 0.25).halved();
        assert_eq!((halved.width, halved.height), (4, 3));
        assert!(halved.data.iter().all(|&value| (value - 0.25).abs() < 1e-7));
        let flags: Vec<bool> = (0..35).map(|i| i % 3 == 0).collect();
        let data = flags.iter().map(|&flag| f32::from(u8::from(flag))).collect();
        assert_eq!(Plane::halved_of(&flags, 7), Plane { width: 7, height: 5, data }.halved());
    }

    #[test]
    fn sampling_interpolates_a_ramp_exactly() {
        let mut plane = Plane::filled(4, 3, 0.0);
        for y in 0..3 {
            for x in 0..4 {
                plane.data[y * 4 + x] = 2.0 * x as f32 - y as f32;
            }
        }
        assert!((plane.sample(1.25, 1.5) - 1.0).abs() < 1e-6);
        assert!((plane.sample(-3.0, 9.0) + 2.0).abs() < 1e-6, "clamped to the border");
    }
}
