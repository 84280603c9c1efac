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

use crate::linear::LinearPhoto;

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
    let turned = turned(&tone, width, height);

    let rows = runs(&tone, width, height);
    let columns = runs(&turned, height, width);
    for found in areas(&rows, &columns, width, height) {
        clear(&mut valid, width, height, found);
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

/// Boxes and bands that unblurred edges bound: `[x0, y0, x1, y1]`, ends included.
fn areas(rows: &[Run], columns: &[Run], width: usize, height: usize) -> Vec<[usize; 4]> {
    let lying = boxes(rows).into_iter().chain(bands(rows, width, height));
    let standing = boxes(columns).into_iter().chain(bands(columns, height, width));
    lying
        .map(|(y0, y1, x0, x1)| [x0, y0, x1, y1])
        .chain(standing.map(|(x0, x1, y0, y1)| [x0, y0, x1, y1]))
        .collect()
}

/// What software drew over the photo; boxes are `[x0, y0, x1, y1]`, ends included.
#[derive(Debug, Default)]
pub(crate) struct Graphics {
    /// Boxes and bands between two unblurred edges, or between one and the frame of nearly its length; their inside alone.
    pub boxes: Vec<[usize; 4]>,
    /// What lies between a shorter edge and the frame: a caption that is flush with the frame, or a line over skin.
    pub flush: Vec<[usize; 4]>,
    /// The edges themselves: the two rows or columns between which the step is.
    pub edges: Vec<[usize; 4]>,
}

/// Farthest edge of a caption that is flush with the frame, px.
const MAX_FLUSH_PX: usize = 96;

/// Boxes and bands that software drew over the photo.
pub(crate) fn graphics(photo: &LinearPhoto) -> Graphics {
    let green = &photo.primaries[1];
    let (width, height) = (green.width, green.height);
    let tone: Vec<f32> = green.data.iter().map(|v| v.max(0.0).sqrt()).collect();
    let lying = drawn(&runs(&tone, width, height), width, height);
    let standing = drawn(&runs(&turned(&tone, width, height), height, width), height, width);
    let both = |lying: Vec<[usize; 4]>, standing: Vec<[usize; 4]>| {
        let standing = standing.into_iter().map(|[y0, x0, y1, x1]| [x0, y0, x1, y1]);
        lying
            .into_iter()
            .chain(standing)
            .map(|[x0, y0, x1, y1]| [x0, y0, x1.min(width - 1), y1.min(height - 1)])
            .filter(|[x0, y0, x1, y1]| x0 <= x1 && y0 <= y1)
            .collect()
    };
    Graphics {
        boxes: both(lying.boxes, standing.boxes),
        flush: both(lying.flush, standing.flush),
        edges: both(lying.edges, standing.edges),
    }
}

/// What edges along the rows bound.
fn drawn(rows: &[Run], width: usize, height: usize) -> Graphics {
    // An edge lies between two rows, of which one is outside.
    let between = boxes(rows).into_iter().map(|(y0, y1, x0, x1)| [x0, y0 + 1, x1, y1 - 1]);
    let bands =
        bands(rows, width, height).into_iter().map(|(y0, y1, x0, x1)| [x0, y0 + usize::from(y0 > 0), x1, y1]);
    let mut found = Graphics { boxes: between.chain(bands).collect(), ..Graphics::default() };
    for &Run { at, from, to } in rows {
        if at < MAX_FLUSH_PX {
            found.flush.push([from, 0, to, at]);
        }
        if at + 1 + MAX_FLUSH_PX >= height {
            found.flush.push([from, at + 1, to, height - 1]);
        }
        found.edges.push([from, at, to, at + 1]);
    }
    found
}

/// Brightest pixel of a surround in which words are looked for, linear light: 13 of 255. Black hair reflects more.
const WORDS_DARKEST: f32 = 0.004;
/// Least share of the photo that such a surround takes, and most that an island in it takes.
const WORDS_SHARE: f32 = 0.05;

/// Bright islands in a black surround, such as words beside a round field: `[x0, y0, x1, y1]`, ends included, in whole blocks.
/// The largest is the field, and none.
pub(crate) fn islands(photo: &LinearPhoto) -> Vec<[usize; 4]> {
    let [red, green, blue] = &photo.primaries;
    let (width, height) = (green.width, green.height);
    let (columns, rows) = (width.div_ceil(BLOCK_PX), height.div_ceil(BLOCK_PX));
    let most = WORDS_SHARE * (columns * rows) as f32;
    let mut bright = vec![false; columns * rows];
    for (i, ((r, g), b)) in red.data.iter().zip(&green.data).zip(&blue.data).enumerate() {
        let block = i / width / BLOCK_PX * columns + i % width / BLOCK_PX;
        bright[block] |= r.max(*g).max(*b) > WORDS_DARKEST;
    }
    let (labels, area) = components(&bright, columns, true);
    let Some(field) = (1..area.len()).max_by_key(|&label| (area[label], std::cmp::Reverse(label))) else {
        return Vec::new();
    };
    // Label 0 is all that is black.
    if (area[0] as f32) < most {
        return Vec::new();
    }
    let mut found = vec![[usize::MAX, usize::MAX, 0, 0]; area.len()];
    for (i, &label) in labels.iter().enumerate() {
        let (x, y) = (i % columns * BLOCK_PX, i / columns * BLOCK_PX);
        let [x0, y0, x1, y1] = found[label as usize];
        let ends = [(x + BLOCK_PX).min(width) - 1, (y + BLOCK_PX).min(height) - 1];
        found[label as usize] = [x0.min(x), y0.min(y), x1.max(ends[0]), y1.max(ends[1])];
    }
    let is_island = |label: usize| label > 0 && label != field && (area[label] as f32) <= most;
    found.into_iter().enumerate().filter(|&(label, _)| is_island(label)).map(|(_, island)| island).collect()
}

/// Rows and columns exchanged, block by block, so that both stay in the cache.
fn turned(tone: &[f32], width: usize, height: usize) -> Vec<f32> {
    let mut turned = vec![0.0; tone.len()];
    for y0 in (0..height).step_by(BLOCK_PX) {
        for x0 in (0..width).step_by(BLOCK_PX) {
            for x in x0..(x0 + BLOCK_PX).min(width) {
                for y in y0..(y0 + BLOCK_PX).min(height) {
                    turned[x * height + y] = tone[y * width + x];
                }
            }
        }
    }
    turned
}

/// Unblurred edges along the rows.
fn runs(tone: &[f32], width: usize, height: usize) -> Vec<Run> {
    let mut found = Vec::new();
    if height < 4 {
        return found;
    }
    let row = |y: usize| &tone[y * width..][..width];
    let mut sharp = vec![false; width];
    for y in 0..height - 1 {
        // Outside the picture nothing steps: quiet, and undoes nothing.
        let (before, here) = (row(y.saturating_sub(1)), row(y));
        let (next, behind) = (row(y + 1), row((y + 2).min(height - 1)));
        for sign in [1.0_f32, -1.0] {
            let rows = before.iter().zip(here).zip(next.iter().zip(behind));
            for (sharp, ((before, here), (next, behind))) in sharp.iter_mut().zip(rows) {
                let (above, step, below) = (here - before, sign * (next - here), behind - next);
                let quiet = |other: f32| other.abs() <= MAX_SPREAD * step;
                // A line one pixel wide steps back at once, so one quiet side is enough if the other side undoes it.
                let undoes = |other: f32| -sign * other > 0.6 * step;
                let (quiet_above, quiet_below) = (quiet(above), quiet(below));
                *sharp = (step >= MIN_STEP)
                    & ((quiet_above & (quiet_below | undoes(below))) | (quiet_below & undoes(above)));
            }
            if sharp.iter().filter(|&&sharp| sharp).count() < MIN_RUN_PX {
                continue;
            }
            let (mut from, mut hits, mut misses) = (0, 0_usize, 0_usize);
            let mut last = 0;
            for (x, sharp) in sharp.iter().copied().chain([false]).enumerate() {
                if sharp {
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
pub(crate) fn clear(valid: &mut [bool], width: usize, height: usize, [x0, y0, x1, y1]: [usize; 4]) {
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
    let mut dark = vec![true; columns * rows];
    let [red, green, blue] = primaries.map(|p| p.chunks_exact(width));
    for (y, ((red, green), blue)) in red.zip(green).zip(blue).enumerate() {
        let blocks = red.chunks(BLOCK_PX).zip(green.chunks(BLOCK_PX)).zip(blue.chunks(BLOCK_PX));
        for (dark, ((r, g), b)) in dark[y / BLOCK_PX * columns..].iter_mut().zip(blocks) {
            *dark = *dark && [r, g, b].iter().all(|p| p.iter().all(|&v| v <= SURROUND_BRIGHTEST));
        }
    }
    let (labels, area) = components(&dark, columns, false);
    let mut at_frame = vec![false; area.len()];
    for (i, &label) in labels.iter().enumerate() {
        let (x, y) = (i % columns, i / columns);
        at_frame[label as usize] |= x == 0 || y == 0 || x == columns - 1 || y == rows - 1;
    }
    for (i, &label) in labels.iter().enumerate() {
        let label = label as usize;
        if label == 0 || !at_frame[label] || (area[label] as f32) < SURROUND_SHARE * (columns * rows) as f32 {
            continue;
        }
        let (x, y) = (i % columns, i / columns);
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
    let [red, green, blue] = primaries;
    let full: Vec<bool> = red
        .iter()
        .zip(green.iter())
        .zip(blue.iter())
        .map(|((r, g), b)| *r >= GLARE_DARKEST && *g >= GLARE_DARKEST && *b >= GLARE_DARKEST)
        .collect();
    debug_assert_eq!(full.len(), width * height);
    if full.iter().filter(|&&full| full).count() < GLARE_AREA_PX {
        return;
    }
    let (labels, area) = components(&full, width, true);
    for (flag, &label) in valid.iter_mut().zip(&labels) {
        if label > 0 && area[label as usize] >= GLARE_AREA_PX {
            *flag = false;
        }
    }
}

/// Labels of the connected areas of `flags` in rows of `width`, numbered in the order of their first pixels, 0 where no
/// flag is; and the number of pixels of every label. Areas that only meet at corners are one if `corners`.
///
/// imageproc's `connected_components` would do the same with 24 bytes for every pixel, 0.6 GB at 24 megapixels, and panics on
/// pictures one pixel wide or high.
pub(crate) fn components(flags: &[bool], width: usize, corners: bool) -> (Vec<u32>, Vec<usize>) {
    let height = flags.len() / width.max(1);
    let mut labels = vec![0_u32; flags.len()];
    let mut area = vec![0];
    let mut open = Vec::new();
    for (first, &flag) in flags.iter().enumerate() {
        if !flag || labels[first] > 0 {
            continue;
        }
        let label = area.len() as u32;
        labels[first] = label;
        open.push(first);
        let mut count = 0;
        while let Some(i) = open.pop() {
            count += 1;
            let (x, y) = (i % width, i / width);
            for near_y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for near_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let near = near_y * width + near_x;
                    if (corners || near_x == x || near_y == y) && flags[near] && labels[near] == 0 {
                        labels[near] = label;
                        open.push(near);
                    }
                }
            }
        }
        area.push(count);
    }
    area[0] = flags.iter().filter(|&&flag| !flag).count();
    (labels, area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::Plane;

    #[test]
    fn areas_are_numbered_by_their_first_pixel() {
        let flags: Vec<bool> = b"#.##.#.#....#..#".iter().map(|&c| c == b'#').collect();
        assert_eq!(components(&flags, 4, false).0, [1, 0, 2, 2, 0, 3, 0, 2, 0, 0, 0, 0, 4, 0, 0, 5]);
        assert_eq!(
            components(&flags, 4, true),
            (vec![1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 3], vec![9, 5, 1, 1])
        );
    }

    #[test]
    fn thin_and_small_pictures_are_masked_like_any_other() {
        let sizes = (24..=64).map(|n| (n, n)).chain((1..=12).flat_map(|n| [(n, 700), (700, n)]));
        for (width, height) in sizes {
            // Black to the left, glare to the right, skin between: each a third, if there is room for it.
            let light = |x: usize, y: usize| {
                let place = if width > height { x * 3 / width } else { y * 3 / height };
                [0.001, 0.4, 1.0][place]
            };
            let data = (0..width * height).map(|i| light(i % width, i / width)).collect();
            let plane = Plane { width, height, data };
            let valid = scalp(&LinearPhoto { primaries: [plane.clone(), plane.clone(), plane] });
            assert_eq!(valid.len(), width * height);
            assert!(!valid[0], "{width} × {height}: the black frame is no scalp");
            if width * height > 4 * GLARE_AREA_PX {
                assert!(!valid[width * height - 1], "{width} × {height}: glare is no scalp");
            }
        }
    }
}
