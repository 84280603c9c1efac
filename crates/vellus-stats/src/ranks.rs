//! Mann-Whitney's test of two samples (1947, doi:10.1214/aoms/1177730491).
//!
//! U counts the pairs in which x is above y, ties by half. As in SciPy, p is exact where one sample has eight numbers or
//! fewer and none is tied, else by the normal distribution with corrections for ties and continuity. The exact one is
//! counted here: `statrs` 0.19 gives its complement where the first sample is not the larger one, and lists all
//! arrangements, which takes hours for five against two hundred.

use statrs::stats_tests::Alternative;
use statrs::stats_tests::mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu};

/// Largest sample for which p is exact.
const EXACT: usize = 8;

/// U of `x` and its two-sided p; `None` of an empty sample.
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    let method = MannWhitneyUMethod::AsymptoticInclContinuityCorrection;
    let (u, p) = mannwhitneyu(x, y, method, Alternative::TwoSided).ok()?;
    let mut all = [x, y].concat();
    all.sort_by(f64::total_cmp);
    let tied = all.windows(2).any(|pair| pair[0] == pair[1]);
    let exact = x.len().min(y.len()) <= EXACT && !tied;
    Some((u, if exact { exact_p(u, x.len(), y.len()) } else { p }))
}

/// Without ties U is a whole number, and its distribution that of the arrangements of n and m numbers.
fn exact_p(u: f64, n: usize, m: usize) -> f64 {
    let ways = arrangements(n, m);
    let all: i128 = ways.iter().sum();
    let far = u.max((n * m) as f64 - u) as usize;
    let beyond: i128 = ways[far..].iter().sum();
    (2.0 * beyond as f64 / all as f64).min(1.0)
}

/// In how many arrangements U is 0, 1, … n m: the coefficients of Π (1 − q^(m + i)) / (1 − q^i), i from 1 to n.
fn arrangements(n: usize, m: usize) -> Vec<i128> {
    let (n, m) = (n.min(m), n.max(m));
    let mut ways = vec![0; n * m + 1];
    ways[0] = 1;
    for i in 1..=n {
        for u in (m + i..ways.len()).rev() {
            ways[u] -= ways[u - m - i];
        }
        for u in i..ways.len() {
            ways[u] += ways[u - i];
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrangements_are_counted() {
        assert_eq!(arrangements(2, 3), [1, 1, 2, 2, 2, 1, 1]);
        assert_eq!(arrangements(3, 2), arrangements(2, 3));
        let binomial = (0..8).fold(1_i128, |c, k| c * (208 - k) / (k + 1));
        assert_eq!(arrangements(8, 200).iter().sum::<i128>(), binomial);
    }

    #[test]
    fn the_extreme_order_has_two_arrangements() {
        let (u, p) = mann_whitney(&[7.0, 8.0, 9.0], &[1.0, 2.0, 3.0, 4.0]).expect("numbers");
        assert_eq!((u, p), (12.0, 2.0 / 35.0));
        assert_eq!(mann_whitney(&[], &[1.0]), None);
    }
}
