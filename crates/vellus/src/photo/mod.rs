//! Reads a photo: encoded bytes, an image or an array in, upright RGB pixels out.
//!
//! # Input and output
//!
//! `W` and `H` are width and height in px after the orientation was applied. In: a JPEG, PNG, TIFF, BMP, GIF, WebP or DICOM
//! file ([`Photo::open`],
//! [`Photo::from_reader`], [`Photo::from_bytes`]), an image of the `image` crate ([`Photo::from_image`]), an array of
//! shape (H, W, channels) or (H, W) ([`Photo::from_array`], [`Photo::from_grey_array`]). Out: a [`Photo`] with `3 W H`
//! samples, 8 or 16 bits each as in the source, never fewer.
//!
//! # Coordinates
//!
//! x right, y down, the centre of the top-left pixel of the *upright* photo is (0, 0); pixel (x, y) has the index
//! `y * W + x`.
//!
//! # Rules
//!
//! - The format is told by the content, not by the file's name.
//! - EXIF orientation 1 to 8 is applied (JPEG: APP1; PNG: `eXIf`, wherever it stands; TIFF: its own tag).
//! - A length of a pixel that the file states is kept beside the pixels ([`StatedScale`]), and applied nowhere here.
//!   Nothing else of the metadata is read: no owner, no place, no serial number.
//! - Grey is repeated to red = green = blue. Transparent pixels are not scalp: alpha is composited onto black,
//!   `value * alpha / full scale` rounded, so that they are masked like any black surround.
//! - CMYK becomes `(1 - ink) * (1 - black)`; JPEG's CMYK and YCCK are taken as inverted, as every known writer makes
//!   them.
//! - Samples are sRGB afterwards. Colours that the file declares otherwise (Display P3, Adobe RGB and other profiles of a
//!   matrix, one grey curve, a gamma, CIELab) are converted; what cannot be (tables, CMYK) is kept as it is, and said. Where a
//!   file declares nothing, or a profile within two levels of sRGB, its samples are untouched ([`ColourSpace`]).
//! - Float samples must lie in 0..=1 and are stored at 16 bits.
//! - Several pages or frames: the first, and how many there are is said. If the first page is a preview, as in a camera RAW,
//!   the file is refused.
//! - A file with missing data is refused, although decoders would fill it with grey; see the `jpeg` source for how that
//!   is told. Bytes behind the end of the image are ignored.
//! - The size is checked against [`DecodeLimits`] before anything is decoded or allocated for it.
//!
//! # Limits
//!
//! Not read: HEIC, AVIF, camera RAW, JPEG XL, JPEG 2000 outside DICOM, PDF (each is named in the error, with what to do);
//! JPEG with 12 bits, lossless (outside DICOM) or arithmetic coding; TIFF of signed samples or old-style JPEG; DICOM that is
//! deflated, JPEG-LS, JPEG XL, HTJ2K, video, of signed samples, or of a modality that is no visible light.
//!
//! # Example
//!
//! ```
//! use vellus::photo::Photo;
//!
//! // Two rows of grey pixels: skin, hair, skin.
//! let rows = ndarray::array![[200u8, 40, 200], [200, 40, 200]];
//! let photo = Photo::from_grey_array(rows.view())?;
//! assert_eq!((photo.width_px, photo.height_px), (3, 2));
//! assert_eq!(photo.rgb_unit(1, 0), [40.0 / 255.0; 3]);
//! # Ok::<(), vellus::photo::PhotoError>(())
//! ```

mod array;
mod bmp_gif_webp;
mod colour;
mod decode;
mod dicom;
mod dicom_attributes;
mod dicom_lengths;
mod dicom_walk;
mod error;
mod format;
mod inverting;
mod jpeg;
mod jpeg_2000;
mod jpeg_bits;
mod jpeg_scan;
mod metadata;
mod pixels;
mod png;
mod stated;
mod tiff;

#[cfg(test)]
mod colour_tests;
#[cfg(test)]
mod dicom_tests;
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod jpeg_tests;
#[cfg(test)]
mod photo_tests;
#[cfg(test)]
mod robustness_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod stated_tests;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use image::RgbImage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use array::PixelSample;
pub use colour::ColourSpace;
pub use error::{PhotoError, PhotoName};
pub use format::PhotoFormat;
pub(crate) use inverting::inverts;
pub use metadata::metadata_groups;
pub use pixels::Pixels;
pub use stated::{StatedScale, StatedScaleSource};

/// A decoded, upright photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// The pixels, row by row.
    pub pixels: Pixels,
    /// Width, px.
    pub width_px: u32,
    /// Height, px.
    pub height_px: u32,
    /// `blake3:` and the hash in hexadecimal: of the encoded bytes, or of size, depth and samples where the photo came as
    /// pixels. Equal hashes mean equal photos.
    pub content_hash: String,
    /// Where the pixels come from.
    pub source: PhotoSource,
}

/// Facts about the encoded photo. None of them tells who was photographed, where or when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhotoSource {
    /// Encoding.
    pub format: PhotoFormat,
    /// Bits per sample in the source; a palette counts as 8.
    pub bit_depth: u8,
    /// What the samples of the source meant.
    pub colour: ColourModel,
    /// Decoder and version; decoders differ by a few grey levels.
    pub decoder: String,
    /// EXIF orientation that was applied, 1 (none) to 8.
    pub orientation_applied: u8,
    /// What the file says of the length of its pixels, in the directions of the upright photo; `None` where it says
    /// nothing, or only a resolution for print or screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_scale: Option<StatedScale>,
    /// Pages or frames of the file, without previews and masks; the first one is the photo.
    pub images: u32,
    /// What the samples were taken for.
    pub colour_space: ColourSpace,
}

/// What the samples of a source mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColourModel {
    /// One brightness.
    Grey,
    /// Brightness and alpha.
    GreyAlpha,
    /// Red, green and blue, also when encoded as YCbCr.
    #[default]
    Rgb,
    /// Red, green, blue and alpha.
    Rgba,
    /// Indices into a table of colours.
    Palette,
    /// Four inks, also when encoded as YCCK.
    Cmyk,
    /// CIELab.
    Lab,
}

/// How large a photo may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecodeLimits {
    /// Most pixels that are decoded. Default: 100,000,000: four times the largest photo that is meant to be measured
    /// (24 megapixels); at 16 bits its pixels take 600 MB.
    pub max_pixels: u64,
    /// Most bytes that are read of a file. Default: 1,073,741,824 (1 GiB): an uncompressed 16-bit RGBA photo of
    /// `max_pixels` takes 800 MB.
    pub max_file_bytes: u64,
    /// Most memory that decoding and measuring a photo may take, bytes; reckoned from its size at 60 bytes per pixel before
    /// anything is decoded. Default: 8,589,934,592 (8 GiB), enough for `max_pixels`; several photos at a time take it each.
    pub max_memory_bytes: u64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { max_pixels: 100_000_000, max_file_bytes: 1 << 30, max_memory_bytes: 8 << 30 }
    }
}

impl Photo {
    /// The photo as a picture to draw on, 8 bits; `None` if it has fewer samples than its size says.
    pub fn rgb8(&self) -> Option<RgbImage> {
        let samples = match &self.pixels {
            Pixels::Rgb8(samples) => samples.clone(),
            Pixels::Rgb16(samples) => {
                samples.iter().map(|&v| ((u32::from(v) * 255 + 32_767) / 65_535) as u8).collect()
            }
        };
        RgbImage::from_raw(self.width_px, self.height_px, samples)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`PhotoError`] with the path: the file is missing, unreadable, no photo, damaged or too large.
    pub fn open(path: impl AsRef<Path>, limits: &DecodeLimits) -> Result<Self, PhotoError> {
        let photo = PhotoName::file(path.as_ref());
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => PhotoError::Missing { photo: photo.clone() },
            _ => PhotoError::Unreadable { photo: photo.clone(), detail: error.to_string() },
        };
        let file = File::open(path.as_ref()).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?;
        if size.is_dir() {
            return Err(PhotoError::Unreadable { photo, detail: "it is a folder".to_owned() });
        }
        let bytes = read(&photo, file, limits, size.len())?;
        decode::decode(photo, &bytes, limits)
    }

    /// Reads an encoded photo from anything that gives bytes, to its end.
    ///
    /// # Errors
    /// [`PhotoError`]: reading fails, or the bytes are no photo, damaged or too many.
    pub fn from_reader(reader: impl Read, limits: &DecodeLimits) -> Result<Self, PhotoError> {
        let photo = PhotoName::default();
        let bytes = read(&photo, reader, limits, 0)?;
        decode::decode(photo, &bytes, limits)
    }

    /// Reads an encoded photo from memory.
    ///
    /// # Errors
    /// [`PhotoError`]: the bytes are no photo, damaged or too many.
    pub fn from_bytes(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, PhotoError> {
        let photo = PhotoName::default();
        if bytes.len() as u64 > limits.max_file_bytes {
            return Err(PhotoError::FileTooLarge { photo, max_file_bytes: limits.max_file_bytes });
        }
        decode::decode(photo, bytes, limits)
    }

    /// Red, green and blue of the pixel in column `x` and row `y`, encoded values scaled to 0..=1.
    ///
    /// # Panics
    /// When the pixel lies outside the photo.
    pub fn rgb_unit(&self, x: u32, y: u32) -> [f32; 3] {
        assert!(x < self.width_px && y < self.height_px, "pixel ({x}, {y}) outside the photo");
        self.pixels.rgb_unit(y as usize * self.width_px as usize + x as usize)
    }

    /// Writes row `y` into `row`, which holds one entry per column.
    ///
    /// # Panics
    /// When `y` lies outside the photo or `row` is not as long as the photo is wide.
    pub fn copy_row_unit(&self, y: u32, row: &mut [[f32; 3]]) {
        assert_eq!(row.len(), self.width_px as usize, "a row has one entry per column");
        self.pixels.copy_rgb_unit(y as usize * row.len(), row);
    }
}

/// All bytes of a reader, at most one more than the limit.
fn read(
    photo: &PhotoName,
    reader: impl Read,
    limits: &DecodeLimits,
    expected: u64,
) -> Result<Vec<u8>, PhotoError> {
    let max_file_bytes = limits.max_file_bytes;
    let too_large = || PhotoError::FileTooLarge { photo: photo.clone(), max_file_bytes };
    if expected > max_file_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    let count = reader.take(max_file_bytes.saturating_add(1)).read_to_end(&mut bytes);
    match count {
        Ok(count) if count as u64 > max_file_bytes => Err(too_large()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(PhotoError::Unreadable { photo: photo.clone(), detail: error.to_string() }),
    }
}
