//! PNG: every depth and colour type, palette, transparency, interlaced. The first frame of an APNG.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageDecoder, Limits};

use super::array::pixels_of;
use super::colour::{Declared, of_exif};
use super::decode::{Decoded, orientation_of_exif};
use super::error::Fault;
use super::stated::METRE_UM;
use super::{ColourModel, DecodeLimits, StatedScale, StatedScaleSource};

/// What ancillary chunks (colour profile, texts) may take beside the pixels, bytes. None of them is used.
const ANCILLARY_BYTES: u64 = 64 << 20;

/// Decodes a PNG file.
pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    // Signature 8, chunk length 4, "IHDR", then width, height, depth, colour type.
    let header: &[u8; 10] = match bytes.get(12..26).and_then(|chunk| chunk.strip_prefix(b"IHDR")) {
        Some(fields) => fields.try_into().map_err(|_| Fault::damaged("the header is missing"))?,
        None => return Err(Fault::damaged("the header is missing")),
    };
    let [w3, w2, w1, w0, h3, h2, h1, h0, depth, colour_type] = *header;
    let width_px = u32::from_be_bytes([w3, w2, w1, w0]);
    let height_px = u32::from_be_bytes([h3, h2, h1, h0]);
    Fault::check_size(width_px, height_px, limits)?;
    let mut memory = Limits::no_limits();
    memory.max_alloc = Some(u64::from(width_px) * u64::from(height_px) * 8 + ANCILLARY_BYTES);
    let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), memory).map_err(Fault::damaged)?;
    let declared = declared(bytes, &mut decoder);
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
        images: chunk(bytes, b"acTL")
            .and_then(|chunk| chunk.first_chunk())
            .map_or(1, |frames| u32::from_be_bytes(*frames)),
        declared,
        ..Decoded::default()
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

/// What is said of the colours, by rank (PNG 3, 4.3): code points, profile, sRGB, gamma; EXIF last.
fn declared(bytes: &[u8], decoder: &mut PngDecoder<Cursor<&[u8]>>) -> Option<Declared> {
    if let Some(&[primaries, transfer, ..]) = chunk(bytes, b"cICP") {
        return Some(match (primaries, transfer) {
            (1, 13) => Declared::Srgb,
            (12, 13) => Declared::DisplayP3,
            _ => Declared::Other,
        });
    }
    if chunk(bytes, b"iCCP").is_some() {
        // A profile that cannot be unpacked is one all the same.
        return Some(decoder.icc_profile().ok().flatten().map_or(Declared::Other, Declared::Icc));
    }
    if chunk(bytes, b"sRGB").is_some() {
        return Some(Declared::Srgb);
    }
    let gamma =
        chunk(bytes, b"gAMA").and_then(|chunk| chunk.first_chunk()).map(|value| u32::from_be_bytes(*value));
    match gamma {
        // 1/2.2 is how sRGB is written here.
        Some(45_000..=46_000) => Some(Declared::Srgb),
        Some(value @ 1..) => Some(Declared::Gamma(100_000.0 / f64::from(value))),
        _ => chunk(bytes, b"eXIf").and_then(of_exif),
    }
}

/// `pHYs`: pixels per unit along x and y, unit (1: metre, 0: only their ratio is meant).
fn physical_size(chunk: &[u8]) -> Option<StatedScale> {
    let (x, rest) = chunk.split_first_chunk::<4>()?;
    let (y, rest) = rest.split_first_chunk::<4>()?;
    let px = [*x, *y].map(|bytes| f64::from(u32::from_be_bytes(bytes)));
    (rest == [1]).then(|| StatedScale::per_unit(px, METRE_UM, StatedScaleSource::PngPhys)).flatten()
}
