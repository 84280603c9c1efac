//! Numbers of one group: mean, scatter, intervals.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

/// Scatter below this share of the numbers themselves is what they lose in rounding, and none.
pub const ROUNDING: f64 = 1e-10;

/// A value with its 95 % interval; the ends are `null` where there are too few numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Interval {
    /// `value` ± `half`.
    pub fn around(value: f64, half: Option<f64>) -> Self {
        Self { value, low: half.map(|half| value - half), high: half.map(|half| value + half) }
    }
}

/// Mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sum of the squared distances from the mean.
pub fn squares(values: &[f64]) -> f64 {
    mean(values).map_or(0.0, |mean| values.iter().map(|value| (value - mean) * (value - mean)).sum())
}

/// Variance with n − 1; `None` of fewer than two.
pub fn variance(values: &[f64]) -> Option<f64> {
    (values.len() > 1).then(|| squares(values) / (values.len() - 1) as f64)
}

/// Mean with Student's interval.
pub fn mean_interval(values: &[f64]) -> Option<Interval> {
    let half = variance(values).and_then(|variance| {
        Some(t_quantile(0.975, (values.len() - 1) as f64)? * (variance / values.len() as f64).sqrt())
    });
    Some(Interval::around(mean(values)?, half))
}

/// Quantile of Student's distribution; `None` without a degree of freedom.
pub fn t_quantile(p: f64, df: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(p))
}

/// Two-sided p of Student's t.
pub fn t_p(t: f64, df: f64) -> Option<f64> {
    Some(2.0 * StudentsT::new(0.0, 1.0, df).ok()?.cdf(-t.abs()))
}

/// Quantile of the chi-squared distribution; `None` without a degree of freedom.
pub fn chi_squared_quantile(p: f64, df: f64) -> Option<f64> {
    Some(ChiSquared::new(df).ok()?.inverse_cdf(p))
}

/// Quantile of the standard normal distribution.
pub fn z_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Wilson's 95 % interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953); `None` of nothing.
pub fn wilson(count: usize, of: usize) -> Option<Interval> {
    if of == 0 {
        return None;
    }
    let (n, z) = (of as f64, z_quantile(0.975));
    let share = count as f64 / n;
    let scale = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / scale;
    let half = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some(Interval { value: share, low: Some((centre - half).max(0.0)), high: Some((centre + half).min(1.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_numbers_have_no_interval() {
        assert_eq!(mean_interval(&[]), None);
        assert_eq!(mean_interval(&[3.0]), Some(Interval { value: 3.0, low: None, high: None }));
        assert_eq!(wilson(0, 0), None);
        assert_eq!(t_quantile(0.975, 0.0), None);
    }
}
