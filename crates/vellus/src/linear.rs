//! Decoded pixels → linear light.

use crate::contrast::LinearPhoto;
use crate::plane::Plane;

/// Linear light of an sRGB-encoded value, both 0 to 1 (IEC 61966-2-1).
pub fn linear_of_srgb(encoded: f32) -> f32 {
    if encoded <= 0.04045 { encoded / 12.92 } else { libm::powf((encoded + 0.055) / 1.055, 2.4) }
}

/// Planes of an interleaved RGB picture of 8 bits.
pub fn linear_rgb8(width: usize, height: usize, rgb: &[u8]) -> LinearPhoto {
    let table: Vec<f32> = (0..=255_u8).map(|v| linear_of_srgb(f32::from(v) / 255.0)).collect();
    let plane = |channel: usize| Plane {
        width,
        height,
        data: rgb[channel..].iter().step_by(3).map(|&v| table[v as usize]).collect(),
    };
    LinearPhoto { primaries: [plane(0), plane(1), plane(2)] }
}
