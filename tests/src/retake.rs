//! One photo as if it had been taken again: camera put down elsewhere, other light, softer, another file.
//!
//! What lies outside the first photo is black, as beside a field stop.

use image::{Rgb, RgbImage, imageops};
use vellus::{Comparison, Measurement};
use vellus_phantom::Encoding;

use crate::drawn::through_file;
use crate::line::Point;
use crate::score::same_lines;

/// How it is taken again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retake {
    /// Turn about the middle, degrees from x towards y.
    pub rotation_deg: f64,
    /// Stretch about the middle.
    pub scale: f64,
    /// Shift after the turn, px.
    pub shift_px: [f64; 2],
    /// Factor of all grey levels.
    pub brightness: f64,
    /// Blur, standard deviation in px.
    pub blur_sigma_px: f32,
    /// How it is stored.
    pub encoding: Encoding,
}

impl Default for Retake {
    /// The same photo.
    fn default() -> Self {
        Self {
            rotation_deg: 0.0,
            scale: 1.0,
            shift_px: [0.0, 0.0],
            brightness: 1.0,
            blur_sigma_px: 0.0,
            encoding: Encoding::Png,
        }
    }
}

impl Retake {
    /// Where a point of the first photo of `size` (width, height) lies in the second, px.
    pub fn carry(&self, p: Point, size: (u32, u32)) -> Point {
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        let c = middle(size);
        let v = [0, 1].map(|k| self.scale * (p[k] - c[k]));
        [c[0] + cos * v[0] - sin * v[1] + self.shift_px[0], c[1] + sin * v[0] + cos * v[1] + self.shift_px[1]]
    }

    /// Where a point of the second photo lies in the first, px.
    pub fn back(&self, q: Point, size: (u32, u32)) -> Point {
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        let c = middle(size);
        let v = [0, 1].map(|k| (q[k] - c[k] - self.shift_px[k]) / self.scale);
        [c[0] + cos * v[0] + sin * v[1], c[1] - sin * v[0] + cos * v[1]]
    }

    /// The second photo, of the same size.
    pub fn image(&self, photo: &RgbImage) -> RgbImage {
        let size = photo.dimensions();
        let moved = RgbImage::from_fn(size.0, size.1, |x, y| {
            let at = self.back([f64::from(x), f64::from(y)], size);
            sampled(photo, at).map_or(Rgb([0; 3]), |colour| {
                Rgb(colour.map(|v| (self.brightness * v).round().clamp(0.0, 255.0) as u8))
            })
        });
        let soft = if self.blur_sigma_px > 0.0 { imageops::blur(&moved, self.blur_sigma_px) } else { moved };
        through_file(&soft, self.encoding)
    }
}

/// Ids of the counted hairs that both photos show, by where they lie: `carry` takes a point of the first to the second.
pub fn hairs_in_both(
    first: &Measurement,
    second: &Measurement,
    carry: impl Fn(Point) -> Point,
) -> Vec<(u32, u32)> {
    let [before, after] = [first, second].map(|m| m.counted().collect::<Vec<_>>());
    let carried: Vec<(Vec<Point>, f64)> = before
        .iter()
        .map(|hair| {
            let line = hair.centreline_px.iter().map(|&p| carry(p)).collect();
            (line, 0.35 * hair.width_px.unwrap_or(0.0))
        })
        .collect();
    let lines: Vec<Vec<Point>> = after.iter().map(|hair| hair.centreline_px.clone()).collect();
    same_lines(&carried, &lines).into_iter().map(|(i, k)| (before[i].id, after[k].id)).collect()
}

/// How many of these hairs a comparison matched with each other, and how many there are.
pub fn matched(comparison: &Comparison, in_both: &[(u32, u32)]) -> [usize; 2] {
    let told = |hair: &&(u32, u32)| comparison.matches.iter().any(|m| (m.baseline, m.follow_up) == **hair);
    [in_both.iter().filter(told).count(), in_both.len()]
}

fn middle((width, height): (u32, u32)) -> Point {
    [0.5 * (f64::from(width) - 1.0), 0.5 * (f64::from(height) - 1.0)]
}

/// Colour between pixels by cubic convolution (Keys 1981, doi:10.1109/TASSP.1981.1163711); `None` outside.
fn sampled(photo: &RgbImage, [x, y]: Point) -> Option<[f64; 3]> {
    let (right, bottom) = (f64::from(photo.width()) - 1.0, f64::from(photo.height()) - 1.0);
    if !(x >= 0.0 && y >= 0.0 && x <= right && y <= bottom) {
        return None;
    }
    let ([x0, y0], [fx, fy]) = ([x.floor(), y.floor()], [x - x.floor(), y - y.floor()]);
    let mut colour = [0.0; 3];
    for (j, wy) in weights(fy).into_iter().enumerate() {
        let row = (y0 + j as f64 - 1.0).clamp(0.0, bottom) as u32;
        for (i, wx) in weights(fx).into_iter().enumerate() {
            let column = (x0 + i as f64 - 1.0).clamp(0.0, right) as u32;
            let pixel = photo.get_pixel(column, row).0;
            (0..3).for_each(|c| colour[c] += wx * wy * f64::from(pixel[c]));
        }
    }
    Some(colour)
}

/// Weights of the four pixels around a place `f` past the second.
fn weights(f: f64) -> [f64; 4] {
    let (f2, f3) = (f * f, f * f * f);
    [-0.5 * f + f2 - 0.5 * f3, 1.0 - 2.5 * f2 + 1.5 * f3, 0.5 * f + 2.0 * f2 - 1.5 * f3, -0.5 * f2 + 0.5 * f3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_carried_with_what_it_shows() {
        let dot = RgbImage::from_fn(64, 48, |x, y| {
            let d2 = (f64::from(x) - 40.0).powi(2) + (f64::from(y) - 14.0).powi(2);
            Rgb([(200.0 * (-d2 / 8.0).exp()) as u8; 3])
        });
        let retake = Retake { rotation_deg: 17.0, scale: 0.93, shift_px: [3.5, -2.0], ..Retake::default() };
        let again = retake.image(&dot);
        let (mut sum, mut at) = (0.0, [0.0; 2]);
        for (x, y, pixel) in again.enumerate_pixels() {
            let v = f64::from(pixel.0[0]);
            sum += v;
            at = [at[0] + v * f64::from(x), at[1] + v * f64::from(y)];
        }
        let to = retake.carry([40.0, 14.0], (64, 48));
        assert!((at[0] / sum - to[0]).abs() < 0.1 && (at[1] / sum - to[1]).abs() < 0.1, "{at:?} {to:?}");
        let back = retake.back(to, (64, 48));
        assert!((back[0] - 40.0).abs() < 1e-9 && (back[1] - 14.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_change_it_is_the_same_photo() {
        let photo = RgbImage::from_fn(31, 17, |x, y| Rgb([(x * 7) as u8, (y * 11) as u8, (x * y) as u8]));
        assert_eq!(Retake::default().image(&photo), photo);
    }
}
