//! A region of a photo: as it is measured in the whole photo, and judged by itself.

use image::{Rgb, RgbImage};
use vellus::{
    Calibration, CalibrationSource, DiameterBasis, FindingCode, Hair, Measurement, Photo, Protocol,
    RegionShape, Verdict, measure,
};
use vellus_tests::drawn::{draw_as_file, scene, small_scene};

const UM_PER_PX: f64 = 5.0;

fn measured(image: &RgbImage, region: RegionShape) -> Measurement {
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let scale = Calibration::new(UM_PER_PX, CalibrationSource::Flag).expect("a scale");
    measure(&photo, Some(scale), &Protocol { region, ..Protocol::default() })
}

fn rectangle(x_px: f64, y_px: f64, width_px: f64, height_px: f64) -> RegionShape {
    RegionShape::Rectangle { x_px, y_px, width_px, height_px }
}

#[test]
fn a_region_is_measured_as_in_the_whole_photo() {
    let drawn = draw_as_file(&small_scene("clipped_typical", 2600, 2000), 7);
    let shape = rectangle(1300.0, 1000.0, 500.0, 400.0);
    let whole = measured(&drawn.image, RegionShape::Whole);
    let part = measured(&drawn.image, shape.clone());
    let inside = |hair: &&Hair| hair.counted && shape.contains(hair.root_px[0], hair.root_px[1]);
    let of_whole: Vec<&Hair> = whole.hairs.iter().filter(inside).collect();
    let of_part: Vec<&Hair> = part.counted().collect();
    assert!(of_whole.len() >= 8, "{} hairs", of_whole.len());
    // A hair at the limit of what counts may fall on either side: noise and texture are told from other pixels.
    assert!(of_whole.len().abs_diff(of_part.len()) <= 1, "{} and {}", of_whole.len(), of_part.len());
    let near = |a: &Hair, b: &Hair| (a.root_px[0] - b.root_px[0]).hypot(a.root_px[1] - b.root_px[1]) < 1.0;
    let same: Vec<(&Hair, &Hair)> =
        of_whole.iter().filter_map(|a| Some((*a, *of_part.iter().find(|b| near(a, b))?))).collect();
    assert!(same.len() + 1 >= of_whole.len(), "{} of {} at the same place", same.len(), of_whole.len());
    for (a, b) in same {
        // What stands free nowhere is read from what little shows between shafts, and as well as it says.
        let beside = is_beside(b);
        let [(a, a_se), (b, b_se)] =
            [a, b].map(|hair| (hair.width_px.expect("a width"), hair.width_se_px.expect("an error")));
        let allowed = if beside { 1.96 * a_se.hypot(b_se) } else { 0.03 * b };
        assert!((a - b).abs() < allowed, "{a} and {b} px");
    }
    assert!(of_part.iter().filter(|hair| !is_beside(hair)).count() >= 4, "most stand free");
}

fn is_beside(hair: &Hair) -> bool {
    hair.diameter_basis == Some(DiameterBasis::Beside)
}

/// A ruler over the left half of a photo, as another photo shows it: white, ticks, softened, with grain.
fn with_ruler(image: &RgbImage) -> RgbImage {
    let mut picture = image.clone();
    let half = image.width() / 2;
    let mut state = 5_u32;
    for (x, y, pixel) in picture.enumerate_pixels_mut().filter(|(x, ..)| *x < half) {
        let tick = y % 40 < 6 && x > half - if y / 40 % 5 == 0 { 300 } else { 160 };
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (state >> 29) as u8;
        *pixel = if tick { Rgb([30 + grain; 3]) } else { Rgb([225 + grain; 3]) };
    }
    image::imageops::blur(&picture, 0.8)
}

#[test]
fn a_region_is_judged_by_itself() {
    let drawn = draw_as_file(&scene("clipped_easy"), 11);
    let picture = with_ruler(&drawn.image);
    let half = f64::from(picture.width()) / 2.0;
    let on_skin = rectangle(half + 20.0, 10.0, half - 30.0, 1000.0);
    let beside_ruler = measured(&picture, on_skin.clone());
    let alone = measured(&image::imageops::blur(&drawn.image, 0.8), on_skin);
    assert_ne!(beside_ruler.quality.verdict, Verdict::Fail, "{:?}", beside_ruler.quality.findings);
    let (a, b) = (beside_ruler.summary.hair_count, alone.summary.hair_count);
    assert!(b >= 6 && a.abs_diff(b) <= 2, "{a} beside a ruler, {b} alone");

    let on_ruler = measured(&picture, rectangle(half - 340.0, 10.0, 330.0, 1000.0));
    assert_eq!(on_ruler.quality.verdict, Verdict::Fail, "{:?}", on_ruler.summary.hair_count);
}

#[test]
fn a_region_without_hair_is_of_its_own_kind() {
    let drawn = draw_as_file(&scene("clipped_easy"), 12);
    let mut picture = drawn.image;
    // A patch that the sensor did not see.
    for (_, _, pixel) in picture.enumerate_pixels_mut().filter(|(x, y, _)| *x < 400 && *y < 400) {
        *pixel = Rgb([128; 3]);
    }
    let patch = measured(&picture, rectangle(10.0, 10.0, 370.0, 370.0));
    assert_eq!(patch.quality.verdict, Verdict::Fail);
    let rest = measured(&picture, rectangle(500.0, 10.0, 700.0, 900.0));
    assert_ne!(rest.quality.verdict, Verdict::Fail, "{:?}", rest.quality.findings);
}

#[test]
fn a_region_of_a_few_pixels_is_too_small_whatever_they_look_like() {
    let drawn = draw_as_file(&small_scene("clipped_typical", 700, 500), 7);
    let photo = Photo::from_image(drawn.image.into()).expect("pixels");
    let scale = Calibration::new(UM_PER_PX, CalibrationSource::Flag).expect("a scale");
    for (region, scale) in [[1.0, 500.0], [700.0, 1.0], [1.0, 1.0], [3.0, 3.0], [20.0, 2.0]]
        .map(|[width, height]: [f64; 2]| rectangle(300.0_f64.min(700.0 - width), 0.0, width, height))
        .into_iter()
        .flat_map(|region| [(region.clone(), Some(scale)), (region, None)])
    {
        let protocol = Protocol { region: region.clone(), ..Protocol::default() };
        let measurement = measure(&photo, scale, &protocol);
        assert_eq!(measurement.quality.verdict, Verdict::Fail);
        let failed: Vec<FindingCode> = (measurement.quality.findings.iter())
            .filter(|finding| finding.severity == vellus::Severity::Failure)
            .map(|finding| finding.code)
            .collect();
        assert_eq!(failed, [FindingCode::FieldTooSmall], "{region:?}");
    }
}

#[test]
fn letters_drawn_straight_onto_the_photo_are_neither_scalp_nor_hair() {
    let drawn = draw_as_file(&small_scene("clipped_typical", 900, 700), 11);
    let (x0, y0, letters) = (300, 300, 8);
    let mut captioned = drawn.image.clone();
    for (x, y) in (0..letters * 20).flat_map(|x| (0..21).map(move |y| (x, y))) {
        // An H: two strokes of 4 px and a bar between.
        let along = x % 20;
        if along < 4 || (11..15).contains(&along) || along < 15 && (9..12).contains(&y) {
            captioned.put_pixel(x0 + x, y0 + y, Rgb([250; 3]));
        }
    }
    let plain = measured(&drawn.image, RegionShape::Whole);
    let with_print = measured(&captioned, RegionShape::Whole);
    let taken = with_print.region.masked_fraction - plain.region.masked_fraction;
    assert!(taken > 0.9 * f64::from(letters * 20 * 21) / (900.0 * 700.0), "{taken}");
    let is_letter = |hair: &&Hair| {
        hair.centreline_px.iter().all(|p| (296.0..464.0).contains(&p[0]) && (296.0..325.0).contains(&p[1]))
    };
    assert_eq!(with_print.counted().filter(is_letter).count(), 0);
}
