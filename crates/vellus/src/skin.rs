//! Brightness of the skin, as it shows between the hairs.
//!
//! [`LinearPhoto`] (three W × H planes) and which pixels are scalp → [`Skin`]: a figure per tile and primary, and what lies
//! between.
//!
//! It is the shortest interval that holds 40 % of the samples of a neighbourhood of 3 × 3 tiles (the "shorth", Rousseeuw
//! and Leroy 1988, doi:10.1111/j.1467-9574.1988.tb01224.x), which up to 60 % of hair does not move.

use rayon::prelude::*;

use crate::linear::LinearPhoto;
use crate::median::upper_median;
use crate::plane::{Plane, bilinear};
use crate::tiles::Tiles;

/// Share of the samples that the interval of the skin's brightness holds: hair may cover the rest.
const SKIN_SHARE: f32 = 0.4;
/// Bins of the brightness histograms; the square root of linear light spreads them evenly over the noise.
const BINS: usize = 256;

/// Darkest skin that a ratio is formed with, linear light: half a grey level of 8 bits.
const DARKEST: f32 = 0.5 / 255.0 / 12.92;

/// Brightness of the skin around every pixel of a photo, or of a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Skin {
    /// Linear light per tile, by primary.
    grids: [Plane; 3],
    tiles: Tiles,
    /// Column and row that the first pixel of the tiles' part is.
    from: [usize; 2],
}

impl Skin {
    /// Of a photo, or the part of it that the tiles are of.
    pub(crate) fn of(photo: &LinearPhoto, valid: &[bool], tiles: Tiles) -> Self {
        let mut grids = [0, 1, 2].map(|_| Plane::filled(0, 0, 0.0));
        (&mut grids, &photo.primaries)
            .into_par_iter()
            .for_each(|(grid, primary)| *grid = skin_brightness(primary, valid, tiles));
        Self { grids, tiles, from: [0, 0] }
    }

    /// The same, asked for by the pixels of the whole photo.
    pub(crate) fn in_photo(self) -> Self {
        Self { from: self.tiles.from, ..self }
    }

    /// Skin of one brightness, linear light, in a photo of some width and height, px.
    pub fn even(brightness: f32, size: [usize; 2]) -> Self {
        let grids = [0, 1, 2].map(|_| Plane::filled(1, 1, brightness));
        Self { grids, tiles: Tiles::whole(size, size[0].max(size[1])), from: [0, 0] }
    }

    /// Share of the skin's light that is missing, by primary: W × H each, 0 where there is no scalp.
    pub(crate) fn losses(&self, photo: &LinearPhoto, valid: &[bool]) -> [Plane; 3] {
        let [width, height] = self.tiles.part;
        let columns: Vec<Between> = (0..width).map(|x| self.between(0, x)).collect();
        [0, 1, 2].map(|k| {
            let (primary, grid) = (&photo.primaries[k], &self.grids[k]);
            let mut losses = Plane::filled(width, height, 0.0);
            losses.data.par_chunks_mut(width).enumerate().for_each(|(y, losses)| {
                let row = tile_row(grid, self.between(1, y));
                let (light, valid) = (&primary.data[y * width..][..width], &valid[y * width..][..width]);
                for (loss, ((light, column), valid)) in
                    losses.iter_mut().zip(light.iter().zip(&columns).zip(valid))
                {
                    let share = 1.0 - light / level(&row, *column);
                    *loss = if *valid { share } else { 0.0 };
                }
            });
            losses
        })
    }

    /// Mean of the primaries at a pixel, linear light.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        let [x, y] = [0, 1].map(|axis| {
            let at = [x, y][axis].saturating_sub(self.from[axis]);
            self.between(axis, at.min(self.tiles.part[axis] - 1))
        });
        self.grids.iter().map(|grid| level(&tile_row(grid, y), x) / 3.0).fold(0.0, |sum, level| sum + level)
    }

    /// The same at a point between pixels, px.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x.max(0.0), y.max(0.0));
        let (x0, y0) = (x as usize, y as usize);
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| self.at(x0 + right, y0 + down));
        bilinear(four, x - x0 as f32, y - y0 as f32)
    }

    /// Brightness of the usual tile that has some of the given pixels in it, by primary, linear light; `None` where there is none.
    pub(crate) fn colour(&self, own: &[bool]) -> Option<[f32; 3]> {
        let (columns, width) = (self.tiles.count(0), self.tiles.part[0]);
        let mut used = vec![false; self.grids[0].data.len()];
        for (i, _) in own.iter().enumerate().filter(|&(_, &flag)| flag) {
            used[self.tiles.index(1, i / width) * columns + self.tiles.index(0, i % width)] = true;
        }
        let mut usual = [0.0; 3];
        for (usual, grid) in usual.iter_mut().zip(&self.grids) {
            let mut levels: Vec<f32> =
                grid.data.iter().zip(&used).filter(|&(_, &used)| used).map(|(&level, _)| level).collect();
            *usual = upper_median(&mut levels)?;
        }
        Some(usual)
    }

    /// Between which tiles a column (axis 0) or a row (axis 1) of the part lies.
    fn between(&self, axis: usize, at: usize) -> Between {
        let last = self.tiles.count(axis) - 1;
        let at = self.tiles.between(axis, at).clamp(0.0, last as f32);
        let first = at as usize;
        Between { first, second: (first + 1).min(last), share: at - first as f32 }
    }
}

/// Two neighbouring tiles, and how far from the first to the second.
#[derive(Debug, Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    share: f32,
}

/// The grid along a row that lies between two of its own.
fn tile_row(grid: &Plane, at: Between) -> Vec<f32> {
    let row = |y: usize| &grid.data[y * grid.width..][..grid.width];
    row(at.first).iter().zip(row(at.second)).map(|(a, b)| a + at.share * (b - a)).collect()
}

/// Brightness at a column of such a row; at least [`DARKEST`].
#[inline]
fn level(row: &[f32], at: Between) -> f32 {
    let (a, b) = (row[at.first], row[at.second]);
    (a + at.share * (b - a)).max(DARKEST)
}

/// Brightness of the skin per tile, linear light.
fn skin_brightness(primary: &Plane, valid: &[bool], tiles: Tiles) -> Plane {
    let [columns, rows] = [0, 1].map(|axis| tiles.count(axis));
    let column: Vec<usize> = (0..primary.width).map(|x| tiles.index(0, x)).collect();
    let mut histograms = vec![[0_u32; BINS]; columns * rows];
    histograms.par_chunks_mut(columns).enumerate().for_each(|(tile_y, histograms)| {
        for y in (0..primary.height).filter(|&y| tiles.index(1, y) == tile_y) {
            let row = y * primary.width;
            for (x, &column) in column.iter().enumerate() {
                if valid[row + x] {
                    let bin = (primary.data[row + x].max(0.0).sqrt() * BINS as f32) as usize;
                    histograms[column][bin.min(BINS - 1)] += 1;
                }
            }
        }
    });
    let mut grid = Plane::filled(columns, rows, f32::NAN);
    for y in 0..rows {
        for x in 0..columns {
            let mut sum = [0_u32; BINS];
            for near_y in y.saturating_sub(1)..=(y + 1).min(rows - 1) {
                for near_x in x.saturating_sub(1)..=(x + 1).min(columns - 1) {
                    sum.iter_mut().zip(&histograms[near_y * columns + near_x]).for_each(|(s, h)| *s += h);
                }
            }
            if let Some(root) = shorth(&sum) {
                grid.data[y * columns + x] = root * root;
            }
        }
    }
    fill_gaps(&mut grid);
    grid.gaussian(0.7)
}

/// Mean of the shortest interval that holds [`SKIN_SHARE`] of a histogram over 0 to 1; `None` for an empty histogram.
fn shorth(histogram: &[u32; BINS]) -> Option<f32> {
    let total: u32 = histogram.iter().sum();
    if total == 0 {
        return None;
    }
    let wanted = (SKIN_SHARE * total as f32).max(1.0);
    let mut best: Option<(usize, usize)> = None;
    let (mut end, mut held) = (0, 0);
    for start in 0..BINS {
        while end < BINS && (held as f32) < wanted {
            held += histogram[end];
            end += 1;
        }
        if (held as f32) < wanted {
            break;
        }
        // Of equally short intervals the brighter one: hair is dark far more often than bright.
        if best.is_none_or(|(a, b)| end - start <= b - a) {
            best = Some((start, end));
        }
        held -= histogram[start];
    }
    let (start, end) = best?;
    let (mut weight, mut sum) = (0.0, 0.0);
    for (bin, &held) in histogram.iter().enumerate().take(end).skip(start) {
        weight += held as f32;
        sum += held as f32 * (bin as f32 + 0.5) / BINS as f32;
    }
    Some(sum / weight)
}

/// Gives tiles without scalp the value of their nearest neighbours, ring by ring.
fn fill_gaps(grid: &mut Plane) {
    let (width, height) = (grid.width, grid.height);
    while grid.data.iter().any(|value| value.is_nan()) {
        let before = grid.clone();
        let mut filled = false;
        for y in 0..height {
            for x in 0..width {
                if !before.at(x, y).is_nan() {
                    continue;
                }
                let (mut sum, mut n) = (0.0, 0.0);
                for near_y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                    for near_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                        let value = before.at(near_x, near_y);
                        if !value.is_nan() {
                            sum += value;
                            n += 1.0;
                        }
                    }
                }
                if n > 0.0 {
                    grid.data[y * width + x] = sum / n;
                    filled = true;
                }
            }
        }
        if !filled {
            grid.data.fill(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Skin that is brighter by a fifth at the right than at the left, a fifth of it covered by black stripes.
    fn field(width: usize, height: usize) -> LinearPhoto {
        let light = |share: f32| {
            let data = (0..width * height).map(|i| {
                let x = i % width;
                let skin = 0.3 * (1.0 + 0.2 * x as f32 / (width - 1) as f32);
                if (x + i / width / 5) % 20 < 4 { 0.01 } else { share * skin }
            });
            Plane { width, height, data: data.collect() }
        };
        LinearPhoto { primaries: [1.0, 0.8, 0.6].map(light) }
    }

    #[test]
    fn skin_is_told_between_hairs_and_what_is_missing_by_it() {
        let (width, height) = (600, 400);
        let photo = field(width, height);
        let valid: Vec<bool> = (0..width * height).map(|i| i / width != 7).collect();
        let skin = Skin::of(&photo, &valid, Tiles::whole([width, height], 50));
        for x in [75, 300, 520] {
            let expected = 0.8 * 0.3 * (1.0 + 0.2 * x as f32 / 599.0);
            assert!((skin.at(x, 200) / expected - 1.0).abs() < 0.02, "{} at {x}", skin.at(x, 200));
            let between = 0.5 * (skin.at(x, 200) + skin.at(x + 1, 200));
            assert!((skin.sample(x as f32 + 0.5, 200.0) - between).abs() < 1e-6);
        }
        let losses = skin.losses(&photo, &valid);
        for (i, loss) in losses[1].data.iter().enumerate() {
            let (x, y) = (i % width, i / width);
            if y == 7 {
                assert_eq!(*loss, 0.0);
            } else if (75..525).contains(&x) {
                let hair = (x + y / 5) % 20 < 4;
                assert!(if hair { *loss > 0.95 } else { loss.abs() < 0.05 }, "{loss} at {x}, {y}");
            }
        }
        let [red, green, blue] = skin.colour(&valid).expect("a colour");
        assert!((green / red - 0.8).abs() < 0.02 && (blue / red - 0.6).abs() < 0.02);
        assert_eq!(skin.colour(&[]), None);
    }

    #[test]
    fn even_skin_is_as_bright_everywhere() {
        for size in [[1, 1], [40, 24], [25, 300]] {
            let skin = Skin::even(0.3, size);
            for [x, y] in [[0, 0], [size[0] / 2, size[1] / 3], [size[0] - 1, size[1] - 1]] {
                assert!((skin.at(x, y) - 0.3).abs() < 1e-6, "{} at {x}, {y} of {size:?}", skin.at(x, y));
            }
        }
    }
}
