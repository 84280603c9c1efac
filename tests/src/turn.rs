//! Flips and quarter turns: what a photo shows does not depend on how it is held.

use image::{RgbImage, imageops};

use crate::line::Point;

/// A way to hold a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Left and right exchanged.
    FlipHorizontal,
    /// Top and bottom exchanged.
    FlipVertical,
    /// A quarter turn clockwise.
    Quarter,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::FlipHorizontal, Self::FlipVertical, Self::Quarter];

    /// The turned photo.
    pub fn image(self, photo: &RgbImage) -> RgbImage {
        match self {
            Self::FlipHorizontal => imageops::flip_horizontal(photo),
            Self::FlipVertical => imageops::flip_vertical(photo),
            Self::Quarter => imageops::rotate90(photo),
        }
    }

    /// Where a point of the turned photo lies in the original of `width_px` × `height_px`.
    pub fn back(self, [x, y]: Point, width_px: u32, height_px: u32) -> Point {
        let (right, bottom) = (f64::from(width_px) - 1.0, f64::from(height_px) - 1.0);
        match self {
            Self::FlipHorizontal => [right - x, y],
            Self::FlipVertical => [x, bottom - y],
            Self::Quarter => [y, bottom - x],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back_to_where_they_were() {
        let photo = RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8, y as u8, 0]));
        for turn in Turn::ALL {
            let turned = turn.image(&photo);
            for (x, y, pixel) in turned.enumerate_pixels() {
                let back = turn.back([f64::from(x), f64::from(y)], 5, 3);
                assert_eq!(back, [f64::from(pixel.0[0]), f64::from(pixel.0[1])], "{turn:?}");
            }
        }
    }
}
