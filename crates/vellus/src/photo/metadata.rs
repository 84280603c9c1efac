//! Which groups of metadata a file holds. Nothing of what they say is looked at.

use std::collections::BTreeMap;

use super::dicom_walk::{Encoding, start, walk};
use super::format::{PhotoFormat, Signature, signature};

/// Groups of metadata of an encoded photo, and how many segments, chunks, tags or attributes belong to each; by name. A file
/// that cannot be followed to its end has the groups up to there.
pub fn metadata_groups(bytes: &[u8]) -> BTreeMap<&'static str, u32> {
    let mut groups = BTreeMap::new();
    let mut add = |group: &'static str| *groups.entry(group).or_insert(0) += 1;
    match signature(bytes) {
        Signature::Read(PhotoFormat::Jpeg) => jpeg(bytes, &mut add),
        Signature::Read(PhotoFormat::Png) => png(bytes, &mut add),
        Signature::Read(PhotoFormat::Tiff) => tiff(bytes, &mut add),
        Signature::Read(PhotoFormat::WebP) => webp(bytes, &mut add),
        Signature::Read(PhotoFormat::Gif) => gif(bytes, &mut add),
        Signature::Read(PhotoFormat::Dicom) => dicom(bytes, &mut add),
        _ => {}
    }
    groups
}

const EXIF: &str = "EXIF";
const XMP: &str = "XMP";
const IPTC: &str = "IPTC";
const PROFILE: &str = "colour profile";
const COMMENT: &str = "comment";
const BEHIND: &str = "data behind the photo";
const OTHER: &str = "other";

fn jpeg(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2).and_then(|two| two.first_chunk::<2>()) {
        if marker == 0xd9 {
            if bytes.len() > at + 2 {
                add(BEHIND);
            }
            return;
        }
        let Some(length) = bytes.get(at + 2..at + 4) else { return };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        let Some(segment) = bytes.get(at + 4..at + 2 + length) else { return };
        match marker {
            0xe1 if segment.starts_with(b"Exif") => add(EXIF),
            0xe1 if segment.starts_with(b"http://ns.adobe.com/") => add(XMP),
            0xe2 if segment.starts_with(b"ICC_PROFILE") => add(PROFILE),
            0xed => add(IPTC),
            0xfe => add(COMMENT),
            // JFIF and Adobe only say how the pixels are coded.
            0xe0 if segment.starts_with(b"JFIF\0") => {}
            0xee if segment.starts_with(b"Adobe") => {}
            0xe0..=0xef => add(OTHER),
            _ => {}
        }
        at += 2 + length;
        // Image data: up to the next marker that is none of theirs.
        while marker == 0xda && bytes.get(at).is_some() {
            match (bytes[at], bytes.get(at + 1)) {
                (0xff, Some(0x00 | 0xd0..=0xd7)) => at += 2,
                (0xff, Some(0xff)) => at += 1,
                (0xff, Some(_)) => break,
                _ => at += 1,
            }
        }
    }
}

fn png(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, name @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        match &name {
            b"eXIf" => add(EXIF),
            b"iTXt" if tail.starts_with(b"XML:com.adobe.xmp") => add(XMP),
            b"tEXt" | b"zTXt" | b"iTXt" => add(COMMENT),
            b"iCCP" => add(PROFILE),
            b"tIME" => add("time"),
            b"IEND" => {
                if tail.len() > 4 {
                    add(BEHIND);
                }
                return;
            }
            // What the pixels need, and the size of a pixel, which is kept.
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"sRGB" | b"gAMA" | b"cHRM" | b"cICP" | b"pHYs"
            | b"bKGD" | b"sBIT" => {}
            b"acTL" | b"fcTL" | b"fdAT" => add("further images"),
            _ => add(OTHER),
        }
        rest = length.checked_add(4).and_then(|length| tail.get(length..)).unwrap_or_default();
    }
}

fn tiff(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let little = bytes.starts_with(b"II");
    let number = |at: usize, count: usize| {
        let field = bytes.get(at..at.checked_add(count)?)?;
        let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if little { field.iter().rev().fold(0, join) } else { field.iter().fold(0, join) })
    };
    let big = number(2, 2) == Some(43);
    let (mut page, head, size, pointer) =
        if big { (number(8, 8), 8, 20, 8) } else { (number(4, 4), 2, 12, 4) };
    for number_of_page in 0..1000 {
        let Some(at) = page.filter(|&at| at > 0).and_then(|at| usize::try_from(at).ok()) else { return };
        if number_of_page > 0 {
            add("further images");
        }
        let Some(count) =
            number(at, head).and_then(|count| usize::try_from(count).ok()).filter(|&count| count < 65_536)
        else {
            return;
        };
        for entry in 0..count {
            match number(at + head + entry * size, 2) {
                Some(34_665) => add(EXIF),
                Some(34_853) => add("position (GPS)"),
                Some(700) => add(XMP),
                Some(33_723 | 34_377) => add(IPTC),
                Some(34_675) => add(PROFILE),
                Some(270 | 285 | 37_510) => add(COMMENT),
                Some(271 | 272 | 305 | 316) => add("device and software"),
                Some(306) => add("time"),
                Some(315 | 33_432) => add("author"),
                Some(tag) if tag >= 32_768 => add(OTHER),
                _ => {}
            }
        }
        page = number(at + head + count * size, pointer);
    }
}

fn webp(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut frames = 0;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *head;
        match &[a, b, c, d] {
            b"EXIF" => add(EXIF),
            b"XMP " => add(XMP),
            b"ICCP" => add(PROFILE),
            b"ANMF" => {
                frames += 1;
                if frames > 1 {
                    add("further images");
                }
            }
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" => {}
            _ => add(OTHER),
        }
        let size = u32::from_le_bytes(size) as usize;
        rest = size.checked_add(size % 2).and_then(|size| tail.get(size..)).unwrap_or_default();
    }
}

fn gif(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let table = |flags: u8| if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let Some(&flags) = bytes.get(10) else { return };
    let mut at: usize = 13 + table(flags);
    let mut frames = 0;
    while let Some(&kind) = bytes.get(at) {
        match kind {
            0x21 => {
                match bytes.get(at + 1) {
                    Some(0xfe) => add(COMMENT),
                    Some(0xff) if bytes.get(at + 3..at + 11) == Some(b"XMP Data") => add(XMP),
                    Some(0xff | 0x01) => add(OTHER),
                    _ => {}
                }
                at += 2;
            }
            0x2c => {
                frames += 1;
                if frames > 1 {
                    add("further images");
                }
                let Some(&flags) = bytes.get(at + 9) else { return };
                at += 11 + table(flags);
            }
            _ => {
                if bytes.len() > at + 1 {
                    add(BEHIND);
                }
                return;
            }
        }
        while let Some(&length) = bytes.get(at) {
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
    }
}

/// By the group of their numbers (PS3.6): all but what describes pixels.
fn dicom(bytes: &[u8], add: &mut impl FnMut(&'static str)) {
    let Some(from) = start(bytes) else { return };
    // The transfer syntax, as text behind its tag.
    let head = &bytes[..from.min(bytes.len())];
    let syntax = head.windows(6).position(|window| window == [2, 0, 0x10, 0, b'U', b'I']).and_then(|at| {
        let length = usize::from(u16::from_le_bytes(head.get(at + 6..at + 8)?.try_into().ok()?));
        std::str::from_utf8(head.get(at + 8..at + 8 + length)?).ok()
    });
    let encoding = Encoding::of(syntax.unwrap_or_default().trim_matches(['\0', ' ']));
    add("DICOM: file");
    // A file that cannot be followed has been said so by the decoder.
    let _ = walk(bytes.get(from..).unwrap_or_default(), encoding, |group, number| match group {
        0x0008 => add("DICOM: study, place and persons"),
        0x0010 => add("DICOM: patient"),
        0x0012 => add("DICOM: trial"),
        0x0018 => add("DICOM: device and settings"),
        0x0020 => add("DICOM: identifiers"),
        0x0028 if number == 0x2000 => add(PROFILE),
        0x0028 | 0x7fe0 | 0x5200 | 0x0048 => {}
        group if group % 2 == 1 => add("DICOM: private"),
        _ => add("DICOM: other"),
    });
}
