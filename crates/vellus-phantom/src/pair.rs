//! Two visits to one scalp: what changed between them, and the truth about it.
//!
//! The baseline is the scalp at rest; the follow-up stands elsewhere (turn, shift, stretch), its soft skin is
//! warped, its hairs lie a little differently, and light and noise are its own. What happens to the hair
//! depends on the [`PairKind`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::{Affine, PointPx, apply, distance, fit_affine, rotate};
use crate::hair::{Hair, HairKind};
use crate::random::Stream;
use crate::render::{Phantom, photograph};
use crate::scalp::{Scalp, grow, unit_hairs};
use crate::scene::{Mode, Scene};
use crate::truth::{HairTruth, Truth, round};
use crate::visit::{Pose, Visit, Warp};

/// Name and version of the pair record.
pub const PAIR_SCHEMA: &str = "vellus.phantom_pair/1";

/// Spacing of the displacement samples, px of the baseline.
const GRID_STEP_PX: usize = 64;

/// Shortest hair that counts, µm: shorter ones are black dots.
const COUNTED_FROM_UM: f64 = 150.0;

/// What happened between two visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairKind {
    /// Nothing: the camera was put down again, a little elsewhere.
    Null,
    /// Nothing, but the camera stands 20° and 1.5 mm off.
    Misaligned,
    /// Treatment worked: hairs gained and thickened; clipped anew.
    Regrowth,
    /// Hairs lost and thinned; clipped anew.
    Loss,
    /// Two days without clipping: anagen hairs grew.
    Growth,
    /// Same hairs, thicker; clipped anew.
    Thickening,
    /// Another scalp, to be refused.
    Wrong,
    /// Hairs taken out at random, the others untouched; see [`extraction`].
    Extraction,
}

impl PairKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Null,
        Self::Misaligned,
        Self::Regrowth,
        Self::Loss,
        Self::Growth,
        Self::Thickening,
        Self::Wrong,
        Self::Extraction,
    ];

    /// Name, as in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Misaligned => "misaligned",
            Self::Regrowth => "regrowth",
            Self::Loss => "loss",
            Self::Growth => "growth",
            Self::Thickening => "thickening",
            Self::Wrong => "wrong",
            Self::Extraction => "extraction",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Two photos and the truth about the change.
#[derive(Debug, Clone, PartialEq)]
pub struct PhantomPair {
    /// First visit.
    pub baseline: Phantom,
    /// Second visit.
    pub follow_up: Phantom,
    /// What changed; holds both single truths too.
    pub truth: PairTruth,
}

/// Truth about two visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairTruth {
    /// [`PAIR_SCHEMA`].
    pub schema: String,
    /// Version of this crate.
    pub version: String,
    /// Name of the scene.
    pub scenario: String,
    /// What happened.
    pub kind: PairKind,
    /// Seed of the pair.
    pub seed: u64,
    /// How the hair was prepared.
    pub mode: Mode,
    /// Scale of both photos, µm per px.
    pub um_per_px: f64,
    /// Whether both photos show one scalp.
    pub same_scalp: bool,
    /// Truth about the first photo.
    pub baseline: Truth,
    /// Truth about the second photo.
    pub follow_up: Truth,
    /// Best affine map of baseline px to follow-up px; `None` for another scalp.
    pub affine_baseline_to_follow_up: Option<Affine>,
    /// What that map leaves of the warp, root mean square, µm.
    pub affine_residual_um: Option<f64>,
    /// Samples of the true displacement in the overlap: baseline x, y, follow-up x, y, px.
    pub grid: Vec<[f64; 4]>,
    /// Skin that both photos show, mm² of the baseline.
    pub overlap_area_mm2: f64,
    /// Turn between the photos, degrees.
    pub rotation_deg: f64,
    /// Shift between the photos, µm.
    pub shift_um: [f64; 2],
    /// Hairs that are in both photos.
    pub matches: Vec<MatchTruth>,
    /// Follow-up hairs that were not there before, rooted in the overlap.
    pub gained: Vec<u32>,
    /// Baseline hairs that are gone, rooted in the overlap.
    pub lost: Vec<u32>,
    /// Change of the numbers; `None` for another scalp.
    pub change: Option<ChangeTruth>,
}

/// One hair seen twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatchTruth {
    /// Id at the baseline.
    pub baseline: u32,
    /// Id at the follow-up.
    pub follow_up: u32,
    /// Whether its root lies in both photos.
    pub in_overlap: bool,
    /// Grows.
    pub anagen: bool,
    /// Calibre class at the baseline.
    pub kind: HairKind,
    /// Change of the mean width of the whole shaft, µm.
    pub diameter_change_um: f64,
    /// Change of the length of the whole shaft, µm.
    pub length_change_um: f64,
}

/// Change of the numbers over hairs of at least 150 µm rooted in the overlap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeTruth {
    /// Hairs at the baseline.
    pub count_baseline: usize,
    /// Hairs at the follow-up.
    pub count_follow_up: usize,
    /// Hairs per cm² at the baseline.
    pub density_baseline_per_cm2: f64,
    /// Hairs per cm² at the follow-up.
    pub density_follow_up_per_cm2: f64,
    /// Follow-up less baseline.
    pub density_difference_per_cm2: f64,
    /// Mean diameter at the baseline, µm.
    pub mean_diameter_baseline_um: f64,
    /// Mean diameter at the follow-up, µm.
    pub mean_diameter_follow_up_um: f64,
    /// Follow-up less baseline, µm.
    pub mean_diameter_difference_um: f64,
    /// Mean change of the hairs that are in both photos, µm; `None` without any.
    pub matched_diameter_difference_um: Option<f64>,
    /// Share of the matched hairs that grow; `None` without any.
    pub anagen_fraction: Option<f64>,
}

/// Draws two visits.
pub fn pair(scene: &Scene, kind: PairKind, seed: u64) -> PhantomPair {
    two_visits(scene, kind, &Fate::of(kind), seed)
}

/// Draws two visits between which each hair was taken out with the chance `share` (0 to 1) and nothing else changed: what
/// Bokhari et al. did with real hair (doi:10.1159/000524345). Camera, light and noise of the second visit are its own.
pub fn extraction(scene: &Scene, share: f64, seed: u64) -> PhantomPair {
    let kind = PairKind::Extraction;
    two_visits(scene, kind, &Fate { lost: share, ..Fate::of(kind) }, seed)
}

fn two_visits(scene: &Scene, kind: PairKind, fate: &Fate, seed: u64) -> PhantomPair {
    let scalp = grow(scene, seed);
    let later = if kind == PairKind::Wrong {
        grow(scene, other_seed(seed))
    } else {
        revisit(&scalp, kind, fate, seed)
    };
    let first = Visit::new(scene, seed);
    let second = follow_up_visit(scene, kind, seed);
    let baseline = photograph(&scalp, &first, seed);
    let follow_up = photograph(&later, &second, other_seed(seed));
    let truth = compare(
        &Visits { scalp: &scalp, later: &later, first: &first, second: &second },
        kind,
        [&baseline.truth, &follow_up.truth],
    );
    PhantomPair { baseline, follow_up, truth }
}

/// Another seed that follows from this one.
fn other_seed(seed: u64) -> u64 {
    Stream::new(seed, "follow-up").bits()
}

/// Where and how the second photo is taken.
fn follow_up_visit(scene: &Scene, kind: PairKind, seed: u64) -> Visit {
    let mut visit = Visit::new(scene, other_seed(seed));
    let mut rng = Stream::new(seed, "follow-up pose");
    let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
    let (turn, shift) = if kind == PairKind::Misaligned {
        (20.0 * sign, 1500.0)
    } else {
        // A careful operator at a tattooed site: a few degrees, a few hundred µm.
        (rng.uniform(0.5, 5.0) * sign, rng.uniform(80.0, 400.0))
    };
    visit.pose = Pose {
        rotation_deg: turn,
        shift_um: rotate([shift, 0.0], rng.angle()),
        stretch: rng.uniform(0.99, 1.01),
    };
    // Soft skin under a contact glass moves by 18-35 µm against a rigid map.
    visit.warp = Warp::random(rng.uniform(18.0, 35.0), &mut rng);
    visit.hair_turn_deg = if scene.mode == Mode::Clipped { 4.0 } else { 2.0 };
    visit
}

/// The scalp at the second visit.
fn revisit(scalp: &Scalp, kind: PairKind, fate: &Fate, seed: u64) -> Scalp {
    let mut later = scalp.clone();
    let mut rng = Stream::new(seed, "follow-up hairs");
    later.hairs.retain(|hair| hair.is_loose() || !rng.chance(fate.lost));
    for hair in later.hairs.iter_mut().filter(|h| !h.is_loose()) {
        change_hair(hair, scalp.scene.mode, kind, fate, &mut rng);
    }
    let mut next_id = scalp.hairs.iter().map(|h| h.id).max().unwrap_or(0) + 1;
    for unit in &scalp.units {
        if !rng.chance(fate.gained) {
            continue;
        }
        // New hairs come in finer than the old ones.
        let scene = Scene { vellus_fraction: 0.3, intermediate_fraction: 0.35, ..scalp.scene.clone() };
        let mut fresh = unit_hairs(&scene, unit, 1, next_id, &mut rng);
        let beside = scalp.hairs.iter().filter(|h| h.unit == Some(unit.id)).count() as f64;
        for hair in &mut fresh {
            // It comes out beside the others, on either side of the row.
            let side = if rng.chance(0.5) { 1.0 } else { -1.0 };
            let v = rotate([0.0, side * (35.0 + 45.0 * beside)], unit.lean_rad);
            hair.root_um = [hair.root_um[0] + v[0], hair.root_um[1] + v[1]];
            hair.anagen = true;
            hair.lay();
        }
        next_id += fresh.len() as u32;
        later.hairs.extend(fresh);
    }
    // Loose hairs are blown away.
    later.hairs.retain(|hair| !hair.is_loose());
    later
}

/// What a kind does to hairs.
struct Fate {
    /// Chance of a hair to be lost.
    lost: f64,
    /// Chance of a unit to gain a hair.
    gained: f64,
    /// Mean and standard deviation of the relative change of diameter.
    thicker: [f64; 2],
    /// Growth over the interval if not clipped anew, days.
    days: f64,
    /// Clipped anew: lengths change a little, either way.
    clipped: bool,
}

impl Fate {
    fn of(kind: PairKind) -> Self {
        let calm = Self { lost: 0.0, gained: 0.0, thicker: [0.0, 0.0], days: 0.0, clipped: false };
        match kind {
            PairKind::Null | PairKind::Misaligned | PairKind::Wrong => calm,
            PairKind::Regrowth => {
                Self { lost: 0.02, gained: 0.30, thicker: [0.06, 0.03], clipped: true, ..calm }
            }
            PairKind::Loss => {
                Self { lost: 0.16, gained: 0.01, thicker: [-0.07, 0.03], clipped: true, ..calm }
            }
            PairKind::Thickening => Self { thicker: [0.09, 0.02], clipped: true, ..calm },
            PairKind::Growth => Self { days: 2.0, ..calm },
            PairKind::Extraction => Self { lost: 0.2, ..calm },
        }
    }
}

fn change_hair(hair: &mut Hair, mode: Mode, kind: PairKind, fate: &Fate, rng: &mut Stream) {
    if matches!(kind, PairKind::Null | PairKind::Misaligned | PairKind::Extraction) {
        return;
    }
    let [mean, sd] = fate.thicker;
    hair.shape.diameter_um *= (1.0 + rng.normal(mean, sd)).max(0.5);
    // Resting hair does not grow; growing hair 367 ± 56 µm a day (doi:10.1684/ejd.2015.2726 and others).
    let grown = fate.days * rng.normal(367.0, 56.0).max(0.0);
    if hair.anagen {
        hair.shape.length_um += grown;
    }
    if fate.clipped && mode == Mode::Clipped {
        hair.shape.length_um *= rng.uniform(0.75, 1.2);
        hair.shape.cut_slope = rng.normal(0.0, 0.3).clamp(-0.7, 0.7);
    }
    hair.lay();
}

/// Both visits.
struct Visits<'a> {
    scalp: &'a Scalp,
    later: &'a Scalp,
    first: &'a Visit,
    second: &'a Visit,
}

impl Visits<'_> {
    /// Baseline px to follow-up px.
    fn carry(&self, p: PointPx) -> PointPx {
        self.second.project(self.first.unproject(p))
    }

    /// Whether both photos show the skin at a baseline point.
    fn shared(&self, p: PointPx) -> bool {
        self.first.in_field(p) && self.second.in_field(self.carry(p))
    }
}

fn compare(visits: &Visits, kind: PairKind, [baseline, follow_up]: [&Truth; 2]) -> PairTruth {
    let same_scalp = kind != PairKind::Wrong;
    let mut truth = PairTruth {
        schema: PAIR_SCHEMA.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        scenario: format!("pair_{}", kind.name()),
        kind,
        seed: baseline.seed,
        mode: baseline.mode,
        um_per_px: baseline.um_per_px,
        same_scalp,
        baseline: baseline.clone(),
        follow_up: follow_up.clone(),
        affine_baseline_to_follow_up: None,
        affine_residual_um: None,
        grid: Vec::new(),
        overlap_area_mm2: 0.0,
        rotation_deg: visits.second.pose.rotation_deg,
        shift_um: visits.second.pose.shift_um,
        matches: Vec::new(),
        gained: Vec::new(),
        lost: Vec::new(),
        change: None,
    };
    if !same_scalp {
        return truth;
    }
    truth.overlap_area_mm2 = round(overlap_mm2(visits), 4);
    truth.grid = grid(visits);
    let from: Vec<PointPx> = truth.grid.iter().map(|g| [g[0], g[1]]).collect();
    let to: Vec<PointPx> = truth.grid.iter().map(|g| [g[2], g[3]]).collect();
    if let Some(map) = fit_affine(&from, &to) {
        let squares = from.iter().zip(&to).map(|(f, t)| {
            let d = distance(apply(&map, *f), *t) * truth.um_per_px;
            d * d
        });
        let mean = squares.sum::<f64>() / from.len() as f64;
        truth.affine_residual_um = Some(round(libm::sqrt(mean), 3));
        truth.affine_baseline_to_follow_up = Some(map);
    }
    hairs(visits, &mut truth);
    truth
}

/// Area of the baseline that the follow-up shows too, by counting every fourth pixel of every fourth row.
fn overlap_mm2(visits: &Visits) -> f64 {
    const STEP: usize = 4;
    let mut count = 0usize;
    for y in (STEP / 2..visits.first.field_height_px() as usize).step_by(STEP) {
        for x in (STEP / 2..visits.first.width_px as usize).step_by(STEP) {
            count += usize::from(visits.shared([x as f64 - 0.5, y as f64 - 0.5]));
        }
    }
    let side_mm = STEP as f64 * visits.first.um_per_px * 1e-3;
    count as f64 * side_mm * side_mm
}

fn grid(visits: &Visits) -> Vec<[f64; 4]> {
    let mut grid = Vec::new();
    for y in (0..visits.first.field_height_px() as usize).step_by(GRID_STEP_PX) {
        for x in (0..visits.first.width_px as usize).step_by(GRID_STEP_PX) {
            let p = [x as f64, y as f64];
            if visits.shared(p) {
                let q = visits.carry(p);
                grid.push([p[0], p[1], round(q[0], 4), round(q[1], 4)]);
            }
        }
    }
    grid
}

/// Mean width of the whole shaft, µm.
fn whole_diameter(hair: &HairTruth) -> f64 {
    let d = &hair.vertex_diameter_um;
    // Vertices are equally spaced, so that the trapezium rule is the length-weighted mean.
    let ends = 0.5 * (d[0] + d[d.len() - 1]);
    (d.iter().sum::<f64>() - ends) / (d.len() - 1).max(1) as f64
}

fn hairs(visits: &Visits, truth: &mut PairTruth) {
    // A root lies in the overlap if it is in both fields; its skin point is the same at both visits.
    let on = |scalp: &Scalp, id: u32| scalp.hairs.iter().find(|h| h.id == id).map(|h| h.root_um);
    let rooted = |scalp: &Scalp, id: u32| {
        on(scalp, id).is_some_and(|x| {
            visits.first.in_field(visits.first.project(x)) && visits.second.in_field(visits.second.project(x))
        })
    };
    let solid = |t: &Truth| t.hairs.iter().filter(|h| !h.loose).cloned().collect::<Vec<_>>();
    let (before, after) = (solid(&truth.baseline), solid(&truth.follow_up));
    for b in &before {
        if let Some(f) = after.iter().find(|f| f.id == b.id) {
            truth.matches.push(MatchTruth {
                baseline: b.id,
                follow_up: f.id,
                in_overlap: rooted(visits.scalp, b.id),
                anagen: b.anagen,
                kind: b.kind,
                diameter_change_um: round(whole_diameter(f) - whole_diameter(b), 3),
                length_change_um: round(f.full_length_um - b.full_length_um, 2),
            });
        } else if on(visits.later, b.id).is_none() && rooted(visits.scalp, b.id) {
            truth.lost.push(b.id);
        }
    }
    truth.gained = after
        .iter()
        .filter(|f| on(visits.scalp, f.id).is_none() && rooted(visits.later, f.id))
        .map(|f| f.id)
        .collect();
    let counted = |hairs: &[HairTruth], scalp: &Scalp| {
        let d: Vec<f64> = hairs
            .iter()
            .filter(|h| h.full_length_um >= COUNTED_FROM_UM && rooted(scalp, h.id))
            .map(|h| h.diameter_um)
            .collect();
        let mean = if d.is_empty() { 0.0 } else { d.iter().sum::<f64>() / d.len() as f64 };
        (d.len(), mean)
    };
    let ((n0, d0), (n1, d1)) = (counted(&before, visits.scalp), counted(&after, visits.later));
    let per_cm2 =
        |n: usize| if truth.overlap_area_mm2 > 0.0 { 100.0 * n as f64 / truth.overlap_area_mm2 } else { 0.0 };
    let matched: Vec<&MatchTruth> = truth.matches.iter().filter(|m| m.in_overlap).collect();
    let n = matched.len() as f64;
    let mean =
        |f: &dyn Fn(&MatchTruth) -> f64| (n > 0.0).then(|| matched.iter().map(|m| f(m)).sum::<f64>() / n);
    truth.change = Some(ChangeTruth {
        count_baseline: n0,
        count_follow_up: n1,
        density_baseline_per_cm2: per_cm2(n0),
        density_follow_up_per_cm2: per_cm2(n1),
        density_difference_per_cm2: per_cm2(n1) - per_cm2(n0),
        mean_diameter_baseline_um: d0,
        mean_diameter_follow_up_um: d1,
        mean_diameter_difference_um: d1 - d0,
        matched_diameter_difference_um: mean(&|m| m.diameter_change_um),
        anagen_fraction: mean(&|m| f64::from(u8::from(m.anagen))),
    });
}

#[cfg(test)]
#[path = "pair_tests.rs"]
mod tests;
