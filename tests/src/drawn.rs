//! Measures what `vellus-phantom` draws.

use image::RgbImage;
use vellus::{Calibration, CalibrationSource, Measurement, Photo, Protocol, Shot, measure};
use vellus_phantom::{Encoding, Phantom, Scene, Visit, encode, grow, photograph};

/// Calibration as given on the command line.
///
/// # Panics
/// When the scale is out of range: no test draws at such a scale.
pub fn scale(um_per_px: f64) -> Calibration {
    Calibration::new(um_per_px, CalibrationSource::Flag).expect("a scale in range")
}

/// Measures pixels with the default protocol.
///
/// # Panics
/// When the picture has no pixel.
pub fn measure_image(image: &RgbImage, um_per_px: f64) -> Measurement {
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    measure(&photo, Some(scale(um_per_px)), &Protocol::default())
}

/// Measures pixels with the default protocol and keeps what a comparison needs. No scale: no µm.
///
/// # Panics
/// When the picture has no pixel.
pub fn shot(image: &RgbImage, um_per_px: Option<f64>) -> Shot {
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    Shot::take(&photo, um_per_px.map(scale), &Protocol::default())
}

/// Measures a phantom as the sensor gave it.
pub fn measure_phantom(phantom: &Phantom) -> Measurement {
    measure_image(&phantom.image, phantom.truth.um_per_px)
}

/// A named scene.
///
/// # Panics
/// When there is none of that name.
pub fn scene(name: &str) -> Scene {
    Scene::named(name).expect("a scene of that name")
}

/// A named scene, cut down to a smaller field.
pub fn small_scene(name: &str, width_px: u32, height_px: u32) -> Scene {
    Scene { width_px, height_px, ..scene(name) }
}

/// A drawn photo and its truth, after it went through the scene's file format: JPEG is part of the condition.
///
/// # Panics
/// When what was encoded cannot be decoded.
pub fn draw_as_file(scene: &Scene, seed: u64) -> Phantom {
    let visit = Visit::new(scene, seed);
    let phantom = photograph(&grow(scene, seed), &visit, seed);
    Phantom { image: through_file(&phantom.image, visit.encoding), ..phantom }
}

/// A photo after it was written to a file and read again.
///
/// # Panics
/// When what was encoded cannot be decoded.
pub fn through_file(image: &RgbImage, encoding: Encoding) -> RgbImage {
    let file = encode(image, encoding).expect("an encoded photo");
    image::load_from_memory(&file).expect("the photo decodes").to_rgb8()
}
