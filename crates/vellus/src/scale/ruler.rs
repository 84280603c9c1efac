//! Rulers: where they lie and how long a tick's distance is in px.
//!
//! [`Tone`] → [`Comb`]s. Directions that are tried: along rows and columns, and across the thin dark areas that lie
//! parallel in number, as the ticks of a ruler that was turned do.

use core::f32::consts::{FRAC_PI_2, PI};

use super::Ruler;
use super::comb::{Comb, combs};
use super::tone::Tone;

/// Least and most parallel thin areas that are worth a look across them.
const LEAST_PARALLEL: u32 = 7;
/// Step from the surroundings to ink, levels of 255.
const STEP: u32 = 20;
/// Bins of the directions over 180°.
const BINS: usize = 60;

/// All rulers of a picture, those with most ticks first.
pub(crate) fn rulers(tone: &Tone) -> Vec<Comb> {
    let mut found: Vec<Comb> = Vec::new();
    let mut directions = vec![0.0, FRAC_PI_2];
    directions.extend(across_thin_areas(tone));
    for angle in directions {
        for comb in combs(tone, angle) {
            let same = |other: &Comb| near(comb.ticks[0].at, other) && parallel(comb.angle, other.angle);
            if !found.iter().any(same) {
                found.push(comb);
            }
        }
    }
    found.sort_by_key(|comb| std::cmp::Reverse(comb.ticks.len()));
    found
}

fn parallel(a: f32, b: f32) -> bool {
    let off = (a - b).rem_euclid(PI);
    off.min(PI - off) < 0.12
}

/// Whether a place lies at a comb's ticks.
fn near(at: [f32; 2], comb: &Comb) -> bool {
    let first = comb.ticks[0].at;
    let (sin, cos) = (libm::sinf(comb.angle), libm::cosf(comb.angle));
    let d = [at[0] - first[0], at[1] - first[1]];
    let across = -d[0] * sin + d[1] * cos;
    across.abs() < 6.0 * comb.period
}

/// Directions across the most frequent directions of thin dark areas, rad.
fn across_thin_areas(tone: &Tone) -> Vec<f32> {
    let mut counts = [0_u32; BINS];
    for angle in thin_areas(tone) {
        counts[(angle.rem_euclid(PI) / PI * BINS as f32) as usize % BINS] += 1;
    }
    // A peak may lie on the edge of two bins.
    let pair = |k: usize| counts[k] + counts[(k + 1) % BINS];
    let best = (0..BINS).max_by_key(|&k| (pair(k), std::cmp::Reverse(k)));
    let Some(best) = best.filter(|&k| pair(k) >= LEAST_PARALLEL) else { return Vec::new() };
    let angle = (best as f32 + 1.0) / BINS as f32 * PI + FRAC_PI_2;
    vec![angle.rem_euclid(PI)]
}

/// Directions of the thin dark areas.
fn thin_areas(tone: &Tone) -> Vec<f32> {
    let (width, height) = (tone.width, tone.height);
    let radius = (width / 80).clamp(6, 40);
    let longest = (width / 5) as f64;
    let sums = sums(tone);
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    let mut here: Vec<(usize, usize, usize)> = Vec::new();
    let mut parent: Vec<usize> = Vec::new();
    let mut moments: Vec<[f64; 6]> = Vec::new();
    for y in 0..height {
        here.clear();
        let (top, bottom) = (y.saturating_sub(radius), (y + radius + 1).min(height));
        let row = tone.row(y);
        let dark = |x: usize| {
            let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            let at = |x: usize, y: usize| sums[y * (width + 1) + x];
            let sum = at(right, bottom)
                .wrapping_sub(at(left, bottom))
                .wrapping_sub(at(right, top))
                .wrapping_add(at(left, top));
            let count = ((right - left) * (bottom - top)) as u32;
            (u32::from(row[x]) + STEP) * count < sum
        };
        let (mut x, mut above) = (0, 0);
        while x < width {
            if !dark(x) {
                x += 1;
                continue;
            }
            let from = x;
            while x < width && dark(x) {
                x += 1;
            }
            let label = parent.len();
            parent.push(label);
            moments.push(run_moments(from, x, y));
            while above < open.len() && open[above].1 < from {
                above += 1;
            }
            for run in open[above..].iter().take_while(|run| run.0 <= x) {
                let (p, q) = (root(&mut parent, label), root(&mut parent, run.2));
                if p != q {
                    let (keep, gone) = (p.min(q), p.max(q));
                    parent[gone] = keep;
                    let other = moments[gone];
                    moments[keep].iter_mut().zip(other).for_each(|(a, b)| *a += b);
                }
            }
            here.push((from, x, label));
        }
        std::mem::swap(&mut open, &mut here);
    }
    (0..parent.len()).filter(|&k| parent[k] == k).filter_map(|k| thin(&moments[k], longest)).collect()
}

fn root(parent: &mut [usize], mut k: usize) -> usize {
    while parent[k] != k {
        parent[k] = parent[parent[k]];
        k = parent[k];
    }
    k
}

/// Sums over everything above and to the left of a pixel; they may wrap around, differences do not.
fn sums(tone: &Tone) -> Vec<u32> {
    let columns = tone.width + 1;
    let mut sums = vec![0_u32; columns * (tone.height + 1)];
    for y in 0..tone.height {
        let mut line = 0_u32;
        for x in 0..tone.width {
            line = line.wrapping_add(u32::from(tone.data[y * tone.width + x]));
            sums[(y + 1) * columns + x + 1] = sums[y * columns + x + 1].wrapping_add(line);
        }
    }
    sums
}

/// Count, sums of x, y, x², y² and xy of a run of pixels.
fn run_moments(from: usize, to: usize, y: usize) -> [f64; 6] {
    let (n, y) = ((to - from) as f64, y as f64);
    let middle = 0.5 * (from + to - 1) as f64;
    let x2 = n * middle * middle + (n * n * n - n) / 12.0;
    [n, n * middle, n * y, x2, n * y * y, n * middle * y]
}

/// Direction of an area that is a stroke.
fn thin([n, x, y, xx, yy, xy]: &[f64; 6], longest: f64) -> Option<f32> {
    if *n < 12.0 {
        return None;
    }
    let (mx, my) = (x / n, y / n);
    let (a, b, c) = (xx / n - mx * mx, yy / n - my * my, xy / n - mx * my);
    let (mean, half) = (0.5 * (a + b), libm::hypot(0.5 * (a - b), c));
    let (length, width) = ((12.0 * (mean + half)).sqrt(), (12.0 * (mean - half).max(0.0)).sqrt().max(1.0));
    let filled = n / (length * width);
    (length > 4.0 * width && length > 8.0 && length < longest && filled > 0.6)
        .then(|| (0.5 * libm::atan2(2.0 * c, a - b)) as f32)
}

/// Margin of the part that a ruler covers: along it, ticks; across it, px.
const MARGIN: (f32, f32) = (1.5, 6.0);

impl Comb {
    /// Its record.
    pub(crate) fn ruler(&self) -> Ruler {
        let (sin, cos) = (libm::sinf(self.angle), libm::cosf(self.angle));
        let first = self.ticks[0];
        let last = self.ticks[self.ticks.len() - 1];
        let reach = |k: usize| self.ticks.iter().map(|t| t.reach[k]).fold(0.0, f32::max) + MARGIN.1;
        let along = MARGIN.0 * self.period;
        let corner = |at: [f32; 2], along: f32, across: f32| {
            [at[0] + along * cos - across * sin, at[1] + along * sin + across * cos].map(f64::from)
        };
        Ruler {
            period_px: f64::from(self.period),
            period_se_px: f64::from(self.period_se),
            direction_deg: f64::from(self.angle).to_degrees(),
            ticks: self.ticks.len(),
            departure_px: f64::from(self.departure),
            corners_px: [
                corner(first.at, -along, -reach(0)),
                corner(last.at, along, -reach(0)),
                corner(last.at, along, reach(1)),
                corner(first.at, -along, reach(1)),
            ],
        }
    }
}

/// Takes what rulers cover out of the scalp.
pub(crate) fn clear_rulers(valid: &mut [bool], width: usize, rulers: &[Ruler]) {
    let outlines: Vec<Vec<[f64; 2]>> = rulers.iter().map(|ruler| ruler.corners_px.to_vec()).collect();
    crate::corrections::mask(valid, width, &outlines);
}
