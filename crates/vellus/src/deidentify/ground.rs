//! How sure it is that a box is a caption, by its colours.

use std::collections::BTreeMap;

use super::{BoxPx, FRAME_SHARE, GREY_SHARE, RIM_PX, STRIP_PX};
use crate::photo::Pixels;

/// Least share of one colour in a caption: letters take up to half of a strip.
pub(super) const FLAT_SHARE: f64 = 0.5;
/// How far a pixel may be from that colour to be of it, of 255: JPEG's ringing, which skin's texture exceeds.
pub(super) const FLAT_LEVELS: u8 = 6;
/// Least share of neighbours along a row that are equal in all colours: two of ten are where the sensor's noise is as low as
/// 2 levels, nearly all are where software filled.
const EQUAL_SHARE: f64 = 0.3;
const GREY_LEVELS: u8 = 16;
/// How far its pixels may be from its colour: skin shows through.
pub(super) const STRIP_LEVELS: u8 = 14;
/// Least spread of the primaries of a colour that software draws in, of 255: skin under blue light has 110 at the most.
const VIVID_LEVELS: u8 = 130;
/// Least share of such colours in a box of print, and its least side, px: a line around it is less, and no print.
const PRINT_SHARE: f64 = 0.03;
const PRINT_PX: usize = 16;
/// Least share of the colour in each row: text is broken, skin above a strip has nothing of it.
pub(super) const ROW_SHARE: f64 = 0.2;
/// Least share of the colour in the rim of a box, this far inside of it, px: letters stand clear of the edge, hairs and skin
/// do not.
pub(super) const RIM_SHARE: f64 = 0.95;

/// How sure it is that a box is a caption.
pub(super) enum Ground {
    /// Flat, and letters at most: index of a pixel of the ground.
    Flat(usize),
    /// A grey strip along the frame, through which skin may show: the same.
    Strip(usize),
    /// Print in a colour that neither skin nor hair has: the same.
    Print(usize),
    /// Anything else.
    Unsure,
}

pub(super) fn is_close(a: [u8; 3], b: [u8; 3], levels: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= levels)
}

/// Whether a colour is one that software draws in, and neither skin nor hair has.
pub(crate) fn is_vivid(rgb: [u8; 3]) -> bool {
    rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least >= VIVID_LEVELS)
}

pub(super) fn is_grey(rgb: [u8; 3]) -> bool {
    rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least <= GREY_LEVELS)
}

/// Whether most of a box is of one colour, and how sure it is that it is a caption.
pub(super) fn ground(pixels: &Pixels, [width, height]: [usize; 2], [x0, y0, x1, y1]: BoxPx) -> Ground {
    let byte = |index: usize| pixels.bytes(index);
    // Coarse first, so that the edge of a bin does not part one colour: the commonest bin, then all that is close to it.
    let mut counts: BTreeMap<[u8; 3], (usize, usize)> = BTreeMap::new();
    let places = || (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * width + x));
    for index in places() {
        let entry = counts.entry(byte(index).map(|value| value / 4)).or_insert((0, index));
        entry.0 += 1;
    }
    let Some((_, &(_, index))) =
        counts.iter().max_by_key(|(key, (count, _))| (*count, std::cmp::Reverse(**key)))
    else {
        return Ground::Unsure;
    };
    let colour = byte(index);
    let share = |hits: usize, of: usize| hits as f64 / of.max(1) as f64;
    let (across, down) = (x1 - x0 + 1, y1 - y0 + 1);
    // The outermost rows may be mixed with what lies outside, by JPEG.
    let skip = if down > 8 { RIM_PX } else { 0 };
    let is_mostly = |levels: u8| {
        let of_row = |y: usize| (x0..=x1).filter(|&x| is_close(colour, byte(y * width + x), levels)).count();
        let rows: Vec<usize> = (y0..=y1).map(of_row).collect();
        rows[skip..down - skip].iter().all(|&hits| share(hits, across) >= ROW_SHARE)
            && share(rows.iter().sum(), across * down) >= FLAT_SHARE
    };
    let equal = || places().filter(|&index| index % width < x1 && byte(index) == byte(index + 1)).count();
    if across > 2 * RIM_PX && down > 2 * RIM_PX && is_mostly(FLAT_LEVELS) {
        let [left, top, right, bottom] = [x0 + RIM_PX, y0 + RIM_PX, x1 - RIM_PX, y1 - RIM_PX];
        let rim = (left..=right)
            .flat_map(|x| [(x, top), (x, bottom)])
            .chain((top..=bottom).flat_map(|y| [(left, y), (right, y)]));
        let of = 2 * (right - left + 1 + bottom - top + 1);
        let hits = rim.filter(|&(x, y)| is_close(colour, byte(y * width + x), FLAT_LEVELS)).count();
        if share(hits, of) >= RIM_SHARE && share(equal(), down * (across - 1)) >= EQUAL_SHARE {
            return Ground::Flat(index);
        }
    }
    let near = |first: usize, last: usize, side: usize| {
        let reach = FRAME_SHARE * side as f64;
        (first as f64) < reach || last as f64 >= side as f64 - reach
    };
    let is_strip = (down <= STRIP_PX && near(y0, y1, height)) || (across <= STRIP_PX && near(x0, x1, width));
    let grey = || places().filter(|&index| is_grey(byte(index))).count();
    let print = || places().filter(|&index| is_vivid(byte(index))).count();
    if is_strip && is_mostly(STRIP_LEVELS) && share(grey(), across * down) >= GREY_SHARE {
        Ground::Strip(index)
    } else if across.min(down) >= PRINT_PX && share(print(), across * down) >= PRINT_SHARE {
        Ground::Print(index)
    } else {
        Ground::Unsure
    }
}
