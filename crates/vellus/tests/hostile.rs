//! Small files that ask for much memory: each is refused, or read, with little.
//!
//! Alone in its process, because the kernel's figure is the most that the process ever took.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use vellus::{DecodeLimits, Photo};

const MOST_PIXELS: u64 = 1_000_000;
/// 60 bytes per pixel, as [`DecodeLimits`] reckons, and 200 MB.
const MOST_BYTES: u64 = 60 * MOST_PIXELS + 200_000_000;

/// `VmHWM`: most memory that was touched; `VmPeak`: most address space that was asked for. Bytes.
fn peak(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
}

/// A zlib stream that unpacks to `count` zeros: one literal, then copies of 258 bytes from one byte back (RFC 1951, 3.2.6).
fn zeros(count: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false];
    // The literal 0 is 00110000.
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0].map(|bit| bit == 1));
    for _ in 0..count / 258 {
        // Length 258 is 11000101, distance 1 is 00000.
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0].map(|bit| bit == 1));
    }
    bits.extend([false; 7]);
    let mut bytes = vec![0x78, 0x01];
    bytes.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, &bit| sum << 1 | u8::from(bit))));
    bytes.extend([0; 4]);
    bytes
}

fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        bytes.extend((data.len() as u32).to_be_bytes());
        let named = [&name[..], data].concat();
        let sum = named.iter().fold(u32::MAX, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        });
        bytes.extend(named);
        bytes.extend((!sum).to_be_bytes());
    }
    bytes
}

fn header(width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    (b"IHDR", [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat())
}

/// A little-endian TIFF of one page: tag, kind, count, value; `data` lies behind it, at 1000.
fn tiff(entries: &[(u16, u16, u32, u32)], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for &(tag, kind, count, value) in entries {
        bytes.extend(
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
                .concat(),
        );
    }
    bytes.resize(1000, 0);
    bytes.extend(data);
    bytes
}

/// Little-endian elements; `kind` is empty where none is written.
fn element(group: u16, number: u16, kind: &str, value: &[u8]) -> Vec<u8> {
    let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
    bytes.extend(kind.as_bytes());
    match kind {
        "" => bytes.extend((value.len() as u32).to_le_bytes()),
        "OB" => bytes.extend([0, 0, 0xff, 0xff, 0xff, 0xff]),
        _ => bytes.extend((value.len() as u16).to_le_bytes()),
    }
    bytes.extend(value);
    bytes
}

fn dicom(syntax: &str, elements: &[Vec<u8>]) -> Vec<u8> {
    let mut syntax = syntax.as_bytes().to_vec();
    syntax.resize(syntax.len().next_multiple_of(2), 0);
    let meta = element(2, 0x10, "UI", &syntax);
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(2, 0, "UL", &(meta.len() as u32).to_le_bytes()));
    bytes.extend(meta);
    bytes.extend(elements.concat());
    bytes
}

fn grey_attributes(kinds: bool, side: u16) -> Vec<Vec<u8>> {
    let kind = |kind| if kinds { kind } else { "" };
    let short = |number, value: u16| element(0x28, number, kind("US"), &value.to_le_bytes());
    vec![
        short(2, 1),
        element(0x28, 4, kind("CS"), b"MONOCHROME2 "),
        short(0x10, side),
        short(0x11, side),
        short(0x100, 8),
        short(0x101, 8),
    ]
}

/// Without kinds, `ReferencedImageSequence` is a sequence by its number alone. Its item says that it is longer than the
/// sequence; in it stands a text of 4 GB.
fn lying_sequence() -> Vec<u8> {
    let item = [&[0xfe, 0xff, 0, 0xe0, 100, 0, 0, 0][..], &[8, 0, 8, 0, 0xf0, 0xff, 0xff, 0xff]].concat();
    let mut elements = vec![element(8, 0x1140, "", &item)];
    elements.extend(grey_attributes(false, 4));
    elements.push(element(0x7fe0, 0x10, "", &[7; 16]));
    dicom("1.2.840.10008.1.2", &elements)
}

/// 1,000 × 1,000 samples in precincts of one sample with 32 layers each; no data. The header of the picture says so, or that of
/// the second part of its tile.
fn jpeg_2000(in_tile: bool) -> Vec<u8> {
    let longs = [1000_u32, 1000, 0, 0, 1000, 1000, 0, 0].map(u32::to_be_bytes).concat();
    let siz = [&[0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0][..], &longs, &[0, 1, 7, 1, 1]].concat();
    let hostile = [0xff, 0x52, 0, 13, 1, 0, 0, 32, 0, 0, 0, 0, 0, 1, 0];
    let usual = [0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 0, 4, 4, 0, 1];
    let qcd = [0xff, 0x5c, 0, 7, 0x40, 0x40, 0x48, 0x48, 0x50];
    let part = |number: u8, header: &[u8]| {
        let length = 14 + header.len() as u8;
        [&[0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, length, number, 2][..], header, &[0xff, 0x93]].concat()
    };
    let (first, second) = if in_tile { (&usual[..], &hostile[..]) } else { (&hostile[..], &[][..]) };
    let mut codestream = [&siz, first, &qcd, &part(0, &[]), &part(1, second), &[0xff, 0xd9]].concat();
    let fragment =
        |bytes: &[u8]| [&[0xfe, 0xff, 0, 0xe0][..], &(bytes.len() as u32).to_le_bytes(), bytes].concat();
    codestream.resize(codestream.len().next_multiple_of(2), 0);
    let pixels = [fragment(&[]), fragment(&codestream), vec![0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]].concat();
    let mut elements = grey_attributes(true, 1000);
    elements.push(element(0x7fe0, 0x10, "OB", &pixels));
    dicom("1.2.840.10008.1.2.4.90", &elements)
}

/// Chunks on a canvas of 16 × 16.
fn webp(chunks: &[(&[u8; 4], u32, Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0a\0\0\0\x20\0\0\0\x0f\0\0\x0f\0\0".to_vec();
    for (name, size, data) in chunks {
        body.extend([&name[..], &size.to_le_bytes(), data].concat());
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

fn vp8(side: u16, data: usize) -> (&'static [u8; 4], u32, Vec<u8>) {
    let first = (data as u32) / 2;
    let mut bytes = (first << 5 | 0x10).to_le_bytes()[..3].to_vec();
    bytes.extend([0x9d, 1, 0x2a]);
    bytes.extend([side.to_le_bytes(), side.to_le_bytes()].concat());
    bytes.resize(10 + data, 0);
    (b"VP8 ", bytes.len() as u32, bytes)
}

fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let page = |side: u32| vec![(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8)];
    let strip = |more: &[(u16, u16, u32, u32)]| {
        let mut entries = page(4);
        entries.extend([(262, 3, 1, 1), (273, 4, 1, 1000), (279, 4, 1, 16)]);
        entries.extend(more);
        entries.sort();
        tiff(&entries, &[9; 16])
    };
    let bomb = zeros(900_000_000);
    let mut tile = page(16);
    tile.extend([
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 2),
        (322, 4, 1, 400_000_000),
        (323, 4, 1, 16),
        (324, 4, 1, 1000),
        (325, 4, 1, bomb.len() as u32),
        (338, 3, 1, 0),
    ]);
    let profile = [b"x\0\0", &bomb[..]].concat();
    let frame =
        b"GIF89a\x10\0\x10\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0\x3b";
    let mut bmp = vec![0; 70];
    bmp[..2].copy_from_slice(b"BM");
    for (at, value) in [(10, 54_u32), (14, 40), (18, 4), (22, 4), (26, 0x0008_0001), (46, u32::MAX)] {
        bmp[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    let jpeg = b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0\xff\xd9".to_vec();
    vec![
        ("a DICOM whose sequence lies about its length", lying_sequence(), "contradict each other"),
        ("JPEG 2000 in precincts of one sample", jpeg_2000(false), "so small code-blocks or precincts"),
        ("JPEG 2000 with such a tile", jpeg_2000(true), "so small code-blocks or precincts"),
        ("a TIFF of one wide tile", tiff(&tile, &bomb), "tiles of 400000000 x 16 pixels"),
        ("a TIFF with a long text", strip(&[(270, 2, 250_000_000, 1000)]), ""),
        ("a TIFF with a long list", strip(&[(34675, 1, 8_000_000, 1000)]), ""),
        (
            "a PNG with a packed profile",
            png(&[header(4, 4), (b"iCCP", profile), (b"IDAT", zeros(52)), (b"IEND", vec![])]),
            "",
        ),
        (
            "a PNG of 60000 x 60000",
            png(&[header(60_000, 60_000), (b"IDAT", bomb.clone())]),
            "at most 1000000 are decoded",
        ),
        ("a PNG with more rows than it has", png(&[header(4, 4), (b"IDAT", bomb), (b"IEND", vec![])]), ""),
        ("a WebP with a large picture on it", webp(&[vp8(0x3fff, 4096)]), "on a canvas of 16 x 16"),
        (
            "a WebP with a long profile",
            webp(&[vp8(16, 64), (b"ICCP", u32::MAX - 1, vec![0; 64])]),
            "a chunk of 4294967294 bytes",
        ),
        ("a GIF with a large frame", frame.to_vec(), "damaged GIF"),
        ("a BMP of many colours", bmp, "damaged BMP"),
        ("a JPEG of 65535 x 65535", jpeg, "at most 1000000 are decoded"),
    ]
}

#[test]
fn small_files_take_little_memory() {
    let limits = DecodeLimits { max_pixels: MOST_PIXELS, ..DecodeLimits::default() };
    let files = files();
    let before = ["VmHWM", "VmPeak"].map(peak);
    for (what, bytes, expected) in files {
        let read = Photo::from_bytes(&bytes, &limits);
        let taken = [peak("VmHWM") - before[0], peak("VmPeak") - before[1]];
        assert!(taken[0] < MOST_BYTES, "{what}: {} MB", taken[0] / 1_000_000);
        // Stacks and reserves of threads are address space, too.
        assert!(taken[1] < 4 * MOST_BYTES, "{what}: {} MB", taken[1] / 1_000_000);
        match read {
            Ok(photo) => assert!(expected.is_empty(), "{what} was read: {photo:?}"),
            Err(error) => assert!(error.to_string().contains(expected), "{what}: {error}"),
        }
    }
}
