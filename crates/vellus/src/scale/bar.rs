//! Drawn bars: straight lines of one colour along the rows, with sharp sides and sharp ends.
//!
//! [`Tone`] → [`Bar`]s. A hair that runs along a row over the length of a bar within half a pixel, with one width, one
//! colour and two square ends, does not occur; what does are frames and underlines, which `mark` leaves out as far as it can
//! tell them.

use super::tone::Tone;
use crate::median::upper_median_of;

/// A drawn line along the rows, px.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// Its ends along the row: outer edges, or the middles of end ticks where both ends have one.
    pub from: f32,
    /// The other end.
    pub to: f32,
    /// Middle of its thickness.
    pub at: f32,
    /// Its thickness.
    pub thickness: f32,
    /// Its level, 0 to 255.
    pub colour: f32,
    /// Standard error of both ends: how they are meant (outer edge, middle of the tick, one pixel more or less), and how
    /// well they are seen.
    pub end_se: [f32; 2],
}

impl Bar {
    /// Its length, px.
    pub fn length(&self) -> f32 {
        self.to - self.from
    }

    /// Its standard error, px.
    pub fn length_se(&self) -> f32 {
        libm::hypotf(self.end_se[0], self.end_se[1])
    }
}

/// Ends bars of an L at the outer edge of its other arm, which is told better than where a line ends on a hair.
pub(crate) fn join_corners(bars: &mut [Bar], arms: &[Bar]) {
    for bar in bars {
        for arm in arms {
            let meets = (arm.from - bar.at).abs().min((arm.to - bar.at).abs()) < 5.0;
            let reach = (0.15 * bar.length()).clamp(3.0, 40.0);
            let near = [bar.from, bar.to].map(|end| (arm.at - end).abs() < reach);
            let thin = arm.thickness < 2.0 * bar.thickness + 2.0;
            if !meets || !thin || near[0] == near[1] {
                continue;
            }
            let half = 0.5 * arm.thickness;
            if near[0] {
                bar.from = arm.at - half;
                bar.end_se[0] = libm::hypotf(0.3, half);
            } else {
                bar.to = arm.at + half;
                bar.end_se[1] = libm::hypotf(0.3, half);
            }
            // Both arms of an L are of one length, unless they are seen not to be: then each helps the other.
            let (a, b) = (bar.length_se(), arm.length_se());
            if (bar.length() - arm.length()).abs() < 2.0 * libm::hypotf(a, b) && b < 0.7 * a {
                let share = a * a / (a * a + b * b);
                let longer = share * (arm.length() - bar.length());
                let far = usize::from(near[0]);
                if near[0] {
                    bar.to += longer;
                } else {
                    bar.from -= longer;
                }
                bar.end_se[far] *= libm::sqrtf(1.0 - share);
            }
        }
    }
}

/// How far away the sides of a line are looked at, px; lines are at most as thick.
const SIDES: [usize; 4] = [2, 5, 12, 26];
/// Least step from the side to the line, levels of 255: JPEG's ringing beside print stays below.
const MIN_STEP: u8 = 22;
/// Shortest bar, px, and as a share of the photo's width: shorter ones give no scale to 3 %.
const SHORTEST: (usize, f32) = (24, 0.015);
/// Longest gap in a line, where a hair or a tick crosses it, px.
const MAX_GAP: usize = 26;
/// Least share of a line that is seen.
const SEEN_SHARE: f32 = 0.85;
/// Most candidates that are looked at closely.
const MOST: usize = 400;

#[derive(Debug, Clone, Copy)]
struct Run {
    y: usize,
    from: usize,
    to: usize,
}

/// The bars along the rows of a picture.
pub(crate) fn bars(tone: &Tone) -> Vec<Bar> {
    let shortest = SHORTEST.0.max((SHORTEST.1 * tone.width as f32) as usize);
    let mut found = Vec::new();
    for side in SIDES {
        if tone.height < 2 * side + 3 || tone.width < shortest + 4 {
            continue;
        }
        for (sign, runs) in [1.0, -1.0].into_iter().zip(runs(tone, side, shortest)) {
            let mut checked = 0;
            for (k, run) in runs.iter().enumerate() {
                // One look per line: the middle one of the rows that it takes.
                let follows = |other: &Run| {
                    other.y == run.y + 1 && other.from.abs_diff(run.from) < 6 && other.to.abs_diff(run.to) < 6
                };
                if runs[k + 1..].iter().take_while(|o| o.y <= run.y + 1).any(follows) && side > 2 {
                    // The middle of a thick bar is found from any of its rows; look at the last one only.
                    continue;
                }
                checked += 1;
                if checked > MOST {
                    break;
                }
                let Some(bar) = look(tone, run, side as f32, sign) else { continue };
                if bar.length() >= shortest as f32 {
                    found.push(bar);
                }
            }
        }
    }
    // Of the same line as seen from several sides, the one whose ends are surest.
    found.sort_by(|a, b| a.length_se().total_cmp(&b.length_se()).then(b.length().total_cmp(&a.length())));
    let mut kept: Vec<Bar> = Vec::new();
    for bar in found {
        let same = |other: &Bar| {
            (other.at - bar.at).abs() < 0.5 * other.thickness + 2.0
                && other.from < bar.to
                && bar.from < other.to
        };
        if !kept.iter().any(same) {
            kept.push(bar);
        }
    }
    kept
}

/// Stretches of rows that are darker, and that are brighter, than what lies `side` px to both sides.
fn runs(tone: &Tone, side: usize, shortest: usize) -> [Vec<Run>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    let mut flags = [vec![0_u8; tone.width], vec![0_u8; tone.width]];
    for y in side..tone.height - side {
        let (above, here, below) = (tone.row(y - side), tone.row(y), tone.row(y + side));
        let [dark, bright] = &mut flags;
        let rows = above.iter().zip(here).zip(below);
        for ((dark, bright), ((&a, &p), &b)) in dark.iter_mut().zip(bright.iter_mut()).zip(rows) {
            *dark = u8::from(a.saturating_sub(p).min(b.saturating_sub(p)) >= MIN_STEP);
            *bright = u8::from(p.saturating_sub(a).min(p.saturating_sub(b)) >= MIN_STEP);
        }
        for (flags, found) in flags.iter().zip(&mut found) {
            let count: usize = flags.chunks(255).map(|part| usize::from(part.iter().sum::<u8>())).sum();
            if count >= shortest * 4 / 5 {
                stretches(flags, y, shortest, found);
            }
        }
    }
    found
}

/// Stretches of a row with few and short gaps.
fn stretches(flags: &[u8], y: usize, shortest: usize, found: &mut Vec<Run>) {
    let (mut from, mut last, mut hits) = (0, 0, 0_usize);
    for x in 0..=flags.len() {
        if flags.get(x) == Some(&1) {
            if hits == 0 {
                from = x;
            }
            last = x;
            hits += 1;
        } else if hits > 0 && (x == flags.len() || x - last > MAX_GAP) {
            let length = last + 1 - from;
            if length >= shortest && hits as f32 >= SEEN_SHARE * length as f32 {
                found.push(Run { y, from, to: last });
            }
            hits = 0;
        }
    }
}

/// A bar, if the run is one.
fn look(tone: &Tone, run: &Run, side: f32, sign: f32) -> Option<Bar> {
    let columns: Vec<usize> = {
        let step = ((run.to - run.from) / 64).max(1);
        (run.from + 2..run.to.saturating_sub(1)).step_by(step).collect()
    };
    if columns.len() < 12 {
        return None;
    }
    let of = |y: f32| upper_median_of(columns.iter().map(|&x| tone.between(x as f32, y)));
    // Sides as they are at every column: skin is not of one brightness.
    let y = run.y as f32;
    let colour = of(y);
    let contrast = (sign * (of(y - side) - colour)).min(sign * (of(y + side) - colour));
    if contrast < f32::from(MIN_STEP) {
        return None;
    }
    let tone_at = |x: usize, k: f32| sign * (tone.between(x as f32, k) - colour);
    // Uniform along its length.
    let off = columns.iter().filter(|&&x| tone_at(x, y).abs() > 0.3 * contrast).count();
    if off as f32 > 0.15 * columns.len() as f32 {
        return None;
    }
    let edge = |x: usize, direction: f32| -> f32 {
        let outer = tone_at(x, y + direction * side).max(0.5 * contrast);
        let mut before = 0.0;
        for k in 1..=side as usize {
            let value = tone_at(x, y + direction * k as f32);
            if value > 0.5 * outer {
                return k as f32 - (value - 0.5 * outer) / (value - before).max(1.0);
            }
            before = value;
        }
        side
    };
    let mut edges = [-1.0, 1.0].map(|d| columns.iter().map(|&x| edge(x, d)).collect::<Vec<f32>>());
    let straight = |edges: &[f32], middle: f32| {
        let off = edges.iter().filter(|e| (**e - middle).abs() > 0.6).count() as f32;
        off <= 0.2 * edges.len() as f32
    };
    let mut middles = [0.0; 2];
    for (middle, edges) in middles.iter_mut().zip(&mut edges) {
        *middle = upper_median_of(edges.clone());
        if !straight(edges, *middle) {
            return None;
        }
        // No drift from one end to the other: a hair leans.
        let third = edges.len() / 3;
        let ends = [&edges[..third], &edges[edges.len() - third..]].map(|e| upper_median_of(e.to_vec()));
        if (ends[0] - ends[1]).abs() > 0.35 {
            return None;
        }
    }
    let (top, bottom) = (y - middles[0], y + middles[1]);
    let thickness = bottom - top;
    let at = 0.5 * (top + bottom);
    // Sharp sides: all of the step within three pixels.
    let sharp = |from: f32, direction: f32| {
        let near = sign * (of(from + direction * 1.8) - colour);
        let far = sign * (of(from + direction * (1.8 + 3.0)) - colour);
        near > 0.62 * far.min(contrast)
    };
    if !sharp(top, -1.0) || !sharp(bottom, 1.0) {
        return None;
    }
    let length = (run.to - run.from) as f32;
    if length < 4.0 * thickness {
        return None;
    }
    let scatter = upper_median_of(columns.iter().map(|&x| tone_at(x, y).abs()));
    let tolerance = (3.0 * scatter + 5.0).min(0.5 * contrast);
    let left = end(tone, run.from as isize, -1, [top, bottom], colour, tolerance)?;
    let right = end(tone, run.to as isize, 1, [top, bottom], colour, tolerance)?;
    let (from, to) = match (left.tick, right.tick) {
        // Between the middles of two end ticks.
        (Some(a), Some(b)) => (left.at + 0.5 * a, right.at - 0.5 * b),
        _ => (left.at, right.at),
    };
    // A line of one pixel is drawn from one pixel to another, the last one with it or not; ends of a tick are its middle
    // or its outer edge.
    let end_se = [&left, &right].map(|end| libm::hypotf(0.3, 0.25 * end.tick.unwrap_or(0.0)) + end.unsure);
    Some(Bar { from, to, at, thickness, colour, end_se })
}

/// An end of a line.
struct End {
    /// Where it ends.
    at: f32,
    /// Width of the tick there, if there is one.
    tick: Option<f32>,
    /// What else is unsure of it, px.
    unsure: f32,
}

/// Follows a line from `x` on in `direction` to where its colour is left; `None` where it has no sharp end.
fn end(
    tone: &Tone,
    x: isize,
    direction: isize,
    [top, bottom]: [f32; 2],
    colour: f32,
    tolerance: f32,
) -> Option<End> {
    let rows: Vec<f32> = if bottom - top < 3.0 {
        vec![libm::roundf(0.5 * (top + bottom))]
    } else {
        (0..4).map(|k| top + 1.0 + (bottom - top - 2.0) * k as f32 / 3.0).collect()
    };
    let inside = 0..tone.width as isize;
    let value =
        |x: isize| rows.iter().map(|&y| tone.between(x as f32, y) - colour).sum::<f32>() / rows.len() as f32;
    // Back to where it surely is, then on to where it is left for good.
    let mut x =
        (0..12).map(|k| x - k * direction).find(|&x| inside.contains(&x) && value(x).abs() < tolerance)?;
    let stands_out = |x: isize| {
        [top - 2.0, bottom + 2.0]
            .into_iter()
            .all(|y| (tone.between(x as f32, libm::roundf(y)) - colour).abs() > tolerance)
    };
    while inside.contains(&(x + direction)) {
        // A speck in the line is passed over if the line goes on beyond it, not if a hair of its colour lies there.
        let on = |k: &isize| {
            let next = x + k * direction;
            value(next).abs() < tolerance && (*k == 1 || stands_out(next))
        };
        let Some(step) = (1..=3).find(on) else { break };
        x += step * direction;
    }
    // Where a hair of its colour lies over it, it ends where it was last seen for sure.
    let seen = |x: isize| {
        [top - 2.0, bottom + 2.0]
            .into_iter()
            .any(|y| (tone.between(x as f32, libm::roundf(y)) - colour).abs() > tolerance)
    };
    let back = (0..40).find(|k| seen(x - k * direction))?;
    if back > 1 {
        x -= back * direction;
        return Some(End { at: x as f32 + 0.5 * direction as f32, tick: None, unsure: 1.5 });
    }
    if !inside.contains(&(x + 4 * direction)) {
        return None;
    }
    // Beyond it, another colour: at once, or after one mixed pixel.
    let (next, beyond) = (value(x + direction), value(x + 2 * direction));
    if beyond.abs() < 1.3 * tolerance {
        return None;
    }
    // Pixel centres: half the way from one to the next is the edge of the last; a mixed pixel is covered by its share.
    let share = (1.0 - next / beyond).clamp(0.0, 1.0);
    let at = x as f32 + direction as f32 * (0.5 + share);
    let wide = |y: f32| {
        let on = |x: isize| (tone.between(x as f32, y) - colour).abs() < tolerance;
        let first = (-1..=2).find(|k| on(x - k * direction))?;
        Some((first..first + 12).take_while(|k| on(x - k * direction)).count() as f32)
    };
    let reach = 3.0_f32.max(0.8 * (bottom - top));
    let ticks = [wide(libm::roundf(top - reach)), wide(libm::roundf(bottom + reach))];
    let tick = ticks.into_iter().flatten().reduce(f32::max);
    Some(End { at, tick: tick.filter(|&t| t < 12.0), unsure: 0.0 })
}
