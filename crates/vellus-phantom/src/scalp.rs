//! Grows a scalp: follicular units by blue noise, hairs in them, marks in the skin.
//!
//! [`Scene`] and a seed → [`Scalp`], in µm, centred on the middle of the photo. The patch is larger than the
//! field, so that a visit may look at it turned or shifted.

use crate::geometry::{PointUm, distance, rotate};
use crate::hair::{Hair, HairKind, HairShape};
use crate::noise;
use crate::random::Stream;
use crate::scene::{Mode, Scene};
use crate::tone::HairTone;

/// Skin beyond the corners of the field, µm: room for a shift of 1.5 mm and for hairs that come from outside.
const MARGIN_UM: f64 = 2500.0;

/// A patch of scalp.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalp {
    /// What it was grown from.
    pub scene: Scene,
    /// The seed it was grown from.
    pub seed: u64,
    /// Half the side of the square patch, µm.
    pub half_extent_um: f64,
    /// Direction the hair leans to, radians.
    pub lean_rad: f64,
    /// Follicular units.
    pub units: Vec<Unit>,
    /// Hairs, by id.
    pub hairs: Vec<Hair>,
    /// Capillaries in the skin.
    pub vessels: Vec<Vessel>,
    /// Freckles and dots in the skin.
    pub spots: Vec<Spot>,
}

/// A follicular unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Number.
    pub id: u32,
    /// Middle of the follicle opening, µm.
    pub site_um: PointUm,
    /// Direction its hairs lean to, radians.
    pub lean_rad: f64,
}

/// A capillary.
#[derive(Debug, Clone, PartialEq)]
pub struct Vessel {
    /// Course, µm.
    pub line_um: Vec<PointUm>,
    /// Standard deviation of its soft cross-section, µm.
    pub sigma_um: f64,
    /// Optical depth in the middle, in green light.
    pub depth: f64,
    /// Whether it is a hairpin loop (papilla) and not an arborising vessel.
    pub looped: bool,
}

/// Kind of a mark in the skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpotKind {
    /// Melanin.
    Freckle,
    /// Sebum in an empty follicle.
    YellowDot,
    /// Hair broken at the skin.
    BlackDot,
}

/// A mark in the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Kind.
    pub kind: SpotKind,
    /// Middle, µm.
    pub centre_um: PointUm,
    /// Radius, µm.
    pub radius_um: f64,
    /// Optical depth in the middle.
    pub depth: f64,
}

/// Grows the scalp of a scene.
///
/// The same seed gives the same lean and skin in every scene, so that conditions can be compared in pairs.
pub fn grow(scene: &Scene, seed: u64) -> Scalp {
    let half_field =
        0.5 * scene.um_per_px * libm::hypot(f64::from(scene.width_px), f64::from(scene.height_px));
    let half_extent_um = half_field + MARGIN_UM;
    let lean_rad = Stream::new(seed, "lean").angle();
    let units = units(scene, seed, half_extent_um, lean_rad);
    let mut hairs = Vec::new();
    for unit in &units {
        let mut rng = Stream::indexed(seed, "unit hairs", u64::from(unit.id));
        let count = 1 + rng.weighted(&scene.hairs_per_unit);
        let first = hairs.len() as u32 + 1;
        hairs.extend(unit_hairs(scene, unit, count, first, &mut rng));
    }
    hairs.extend(loose_hairs(scene, seed, half_extent_um, hairs.len() as u32 + 1));
    Scalp {
        scene: scene.clone(),
        seed,
        half_extent_um,
        lean_rad,
        units,
        hairs,
        vessels: vessels(scene, seed, half_extent_um),
        spots: spots(scene, seed, half_extent_um),
    }
}

/// Follicular units: random sequential addition with a least distance (simple blue noise).
///
/// Discs of diameter `unit_spacing`/√density fill at most 0.44 of the plane at the largest spacing allowed;
/// random sequential addition jams at 0.547 (Feder 1980, doi:10.1016/0022-5193(80)90358-6), so the wanted
/// number is always reached.
fn units(scene: &Scene, seed: u64, half: f64, lean: f64) -> Vec<Unit> {
    let per_um2 = scene.units_per_cm2 * 1e-8;
    let wanted = libm::round(per_um2 * 4.0 * half * half) as usize;
    if wanted == 0 {
        return Vec::new();
    }
    let least = scene.unit_spacing.clamp(0.0, 0.75) / libm::sqrt(per_um2);
    let mut rng = Stream::new(seed, "units");
    // Slots are at least as wide as the least distance: only neighbours can be too near.
    let grid_n = ((2.0 * half / least.max(1.0)) as usize).max(1);
    let mut grid: Vec<Vec<usize>> = vec![Vec::new(); grid_n * grid_n];
    let slot = |v: f64| (((v + half) / (2.0 * half) * grid_n as f64) as usize).min(grid_n - 1);
    let mut units: Vec<Unit> = Vec::with_capacity(wanted);
    for _ in 0..wanted * 2000 {
        if units.len() == wanted {
            break;
        }
        let site = [rng.uniform(-half, half), rng.uniform(-half, half)];
        let (gx, gy) = (slot(site[0]), slot(site[1]));
        let free = (gy.saturating_sub(1)..=(gy + 1).min(grid_n - 1)).all(|y| {
            (gx.saturating_sub(1)..=(gx + 1).min(grid_n - 1))
                .all(|x| grid[y * grid_n + x].iter().all(|&i| distance(units[i].site_um, site) >= least))
        });
        if free {
            grid[gy * grid_n + gx].push(units.len());
            let id = units.len() as u32 + 1;
            // The direction of lean drifts over some millimetres, as in a hair stream.
            let drift =
                noise::fractal(seed as u32, (site[0] / 4000.0) as f32, (site[1] / 4000.0) as f32, 2, 0.5);
            let mut turn = Stream::indexed(seed, "unit lean", u64::from(id));
            let lean_rad = lean + 0.5 * f64::from(drift) + turn.normal(0.0, scene.unit_turn_deg.to_radians());
            units.push(Unit { id, site_um: site, lean_rad });
        }
    }
    units
}

/// The hairs of one unit: side by side across the lean, with gaps in units of their diameters.
pub(crate) fn unit_hairs(
    scene: &Scene,
    unit: &Unit,
    count: usize,
    first_id: u32,
    rng: &mut Stream,
) -> Vec<Hair> {
    let mut hairs: Vec<Hair> =
        (0..count).map(|i| draw_hair(scene, first_id + i as u32, Some(unit), rng)).collect();
    let mut across = 0.0;
    let mut offsets = vec![0.0];
    for pair in hairs.windows(2) {
        across +=
            0.5 * (pair[0].shape.diameter_um + pair[1].shape.diameter_um) * rng.within(scene.neighbour_gap);
        offsets.push(across);
    }
    offsets.iter_mut().for_each(|offset| *offset -= 0.5 * across);
    scene.detail.vary(&mut hairs, rng);
    scene.detail.arrange(&mut hairs, &mut offsets, rng);
    for (hair, offset) in hairs.iter_mut().zip(offsets) {
        let along = rng.normal(0.0, scene.root_stagger_um);
        let v = rotate([along, offset], unit.lean_rad);
        hair.root_um = [unit.site_um[0] + v[0], unit.site_um[1] + v[1]];
        hair.lay();
    }
    hairs
}

/// Draws calibre, colour and shape of a hair; its root is set later.
fn draw_hair(scene: &Scene, id: u32, unit: Option<&Unit>, rng: &mut Stream) -> Hair {
    let terminal = (1.0 - scene.vellus_fraction - scene.intermediate_fraction).max(0.0);
    let kind = match rng.weighted(&[terminal, scene.intermediate_fraction, scene.vellus_fraction]) {
        0 => HairKind::Terminal,
        1 => HairKind::Intermediate,
        _ => HairKind::Vellus,
    };
    let [mean, sd] = scene.terminal_diameter_um;
    let diameter_um = match kind {
        HairKind::Terminal => rng.normal(mean, sd).clamp(50.0, 110.0),
        HairKind::Intermediate => rng.uniform(30.0, 50.0),
        HairKind::Vellus => rng.uniform(15.0, 30.0),
    };
    let white = rng.chance(scene.white_fraction);
    let tone = if white { HairTone::White } else { scene.hair_tone };
    // Vellus hair carries little pigment.
    let pale = match kind {
        HairKind::Vellus => 0.55,
        HairKind::Intermediate => 0.85,
        HairKind::Terminal => 1.0,
    };
    let darkness = pale * libm::exp(rng.normal(0.0, 0.18));
    let mut length_um = rng.within(scene.length_um);
    if scene.mode == Mode::Unclipped && kind == HairKind::Vellus {
        // Vellus hair ends after 1-2 mm by itself.
        length_um = rng.uniform(600.0, 2000.0);
    }
    let odds = if kind == HairKind::Terminal { 1.0 } else { 2.0 };
    let tapers = rng.chance(scene.taper_fraction * odds)
        || (scene.mode == Mode::Unclipped && kind == HairKind::Vellus);
    let taper_um = if tapers { length_um * rng.uniform(0.35, 0.7) } else { 0.0 };
    let lean = unit.map_or(0.0, |u| u.lean_rad);
    let wave = if scene.mode == Mode::Unclipped { 1.2 } else { 0.5 };
    Hair {
        id,
        unit: unit.map(|u| u.id),
        kind,
        tone,
        darkness,
        medulla: kind == HairKind::Terminal && rng.chance(scene.medulla_fraction),
        anagen: !rng.chance(scene.telogen_fraction),
        depth: rng.unit(),
        root_um: [0.0, 0.0],
        shape: HairShape {
            direction_rad: lean + rng.normal(0.0, scene.hair_turn_deg.to_radians()),
            curvature_per_um: rng.normal(0.0, scene.curvature_per_mm) * 1e-3,
            wave_per_um: wave * rng.normal(0.0, scene.curvature_per_mm) * 1e-3,
            wave_length_um: rng.uniform(1500.0, 6000.0),
            wave_phase_rad: rng.angle(),
            length_um,
            diameter_um,
            diameter_wave: rng.uniform(0.0, 0.03),
            taper_um,
            // Scissors and clippers cut up to some 35 degrees off square.
            cut_slope: rng.normal(0.0, 0.3).clamp(-0.7, 0.7),
        },
        centreline_um: Vec::new(),
        diameter_um: Vec::new(),
    }
}

/// Cut hairs that lie about: no root, any direction.
fn loose_hairs(scene: &Scene, seed: u64, half: f64, first_id: u32) -> Vec<Hair> {
    let mut rng = Stream::new(seed, "loose hairs");
    let count = rng.poisson(scene.loose_per_cm2 * 4.0 * half * half * 1e-8);
    (0..count)
        .map(|i| {
            let mut hair = draw_hair(scene, first_id + i as u32, None, &mut rng);
            hair.root_um = [rng.uniform(-half, half), rng.uniform(-half, half)];
            hair.shape.direction_rad = rng.angle();
            hair.shape.length_um = rng.uniform(200.0, 700.0);
            if scene.detail.fragment_fraction > 0.0 && rng.chance(scene.detail.fragment_fraction) {
                hair.shape.length_um = rng.uniform(40.0, 200.0);
            }
            hair.shape.taper_um = 0.0;
            hair.anagen = false;
            hair.depth += 1.0;
            hair.lay();
            hair
        })
        .collect()
}

/// Arborising vessels and hairpin loops.
fn vessels(scene: &Scene, seed: u64, half: f64) -> Vec<Vessel> {
    let mut rng = Stream::new(seed, "vessels");
    let count = rng.poisson(scene.vessels_per_cm2 * 4.0 * half * half * 1e-8);
    let mut vessels = Vec::new();
    for _ in 0..count {
        let start = [rng.uniform(-half, half), rng.uniform(-half, half)];
        let looped = rng.chance(0.4);
        let depth = rng.uniform(0.12, 0.5);
        if looped {
            vessels.push(hairpin(start, depth, &mut rng));
            continue;
        }
        let sigma_um = rng.uniform(4.0, 11.0);
        let length_um = rng.uniform(400.0, 2200.0);
        let heading = rng.angle();
        let line_um = wander(start, heading, length_um, &mut rng);
        // One to three thinner branches.
        for _ in 0..rng.below(4) {
            let at = rng.below(line_um.len().saturating_sub(2));
            let side = if rng.chance(0.5) { 0.7 } else { -0.7 };
            let heading =
                libm::atan2(line_um[at + 1][1] - line_um[at][1], line_um[at + 1][0] - line_um[at][0]);
            let length = length_um * rng.uniform(0.2, 0.5);
            let branch = wander(line_um[at], heading + side, length, &mut rng);
            vessels.push(Vessel {
                line_um: branch,
                sigma_um: 0.6 * sigma_um,
                depth: 0.7 * depth,
                looped: false,
            });
        }
        vessels.push(Vessel { line_um, sigma_um, depth, looped: false });
    }
    vessels
}

/// A line that changes its curvature at random.
fn wander(start: PointUm, mut heading: f64, length_um: f64, rng: &mut Stream) -> Vec<PointUm> {
    const STEP_UM: f64 = 25.0;
    let mut turn = 0.0;
    let mut line = vec![start];
    let mut p = start;
    for _ in 0..(length_um / STEP_UM) as usize + 2 {
        turn = 0.9 * turn + rng.normal(0.0, 0.05);
        heading += turn;
        p = [p[0] + STEP_UM * libm::cos(heading), p[1] + STEP_UM * libm::sin(heading)];
        line.push(p);
    }
    line
}

/// A capillary loop of a papilla: up, round, and down again, some 100 µm long.
fn hairpin(start: PointUm, depth: f64, rng: &mut Stream) -> Vessel {
    let (angle, long, wide) = (rng.angle(), rng.uniform(50.0, 110.0), rng.uniform(12.0, 24.0));
    let line_um = (0..=20)
        .map(|i| {
            let t = f64::from(i) / 20.0 * core::f64::consts::PI;
            let v = rotate([long * libm::sin(t), wide * libm::cos(t)], angle);
            [start[0] + v[0], start[1] + v[1]]
        })
        .collect();
    Vessel { line_um, sigma_um: rng.uniform(3.5, 6.0), depth, looped: true }
}

/// Freckles, yellow dots and black dots.
fn spots(scene: &Scene, seed: u64, half: f64) -> Vec<Spot> {
    let area_cm2 = 4.0 * half * half * 1e-8;
    let kinds = [
        (SpotKind::Freckle, scene.freckles_per_cm2, [40.0, 190.0], [0.08, 0.35]),
        (SpotKind::YellowDot, scene.yellow_dots_per_cm2, [50.0, 100.0], [0.15, 0.4]),
        (SpotKind::BlackDot, scene.black_dots_per_cm2, [25.0, 50.0], [0.8, 2.0]),
    ];
    let mut spots = Vec::new();
    for (kind, per_cm2, radius, depth) in kinds {
        let mut rng = Stream::indexed(seed, "spots", kind as u64);
        for _ in 0..rng.poisson(per_cm2 * area_cm2) {
            spots.push(Spot {
                kind,
                centre_um: [rng.uniform(-half, half), rng.uniform(-half, half)],
                radius_um: rng.within(radius),
                depth: rng.within(depth),
            });
        }
    }
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_keep_their_distance_and_density() {
        let scene = Scene::default();
        let scalp = grow(&scene, 3);
        let least = scene.unit_spacing / libm::sqrt(scene.units_per_cm2 * 1e-8);
        for (i, a) in scalp.units.iter().enumerate() {
            for b in &scalp.units[..i] {
                assert!(distance(a.site_um, b.site_um) >= least);
            }
        }
        let area_cm2 = 4.0 * scalp.half_extent_um * scalp.half_extent_um * 1e-8;
        let units = scalp.units.len() as f64 / area_cm2;
        assert!((units / scene.units_per_cm2 - 1.0).abs() < 0.01, "{units}");
        let hairs = scalp.hairs.len() as f64 / area_cm2;
        // Some 180 units of sd 0.87 hairs each: 3 % of the mean.
        assert!((hairs / scene.hairs_per_cm2() - 1.0).abs() < 0.12, "{hairs} {}", scene.hairs_per_cm2());
    }

    #[test]
    fn the_widest_spacing_is_still_reached() {
        let scene = Scene { unit_spacing: 0.75, units_per_cm2: 100.0, ..Scene::default() };
        let scalp = grow(&scene, 1);
        let area_cm2 = 4.0 * scalp.half_extent_um * scalp.half_extent_um * 1e-8;
        assert!((scalp.units.len() as f64 / area_cm2 / 100.0 - 1.0).abs() < 0.01);
    }

    #[test]
    fn diameters_keep_to_their_kind() {
        for hair in grow(&Scene::default(), 5).hairs {
            let d = hair.shape.diameter_um;
            let ok = match hair.kind {
                HairKind::Terminal => (50.0..=110.0).contains(&d),
                HairKind::Intermediate => (30.0..=50.0).contains(&d),
                HairKind::Vellus => (15.0..=30.0).contains(&d),
            };
            assert!(ok, "{:?} {d}", hair.kind);
        }
    }

    #[test]
    fn same_seed_same_scalp() {
        let scene = Scene::default();
        assert_eq!(grow(&scene, 8), grow(&scene, 8));
        assert_ne!(grow(&scene, 8).hairs, grow(&scene, 9).hairs);
    }
}
