//! The truth about a photo, as it is written beside it.
//!
//! Pixels: x right, y down, the centre of the top-left pixel is (0, 0). Widths are those of the drawn
//! shaft, before optics. The schema is `vellus.phantom/1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::{PointPx, distance};
use crate::hair::HairKind;
use crate::render::distractors::Clutter;
use crate::render::optics::sigma_at;
use crate::render::shaft::{Layers, Ribbon};
use crate::scalp::{Scalp, SpotKind};
use crate::scene::{Mode, ScaleMarkKind};
use crate::tone::{HairTone, SkinTone};
use crate::visit::Visit;

/// Name and version of the truth record.
pub const SCHEMA: &str = "vellus.phantom/1";

/// Diameter from which a hair is terminal, µm (trials count non-vellus hair from 30 µm).
pub const TERMINAL_FROM_UM: f64 = 30.0;

/// A vertex is hidden when less than this share of its light passes what lies above.
const PASSING: f64 = 0.45;

/// Noise of rounding to whole levels, 1/√12: the least a contrast is compared with.
const ROUNDING_SD: f64 = 0.289;

/// Truth about one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Truth {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub version: String,
    /// Name of the scene.
    pub scenario: String,
    /// Seed of the scalp.
    pub seed: u64,
    /// Seed of the shot.
    pub shot_seed: u64,
    /// File name of the photo; set by who writes it.
    pub image: String,
    /// How the hair was prepared.
    pub mode: Mode,
    /// Scale, µm per px.
    pub um_per_px: f64,
    /// Width of the photo, px.
    pub width_px: u32,
    /// Height of the photo, px.
    pub height_px: u32,
    /// Area of skin in the photo, mm².
    pub area_mm2: f64,
    /// Colour of the skin; `None` for a target.
    pub skin: Option<SkinTone>,
    /// Colour of the hair; `None` for a target.
    pub hair: Option<HairTone>,
    /// Root-mean-square noise of luma, 8-bit levels, before compression.
    pub noise_sd_levels: f64,
    /// Pose, light, optics, sensor.
    pub camera: Visit,
    /// Round field stop: x, y, radius, px.
    pub aperture: Option<[f64; 3]>,
    /// Burned-in scale mark.
    pub scale_mark: Option<ScaleMark>,
    /// What is no hair.
    pub distractors: Distractors,
    /// Every hair of which some of the axis is in the field.
    pub hairs: Vec<HairTruth>,
    /// Every unit with such a hair.
    pub follicular_units: Vec<UnitTruth>,
}

/// Truth about one hair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HairTruth {
    /// Number, the same at every visit.
    pub id: u32,
    /// Its unit; `None` for a loose hair.
    pub fu: Option<u32>,
    /// Calibre class it was drawn from.
    pub kind: HairKind,
    /// Colour.
    pub tone: HairTone,
    /// Lies on the skin without a root.
    pub loose: bool,
    /// Grows.
    pub anagen: bool,
    /// Root, px.
    pub root_px: PointPx,
    /// Whether the root is in the field.
    pub root_in_frame: bool,
    /// Tip, px.
    pub tip_px: PointPx,
    /// Whether the tip is in the field.
    pub tip_in_frame: bool,
    /// Axis from root to tip, px.
    pub polyline_px: Vec<PointPx>,
    /// Width at each vertex, µm.
    pub vertex_diameter_um: Vec<f64>,
    /// Per vertex: in the field.
    pub in_frame: Vec<bool>,
    /// Per vertex: in the field and not hidden by a shaft, flake, glare or caption above.
    pub visible: Vec<bool>,
    /// Length-weighted mean width over the visible course (the whole course if none is visible), µm.
    pub diameter_um: f64,
    /// Length of the whole axis, µm.
    pub full_length_um: f64,
    /// Length in the field, µm.
    pub length_um: f64,
    /// Length in the field that is not hidden, µm.
    pub visible_length_um: f64,
    /// `visible_length_um` / `length_um`.
    pub visible_fraction: f64,
    /// Has a natural tip.
    pub tapered: bool,
    /// Median difference of luma between axis and skin beside, without noise, 8-bit levels.
    pub contrast_levels: f64,
    /// `contrast_levels` over noise.
    pub cnr: f64,
    /// Class by `diameter_um` at 30 µm.
    pub class: TruthClass,
}

/// Class of a hair by its diameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TruthClass {
    /// 30 µm or more.
    Terminal,
    /// Less than 30 µm.
    Vellus,
}

/// Truth about a follicular unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitTruth {
    /// Number, the same at every visit.
    pub id: u32,
    /// Mean of the roots of its hairs, px.
    pub centre_px: PointPx,
    /// Middle of the follicle opening, px.
    pub site_px: PointPx,
    /// Its hairs in this truth.
    pub hairs: Vec<u32>,
}

/// Truth about a burned-in scale mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleMark {
    /// Kind.
    pub kind: ScaleMarkKind,
    /// Left, top (included), right, bottom (excluded), px.
    #[serde(rename = "box")]
    pub area_px: [u32; 4],
    /// One end of the stated length, px.
    pub from_px: [u32; 2],
    /// Other end, px.
    pub to_px: [u32; 2],
    /// Stated length, µm.
    pub length_um: f64,
}

/// What is in the field and is no hair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Distractors {
    /// Arborising vessels and branches.
    pub vessels: usize,
    /// Hairpin loops.
    pub vessel_loops: usize,
    /// Freckles.
    pub freckles: usize,
    /// Yellow dots.
    pub yellow_dots: usize,
    /// Black dots.
    pub black_dots: usize,
    /// Flakes.
    pub flakes: usize,
    /// Bubbles: x, y, radius, px.
    pub bubbles: Vec<[f64; 3]>,
}

/// What of a hair is not in its ribbon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub id: u32,
    pub unit: Option<u32>,
    pub kind: HairKind,
    pub tone: HairTone,
    pub anagen: bool,
    pub tapered: bool,
}

/// Everything a truth is told from.
pub(crate) struct Scenery<'a> {
    pub scalp: Option<&'a Scalp>,
    pub visit: &'a Visit,
    pub seed: u64,
    pub ribbons: &'a [Ribbon],
    pub courses: &'a [Course],
    pub layers: &'a Layers<'a>,
    pub opacity: &'a [f32],
    pub hidden: &'a [f32],
    pub clean_luma: &'a [f32],
    pub noise_sd_levels: f64,
    pub clutter: Option<&'a Clutter>,
    pub scale_mark: Option<ScaleMark>,
}

/// Tells the truth about a photo.
pub(crate) fn describe(scenery: &Scenery) -> Truth {
    let visit = scenery.visit;
    let mut hairs: Vec<HairTruth> =
        (0..scenery.ribbons.len()).filter_map(|k| describe_hair(scenery, k)).collect();
    hairs.sort_by_key(|h| h.id);
    let scalp = scenery.scalp;
    Truth {
        schema: SCHEMA.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        scenario: scalp.map_or_else(|| "target".into(), |s| s.scene.name.clone()),
        seed: scalp.map_or(scenery.seed, |s| s.seed),
        shot_seed: scenery.seed,
        image: String::new(),
        mode: scalp.map_or(Mode::Clipped, |s| s.scene.mode),
        um_per_px: visit.um_per_px,
        width_px: visit.width_px,
        height_px: visit.height_px,
        area_mm2: visit.area_mm2(),
        skin: scalp.map(|s| s.scene.skin_tone),
        hair: scalp.map(|s| s.scene.hair_tone),
        noise_sd_levels: round(scenery.noise_sd_levels, 3),
        camera: visit.clone(),
        aperture: visit.aperture_px(),
        scale_mark: scenery.scale_mark.clone(),
        distractors: distractors(scenery),
        follicular_units: scalp.map_or_else(Vec::new, |s| units(s, visit, &hairs)),
        hairs,
    }
}

fn describe_hair(scenery: &Scenery, index: usize) -> Option<HairTruth> {
    let (ribbon, course, visit) = (&scenery.ribbons[index], &scenery.courses[index], scenery.visit);
    let u = visit.um_per_px;
    let line = &ribbon.line_px;
    let in_frame: Vec<bool> = line.iter().map(|p| visit.in_field(*p)).collect();
    if !in_frame.contains(&true) {
        return None;
    }
    let visible: Vec<bool> = line
        .iter()
        .zip(&in_frame)
        .map(|(p, inside)| {
            *inside
                && scenery.layers.passing_above(index as u32, *p) >= PASSING
                && pixel(scenery, *p).is_none_or(|i| f64::from(scenery.hidden[i]) < 1.0 - PASSING)
        })
        .collect();
    let diameters: Vec<f64> = ribbon.half_width_px.iter().map(|w| 2.0 * w * u).collect();
    let (mut full, mut inside, mut seen, mut seen_area, mut full_area) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for i in 1..line.len() {
        let step = distance(line[i - 1], line[i]) * u;
        let width = 0.5 * (diameters[i - 1] + diameters[i]);
        full += step;
        full_area += step * width;
        if in_frame[i - 1] && in_frame[i] {
            inside += step;
        }
        if visible[i - 1] && visible[i] {
            seen += step;
            seen_area += step * width;
        }
    }
    let diameter_um = if seen > 0.0 { seen_area / seen } else { full_area / full };
    let contrast = contrast(scenery, ribbon, &visible);
    let (root, tip) = (line[0], line[line.len() - 1]);
    Some(HairTruth {
        id: course.id,
        fu: course.unit,
        kind: course.kind,
        tone: course.tone,
        loose: course.unit.is_none() && scenery.scalp.is_some(),
        anagen: course.anagen,
        root_px: root.map(|v| round(v, 3)),
        root_in_frame: visit.in_field(root),
        tip_px: tip.map(|v| round(v, 3)),
        tip_in_frame: visit.in_field(tip),
        polyline_px: line.iter().map(|p| p.map(|v| round(v, 3))).collect(),
        vertex_diameter_um: diameters.iter().map(|d| round(*d, 3)).collect(),
        in_frame,
        visible,
        diameter_um: round(diameter_um, 3),
        full_length_um: round(full, 2),
        length_um: round(inside, 2),
        visible_length_um: round(seen, 2),
        visible_fraction: round(if inside > 0.0 { seen / inside } else { 0.0 }, 4),
        tapered: course.tapered,
        contrast_levels: round(contrast, 2),
        cnr: round(contrast / scenery.noise_sd_levels.max(ROUNDING_SD), 2),
        class: if diameter_um >= TERMINAL_FROM_UM { TruthClass::Terminal } else { TruthClass::Vellus },
    })
}

/// Median over the visible vertices of |axis − skin beside|, on the side where there is skin.
fn contrast(scenery: &Scenery, ribbon: &Ribbon, visible: &[bool]) -> f64 {
    let visit = scenery.visit;
    let size = [visit.width_px as usize, visit.field_height_px() as usize];
    let line = &ribbon.line_px;
    let mut found: Vec<f64> = Vec::new();
    for i in 1..line.len() {
        let (a, p) = (line[i - 1], line[i]);
        let len = distance(a, p);
        if !visible[i] || len < 1e-9 {
            continue;
        }
        let normal = [(a[1] - p[1]) / len, (p[0] - a[0]) / len];
        let sigma = sigma_at(size, p, visit.blur_sigma_px, visit.defocus_px, visit.defocus_rad);
        let off = ribbon.half_width_px[i] + 2.5 * sigma + 1.0;
        let sides = [off, -off].map(|d| [p[0] + d * normal[0], p[1] + d * normal[1]]);
        let skin: Vec<f64> = sides
            .iter()
            .filter_map(|q| pixel(scenery, *q))
            .filter(|i| scenery.opacity[*i] < 0.1 && scenery.hidden[*i] < 0.1)
            .map(|i| f64::from(scenery.clean_luma[i]))
            .collect();
        if let Some(axis) = pixel(scenery, p)
            && !skin.is_empty()
        {
            let beside = skin.iter().sum::<f64>() / skin.len() as f64;
            found.push((f64::from(scenery.clean_luma[axis]) - beside).abs());
        }
    }
    found.sort_by(f64::total_cmp);
    found.get(found.len() / 2).copied().unwrap_or(0.0)
}

/// Index of the pixel of the field that holds a point.
fn pixel(scenery: &Scenery, p: PointPx) -> Option<usize> {
    let visit = scenery.visit;
    let (x, y) = (libm::round(p[0]), libm::round(p[1]));
    let inside =
        x >= 0.0 && y >= 0.0 && x < f64::from(visit.width_px) && y < f64::from(visit.field_height_px());
    inside.then(|| y as usize * visit.width_px as usize + x as usize)
}

fn units(scalp: &Scalp, visit: &Visit, hairs: &[HairTruth]) -> Vec<UnitTruth> {
    scalp
        .units
        .iter()
        .filter_map(|unit| {
            let own: Vec<&HairTruth> = hairs.iter().filter(|h| h.fu == Some(unit.id)).collect();
            let n = own.len() as f64;
            let sum = own.iter().fold([0.0, 0.0], |s, h| [s[0] + h.root_px[0], s[1] + h.root_px[1]]);
            (!own.is_empty()).then(|| UnitTruth {
                id: unit.id,
                centre_px: sum.map(|v| round(v / n, 3)),
                site_px: visit.project(unit.site_um).map(|v| round(v, 3)),
                hairs: own.iter().map(|h| h.id).collect(),
            })
        })
        .collect()
}

fn distractors(scenery: &Scenery) -> Distractors {
    let visit = scenery.visit;
    let mut found = Distractors::default();
    if let Some(scalp) = scenery.scalp {
        for vessel in &scalp.vessels {
            if vessel.line_um.iter().any(|p| visit.in_field(visit.project(*p))) {
                *(if vessel.looped { &mut found.vessel_loops } else { &mut found.vessels }) += 1;
            }
        }
        for spot in scalp.spots.iter().filter(|s| visit.in_field(visit.project(s.centre_um))) {
            *match spot.kind {
                SpotKind::Freckle => &mut found.freckles,
                SpotKind::YellowDot => &mut found.yellow_dots,
                SpotKind::BlackDot => &mut found.black_dots,
            } += 1;
        }
    }
    if let Some(clutter) = scenery.clutter {
        found.flakes = clutter.flakes.len();
        found.bubbles = clutter
            .bubbles
            .iter()
            .map(|b| [b.centre_px[0], b.centre_px[1], b.radius_px].map(|v| round(v, 1)))
            .collect();
    }
    found
}

/// Rounds to `digits` decimals: truth files stay small, and far below what can be measured.
pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = libm::pow(10.0, f64::from(digits));
    libm::round(value * scale) / scale
}
