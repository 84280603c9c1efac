//! A photo inside the page: pixels alone, no metadata, and small enough.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use crate::PageError;

/// Bytes that all photos of a page may have together, as JPEG; base64 makes four of three, and the rest of a page with
/// 1,500 hairs takes 0.6 MB: below 3 MB in all.
pub const BUDGET_BYTES: usize = 1_650_000;
/// JPEG quality: hairs keep their edges.
const QUALITY: u8 = 85;
/// Attempts at a smaller size; each aims at nine tenths of the budget.
const ATTEMPTS: usize = 8;

/// A photo as a data URI. One that takes more than `budget` bytes is scaled down: the page stretches it to the size that
/// its coordinates have.
pub fn data_uri(photo: &RgbImage, budget: usize) -> Result<String, PageError> {
    let mut bytes = jpeg(photo)?;
    let mut share = 1.0;
    for _ in 0..ATTEMPTS {
        if bytes.len() <= budget {
            break;
        }
        share *= (0.9 * budget as f64 / bytes.len() as f64).sqrt().min(0.95);
        let side = |length: u32| ((f64::from(length) * share) as u32).max(1);
        bytes = jpeg(&resize(photo, side(photo.width()), side(photo.height()), FilterType::CatmullRom))?;
    }
    Ok(format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes)))
}

fn jpeg(photo: &RgbImage) -> Result<Vec<u8>, PageError> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    encoder.write_image(photo, photo.width(), photo.height(), ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "embed_tests.rs"]
mod tests;
