//! Exactly specified shafts on uniform skin, to test widths, separation and crossings.
//!
//! A shaft here is a flat bar: it lets the same share of light through over its whole width, without
//! highlight, medulla or shadow. After the lens blur, the light it takes away, integrated across it, equals
//! width · (1 − transmission): a measure of width that blur cannot change.
//!
//! ```
//! use vellus_phantom::targets::Target;
//!
//! let phantom = Target::single_shaft(12.4, 30.0).photograph(1);
//! assert_eq!(phantom.truth.hairs.len(), 1);
//! assert!((phantom.truth.hairs[0].diameter_um / phantom.truth.um_per_px - 12.4).abs() < 1e-3);
//! ```

use image::GrayImage;

use crate::encode::Encoding;
use crate::geometry::{PointPx, distance, rotate};
use crate::hair::HairKind;
use crate::random::Stream;
use crate::render::Phantom;
use crate::render::optics::{self, LinearImage};
use crate::render::sensor::{self, Noise, Transfer};
use crate::render::shaft::{Layers, Ribbon, flat_profile};
use crate::tone::{HairTone, SkinTone};
use crate::truth::{Course, Scenery, describe};
use crate::visit::{Pose, Visit, Warp};

/// One exactly specified shaft.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaft {
    /// Axis from root to tip, px.
    pub centreline_px: Vec<PointPx>,
    /// Width at each vertex, px; a single value holds for all.
    pub width_px: Vec<f64>,
    /// Share of the light that passes, linear, per colour.
    pub transmission: [f64; 3],
    /// Id in the truth; also the unit.
    pub id: u32,
}

impl Shaft {
    /// A straight black shaft (5 % transmission) from root to tip.
    pub fn straight(id: u32, root_px: PointPx, tip_px: PointPx, width_px: f64) -> Self {
        Self { centreline_px: vec![root_px, tip_px], width_px: vec![width_px], transmission: [0.05; 3], id }
    }
}

/// A picture of exactly specified shafts; later shafts lie over earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Width, px. Default: 400.
    pub width_px: u32,
    /// Height, px. Default: 300.
    pub height_px: u32,
    /// Scale, µm per px. Default: 5.
    pub um_per_px: f64,
    /// Reflectance of the skin in linear light. Default: light skin.
    pub skin: [f64; 3],
    /// The shafts, bottom to top.
    pub shafts: Vec<Shaft>,
    /// Lens blur, standard deviation in px. Default: 1.
    pub blur_sigma_px: f64,
    /// Noise in linear light, standard deviation in 1/255 of full scale. Default: 0.
    pub noise_sd_levels: f64,
    /// How light becomes pixel values. Default: sRGB.
    pub transfer: Transfer,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            width_px: 400,
            height_px: 300,
            um_per_px: 5.0,
            skin: SkinTone::Light.reflectance(),
            shafts: Vec::new(),
            blur_sigma_px: 1.0,
            noise_sd_levels: 0.0,
            transfer: Transfer::Srgb,
        }
    }
}

impl Target {
    /// One straight shaft of 200 px through the middle, `angle_deg` from x towards y.
    pub fn single_shaft(width_px: f64, angle_deg: f64) -> Self {
        let mut target = Self::default();
        let shaft = target.through_middle(1, width_px, angle_deg, 0.0);
        target.shafts = vec![shaft];
        target
    }

    /// Two parallel shafts whose facing edges are `gap_px` apart: 0, they touch; negative, they overlap.
    pub fn two_parallel(width_px: [f64; 2], gap_px: f64, angle_deg: f64) -> Self {
        let mut target = Self::default();
        let apart = 0.5 * (width_px[0] + width_px[1]) + gap_px;
        target.shafts = vec![
            target.through_middle(1, width_px[0], angle_deg, -0.5 * apart),
            target.through_middle(2, width_px[1], angle_deg, 0.5 * apart),
        ];
        target
    }

    /// Two parallel shafts that touch.
    pub fn two_touching(width_px: [f64; 2], angle_deg: f64) -> Self {
        Self::two_parallel(width_px, 0.0, angle_deg)
    }

    /// Two shafts that cross in the middle at `crossing_deg`; the second lies above.
    pub fn crossing(width_px: [f64; 2], angle_deg: f64, crossing_deg: f64) -> Self {
        let mut target = Self::default();
        target.shafts = vec![
            target.through_middle(1, width_px[0], angle_deg, 0.0),
            target.through_middle(2, width_px[1], angle_deg + crossing_deg, 0.0),
        ];
        target
    }

    /// A straight shaft of 200 px, `offset_px` to the side of the middle, which lies off the pixel grid.
    fn through_middle(&self, id: u32, width_px: f64, angle_deg: f64, offset_px: f64) -> Shaft {
        let middle = [0.5 * f64::from(self.width_px) + 0.31, 0.5 * f64::from(self.height_px) - 0.17];
        let end = |along: f64| {
            let v = rotate([along, offset_px], angle_deg.to_radians());
            [middle[0] + v[0], middle[1] + v[1]]
        };
        Shaft::straight(id, end(-100.0), end(100.0), width_px)
    }

    fn ribbons(&self) -> Vec<Ribbon> {
        self.shafts
            .iter()
            .map(|shaft| {
                let (line_px, half_width_px) = densify(shaft);
                Ribbon {
                    id: shaft.id,
                    line_px,
                    half_width_px,
                    levels: vec![flat_profile(shaft.transmission)],
                    levels_from_px: 0.0,
                    levels_step_px: f64::MAX,
                    cut_slope: 0.0,
                    veil_px: 0.0,
                    highlight: 0.0,
                }
            })
            .collect()
    }

    /// The picture in linear light, after the lens and before the sensor.
    pub fn light(&self) -> LinearImage {
        let ribbons = self.ribbons();
        let (w, h) = (self.width_px as usize, self.height_px as usize);
        let mut picture = LinearImage::uniform(w, h, self.skin.map(|v| v as f32));
        Layers::new(w, h, &ribbons).composite(&mut picture);
        optics::lens_blur(&picture, self.blur_sigma_px, 0.0, 0.0)
    }

    /// The photo and its truth; `seed` decides the noise.
    pub fn photograph(&self, seed: u64) -> Phantom {
        let ribbons = self.ribbons();
        let (w, h) = (self.width_px as usize, self.height_px as usize);
        let layers = Layers::new(w, h, &ribbons);
        // So many electrons that shot noise is nothing beside the read noise asked for.
        let well = if self.noise_sd_levels > 0.0 { 1e12 } else { 0.0 };
        let noise =
            Noise { full_well_e: well, read_noise_e: self.noise_sd_levels / 255.0 * well, grain_px: 0.0 };
        let exposure = sensor::expose(&self.light(), &noise, self.transfer, &mut Stream::new(seed, "sensor"));
        let courses: Vec<Course> = self
            .shafts
            .iter()
            .map(|s| Course {
                id: s.id,
                unit: Some(s.id),
                kind: HairKind::Terminal,
                tone: HairTone::Black,
                anagen: true,
                tapered: false,
            })
            .collect();
        let visit = self.visit();
        let scenery = Scenery {
            scalp: None,
            visit: &visit,
            seed,
            ribbons: &ribbons,
            courses: &courses,
            layers: &layers,
            opacity: &layers.opacity(),
            hidden: &vec![0.0; w * h],
            clean_luma: &exposure.clean_luma,
            noise_sd_levels: exposure.noise_sd_levels,
            clutter: None,
            scale_mark: None,
        };
        Phantom {
            truth: describe(&scenery),
            image: exposure.image,
            cover: GrayImage::new(self.width_px, self.height_px),
        }
    }

    /// A visit that does nothing to the picture.
    fn visit(&self) -> Visit {
        Visit {
            width_px: self.width_px,
            height_px: self.height_px,
            padding_px: 0,
            um_per_px: self.um_per_px,
            pose: Pose::default(),
            warp: Warp::default(),
            hair_turn_deg: 0.0,
            light_rad: 0.0,
            blur_sigma_px: self.blur_sigma_px,
            defocus_px: 0.0,
            defocus_rad: 0.0,
            vignetting: 0.0,
            light_gradient: 0.0,
            exposure: 1.0,
            blue_cast: 0.0,
            full_well_e: 0.0,
            read_noise_e: 0.0,
            noise_grain_px: 0.0,
            sharpening: 0.0,
            highlight: 0.0,
            shadow: 0.0,
            dryness: 0.0,
            glare: 0.0,
            flakes_per_cm2: 0.0,
            bubbles_per_cm2: 0.0,
            aperture: false,
            caption: None,
            scale_mark: None,
            encoding: Encoding::Png,
        }
    }
}

/// Axis and half widths with a vertex at least every 2 px, so that the truth tells what is hidden.
fn densify(shaft: &Shaft) -> (Vec<PointPx>, Vec<f64>) {
    let one = shaft.width_px.first().copied().unwrap_or(0.0);
    let half = |i: usize| 0.5 * shaft.width_px.get(i).copied().unwrap_or(one);
    let mut line: Vec<PointPx> = shaft.centreline_px.first().copied().into_iter().collect();
    let mut widths = vec![half(0); line.len()];
    for (i, ends) in shaft.centreline_px.windows(2).enumerate() {
        let parts = libm::ceil(0.5 * distance(ends[0], ends[1])).max(1.0);
        for k in 1..=parts as usize {
            let t = k as f64 / parts;
            line.push(core::array::from_fn(|c| ends[0][c] + t * (ends[1][c] - ends[0][c])));
            widths.push(half(i) + t * (half(i + 1) - half(i)));
        }
    }
    (line, widths)
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;
