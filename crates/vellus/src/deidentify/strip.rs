//! Strips along the upper or lower frame, through which skin may shine: what of them belongs together.

use std::cmp::Reverse;

use super::ground::{STRIP_LEVELS, is_close, is_grey};
use super::{BoxPx, FRAME_SHARE, GREY_SHARE, Part, REACH_PX, STRIP_PX};
use crate::photo::Pixels;

/// A strip goes on along its rows while at least this share of a column is of its colour, and the rest is grey, as letters are, …
const COLUMN_SHARE: f64 = 0.25;
/// … over gaps of at most this many px, as lines part the fields of a strip.
const GAP_PX: usize = 8;
/// Rows by which the pieces of one strip may differ: an edge lies beside the rows that it bounds.
const ROWS_APART_PX: usize = 2;
/// Farthest piece of a strip from the next one, in heights of the strip: some letters that no edge goes past.
const PIECES_APART: usize = 4;
/// Share of the letters' difference from the ground from which a pixel is of one: their blurred edge is less.
const LETTER_SHARE: f32 = 0.6;

/// The strips along the upper or lower frame of which pieces were found: fields of the same rows, or hard edges in their first
/// or last row, near to each other. Letters, and skin that shows through, part a strip into such pieces.
pub(super) fn whole_strips(filled: &[Part], edges: &[BoxPx], [width, height]: [usize; 2]) -> Vec<Part> {
    let reach = (FRAME_SHARE * height as f64) as usize;
    let is_field = |&([x0, y0, x1, y1], like): &Part| {
        like.is_some() && x1 - x0 > y1 - y0 && y1 - y0 < STRIP_PX && (y0 <= reach || y1 + reach >= height)
    };
    let mut fields: Vec<Part> = filled.iter().filter(|part| is_field(part)).copied().collect();
    fields.sort_by_key(|&([x0, y0, x1, y1], _)| (Reverse(x1 - x0), x0, y0, y1));
    let mut strips: Vec<Part> = Vec::new();
    for (field, like) in fields {
        let [x0, y0, x1, y1] = field;
        if strips
            .iter()
            .any(|(strip, _)| strip[0] <= x0 && strip[2] >= x1 && strip[1] <= y0 && strip[3] >= y1)
        {
            continue;
        }
        let near = |a: usize, b: usize| a.abs_diff(b) <= ROWS_APART_PX;
        let same_rows =
            |b: &BoxPx| b[1] + ROWS_APART_PX >= y0 && b[3] <= y1 + ROWS_APART_PX && b[3] - b[1] + 8 > y1 - y0;
        let along =
            |edge: &BoxPx| edge[2] - edge[0] > edge[3] - edge[1] && (near(edge[1], y0) || near(edge[3], y1));
        let boxes = filled.iter().map(|part| &part.0).filter(|b| same_rows(b));
        let mut pieces: Vec<[usize; 2]> =
            boxes.chain(edges.iter().filter(|e| along(e))).map(|b| [b[0], b[2]]).collect();
        pieces.sort_unstable();
        // A field that has all of its edges is whole.
        if pieces.iter().all(|&[first, last]| first + REACH_PX >= x0 && last <= x1 + REACH_PX) {
            continue;
        }
        let far = PIECES_APART * (y1 - y0 + 1);
        // Those that follow each other closely are of one strip.
        let [mut from, mut to] = [pieces[0][0], pieces[0][1]];
        for &[first, last] in &pieces {
            if first > to + far {
                if to >= x1 {
                    break;
                }
                from = first;
            }
            to = to.max(last);
        }
        // What is left to the frame is no longer than its own first field could be.
        let side = (FRAME_SHARE * width as f64) as usize;
        let from = if from <= side { 0 } else { from };
        let to = if to + side >= width { width - 1 } else { to };
        let strip = [from, y0, to, y1];
        // A caption of other rows that it would run into is not of it.
        let runs_into = |b: &BoxPx| b[0] <= to && b[2] >= from && b[1] <= y1 && b[3] >= y0 && !same_rows(b);
        if !filled.iter().any(|part| runs_into(&part.0)) {
            strips.push((strip, like));
        }
    }
    strips.retain(|(strip, _)| !filled.iter().any(|(part, _)| part == strip));
    strips
}

/// A strip with the letters that stand beyond its last piece: no edge goes through them.
pub(super) fn with_last_letters(
    pixels: &Pixels,
    [width, _]: [usize; 2],
    strip: BoxPx,
    like: Option<usize>,
) -> BoxPx {
    let [x0, y0, x1, y1] = strip;
    let Some(like) = like else { return strip };
    let level = |index: usize| pixels.rgb_unit(index).iter().sum::<f32>() / 3.0;
    let ground = level(like);
    let mut apart: Vec<f32> = (y0..=y1)
        .flat_map(|y| (x0..=x1).map(move |x| y * width + x))
        .map(|index| level(index) - ground)
        .collect();
    apart.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    // What differs most are the letters; a hundredth of a strip is less than one of them.
    let letter = apart[apart.len() - 1 - apart.len() / 100];
    let byte = |index: usize| pixels.bytes(index);
    let is_letter = |x: usize| {
        (y0..=y1).map(|y| y * width + x).any(|index| {
            (level(index) - ground) * letter.signum() >= LETTER_SHARE * letter.abs() && is_grey(byte(index))
        })
    };
    let far = y1 - y0 + 1;
    [last_of((0..x0).rev(), x0, far, is_letter), y0, last_of(x1 + 1..width, x1, far, is_letter), y1]
}

/// The last of the columns from `from` on that is of something, over gaps of at most `gap` columns.
fn last_of(
    columns: impl Iterator<Item = usize>,
    from: usize,
    gap: usize,
    is_of_it: impl Fn(usize) -> bool,
) -> usize {
    let (mut last, mut missed) = (from, 0);
    for x in columns {
        if is_of_it(x) {
            (last, missed) = (x, 0);
        } else if missed == gap {
            break;
        } else {
            missed += 1;
        }
    }
    last
}

/// A strip with the fields beside it, of the same rows.
pub(super) fn lengthened(
    pixels: &Pixels,
    [width, height]: [usize; 2],
    [x0, y0, x1, y1]: BoxPx,
    like: usize,
) -> BoxPx {
    let reach = (FRAME_SHARE * height as f64) as usize;
    if x1 - x0 < y1 - y0 || y1 - y0 >= STRIP_PX || (y0 > reach && y1 + reach < height) {
        return [x0, y0, x1, y1];
    }
    let byte = |index: usize| pixels.bytes(index);
    let colour = byte(like);
    let goes_on = |x: usize| {
        let column = || (y0..=y1).map(|y| byte(y * width + x));
        let of = (y1 - y0 + 1) as f64;
        let ground = column().filter(|&rgb| is_close(colour, rgb, STRIP_LEVELS)).count() as f64;
        let grey = column().filter(|&rgb| is_grey(rgb)).count() as f64;
        ground >= COLUMN_SHARE * of && grey >= GREY_SHARE * of
    };
    [last_of((0..x0).rev(), x0, GAP_PX, goes_on), y0, last_of(x1 + 1..width, x1, GAP_PX, goes_on), y1]
}
