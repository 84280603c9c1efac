//! Photo to file bytes.
//!
//! A [`crate::Phantom`] holds the picture as the sensor gave it, 8 bits per channel; what JPEG does to it
//! is done here, when it is written. That keeps one picture comparable across encodings.

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a photo is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lossless.
    Png,
    /// Baseline JPEG without chroma subsampling.
    Jpeg {
        /// Quality, 1-100.
        quality: u8,
    },
}

impl Encoding {
    /// File name extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg { .. } => "jpg",
        }
    }
}

/// The photo could not be encoded: JPEG ends at 65535 px a side.
#[derive(Debug, thiserror::Error)]
#[error("a photo of {width_px} x {height_px} px cannot be written as {extension}: {source}")]
pub struct EncodeError {
    /// Width, px.
    pub width_px: u32,
    /// Height, px.
    pub height_px: u32,
    /// What was asked for.
    pub extension: &'static str,
    /// What the encoder says.
    pub source: image::ImageError,
}

/// Encodes a photo; the same picture gives the same bytes.
pub fn encode(photo: &RgbImage, encoding: Encoding) -> Result<Vec<u8>, EncodeError> {
    let (width_px, height_px) = photo.dimensions();
    let mut bytes = Vec::new();
    let colour = ExtendedColorType::Rgb8;
    match encoding {
        Encoding::Png => PngEncoder::new(&mut bytes).write_image(photo, width_px, height_px, colour),
        Encoding::Jpeg { quality } => JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
            .write_image(photo, width_px, height_px, colour),
    }
    .map_err(|source| EncodeError { width_px, height_px, extension: encoding.extension(), source })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_is_lossless_and_jpeg_is_close() {
        let photo = RgbImage::from_fn(40, 30, |x, y| image::Rgb([(x * 5) as u8, (y * 8) as u8, 90]));
        let png = encode(&photo, Encoding::Png).expect("png");
        assert_eq!(image::load_from_memory(&png).expect("png").to_rgb8(), photo);
        let jpeg = encode(&photo, Encoding::Jpeg { quality: 95 }).expect("jpeg");
        let back = image::load_from_memory(&jpeg).expect("jpeg").to_rgb8();
        let worst = photo.as_raw().iter().zip(back.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst < Some(16), "{worst:?}");
    }
}
