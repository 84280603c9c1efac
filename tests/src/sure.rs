//! How far what is stated can be trusted: intervals of counts and diameters, confidences of hairs.
//!
//! The true number of hairs is that which `intervals/fit.py` fits to: rooted in the field, not loose, at least 30 % visible.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use vellus::{Measurement, Verdict};
use vellus_phantom::Truth;

use crate::score::{Judged, Score, judge, mean, score};
use crate::table::plain;

/// What one photo, or several, say of themselves, beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sure {
    /// Photos that were refused; nothing else is of them.
    pub refused: usize,
    /// The others.
    pub counts: Vec<CountSaid>,
    /// Counted hairs: the confidence, and whether it is one. Those that lie on what nobody is asked to find are left out.
    pub hairs: Vec<(f64, bool)>,
}

/// A count with its interval, and the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CountSaid {
    /// The count.
    pub count: f64,
    /// Its 95 % interval.
    pub interval: [f64; 2],
    /// True number of hairs.
    pub truth: f64,
}

/// A measured photo beside its truth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// What is found; nothing of a refused photo.
    pub score: Score,
    /// What is said of it.
    pub sure: Sure,
}

/// Confidences are sorted into this many bins.
const BINS: usize = 10;
/// Factor on a standard error that makes a 95 % interval.
const Z95: f64 = 1.959_964;

impl Taken {
    /// Of one measurement.
    pub fn of(measurement: &Measurement, truth: &Truth) -> Self {
        if measurement.quality.verdict == Verdict::Fail {
            return Self { sure: Sure { refused: 1, ..Sure::default() }, ..Self::default() };
        }
        let judged = judge(measurement, truth);
        let count = f64::from(measurement.summary.hair_count);
        let interval = measurement.summary.hair_count_ci95.unwrap_or([count; 2]);
        let counts = vec![CountSaid { count, interval, truth: true_count(truth) as f64 }];
        let sure = Sure { refused: 0, counts, hairs: said_of_hairs(&judged) };
        Self { score: score(measurement, truth), sure }
    }

    /// Takes in another photo.
    pub fn add(&mut self, other: &Self) {
        self.score.add(&other.score);
        self.sure.refused += other.sure.refused;
        self.sure.counts.extend(&other.sure.counts);
        self.sure.hairs.extend(&other.sure.hairs);
    }
}

/// True hairs that count.
fn true_count(truth: &Truth) -> usize {
    let in_field = |[x, y]: [f64; 2]| truth.aperture.is_none_or(|[cx, cy, r]| (x - cx).hypot(y - cy) <= r);
    let counts = |h: &&vellus_phantom::HairTruth| {
        h.root_in_frame && !h.loose && h.visible_fraction >= 0.3 && in_field(h.root_px)
    };
    truth.hairs.iter().filter(counts).count()
}

/// Confidence of every counted hair, and whether it hits.
fn said_of_hairs(judged: &Judged) -> Vec<(f64, bool)> {
    (0..judged.counted.len())
        .filter(|i| !judged.ignored.contains(i))
        .map(|i| (judged.counted[i].confidence, judged.hits.iter().any(|hit| hit.0 == i)))
        .collect()
}

impl Sure {
    /// Share of the photos whose interval holds the true count, %. An interval is of a number that need not be whole.
    pub fn held_percent(&self) -> Option<f64> {
        let holds = |c: &CountSaid| c.interval[0] - 0.5 <= c.truth && c.truth <= c.interval[1] + 0.5;
        mean(&self.counts.iter().map(|c| 100.0 * f64::from(u8::from(holds(c)))).collect::<Vec<_>>())
    }

    /// Median half width of the counts' intervals, % of the count.
    pub fn half_width_percent(&self) -> Option<f64> {
        let half = |c: &CountSaid| 50.0 * (c.interval[1] - c.interval[0]) / c.count.max(1.0);
        crate::change::median(self.counts.iter().map(half).collect())
    }

    /// Hairs by their confidence: how many, the mean confidence, and the share that are hairs; `None` where there are none.
    pub fn bins(&self) -> [Option<(usize, f64, f64)>; BINS] {
        std::array::from_fn(|bin| {
            let of_bin = |c: f64| ((c * BINS as f64) as usize).min(BINS - 1) == bin;
            let here: Vec<&(f64, bool)> = self.hairs.iter().filter(|hair| of_bin(hair.0)).collect();
            let n = here.len() as f64;
            let right = here.iter().filter(|hair| hair.1).count() as f64;
            (n > 0.0).then(|| (here.len(), here.iter().map(|hair| hair.0).sum::<f64>() / n, right / n))
        })
    }
}

/// Share of the diameters whose interval holds the true one, %.
fn diameters_held_percent(score: &Score) -> Option<f64> {
    let pairs = score.diameter_errors_um.iter().zip(&score.diameter_ses_um);
    let held = pairs.map(|(error, se)| 100.0 * f64::from(u8::from(error.abs() <= Z95 * se)));
    mean(&held.collect::<Vec<_>>())
}

/// How often intervals hold the truth, a row per condition and one of all.
pub fn coverage_table(rows: &[(&str, Taken)]) -> String {
    let mut all = Taken::default();
    rows.iter().for_each(|(_, taken)| all.add(taken));
    let mut text = String::from(
        "| condition | photos | refused | count interval holds, % | its half width, % | diameters | diameter interval holds, % |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    let of_all = std::iter::once(("all", &all));
    for (name, Taken { score, sure }) in rows.iter().map(|(name, taken)| (*name, taken)).chain(of_all) {
        let name = if name == "all" { name.to_owned() } else { format!("`{name}`") };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            sure.counts.len() + sure.refused,
            sure.refused,
            plain(sure.held_percent(), 0),
            plain(sure.half_width_percent(), 0),
            score.diameter_ses_um.len(),
            plain(diameters_held_percent(score), 0),
        );
    }
    text
}

/// Hairs by their confidence, a row per tenth.
pub fn reliability_table(sure: &Sure) -> String {
    let mut text = String::from(
        "| confidence | hairs | mean confidence | are hairs, drawn right |\n|---|---:|---:|---:|\n",
    );
    for (bin, (n, said, right)) in sure.bins().iter().enumerate().filter_map(|(i, bin)| Some((i, (*bin)?))) {
        let [from, to] = [bin, bin + 1].map(|k| k as f64 / BINS as f64);
        let _ = writeln!(text, "| {from:.1} to {to:.1} | {n} | {said:.2} | {right:.2} |");
    }
    text
}

/// Side of the diagram, and its margin, in its own units.
const SIDE: f64 = 300.0;
const MARGIN: f64 = 46.0;

/// The same as a diagram: what is said along, what is so upwards; the area of a dot goes with the number of hairs, its line is
/// the 95 % interval of the share (Wilson 1927, doi:10.1080/01621459.1927.10502953).
pub fn reliability_diagram(sure: &Sure) -> String {
    let at = |x: f64, y: f64| (MARGIN + SIDE * x, 12.0 + SIDE * (1.0 - y));
    let (width, height) = (MARGIN + SIDE + 14.0, SIDE + 60.0);
    let ((x0, y0), (x1, y1)) = (at(0.0, 0.0), at(1.0, 1.0));
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Share of counted hairs that are hairs, by their confidence</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <path d=\"M{x0} {y0}L{x1} {y1}\" stroke=\"#888\" stroke-dasharray=\"4 4\"/>\n\
         <path d=\"M{x0} {y1}V{y0}H{x1}\" fill=\"none\" stroke=\"#222\"/>\n"
    );
    for tick in 0..=5 {
        let share = f64::from(tick) / 5.0;
        let ((x, _), (_, y)) = (at(share, 0.0), at(0.0, share));
        let _ = writeln!(
            text,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{share:.1}</text><text x=\"{:.0}\" y=\"{:.0}\" \
             text-anchor=\"end\">{share:.1}</text>",
            y0 + 17.0,
            x0 - 6.0,
            y + 4.0
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">confidence that is stated</text><text \
         transform=\"translate(13 {:.0}) rotate(-90)\" text-anchor=\"middle\">share that are hairs</text>",
        0.5 * (x0 + x1),
        y0 + 36.0,
        0.5 * (y0 + y1)
    );
    let most = sure.bins().iter().flatten().map(|bin| bin.0).max().unwrap_or(1) as f64;
    for (n, said, right) in sure.bins().iter().flatten().copied() {
        let [low, high] = wilson(right, n as f64);
        let ((x, y), (_, top), (_, bottom)) = (at(said, right), at(said, high), at(said, low));
        let radius = 2.0 + 5.0 * (n as f64 / most).sqrt();
        let _ = writeln!(
            text,
            "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"#1b6ca8\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" \
             fill=\"#1b6ca8\"/>"
        );
    }
    text + "</svg>\n"
}

/// 95 % interval of a share of `n`.
fn wilson(share: f64, n: f64) -> [f64; 2] {
    let square = Z95 * Z95 / n;
    let middle = (share + 0.5 * square) / (1.0 + square);
    let half = Z95 * (share * (1.0 - share) / n + 0.25 * square / n).sqrt() / (1.0 + square);
    [middle - half, middle + half]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(count: f64, low: f64, high: f64, truth: f64) -> CountSaid {
        CountSaid { count, interval: [low, high], truth }
    }

    #[test]
    fn an_interval_holds_what_lies_in_it() {
        let counts = vec![said(10.0, 8.0, 12.0, 12.0), said(20.0, 18.0, 22.0, 30.0)];
        let sure = Sure { counts, refused: 1, ..Sure::default() };
        assert_eq!(sure.held_percent(), Some(50.0));
        assert_eq!(sure.half_width_percent(), Some(15.0));
        let score = Score {
            diameter_errors_um: vec![1.0, -3.0, 1.0, 0.0],
            diameter_ses_um: vec![1.0, 1.0, 0.4, 1.0],
            ..Score::default()
        };
        let table = coverage_table(&[("dry", Taken { score, sure })]);
        assert!(
            table.ends_with("| `dry` | 3 | 1 | 50 | 15 | 4 | 50 |\n| all | 3 | 1 | 50 | 15 | 4 | 50 |\n"),
            "{table}"
        );
    }

    #[test]
    fn confidences_are_held_against_what_is_so() {
        let mut hairs = vec![(0.95, true); 19];
        hairs.extend([(0.95, false), (0.41, false), (0.45, true), (1.0, true)]);
        let sure = Sure { hairs, ..Sure::default() };
        let table = reliability_table(&sure);
        assert!(table.contains("| 0.4 to 0.5 | 2 | 0.43 | 0.50 |"), "{table}");
        assert!(table.contains("| 0.9 to 1.0 | 21 | 0.95 | 0.95 |"), "{table}");
        let diagram = reliability_diagram(&sure);
        assert_eq!(diagram.matches("<circle").count(), 2);
        assert!(diagram.starts_with("<svg ") && diagram.ends_with("</svg>\n"));
    }

    #[test]
    fn wilson_is_that_of_the_textbook() {
        // 8 of 10: 0.490 to 0.943 (Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E).
        let [low, high] = wilson(0.8, 10.0);
        assert!((low - 0.490).abs() < 1e-3 && (high - 0.943).abs() < 1e-3, "{low} {high}");
    }
}
