//! Any pixels, scale and region: a whole record comes back.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use vellus::{Calibration, CalibrationSource, Measurement, Photo, Protocol, RegionShape, measure};

#[derive(Debug, Arbitrary)]
struct Shot<'a> {
    width: u8,
    um_per_px: u16,
    region: Option<[u8; 4]>,
    pixels: &'a [u8],
}

fuzz_target!(|shot: Shot| {
    let width = usize::from(shot.width).max(1);
    let height = shot.pixels.len() / width;
    if height == 0 || height > 400 {
        return;
    }
    let grey = ndarray(&shot.pixels[..width * height], width);
    let region = shot.region.map_or(RegionShape::Whole, |[x, y, w, h]| RegionShape::Rectangle {
        x_px: f64::from(x),
        y_px: f64::from(y),
        width_px: f64::from(w) + 0.5,
        height_px: f64::from(h) + 0.5,
    });
    let scale = Calibration::new(f64::from(shot.um_per_px) / 256.0, CalibrationSource::Flag).ok();
    let measurement = measure(&grey, scale, &Protocol { region, ..Protocol::default() });
    let text = serde_json::to_string(&measurement).expect("a record is JSON");
    let back: Measurement = serde_json::from_str(&text).expect("a record comes back");
    assert_eq!(back, measurement);
});

fn ndarray(pixels: &[u8], width: usize) -> Photo {
    let image = image::GrayImage::from_raw(width as u32, (pixels.len() / width) as u32, pixels.to_vec());
    Photo::from_image(image.expect("as many pixels as the size says").into()).expect("pixels")
}
