//! A few letters beside a hair, such as its width, where there is room for them.

use vellus::Hair;

use super::canvas::{CAPITALS, Canvas, Colour, Frame, text_width};
use super::{Pen, Shaft, length};

/// Letter size, nominal px.
const SIZE: f32 = 12.0;
/// Where along the shaft a label is tried, as a share of its points, the best place first.
const PLACES: [f32; 7] = [0.6, 0.75, 0.45, 0.9, 0.3, 1.0, 0.15];

/// What stands beside a shaft.
pub struct Label {
    pub shaft: Shaft,
    pub text: String,
    pub colour: Colour,
}

/// Draws the labels that find a place: not on what is `taken`, and rather not on one of `shafts`.
pub fn draw(
    canvas: &mut Canvas,
    shafts: &[Shaft],
    labels: impl IntoIterator<Item = Label>,
    mut taken: Vec<Frame>,
    pen: Pen,
) {
    let size = SIZE * pen.unit;
    let shafts = Occupied::new(canvas, shafts);
    for Label { shaft, text, colour } in labels {
        let [width, height] = [text_width(&text, size), CAPITALS * size];
        let mut best: Option<(f32, Frame)> = None;
        for (rank, at) in PLACES.iter().enumerate() {
            for side in [1.0, -1.0] {
                let Some([x, y]) = beside(&shaft, *at, side, [width, height], pen) else { continue };
                let frame = Frame { x: x - 0.5 * width, y: y - 0.5 * height, width, height };
                let margin = pen.unit;
                let room = Frame {
                    x: frame.x - margin,
                    y: frame.y - margin,
                    width: width + 2.0 * margin,
                    height: height + 2.0 * margin,
                };
                let inside = room.x >= 0.0
                    && room.y >= 0.0
                    && room.x + room.width < canvas.width()
                    && room.y + room.height < canvas.height();
                if !inside || taken.iter().any(|other| other.meets(&room)) {
                    continue;
                }
                // A label may lie on a shaft, but rather a worse place along its own than on another.
                let cost = shafts.share(&room) * 20.0 + rank as f32;
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, frame));
                }
            }
        }
        if let Some((_, frame)) = best {
            canvas.text(&text, [frame.x, frame.y + frame.height], size, colour, 1.6 * pen.unit);
            taken.push(frame);
        }
    }
}

/// The width of a hair in the unit that the photo has; below the limit where it is not resolved.
pub fn width(hair: &Hair) -> Option<String> {
    match (hair.diameter_um, hair.diameter_limit_um) {
        (Some(diameter), _) => Some(format!("{diameter:.0}")),
        (None, Some(limit)) => Some(format!("<{limit:.0}")),
        (None, None) => hair.width_px.map(|width| format!("{width:.1}")),
    }
}

/// Centre of a label of the given size beside the shaft, so that it just clears the edge.
fn beside(shaft: &Shaft, at: f32, side: f32, [width, height]: [f32; 2], pen: Pen) -> Option<[f32; 2]> {
    let last = shaft.axis.len().checked_sub(1)?;
    let i = ((at * last as f32).round() as usize).min(last);
    let (before, after) = (shaft.axis[i.saturating_sub(1)], shaft.axis[(i + 1).min(last)]);
    let along = [after[0] - before[0], after[1] - before[1]];
    let norm = length(along);
    if norm <= 0.0 {
        return None;
    }
    let normal = [-along[1] / norm * side, along[0] / norm * side];
    let half = 0.5 * shaft.width.unwrap_or(1.0);
    // Half of the label's extent in the direction of the normal.
    let reach = 0.5 * (width * normal[0].abs() + height * normal[1].abs());
    let away = half + reach + 3.5 * pen.unit;
    let [x, y] = shaft.axis[i];
    Some([x + away * normal[0], y + away * normal[1]])
}

/// A coarse grid of where shafts are.
struct Occupied {
    cells: Vec<bool>,
    columns: usize,
    rows: usize,
}

/// Side of a cell, px.
const CELL_PX: f32 = 4.0;

impl Occupied {
    fn new(canvas: &Canvas, shafts: &[Shaft]) -> Self {
        let columns = (canvas.width() / CELL_PX).ceil() as usize;
        let rows = (canvas.height() / CELL_PX).ceil() as usize;
        let mut grid = Self { cells: vec![false; columns * rows], columns, rows };
        for shaft in shafts {
            let half = 0.5 * shaft.width.unwrap_or(1.0);
            for pair in shaft.axis.windows(2) {
                let [a, b] = [pair[0], pair[1]];
                let steps = (length([b[0] - a[0], b[1] - a[1]]) / CELL_PX).ceil().clamp(1.0, 1e4);
                for step in 0..=steps as usize {
                    let t = step as f32 / steps;
                    let [x, y] = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
                    let frame = Frame { x: x - half, y: y - half, width: 2.0 * half, height: 2.0 * half };
                    grid.visit(&frame, |cell| *cell = true);
                }
            }
        }
        grid
    }

    /// Share of a box that is on shafts.
    fn share(&self, frame: &Frame) -> f32 {
        let (columns, rows) = self.range(frame);
        let total = columns.len() * rows.len();
        let taken: usize = rows
            .map(|row| columns.clone().filter(|column| self.cells[row * self.columns + column]).count())
            .sum();
        taken as f32 / total.max(1) as f32
    }

    fn visit(&mut self, frame: &Frame, mut action: impl FnMut(&mut bool)) {
        let (columns, rows) = self.range(frame);
        for row in rows {
            self.cells[row * self.columns..][columns.clone()].iter_mut().for_each(&mut action);
        }
    }

    fn range(&self, frame: &Frame) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let cells = |from: f32, size: f32, count: usize| {
            let first = ((from / CELL_PX).floor().max(0.0) as usize).min(count);
            let end = (((from + size) / CELL_PX).floor().max(-1.0) + 1.0) as usize;
            first..end.clamp(first, count)
        };
        (cells(frame.x, frame.width, self.columns), cells(frame.y, frame.height, self.rows))
    }
}
