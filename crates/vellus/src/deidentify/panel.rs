//! Captions that are flush with the frame: panels of one colour, found by their ground and not by their edges, as the mask
//! takes a black one for the surround of a round field, and letters break the edge of a low one.
//!
//! Pixels → rectangles that reach the frame. From a run of one colour along the frame, rows follow while the colour goes on in
//! them, and the panel ends with the last row that is of it all along the run. Its sides are of the colour too, letters take up half
//! of it at most, and beyond its last row another colour begins at once.
//! If the colour is one that skin or hair may have, neither grey nor vivid, a line of print has to stand in it.

use super::ground::{FLAT_LEVELS, FLAT_SHARE, RIM_SHARE, ROW_SHARE, is_close, is_grey, is_vivid};
use super::left::overlap;
use super::{BoxPx, LETTER_PX, RIM_PX};
use crate::photo::Pixels;

/// Shortest side of a panel along the frame, px: a letter and what is around it.
const LEAST_PX: usize = 12;
/// On a side that is shorter than three letters, px, at least this share of a panel is print: else it may be a black hair.
const SHORT_PX: usize = 36;
const SHORT_PRINT_SHARE: f64 = 0.02;
/// Over what a run goes on, px: the stroke of a letter that touches the frame.
const STROKE_PX: usize = 8;
/// Farthest that a panel reaches into the photo, as a share of its side.
const DEEPEST_SHARE: f64 = 0.5;
/// Least share of the run beyond the last row that is of another colour, by this many levels: hair may be as dark as a panel.
const END_SHARE: f64 = 0.6;
const END_LEVELS: u8 = 2 * FLAT_LEVELS;
/// How far behind the last row that is looked for, px: JPEG mixes the rows at the edge.
const END_PX: usize = 3;
/// Least share of neighbours that are equal in all colours, within what JPEG does to them: 1 level. Of a sensor's pixels at full
/// or at no light all are, but those end in no straight line.
const EQUAL_SHARE: f64 = 0.3;

/// Panels, each with the index of a pixel of its colour. `print`: where lines of print were found.
pub(super) fn panels(pixels: &Pixels, [width, height]: [usize; 2], print: &[BoxPx]) -> Vec<(BoxPx, usize)> {
    let mut found = Vec::new();
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let frame = Frame { pixels, width, height, side };
        let mut from = 0;
        while from + LEAST_PX <= frame.along() {
            let last = frame.run(from);
            if last + 1 - from < LEAST_PX {
                from += 1;
                continue;
            }
            let colour = frame.byte(from, 0);
            let is_drawn = |panel: &BoxPx| {
                is_grey(colour) || is_vivid(colour) || print.iter().any(|line| overlap(line, panel))
            };
            let panel = frame.panel(from, last).filter(is_drawn);
            found.extend(panel.map(|panel| (panel, frame.index(from, 0))));
            from = last + 1;
        }
    }
    found
}

#[derive(Clone, Copy)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

/// The photo as seen from one side of its frame.
struct Frame<'a> {
    pixels: &'a Pixels,
    width: usize,
    height: usize,
    side: Side,
}

impl Frame<'_> {
    fn along(&self) -> usize {
        match self.side {
            Side::Top | Side::Bottom => self.width,
            Side::Left | Side::Right => self.height,
        }
    }

    fn deep(&self) -> usize {
        self.width + self.height - self.along()
    }

    /// Which pixel lies `a` along the side and `d` away from it.
    fn index(&self, a: usize, d: usize) -> usize {
        match self.side {
            Side::Top => d * self.width + a,
            Side::Bottom => (self.height - 1 - d) * self.width + a,
            Side::Left => a * self.width + d,
            Side::Right => a * self.width + self.width - 1 - d,
        }
    }

    fn byte(&self, a: usize, d: usize) -> [u8; 3] {
        self.pixels.bytes(self.index(a, d))
    }

    /// Where the colour that begins at `from` ends along the frame.
    fn run(&self, from: usize) -> usize {
        let colour = self.byte(from, 0);
        let mut last = from;
        for a in from + 1..self.along() {
            if is_close(colour, self.byte(a, 0), FLAT_LEVELS) {
                last = a;
            } else if a - last > STROKE_PX {
                break;
            }
        }
        last
    }

    /// The panel whose side on the frame goes from `a0` to `a1`.
    fn panel(&self, a0: usize, a1: usize) -> Option<BoxPx> {
        let colour = self.byte(a0, 0);
        let length = (a1 + 1 - a0) as f64;
        let is_ground = |a: usize, d: usize| is_close(colour, self.byte(a, d), FLAT_LEVELS);
        let deepest = (DEEPEST_SHARE * self.deep() as f64) as usize;
        let (mut last, mut hits, mut hits_to_last) = (None, 0, 0);
        for d in 0..deepest {
            let of_row = (a0..=a1).filter(|&a| is_ground(a, d)).count();
            if (of_row as f64) < ROW_SHARE * length {
                break;
            }
            hits += of_row;
            if of_row as f64 >= RIM_SHARE * length {
                (last, hits_to_last) = (Some(d), hits);
            }
        }
        let last = last.filter(|&last| last + 1 >= LETTER_PX && last + END_PX < deepest)?;
        let depth = (last + 1) as f64;
        let is_of_side =
            |a: usize| (0..=last).filter(|&d| is_ground(a, d)).count() as f64 >= RIM_SHARE * depth;
        let left = a0 == 0 || is_of_side(a0 + RIM_PX);
        let right = a1 + 1 == self.along() || is_of_side(a1 - RIM_PX);
        let beyond =
            (a0..=a1).filter(|&a| !is_close(colour, self.byte(a, last + END_PX), END_LEVELS)).count();
        let is_equal = |a: usize, d: usize| is_close(self.byte(a, d), self.byte(a + 1, d), 1);
        let equal: usize = (0..=last).map(|d| (a0..a1).filter(|&a| is_equal(a, d)).count()).sum();
        let of_ground = hits_to_last as f64 / (length * depth);
        let may_be_hair = a1 + 1 - a0 < SHORT_PX && of_ground > 1.0 - SHORT_PRINT_SHARE;
        let is_panel = !may_be_hair
            && left
            && right
            && of_ground >= FLAT_SHARE
            && beyond as f64 >= END_SHARE * length
            && equal as f64 >= EQUAL_SHARE * length * depth;
        let [width, height] = [self.width, self.height];
        is_panel.then(|| match self.side {
            Side::Top => [a0, 0, a1, last],
            Side::Bottom => [a0, height - 1 - last, a1, height - 1],
            Side::Left => [0, a0, last, a1],
            Side::Right => [width - 1 - last, a0, width - 1, a1],
        })
    }
}
