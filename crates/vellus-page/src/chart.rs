//! Charts: points, bars and lines in one frame, placed here and drawn by `templates/part/plot.svg`.

use askama::Template;

use crate::outline::tenth;

/// Size and margins of a chart, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 52.0;

/// A chart.
#[derive(Template)]
#[template(path = "part/plot.svg")]
pub struct Plot {
    /// What it shows, for those who do not see it.
    label: String,
    x_title: String,
    y_title: String,
    x: [f64; 2],
    y: [f64; 2],
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    bars: Vec<Bar>,
    lines: Vec<Line>,
    dots: Vec<Dot>,
}

struct Tick {
    at: String,
    label: String,
}

struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    class: &'static str,
    title: String,
}

struct Line {
    points: String,
    class: &'static str,
    label: Option<(String, String, String)>,
}

struct Dot {
    x: String,
    y: String,
    class: &'static str,
    title: String,
}

impl Plot {
    /// An empty frame over these ranges, which are widened to whole ticks; `y` has ticks, `x` gets them by
    /// [`Plot::x_scale`] or [`Plot::x_names`].
    pub fn new(label: String, [x_title, y_title]: [String; 2], x: [f64; 2], y: [f64; 2]) -> Self {
        let (y, ticks) = scale(y, 5.0);
        let mut plot = Self {
            label,
            x_title,
            y_title,
            x,
            y,
            x_ticks: Vec::new(),
            y_ticks: Vec::new(),
            bars: Vec::new(),
            lines: Vec::new(),
            dots: Vec::new(),
        };
        plot.y_ticks =
            ticks.into_iter().map(|(value, label)| Tick { at: tenth(plot.place_y(value)), label }).collect();
        plot
    }

    /// Numbers along x.
    pub fn x_scale(mut self) -> Self {
        let (x, ticks) = scale(self.x, 8.0);
        self.x = x;
        self.x_ticks =
            ticks.into_iter().map(|(value, label)| Tick { at: tenth(self.place_x(value)), label }).collect();
        self
    }

    /// Names along x.
    pub fn x_names(mut self, names: impl IntoIterator<Item = (f64, String)>) -> Self {
        self.x_ticks =
            names.into_iter().map(|(value, label)| Tick { at: tenth(self.place_x(value)), label }).collect();
        self
    }

    /// A bar from zero.
    pub fn bar(&mut self, [from, to]: [f64; 2], value: f64, class: &'static str, title: String) {
        let (top, base) = (self.place_y(value), self.place_y(0.0));
        let (x, right) = (self.place_x(from), self.place_x(to));
        self.bars.push(Bar {
            x: tenth(x + 1.0),
            y: tenth(top),
            width: tenth((right - x - 2.0).max(0.5)),
            height: tenth((base - top).max(0.0)),
            class,
            title,
        });
    }

    /// A line through points.
    pub fn line(&mut self, points: &[[f64; 2]], class: &'static str) {
        let points: Vec<String> = points
            .iter()
            .map(|&[x, y]| format!("{},{}", tenth(self.place_x(x)), tenth(self.place_y(y))))
            .collect();
        self.lines.push(Line { points: points.join(" "), class, label: None });
    }

    /// A level across the frame, with its name at the right.
    pub fn level(&mut self, y: f64, class: &'static str, name: Option<String>) {
        let [left, right] = self.x;
        self.line(&[[left, y], [right, y]], class);
        let place = (tenth(WIDTH - RIGHT - 4.0), tenth(self.place_y(y) - 4.0));
        if let (Some(line), Some(name)) = (self.lines.last_mut(), name) {
            line.label = Some((place.0, place.1, name));
        }
    }

    /// A value with its interval.
    pub fn point(&mut self, x: f64, y: f64, interval: Option<[f64; 2]>, class: &'static str, title: String) {
        if let Some([low, high]) = interval {
            self.line(&[[x, low], [x, high]], class);
        }
        self.dots.push(Dot { x: tenth(self.place_x(x)), y: tenth(self.place_y(y)), class, title });
    }

    fn place_x(&self, value: f64) -> f64 {
        LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - LEFT - RIGHT)
    }

    fn place_y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value - self.y[0]) / (self.y[1] - self.y[0]) * (HEIGHT - TOP - BOTTOM)
    }
}

/// A range in whole steps of 1, 2 or 5 times a power of ten, about `count` of them, and a label per step.
fn scale([low, high]: [f64; 2], count: f64) -> ([f64; 2], Vec<(f64, String)>) {
    let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
    let (low, high) = if high - low > 1e-9 { (low, high) } else { (low - 0.5, high + 0.5) };
    let raw = (high - low) / count;
    let decade = 10_f64.powf(raw.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * decade).find(|step| *step >= raw * 0.999).unwrap_or(raw);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    let ticks = (first..=last).map(|i| {
        let value = i as f64 * step;
        (value, vellus_report::number(value, decimals))
    });
    ([first as f64 * step, last as f64 * step], ticks.collect())
}

/// The range of some values and of zero, if there are any that are finite.
pub fn range_with_zero(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let finite = values.into_iter().filter(|value| value.is_finite());
    finite.fold([0.0, 0.0], |[low, high], value| [low.min(value), high.max(value)])
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
