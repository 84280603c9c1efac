//! Decoded pixels as linear light.
//!
//! [`Photo`] (W × H, sRGB-encoded) → [`LinearPhoto`] (three W × H planes, 0 to 1). The sRGB curve (IEC 61966-2-1) is
//! undone by table.

use crate::contrast::LinearPhoto;
use crate::photo::{Photo, Pixels};
use crate::plane::Plane;

/// Linear light of an sRGB-encoded value, both 0 to 1.
pub fn linear_of_srgb(encoded: f32) -> f32 {
    if encoded <= 0.04045 { encoded / 12.92 } else { libm::powf((encoded + 0.055) / 1.055, 2.4) }
}

/// Linear light of a photo.
pub fn linear(photo: &Photo) -> LinearPhoto {
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
    let plane = |data: Vec<f32>| Plane { width, height, data };
    let table = |n: u32| -> Vec<f32> { (0..=n).map(|v| linear_of_srgb(v as f32 / n as f32)).collect() };
    match &photo.pixels {
        Pixels::Rgb8(samples) => {
            let table = table(255);
            LinearPhoto {
                primaries: [0, 1, 2].map(|channel| {
                    plane(samples[channel..].iter().step_by(3).map(|&v| table[usize::from(v)]).collect())
                }),
            }
        }
        Pixels::Rgb16(samples) => {
            let table = table(65535);
            LinearPhoto {
                primaries: [0, 1, 2].map(|channel| {
                    plane(samples[channel..].iter().step_by(3).map(|&v| table[usize::from(v)]).collect())
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_of_the_srgb_curve() {
        assert_eq!(linear_of_srgb(0.0), 0.0);
        assert!((linear_of_srgb(1.0) - 1.0).abs() < 1e-6);
        // 50 % grey of a screen is 21.4 % of the light.
        assert!((linear_of_srgb(0.5) - 0.2140).abs() < 1e-4);
    }
}
