//! From encoded bytes to oriented pixels, whatever the format.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer};

use super::error::Fault;
use super::format::{PhotoFormat, Signature, signature};
use super::pixels::hash_of_bytes;
use super::{ColourModel, DecodeLimits, Photo, PhotoError, PhotoName, PhotoSource, Pixels, StatedScale};

/// What a decoder gives, before the orientation is applied.
#[derive(Debug)]
pub(super) struct Decoded {
    pub pixels: Pixels,
    pub width_px: u32,
    pub height_px: u32,
    pub bit_depth: u8,
    pub colour: ColourModel,
    pub orientation: Option<Orientation>,
    /// Along x and y as stored.
    pub stated_scale: Option<StatedScale>,
}

/// The decoders that a release was tested with. Decoders differ by up to 4 grey levels in a JPEG, so the name goes into
/// every result.
fn decoder_name(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Jpeg => "zune-jpeg 0.5.15",
        PhotoFormat::Png => "png 0.18.1",
        PhotoFormat::Tiff => "tiff 0.11.3",
        PhotoFormat::Pixels => "none",
    }
}

/// Decodes a whole file.
pub(super) fn decode(photo: PhotoName, bytes: &[u8], limits: &DecodeLimits) -> Result<Photo, PhotoError> {
    if bytes.is_empty() {
        return Err(PhotoError::Empty { photo });
    }
    let format = match signature(bytes) {
        Signature::Read(format) => format,
        Signature::Other { format, advice } => return Err(PhotoError::OtherFormat { photo, format, advice }),
        Signature::Unknown => return Err(PhotoError::UnknownFormat { photo }),
    };
    let decoded = guarded(|| match format {
        PhotoFormat::Jpeg => super::jpeg::decode(bytes, limits.max_pixels),
        PhotoFormat::Png => super::png::decode(bytes, limits.max_pixels),
        _ => super::tiff::decode(bytes, limits.max_pixels),
    })
    .and_then(oriented)
    .map_err(|fault| fault.of(photo, format.name()))?;
    let orientation = decoded.orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Photo {
        pixels: decoded.pixels,
        width_px: decoded.width_px,
        height_px: decoded.height_px,
        content_hash: hash_of_bytes(bytes),
        source: PhotoSource {
            format,
            bit_depth: decoded.bit_depth,
            colour: decoded.colour,
            decoder: decoder_name(format).to_owned(),
            orientation_applied: orientation.to_exif(),
            stated_scale: decoded.stated_scale,
        },
    })
}

/// A decoder that panics on one file of ten thousand must not end the batch.
fn guarded(decode: impl FnOnce() -> Result<Decoded, Fault>) -> Result<Decoded, Fault> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err(Fault::damaged("the decoder gave up")))
}

/// Orientation of an EXIF block, which begins with its TIFF header. Nothing else of it is looked at.
pub(super) fn orientation_of_exif(exif: &[u8]) -> Option<Orientation> {
    // PNG writers exist that keep JPEG's prefix.
    Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))
}

/// Turns the pixels upright.
fn oriented(decoded: Decoded) -> Result<Decoded, Fault> {
    let size = |pixels: &Pixels| Fault::damaged(format!("{} pixels after decoding", pixels.len()));
    if decoded.pixels.len() as u64 != u64::from(decoded.width_px) * u64::from(decoded.height_px) {
        return Err(size(&decoded.pixels));
    }
    let orientation = match decoded.orientation {
        None | Some(Orientation::NoTransforms) => return Ok(decoded),
        Some(orientation) => orientation,
    };
    let (width, height) = (decoded.width_px, decoded.height_px);
    let empty = || Fault::damaged("pixels are missing after decoding");
    let mut image = match decoded.pixels {
        Pixels::Rgb8(samples) => {
            DynamicImage::ImageRgb8(ImageBuffer::from_raw(width, height, samples).ok_or_else(empty)?)
        }
        Pixels::Rgb16(samples) => {
            DynamicImage::ImageRgb16(ImageBuffer::from_raw(width, height, samples).ok_or_else(empty)?)
        }
    };
    image.apply_orientation(orientation);
    let (width_px, height_px) = (image.width(), image.height());
    let transposed = orientation.to_exif() > 4;
    let stated_scale = decoded.stated_scale.map(|scale| if transposed { scale.transposed() } else { scale });
    Ok(Decoded { pixels: super::array::pixels_of(image)?, width_px, height_px, stated_scale, ..decoded })
}

#[cfg(test)]
pub(super) fn decoder_names() -> [&'static str; 3] {
    [PhotoFormat::Jpeg, PhotoFormat::Png, PhotoFormat::Tiff].map(decoder_name)
}
