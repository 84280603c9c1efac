//! The change of each arm at equal baseline: analysis of covariance.
//!
//! change = b₀ + b₁ · baseline + Σ bₐ · (arm is a), least squares; bₐ is the difference of the arm from the reference, the
//! same for the change as for the follow-up. It has less scatter than the difference of changes, and no bias from a baseline
//! that is off by chance (Vickers and Altman 2001, doi:10.1136/bmj.323.7321.1123). One slope for all arms is assumed.
//! Where changes lie on the line but for what numbers lose in rounding, there is no scatter to judge a difference by.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use crate::arms::{self, Group};
use crate::sample::{Interval, ROUNDING, t_p, t_quantile};

/// Difference of an arm from the reference at equal baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Adjusted {
    /// The difference; without scatter it has no interval.
    pub difference: Interval,
    /// Its standard error; `null` without scatter.
    pub standard_error: Option<f64>,
    /// Its two-sided p; `null` without scatter.
    pub p: Option<f64>,
    /// Degrees of freedom of the residual.
    pub df: f64,
    /// Standard deviation of the residual.
    pub residual_sd: f64,
}

/// Each [named](arms::is_named) arm but the reference; none with too few subjects, or where the baseline does not vary.
pub fn adjusted(group: &Group, reference: &str) -> Vec<(String, Adjusted)> {
    let named = || group.arms.iter().filter(|(arm, _)| arms::is_named(arm));
    let others: Vec<&String> = named().map(|(arm, _)| arm).filter(|arm| *arm != reference).collect();
    let rows: Vec<(Option<usize>, f64, f64)> = named()
        .flat_map(|(arm, subjects)| {
            let place = others.iter().position(|other| *other == arm);
            subjects.iter().map(move |subject| (place, subject.baseline, subject.change))
        })
        .collect();
    let Some(fit) = fit(&rows, others.len()) else { return Vec::new() };
    let told = others.iter().enumerate().map(|(k, arm)| {
        let (value, standard_error) = fit.coefficient(2 + k);
        let standard_error = (fit.residual_variance > 0.0).then_some(standard_error);
        let half = standard_error.and_then(|error| Some(t_quantile(0.975, fit.df)? * error));
        let adjusted = Adjusted {
            difference: Interval::around(value, half),
            standard_error,
            p: standard_error.and_then(|error| t_p(value / error, fit.df)),
            df: fit.df,
            residual_sd: fit.residual_variance.sqrt(),
        };
        ((*arm).clone(), adjusted)
    });
    told.collect()
}

struct Fit {
    coefficients: DVector<f64>,
    /// (XᵀX)⁻¹.
    inverse: DMatrix<f64>,
    /// 0 where all that is left is rounding.
    residual_variance: f64,
    df: f64,
    /// The columns were divided by these.
    scales: Vec<f64>,
}

impl Fit {
    /// Value and standard error.
    fn coefficient(&self, k: usize) -> (f64, f64) {
        let scale = self.scales[k];
        (self.coefficients[k] / scale, (self.residual_variance * self.inverse[(k, k)]).sqrt() / scale)
    }
}

/// Rows of (place among the other arms, baseline, change).
fn fit(rows: &[(Option<usize>, f64, f64)], others: usize) -> Option<Fit> {
    let (n, p) = (rows.len(), 2 + others);
    if n <= p {
        return None;
    }
    let mut x = DMatrix::from_fn(n, p, |i, k| match k {
        0 => 1.0,
        1 => rows[i].1,
        _ => f64::from(u8::from(rows[i].0 == Some(k - 2))),
    });
    // Columns of equal length, so that "without rank" does not depend on the unit.
    let scales: Vec<f64> = (0..p).map(|k| x.column(k).norm()).collect();
    for (k, scale) in scales.iter().enumerate() {
        x.column_mut(k).unscale_mut(*scale);
    }
    let y = DVector::from_fn(n, |i, _| rows[i].2);
    let qr = x.clone().qr();
    let r = qr.r();
    if (0..p).any(|k| r[(k, k)].abs() < 1e-10) || scales.contains(&0.0) {
        return None;
    }
    let coefficients = r.solve_upper_triangular(&(qr.q().transpose() * &y))?;
    // The change is the difference of two numbers of the size of the baseline and rounded like these.
    let size = scales[1] + y.norm();
    let residual = (&y - &x * &coefficients).norm();
    let residual = if residual <= ROUNDING * size { 0.0 } else { residual };
    let df = (n - p) as f64;
    let inverse_r = r.solve_upper_triangular(&DMatrix::identity(p, p))?;
    let inverse = &inverse_r * inverse_r.transpose();
    Some(Fit { coefficients, inverse, residual_variance: residual * residual / df, df, scales })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_plane_is_found_and_a_baseline_that_does_not_vary_is_no_fit() {
        // change = 1 + 2 baseline + 3 arm
        let rows: Vec<(Option<usize>, f64, f64)> = (0..8)
            .map(|i| {
                let (arm, baseline) = ((i % 2 == 0).then_some(0), f64::from(i) * 7.0);
                (arm, baseline, 1.0 + 2.0 * baseline + if i % 2 == 0 { 3.0 } else { 0.0 })
            })
            .collect();
        let found = fit(&rows, 1).expect("a plane");
        assert!((found.coefficient(2).0 - 3.0).abs() < 1e-9 && (found.coefficient(1).0 - 2.0).abs() < 1e-9);
        assert_eq!(found.residual_variance, 0.0, "rounding is no scatter");
        let flat: Vec<_> = rows.iter().map(|&(arm, _, y)| (arm, 5.0, y)).collect();
        assert!(fit(&flat, 1).is_none());
    }

    #[test]
    fn without_scatter_a_difference_has_neither_interval_nor_p() {
        let subject = |i: u32, gain: f64| {
            let baseline = 100.1 + 7.3 * f64::from(i);
            // As a table has it: the difference of two rounded numbers.
            arms::Subject { baseline, change: (baseline + gain) - baseline, ..arms::Subject::default() }
        };
        let arm = |gain| (0..6).map(|i| subject(i, gain)).collect::<Vec<_>>();
        let group = Group {
            arms: [("active".to_owned(), arm(5.1)), ("placebo".to_owned(), arm(0.0))].into(),
            ..Group::default()
        };
        let told = adjusted(&group, "placebo")[0].1;
        assert!((told.difference.value - 5.1).abs() < 1e-9);
        assert_eq!((told.difference.low, told.standard_error, told.p), (None, None, None));
        assert_eq!(arms::differences(&group, "placebo")[0].welch_p, None);
    }
}
