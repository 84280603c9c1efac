//! A photo a part of which is out of focus.

use image::RgbImage;
use vellus::Photo;
use vellus::linear::linear;

/// A photo whose left part, up to a share of its width, is blurred by `sigma_px` more, in linear light as a lens does; the blur
/// sets in over 10 % of the width.
///
/// # Panics
/// When the picture has no pixel.
pub fn partly_blurred(image: &RgbImage, sigma_px: f32, share: f32) -> RgbImage {
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let light = linear(&photo);
    let blurred = light.primaries.each_ref().map(|plane| plane.gaussian(sigma_px));
    let width = image.width();
    let edge = share * width as f32;
    let ramp = 0.1 * width as f32;
    let mut picture = image.clone();
    for (i, pixel) in picture.pixels_mut().enumerate() {
        let x = (i as u32 % width) as f32;
        let weight = ((edge - x) / ramp + 0.5).clamp(0.0, 1.0);
        for (k, value) in pixel.0.iter_mut().enumerate() {
            let (sharp, soft) = (light.primaries[k].data[i], blurred[k].data[i]);
            *value = encoded(sharp + weight * (soft - sharp));
        }
    }
    picture
}

/// The sRGB value of linear light (IEC 61966-2-1).
fn encoded(light: f32) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let value = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (255.0 * value).round() as u8
}
