//! Contrast plane: how much of the skin's light a shaft takes away, pixel by pixel.
//!
//! `LinearPhoto` (three W × H planes, linear light) → [`Contrast`] (one W × H plane of opacity).
//!
//! Opacity is `1 − pixel / skin`, in linear light: 0 on bare skin, 1 on a black shaft, negative where something is
//! brighter than skin. In linear light the lens blur is a convolution, so the opacity of an opaque shaft is the share
//! of the pixel that it covers, and widths can be read from it without knowing how dark the hair is. (The optical
//! density −ln(1 − opacity) adds up over hairs that lie on each other, but its blurred edge is biased outwards.)
//!
//! The skin's brightness is the shortest interval that holds 40 % of the samples of a 0.75 mm neighbourhood (the
//! "shorth", Rousseeuw and Leroy 1988, doi:10.1111/j.1467-9574.1988.tb01224.x), which up to 60 % of hair does not move.

use rayon::prelude::*;

use crate::gleam::gleam;
use crate::median::upper_median;
use crate::plane::Plane;
use crate::shine::Shine;
use crate::tiles::Tiles;

/// A photo as linear light, one plane per primary, 0 (black) to 1 (white).
#[derive(Debug, Clone)]
pub struct LinearPhoto {
    /// Red, green, blue.
    pub primaries: [Plane; 3],
}

/// What the hair is told from the skin by.
#[derive(Debug, Clone)]
pub struct Contrast {
    /// Opacity, see the module's text; where a shaft shines, raised to the share of the skin's colour that is lost, or to that of
    /// its edges.
    pub opacity: Plane,
    /// What all three primaries lose: hair absorbs every colour, while vessels (red), dye and melanin under the skin
    /// (blue) leave one of them alone. Shafts are looked for here; widths are read from `opacity`, whose edges no
    /// colour resolution blurs.
    pub neutral: Plane,
    /// By how much both are raised where shafts shine. Colour has a low resolution: what is fine is looked for without it.
    pub shine: Plane,
    /// Share of the skin's colour that is lost, whatever the brightness; `None` where colour cannot tell. Widths of shafts that shine
    /// all over are read from it.
    pub lost_colour: Option<Plane>,
    /// Standard deviation of the opacity in skin at the finest scale: sensor noise and skin grain, from pixel to pixel.
    pub noise_sd: f32,
    /// Standard deviation of the opacity in skin at the scale of a fine shaft: wrinkles, vessels, follicle openings.
    pub texture_sd: f32,
    /// Brightness of the skin around, linear light, mean of the primaries.
    pub skin: Plane,
}

/// Faintest shaft that is followed, in standard deviations of the noise from pixel to pixel: with some tens of
/// independent pixels along it, the chance of noise looking like one is below one in a million.
const FAINTEST_SD: f32 = 4.0;
/// The same at least, opacity: below it, texture of the skin and vessels look the same.
const FAINTEST_LEVEL: f32 = 0.06;

impl Contrast {
    /// Opacity of the faintest shaft that is followed.
    pub fn faintest_level(&self) -> f32 {
        (FAINTEST_SD * self.noise_sd).max(FAINTEST_LEVEL)
    }
}

/// Side of the tiles whose 3 × 3 neighbourhood gives the skin's brightness, µm: three tiles span 0.75 mm, wider than a
/// unit of four terminal hairs and narrower than the change of light over a contact glass.
const TILE_UM: f64 = 250.0;
/// Share of the samples that the interval of the skin's brightness holds: hair may cover the rest.
const SKIN_SHARE: f32 = 0.4;
/// Weights of red, green and blue in the opacity. Haemoglobin and melanin absorb green and blue several times more
/// than red (Jacques 2013, doi:10.1088/0031-9155/58/11/R37), a hair's cortex absorbs all three: red shows hair and
/// hides vessels and freckles. Some green and blue holds the blue halo at the root down, where red alone sees melanin
/// through the skin.
const PRIMARY_WEIGHTS: [f32; 3] = [0.6, 0.15, 0.25];

/// Bins of the brightness histograms; the square root of linear light spreads them evenly over the noise.
const BINS: usize = 256;

/// Contrast plane of a photo; `valid` is `false` where there is no scalp, `own` is `true` on the scalp whose skin tells what
/// colour skin has: what lies beside a region may be cloth.
pub fn contrast(photo: &LinearPhoto, valid: &[bool], own: &[bool], um_per_px: f64) -> Contrast {
    let [red, ..] = &photo.primaries;
    contrast_of_part(photo, valid, own, tiles([red.width, red.height], um_per_px), um_per_px)
}

/// The same of a part of a photo with its tiles.
pub(crate) fn contrast_of_part(
    photo: &LinearPhoto,
    valid: &[bool],
    own: &[bool],
    tiles: Tiles,
    um_per_px: f64,
) -> Contrast {
    let planes = contrast_of_tiles(photo, valid, own, tiles);
    let texture_sd = texture_sd(&planes.neutral, valid, um_per_px).max(planes.noise_sd * 0.3);
    Contrast { texture_sd, ..planes }
}

/// The tiles by which the skin's brightness is told, of a photo of some width and height, px.
pub(crate) fn tiles(photo: [usize; 2], um_per_px: f64) -> Tiles {
    Tiles::whole(photo, (libm::round(TILE_UM / um_per_px) as usize).clamp(12, 400))
}

/// Fewest pixels of a part of the scalp that tell its own noise and texture.
const FEWEST_OWN: usize = 1000;

impl Contrast {
    /// With noise and texture of a part of the scalp, if it is large enough to tell them.
    pub(crate) fn of_part(self, part: &[bool], um_per_px: f64) -> Self {
        if part.iter().filter(|&&flag| flag).count() < FEWEST_OWN {
            return self;
        }
        let noise_sd = noise_sd(&self.neutral, part);
        let texture_sd = texture_sd(&self.neutral, part, um_per_px).max(noise_sd * 0.3);
        Self { noise_sd, texture_sd, ..self }
    }
}

/// [`contrast`] with given tiles, and the noise for the texture.
pub(crate) fn contrast_of_tiles(photo: &LinearPhoto, valid: &[bool], own: &[bool], tiles: Tiles) -> Contrast {
    let [width, height] = tiles.part;
    let grids: Vec<Plane> =
        photo.primaries.par_iter().map(|primary| skin_brightness(primary, valid, tiles)).collect();

    let columns = Columns::new(tiles);
    let mut skin = Plane::filled(width, height, 0.0);
    let by_primary = [0, 1, 2].map(|k| {
        let (primary, grid) = (&photo.primaries[k], &grids[k]);
        let mut lost = Plane::filled(width, height, 0.0);
        lost.data.par_chunks_mut(width).zip(skin.data.par_chunks_mut(width)).enumerate().for_each(
            |(y, (lost, skin))| {
                let mut levels = vec![0.0; width];
                columns.row(grid, tiles.between(1, y), &mut levels);
                let (light, valid) = (&primary.data[y * width..][..width], &valid[y * width..][..width]);
                for (lost, ((light, level), valid)) in
                    lost.iter_mut().zip(light.iter().zip(&levels).zip(valid))
                {
                    let share = 1.0 - light / level;
                    *lost = if *valid { share } else { 0.0 };
                }
                for (skin, level) in skin.iter_mut().zip(&levels) {
                    *skin += level / 3.0;
                }
            },
        );
        lost
    });
    let mut opacity = weighted(&by_primary);
    // One after the other, so that only one sharp plane is held beside the smooth ones.
    let blue = by_primary[2].clone();
    let smooth = by_primary.map(|plane| plane.gaussian(COLOUR_SIGMA_PX));
    let shine = match skin_colour(&grids, own, tiles) {
        Some(colour) => Shine::of(&smooth, &blue, &opacity, PRIMARY_WEIGHTS, colour, own),
        None => Shine::none(),
    };
    let gleam = gleam(&blue, &opacity, own);
    let (mut neutral, raised) = neutral(&smooth, &mut opacity, &shine);
    if let Some(gleam) = gleam {
        for plane in [&mut opacity, &mut neutral] {
            plane.data.iter_mut().zip(&gleam.data).zip(&raised.data).for_each(|((value, gleam), raised)| {
                *value += (gleam - raised).max(0.0);
            });
        }
    }
    let (shine, lost_colour) = (raised, shine.into_lost_colour());
    let noise_sd = noise_sd(&neutral, valid);
    Contrast { opacity, neutral, shine, lost_colour, noise_sd, texture_sd: noise_sd, skin }
}

/// Where the columns of a photo lie between those of a coarse grid.
struct Columns {
    /// First and last grid column, and how far between them.
    between: Vec<(u32, u32, f32)>,
}

impl Columns {
    fn new(tiles: Tiles) -> Self {
        let last = tiles.count(0) - 1;
        let between = (0..tiles.part[0])
            .map(|x| {
                let at = tiles.between(0, x).clamp(0.0, last as f32);
                let left = at as u32;
                (left, (left + 1).min(last as u32), at - left as f32)
            })
            .collect();
        Self { between }
    }

    /// Interpolates a row of the photo at row `grid_y` of the grid; at least [`DARKEST`].
    fn row(&self, grid: &Plane, grid_y: f32, levels: &mut [f32]) {
        let y = grid_y.clamp(0.0, (grid.height - 1) as f32);
        let top = y as usize;
        let share = y - top as f32;
        let row = |y: usize| &grid.data[y.min(grid.height - 1) * grid.width..][..grid.width];
        let here: Vec<f32> = row(top).iter().zip(row(top + 1)).map(|(a, b)| a + share * (b - a)).collect();
        for (level, &(left, right, share)) in levels.iter_mut().zip(&self.between) {
            let (a, b) = (here[left as usize], here[right as usize]);
            *level = (a + share * (b - a)).max(DARKEST);
        }
    }
}

/// Weighted mean of the primaries' opacities.
fn weighted(by_primary: &[Plane]) -> Plane {
    let mut sum = Plane::filled(by_primary[0].width, by_primary[0].height, 0.0);
    for (plane, weight) in by_primary.iter().zip(PRIMARY_WEIGHTS) {
        sum.data.iter_mut().zip(&plane.data).for_each(|(s, v)| *s += weight * v);
    }
    sum
}

/// The opacity less its colour: what all three primaries lose, and by how much that and the opacity are raised where
/// a shaft shines. What shines is brighter in blue than the skin: that is no colour it lacks.
fn neutral(smooth: &[Plane; 3], opacity: &mut Plane, shine: &Shine) -> (Plane, Plane) {
    let width = opacity.width;
    let [wr, wg, wb] = PRIMARY_WEIGHTS;
    let coloured = |[r, g, b]: [f32; 3]| (wr * r + wg * g + wb * b - r.min(g).min(b)).max(0.0);
    let mut neutral = opacity.clone();
    let mut raised = Plane::filled(width, opacity.height, 0.0);
    let rows = neutral.data.par_chunks_mut(width).zip(opacity.data.par_chunks_mut(width));
    rows.zip(raised.data.par_chunks_mut(width)).enumerate().for_each(|(y, ((neutral, opacity), raised))| {
        for (x, ((neutral, opacity), raised)) in neutral.iter_mut().zip(opacity).zip(raised).enumerate() {
            let i = y * width + x;
            let lost = [0, 1, 2].map(|k| smooth[k].data[i]);
            let (certain, hidden) = shine.at(i);
            let plain = coloured(lost);
            let colour = plain + certain * (coloured(lost.map(|v| v.max(0.0))) - plain);
            *opacity += hidden;
            *raised = hidden;
            *neutral += hidden - NEUTRALITY * colour;
        }
    });
    (neutral, raised)
}

/// Share of the colour that is taken away. With all of it vessels and halos are gone, but brown and blond hair, which
/// takes less red than blue, pales, too. 0.7 was tried beside 1.0: equal on the clinic photos, better on drawn blond and long hair.
pub(crate) const NEUTRALITY: f32 = 0.7;
/// Colour is read over this distance, px: JPEG stores it at half the resolution of the brightness.
pub(crate) const COLOUR_SIGMA_PX: f32 = 1.5;

/// Darkest skin that a ratio is formed with, linear light: half a grey level of 8 bits.
const DARKEST: f32 = 0.5 / 255.0 / 12.92;

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

/// Brightness of the usual tile that has some of the given pixels in it, by primary, linear light; `None` where there is none.
fn skin_colour(grids: &[Plane], own: &[bool], tiles: Tiles) -> Option<[f32; 3]> {
    let (columns, width) = (tiles.count(0), tiles.part[0]);
    let mut used = vec![false; grids[0].data.len()];
    for (i, _) in own.iter().enumerate().filter(|&(_, &flag)| flag) {
        used[tiles.index(1, i / width) * columns + tiles.index(0, i % width)] = true;
    }
    let mut usual = [0.0; 3];
    for (usual, grid) in usual.iter_mut().zip(grids) {
        let mut levels: Vec<f32> =
            grid.data.iter().zip(&used).filter(|&(_, &used)| used).map(|(&level, _)| level).collect();
        *usual = upper_median(&mut levels)?;
    }
    Some(usual)
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

/// Standard deviation from pixel to pixel, by the median absolute second difference along rows, which edges and slow
/// changes leave alone. The second difference of white noise has a variance of 6.
fn noise_sd(opacity: &Plane, valid: &[bool]) -> f32 {
    let width = opacity.width;
    let mut differences: Vec<f32> = Vec::new();
    for y in 0..opacity.height {
        for x in 1..width.saturating_sub(1) {
            let i = y * width + x;
            if valid[i - 1] && valid[i] && valid[i + 1] {
                differences.push((opacity.data[i - 1] - 2.0 * opacity.data[i] + opacity.data[i + 1]).abs());
            }
        }
    }
    upper_median(&mut differences).unwrap_or(0.0) / 0.6745 / 6.0_f32.sqrt()
}

/// Width of the fine shafts that texture is compared with, µm: the vellus limit.
const TEXTURE_UM: f64 = 30.0;

/// Standard deviation of the difference of two Gaussians that passes lines about [`TEXTURE_UM`] wide, by its median
/// absolute value, which the shafts themselves do not move.
fn texture_sd(opacity: &Plane, valid: &[bool], um_per_px: f64) -> f32 {
    let sigma = (0.4 * TEXTURE_UM / um_per_px).clamp(0.6, 12.0) as f32;
    let width = opacity.width;
    let fine = opacity.gaussian(sigma);
    // Averaging 2 × 2 pixels has itself a variance of a quarter of a pixel².
    let coarse = opacity.halved().gaussian(0.5 * (9.0 * sigma * sigma - 0.25).sqrt());
    let mut values: Vec<f32> = (0..valid.len())
        .into_par_iter()
        .filter(|&i| valid[i])
        .map(|i| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            (fine.data[i] - coarse.sample(0.5 * (x - 0.5), 0.5 * (y - 0.5))).abs()
        })
        .collect();
    upper_median(&mut values).unwrap_or(0.0) / 0.6745
}
