//! Rows of marks with their words, as legends have them.

use super::badge::Badge;
use super::canvas::{CAPITALS, Canvas, Colour, Line, text_width};
use super::{Pen, RIM};

/// Letter size, nominal px.
pub const SIZE: f32 = 14.0;
/// Distance between base lines over the letter size.
const LEADING: f32 = 1.5;
pub const WHITE: Colour = [255, 255, 255];
/// Lengths that a scale bar may have, µm; the longest that fits is taken.
const BARS_UM: [f32; 7] = [10_000.0, 5000.0, 2000.0, 1000.0, 500.0, 200.0, 100.0];
/// Longest scale bar, nominal px.
const BAR_PX: f32 = 220.0;

/// What stands before a word.
#[derive(Clone, Copy)]
pub enum Mark {
    None,
    Shaft(Colour),
    Veiled(Colour),
    Ring(Colour),
    /// The outline of a shaft: colour, length of a dash (0 for none).
    Outline(Colour, f32),
    Badge(Badge, Colour),
    /// A scale bar of this length, px.
    Bar(f32),
}

/// A line of the panel: marks with their words.
pub type Row = Vec<(Mark, String)>;

/// Width and height of rows, px.
pub fn rows_size(rows: &[Row], size: f32) -> [f32; 2] {
    let widest = rows.iter().map(|row| row_width(row, size)).fold(0.0_f32, f32::max);
    [widest, (rows.len() as f32 - 1.0) * LEADING * size + CAPITALS * size]
}

/// Draws rows from their top left corner.
pub fn draw_rows(canvas: &mut Canvas, rows: &[Row], [left, top]: [f32; 2], size: f32, pen: Pen) {
    let mut y = top + CAPITALS * size;
    for row in rows {
        let mut x = left;
        for (mark, words) in row {
            x += draw_mark(canvas, *mark, [x, y - 0.5 * CAPITALS * size], size, pen);
            canvas.text(words, [x, y], size, WHITE, 0.0);
            x += text_width(words, size) + size;
        }
        y += LEADING * size;
    }
}

/// Breaks a row where it gets wider than `width` px.
pub fn wrapped(row: Row, width: f32, size: f32) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for entry in row {
        match rows.last_mut() {
            Some(last)
                if row_width(last, size) + size + row_width(std::slice::from_ref(&entry), size) <= width =>
            {
                last.push(entry);
            }
            _ => rows.push(vec![entry]),
        }
    }
    rows
}

/// The longest scale bar of a round length that is not too long, with its name.
pub fn scale_bar(um_per_px: f32, pen: Pen) -> Option<(Mark, String)> {
    let bar = BARS_UM.iter().find(|&&bar| bar / um_per_px <= BAR_PX * pen.unit)?;
    let name = if *bar < 1000.0 { format!("{bar} µm") } else { format!("{} mm", bar / 1000.0) };
    Some((Mark::Bar(bar / um_per_px), name))
}

/// Length of a mark and the gap after it, px.
fn mark_width(mark: Mark, size: f32) -> f32 {
    match mark {
        Mark::None => 0.0,
        Mark::Shaft(_) | Mark::Veiled(_) | Mark::Outline(..) => 2.1 * size,
        Mark::Ring(_) | Mark::Badge(..) => 1.4 * size,
        Mark::Bar(length) => length + 0.6 * size,
    }
}

fn row_width(row: &[(Mark, String)], size: f32) -> f32 {
    let parts: f32 = row.iter().map(|(mark, words)| mark_width(*mark, size) + text_width(words, size)).sum();
    parts + size * (row.len() as f32 - 1.0)
}

fn draw_mark(canvas: &mut Canvas, mark: Mark, [x, y]: [f32; 2], size: f32, pen: Pen) -> f32 {
    let outline =
        |end: f32, half: f32| [[x, y - half], [x + end, y - half], [x + end, y + half], [x, y + half]];
    match mark {
        Mark::None => {}
        Mark::Shaft(colour) => {
            let half = 0.24 * size;
            pen.line(canvas, &outline(1.5 * size, half), true, 1.6, colour, 0.0);
            canvas.disc([x, y], 3.0 * pen.unit, colour, 1.0);
        }
        Mark::Veiled(colour) => {
            let outline = outline(1.5 * size, 0.24 * size);
            canvas.fill_polygon(&outline, colour, 0.45);
            pen.line(canvas, &outline, true, 1.0, colour, 0.0);
        }
        Mark::Ring(colour) => {
            let radius = 0.42 * size;
            canvas.disc([x + radius, y], radius, colour, 1.0);
            canvas.disc([x + radius, y], radius - 1.3 * pen.unit, RIM, 1.0);
        }
        Mark::Outline(colour, dash) => {
            let outline = outline(1.5 * size, 0.24 * size);
            if dash > 0.0 {
                pen.dashed(canvas, &outline, 1.4, colour, dash);
            } else {
                pen.line(canvas, &outline, true, 1.4, colour, 0.0);
            }
        }
        Mark::Badge(badge, colour) => {
            let radius = 0.45 * size;
            badge.draw(canvas, [x + radius, y], radius, colour);
        }
        Mark::Bar(length) => {
            let line = Line { width: 2.0 * pen.unit, opacity: 1.0, dash: 0.0, closed: false };
            canvas.stroke(&[[x, y], [x + length, y]], WHITE, line);
            for end in [x, x + length] {
                canvas.stroke(&[[end, y - 0.3 * size], [end, y + 0.3 * size]], WHITE, line);
            }
        }
    }
    mark_width(mark, size)
}
