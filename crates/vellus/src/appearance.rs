//! What a photo looks like as a whole, and how much of it the hairs that were found explain.
//!
//! Light, [`Contrast`] and [`Shaft`]s → [`Appearance`]. Plain figures: what they mean for the count and for the question
//! whether this is scalp at all is told from curves over drawn and other photos, in `doubt`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contrast::Contrast;
use crate::estimate::round;
use crate::linear::Light;
use crate::median::median;
use crate::shafts::Shaft;

/// Figures of a whole photo. Shares are of the scalp that was analysed, opacities are 0 on bare skin and 1 on black hair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Appearance {
    /// Opacity of the usual shaft, 0 to 1.
    pub hair_opacity: f64,
    /// Standard deviation of the skin's opacity at the scale of a fine shaft: wrinkles, vessels, pigment.
    pub texture_sd: f64,
    /// Share of the scalp that is as dark as hair, 0 to 1.
    pub dark_fraction: f64,
    /// Share of those dark pixels that the drawn hairs cover, each weighted by its confidence, 0 to 1; `null` where nothing is
    /// dark.
    pub explained_fraction: Option<f64>,
    /// Share of the scalp that is brighter than its skin by as much as hair is darker, 0 to 1: shine, white hair, or no
    /// skin at all.
    pub bright_fraction: f64,
    /// Brightness of the skin where it is darkest (5th percentile) as a share of where it is brightest (95th), 0 to 1.
    pub skin_evenness: f64,
    /// Red, green and blue of the skin, as shares of their sum in linear light; a third each is grey.
    pub skin_colour: [f64; 3],
    /// Brightness of the skin in linear light, 0 to 1.
    pub skin_brightness: f64,
    /// Share of the bare skin whose colour is quite another than that of the rest, 0 to 1: cloth, a glove, ink.
    #[serde(default)]
    pub foreign_fraction: f64,
    /// Share of the field that is too blurred to be measured, beside a part that is sharp, 0 to 1.
    #[serde(default)]
    pub unsharp_fraction: f64,
    /// Width of the usual line, px, told without a scale; `null` where there are too few. Shafts that touch are one line.
    pub usual_line_px: Option<f64>,
    /// Width of the usual single shaft by the narrower lines, px: without a scale lengths are judged by it.
    #[serde(default)]
    pub single_line_px: Option<f64>,
}

/// Share of the usual shaft's opacity from which a pixel is as dark as hair: half, where the edge of a shaft lies.
const DARK_SHARE: f32 = 0.5;
/// Largest opacity, either way, of what is certainly bare skin.
const BARE: f32 = 0.1;
/// Factor by which the ratio of two primaries differs from the usual one where it is another colour. On clinic photos the colour of
/// the skin wanders by less over 88 % and more of the field; blue and green cloth differ from skin by three and more.
const FOREIGN: f64 = 2.2;
/// Darkest light that has a colour, linear: five grey levels of 8 bits.
const DIM: f64 = 0.0015;
/// Every so many pixels tell the skin's brightness and colour; a prime, so that they fall into all columns.
const EVERY: usize = 31;
/// How far a shaft's own blurred edge reaches beyond its outline, px: about two sigmas of a usual lens.
const EDGE_PX: f32 = 2.0;

/// Looks at a photo whose shafts are found, each with its confidence; `usual_level` is the opacity of the usual one. Focus and
/// lines are told by others.
pub fn appearance(
    light: &Light,
    valid: &[bool],
    contrast: &Contrast,
    shafts: &[(&Shaft, f64)],
    usual_level: f32,
) -> Appearance {
    let opacity = &contrast.neutral;
    let mut covered = vec![0.0_f32; valid.len()];
    for &(shaft, confidence) in shafts {
        let mut wide = shaft.ribbon.clone();
        wide.width_px.iter_mut().for_each(|width| *width += 2.0 * EDGE_PX);
        wide.lengthen(EDGE_PX);
        wide.lay(opacity.width, opacity.height);
        for cover in &wide.cover {
            let sure = &mut covered[cover.pixel as usize];
            *sure = sure.max(confidence as f32);
        }
    }
    let least = DARK_SHARE * usual_level;
    let (mut scalp, mut dark, mut bright) = (0_u64, 0_u64, 0_u64);
    let mut explained = 0.0;
    let mut colour = [0.0_f64; 3];
    let (mut skin, mut hues) = (Vec::new(), Vec::new());
    for i in (0..valid.len()).filter(|&i| valid[i]) {
        let [x, y] = [i % opacity.width, i / opacity.width];
        scalp += 1;
        // What shines and is no hair that was found is a flake, or skin: it is bright, not dark.
        let shine = if covered[i] > 0.0 { 0.0 } else { contrast.shine.data[i] };
        let seen = opacity.data[i] - shine;
        if seen >= least {
            dark += 1;
            explained += f64::from(covered[i]);
        } else if contrast.opacity.data[i] - shine <= -least {
            bright += 1;
        } else if seen.abs() < BARE {
            let pixel = light.at(x, y).map(f64::from);
            colour.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += level);
            if i % EVERY == 0 {
                let [red, green, blue] = pixel.map(|level| level.max(DIM));
                hues.push([green / red, blue / red].map(libm::log));
            }
        }
        if i % EVERY == 0 {
            skin.push(contrast.skin.at(x, y));
        }
    }
    skin.sort_by(f32::total_cmp);
    let at = |share: f64| skin.get((share * skin.len() as f64) as usize).copied().map_or(0.0, f64::from);
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let sum = colour.iter().sum::<f64>().max(1e-9);
    Appearance {
        hair_opacity: round(f64::from(usual_level)),
        texture_sd: round(f64::from(contrast.texture_sd)),
        dark_fraction: round(share(dark, scalp)),
        explained_fraction: (dark > 0).then(|| round(explained / dark as f64)),
        bright_fraction: round(share(bright, scalp)),
        skin_evenness: round(at(0.05) / at(0.95).max(1e-9)),
        skin_colour: colour.map(|v| round(v / sum)),
        skin_brightness: round(at(0.5)),
        foreign_fraction: round(foreign_fraction(&hues)),
        unsharp_fraction: 0.0,
        usual_line_px: None,
        single_line_px: None,
    }
}

/// Share of the hues, log of green and of blue over red, that are far from the median.
fn foreign_fraction(hues: &[[f64; 2]]) -> f64 {
    let usual = [0, 1].map(|k| median(&hues.iter().map(|hue| hue[k]).collect::<Vec<f64>>()));
    let [Some(green), Some(blue)] = usual else { return 0.0 };
    let far = |hue: &&[f64; 2]| libm::hypot(hue[0] - green, hue[1] - blue) > libm::log(FOREIGN);
    hues.iter().filter(far).count() as f64 / hues.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloth_has_another_colour_than_skin() {
        let field = |cloth: usize| {
            let hue = |i: usize| if i < cloth { [1.4, 2.5] } else { [0.6 + 0.001 * (i % 100) as f64, 0.5] };
            (0..1000).map(|i| hue(i).map(libm::log)).collect::<Vec<_>>()
        };
        assert_eq!(foreign_fraction(&field(0)), 0.0);
        assert_eq!(foreign_fraction(&field(300)), 0.3);
        assert_eq!(foreign_fraction(&[]), 0.0);
    }
}
