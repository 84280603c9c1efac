//! Which of two lists belong together, one to one.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

/// Steps of an overlap from 0 to 1: the weights are whole numbers.
const STEPS: f64 = 1e6;

/// The pairs (row, column) with the largest sum of overlaps (Kuhn 1955, doi:10.1002/nav.3800020109), those below `least`
/// left out.
pub fn pair(
    rows: usize,
    columns: usize,
    least: f64,
    overlap: impl Fn(usize, usize) -> f64,
) -> Vec<(usize, usize)> {
    if rows == 0 || columns == 0 {
        return Vec::new();
    }
    // The method wants no more rows than columns.
    let weights = Matrix::from_fn(rows, columns.max(rows), |(i, k)| {
        let overlap = if k < columns { overlap(i, k) } else { 0.0 };
        if overlap >= least && overlap > 0.0 { (STEPS * overlap).round() as i64 } else { 0 }
    });
    let (_, assigned) = kuhn_munkres(&weights);
    assigned.into_iter().enumerate().filter(|&(i, k)| weights[(i, k)] > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_counts_and_what_overlaps_too_little_stays_alone() {
        let overlaps = [[0.9, 0.8], [0.85, 0.1]];
        assert_eq!(pair(2, 2, 0.6, |i, k| overlaps[i][k]), [(0, 1), (1, 0)]);
        assert_eq!(pair(2, 1, 0.6, |i, _| overlaps[i][1]), [(0, 0)]);
        assert_eq!(pair(0, 3, 0.6, |_, _| 1.0), []);
    }
}
