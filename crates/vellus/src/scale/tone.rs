//! One colour channel of a photo as it was encoded, in 8 bits: print is drawn in these values, not in linear light.

use crate::photo::{Photo, Pixels};
use crate::plane::bilinear;

/// Green and red: every ink that programs print with differs from skin in one of them.
const CHANNELS: [usize; 2] = [1, 0];

/// A W × H picture of 8 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tone {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Tone {
    /// Green and red of a photo.
    pub fn of(photo: &Photo) -> [Self; 2] {
        let (width, height) = (photo.width_px as usize, photo.height_px as usize);
        CHANNELS.map(|channel| {
            let data = match &photo.pixels {
                Pixels::Rgb8(samples) => samples.as_chunks::<3>().0.iter().map(|rgb| rgb[channel]).collect(),
                Pixels::Rgb16(samples) => {
                    samples.as_chunks::<3>().0.iter().map(|rgb| (rgb[channel] >> 8) as u8).collect()
                }
            };
            Self { width, height, data }
        })
    }

    /// A row.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..][..self.width]
    }

    /// The value of a pixel; the frame's beyond it.
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        f32::from(self.data[y * self.width + x])
    }

    /// The value between pixels.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (x0, y0) = (x.floor(), y.floor());
        let (u, v) = (x - x0, y - y0);
        let (x0, y0) = (x0 as isize, y0 as isize);
        let corners = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| self.at(x0 + right, y0 + down));
        bilinear(corners, u, v)
    }

    /// Rows and columns exchanged.
    pub fn turned(&self) -> Self {
        const BLOCK: usize = 32;
        let (width, height) = (self.width, self.height);
        let mut data = vec![0; self.data.len()];
        for y0 in (0..height).step_by(BLOCK) {
            for x0 in (0..width).step_by(BLOCK) {
                for x in x0..(x0 + BLOCK).min(width) {
                    for y in y0..(y0 + BLOCK).min(height) {
                        data[x * height + y] = self.data[y * width + x];
                    }
                }
            }
        }
        Self { width: height, height: width, data }
    }
}
