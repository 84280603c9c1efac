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
        let slack = (tall / 10).max(1);
        let is_of_line = |area: &&&Area| {
            let h = area.height() as f32;
            h >= LOWEST * tall as f32 && h <= HIGHEST * tall as f32 + slack as f32
        };
        let rows = &standing[seed.y[1].saturating_sub(slack)..=(seed.y[1] + slack).min(height)];
        let mut near: Vec<&Area> = Vec::new();
        for row in rows {
            let first = row.partition_point(|area| area.x[0] < seed.x[0]);
            near.extend(row[first..].iter().filter(is_of_line));
        }
        near.sort_by_key(|area| (area.x, area.y));
        let gap = (GAP * tall as f32) as usize;
        let (mut right, mut letters) = (seed.x[1], 0);
        for area in near {
            if area.x[0] > right + gap {
                break;
            }
            right = right.max(area.x[1]);
            letters += usize::from(area.y[0].abs_diff(seed.y[0]) <= slack);
        }
        if letters >= if tall < SMALL_PX { LEAST_SMALL } else { LEAST_LETTERS } {
            found.push(Line { tall, area: [seed.x[0], seed.y[0], right - 1, seed.y[1] - 1] });
        }
    }
    found
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
