//! What of a photo two visits should have in common: light, and how dark its hair is.

use crate::contrast::Contrast;
use crate::hair::Hair;
use crate::linear::Light;
use crate::median::median;

/// How a photo shows skin and hair.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tone {
    /// Median light of bare scalp per primary (red, green, blue), linear, 0 to 1; `None` where none is bare.
    pub skin: Option<[f64; 3]>,
    /// Light of the middle of wide shafts over that of the skin around, with the id of the hair; by id.
    pub shafts: Vec<(u32, f64)>,
}

/// Every so many pixels are looked at.
const STEP: usize = 7;
/// Opacity up to which skin is bare: three times the texture of usual skin.
const BARE: f32 = 0.15;
/// Least width of a shaft whose middle is its own colour, in sigmas of the blur: at four, 5 % of the light is the skin's.
const WIDE_SIGMAS: f64 = 4.0;
/// Share of a course at either end that is left out: skin over the root, the blur of the cut.
const END_SHARE: f64 = 0.15;

impl Tone {
    /// What a measured photo shows.
    pub fn of(
        light: &Light,
        scalp: &[bool],
        contrast: &Contrast,
        blur_sigma_px: f64,
        hairs: &[Hair],
    ) -> Self {
        let bare: Vec<usize> = (0..scalp.len())
            .step_by(STEP)
            .filter(|&i| scalp[i] && contrast.opacity.data[i].abs() < BARE)
            .collect();
        let width = contrast.opacity.width;
        let of_primary = |k: usize| {
            let light: Vec<f64> =
                bare.iter().map(|&i| f64::from(light.at(i % width, i / width)[k])).collect();
            median(&light).unwrap_or(0.0)
        };
        let skin = (!bare.is_empty()).then(|| [0, 1, 2].map(of_primary));
        let wide = hairs.iter().filter(|h| h.width_px.is_some_and(|w| w >= WIDE_SIGMAS * blur_sigma_px));
        let shafts = wide.filter_map(|hair| Some((hair.id, middle(hair, light, contrast)?)));
        let mut shafts: Vec<(u32, f64)> = shafts.collect();
        shafts.sort_by_key(|(id, _)| *id);
        Self { skin, shafts }
    }
}

/// Median light along the middle of a shaft, over that of the skin.
fn middle(hair: &Hair, light: &Light, contrast: &Contrast) -> Option<f64> {
    let n = hair.centreline_px.len() as f64;
    let (from, to) = ((END_SHARE * n) as usize, ((1.0 - END_SHARE) * n).ceil() as usize);
    let along = hair.centreline_px.get(from..to)?.iter().map(|&[x, y]| {
        let (x, y) = (x as f32, y as f32);
        let skin = contrast.skin.sample(x, y);
        let of_hair = light.sample(x, y).iter().sum::<f32>() / 3.0;
        f64::from(of_hair / skin)
    });
    median(&along.collect::<Vec<f64>>())
}
