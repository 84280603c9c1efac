//! Colours that a file declares.

use ::png::{BitDepth, ColorType};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use moxcms::ColorProfile;

use super::samples::{jpeg, pattern, raw_png};
use super::*;

fn read(bytes: &[u8]) -> Photo {
    Photo::from_bytes(bytes, &DecodeLimits::default()).expect("reads")
}

fn png_of(samples: &[u8], width: u32, colour: ExtendedColorType, profile: Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile).expect("a profile");
    encoder.write_image(samples, width, 1, colour).expect("encodes");
    bytes
}

fn png_with(profile: Vec<u8>) -> Vec<u8> {
    png_of(&SAMPLES, 3, ExtendedColorType::Rgb8, profile)
}

/// Skin, hair, and a green that Adobe RGB shows more strongly.
const SAMPLES: [u8; 9] = [200, 150, 120, 40, 30, 25, 60, 180, 70];

fn rgb8(photo: &Photo) -> Vec<u8> {
    match &photo.pixels {
        Pixels::Rgb8(samples) => samples.clone(),
        Pixels::Rgb16(_) => panic!("16 bits"),
    }
}

#[test]
fn nothing_said_and_srgb_leave_the_samples_alone() {
    let plain = read(&raw_png([3, 1], ColorType::Rgb, BitDepth::Eight, &SAMPLES, |_| {}));
    assert_eq!((rgb8(&plain), plain.source.colour_space), (SAMPLES.to_vec(), ColourSpace::AssumedSrgb));
    let srgb = read(&png_with(ColorProfile::new_srgb().encode().expect("a profile")));
    assert_eq!((rgb8(&srgb), srgb.source.colour_space), (SAMPLES.to_vec(), ColourSpace::Srgb));
}

/// Expected values by littleCMS 2.19 (Pillow 13, `ImageCms.profileToProfile`, relative colorimetric) from profiles of the
/// same colorants and curves.
#[test]
fn matrix_profiles_are_converted() {
    let cases = [
        (ColorProfile::new_display_p3(), [209, 147, 115, 42, 30, 24, 0, 183, 49]),
        (ColorProfile::new_adobe_rgb(), [217, 151, 119, 39, 24, 18, 0, 181, 57]),
    ];
    for (profile, expected) in cases {
        let photo = read(&png_with(profile.encode().expect("a profile")));
        assert_eq!(photo.source.colour_space, ColourSpace::Converted);
        let got = rgb8(&photo);
        let worst = got.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
        assert!(worst <= Some(1), "{got:?} for {expected:?}");
    }
}

#[test]
fn a_profile_comes_with_a_jpeg_in_pieces() {
    let profile = ColorProfile::new_display_p3().encode().expect("a profile");
    let (first, second) = profile.split_at(profile.len() / 2);
    let plain = jpeg(jpeg_encoder::ColorType::Rgb, |_| {});
    let segment = |number: u8, part: &[u8]| {
        let length = (part.len() + 16) as u16;
        [&[0xff, 0xe2][..], &length.to_be_bytes(), b"ICC_PROFILE\0", &[number, 2], part].concat()
    };
    // The pieces may stand in any order.
    let pieces = [segment(2, second), segment(1, first)].concat();
    let tagged = [&plain[..2], &pieces, &plain[2..]].concat();
    assert_eq!(read(&tagged).source.colour_space, ColourSpace::Converted);
    let half = [&plain[..2], &segment(1, first), &plain[2..]].concat();
    assert_eq!(read(&half).source.colour_space, ColourSpace::AssumedSrgb);
}

#[test]
fn what_cannot_be_converted_is_kept_and_said() {
    for profile in [b"no profile".to_vec(), ColorProfile::new_lab().encode().expect("a profile")] {
        let photo = read(&png_with(profile));
        assert_eq!((rgb8(&photo), photo.source.colour_space), (SAMPLES.to_vec(), ColourSpace::NotConverted));
    }
    let inks = jpeg(jpeg_encoder::ColorType::Cmyk, |_| {});
    let tagged = [&inks[..2], &[0xff, 0xe2, 0, 20], b"ICC_PROFILE\0\x01\x01none", &inks[2..]].concat();
    assert_eq!(read(&tagged).source.colour_space, ColourSpace::NotConverted);
    let measured = crate::measure(&read(&tagged), None, &crate::Protocol::default());
    let codes: Vec<_> = measured.quality.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&crate::FindingCode::ColoursNotConverted), "{codes:?}");
}

#[test]
fn gamma_and_grey_curves() {
    let linear = read(&raw_png([3, 1], ColorType::Rgb, BitDepth::Eight, &SAMPLES, |encoder| {
        encoder.set_source_gamma(::png::ScaledFloat::new(1.0));
    }));
    assert_eq!(linear.source.colour_space, ColourSpace::Converted);
    // 40/255 of the light is encoded as 110.3 of 255.
    assert_eq!(rgb8(&linear)[3], 110);
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().expect("a profile");
    let photo = read(&png_of(&[0, 40, 255], 3, ExtendedColorType::L8, grey));
    assert_eq!(rgb8(&photo), [[0; 3], [110; 3], [255; 3]].concat());
}

/// EXIF: colour space 65535 in the Exif block, R03 in the interoperability block that it points to.
#[test]
fn a_camera_set_to_adobe_rgb() {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0".to_vec();
    exif.extend(b"\0\x02\xa0\x01\0\x03\0\0\0\x01\xff\xff\0\0\xa0\x05\0\x04\0\0\0\x01\0\0\0\x38\0\0\0\0");
    exif.extend(b"\0\x01\0\x01\0\x02\0\0\0\x04R03\0\0\0\0\0");
    let plain = jpeg(jpeg_encoder::ColorType::Rgb, |_| {});
    let length = (exif.len() + 8) as u16;
    let tagged =
        [&plain[..2], &[0xff, 0xe1], &length.to_be_bytes(), b"Exif\0\0", &exif, &plain[2..]].concat();
    let photo = read(&tagged);
    assert_eq!(photo.source.colour_space, ColourSpace::Converted);
    assert_ne!(photo.pixels, Pixels::Rgb8(pattern(3)));
}
