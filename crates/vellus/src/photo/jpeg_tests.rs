//! JPEG: colour, orientation, and that no photo with missing data is read.

use jpeg_encoder::ColorType;

use super::samples::{HEIGHT, WIDTH, exif, jpeg, jpegs, refined_jpeg, upright};
use super::*;

fn read(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::from_bytes(bytes, &DecodeLimits::default())
}

fn rgb8(photo: &Photo) -> &[u8] {
    match &photo.pixels {
        Pixels::Rgb8(samples) => samples,
        Pixels::Rgb16(_) => panic!("16 bits"),
    }
}

/// Largest difference; JPEG at quality 92 of a smooth pattern stays within a few levels.
fn worst(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// The smooth part of the pattern: it wraps nowhere here.
fn smooth(channels: usize) -> Vec<u8> {
    (0..WIDTH * HEIGHT * channels as u32)
        .map(|i| (i / channels as u32 % WIDTH * 4 + i % channels as u32 * 50 + 30) as u8)
        .collect()
}

fn encode(data: &[u8], color: ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 97);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    encoder.encode(data, WIDTH as u16, HEIGHT as u16, color).expect("encodes");
    bytes
}

#[test]
fn colours_come_out_as_they_went_in() {
    let rgb = smooth(3);
    assert!(worst(rgb8(&read(&encode(&rgb, ColorType::Rgb)).expect("reads")), &rgb) <= 4);

    let grey = smooth(1);
    let photo = read(&encode(&grey, ColorType::Luma)).expect("reads");
    assert_eq!(photo.source.colour, ColourModel::Grey);
    let repeated: Vec<u8> = grey.iter().flat_map(|&value| [value; 3]).collect();
    assert!(worst(rgb8(&photo), &repeated) <= 2);

    let cmyk = smooth(4);
    let light = |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
    let expected: Vec<u8> = cmyk
        .chunks_exact(4)
        .flat_map(|p| [light(p[0], p[3]), light(p[1], p[3]), light(p[2], p[3])])
        .collect();
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let photo = read(&encode(&cmyk, color)).expect("reads");
        assert_eq!(photo.source.colour, ColourModel::Cmyk);
        assert!(worst(rgb8(&photo), &expected) <= 4, "{color:?}: {}", worst(rgb8(&photo), &expected));
    }
}

#[test]
fn every_kind_is_read() {
    for (kind, bytes) in jpegs() {
        let photo = read(&bytes).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(photo.source.format, PhotoFormat::Jpeg, "{kind}");
    }
}

#[test]
fn successive_approximation_equals_libjpeg() {
    // Pillow's own decoding of the same file at (0, 0) and (19, 16).
    let photo = read(&refined_jpeg()).expect("reads");
    for ((x, y), expected) in [((0, 0), [14, 3, 0]), ((19, 16), [110, 182, 119])] {
        let rgb = photo.rgb_unit(x, y).map(|value| (value * 255.0).round() as i32);
        for (value, expected) in rgb.into_iter().zip::<[i32; 3]>(expected) {
            assert!((value - expected).abs() <= 4, "({x}, {y}): {rgb:?}");
        }
    }
}

#[test]
fn orientation_1_to_8() {
    let plain = jpeg(ColorType::Rgb, |_| {});
    let stored = rgb8(&read(&plain).expect("reads")).to_vec();
    for orientation in 1..=8 {
        let bytes = jpeg(ColorType::Rgb, |e| e.add_exif_metadata(&exif(orientation)).expect("exif"));
        let photo = read(&bytes).expect("reads");
        let (width_px, height_px, expected) = upright(&stored, orientation);
        assert_eq!((photo.width_px, photo.height_px), (width_px, height_px));
        assert_eq!(rgb8(&photo), expected, "orientation {orientation}");
        assert_eq!(photo.source.orientation_applied, orientation);
    }
}

/// Cut anywhere: refused, unless every block is there; then the pixels are those of the whole file. The same with an end
/// marker put behind the cut, as recovery tools do.
#[test]
fn a_cut_file_is_refused_or_whole() {
    for (kind, bytes) in jpegs() {
        let whole = read(&bytes).expect("reads");
        for length in 0..bytes.len() {
            let mended = [&bytes[..length], b"\xff\xd9"].concat();
            for cut in [&bytes[..length], &mended] {
                if let Ok(photo) = read(cut) {
                    assert!(photo.pixels == whole.pixels, "{kind}, cut at {length} of {}", bytes.len());
                    assert!(length + 3 >= bytes.len(), "{kind}, cut at {length} of {}", bytes.len());
                }
            }
        }
    }
}

#[test]
fn only_the_end_marker_missing_is_read() {
    for (kind, bytes) in jpegs() {
        let whole = read(&bytes).expect("reads");
        let photo = read(&bytes[..bytes.len() - 2]).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(photo.pixels, whole.pixels, "{kind}");
    }
}

#[test]
fn bytes_behind_the_end_are_ignored() {
    for (kind, bytes) in jpegs() {
        let whole = read(&bytes).expect("reads");
        let second = jpeg(ColorType::Luma, |_| {});
        for trailer in [&[0u8; 500][..], b"\xff\xff\xff", b"SAMSUNG trailer \xff\xda\0\x02", &second] {
            let photo = read(&[&bytes, trailer].concat()).expect("reads");
            assert_eq!(photo.pixels, whole.pixels, "{kind}");
        }
    }
}

#[test]
fn a_block_taken_out_of_the_middle_is_refused() {
    let mut bytes = Vec::new();
    let noise: Vec<u8> = (0..96 * 96 * 3u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    jpeg_encoder::Encoder::new(&mut bytes, 90).encode(&noise, 96, 96, ColorType::Rgb).expect("encodes");
    read(&bytes).expect("reads");
    let middle = bytes.len() / 2;
    let torn = [&bytes[..middle], &bytes[middle + 200..]].concat();
    assert!(matches!(read(&torn), Err(PhotoError::Damaged { format: "JPEG", .. })));
    let doubled = [&bytes[..middle + 200], &bytes[middle..]].concat();
    assert!(matches!(read(&doubled), Err(PhotoError::Damaged { format: "JPEG", .. })));
}

#[test]
fn one_pixel() {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 95)
        .encode(&[10, 100, 200], 1, 1, ColorType::Rgb)
        .expect("encodes");
    let photo = read(&bytes).expect("reads");
    assert_eq!((photo.width_px, photo.height_px), (1, 1));
    assert!(worst(rgb8(&photo), &[10, 100, 200]) <= 4);
}

#[test]
fn kinds_that_are_not_read_say_so() {
    let bytes = jpeg(ColorType::Rgb, |_| {});
    let sof = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("frame");
    for (offset, value, words) in
        [(1, 0xc3, "lossless"), (1, 0xc9, "arithmetic"), (4, 12, "12 bits per sample")]
    {
        let mut other = bytes.clone();
        other[sof + offset] = value;
        let message = read(&other).expect_err("refused").to_string();
        assert!(message.contains(words), "{message}");
    }
}
