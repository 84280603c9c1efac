//! Lines of print in a part of a photo.
//!
//! [`Tone`], box → [`Line`]s: connected areas darker or brighter than a threshold, put together by height and baseline.

use super::tone::Tone;
use crate::median::upper_median_of;

/// A box of a photo, px: left, top (included), right, bottom (excluded).
pub(crate) type BoxPx = [usize; 4];

/// A line of print.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// First and last column (excluded), px of the photo.
    pub columns: [usize; 2],
    /// Row under the digits: the edge between the last row with ink and the next, px.
    pub baseline: f32,
    /// Height of a digit, px.
    pub height: f32,
    /// Level of the paper.
    pub paper: f32,
    /// Level of the ink.
    pub ink: f32,
}

impl Line {
    /// Whether another line is the same print.
    pub fn same(&self, other: &Self) -> bool {
        let near = |a: usize, b: usize| a.abs_diff(b) <= 1;
        near(self.columns[0], other.columns[0])
            && near(self.columns[1], other.columns[1])
            && (self.baseline - other.baseline).abs() < 0.6
            && (self.height - other.height).abs() < 0.6
            && (self.ink > self.paper) == (other.ink > other.paper)
    }
}

/// Smallest and largest height of a digit, px: below 6 a 6 cannot be told from an 8.
const HEIGHTS: [usize; 2] = [6, 90];
/// Most letters of a line that can be a label.
const MOST_LETTERS: usize = 24;

/// A connected area: its first and last column and row (the last excluded), px, and how many pixels it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub x: [usize; 2],
    pub y: [usize; 2],
    count: usize,
}

impl Area {
    pub fn height(&self) -> usize {
        self.y[1] - self.y[0]
    }

    /// Rows and columns exchanged.
    pub fn turned(&self) -> Self {
        Self { x: self.y, y: self.x, ..*self }
    }

    /// Its box, ends included.
    pub fn bounds(&self) -> BoxPx {
        [self.x[0], self.y[0], self.x[1] - 1, self.y[1] - 1]
    }
}

/// Levels at which a part of a photo is cut into ink and paper: between its quiet levels, evenly.
pub(crate) fn thresholds(tone: &Tone, [x0, y0, x1, y1]: BoxPx) -> Vec<u8> {
    let mut counts = [0_u32; 256];
    for y in y0..y1 {
        tone.row(y)[x0..x1].iter().for_each(|&v| counts[usize::from(v)] += 1);
    }
    let total: u32 = counts.iter().sum();
    let at = |share: f32| {
        let mut sum = 0;
        counts.iter().position(|&n| {
            sum += n;
            sum as f32 > share * total as f32
        })
    };
    let (low, high) = (at(0.002).unwrap_or(0), at(0.998).unwrap_or(255));
    if high < low + 24 {
        return Vec::new();
    }
    const STEPS: usize = 9;
    (1..STEPS).map(|k| (low + (high - low) * k / STEPS) as u8).collect()
}

/// Lines of print of one polarity at a threshold; `dark` print is at most as bright as it.
pub(crate) fn lines(tone: &Tone, area: BoxPx, threshold: u8, dark: bool) -> Vec<Line> {
    let areas = areas(tone, area, threshold, dark);
    let mut seeds: Vec<&Area> = areas
        .iter()
        .filter(|a| {
            let (h, w) = (a.height(), a.x[1] - a.x[0]);
            (HEIGHTS[0]..=HEIGHTS[1]).contains(&h) && w <= 4 * h && !touches(a, area)
        })
        .collect();
    if seeds.len() > 200 {
        return Vec::new();
    }
    seeds.sort_by_key(|a| (std::cmp::Reverse(a.height()), a.x[0], a.y[0]));
    let mut used: Vec<BoxPx> = Vec::new();
    let mut found = Vec::new();
    for seed in seeds {
        let inside =
            |b: &BoxPx| seed.x[0] >= b[0] && seed.x[1] <= b[2] && seed.y[0] >= b[1] && seed.y[1] <= b[3];
        if used.iter().any(inside) {
            continue;
        }
        let Some((members, extent)) = gather(seed, &areas, area) else { continue };
        used.push(extent);
        if let Some(line) = line(tone, &members, extent, threshold, dark, seed.height()) {
            found.push(line);
        }
    }
    found
}

fn touches(a: &Area, [x0, y0, x1, y1]: BoxPx) -> bool {
    a.x[0] == x0 || a.y[0] == y0 || a.x[1] == x1 || a.y[1] == y1
}

/// The areas that stand in one line with a seed, from left to right, and the box around them.
fn gather<'a>(seed: &Area, areas: &'a [Area], area: BoxPx) -> Option<(Vec<&'a Area>, BoxPx)> {
    let h = seed.height();
    let (top, base) = (seed.y[0], seed.y[1]);
    let slack = (h / 5).max(1);
    let level: Vec<&Area> = areas
        .iter()
        .filter(|a| {
            a.height() <= h + slack + 1
                && a.y[0] + slack >= top
                && a.y[1] <= base + h / 2
                && a.x[1] - a.x[0] <= 4 * h
                && !touches(a, area)
        })
        .collect();
    // Along the line as far as gaps are no wider than a digit.
    let gap = h + h / 3;
    let mut extent = [seed.x[0], seed.x[1]];
    loop {
        let grown = level.iter().fold(extent, |e, a| {
            let near = a.x[0] <= e[1] + gap && a.x[1] + gap >= e[0];
            if near { [e[0].min(a.x[0]), e[1].max(a.x[1])] } else { e }
        });
        if grown == extent {
            break;
        }
        extent = grown;
    }
    let mut members: Vec<&Area> =
        level.into_iter().filter(|a| a.x[0] >= extent[0] && a.x[1] <= extent[1]).collect();
    members.sort_by_key(|a| (a.x[0], a.y[0]));
    let tall = members.iter().filter(|a| 2 * a.height() > h).count();
    if !(2..=MOST_LETTERS).contains(&tall) {
        return None;
    }
    let box_px = [extent[0], top.saturating_sub(slack), extent[1], base + h / 2];
    Some((members, box_px))
}

fn line(
    tone: &Tone,
    members: &[&Area],
    extent: BoxPx,
    threshold: u8,
    dark: bool,
    seed_height: usize,
) -> Option<Line> {
    let tall: Vec<&&Area> = members.iter().filter(|a| a.height() * 20 > seed_height * 17).collect();
    let bottoms: Vec<f32> = tall.iter().map(|a| a.y[1] as f32).collect();
    let tops: Vec<f32> = tall.iter().map(|a| a.y[0] as f32).collect();
    let (baseline, top) = (upper_median_of(bottoms), upper_median_of(tops));
    let height = baseline - top;
    // Ink and paper: the quarters of the line that are surely one or the other.
    let (mut ink, mut paper) = (Vec::new(), Vec::new());
    let y1 = (baseline as usize + 1).min(tone.height);
    for y in (top as usize).saturating_sub(1)..y1 {
        for &v in &tone.row(y)[extent[0].saturating_sub(2)..(extent[2] + 2).min(tone.width)] {
            if (v <= threshold) == dark { &mut ink } else { &mut paper }.push(f32::from(v));
        }
    }
    if ink.len() < 8 || paper.len() < ink.len() / 3 {
        return None;
    }
    let paper = upper_median_of(paper);
    ink.sort_by(f32::total_cmp);
    let deep = ink.len() * 15 / 100;
    let ink = if dark { ink[deep] } else { ink[ink.len() - 1 - deep] };
    ((ink - paper).abs() >= 24.0).then_some(Line {
        columns: [extent[0], extent[2]],
        baseline,
        height,
        paper,
        ink,
    })
}

/// Connected areas of ink (corners connect), by runs of rows.
pub(crate) fn areas(tone: &Tone, [x0, y0, x1, y1]: BoxPx, threshold: u8, dark: bool) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    let mut parent: Vec<usize> = Vec::new();
    let mut before: Vec<(usize, usize, usize)> = Vec::new();
    let mut here: Vec<(usize, usize, usize)> = Vec::new();
    fn root(parent: &mut [usize], mut k: usize) -> usize {
        while parent[k] != k {
            parent[k] = parent[parent[k]];
            k = parent[k];
        }
        k
    }
    for y in y0..y1 {
        here.clear();
        let row = &tone.row(y)[x0..x1];
        let mut x = 0;
        let mut first_above = 0;
        while x < row.len() {
            if (row[x] <= threshold) != dark {
                x += 1;
                continue;
            }
            let from = x;
            while x < row.len() && (row[x] <= threshold) == dark {
                x += 1;
            }
            let label = areas.len();
            areas.push(Area { x: [from + x0, x + x0], y: [y, y + 1], count: x - from });
            parent.push(label);
            while first_above < before.len() && before[first_above].1 < from {
                first_above += 1;
            }
            for &(a, _, above) in before[first_above..].iter().take_while(|run| run.0 <= x) {
                debug_assert!(a <= x);
                let (p, q) = (root(&mut parent, label), root(&mut parent, above));
                if p != q {
                    let (keep, gone) = (p.min(q), p.max(q));
                    parent[gone] = keep;
                    let other = areas[gone];
                    let area = &mut areas[keep];
                    area.x = [area.x[0].min(other.x[0]), area.x[1].max(other.x[1])];
                    area.y = [area.y[0].min(other.y[0]), area.y[1].max(other.y[1])];
                    area.count += other.count;
                }
            }
            here.push((from, x, label));
        }
        std::mem::swap(&mut before, &mut here);
    }
    (0..areas.len()).filter(|&k| parent[k] == k && areas[k].count >= 2).map(|k| areas[k]).collect()
}
