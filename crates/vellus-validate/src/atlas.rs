//! Pictures of errors: the photo around one, enlarged, beside itself with the error drawn on it.

use image::{RgbImage, imageops};
use tiny_skia::{Color, LineCap, Paint, PathBuilder, Pixmap, Stroke, Transform};

use crate::judge::Fault;
use crate::line::Point;

/// Skin around a hair, px.
const MARGIN_PX: f64 = 40.0;
/// Enlargement.
const SCALE: u32 = 3;
/// A mark, a counted hair, the error itself.
const COLOURS: [[u8; 3]; 3] = [[0, 200, 255], [0, 230, 0], [255, 40, 40]];

/// Two pictures side by side: the photo, and the photo with marks (blue), counted hairs (green) and the error (red).
pub fn picture(photo: &RgbImage, fault: &Fault, marks: &[Vec<Point>], found: &[Vec<Point>]) -> RgbImage {
    let end = |axis: usize, size: u32| {
        let low = fault.line_px.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min) - MARGIN_PX;
        let high = fault.line_px.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max) + MARGIN_PX;
        let low = low.clamp(0.0, f64::from(size) - 1.0) as u32;
        [low, (high.clamp(0.0, f64::from(size) - 1.0) as u32).max(low) + 1]
    };
    let ([left, right], [top, bottom]) = (end(0, photo.width()), end(1, photo.height()));
    let crop = imageops::crop_imm(photo, left, top, right - left, bottom - top).to_image();
    let (width, height) = (SCALE * crop.width(), SCALE * crop.height());
    let plain = imageops::resize(&crop, width, height, imageops::FilterType::Triangle);
    let mut both = RgbImage::new(2 * width, height);
    imageops::replace(&mut both, &plain, 0, 0);
    let origin = [f64::from(left), f64::from(top)];
    imageops::replace(&mut both, &drawn(&plain, origin, fault, marks, found), i64::from(width), 0);
    both
}

fn drawn(
    plain: &RgbImage,
    origin: Point,
    fault: &Fault,
    marks: &[Vec<Point>],
    found: &[Vec<Point>],
) -> RgbImage {
    let Some(mut canvas) = Pixmap::new(plain.width(), plain.height()) else { return plain.clone() };
    for (to, from) in canvas.data_mut().chunks_exact_mut(4).zip(plain.pixels()) {
        to.copy_from_slice(&[from.0[0], from.0[1], from.0[2], 255]);
    }
    let lines = marks.iter().map(|line| (line, 0)).chain(found.iter().map(|line| (line, 1)));
    for (line, colour) in lines.chain([(&fault.line_px, 2)]) {
        stroke(&mut canvas, line, origin, COLOURS[colour]);
    }
    let pixels = canvas.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    RgbImage::from_raw(plain.width(), plain.height(), pixels).unwrap_or_else(|| plain.clone())
}

fn stroke(canvas: &mut Pixmap, line: &[Point], origin: Point, [red, green, blue]: [u8; 3]) {
    // Pixel centres lie at whole numbers in the photo, at halves on the canvas.
    let place = |p: &Point| [0, 1].map(|axis| (f64::from(SCALE) * (p[axis] - origin[axis] + 0.5)) as f32);
    let mut path = PathBuilder::new();
    for (i, [x, y]) in line.iter().map(place).enumerate() {
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    let Some(path) = path.finish() else { return };
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(Color::from_rgba8(red, green, blue, 255));
    let stroke = Stroke { width: 2.0, line_cap: LineCap::Round, ..Stroke::default() };
    canvas.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
}
