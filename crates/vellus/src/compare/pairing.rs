//! Which hair is which: optimal assignment of the hairs of two registered photos.
//!
//! Two [`Constellation`]s and their [`Warp`] → [`Paired`].
//!
//! What speaks for two records being one hair is a likelihood ratio: how likely their root distance, directions and
//! widths are for one hair seen twice, over how likely a hair like that lies there by chance. Every error has a heavy
//! tail, as a root may be hidden, a shaft combed or a width read wrong. A hair without partner costs what finding a hair
//! in one photo only is worth. The assignment of least cost (Kuhn and Munkres; Kuhn 1955, doi:10.1002/nav.3800020109) is
//! found in each group of hairs that have candidates in common.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use super::constellation::{Constellation, Strand};
use super::map::{PointUm, distance, sub};
use super::warp::Warp;

/// Two hairs, by place in [`Constellation::strands`], that are one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// In the first photo.
    pub first: usize,
    /// In the second photo.
    pub second: usize,
    /// Probability that they are one hair, given the other candidates.
    pub confidence: f64,
    /// Distance of the roots after registration, µm.
    pub root_distance: f64,
}

/// Farthest that the roots of one hair lie apart, µm: one of the two is the end of what the other hides.
const REACH_UM: f64 = 350.0;
/// Errors of the place of a root, two photos together, µm: across the shaft and along it, where it emerges being a matter
/// of degree. These and the next are what 850 hairs of drawn pairs show that both photos found (robust standard deviations
/// 13 and 18 µm with what the warp leaves, 4.5°, 0.06 of the logarithm of the width; one in eight lies far out).
const ACROSS_UM: f64 = 12.0;
const ALONG_UM: f64 = 20.0;
/// Error along the shaft of a root that is hidden, µm, and how often it is.
const HIDDEN_UM: f64 = 120.0;
const HIDDEN_SHARE: f64 = 0.12;
/// Error of the direction, degrees. Otherwise it was combed and may lie anywhere.
const TURN_DEG: f64 = 6.0;
const COMBED_SHARE: f64 = 0.15;
/// Error of the logarithm of the width: treatment adds up to a fifth to what is read. Otherwise it was read wrong.
const WIDTH_SD: f64 = 0.13;
const MISREAD_SHARE: f64 = 0.2;
/// Hairs per µm² that lie around a hair by chance: two more within the 0.2 mm of a unit.
const CHANCE_PER_UM2: f64 = 1.6e-5;
/// How often a hair of one photo is not drawn in the other.
const UNPAIRED_SHARE: f64 = 0.25;
/// How often root and tip are confused where a photo is sure of neither.
const TURNED_SHARE: f64 = 0.15;
/// Costs are whole numbers for the assignment: thousandths.
const COST_UNITS: f64 = 1000.0;

struct Candidate {
    first: usize,
    second: usize,
    cost: f64,
    root_distance: f64,
}

/// The hairs that both photos show.
pub fn pair(first: &Constellation, second: &Constellation, warp: &Warp) -> Vec<Paired> {
    let none = -libm::log(UNPAIRED_SHARE);
    let candidates = candidates(first, second, warp);
    let mut paired = Vec::new();
    for group in groups(first.strands.len(), second.strands.len(), &candidates) {
        let (rows, columns) = (members(&group, |c| c.first), members(&group, |c| c.second));
        let forbidden = (1e6 * COST_UNITS) as i64;
        let mut costs = Matrix::new(rows.len(), columns.len() + rows.len(), forbidden);
        for candidate in &group {
            let at = (place(&rows, candidate.first), place(&columns, candidate.second));
            costs[at] = (candidate.cost * COST_UNITS) as i64;
        }
        for row in 0..rows.len() {
            // To stay alone costs both hairs their partner.
            costs[(row, columns.len() + row)] = (2.0 * none * COST_UNITS) as i64;
        }
        let (_, chosen) = kuhn_munkres_min(&costs);
        for (row, column) in chosen.into_iter().enumerate().filter(|(_, column)| *column < columns.len()) {
            let of = |c: &&&Candidate| c.first == rows[row] && c.second == columns[column];
            let Some(best) = group.iter().find(of) else { continue };
            let rivals: f64 = group
                .iter()
                .filter(|c| (c.first == best.first) != (c.second == best.second))
                .map(|c| libm::exp(best.cost - c.cost))
                .sum();
            let alone = libm::exp(best.cost - 2.0 * none);
            // A rival that has a better partner of its own is no rival.
            paired.push(Paired {
                first: best.first,
                second: best.second,
                confidence: 1.0 / (1.0 + 0.25 * rivals + alone),
                root_distance: best.root_distance,
            });
        }
    }
    paired.sort_by_key(|p| p.first);
    paired
}

fn candidates(first: &Constellation, second: &Constellation, warp: &Warp) -> Vec<Candidate> {
    let most = -2.0 * libm::log(UNPAIRED_SHARE);
    let mut candidates = Vec::new();
    for (i, a) in first.strands.iter().enumerate() {
        let root = warp.carry(a.root);
        let ends = [root, warp.carry(a.axis[a.axis.len() - 1])];
        let error = warp.error(a.root);
        for (j, b) in second.strands.iter().enumerate() {
            let tip = b.axis[b.axis.len() - 1];
            let near = |p: PointUm, q: PointUm| (0..2).all(|k| (p[k] - q[k]).abs() < REACH_UM);
            let mut best: Option<(f64, f64)> = None;
            if near(root, b.root) {
                best = Some((cost(a, ends, b, [b.root, tip], error), distance(root, b.root)));
            }
            // One of the two may have been read from the wrong end.
            if near(root, tip) {
                let doubt = 2.0 * (1.0 - a.root_confidence.min(b.root_confidence));
                let turned =
                    cost(a, ends, b, [tip, b.root], error) - libm::log(TURNED_SHARE * doubt.max(0.1));
                if best.is_none_or(|(cost, _)| turned < cost) {
                    best = Some((turned, distance(root, b.root)));
                }
            }
            if let Some((cost, root_distance)) = best.filter(|(cost, _)| *cost < most) {
                candidates.push(Candidate { first: i, second: j, cost, root_distance });
            }
        }
    }
    candidates
}

/// −log of how likely the two ends, widths and directions are for one hair, over chance.
fn cost(
    a: &Strand,
    [root, tip]: [PointUm; 2],
    b: &Strand,
    [other_root, other_tip]: [PointUm; 2],
    error: f64,
) -> f64 {
    let [u, v] = [unit(sub(tip, root)), unit(sub(other_tip, other_root))];
    let apart = sub(other_root, root);
    // Along and across the mean direction of the two; of opposed ones, that of the first.
    let sum = [u[0] + v[0], u[1] + v[1]];
    let mean = if libm::hypot(sum[0], sum[1]) < 0.2 { u } else { unit(sum) };
    let along = apart[0] * mean[0] + apart[1] * mean[1];
    let across = apart[1] * mean[0] - apart[0] * mean[1];
    let sd = |own: f64| libm::hypot(own, error);
    let place = ((1.0 - HIDDEN_SHARE) * normal(across, sd(ACROSS_UM))
        + HIDDEN_SHARE * normal(across, sd(3.0 * ACROSS_UM)))
        * ((1.0 - HIDDEN_SHARE) * normal(along, sd(ALONG_UM)) + HIDDEN_SHARE * normal(along, sd(HIDDEN_UM)));
    let turn = libm::atan2(u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]).to_degrees();
    // Over the chance of a hair beside it, which lies like its neighbours: within some 25°.
    let direction = ((1.0 - COMBED_SHARE) * normal(turn, TURN_DEG) + COMBED_SHARE / 360.0)
        / normal(turn, 25.0).max(1.0 / 360.0);
    let width = libm::log(b.width.max(1.0) / a.width.max(1.0));
    // Widths of different hairs scatter by a half.
    let width = ((1.0 - MISREAD_SHARE) * normal(width, WIDTH_SD) + MISREAD_SHARE * normal(width, 1.0))
        / normal(width, 0.6);
    -libm::log((place / CHANCE_PER_UM2 * direction * width).max(1e-12))
}

fn unit(v: PointUm) -> PointUm {
    let length = libm::hypot(v[0], v[1]).max(1e-9);
    [v[0] / length, v[1] / length]
}

fn normal(x: f64, sd: f64) -> f64 {
    let z = x / sd;
    libm::exp(-0.5 * z * z) / (sd * (2.0 * std::f64::consts::PI).sqrt())
}

/// Candidates in groups that share hairs.
fn groups(first: usize, second: usize, candidates: &[Candidate]) -> Vec<Vec<&Candidate>> {
    let mut parent: Vec<usize> = (0..first + second).collect();
    fn top(parent: &mut [usize], mut k: usize) -> usize {
        while parent[k] != k {
            parent[k] = parent[parent[k]];
            k = parent[k];
        }
        k
    }
    for c in candidates {
        let (p, q) = (top(&mut parent, c.first), top(&mut parent, first + c.second));
        parent[p.max(q)] = p.min(q);
    }
    let mut groups: Vec<Vec<&Candidate>> = vec![Vec::new(); first + second];
    for c in candidates {
        groups[top(&mut parent, c.first)].push(c);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn members(group: &[&Candidate], pick: impl Fn(&Candidate) -> usize) -> Vec<usize> {
    let mut members: Vec<usize> = group.iter().map(|c| pick(c)).collect();
    members.sort_unstable();
    members.dedup();
    members
}

fn place(members: &[usize], member: usize) -> usize {
    members.partition_point(|m| *m < member)
}
