//! What the attributes of a DICOM file say of its pixels, their length and their colours; nothing of patient, study or device.

use dicom_object::{InMemDicomObject, Tag};

use super::error::Fault;
use super::pixels::{Channels, interleaved, ycbcr_to_rgb};
use super::{ColourModel, Pixels, StatedScale, StatedScaleSource};

const MODALITY: Tag = Tag(0x0008, 0x0060);
const IMAGER_PIXEL_SPACING: Tag = Tag(0x0018, 0x1164);
const SCANNED_PIXEL_SPACING: Tag = Tag(0x0018, 0x2010);
const SAMPLES_PER_PIXEL: Tag = Tag(0x0028, 0x0002);
const PHOTOMETRIC_INTERPRETATION: Tag = Tag(0x0028, 0x0004);
const PLANAR_CONFIGURATION: Tag = Tag(0x0028, 0x0006);
const NUMBER_OF_FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
const PIXEL_SPACING: Tag = Tag(0x0028, 0x0030);
const PIXEL_ASPECT_RATIO: Tag = Tag(0x0028, 0x0034);
const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
const BITS_STORED: Tag = Tag(0x0028, 0x0101);
const HIGH_BIT: Tag = Tag(0x0028, 0x0102);
const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);
const PALETTE_DESCRIPTORS: [Tag; 3] = [Tag(0x0028, 0x1101), Tag(0x0028, 0x1102), Tag(0x0028, 0x1103)];
const PALETTE_DATA: [Tag; 3] = [Tag(0x0028, 0x1201), Tag(0x0028, 0x1202), Tag(0x0028, 0x1203)];
const ICC_PROFILE: Tag = Tag(0x0028, 0x2000);
const PIXEL_MEASURES: Tag = Tag(0x0028, 0x9110);
const OPTICAL_PATH: Tag = Tag(0x0048, 0x0105);
const FUNCTIONAL_GROUPS: [Tag; 2] = [Tag(0x5200, 0x9229), Tag(0x5200, 0x9230)];
pub(super) const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

/// Modalities whose pixels are no visible light (PS3.3, C.7.3.1.1.1). A photo of a scalp is XC, DMS, GM, ES or OT.
const NOT_VISIBLE: [&str; 14] =
    ["CR", "CT", "DX", "IO", "IVUS", "MG", "MR", "NM", "OCT", "PT", "PX", "RF", "US", "XA"];

/// How far the two spacings of square pixels may differ, as a share; as for the scale that a file states.
const SQUARE_WITHIN: f64 = 0.01;

/// What the attributes say of the pixels.
pub(super) struct Layout {
    pub width_px: u32,
    pub height_px: u32,
    pub samples: usize,
    pub allocated: usize,
    pub stored: u32,
    /// Bits below the lowest one of a sample.
    pub shift: u32,
    pub planar: bool,
    pub colour: String,
    pub frames: u32,
}

impl Layout {
    pub fn pixel_count(&self) -> usize {
        self.width_px as usize * self.height_px as usize
    }
}

fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    Some(object.element_opt(tag).ok()??.to_str().ok()?.trim_matches([' ', '\0']).to_uppercase())
}

fn number(object: &InMemDicomObject, tag: Tag) -> Option<u32> {
    object.element_opt(tag).ok()??.to_int().ok()
}

pub(super) fn layout(object: &InMemDicomObject) -> Result<Layout, Fault> {
    if let Some(modality) = text(object, MODALITY).and_then(|m| NOT_VISIBLE.into_iter().find(|&n| n == m)) {
        return Err(Fault::unsupported(format!("modality {modality}, no photo in visible light")));
    }
    if object.element_opt(PIXEL_DATA).ok().flatten().is_none() {
        return Err(Fault::unsupported("it holds no picture"));
    }
    let need = |tag, name: &str| {
        number(object, tag).ok_or_else(|| Fault::damaged(format!("the attribute {name} is missing")))
    };
    let mut layout = Layout {
        width_px: need(COLUMNS, "Columns")?,
        height_px: need(ROWS, "Rows")?,
        samples: need(SAMPLES_PER_PIXEL, "SamplesPerPixel")? as usize,
        allocated: need(BITS_ALLOCATED, "BitsAllocated")? as usize,
        stored: number(object, BITS_STORED).unwrap_or(8),
        shift: 0,
        planar: number(object, PLANAR_CONFIGURATION) == Some(1),
        colour: text(object, PHOTOMETRIC_INTERPRETATION)
            .ok_or_else(|| Fault::damaged("the attribute PhotometricInterpretation is missing"))?,
        frames: number(object, NUMBER_OF_FRAMES).unwrap_or(1).max(1),
    };
    let samples = match layout.colour.as_str() {
        "MONOCHROME1" | "MONOCHROME2" | "PALETTE COLOR" => 1,
        "RGB" | "YBR_FULL" | "YBR_FULL_422" | "YBR_ICT" | "YBR_RCT" => 3,
        _ => {
            return Err(Fault::unsupported(
                "a photometric interpretation that is not grey, RGB, YBR or palette",
            ));
        }
    };
    if layout.samples != samples {
        return Err(Fault::damaged(format!("{} samples per pixel where {samples} belong", layout.samples)));
    }
    if !matches!(layout.allocated, 8 | 16) || layout.stored == 0 || layout.stored as usize > layout.allocated
    {
        return Err(Fault::unsupported(format!(
            "{} of {} bits per sample, not up to 8 or 16",
            layout.stored, layout.allocated
        )));
    }
    let highest = number(object, HIGH_BIT).unwrap_or(layout.stored - 1);
    layout.shift = (highest + 1)
        .checked_sub(layout.stored)
        .filter(|_| (highest as usize) < layout.allocated)
        .ok_or_else(|| {
            let (stored, allocated) = (layout.stored, layout.allocated);
            Fault::damaged(format!("highest bit {highest} of {stored} bits stored in {allocated}"))
        })?;
    if number(object, PIXEL_REPRESENTATION) == Some(1) {
        return Err(Fault::unsupported("signed samples"));
    }
    if pair(object, PIXEL_ASPECT_RATIO).is_some_and(|[down, across]| across != down)
        || spacings(object).any(|[down, across]| (down - across).abs() > SQUARE_WITHIN * down.max(across))
    {
        return Err(Fault::unsupported("pixels that are not square; scale it to square pixels"));
    }
    Ok(layout)
}

pub(super) fn colour_model(layout: &Layout) -> ColourModel {
    match layout.colour.as_str() {
        "PALETTE COLOR" => ColourModel::Palette,
        "MONOCHROME1" | "MONOCHROME2" => ColourModel::Grey,
        _ => ColourModel::Rgb,
    }
}

/// From samples in little-endian order to RGB.
pub(super) fn of_samples(
    object: &InMemDicomObject,
    layout: &Layout,
    bytes: Vec<u8>,
) -> Result<Pixels, Fault> {
    let planes = if layout.planar && layout.samples == 3 && layout.colour != "YBR_FULL_422" { 3 } else { 1 };
    let (full, shift) = ((1u32 << layout.stored) - 1, layout.shift);
    let (inverted, is_ybr) = (layout.colour == "MONOCHROME1", layout.colour.starts_with("YBR_FULL"));
    if layout.allocated == 16 {
        let values = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&pair| (u32::from(u16::from_le_bytes(pair)) >> shift) & full);
        if layout.colour == "PALETTE COLOR" {
            return palette(object, values.collect());
        }
        if is_ybr {
            return Err(Fault::unsupported("YBR of 16 bits"));
        }
        let scaled = values.map(|value| {
            let value = (value * 65_535 + full / 2).checked_div(full).unwrap_or(0) as u16;
            if inverted { !value } else { value }
        });
        return Ok(Pixels::Rgb16(channels(layout).to_rgb(interleaved(scaled.collect(), planes))));
    }
    if layout.colour == "PALETTE COLOR" {
        return palette(object, bytes.into_iter().map(|value| (u32::from(value) >> shift) & full).collect());
    }
    let scaled = bytes.into_iter().map(|value| {
        let value =
            if full == 255 { value } else { (((u32::from(value) >> shift) & full) * 255 / full) as u8 };
        if inverted { !value } else { value }
    });
    let samples = interleaved(scaled.collect(), planes);
    Ok(Pixels::Rgb8(if is_ybr { ycbcr_to_rgb(samples) } else { channels(layout).to_rgb(samples) }))
}

fn channels(layout: &Layout) -> Channels {
    if layout.samples == 1 { Channels::Grey } else { Channels::Rgb }
}

/// Indices to colours, by three tables (PS3.3, C.7.6.3.1.5 and .6).
fn palette(object: &InMemDicomObject, indices: Vec<u32>) -> Result<Pixels, Fault> {
    let bad = || Fault::damaged("its palette contradicts itself");
    let mut tables = [const { Vec::new() }; 3];
    let (mut first, mut deep) = (0, false);
    for (table, (descriptor, data)) in
        tables.iter_mut().zip(PALETTE_DESCRIPTORS.into_iter().zip(PALETTE_DATA))
    {
        let element = object.element_opt(descriptor).ok().flatten().ok_or_else(bad)?;
        let descriptor = element.to_multi_int::<i32>().map_err(|_| bad())?;
        let &[count, start, bits] = descriptor.as_slice() else { return Err(bad()) };
        // 0 stands for 65,536.
        let count = if count == 0 { 65_536 } else { usize::try_from(count).map_err(|_| bad())? };
        let bytes = object.element_opt(data).ok().flatten().ok_or_else(bad)?;
        let bytes = bytes.to_bytes().map_err(|_| bad())?;
        (first, deep) = (start, bits == 16);
        *table = if bytes.len() >= 2 * count {
            let words = bytes.as_chunks::<2>().0.iter().take(count).map(|&pair| u16::from_le_bytes(pair));
            // Eight bits may be written one to a word.
            words.map(|word| if deep { word } else { (word & 255) * 257 }).collect()
        } else if bytes.len() >= count && !deep {
            bytes.iter().take(count).map(|&byte| u16::from(byte) * 257).collect()
        } else {
            return Err(bad());
        };
    }
    let colour = |index: u32| {
        let at = (i64::from(index) - i64::from(first)).max(0) as usize;
        [0, 1, 2].map(|c| tables[c][at.min(tables[c].len() - 1)])
    };
    if tables.iter().any(Vec::is_empty) {
        return Err(bad());
    }
    let rgb = indices.into_iter().flat_map(colour);
    Ok(if deep {
        Pixels::Rgb16(rgb.collect())
    } else {
        Pixels::Rgb8(rgb.map(|value| (value >> 8) as u8).collect())
    })
}

fn pair(object: &InMemDicomObject, tag: Tag) -> Option<[f64; 2]> {
    let values = object.element_opt(tag).ok()??.to_multi_float64().ok()?;
    values.as_slice().try_into().ok()
}

/// The spacing of pixels on the patient, mm, down the rows first (PS3.3, 10.7.1.3).
fn spacing(object: &InMemDicomObject) -> Option<[f64; 2]> {
    pair(object, PIXEL_SPACING).or_else(|| {
        FUNCTIONAL_GROUPS.iter().find_map(|&groups| {
            let group = object.element_opt(groups).ok()??.items()?.first()?;
            pair(group.element_opt(PIXEL_MEASURES).ok()??.items()?.first()?, PIXEL_SPACING)
        })
    })
}

/// All spacings that are stated.
fn spacings(object: &InMemDicomObject) -> impl Iterator<Item = [f64; 2]> {
    let others = [IMAGER_PIXEL_SPACING, SCANNED_PIXEL_SPACING].map(|tag| pair(object, tag));
    spacing(object).into_iter().chain(others.into_iter().flatten())
}

pub(super) fn stated(object: &InMemDicomObject) -> Option<StatedScale> {
    let scale = |pair: [f64; 2], source| StatedScale::new([1e3 * pair[1], 1e3 * pair[0]], source);
    spacing(object)
        .and_then(|pair| scale(pair, StatedScaleSource::DicomPixelSpacing))
        .or_else(|| scale(pair(object, IMAGER_PIXEL_SPACING)?, StatedScaleSource::DicomImagerPixelSpacing))
        .or_else(|| scale(pair(object, SCANNED_PIXEL_SPACING)?, StatedScaleSource::DicomScannedPixelSpacing))
}

pub(super) fn profile(object: &InMemDicomObject) -> Option<Vec<u8>> {
    let of = |object: &InMemDicomObject| {
        Some(object.element_opt(ICC_PROFILE).ok()??.to_bytes().ok()?.into_owned())
            .filter(|bytes| !bytes.is_empty())
    };
    of(object).or_else(|| of(object.element_opt(OPTICAL_PATH).ok()??.items()?.first()?))
}
