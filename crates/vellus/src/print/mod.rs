//! Lines of print, along the rows or along the columns.
//!
//! Where at least [`LEAST_LETTERS`] connected areas of one height follow each other on one base line, somebody wrote. Hairs, pores
//! and glare have no common height: without print, on 25 clinic photos, 20 drawn scalps and 10 photos of other devices at most
//! three of them do, but in specks of less than 8 px.
//!
//! [`drawn_over`] finds what is no scalp, print of one ink that software drew over a photo; [`readable`], slower, whatever nobody
//! may read in a copy.

mod drawn;
#[cfg(test)]
pub(crate) mod letters;
mod readable;

pub(crate) use self::drawn::drawn_over;
pub(crate) use self::readable::readable;
use crate::deidentify::{BoxPx, overlap};
use crate::scale::Area;

/// Least and largest height of a letter, px, at the size at which it is looked for.
const HEIGHTS_PX: [usize; 2] = [6, 90];
/// Letters of one height in a line, and of those that are less than [`SMALL_PX`] high, as specks of glare may be.
const LEAST_LETTERS: usize = 4;
const LEAST_SMALL: usize = 5;
const SMALL_PX: usize = 8;
/// In heights of a letter: the widest area, as letters may touch; the least and the highest of a line; the widest gap.
const WIDEST: usize = 3;
const LOWEST: f32 = 0.5;
const HIGHEST: f32 = 1.5;
const GAP: f32 = 1.2;

/// A line of print: its letters' height, px, and the box from its first letter to its last, ends included.
#[derive(Debug, Clone, Copy)]
struct Line {
    tall: usize,
    area: BoxPx,
}

/// Lines of areas that may be letters, in a picture of a height in px.
fn lines_of(areas: &[Area], height: usize) -> Vec<Line> {
    // By the row on which they stand, from left to right.
    let mut standing: Vec<Vec<&Area>> = vec![Vec::new(); height + 1];
    for area in areas {
        let across = area.x[1] - area.x[0];
        if (HEIGHTS_PX[0]..=HEIGHTS_PX[1]).contains(&area.height()) && across <= WIDEST * area.height() {
            standing[area.y[1]].push(area);
        }
    }
    standing.iter_mut().for_each(|row| row.sort_by_key(|area| (area.x, area.y)));
    let mut found: Vec<Line> = Vec::new();
    for seed in standing.iter().flatten() {
        let tall = seed.height();
        // From a letter of a line that is found already the same line goes on.
        let is_within = |line: &Line| {
            line.area[1] == seed.y[0] && line.area[3] + 1 == seed.y[1] && seed.x[0] <= line.area[2]
        };
        if found.last().is_some_and(is_within) {
            continue;
        }
        let slack = (tall / 10).max(1);
        let rows = &standing[seed.y[1].saturating_sub(slack)..=(seed.y[1] + slack).min(height)];
        let (right, letters) = followed(seed, rows, slack);
        if letters >= if tall < SMALL_PX { LEAST_SMALL } else { LEAST_LETTERS } {
            found.push(Line { tall, area: [seed.x[0], seed.y[0], right - 1, seed.y[1] - 1] });
        }
    }
    found
}

/// Where the line that begins with a letter ends, the next column, and how many letters of its height it has; `rows` are the areas
/// that stand on its base line, to within `slack` px, from left to right.
///
/// Nothing beyond the first gap is looked at, so that the time grows with the letters of a line, not with those of the picture.
fn followed(seed: &Area, rows: &[Vec<&Area>], slack: usize) -> (usize, usize) {
    let tall = seed.height();
    let is_of_line = |area: &Area| {
        let h = area.height() as f32;
        h >= LOWEST * tall as f32 && h <= HIGHEST * tall as f32 + slack as f32
    };
    let gap = (GAP * tall as f32) as usize;
    let mut next: Vec<&[&Area]> =
        rows.iter().map(|row| &row[row.partition_point(|area| area.x[0] < seed.x[0])..]).collect();
    let (mut right, mut letters) = (seed.x[1], 0);
    loop {
        let reach = right + gap;
        for row in &mut next {
            let others = row.iter().take_while(|area| area.x[0] <= reach && !is_of_line(area)).count();
            *row = &row[others..];
        }
        let within = next.iter_mut().filter(|row| row.first().is_some_and(|area| area.x[0] <= reach));
        let Some(row) = within.min_by_key(|row| (row[0].x, row[0].y)) else { return (right, letters) };
        right = right.max(row[0].x[1]);
        letters += usize::from(row[0].y[0].abs_diff(seed.y[0]) <= slack);
        *row = &row[1..];
    }
}

/// The box of a line with some space for what was not seen of it, in a picture of a width and height in px.
fn with_room(Line { tall, area: [x0, y0, x1, y1] }: Line, [width, height]: [usize; 2]) -> BoxPx {
    let (above, below) = (y0.saturating_sub(tall / 2), y1 + tall / 2);
    [x0.saturating_sub(2 * tall), above, (x1 + 2 * tall).min(width - 1), below.min(height - 1)]
}

/// Boxes that overlap, as one.
fn joined(mut boxes: Vec<BoxPx>) -> Vec<BoxPx> {
    boxes.sort_unstable();
    boxes.dedup();
    loop {
        let mut apart: Vec<BoxPx> = Vec::new();
        for b in &boxes {
            match apart.iter_mut().find(|a| overlap(a, b)) {
                Some(a) => *a = [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])],
                None => apart.push(*b),
            }
        }
        if apart.len() == boxes.len() {
            return apart;
        }
        boxes = apart;
    }
}
