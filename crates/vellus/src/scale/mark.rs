//! Bars and the labels beside them.

use super::bar::{Bar, bars as lines_drawn, join_corners};
use super::label::{Label, read};
use super::text::{BoxPx, Line, lines, thresholds};
use super::tone::Tone;
use super::{READ_UM_PER_PX, ScaleMark, Seen};
use crate::median::upper_median_of;

/// Error of the program that drew a mark: what its magnification was set to, and what the lens does. A stage micrometer
/// tells it ([`calibrate`](super::calibrate)); without one, one per cent.
pub(crate) const DRAWN_ERROR: f64 = 0.01;

/// Largest standard error of the length of a bar that gives a scale: px, or as a share of its length.
const BLURRED_END: (f32, f32) = (0.9, 0.008);

/// Most lines along the rows, and along the columns, whose label is looked for: a table of lines is no scale.
const MOST_BARS: usize = 24;

/// Reads all bars of a photo; in red only if green shows none.
pub(crate) fn bars(tones: &[Tone; 2], seen: &mut Seen) {
    let mut found: Vec<(Bar, bool, Label)> = Vec::new();
    for tone in tones {
        let turned = tone.turned();
        let (rows, columns) = (lines_drawn(tone), lines_drawn(&turned));
        for (vertical, bars, arms) in [(false, &rows, &columns), (true, &columns, &rows)] {
            let mut bars = bars.clone();
            join_corners(&mut bars, arms);
            let here = if vertical { &turned } else { tone };
            for bar in unframed(&bars).filter(|bar| is_between_equals(here, bar)).take(MOST_BARS) {
                if let Some(label) = label_of(tones, bar, vertical) {
                    found.push((bar.clone(), vertical, label));
                }
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    let bars = chosen(found, seen);
    let seen_well = |bar: &Bar| bar.length_se() < BLURRED_END.0.max(BLURRED_END.1 * bar.length());
    if let Some((_, _, label)) = bars.first().filter(|_| !bars.iter().any(|(bar, ..)| seen_well(bar))) {
        seen.unread.push(format!(
            "The scale bar of {} lies on hair, so that its ends are not seen well enough to give a scale.",
            label.text
        ));
    }
    for (bar, vertical, label) in bars.into_iter().filter(|(bar, ..)| seen_well(bar)) {
        let length_px = f64::from(bar.length());
        let um_per_px = label.length_um / length_px;
        let ends = [bar.from, bar.to].map(|x| {
            let (x, y) = (f64::from(x), f64::from(bar.at));
            if vertical { [y, x] } else { [x, y] }
        });
        let ([left, right], [top, bottom]) = (label.columns, label.rows);
        seen.label_boxes.push([left, top, right, bottom]);
        seen.marks.push(ScaleMark {
            from_px: ends[0].map(round),
            to_px: ends[1].map(round),
            length_um: label.length_um,
            label: label.text,
            um_per_px: libm::round(um_per_px * 1e4) / 1e4,
            relative_error: round4(libm::hypot(DRAWN_ERROR, f64::from(bar.length_se()) / length_px)),
        });
    }
}

/// Of the lines beside one label the one that is the bar. The paper of a label's box between its edge and the bar is a line,
/// too, but it touches the bar and is longer.
fn chosen(found: Vec<(Bar, bool, Label)>, seen: &mut Seen) -> Vec<(Bar, bool, Label)> {
    let paper = |a: &(Bar, bool, Label)| {
        found.iter().any(|b| {
            let apart = (a.0.at - b.0.at).abs() - 0.5 * (a.0.thickness + b.0.thickness);
            let inside = b.0.from > a.0.from - 2.0 && b.0.to < a.0.to + 2.0;
            a.1 == b.1 && a != b && inside && apart.abs() < 2.5 && a.0.length() > b.0.length() + 1.0
        })
    };
    let mut bars: Vec<(Bar, bool, Label)> = found.iter().filter(|a| !paper(a)).cloned().collect();
    // Printed in the colour of its label, if one is.
    let alike = |a: &(Bar, bool, Label)| (a.0.colour - a.2.ink).abs() < 40.0;
    if bars.iter().any(alike) {
        bars.retain(alike);
    }
    let scale = |a: &(Bar, bool, Label)| a.2.length_um / f64::from(a.0.length());
    bars.sort_by(|a, b| (a.0.length_se() / a.0.length()).total_cmp(&(b.0.length_se() / b.0.length())));
    let Some(best) = bars.first().map(scale) else { return bars };
    let reach = |a: &(Bar, bool, Label)| 2.0 * f64::from(a.0.length_se() / a.0.length()) + 0.01;
    let first = reach(&bars[0]);
    if bars.iter().any(|a| (scale(a) / best - 1.0).abs() > reach(a) + first) {
        let text = &bars[0].2.text;
        seen.unread.push(format!(
            "{} lines of different lengths lie beside the label \"{text}\"; which of them is the scale bar is not told.",
            bars.len()
        ));
        return Vec::new();
    }
    bars
}

fn round(value: f64) -> f64 {
    libm::round(value * 1e2) / 1e2
}

fn round4(value: f64) -> f64 {
    libm::round(value * 1e4) / 1e4
}

/// Where the label of a bar may stand: beside it by as much as its length, and above or below by half of that.
fn zone(tone: &Tone, bar: &Bar, vertical: bool) -> BoxPx {
    let unit = (tone.width as f32 / 1280.0).max(0.7);
    let along = (0.35 * bar.length()).clamp(90.0 * unit, 220.0 * unit);
    let across = (0.3 * bar.length()).clamp(45.0 * unit, 110.0 * unit);
    let (x, y) = ([bar.from - along, bar.to + along], [bar.at - across, bar.at + across]);
    let (x, y) = if vertical { (y, x) } else { (x, y) };
    let cut = |[a, b]: [f32; 2], end: usize| [a.max(0.0) as usize, (b.max(0.0) as usize).min(end)];
    let ([x0, x1], [y0, y1]) = (cut(x, tone.width), cut(y, tone.height));
    [x0, y0, x1, y1]
}

/// The label of a bar, if there is exactly one that fits.
fn label_of(tones: &[Tone; 2], bar: &Bar, vertical: bool) -> Option<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for tone in tones {
        let area = zone(tone, bar, vertical);
        if area[2] < area[0] + 12 || area[3] < area[1] + 8 {
            return None;
        }
        let mut lines_read: Vec<Line> = Vec::new();
        for threshold in thresholds(tone, area) {
            for dark in [false, true] {
                for line in lines(tone, area, threshold, dark) {
                    // The same print at the next threshold.
                    if lines_read.iter().filter(|other| other.same(&line)).count() < 2 {
                        let of_bar = |label: &Label| {
                            usual(label, bar)
                                && alone(label, &line)
                                && (vertical || !underlines(bar, &line) && !holds(bar, &line))
                        };
                        labels.extend(read(tone, &line).filter(of_bar));
                        lines_read.push(line);
                    }
                }
            }
        }
        if !labels.is_empty() {
            break;
        }
    }
    let best = labels.iter().max_by(|a, b| a.sure.total_cmp(&b.sure))?;
    // What is read differently at another threshold was not read.
    labels.iter().all(|label| label.length_um == best.length_um).then(|| best.clone())
}

/// The bars that are no side of a frame: it has another of the same length and place along it.
fn unframed(bars: &[Bar]) -> impl Iterator<Item = &Bar> {
    bars.iter().filter(|bar| {
        !bars.iter().any(|other| {
            let along = (bar.from - other.from).abs().max((bar.to - other.to).abs());
            along < SAME_PLACE_PX && (bar.at - other.at).abs() > bar.thickness.max(other.thickness) + 3.0
        })
    })
}

/// Whether what lies on both sides of a line is alike: the paper between the frame of a box and the bar in it is a line, too,
/// with skin on one side and the bar on the other.
fn is_between_equals(tone: &Tone, bar: &Bar) -> bool {
    // Of the rows near a side, the one that differs most: a thin bar may lie there.
    let beside = |side: f32| {
        let rows = [1.5, 2.5, 3.5, 4.5].map(|away| {
            let y = bar.at + side * (0.5 * bar.thickness + away);
            upper_median_of((1..12).map(|k| tone.between(bar.from + bar.length() * k as f32 / 12.0, y)))
        });
        let unlike = |level: &f32| (level - bar.colour).abs();
        rows.into_iter().max_by(|a, b| unlike(a).total_cmp(&unlike(b))).unwrap_or(bar.colour)
    };
    let (above, below) = (beside(-1.0), beside(1.0));
    (above - below).abs() < 0.25 * (bar.colour - above).abs().min((bar.colour - below).abs())
}

/// How far the ends of two lines, or of a line and its text, may be apart to be meant as one, px.
const SAME_PLACE_PX: f32 = 4.0;

/// Whether a label is all that its line of print says: "1.0 mm" in "Trimmed to 1.0 mm" or "4 x 1.0 mm" is no label.
fn alone(label: &Label, line: &Line) -> bool {
    let slack = 0.6 * line.height;
    (0..2).all(|k| (label.columns[k] as f32 - line.columns[k] as f32).abs() < slack)
}

/// Whether a text stands in a line itself, which then is the paper of a box.
fn holds(bar: &Bar, line: &Line) -> bool {
    let middle = line.baseline - 0.5 * line.height;
    (middle - bar.at).abs() < 0.5 * bar.thickness
        && line.columns[0] as f32 > bar.from
        && (line.columns[1] as f32) < bar.to
}

/// Whether a line lies under all of a text and nothing else.
fn underlines(bar: &Bar, line: &Line) -> bool {
    let ends = [bar.from, bar.to];
    (0..2).all(|k| (ends[k] - line.columns[k] as f32).abs() < SAME_PLACE_PX)
        && bar.at > line.baseline
        && bar.at < line.baseline + 0.7 * line.height
}

/// Whether a bar is drawn with such a length, and a close-up can have such pixels.
fn usual(label: &Label, bar: &Bar) -> bool {
    let um_per_px = label.length_um / f64::from(bar.length());
    (READ_UM_PER_PX[0]..=READ_UM_PER_PX[1]).contains(&um_per_px) && is_round(label.length_um)
}

/// Whether a length has at most two figures, or is a quarter: 1, 1.5, 20, 250, 0.75, 125.
pub(crate) fn is_round(length_um: f64) -> bool {
    let decade = libm::pow(10.0, libm::floor(libm::log10(length_um * 1.000_001)));
    let lead = length_um / decade;
    let near = |step: f64| (lead / step - libm::round(lead / step)).abs() < 1e-6;
    near(0.1) || near(0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(from: f32, to: f32, at: f32) -> Bar {
        Bar { from, to, at, thickness: 2.0, colour: 20.0, end_se: [0.3; 2] }
    }

    fn line(from: usize, to: usize) -> Line {
        Line { columns: [from, to], baseline: 100.0, height: 12.0, paper: 220.0, ink: 20.0 }
    }

    #[test]
    fn the_sides_of_a_frame_are_no_bars() {
        let bars = [bar(100.0, 300.0, 50.0), bar(101.0, 299.0, 90.0), bar(140.0, 240.0, 70.0)];
        let left: Vec<&Bar> = unframed(&bars).collect();
        assert_eq!(left, [&bars[2]]);
        // The two sides of one thick line are one line.
        let thick = [Bar { thickness: 12.0, ..bar(0.0, 90.0, 40.0) }, bar(0.0, 90.0, 46.0)];
        assert_eq!(unframed(&thick).count(), 2);
    }

    #[test]
    fn an_underline_is_no_bar_and_a_length_in_a_sentence_no_label() {
        assert!(underlines(&bar(40.0, 110.0, 104.0), &line(41, 109)));
        assert!(!underlines(&bar(40.0, 220.0, 104.0), &line(41, 109)));
        assert!(!underlines(&bar(40.0, 110.0, 80.0), &line(41, 109)));
        assert!(holds(&Bar { thickness: 16.0, ..bar(0.0, 200.0, 96.0) }, &line(41, 109)));
        assert!(!holds(&bar(0.0, 200.0, 80.0), &line(41, 109)));
        let label = Label {
            text: "1.0 mm".to_owned(),
            length_um: 1000.0,
            sure: 0.99,
            columns: [40, 110],
            rows: [86, 104],
            ink: 20.0,
        };
        assert!(alone(&label, &line(38, 112)));
        assert!(!alone(&label, &line(0, 112)));
    }
}
