use super::*;
use crate::fixture;

/// Draws on the made-up photo; with `VELLUS_SHOW=FOLDER` the picture is kept there for the eye.
fn draw(measurement: &Measurement, name: &str) -> RgbImage {
    let photo = fixture::photo(&fixture::measurement());
    let picture = overlay(&photo, measurement, &OverlayStyle::default());
    assert_eq!(picture.dimensions(), photo.dimensions());
    if let Some(folder) = std::env::var_os("VELLUS_SHOW") {
        picture.save(std::path::Path::new(&folder).join(name)).expect("saved");
    }
    picture
}

fn has(picture: &RgbImage, colour: Colour) -> bool {
    picture.pixels().any(|pixel| pixel.0 == colour)
}

#[test]
fn every_kind_of_hair_has_its_colour() {
    let picture = draw(&fixture::measurement(), "scaled.png");
    for colour in [TERMINAL, VELLUS, UNCOUNTED, UNIT] {
        assert!(has(&picture, colour), "{colour:?}");
    }
    assert!(!has(&picture, UNCLASSED));
}

#[test]
fn without_a_scale_hair_has_no_class() {
    let picture = draw(&fixture::unscaled(), "unscaled.png");
    assert!(has(&picture, UNCLASSED));
    assert!(!has(&picture, TERMINAL) && !has(&picture, VELLUS));
}

#[test]
fn a_failed_photo_shows_no_hair() {
    let picture = draw(&fixture::failed(), "failed.png");
    assert!(![TERMINAL, VELLUS, UNCLASSED, UNIT].into_iter().any(|colour| has(&picture, colour)));
}

#[test]
fn outside_the_region_the_photo_is_grey() {
    let mut measurement = fixture::measurement();
    measurement.region.shape = RegionShape::Circle { centre_px: [640.0, 512.0], radius_px: 400.0 };
    let picture = draw(&measurement, "region.png");
    let [r, g, b] = picture.get_pixel(1270, 512).0;
    assert!(r == g && g == b);
}

#[test]
fn the_line_runs_outside_of_the_shaft() {
    let mut measurement = fixture::measurement();
    measurement.hairs.truncate(1);
    measurement.follicular_units.clear();
    let hair = &mut measurement.hairs[0];
    (hair.centreline_px, hair.width_px) = (vec![[200.0, 500.0], [400.0, 500.0]], Some(20.0));
    (hair.root_px, hair.tip_px) = ([200.0, 500.0], [400.0, 500.0]);
    let photo = RgbImage::from_pixel(fixture::WIDTH, fixture::HEIGHT, image::Rgb([200, 180, 160]));
    let style = OverlayStyle { labels: false, legend: false, ..OverlayStyle::default() };
    let picture = overlay(&photo, &measurement, &style);
    let drawn: Vec<u32> =
        (480..=520).filter(|&y| picture.get_pixel(300, y) != photo.get_pixel(300, y)).collect();
    // Edges at 490 and 510; the line of 1.6 px beyond them and its rim of 0.6 px around it.
    assert_eq!((drawn.first(), drawn.last()), (Some(&488), Some(&512)));
    assert!(drawn.iter().all(|y| !(492..=508).contains(y)), "{drawn:?}");
}

#[test]
fn the_smallest_photo_is_drawn_on() {
    for side in [1, 2, 40] {
        let picture = overlay(&RgbImage::new(side, side), &fixture::measurement(), &OverlayStyle::default());
        assert_eq!(picture.dimensions(), (side, side));
    }
}

#[test]
fn the_same_measurement_gives_the_same_picture() {
    let measurement = fixture::measurement();
    assert_eq!(draw(&measurement, "scaled.png"), draw(&measurement, "scaled.png"));
}

#[test]
fn every_letter_of_the_overlay_is_in_the_font() {
    for c in "µ²–<(),.: 0123456789".chars() {
        assert!(canvas::text_width(&c.to_string(), 10.0) > 0.0, "{c}");
    }
}

#[test]
fn what_a_reader_drew_or_turned_has_its_sign() {
    let plain = draw(&fixture::measurement(), "plain.png");
    let corrected = draw(&fixture::corrected(), "corrected.png");
    assert!(!has(&plain, READER) && has(&corrected, READER));
}

#[test]
fn what_a_reader_took_out_is_dimmed() {
    let mut measurement = fixture::corrected();
    let [width, height] = [measurement.image.width_px, measurement.image.height_px];
    let photo = RgbImage::from_pixel(width, height, image::Rgb([210, 170, 150]));
    let style = OverlayStyle { labels: false, legend: false, scale: 1.0 };
    let before = overlay(&photo, &measurement, &style);
    let corners = vec![[-0.5, -0.5], [60.5, -0.5], [60.5, 60.5], [-0.5, 60.5]];
    // Drawn round twice, it is out all the same.
    measurement.corrections.as_mut().expect("a record").not_scalp_px =
        vec![[corners.clone(), corners].concat()];
    let after = overlay(&photo, &measurement, &style);
    let grey = |p: &image::Rgb<u8>| p[0] == p[1] && p[1] == p[2];
    let dimmed = |picture: &RgbImage| {
        (5..55)
            .flat_map(|y| (5..55).map(move |x| (x, y)))
            .filter(|&(x, y)| grey(picture.get_pixel(x, y)))
            .count()
    };
    assert!(dimmed(&before) < 500 && dimmed(&after) > 1200, "{} {}", dimmed(&before), dimmed(&after));
}
