//! Cross-sections of a shaft, stacked over stretches.
//!
//! Opacity + [`Ribbon`]s → [`Stack`]s of one of them, which lies alone between its neighbours or beside bars that are named.

use super::bars::MOST_BARS;
use crate::plane::Plane;
use crate::ribbon::Ribbon;

/// Bin of a stack, px.
const BIN_PX: f32 = 0.25;
/// Skin on both sides that the fit sees, px.
const FLANK_PX: f32 = 5.0;
/// Opacity of other shafts that makes a flank or a section unusable.
const CLEAR: f32 = 0.1;
/// Two shafts cover the pixel.
const BOTH: u32 = u32::MAX;

/// Samples of a stack that lie at the same place across.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    /// Place across, px; the axis lies at 0.
    pub t_px: f32,
    /// Mean opacity.
    pub mean: f32,
    /// How many samples.
    pub n: f32,
}

/// A bar that a section shows, as the ribbons tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// Place of its middle across, px.
    pub centre_px: f32,
    /// Half of its width in the section, px.
    pub half_px: f32,
    /// Its opacity.
    pub level: f32,
    /// Variance of its place along the stretch, px²: a shaft at an angle is smeared by the stacking.
    pub smear_px2: f32,
}

/// A stacked cross-section.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    /// From left to right.
    pub bins: Vec<Bin>,
    /// Scatter of the samples within their bins, sum of squares.
    pub within: f64,
    /// Length of the stretch, px.
    pub length_px: f32,
    /// The shaft itself, then the neighbours that the section shows.
    pub bars: Vec<Expected>,
}

impl Stack {
    /// Number of samples.
    pub fn samples(&self) -> f64 {
        self.bins.iter().map(|bin| f64::from(bin.n)).sum()
    }

    /// Variance of the samples within their bins.
    pub fn scatter(&self) -> f64 {
        self.within / (self.samples() - self.bins.len() as f64).max(1.0)
    }

    /// The shaft lies alone.
    pub fn is_free(&self) -> bool {
        self.bars.len() == 1
    }
}

/// For every pixel the shaft that covers it most, +1; 0 for skin; [`BOTH`] where two do.
pub(super) fn owners(ribbons: &[&Ribbon], opacity: &Plane) -> Vec<u32> {
    let mut owners = vec![0; opacity.data.len()];
    for (k, ribbon) in ribbons.iter().enumerate() {
        for cover in ribbon.cover.iter().filter(|cover| cover.share > CLEAR) {
            let owner = &mut owners[cover.pixel as usize];
            *owner = if *owner == 0 { k as u32 + 1 } else { BOTH };
        }
    }
    owners
}

/// A sample of a section: place across, place in the plane, owner.
type Sample = (f32, f32, f32, u32);

/// What is being stacked.
struct Heap {
    reach: f32,
    /// Per bin: number, sum, sum of squares.
    sums: Vec<[f64; 3]>,
    length_px: f32,
    /// The neighbours of the sections, by index, in rising order.
    neighbours: Vec<usize>,
    /// Per neighbour: sums of place, of its square, of half width.
    places: Vec<[f32; 3]>,
    sections: f32,
}

impl Heap {
    fn new(reach: f32) -> Self {
        let bins = (2.0 * reach / BIN_PX) as usize + 1;
        Self {
            reach,
            sums: vec![[0.0; 3]; bins],
            length_px: 0.0,
            neighbours: Vec::new(),
            places: Vec::new(),
            sections: 0.0,
        }
    }

    fn add(&mut self, section: &[Sample], beside: &[Crossed], opacity: &Plane, length_px: f32) {
        let last = self.sums.len() - 1;
        for &(t, x, y, _) in section {
            let value = f64::from(opacity.sample(x, y));
            let bin = (((t + self.reach) / BIN_PX).round() as usize).min(last);
            let sums = &mut self.sums[bin];
            *sums = [sums[0] + 1.0, sums[1] + value, sums[2] + value * value];
        }
        for (sum, crossed) in self.places.iter_mut().zip(beside) {
            let t = crossed.centre_px;
            *sum = [sum[0] + t, sum[1] + t * t, sum[2] + crossed.half_px];
        }
        self.sections += 1.0;
        self.length_px += length_px;
    }

    /// Ends the stretch: a stack, if it is long enough, and an empty heap for the sections to come.
    fn flush(&mut self, least_px: f32, own: Expected, levels: &[f32]) -> Option<Stack> {
        let stack = (self.length_px >= least_px).then(|| self.stack(own, levels));
        *self = Self::new(self.reach);
        stack
    }

    fn stack(&self, own: Expected, levels: &[f32]) -> Stack {
        let mut within = 0.0;
        let mut bins = Vec::with_capacity(self.sums.len());
        for (bin, &[n, sum, squares]) in self.sums.iter().enumerate().filter(|(_, sums)| sums[0] > 0.0) {
            within += (squares - sum * sum / n).max(0.0);
            let t_px = bin as f32 * BIN_PX - self.reach;
            bins.push(Bin { t_px, mean: (sum / n) as f32, n: n as f32 });
        }
        let expected = |(&[t, squares, half], &k): (&[f32; 3], &usize)| {
            let centre_px = t / self.sections;
            let smear_px2 = (squares / self.sections - centre_px * centre_px).max(0.0);
            Expected { centre_px, half_px: half / self.sections, level: levels[k], smear_px2 }
        };
        let bars =
            std::iter::once(own).chain(self.places.iter().zip(&self.neighbours).map(expected)).collect();
        Stack { bins, within, length_px: self.length_px, bars }
    }
}

/// Stacked cross-sections of the shaft `k`; `levels` are the opacities of all. Sections that show it alone between its neighbours
/// are stacked apart from those that show it beside others.
pub(super) fn stacks(
    k: usize,
    ribbons: &[&Ribbon],
    levels: &[f32],
    opacity: &Plane,
    owners: &[u32],
) -> Vec<Stack> {
    let ribbon = ribbons[k];
    let own =
        Expected { centre_px: 0.0, half_px: 0.5 * ribbon.mean_width_px(), level: levels[k], smear_px2: 0.0 };
    let widest = ribbon.width_px.iter().fold(1.0_f32, |a, &b| a.max(b));
    let reach = 0.5 * widest + FLANK_PX;
    let stretch = widest.clamp(6.0, 20.0);
    let least = 0.4 * stretch;
    let mine = k as u32 + 1;
    let mut stacks = Vec::new();
    let mut heaps = [Heap::new(reach), Heap::new(reach)];
    let total = ribbon.length_px();
    // The rounded or slanted last half width belongs to the end, not to the shaft.
    let end = 0.5 * widest.min(0.4 * total);
    let mut at = 0.0;
    let mut section: Vec<Sample> = Vec::new();
    for (piece_at, pair) in ribbon.axis.windows(2).enumerate() {
        let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        let piece = libm::hypotf(dx, dy);
        if piece < 1e-3 {
            continue;
        }
        let along = [dx / piece, dy / piece];
        let steps = piece.ceil().max(1.0) as usize;
        for step in 0..steps {
            let f = (step as f32 + 0.5) / steps as f32;
            let here = at + f * piece;
            if here < end || here > total - end {
                continue;
            }
            let middle = [pair[0][0] + f * dx, pair[0][1] + f * dy];
            let half = 0.5 * (ribbon.width_px[piece_at] * (1.0 - f) + ribbon.width_px[piece_at + 1] * f);
            // The sampling phase is shifted from section to section, so that the stack resolves the pixel grid.
            let phase = (here * 0.37).fract();
            section.clear();
            // Who lies just beyond is looked at, too: the blur of that reaches into the section.
            let look = reach + NEIGHBOUR_PX;
            section.extend((0..(2.0 * look) as usize).map(|i| i as f32 + phase - look).filter_map(|t| {
                let (x, y) = (middle[0] - t * along[1], middle[1] + t * along[0]);
                let owner = || owners[y.round() as usize * opacity.width + x.round() as usize];
                opacity.contains(x, y).then(|| (t, x, y, owner()))
            }));
            let beside = if between_neighbours(&mut section, mine, half) {
                Vec::new()
            } else if let Some(beside) = beside(&section, k, ribbons, middle, along, half) {
                beside
            } else {
                continue;
            };
            section.retain(|sample| sample.0.abs() <= reach);
            let heap = &mut heaps[usize::from(!beside.is_empty())];
            if !beside.iter().map(|crossed| crossed.neighbour).eq(heap.neighbours.iter().copied()) {
                stacks.extend(heap.flush(least, own, levels));
                heap.neighbours = beside.iter().map(|crossed| crossed.neighbour).collect();
                heap.places = vec![[0.0; 3]; beside.len()];
            }
            heap.add(&section, &beside, opacity, piece / steps as f32);
            if heap.length_px >= stretch {
                stacks.extend(heap.flush(least, own, levels));
            }
        }
        at += piece;
    }
    for heap in &mut heaps {
        stacks.extend(heap.flush(least, own, levels));
    }
    stacks
}

/// Distance from another shaft's edge up to which its blur reaches, px: two sigmas of a usual lens, and as the ribbon knows that
/// edge to about a pixel.
const NEIGHBOUR_PX: f32 = 3.0;
/// Least skin beside the shaft that a section must show on each side, px: its own blurred edge.
const LEAST_FLANK_PX: f32 = 2.2;

/// Whether what lies between the shafts beside it shows skin on both sides of the shaft; then the section keeps that alone.
fn between_neighbours(section: &mut Vec<Sample>, mine: u32, half_px: f32) -> bool {
    let other = |owner: u32| owner != 0 && owner != mine;
    let left = section.iter().filter(|s| s.0 < 0.0 && other(s.3)).map(|s| s.0).fold(f32::MIN, f32::max);
    let right = section.iter().filter(|s| s.0 >= 0.0 && other(s.3)).map(|s| s.0).fold(f32::MAX, f32::min);
    let (left, right) = (left + NEIGHBOUR_PX, right - NEIGHBOUR_PX);
    let first = section.iter().find(|s| left <= s.0).map_or(f32::MAX, |s| s.0);
    let last = section.iter().rev().find(|s| s.0 <= right).map_or(f32::MIN, |s| s.0);
    let free = first <= -half_px - LEAST_FLANK_PX && half_px + LEAST_FLANK_PX <= last;
    if free {
        section.retain(|s| left <= s.0 && s.0 <= right);
    }
    free
}

/// Another shaft where it crosses the line of a section.
struct Crossed {
    neighbour: usize,
    centre_px: f32,
    half_px: f32,
}

/// Cosine of the largest angle between a shaft and its neighbour at which the neighbour's picture in the section is a bar: 45°.
const LEAST_COSINE: f32 = 0.71;
/// Largest share of the shaft's width that a neighbour may hide for its edge to be seen.
const MOST_HIDDEN: f32 = 0.3;

/// The shafts that a section shows beside the shaft `k`, in rising order; `None` where it shows something else, too: an end, a
/// crossing at a large angle, more shafts than can be told apart.
fn beside(
    section: &[Sample],
    k: usize,
    ribbons: &[&Ribbon],
    middle: [f32; 2],
    along: [f32; 2],
    half_px: f32,
) -> Option<Vec<Crossed>> {
    let (first, last) = (section.first()?.0, section.last()?.0);
    let mut owners: Vec<u32> =
        section.iter().map(|s| s.3).filter(|&o| o != 0 && o != BOTH && o != k as u32 + 1).collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.is_empty() || owners.len() >= MOST_BARS {
        return None;
    }
    let crossed = |owner: u32| {
        let neighbour = owner as usize - 1;
        let [centre_px, half] = crossing(ribbons[neighbour], middle, along)?;
        let seen = half_px + half - centre_px.abs() <= MOST_HIDDEN * 2.0 * half_px;
        (seen && first < centre_px + half && centre_px - half < last).then_some(Crossed {
            neighbour,
            centre_px,
            half_px: half,
        })
    };
    owners.into_iter().map(crossed).collect()
}

/// Where the axis of a ribbon crosses the line across `along` through `middle`, and half of its width there along that line,
/// px; of several crossings the nearest. `None` where it does not or at too large an angle.
fn crossing(ribbon: &Ribbon, middle: [f32; 2], along: [f32; 2]) -> Option<[f32; 2]> {
    let ahead = |p: &[f32; 2]| (p[0] - middle[0]) * along[0] + (p[1] - middle[1]) * along[1];
    let across = |p: &[f32; 2]| (p[1] - middle[1]) * along[0] - (p[0] - middle[0]) * along[1];
    let mut nearest: Option<[f32; 2]> = None;
    for (k, pair) in ribbon.axis.windows(2).enumerate() {
        let (a, b) = (ahead(&pair[0]), ahead(&pair[1]));
        if (a < 0.0) == (b < 0.0) {
            continue;
        }
        let f = a / (a - b);
        let t = across(&pair[0]) * (1.0 - f) + across(&pair[1]) * f;
        if nearest.is_some_and(|[other, _]| other.abs() <= t.abs()) {
            continue;
        }
        let cosine = (b - a).abs() / libm::hypotf(pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        if cosine < LEAST_COSINE {
            return None;
        }
        let width = ribbon.width_px[k] * (1.0 - f) + ribbon.width_px[k + 1] * f;
        nearest = Some([t, 0.5 * width / cosine]);
    }
    nearest
}
