//! DICOM of visible light: the first frame; uncompressed, JPEG, lossless JPEG, RLE or JPEG 2000.
//!
//! `dicom-object` reads the attributes; the pixels of each transfer syntax (PS3.5, annex A) come from:
//!
//! | transfer syntax | decoder |
//! |---|---|
//! | implicit and explicit, little and big endian | taken as they are |
//! | JPEG baseline and extended, 8 bits | that of JPEG files: same pixels, same proof that none is missing |
//! | JPEG lossless | `jpeg-decoder`, by `dicom-transfer-syntax-registry` |
//! | RLE | `dicom-transfer-syntax-registry` |
//! | JPEG 2000, 8 bits | `hayro-jpeg2000` |
//!
//! JPEG-LS, JPEG XL, HTJ2K, MPEG and deflated files are refused by name. Of the attributes only those are looked at that
//! describe pixels, their length and their colours: nothing of patient, study or device.

use dicom_object::{DefaultDicomObject, FileMetaTable, InMemDicomObject, OpenFileOptions, Tag};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use super::colour::Declared;
use super::decode::Decoded;
use super::dicom_walk::{Encoding, start, walk};
use super::error::Fault;
use super::pixels::{Channels, interleaved, ycbcr_to_rgb};
use super::{ColourModel, DecodeLimits, Pixels, StatedScale, StatedScaleSource};

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
const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

/// Modalities whose pixels are no visible light (PS3.3, C.7.3.1.1.1). A photo of a scalp is XC, DMS, GM, ES or OT.
const NOT_VISIBLE: [&str; 14] =
    ["CR", "CT", "DX", "IO", "IVUS", "MG", "MR", "NM", "OCT", "PT", "PX", "RF", "US", "XA"];

/// How far the two spacings of square pixels may differ, as a share; as for the scale that a file states.
const SQUARE_WITHIN: f64 = 0.01;

/// The decoders of compressed frames, with their versions.
pub(super) const LOSSLESS_JPEG: &str = "jpeg-decoder 0.3.2";
pub(super) const RLE: &str = "dicom-transfer-syntax-registry 0.10.1";
pub(super) const JPEG_2000: &str = "hayro-jpeg2000 0.3.5";

/// What the attributes say of the pixels.
struct Layout {
    width_px: u32,
    height_px: u32,
    samples: usize,
    allocated: usize,
    stored: u32,
    /// Bits below the lowest one of a sample.
    shift: u32,
    planar: bool,
    colour: String,
    frames: u32,
}

impl Layout {
    fn pixel_count(&self) -> usize {
        self.width_px as usize * self.height_px as usize
    }
}

/// Decodes the first frame of a DICOM file.
pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    // The decoder's own words may quote the file, and what it quotes may be a name: they are not passed on.
    let broken = || Fault::damaged("its attributes are cut short or contradict each other");
    // What is said of the file itself is explicit and little endian, always.
    let from = start(bytes).ok_or_else(|| match bytes.get(132..134) {
        Some([2, 0]) => {
            Fault::unsupported("its file information does not begin with its length, (0002,0000)")
        }
        _ => broken(),
    })?;
    let head = bytes.get(132..from).ok_or_else(broken)?;
    walk(head, Encoding::of(""), |_, _, _| {}).ok_or_else(broken)?;
    let meta = FileMetaTable::from_reader(bytes.get(128..).unwrap_or_default()).map_err(|_| broken())?;
    let syntax = meta.transfer_syntax().to_owned();
    let frames = Frames::of(&syntax)
        .ok_or_else(|| Fault::unsupported(format!("transfer syntax {}", syntax_name(&syntax))))?;
    let mut holds_unknown = false;
    let visit = |_, _, is_unknown| holds_unknown |= is_unknown;
    walk(&bytes[from..], Encoding::of(&syntax), visit).ok_or_else(broken)?;
    // The reader would follow it by kinds that are not there.
    if holds_unknown {
        return Err(Fault::unsupported("an element of unknown kind, UN, and undefined length"));
    }
    let object = OpenFileOptions::new().from_reader(bytes).map_err(|_| broken())?;
    let layout = layout(&object)?;
    if layout.shift > 0 && !matches!(frames, Frames::Native) {
        return Err(Fault::unsupported("compressed samples that do not begin at the lowest bit"));
    }
    Fault::check_size(layout.width_px, layout.height_px, limits)?;
    let (pixels, colour, decoder) = match frames {
        Frames::Native => {
            (of_samples(&object, &layout, native(&object, &layout)?)?, colour_model(&layout), None)
        }
        Frames::Jpeg => {
            let frame = first_frame(&object, &layout, b"\xff\xd8")?;
            check_inside("JPEG", super::jpeg::stated_size(&frame), &layout)?;
            let decoded = super::jpeg::decode_frame(&frame, limits, layout.colour == "RGB")?;
            let Pixels::Rgb8(mut samples) = decoded.pixels else {
                return Err(Fault::unsupported("deep JPEG"));
            };
            if layout.colour == "MONOCHROME1" {
                samples.iter_mut().for_each(|value| *value = !*value);
            }
            (Pixels::Rgb8(samples), decoded.colour, Some(super::decode::JPEG))
        }
        Frames::Registered(name) => {
            if name == LOSSLESS_JPEG {
                let frame = first_frame(&object, &layout, b"\xff\xd8")?;
                check_inside("JPEG", super::jpeg::stated_size(&frame), &layout)?;
                // The decoder begins where the table says; what was looked at is the first fragment.
                let offsets = object.element(PIXEL_DATA).ok().and_then(|data| data.value().offset_table());
                if offsets.and_then(|offsets| offsets.first()).is_some_and(|&first| first != 0) {
                    return Err(Fault::damaged("its table of offsets does not begin with the first frame"));
                }
            } else {
                check_runs(&object, &layout)?;
            }
            (registered(&object, &layout, &syntax)?, colour_model(&layout), Some(name))
        }
        Frames::Jpeg2000 => {
            let frame = first_frame(&object, &layout, b"\xff\x4f\xff\x51")?;
            (
                of_samples(&object, &layout, jpeg_2000(&frame, &layout)?)?,
                colour_model(&layout),
                Some(JPEG_2000),
            )
        }
    };
    Ok(Decoded {
        pixels,
        width_px: layout.width_px,
        height_px: layout.height_px,
        bit_depth: layout.stored as u8,
        colour,
        stated_scale: stated(&object),
        images: layout.frames,
        declared: profile(&object).map(Declared::Icc),
        inner_decoder: decoder,
        ..Decoded::default()
    })
}

/// How frames are coded.
#[derive(Debug, Clone, Copy)]
enum Frames {
    Native,
    Jpeg,
    /// By the registry's decoder of that name.
    Registered(&'static str),
    Jpeg2000,
}

impl Frames {
    fn of(syntax: &str) -> Option<Self> {
        Some(match syntax.strip_prefix("1.2.840.10008.1.2")? {
            "" | ".1" | ".2" => Self::Native,
            ".4.50" | ".4.51" => Self::Jpeg,
            ".4.57" | ".4.70" => Self::Registered(LOSSLESS_JPEG),
            ".5" => Self::Registered(RLE),
            ".4.90" | ".4.91" => Self::Jpeg2000,
            _ => return None,
        })
    }
}

/// A transfer syntax as people call it. The file's own text never gets into a message.
fn syntax_name(uid: &str) -> &'static str {
    match uid {
        "1.2.840.10008.1.2.1.99" => "deflated explicit little endian; save it uncompressed",
        "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => "JPEG-LS",
        "1.2.840.10008.1.2.4.110" | "1.2.840.10008.1.2.4.111" | "1.2.840.10008.1.2.4.112" => "JPEG XL",
        "1.2.840.10008.1.2.4.201" | "1.2.840.10008.1.2.4.202" | "1.2.840.10008.1.2.4.203" => {
            "High-Throughput JPEG 2000"
        }
        uid if uid.starts_with("1.2.840.10008.1.2.4.10") => "MPEG video",
        _ => "that is not known here",
    }
}

fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    Some(object.element_opt(tag).ok()??.to_str().ok()?.trim_matches([' ', '\0']).to_uppercase())
}

fn number(object: &InMemDicomObject, tag: Tag) -> Option<u32> {
    object.element_opt(tag).ok()??.to_int().ok()
}

fn layout(object: &InMemDicomObject) -> Result<Layout, Fault> {
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

fn colour_model(layout: &Layout) -> ColourModel {
    match layout.colour.as_str() {
        "PALETTE COLOR" => ColourModel::Palette,
        "MONOCHROME1" | "MONOCHROME2" => ColourModel::Grey,
        _ => ColourModel::Rgb,
    }
}

/// The bytes of the first frame as they lie in an uncompressed file.
fn native(object: &DefaultDicomObject, layout: &Layout) -> Result<Vec<u8>, Fault> {
    let element = object.element(PIXEL_DATA).map_err(|_| Fault::damaged("it holds no pixels"))?;
    let bytes = element.to_bytes().map_err(|_| Fault::damaged("its pixels are not bytes"))?;
    // Two bytes of luma share one of each chroma.
    let per_pixel = if layout.colour == "YBR_FULL_422" { 2 } else { layout.samples } * (layout.allocated / 8);
    let frame = layout.pixel_count().saturating_mul(per_pixel);
    let wanted = frame.saturating_mul(layout.frames as usize);
    // A value has an even number of bytes. More would be pixels that Rows, Columns and NumberOfFrames leave out.
    if bytes.len() < wanted || bytes.len() > wanted.next_multiple_of(2) {
        return Err(Fault::damaged(format!("{} bytes of pixels where {wanted} belong", bytes.len())));
    }
    let mut bytes = bytes.into_owned();
    bytes.truncate(frame);
    if layout.colour == "YBR_FULL_422" {
        let full = bytes.as_chunks::<4>().0.iter().flat_map(|&[y0, y1, cb, cr]| [y0, cb, cr, y1, cb, cr]);
        return Ok(full.collect());
    }
    Ok(bytes)
}

/// The bytes of the first frame of an encapsulated file; `start` are the bytes that a frame begins with (PS3.5, A.4).
fn first_frame(object: &DefaultDicomObject, layout: &Layout, start: &[u8]) -> Result<Vec<u8>, Fault> {
    let element = object.element(PIXEL_DATA).map_err(|_| Fault::damaged("it holds no pixels"))?;
    let fragments =
        element.value().fragments().ok_or_else(|| Fault::damaged("its pixels are not compressed"))?;
    let (first, rest) = fragments.split_first().ok_or_else(|| Fault::damaged("it holds no pixels"))?;
    if !first.starts_with(start) {
        return Err(Fault::damaged("its pixels are not of the kind that it names"));
    }
    // Frames may be cut into fragments: the next one begins where its mark stands.
    let more = rest.iter().take_while(|fragment| layout.frames == 1 || !fragment.starts_with(start));
    Ok(more.fold(first.clone(), |mut frame, fragment| {
        frame.extend_from_slice(fragment);
        frame
    }))
}

/// What a compressed picture says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inside {
    pub width_px: u32,
    pub height_px: u32,
    pub samples: usize,
    pub bits: u32,
}

/// Decoders make room for the size that the picture itself states: it must be the one of the attributes, which were checked.
fn check_inside(kind: &str, inside: Option<Inside>, layout: &Layout) -> Result<(), Fault> {
    let Some(inside) = inside else { return Err(Fault::damaged(format!("its {kind} states no size"))) };
    if (inside.width_px, inside.height_px) != (layout.width_px, layout.height_px) {
        return Err(Fault::damaged(format!(
            "its {kind} has another size than its header: {} x {} pixels inside, {} x {} outside",
            inside.width_px, inside.height_px, layout.width_px, layout.height_px
        )));
    }
    if inside.samples != layout.samples || inside.bits.div_ceil(8) as usize * 8 != layout.allocated {
        return Err(Fault::damaged(format!(
            "its {kind} has {} samples of {} bits per pixel, but its header {} of {}",
            inside.samples, inside.bits, layout.samples, layout.allocated
        )));
    }
    Ok(())
}

/// Follows the runs of an RLE frame (PS3.5, annex G): its decoder makes room for all that they hold.
fn check_runs(object: &DefaultDicomObject, layout: &Layout) -> Result<(), Fault> {
    let element = object.element(PIXEL_DATA).map_err(|_| Fault::damaged("it holds no pixels"))?;
    let frame = element.value().fragments().and_then(|fragments| fragments.first());
    let frame = frame.ok_or_else(|| Fault::damaged("it holds no pixels"))?;
    let long = |at: usize| Some(u32::from_le_bytes(frame.get(at..at + 4)?.try_into().ok()?) as usize);
    let bad = || Fault::damaged("its runs lie beyond their end");
    let segments = layout.samples * layout.allocated / 8;
    if long(0) != Some(segments) {
        return Err(Fault::damaged(format!(
            "its runs are not in {segments} parts, one for each byte of a pixel"
        )));
    }
    for segment in 0..segments {
        let mut at = long(4 + 4 * segment).ok_or_else(bad)?;
        let end = if segment + 1 < segments { long(8 + 4 * segment) } else { Some(frame.len()) };
        let end = end.filter(|&end| end <= frame.len()).ok_or_else(bad)?;
        let mut held = 0_usize;
        while at < end {
            let (bytes, step) = match usize::from(frame[at]) {
                literal @ 0..=127 => (literal + 1, literal + 2),
                128 => (0, 1),
                run => (257 - run, 2),
            };
            held += bytes;
            at += step;
        }
        // A byte of padding may look like the head of a literal.
        if held > layout.pixel_count().saturating_add(128) {
            let wanted = layout.pixel_count();
            return Err(Fault::damaged(format!(
                "its runs hold {held} bytes of pixels where {wanted} belong"
            )));
        }
    }
    Ok(())
}

/// By the decoder that the registry has for the transfer syntax.
fn registered(object: &DefaultDicomObject, layout: &Layout, syntax: &str) -> Result<Pixels, Fault> {
    use dicom_encoding::transfer_syntax::{Codec, TransferSyntaxIndex as _};

    let syntax = TransferSyntaxRegistry.get(syntax);
    let Some(Codec::EncapsulatedPixelData(Some(reader), _)) = syntax.map(|syntax| syntax.codec()) else {
        return Err(Fault::unsupported("its compression"));
    };
    let mut bytes = Vec::new();
    reader
        .decode_frame(object, 0, &mut bytes)
        .map_err(|_| Fault::damaged("its pixels are cut short or damaged"))?;
    let wanted = layout.pixel_count() * layout.samples * (layout.allocated / 8);
    if bytes.len() != wanted {
        return Err(Fault::damaged(format!("{} bytes of pixels where {wanted} belong", bytes.len())));
    }
    // Decoders give pixel by pixel, whatever the file says of its planes.
    of_samples(object, &Layout { planar: false, colour: layout.colour.clone(), ..*layout }, bytes)
}

fn jpeg_2000(frame: &[u8], layout: &Layout) -> Result<Vec<u8>, Fault> {
    use hayro_jpeg2000::{DecodeSettings, Image};

    check_inside("JPEG 2000", siz(frame), layout)?;
    let settings = DecodeSettings { resolve_palette_indices: true, strict: true, target_resolution: None };
    let image = Image::new(frame, &settings).map_err(Fault::damaged)?;
    if image.original_bit_depth() != 8 || layout.allocated != 8 {
        return Err(Fault::unsupported(format!("JPEG 2000 of {} bits", image.original_bit_depth())));
    }
    if (image.width(), image.height()) != (layout.width_px, layout.height_px) {
        return Err(Fault::damaged("its JPEG 2000 has another size than its header"));
    }
    let bytes = image.decode().map_err(Fault::damaged)?;
    let wanted = layout.pixel_count() * layout.samples;
    if bytes.len() != wanted {
        return Err(Fault::damaged(format!("{} bytes of pixels where {wanted} belong", bytes.len())));
    }
    Ok(bytes)
}

/// The size that a JPEG 2000 codestream states (ITU-T T.800, A.5.1), unless it has more tiles than can be numbered.
fn siz(frame: &[u8]) -> Option<Inside> {
    let long = |at: usize| Some(u32::from_be_bytes(frame.get(at..at + 4)?.try_into().ok()?));
    let side = |at: usize| {
        let (end, start, tile, first) = (long(at)?, long(at + 8)?, long(at + 16)?, long(at + 24)?);
        let tiles =
            end.checked_sub(first)?.checked_next_multiple_of(tile).unwrap_or(u32::MAX).checked_div(tile)?;
        Some((end.checked_sub(start)?, u64::from(tiles)))
    };
    let ((width_px, across), (height_px, down)) = (side(8)?, side(12)?);
    let samples = usize::from(u16::from_be_bytes(frame.get(40..42)?.try_into().ok()?));
    let bits = u32::from(frame.get(42)? & 0x7f) + 1;
    (across * down <= 65_535).then_some(Inside { width_px, height_px, samples, bits })
}

/// From samples in little-endian order to RGB.
fn of_samples(object: &InMemDicomObject, layout: &Layout, bytes: Vec<u8>) -> Result<Pixels, Fault> {
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

fn stated(object: &InMemDicomObject) -> Option<StatedScale> {
    let scale = |pair: [f64; 2], source| StatedScale::new([1e3 * pair[1], 1e3 * pair[0]], source);
    spacing(object)
        .and_then(|pair| scale(pair, StatedScaleSource::DicomPixelSpacing))
        .or_else(|| scale(pair(object, IMAGER_PIXEL_SPACING)?, StatedScaleSource::DicomImagerPixelSpacing))
        .or_else(|| scale(pair(object, SCANNED_PIXEL_SPACING)?, StatedScaleSource::DicomScannedPixelSpacing))
}

fn profile(object: &InMemDicomObject) -> Option<Vec<u8>> {
    let of = |object: &InMemDicomObject| {
        Some(object.element_opt(ICC_PROFILE).ok()??.to_bytes().ok()?.into_owned())
            .filter(|bytes| !bytes.is_empty())
    };
    of(object).or_else(|| of(object.element_opt(OPTICAL_PATH).ok()??.items()?.first()?))
}
