//! Convolution of 3 × 3 with ReLU, max-pooling, nearest enlargement: all that the network is made of.
//!
//! A picture has `channels` values per pixel and is stored row by row, within a row channel by channel, so that what a
//! row of outputs needs lies together. For every row and every [`TILE_PX`] columns the inputs are gathered once into a
//! small buffer, which is where borders become zeros, two sources become one and a coarse source is enlarged; the sums
//! of a few outputs at [`TILE_PX`] columns then stay in registers.

use rayon::prelude::*;

use crate::dispatch::{Level, convolve_tile};
use crate::weights::Layer;

/// Columns that are computed together.
pub(crate) const TILE_PX: usize = 48;
/// Floats per row of the gathered inputs: a column on either side, and room for whole vectors.
const ROW: usize = TILE_PX + 8;
/// Outputs whose weights lie side by side.
const GROUP: usize = 8;
/// Weights of a kernel.
const TAPS: usize = 9;

/// A picture with several values per pixel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Maps {
    pub channels: usize,
    pub width: usize,
    pub height: usize,
    /// `height` × `channels` × `width`.
    pub data: Vec<f32>,
}

impl Maps {
    pub fn zeros(channels: usize, width: usize, height: usize) -> Self {
        Self { channels, width, height, data: vec![0.0; channels * width * height] }
    }

    /// A row of one channel.
    #[inline]
    pub fn row(&self, y: usize, channel: usize) -> &[f32] {
        &self.data[(y * self.channels + channel) * self.width..][..self.width]
    }

    /// The largest of every 2 × 2 pixels.
    pub fn pooled(&self) -> Self {
        let mut pooled = Self::zeros(self.channels, self.width / 2, self.height / 2);
        let (channels, width) = (self.channels, pooled.width);
        pooled.data.par_chunks_mut(channels * width).enumerate().for_each(|(y, out)| {
            for (channel, out) in out.chunks_exact_mut(width).enumerate() {
                let (top, bottom) = (self.row(2 * y, channel), self.row(2 * y + 1, channel));
                for ((out, a), b) in out.iter_mut().zip(top.chunks_exact(2)).zip(bottom.chunks_exact(2)) {
                    *out = a[0].max(a[1]).max(b[0].max(b[1]));
                }
            }
        });
        pooled
    }
}

/// An input of a convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    /// As it is.
    Plain(&'a Maps),
    /// Every pixel as 2 × 2.
    Enlarged(&'a Maps),
}

/// A convolution of 3 × 3, zeros around, and what falls below zero cut off.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Convolution {
    pub inputs: usize,
    pub outputs: usize,
    /// By group of outputs, input, tap, output within the group; what is missing in the last group is zero.
    weights: Vec<f32>,
    /// One per output, filled up to whole groups.
    biases: Vec<f32>,
}

impl Convolution {
    pub fn new(layer: &Layer) -> Self {
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let groups = outputs.div_ceil(GROUP);
        let mut weights = vec![0.0; groups * inputs * TAPS * GROUP];
        for (output, of_output) in layer.weights.chunks_exact(inputs * TAPS).enumerate() {
            for (k, weight) in of_output.iter().enumerate() {
                weights[(output / GROUP * inputs * TAPS + k) * GROUP + output % GROUP] = *weight;
            }
        }
        let mut biases = layer.biases.clone();
        biases.resize(groups * GROUP, 0.0);
        Self { inputs, outputs, weights, biases }
    }

    /// The convolution of `sources`, one after the other, which give a picture of `width` × `height`.
    pub fn of(&self, sources: &[Source], width: usize, height: usize, level: Level) -> Maps {
        let mut maps = Maps::zeros(self.outputs, width, height);
        let row = self.outputs * width;
        let buffer = || vec![0.0; self.inputs * 3 * ROW];
        maps.data.par_chunks_mut(row).enumerate().for_each_init(buffer, |gathered, (y, out)| {
            for from in (0..width).step_by(TILE_PX) {
                gather(sources, y, from, [width, height], gathered);
                convolve_tile(level, self, Tile { gathered, from, width }, out);
            }
        });
        maps
    }
}

/// Where a tile lies and what it is computed from.
#[derive(Clone, Copy)]
pub(crate) struct Tile<'a> {
    /// Its inputs, by channel, row (three), column from the one before the tile.
    gathered: &'a [f32],
    /// Its first column.
    from: usize,
    /// Columns of the picture.
    width: usize,
}

/// Writes the outputs of a tile into a row of the result, `OUTPUTS` times `COLUMNS` at a time.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see the comments on counted loops")]
pub(crate) fn tile<const OUTPUTS: usize, const COLUMNS: usize>(
    convolution: &Convolution,
    tile: Tile,
    out: &mut [f32],
) {
    const { assert!(GROUP.is_multiple_of(OUTPUTS) && TILE_PX.is_multiple_of(COLUMNS)) };
    let Tile { gathered, from, width } = tile;
    let columns = TILE_PX.min(width - from);
    let of_group = convolution.inputs * TAPS * GROUP;
    for first in (0..convolution.outputs).step_by(OUTPUTS) {
        let weights = &convolution.weights[first / GROUP * of_group..][..of_group];
        let biases = &convolution.biases[first..][..OUTPUTS];
        for at in (0..columns).step_by(COLUMNS) {
            let sums = sums::<OUTPUTS, COLUMNS>(gathered, at, weights, first % GROUP, biases);
            let n = COLUMNS.min(columns - at);
            // Counted loops of known length: any other would put the sums into memory.
            for k in 0..OUTPUTS {
                if first + k < convolution.outputs {
                    let out = &mut out[(first + k) * width + from + at..][..n];
                    for (column, out) in out.iter_mut().enumerate() {
                        *out = if sums[k][column] > 0.0 { sums[k][column] } else { 0.0 };
                    }
                }
            }
        }
    }
}

/// Sums over inputs, rows and columns of the kernel, in that order, from the bias on.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see the comments on counted loops")]
fn sums<const OUTPUTS: usize, const COLUMNS: usize>(
    gathered: &[f32],
    at: usize,
    weights: &[f32],
    first: usize,
    biases: &[f32],
) -> [[f32; COLUMNS]; OUTPUTS] {
    let mut sums = [[0.0_f32; COLUMNS]; OUTPUTS];
    for output in 0..OUTPUTS {
        sums[output] = [biases[output]; COLUMNS];
    }
    for (rows, weights) in gathered.chunks_exact(3 * ROW).zip(weights.chunks_exact(TAPS * GROUP)) {
        for tap in 0..TAPS {
            // Arrays of known length, or the sums would not stay in registers.
            let Some(values) = rows[tap / 3 * ROW + at + tap % 3..].first_chunk::<COLUMNS>() else {
                unreachable!("a row holds a tile and a margin")
            };
            let Some(weights) = weights[tap * GROUP + first..].first_chunk::<OUTPUTS>() else {
                unreachable!("a group holds whole steps")
            };
            for output in 0..OUTPUTS {
                for column in 0..COLUMNS {
                    sums[output][column] += weights[output] * values[column];
                }
            }
        }
    }
    sums
}

/// Gathers the inputs of the tile of row `y` that starts at column `from`.
fn gather(sources: &[Source], y: usize, from: usize, [width, height]: [usize; 2], gathered: &mut [f32]) {
    let mut rows = gathered.chunks_exact_mut(ROW);
    for source in sources {
        let (Source::Plain(maps) | Source::Enlarged(maps)) = *source;
        for channel in 0..maps.channels {
            for (dy, row) in rows.by_ref().take(3).enumerate() {
                let row = &mut row[..TILE_PX + 2];
                let above = y + dy;
                if above == 0 || above > height {
                    row.fill(0.0);
                    continue;
                }
                match source {
                    Source::Plain(_) => plain(maps.row(above - 1, channel), from, row),
                    Source::Enlarged(_) => enlarged(maps.row((above - 1) / 2, channel), from, width, row),
                }
            }
        }
    }
}

/// Columns `from` − 1 on of a row, zeros outside.
#[inline]
fn plain(row: &[f32], from: usize, out: &mut [f32]) {
    let before = usize::from(from == 0);
    out[0] = 0.0;
    let source = &row[from + before - 1..];
    let n = (out.len() - before).min(source.len());
    out[before..before + n].copy_from_slice(&source[..n]);
    out[before + n..].fill(0.0);
}

/// The same for a row whose pixels are doubled to `width` columns. `from` is even, as [`TILE_PX`] is.
#[inline]
fn enlarged(row: &[f32], from: usize, width: usize, out: &mut [f32]) {
    let columns = (out.len() - 1).min(width - from);
    out[0] = if from == 0 { 0.0 } else { row[from / 2 - 1] };
    for (out, value) in out[1..=columns].chunks_mut(2).zip(&row[from / 2..]) {
        out.fill(*value);
    }
    out[columns + 1..].fill(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without any pattern, −1 to 1.
    pub(crate) fn noise(n: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// The definition, one output at a time, in double precision.
    fn by_definition(
        layer: &Layer,
        input: &dyn Fn(usize, isize, isize) -> f32,
        x: usize,
        y: usize,
        o: usize,
    ) -> f64 {
        let mut sum = f64::from(layer.biases[o]);
        for i in 0..layer.inputs {
            for tap in 0..TAPS {
                let (dx, dy) = (tap as isize % 3 - 1, tap as isize / 3 - 1);
                let weight = layer.weights[(o * layer.inputs + i) * TAPS + tap];
                sum += f64::from(weight) * f64::from(input(i, x as isize + dx, y as isize + dy));
            }
        }
        sum.max(0.0)
    }

    #[test]
    fn equals_its_definition_at_all_levels_and_sizes() {
        for (width, height) in [(2, 2), (6, 4), (46, 4), (48, 2), (50, 6), (98, 4)] {
            let coarse = Maps {
                channels: 3,
                width: width / 2,
                height: height / 2,
                data: noise(3 * width * height / 4, 1),
            };
            let fine = Maps { channels: 2, width, height, data: noise(2 * width * height, 2) };
            let layer = Layer {
                outputs: 11,
                inputs: 5,
                side: 3,
                weights: noise(11 * 5 * 9, 3),
                biases: noise(11, 4),
            };
            let input = |i: usize, x: isize, y: isize| {
                if x < 0 || y < 0 || x as usize >= width || y as usize >= height {
                    0.0
                } else if i < 3 {
                    coarse.row(y as usize / 2, i)[x as usize / 2]
                } else {
                    fine.row(y as usize, i - 3)[x as usize]
                }
            };
            let convolution = Convolution::new(&layer);
            let sources = [Source::Enlarged(&coarse), Source::Plain(&fine)];
            let plainest = convolution.of(&sources, width, height, Level::Baseline);
            for y in 0..height {
                for o in 0..11 {
                    for x in 0..width {
                        let wanted = by_definition(&layer, &input, x, y, o);
                        let found = f64::from(plainest.row(y, o)[x]);
                        // 46 terms below 1, each rounded to 6e-8.
                        assert!(
                            (wanted - found).abs() < 3e-6,
                            "{width} × {height}, {x} {y} {o}: {found} {wanted}"
                        );
                    }
                }
            }
            for level in Level::all() {
                assert_eq!(
                    convolution.of(&sources, width, height, level),
                    plainest,
                    "{level:?}, {width} × {height}"
                );
            }
        }
    }

    #[test]
    fn pooling_takes_the_largest() {
        let maps =
            Maps { channels: 1, width: 4, height: 2, data: vec![1.0, 2.0, -5.0, -4.0, 3.0, 0.0, -6.0, -7.0] };
        assert_eq!(maps.pooled().data, [3.0, -4.0]);
    }
}
