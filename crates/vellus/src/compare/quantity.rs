//! One quantity at both visits, its error and what may be said of it.

use crate::comparison::{ChangeVerdict, QuantityChange};
use crate::estimate::Z95;

/// A quantity at both visits with the standard error of its change and the standard error that the method shows when
/// nothing changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// At the baseline.
    pub baseline: f64,
    /// At the follow-up.
    pub follow_up: f64,
    /// Standard error of the difference.
    pub standard_error: f64,
    /// Standard deviation of the difference between two photos of unchanged hair.
    pub repeat_sd: f64,
}

impl Reading {
    /// The record of it.
    pub fn change(&self) -> QuantityChange {
        let difference = round(self.follow_up - self.baseline);
        let standard_error = libm::hypot(self.standard_error, self.repeat_sd);
        let half = Z95 * standard_error;
        let ci95 = [round(difference - half), round(difference + half)];
        let smallest_detectable_change = round(Z95 * self.repeat_sd);
        QuantityChange {
            baseline: round(self.baseline),
            follow_up: round(self.follow_up),
            difference,
            standard_error: round(standard_error),
            ci95,
            smallest_detectable_change,
            verdict: verdict(difference, ci95, smallest_detectable_change),
        }
    }

    /// The same in another unit.
    pub fn times(self, factor: f64) -> Self {
        Self {
            baseline: self.baseline * factor,
            follow_up: self.follow_up * factor,
            standard_error: self.standard_error * factor,
            repeat_sd: self.repeat_sd * factor,
        }
    }
}

/// A change is claimed if its interval excludes zero and its size exceeds the smallest detectable change.
pub fn verdict(difference: f64, [low, high]: [f64; 2], smallest_detectable_change: f64) -> ChangeVerdict {
    if low > 0.0 && difference > smallest_detectable_change {
        ChangeVerdict::Increase
    } else if high < 0.0 && -difference > smallest_detectable_change {
        ChangeVerdict::Decrease
    } else {
        ChangeVerdict::WithinError
    }
}

/// To a thousandth, below any error; never −0.
pub fn round(value: f64) -> f64 {
    libm::round(value * 1e3) / 1e3 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_claimed_only_beyond_interval_and_smallest_detectable_change() {
        let reading = |follow_up, standard_error, repeat_sd| {
            Reading { baseline: 100.0, follow_up, standard_error, repeat_sd }.change().verdict
        };
        assert_eq!(reading(110.0, 3.0, 1.0), ChangeVerdict::Increase);
        assert_eq!(reading(90.0, 3.0, 1.0), ChangeVerdict::Decrease);
        assert_eq!(reading(110.0, 6.0, 1.0), ChangeVerdict::WithinError);
        assert_eq!(reading(105.0, 0.0, 3.0), ChangeVerdict::WithinError);
        assert_eq!(verdict(5.0, [1.0, 9.0], 6.0), ChangeVerdict::WithinError);
        assert_eq!(reading(100.0, 0.0, 0.0), ChangeVerdict::WithinError);
    }

    #[test]
    fn nothing_is_minus_zero() {
        assert!(round(-1e-9).is_sign_positive());
    }
}
