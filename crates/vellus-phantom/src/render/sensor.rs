//! Sensor: linear light → 8-bit sRGB with shot and read noise.

use image::RgbImage;

use super::optics::{self, LinearImage};
use crate::random::Stream;
use crate::tone::linear_to_srgb;

/// Entries of the table of normal deviates; its largest is 3.7 standard deviations.
const DEVIATES: usize = 8192;

/// Steps of the table from light to 8-bit level: fine enough to round right down to 0.05 level.
const LIGHT_STEPS: usize = 65_535;

/// How light becomes a pixel value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// IEC 61966-2-1, as cameras write.
    Srgb,
    /// Value proportional to light, for tests of geometry.
    Linear,
}

/// Noise of the sensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Electrons of a pixel at full scale; 0 for no noise.
    pub full_well_e: f64,
    /// Read noise, electrons.
    pub read_noise_e: f64,
    /// Correlation of neighbours, standard deviation of the smoothing in px: interpolating the colour
    /// filter array spreads noise over neighbours. The size of the noise stays what it is. 0 for white noise.
    pub grain_px: f64,
}

/// What the sensor gives.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The photo.
    pub image: RgbImage,
    /// The same without noise, as luma in 8-bit levels, not rounded.
    pub clean_luma: Vec<f32>,
    /// Root-mean-square noise of luma, 8-bit levels.
    pub noise_sd_levels: f64,
}

/// Rec. 601 luma of three levels.
fn luma(rgb: [f32; 3]) -> f32 {
    0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
}

/// Exposes the sensor.
pub fn expose(picture: &LinearImage, noise: &Noise, transfer: Transfer, rng: &mut Stream) -> Exposure {
    let table: Vec<f32> = (0..=LIGHT_STEPS)
        .map(|i| {
            let light = i as f64 / LIGHT_STEPS as f64;
            let value = if transfer == Transfer::Srgb { linear_to_srgb(light) } else { light };
            (255.0 * value) as f32
        })
        .collect();
    let level = |light: f32| table[(light.clamp(0.0, 1.0) * LIGHT_STEPS as f32 + 0.5) as usize];
    let deviates = (noise.full_well_e > 0.0).then(|| deviates(picture, noise.grain_px, rng));
    let well = noise.full_well_e.max(1.0) as f32;
    let read = (noise.read_noise_e * noise.read_noise_e) as f32;
    let pixels = picture.planes[0].len();
    let mut bytes = Vec::with_capacity(3 * pixels);
    let mut clean_luma = Vec::with_capacity(pixels);
    let mut squares = 0.0;
    for i in 0..pixels {
        let clean: [f32; 3] = core::array::from_fn(|c| picture.planes[c][i]);
        let clean_levels = clean.map(level);
        let mut levels = clean_levels;
        if let Some(deviates) = &deviates {
            for c in 0..3 {
                let sd = (clean[c].max(0.0) * well + read).sqrt() / well;
                levels[c] = level(clean[c] + deviates[c][i] * sd);
            }
        }
        bytes.extend(levels.map(|v| (v + 0.5) as u8));
        let y = luma(clean_levels);
        let difference = f64::from(luma(levels) - y);
        squares += difference * difference;
        clean_luma.push(y);
    }
    let image = RgbImage::from_raw(picture.width as u32, picture.height as u32, bytes)
        .unwrap_or_else(|| RgbImage::new(picture.width as u32, picture.height as u32));
    Exposure { image, clean_luma, noise_sd_levels: libm::sqrt(squares / pixels.max(1) as f64) }
}

/// Standard normal deviates for every pixel and colour, smoothed by `grain_px` and scaled back to 1.
fn deviates(picture: &LinearImage, grain_px: f64, rng: &mut Stream) -> [Vec<f32>; 3] {
    let normals = normal_table();
    let mut planes = LinearImage::uniform(picture.width, picture.height, [0.0; 3]).planes;
    for i in 0..picture.planes[0].len() {
        let bits = rng.bits();
        for (c, plane) in planes.iter_mut().enumerate() {
            plane[i] = normals[(bits >> (16 * c)) as usize & (DEVIATES - 1)];
        }
    }
    if grain_px <= 0.05 {
        return planes;
    }
    // Smoothing with weights w leaves the standard deviation Σw² (Σw² of each of the two passes, rooted).
    let kernel = optics::kernel(grain_px);
    let left = 2.0 * kernel.iter().map(|w| w * w).sum::<f32>() - kernel[0] * kernel[0];
    planes.map(|plane| {
        let mut smooth = optics::blur(&plane, picture.width, picture.height, grain_px);
        smooth.iter_mut().for_each(|v| *v /= left);
        smooth
    })
}

/// Quantiles of the normal distribution at the middles of equal steps.
///
/// Acklam's rational approximation (2003), relative error below 1.2e-9.
fn normal_table() -> Vec<f32> {
    (0..DEVIATES).map(|i| quantile((i as f64 + 0.5) / DEVIATES as f64) as f32).collect()
}

fn quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e+01,
        2.209460984245205e+02,
        -2.759285104469687e+02,
        1.383_577_518_672_69e2,
        -3.066479806614716e+01,
        2.506628277459239e+00,
    ];
    const B: [f64; 5] = [
        -5.447609879822406e+01,
        1.615858368580409e+02,
        -1.556989798598866e+02,
        6.680131188771972e+01,
        -1.328068155288572e+01,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e+00,
        -2.549732539343734e+00,
        4.374664141464968e+00,
        2.938163982698783e+00,
    ];
    const D: [f64; 4] =
        [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];
    let horner = |k: &[f64], x: f64| k.iter().fold(0.0, |s, c| s * x + c);
    let tail = |q: f64| horner(&C, q) / (horner(&D, q) * q + 1.0);
    if p < 0.02425 {
        tail(libm::sqrt(-2.0 * libm::log(p)))
    } else if p > 1.0 - 0.02425 {
        -tail(libm::sqrt(-2.0 * libm::log(1.0 - p)))
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_standard_normal() {
        let table = normal_table();
        let mean = table.iter().map(|v| f64::from(*v)).sum::<f64>() / DEVIATES as f64;
        let var = table.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>() / DEVIATES as f64;
        assert!(mean.abs() < 1e-6 && (var - 1.0).abs() < 1e-3, "{mean} {var}");
        assert!((quantile(0.975) - 1.959_964).abs() < 1e-5);
    }

    #[test]
    fn noise_follows_the_photon_count() {
        let picture = LinearImage::uniform(200, 200, [0.25; 3]);
        for grain_px in [0.0, 0.7] {
            let noise = Noise { full_well_e: 4000.0, read_noise_e: 0.0, grain_px };
            let e = expose(&picture, &noise, Transfer::Linear, &mut Stream::new(1, "sensor"));
            // sd = 255 sqrt(0.25 / 4000) = 2.016 levels per channel, 0.6685 of it in luma.
            assert!((e.noise_sd_levels / (2.016 * 0.6685) - 1.0).abs() < 0.03, "{}", e.noise_sd_levels);
        }
    }
}
