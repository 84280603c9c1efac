use image::Rgb;

use super::*;

/// Noise is what JPEG cannot make small.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        Rgb([0; 3].map(|_: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        }))
    })
}

fn decoded(uri: &str) -> RgbImage {
    let bytes = STANDARD.decode(uri.strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap();
    image::load_from_memory(&bytes).unwrap().into_rgb8()
}

#[test]
fn a_photo_keeps_its_size_where_it_can() {
    let photo = RgbImage::from_pixel(1280, 1024, Rgb([200, 170, 150]));
    assert_eq!(decoded(&data_uri(&photo, BUDGET_BYTES).unwrap()).dimensions(), (1280, 1024));
}

#[test]
fn a_large_photo_is_scaled_down_and_keeps_its_shape() {
    let uri = data_uri(&noise(1600, 1200), 300_000).unwrap();
    assert!(uri.len() < 400_100, "{} bytes", uri.len());
    let (width, height) = decoded(&uri).dimensions();
    assert!(width < 1600 && width > 400, "{width}");
    assert!((f64::from(width) / f64::from(height) - 4.0 / 3.0).abs() < 0.01);
}
