//! The grid that a photo is brought to, and what the network is fed with.
//!
//! Photo (W × H, linear light) → optical densities against the skin at [`GRID_UM_PER_PX`], `ln(skin / light)` per colour.
//! The skin is a percentile of the whole photo, so that neither exposure nor white balance nor the tone of the skin
//! matters much. All of this is as in `training/grid.py`.

use rayon::prelude::*;

use crate::convolve::Maps;

/// Length of a pixel of the grid on the scalp, µm.
pub(crate) const GRID_UM_PER_PX: f64 = 6.0;
/// Share of the pixels that are darker than "skin", per colour: hair and what hides the skin rarely take more.
const SKIN_SHARE: f64 = 0.7;
/// Darkest skin, linear light.
const DARKEST_SKIN: f32 = 0.01;
/// Darkest light, linear: half the first level above black of an 8-bit photo with a linear foot.
const DARKEST_LIGHT: f32 = 1.0 / 512.0;
/// Range of the density: glare below, black hair above.
const DENSITY: [f32; 2] = [-1.5, 3.0];
/// Scales that are followed, µm per px: beyond them no shaft is seen, or one fills the photo.
const SCALES_UM: [f64; 2] = [0.5, 50.0];
/// Longest side of the grid, px.
const MOST_PX: f64 = 32768.0;

/// A photo in linear light, 0 (black) to 1 (white); each plane is `width` × `height`, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Light<'a> {
    /// Red, green, blue.
    pub primaries: [&'a [f32]; 3],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A photo at the scale of the network.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Optical densities, one plane per colour.
    density: [Vec<f32>; 3],
    /// Pixels of the photo per pixel of the grid, along x and y.
    pub photo_px: [f64; 2],
}

impl Grid {
    pub fn new(light: &Light, um_per_px: f64) -> Self {
        let factor = um_per_px.clamp(SCALES_UM[0], SCALES_UM[1]) / GRID_UM_PER_PX;
        let side = |px: usize| libm::rint(px as f64 * factor).clamp(1.0, MOST_PX) as usize;
        let (width, height) = (side(light.width), side(light.height));
        let (across, down) = (Taps::new(light.width, width), Taps::new(light.height, height));
        let density = light.primaries.map(|plane| {
            let mut plane = down.columns(&across.rows(plane, light.width), width);
            densities(&mut plane);
            plane
        });
        let photo_px = [light.width as f64 / width as f64, light.height as f64 / height as f64];
        Self { width, height, density, photo_px }
    }

    /// A window with 2 × 2 pixels folded into channels: colour, row, column. `from` and `size` are in folded px; the
    /// last row and column are repeated where the window reaches beyond the grid.
    pub fn densities(&self, from: [usize; 2], size: [usize; 2], channels: usize) -> Maps {
        let mut maps = Maps::zeros(channels, size[0], size[1]);
        maps.data.par_chunks_mut(channels * size[0]).enumerate().for_each(|(y, out)| {
            for (channel, out) in out.chunks_exact_mut(size[0]).enumerate() {
                let (colour, dy, dx) = (channel / 4, channel / 2 % 2, channel % 2);
                let row = (2 * (from[1] + y) + dy).min(self.height - 1);
                let row = &self.density[colour][row * self.width..][..self.width];
                for (x, out) in out.iter_mut().enumerate() {
                    *out = row[(2 * (from[0] + x) + dx).min(self.width - 1)];
                }
            }
        });
        maps
    }
}

/// Linear light to optical density, in place.
fn densities(plane: &mut [f32]) {
    let skin = libm::logf(percentile(plane).max(DARKEST_SKIN));
    plane.par_iter_mut().with_min_len(4096).for_each(|value| {
        *value = (skin - libm::logf(value.max(DARKEST_LIGHT))).clamp(DENSITY[0], DENSITY[1]);
    });
}

/// The value that [`SKIN_SHARE`] of the pixels do not exceed, to half a thousandth of the square root's range, whose
/// steps are even in noise.
fn percentile(plane: &[f32]) -> f32 {
    const BINS: usize = 1024;
    let mut counts = [0_usize; BINS];
    for value in plane {
        counts[((value.max(0.0).sqrt() * BINS as f32) as usize).min(BINS - 1)] += 1;
    }
    let mut wanted = libm::ceil(SKIN_SHARE * plane.len() as f64) as usize;
    for (bin, &count) in counts.iter().enumerate() {
        if count >= wanted {
            let root = (bin as f32 + wanted as f32 / count as f32) / BINS as f32;
            return root * root;
        }
        wanted -= count;
    }
    1.0
}

/// How the samples of one side are mixed from those of the photo: area averages where it shrinks, a cubic (Keys 1981,
/// doi:10.1109/TASSP.1981.1163711, a = −½) where it grows.
struct Taps {
    /// First sample and its weights, per sample of the result.
    of: Vec<(usize, Vec<f32>)>,
}

impl Taps {
    fn new(from: usize, to: usize) -> Self {
        let scale = from as f64 / to as f64;
        let of = (0..to)
            .map(|k| {
                let weights: Vec<(usize, f64)> = if to <= from {
                    let (a, b) = (k as f64 * scale, (k + 1) as f64 * scale);
                    let last = (libm::ceil(b) as usize).min(from);
                    (a as usize..last)
                        .map(|i| (i, (b.min(i as f64 + 1.0) - a.max(i as f64)).max(0.0)))
                        .collect()
                } else {
                    let centre = (k as f64 + 0.5) * scale - 0.5;
                    let first = libm::floor(centre) as isize - 1;
                    (first..first + 4)
                        .filter(|i| (0..from as isize).contains(i))
                        .map(|i| (i as usize, cubic(i as f64 - centre)))
                        .collect()
                };
                let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
                (weights[0].0, weights.iter().map(|(_, weight)| (weight / sum) as f32).collect())
            })
            .collect();
        Self { of }
    }

    /// Applies to every row of a plane of `width` columns.
    fn rows(&self, plane: &[f32], width: usize) -> Vec<f32> {
        let columns = self.of.len();
        let mut out = vec![0.0; plane.len() / width * columns];
        out.par_chunks_mut(columns).zip(plane.par_chunks(width)).for_each(|(out, row)| {
            for (out, (first, weights)) in out.iter_mut().zip(&self.of) {
                *out =
                    row[*first..].iter().zip(weights).fold(0.0, |sum, (value, weight)| sum + weight * value);
            }
        });
        out
    }

    /// Applies to every column of a plane of `width` columns.
    fn columns(&self, plane: &[f32], width: usize) -> Vec<f32> {
        let mut out = vec![0.0; self.of.len() * width];
        out.par_chunks_mut(width).zip(self.of.par_iter()).for_each(|(out, (first, weights))| {
            for (row, weight) in plane[first * width..].chunks_exact(width).zip(weights) {
                out.iter_mut().zip(row).for_each(|(out, value)| *out += weight * value);
            }
        });
        out
    }
}

fn cubic(distance: f64) -> f64 {
    let d = distance.abs();
    if d < 1.0 {
        (1.5 * d - 2.5) * d * d + 1.0
    } else if d < 2.0 {
        ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resampling_keeps_constants_and_the_middle_of_a_ramp() {
        for (from, to) in [(100, 92), (100, 100), (40, 100), (7, 1), (1, 5)] {
            let taps = Taps::new(from, to);
            assert!(
                taps.rows(&vec![0.25; from], from).iter().all(|v| (v - 0.25).abs() < 1e-6),
                "{from} {to}"
            );
            let ramp: Vec<f32> = (0..from).map(|i| i as f32).collect();
            let out = taps.rows(&ramp, from);
            for (k, value) in out.iter().enumerate() {
                let centre = (k as f32 + 0.5) * from as f32 / to as f32 - 0.5;
                let inner = centre > 2.0 && centre < from as f32 - 3.0;
                // An area average of a ramp of whole samples is off by their steps.
                assert!(!inner || (value - centre).abs() < 0.13, "{from} {to}: {value} at {centre}");
            }
        }
    }

    #[test]
    fn skin_has_density_zero_and_hair_its_own() {
        let data: Vec<f32> = (0..1000).map(|i| if i % 5 == 0 { 0.05 } else { 0.4 }).collect();
        let light = Light { primaries: [&data, &data, &data], width: 50, height: 20 };
        let grid = Grid::new(&light, GRID_UM_PER_PX);
        assert_eq!((grid.width, grid.height), (50, 20));
        assert!(grid.density[0][1].abs() < 0.01, "{}", grid.density[0][1]);
        assert!((grid.density[2][0] - libm::logf(8.0)).abs() < 0.01, "{}", grid.density[2][0]);
    }
}
