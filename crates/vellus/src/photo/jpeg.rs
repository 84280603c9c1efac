//! JPEG: walks the markers, proves that the image data are complete, decodes.
//!
//! Decoders fill what is missing with grey and report success (zune-jpeg 0.5, as used here, does so unless it is
//! strict, and even then it does not notice an end marker that comes too early). Half a photo must not be measured, so
//! the entropy-coded data are followed block by block first, see [`super::jpeg_scan`]. What that decides:
//!
//! - bytes missing, wherever the file was cut, with or without an end marker put behind the cut: refused;
//! - only the end marker missing, every block there: read (some capture cards never write it);
//! - anything after the end marker (a second image of an MPO, a camera's trailer, padding): ignored;
//! - damage in the middle that makes the code words run out of step: refused.
//!
//! The decoder's SIMD routines are switched off: the same file must give the same pixels on every machine, and only the
//! plain ones are the same code everywhere. (AVX2 gave equal pixels in 47 of 47 clinic photos; NEON was not tried.) The
//! price is about 15 ms for 12 megapixels.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::colour::{Declared, of_exif};
use super::decode::{Decoded, orientation_of_exif};
use super::dicom::Inside;
use super::error::Fault;
use super::jpeg_bits::Tables;
use super::jpeg_scan::{Component, Frame, Scans};
use super::stated::{CENTIMETRE_UM, INCH_UM};
use super::{ColourModel, DecodeLimits, Pixels, StatedScale, StatedScaleSource};

/// Decodes a JPEG file.
pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, Fault> {
    decode_frame(bytes, limits, false)
}

/// Decodes a JPEG that a container says is RGB (`rgb`), unless its own markers say otherwise.
pub(super) fn decode_frame(bytes: &[u8], limits: &DecodeLimits, rgb: bool) -> Result<Decoded, Fault> {
    let facts = inspect(bytes, limits)?;
    // Three components that nobody describes are YCbCr to the decoder; asked for YCbCr, it leaves them alone.
    let as_they_are = rgb && facts.components == 3 && facts.jfif.is_none() && !facts.has_adobe;
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(if as_they_are { ColorSpace::YCbCr } else { ColorSpace::RGB })
        .set_use_unsafe(false)
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let pixels = if facts.has_end {
        JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode()
    } else {
        // The decoder reads ahead and gives up before the last row where nothing follows.
        let whole = [bytes, b"\xff\xd9"].concat();
        JpegDecoder::new_with_options(ZCursor::new(&whole), options).decode()
    }
    .map_err(|error| Fault::damaged(format!("{error:?}")))?;
    let profile = facts.profile();
    Ok(Decoded {
        pixels: Pixels::Rgb8(pixels),
        width_px: facts.width_px,
        height_px: facts.height_px,
        bit_depth: 8,
        colour: match facts.components {
            1 => ColourModel::Grey,
            4 => ColourModel::Cmyk,
            _ => ColourModel::Rgb,
        },
        orientation: facts.exif.and_then(orientation_of_exif),
        stated_scale: facts.jfif.and_then(density),
        declared: profile.map(Declared::Icc).or_else(|| of_exif(facts.exif?)),
        ..Decoded::default()
    })
}

/// What the markers tell.
pub(super) struct Facts<'a> {
    width_px: u32,
    height_px: u32,
    components: usize,
    exif: Option<&'a [u8]>,
    /// Behind `JFIF\0`.
    jfif: Option<&'a [u8]>,
    /// Adobe's APP14, which says how the components are coded.
    has_adobe: bool,
    /// Pieces of the colour profile: number, of how many, bytes.
    profile: Vec<(u8, u8, &'a [u8])>,
    has_end: bool,
}

impl Facts<'_> {
    /// The colour profile, if all its pieces are there (ICC.1:2022, B.4).
    fn profile(&self) -> Option<Vec<u8>> {
        let count = self.profile.first()?.1;
        let piece = |number| self.profile.iter().find(|(n, of, _)| (*n, *of) == (number, count));
        (1..=count)
            .map(|number| Some(piece(number)?.2))
            .collect::<Option<Vec<_>>>()
            .map(|pieces| pieces.concat())
    }
}

/// The size that the frame header states, with nothing decoded; `None` without one.
pub(super) fn stated_size(bytes: &[u8]) -> Option<Inside> {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        let segment = match marker {
            0x01 | 0xd0..=0xd8 => continue,
            0xd9 | 0xda => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)).max(2);
                let segment = bytes.get(at + 2..at + length)?;
                at += length;
                segment
            }
        };
        // SOF; not DHT, JPG and DAC, which are numbered among them.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let &[bits, h1, h0, w1, w0, samples] = segment.first_chunk::<6>()?;
            return Some(Inside {
                width_px: u32::from(u16::from_be_bytes([w1, w0])),
                height_px: u32::from(u16::from_be_bytes([h1, h0])),
                samples: usize::from(samples),
                bits: u32::from(bits),
            });
        }
    }
    None
}

/// Reads the markers of the first image up to its end, checking size and completeness.
pub(super) fn inspect<'a>(bytes: &'a [u8], limits: &DecodeLimits) -> Result<Facts<'a>, Fault> {
    let cut = |what: &str| Fault::Damaged(format!("the file ends {what}"));
    let (mut exif, mut jfif) = (None, None);
    let (mut has_adobe, mut profile) = (false, Vec::new());
    let mut scans: Option<Scans> = None;
    let mut tables = Tables::default();
    let mut has_end = false;
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            0xd9 => {
                has_end = true;
                break;
            }
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or_else(|| cut("inside its header"))?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let segment = bytes.get(at + 2..at + length.max(2)).ok_or_else(|| cut("inside its header"))?;
        at += length.max(2);
        match marker {
            0xc4 => tables.define_huffman(segment)?,
            0xdd => tables.define_restart(segment)?,
            0xe0 if jfif.is_none() => jfif = segment.strip_prefix(b"JFIF\0"),
            0xe2 => {
                if let Some(&[number, count, ref piece @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    profile.push((number, count, piece));
                }
            }
            0xee => has_adobe |= segment.starts_with(b"Adobe"),
            0xe1 if exif.is_none() => exif = segment.strip_prefix(b"Exif\0\0"),
            0xc0..=0xcf if !matches!(marker, 0xc8 | 0xcc) => {
                if scans.is_some() {
                    return Err(Fault::damaged("two frame headers"));
                }
                scans = Some(Scans::new(frame(marker, segment, limits)?));
            }
            0xda => {
                let scans =
                    scans.as_mut().ok_or_else(|| Fault::damaged("image data before the frame header"))?;
                let end = scan_end(bytes, at);
                scans.follow(&tables, segment, &bytes[at..end])?;
                at = end;
            }
            _ => {}
        }
    }
    let scans = scans.ok_or_else(|| cut("before its image data"))?;
    scans.check_complete()?;
    let Frame { width_px, height_px, ref components, .. } = scans.frame;
    Ok(Facts { width_px, height_px, components: components.len(), exif, jfif, has_adobe, profile, has_end })
}

/// JFIF's density: version, unit (1 inch, 2 centimetre), pixels per unit along x and y.
fn density(jfif: &[u8]) -> Option<StatedScale> {
    let &[_, _, unit, x1, x0, y1, y0, ..] = jfif else { return None };
    let unit_um = match unit {
        1 => INCH_UM,
        2 => CENTIMETRE_UM,
        _ => return None,
    };
    let px = [[x1, x0], [y1, y0]].map(|bytes| f64::from(u16::from_be_bytes(bytes)));
    StatedScale::per_unit(px, unit_um, StatedScaleSource::Jfif)
}

/// The next marker's code; `at` moves behind it. Bytes between segments are skipped, as every decoder does.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += bytes.get(*at..)?.iter().position(|&byte| byte == 0xff)? + 1;
        match *bytes.get(*at)? {
            0x00 => {}
            0xff => {}
            code => {
                *at += 1;
                return Some(code);
            }
        }
    }
}

/// Where the entropy-coded data that start at `from` end: at the next marker that is no restart, or with the file.
fn scan_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == 0xff) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            Some(_) => return at,
            None => break,
        }
    }
    bytes.len()
}

/// Frame header: precision, height, width, components.
fn frame(marker: u8, segment: &[u8], limits: &DecodeLimits) -> Result<Frame, Fault> {
    let kind = match marker {
        0xc0..=0xc2 => "",
        0xc3 => "lossless JPEG",
        0xc9..=0xcb | 0xcd..=0xcf => "arithmetic coding",
        _ => "hierarchical JPEG",
    };
    let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = segment else {
        return Err(Fault::damaged("the frame header is too short"));
    };
    let (height_px, width_px) =
        (u32::from(u16::from_be_bytes([h1, h0])), u32::from(u16::from_be_bytes([w1, w0])));
    Fault::check_size(width_px, height_px, limits)?;
    if !kind.is_empty() {
        return Err(Fault::unsupported(kind));
    }
    if precision != 8 {
        return Err(Fault::unsupported(format!("{precision} bits per sample, not 8")));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(Fault::unsupported(format!("{count} components, not 1, 3 or 4")));
    }
    let components: Vec<Component> = rest
        .as_chunks::<3>()
        .0
        .iter()
        .take(usize::from(count))
        .map(|&[id, sampling, _]| Component {
            id,
            across: u32::from(sampling >> 4),
            down: u32::from(sampling & 15),
        })
        .collect();
    let sampling_holds = |c: &Component| (1..=4).contains(&c.across) && (1..=4).contains(&c.down);
    if components.len() != usize::from(count) || !components.iter().all(sampling_holds) {
        return Err(Fault::damaged("the frame header contradicts itself"));
    }
    Ok(Frame { width_px, height_px, progressive: marker == 0xc2, components })
}
