//! TIFF and BigTIFF: the first page, 1 to 32 bits or unit floats of 16 to 64, grey, RGB, CMYK, JPEG's YCbCr, palette, CIELab;
//! strips, tiles, planes.
//!
//! `tiff` has no colour type for a palette nor for CIELab. Their samples lie as those of grey and RGB do: the page's
//! interpretation is written over in a copy of the file, and the samples are translated here.

use std::io::Cursor;

use image::metadata::Orientation;
use rayon::prelude::*;
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::colour::{Declared, lab_to_srgb};
use super::decode::Decoded;
use super::error::Fault;
use super::pixels::{Channels, interleaved, sixteen_bits, ycbcr_to_rgb};
use super::stated::{CENTIMETRE_UM, INCH_UM, imagej, ome};
use super::{ColourModel, DecodeLimits, Pixels, StatedScale, StatedScaleSource};

/// `DNGVersion`, the mark of a camera RAW that is dressed as a TIFF (Adobe, DNG 1.6).
const DNG_VERSION: Tag = Tag::Unknown(50706);
/// `JPEGTables` and JPEG as the compression scheme (TIFF technical note 2).
const JPEG_COMPRESSION: u32 = 7;

/// Decodes the first page of a TIFF file.
pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    match interpretation(bytes) {
        Some((at, PALETTE)) => decode_as(&overwritten(bytes, at, GREY), limits, Some(PALETTE)),
        Some((at, kind @ (CIELAB | ICCLAB))) => decode_as(&overwritten(bytes, at, RGB), limits, Some(kind)),
        _ => decode_as(bytes, limits, None),
    }
}

/// Most samples per pixel: four inks and alpha.
const MOST_SAMPLES: u16 = 5;

/// `PhotometricInterpretation` (TIFF 6.0).
const GREY: u16 = 1;
const RGB: u16 = 2;
const PALETTE: u16 = 3;
const CIELAB: u16 = 8;
const ICCLAB: u16 = 9;

/// Decodes the first page; `written_over` is the interpretation that it had before.
fn decode_as(bytes: &[u8], limits: &DecodeLimits, written_over: Option<u16>) -> Result<Decoded, Fault> {
    // An entry of two bytes takes some tens once it is a value. No value is longer than the file, whatever it says.
    let mut of_tags = Limits::default();
    of_tags.ifd_value_size = bytes.len().saturating_mul(64).saturating_add(1 << 20);
    of_tags.decoding_buffer_size = of_tags.ifd_value_size;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(fault)?.with_limits(of_tags.clone());
    let (width_px, height_px) = decoder.dimensions().map_err(fault)?;
    Fault::check_size(width_px, height_px, limits)?;
    let reduced = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).map_err(fault)?.unwrap_or(0) & 1 == 1;
    if reduced || decoder.find_tag(DNG_VERSION).map_err(fault)?.is_some() {
        return Err(Fault::CameraRaw);
    }
    let colour_type = decoder.colortype().map_err(fault)?;
    if colour_type.num_samples() > MOST_SAMPLES {
        return Err(Fault::unsupported(format!(
            "{} samples per pixel, but at most {MOST_SAMPLES} mean a colour",
            colour_type.num_samples()
        )));
    }
    check_chunk_size(&mut decoder, width_px, height_px)?;
    check_jpeg_chunks(&mut decoder, bytes, limits)?;

    let pixel_count = width_px as usize * height_px as usize;
    // Twice the largest sample type, for tiles that reach over the edge.
    let most_bytes = pixel_count.saturating_mul(usize::from(colour_type.num_samples())).saturating_mul(16);
    let most_bytes = most_bytes.min(usize::try_from(limits.max_memory_bytes).unwrap_or(usize::MAX));
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    let stated_scale = stated(&mut decoder);
    let profile = decoder.find_tag(Tag::IccProfile).ok().flatten().and_then(|value| value.into_u8_vec().ok());
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).map_err(fault)?;
    let (channels, colour) = channels(colour_type, extra.as_deref())?;
    let table =
        if written_over == Some(PALETTE) { decoder.find_tag(Tag::ColorMap).map_err(fault)? } else { None };
    // The tags are read: from here on the limits are those of pixels.
    let mut memory = of_tags.clone();
    memory.decoding_buffer_size = most_bytes;
    memory.intermediate_buffer_size = most_bytes.saturating_add(1 << 20);
    let mut decoder = decoder.with_limits(memory);

    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(fault)?;
    let planes = layout.planes;
    let wanted = pixel_count * usize::from(colour_type.num_samples());
    let bits = colour_type.bit_depth();
    let pixels = match (samples, written_over) {
        (samples, Some(PALETTE)) => {
            let indices = match samples {
                DecodingResult::U8(packed) if bits < 8 => {
                    indices(&packed, width_px as usize, height_px as usize, bits)
                }
                DecodingResult::U8(samples) => samples.into_iter().map(u16::from).collect(),
                DecodingResult::U16(samples) => samples,
                _ => return Err(Fault::unsupported("a palette of such samples")),
            };
            palette(table, checked(indices, pixel_count)?, bits)?
        }
        (samples, Some(kind)) => lab(samples, wanted, planes, kind == CIELAB)?,
        (DecodingResult::U8(packed), None) if bits < 8 => {
            let full = (1u16 << bits) - 1;
            let grey = indices(&packed, width_px as usize, height_px as usize, bits);
            let grey = grey.into_iter().map(|value| (value * 255 / full) as u8).collect();
            Pixels::Rgb8(Channels::Grey.to_rgb(checked(grey, pixel_count)?))
        }
        (DecodingResult::U8(samples), None) => {
            let samples = interleaved(checked(samples, wanted)?, planes);
            if matches!(colour_type, ColorType::YCbCr(_)) {
                Pixels::Rgb8(ycbcr_to_rgb(samples))
            } else {
                Pixels::Rgb8(channels.to_rgb(samples))
            }
        }
        (DecodingResult::U16(samples), None) if !matches!(colour_type, ColorType::YCbCr(_)) => {
            Pixels::Rgb16(channels.to_rgb(interleaved(checked(samples, wanted)?, planes)))
        }
        (DecodingResult::U32(samples), None) if !matches!(colour_type, ColorType::YCbCr(_)) => {
            let samples = checked(samples, wanted)?.into_iter().map(|value| (value >> 16) as u16).collect();
            Pixels::Rgb16(channels.to_rgb(interleaved(samples, planes)))
        }
        (DecodingResult::F16(values), None) => {
            floats(checked(values, wanted)?.into_iter().map(f32::from).collect(), channels, planes)?
        }
        (DecodingResult::F32(values), None) => floats(checked(values, wanted)?, channels, planes)?,
        (DecodingResult::F64(values), None) => floats(
            checked(values, wanted)?.into_iter().map(|value| value as f32).collect(),
            channels,
            planes,
        )?,
        _ => return Err(Fault::unsupported(format!("samples of {colour_type:?}"))),
    };
    let declared = match written_over {
        Some(CIELAB | ICCLAB) => Some(Declared::Done),
        _ => profile.map(Declared::Icc),
    };
    Ok(Decoded {
        pixels,
        width_px,
        height_px,
        bit_depth: if written_over == Some(PALETTE) { 8 } else { bits },
        colour: match written_over {
            Some(PALETTE) => ColourModel::Palette,
            Some(_) => ColourModel::Lab,
            None => colour,
        },
        orientation: orientation.and_then(Orientation::from_exif),
        stated_scale,
        images: pages(decoder.with_limits(of_tags)),
        declared,
        ..Decoded::default()
    })
}

/// Whether the first page holds 0 for white.
pub(super) fn is_white_zero(bytes: &[u8]) -> bool {
    matches!(interpretation(bytes), Some((_, 0)))
}

/// Where the first page's interpretation stands in the file, and which it is.
fn interpretation(bytes: &[u8]) -> Option<(usize, u16)> {
    let little = bytes.starts_with(b"II");
    let number = |at: usize, count: usize| {
        let field = bytes.get(at..at.checked_add(count)?)?;
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if little { field.iter().rev().fold(0, add) } else { field.iter().fold(0, add) })
    };
    // Offset of the page, of its first entry; size of an entry, and where its value stands.
    let big = number(2, 2)? == 43;
    let page = usize::try_from(if big { number(8, 8)? } else { number(4, 4)? }).ok()?;
    let (count, first, size, value) = if big {
        (number(page, 8)?, page.checked_add(8)?, 20, 12)
    } else {
        (number(page, 2)?, page.checked_add(2)?, 12, 8)
    };
    (0..usize::try_from(count).ok()?.min(4096))
        .map(|entry| first + entry * size)
        .find(|&at| number(at, 2) == Some(262))
        .and_then(|at| Some((at + value, u16::try_from(number(at + value, 2)?).ok()?)))
}

fn overwritten(bytes: &[u8], at: usize, interpretation: u16) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    let field =
        if bytes.starts_with(b"II") { interpretation.to_le_bytes() } else { interpretation.to_be_bytes() };
    copy[at..at + 2].copy_from_slice(&field);
    copy
}

/// `ColorMap`: all reds, all greens, all blues, 16 bits each.
fn palette(table: Option<Value>, indices: Vec<u16>, bits: u8) -> Result<Pixels, Fault> {
    let table = table.map(|value| value.into_u16_vec()).transpose().map_err(fault)?.unwrap_or_default();
    let size = 1usize << bits;
    if table.len() != 3 * size {
        return Err(Fault::damaged(format!("a palette of {} values where {} belong", table.len(), 3 * size)));
    }
    // Some programs write eight bits.
    let shift = if table.iter().all(|&value| value < 256) { 0 } else { 8 };
    let colour = |index: u16| [0, 1, 2].map(|c| (table[c * size + usize::from(index)] >> shift) as u8);
    Ok(Pixels::Rgb8(indices.into_iter().flat_map(colour).collect()))
}

/// CIELab of 8 or 16 bits (TIFF 6.0, section 23; TIFF technical note on ICCLab) to sRGB. `signed`: a and b are signed
/// numbers; else they are shifted by half their range.
fn lab(samples: DecodingResult, wanted: usize, planes: usize, signed: bool) -> Result<Pixels, Fault> {
    match samples {
        DecodingResult::U8(samples) => {
            let mut samples = interleaved(checked(samples, wanted)?, planes);
            samples.par_chunks_mut(3 << 14).for_each(|part| {
                for pixel in part.as_chunks_mut::<3>().0 {
                    let [a, b] = [pixel[1], pixel[2]]
                        .map(|v| if signed { f64::from(v as i8) } else { f64::from(v) - 128.0 });
                    *pixel = lab_to_srgb([f64::from(pixel[0]) / 2.55, a, b])
                        .map(|value| (value * 255.0 + 0.5) as u8);
                }
            });
            Ok(Pixels::Rgb8(samples))
        }
        DecodingResult::U16(samples) => {
            let mut samples = interleaved(checked(samples, wanted)?, planes);
            let white = if signed { 65_535.0 } else { 65_280.0 };
            samples.par_chunks_mut(3 << 14).for_each(|part| {
                for pixel in part.as_chunks_mut::<3>().0 {
                    let [a, b] = [pixel[1], pixel[2]].map(|v| {
                        if signed { f64::from(v as i16) / 256.0 } else { f64::from(v) / 256.0 - 128.0 }
                    });
                    let l = f64::from(pixel[0]) * 100.0 / white;
                    *pixel = lab_to_srgb([l, a, b]).map(|value| (value * 65_535.0 + 0.5) as u16);
                }
            });
            Ok(Pixels::Rgb16(samples))
        }
        _ => Err(Fault::unsupported("CIELab of such samples")),
    }
}

fn floats(values: Vec<f32>, channels: Channels, planes: usize) -> Result<Pixels, Fault> {
    let samples = sixteen_bits(&values).ok_or_else(|| Fault::unsupported("float samples outside 0 to 1"))?;
    Ok(Pixels::Rgb16(channels.to_rgb(interleaved(samples, planes))))
}

/// Pages that are photos: not previews (bit 0 of `NewSubfileType`) nor masks (bit 2). A page that cannot be read ends
/// the count.
fn pages(mut decoder: Decoder<Cursor<&[u8]>>) -> u32 {
    const MOST_PAGES: u32 = 100_000;
    let (mut pages, mut seen) = (1, 1);
    while seen < MOST_PAGES && decoder.more_images() && decoder.next_image().is_ok() {
        seen += 1;
        let kind = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).ok().flatten().unwrap_or(0);
        pages += u32::from(kind & 0b101 == 0);
    }
    pages
}

/// Tiles reach over the edge, but a decoder makes room for a whole row of one.
fn check_chunk_size(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    width_px: u32,
    height_px: u32,
) -> Result<(), Fault> {
    const LARGE_TILE_PX: u32 = 8192;
    let mut side = |tag| decoder.find_tag_unsigned::<u32>(tag).map_err(fault);
    let (across, down) = (side(Tag::TileWidth)?.unwrap_or(0), side(Tag::TileLength)?.unwrap_or(0));
    if across > width_px.max(LARGE_TILE_PX) || down > height_px.max(LARGE_TILE_PX) {
        return Err(Fault::damaged(format!(
            "tiles of {across} x {down} pixels in a picture of {width_px} x {height_px}"
        )));
    }
    Ok(())
}

/// What the samples mean. `ExtraSamples`: 1 alpha that is multiplied in already, 2 alpha; 0 says nothing, and what it
/// says nothing about is left out (a mask of an image editor, as a rule).
fn channels(colour_type: ColorType, extra: Option<&[u16]>) -> Result<(Channels, ColourModel), Fault> {
    let kind = extra.and_then(|kinds| kinds.first().copied());
    let count = usize::from(colour_type.num_samples());
    Ok(match (colour_type, kind) {
        (ColorType::Gray(_), _) => (Channels::Grey, ColourModel::Grey),
        (ColorType::Multiband { num_samples: 2, .. }, Some(2)) => {
            (Channels::GreyAlpha, ColourModel::GreyAlpha)
        }
        (ColorType::Multiband { .. }, Some(_)) => (Channels::GreyOf(count), ColourModel::Grey),
        (ColorType::RGB(_) | ColorType::YCbCr(_), _) => (Channels::Rgb, ColourModel::Rgb),
        (ColorType::RGBA(_), None | Some(2)) => (Channels::Rgba, ColourModel::Rgba),
        (ColorType::RGBA(_), Some(1)) => (Channels::RgbOf(4), ColourModel::Rgba),
        (ColorType::RGBA(_), Some(_)) => (Channels::RgbOf(4), ColourModel::Rgb),
        (ColorType::CMYK(_) | ColorType::CMYKA(_), _) => (Channels::CmykOf(count), ColourModel::Cmyk),
        _ => return Err(Fault::unsupported(format!("samples of {colour_type:?}"))),
    })
}

/// JPEG inside TIFF has the same trap as JPEG alone: what is missing becomes grey. Each strip or tile is followed to its
/// end first.
fn check_jpeg_chunks(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    bytes: &[u8],
    limits: &DecodeLimits,
) -> Result<(), Fault> {
    if decoder.find_tag_unsigned::<u32>(Tag::Compression).map_err(fault)? != Some(JPEG_COMPRESSION) {
        return Ok(());
    }
    let tables = decoder.find_tag(Tag::JPEGTables).map_err(fault)?;
    let tables = tables.map(|value| value.into_u8_vec()).transpose().map_err(fault)?.unwrap_or_default();
    let mut list = |strips, tiles| -> Result<Vec<u64>, Fault> {
        let found = decoder.find_tag_unsigned_vec::<u64>(strips).map_err(fault)?;
        let found =
            if found.is_some() { found } else { decoder.find_tag_unsigned_vec(tiles).map_err(fault)? };
        Ok(found.unwrap_or_default())
    };
    let offsets = list(Tag::StripOffsets, Tag::TileOffsets)?;
    let lengths = list(Tag::StripByteCounts, Tag::TileByteCounts)?;
    for (number, (offset, length)) in offsets.iter().zip(lengths).enumerate() {
        let (Ok(from), Ok(to)) = (usize::try_from(*offset), usize::try_from(offset.saturating_add(length)))
        else {
            return Err(Fault::damaged(format!("strip {number} lies beyond the end of the file")));
        };
        let Some(strip) = bytes.get(from..to) else {
            return Err(Fault::damaged(format!("strip {number} lies beyond the end of the file")));
        };
        let whole = match tables.split_last_chunk::<2>() {
            Some((tables, _)) => [tables, strip.get(2..).unwrap_or_default()].concat(),
            None => strip.to_vec(),
        };
        super::jpeg::inspect(&whole, limits)?;
    }
    Ok(())
}

/// OME-XML, ImageJ's description, or the resolution, in this order. A tag that cannot be read states nothing.
fn stated(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<StatedScale> {
    let mut tag = |tag| decoder.find_tag(tag).ok().flatten();
    let description = match tag(Tag::ImageDescription) {
        Some(Value::Ascii(text)) => text,
        _ => String::new(),
    };
    if let Some(scale) = ome(&description) {
        return Some(scale);
    }
    let px_per_unit = [ratio(tag(Tag::XResolution)?)?, ratio(tag(Tag::YResolution)?)?];
    if let Some(scale) = imagej(&description, px_per_unit) {
        return Some(scale);
    }
    // Inch where the tag is missing (TIFF 6.0).
    let unit_um = match tag(Tag::ResolutionUnit).map(Value::into_u16) {
        None | Some(Ok(2)) => INCH_UM,
        Some(Ok(3)) => CENTIMETRE_UM,
        _ => return None,
    };
    StatedScale::per_unit(px_per_unit, unit_um, StatedScaleSource::TiffResolution)
}

fn ratio(value: Value) -> Option<f64> {
    match value {
        Value::Rational(n, d) => Some(f64::from(n) / f64::from(d)),
        Value::List(mut values) if values.len() == 1 => ratio(values.pop()?),
        _ => None,
    }
}

fn checked<T>(samples: Vec<T>, wanted: usize) -> Result<Vec<T>, Fault> {
    if samples.len() == wanted {
        Ok(samples)
    } else {
        Err(Fault::damaged(format!("{} samples where {wanted} belong", samples.len())))
    }
}

/// Samples of 1, 2 or 4 bits, rows padded to whole bytes.
fn indices(packed: &[u8], width: usize, height: usize, bits: u8) -> Vec<u16> {
    let bits = usize::from(bits);
    let per_byte = 8 / bits.max(1);
    let full = (1u16 << bits) - 1;
    let stride = width.div_ceil(per_byte);
    let mut values = Vec::with_capacity(width * height);
    for row in packed.chunks_exact(stride.max(1)).take(height) {
        values.extend((0..width).map(|x| {
            let shift = 8 - bits * (x % per_byte + 1);
            u16::from(row[x / per_byte]) >> shift & full
        }));
    }
    values
}

fn fault(error: TiffError) -> Fault {
    match error {
        TiffError::UnsupportedError(error) => Fault::unsupported(error),
        other => Fault::damaged(other),
    }
}
