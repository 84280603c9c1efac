//! The overlay as a picture.
//!
//! The reference shows a made record, not a measured one: it changes when the drawing changes, not when the measuring
//! does. It is no truth, only a guard against change by accident. When a picture differs, the test leaves
//! reference | difference | picture side by side in `target/diffs`; with `MAKE_REF=1` it writes the reference anew,
//! and fails, so that nobody leaves that on.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | pixels that differ from the reference | 0.5 % by more than 24 levels | another processor may round the coverage of a line's edge otherwise |
//! | size of the reference | 20 KiB | it stays in the repository's history for ever |

use std::fs;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage, imageops};
use vellus::{FollicularUnit, HairClass, Measurement};
use vellus_phantom::targets::{Shaft, Target};
use vellus_phantom::{Phantom, draw};
use vellus_report::overlay::{OverlayStyle, overlay};
use vellus_tests::drawn::{measure_phantom, small_scene};
use vellus_tests::line::distance_to;
use vellus_tests::record::as_it_is;

/// A terminal hair, a vellus hair and one that is not counted, exactly as drawn.
fn made_record() -> (Phantom, Measurement) {
    let shafts = vec![
        Shaft::straight(1, [40.0, 50.0], [150.0, 80.0], 13.0),
        Shaft::straight(2, [45.0, 75.0], [140.0, 120.0], 5.0),
        Shaft::straight(3, [190.0, 140.0], [239.5, 100.0], 11.0),
    ];
    let target = Target { width_px: 240, height_px: 180, noise_sd_levels: 2.0, shafts, ..Target::default() };
    let phantom = target.photograph(1);
    let mut measurement = as_it_is(measure_phantom(&phantom), &phantom.truth);
    measurement.hairs[2].counted = false;
    measurement.follicular_units = vec![FollicularUnit { id: 1, centre_px: [42.5, 62.5], hairs: vec![1, 2] }];
    measurement.hairs[..2].iter_mut().for_each(|hair| hair.follicular_unit = Some(1));
    (phantom, measurement)
}

/// Whether a pixel is a clear colour, which skin and hair are not: its channels lie far apart.
fn is_coloured(pixel: &Rgb<u8>) -> bool {
    let [r, g, b] = pixel.0;
    b > r.saturating_add(40) || (g > b.saturating_add(110) && r > b.saturating_add(110))
}

#[test]
fn every_counted_hair_of_a_scene_is_drawn_where_it_is() {
    let phantom = draw(&small_scene("clipped_typical", 700, 560), 401);
    let measurement = measure_phantom(&phantom);
    let style = OverlayStyle { labels: false, legend: false, ..OverlayStyle::default() };
    let picture = overlay(&phantom.image, &measurement, &style);
    assert_eq!(picture.dimensions(), phantom.image.dimensions());
    assert_eq!(picture, overlay(&phantom.image, &measurement, &style), "the same twice");

    let mut hairs = 0;
    for hair in measurement.counted().filter(|hair| hair.class == Some(HairClass::Terminal)) {
        // The outline runs along the edges, at half a width from the axis and a line's width beyond it.
        let reach = 0.5 * hair.width_px.expect("a width") + 3.0;
        let near =
            |(x, y): (u32, u32)| distance_to([f64::from(x), f64::from(y)], &hair.centreline_px) < reach;
        let coloured = picture.enumerate_pixels().filter(|(_, _, p)| is_coloured(p));
        let drawn = coloured.filter(|&(x, y, _)| near((x, y))).count();
        assert!(drawn as f64 > hair.length_px, "hair {}: {drawn} px of outline", hair.id);
        hairs += 1;
    }
    assert!(hairs >= 3, "{hairs} terminal hairs");
}

#[test]
fn where_no_hair_is_the_photo_stays_as_it_is() {
    let (phantom, measurement) = made_record();
    let style = OverlayStyle { labels: false, legend: false, ..OverlayStyle::default() };
    let picture = overlay(&phantom.image, &measurement, &style);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let p = [f64::from(x), f64::from(y)];
        let far = measurement.hairs.iter().all(|hair| distance_to(p, &hair.centreline_px) > 40.0);
        assert!(!far || pixel == phantom.image.get_pixel(x, y), "{x}, {y}");
    }
}

#[test]
fn the_overlay_looks_as_it_did() {
    let (phantom, measurement) = made_record();
    compare(&overlay(&phantom.image, &measurement, &OverlayStyle::default()), "overlay.png");
}

/// Compares with a reference picture; see the head of this file.
fn compare(picture: &RgbImage, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join("reference").join(name);
    if std::env::var_os("MAKE_REF").is_some() {
        picture.save(&path).expect("a reference that can be written");
        panic!("{} was written; look at it, then run without MAKE_REF", path.display());
    }
    let size = fs::metadata(&path).expect("a reference").len();
    assert!(size <= 20 * 1024, "{name} has {size} bytes");
    let reference = image::open(&path).expect("a reference").to_rgb8();
    assert_eq!(picture.dimensions(), reference.dimensions());
    let off = |a: &Rgb<u8>, b: &Rgb<u8>| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 24);
    let differing = picture.pixels().zip(reference.pixels()).filter(|(a, b)| off(a, b)).count();
    let share = differing as f64 / f64::from(picture.width() * picture.height());
    if share > 0.005 {
        let seen = triptych(&reference, picture, &folder.join("../target/diffs"), name);
        panic!("{:.2} % of {name} differ: {}", 100.0 * share, seen.display());
    }
}

/// Leaves reference, difference and picture side by side.
fn triptych(reference: &RgbImage, picture: &RgbImage, folder: &Path, name: &str) -> PathBuf {
    let (width, height) = picture.dimensions();
    let difference = RgbImage::from_fn(width, height, |x, y| {
        let (a, b) = (reference.get_pixel(x, y).0, picture.get_pixel(x, y).0);
        Rgb([0, 1, 2].map(|c| a[c].abs_diff(b[c]).saturating_mul(3)))
    });
    let mut all = RgbImage::new(3 * width, height);
    for (k, part) in [reference, &difference, picture].into_iter().enumerate() {
        imageops::replace(&mut all, part, i64::from(width) * k as i64, 0);
    }
    fs::create_dir_all(folder).expect("a folder for differences");
    let path = folder.join(name);
    all.save(&path).expect("a triptych that can be written");
    path
}
