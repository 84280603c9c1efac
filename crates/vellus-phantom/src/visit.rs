//! One visit to the scalp: pose of the camera, warp of the soft skin, light, optics and sensor.
//!
//! Skin point x (µm) → photo (px): x' = x + u(x) with the warp u, then turn, stretch and shift:
//! p = c + R(θ)·(k·x' + shift) / um_per_px, with c the middle of the field. A hair is carried by its root:
//! its root moves with the skin, its shaft keeps length and width, so that `um_per_px` holds for shafts
//! whatever the skin does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::encode::Encoding;
use crate::geometry::{PointPx, PointUm, rotate};
use crate::random::Stream;
use crate::scene::{ScaleMarkKind, Scene};

/// Where the camera stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pose {
    /// Turn of the picture, degrees from x towards y.
    pub rotation_deg: f64,
    /// Shift of the skin in the picture before the turn, µm.
    pub shift_um: [f64; 2],
    /// Stretch of the skin under the contact glass, 1 at rest. Moves roots apart; shafts keep their size.
    pub stretch: f64,
}

impl Default for Pose {
    fn default() -> Self {
        Self { rotation_deg: 0.0, shift_um: [0.0, 0.0], stretch: 1.0 }
    }
}

/// Smooth displacement of the soft skin: a few plane waves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Warp {
    /// The waves that add up to the displacement.
    pub waves: Vec<WarpWave>,
}

/// One wave of a [`Warp`]: displacement `amplitude_um`·sin(k·x + phase).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarpWave {
    /// Displacement at the crest, µm.
    pub amplitude_um: [f64; 2],
    /// Wave vector, radians per µm.
    pub wave_per_um: [f64; 2],
    /// Phase, radians.
    pub phase_rad: f64,
}

impl Warp {
    /// A random warp whose displacement has the root-mean-square length `amplitude_um`.
    ///
    /// Six waves of 4-8 mm, so that the displacement swings over 2-4 mm.
    pub fn random(amplitude_um: f64, rng: &mut Stream) -> Self {
        const WAVES: usize = 6;
        let crest = amplitude_um * libm::sqrt(2.0 / WAVES as f64);
        let waves = (0..WAVES)
            .map(|_| {
                let k = core::f64::consts::TAU / rng.uniform(4000.0, 8000.0);
                WarpWave {
                    amplitude_um: rotate([crest, 0.0], rng.angle()),
                    wave_per_um: rotate([k, 0.0], rng.angle()),
                    phase_rad: rng.angle(),
                }
            })
            .collect();
        Self { waves }
    }

    /// Displacement at a skin point, µm.
    pub fn displacement_um(&self, x: PointUm) -> PointUm {
        self.waves.iter().fold([0.0, 0.0], |sum, w| {
            let s = libm::sin(w.wave_per_um[0] * x[0] + w.wave_per_um[1] * x[1] + w.phase_rad);
            [sum[0] + w.amplitude_um[0] * s, sum[1] + w.amplitude_um[1] * s]
        })
    }
}

/// Everything that belongs to one photo and not to the scalp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// Width of the photo, px.
    pub width_px: u32,
    /// Height of the photo with the padding band, px.
    pub height_px: u32,
    /// Grey band at the bottom, px.
    pub padding_px: u32,
    /// Scale, µm per px.
    pub um_per_px: f64,
    /// Where the camera stands.
    pub pose: Pose,
    /// How the skin is displaced.
    pub warp: Warp,
    /// Standard deviation of the change of hair directions against the scalp at rest, degrees.
    pub hair_turn_deg: f64,
    /// Direction the light comes from, radians.
    pub light_rad: f64,
    /// Lens blur at the sharp side, standard deviation in px.
    pub blur_sigma_px: f64,
    /// How much more blur there is at the other side, px.
    pub defocus_px: f64,
    /// Direction in which the blur grows, radians.
    pub defocus_rad: f64,
    /// Light lost at the corners, 0-1.
    pub vignetting: f64,
    /// Fall of the light from one side to the other, 0-1.
    pub light_gradient: f64,
    /// Exposure, as a factor.
    pub exposure: f64,
    /// Blue cast of the light, 0-1.
    pub blue_cast: f64,
    /// Electrons of a pixel at full scale; 0 for a picture without noise.
    pub full_well_e: f64,
    /// Read noise, electrons.
    pub read_noise_e: f64,
    /// Correlation of the noise of neighbours, standard deviation of the smoothing in px.
    pub noise_grain_px: f64,
    /// Unsharp mask of the camera, 0-1.
    pub sharpening: f64,
    /// Highlight along the shafts, 0-1.
    pub highlight: f64,
    /// Depth of the shadow of the shafts, 0-1.
    pub shadow: f64,
    /// Dry specular sparkle of the skin, 0-1.
    pub dryness: f64,
    /// Area of burnt-out glare, 0-1.
    pub glare: f64,
    /// Flakes per cm².
    pub flakes_per_cm2: f64,
    /// Air bubbles per cm².
    pub bubbles_per_cm2: f64,
    /// Round field stop.
    pub aperture: bool,
    /// Burned-in caption.
    pub caption: Option<String>,
    /// Burned-in scale mark.
    pub scale_mark: Option<ScaleMarkKind>,
    /// How the photo is stored.
    pub encoding: Encoding,
}

impl Visit {
    /// A visit as the scene describes it, at rest over the middle of the patch.
    pub fn new(scene: &Scene, seed: u64) -> Self {
        let mut rng = Stream::new(seed, "visit");
        Self {
            width_px: scene.width_px,
            height_px: scene.height_px,
            padding_px: scene.padding_px.min(scene.height_px / 2),
            um_per_px: scene.um_per_px,
            pose: Pose::default(),
            warp: Warp::default(),
            hair_turn_deg: 0.0,
            light_rad: rng.angle(),
            blur_sigma_px: rng.within(scene.blur_sigma_px),
            defocus_px: rng.within(scene.defocus_px),
            defocus_rad: rng.angle(),
            vignetting: rng.within(scene.vignetting),
            light_gradient: rng.within(scene.light_gradient),
            exposure: rng.within(scene.exposure),
            blue_cast: scene.blue_cast * rng.uniform(0.6, 1.2),
            full_well_e: scene.full_well_e * rng.uniform(0.8, 1.25),
            read_noise_e: scene.read_noise_e,
            noise_grain_px: scene.noise_grain_px,
            sharpening: rng.within(scene.sharpening),
            highlight: rng.within(scene.highlight),
            shadow: rng.within(scene.shadow),
            dryness: scene.dryness * rng.uniform(0.7, 1.2),
            glare: rng.within(scene.glare),
            flakes_per_cm2: scene.flakes_per_cm2,
            bubbles_per_cm2: scene.bubbles_per_cm2,
            aperture: scene.aperture,
            caption: scene.caption.clone(),
            scale_mark: scene.scale_mark,
            encoding: scene.encoding,
        }
    }

    /// Height of the picture without the padding band, px.
    pub fn field_height_px(&self) -> u32 {
        self.height_px - self.padding_px
    }

    /// Middle of the field, px.
    pub fn centre_px(&self) -> PointPx {
        [0.5 * (f64::from(self.width_px) - 1.0), 0.5 * (f64::from(self.field_height_px()) - 1.0)]
    }

    /// Field stop, `[x, y, radius]` in px, if there is one.
    pub fn aperture_px(&self) -> Option<[f64; 3]> {
        let [x, y] = self.centre_px();
        let radius = 0.49 * f64::from(self.width_px.min(self.field_height_px()));
        self.aperture.then_some([x, y, radius])
    }

    /// Area of skin in the picture, mm².
    pub fn area_mm2(&self) -> f64 {
        let px = match self.aperture_px() {
            Some([_, _, r]) => core::f64::consts::PI * r * r,
            None => f64::from(self.width_px) * f64::from(self.field_height_px()),
        };
        px * self.um_per_px * self.um_per_px * 1e-6
    }

    /// Whether a point of the photo shows skin: inside the frame, above the padding, inside the field stop.
    pub fn in_field(&self, p: PointPx) -> bool {
        let inside = p[0] >= -0.5
            && p[1] >= -0.5
            && p[0] <= f64::from(self.width_px) - 0.5
            && p[1] <= f64::from(self.field_height_px()) - 0.5;
        inside && self.aperture_px().is_none_or(|[x, y, r]| libm::hypot(p[0] - x, p[1] - y) <= r)
    }

    /// Skin point (µm) to photo (px).
    pub fn project(&self, x: PointUm) -> PointPx {
        let u = self.warp.displacement_um(x);
        let k = self.pose.stretch;
        let moved = [k * (x[0] + u[0]) + self.pose.shift_um[0], k * (x[1] + u[1]) + self.pose.shift_um[1]];
        let v = rotate(moved, self.pose.rotation_deg.to_radians());
        let c = self.centre_px();
        [c[0] + v[0] / self.um_per_px, c[1] + v[1] / self.um_per_px]
    }

    /// Photo (px) to skin point (µm).
    pub fn unproject(&self, p: PointPx) -> PointUm {
        let c = self.centre_px();
        let v = [(p[0] - c[0]) * self.um_per_px, (p[1] - c[1]) * self.um_per_px];
        let v = rotate(v, -self.pose.rotation_deg.to_radians());
        let moved = [
            (v[0] - self.pose.shift_um[0]) / self.pose.stretch,
            (v[1] - self.pose.shift_um[1]) / self.pose.stretch,
        ];
        // Fixed point of x = moved - u(x); the slope of u is below 0.1, so eight rounds leave nothing.
        let mut x = moved;
        for _ in 0..8 {
            let u = self.warp.displacement_um(x);
            x = [moved[0] - u[0], moved[1] - u[1]];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::distance;

    #[test]
    fn unproject_undoes_project() {
        let mut visit = Visit::new(&Scene::default(), 1);
        visit.pose = Pose { rotation_deg: 20.0, shift_um: [1500.0, -300.0], stretch: 1.01 };
        visit.warp = Warp::random(30.0, &mut Stream::new(1, "warp"));
        for x in [[0.0, 0.0], [2500.0, -1800.0], [-3000.0, 900.0]] {
            assert!(distance(visit.unproject(visit.project(x)), x) < 1e-6);
        }
    }

    #[test]
    fn warp_has_the_amplitude_asked_for() {
        let mut sum = 0.0;
        for seed in 0..40 {
            let warp = Warp::random(25.0, &mut Stream::new(seed, "warp"));
            for i in 0..100 {
                let u = warp.displacement_um([f64::from(i % 10) * 1500.0, f64::from(i / 10) * 1500.0]);
                sum += u[0] * u[0] + u[1] * u[1];
            }
        }
        let rms = libm::sqrt(sum / 4000.0);
        assert!((rms - 25.0).abs() < 3.0, "{rms}");
    }
}
