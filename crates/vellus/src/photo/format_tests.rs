//! BMP, GIF, WebP; palette, CIELab, half floats and pages of a TIFF; limits of memory.

use std::io::Cursor;

use ::tiff::encoder::colortype::{Gray8, Gray16, RGB8, RGB16};
use ::tiff::encoder::{Compression, TiffEncoder};
use ::tiff::tags::Tag;
use image::codecs::bmp::BmpEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::samples::{HEIGHT, WIDTH, pattern, tiff};
use super::*;

fn read(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::from_bytes(bytes, &DecodeLimits::default())
}

pub(super) fn bmp() -> Vec<u8> {
    let mut bytes = Vec::new();
    BmpEncoder::new(&mut bytes).encode(&pattern(3), WIDTH, HEIGHT, ExtendedColorType::Rgb8).expect("encodes");
    bytes
}

pub(super) fn webp() -> Vec<u8> {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes)
        .write_image(&pattern(3), WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .expect("encodes");
    bytes
}

/// Four colours; the second frame is of one of them throughout.
pub(super) fn gif(frames: usize) -> Vec<u8> {
    let palette = [10, 20, 30, 200, 100, 50, 0, 0, 0, 255, 255, 255];
    let mut bytes = Vec::new();
    let mut encoder = ::gif::Encoder::new(&mut bytes, WIDTH as u16, HEIGHT as u16, &palette).expect("header");
    for number in 0..frames {
        let indices: Vec<u8> =
            (0..WIDTH * HEIGHT).map(|i| if number == 0 { (i % 4) as u8 } else { 1 }).collect();
        let frame = ::gif::Frame {
            buffer: indices.into(),
            width: WIDTH as u16,
            height: HEIGHT as u16,
            ..Default::default()
        };
        encoder.write_frame(&frame).expect("frame");
    }
    drop(encoder);
    bytes
}

#[test]
fn bmp_webp_and_gif_are_read() {
    for (bytes, format) in [(bmp(), PhotoFormat::Bmp), (webp(), PhotoFormat::WebP)] {
        let photo = read(&bytes).expect("reads");
        assert_eq!((photo.source.format, photo.source.images), (format, 1));
        assert_eq!(photo.pixels, Pixels::Rgb8(pattern(3)), "{format:?}");
    }
    let photo = read(&gif(3)).expect("reads");
    assert_eq!((photo.source.format, photo.source.images), (PhotoFormat::Gif, 3));
    assert_eq!(photo.source.colour, ColourModel::Palette);
    assert_eq!(photo.rgb_unit(1, 0), [200.0, 100.0, 50.0].map(|value: f32| value / 255.0));
    assert_eq!(photo.rgb_unit(3, 0), [1.0; 3]);
}

/// Written out by hand: 3 × 2 px of four bits, upside down, rows padded to four bytes; 5 µm per px.
#[test]
fn a_bmp_of_a_palette_and_of_a_fourth_byte() {
    let mut bytes =
        b"BM\x82\0\0\0\0\0\0\0\x42\0\0\0\x28\0\0\0\x03\0\0\0\x02\0\0\0\x01\0\x04\0\0\0\0\0\x08\0\0\0"
            .to_vec();
    bytes.extend(200_000u32.to_le_bytes().iter().chain(&200_000u32.to_le_bytes()));
    bytes.extend([3, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([30, 20, 10, 0, 60, 50, 40, 0, 90, 80, 70, 0]);
    bytes.extend([0x01, 0x20, 0, 0, 0x22, 0x10, 0, 0]);
    let photo = read(&bytes).expect("reads");
    let [a, b, c] = [[10u8, 20, 30], [40, 50, 60], [70, 80, 90]];
    assert_eq!(photo.pixels, Pixels::Rgb8([c, c, b, a, b, c].concat()));
    assert_eq!(photo.source.colour, ColourModel::Palette);
    let scale = photo.source.stated_scale.expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.source), (5.0, StatedScaleSource::BmpResolution));

    // A fourth byte that is 0 throughout does not make the photo black.
    let mut bytes = Vec::new();
    let rgba: Vec<u8> = pattern(3).chunks(3).flat_map(|p| [p[0], p[1], p[2], 0]).collect();
    BmpEncoder::new(&mut bytes).encode(&rgba, WIDTH, HEIGHT, ExtendedColorType::Rgba8).expect("encodes");
    assert_eq!(read(&bytes).expect("reads").pixels, Pixels::Rgb8(pattern(3)));
}

/// A page of grey samples whose interpretation is written over, with further tags.
fn page(interpretation: u16, data: &[u8], channels: usize, more: &[(u16, &[u16])]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut bytes).expect("header");
    let mut encoder = encoder.with_compression(Compression::Lzw);
    macro_rules! write {
        ($kind:ty) => {{
            let mut image = encoder.new_image::<$kind>(WIDTH, HEIGHT).expect("image");
            for (tag, values) in more {
                image.encoder().write_tag(Tag::from_u16_exhaustive(*tag), *values).expect("tag");
            }
            image.write_data(data).expect("data");
        }};
    }
    if channels == 1 {
        write!(Gray8)
    } else {
        write!(RGB8)
    }
    overwrite(bytes.into_inner(), interpretation)
}

/// Finds the entry by hand: tag 262, SHORT, one value.
fn overwrite(mut bytes: Vec<u8>, interpretation: u16) -> Vec<u8> {
    let entry = [6, 1, 3, 0, 1, 0, 0, 0];
    let at = bytes.windows(8).position(|window| window == entry).expect("the entry") + 8;
    bytes[at..at + 2].copy_from_slice(&interpretation.to_le_bytes());
    bytes
}

/// What a decoder would take memory for, and no colour is meant by.
#[test]
fn tiff_of_many_samples_is_refused() {
    let count = 2000_u16;
    let (bits, more) = (vec![8_u16; usize::from(count)], vec![0_u16; usize::from(count) - 1]);
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("header");
    let mut page = encoder.image_directory().expect("page");
    for (tag, value) in [(256, 1000_u32), (257, 1000), (273, 8), (278, 1000), (279, 8)] {
        page.write_tag(Tag::from_u16_exhaustive(tag), value).expect("tag");
    }
    for (tag, values) in [(258, &bits[..]), (259, &[1]), (262, &[1]), (277, &[count]), (338, &more[..])] {
        page.write_tag(Tag::from_u16_exhaustive(tag), values).expect("tag");
    }
    page.finish().expect("written");
    let error = read(&bytes.into_inner()).expect_err("refused").to_string();
    assert!(error.contains("2000 samples per pixel, but at most 5 mean a colour"), "{error}");
}

#[test]
fn tiff_palette() {
    let indices = pattern(1);
    let table: Vec<u16> =
        (0..3).flat_map(|c| (0..256u16).map(move |i| (i * (3 + 2 * c) % 256) * 257)).collect();
    let photo = read(&page(3, &indices, 1, &[(320, &table)])).expect("reads");
    let expected: Vec<u8> =
        indices.iter().flat_map(|&i| [3u16, 5, 7].map(|k| (u16::from(i) * k % 256) as u8)).collect();
    assert_eq!((photo.pixels, photo.source.colour), (Pixels::Rgb8(expected.clone()), ColourModel::Palette));
    // Eight bits where sixteen belong.
    let coarse: Vec<u16> = table.iter().map(|value| value >> 8).collect();
    assert_eq!(read(&page(3, &indices, 1, &[(320, &coarse)])).expect("reads").pixels, Pixels::Rgb8(expected));
    for missing in [&page(3, &indices, 1, &[]), &page(3, &indices, 1, &[(320, &table[..300])])] {
        let error = read(missing).expect_err("refused");
        assert!(matches!(error, PhotoError::Damaged { .. }), "{error}");
    }
}

/// L*a*b* under D50 of sRGB colours, by littleCMS 2 (Pillow's ImageCms); a and b of red and green are rounded to whole
/// numbers in eight bits, which makes up to two levels.
#[test]
fn tiff_cielab() {
    let colours: [([u8; 3], [i16; 3]); 4] = [
        ([255, 255, 255], [255, 0, 0]),
        ([119, 119, 119], [128, 0, 0]),
        ([255, 0, 0], [138, 81, 70]),
        ([0, 128, 0], [118, -48, 49]),
    ];
    for (rgb, lab) in colours {
        let pixel = lab.map(|value| value as u8);
        let data: Vec<u8> = pixel.into_iter().cycle().take((3 * WIDTH * HEIGHT) as usize).collect();
        let photo = read(&page(8, &data, 3, &[])).expect("reads");
        assert_eq!(
            (photo.source.colour, photo.source.colour_space),
            (ColourModel::Lab, ColourSpace::Converted)
        );
        // The other way to write it: a and b shifted by 128.
        let shifted: Vec<u8> =
            data.chunks(3).flat_map(|p| [p[0], p[1].wrapping_add(128), p[2].wrapping_add(128)]).collect();
        assert_eq!(read(&page(9, &shifted, 3, &[])).expect("reads").pixels, photo.pixels);
        let deep: Vec<u16> = lab
            .iter()
            .enumerate()
            .map(|(c, &v)| if c == 0 { v as u16 * 257 } else { (v * 256) as u16 })
            .collect();
        let deep: Vec<u16> = deep.into_iter().cycle().take((3 * WIDTH * HEIGHT) as usize).collect();
        let deep = read(&overwrite(tiff::<RGB16>(&deep, Compression::Lzw, &[]), 8)).expect("reads");
        for (c, wanted) in rgb.into_iter().enumerate() {
            for photo in [&photo, &deep] {
                let got = photo.rgb_unit(2, 2)[c] * 255.0;
                assert!((got - f32::from(wanted)).abs() <= 2.5, "{rgb:?}: {got} in channel {c}");
            }
        }
    }
}

/// 0, ½, 1 and ¼ as half floats, in a page that was written as 16-bit grey and is called floats by one more tag.
#[test]
fn tiff_half_floats() {
    let halves = [0x0000u16, 0x3800, 0x3c00, 0x3400];
    let data: Vec<u16> = halves.into_iter().cycle().take((WIDTH * HEIGHT) as usize).collect();
    let mut bytes = tiff::<Gray16>(&data, Compression::Uncompressed, &[]);
    // SampleFormat 1 (unsigned) to 3 (float).
    let entry = [0x53, 0x01, 3, 0, 1, 0, 0, 0];
    let at = bytes.windows(8).position(|window| window == entry).expect("the entry") + 8;
    bytes[at] = 3;
    let photo = read(&bytes).expect("reads");
    for (x, wanted) in [0.0, 0.5, 1.0, 0.25].into_iter().enumerate() {
        assert!((photo.rgb_unit(x as u32, 0)[1] - wanted).abs() < 1e-4);
    }
}

#[test]
fn pages_are_counted_without_previews() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("header");
    for (number, kind) in [0u32, 0, 1, 0, 4].into_iter().enumerate() {
        let mut image = encoder.new_image::<RGB8>(WIDTH, HEIGHT).expect("image");
        image.encoder().write_tag(Tag::NewSubfileType, kind).expect("tag");
        image.write_data(&if number == 0 { pattern(3) } else { vec![7; pattern(3).len()] }).expect("data");
    }
    let photo = read(&bytes.into_inner()).expect("reads");
    assert_eq!((photo.pixels, photo.source.images), (Pixels::Rgb8(pattern(3)), 3));
}

#[test]
fn what_would_take_too_much_memory_is_refused() {
    let limits = DecodeLimits { max_memory_bytes: 10_000, ..DecodeLimits::default() };
    for bytes in [bmp(), webp(), gif(1), tiff::<RGB8>(&pattern(3), Compression::Lzw, &[])] {
        let error = Photo::from_bytes(&bytes, &limits).expect_err("refused");
        assert!(matches!(error, PhotoError::TooMuchMemory { max_memory_bytes: 10_000, .. }), "{error}");
        let few = DecodeLimits { max_pixels: 100, ..DecodeLimits::default() };
        let error = Photo::from_bytes(&bytes, &few).expect_err("refused");
        assert!(matches!(error, PhotoError::TooManyPixels { max_pixels: 100, .. }), "{error}");
    }
}
