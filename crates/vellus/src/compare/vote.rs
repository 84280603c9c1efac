//! First guesses of the map: pairs of orifices vote for turns, scales and shifts.
//!
//! Two [`Constellation`]s → [`Affine`] guesses, the most voted first.
//!
//! Every pair of orifices of one photo that is as long, within the scale's error, as a pair of the other proposes a
//! similarity. True pairs agree on one, false ones scatter: votes are counted on a grid of turn, scale and place of the
//! field's middle (a generalised Hough transform, Ballard 1981, doi:10.1016/0031-3203(81)90009-1). A site where half of
//! the orifices are missing keeps a quarter of its pairs, still hundreds.

use super::constellation::Constellation;
use super::map::{Affine, PointUm, distance, sub};

/// Largest relative difference of the two scales.
pub const SCALE_TOLERANCE: f64 = 0.12;
/// Shortest and longest distance of a pair, µm: shorter ones do not fix the turn, longer ones are bent by soft skin.
const PAIR_UM: [f64; 2] = [700.0, 4000.0];
/// Pairs of the first photo that vote; more only take time.
const MOST_PAIRS: usize = 1500;
/// Orifices of a photo that take part, those nearest to its middle.
const MOST_ORIFICES: usize = 220;
/// Cells of the turn: 4° each, the turn that soft skin gives a pair 1 mm long.
const TURNS: usize = 90;
/// Cells of the scale over ± [`SCALE_TOLERANCE`].
const SCALES: usize = 5;
/// Side of a cell of the shift, µm: what half a cell of turn moves 2 mm from the middle.
const SHIFT_UM: f64 = 200.0;
/// Most cells of the shift along a side.
const MOST_CELLS: f64 = 120.0;
/// Guesses that are looked at.
const MOST_GUESSES: usize = 160;

/// Votes of a cell and the sums of what they voted for.
#[derive(Clone, Copy, Default)]
struct Cell {
    votes: f32,
    sums: [f32; 4],
}

/// Guesses of the map from the first to the second photo.
pub fn guesses(first: &Constellation, second: &Constellation) -> Vec<Affine> {
    let (a, b) = (central(first), central(second));
    let long = ordered_pairs(&b);
    let short = thinned(unordered_pairs(&a), MOST_PAIRS);
    let centre = first.centre();
    // Of a photo of a whole head, or with a wrong scale, no more cells are counted than memory has room for.
    let shift = SHIFT_UM.max(second.size[0].max(second.size[1]) / MOST_CELLS);
    let cells = second.size.map(|side| (side / shift).ceil() as usize + 2);
    let mut grid = vec![Cell::default(); TURNS * SCALES * cells[0] * cells[1]];
    for &(length, i, j) in &short {
        let low = long.partition_point(|p| p.0 < length * (1.0 - SCALE_TOLERANCE));
        let high = long.partition_point(|p| p.0 <= length * (1.0 + SCALE_TOLERANCE));
        let from = sub(a[j], a[i]);
        for &(other, k, l) in &long[low..high] {
            let to = sub(b[l], b[k]);
            let scale = other / length;
            // Turn and stretch at once: the quotient of the two vectors as complex numbers.
            let square = length * length;
            let c = (from[0] * to[0] + from[1] * to[1]) / square;
            let s = (from[0] * to[1] - from[1] * to[0]) / square;
            let arm = sub(centre, a[i]);
            let place = [b[k][0] + c * arm[0] - s * arm[1], b[k][1] + s * arm[0] + c * arm[1]];
            let cell = place.map(|v| v / shift + 1.0);
            if cell[0] < 0.0 || cell[1] < 0.0 {
                continue;
            }
            let (x, y) = (cell[0] as usize, cell[1] as usize);
            if x >= cells[0] || y >= cells[1] {
                continue;
            }
            let angle = libm::atan2(s, c);
            let turn =
                (angle / std::f64::consts::TAU * TURNS as f64).floor().rem_euclid(TURNS as f64) as usize;
            let stretch = (scale - 1.0 + SCALE_TOLERANCE) / (2.0 * SCALE_TOLERANCE);
            let stretch = ((stretch * SCALES as f64) as usize).min(SCALES - 1);
            let cell = &mut grid[((turn * SCALES + stretch) * cells[1] + y) * cells[0] + x];
            cell.votes += 1.0;
            // Sums of the turn relative to the cell, so that they do not break at ±180°.
            let within = (angle.rem_euclid(std::f64::consts::TAU) - turn as f64 * TURN) as f32;
            cell.sums[0] += within;
            cell.sums[1] += scale as f32;
            cell.sums[2] += place[0] as f32;
            cell.sums[3] += place[1] as f32;
        }
    }
    let mut best: Vec<usize> = (0..grid.len()).filter(|&k| grid[k].votes >= 2.0).collect();
    best.sort_by(|&p, &q| grid[q].votes.total_cmp(&grid[p].votes).then(p.cmp(&q)));
    best.truncate(MOST_GUESSES);
    best.into_iter()
        .map(|k| {
            let Cell { votes, sums } = grid[k];
            let turn = k / (SCALES * cells[0] * cells[1]);
            let [angle, scale, x, y] = sums.map(|sum| f64::from(sum / votes));
            Affine::similarity(angle + turn as f64 * TURN, scale, centre, [x, y])
        })
        .collect()
}

/// Width of a cell of the turn, radians.
const TURN: f64 = std::f64::consts::TAU / TURNS as f64;

/// The orifices nearest to the middle.
fn central(photo: &Constellation) -> Vec<PointUm> {
    let centre = photo.centre();
    let mut points = photo.orifices.clone();
    points.sort_by(|p, q| distance(*p, centre).total_cmp(&distance(*q, centre)));
    points.truncate(MOST_ORIFICES);
    points
}

type Length = (f64, usize, usize);

/// All pairs of fitting length, shortest first.
fn unordered_pairs(points: &[PointUm]) -> Vec<Length> {
    let mut pairs: Vec<Length> = (0..points.len())
        .flat_map(|j| (0..j).map(move |i| (i, j)))
        .map(|(i, j)| (distance(points[i], points[j]), i, j))
        .filter(|(length, ..)| (PAIR_UM[0]..PAIR_UM[1]).contains(length))
        .collect();
    pairs.sort_by(|p, q| p.0.total_cmp(&q.0).then((p.1, p.2).cmp(&(q.1, q.2))));
    pairs
}

/// The same in both orders.
fn ordered_pairs(points: &[PointUm]) -> Vec<Length> {
    unordered_pairs(points).into_iter().flat_map(|(length, i, j)| [(length, i, j), (length, j, i)]).collect()
}

/// Every n-th, so that no more than `most` are left.
fn thinned(pairs: Vec<Length>, most: usize) -> Vec<Length> {
    let step = pairs.len().div_ceil(most).max(1);
    pairs.into_iter().step_by(step).collect()
}
