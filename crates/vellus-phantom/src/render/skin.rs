//! Skin: colour, mottling, furrows, dry sparkle, marks, follicle openings and the shine of roots.
//!
//! Everything is painted as optical depth on a reflectance, in linear light, and is fixed to the scalp (µm):
//! a second visit sees the same skin from elsewhere. Absorption vectors (r, g, b) are the shapes of the
//! spectra of melanin (falling with wavelength) and haemoglobin (strong in green and blue); see Jacques
//! 2013 (doi:10.1088/0031-9155/58/11/R37).

use rayon::prelude::*;

use super::optics::LinearImage;
use super::relief::relief;
use crate::geometry::{PointPx, PointUm};
use crate::hair::Hair;
use crate::noise;
use crate::random::Stream;
use crate::scalp::{Scalp, SpotKind};
use crate::tone::SkinTone;
use crate::visit::Visit;

const MELANIN: [f64; 3] = [0.45, 0.75, 1.0];
const HAEMOGLOBIN: [f64; 3] = [0.18, 1.0, 0.85];
const SEBUM: [f64; 3] = [0.05, 0.25, 1.0];
const SOOT: [f64; 3] = [1.0, 1.0, 1.0];

/// Pigment under the skin looks blue, because skin scatters blue light back from above it.
const ROOT: [f64; 3] = [1.0, 0.80, 0.48];

/// Spacing of the grid on which skin coordinates are computed exactly; between, they are interpolated. The
/// warp swings over millimetres, so that the error is below 0.01 µm.
const GRID_PX: usize = 16;

/// Skin coordinates of pixels.
struct SkinMap {
    columns: usize,
    points: Vec<PointUm>,
}

impl SkinMap {
    fn new(visit: &Visit, width: usize, height: usize) -> Self {
        let (columns, rows) = (width / GRID_PX + 2, height / GRID_PX + 2);
        let points = (0..rows * columns)
            .map(|i| visit.unproject([(i % columns * GRID_PX) as f64, (i / columns * GRID_PX) as f64]))
            .collect();
        Self { columns, points }
    }

    fn at(&self, x: usize, y: usize) -> PointUm {
        let i = y / GRID_PX * self.columns + x / GRID_PX;
        let (u, v) = ((x % GRID_PX) as f64 / GRID_PX as f64, (y % GRID_PX) as f64 / GRID_PX as f64);
        let p = &self.points;
        core::array::from_fn(|k| {
            let top = p[i][k] + u * (p[i + 1][k] - p[i][k]);
            let low = p[i + self.columns][k] + u * (p[i + self.columns + 1][k] - p[i + self.columns][k]);
            top + v * (low - top)
        })
    }
}

/// Fields of the skin that change over half a millimetre and more; computed on a coarse grid.
#[derive(Debug, Clone, Copy, Default)]
struct Slow {
    melanin: f32,
    blood: f32,
    bend: [f32; 2],
    furrowed: f32,
    dry: f32,
}

impl Slow {
    fn at(seed: u32, point: PointUm) -> Self {
        let field = |k: u32, wavelength: f32, octaves: u32, gain: f32| {
            let (x, y) = (point[0] as f32 / wavelength, point[1] as f32 / wavelength);
            noise::fractal(seed.wrapping_add(k), x, y, octaves, gain)
        };
        Self {
            melanin: field(1, 1900.0, 4, 0.55),
            blood: field(2, 1300.0, 4, 0.6),
            bend: [field(4, 420.0, 2, 0.5), field(5, 420.0, 2, 0.5)],
            furrowed: 0.35 + 0.65 * noise::smoothstep(-0.5, 0.6, field(7, 1500.0, 2, 0.5)),
            dry: noise::smoothstep(-0.3, 0.7, field(8, 1300.0, 4, 0.65)),
        }
    }

    fn mix(a: &Self, b: &Self, t: f32) -> Self {
        let m = |x: f32, y: f32| x + t * (y - x);
        Self {
            melanin: m(a.melanin, b.melanin),
            blood: m(a.blood, b.blood),
            bend: [m(a.bend[0], b.bend[0]), m(a.bend[1], b.bend[1])],
            furrowed: m(a.furrowed, b.furrowed),
            dry: m(a.dry, b.dry),
        }
    }
}

/// [`Slow`] for every pixel, by interpolation.
struct SlowMap {
    columns: usize,
    fields: Vec<Slow>,
}

impl SlowMap {
    /// Spacing of the grid: under 100 µm at any scale used.
    const STEP_PX: usize = 8;

    fn new(map: &SkinMap, seed: u32, width: usize, height: usize) -> Self {
        let step = Self::STEP_PX;
        let (columns, rows) = (width.div_ceil(step) + 1, height.div_ceil(step) + 1);
        let mut fields = vec![Slow::default(); rows * columns];
        fields.par_chunks_mut(columns).enumerate().for_each(|(j, row)| {
            for (i, f) in row.iter_mut().enumerate() {
                *f = Slow::at(seed, map.at((i * step).min(width - 1), (j * step).min(height - 1)));
            }
        });
        Self { columns, fields }
    }

    fn at(&self, x: usize, y: usize) -> Slow {
        let step = Self::STEP_PX;
        let i = y / step * self.columns + x / step;
        let (u, v) = ((x % step) as f32 / step as f32, (y % step) as f32 / step as f32);
        let f = &self.fields;
        let top = Slow::mix(&f[i], &f[i + 1], u);
        Slow::mix(&top, &Slow::mix(&f[i + self.columns], &f[i + self.columns + 1], u), v)
    }
}

/// What one pixel of bare skin is made of.
#[derive(Debug, Clone, Copy, Default)]
struct Texel {
    melanin: f32,
    blood: f32,
    grain: f32,
    height: f32,
    sparkle: f32,
    haze: f32,
}

/// Texture of the skin at a point, in units that [`paint`] scales.
fn texel(
    seed: u32,
    shine: u32,
    lean: [f32; 2],
    point: PointUm,
    slow: &Slow,
    furrow: Option<[f32; 2]>,
    dry: bool,
) -> Texel {
    let (x, y) = (point[0] as f32, point[1] as f32);
    // Corneocyte clusters and pores: 90 µm down to 11 µm.
    let grain = noise::fractal(seed.wrapping_add(3), x / 90.0, y / 90.0, 4, 0.8);
    let mut t =
        Texel { melanin: slow.melanin, blood: slow.blood, grain, height: 0.5 * grain, ..Texel::default() };
    if let Some([size, width]) = furrow {
        // Furrows run between polygons; a slow warp bends them.
        let (u, v) = (x / size + 0.45 * slow.bend[0], y / size + 0.45 * slow.bend[1]);
        let cell = noise::cell(seed.wrapping_add(6), u, v);
        let gap = cell.second - cell.nearest;
        t.height += slow.furrowed * (2.6 * noise::smoothstep(0.0, 0.25 * width, gap) + 0.7 * cell.value);
        t.grain -= 1.6 * slow.furrowed * (1.0 - noise::smoothstep(0.0, 0.16 * width, gap));
    }
    if dry {
        // Scales of the horny layer glint; they are drawn out along the lean of the hair.
        let (a, b) = (lean[0] * x + lean[1] * y, lean[0] * y - lean[1] * x);
        let (a, b) = (a + 40.0 * slow.bend[0], b + 60.0 * slow.bend[1]);
        let glint = noise::fractal(shine, a / 62.0, b / 26.0, 3, 0.95);
        t.sparkle = (0.15 + 0.85 * slow.dry * slow.dry) * noise::smoothstep(0.25, 1.5, glint);
        t.haze = (0.3 + 0.7 * slow.dry) * (0.35 + 0.65 * noise::smoothstep(-0.9, 0.9, glint));
        t.height += 0.8 * slow.dry * glint;
    }
    t
}

/// Paints the skin of a scalp as a visit sees it.
pub fn paint(scalp: &Scalp, visit: &Visit, width: usize, height: usize) -> LinearImage {
    let scene = &scalp.scene;
    let map = SkinMap::new(visit, width, height);
    let seed = Stream::new(scalp.seed, "skin").bits() as u32;
    let slow = SlowMap::new(&map, seed, width, height);
    // Glints move with the light.
    let shine = seed ^ (visit.light_rad * 1e6) as u32;
    let lean = [libm::cos(scalp.lean_rad) as f32, libm::sin(scalp.lean_rad) as f32];
    let dry = visit.dryness > 0.0;
    // Polygons of some 0.3 mm.
    let furrow_um = 290.0 * scene.detail.furrow_size as f32;
    let furrow = (scene.furrows > 0.0).then_some([furrow_um, scene.detail.furrow_width as f32]);
    let mut texels = vec![Texel::default(); width * height];
    texels.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (x, t) in row.iter_mut().enumerate() {
            let (point, slow) = (map.at(x, y), slow.at(x, y));
            *t = texel(seed, shine, lean, point, &slow, furrow, dry);
            let more = relief(&scene.detail, seed, point, slow.bend, slow.dry);
            t.melanin += more.melanin;
            t.height += more.height;
            t.sparkle += more.sparkle * scene.detail.creases as f32;
        }
    });

    // No two persons of one phototype have one colour.
    let mut person = Stream::new(scalp.seed, "complexion");
    let (tan, flush) = (person.normal(0.0, 0.12), person.normal(0.0, 0.10));
    let base = scene.skin_tone.reflectance();
    let base: [f64; 3] = core::array::from_fn(|c| {
        let reflectance = base[c] * scene.detail.complexion[c];
        reflectance * libm::exp(-tan * MELANIN[c] - flush * HAEMOGLOBIN[c])
    });
    let (mottle, furrows) = (scene.mottle as f32, scene.furrows as f32);
    // Relief turns slope towards the light into brightness, per unit of height and 5 µm.
    let relief = 0.09 * furrows * 5.0 / visit.um_per_px as f32;
    let (lx, ly) = (libm::cos(visit.light_rad) as f32, libm::sin(visit.light_rad) as f32);
    // Specular light does not pass through skin: it is as bright on dark skin as on light.
    let (glint, haze) = (1.1 * visit.dryness as f32, 0.09 * visit.dryness as f32);
    let mut picture = LinearImage::uniform(width, height, [0.0; 3]);
    for (c, plane) in picture.planes.iter_mut().enumerate() {
        let tint = [0.80, 0.90, 1.22][c];
        let (melanin, blood) = (0.14 * mottle * MELANIN[c] as f32, 0.11 * mottle * HAEMOGLOBIN[c] as f32);
        let grain = 0.035 + 0.035 * furrows;
        plane.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, v) in row.iter_mut().enumerate() {
                let i = y * width + x;
                let t = &texels[i];
                let dx = texels[i - usize::from(x > 0)].height - t.height;
                let dy = texels[if y > 0 { i - width } else { i }].height - t.height;
                let slope = (relief * (lx * dx + ly * dy)).clamp(-0.3, 0.3);
                let depth = melanin * t.melanin + blood * t.blood - grain * t.grain;
                let diffuse = base[c] as f32 * libm::expf(-depth) * (1.0 + slope);
                *v = diffuse + tint * (glint * t.sparkle + haze * t.haze);
            }
        });
    }
    marks(&mut picture, scalp, visit);
    picture
}

/// Multiplies a disc of the picture by exp(-depth · colour); `depth` is asked per offset from the middle.
fn absorb(
    picture: &mut LinearImage,
    centre: PointPx,
    reach: f64,
    colour: [f64; 3],
    depth: impl Fn([f64; 2]) -> f64,
) {
    let (w, h) = (picture.width, picture.height);
    for y in disc_range(centre[1], reach, h) {
        for x in disc_range(centre[0], reach, w) {
            let d = depth([x as f64 - centre[0], y as f64 - centre[1]]);
            if d != 0.0 {
                for (plane, k) in picture.planes.iter_mut().zip(colour) {
                    plane[y * w + x] *= libm::exp(-d * k) as f32;
                }
            }
        }
    }
}

/// Vessels, spots, openings and root shine.
fn marks(picture: &mut LinearImage, scalp: &Scalp, visit: &Visit) {
    let u = visit.um_per_px;
    vessels(picture, scalp, visit);
    for (k, spot) in scalp.spots.iter().enumerate() {
        let r = spot.radius_um / u;
        let colour = match spot.kind {
            SpotKind::Freckle => MELANIN,
            SpotKind::YellowDot => SEBUM,
            SpotKind::BlackDot => SOOT,
        };
        let soft = if spot.kind == SpotKind::BlackDot { 0.12 } else { 0.35 };
        absorb(picture, visit.project(spot.centre_um), 1.6 * r, colour, |o| {
            let wobble = noise::fractal(k as u32, (o[0] / r) as f32, (o[1] / r) as f32, 3, 0.6);
            let ragged = if spot.kind == SpotKind::BlackDot { 0.1 } else { 0.35 };
            let rho = libm::hypot(o[0], o[1]) / r * (1.0 + ragged * f64::from(wobble));
            spot.depth
                * (1.0 - f64::from(noise::smoothstep((1.0 - soft) as f32, (1.0 + soft) as f32, rho as f32)))
        });
    }
    let dark_skin = matches!(scalp.scene.skin_tone, SkinTone::Dark | SkinTone::Tan);
    for unit in &scalp.units {
        // A dark pit, and a pale rim that is a bright ring on dark skin.
        let rim = if dark_skin { -0.45 } else { -0.10 } * scalp.scene.openings;
        let pit = 0.22 * scalp.scene.openings;
        absorb(picture, visit.project(unit.site_um), 150.0 / u, MELANIN, |o| {
            let r = libm::hypot(o[0], o[1]) * u;
            pit * libm::exp(-0.5 * (r / 38.0) * (r / 38.0))
                + rim * libm::exp(-0.5 * ((r - 75.0) / 22.0) * ((r - 75.0) / 22.0))
        });
    }
    swelling(picture, scalp, visit);
    root_shine(picture, scalp, visit);
}

/// The brown ring round an inflamed or long worn opening.
fn swelling(picture: &mut LinearImage, scalp: &Scalp, visit: &Visit) {
    let most = scalp.scene.detail.swelling;
    if most <= 0.0 {
        return;
    }
    for unit in &scalp.units {
        let mut rng = Stream::indexed(scalp.seed, "swelling", u64::from(unit.id));
        let (depth, sigma) = (most * rng.unit(), rng.uniform(60.0, 170.0) / visit.um_per_px);
        absorb(picture, visit.project(unit.site_um), 2.6 * sigma, MELANIN, |o| {
            let r = libm::hypot(o[0], o[1]) / sigma;
            depth * libm::exp(-0.5 * r * r)
        });
    }
}

/// The parts of the shafts that are still under the skin: soft bluish streaks behind the roots.
///
/// Where streaks of one unit overlap, their optical depths saturate: skin above them scatters light back.
fn root_shine(picture: &mut LinearImage, scalp: &Scalp, visit: &Visit) {
    const MOST: f32 = 1.1;
    let (w, h) = (picture.width, picture.height);
    let mut depth = vec![0.0f32; w * h];
    for hair in scalp.hairs.iter().filter(|h| !h.is_loose()) {
        add_root(&mut depth, [w, h], hair, scalp, visit);
    }
    for (plane, k) in picture.planes.iter_mut().zip(ROOT) {
        for (v, d) in plane.iter_mut().zip(&depth) {
            if *d > 0.0 {
                *v *= libm::expf(-(k as f32) * MOST * (1.0 - libm::expf(-d / MOST)));
            }
        }
    }
}

fn add_root(depth: &mut [f32], [w, h]: [usize; 2], hair: &Hair, scalp: &Scalp, visit: &Visit) {
    let pigment = hair.tone.pigment() * hair.darkness;
    let halo = scalp.scene.root_halo;
    if halo * pigment < 0.02 {
        return;
    }
    let u = visit.um_per_px;
    let root = visit.project(hair.root_um);
    let turn = visit.pose.rotation_deg.to_radians();
    let (c, s) = (libm::cos(hair.shape.direction_rad + turn), libm::sin(hair.shape.direction_rad + turn));
    let diameter = hair.shape.diameter_um;
    let size = scalp.scene.detail.halo_size;
    let (long, wide) = (size * (110.0 + 0.6 * diameter), size * (0.30 * diameter + 12.0));
    // Deepest a little behind where the shaft comes out.
    let back = 5.0 + 0.4 * scalp.scene.root_veil_um;
    // Thin hairs carry less pigment per length.
    let strength = 0.9 * halo * pigment * (diameter / 80.0).min(1.0);
    for y in disc_range(root[1], (3.0 * long + 60.0) / u, h) {
        for x in disc_range(root[0], (3.0 * long + 60.0) / u, w) {
            let o = [x as f64 - root[0], y as f64 - root[1]];
            let (along, across) = ((c * o[0] + s * o[1]) * u + back, (c * o[1] - s * o[0]) * u);
            // It widens and fades with depth.
            let spread = wide * (1.0 + (-along / 220.0).clamp(0.0, 1.2));
            let fall = if along > 0.0 { along / 70.0 } else { along / long };
            let d = strength * libm::exp(-0.5 * (fall * fall + across * across / (spread * spread)));
            depth[y * w + x] += d as f32;
        }
    }
}

/// Pixels of one axis within `reach` of `centre`.
fn disc_range(centre: f64, reach: f64, n: usize) -> core::ops::Range<usize> {
    let low = libm::ceil(centre - reach).max(0.0) as usize;
    let high = libm::floor(centre + reach).min(n as f64 - 1.0);
    low..if high < 0.0 { 0 } else { high as usize + 1 }
}

/// Capillaries: a plane of the largest optical depth, then one multiplication, so that joints do not darken.
fn vessels(picture: &mut LinearImage, scalp: &Scalp, visit: &Visit) {
    let (w, h) = (picture.width, picture.height);
    let mut depth = vec![0.0f32; w * h];
    for vessel in &scalp.vessels {
        let widest = scalp.scene.detail.vessel_width * vessel.sigma_um / visit.um_per_px;
        let line: Vec<PointPx> = vessel.line_um.iter().map(|p| visit.project(*p)).collect();
        let n = line.len() as f64;
        for (k, pair) in line.windows(2).enumerate() {
            // Vessels fade in and out of view at their ends.
            let fade = if vessel.looped {
                1.0
            } else {
                (4.0 * (k as f64 + 0.5) / n * (1.0 - (k as f64 + 0.5) / n)).min(1.0)
            };
            let sigma = widest * (1.0 - scalp.scene.detail.vessel_taper * (k as f64 + 0.5) / n);
            let reach = 3.0 * sigma + 1.0;
            let (a, b) = (pair[0], pair[1]);
            let v = [b[0] - a[0], b[1] - a[1]];
            let vv = (v[0] * v[0] + v[1] * v[1]).max(1e-12);
            let bounds = |i: usize, n: usize| {
                let low = (a[i].min(b[i]) - reach).max(0.0) as usize;
                let high = (a[i].max(b[i]) + reach).min(n as f64 - 1.0);
                low..if high < 0.0 { 0 } else { high as usize + 1 }
            };
            for y in bounds(1, h) {
                for x in bounds(0, w) {
                    let q = [x as f64 - a[0], y as f64 - a[1]];
                    let t = ((q[0] * v[0] + q[1] * v[1]) / vv).clamp(0.0, 1.0);
                    let (dx, dy) = (q[0] - t * v[0], q[1] - t * v[1]);
                    let r = (dx * dx + dy * dy) / (sigma * sigma);
                    let d =
                        (scalp.scene.detail.vessel_depth * vessel.depth * fade * libm::exp(-0.5 * r)) as f32;
                    let old = &mut depth[y * w + x];
                    *old = old.max(d);
                }
            }
        }
    }
    for (plane, k) in picture.planes.iter_mut().zip(HAEMOGLOBIN) {
        for (v, d) in plane.iter_mut().zip(&depth) {
            if *d > 0.0 {
                *v *= libm::expf(-d * k as f32);
            }
        }
    }
}
