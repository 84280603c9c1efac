//! What lies on the skin or in the light and is no hair: flakes, bubbles, glare. They belong to the visit.

use super::optics::LinearImage;
use crate::detail::{crumbs, crusts};
use crate::geometry::PointUm;
use crate::noise;
use crate::random::Stream;
use crate::scalp::Scalp;
use crate::visit::Visit;

/// Reflectance of dry horn.
const HORN: [f32; 3] = [0.78, 0.78, 0.76];

/// A scale of horny skin.
#[derive(Debug, Clone, Copy)]
pub struct Flake {
    centre_px: [f64; 2],
    radius_px: f64,
    opacity: f64,
    colour: [f32; 3],
    seed: u32,
    /// Whether it lies over the hair.
    pub above: bool,
}

/// An air bubble in the immersion.
#[derive(Debug, Clone, Copy)]
pub struct Bubble {
    /// Middle, px.
    pub centre_px: [f64; 2],
    /// Radius, px.
    pub radius_px: f64,
    /// Light lost at the rim, light gained inside it, as shares, and light thrown back by it.
    rim: [f64; 3],
}

/// A patch of burnt-out reflection.
#[derive(Debug, Clone, Copy)]
pub struct Glare {
    centre_px: [f64; 2],
    radius_px: [f64; 2],
    angle_rad: f64,
}

/// All of them in one photo.
#[derive(Debug, Clone)]
pub struct Clutter {
    /// Flakes.
    pub flakes: Vec<Flake>,
    /// Bubbles.
    pub bubbles: Vec<Bubble>,
    /// Glare.
    pub glare: Vec<Glare>,
}

impl Clutter {
    /// Draws the clutter of a visit.
    pub fn new(visit: &Visit, width: usize, height: usize, seed: u64) -> Self {
        let u = visit.um_per_px;
        let area_cm2 = width as f64 * height as f64 * u * u * 1e-8;
        let place = |rng: &mut Stream| [rng.uniform(0.0, width as f64), rng.uniform(0.0, height as f64)];
        let mut rng = Stream::new(seed, "flakes");
        let flakes = (0..rng.poisson(visit.flakes_per_cm2 * area_cm2))
            .map(|_| Flake {
                centre_px: place(&mut rng),
                // Small scales are much more frequent than large ones.
                radius_px: 25.0 * libm::pow(5.0, rng.unit()) / u,
                opacity: rng.uniform(0.35, 0.9),
                colour: HORN,
                seed: rng.bits() as u32,
                above: rng.chance(0.5),
            })
            .collect();
        let mut rng = Stream::new(seed, "bubbles");
        let bubbles = (0..rng.poisson(visit.bubbles_per_cm2 * area_cm2))
            .map(|_| Bubble {
                centre_px: place(&mut rng),
                radius_px: 40.0 * libm::pow(6.0, rng.unit()) / u,
                rim: [0.45, 0.16, 0.0],
            })
            .collect();
        let mut rng = Stream::new(seed, "glare");
        let glare = (0..rng.poisson(12.0 * visit.glare))
            .map(|_| Glare {
                centre_px: place(&mut rng),
                radius_px: [rng.uniform(60.0, 260.0) / u, rng.uniform(30.0, 110.0) / u],
                angle_rad: rng.angle(),
            })
            .collect();
        Self { flakes, bubbles, glare }
    }

    /// Adds what clings to roots and shafts, and specks of dirt.
    pub fn add_details(&mut self, scalp: &Scalp, visit: &Visit, seed: u64) {
        let detail = &scalp.scene.detail;
        let u = visit.um_per_px;
        let mut rng = Stream::new(seed, "rims");
        for bubble in &mut self.bubbles {
            // Some are large, some pale, some nothing but a bright line.
            let vary = |rng: &mut Stream, usual: f64, most: f64| {
                usual + detail.rims * (rng.uniform(0.0, most) - usual)
            };
            bubble.rim = [vary(&mut rng, 0.45, 0.6), vary(&mut rng, 0.16, 0.45), vary(&mut rng, 0.0, 0.3)];
            bubble.radius_px *= 1.0 + detail.rims * rng.unit();
        }
        let mut rng = Stream::new(seed, "what clings");
        let grey = |rng: &mut Stream, low: f64, high: f64| {
            let level = rng.uniform(low, high);
            HORN.map(|c| (f64::from(c) * level * rng.uniform(0.85, 1.1)) as f32)
        };
        let mut flake = |place: PointUm, radius_um: f64, colour: [f32; 3], rng: &mut Stream, above: bool| {
            self.flakes.push(Flake {
                centre_px: visit.project(place),
                radius_px: radius_um / u,
                opacity: rng.uniform(0.3, 0.95),
                colour,
                seed: rng.bits() as u32,
                above,
            });
        };
        for (place, radius) in crusts(detail, &scalp.units, seed) {
            let (colour, above) = (grey(&mut rng, 0.25, 1.1), rng.chance(0.7));
            flake(place, radius, colour, &mut rng, above);
        }
        for (place, radius) in crumbs(detail, &scalp.hairs, seed) {
            let colour = grey(&mut rng, 0.3, 1.2);
            flake(place, radius, colour, &mut rng, true);
        }
        let side = 2.0 * scalp.half_extent_um;
        for _ in 0..rng.poisson(detail.specks_per_cm2 * side * side * 1e-8) {
            let half = 0.5 * side;
            let place = [rng.uniform(-half, half), rng.uniform(-half, half)];
            // Soot, rust, or the blue of textiles.
            let colour = [[0.02, 0.02, 0.02], [0.10, 0.05, 0.02], [0.05, 0.12, 0.55]][rng.below(3)];
            let radius = 6.0 * libm::pow(5.0, rng.unit());
            flake(place, radius, colour, &mut rng, true);
        }
    }

    /// Paints the flakes below or above the hair; `hidden` keeps how much each pixel hides of what is below.
    pub fn paint_flakes(&self, picture: &mut LinearImage, above: bool, hidden: &mut [f32]) {
        for flake in self.flakes.iter().filter(|f| f.above == above) {
            let r = flake.radius_px;
            each(picture, flake.centre_px, 1.7 * r, |planes, i, o| {
                let (x, y) = ((o[0] / r) as f32, (o[1] / r) as f32);
                let wobble = noise::fractal(flake.seed, 1.3 * x, 1.3 * y, 3, 0.55);
                let rho = libm::hypotf(x, y) * (1.0 + 0.55 * wobble);
                let texture = noise::fractal(flake.seed ^ 0x55, 5.0 * x, 5.0 * y, 2, 0.6);
                let lit = 0.85 + 0.3 * texture;
                let o = flake.opacity as f32
                    * (1.0 - noise::smoothstep(0.88, 1.05, rho))
                    * (0.75 + 0.35 * noise::fractal(flake.seed ^ 0xaa, 2.5 * x, 2.5 * y, 2, 0.5))
                        .clamp(0.2, 1.1);
                if o > 0.0 {
                    for (plane, white) in planes.iter_mut().zip(flake.colour) {
                        plane[i] += o * (white * lit - plane[i]);
                    }
                    if above {
                        hidden[i] = hidden[i].max(o);
                    }
                }
            });
        }
    }

    /// Paints bubbles: a dark rim, a bright line inside it and a glint towards the light.
    pub fn paint_bubbles(&self, picture: &mut LinearImage, light_rad: f64) {
        let light = [libm::cos(light_rad), libm::sin(light_rad)];
        for bubble in &self.bubbles {
            let r = bubble.radius_px;
            let rim = (0.05 * r).clamp(1.2, 4.0);
            let bell = |x: f64| libm::exp(-0.5 * x * x);
            each(picture, bubble.centre_px, r + 4.0 * rim, |planes, i, o| {
                let d = libm::hypot(o[0], o[1]);
                let towards = (o[0] * light[0] + o[1] * light[1]) / d.max(1.0);
                let gain = 1.0 - bubble.rim[0] * bell((d - r) / rim)
                    + bubble.rim[1] * (1.0 + towards) * bell((d - r + 2.2 * rim) / rim);
                let spot = [o[0] - 0.6 * r * light[0], o[1] - 0.6 * r * light[1]];
                let glint = 0.5 * bell(libm::hypot(spot[0], spot[1]) / (0.06 * r + 0.8))
                    + bubble.rim[2] * (0.6 + 0.4 * towards) * bell((d - r + 1.2 * rim) / (0.6 * rim));
                for plane in planes.iter_mut() {
                    plane[i] = plane[i] * gain as f32 + glint as f32;
                }
            });
        }
    }

    /// Adds glare, which saturates the sensor.
    pub fn paint_glare(&self, picture: &mut LinearImage, hidden: &mut [f32]) {
        for glare in &self.glare {
            let reach = 2.2 * glare.radius_px[0].max(glare.radius_px[1]);
            let (c, s) = (libm::cos(glare.angle_rad), libm::sin(glare.angle_rad));
            each(picture, glare.centre_px, reach, |planes, i, o| {
                let a = (c * o[0] + s * o[1]) / glare.radius_px[0];
                let b = (c * o[1] - s * o[0]) / glare.radius_px[1];
                let ragged = 1.0
                    + 0.3 * f64::from(noise::fractal(7, (o[0] / 14.0) as f32, (o[1] / 14.0) as f32, 2, 0.6));
                let light = (1.5 * libm::exp(-2.0 * (a * a + b * b)) * ragged - 0.12).max(0.0) as f32;
                for plane in planes.iter_mut() {
                    plane[i] += light;
                }
                hidden[i] = hidden[i].max(light.min(1.0));
            });
        }
    }
}

/// Calls `f(planes, index, offset from the centre)` for the pixels within `reach` of a centre.
fn each(
    picture: &mut LinearImage,
    centre: [f64; 2],
    reach: f64,
    mut f: impl FnMut(&mut [Vec<f32>; 3], usize, [f64; 2]),
) {
    let (w, h) = (picture.width, picture.height);
    let range = |c: f64, n: usize| {
        let low = libm::ceil(c - reach).max(0.0) as usize;
        let high = libm::floor(c + reach).min(n as f64 - 1.0);
        low..if high < 0.0 { 0 } else { high as usize + 1 }
    };
    for y in range(centre[1], h) {
        for x in range(centre[0], w) {
            f(&mut picture.planes, y * w + x, [x as f64 - centre[0], y as f64 - centre[1]]);
        }
    }
}
