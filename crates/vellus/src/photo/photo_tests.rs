//! PNG, TIFF, arrays, limits, names and messages.

use std::io::Write as _;
use std::time::{Duration, Instant};

use ::png::{BitDepth, ColorType};
use ::tiff::encoder::colortype::{CMYK8, Gray8, Gray32Float, RGB8, RGB16, RGBA8};
use ::tiff::encoder::{Compression, DeflateLevel};
use image::{DynamicImage, ExtendedColorType, ImageBuffer};
use ndarray::{Array2, Array3, array};

use super::samples::{HEIGHT, WIDTH, exif, pattern, png, raw_png, tiff, upright};
use super::*;

fn read(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::from_bytes(bytes, &DecodeLimits::default())
}

fn pattern16() -> Vec<u16> {
    // Low bytes that 8 bits would lose.
    pattern(3).iter().enumerate().map(|(i, &value)| u16::from(value) << 8 | (i * 7 % 256) as u16).collect()
}

#[test]
fn png_and_tiff_orientation_1_to_8() {
    let stored = pattern(3);
    for orientation in 1..=8 {
        let (width_px, height_px, expected) = upright(&stored, orientation);
        let png = png(&stored, ExtendedColorType::Rgb8);
        let tiff = tiff::<RGB8>(&stored, Compression::Lzw, &[(274, u16::from(orientation))]);
        for bytes in [with_exif(&png, 33, orientation), with_exif(&png, png.len() - 12, orientation), tiff] {
            let photo = read(&bytes).expect("reads");
            assert_eq!((photo.width_px, photo.height_px), (width_px, height_px));
            assert_eq!(photo.pixels, Pixels::Rgb8(expected.clone()), "orientation {orientation}");
            assert_eq!(photo.source.orientation_applied, orientation);
        }
    }
}

/// Puts an `eXIf` chunk at a byte position: 33 is behind the header, `len - 12` before the end.
fn with_exif(png: &[u8], at: usize, orientation: u8) -> Vec<u8> {
    let block = exif(orientation);
    let mut chunk = b"eXIf".to_vec();
    chunk.extend(&block);
    let crc = crc32(&chunk);
    [&png[..at], &(block.len() as u32).to_be_bytes(), &chunk, &crc.to_be_bytes(), &png[at..]].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[test]
fn sixteen_bits_stay_exact() {
    let samples = pattern16();
    let big_endian: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
    let png = raw_png([WIDTH, HEIGHT], ColorType::Rgb, BitDepth::Sixteen, &big_endian, |_| {});
    let tiff_lzw = tiff::<RGB16>(&samples, Compression::Lzw, &[]);
    let tiff_deflate = tiff::<RGB16>(&samples, Compression::Deflate(DeflateLevel::Best), &[]);
    for bytes in [png, tiff_lzw, tiff_deflate] {
        let photo = read(&bytes).expect("reads");
        assert_eq!(photo.pixels, Pixels::Rgb16(samples.clone()));
        assert_eq!(photo.source.bit_depth, 16);
    }
}

#[test]
fn alpha_is_composited_onto_black() {
    let samples = pattern(4);
    let expected: Vec<u8> = samples
        .chunks_exact(4)
        .flat_map(|p| {
            [p[0], p[1], p[2]].map(|value| (f64::from(value) * f64::from(p[3]) / 255.0).round() as u8)
        })
        .collect();
    let expected = Pixels::Rgb8(expected);
    assert_eq!(read(&png(&samples, ExtendedColorType::Rgba8)).expect("reads").pixels, expected);
    let unassociated = tiff::<RGBA8>(&samples, Compression::Uncompressed, &[(338, 2)]);
    assert_eq!(read(&unassociated).expect("reads").pixels, expected);
    // Multiplied in already: taken as it is.
    let associated = tiff::<RGBA8>(&samples, Compression::Uncompressed, &[(338, 1)]);
    let as_it_is: Vec<u8> = samples.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    assert_eq!(read(&associated).expect("reads").pixels, Pixels::Rgb8(as_it_is));
}

#[test]
fn png_palette_transparency_and_few_bits() {
    let palette =
        raw_png([2, 2], ColorType::Indexed, BitDepth::Two, &[0b0001_0000, 0b1000_0000], |encoder| {
            encoder.set_palette(vec![10, 20, 30, 40, 50, 60, 200, 100, 50]);
            encoder.set_trns(vec![255, 0]);
        });
    let photo = read(&palette).expect("reads");
    assert_eq!(photo.pixels, Pixels::Rgb8(vec![10, 20, 30, 0, 0, 0, 200, 100, 50, 10, 20, 30]));
    assert_eq!((photo.source.colour, photo.source.bit_depth), (ColourModel::Palette, 8));

    let bits = raw_png([3, 1], ColorType::Grayscale, BitDepth::One, &[0b1010_0000], |_| {});
    assert_eq!(read(&bits).expect("reads").pixels, Pixels::Rgb8(vec![255, 255, 255, 0, 0, 0, 255, 255, 255]));
}

#[test]
fn tiff_grey_cmyk_and_float() {
    let grey = pattern(1);
    let repeated: Vec<u8> = grey.iter().flat_map(|&value| [value; 3]).collect();
    let photo = read(&tiff::<Gray8>(&grey, Compression::Packbits, &[])).expect("reads");
    assert_eq!((photo.pixels, photo.source.colour), (Pixels::Rgb8(repeated), ColourModel::Grey));

    let cmyk = read(&tiff::<CMYK8>(&pattern(4), Compression::Lzw, &[])).expect("reads");
    let p = pattern(4);
    let red = f32::from(255 - p[0]) * f32::from(255 - p[3]) / 255.0;
    assert!((cmyk.rgb_unit(0, 0)[0] * 255.0 - red).abs() <= 0.5);

    let unit: Vec<f32> = grey.iter().map(|&value| f32::from(value) / 255.0).collect();
    let photo = read(&tiff::<Gray32Float>(&unit, Compression::Uncompressed, &[])).expect("reads");
    assert_eq!(photo.rgb_unit(1, 1)[0], (unit[WIDTH as usize + 1] * 65535.0).round() / 65535.0);
    let bright: Vec<f32> = unit.iter().map(|value| value * 300.0).collect();
    let error = read(&tiff::<Gray32Float>(&bright, Compression::Uncompressed, &[])).expect_err("refused");
    assert!(matches!(error, PhotoError::Unsupported { .. }), "{error}");
}

#[test]
fn a_preview_page_is_refused() {
    let error = read(&tiff::<RGB8>(&pattern(3), Compression::Lzw, &[(254, 1)])).expect_err("refused");
    assert!(error.to_string().contains("camera RAW") && error.to_string().contains("develop it"), "{error}");
}

/// A header of 30,000 x 30,000 in a file of a few bytes must neither be allocated for nor decoded.
#[test]
fn a_huge_header_is_refused_at_once() {
    let side = 30_000u32;
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(side.to_be_bytes().iter().chain(&side.to_be_bytes()));
    png.extend([8, 2, 0, 0, 0]);
    let crc = crc32(&png[12..]);
    png.extend(crc.to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let mut jpeg = b"\xff\xd8\xff\xc0\0\x11\x08".to_vec();
    jpeg.extend((side as u16).to_be_bytes().iter().chain(&(side as u16).to_be_bytes()));
    jpeg.extend(b"\x03\x01\x11\0\x02\x11\0\x03\x11\0");
    let mut tiff = b"II*\0\x08\0\0\0\x08\0".to_vec();
    for (tag, value) in [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (279, 8)]
    {
        tiff.extend([tag as u8, (tag >> 8) as u8, 4, 0, 1, 0, 0, 0]);
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend([0; 4]);
    for bytes in [png, jpeg, tiff] {
        let start = Instant::now();
        let error = read(&bytes).expect_err("refused");
        assert!(start.elapsed() < Duration::from_millis(200));
        assert!(matches!(error, PhotoError::TooManyPixels { max_pixels: 100_000_000, .. }), "{error}");
        assert_eq!(
            error.to_string(),
            "the photo has 30000 x 30000 = 900000000 pixels, but at most 100000000 are decoded; raise \
             `decode.max_pixels` in the protocol, or crop the photo"
        );
    }
}

#[test]
fn the_name_of_a_file_does_not_matter() {
    let bytes = png(&pattern(3), ExtendedColorType::Rgb8);
    let mut file = tempfile::Builder::new().suffix(".jpg").tempfile().expect("file");
    file.write_all(&bytes).expect("written");
    let photo = Photo::open(file.path(), &DecodeLimits::default()).expect("reads");
    assert_eq!((photo.source.format, photo.pixels), (PhotoFormat::Png, Pixels::Rgb8(pattern(3))));
    assert_eq!(photo.content_hash, read(&bytes).expect("reads").content_hash);
    assert_eq!(
        Photo::from_reader(&bytes[..], &DecodeLimits::default()).expect("reads").content_hash,
        photo.content_hash
    );
}

#[test]
fn hashes_are_stable() {
    let samples = array![[1u8, 2], [3, 4]];
    let photo = Photo::from_grey_array(samples.view()).expect("photo");
    assert_eq!(photo.content_hash, "blake3:f0cc941eb2200fa9763b07477bbfb52914c07910fb7b35050b52e26504dcd102");
    // The same pixels by another way.
    let image = DynamicImage::ImageLuma8(ImageBuffer::from_raw(2, 2, vec![1, 2, 3, 4]).expect("image"));
    assert_eq!(Photo::from_image(image).expect("photo"), photo);
    // Shape and depth count.
    let flat = Photo::from_grey_array(array![[1u8, 2, 3, 4]].view()).expect("photo");
    let deep = Photo::from_grey_array(samples.mapv(u16::from).view()).expect("photo");
    assert_ne!(flat.content_hash, photo.content_hash);
    assert_ne!(deep.content_hash, photo.content_hash);
    let bytes = png(&pattern(3), ExtendedColorType::Rgb8);
    let expected = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    assert_eq!(read(&bytes).expect("reads").content_hash, expected);
}

#[test]
fn arrays_in_any_layout() {
    let array = Array3::from_shape_fn((2, 3, 3), |(y, x, c)| (y * 100 + x * 10 + c) as u16);
    let photo = Photo::from_array(array.view()).expect("photo");
    assert_eq!((photo.width_px, photo.height_px), (3, 2));
    assert_eq!(photo.rgb_unit(2, 1), [120.0, 121.0, 122.0].map(|value: f32| value / 65535.0));
    let mut row = vec![[0.0; 3]; 3];
    photo.copy_row_unit(1, &mut row);
    assert_eq!(row[2], photo.rgb_unit(2, 1));
    // Column-major memory, same photo.
    let reversed = array.view().reversed_axes().as_standard_layout().to_owned();
    assert_eq!(Photo::from_array(reversed.view().reversed_axes()).expect("photo"), photo);

    for shape in [(0, 3, 3), (3, 0, 3), (3, 3, 0), (3, 3, 5)] {
        let error = Photo::from_array(Array3::<u8>::zeros(shape).view()).expect_err("refused");
        assert_eq!(error, PhotoError::ArrayShape { shape: vec![shape.0, shape.1, shape.2] });
    }
    assert!(Photo::from_grey_array(Array2::<u8>::zeros((0, 4)).view()).is_err());
    assert!(matches!(Photo::from_image(DynamicImage::new_rgb8(0, 4)), Err(PhotoError::ZeroSize { .. })));
}

#[test]
fn messages_say_what_to_do() {
    let limits = DecodeLimits { max_file_bytes: 100, ..DecodeLimits::default() };
    let folder = tempfile::tempdir().expect("folder");
    let missing = Photo::open(folder.path().join("no.jpg"), &limits).expect_err("refused");
    assert!(
        matches!(missing, PhotoError::Missing { .. }) && missing.to_string().contains("no.jpg"),
        "{missing}"
    );
    assert!(matches!(Photo::open(folder.path(), &limits), Err(PhotoError::Unreadable { .. })));
    let long = [0u8; 101];
    for error in [Photo::from_bytes(&long, &limits), Photo::from_reader(&long[..], &limits)] {
        assert!(matches!(error, Err(PhotoError::FileTooLarge { max_file_bytes: 100, .. })));
    }
    assert!(matches!(read(b""), Err(PhotoError::Empty { .. })));
    assert!(matches!(read(b"just text"), Err(PhotoError::UnknownFormat { .. })));
    let cases: [(&[u8], &str); 7] = [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"II*\0\x10\0\0\0CR\x02\0", "camera RAW (CR2)"),
        (b"FUJIFILMCCD-RAW 0201", "camera RAW (RAF)"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"%PDF-1.7", "PDF"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
    ];
    for (bytes, name) in cases {
        let message = read(bytes).expect_err("refused").to_string();
        assert!(
            message.starts_with(&format!("the photo has the format {name}, which is not read; ")),
            "{message}"
        );
    }
}

/// The names in the results are those of the lock file. A failure here means: update them, and note in the changelog
/// that pixels may differ.
#[test]
fn decoder_names_are_those_in_use() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let Ok(lock) = std::fs::read_to_string(lock) else { return };
    for name in decode::decoder_names() {
        let (package, version) = name.split_once(' ').expect("name and version");
        let entry = format!("name = \"{package}\"\nversion = \"{version}\"");
        assert!(lock.replace("\r\n", "\n").contains(&entry), "{name} is not in Cargo.lock");
    }
}

#[test]
fn limits_and_source_are_plain_records() {
    let limits: DecodeLimits = toml::from_str("max_pixels = 5").expect("parses");
    assert_eq!(limits, DecodeLimits { max_pixels: 5, ..DecodeLimits::default() });
    let source = read(&png(&pattern(3), ExtendedColorType::Rgb8)).expect("reads").source;
    assert_eq!(
        serde_json::to_string(&source).expect("json"),
        concat!(
            r#"{"format":"png","bit_depth":8,"colour":"rgb","decoder":"png 0.18.1","orientation_applied":1,"#,
            r#""images":1,"colour_space":"assumed_srgb"}"#
        )
    );
}
