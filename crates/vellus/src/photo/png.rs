//! PNG: every depth and colour type, palette, transparency, interlaced. The first frame of an APNG.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::{DynamicImage, Limits};

use super::array::pixels_of;
use super::decode::{Decoded, orientation_of_exif};
use super::error::Fault;
use super::stated::METRE_UM;
use super::{ColourModel, StatedScale, StatedScaleSource};

/// What ancillary chunks (colour profile, texts) may take beside the pixels, bytes. None of them is used.
const ANCILLARY_BYTES: u64 = 64 << 20;

/// Decodes a PNG file.
pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<Decoded, Fault> {
    // Signature 8, chunk length 4, "IHDR", then width, height, depth, colour type.
    let header: &[u8; 10] = match bytes.get(12..26).and_then(|chunk| chunk.strip_prefix(b"IHDR")) {
        Some(fields) => fields.try_into().map_err(|_| Fault::damaged("the header is missing"))?,
        None => return Err(Fault::damaged("the header is missing")),
    };
    let [w3, w2, w1, w0, h3, h2, h1, h0, depth, colour_type] = *header;
    let width_px = u32::from_be_bytes([w3, w2, w1, w0]);
    let height_px = u32::from_be_bytes([h3, h2, h1, h0]);
    Fault::check_size(width_px, height_px, max_pixels)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(u64::from(width_px) * u64::from(height_px) * 8 + ANCILLARY_BYTES);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(Fault::damaged)?;
    let image = DynamicImage::from_decoder(decoder).map_err(Fault::damaged)?;
    let has_alpha = image.color().has_alpha();
    Ok(Decoded {
        pixels: pixels_of(image)?,
        width_px,
        height_px,
        bit_depth: if colour_type == 3 { 8 } else { depth },
        colour: match (colour_type, has_alpha) {
            (3, _) => ColourModel::Palette,
            (0 | 4, false) => ColourModel::Grey,
            (0 | 4, true) => ColourModel::GreyAlpha,
            (_, false) => ColourModel::Rgb,
            (_, true) => ColourModel::Rgba,
        },
        orientation: chunk(bytes, b"eXIf").and_then(orientation_of_exif),
        stated_scale: chunk(bytes, b"pHYs").and_then(physical_size),
    })
}

/// The first chunk of that name; `eXIf` may stand behind the pixels, where decoders do not look.
fn chunk<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let (name, tail) = tail.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if name == wanted {
            return tail.get(..length);
        }
        rest = tail.get(length.checked_add(4)?..)?;
    }
}

/// `pHYs`: pixels per unit along x and y, unit (1: metre, 0: only their ratio is meant).
fn physical_size(chunk: &[u8]) -> Option<StatedScale> {
    let (x, rest) = chunk.split_first_chunk::<4>()?;
    let (y, rest) = rest.split_first_chunk::<4>()?;
    let px = [*x, *y].map(|bytes| f64::from(u32::from_be_bytes(bytes)));
    (rest == [1]).then(|| StatedScale::per_unit(px, METRE_UM, StatedScaleSource::PngPhys)).flatten()
}
