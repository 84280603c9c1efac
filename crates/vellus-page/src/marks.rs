//! Hairs over their photo: what is drawn, and what a page tells of each.

use serde::Serialize;
use vellus::{Hair, HairClass, Measurement, RegionShape};

use crate::method::in_words;
use crate::outline::{Point, outline, path, simplified, tenth};
use crate::texts::Texts;

/// A hair as it is drawn.
pub struct Mark {
    pub id: u32,
    /// `t` terminal, `v` vellus, `u` without a class, `n` not counted; of a comparison its fate.
    pub class: &'static str,
    /// Its outline; its axis where its width is not known.
    pub path: String,
    /// Root, px.
    pub x: String,
    pub y: String,
    /// Beyond the tip.
    pub label: Option<Label>,
}

/// A word beside a hair.
pub struct Label {
    pub x: String,
    pub y: String,
    pub text: String,
}

/// A circle around the roots of a unit.
pub struct Ring {
    pub x: String,
    pub y: String,
    pub radius: String,
}

/// What the scripts know of a hair.
#[derive(Serialize)]
pub struct Facts {
    pub id: u32,
    /// Course, px, root first.
    pub course: Vec<Point>,
    pub root: Point,
    pub tip: Point,
    /// Half its width, px; what a pointer has to hit.
    pub half: f64,
    /// In the order of the fields of the page.
    pub values: Vec<String>,
}

/// Distance of a label from the tip, px.
const LABEL_AWAY_PX: f64 = 14.0;
/// Clearance of a ring around the roots, px.
const RING_AWAY_PX: f64 = 8.0;
/// Half the width of a hair whose width is not known, px.
const UNKNOWN_HALF_PX: f64 = 2.0;

/// All hairs of a measurement, those that count last, so that they lie on top.
pub fn marks(measurement: &Measurement) -> Vec<Mark> {
    let mut hairs: Vec<&Hair> = measurement.hairs.iter().collect();
    hairs.sort_by_key(|hair| hair.counted);
    hairs.into_iter().map(mark).collect()
}

fn mark(hair: &Hair) -> Mark {
    let class = match hair.class {
        _ if !hair.counted => "n",
        Some(HairClass::Terminal) => "t",
        Some(HairClass::Vellus) => "v",
        None => "u",
    };
    let text = match (hair.diameter_um, hair.diameter_limit_um, hair.width_px) {
        (Some(diameter), ..) => Some(format!("{diameter:.0}")),
        (None, Some(limit), _) => Some(format!("< {limit:.0}")),
        (None, None, Some(width)) => Some(format!("{width:.1}")),
        _ => None,
    };
    drawn(hair.id, class, &hair.centreline_px, hair.width_px, text)
}

/// A shaft of that course and width.
pub fn drawn(
    id: u32,
    class: &'static str,
    course: &[Point],
    width: Option<f64>,
    text: Option<String>,
) -> Mark {
    let axis = simplified(course);
    let path = match width {
        Some(width) => path(&outline(&axis, 0.5 * width), true),
        None => path(&axis, false),
    };
    let root = axis.first().copied().unwrap_or_default();
    let label = text.map(|text| {
        let [x, y] = beyond_tip(&axis);
        Label { x: tenth(x), y: tenth(y), text }
    });
    Mark { id, class, path, x: tenth(root[0]), y: tenth(root[1]), label }
}

fn beyond_tip(axis: &[Point]) -> Point {
    let [.., before, tip] = axis else { return axis.first().copied().unwrap_or_default() };
    let (dx, dy) = (tip[0] - before[0], tip[1] - before[1]);
    let length = dx.hypot(dy).max(1e-9);
    [tip[0] + LABEL_AWAY_PX * dx / length, tip[1] + LABEL_AWAY_PX * dy / length]
}

/// A ring per unit that has a counted hair.
pub fn rings(measurement: &Measurement) -> Vec<Ring> {
    let hairs = |ids: &[u32]| -> Vec<&Hair> {
        measurement.hairs.iter().filter(|hair| ids.contains(&hair.id)).collect()
    };
    let ring = |centre: Point, hairs: &[&Hair]| {
        let reach = |hair: &&Hair| (hair.root_px[0] - centre[0]).hypot(hair.root_px[1] - centre[1]);
        let radius = hairs.iter().map(reach).fold(0.0, f64::max) + RING_AWAY_PX;
        Ring { x: tenth(centre[0]), y: tenth(centre[1]), radius: tenth(radius) }
    };
    measurement
        .follicular_units
        .iter()
        .map(|unit| (unit.centre_px, hairs(&unit.hairs)))
        .filter(|(_, hairs)| hairs.iter().any(|hair| hair.counted))
        .map(|(centre, hairs)| ring(centre, &hairs))
        .collect()
}

/// The border of the region as a path; everything outside is dimmed by it.
pub fn region(shape: &RegionShape) -> Option<String> {
    match shape {
        RegionShape::Whole => None,
        RegionShape::Rectangle { x_px, y_px, width_px, height_px } => {
            let (right, bottom) = (x_px + width_px, y_px + height_px);
            Some(path(&[[*x_px, *y_px], [right, *y_px], [right, bottom], [*x_px, bottom]], true))
        }
        RegionShape::Circle { centre_px: [x, y], radius_px: r } => {
            let [left, width] = [tenth(x - r), tenth(2.0 * r)];
            let (y, r) = (tenth(*y), tenth(*r));
            Some(format!("M{left} {y}a{r} {r} 0 1 0 {width} 0a{r} {r} 0 1 0 -{width} 0Z"))
        }
        RegionShape::Polygon { corners_px } => Some(path(corners_px, true)),
        RegionShape::Outline { rings_px } => {
            Some(rings_px.iter().map(|ring| path(ring, true)).collect::<Vec<_>>().join(""))
        }
        RegionShape::Parts { parts } => {
            Some(parts.iter().filter_map(|part| region(&part.shape)).collect::<Vec<_>>().join(""))
        }
    }
}

/// What is told of a hair, as labels.
pub fn fields(texts: &Texts) -> Vec<String> {
    ["diameter", "length", "class", "confidence", "counted", "unit"]
        .map(|key| texts.get(&format!("hair.{key}")).to_owned())
        .to_vec()
}

/// The same of each hair, in that order.
pub fn facts(measurement: &Measurement, texts: &Texts) -> Vec<Facts> {
    measurement.hairs.iter().map(|hair| fact(hair, texts)).collect()
}

fn fact(hair: &Hair, texts: &Texts) -> Facts {
    let diameter = match (hair.diameter_um, hair.diameter_limit_um, hair.width_px) {
        (Some(value), ..) => format!("{value:.1}{} µm", error(hair.diameter_se_um, 1)),
        (None, Some(limit), _) => texts.fill("hair.below", &[("limit", &format!("{limit:.0} µm"))]),
        (None, None, Some(width)) => format!("{width:.2}{} px", error(hair.width_se_px, 2)),
        _ => texts.get("hair.unknown").to_owned(),
    };
    let length = match hair.length_um {
        Some(length) => format!("{length:.0} µm"),
        None => format!("{:.0} px", hair.length_px),
    };
    let class = hair.class.map_or("–".to_owned(), |class| in_words("class", &class, texts));
    let counted = match hair.not_counted {
        None => texts.get("hair.yes").to_owned(),
        Some(reason) => texts.fill("hair.no", &[("reason", &in_words("not_counted", &reason, texts))]),
    };
    let unit = hair.follicular_unit.map_or("–".to_owned(), |unit| unit.to_string());
    Facts {
        id: hair.id,
        course: rounded(&simplified(&hair.centreline_px)),
        root: hair.root_px,
        tip: hair.tip_px,
        half: 0.5 * hair.width_px.unwrap_or(2.0 * UNKNOWN_HALF_PX),
        values: vec![diameter, length, class, format!("{:.0} %", 100.0 * hair.confidence), counted, unit],
    }
}

fn error(standard_error: Option<f64>, decimals: usize) -> String {
    standard_error.map(|error| format!(" ± {error:.decimals$}")).unwrap_or_default()
}

/// To a tenth of a pixel.
pub fn rounded(course: &[Point]) -> Vec<Point> {
    course.iter().map(|point| point.map(|v| (10.0 * v).round() / 10.0)).collect()
}
