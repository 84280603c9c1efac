//! No input panics, none is read with data missing.

use ::tiff::encoder::colortype::{Gray16, RGB8};
use ::tiff::encoder::{Compression, DeflateLevel};
use image::ExtendedColorType;
use proptest::prelude::*;

use super::samples::{jpegs, pattern, png, tiff};
use super::*;

fn read(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::from_bytes(bytes, &DecodeLimits { max_pixels: 1_000_000, ..DecodeLimits::default() })
}

fn pngs_and_tiffs() -> Vec<(&'static str, Vec<u8>)> {
    let rgb = pattern(3);
    let grey16: Vec<u16> = pattern(1).iter().map(|&value| u16::from(value) * 251).collect();
    vec![
        ("png", png(&rgb, ExtendedColorType::Rgb8)),
        ("png alpha", png(&pattern(4), ExtendedColorType::Rgba8)),
        ("tiff", tiff::<RGB8>(&rgb, Compression::Uncompressed, &[])),
        ("tiff lzw", tiff::<RGB8>(&rgb, Compression::Lzw, &[])),
        ("tiff deflate", tiff::<Gray16>(&grey16, Compression::Deflate(DeflateLevel::Fast), &[])),
        ("tiff packbits", tiff::<RGB8>(&rgb, Compression::Packbits, &[])),
    ]
}

#[test]
fn a_cut_file_is_refused_or_whole() {
    for (kind, bytes) in pngs_and_tiffs() {
        let whole = read(&bytes).unwrap_or_else(|error| panic!("{kind}: {error}"));
        for length in 0..bytes.len() {
            match read(&bytes[..length]) {
                Ok(photo) => assert!(photo.pixels == whole.pixels, "{kind}, cut at {length}"),
                Err(error) => assert!(error.to_string().len() < 400, "{kind}: {error}"),
            }
        }
    }
}

#[test]
fn every_single_byte_may_be_wrong() {
    for (_, bytes) in jpegs().into_iter().chain(pngs_and_tiffs()) {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[at] ^= flip;
                let _ = read(&broken);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(tail in prop::collection::vec(any::<u8>(), 0..600), head in 0usize..6) {
        let heads: [&[u8]; 6] =
            [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"II*\0\x08\0\0\0", b"MM\0*", b"II+\0\x08\0\0\0"];
        let _ = read(&[heads[head], &tail].concat());
    }

    #[test]
    fn several_wrong_bytes(
        which in 0usize..16, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let files: Vec<_> = jpegs().into_iter().chain(pngs_and_tiffs()).collect();
        let mut bytes = files[which % files.len()].1.clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read(&bytes);
    }
}
