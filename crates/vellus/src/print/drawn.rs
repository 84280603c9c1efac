//! Print that software drew over a photo, in one ink: letters are no hair.
//!
//! Pixels → boxes of what is print, as tight as its letters. An ink is white, black or a colour that skin and hair rarely have;
//! its letters are evenly so, whatever lies under them. Where a line of it is found, what is as high as a letter and of the same ink
//! beside, above and below is print, too: short words and marks have too few letters to be a line themselves.
//!
//! # Limits
//!
//! Words with fewer than four letters of one height that stand alone, letters below 10 or above 90 px, tilted print, black print that
//! JPEG has paled (below 24 px at quality 75) and small print of a colour are not found. More print than a caption has is left:
//! a page of text is no scalp, and is told by what stays unexplained.

use rayon::prelude::*;

use super::{BoxPx, Line, lines_of};
use crate::deidentify::{is_vivid, overlap};
use crate::photo::Pixels;
use crate::scale::{Area, Tone, areas};

/// Least of the three primaries of white ink, of 255: JPEG pales a letter's thin strokes by a quarter of their contrast on skin.
const WHITE: u8 = 200;
/// Most of the three of black ink: hair in focus reflects more than this from its surface (4.6 %, 60 of 255 in sRGB).
const BLACK: u8 = 20;
/// Largest share of the scalp that is ink; more of it is what the photo itself is like.
const MOST_INK: f64 = 0.05;
/// Least height of a letter, px: specks of noise in dark hair line up below, at 8 px on one of 149 photos and drawings.
const LEAST_PX: usize = 10;
/// Most areas as high as a letter: more of them than a page of text has are the texture of what is photographed, and would take long.
const MOST_LETTERS: usize = 3000;
/// Largest share of the scalp that captions take; a page of text takes more, and what is photographed is none.
const MOST_PRINT: f64 = 0.1;
/// Room around a line in which the same ink belongs to it, in heights of a letter: a line's leading and the gap between words.
const BESIDE: usize = 2;
/// Largest side of what belongs to a line, in heights of its letters: capitals with accents. Hair as dark as black print is longer.
const LIKE_LETTERS: f32 = 1.6;

/// What software prints with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ink {
    White,
    Black,
    Vivid,
}

impl Ink {
    fn of(rgb: [u8; 3]) -> Option<Self> {
        if rgb.iter().all(|&v| v >= WHITE) {
            Some(Self::White)
        } else if rgb.iter().all(|&v| v <= BLACK) {
            Some(Self::Black)
        } else {
            is_vivid(rgb).then_some(Self::Vivid)
        }
    }
}

/// Boxes around print on what may be scalp, ends included, in a photo of a width and height in px.
pub(crate) fn drawn_over(pixels: &Pixels, scalp: &[bool], [width, height]: [usize; 2]) -> Vec<BoxPx> {
    let inks: Vec<Option<Ink>> = (0..scalp.len())
        .into_par_iter()
        .map(|i| if scalp[i] { Ink::of(pixels.bytes(i)) } else { None })
        .collect();
    let of_scalp = scalp.iter().filter(|&&scalp| scalp).count() as f64;
    let mut found = Vec::new();
    for kind in [Ink::White, Ink::Black, Ink::Vivid] {
        let data: Vec<u8> = inks.iter().map(|&ink| u8::from(ink == Some(kind))).collect();
        let count = data.iter().filter(|&&ink| ink > 0).count();
        if count == 0 || count as f64 > MOST_INK * of_scalp {
            continue;
        }
        let ink = areas(&Tone { width, height, data }, [0, 0, width, height], 0, false);
        if ink.iter().filter(|area| area.height() >= LEAST_PX).count() > MOST_LETTERS {
            continue;
        }
        let turned: Vec<Area> = ink.iter().map(Area::turned).collect();
        let lying = lines_of(&ink, height).into_iter();
        let standing = lines_of(&turned, width)
            .into_iter()
            .map(|Line { tall, area: [x0, y0, x1, y1] }| Line { tall, area: [y0, x0, y1, x1] });
        let lines: Vec<Line> = lying.chain(standing).filter(|line| line.tall >= LEAST_PX).collect();
        found.extend(with_same_ink(&lines, &ink));
    }
    let side = |first: usize, last: usize| (last - first + 1) as f64;
    let taken: f64 = found.iter().map(|b| side(b[0], b[2]) * side(b[1], b[3])).sum();
    if taken > MOST_PRINT * of_scalp { Vec::new() } else { found }
}

/// The boxes of lines and of the areas of the same ink that belong to them.
fn with_same_ink(lines: &[Line], ink: &[Area]) -> Vec<BoxPx> {
    let belongs = |b: &BoxPx| {
        lines.iter().any(|&Line { tall, area: [x0, y0, x1, y1] }| {
            let room = BESIDE * tall;
            let size = (b[2] - b[0]).max(b[3] - b[1]) as f32;
            size < LIKE_LETTERS * tall as f32
                && overlap(b, &[x0.saturating_sub(room), y0.saturating_sub(room), x1 + room, y1 + room])
        })
    };
    let letters = ink.iter().map(Area::bounds).filter(belongs);
    lines.iter().map(|line| line.area).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::letters::is_ink;

    const SIZE: [usize; 2] = [400, 300];

    /// Skin with grain, and ink where `drawn` says so.
    fn skin(ink: [u8; 3], drawn: impl Fn(u32, u32) -> bool) -> Pixels {
        let of = |(x, y): (u32, u32)| {
            let grain = ((x * 7919 + y * 104_729) % 23) as u8;
            if drawn(x, y) { ink } else { [190, 150, 125].map(|value: u8| value - 11 + grain) }
        };
        let pixels = (0..SIZE[1] as u32).flat_map(|y| (0..SIZE[0] as u32).map(move |x| (x, y)));
        Pixels::Rgb8(pixels.flat_map(of).collect())
    }

    fn found(pixels: &Pixels) -> Vec<BoxPx> {
        drawn_over(pixels, &vec![true; SIZE[0] * SIZE[1]], SIZE)
    }

    fn is_within(boxes: &[BoxPx], x: u32, y: u32) -> bool {
        let [x, y] = [x as usize, y as usize];
        boxes.iter().any(|b| (b[0]..=b[2]).contains(&x) && (b[1]..=b[3]).contains(&y))
    }

    #[test]
    fn a_caption_in_any_ink_is_found_whole_and_alone() {
        for ink in [[255; 3], [0; 3], [0, 0, 230], [255, 255, 0], [20, 235, 40]] {
            for is_standing in [false, true] {
                // A word of six letters, and one of two below it.
                let drawn = |x: u32, y: u32| {
                    let [along, across] = if is_standing { [y, x] } else { [x, y] };
                    let word = |dot: u32, at: [u32; 2], letters: u32| {
                        let (a, d) = (along.wrapping_sub(at[0]), across.wrapping_sub(at[1]));
                        a < letters * 6 * dot && d < 7 * dot && is_ink(a, d, dot)
                    };
                    word(3, [100, 80], 6) || word(3, [100, 110], 2)
                };
                let boxes = found(&skin(ink, drawn));
                for (x, y) in (0..400).flat_map(|x| (0..300).map(move |y| (x, y))) {
                    assert!(!drawn(x, y) || is_within(&boxes, x, y), "{ink:?} {x} {y} {boxes:?}");
                }
                let all = (0..400).flat_map(|x| (0..300).map(move |y| (x, y)));
                let covered = all.filter(|&(x, y)| is_within(&boxes, x, y)).count();
                assert!(covered < 108 * 52, "{ink:?}: {boxes:?}");
            }
        }
    }

    #[test]
    fn neither_hair_nor_bright_ground_is_a_caption() {
        // Strokes like those of letters, each as long as it is; black hair, and white hair.
        let strokes = |x: u32, y: u32| {
            let (first, long) = (60 + x / 20 * 37 % 90, 12 + x / 20 * 13 % 40);
            (4..7).contains(&((x + y / 3) % 20)) && (first..first + long).contains(&y)
        };
        for ink in [[0; 3], [255; 3]] {
            assert_eq!(found(&skin(ink, strokes)), Vec::<BoxPx>::new());
        }
        // A word beside hair of the same ink: what is longer than its letters is hair.
        let word = |x: u32, y: u32| {
            let (a, d) = (x.wrapping_sub(100), y.wrapping_sub(80));
            a < 108 && d < 21 && is_ink(a, d, 3)
        };
        let hair = |x: u32, y: u32| (220..226).contains(&x) && (70..110).contains(&y);
        let boxes = found(&skin([0; 3], |x, y| word(x, y) || hair(x, y)));
        assert!(is_within(&boxes, 110, 90) && !is_within(&boxes, 222, 90), "{boxes:?}");
        // White all over but for what looks like letters between.
        let ground = |x: u32, y: u32| !is_ink(x % 120, y % 40, 3);
        assert_eq!(found(&skin([255; 3], ground)), Vec::<BoxPx>::new());
    }

    #[test]
    fn a_page_of_text_is_no_caption() {
        // Lines of small letters over half of the picture.
        let page = |x: u32, y: u32| y < 150 && y % 25 < 14 && is_ink(x % 72, y % 25, 2);
        assert_eq!(found(&skin([0; 3], page)), Vec::<BoxPx>::new());
        // One of them is one.
        assert!(!found(&skin([0; 3], |x, y| y < 25 && page(x, y))).is_empty());
    }

    #[test]
    fn what_is_no_scalp_already_is_not_looked_at() {
        let drawn = skin([255; 3], |x, y| x < 108 && y < 21 && is_ink(x, y, 3));
        assert_eq!(drawn_over(&drawn, &vec![false; SIZE[0] * SIZE[1]], SIZE), Vec::<BoxPx>::new());
        assert!(!found(&drawn).is_empty());
    }
}
