//! Explains a contrast plane by shafts: the chain from ridges to the shafts that are kept.
//!
//! Opacity (W × H, shafts positive) → [`Shaft`]s.
//!
//! ridges → tracks → ribbons → selection → bodies, each in its own module; here they are only chained, and short shafts
//! that touch are handed over to the fit of whole bodies.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::bar::{Bar, Prior};
use crate::body;
use crate::contrast::Contrast;
use crate::evidence::weights::{FINE_UM, STRAIGHT, Terms, Weights};
use crate::evidence::{Evidence, evidence, shape};
use crate::fine::{fine, rest};
use crate::join::join;
use crate::median::upper_median_of;
use crate::middles::Middles;
use crate::plane::Plane;
use crate::propose::propose;
use crate::ribbon::{Cover, Ribbon};
use crate::ridge::{RidgePoint, ridge_points};
use crate::select::{gain, lay, select};
use crate::track::{Track, TrackEnd, Tracker};

/// A shaft that explains part of the photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaft {
    /// Axis and width.
    pub ribbon: Ribbon,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Area that only it explains, in its own widths squared.
    pub margin: f32,
    /// Log-odds of being a hair, drawn right.
    pub log_odds: f32,
}

/// Finest scale at which ridges are looked for, px: below it the pixel grid, not the lens, sets the shape of a line.
pub(crate) const MIN_SIGMA_PX: f32 = 1.0;
/// Width of the widest shaft for which a ridge at σ has a single extremum, in σ: 2√3 (Steger 1998).
pub(crate) const WIDTH_PER_SIGMA: f32 = 3.46;
/// Smoothing of the plane on which shafts are followed, px: takes half of the noise, adds 20 % to a blur of 1.2 px.
pub(crate) const TRACK_SIGMA_PX: f32 = 0.7;
/// Longest shaft that is handed to the fit of bodies, µm: clipped hair is shorter, longer hair bends more than a
/// parabola.
const MAX_BAR_UM: f32 = 1500.0;
/// Largest body that is fitted as a whole, mm²: ten clipped terminal hairs.
const MAX_BODY_MM2: f32 = 0.6;
/// Most pixels that a body is fitted on, skin in its bounding box included; a larger one is read more coarsely, …
const MAX_BODY_PIXELS: f32 = 10_000.0;
/// … but not more than this, px: two samples across a shaft of 6 px.
const MAX_STRIDE: usize = 3;
/// Paler than this share of the photo's usual shaft: followed as it is, as it leaves no dark body.
const FINE_SHARE: f32 = 0.6;

/// What the search is told of the photo.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Pixel size, µm; a guess where there is no scale.
    pub um_per_px: f32,
    /// Widest shaft, µm.
    pub max_diameter_um: f32,
    /// Faintest shaft that noise lets see, opacity.
    pub min_level: f32,
    /// Spread of the opacity of the skin at the scale of a fine shaft, standard deviation.
    pub texture_sd: f32,
    /// What the evidence weighs.
    pub weights: Weights,
    /// When to give up.
    pub deadline: Deadline,
}

impl Setting {
    /// What the contrast of a photo asks for, at that pixel size, µm, up to that diameter, µm, without an end in time.
    pub fn of(contrast: &Contrast, um_per_px: f64, max_diameter_um: f64) -> Self {
        Self {
            um_per_px: um_per_px as f32,
            max_diameter_um: max_diameter_um as f32,
            min_level: contrast.faintest_level(),
            texture_sd: contrast.texture_sd,
            weights: Weights::USED,
            deadline: Deadline::default(),
        }
    }

    /// What speaks for a shaft, in the terms of the weights; `margin` is the area that only it explains, squared widths.
    pub fn terms(&self, evidence: &Evidence, margin: f32) -> Terms {
        Terms::of(evidence, margin, self.um_per_px, self.texture_sd)
    }

    fn log_odds(&self, evidence: &Evidence, margin: f32) -> f32 {
        self.weights.log_odds(&self.terms(evidence, margin))
    }
}

/// Until when a photo may be measured. What a stage gives after it has passed means nothing, and is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Deadline(Option<std::time::Instant>);

impl Deadline {
    /// That many seconds from now.
    pub fn after(seconds: f64) -> Self {
        let span = std::time::Duration::try_from_secs_f64(seconds).ok();
        Self(span.and_then(|span| std::time::Instant::now().checked_add(span)))
    }

    /// Whether it is too late.
    pub fn passed(&self) -> bool {
        self.0.is_some_and(|at| std::time::Instant::now() >= at)
    }
}

/// The photo's usual shaft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Width, px.
    pub width_px: f32,
    /// Standard deviation of the logarithm of the width.
    pub log_width_sd: f32,
    /// Opacity.
    pub level: f32,
}

/// Shafts that explain an opacity plane.
pub fn shafts(contrast: &Contrast, valid: &[bool], setting: &Setting) -> Vec<Shaft> {
    let opacity = &contrast.neutral;
    let coloured = |x: f32, y: f32| contrast.opacity.sample(x, y);
    let um = setting.um_per_px;
    let max_width_px = setting.max_diameter_um / um;
    let ridges = ridge_points(opacity, MIN_SIGMA_PX, (max_width_px / WIDTH_PER_SIGMA).max(MIN_SIGMA_PX));
    let smooth = opacity.gaussian(TRACK_SIGMA_PX);
    // Fine and pale ones are looked for when the dark ones are out of the way.
    let ridges: Vec<RidgePoint> = ridges
        .into_iter()
        .filter(|r| {
            let dark = || smooth.sample(r.x, r.y) - contrast.shine.sample(r.x, r.y) >= DARK_LEVEL;
            r.sigma_px * WIDTH_PER_SIGMA * um >= FINE_UM || dark()
        })
        .collect();
    let tracker = Tracker { opacity: &smooth, valid, max_width_px };
    let tracks = propose(&tracker, &ridges, setting.min_level, setting.deadline);
    drop((ridges, smooth));
    let mut ribbons: Vec<Ribbon> = tracks
        .into_par_iter()
        .filter(|track| follow(track, um) && !setting.deadline.passed())
        .map(|track| Ribbon::of_track(&track))
        .filter(|ribbon| {
            let evidence = evidence(ribbon, opacity, coloured);
            promising(&evidence, setting) && (evidence.width_px * um >= FINE_UM || even(&evidence))
        })
        .collect();
    if setting.deadline.passed() {
        return Vec::new();
    }
    let chosen = select(&mut ribbons, opacity);
    let usual = usual(chosen.iter().map(|c| &ribbons[c.index]));
    let limits = Limits { bar_px: MAX_BAR_UM / um, body_px: (MAX_BODY_MM2 * 1e6 / um / um) as usize };
    let margins: Vec<f32> = chosen
        .iter()
        .map(|c| {
            let width = ribbons[c.index].mean_width_px();
            c.own_share * ribbons[c.index].area_px() / (width * width)
        })
        .collect();
    // Of a proposal only the course is asked from here on; what many long hairs cover would fill the memory.
    let mut covers: Vec<Vec<Cover>> =
        ribbons.iter_mut().map(|ribbon| std::mem::take(&mut ribbon.cover)).collect();
    let kept: Vec<(Ribbon, f32)> = chosen
        .iter()
        .zip(margins)
        .map(|(c, margin)| {
            let cover = std::mem::take(&mut covers[c.index]);
            (Ribbon { cover, ..ribbons[c.index].clone() }, margin)
        })
        .collect();
    drop(covers);
    if setting.deadline.passed() {
        return Vec::new();
    }
    let explained = explain_bodies(kept, &ribbons, opacity, valid, &usual, &limits);
    drop(ribbons);
    let judged = |(ribbon, margin): (Ribbon, f32), opacity: &Plane, coloured: &dyn Fn(f32, f32) -> f32| {
        let evidence = evidence(&ribbon, opacity, coloured);
        let mut log_odds = setting.log_odds(&evidence, margin);
        if evidence.slenderness < SLENDER && ribbon.mean_under(&contrast.shine) > SHINES * evidence.level {
            log_odds -= FLAKE_LOG_ODDS;
        }
        Shaft { ribbon, evidence, margin, log_odds }
    };
    let found: Vec<Shaft> =
        explained.into_par_iter().map(|explained| judged(explained, opacity, &coloured)).collect();
    if setting.deadline.passed() {
        return Vec::new();
    }
    let found = without_doubles(found, opacity);
    let is_fine = |shaft: &Shaft| {
        shaft.ribbon.level < FINE_SHARE * usual.level && shaft.evidence.width_px * um < FINE_UM
    };
    let (pale, mut found): (Vec<Shaft>, Vec<Shaft>) = found.into_iter().partition(is_fine);
    let rest = rest(opacity.less(&contrast.shine), valid, &found);
    let coloured_plain = |x: f32, y: f32| coloured(x, y) - contrast.shine.sample(x, y);
    let mut whole: Vec<Ribbon> = found.iter().map(|shaft| shaft.ribbon.clone()).collect();
    join(&mut whole, &rest.open, opacity.width);
    if whole.len() < found.len() {
        let mut by_start: BTreeMap<[u32; 2], Vec<&Shaft>> = BTreeMap::new();
        for shaft in &found {
            by_start.entry(start(&shaft.ribbon)).or_default().push(shaft);
        }
        let same = |ribbon: &Ribbon| {
            by_start.get(&start(ribbon)).into_iter().flatten().find(|shaft| shaft.ribbon == *ribbon)
        };
        found = whole
            .into_iter()
            .map(|mut ribbon| match same(&ribbon) {
                Some(&shaft) => shaft.clone(),
                None => {
                    ribbon.lay(opacity.width, opacity.height);
                    let width = ribbon.mean_width_px();
                    let margin = ribbon.area_px() / (width * width);
                    let mut shaft = judged((ribbon, margin), opacity, &coloured);
                    if shaft.evidence.straightness < STRAIGHT {
                        // Neither piece is the rim of a bubble, so that the whole is a curl.
                        shaft.evidence.straightness = STRAIGHT;
                        shaft.log_odds = setting.log_odds(&shaft.evidence, margin);
                    }
                    shaft
                }
            })
            .collect();
        // What was joined may run under a third piece, and along it.
        found = without_doubles(found, opacity);
    }
    let fine = fine(&rest, coloured_plain, setting);
    let pale = pale.into_iter().map(|shaft| shaft.ribbon).filter(|ribbon| !rest.is_rim(ribbon));
    let fine: Vec<Shaft> = pale
        .chain(fine)
        .map(|ribbon| {
            let width = ribbon.mean_width_px();
            let margin = ribbon.area_px() / (width * width);
            judged((ribbon, margin), &rest.opacity, &coloured_plain)
        })
        .collect();
    found.extend(without_doubles(fine, &rest.opacity));
    found.sort_by(|a, b| {
        let (p, q) = (a.ribbon.axis[0], b.ribbon.axis[0]);
        p[1].total_cmp(&q[1]).then(p[0].total_cmp(&q[0]))
    });
    found
}

/// Share of a shaft's opacity from which on it is there by its shine: it is no darker than skin.
const SHINES: f32 = 0.7;
/// What is no darker than skin and shorter than this, in widths, is as likely a flake of scale, which is white, too, …
const SLENDER: f32 = 5.0;
/// … by these log-odds: a sure hair (0.95) becomes unlikely (0.26).
const FLAKE_LOG_ODDS: f32 = 4.0;

/// Where a ribbon begins, as a key.
fn start(ribbon: &Ribbon) -> [u32; 2] {
    ribbon.axis[0].map(f32::to_bits)
}

/// Opacity from which a fine shaft is dark: half of a usual one's.
const DARK_LEVEL: f32 = 0.4;

/// Shortest track that is worth a ribbon, µm.
const MIN_TRACK_UM: f32 = 80.0;
/// The same in widths: shorter ones have no direction.
const MIN_TRACK_WIDTHS: f32 = 1.2;
/// Least share of a track's edges in sight.
const MIN_EDGES: f32 = 0.4;
/// Least share of a track's points with both edges in sight: the width is known from them.
const MIN_BOTH: f32 = 0.1;

/// Whether a track is worth a ribbon.
pub(crate) fn follow(track: &Track, um_per_px: f32) -> bool {
    track.length_px() * um_per_px > MIN_TRACK_UM
        && track.length_px() > MIN_TRACK_WIDTHS * track.width_px
        && track.edges_seen() > MIN_EDGES
        && track.both_edges() > MIN_BOTH
}

/// Whether a proposal may enter the selection. A fine shaft is pale, so that its opacity says little; it must show its
/// course instead: long, even, with both edges nearly throughout.
pub(crate) fn promising(evidence: &Evidence, setting: &Setting) -> bool {
    setting.log_odds(evidence, TYPICAL_MARGIN) > MIN_LOG_ODDS
}

/// Whether a fine shaft shows an even course with both edges nearly throughout. While the dark shafts are in the way,
/// much that is fine is a seam or the rim of a highlight.
fn even(evidence: &Evidence) -> bool {
    evidence.edges_seen > 0.7
        && evidence.slenderness > 5.0
        && evidence.wobble < 0.15
        && evidence.unevenness < 0.45
}

/// Least log-odds of a proposal for entering the selection.
const MIN_LOG_ODDS: f32 = -1.5;
/// Margin that a proposal is given before the others are known, in widths squared.
const TYPICAL_MARGIN: f32 = 3.0;

/// Median width and opacity of the shafts that show both edges; a plain guess without any.
fn usual<'a>(ribbons: impl Iterator<Item = &'a Ribbon>) -> Usual {
    let sure: Vec<(f32, f32)> = ribbons
        .filter(|r| r.both_edges() > 0.5 && r.level > 0.5)
        .map(|r| (r.mean_width_px(), r.level))
        .collect();
    if sure.is_empty() {
        return Usual { width_px: 10.0, log_width_sd: 0.4, level: 0.8 };
    }
    let mut widths: Vec<f32> = sure.iter().map(|s| s.0).collect();
    widths.sort_by(f32::total_cmp);
    // Bodies that are still two shafts pull the median up; a little below it is closer to a single one.
    let width_px = widths[widths.len() * 45 / 100];
    let level = upper_median_of(sure.iter().map(|s| s.1)).clamp(0.3, 1.0);
    let spread = upper_median_of(widths.iter().map(|w| libm::logf(w / width_px).abs()));
    Usual { width_px, log_width_sd: (1.48 * spread).clamp(0.15, 0.5), level }
}

/// What is small enough to be fitted as bars.
struct Limits {
    bar_px: f32,
    body_px: usize,
}

/// Cost of one standard deviation of a shaft's width above the usual, in costs of a bar: at twice the usual width it
/// outweighs the cost of a second shaft.
const WIDTH_WEIGHT: f32 = 0.37;

/// Fits whole bodies where shafts are short enough, keeps the ribbons elsewhere. The number beside a ribbon is its margin.
fn explain_bodies(
    kept: Vec<(Ribbon, f32)>,
    proposals: &[Ribbon],
    opacity: &Plane,
    valid: &[bool],
    usual: &Usual,
    limits: &Limits,
) -> Vec<(Ribbon, f32)> {
    let (width, height) = (opacity.width, opacity.height);
    let labels = body::label(opacity, valid, usual.level);
    let count = labels.iter().max().copied().unwrap_or(0) as usize;
    let mut bounds = vec![[usize::MAX, usize::MAX, 0, 0]; count + 1];
    let mut area = vec![0_usize; count + 1];
    for (i, &label) in labels.iter().enumerate().filter(|&(_, &label)| label > 0) {
        let (x, y) = (i % width, i / width);
        let [x0, y0, x1, y1] = &mut bounds[label as usize];
        (*x0, *y0, *x1, *y1) = ((*x0).min(x), (*y0).min(y), (*x1).max(x), (*y1).max(y));
        area[label as usize] += 1;
    }
    let mut bars: Vec<Vec<Bar>> = vec![Vec::new(); count + 1];
    // Area of each body that shafts explain which stay as they are.
    let mut settled = vec![0.0_f32; count + 1];
    let mut shafts = Vec::new();
    for (ribbon, margin) in kept {
        let label = home(&ribbon, &labels, width, height);
        let fine = ribbon.level < FINE_SHARE * usual.level;
        match label {
            Some(label)
                if !fine
                    && ribbon.length_px() < limits.bar_px
                    && area[label] < limits.body_px
                    && is_bar(&ribbon) =>
            {
                bars[label].push(Bar::over(&ribbon.axis, ribbon.mean_width_px()));
            }
            _ => {
                if let Some(label) = label {
                    settled[label] += ribbon.area_px();
                }
                shafts.push((ribbon, margin));
            }
        }
    }
    let mut pool: Vec<Vec<Bar>> = vec![Vec::new(); count + 1];
    for ribbon in proposals.iter().filter(|r| r.length_px() < limits.bar_px) {
        if let Some(label) =
            home(ribbon, &labels, width, height).filter(|&label| area[label] < limits.body_px)
        {
            pool[label].push(Bar::over(&ribbon.axis, ribbon.mean_width_px()));
        }
    }
    // A quarter of a shaft's width resolves its edges, which the fit blurs over 4 px.
    let stride = ((usual.width_px / 4.0) as usize).clamp(1, 4);
    let bar_cost = body::BAR_COST * usual.width_px * usual.width_px;
    let prior =
        Prior { width_px: usual.width_px, log_width_sd: usual.log_width_sd, weight: WIDTH_WEIGHT * bar_cost };
    // One after the other: the pixels of all bodies together would take more memory than the photo.
    let explained: Vec<Vec<(Ribbon, f32)>> = (1..=count)
        .into_par_iter()
        .filter(|&label| {
            let open = area[label] as f32 - settled[label];
            let worth = !bars[label].is_empty() || open > 1.5 * usual.width_px * usual.width_px;
            worth && area[label] < limits.body_px
        })
        .map(|label| {
            let [x0, y0, x1, y1] = bounds[label];
            let cells = ((x1 - x0 + 1) * (y1 - y0 + 1)) as f32;
            let stride = stride.max(((cells / MAX_BODY_PIXELS).sqrt().ceil() as usize).min(MAX_STRIDE));
            let body = body::body(opacity, valid, &labels, label as u32, bounds[label], usual.level, stride);
            let explanation = body::explain(&body, bars[label].clone(), &pool[label], &prior, bar_cost);
            explanation
                .bars
                .iter()
                .zip(&explanation.margins)
                .map(|(bar, margin)| {
                    let mut ribbon = ribbon_of_bar(bar, bar.level * usual.level);
                    ribbon.trim(opacity, TRIM_SHARE);
                    ribbon.lay(width, height);
                    (ribbon, margin / (bar.width_px * bar.width_px))
                })
                .collect()
        })
        .collect();
    shafts.extend(explained.into_iter().flatten());
    shafts
}

/// Root mean square distance of a shaft from its best parabola, in widths, from which a bar, which is one, does not cover it: the
/// farthest is about 2.5 times as large, half a width.
const BAR_WOBBLE: f32 = 0.2;

/// Whether a shaft bends as a bar does.
fn is_bar(ribbon: &Ribbon) -> bool {
    shape(&ribbon.axis).0 < BAR_WOBBLE * ribbon.mean_width_px()
}

/// Least share of its own area that a shaft adds to what surer ones explain.
const MIN_OWN_SHARE: f32 = 0.25;

/// Drops shafts that lie on others: the surer one stays.
fn without_doubles(mut found: Vec<Shaft>, opacity: &Plane) -> Vec<Shaft> {
    let rank = |shaft: &Shaft| shaft.log_odds + 0.3 * shaft.margin.min(20.0);
    found.sort_by(|a, b| {
        rank(b).total_cmp(&rank(a)).then(a.ribbon.axis[0][0].total_cmp(&b.ribbon.axis[0][0]))
    });
    let mut explained = vec![0.0; opacity.data.len()];
    let mut middles = Middles::of([opacity.width, opacity.height]);
    let mut kept: Vec<Shaft> = Vec::new();
    for shaft in found {
        let adds = gain(&shaft.ribbon, opacity, &explained) > MIN_OWN_SHARE * shaft.ribbon.area_px();
        if adds && !middles.shares(&shaft.ribbon, &kept) {
            lay(&shaft.ribbon, &mut explained);
            middles.lay(&shaft.ribbon);
            kept.push(shaft);
        }
    }
    kept
}

/// Label of the body that at least half of a ribbon's axis runs through.
fn home(ribbon: &Ribbon, labels: &[u32], width: usize, height: usize) -> Option<usize> {
    let mut seen: Vec<u32> = ribbon
        .axis
        .iter()
        .map(|p| {
            let x = (p[0].round().max(0.0) as usize).min(width - 1);
            let y = (p[1].round().max(0.0) as usize).min(height - 1);
            labels[y * width + x]
        })
        .collect();
    seen.sort_unstable();
    let most = seen.chunk_by(|a, b| a == b).max_by_key(|group| group.len())?;
    (most[0] > 0 && 2 * most.len() >= ribbon.axis.len()).then_some(most[0] as usize)
}

/// Opacity at which a shaft that was fitted as a bar ends, as a share of its own: the fit ends it at half, which the
/// halo of melanin or dye around a root reaches, too.
const TRIM_SHARE: f32 = 0.8;

fn ribbon_of_bar(bar: &Bar, level: f32) -> Ribbon {
    let axis = bar.axis(2.0);
    let n = axis.len();
    let width_px = (0..n).map(|k| bar.width_at(k as f32 / (n - 1) as f32)).collect();
    Ribbon {
        axis,
        width_px,
        edges: vec![[true, true]; n],
        level,
        ends: [TrackEnd::Open; 2],
        cover: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bends_more_than_a_parabola_is_no_bar() {
        let arc = |degrees: f32| {
            let point = |k: u8| {
                let angle = (degrees * f32::from(k) / 40.0).to_radians();
                [150.0 + 60.0 * libm::cosf(angle), 150.0 + 60.0 * libm::sinf(angle)]
            };
            Ribbon::over((0..=40).map(point).collect(), 6.0, 0.9, [300, 300])
        };
        assert!(is_bar(&arc(60.0)));
        assert!(!is_bar(&arc(180.0)));
    }
}
