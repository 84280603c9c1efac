//! Contrast plane: how much of the skin's light a shaft takes away, pixel by pixel.
//!
//! [`LinearPhoto`] (three W × H planes) → what each of them loses → [`Contrast`] (one W × H plane of opacity).
//!
//! Opacity is `1 − pixel / skin`, in linear light: 0 on bare skin, 1 on a black shaft, negative where something is
//! brighter than skin. In linear light the lens blur is a convolution, so the opacity of an opaque shaft is the share
//! of the pixel that it covers, and widths can be read from it without knowing how dark the hair is. (The optical
//! density −ln(1 − opacity) adds up over hairs that lie on each other, but its blurred edge is biased outwards.)

use rayon::prelude::*;

use crate::gleam::gleam;
use crate::linear::LinearPhoto;
use crate::median::upper_median;
use crate::plane::Plane;
use crate::shine::Shine;
use crate::skin::Skin;
use crate::tiles::Tiles;

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
    /// Brightness of the skin around.
    pub skin: Skin,
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
/// Weights of red, green and blue in the opacity. Haemoglobin and melanin absorb green and blue several times more
/// than red (Jacques 2013, doi:10.1088/0031-9155/58/11/R37), a hair's cortex absorbs all three: red shows hair and
/// hides vessels and freckles. Some green and blue holds the blue halo at the root down, where red alone sees melanin
/// through the skin.
const PRIMARY_WEIGHTS: [f32; 3] = [0.6, 0.15, 0.25];

/// Contrast plane of a photo; `valid` is `false` where there is no scalp, `own` is `true` on the scalp whose skin tells what
/// colour skin has: what lies beside a region may be cloth.
pub fn contrast(photo: &LinearPhoto, valid: &[bool], own: &[bool], um_per_px: f64) -> Contrast {
    let losses = Losses::of(photo, valid, tiles(photo.size(), um_per_px));
    contrast_at_scale(losses, valid, own, um_per_px)
}

/// The same by what is missing of the light.
pub(crate) fn contrast_at_scale(losses: Losses, valid: &[bool], own: &[bool], um_per_px: f64) -> Contrast {
    let planes = contrast_of(losses, valid, own);
    let texture_sd = texture_sd(&planes.neutral, valid, um_per_px).max(planes.noise_sd * 0.3);
    Contrast { texture_sd, ..planes }
}

/// What is missing of the skin's light, which is all that the contrast is made of.
pub(crate) struct Losses {
    /// Share of the skin's light by primary, 0 where there is no scalp.
    by_primary: [Plane; 3],
    skin: Skin,
}

impl Losses {
    /// Of a photo, or the part of it that the tiles are of.
    pub fn of(photo: &LinearPhoto, valid: &[bool], tiles: Tiles) -> Self {
        let skin = Skin::of(photo, valid, tiles);
        Self { by_primary: skin.losses(photo, valid), skin }
    }
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

/// [`contrast_at_scale`] with the noise for the texture.
pub(crate) fn contrast_of(losses: Losses, valid: &[bool], own: &[bool]) -> Contrast {
    let Losses { by_primary, skin } = losses;
    let mut opacity = weighted(&by_primary);
    // One after the other, so that only one sharp plane is held beside the smooth ones.
    let blue = by_primary[2].clone();
    let smooth = by_primary.map(|plane| plane.gaussian(COLOUR_SIGMA_PX));
    let shine = match skin.colour(own) {
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
            let (certain, hidden) = shine.at(i, lost);
            let plain = coloured(lost);
            let colour = plain + certain * (coloured(lost.map(|v| v.max(0.0))) - plain);
            *opacity += hidden;
            // Where nothing shines no page of memory is written.
            if hidden != 0.0 {
                *raised = hidden;
            }
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
