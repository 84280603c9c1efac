//! The picture that shows why: every hair drawn on its photo. [`change()`] draws two visits.
//!
//! A hair is outlined along both fitted edges, centreline ± width / 2, the line itself outside of the shaft, so that the
//! shaft stays in sight and a wrong width is seen at once. Its colour is its class, the number beside it its width (µm,
//! without a scale px), the dot its root. A ring joins the hairs of one follicular unit that has a counted hair. A hair
//! that was found but not counted is veiled in grey. At its middle, a hair that a reader added has a plus, one that a reader turned a
//! square. What lies outside the region, or is not scalp to a reader, is dimmed. A panel in the emptiest corner explains the
//! colours, with the counts and a scale bar.
//!
//! Colours are Okabe and Ito's, told apart with any colour vision (doi:10.1038/nmeth.1618), over a dark rim that carries
//! them on any skin. Coordinates: the centre of the top-left pixel is (0, 0), as in the record.

mod badge;
mod canvas;
mod change;
mod labels;
mod legend;
mod panel;
mod warp;

use image::RgbImage;
use vellus::{FollicularUnit, Hair, HairClass, Measurement, Origin, RegionShape};

use badge::Badge;
use canvas::{Canvas, Colour, Line};

use labels::Label;

pub use change::{change, registered};
pub use warp::Warp;

/// How the overlay looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlayStyle {
    /// Width beside each hair. Default: on. A label that finds no free place is left out.
    pub labels: bool,
    /// The panel. Default: on; it is left out where it would cover more than a third of the photo.
    pub legend: bool,
    /// Size of lines and letters relative to the usual one, which grows with the photo. Default: 1.
    pub scale: f32,
}

impl Default for OverlayStyle {
    fn default() -> Self {
        Self { labels: true, legend: true, scale: 1.0 }
    }
}

/// Blue: terminal hair.
const TERMINAL: Colour = [86, 180, 233];
/// Yellow: vellus hair.
const VELLUS: Colour = [240, 228, 66];
/// Green: hair without a class, because the photo has no scale.
const UNCLASSED: Colour = [90, 220, 170];
/// Grey: not counted.
const UNCOUNTED: Colour = [215, 215, 215];
/// Orange: follicular units.
const UNIT: Colour = [255, 150, 40];
/// Purple: what a reader did.
const READER: Colour = [180, 95, 160];
/// Near black: the rim of every line.
const RIM: Colour = [15, 15, 20];

/// Longer side of the photo at which lines have their nominal width, px.
const NOMINAL_SIDE_PX: f32 = 1280.0;

/// Draws a measurement on its photo; the picture has the photo's size.
///
/// `photo` must be the measured one with its orientation applied, as the measurement's coordinates are.
pub fn overlay(photo: &RgbImage, measurement: &Measurement, style: &OverlayStyle) -> RgbImage {
    let Some(mut canvas) = Canvas::new(photo) else { return photo.clone() };
    let side = photo.width().max(photo.height()) as f32;
    let pen = Pen { unit: style.scale * (side / NOMINAL_SIDE_PX).clamp(0.6, 5.0) };

    region(&mut canvas, &measurement.region.shape, pen);
    not_scalp(&mut canvas, measurement, pen);
    for hair in measurement.hairs.iter().filter(|hair| !hair.counted) {
        pen.hair(&mut canvas, hair);
    }
    for hair in measurement.counted() {
        pen.hair(&mut canvas, hair);
    }
    for hair in measurement.counted() {
        pen.root(&mut canvas, hair);
    }
    for unit in units(measurement) {
        pen.unit(&mut canvas, unit, &measurement.hairs);
    }
    for (hair, badge) in measurement.hairs.iter().filter_map(|hair| Some((hair, sign(hair.origin)?))) {
        let middle = hair.centreline_px[hair.centreline_px.len() / 2].map(|v| v as f32);
        badge.draw(&mut canvas, middle, 5.0 * pen.unit, READER);
    }
    let panel = style.legend.then(|| legend::draw(&mut canvas, measurement, pen)).flatten();
    if style.labels {
        let shafts: Vec<Shaft> = measurement.hairs.iter().map(Shaft::of).collect();
        let labels = measurement.counted().filter_map(|hair| {
            Some(Label { shaft: Shaft::of(hair), text: labels::width(hair)?, colour: colour(hair) })
        });
        labels::draw(&mut canvas, &shafts, labels, panel.into_iter().collect(), pen);
    }
    canvas.into_photo()
}

/// The units that count: those with a counted hair.
fn units(measurement: &Measurement) -> impl Iterator<Item = &FollicularUnit> {
    let counted = |id: &u32| measurement.counted().any(|hair| hair.id == *id);
    measurement.follicular_units.iter().filter(move |unit| unit.hairs.iter().any(counted))
}

/// What tells that a reader had a hand in a hair.
fn sign(origin: Origin) -> Option<Badge> {
    match origin {
        Origin::Automatic => None,
        Origin::Added => Some(Badge::Plus),
        Origin::Turned => Some(Badge::Square),
    }
}

/// Colour of a hair.
pub(crate) fn colour(hair: &Hair) -> Colour {
    match hair.class {
        _ if !hair.counted => UNCOUNTED,
        Some(HairClass::Terminal) => TERMINAL,
        Some(HairClass::Vellus) => VELLUS,
        None => UNCLASSED,
    }
}

/// A shaft as it is drawn, px of the picture.
#[derive(Debug, Clone)]
struct Shaft {
    axis: Vec<[f32; 2]>,
    /// `None` where it is not known.
    width: Option<f32>,
}

impl Shaft {
    fn of(hair: &Hair) -> Self {
        let axis = hair.centreline_px.iter().map(|&[x, y]| [x as f32, y as f32]).collect();
        Self { axis, width: hair.width_px.map(|width| width as f32) }
    }

    /// The closed line of so many px that just clears both edges.
    fn edges(&self, line: f32) -> Option<Vec<[f32; 2]>> {
        self.width.map(|width| outline(&self.axis, 0.5 * (width + line)))
    }
}

/// Line widths and letter sizes.
#[derive(Debug, Clone, Copy)]
struct Pen {
    /// One nominal pixel, px.
    unit: f32,
}

impl Pen {
    /// A line of the given nominal width in a dark rim.
    fn line(
        self,
        canvas: &mut Canvas,
        points: &[[f32; 2]],
        closed: bool,
        width: f32,
        colour: Colour,
        dash: f32,
    ) {
        let unit = self.unit;
        let rim = Line { width: (width + 1.2) * unit, opacity: 0.55, dash: 0.0, closed };
        canvas.stroke(points, RIM, rim);
        canvas.stroke(points, colour, Line { width: width * unit, opacity: 1.0, dash: dash * unit, closed });
    }

    /// A closed dashed line whose gaps show the photo.
    fn dashed(self, canvas: &mut Canvas, points: &[[f32; 2]], width: f32, colour: Colour, dash: f32) {
        let [width, dash] = [width, dash].map(|v| v * self.unit);
        let rim = Line { width: width + 1.2 * self.unit, opacity: 0.55, dash, closed: true };
        canvas.stroke(points, RIM, rim);
        canvas.stroke(points, colour, Line { width, opacity: 1.0, ..rim });
    }

    fn hair(self, canvas: &mut Canvas, hair: &Hair) {
        let colour = colour(hair);
        let width = if hair.counted { 1.6 } else { 1.0 };
        let shaft = Shaft::of(hair);
        if !hair.counted
            && let Some(edges) = shaft.edges(width * self.unit)
        {
            canvas.fill_polygon(&edges, colour, 0.45);
        }
        self.shaft(canvas, &shaft, width, colour);
    }

    /// A shaft's outline, the line outside of it. Without a width there are no edges: the axis alone, dashed.
    fn shaft(self, canvas: &mut Canvas, shaft: &Shaft, width: f32, colour: Colour) {
        match shaft.edges(width * self.unit) {
            Some(edges) => self.line(canvas, &edges, true, width, colour, 0.0),
            None => self.line(canvas, &shaft.axis, false, width, colour, 5.0),
        }
    }

    fn root(self, canvas: &mut Canvas, hair: &Hair) {
        let root = hair.root_px.map(|v| v as f32);
        canvas.disc(root, 4.2 * self.unit, RIM, 0.8);
        canvas.disc(root, 3.0 * self.unit, colour(hair), 1.0);
    }

    /// A ring around the unit's roots.
    fn unit(self, canvas: &mut Canvas, unit: &FollicularUnit, hairs: &[Hair]) {
        let [x, y] = unit.centre_px.map(|v| v as f32);
        let roots = hairs.iter().filter(|hair| unit.hairs.contains(&hair.id)).map(|hair| hair.root_px);
        let reach = roots.map(|[rx, ry]| length([rx as f32 - x, ry as f32 - y])).fold(0.0_f32, f32::max);
        self.ring(canvas, [x, y], reach + 8.0 * self.unit, 1.3, UNIT);
    }

    fn ring(self, canvas: &mut Canvas, [x, y]: [f32; 2], radius: f32, width: f32, colour: Colour) {
        let ring: Vec<[f32; 2]> = (0..48)
            .map(|i| {
                let (sin, cos) = (std::f32::consts::TAU * i as f32 / 48.0).sin_cos();
                [x + radius * cos, y + radius * sin]
            })
            .collect();
        self.line(canvas, &ring, true, width, colour, 0.0);
    }
}

/// Dims what is outside the region and draws its border.
fn region(canvas: &mut Canvas, shape: &RegionShape, pen: Pen) {
    if *shape != RegionShape::Whole {
        let [width, height] = [canvas.width(), canvas.height()].map(|side| side as usize);
        let inside: Vec<bool> = (0..height).flat_map(|y| shape.row(y, width)).collect();
        canvas.dim(|x, y| !inside[y as usize * width + x as usize]);
        let shapes = match shape {
            RegionShape::Parts { parts } => parts.iter().map(|part| &part.shape).collect(),
            shape => vec![shape],
        };
        for shape in shapes {
            match shape {
                RegionShape::Outline { rings_px } => {
                    for ring in rings_px {
                        let ring: Vec<[f32; 2]> = ring.iter().map(|p| p.map(|v| v as f32)).collect();
                        pen.line(canvas, &ring, true, 1.3, panel::WHITE, 8.0);
                    }
                }
                shape => {
                    let border = border(shape, [canvas.width(), canvas.height()]);
                    pen.line(canvas, &border, true, 1.3, panel::WHITE, 8.0);
                }
            }
        }
    }
}

/// Dims what a reader marked as not scalp, and draws its outline.
fn not_scalp(canvas: &mut Canvas, measurement: &Measurement, pen: Pen) {
    let Some(corrections) = measurement.corrections.as_ref().filter(|c| !c.not_scalp_px.is_empty()) else {
        return;
    };
    let [width, height] = [canvas.width(), canvas.height()].map(|side| side as usize);
    let left = corrections.left(width, height);
    canvas.dim(|x, y| !left[y as usize * width + x as usize]);
    for corners in &corrections.not_scalp_px {
        let border: Vec<[f32; 2]> = corners.iter().map(|p| p.map(|v| v as f32)).collect();
        pen.line(canvas, &border, true, 1.3, READER, 8.0);
    }
}

/// The closed border of a region of a photo of that width and height, px.
fn border(shape: &RegionShape, [width, height]: [f32; 2]) -> Vec<[f32; 2]> {
    let rectangle = |[x0, y0, x1, y1]: [f32; 4]| vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    match shape {
        // Of several rings there is no one border: that of the photo.
        RegionShape::Whole | RegionShape::Outline { .. } | RegionShape::Parts { .. } => {
            rectangle([-0.5, -0.5, width - 0.5, height - 0.5])
        }
        RegionShape::Rectangle { x_px, y_px, width_px, height_px } => {
            rectangle([*x_px, *y_px, x_px + width_px, y_px + height_px].map(|v| v as f32))
        }
        RegionShape::Circle { centre_px, radius_px } => (0..180)
            .map(|i| {
                let (sin, cos) = (std::f32::consts::TAU * i as f32 / 180.0).sin_cos();
                let radius = *radius_px as f32;
                [centre_px[0] as f32 + radius * cos, centre_px[1] as f32 + radius * sin]
            })
            .collect(),
        RegionShape::Polygon { corners_px } => {
            corners_px.iter().map(|&[x, y]| [x as f32, y as f32]).collect()
        }
    }
}

/// The closed outline of a shaft: along one side and back along the other, `half` away from the axis.
fn outline(axis: &[[f32; 2]], half: f32) -> Vec<[f32; 2]> {
    let normals: Vec<[f32; 2]> = (0..axis.len())
        .map(|i| {
            let (before, after) = (axis[i.saturating_sub(1)], axis[(i + 1).min(axis.len() - 1)]);
            let along = [after[0] - before[0], after[1] - before[1]];
            let length = length(along).max(1e-6);
            [-along[1] / length, along[0] / length]
        })
        .collect();
    let side = |sign: f32| {
        let offset = sign * half;
        axis.iter().zip(&normals).map(move |(p, n)| [p[0] + offset * n[0], p[1] + offset * n[1]])
    };
    side(1.0).chain(side(-1.0).rev()).collect()
}

fn length([x, y]: [f32; 2]) -> f32 {
    (x * x + y * y).sqrt()
}

#[cfg(test)]
#[path = "../overlay_tests.rs"]
mod tests;
