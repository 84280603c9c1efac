//! BMP, GIF and WebP, by the `image` crate: the first frame.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits};

use super::array::pixels_of;
use super::colour::Declared;
use super::decode::Decoded;
use super::error::Fault;
use super::pixels::Channels;
use super::stated::METRE_UM;
use super::{ColourModel, DecodeLimits, Pixels, StatedScale, StatedScaleSource};

/// What a decoder may take beside the pixels, bytes.
const ANCILLARY_BYTES: u64 = 64 << 20;
/// Frames of an animation that are counted; a file of more is not worth the time.
const MOST_FRAMES: u32 = 100_000;

/// Reads size, profile, orientation and pixels of any decoder.
fn read(mut decoder: impl ImageDecoder, limits: &DecodeLimits) -> Result<Decoded, Fault> {
    let (width_px, height_px) = decoder.dimensions();
    Fault::check_size(width_px, height_px, limits)?;
    let mut memory = Limits::no_limits();
    // A frame, the canvas, and as much again for the decoder.
    memory.max_alloc = Some(u64::from(width_px) * u64::from(height_px) * 12 + ANCILLARY_BYTES);
    decoder.set_limits(memory).map_err(Fault::damaged)?;
    let declared = decoder.icc_profile().ok().flatten().map(Declared::Icc);
    let orientation = decoder.orientation().ok().filter(|&turn| turn != Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(Fault::damaged)?;
    let colour = if image.color().has_alpha() { ColourModel::Rgba } else { ColourModel::Rgb };
    Ok(Decoded {
        pixels: pixels_of(image)?,
        width_px,
        height_px,
        bit_depth: 8,
        colour,
        orientation,
        declared,
        ..Decoded::default()
    })
}

/// BMP: palette, RLE, 16, 24 and 32 bits.
pub(super) fn bmp(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    let mut decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(Fault::damaged)?;
    let (width_px, height_px) = decoder.dimensions();
    Fault::check_size(width_px, height_px, limits)?;
    let declared = decoder.icc_profile().ok().flatten().map(Declared::Icc);
    let mut memory = Limits::no_limits();
    memory.max_alloc = Some(u64::from(width_px) * u64::from(height_px) * 8 + ANCILLARY_BYTES);
    decoder.set_limits(memory).map_err(Fault::damaged)?;
    let field =
        |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    let depth = field(28) & 0xffff;
    // Rows are padded to four bytes. The decoder fills what is missing.
    let uncompressed = matches!(field(30), 0 | 3 | 6) && field(14) >= 40;
    let row = u64::from(width_px) * u64::from(depth);
    let wanted = u64::from(field(10)) + row.div_ceil(32) * 4 * u64::from(height_px);
    if uncompressed && (bytes.len() as u64) < wanted {
        return Err(Fault::damaged(format!("{} bytes where {wanted} belong", bytes.len())));
    }
    let image = DynamicImage::from_decoder(decoder).map_err(Fault::damaged)?;
    // The fourth byte is seldom alpha, and often 0 throughout: it is left out.
    let pixels = match image {
        DynamicImage::ImageRgba8(image) => Pixels::Rgb8(Channels::RgbOf(4).to_rgb(image.into_raw())),
        image => pixels_of(image)?,
    };
    let px_per_m = [field(38), field(42)].map(f64::from);
    let stated_scale = (field(14) >= 40)
        .then(|| StatedScale::per_unit(px_per_m, METRE_UM, StatedScaleSource::BmpResolution))
        .flatten();
    Ok(Decoded {
        pixels,
        width_px,
        height_px,
        bit_depth: 8,
        colour: if (1..=8).contains(&depth) { ColourModel::Palette } else { ColourModel::Rgb },
        stated_scale,
        declared,
        ..Decoded::default()
    })
}

/// GIF: the first frame on its canvas; what the frame leaves open is black, as everything transparent.
pub(super) fn gif(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    let decoder = GifDecoder::new(Cursor::new(bytes)).map_err(Fault::damaged)?;
    let decoded = read(decoder, limits)?;
    Ok(Decoded { colour: ColourModel::Palette, images: gif_frames(bytes), ..decoded })
}

fn gif_frames(bytes: &[u8]) -> u32 {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let Ok(mut decoder) = options.read_info(Cursor::new(bytes)) else { return 1 };
    let mut frames = 0;
    while frames < MOST_FRAMES && matches!(decoder.next_frame_info(), Ok(Some(_))) {
        frames += 1;
    }
    frames.max(1)
}

/// WebP: lossy, lossless, the first frame of an animation.
pub(super) fn webp(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    // The arithmetic coder of VP8 reads zeros where bytes are missing, so that half a photo would look whole.
    let stated = bytes.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    if (bytes.len() as u64) < u64::from(stated) + 8 {
        return Err(Fault::damaged(format!("{} bytes where {} belong", bytes.len(), u64::from(stated) + 8)));
    }
    // The decoder looks for chunks beyond the end that the file states.
    let bytes = &bytes[..stated as usize + 8];
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(Fault::damaged)?;
    check_chunks(bytes.get(12..).unwrap_or_default(), decoder.dimensions())?;
    let decoded = read(decoder, limits)?;
    Ok(Decoded { images: webp_frames(bytes), ..decoded })
}

/// The decoder makes room for a chunk, and for a lossy picture, as large as they say they are, before it looks further.
fn check_chunks(mut rest: &[u8], canvas_px: (u32, u32)) -> Result<(), Fault> {
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *head;
        let size = u32::from_le_bytes(size) as usize;
        let Some(chunk) = tail.get(..size) else {
            return Err(Fault::damaged(format!("a chunk of {size} bytes where {} are left", tail.len())));
        };
        match (&[a, b, c, d], chunk) {
            (b"VP8 ", &[_, _, _, _, _, _, w0, w1, h0, h1, ..]) => {
                let [width, height] = [[w0, w1], [h0, h1]].map(|side| u16::from_le_bytes(side) & 0x3fff);
                if u32::from(width) > canvas_px.0 || u32::from(height) > canvas_px.1 {
                    return Err(Fault::damaged(format!(
                        "a picture of {width} x {height} pixels on a canvas of {} x {}",
                        canvas_px.0, canvas_px.1
                    )));
                }
            }
            // Place, size and duration of a frame come first.
            (b"ANMF", chunk) => check_chunks(chunk.get(16..).unwrap_or_default(), canvas_px)?,
            _ => {}
        }
        rest = tail.get(size + size % 2..).unwrap_or_default();
    }
    Ok(())
}

/// `ANMF` chunks.
fn webp_frames(bytes: &[u8]) -> u32 {
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut frames = 0;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *head;
        frames += u32::from([a, b, c, d] == *b"ANMF");
        let size = u32::from_le_bytes(size) as usize;
        rest = tail.get(size.saturating_add(size % 2)..).unwrap_or_default();
    }
    frames.clamp(1, MOST_FRAMES)
}
