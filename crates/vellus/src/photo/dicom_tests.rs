//! DICOM: files that pydicom wrote, cut and damaged ones.

use super::samples::{WIDTH, jpeg, pattern};
use super::*;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../samples/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a sample")
}

fn read(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::from_bytes(bytes, &DecodeLimits::default())
}

/// A file in explicit little endian, written out here.
pub(super) fn file(syntax: &str, attributes: &[(u16, u16, &str, Vec<u8>)]) -> Vec<u8> {
    let element = |&(group, number, vr, ref value): &(u16, u16, &str, Vec<u8>)| {
        let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
        bytes.extend(vr.as_bytes());
        let mut value = value.clone();
        if vr == "SQ" || (vr == "OB" && value.starts_with(&[0xfe, 0xff])) {
            bytes.extend([0, 0, 0xff, 0xff, 0xff, 0xff]);
        } else {
            value.resize(value.len().next_multiple_of(2), if matches!(vr, "OB" | "UI") { 0 } else { b' ' });
            if matches!(vr, "OB" | "OW" | "UN") {
                bytes.extend([0, 0]);
                bytes.extend((value.len() as u32).to_le_bytes());
            } else {
                bytes.extend((value.len() as u16).to_le_bytes());
            }
        }
        bytes.extend(value);
        bytes
    };
    let meta = element(&(2, 0x10, "UI", syntax.as_bytes().to_vec()));
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(&(2, 0, "UL", (meta.len() as u32).to_le_bytes().to_vec())));
    bytes.extend(meta);
    attributes.iter().for_each(|attribute| bytes.extend(element(attribute)));
    bytes
}

/// The attributes of a photo of `colour`, in order of their numbers.
pub(super) fn attributes(
    [width, height]: [u32; 2],
    colour: &str,
    pixels: Vec<u8>,
    more: Vec<(u16, u16, &'static str, Vec<u8>)>,
) -> Vec<(u16, u16, &'static str, Vec<u8>)> {
    let short = |value: u32| (value as u16).to_le_bytes().to_vec();
    let samples = if colour.starts_with("MONO") || colour.starts_with("PAL") { 1 } else { 3 };
    let mut all = vec![
        (0x28, 0x02, "US", short(samples)),
        (0x28, 0x04, "CS", colour.as_bytes().to_vec()),
        (0x28, 0x10, "US", short(height)),
        (0x28, 0x11, "US", short(width)),
        (0x28, 0x100, "US", short(8)),
        (0x28, 0x101, "US", short(8)),
        (0x7fe0, 0x10, "OB", pixels),
    ];
    for attribute in more {
        all.retain(|(group, number, ..)| (*group, *number) != (attribute.0, attribute.1));
        all.push(attribute);
    }
    all.sort_by_key(|&(group, number, ..)| (group, number));
    all
}

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

/// Fragments behind an empty table of offsets.
fn encapsulated(fragments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0];
    for fragment in fragments {
        let mut fragment = fragment.to_vec();
        fragment.resize(fragment.len().next_multiple_of(2), 0);
        bytes.extend([0xfe, 0xff, 0, 0xe0]);
        bytes.extend((fragment.len() as u32).to_le_bytes());
        bytes.extend(fragment);
    }
    bytes.extend([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn what_pydicom_wrote_has_the_pixels_of_its_png_and_jpeg() {
    let (dicom, png) = (
        read(&sample("dicom/detail.dcm")).expect("reads"),
        read(&sample("dicom/detail.png")).expect("reads"),
    );
    assert_eq!((dicom.width_px, dicom.height_px), (180, 160));
    assert!(dicom.pixels == png.pixels);
    assert_eq!(dicom.source.decoder, "dicom-object 0.10.1");
    let (dicom, jpeg) =
        (read(&sample("dicom/clipped.dcm")).expect("reads"), read(&sample("clipped.jpg")).expect("reads"));
    assert!(dicom.pixels == jpeg.pixels);
    assert_eq!(dicom.source.decoder, "dicom-object 0.10.1 + zune-jpeg 0.5.15");
    for photo in [dicom, read(&sample("dicom/detail.dcm")).expect("reads")] {
        let scale = photo.source.stated_scale.expect("a scale");
        assert_eq!((scale.um_per_px_x, scale.um_per_px_y), (5.0, 5.0));
        assert_eq!(scale.source, StatedScaleSource::DicomPixelSpacing);
    }
}

#[test]
fn spacing_runs_down_first_and_is_found_in_a_functional_group() {
    let spacing = |text: &str| (0x28, 0x30, "DS", text.as_bytes().to_vec());
    let photo = |more| read(&file(EXPLICIT, &attributes([2, 1], "RGB", vec![9; 6], more))).expect("reads");
    let scale = photo(vec![spacing("0.00502\\0.005")]).source.stated_scale.expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.um_per_px_y.round(), scale.um_per_px_y > 5.0), (5.0, 5.0, true));
    let scale =
        photo(vec![(0x18, 0x1164, "DS", b"0.004\\0.004".to_vec())]).source.stated_scale.expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.source), (4.0, StatedScaleSource::DicomImagerPixelSpacing));
    assert_eq!(photo(vec![spacing("a name")]).source.stated_scale, None);

    let item = |content: &[u8]| {
        let end = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0];
        let close = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
        [&[0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff], content, &end, &close].concat()
    };
    let inner = [&[0x28, 0, 0x30, 0, b'D', b'S', 12, 0][..], b"0.006\\0.006 "].concat();
    let measures =
        [&[0x28, 0, 0x10, 0x91, b'S', b'Q', 0, 0, 0xff, 0xff, 0xff, 0xff][..], &item(&inner)].concat();
    let scale = photo(vec![(0x5200, 0x9229, "SQ", item(&measures))]).source.stated_scale.expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.source), (6.0, StatedScaleSource::DicomPixelSpacing));
}

#[test]
fn frames_are_counted_and_the_first_is_read() {
    let first = jpeg(jpeg_encoder::ColorType::Rgb, |_| {});
    let second = jpeg(jpeg_encoder::ColorType::Rgb, |encoder| encoder.set_progressive(true));
    let frames = vec![(0x28, 0x08, "IS", b"2".to_vec())];
    // The first frame is cut into two fragments.
    let (a, b) = first.split_at(100);
    let data = encapsulated(&[a, b, &second]);
    let photo =
        read(&file(JPEG, &attributes([WIDTH, 13], "YBR_FULL_422", data, frames.clone()))).expect("reads");
    assert_eq!(photo.source.images, 2);
    assert!(photo.pixels == read(&first).expect("reads").pixels);
    let native = attributes([WIDTH, 13], "RGB", [pattern(3), vec![0; pattern(3).len()]].concat(), frames);
    assert_eq!(read(&file(EXPLICIT, &native)).expect("reads").pixels, Pixels::Rgb8(pattern(3)));
    let measured = crate::measure(&photo, None, &crate::Protocol::default());
    let finding = &measured.quality.findings[0];
    assert_eq!(finding.message, "The DICOM holds 2 images; the first was measured.");
}

#[test]
fn grey_inverted_planes_and_palette() {
    let pixels = |colour: &str, data: Vec<u8>, more| {
        read(&file(EXPLICIT, &attributes([2, 1], colour, data, more))).expect("reads").pixels
    };
    assert_eq!(pixels("MONOCHROME2", vec![7, 9], vec![]), Pixels::Rgb8(vec![7, 7, 7, 9, 9, 9]));
    assert_eq!(pixels("MONOCHROME1", vec![7, 9], vec![]), Pixels::Rgb8(vec![248, 248, 248, 246, 246, 246]));
    let planes = vec![(0x28, 0x06, "US", vec![1, 0])];
    assert_eq!(pixels("RGB", vec![1, 2, 3, 4, 5, 6], planes), Pixels::Rgb8(vec![1, 3, 5, 2, 4, 6]));
    // Red's table starts at index 4.
    let words = |values: [u16; 2]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let descriptor = || [2u16, 4, 16].iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let palette = vec![
        (0x28, 0x1101, "US", descriptor()),
        (0x28, 0x1102, "US", descriptor()),
        (0x28, 0x1103, "US", descriptor()),
        (0x28, 0x1201, "OW", words([100, 200])),
        (0x28, 0x1202, "OW", words([300, 400])),
        (0x28, 0x1203, "OW", words([500, 600])),
    ];
    assert_eq!(
        pixels("PALETTE COLOR", vec![5, 4], palette),
        Pixels::Rgb16(vec![200, 400, 600, 100, 300, 500])
    );
}

#[test]
fn what_is_not_read_is_named() {
    let photo = |syntax, more| {
        read(&file(syntax, &attributes([2, 1], "RGB", vec![9; 6], more))).expect_err("refused").to_string()
    };
    let cases = [
        (photo("1.2.840.10008.1.2.4.80", vec![]), "JPEG-LS"),
        (photo("1.2.840.10008.1.2.4.103", vec![]), "MPEG video"),
        (photo("1.2.840.10008.1.2.1.99", vec![]), "deflated"),
        (photo("1.2.3.4", vec![]), "that is not known here"),
        (photo(EXPLICIT, vec![(0x08, 0x60, "CS", b"CT".to_vec())]), "modality CT"),
        (photo(EXPLICIT, vec![(0x28, 0x34, "IS", b"1\\2".to_vec())]), "not square"),
        (photo(EXPLICIT, vec![(0x28, 0x30, "DS", b"0.005\\0.010".to_vec())]), "not square"),
        (photo(EXPLICIT, vec![(0x18, 0x1164, "DS", b"0.005\\0.010".to_vec())]), "not square"),
        (photo(EXPLICIT, vec![(0x28, 0x102, "US", vec![9, 0])]), "highest bit 9 of 8 bits stored in 8"),
        (photo(EXPLICIT, vec![(0x28, 0x102, "US", vec![3, 0])]), "highest bit 3 of 8 bits stored in 8"),
        (photo(EXPLICIT, vec![(0x7fe0, 0x10, "OB", vec![9; 12])]), "12 bytes of pixels where 6 belong"),
        (photo(EXPLICIT, vec![(0x28, 0x103, "US", vec![1, 0])]), "signed"),
        (photo(EXPLICIT, vec![(0x28, 0x100, "US", vec![32, 0])]), "8 of 32 bits"),
        (photo(EXPLICIT, vec![(0x28, 0x02, "US", vec![4, 0])]), "4 samples per pixel where 3 belong"),
        (photo(EXPLICIT, vec![(0x7fe0, 0x10, "OB", vec![9; 4])]), "4 bytes of pixels where 6 belong"),
        (photo(JPEG, vec![]), "not compressed"),
    ];
    for (message, wanted) in cases {
        assert!(message.contains(wanted) && message.starts_with("the photo is a "), "{message}");
    }
}

/// Words that a file holds must not come out in an error.
#[test]
fn no_name_gets_into_a_message() {
    let named =
        vec![(0x10, 0x10, "PN", b"Secret^Name".to_vec()), (0x28, 0x30, "DS", b"Secret^Name".to_vec())];
    let whole = file(EXPLICIT, &attributes([2, 1], "RGB", vec![9; 6], named));
    for at in 128..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut broken = whole.clone();
            broken[at] ^= flip;
            if let Err(error) = read(&broken) {
                assert!(!error.to_string().contains("Secret"), "{error}");
            }
        }
        if let Err(error) = read(&whole[..at]) {
            assert!(!error.to_string().contains("Secret"), "{error}");
        }
    }
}

#[test]
fn samples_end_at_the_highest_bit() {
    let deep = |highest: u16, values: [u16; 2]| {
        let short = |value: u16| value.to_le_bytes().to_vec();
        let more = vec![
            (0x28, 0x100, "US", short(16)),
            (0x28, 0x101, "US", short(12)),
            (0x28, 0x102, "US", short(highest)),
        ];
        let data = values.into_iter().flat_map(u16::to_le_bytes).collect();
        read(&file(EXPLICIT, &attributes([2, 1], "MONOCHROME2", data, more))).expect("reads").pixels
    };
    let wanted = Pixels::Rgb16(vec![65_535, 65_535, 65_535, 4097, 4097, 4097]);
    assert_eq!(deep(11, [0xfff, 0x100]), wanted);
    assert_eq!(deep(15, [0xfff0, 0x1000]), wanted);
}

/// A picture inside that says another size than its attributes makes no decoder take memory for it.
#[test]
fn the_size_inside_must_be_the_size_outside() {
    let frame = |height: u16, width: u16, samples: u8| {
        let mut sof = vec![0xff, 0xd8, 0xff, 0xc3, 0, 8 + 3 * samples, 8];
        sof.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        sof.push(samples);
        (1..=samples).for_each(|id| sof.extend([id, 0x11, 0]));
        sof
    };
    let refused = |syntax, data: &[u8]| {
        let fragments = encapsulated(&[data]);
        read(&file(syntax, &attributes([2, 1], "RGB", fragments, vec![]))).expect_err("refused").to_string()
    };
    const LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
    let error = refused(LOSSLESS, &frame(65_500, 65_500, 3));
    assert!(error.contains("65500 x 65500 pixels inside, 2 x 1 outside"), "{error}");
    let error = refused(LOSSLESS, &frame(1, 2, 4));
    assert!(error.contains("4 samples of 8 bits per pixel, but its header 3 of 8"), "{error}");
    let error = refused(JPEG, &frame(65_500, 65_500, 3));
    assert!(error.contains("65500 x 65500 pixels inside"), "{error}");

    let mut j2k = vec![0xff, 0x4f, 0xff, 0x51, 0, 47, 0, 0];
    let sides: [u32; 8] = [60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0];
    j2k.extend(sides.iter().flat_map(|side| side.to_be_bytes()));
    j2k.extend([0, 3, 7, 1, 1, 7, 1, 1, 7, 1, 1]);
    let error = refused("1.2.840.10008.1.2.4.90", &j2k);
    assert!(error.contains("60000 x 60000 pixels inside, 2 x 1 outside"), "{error}");

    // Three segments, of which the first repeats its byte a thousand times.
    let mut runs = [3_u32, 64, 2064, 2066].map(u32::to_le_bytes).concat();
    runs.resize(64, 0);
    runs.extend([129, 9].repeat(1000));
    runs.extend([255, 9, 255, 9]);
    let error = refused("1.2.840.10008.1.2.5", &runs);
    assert!(error.contains("128000 bytes of pixels where 2 belong"), "{error}");
}

#[test]
fn pixels_that_begin_as_a_sequence_are_pixels_and_unknown_sequences_are_left_out() {
    let pixels = vec![0xfe, 0xff, 200, 1, 2, 3];
    let all = attributes([2, 1], "RGB", pixels.clone(), vec![]);
    let mut bytes = file("1.2.840.10008.1.2", &[]);
    for (group, number, _, mut value) in all {
        value.resize(value.len().next_multiple_of(2), b' ');
        bytes.extend([group.to_le_bytes(), number.to_le_bytes()].concat());
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(value);
    }
    assert_eq!(read(&bytes).expect("reads").pixels, Pixels::Rgb8(pixels));

    // A private sequence whose kind somebody did not know, its elements without kinds.
    let mut unknown = vec![0x27, 0, 0x10, 0x10, b'U', b'N', 0, 0, 0xff, 0xff, 0xff, 0xff];
    unknown.extend([0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff, 0x27, 0, 0x11, 0x10, 4, 0, 0, 0]);
    unknown.extend(b"ABCD");
    unknown.extend([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    let photo = file(EXPLICIT, &attributes([2, 1], "RGB", vec![9; 6], vec![]));
    let with = |unknown: &[u8]| [&photo[..bytes_before()], unknown, &photo[bytes_before()..]].concat();
    assert_eq!(read(&with(&unknown)).expect("reads").pixels, Pixels::Rgb8(vec![9; 6]));
    // In items of stated length those lengths are less without it; what follows is read.
    let length = |length: usize| (length as u32).to_le_bytes();
    let mut around = vec![0x25, 0, 0x10, 0x10, b'S', b'Q', 0, 0];
    around.extend(length(unknown.len() + 8));
    around.extend([0xfe, 0xff, 0, 0xe0]);
    around.extend(length(unknown.len()));
    around.extend(&unknown);
    assert_eq!(read(&with(&around)).expect("reads").pixels, Pixels::Rgb8(vec![9; 6]));
    let mut deeper = vec![0x23, 0, 0x10, 0x10, b'S', b'Q', 0, 0];
    deeper.extend(length(2 * around.len() + 8));
    deeper.extend([0xfe, 0xff, 0, 0xe0]);
    deeper.extend(length(2 * around.len()));
    deeper.extend(&around);
    deeper.extend(&around);
    assert_eq!(read(&with(&deeper)).expect("reads").pixels, Pixels::Rgb8(vec![9; 6]));
    // A length that is not that of its items is refused as before.
    deeper[8] += 2;
    let error = read(&with(&deeper)).expect_err("refused").to_string();
    assert!(error.contains("cut short or contradict"), "{error}");
}

/// The reader takes what is of no known kind for UN and allocates as much as its four bytes of length say.
#[test]
fn an_unknown_kind_is_no_way_around_the_lengths() {
    let mut photo = file(EXPLICIT, &[]);
    photo.extend([8, 0, 0x16, 0, b'U', 1, 0, 0, 0, 0x07, 0xce, 0x71]);
    photo.extend(&file(EXPLICIT, &attributes([2, 1], "RGB", vec![9; 6], vec![]))[bytes_before()..]);
    let error = read(&photo).expect_err("refused").to_string();
    assert!(error.contains("cut short or contradict"), "{error}");
}

/// Where the data set of [`file`] begins.
fn bytes_before() -> usize {
    file(EXPLICIT, &[]).len()
}

#[test]
fn file_information_without_its_length_is_named() {
    let whole = file(EXPLICIT, &attributes([2, 1], "RGB", vec![9; 6], vec![]));
    let without = [&whole[..132], &whole[144..]].concat();
    let error = read(&without).expect_err("refused").to_string();
    assert!(error.contains("does not begin with its length, (0002,0000)"), "{error}");
}
