//! Takes the photo: [`Scalp`] + [`Visit`] → picture and truth.
//!
//! Linear light is drawn from the skin up: skin, flakes under the hair, shadows, shafts by depth, flakes
//! over the hair, bubbles, glare; then light and field stop, lens blur, sensor noise and sRGB; captions are
//! burned in last, as a frame grabber does.

pub mod coverage;
pub(crate) mod distractors;
pub mod optics;
mod prints;
mod relief;
pub mod sensor;
pub(crate) mod shaft;
pub(crate) mod skin;
pub(crate) mod text;

use image::{GrayImage, Rgb, RgbImage};

use crate::geometry::{PointPx, rotate};
use crate::hair::Hair;
use crate::noise;
use crate::random::Stream;
use crate::scalp::Scalp;
use crate::tone::HairOptics;
use crate::truth::{Course, Scenery, Truth, describe};
use crate::visit::Visit;
use distractors::Clutter;
use optics::LinearImage;
use sensor::{Noise, Transfer};
use shaft::{Gloss, Layers, Ribbon, hair_profile};
use text::Overlay;

/// A drawn photo and the truth about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Phantom {
    /// The photo as the sensor gave it, with captions; not yet compressed, see [`crate::encode()`].
    pub image: RgbImage,
    /// What is on it.
    pub truth: Truth,
    /// Where no scalp is seen, 0-255: padding, captions, marks and what is outside the field stop.
    pub cover: GrayImage,
}

/// Photographs a scalp. `seed` decides what belongs to this shot alone: noise, flakes, bubbles, glare and
/// how the hairs lie.
pub fn photograph(scalp: &Scalp, visit: &Visit, seed: u64) -> Phantom {
    let (w, h) = (visit.width_px as usize, visit.field_height_px() as usize);
    let mut hidden = vec![0.0f32; w * h];
    let mut picture = skin::paint(scalp, visit, w, h);
    let mut clutter = Clutter::new(visit, w, h, seed);
    clutter.add_details(scalp, visit, seed);
    clutter.paint_flakes(&mut picture, false, &mut hidden);

    let hairs = by_depth(scalp);
    let mut courses = Vec::new();
    let mut ribbons = Vec::new();
    for hair in hairs {
        let ribbon = ribbon(hair, scalp, visit, seed);
        if touches(&ribbon, w, h) {
            courses.push(course(hair));
            ribbons.push(ribbon);
        }
    }
    let layers = Layers::new(w, h, &ribbons);
    let opacity = layers.opacity();
    throw_shadow(&mut picture, &opacity, visit);
    layers.composite(&mut picture);

    clutter.paint_flakes(&mut picture, true, &mut hidden);
    clutter.paint_bubbles(&mut picture, visit.light_rad);
    clutter.paint_glare(&mut picture, &mut hidden);
    let cast = visit.blue_cast;
    let light = [1.0 - 0.02 * cast, 1.0, 1.0 + 0.03 * cast].map(|v| v * visit.exposure);
    let detail = &scalp.scene.detail;
    let light = core::array::from_fn(|c| light[c] * detail.light[c]);
    let rim = [1.0 - 0.22 * cast, 1.0 - 0.10 * cast, 1.0 + 0.35 * cast];
    optics::illuminate(&mut picture, visit.vignetting, visit.light_gradient, visit.light_rad, light, rim);
    tint(&mut picture, detail.tint, seed);
    stop_field(&mut picture, visit);
    let picture = optics::lens_blur(&picture, visit.blur_sigma_px, visit.defocus_px, visit.defocus_rad);
    let picture = optics::sharpen(picture, visit.sharpening);
    let noise = Noise {
        full_well_e: visit.full_well_e,
        read_noise_e: visit.read_noise_e,
        grain_px: visit.noise_grain_px,
    };
    let exposure = sensor::expose(&picture, &noise, Transfer::Srgb, &mut Stream::new(seed, "sensor"));

    let mut image = pad(&exposure.image, visit);
    let mut overlay = Overlay::new(&mut image);
    overlay.padding(visit.padding_px);
    if let Some(caption) = &visit.caption {
        overlay.caption(caption);
    }
    let field_height = visit.field_height_px();
    let scale_mark = visit.scale_mark.map(|kind| overlay.scale_mark(kind, visit.um_per_px, field_height));
    let Overlay { covered, arms, .. } = overlay;
    fill_boxes(&mut hidden, [visit.width_px, field_height], &covered);

    let mut cover = vec![0.0; w * visit.height_px as usize];
    prints::print(&mut image, &mut cover, detail.prints, seed);
    for (hidden, cover) in hidden.iter_mut().zip(&cover) {
        *hidden = hidden.max(*cover);
    }
    cover_marks(&mut cover, visit, &[covered, arms].concat());

    let scenery = Scenery {
        scalp: Some(scalp),
        visit,
        seed,
        ribbons: &ribbons,
        courses: &courses,
        layers: &layers,
        opacity: &opacity,
        hidden: &hidden,
        clean_luma: &exposure.clean_luma,
        noise_sd_levels: exposure.noise_sd_levels,
        clutter: Some(&clutter),
        scale_mark,
    };
    let cover = cover.into_iter().map(|v: f32| (255.0 * v + 0.5) as u8).collect();
    let cover = GrayImage::from_raw(visit.width_px, visit.height_px, cover).unwrap_or_default();
    Phantom { truth: describe(&scenery), image, cover }
}

/// Hairs from the lowest to the highest.
fn by_depth(scalp: &Scalp) -> Vec<&Hair> {
    let mut hairs: Vec<&Hair> = scalp.hairs.iter().collect();
    hairs.sort_by(|a, b| a.depth.total_cmp(&b.depth).then(a.id.cmp(&b.id)));
    hairs
}

/// A hair in the photo: its root moves with the skin, the shaft keeps its shape and turns with the camera.
fn ribbon(hair: &Hair, scalp: &Scalp, visit: &Visit, seed: u64) -> Ribbon {
    let root = visit.project(hair.root_um);
    let mut rng = Stream::indexed(seed, "lie of the hair", u64::from(hair.id));
    let turn = (visit.pose.rotation_deg + rng.normal(0.0, visit.hair_turn_deg)).to_radians();
    let u = visit.um_per_px;
    let line_px = hair
        .centreline_um
        .iter()
        .map(|p| {
            let v = rotate([p[0] - hair.root_um[0], p[1] - hair.root_um[1]], turn);
            [root[0] + v[0] / u, root[1] + v[1] / u]
        })
        .collect();
    let detail = &scalp.scene.detail;
    let optics = hair.tone.optics();
    let optics = HairOptics { edge_loss: (optics.edge_loss * detail.edge_loss).min(1.0), ..optics };
    let darkness = hair.darkness * detail.pigment;
    // The highlight of a cylinder lies half way towards the light.
    let lit = 0.45 * libm::sin(visit.light_rad - hair.shape.direction_rad - turn);
    let veil = if hair.is_loose() { 0.0 } else { scalp.scene.root_veil_um * rng.uniform(0.5, 1.2) };
    let mut ribbon = Ribbon {
        id: hair.id,
        line_px,
        half_width_px: hair.diameter_um.iter().map(|d| 0.5 * d / u).collect(),
        levels: Vec::new(),
        levels_from_px: 0.0,
        levels_step_px: 1.0,
        cut_slope: if hair.shape.taper_um > 0.0 { 0.0 } else { hair.shape.cut_slope },
        veil_px: veil / u,
        highlight: visit.highlight,
    };
    let gloss = Gloss { at: lit, width: detail.gloss_width };
    ribbon.prepare(|half| hair_profile(&optics, darkness, hair.medulla, gloss, 2.0 * half * u));
    ribbon
}

fn course(hair: &Hair) -> Course {
    Course {
        id: hair.id,
        unit: hair.unit,
        kind: hair.kind,
        tone: hair.tone,
        anagen: hair.anagen,
        tapered: hair.shape.taper_um > 0.0,
    }
}

/// Whether the bounding box of a ribbon reaches the picture.
fn touches(ribbon: &Ribbon, width: usize, height: usize) -> bool {
    let reach = ribbon.half_width_px.iter().copied().fold(0.0, f64::max) + 2.0;
    let bound = |k: usize| {
        ribbon
            .line_px
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), p: &PointPx| (low.min(p[k]), high.max(p[k])))
    };
    let ((x0, x1), (y0, y1)) = (bound(0), bound(1));
    x1 > -reach && y1 > -reach && x0 < width as f64 + reach && y0 < height as f64 + reach
}

/// Darkens the skin beside the shafts, away from the light.
fn throw_shadow(picture: &mut LinearImage, opacity: &[f32], visit: &Visit) {
    if visit.shadow <= 0.0 {
        return;
    }
    let (w, h) = (picture.width, picture.height);
    // A shaft lies some 30 µm above the skin it shades.
    let soft = optics::blur(opacity, w, h, 22.0 / visit.um_per_px);
    let reach = 28.0 / visit.um_per_px;
    let (dx, dy) = (-reach * libm::cos(visit.light_rad), -reach * libm::sin(visit.light_rad));
    let (dx, dy) = (libm::round(dx) as isize, libm::round(dy) as isize);
    for y in 0..h {
        let sy = (y as isize - dy).clamp(0, h as isize - 1) as usize;
        for x in 0..w {
            let sx = (x as isize - dx).clamp(0, w as isize - 1) as usize;
            let gain = 1.0 - visit.shadow as f32 * soft[sy * w + sx];
            for plane in &mut picture.planes {
                plane[y * w + x] *= gain;
            }
        }
    }
}

/// Unevenness of the light that differs from colour to colour, as of two lamps or of skin out of contact.
fn tint(picture: &mut LinearImage, amount: f64, seed: u64) {
    if amount <= 0.0 {
        return;
    }
    let (w, side) = (picture.width, picture.width.max(picture.height) as f32);
    let key = Stream::new(seed, "tint").bits() as u32;
    for (c, plane) in picture.planes.iter_mut().enumerate() {
        for (i, v) in plane.iter_mut().enumerate() {
            let (x, y) = ((i % w) as f32 / side, (i / w) as f32 / side);
            let shared = noise::fractal(key, 1.5 * x, 1.5 * y, 2, 0.5);
            let own = noise::fractal(key ^ (c as u32 + 1), 1.2 * x, 1.2 * y, 2, 0.5);
            *v *= libm::expf(2.0 * amount as f32 * (0.5 * shared + own));
        }
    }
}

/// Sets a plane to 1 in boxes, which may reach beyond it.
fn fill_boxes(plane: &mut [f32], [width, height]: [u32; 2], boxes: &[text::BoxPx]) {
    for &[x0, y0, x1, y1] in boxes {
        let right = x1.min(width);
        for y in y0..y1.min(height) {
            plane[(y * width) as usize..][x0.min(right) as usize..right as usize].fill(1.0);
        }
    }
}

/// Adds what hides the scalp beside printed marks: padding, boxes and what is outside the field stop.
fn cover_marks(cover: &mut [f32], visit: &Visit, boxes: &[text::BoxPx]) {
    let w = visit.width_px as usize;
    cover[w * visit.field_height_px() as usize..].fill(1.0);
    fill_boxes(cover, [visit.width_px, visit.height_px], boxes);
    if let Some([cx, cy, radius]) = visit.aperture_px() {
        for (i, v) in cover.iter_mut().enumerate() {
            let r = libm::hypot((i % w) as f64 - cx, (i / w) as f64 - cy);
            *v = v.max((r - radius + 0.5).clamp(0.0, 1.0) as f32);
        }
    }
}

/// Blackens what is outside the field stop.
fn stop_field(picture: &mut LinearImage, visit: &Visit) {
    let Some([cx, cy, radius]) = visit.aperture_px() else { return };
    let w = picture.width;
    for plane in &mut picture.planes {
        for (i, v) in plane.iter_mut().enumerate() {
            let r = libm::hypot((i % w) as f64 - cx, (i / w) as f64 - cy);
            let open = (radius - r + 0.5).clamp(0.0, 1.0) as f32;
            *v = *v * open + 0.002 * (1.0 - open);
        }
    }
}

/// The field with its padding band.
fn pad(field: &RgbImage, visit: &Visit) -> RgbImage {
    if visit.padding_px == 0 {
        return field.clone();
    }
    let mut image = RgbImage::from_pixel(visit.width_px, visit.height_px, Rgb([222; 3]));
    image::imageops::replace(&mut image, field, 0, 0);
    image
}
