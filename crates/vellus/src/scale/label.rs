//! What a line of print says, if it is a length: a number and its unit.
//!
//! [`Line`] → [`Label`]. The line is cut where it has no ink and, where glyphs touch, at the thinnest columns; among all
//! ways to take the pieces together, the one is read that the network holds for most likely and that is a length:
//! `number [point digits] (mm|µm|um|cm)`, with nothing before or behind but a gap.

use super::glyph::{BASELINE, DIGIT, Glyph, SIDE, tell};
use super::text::Line;
use super::tone::Tone;
use crate::plane::bilinear;

/// A length as it is printed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    /// As it was read.
    pub text: String,
    /// The length, µm.
    pub length_um: f64,
    /// Probability of its least certain glyph.
    pub sure: f32,
    /// First and last column, px.
    pub columns: [usize; 2],
    /// First and last row of its line, px, with what hangs below it.
    pub rows: [usize; 2],
    /// Level of its ink, 0 to 255.
    pub ink: f32,
}

/// Least probability of every glyph of a label that gives a scale.
pub(crate) const SURE: f32 = 0.8;
/// The same of a point, which is a speck of a few pixels and nothing else that a number may have.
const SURE_POINT: f32 = 0.5;
/// Ink above which a column is part of a glyph.
const INK: f32 = 0.33;
/// Widest glyph, and gaps: within a number or a unit, between number and unit, and around a label, heights of a digit.
const WIDEST: f32 = 1.6;
const GAP_WITHIN: f32 = 0.62;
const GAP_BEFORE_UNIT: f32 = 1.35;
const GAP_BEFORE: f32 = 0.35;
const GAP_BEHIND: f32 = 0.22;
/// Most pieces that are taken together.
const MOST_PIECES: usize = 5;

/// A piece of the line between two cuts, columns from the line's first one.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: usize,
    to: usize,
}

/// What a reader has seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Whole,
    Point,
    Part,
    Milli,
    Micro,
    Centi,
    Done,
}

const STATES: usize = 8;

impl State {
    /// What follows a glyph, if it may stand here; `gap` is the one before it, in heights of a digit.
    fn next(self, glyph: Glyph, gap: f32) -> Option<Self> {
        use State::*;
        let near = gap <= GAP_WITHIN;
        match (self, glyph) {
            (Start, Glyph::Digit(_)) => Some(Whole),
            (Whole, Glyph::Digit(_)) if near => Some(Whole),
            (Whole, Glyph::Point) if near => Some(Point),
            (Point | Part, Glyph::Digit(_)) if near => Some(Part),
            (Whole | Part, Glyph::M) if gap <= GAP_BEFORE_UNIT => Some(Milli),
            (Whole | Part, Glyph::Micro) if gap <= GAP_BEFORE_UNIT => Some(Micro),
            (Whole | Part, Glyph::C) if gap <= GAP_BEFORE_UNIT => Some(Centi),
            (Milli | Micro | Centi, Glyph::M) if near => Some(Done),
            _ => None,
        }
    }
}

/// The best way to a state at a cut.
#[derive(Debug, Clone)]
struct Way {
    log: f32,
    sure: f32,
    text: String,
    from: usize,
}

/// Reads a line; `None` if it is no length, or what it says is not sure.
pub(crate) fn read(tone: &Tone, line: &Line) -> Option<Label> {
    let ink = Ink::new(tone, line);
    let pieces = pieces(&ink, line.height);
    if pieces.len() < 3 || pieces.len() > 80 {
        return None;
    }
    let h = line.height;
    let gap = |k: usize| match k {
        0 => f32::INFINITY,
        k if k == pieces.len() => f32::INFINITY,
        k => (pieces[k].from - pieces[k - 1].to) as f32 / h,
    };
    let mut ways: Vec<[Option<Way>; STATES]> = vec![Default::default(); pieces.len() + 1];
    let mut best: Option<(Way, usize)> = None;
    for k in 0..pieces.len() {
        if k == 0 || gap(k) >= GAP_BEFORE && !ends_in_number(&ink, &pieces[..k]) {
            let way = Way { log: 0.0, sure: 1.0, text: String::new(), from: pieces[k].from };
            ways[k][State::Start as usize] = Some(way);
        }
        if ways[k].iter().all(Option::is_none) {
            continue;
        }
        for n in 1..=MOST_PIECES.min(pieces.len() - k) {
            let (from, to) = (pieces[k].from, pieces[k + n - 1].to);
            // A glyph has no gap in it.
            if (to - from) as f32 > WIDEST * h || (1..n).any(|j| pieces[k + j].from > pieces[k + j - 1].to) {
                break;
            }
            let shares = tell(&ink.window(from, to));
            for state in ALL_STATES {
                let Some(way) = ways[k][state as usize].clone() else { continue };
                for (glyph, &share) in Glyph::ALL.into_iter().zip(&shares) {
                    if share < 0.02 {
                        continue;
                    }
                    let Some(next) = state.next(glyph, gap(k)) else { continue };
                    let mut text = way.text.clone();
                    if matches!(next, State::Milli | State::Micro | State::Centi) {
                        text.push(' ');
                    }
                    text.push(glyph.letter());
                    let longer = Way {
                        log: way.log + libm::logf(share),
                        sure: if glyph == Glyph::Point && share >= SURE_POINT {
                            way.sure
                        } else {
                            way.sure.min(share)
                        },
                        text,
                        from: way.from,
                    };
                    if next == State::Done {
                        let closed = gap(k + n) >= GAP_BEHIND;
                        if closed && best.as_ref().is_none_or(|(b, _)| longer.log > b.log) {
                            best = Some((longer, to));
                        }
                    } else {
                        let place = &mut ways[k + n][next as usize];
                        if place.as_ref().is_none_or(|w| longer.log > w.log) {
                            *place = Some(longer);
                        }
                    }
                }
            }
        }
    }
    let (way, to) = best.filter(|(way, _)| way.sure >= SURE)?;
    let length_um = length_um(&way.text)?;
    let columns = [way.from, to].map(|x| x + ink.left);
    let rows =
        [line.baseline - 1.2 * line.height, line.baseline + 0.4 * line.height].map(|y| y.max(0.0) as usize);
    Some(Label { text: way.text, length_um, sure: way.sure, columns, rows, ink: line.ink })
}

/// Whether what lies before a gap may be a digit or a point: then a number does not begin behind it.
fn ends_in_number(ink: &Ink, before: &[Piece]) -> bool {
    (1..=MOST_PIECES.min(before.len())).any(|n| {
        let last = &before[before.len() - n..];
        let joined = (1..n).all(|j| last[j].from == last[j - 1].to);
        joined && tell(&ink.window(last[0].from, last[n - 1].to))[..=10].iter().sum::<f32>() > 0.2
    })
}

const ALL_STATES: [State; 7] =
    [State::Start, State::Whole, State::Point, State::Part, State::Milli, State::Micro, State::Centi];

/// Length that a text such as `1.5 mm` states, µm.
pub(crate) fn length_um(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let whole = number.split('.').next()?;
    // A zero in front is one that a point follows.
    if whole.len() > 1 && whole.starts_with('0') || number == "0" {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    let factor = match unit {
        "mm" => 1000.0,
        "µm" => 1.0,
        "cm" => 10_000.0,
        _ => return None,
    };
    (value > 0.0).then_some(value * factor)
}

/// Ink of a line, 0 to 1.
struct Ink {
    left: usize,
    width: usize,
    rows: usize,
    data: Vec<f32>,
    baseline: f32,
    height: f32,
}

impl Ink {
    fn new(tone: &Tone, line: &Line) -> Self {
        let left = line.columns[0].saturating_sub(2);
        let right = (line.columns[1] + 2).min(tone.width);
        // Boxes around labels are tight: what lies above the digits or below the baseline is not the label's. A µ without
        // its tail is a u, a comma a point.
        let top = (line.baseline - 1.04 * line.height - 0.5).max(0.0) as usize;
        let bottom = ((line.baseline + 0.04 * line.height + 0.5) as usize).min(tone.height);
        let span = line.ink - line.paper;
        let data = (top..bottom)
            .flat_map(|y| tone.row(y)[left..right].iter())
            .map(|&v| ((f32::from(v) - line.paper) / span).clamp(0.0, 1.0))
            .collect();
        let baseline = line.baseline - top as f32;
        Self { left, width: right - left, rows: bottom - top, data, baseline, height: line.height }
    }

    fn at(&self, x: isize, y: isize, [from, to]: [usize; 2]) -> f32 {
        let inside = y >= 0 && (y as usize) < self.rows && x >= from as isize && x < to as isize;
        if inside { self.data[y as usize * self.width + x as usize] } else { 0.0 }
    }

    /// What the network sees of the columns from `from` to `to` (excluded).
    fn window(&self, from: usize, to: usize) -> [f32; SIDE * SIDE] {
        const SUB: usize = 3;
        let step = self.height / DIGIT;
        let centre = 0.5 * (from + to) as f32;
        let mut window = [0.0; SIDE * SIDE];
        let place = |k: usize, j: usize| k as f32 + (j as f32 + 0.5) / SUB as f32;
        for (k, value) in window.iter_mut().enumerate() {
            let mut sum = 0.0;
            for j in 0..SUB * SUB {
                let x = centre + (place(k % SIDE, j % SUB) - 0.5 * SIDE as f32) * step - 0.5;
                let y = self.baseline + (place(k / SIDE, j / SUB) - BASELINE) * step - 0.5;
                let (x0, y0) = (x.floor(), y.floor());
                let (u, v) = (x - x0, y - y0);
                let get = |(dx, dy)| self.at(x0 as isize + dx, y0 as isize + dy, [from, to]);
                sum += bilinear([(0, 0), (1, 0), (0, 1), (1, 1)].map(get), u, v);
            }
            *value = sum / (SUB * SUB) as f32;
        }
        window
    }
}

/// Pieces between the cuts.
fn pieces(ink: &Ink, height: f32) -> Vec<Piece> {
    let column = |x: usize| (0..ink.rows).map(move |y| ink.data[y * ink.width + x]);
    let most: Vec<f32> = (0..ink.width).map(|x| column(x).fold(0.0, f32::max)).collect();
    let sums: Vec<f32> = (0..ink.width).map(|x| column(x).sum()).collect();
    let mut pieces = Vec::new();
    let mut x = 0;
    while x < ink.width {
        if most[x] < INK {
            x += 1;
            continue;
        }
        let from = x;
        while x < ink.width && most[x] >= INK {
            x += 1;
        }
        let mut cuts = vec![from];
        if (x - from) as f32 > 0.5 * height {
            for k in from + 2..x.saturating_sub(2) {
                let low = sums[k] <= sums[k - 1] && sums[k] < sums[k + 1]
                    || sums[k] < sums[k - 1] && sums[k] <= sums[k + 1];
                if low && sums[k] < 0.45 * height && k - cuts[cuts.len() - 1] >= 2 {
                    cuts.push(k);
                }
            }
        }
        cuts.push(x);
        pieces.extend(cuts.windows(2).map(|w| Piece { from: w[0], to: w[1] }));
    }
    pieces
}
