//! The panel in a corner: the numbers, what the colours mean, a scale bar.

use vellus::{Finding, HairClass, Measurement, Origin, Verdict};

use super::canvas::{Canvas, Frame};
use super::panel::{Mark, Row, SIZE, draw_rows, rows_size, scale_bar};
use super::{Pen, READER, RIM, TERMINAL, UNCLASSED, UNCOUNTED, UNIT, VELLUS};

/// Largest share of the photo that the panel may cover.
const LARGEST_SHARE: f32 = 1.0 / 3.0;
/// Draws the panel; says where it is.
pub fn draw(canvas: &mut Canvas, measurement: &Measurement, pen: Pen) -> Option<Frame> {
    let size = SIZE * pen.unit;
    let rows = rows(measurement, pen);
    let padding = 0.8 * size;
    let [width, height] = rows_size(&rows, size).map(|side| side + 2.0 * padding);
    let fits = width < 0.9 * canvas.width()
        && height < 0.9 * canvas.height()
        && width * height < LARGEST_SHARE * canvas.width() * canvas.height();
    if !fits {
        return None;
    }
    let panel = emptiest_corner(canvas, measurement, width, height, 0.6 * size);
    canvas.rectangle(panel, RIM, 0.78);
    draw_rows(canvas, &rows, [panel.x + padding, panel.y + padding], size, pen);
    Some(panel)
}

fn rows(measurement: &Measurement, pen: Pen) -> Vec<Row> {
    let words = |text: String| vec![(Mark::None, text)];
    let summary = &measurement.summary;
    let verdict = measurement.quality.verdict;
    if verdict == Verdict::Fail {
        return vec![words("cannot be measured".to_owned()), words(codes(&measurement.quality.findings))];
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
    let mut by_hand: Row = Vec::new();
    for (origin, name) in [(Origin::Added, "drawn by hand"), (Origin::Turned, "turned by hand")] {
        let count = measurement.hairs.iter().filter(|hair| hair.origin == origin).count();
        if let Some(badge) = super::sign(origin).filter(|_| count > 0) {
            by_hand.push((Mark::Badge(badge, READER), format!("{name} {count}")));
        }
    }
    rows.extend([classes, others, by_hand].into_iter().filter(|row| !row.is_empty()));
    match measurement.calibration {
        Some(calibration) => {
            let um_per_px = calibration.um_per_px as f32;
            if measurement.hairs.iter().any(|hair| hair.counted) {
                rows.push(words("beside each hair: its diameter, µm".to_owned()));
            }
            rows.extend(scale_bar(um_per_px, pen).map(|bar| vec![bar]));
        }
        None => rows.push(words("no scale: widths in px".to_owned())),
    }
    if verdict == Verdict::Warn {
        rows.push(words(format!("note: {}", codes(&measurement.quality.findings))));
    }
    rows
}

/// The names of the two findings that weigh most.
pub fn codes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut findings: Vec<_> = findings.into_iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let name = |finding: &&Finding| match serde_json::to_value(finding.code) {
        Ok(serde_json::Value::String(code)) => code.replace('_', " "),
        _ => String::new(),
    };
    findings.iter().take(2).map(name).collect::<Vec<_>>().join(", ")
}

fn interval(ci95: Option<[f64; 2]>, decimals: usize) -> String {
    ci95.map(|[low, high]| format!(" ({low:.decimals$}–{high:.decimals$})")).unwrap_or_default()
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
