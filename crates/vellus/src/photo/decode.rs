//! From encoded bytes to oriented pixels, whatever the format.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer};

use super::colour::{Declared, to_srgb};
use super::error::Fault;
use super::format::{PhotoFormat, Signature, signature};
use super::pixels::hash_of_bytes;
use super::{ColourModel, DecodeLimits, Photo, PhotoError, PhotoName, PhotoSource, Pixels, StatedScale};

/// What a decoder gives, before colours are converted and the orientation is applied.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub pixels: Pixels,
    pub width_px: u32,
    pub height_px: u32,
    pub bit_depth: u8,
    pub colour: ColourModel,
    pub orientation: Option<Orientation>,
    /// Along x and y as stored.
    pub stated_scale: Option<StatedScale>,
    /// Pages or frames of the file; 0 and 1 are one.
    pub images: u32,
    /// What the file says of its colours.
    pub declared: Option<Declared>,
    /// Decoder of the pixels, where it is not that of the container.
    pub inner_decoder: Option<&'static str>,
}

pub(super) const JPEG: &str = "zune-jpeg 0.5.15";

/// The decoders that a release was tested with. Decoders differ by up to 4 grey levels in a JPEG, so the name goes into
/// every result.
fn decoder_name(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Jpeg => JPEG,
        PhotoFormat::Png => "png 0.18.1",
        PhotoFormat::Bmp => "image 0.25.10",
        PhotoFormat::Gif => "gif 0.14.2",
        PhotoFormat::WebP => "image-webp 0.2.4",
        PhotoFormat::Dicom => "dicom-object 0.10.1",
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
    let mut decoded = guarded(|| match format {
        PhotoFormat::Jpeg => super::jpeg::decode(bytes, limits),
        PhotoFormat::Png => super::png::decode(bytes, limits),
        PhotoFormat::Bmp => super::bmp_gif_webp::bmp(bytes, limits),
        PhotoFormat::Gif => super::bmp_gif_webp::gif(bytes, limits),
        PhotoFormat::WebP => super::bmp_gif_webp::webp(bytes, limits),
        PhotoFormat::Dicom => super::dicom::decode(bytes, limits),
        PhotoFormat::Tiff | PhotoFormat::Pixels => super::tiff::decode(bytes, limits),
    })
    .and_then(oriented)
    .map_err(|fault| fault.of(photo, format.name()))?;
    let colour_space = to_srgb(&mut decoded.pixels, decoded.colour, decoded.declared.as_ref());
    let decoder = match decoded.inner_decoder {
        Some(inner) => format!("{} + {inner}", decoder_name(format)),
        None => decoder_name(format).to_owned(),
    };
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
            decoder,
            orientation_applied: orientation.to_exif(),
            stated_scale: decoded.stated_scale,
            images: decoded.images.max(1),
            colour_space,
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
pub(super) fn decoder_names() -> Vec<&'static str> {
    let formats = [
        PhotoFormat::Jpeg,
        PhotoFormat::Png,
        PhotoFormat::Tiff,
        PhotoFormat::Bmp,
        PhotoFormat::Gif,
        PhotoFormat::WebP,
        PhotoFormat::Dicom,
    ];
    let frames = [super::dicom::LOSSLESS_JPEG, super::dicom::RLE, super::dicom::JPEG_2000];
    formats.map(decoder_name).into_iter().chain(frames).collect()
}
