//! TIFF and BigTIFF: the first page, 1 to 16 bits or unit floats, grey, RGB, CMYK, JPEG's YCbCr; strips, tiles, planes.

use std::io::Cursor;

use image::metadata::Orientation;
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::decode::Decoded;
use super::error::Fault;
use super::pixels::{Channels, Sample, sixteen_bits};
use super::stated::{CENTIMETRE_UM, INCH_UM, imagej, ome};
use super::{ColourModel, Pixels, StatedScale, StatedScaleSource};

/// `DNGVersion`, the mark of a camera RAW that is dressed as a TIFF (Adobe, DNG 1.6).
const DNG_VERSION: Tag = Tag::Unknown(50706);
/// `JPEGTables` and JPEG as the compression scheme (TIFF technical note 2).
const JPEG_COMPRESSION: u32 = 7;

/// Decodes the first page of a TIFF file.
pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<Decoded, Fault> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(fault)?;
    let (width_px, height_px) = decoder.dimensions().map_err(fault)?;
    Fault::check_size(width_px, height_px, max_pixels)?;
    let reduced = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).map_err(fault)?.unwrap_or(0) & 1 == 1;
    if reduced || decoder.find_tag(DNG_VERSION).map_err(fault)?.is_some() {
        return Err(Fault::unsupported("its first page is a preview, as in a camera RAW"));
    }
    let colour_type = decoder.colortype().map_err(fault)?;
    check_jpeg_chunks(&mut decoder, bytes, max_pixels)?;

    let pixel_count = width_px as usize * height_px as usize;
    // Twice the largest sample type, for tiles that reach over the edge.
    let most_bytes = pixel_count.saturating_mul(usize::from(colour_type.num_samples())).saturating_mul(16);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most_bytes;
    limits.intermediate_buffer_size = most_bytes.saturating_add(1 << 20);
    limits.ifd_value_size = bytes.len();
    let mut decoder = decoder.with_limits(limits);
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    let stated_scale = stated(&mut decoder);
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).map_err(fault)?;
    let (channels, colour) = channels(colour_type, extra.as_deref())?;

    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(fault)?;
    let planes = layout.planes;
    let wanted = pixel_count * usize::from(colour_type.num_samples());
    let pixels = match samples {
        DecodingResult::U8(packed) if colour_type.bit_depth() < 8 => {
            let grey = unpack(&packed, width_px as usize, height_px as usize, colour_type.bit_depth());
            Pixels::Rgb8(Channels::Grey.to_rgb(checked(grey, pixel_count)?))
        }
        DecodingResult::U8(samples) => {
            let samples = interleaved(checked(samples, wanted)?, planes);
            if matches!(colour_type, ColorType::YCbCr(_)) {
                Pixels::Rgb8(ycbcr_to_rgb(samples))
            } else {
                Pixels::Rgb8(channels.to_rgb(samples))
            }
        }
        DecodingResult::U16(samples) if !matches!(colour_type, ColorType::YCbCr(_)) => {
            Pixels::Rgb16(channels.to_rgb(interleaved(checked(samples, wanted)?, planes)))
        }
        DecodingResult::F32(values) => {
            let samples = sixteen_bits(&checked(values, wanted)?)
                .ok_or_else(|| Fault::unsupported("float samples outside 0 to 1"))?;
            Pixels::Rgb16(channels.to_rgb(interleaved(samples, planes)))
        }
        _ => return Err(Fault::unsupported(format!("samples of {colour_type:?}"))),
    };
    Ok(Decoded {
        pixels,
        width_px,
        height_px,
        bit_depth: colour_type.bit_depth(),
        colour,
        orientation: orientation.and_then(Orientation::from_exif),
        stated_scale,
    })
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
    max_pixels: u64,
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
        super::jpeg::inspect(&whole, max_pixels)?;
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

/// One plane after the other to one pixel after the other.
fn interleaved<S: Sample>(samples: Vec<S>, planes: usize) -> Vec<S> {
    if planes < 2 {
        return samples;
    }
    let pixels = samples.len() / planes;
    (0..pixels)
        .flat_map(|pixel| (0..planes).map(move |plane| (plane, pixel)))
        .map(|(plane, pixel)| samples[plane * pixels + pixel])
        .collect()
}

/// 1, 2 or 4 bits per sample, rows padded to whole bytes, to 0..=255.
fn unpack(packed: &[u8], width: usize, height: usize, bits: u8) -> Vec<u8> {
    let bits = usize::from(bits);
    let per_byte = 8 / bits.max(1);
    let full = (1u16 << bits) - 1;
    let stride = width.div_ceil(per_byte);
    let mut grey = Vec::with_capacity(width * height);
    for row in packed.chunks_exact(stride.max(1)).take(height) {
        grey.extend((0..width).map(|x| {
            let shift = 8 - bits * (x % per_byte + 1);
            let value = u16::from(row[x / per_byte]) >> shift & full;
            (value * 255 / full) as u8
        }));
    }
    grey
}

/// Full-range BT.601, as JFIF defines it.
fn ycbcr_to_rgb(mut samples: Vec<u8>) -> Vec<u8> {
    for pixel in samples.as_chunks_mut::<3>().0 {
        let [y, cb, cr] = [pixel[0], pixel[1], pixel[2]].map(f32::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        // `as` saturates.
        *pixel = rgb.map(|value| (value + 0.5) as u8);
    }
    samples
}

fn fault(error: TiffError) -> Fault {
    match error {
        TiffError::UnsupportedError(error) => Fault::unsupported(error),
        other => Fault::damaged(other),
    }
}
