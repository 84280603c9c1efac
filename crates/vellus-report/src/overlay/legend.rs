//! The panel in a corner: the numbers, what the colours mean, a scale bar.

use vellus::{HairClass, Measurement, Verdict};

use super::canvas::{CAPITALS, Canvas, Colour, Frame, Line, text_width};
use super::{Pen, RIM, TERMINAL, UNCLASSED, UNCOUNTED, UNIT, VELLUS};

/// Letter size, nominal px.
const SIZE: f32 = 14.0;
/// Distance between base lines over the letter size.
const LEADING: f32 = 1.5;
/// Largest share of the photo that the panel may cover.
const LARGEST_SHARE: f32 = 1.0 / 3.0;
const WHITE: Colour = [255, 255, 255];
/// Lengths that a scale bar may have, µm; the longest that fits is taken.
const BARS_UM: [f32; 7] = [10_000.0, 5000.0, 2000.0, 1000.0, 500.0, 200.0, 100.0];
/// Longest scale bar, nominal px.
const BAR_PX: f32 = 220.0;

/// What stands before a word.
#[derive(Clone, Copy)]
enum Mark {
    None,
    Shaft(Colour),
    Veiled(Colour),
    Ring(Colour),
    /// A scale bar of this length, px.
    Bar(f32),
}

/// A line of the panel: marks with their words.
type Row = Vec<(Mark, String)>;

/// Draws the panel; says where it is.
pub fn draw(canvas: &mut Canvas, measurement: &Measurement, pen: Pen) -> Option<Frame> {
    let size = SIZE * pen.unit;
    let rows = rows(measurement, pen);
    let padding = 0.8 * size;
    let widest = rows.iter().map(|row| row_width(row, size)).fold(0.0_f32, f32::max);
    let width = widest + 2.0 * padding;
    let height = (rows.len() as f32 - 1.0) * LEADING * size + CAPITALS * size + 2.0 * padding;
    let fits = width < 0.9 * canvas.width()
        && height < 0.9 * canvas.height()
        && width * height < LARGEST_SHARE * canvas.width() * canvas.height();
    if !fits {
        return None;
    }
    let panel = emptiest_corner(canvas, measurement, width, height, 0.6 * size);
    canvas.rectangle(panel, RIM, 0.78);
    let mut y = panel.y + padding + CAPITALS * size;
    for row in &rows {
        let mut x = panel.x + padding;
        for (mark, words) in row {
            x += draw_mark(canvas, *mark, [x, y - 0.5 * CAPITALS * size], size, pen);
            canvas.text(words, [x, y], size, WHITE, 0.0);
            x += text_width(words, size) + size;
        }
        y += LEADING * size;
    }
    Some(panel)
}

fn rows(measurement: &Measurement, pen: Pen) -> Vec<Row> {
    let words = |text: String| vec![(Mark::None, text)];
    let summary = &measurement.summary;
    let verdict = measurement.quality.verdict;
    if verdict == Verdict::Fail {
        return vec![words("cannot be measured".to_owned()), words(codes(measurement))];
    }
    let mut rows =
        vec![words(format!("{} hairs{}", summary.hair_count, interval(summary.hair_count_ci95, 0)))];
    if let Some(density) = summary.density_per_cm2 {
        rows.push(words(format!("{density:.0} per cm²{}", interval(summary.density_ci95_per_cm2, 0))));
    }
    if let Some(mean) = summary.mean_diameter_um {
        rows.push(words(format!("mean diameter {mean:.0} µm")));
    }
    let of = |class| measurement.counted().filter(|hair| hair.class == Some(class)).count();
    let mut classes: Row = Vec::new();
    for (class, name, colour) in
        [(HairClass::Terminal, "terminal", TERMINAL), (HairClass::Vellus, "vellus", VELLUS)]
    {
        if of(class) > 0 {
            classes.push((Mark::Shaft(colour), format!("{name} {}", of(class))));
        }
    }
    if measurement.counted().any(|hair| hair.class.is_none()) {
        classes.push((Mark::Shaft(UNCLASSED), "counted".to_owned()));
    }
    let mut others: Row = Vec::new();
    let units = super::units(measurement).count();
    if units > 0 {
        others.push((Mark::Ring(UNIT), format!("units {units}")));
    }
    let uncounted = measurement.hairs.iter().filter(|hair| !hair.counted).count();
    if uncounted > 0 {
        others.push((Mark::Veiled(UNCOUNTED), format!("not counted {uncounted}")));
    }
    rows.extend([classes, others].into_iter().filter(|row| !row.is_empty()));
    match measurement.calibration {
        Some(calibration) => {
            let um_per_px = calibration.um_per_px as f32;
            if measurement.hairs.iter().any(|hair| hair.counted) {
                rows.push(words("beside each hair: its diameter, µm".to_owned()));
            }
            if let Some(bar) = BARS_UM.iter().find(|&&bar| bar / um_per_px <= BAR_PX * pen.unit) {
                let name = if *bar < 1000.0 { format!("{bar} µm") } else { format!("{} mm", bar / 1000.0) };
                rows.push(vec![(Mark::Bar(bar / um_per_px), name)]);
            }
        }
        None => rows.push(words("no scale: widths in px".to_owned())),
    }
    if verdict == Verdict::Warn {
        rows.push(words(format!("note: {}", codes(measurement))));
    }
    rows
}

/// The names of the two findings that weigh most.
fn codes(measurement: &Measurement) -> String {
    let mut findings: Vec<_> = measurement.quality.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let name = |finding: &&vellus::Finding| match serde_json::to_value(finding.code) {
        Ok(serde_json::Value::String(code)) => code.replace('_', " "),
        _ => String::new(),
    };
    findings.iter().take(2).map(name).collect::<Vec<_>>().join(", ")
}

fn interval(ci95: Option<[f64; 2]>, decimals: usize) -> String {
    ci95.map(|[low, high]| format!(" ({low:.decimals$}–{high:.decimals$})")).unwrap_or_default()
}

/// Length of a mark and the gap after it, px.
fn mark_width(mark: Mark, size: f32) -> f32 {
    match mark {
        Mark::None => 0.0,
        Mark::Shaft(_) | Mark::Veiled(_) => 2.1 * size,
        Mark::Ring(_) => 1.4 * size,
        Mark::Bar(length) => length + 0.6 * size,
    }
}

fn row_width(row: &Row, size: f32) -> f32 {
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

/// The corner with the fewest points of hairs; the first of equals in the order top left, top right, bottom left,
/// bottom right.
fn emptiest_corner(
    canvas: &Canvas,
    measurement: &Measurement,
    width: f32,
    height: f32,
    margin: f32,
) -> Frame {
    let (right, bottom) = (canvas.width() - width - margin, canvas.height() - height - margin);
    let corners = [[margin, margin], [right, margin], [margin, bottom], [right, bottom]];
    let frames = corners.map(|[x, y]| Frame { x, y, width, height });
    let hidden = |frame: &Frame| {
        let points = measurement.hairs.iter().flat_map(|hair| &hair.centreline_px);
        points.filter(|p| frame.contains(p.map(|v| v as f32))).count()
    };
    let mut best = (hidden(&frames[0]), frames[0]);
    for frame in &frames[1..] {
        let count = hidden(frame);
        if count < best.0 {
            best = (count, *frame);
        }
    }
    best.1
}
