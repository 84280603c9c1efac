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
//! [`metadata_groups`]: the bytes of a file → which groups of metadata it holds, and how many of each.
//!
//! # Limits
//!
//! Text that is drawn straight onto the skin, without a box, is not recognised, nor are tilted labels and stickers.

use std::collections::BTreeMap;

use crate::linear::linear;
use crate::mask::{graphics, islands, scalp};
use crate::photo::{Photo, Pixels};
use crate::scale::Seen;

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
const GREY_LEVELS: u8 = 16;
/// How far its pixels may be from its colour: skin shows through.
const STRIP_LEVELS: u8 = 14;
/// A strip goes on along its rows while at least this share of a column is of its colour, and the rest is grey, as letters are, …
const COLUMN_SHARE: f64 = 0.25;
/// … over gaps of at most this many px, as lines part the fields of a strip.
const GAP_PX: usize = 8;
/// Longest piece of an edge that a filled box need not explain, px: less than two letters.
const UNEXPLAINED_PX: usize = 12;

/// Rows by which the pieces of one strip may differ: an edge lies beside the rows that it bounds.
const ROWS_APART_PX: usize = 2;
/// Farthest piece of a strip from the next one, in heights of the strip: some letters that no edge goes past.
const PIECES_APART: usize = 4;
/// Longest such piece of a circle, px: of one of 700 px, as wide as a photo, the part within a pixel of its tangent.
const ARC_PX: usize = 64;
/// Share of the letters' difference from the ground from which a pixel is of one: their blurred edge is less.
const LETTER_SHARE: f32 = 0.6;
/// Least spread of the primaries of a colour that software draws in, of 255: skin under blue light has 110 at the most.
const VIVID_LEVELS: u8 = 130;
/// Least share of such colours in a box of print, and its least side, px: a line around it is less, and no print.
const PRINT_SHARE: f64 = 0.03;
const PRINT_PX: usize = 16;
/// Half the thickness of a scale bar, and an edge beside it, px.
const BAR_PX: f64 = 8.0;

/// A box, first and last column and row, px.
pub type BoxPx = [usize; 4];

/// Least share of the colour in each row: text is broken, skin above a strip has nothing of it.
const ROW_SHARE: f64 = 0.2;
/// Least share of the colour in the rim of a box, this far inside of it, px: letters stand clear of the edge, hairs and skin
/// do not.
const RIM_SHARE: f64 = 0.95;
const RIM_PX: usize = 2;
/// An edge within this many px of a filled box is its own.
const REACH_PX: usize = 4;
/// A black caption without its letters counts as black surround, whose margin reaches this far, px: three blocks of the mask.
const SURROUND_PX: usize = 24;
/// Least side of a letter, px: a box that is thinner holds no text.
const LETTER_PX: usize = 5;
/// Text beside an edge lies within this many px of it: the height of a large letter.
const BESIDE_PX: usize = 32;
/// Lines drawn over the photo are at most this thick, px.
const LINE_PX: usize = 4;

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

/// How sure it is that a box is a caption.
enum Ground {
    /// Flat, and letters at most: index of a pixel of the ground.
    Flat(usize),
    /// A grey strip along the frame, through which skin may show: the same.
    Strip(usize),
    /// Print in a colour that neither skin nor hair has: the same.
    Print(usize),
    /// Anything else.
    Unsure,
}

/// Fills captions. `asked` are further boxes to fill, with black.
pub fn blank_captions(photo: &Photo, asked: &[BoxPx]) -> Blanked {
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
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
            && same_scalp(photo, &all_filled(&photo.pixels, width, parts), &valid, &exempt)
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
        if same_scalp(photo, &all_filled(&photo.pixels, width, &parts), &valid, &[strip.0]) {
            filled = parts;
        }
    }
    // The fill of a line with its own colour is no blanked caption, and what the line belongs to may be one.
    let (filled, lines): (Vec<Part>, Vec<Part>) =
        united(filled).into_iter().partition(|&(found, _)| may_hold_letters(found, [width, height]));
    unsure.extend(lines.into_iter().map(|(found, _)| found));
    let mut pixels = all_filled(&photo.pixels, width, &filled);
    let mut boxes: Vec<BoxPx> = filled.into_iter().map(|(found, _)| found).collect();
    for &found in &asked {
        fill(&mut pixels, width, found, None);
        boxes.push(found);
    }
    let seen = crate::scale::look(photo);
    let holds_text =
        |edge: &&BoxPx| !is_of_scale(edge, &seen) && !is_vivid_line(&photo.pixels, [width, height], edge);
    let edges: Vec<BoxPx> = drawn.edges.iter().filter(holds_text).copied().collect();
    let left = left(&drawn.boxes, &edges, unsure, &boxes)
        .into_iter()
        .map(|found| with_surroundings(found, [width, height]))
        .collect();
    Blanked { pixels, boxes, left }
}

/// The strips along the upper or lower frame of which pieces were found: fields of the same rows, or hard edges in their first
/// or last row, near to each other. Letters, and skin that shows through, part a strip into such pieces.
fn whole_strips(filled: &[Part], edges: &[BoxPx], [width, height]: [usize; 2]) -> Vec<Part> {
    let reach = (FRAME_SHARE * height as f64) as usize;
    let is_field = |&([x0, y0, x1, y1], like): &Part| {
        like.is_some() && x1 - x0 > y1 - y0 && y1 - y0 < STRIP_PX && (y0 <= reach || y1 + reach >= height)
    };
    let mut fields: Vec<Part> = filled.iter().filter(|part| is_field(part)).copied().collect();
    fields.sort_by_key(|&([x0, y0, x1, y1], _)| (std::cmp::Reverse(x1 - x0), x0, y0, y1));
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
fn with_last_letters(pixels: &Pixels, [width, _]: [usize; 2], strip: BoxPx, like: Option<usize>) -> BoxPx {
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
    let byte = |index: usize| pixels.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8);
    let is_letter = |x: usize| {
        (y0..=y1).map(|y| y * width + x).any(|index| {
            (level(index) - ground) * letter.signum() >= LETTER_SHARE * letter.abs() && is_grey(byte(index))
        })
    };
    let far = y1 - y0 + 1;
    let last = |columns: &mut dyn Iterator<Item = usize>, from: usize| {
        let (mut last, mut gap) = (from, 0);
        for x in columns {
            if is_letter(x) {
                (last, gap) = (x, 0);
            } else if gap == far {
                break;
            } else {
                gap += 1;
            }
        }
        last
    };
    [last(&mut (0..x0).rev(), x0), y0, last(&mut (x1 + 1..width), x1), y1]
}

/// Whether an edge is of a line in a vivid colour and too short for a box: where a circle or an arrow runs along the rows.
fn is_vivid_line(pixels: &Pixels, [width, height]: [usize; 2], edge: &BoxPx) -> bool {
    let byte = |index: usize| pixels.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8);
    let lying = edge[2] - edge[0] >= edge[3] - edge[1];
    let (from, to) = if lying { (edge[0], edge[2]) } else { (edge[1], edge[3]) };
    let vivid = |k: usize| {
        (0..=2 * RIM_PX + 1).any(|across| {
            let (x, y) = if lying { (k, edge[1] + across) } else { (edge[0] + across, k) };
            let (x, y) = if lying { (x, y.saturating_sub(RIM_PX)) } else { (x.saturating_sub(RIM_PX), y) };
            x < width && y < height && is_vivid(byte(y * width + x))
        })
    };
    to - from < ARC_PX && 2 * (from..=to).filter(|&k| vivid(k)).count() > to - from + 1
}

/// Whether an edge is one of a scale bar, its arm or its label, which were read and hold a length alone.
fn is_of_scale(edge: &BoxPx, seen: &Seen) -> bool {
    let within = |b: [f64; 4], by: f64| {
        edge[0] as f64 >= b[0] - by
            && edge[1] as f64 >= b[1] - by
            && edge[2] as f64 <= b[2] + by
            && edge[3] as f64 <= b[3] + by
    };
    seen.marks.iter().zip(&seen.label_boxes).any(|(mark, label)| {
        let ([ax, ay], [bx, by]) = (mark.from_px, mark.to_px);
        let bar = [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)];
        let label_height = (label[3] - label[1]) as f64;
        // An arm stands across the bar at one of its ends.
        let length = (bx - ax).abs().max((by - ay).abs());
        let arm = [mark.from_px, mark.to_px].into_iter().any(|[x, y]| {
            let (standing, lying) = ([x, y - length, x, y + length], [x - length, y, x + length, y]);
            let (across, down) = (edge[2] - edge[0], edge[3] - edge[1]);
            (across <= LINE_PX && within(standing, BAR_PX)) || (down <= LINE_PX && within(lying, BAR_PX))
        });
        arm || within(bar, BAR_PX) || within(label.map(|side| side as f64), label_height)
    })
}

/// A strip with the fields beside it, of the same rows.
fn lengthened(pixels: &Pixels, [width, height]: [usize; 2], [x0, y0, x1, y1]: BoxPx, like: usize) -> BoxPx {
    let reach = (FRAME_SHARE * height as f64) as usize;
    if x1 - x0 < y1 - y0 || y1 - y0 >= STRIP_PX || (y0 > reach && y1 + reach < height) {
        return [x0, y0, x1, y1];
    }
    let byte = |index: usize| pixels.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8);
    let colour = byte(like);
    let goes_on = |x: usize| {
        let column = || (y0..=y1).map(|y| byte(y * width + x));
        let of = (y1 - y0 + 1) as f64;
        let ground = column().filter(|&rgb| is_close(colour, rgb, STRIP_LEVELS)).count() as f64;
        let grey = column().filter(|&rgb| is_grey(rgb)).count() as f64;
        ground >= COLUMN_SHARE * of && grey >= GREY_SHARE * of
    };
    let last = |columns: &mut dyn Iterator<Item = usize>, from: usize| {
        let (mut last, mut gap) = (from, 0);
        for x in columns {
            if goes_on(x) {
                (last, gap) = (x, 0);
            } else if gap == GAP_PX {
                break;
            } else {
                gap += 1;
            }
        }
        last
    };
    [last(&mut (0..x0).rev(), x0), y0, last(&mut (x1 + 1..width), x1), y1]
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

/// An edge or a line with what may be written beside it: the rectangle that is named is given to be blanked. Others as they are.
fn with_surroundings([x0, y0, x1, y1]: BoxPx, [width, height]: [usize; 2]) -> BoxPx {
    if (x1 - x0).min(y1 - y0) > 2 * LINE_PX {
        return [x0, y0, x1, y1];
    }
    [
        x0.saturating_sub(BESIDE_PX),
        y0.saturating_sub(BESIDE_PX),
        (x1 + BESIDE_PX).min(width - 1),
        (y1 + BESIDE_PX).min(height - 1),
    ]
}

fn is_close(a: [u8; 3], b: [u8; 3], levels: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= levels)
}

/// Whether a colour is one that software draws in, and neither skin nor hair has.
fn is_vivid(rgb: [u8; 3]) -> bool {
    rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least >= VIVID_LEVELS)
}

fn is_grey(rgb: [u8; 3]) -> bool {
    rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least <= GREY_LEVELS)
}

/// What is neither filled nor explained by what is.
fn left(boxes: &[BoxPx], edges: &[BoxPx], mut unsure: Vec<BoxPx>, filled: &[BoxPx]) -> Vec<BoxPx> {
    let within = |a: &BoxPx, b: &BoxPx| {
        a[0] + REACH_PX >= b[0]
            && a[1] + REACH_PX >= b[1]
            && a[2] <= b[2] + REACH_PX
            && a[3] <= b[3] + REACH_PX
    };
    unsure.retain(|found| !filled.iter().any(|filled| within(found, filled)));
    // One edge may bound several boxes that lie in a row.
    let covered = |edge: &BoxPx| {
        let near = |x: usize, y: usize| filled.iter().any(|b| within(&[x, y, x, y], b));
        let places = (edge[1]..=edge[3]).flat_map(|y| (edge[0]..=edge[2]).map(move |x| (x, y)));
        // Two rows or columns.
        places.filter(|&(x, y)| !near(x, y)).count() <= 2 * UNEXPLAINED_PX
    };
    let open: Vec<BoxPx> = edges.iter().filter(|edge| !covered(edge)).copied().collect();
    let mut named: Vec<BoxPx> = boxes
        .iter()
        .filter(|found| open.iter().any(|edge| within(edge, found)))
        .filter(|found| !filled.iter().any(|filled| within(found, filled)))
        .filter(|found| (found[2] - found[0]).min(found[3] - found[1]) > LINE_PX)
        .copied()
        .collect();
    // The two sides of a line, such as a scale bar, hold no text.
    let is_line = |edge: &BoxPx| {
        open.iter().any(|other| {
            let apart = if edge[2] - edge[0] > edge[3] - edge[1] {
                edge[1].abs_diff(other[1])
            } else {
                edge[0].abs_diff(other[0])
            };
            (1..=LINE_PX).contains(&apart) && within(edge, other)
        })
    };
    let lone: Vec<BoxPx> = open
        .iter()
        .filter(|edge| !is_line(edge) && !named.iter().any(|found| within(edge, found)))
        .copied()
        .collect();
    named.extend(lone);
    named.extend(unsure);
    united(named.into_iter().map(|found| (found, None)).collect())
        .into_iter()
        .map(|(found, _)| found)
        .collect()
}

/// Whether the mask is the same, but for some boxes and their edges.
fn same_scalp(photo: &Photo, pixels: &Pixels, valid: &[bool], exempt: &[BoxPx]) -> bool {
    let width = photo.width_px as usize;
    let mut after = scalp(&linear(&Photo { pixels: pixels.clone(), ..photo.clone() }));
    for &[x0, y0, x1, y1] in exempt {
        let (first, last) = (x0.saturating_sub(SURROUND_PX), (x1 + SURROUND_PX).min(width - 1));
        for y in y0.saturating_sub(SURROUND_PX)..=(y1 + SURROUND_PX).min(photo.height_px as usize - 1) {
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

/// Whether most of a box is of one colour, and how sure it is that it is a caption.
fn ground(pixels: &Pixels, [width, height]: [usize; 2], [x0, y0, x1, y1]: BoxPx) -> Ground {
    let byte = |index: usize| pixels.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8);
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
