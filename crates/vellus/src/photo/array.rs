//! Photos that are in memory already: images of the `image` crate and `ndarray` arrays.

use image::DynamicImage;
use ndarray::{ArrayView2, ArrayView3};

use super::error::Fault;
use super::pixels::{Channels, Sample, sixteen_bits};
use super::{
    ColourModel, ColourSpace, DecodeLimits, Photo, PhotoError, PhotoFormat, PhotoName, PhotoSource, Pixels,
};

/// Pixels that are in memory already are taken, however many they are.
const NO_LIMITS: DecodeLimits =
    DecodeLimits { max_pixels: u64::MAX, max_file_bytes: u64::MAX, max_memory_bytes: u64::MAX };

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
}

/// A sample type of arrays that are photos: `u8` or `u16`, over its full range.
#[allow(private_bounds)]
pub trait PixelSample: sealed::Sealed + Sample {
    /// Wraps interleaved RGB.
    #[doc(hidden)]
    fn into_pixels(rgb: Vec<Self>) -> Pixels;
}

impl PixelSample for u8 {
    fn into_pixels(rgb: Vec<Self>) -> Pixels {
        Pixels::Rgb8(rgb)
    }
}

impl PixelSample for u16 {
    fn into_pixels(rgb: Vec<Self>) -> Pixels {
        Pixels::Rgb16(rgb)
    }
}

impl Photo {
    /// A photo from an image of the `image` crate. Its pixels are taken as they stand; the `image` crate does not apply
    /// an orientation unless it is told to.
    ///
    /// # Errors
    /// [`PhotoError::ZeroSize`] without pixels; [`PhotoError::Unsupported`] when float samples leave 0..=1.
    pub fn from_image(image: DynamicImage) -> Result<Self, PhotoError> {
        let (width_px, height_px) = (image.width(), image.height());
        let fault = |fault: Fault| fault.of(PhotoName::default(), PhotoFormat::Pixels.name());
        Fault::check_size(width_px, height_px, &NO_LIMITS).map_err(fault)?;
        let bit_depth = 8 * image.color().bytes_per_pixel() / image.color().channel_count();
        let colour = match (image.color().has_color(), image.color().has_alpha()) {
            (true, true) => ColourModel::Rgba,
            (true, false) => ColourModel::Rgb,
            (false, true) => ColourModel::GreyAlpha,
            (false, false) => ColourModel::Grey,
        };
        let pixels = pixels_of(image).map_err(fault)?;
        Ok(Self::in_memory(pixels, width_px, height_px, bit_depth, colour))
    }

    /// A photo from an array of shape (height, width, channels): 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    ///
    /// # Errors
    /// [`PhotoError::ArrayShape`] for any other shape.
    pub fn from_array<S: PixelSample>(array: ArrayView3<'_, S>) -> Result<Self, PhotoError> {
        let (height, width, channels) = array.dim();
        let (channels, colour) = match channels {
            1 => (Channels::Grey, ColourModel::Grey),
            2 => (Channels::GreyAlpha, ColourModel::GreyAlpha),
            3 => (Channels::Rgb, ColourModel::Rgb),
            4 => (Channels::Rgba, ColourModel::Rgba),
            _ => return Err(PhotoError::ArrayShape { shape: array.shape().to_vec() }),
        };
        let size = (u32::try_from(width), u32::try_from(height));
        let (Ok(width_px @ 1..), Ok(height_px @ 1..)) = size else {
            return Err(PhotoError::ArrayShape { shape: array.shape().to_vec() });
        };
        let pixels = S::into_pixels(channels.to_rgb(array.iter().copied().collect()));
        let bit_depth = pixels.bits();
        Ok(Self::in_memory(pixels, width_px, height_px, bit_depth, colour))
    }

    /// A grey photo from an array of shape (height, width).
    ///
    /// # Errors
    /// [`PhotoError::ArrayShape`] when a side is 0 or beyond 32 bits.
    pub fn from_grey_array<S: PixelSample>(array: ArrayView2<'_, S>) -> Result<Self, PhotoError> {
        let shape = array.shape().to_vec();
        Self::from_array(array.insert_axis(ndarray::Axis(2))).map_err(|_| PhotoError::ArrayShape { shape })
    }

    fn in_memory(pixels: Pixels, width_px: u32, height_px: u32, bit_depth: u8, colour: ColourModel) -> Self {
        Self {
            content_hash: pixels.content_hash(width_px, height_px),
            pixels,
            width_px,
            height_px,
            source: PhotoSource {
                format: PhotoFormat::Pixels,
                bit_depth,
                colour,
                decoder: "none".to_owned(),
                orientation_applied: 1,
                stated_scale: None,
                images: 1,
                colour_space: ColourSpace::AssumedSrgb,
            },
        }
    }
}

/// RGB of any image, without loss of depth.
pub(super) fn pixels_of(image: DynamicImage) -> Result<Pixels, Fault> {
    let floats = |channels: Channels, values: &[f32]| match sixteen_bits(values) {
        Some(samples) => Ok(Pixels::Rgb16(channels.to_rgb(samples))),
        None => Err(Fault::unsupported("float samples outside 0 to 1")),
    };
    Ok(match image {
        DynamicImage::ImageLuma8(image) => Pixels::Rgb8(Channels::Grey.to_rgb(image.into_raw())),
        DynamicImage::ImageLumaA8(image) => Pixels::Rgb8(Channels::GreyAlpha.to_rgb(image.into_raw())),
        DynamicImage::ImageRgb8(image) => Pixels::Rgb8(image.into_raw()),
        DynamicImage::ImageRgba8(image) => Pixels::Rgb8(Channels::Rgba.to_rgb(image.into_raw())),
        DynamicImage::ImageLuma16(image) => Pixels::Rgb16(Channels::Grey.to_rgb(image.into_raw())),
        DynamicImage::ImageLumaA16(image) => Pixels::Rgb16(Channels::GreyAlpha.to_rgb(image.into_raw())),
        DynamicImage::ImageRgb16(image) => Pixels::Rgb16(image.into_raw()),
        DynamicImage::ImageRgba16(image) => Pixels::Rgb16(Channels::Rgba.to_rgb(image.into_raw())),
        DynamicImage::ImageRgb32F(image) => floats(Channels::Rgb, image.as_raw())?,
        DynamicImage::ImageRgba32F(image) => floats(Channels::Rgba, image.as_raw())?,
        other => Pixels::Rgb16(Channels::Rgba.to_rgb(other.into_rgba16().into_raw())),
    })
}
