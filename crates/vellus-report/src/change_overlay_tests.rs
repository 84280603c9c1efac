use image::imageops;

use super::super::canvas::text_width;
use super::hairs::{GAINED, LOST, NOT_SEEN, SAME, THICKENED, THINNED, find};
use super::words::words_of;
use super::*;
use crate::fixture;

/// Draws on the made-up photos; with `VELLUS_SHOW=FOLDER` the picture is kept there for the eye.
fn draw(comparison: &Comparison, name: &str) -> RgbImage {
    let [baseline, follow_up] = fixture::photos(comparison);
    let picture = change(&baseline, &follow_up, comparison, &OverlayStyle::default());
    if let Some(folder) = std::env::var_os("VELLUS_SHOW") {
        picture.save(std::path::Path::new(&folder).join(name)).expect("saved");
    }
    picture
}

/// The halves of a picture without words.
fn halves(comparison: &Comparison, photos: &[RgbImage; 2]) -> [RgbImage; 2] {
    let style = OverlayStyle { labels: false, legend: false, ..OverlayStyle::default() };
    let picture = change(&photos[0], &photos[1], comparison, &style);
    let (width, height) = photos[0].dimensions();
    let right = picture.width() - width;
    [0, right].map(|x| imageops::crop_imm(&picture, x, 0, width, height).to_image())
}

fn has(picture: &RgbImage, colour: Colour) -> bool {
    picture.pixels().any(|pixel| pixel.0 == colour)
}

/// Without hairs.
fn bare() -> Comparison {
    let mut comparison = fixture::comparison();
    comparison.matches.clear();
    comparison.gained.clear();
    comparison.lost.clear();
    comparison.not_seen = Default::default();
    comparison
}

#[test]
fn every_fate_has_its_colour() {
    let picture = draw(&fixture::comparison(), "change.png");
    for colour in [SAME, GAINED, LOST, THICKENED, THINNED, NOT_SEEN, WHITE] {
        assert!(has(&picture, colour), "{colour:?}");
    }
}

#[test]
fn without_change_nothing_is_coloured() {
    let mut comparison = bare();
    comparison.matches = fixture::comparison().matches;
    comparison.matches.iter_mut().for_each(|found| found.diameter_change_um = Some(0.1));
    let halves = halves(&comparison, &fixture::photos(&comparison));
    for colour in [GAINED, LOST, THICKENED, THINNED] {
        assert!(halves.iter().all(|half| !has(half, colour)), "{colour:?}");
    }
    assert!(halves.iter().all(|half| has(half, SAME)));
}

#[test]
fn the_words_say_how_many() {
    let comparison = fixture::comparison();
    let warp = Warp::new(&comparison.registration, fixture::WIDTH, fixture::HEIGHT);
    let rows = words_of(&comparison, &hairs(&comparison, &warp), 2000.0, 20.0, Pen { unit: 1.0 });
    let words: Vec<&str> = rows.iter().flatten().map(|(_, words)| words.as_str()).collect();
    assert!(words[0].starts_with("Density: increase (+11.0, 4.0 to 18.0 per cm²"), "{words:?}");
    assert!(words[1].contains("(+0.4, –0.8 to 1.6 µm"), "the font has this dash alone: {words:?}");
    for expected in [
        "seen in both, unchanged 40",
        "gained 3",
        "lost 2",
        "thicker 3",
        "thinner 1",
        "the other photo cannot show it 2",
        "seen when looked for again 1",
        "1 mm",
    ] {
        assert!(words.contains(&expected), "{expected} in {words:?}");
    }
    for c in words.concat().chars() {
        assert!(c == ' ' || text_width(&c.to_string(), 10.0) > 0.0, "'{c}' is not in the font");
    }
}

#[test]
fn a_phototrichogram_shows_what_grows() {
    let mut comparison = fixture::phototrichogram();
    comparison.matches.iter_mut().zip(0..).for_each(|(found, i)| found.anagen = Some(i % 4 != 0));
    let warp = Warp::new(&comparison.registration, fixture::WIDTH, fixture::HEIGHT);
    let hairs = hairs(&comparison, &warp);
    let rows = words_of(&comparison, &hairs, 2000.0, 20.0, Pen { unit: 1.0 });
    let words: Vec<&str> = rows.iter().flatten().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words[0], "Growing (anagen): 82 % (68 to 91) of 37 hairs");
    // One of the 44 lies outside of the common area.
    for expected in ["growing 32", "resting 11", "seen in both, growth not told 1", "beside: growth, µm"] {
        assert!(words.contains(&expected), "{expected} in {words:?}");
    }
    assert!(!words.concat().contains("thicker"), "{words:?}");
    draw(&comparison, "growth.png");
}

#[test]
fn the_follow_up_lies_on_the_baseline() {
    let mut comparison = bare();
    comparison.follow_up.hairs.clear();
    // A dark spot on bright skin, where the map says that the baseline's (640, 400) lies.
    let spot = fixture::follow_up_place([640.0, 400.0]);
    let mut follow_up = fixture::blank([220, 190, 170]);
    for (x, y, pixel) in follow_up.enumerate_pixels_mut() {
        if (f64::from(x) - spot[0]).hypot(f64::from(y) - spot[1]) < 6.0 {
            *pixel = Rgb([20, 20, 20]);
        }
    }
    let [_, right] = halves(&comparison, &[fixture::blank([220, 190, 170]), follow_up]);
    let dark = right
        .enumerate_pixels()
        .filter(|(x, y, pixel)| (600..680).contains(x) && (360..440).contains(y) && pixel.0[0] < 120);
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for (x, y, _) in dark {
        sum = [sum[0] + f64::from(x), sum[1] + f64::from(y)];
        count += 1.0;
    }
    let centre = sum.map(|value| value / count);
    assert!((centre[0] - 640.0).abs() < 0.5 && (centre[1] - 400.0).abs() < 0.5, "{centre:?}");
}

#[test]
fn a_lost_hair_is_drawn_where_it_was_and_at_its_empty_place() {
    let mut comparison = bare();
    comparison.lost = vec![fixture::LOST[0]];
    let shaft = Shaft::of(find(&comparison.baseline, fixture::LOST[0]).expect("in the fixture"));
    let skin = [fixture::blank([220, 190, 170]), fixture::blank([220, 190, 170])];
    let halves = halves(&comparison, &skin);
    let pixels = halves.map(|half| {
        let orange = half.enumerate_pixels().filter(|(_, _, pixel)| pixel.0 == LOST);
        orange.map(|(x, y, _)| [x as f32, y as f32]).collect::<Vec<_>>()
    });
    for pixel in pixels.iter().flatten() {
        let near = shaft.axis.iter().any(|p| length([p[0] - pixel[0], p[1] - pixel[1]]) < 30.0);
        assert!(near, "{pixel:?}");
    }
    assert!(pixels[1].len() * 10 < pixels[0].len() * 9, "dashed is less than solid");
    assert!(pixels[1].len() * 10 > pixels[0].len() * 2, "but it is there");
}

#[test]
fn what_both_photos_do_not_show_is_dimmed() {
    let comparison = bare();
    let skin = [fixture::blank([220, 190, 170]), fixture::blank([220, 190, 170])];
    let [left, right] = halves(&comparison, &skin);
    // The follow-up begins 90 px further left and 60 px further down.
    let [r, g, b] = left.get_pixel(400, 5).0;
    assert!(r == g && g == b, "grey");
    assert!(right.get_pixel(400, 5).0.iter().all(|&value| value < 60), "nothing to show");
    assert_eq!(
        (left.get_pixel(640, 500), right.get_pixel(640, 500)),
        (&Rgb([220, 190, 170]), &Rgb([220, 190, 170]))
    );
}

#[test]
fn a_region_bounds_what_is_compared() {
    let mut comparison = bare();
    comparison.follow_up.region.shape =
        vellus::RegionShape::Circle { centre_px: [640.0, 512.0], radius_px: 300.0 };
    let [left, _] = halves(&comparison, &fixture::photos(&comparison));
    let [r, g, b] = left.get_pixel(200, 800).0;
    assert!(r == g && g == b, "grey");
}

#[test]
fn the_smallest_photo_is_drawn_on() {
    for side in [1, 2, 40] {
        let photo = RgbImage::new(side, side);
        let picture = change(&photo, &photo, &fixture::comparison(), &OverlayStyle::default());
        assert_eq!(picture.dimensions(), (2 * side + 1, side));
    }
}

#[test]
fn the_same_comparison_gives_the_same_picture() {
    let comparison = fixture::unscaled_comparison();
    assert_eq!(draw(&comparison, "unscaled_change.png"), draw(&comparison, "unscaled_change.png"));
}
