use crate::print::letters::is_ink;
use image::{Rgb, RgbImage};

use super::*;
use crate::measure;
use crate::protocol::Protocol;

/// Textured skin with one hair.
fn skin() -> RgbImage {
    RgbImage::from_fn(400, 300, |x, y| {
        let grain = (x * 7919 + y * 104_729) % 23;
        let hair = (x + y).abs_diff(300) < 8 && (60..200).contains(&y);
        let skin = [190, 150, 125].map(|value: u8| value - 11 + grain as u8);
        Rgb(if hair { [40, 32, 28] } else { skin })
    })
}

/// The same with a caption with letters in a white strip.
fn captioned(letters: bool) -> RgbImage {
    let mut image = skin();
    for y in 250..280 {
        for x in 20..200 {
            image.put_pixel(x, y, Rgb([255; 3]));
        }
    }
    if letters {
        for y in 258..272 {
            for x in (30..190).filter(|x| x % 7 < 3) {
                image.put_pixel(x, y, Rgb([0; 3]));
            }
        }
    }
    image
}

#[test]
fn a_caption_is_filled_with_its_own_colour_and_measured_the_same() {
    let photo = Photo::from_image(captioned(true).into()).expect("pixels");
    let blanked = blank_captions(&photo, &[]);
    assert!(!blanked.boxes.is_empty(), "{blanked:?}");
    let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
    let after = RgbImage::from_raw(400, 300, samples.clone()).expect("a picture");
    let strip = image::imageops::crop_imm(&after, 20, 250, 180, 30).to_image();
    assert!(strip.pixels().all(|pixel| pixel.0 == [255; 3]), "letters are left");
    for (before, after) in captioned(true).enumerate_pixels().zip(after.pixels()) {
        let (x, y, before) = before;
        if !((14..206).contains(&x) && (244..286).contains(&y)) {
            assert_eq!(before, after, "skin is untouched at {x}, {y}");
        }
    }
    let protocol = Protocol::default();
    let [a, b] = [photo, Photo::from_image(after.into()).expect("pixels")]
        .map(|photo| measure(&photo, None, &protocol));
    assert_eq!((a.summary, a.region, a.hairs), (b.summary, b.region, b.hairs));
}

#[test]
fn a_frame_around_skin_is_left() {
    let mut image = captioned(false);
    for x in 60..320 {
        image.put_pixel(x, 40, Rgb([255; 3]));
        image.put_pixel(x, 200, Rgb([255; 3]));
    }
    let photo = Photo::from_image(image.into()).expect("pixels");
    let blanked = blank_captions(&photo, &[]);
    assert!(!blanked.left.is_empty());
    assert!(blanked.boxes.iter().all(|b| b[1] > 210), "{:?}", blanked.boxes);
}

#[test]
fn words_in_a_black_surround_and_boxes_that_were_asked_for_are_black() {
    let image = RgbImage::from_fn(400, 400, |x, y| {
        let inside = x.abs_diff(200).pow(2) + y.abs_diff(200).pow(2) < 150 * 150;
        let word = (8..60).contains(&x) && (8..20).contains(&y) && x % 5 < 2;
        Rgb(if inside {
            [190, 150, 125]
        } else if word {
            [250; 3]
        } else {
            [0; 3]
        })
    });
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let blanked = blank_captions(&photo, &[[100, 390, 900, 900]]);
    let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
    let after = RgbImage::from_raw(400, 400, samples.clone()).expect("a picture");
    assert!(
        image::imageops::crop_imm(&after, 0, 0, 80, 40).to_image().pixels().all(|pixel| pixel.0 == [0; 3])
    );
    assert_eq!(after.get_pixel(200, 200), image.get_pixel(200, 200));
    assert!(blanked.boxes.contains(&[100, 390, 399, 399]));
}

/// Grounds and letters, which software draws in.
const INKS: [[u8; 2]; 4] = [[0, 235], [255, 0], [90, 250], [0, 30]];

#[test]
fn a_caption_flush_with_the_frame_is_filled() {
    for ([left, top], [ground, ink]) in
        [[0, 0], [220, 0], [0, 276], [220, 276], [100, 0], [0, 120], [60, 276]]
            .into_iter()
            .flat_map(|place| INKS.map(|inks| (place, inks)))
    {
        let mut image = skin();
        for (x, y) in (0..180).flat_map(|x| (0..24).map(move |y| (x, y))) {
            let letter = (8..17).contains(&y) && (12..150).contains(&x) && x % 7 < 2;
            image.put_pixel(left + x, top + y, Rgb(if letter { [ink; 3] } else { [ground; 3] }));
        }
        let photo = Photo::from_image(image.into()).expect("pixels");
        let blanked = blank_captions(&photo, &[]);
        let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
        let after = RgbImage::from_raw(400, 300, samples.clone()).expect("a picture");
        let strip = image::imageops::crop_imm(&after, left, top, 180, 24).to_image();
        let first = strip.get_pixel(0, 0).0;
        assert!(
            strip.pixels().all(|pixel| pixel.0 == first),
            "letters are left at {left}, {top} on {ground}"
        );
        assert!(first == [ground; 3] || first == [255; 3], "{first:?} on {ground}");
        let (x, y) = (left as usize, top as usize);
        let is_told = |[x0, y0, x1, y1]: &[usize; 4]| *x0 <= x && *y0 <= y && *x1 >= x + 179 && *y1 >= y + 23;
        assert!(blanked.boxes.iter().any(is_told), "{:?} at {left}, {top}", blanked.boxes);
        for (x, y, pixel) in skin().enumerate_pixels() {
            if !((left..left + 180).contains(&x) && (top..top + 24).contains(&y)) {
                assert_eq!(after.get_pixel(x, y), pixel, "skin is untouched at {x}, {y}");
            }
        }
    }
}

#[test]
fn bands_over_a_whole_side_are_filled_however_wide() {
    for (across, depth, ground) in
        [(true, 20, 0), (true, 90, 0), (false, 90, 0), (false, 140, 255), (true, 140, 90)]
    {
        let mut image = skin();
        let ink = if ground > 127 { 0 } else { 240 };
        let in_band = |x: u32, y: u32| if across { y < depth } else { x >= 400 - depth };
        for (x, y) in (0..400).flat_map(|x| (0..300).map(move |y| (x, y))).filter(|&(x, y)| in_band(x, y)) {
            let letter = (6..15).contains(&y) && (270..390).contains(&x) && x % 7 < 2;
            image.put_pixel(x, y, Rgb([if letter { ink } else { ground }; 3]));
        }
        let photo = Photo::from_image(image.clone().into()).expect("pixels");
        let blanked = blank_captions(&photo, &[]);
        let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
        let after = RgbImage::from_raw(400, 300, samples.clone()).expect("a picture");
        let first = after.get_pixel(399, 0);
        for (x, y, pixel) in after.enumerate_pixels() {
            if in_band(x, y) {
                assert_eq!(pixel, first, "a band of {depth} px has letters at {x}, {y}");
            } else {
                assert_eq!(pixel, image.get_pixel(x, y), "skin is untouched at {x}, {y}");
            }
        }
    }
}

#[test]
fn light_and_dark_parts_of_a_photo_at_the_frame_are_no_panels() {
    // Glare and shadow with soft ends, and a field of one grey step beside another.
    let soft = RgbImage::from_fn(400, 300, |x, y| {
        let grain = ((x * 7919 + y * 104_729) % 23) as f64;
        let glare = 120.0 * (-f64::from(y) / 60.0).exp();
        let shadow = (f64::from(x) / 50.0).min(1.0);
        Rgb([180.0, 150.0, 130.0]
            .map(|value: f64| ((value - 11.0 + grain + glare) * shadow).min(255.0) as u8))
    });
    let steps = RgbImage::from_fn(400, 300, |x, y| {
        let hair = (x + y).abs_diff(300) < 8 && (60..180).contains(&y);
        Rgb(if hair { [20; 3] } else { [140 + (x / 40) as u8 * 3; 3] })
    });
    for image in [soft, steps] {
        let photo = Photo::from_image(image.into()).expect("pixels");
        assert_eq!(blank_captions(&photo, &[]).pixels, photo.pixels);
    }
}

#[test]
fn scalp_of_few_colours_in_a_frame_and_scalp_cut_off_by_a_bundle_are_left_and_named() {
    // As a GIF of few colours: large areas are of one value.
    let mut framed = RgbImage::from_fn(400, 300, |x, y| {
        let hair = (x + y).abs_diff(300) < 8 && (60..180).contains(&y);
        Rgb(if hair { [40, 32, 28] } else { [190 + (x / 40) as u8 * 3, 150, 125] })
    });
    for x in 60..320 {
        for y in [40, 200] {
            framed.put_pixel(x, y, Rgb([255, 240, 40]));
        }
    }
    // A black bundle parts a round field.
    let parted = RgbImage::from_fn(800, 800, |x, y| {
        let inside = x.abs_diff(400).pow(2) + y.abs_diff(400).pow(2) < 300 * 300;
        let bundle = (x + 285).abs_diff(y) < 18;
        Rgb(if inside && !bundle { [190, 150, 125] } else { [2; 3] })
    });
    for image in [framed, parted] {
        let photo = Photo::from_image(image.into()).expect("pixels");
        let blanked = blank_captions(&photo, &[]);
        assert_eq!(blanked.pixels, photo.pixels, "{:?}", blanked.boxes);
        assert!(!blanked.left.is_empty());
    }
}

/// Skin with a strip along the upper frame, through which it shines here and there, and letters up to `letters`.
fn with_strip(letters: u32) -> RgbImage {
    let mut image = captioned(false);
    for (x, y) in (4..300).flat_map(|x| (3..22).map(move |y| (x, y))) {
        // A hair shows through, so that the strip is not of one colour.
        let ground = if (120..150).contains(&x) { 44 } else { 70 };
        let letter = (7..18).contains(&y) && (20..letters).contains(&x) && x % 9 < 2;
        image.put_pixel(x, y, Rgb([if letter { 250 } else { ground }; 3]));
    }
    image
}

#[test]
fn of_a_strip_along_the_frame_nothing_is_left() {
    let before = with_strip(290);
    let photo = Photo::from_image(before.clone().into()).expect("pixels");
    let blanked = blank_captions(&photo, &[]);
    let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
    let after = RgbImage::from_raw(400, 300, samples.clone()).expect("a picture");
    let strip = image::imageops::crop_imm(&after, 4, 3, 296, 19).to_image();
    assert!(strip.pixels().all(|pixel| pixel.0 == strip.get_pixel(0, 0).0), "{:?}", blanked.boxes);
    for (x, y, pixel) in before.enumerate_pixels().filter(|(_, y, _)| (30..240).contains(y)) {
        assert_eq!(pixel, after.get_pixel(x, y), "skin is untouched at {x}, {y}");
    }
}

#[test]
fn print_of_a_vivid_colour_in_a_masked_box_is_filled_and_a_vivid_line_is_no_caption() {
    let mut image = captioned(false);
    for (x, y) in (220..380).flat_map(|x| (40..100).map(move |y| (x, y))) {
        let skin = image.get_pixel(x, y).0;
        let print = (50..90).contains(&y) && (230..370).contains(&x) && x % 8 < 2;
        image.put_pixel(x, y, Rgb(if print { [0, 0, 250] } else { skin.map(|v| 128 + v / 2) }));
    }
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let blanked = blank_captions(&photo, &[]);
    let of_print = |b: &&[usize; 4]| b[0] <= 230 && b[2] >= 369 && b[1] <= 50 && b[3] >= 89;
    let filled = blanked.boxes.iter().any(|b| of_print(&b));
    assert!(filled || blanked.left.iter().any(|b| of_print(&b)), "{:?} {:?}", blanked.boxes, blanked.left);

    let mut lined = captioned(false);
    (60..320).for_each(|x| lined.put_pixel(x, 100, Rgb([250, 10, 10])));
    let blanked = blank_captions(&Photo::from_image(lined.into()).expect("pixels"), &[]);
    assert!(
        blanked.left.is_empty() && blanked.boxes.iter().all(|b| b[1] > 200),
        "{:?} {:?}",
        blanked.left,
        blanked.boxes
    );
}

/// What of a name is in the copy, if nobody is told to look at all of it.
fn stays(image: &RgbImage, name: [u32; 4]) -> Option<String> {
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let blanked = blank_captions(&photo, &[]);
    let Pixels::Rgb8(samples) = &blanked.pixels else { panic!("8 bits") };
    let after = RgbImage::from_raw(image.width(), image.height(), samples.clone()).expect("a picture");
    let [x0, y0, x1, y1] = name;
    let of_name = image::imageops::crop_imm(&after, x0, y0, x1 - x0, y1 - y0).to_image();
    let is_blank = of_name.pixels().all(|pixel| pixel == of_name.get_pixel(0, 0));
    let is_named = blanked.left.iter().any(|b| {
        b[0] <= x0 as usize && b[1] <= y0 as usize && b[2] + 1 >= x1 as usize && b[3] + 1 >= y1 as usize
    });
    (!is_blank && !is_named).then(|| format!("{:?} {:?}", blanked.boxes, blanked.left))
}

#[test]
fn a_name_on_a_panel_of_any_colour_is_filled_or_named() {
    // Skin, pale and brown ones, olive, grey, and one that skin has not.
    let grounds = [
        [190, 150, 125],
        [205, 165, 140],
        [200, 170, 150],
        [240, 200, 200],
        [110, 75, 55],
        [120, 120, 80],
        [128; 3],
        [40, 60, 190],
    ];
    let mut tried = 0;
    for (ground, dot, side) in grounds
        .into_iter()
        .flat_map(|g| [1, 3].into_iter().flat_map(move |dot| (0..4).map(move |side| (g, dot, side))))
    {
        let ink = if ground[1] > 127 { [20; 3] } else { [245; 3] };
        let deep = 7 * dot + 8;
        let mut image = skin();
        let (width, height) = image.dimensions();
        let is_standing = side > 1;
        let along = if is_standing { height } else { width };
        let mut put = |a: u32, d: u32, colour: [u8; 3]| {
            let (x, y) = match side {
                0 => (a, d),
                1 => (a, height - deep + d),
                // Turned, as print along a side is.
                2 => (d, height - 1 - a),
                _ => (width - 1 - d, a),
            };
            image.put_pixel(x, y, Rgb(colour));
        };
        for (a, d) in (0..along).flat_map(|a| (0..deep).map(move |d| (a, d))) {
            let is_of_letter = a >= 20 && d >= 4 && is_ink(a - 20, d - 4, dot);
            put(a, d, if is_of_letter { ink } else { ground });
        }
        let (a0, a1, d0, d1) = (20, 20 + 35 * dot, 4, 4 + 7 * dot);
        let name = match side {
            0 => [a0, d0, a1, d1],
            1 => [a0, height - deep + d0, a1, height - deep + d1],
            2 => [d0, height - a1, d1, height - a0],
            _ => [width - d1, a0, width - d0, a1],
        };
        let stays = stays(&image, name);
        assert_eq!(stays, None, "{ground:?}, dots of {dot} px, side {side}");
        tried += 1;
    }
    assert_eq!(tried, 8 * 2 * 4);
}

#[test]
fn a_name_straight_on_the_skin_is_named_in_any_ink() {
    for ink in [[255, 255, 0], [255; 3], [0; 3], [0, 255, 0], [255, 0, 0], [0, 255, 255], [255, 160, 0]] {
        for dot in [1, 4] {
            let mut image = skin();
            for (x, y) in (0..35 * dot).flat_map(|x| (0..7 * dot).map(move |y| (x, y))) {
                if is_ink(x, y, dot) {
                    image.put_pixel(140 + x, 220 + y, Rgb(ink));
                }
            }
            let stays = stays(&image, [140, 220, 140 + 35 * dot, 220 + 7 * dot]);
            assert_eq!(stays, None, "{ink:?}, dots of {dot} px");
        }
    }
}

#[test]
fn letters_as_large_as_a_large_photo_has_them_are_named() {
    let mut image = RgbImage::from_fn(2600, 1700, |x, y| {
        let grain = ((x * 7919 + y * 104_729) % 23) as u8;
        Rgb([190, 150, 125].map(|value: u8| value - 11 + grain))
    });
    for (x, y) in (0..35 * 18).flat_map(|x| (0..7 * 18).map(move |y| (x, y))) {
        if is_ink(x, y, 18) {
            image.put_pixel(300 + x, 900 + y, Rgb([255; 3]));
        }
    }
    assert_eq!(stays(&image, [300, 900, 300 + 35 * 18, 900 + 7 * 18]), None);
}

#[test]
fn hairs_side_by_side_are_no_print() {
    // As many as letters, and as thick as their strokes, but each as long and as steep as it is.
    let image = RgbImage::from_fn(400, 300, |x, y| {
        let grain = ((x * 7919 + y * 104_729) % 23) as u8;
        let hair = x / 20;
        let along = (x + y / (3 + hair % 4)) % 20;
        let (first, long) = (60 + hair * 37 % 90, 12 + hair * 13 % 40);
        let is_hair = (4..7).contains(&along) && (first..first + long).contains(&y);
        Rgb(if is_hair { [40, 32, 28] } else { [190, 150, 125].map(|value: u8| value - 11 + grain) })
    });
    let photo = Photo::from_image(image.into()).expect("pixels");
    assert_eq!(blank_captions(&photo, &[]), Blanked { pixels: photo.pixels, boxes: vec![], left: vec![] });
}
