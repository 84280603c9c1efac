//! Decoding, texts, region files, measuring and comparing: any bytes give an answer or a reason.

use std::io::Write;

use arbitrary::{Arbitrary, Unstructured};
use vellus::corrections::CorrectionsFile;
use vellus::deidentify::metadata_groups;
use vellus::scale::Site;
use vellus::{Calibration, CalibrationSource, CompareOptions, Measurement, Photo, Protocol, RegionShape};
use vellus::{Comparison, DecodeLimits, region_file};

const MOST_PIXELS: u64 = 1 << 20;

/// Bytes as a photo: it decodes within the limits, or what is said of it quotes no file at length.
pub fn decode(bytes: &[u8]) {
    let limits = DecodeLimits { max_pixels: MOST_PIXELS, ..DecodeLimits::default() };
    let _ = metadata_groups(bytes);
    match Photo::from_bytes(bytes, &limits) {
        Ok(photo) => {
            let pixels = photo.width_px as usize * photo.height_px as usize;
            assert!(pixels > 0 && pixels as u64 <= MOST_PIXELS && photo.pixels.len() == pixels);
            assert!(photo.source.images > 0);
        }
        Err(error) => assert!(error.to_string().chars().count() < 600),
    }
}

/// Bytes as a site file, a protocol, a region, GeoJSON or corrections: what is accepted keeps its promises.
pub fn texts(bytes: &[u8]) {
    let _ = CorrectionsFile::parse(bytes, "fuzz.corrections.json");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(protocol) = Protocol::from_toml(text) {
        protocol.check().expect("what was accepted stays so");
    }
    if let Ok(site) = Site::from_toml(text) {
        let again =
            Site::from_toml(&site.to_toml().expect("what was accepted can be written")).expect("and read");
        assert_eq!(again, site);
    }
    if let Ok(shape) = text.parse::<RegionShape>() {
        assert!(shape.is_valid());
        assert_eq!(shape.row(3, 7).len(), 7);
    }
    if let Ok(parts) = region_file::parse_geojson(text, "fuzz") {
        for part in parts {
            let row = part.shape.row(2, 9);
            assert!((0..9).all(|x| row[x] == part.shape.contains(x as f64, 2.0)));
        }
    }
}

/// Bytes as a file of regions: masks and GeoJSON.
pub fn regions(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let limits = DecodeLimits { max_pixels: MOST_PIXELS, ..DecodeLimits::default() };
    match region_file::read(file.path(), &limits) {
        Ok(regions) => {
            assert!(!regions.parts.is_empty() && regions.parts.iter().all(|part| part.shape.is_valid()))
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[derive(Debug, Arbitrary)]
struct Pixels<'a> {
    width: u8,
    um_per_px: u16,
    region: Option<[u8; 4]>,
    pixels: &'a [u8],
}

/// Any pixels, scale and region: a whole record comes back.
pub fn measure(bytes: &[u8]) {
    let Ok(shot) = Pixels::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let width = usize::from(shot.width).max(1);
    let height = shot.pixels.len() / width;
    if height == 0 || height > 400 {
        return;
    }
    let pixels = shot.pixels[..width * height].to_vec();
    let image =
        image::GrayImage::from_raw(width as u32, height as u32, pixels).expect("as many as the size says");
    let region = shot.region.map_or(RegionShape::Whole, |[x, y, w, h]| RegionShape::Rectangle {
        x_px: f64::from(x),
        y_px: f64::from(y),
        width_px: f64::from(w) + 0.5,
        height_px: f64::from(h) + 0.5,
    });
    let scale = Calibration::new(f64::from(shot.um_per_px) / 256.0, CalibrationSource::Flag).ok();
    let photo = Photo::from_image(image.into()).expect("pixels");
    let measurement = vellus::measure(&photo, scale, &Protocol { region, ..Protocol::default() });
    let text = serde_json::to_string(&measurement).expect("a record is JSON");
    let back: Measurement = serde_json::from_str(&text).expect("a record comes back");
    assert_eq!(back, measurement);
}

#[derive(Debug, Arbitrary)]
struct Pair<'a> {
    wider: u8,
    um_per_px: u8,
    shift: [i8; 2],
    /// On both pictures, so that there is something to register: from, to.
    strokes: Vec<[u8; 4]>,
    grain: &'a [u8],
}

/// Small, as a run tells by how many pairs it tries.
const SIDE: u32 = 96;

/// Any two pictures: a comparison or a reason, and nothing else.
pub fn compare(bytes: &[u8]) {
    let Ok(pair) = Pair::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let um_per_px = 2.0 + f64::from(pair.um_per_px) / 16.0;
    let scale = Calibration::new(um_per_px, CalibrationSource::Flag).expect("a scale");
    let shots = [[0, 0], pair.shift].map(|shift| {
        let photo = Photo::from_image(picture(&pair, shift).into()).expect("pixels");
        vellus::Shot::take(&photo, Some(scale), &Protocol::default())
    });
    match vellus::compare(&shots[0], &shots[1], &CompareOptions::default()) {
        Ok(comparison) => {
            let text = serde_json::to_string(&comparison).expect("a record is JSON");
            let back: Comparison = serde_json::from_str(&text).expect("a record comes back");
            assert_eq!(back, comparison);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn picture(pair: &Pair, [dx, dy]: [i8; 2]) -> image::RgbImage {
    let mut image = image::RgbImage::from_fn(SIDE + u32::from(pair.wider % 40), SIDE, |x, y| {
        let grain = pair.grain.get((x + y * SIDE) as usize % pair.grain.len().max(1)).map_or(0, |v| v % 32);
        image::Rgb([200 - grain, 160 - grain, 140 - grain])
    });
    for [x0, y0, x1, y1] in pair.strokes.iter().take(40) {
        const STEPS: i32 = 200;
        for step in 0..STEPS {
            let on_side = |v: u8| i32::from(v) * SIDE as i32 / 256;
            let along = |a: u8, b: u8| (on_side(a) * (STEPS - step) + on_side(b) * step) / STEPS;
            let (x, y) = (along(*x0, *x1) + i32::from(dx) / 4, along(*y0, *y1) + i32::from(dy) / 4);
            for (ox, oy) in (-1..=1).flat_map(|ox| (-1..=1).map(move |oy| (ox, oy))) {
                let (Ok(x), Ok(y)) = (u32::try_from(x + ox), u32::try_from(y + oy)) else { continue };
                if x < image.width() && y < image.height() {
                    image.put_pixel(x, y, image::Rgb([40, 32, 28]));
                }
            }
        }
    }
    image
}
