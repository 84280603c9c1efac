//! A photo without what can name a person: captions that were burned into the pixels are blanked, and what a file says beside
//! its pixels is named, so that it can be told what was left out.
//!
//! # Input and output
//!
//! [`blank_captions`]: [`Photo`] → the pixels with every caption filled, and which boxes those were, px. Candidates are boxes
//! and bands with unblurred edges, as the mask finds them ([`crate::mask`]); the frame of the photo is an edge, too. Filled is
//! what is surely a caption: at least half of its pixels are of one colour, no row is without it, and either its rim is of that
//! colour and many pixels equal their neighbour, as no skin does, or it is a grey strip along the frame. It is filled with that
//! colour, so that the mask finds the same edges. Islands in a black surround are filled with black.
//!
//! A pixel that the mask calls scalp is filled only in a box of flat ground that is flush with the frame, and between the pieces of
//! a strip, which is filled as a whole; a box whose filling would change the mask elsewhere is left. What is left is named.
//!
//! Panels of one colour that are flush with the frame are filled first (`panel`). Last of all, lines of print are looked for in what
//! is left (`print`): whatever was filled, what can be read is named.
//!
//! [`metadata_groups`]: the bytes of a file → which groups of metadata it holds, and how many of each.
//!
//! # Limits
//!
//! Text that is drawn straight onto the skin, without a box, is named, not filled. Tilted labels, handwriting and stickers are not
//! recognised.

mod ground;
mod left;
mod panel;
mod strip;

use self::ground::{Ground, ground};
use self::left::{is_label, is_of_scale, is_vivid_line, left, with_surroundings};
use self::panel::panels;
use self::strip::{lengthened, whole_strips, with_last_letters};
use crate::linear::linear;
use crate::mask::{graphics, islands, scalp};
use crate::photo::{Photo, Pixels};
use crate::print::readable;

pub(crate) use self::ground::is_vivid;
pub(crate) use self::left::overlap;
pub use crate::photo::metadata_groups;

/// JPEG leaves few equal neighbours in a narrow caption. A strip of at most this width along the frame counts as flat, too, …
const STRIP_PX: usize = 48;
/// … if it lies within this share of the photo's side from the frame …
const FRAME_SHARE: f64 = 0.1;
/// … and at least this share of it is grey, as strips of captions are: within 12 levels.
const GREY_SHARE: f64 = 0.7;
/// Letters stand this far from the edge of their box, px.
const RIM_PX: usize = 2;
/// An edge within this many px of a filled box is its own.
const REACH_PX: usize = 4;
/// A black caption without its letters counts as black surround, whose margin reaches this far, px: three blocks of the mask.
const SURROUND_PX: usize = 24;
/// How far the mask may change beside a panel, px: its margin of an edge, and that edge.
const BESIDE_PANEL_PX: usize = 8;
/// Least side of a letter, px: a box that is thinner holds no text.
const LETTER_PX: usize = 5;

/// A box, first and last column and row, px.
pub type BoxPx = [usize; 4];

/// A box to fill, and a pixel of the colour: black without one.
type Part = (BoxPx, Option<usize>);

/// What [`blank_captions`] did.
#[derive(Debug, Clone, PartialEq)]
pub struct Blanked {
    /// The photo's pixels, with captions filled.
    pub pixels: Pixels,
    /// Boxes that were filled: `[x0, y0, x1, y1]`, ends included.
    pub boxes: Vec<BoxPx>,
    /// Boxes and edges of graphics that were left, as they may hold scalp: somebody has to look at them. An edge has the height
    /// of a letter around it.
    pub left: Vec<BoxPx>,
}

/// Fills captions. `asked` are further boxes to fill, with black.
pub fn blank_captions(photo: &Photo, asked: &[BoxPx]) -> Blanked {
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
    let (photo, flush) = without_panels(photo);
    let photo = &photo;
    let light = linear(photo);
    let valid = scalp(&light);
    let is_masked = |&[x0, y0, x1, y1]: &BoxPx| {
        (y0..=y1).all(|y| valid[y * width + x0..=y * width + x1].iter().all(|valid| !valid))
    };
    let drawn = graphics(&light);
    let mut sure = Vec::new();
    let mut unsure = Vec::new();
    for &found in drawn.boxes.iter().chain(&drawn.flush) {
        match ground(&photo.pixels, [width, height], found) {
            Ground::Flat(index) => sure.push((found, Some(index))),
            Ground::Strip(index) | Ground::Print(index) if is_masked(&found) => {
                sure.push((found, Some(index)))
            }
            Ground::Strip(_) | Ground::Print(_) | Ground::Unsure => {}
        }
    }
    for found in islands(&light) {
        if is_masked(&found) { sure.push((found, None)) } else { unsure.push(found) }
    }
    let asked: Vec<BoxPx> = asked
        .iter()
        .filter(|&&[x0, y0, x1, y1]| x0 < width && y0 < height && x0 <= x1 && y0 <= y1)
        .map(|&[x0, y0, x1, y1]| [x0, y0, x1.min(width - 1), y1.min(height - 1)])
        .collect();

    // Of each the forms to be tried, the whole first: a strip with the fields beside it, and without what its edges are made of.
    let forms: Vec<Vec<Part>> = united(sure)
        .into_iter()
        .map(|(found, like)| {
            let long = like.map_or(found, |like| lengthened(&photo.pixels, [width, height], found, like));
            [long, inner(long, [width, height]), found, inner(found, [width, height])]
                .map(|form| (form, like))
                .into()
        })
        .collect();
    let is_same = |parts: &[Part]| {
        let open = || parts.iter().map(|part| part.0).filter(|found| !is_masked(found));
        let exempt: Vec<BoxPx> = open().filter(|found| drawn.flush.contains(found)).collect();
        // Scalp is only filled in a flat box that is flush with the frame, which the mask does not know.
        exempt.len() == open().count()
            && same_scalp(photo, &all_filled(&photo.pixels, width, parts), &valid, &exempt, SURROUND_PX)
    };
    let mut filled: Vec<Part> = forms.iter().map(|forms| forms[0]).collect();
    if !is_same(&filled) {
        // One by one: what would change the measurement is left.
        filled.clear();
        for mut forms in forms {
            let whole = forms[2];
            forms.dedup();
            let with = |form: Part| filled.iter().copied().chain([form]).collect::<Vec<_>>();
            let found = forms.into_iter().map(with).find(|parts| is_same(parts));
            match found {
                Some(parts) => filled = parts,
                None => unsure.push(whole.0),
            }
        }
    }
    for (strip, like) in whole_strips(&filled, &drawn.edges, [width, height]) {
        let strip = (with_last_letters(&photo.pixels, [width, height], strip, like), like);
        // Between its pieces a strip lets too much skin through for the mask, which here may find more of it afterwards.
        let parts: Vec<Part> = filled.iter().copied().chain([strip]).collect();
        let after = all_filled(&photo.pixels, width, &parts);
        if same_scalp(photo, &after, &valid, &[strip.0], SURROUND_PX) {
            filled = parts;
        }
    }
    // The fill of a line with its own colour is no blanked caption, and what the line belongs to may be one.
    let (filled, lines): (Vec<Part>, Vec<Part>) =
        united(filled).into_iter().partition(|&(found, _)| may_hold_letters(found, [width, height]));
    unsure.extend(lines.into_iter().map(|(found, _)| found));
    let mut pixels = all_filled(&photo.pixels, width, &filled);
    // Of a panel there may be an edge a pixel off, as of any box.
    let known = |found: &BoxPx| flush.iter().any(|panel| left::is_within(found, panel));
    let mut boxes = flush.clone();
    boxes.extend(filled.into_iter().map(|(found, _)| found).filter(|found| !known(found)));
    for &found in &asked {
        fill(&mut pixels, width, found, None);
        boxes.push(found);
    }
    let seen = crate::scale::look(photo);
    let holds_text =
        |edge: &&BoxPx| !is_of_scale(edge, &seen) && !is_vivid_line(&photo.pixels, [width, height], edge);
    let edges: Vec<BoxPx> = drawn.edges.iter().filter(holds_text).copied().collect();
    let mut left: Vec<BoxPx> = left(&drawn.boxes, &edges, unsure, &boxes)
        .into_iter()
        .map(|found| with_surroundings(found, [width, height]))
        .collect();
    // Whatever was filled: what can be read in the copy has to be looked at, unless it is the length of a bar.
    let readable = readable(&pixels, [width, height]);
    left.extend(readable.into_iter().filter(|line| !is_label(line, &seen)));
    let left = united(left.into_iter().map(|found| (found, None)).collect());
    let left = left.into_iter().map(|(found, _)| found).collect();
    Blanked { pixels, boxes, left }
}

/// The photo with its panels filled, and those in which there was something. A black panel without letters may count as a black
/// surround, which has a wider margin than a box: then it is filled with white, if the mask stays so.
fn without_panels(photo: &Photo) -> (Photo, Vec<BoxPx>) {
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
    let mut clean = photo.clone();
    let panels = panels(&photo.pixels, [width, height], &readable(&photo.pixels, [width, height]));
    if panels.is_empty() {
        return (clean, Vec::new());
    }
    let valid = scalp(&linear(photo));
    let mut flush = Vec::new();
    for (panel, like) in united(panels.into_iter().map(|(panel, like)| (panel, Some(like))).collect()) {
        let mut own = clean.pixels.clone();
        fill(&mut own, width, panel, like);
        if own == clean.pixels {
            continue;
        }
        let mut white = clean.pixels.clone();
        whiten(&mut white, width, panel);
        flush.push(panel);
        let is_same = |pixels: &Pixels| same_scalp(photo, pixels, &valid, &flush, BESIDE_PANEL_PX);
        clean.pixels = if !is_same(&own) && is_same(&white) { white } else { own };
    }
    (clean, flush)
}

/// A box without the two rows and columns of which its edges are made; the frame of the photo needs none.
fn inner([x0, y0, x1, y1]: BoxPx, [width, height]: [usize; 2]) -> BoxPx {
    let from = |first: usize, last: usize| if first == 0 { 0 } else { (first + RIM_PX).min(last) };
    let to = |first: usize, last: usize, side: usize| {
        if last + 1 == side { last } else { last.saturating_sub(RIM_PX).max(first) }
    };
    let [left, top] = [from(x0, x1), from(y0, y1)];
    [left, top, to(left, x1, width), to(top, y1, height)]
}

/// Whether a box is thick enough to hold a letter.
fn may_hold_letters(found: BoxPx, size: [usize; 2]) -> bool {
    let [x0, y0, x1, y1] = inner(found, size);
    (x1 - x0).min(y1 - y0) + 1 >= LETTER_PX
}

/// Whether the mask is the same, but for some boxes and `margin` px around them.
fn same_scalp(photo: &Photo, pixels: &Pixels, valid: &[bool], exempt: &[BoxPx], margin: usize) -> bool {
    let width = photo.width_px as usize;
    let mut after = scalp(&linear(&Photo { pixels: pixels.clone(), ..photo.clone() }));
    for &[x0, y0, x1, y1] in exempt {
        let (first, last) = (x0.saturating_sub(margin), (x1 + margin).min(width - 1));
        for y in y0.saturating_sub(margin)..=(y1 + margin).min(photo.height_px as usize - 1) {
            let row = y * width + first..=y * width + last;
            after[row.clone()].copy_from_slice(&valid[row]);
        }
    }
    after == valid
}

fn all_filled(pixels: &Pixels, width: usize, parts: &[Part]) -> Pixels {
    let mut filled = pixels.clone();
    for &(found, like) in parts {
        fill(&mut filled, width, found, like);
    }
    filled
}

/// Boxes that lie in others are part of them.
fn united(mut parts: Vec<Part>) -> Vec<Part> {
    let area = |b: &BoxPx| (b[2] - b[0] + 1) * (b[3] - b[1] + 1);
    parts.sort_by(|(a, _), (b, _)| area(b).cmp(&area(a)).then(a.cmp(b)));
    let mut kept: Vec<Part> = Vec::new();
    for (b, like) in parts {
        let within = |a: &BoxPx| b[0] >= a[0] && b[1] >= a[1] && b[2] <= a[2] && b[3] <= a[3];
        if !kept.iter().any(|(a, _)| within(a)) {
            kept.push((b, like));
        }
    }
    kept
}

/// Fills a box with the colour of a pixel, or with black.
fn fill(pixels: &mut Pixels, width: usize, found: BoxPx, like: Option<usize>) {
    fn at<S: Copy>(samples: &[S], i: usize) -> [S; 3] {
        [samples[3 * i], samples[3 * i + 1], samples[3 * i + 2]]
    }
    match pixels {
        Pixels::Rgb8(samples) => {
            let colour = like.map_or([0; 3], |i| at(samples, i));
            paint(samples, width, found, colour);
        }
        Pixels::Rgb16(samples) => {
            let colour = like.map_or([0; 3], |i| at(samples, i));
            paint(samples, width, found, colour);
        }
    }
}

/// Fills a box with white.
fn whiten(pixels: &mut Pixels, width: usize, found: BoxPx) {
    match pixels {
        Pixels::Rgb8(samples) => paint(samples, width, found, [u8::MAX; 3]),
        Pixels::Rgb16(samples) => paint(samples, width, found, [u16::MAX; 3]),
    }
}

fn paint<S: Copy>(samples: &mut [S], width: usize, [x0, y0, x1, y1]: BoxPx, colour: [S; 3]) {
    for y in y0..=y1 {
        for pixel in samples[3 * (y * width + x0)..3 * (y * width + x1 + 1)].as_chunks_mut::<3>().0 {
            *pixel = colour;
        }
    }
}

#[cfg(test)]
#[path = "deidentify_tests.rs"]
mod tests;
