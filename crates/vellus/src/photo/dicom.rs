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

use std::borrow::Cow;

use dicom_object::{DefaultDicomObject, FileMetaTable, OpenFileOptions};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use super::colour::Declared;
use super::decode::Decoded;
use super::dicom_attributes::{Layout, PIXEL_DATA, colour_model, layout, of_samples, profile, stated};
use super::dicom_lengths::lengths_fit;
use super::dicom_walk::{Encoding, Unknown, start, walk};
use super::error::Fault;
use super::{DecodeLimits, Pixels};

/// The decoders of compressed frames, with their versions.
pub(super) const LOSSLESS_JPEG: &str = "jpeg-decoder 0.3.2";
pub(super) const RLE: &str = "dicom-transfer-syntax-registry 0.10.1";
pub(super) const JPEG_2000: &str = "hayro-jpeg2000 0.3.5";

/// The file without some elements of its data set, which begins at `from`.
fn without<'a>(
    bytes: &'a [u8],
    from: usize,
    elements: &[Unknown],
    big_endian: bool,
) -> Option<Cow<'a, [u8]>> {
    if elements.is_empty() {
        return Some(Cow::Borrowed(bytes));
    }
    let mut whole = bytes.to_vec();
    for Unknown { place, lengths } in elements {
        let less = u32::try_from(place.len()).ok()?;
        for &at in lengths {
            let four = whole.get_mut(from + at..)?.first_chunk_mut::<4>()?;
            let stated = if big_endian { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
            let stated = stated.checked_sub(less)?;
            *four = if big_endian { stated.to_be_bytes() } else { stated.to_le_bytes() };
        }
    }
    let (mut kept, mut at) = (whole[..from].to_vec(), from);
    for Unknown { place, .. } in elements {
        kept.extend(whole.get(at..from + place.start)?);
        at = from + place.end;
    }
    kept.extend(whole.get(at..)?);
    Some(Cow::Owned(kept))
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
    walk(head, Encoding::of(""), |_, _| {}).ok_or_else(broken)?;
    let meta = FileMetaTable::from_reader(bytes.get(128..).unwrap_or_default()).map_err(|_| broken())?;
    let syntax = meta.transfer_syntax().to_owned();
    let frames = Frames::of(&syntax)
        .ok_or_else(|| Fault::unsupported(format!("transfer syntax {}", syntax_name(&syntax))))?;
    let encoding = Encoding::of(&syntax);
    let unknown = walk(&bytes[from..], encoding, |_, _| {}).ok_or_else(broken)?;
    let followed = without(bytes, from, &unknown, encoding.big_endian).ok_or_else(broken)?;
    let bytes = followed.as_ref();
    lengths_fit(bytes, from, &syntax).ok_or_else(broken)?;
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

    check_inside("JPEG 2000", super::jpeg_2000::stated_size(frame), layout)?;
    super::jpeg_2000::check_memory(frame)?;
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
