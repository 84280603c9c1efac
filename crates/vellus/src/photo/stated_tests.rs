//! What files say of the length of their pixels, and what of it is none.

use ::png::{BitDepth, ColorType, PixelDimensions, Unit};
use ::tiff::encoder::colortype::RGB8;
use ::tiff::encoder::{Compression, Rational};
use ::tiff::tags::{ResolutionUnit, Tag};

use super::samples::{HEIGHT, WIDTH, jpegs, pattern, raw_png};
use super::stated::{imagej, ome};
use super::*;

fn stated(bytes: &[u8]) -> Option<StatedScale> {
    Photo::from_bytes(bytes, &DecodeLimits::default()).expect("reads").source.stated_scale
}

fn png_of(px_per_m: [u32; 2], unit: Unit) -> Vec<u8> {
    raw_png([WIDTH, HEIGHT], ColorType::Rgb, BitDepth::Eight, &pattern(3), |encoder| {
        encoder.set_pixel_dims(Some(PixelDimensions { xppu: px_per_m[0], yppu: px_per_m[1], unit }));
    })
}

fn tiff_of(unit: ResolutionUnit, px: [u32; 2], orientation: u16, description: Option<&str>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder =
        ::tiff::encoder::TiffEncoder::new(&mut bytes).expect("header").with_compression(Compression::Lzw);
    let mut image = encoder.new_image::<RGB8>(WIDTH, HEIGHT).expect("image");
    image.resolution_unit(unit);
    image.x_resolution(Rational { n: px[0], d: 1 });
    image.y_resolution(Rational { n: px[1], d: 1 });
    image.encoder().write_tag(Tag::Orientation, orientation).expect("tag");
    if let Some(text) = description {
        image.encoder().write_tag(Tag::ImageDescription, text).expect("tag");
    }
    image.write_data(&pattern(3)).expect("data");
    bytes.into_inner()
}

#[test]
fn a_physical_resolution_is_stated() {
    let png = stated(&png_of([200_000, 100_000], Unit::Meter)).expect("a scale");
    assert_eq!((png.um_per_px_x, png.um_per_px_y, png.source), (5.0, 10.0, StatedScaleSource::PngPhys));
    let tiff = stated(&tiff_of(ResolutionUnit::Centimeter, [2000, 1000], 1, None)).expect("a scale");
    assert_eq!(
        (tiff.um_per_px_x, tiff.um_per_px_y, tiff.source),
        (5.0, 10.0, StatedScaleSource::TiffResolution)
    );
    // A quarter turn exchanges the sides.
    let turned = stated(&tiff_of(ResolutionUnit::Centimeter, [2000, 1000], 6, None)).expect("a scale");
    assert_eq!((turned.um_per_px_x, turned.um_per_px_y), (10.0, 5.0));
    let mut jpeg = jpegs()[0].1.clone();
    // Behind SOI, APP0's head and "JFIF\0", version: the unit, then both densities.
    assert_eq!(&jpeg[6..11], b"JFIF\0");
    jpeg[13..18].copy_from_slice(&[2, 0x07, 0xd0, 0x03, 0xe8]);
    let jpeg = stated(&jpeg).expect("a scale");
    assert_eq!((jpeg.um_per_px_x, jpeg.um_per_px_y, jpeg.source), (5.0, 10.0, StatedScaleSource::Jfif));
}

#[test]
fn defaults_of_printers_and_screens_are_none() {
    for dpi in [72, 96, 150, 300, 600, 1200, 2400] {
        assert_eq!(stated(&tiff_of(ResolutionUnit::Inch, [dpi, dpi], 1, None)), None, "{dpi} dpi");
        let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
        assert_eq!(stated(&png_of([per_metre, per_metre], Unit::Meter)), None, "{dpi} dpi");
    }
    assert_eq!(stated(&tiff_of(ResolutionUnit::None, [2000, 2000], 1, None)), None);
    assert_eq!(stated(&png_of([200_000, 200_000], Unit::Unspecified)), None);
    for (kind, jpeg) in jpegs() {
        assert_eq!(stated(&jpeg), None, "{kind}");
    }
    assert_eq!(StatedScale::new([f64::NAN, 5.0], StatedScaleSource::DicomPixelSpacing), None);
    assert_eq!(StatedScale::per_unit([0.0, 1.0], 1.0, StatedScaleSource::ImageJ), None);
}

#[test]
fn imagej_and_ome_name_their_unit() {
    let text = "ImageJ=1.54f\nunit=micron\nmin=0.0\n";
    let bytes = tiff_of(ResolutionUnit::None, [1, 1], 1, Some("ImageJ=1.54f\nunit=mm\n"));
    assert_eq!(stated(&bytes), None, "1 px per mm is 1,000 µm per px");
    let bytes = tiff_of(ResolutionUnit::None, [200, 100], 1, Some("ImageJ=1.54f\nunit=mm\n"));
    let scale = stated(&bytes).expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.um_per_px_y, scale.source), (5.0, 10.0, StatedScaleSource::ImageJ));
    assert_eq!(imagej(text, [0.2, 0.2]).expect("a scale").um_per_px_x, 5.0);
    assert_eq!(imagej("ImageJ=1.54f\nunit=furlong\n", [0.2, 0.2]), None);
    assert_eq!(imagej("a photo\nunit=mm\n", [0.2, 0.2]), None);

    let text = r#"<OME><Image><Pixels ID="P" PhysicalSizeX="5.5" PhysicalSizeY="0.006" PhysicalSizeYUnit="mm"/></Image></OME>"#;
    let scale = ome(text).expect("a scale");
    assert_eq!((scale.um_per_px_x, scale.um_per_px_y, scale.source), (5.5, 6.0, StatedScaleSource::OmeXml));
    assert_eq!(ome(r#"<Pixels PhysicalSizeX="5.5""#), None);
}
