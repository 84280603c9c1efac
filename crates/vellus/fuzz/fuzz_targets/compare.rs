//! Any two pictures: a comparison or a reason, and nothing else.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use vellus::{Calibration, CalibrationSource, CompareOptions, Photo, Protocol, Shot, compare};

#[derive(Debug, Arbitrary)]
struct Pair<'a> {
    widths: [u8; 2],
    /// Strokes on both pictures, so that there is something to register: from, to, and how far they move.
    strokes: Vec<[u8; 4]>,
    shift: [i8; 2],
    grain: &'a [u8],
}

const SIDE: u32 = 160;

fuzz_target!(|pair: Pair| {
    let strokes = &pair.strokes[..pair.strokes.len().min(40)];
    let shots = [[0, 0], pair.shift].map(|[dx, dy]| {
        let mut image = image::RgbImage::from_fn(SIDE + u32::from(pair.widths[0] % 40), SIDE, |x, y| {
            let grain = pair.grain.get((x + y * SIDE) as usize % pair.grain.len().max(1)).map_or(0, |v| v % 32);
            image::Rgb([200 - grain, 160 - grain, 140 - grain])
        });
        for [x0, y0, x1, y1] in strokes {
            let steps = 200;
            for step in 0..steps {
                let along = |a: u8, b: u8| (i32::from(a) * (steps - step) + i32::from(b) * step) / steps;
                let (x, y) = (along(*x0, *x1) + i32::from(dx) / 4, along(*y0, *y1) + i32::from(dy) / 4);
                for (ox, oy) in (-3..=3).flat_map(|ox| (-3..=3).map(move |oy| (ox, oy))) {
                    let (Ok(x), Ok(y)) = (u32::try_from(x + ox), u32::try_from(y + oy)) else { continue };
                    if x < image.width() && y < image.height() {
                        image.put_pixel(x, y, image::Rgb([40, 32, 28]));
                    }
                }
            }
        }
        let photo = Photo::from_image(image.into()).expect("pixels");
        let um_per_px = 2.0 + f64::from(pair.widths[1]) / 16.0;
        let scale = Calibration::new(um_per_px, CalibrationSource::Flag).expect("a scale");
        Shot::take(&photo, Some(scale), &Protocol::default())
    });
    match compare(&shots[0], &shots[1], &CompareOptions::default()) {
        Ok(comparison) => {
            let text = serde_json::to_string(&comparison).expect("a record is JSON");
            let back: vellus::Comparison = serde_json::from_str(&text).expect("a record comes back");
            assert_eq!(back, comparison);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
