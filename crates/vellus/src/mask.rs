//! Mask: which pixels are scalp.
//!
//! [`LinearPhoto`] (W × H) → W × H flags, `true` on scalp.
//!
//! What is taken out:
//! - **graphics** that software drew over the photo (captions, boxes, scale bars, rulers, padding bands). They were
//!   drawn after the lens, so that their edges are not blurred and follow the rows and columns: the whole step from one
//!   level to the other happens between two rows, over a long run. A lens blur of σ = 0.7 px already spreads a step over
//!   three rows, and a hair that lies along a row to within half a pixel over 0.2 mm is one in a thousand;
//! - **bands** of one grey;
//! - the **black surround** of a round field;
//! - **glare**: patches where the sensor is full.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::contrast::LinearPhoto;

/// Shortest run of an unblurred edge, px: longer than a JPEG block of 4:2:0 chroma (16 px) and a letter.
const MIN_RUN_PX: usize = 36;
/// Least step of an unblurred edge, as a share of full scale of the square root of linear light: above JPEG's ringing.
const MIN_STEP: f32 = 0.05;
/// Largest step in the rows next to an unblurred edge, as a share of the edge's own.
const MAX_SPREAD: f32 = 0.3;
/// Share of a run that may miss, where a letter or a hair touches the edge.
const MAX_MISSES: f32 = 0.2;
/// Ends of two runs that bound one box differ by at most this, px.
const BOX_TOLERANCE_PX: usize = 6;
/// Longest distance between two runs that bound one box, px.
const MAX_BOX_PX: usize = 260;
/// Widest caption strip whose edges letters break into unequal runs, px.
const MAX_STRIP_PX: usize = 48;
/// A band along the frame takes at most this share of the photo's height, …
const BAND_SHARE: f32 = 0.2;
/// … and its edge runs along at least this share of the width.
const FULL_WIDTH_SHARE: f32 = 0.85;
/// A graphic is masked with this margin, px: the reach of JPEG's ringing, half a block.
const MARGIN_PX: usize = 4;

/// An unblurred edge between row `at` and the next one (column, for vertical ones), from `from` to `to`.
#[derive(Debug, Clone, Copy)]
struct Run {
    at: usize,
    from: usize,
    to: usize,
}

/// Flags of the pixels that are scalp.
pub fn scalp(photo: &LinearPhoto) -> Vec<bool> {
    let [red, green, blue] = &photo.primaries;
    let (width, height) = (red.width, red.height);
    let mut valid = vec![true; width * height];
    let tone: Vec<f32> = green.data.iter().map(|v| v.max(0.0).sqrt()).collect();
    let turned: Vec<f32> =
        (0..width).flat_map(|x| (0..height).map(move |y| (x, y))).map(|(x, y)| tone[y * width + x]).collect();

    let rows = runs(&tone, width, height);
    let columns = runs(&turned, height, width);
    for (y0, y1, x0, x1) in boxes(&rows).into_iter().chain(bands(&rows, width, height)) {
        clear(&mut valid, width, height, [x0, y0, x1, y1]);
    }
    for (x0, x1, y0, y1) in boxes(&columns).into_iter().chain(bands(&columns, height, width)) {
        clear(&mut valid, width, height, [x0, y0, x1, y1]);
    }
    for run in &rows {
        clear(&mut valid, width, height, [run.from, run.at, run.to, run.at + 1]);
    }
    for run in &columns {
        clear(&mut valid, width, height, [run.at, run.from, run.at + 1, run.to]);
    }
    clear_surround(&mut valid, &[&red.data, &green.data, &blue.data], width, height);
    clear_glare(&mut valid, &[&red.data, &green.data, &blue.data], width, height);
    valid
}

/// Unblurred edges along the rows.
fn runs(tone: &[f32], width: usize, height: usize) -> Vec<Run> {
    let mut found = Vec::new();
    if height < 4 {
        return found;
    }
    let step = |y: usize, x: usize| tone[(y + 1) * width + x] - tone[y * width + x];
    for y in 0..height - 1 {
        for sign in [1.0_f32, -1.0] {
            let sharp = |x: usize| {
                let here = sign * step(y, x);
                if here < MIN_STEP {
                    return false;
                }
                let quiet = |other: Option<f32>| other.is_none_or(|o| o.abs() <= MAX_SPREAD * here);
                // A line one pixel wide steps back at once, so one quiet side is enough if the other side undoes it.
                let above = (y > 0).then(|| step(y - 1, x));
                let below = (y + 2 < height).then(|| step(y + 1, x));
                let undoes = |other: Option<f32>| other.is_some_and(|o| -sign * o > 0.6 * here);
                (quiet(above) && (quiet(below) || undoes(below))) || (quiet(below) && undoes(above))
            };
            let (mut from, mut hits, mut misses) = (0, 0_usize, 0_usize);
            let mut last = 0;
            for x in 0..=width {
                if x < width && sharp(x) {
                    if hits == 0 {
                        from = x;
                        misses = 0;
                    }
                    hits += 1;
                    last = x;
                    continue;
                }
                if hits == 0 {
                    continue;
                }
                misses += 1;
                let lost =
                    x == width || x - last > 10 || misses as f32 > MAX_MISSES * (x - from) as f32 + 3.0;
                if lost {
                    if hits >= MIN_RUN_PX {
                        found.push(Run { at: y, from, to: last });
                    }
                    hits = 0;
                }
            }
        }
    }
    found
}

/// Pairs of runs with the same ends: (first row, last row, first column, last column).
fn boxes(runs: &[Run]) -> Vec<(usize, usize, usize, usize)> {
    let mut found = Vec::new();
    for (i, a) in runs.iter().enumerate() {
        for b in &runs[i + 1..] {
            if b.at <= a.at || b.at - a.at > MAX_BOX_PX {
                continue;
            }
            let (from, to) = (a.from.max(b.from), a.to.min(b.to));
            let same_ends =
                a.from.abs_diff(b.from) <= BOX_TOLERANCE_PX && a.to.abs_diff(b.to) <= BOX_TOLERANCE_PX;
            let shorter = (a.to - a.from).min(b.to - b.from) as f32;
            let same_strip = b.at - a.at <= MAX_STRIP_PX && to > from && (to - from) as f32 >= 0.8 * shorter;
            if same_ends {
                found.push((a.at, b.at + 1, a.from.min(b.from), a.to.max(b.to)));
            } else if same_strip {
                found.push((a.at, b.at + 1, from, to));
            }
        }
    }
    found
}

/// What lies between the frame and a run along nearly all of it: padding bands and rulers.
fn bands(runs: &[Run], width: usize, height: usize) -> Vec<(usize, usize, usize, usize)> {
    let near = (BAND_SHARE * height as f32) as usize;
    runs.iter()
        .filter(|run| (run.to - run.from) as f32 >= FULL_WIDTH_SHARE * width as f32)
        .filter_map(|run| match run.at {
            at if at < near => Some((0, at, 0, width - 1)),
            at if at + near >= height => Some((at, height - 1, 0, width - 1)),
            _ => None,
        })
        .collect()
}

/// Takes a box and a margin out of the scalp; `[x0, y0, x1, y1]`, ends included.
fn clear(valid: &mut [bool], width: usize, height: usize, [x0, y0, x1, y1]: [usize; 4]) {
    for y in y0.saturating_sub(MARGIN_PX)..=(y1 + MARGIN_PX).min(height - 1) {
        valid[y * width..][x0.saturating_sub(MARGIN_PX)..=(x1 + MARGIN_PX).min(width - 1)].fill(false);
    }
}

/// Side of the blocks in which the black surround is looked for, px.
const BLOCK_PX: usize = 8;
/// Brightest pixel of the surround, linear light: 8 % of full scale is 79 of 255.
const SURROUND_BRIGHTEST: f32 = 0.012;
/// Least share of the photo that is a surround: more than a bundle of hairs at the frame.
const SURROUND_SHARE: f32 = 0.01;
/// Margin of the surround, blocks: the blurred rim of a field stop.
const SURROUND_MARGIN: usize = 2;

/// Takes out large black areas at the frame.
fn clear_surround(valid: &mut [bool], primaries: &[&Vec<f32>; 3], width: usize, height: usize) {
    let (columns, rows) = (width.div_ceil(BLOCK_PX), height.div_ceil(BLOCK_PX));
    let mut dark = GrayImage::from_pixel(columns as u32, rows as u32, Luma([255]));
    for y in 0..height {
        for x in 0..width {
            if primaries.iter().any(|p| p[y * width + x] > SURROUND_BRIGHTEST) {
                dark.put_pixel((x / BLOCK_PX) as u32, (y / BLOCK_PX) as u32, Luma([0]));
            }
        }
    }
    let labels = connected_components(&dark, Connectivity::Four, Luma([0]));
    let count = labels.pixels().map(|p| p[0]).max().unwrap_or(0) as usize;
    let mut area = vec![0_usize; count + 1];
    let mut at_frame = vec![false; count + 1];
    for (x, y, label) in labels.enumerate_pixels() {
        let label = label[0] as usize;
        area[label] += 1;
        at_frame[label] |= x == 0 || y == 0 || x as usize == columns - 1 || y as usize == rows - 1;
    }
    for (x, y, label) in labels.enumerate_pixels() {
        let label = label[0] as usize;
        if label == 0 || !at_frame[label] || (area[label] as f32) < SURROUND_SHARE * (columns * rows) as f32 {
            continue;
        }
        let (x, y) = (x as usize, y as usize);
        let x0 = x.saturating_sub(SURROUND_MARGIN) * BLOCK_PX;
        let x1 = ((x + SURROUND_MARGIN + 1) * BLOCK_PX).min(width);
        for row in
            y.saturating_sub(SURROUND_MARGIN) * BLOCK_PX..((y + SURROUND_MARGIN + 1) * BLOCK_PX).min(height)
        {
            valid[row * width..][x0..x1].fill(false);
        }
    }
}

/// Darkest pixel of glare in every primary, linear light: 250 of 255.
const GLARE_DARKEST: f32 = 0.955;
/// Least area of a glare patch that is taken out, px²: smaller ones are bridged like any gap in a shaft.
const GLARE_AREA_PX: usize = 400;

/// Takes out patches where the sensor is full.
fn clear_glare(valid: &mut [bool], primaries: &[&Vec<f32>; 3], width: usize, height: usize) {
    let full = GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let i = y as usize * width + x as usize;
        Luma([if primaries.iter().all(|p| p[i] >= GLARE_DARKEST) { 255 } else { 0 }])
    });
    if full.pixels().filter(|p| p[0] > 0).count() < GLARE_AREA_PX {
        return;
    }
    let labels = connected_components(&full, Connectivity::Eight, Luma([0]));
    let count = labels.pixels().map(|p| p[0]).max().unwrap_or(0) as usize;
    let mut area = vec![0_usize; count + 1];
    labels.pixels().for_each(|label| area[label[0] as usize] += 1);
    for (flag, label) in valid.iter_mut().zip(labels.pixels()) {
        if label[0] > 0 && area[label[0] as usize] >= GLARE_AREA_PX {
            *flag = false;
        }
    }
}
