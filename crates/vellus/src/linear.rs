//! Decoded pixels as linear light.
//!
//! [`Photo`] (W × H, sRGB-encoded) → [`LinearPhoto`] (three W × H planes, 0 to 1). The sRGB curve (IEC 61966-2-1) is
//! undone by table.

use std::ops::Range;

use crate::photo::{Photo, Pixels};
use crate::plane::{Plane, bilinear};

/// A photo as linear light, one plane per primary, 0 (black) to 1 (white).
#[derive(Debug, Clone)]
pub struct LinearPhoto {
    /// Red, green, blue.
    pub primaries: [Plane; 3],
}

impl LinearPhoto {
    /// Width and height, px.
    pub fn size(&self) -> [usize; 2] {
        [self.primaries[0].width, self.primaries[0].height]
    }

    /// What lies in some columns and rows.
    pub fn part(&self, window: &[Range<usize>; 2]) -> Self {
        Self { primaries: self.primaries.each_ref().map(|primary| primary.part(window)) }
    }
}

/// Linear light of an sRGB-encoded value, both 0 to 1.
pub fn linear_of_srgb(encoded: f32) -> f32 {
    if encoded <= 0.04045 { encoded / 12.92 } else { libm::powf((encoded + 0.055) / 1.055, 2.4) }
}

/// Linear light of a photo.
pub fn linear(photo: &Photo) -> LinearPhoto {
    let light = Light::of(photo);
    let (width, height) = (photo.width_px as usize, photo.height_px as usize);
    let plane = |data: Vec<f32>| Plane { width, height, data };
    let primaries = [0, 1, 2].map(|k| match &photo.pixels {
        Pixels::Rgb8(samples) => {
            plane(samples[k..].iter().step_by(3).map(|&v| light.table[usize::from(v)]).collect())
        }
        Pixels::Rgb16(samples) => {
            plane(samples[k..].iter().step_by(3).map(|&v| light.table[usize::from(v)]).collect())
        }
    });
    LinearPhoto { primaries }
}

/// Linear light of single pixels of a photo, or of a part of it: three planes of it are four times as large as the photo.
#[derive(Debug)]
pub struct Light<'a> {
    photo: &'a Photo,
    /// Light of every value that a sample may have.
    table: Vec<f32>,
    /// Column and row of the photo that the first pixel of the part is.
    from: [usize; 2],
}

impl<'a> Light<'a> {
    /// Of a whole photo.
    pub fn of(photo: &'a Photo) -> Self {
        let most = match &photo.pixels {
            Pixels::Rgb8(_) => u32::from(u8::MAX),
            Pixels::Rgb16(_) => u32::from(u16::MAX),
        };
        let table = (0..=most).map(|v| linear_of_srgb(v as f32 / most as f32)).collect();
        Self { photo, table, from: [0, 0] }
    }

    /// Of the part of it that begins at a column and a row.
    pub(crate) fn of_part(self, from: [usize; 2]) -> Self {
        Self { from, ..self }
    }

    /// Red, green and blue at a pixel, 0 to 1.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let first = 3 * ((self.from[1] + y) * self.photo.width_px as usize + self.from[0] + x);
        [0, 1, 2].map(|k| {
            self.table[match &self.photo.pixels {
                Pixels::Rgb8(samples) => usize::from(samples[first + k]),
                Pixels::Rgb16(samples) => usize::from(samples[first + k]),
            }]
        })
    }

    /// The same between pixels, px; beyond the photo's border as at it.
    pub fn sample(&self, x: f32, y: f32) -> [f32; 3] {
        let last = [self.photo.width_px, self.photo.height_px].map(|side| side as usize - 1);
        let x = x.clamp(0.0, (last[0] - self.from[0]) as f32);
        let y = y.clamp(0.0, (last[1] - self.from[1]) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(last[0] - self.from[0]), (y0 + 1).min(last[1] - self.from[1]));
        let four = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| self.at(x, y));
        [0, 1, 2].map(|k| bilinear(four.map(|light| light[k]), x - x0 as f32, y - y0 as f32))
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageBuffer};

    use super::*;

    #[test]
    fn known_points_of_the_srgb_curve() {
        assert_eq!(linear_of_srgb(0.0), 0.0);
        assert!((linear_of_srgb(1.0) - 1.0).abs() < 1e-6);
        // 50 % grey of a screen is 21.4 % of the light.
        assert!((linear_of_srgb(0.5) - 0.2140).abs() < 1e-4);
    }

    #[test]
    fn single_pixels_have_the_light_of_the_planes() {
        let (width, height) = (7_usize, 5_usize);
        let small = (0..3 * 35_u8).map(|v| v.wrapping_mul(37)).collect();
        let large = (0..3 * 35_u16).map(|v| v.wrapping_mul(613)).collect();
        let small = DynamicImage::ImageRgb8(ImageBuffer::from_raw(7, 5, small).expect("samples"));
        let large = DynamicImage::ImageRgb16(ImageBuffer::from_raw(7, 5, large).expect("samples"));
        for image in [small, large] {
            let photo = Photo::from_image(image).expect("pixels");
            let (planes, light) = (linear(&photo), Light::of(&photo));
            let part = Light::of(&photo).of_part([2, 1]);
            for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                let expected = planes.primaries.each_ref().map(|plane| plane.at(x, y));
                assert_eq!(light.at(x, y), expected);
                if x >= 2 && y >= 1 {
                    assert_eq!(part.at(x - 2, y - 1), expected);
                }
            }
            for [x, y] in [[0.25, 3.5], [5.9, 0.1], [6.0, 4.0], [-3.0, 9.0]] {
                let expected = planes.primaries.each_ref().map(|plane| plane.sample(x, y));
                assert_eq!(light.sample(x, y), expected);
            }
        }
    }
}
