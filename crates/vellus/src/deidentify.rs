//! A photo without what can name a person: captions that were burned into the pixels are blanked, and what a file says beside
//! its pixels is named, so that it can be told what was left out.
//!
//! # Input and output
//!
//! [`blank_captions`]: [`Photo`] → the pixels with every caption filled, and which boxes those were, px. Only boxes and bands
//! with unblurred edges are filled that the mask takes for graphics ([`crate::mask`]), and of those only flat ones: at least
//! half of their pixels are of one colour and many equal their neighbour, as no skin does; or grey strips along the frame. They are filled with that colour, so that the mask finds the
//! same edges and leaves out the same pixels, before and after. Islands in a black surround are filled with black.
//!
//! [`metadata_groups`]: the bytes of a file → which groups of metadata it holds, and how many of each.
//!
//! # Limits
//!
//! Text that is drawn straight onto the skin, without a box, is not recognised.

use std::collections::BTreeMap;

use crate::linear::linear;
use crate::mask::{graphics, islands};
use crate::photo::{Photo, Pixels};

pub use crate::photo::metadata_groups;

/// Least share of one colour in a caption: letters take up to half of a strip.
const FLAT_SHARE: f64 = 0.5;
/// How far a pixel may be from that colour to be of it, of 255: JPEG's ringing, which skin's texture exceeds.
const FLAT_LEVELS: u8 = 6;

/// Least share of neighbours along a row that are equal in all colours: two of ten are where the sensor's noise is as low as
/// 2 levels, nearly all are where software filled.
const EQUAL_SHARE: f64 = 0.3;

/// JPEG leaves few equal neighbours in a narrow caption. A strip of at most this width along the frame counts as flat, too, …
const STRIP_PX: usize = 48;
/// … if it lies within this share of the photo's side from the frame …
const FRAME_SHARE: f64 = 0.1;
/// … and at least this share of it is grey, as strips of captions are: within 12 levels.
const GREY_SHARE: f64 = 0.7;
const GREY_LEVELS: u8 = 12;

/// A box, first and last column and row, px.
pub type BoxPx = [usize; 4];

/// What [`blank_captions`] did.
#[derive(Debug, Clone, PartialEq)]
pub struct Blanked {
    /// The photo's pixels, with captions filled.
    pub pixels: Pixels,
    /// Boxes that were filled: `[x0, y0, x1, y1]`, ends included.
    pub boxes: Vec<BoxPx>,
    /// Boxes that have a caption's edges and were left, as their inside is not flat: it may be scalp.
    pub left: Vec<BoxPx>,
}

/// Fills captions. `asked` are further boxes to fill, with black.
pub fn blank_captions(photo: &Photo, asked: &[BoxPx]) -> Blanked {
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
    let light = linear(photo);
    let mut blanked = Blanked { pixels: photo.pixels.clone(), boxes: Vec::new(), left: Vec::new() };
    for found in united(graphics(&light)) {
        match flat_colour(&photo.pixels, [width, height], found) {
            Some(index) => {
                fill(&mut blanked.pixels, width, found, Some(index));
                blanked.boxes.push(found);
            }
            None => blanked.left.push(found),
        }
    }
    for found in islands(&light) {
        fill(&mut blanked.pixels, width, found, None);
        blanked.boxes.push(found);
    }
    for &[x0, y0, x1, y1] in asked {
        if x0 < width && y0 < height && x0 <= x1 && y0 <= y1 {
            let inside = [x0, y0, x1.min(width - 1), y1.min(height - 1)];
            fill(&mut blanked.pixels, width, inside, None);
            blanked.boxes.push(inside);
        }
    }
    blanked
}

/// Boxes that lie in others are part of them.
fn united(mut boxes: Vec<BoxPx>) -> Vec<BoxPx> {
    let area = |b: &BoxPx| (b[2] - b[0] + 1) * (b[3] - b[1] + 1);
    boxes.sort_by(|a, b| area(b).cmp(&area(a)).then(a.cmp(b)));
    let mut kept: Vec<BoxPx> = Vec::new();
    for b in boxes {
        let within = |a: &BoxPx| b[0] >= a[0] && b[1] >= a[1] && b[2] <= a[2] && b[3] <= a[3];
        if !kept.iter().any(within) {
            kept.push(b);
        }
    }
    kept
}

/// Index of a pixel of the box's commonest colour, if most of the box is of it.
fn flat_colour(pixels: &Pixels, [width, height]: [usize; 2], [x0, y0, x1, y1]: BoxPx) -> Option<usize> {
    let byte = |index: usize| pixels.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8);
    // Coarse first, so that the edge of a bin does not part one colour: the commonest bin, then all that is close to it.
    let mut counts: BTreeMap<[u8; 3], (usize, usize)> = BTreeMap::new();
    let places = || (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * width + x));
    for index in places() {
        let entry = counts.entry(byte(index).map(|value| value / 4)).or_insert((0, index));
        entry.0 += 1;
    }
    let (_, &(_, index)) =
        counts.iter().max_by_key(|(key, (count, _))| (*count, std::cmp::Reverse(**key)))?;
    let colour = byte(index);
    let close = |other: [u8; 3]| colour.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= FLAT_LEVELS);
    let same = places().filter(|&index| close(byte(index))).count();
    let pairs = ((y1 - y0 + 1) * (x1 - x0)).max(1);
    let equal = places().filter(|&index| index % width < x1 && byte(index) == byte(index + 1)).count();
    let pixels = ((x1 - x0 + 1) * (y1 - y0 + 1)) as f64;
    let near = |first: usize, last: usize, side: usize| {
        let reach = FRAME_SHARE * side as f64;
        (first as f64) < reach || last as f64 >= side as f64 - reach
    };
    let is_strip =
        (y1 - y0 < STRIP_PX && near(y0, y1, height)) || (x1 - x0 < STRIP_PX && near(x0, x1, width));
    let is_grey = |rgb: [u8; 3]| {
        rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least <= GREY_LEVELS)
    };
    let is_caption = || places().filter(|&index| is_grey(byte(index))).count() as f64 >= GREY_SHARE * pixels;
    let is_flat = equal as f64 >= EQUAL_SHARE * pairs as f64 || (is_strip && is_caption());
    (same as f64 >= FLAT_SHARE * pixels && is_flat).then_some(index)
}

/// Fills a box with the colour of a pixel, or with black.
fn fill(pixels: &mut Pixels, width: usize, [x0, y0, x1, y1]: BoxPx, like: Option<usize>) {
    fn rows<S: Copy + Default>(
        samples: &mut [S],
        width: usize,
        [x0, y0, x1, y1]: BoxPx,
        like: Option<usize>,
    ) {
        let colour =
            like.map_or([S::default(); 3], |i| [samples[3 * i], samples[3 * i + 1], samples[3 * i + 2]]);
        for y in y0..=y1 {
            for pixel in samples[3 * (y * width + x0)..3 * (y * width + x1 + 1)].as_chunks_mut::<3>().0 {
                *pixel = colour;
            }
        }
    }
    match pixels {
        Pixels::Rgb8(samples) => rows(samples, width, [x0, y0, x1, y1], like),
        Pixels::Rgb16(samples) => rows(samples, width, [x0, y0, x1, y1], like),
    }
}

#[cfg(test)]
#[path = "deidentify_tests.rs"]
mod tests;
