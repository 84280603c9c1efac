//! The planes: what the network says, in units.

use rayon::prelude::*;

use crate::convolve::Maps;
use crate::grid::{GRID_UM_PER_PX, Grid};

/// Outputs of the network.
pub(crate) const OUTPUTS: usize = 8;

/// Length of a pixel of the planes on the scalp, µm.
pub const PLANE_UM_PER_PX: f64 = GRID_UM_PER_PX;

/// Width that an output of 0 stands for, µm.
const WIDTH_UM: f32 = 64.0;
/// Largest output of the width that is followed, octaves: 8 to 512 µm. Hair is 10 to 150 µm wide.
const MOST_OCTAVES: f32 = 3.0;

/// What the network sees on a photo. Every plane is `width` × `height`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Share of the pixel that rooted hair covers, 0 to 1.
    pub matte: Vec<f32>,
    /// How surely an axis of a shaft runs through the pixel, 0 to 1. The crest of a ridge about 3.5 px wide.
    pub axis: Vec<f32>,
    /// Cosine of twice the angle of the shaft, −1 to 1, not normalised: short where the network is not sure.
    pub cos2: Vec<f32>,
    /// Sine of twice the angle, clockwise from x.
    pub sin2: Vec<f32>,
    /// How surely a hair emerges at the pixel, 0 to 1. A spot about 6 px wide.
    pub root: Vec<f32>,
    /// How surely a hair ends at the pixel, 0 to 1.
    pub tip: Vec<f32>,
    /// Width of the shaft, µm, 8 to 512. Means nothing where there is none.
    pub width_um: Vec<f32>,
    /// Share of the pixel that is no scalp (captions, rulers, frames, padding), 0 to 1.
    pub not_scalp: Vec<f32>,
    /// Pixels of the photo per pixel of the planes, along x and y.
    pub photo_px: [f64; 2],
}

impl Planes {
    pub(crate) fn new(grid: &Grid, raw: Maps) -> Self {
        let (width, height) = (raw.width, raw.height);
        let plane = |channel: usize, value: fn(f32) -> f32| {
            let mut plane = vec![0.0; width * height];
            plane.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
                out.iter_mut().zip(raw.row(y, channel)).for_each(|(out, raw)| *out = value(*raw));
            });
            plane
        };
        Self {
            width,
            height,
            matte: plane(0, sigmoid),
            axis: plane(1, sigmoid),
            cos2: plane(2, |raw| raw.clamp(-1.0, 1.0)),
            sin2: plane(3, |raw| raw.clamp(-1.0, 1.0)),
            root: plane(4, sigmoid),
            tip: plane(5, sigmoid),
            width_um: plane(6, |raw| WIDTH_UM * libm::exp2f(raw.clamp(-MOST_OCTAVES, MOST_OCTAVES))),
            not_scalp: plane(7, sigmoid),
            photo_px: grid.photo_px,
        }
    }

    /// A point of the photo on the planes, px.
    pub fn of_photo(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [(x + 0.5) / self.photo_px[0] - 0.5, (y + 0.5) / self.photo_px[1] - 0.5]
    }

    /// A point of the planes on the photo, px.
    pub fn to_photo(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [(x + 0.5) * self.photo_px[0] - 0.5, (y + 0.5) * self.photo_px[1] - 0.5]
    }
}

fn sigmoid(raw: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-raw))
}
