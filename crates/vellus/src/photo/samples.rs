//! Small encoded photos for the tests, made in memory.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Sides of most samples, px: neither is a multiple of a block, an MCU or a tile.
pub(super) const WIDTH: u32 = 21;
pub(super) const HEIGHT: u32 = 13;

/// A busy but smooth pattern; every channel and both directions differ.
pub(super) fn pattern(channels: usize) -> Vec<u8> {
    let value = |x: u32, y: u32, c: usize| (x * 9 + y * (c as u32 * 5 + 2) + 40 * c as u32) as u8;
    let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    pixels.flat_map(|(x, y)| (0..channels).map(move |c| value(x, y, c))).collect()
}

pub(super) fn jpeg(color: ColorType, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 92);
    set(&mut encoder);
    let channels = match color {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    };
    let data = pattern(channels);
    encoder.encode(&data, WIDTH as u16, HEIGHT as u16, color).expect("encodes");
    bytes
}

/// Baseline, progressive, restart intervals, each kind of subsampling, separate scans, grey, both CMYK kinds, and
/// successive approximation.
pub(super) fn jpegs() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("4:4:4", jpeg(ColorType::Rgb, |_| {})),
        ("4:2:0", jpeg(ColorType::Rgb, |e| e.set_sampling_factor(SamplingFactor::F_2_2))),
        ("4:2:2", jpeg(ColorType::Rgb, |e| e.set_sampling_factor(SamplingFactor::F_2_1))),
        ("separate scans", jpeg(ColorType::Rgb, |e| e.set_optimized_huffman_tables(true))),
        ("restart", jpeg(ColorType::Rgb, |e| e.set_restart_interval(2))),
        ("progressive", jpeg(ColorType::Rgb, |e| e.set_progressive(true))),
        ("grey", jpeg(ColorType::Luma, |_| {})),
        ("cmyk", jpeg(ColorType::Cmyk, |_| {})),
        ("ycck", jpeg(ColorType::CmykAsYcck, |_| {})),
        ("refined", refined_jpeg()),
    ]
}

/// Progressive 4:2:0 with successive approximation, 20 x 17, made with Pillow 12 (libjpeg-turbo):
/// `im.save(f, 'JPEG', progressive=True, quality=35, subsampling='4:2:0', optimize=True)` of
/// `((37x + 11y) % 256, (x² + 5y) % 256, 3xy % 256)`.
pub(super) fn refined_jpeg() -> Vec<u8> {
    const HEX: &str = "\
     ffd8ffe000104a46494600010100000100010000ffdb00430017101114110e171412141a18171b223925221f1f22463235293952\
     4857555148504e5b66836f5b617c624e50729b737c878b929492586da0ac9f8eaa838f928dffdb004301181a1a221e2243252543\
     8d5e505e8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d\
     8d8dffc20011080011001403012200021101031101ffc4001800010101010100000000000000000000000003040102ffc4001701\
     0101010100000000000000000000000002010004ffda000c03010002100310000001c7b61a0a9bac3cdcae6273ff00ffc4001c10\
     00020202030000000000000000000000010200110332213141ffda000801010001050251c20a55a0a043acf5bac7a7ffc4001c11\
     00010305000000000000000000000000020001031021325181ffda0008010301013f019348a5267b22cbb4ffc400181101000301\
     0000000000000000000000000100101151ffda0008010201013f01c3221395ffc400161001010100000000000000000000000000\
     011000ffda0008010100063f02a66b3fffc4001c10000202020300000000000000000000000001112131817191b1ffda00080101\
     00013f2181c4d9088c4cc0d94a26a3b129d50b0e0f0980ffda000c0301000200030000001048383fffc4001c1100010305000000\
     000000000000000000010010112131617191ffda0008010301013f1029a703a8a000856346ffc4001b1100030002030000000000\
     0000000000000001112131a1b1d1ffda0008010201013f10b2559652ece0f3d8b47fffc4001e1001000202020301000000000000\
     00000001002131b111a11041c181ffda0008010100013f1035264e0fd80160b6afa2e17147389b01afb2f9a2ac5d3e938f6a6027\
     59b9d2dcf13fffd9";
    let digits: Vec<u8> = HEX.bytes().map(|byte| (byte as char).to_digit(16).expect("hex") as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

pub(super) fn png(samples: &[u8], color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(samples, WIDTH, HEIGHT, color).expect("encodes");
    bytes
}

/// A PNG of the `png` crate: any depth, palette, transparency, metadata.
pub(super) fn raw_png(
    size: [u32; 2],
    color: ::png::ColorType,
    depth: ::png::BitDepth,
    data: &[u8],
    set: impl FnOnce(&mut ::png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(color);
    encoder.set_depth(depth);
    set(&mut encoder);
    let mut writer = encoder.write_header().expect("header");
    writer.write_image_data(data).expect("data");
    writer.finish().expect("end");
    bytes
}

/// A TIFF with one strip per `rows` rows; `tags` are added.
pub(super) fn tiff<C: ::tiff::encoder::colortype::ColorType>(
    data: &[C::Inner],
    compression: ::tiff::encoder::Compression,
    tags: &[(u16, u16)],
) -> Vec<u8>
where
    [C::Inner]: ::tiff::encoder::TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let encoder = ::tiff::encoder::TiffEncoder::new(&mut bytes).expect("header");
    let mut encoder = encoder.with_compression(compression);
    let mut image = encoder.new_image::<C>(WIDTH, HEIGHT).expect("image");
    for &(tag, value) in tags {
        image.encoder().write_tag(::tiff::tags::Tag::from_u16_exhaustive(tag), value).expect("tag");
    }
    image.rows_per_strip(4).expect("strips");
    image.write_data(data).expect("data");
    bytes.into_inner()
}

/// An EXIF block that holds an orientation and nothing else, big-endian.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0]);
    block
}

/// The pattern as it looks upright when stored with an EXIF orientation, with width and height: written out from the
/// EXIF 2.3 table (what side of the scene row 0 and column 0 of the stored photo are).
pub(super) fn upright<T: Copy>(stored: &[T], orientation: u8) -> (u32, u32, Vec<T>) {
    let (w, h) = (WIDTH as usize, HEIGHT as usize);
    let (width, height) = if orientation < 5 { (w, h) } else { (h, w) };
    let mut out = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (sx, sy) = match orientation {
                1 => (x, y),
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            out.extend_from_slice(&stored[3 * (sy * w + sx)..][..3]);
        }
    }
    (width as u32, height as u32, out)
}
