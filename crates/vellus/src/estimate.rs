//! A measured quantity with its uncertainty.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Two-sided 95 % quantile of the standard normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// A value, its standard error and its 95 % confidence interval, all in the unit that the field's name gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The best single value.
    pub value: f64,
    /// Standard error of `value`; never negative.
    pub standard_error: f64,
    /// 95 % confidence interval, lower then upper end.
    pub ci95: [f64; 2],
}

impl Estimate {
    /// An estimate whose error is normal: the interval is `value` ± 1.96 `standard_error`.
    pub fn normal(value: f64, standard_error: f64) -> Self {
        let half = Z95 * standard_error;
        Self { value, standard_error, ci95: [value - half, value + half] }
    }

    /// As [`Estimate::normal`], with an interval that does not go below zero: for counts, areas and lengths.
    pub fn non_negative(value: f64, standard_error: f64) -> Self {
        let mut estimate = Self::normal(value, standard_error);
        estimate.ci95[0] = estimate.ci95[0].max(0.0);
        estimate
    }

    /// The same estimate in another unit: everything times `factor` (> 0).
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            standard_error: self.standard_error * factor,
            ci95: [self.ci95[0] * factor, self.ci95[1] * factor],
        }
    }
}

/// To a thousandth: below any error, and equal on every machine. Zero has no sign.
pub(crate) fn round(value: f64) -> f64 {
    libm::round(value * 1e3) / 1e3 + 0.0
}
