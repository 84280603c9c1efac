//! One quantity at both visits, its error and what may be said of it.

use crate::comparison::{ChangeVerdict, QuantityChange};
use crate::estimate::{Estimate, Z95};

/// A quantity at both visits, and what is known of the error of its change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// At the baseline.
    pub baseline: f64,
    /// At the follow-up.
    pub follow_up: f64,
    /// Standard error of the difference that this pair tells of.
    pub own_error: f64,
    /// Standard deviation of the difference between two photos of unchanged hair.
    pub repeat_sd: f64,
    /// Factor by which the difference was raised for what is not recognised ([`super::repeat`]); 1 where it was not. It raises
    /// the error of repetition, too.
    pub raised: f64,
    /// Standard error of the difference from that factor. It tells how large a change is, not whether there is one.
    pub raise_error: f64,
    /// What differing conditions may have moved ([`super::conditions`]), as a standard error.
    pub bias: f64,
}

impl Reading {
    /// Nothing but what two photos of unchanged hair differ by.
    pub fn of_repeat(repeat_sd: f64) -> Self {
        Self {
            baseline: 0.0,
            follow_up: 0.0,
            own_error: 0.0,
            repeat_sd,
            raised: 1.0,
            raise_error: 0.0,
            bias: 0.0,
        }
    }

    /// Mean of both visits.
    pub fn middle(&self) -> f64 {
        0.5 * (self.baseline + self.follow_up)
    }

    /// The record of it.
    pub fn change(&self) -> QuantityChange {
        let difference = round(self.follow_up - self.baseline);
        let repeat = libm::hypot(self.raised * self.repeat_sd, self.bias);
        let error = libm::hypot(self.own_error, repeat);
        let whole = libm::hypot(error, self.raise_error);
        let half = Z95 * whole;
        let mut ci95 = [difference - half, difference + half];
        // A factor turns no change into none: where the rest of the error excludes zero, the near end stays on its side.
        let near = difference.abs() - Z95 * error;
        if near > 0.0 && difference != 0.0 {
            let near = near * (1.0 - Z95 * self.raise_error / difference.abs()).max(LEAST_NEAR);
            let end = usize::from(difference < 0.0);
            ci95[end] = near.copysign(difference);
        }
        let ci95 = ci95.map(round);
        // On the scale of the difference: what was raised is held against what two photos differ by, raised alike.
        let smallest_detectable_change = round(Z95 * repeat);
        QuantityChange {
            baseline: round(self.baseline),
            follow_up: round(self.follow_up),
            difference,
            standard_error: round(whole),
            ci95,
            smallest_detectable_change,
            verdict: verdict(difference, ci95, smallest_detectable_change),
        }
    }

    /// With an error of the scale that both visits share: the difference is off by the same share as everything else, which
    /// turns no change into none.
    pub fn scaled_alike(self, relative_error: f64) -> Self {
        let of_scale = relative_error * (self.follow_up - self.baseline).abs();
        Self { raise_error: libm::hypot(self.raise_error, of_scale), ..self }
    }

    /// With what differing conditions may move it by, %: they tell of a change where there is none.
    pub fn biased(self, percent: f64) -> Self {
        Self { bias: libm::hypot(self.bias, 0.01 * percent * self.middle()), ..self }
    }

    /// The same in another unit.
    pub fn times(self, unit: f64) -> Self {
        Self {
            baseline: self.baseline * unit,
            follow_up: self.follow_up * unit,
            own_error: self.own_error * unit,
            repeat_sd: self.repeat_sd * unit,
            raised: self.raised,
            raise_error: self.raise_error * unit,
            bias: self.bias * unit,
        }
    }
}

/// Least share of the near end of an interval that an uncertain factor leaves.
const LEAST_NEAR: f64 = 0.1;

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

/// An estimate as it is told: every number by [`round`].
pub fn rounded(estimate: Estimate) -> Estimate {
    Estimate {
        value: round(estimate.value),
        standard_error: round(estimate.standard_error),
        ci95: estimate.ci95.map(round),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_claimed_only_beyond_interval_and_smallest_detectable_change() {
        let reading = |follow_up, own_error, repeat_sd| {
            Reading { baseline: 100.0, follow_up, own_error, ..Reading::of_repeat(repeat_sd) }
                .change()
                .verdict
        };
        assert_eq!(reading(110.0, 3.0, 1.0), ChangeVerdict::Increase);
        assert_eq!(reading(90.0, 3.0, 1.0), ChangeVerdict::Decrease);
        assert_eq!(reading(110.0, 6.0, 1.0), ChangeVerdict::WithinError);
        assert_eq!(reading(105.0, 0.0, 3.0), ChangeVerdict::WithinError);
        assert_eq!(verdict(5.0, [1.0, 9.0], 6.0), ChangeVerdict::WithinError);
        assert_eq!(reading(100.0, 0.0, 0.0), ChangeVerdict::WithinError);
    }

    #[test]
    fn an_uncertain_factor_widens_the_interval_but_not_across_zero() {
        let reading = Reading {
            baseline: 50.0,
            follow_up: 60.0,
            own_error: 2.0,
            raised: 1.8,
            raise_error: 4.0,
            ..Reading::of_repeat(1.0)
        };
        let change = reading.change();
        assert_eq!(change.verdict, ChangeVerdict::Increase);
        assert!(change.ci95[0] > 0.0 && change.ci95[0] < 2.0 && change.ci95[1] > 18.0, "{change:?}");
        let down = Reading { baseline: 60.0, follow_up: 50.0, ..reading }.change();
        assert_eq!(down.ci95, [-change.ci95[1], -change.ci95[0]]);
    }

    #[test]
    fn what_the_conditions_may_have_done_is_not_claimed() {
        let reading = Reading { baseline: 48.0, follow_up: 54.0, own_error: 1.0, ..Reading::of_repeat(1.0) };
        assert_eq!(reading.biased(0.0), reading);
        assert_eq!(reading.change().verdict, ChangeVerdict::Increase);
        // By hand: 8 % of 51 are 4.08, with 1 and 1 √18.65, so that ± 8.5 holds no change.
        let biased = reading.biased(8.0).change();
        assert_eq!(biased.verdict, ChangeVerdict::WithinError);
        assert!((biased.ci95[0] - (6.0 - 1.96 * 18.65_f64.sqrt())).abs() < 0.01, "{biased:?}");
        // Nor is it said that it could be told.
        assert!(biased.smallest_detectable_change > 8.0);
        let back = Reading { baseline: 54.0, follow_up: 48.0, ..reading }.biased(8.0).change();
        assert_eq!(back.ci95, [-biased.ci95[1], -biased.ci95[0]], "visits exchanged");
    }

    #[test]
    fn nothing_is_minus_zero() {
        assert!(round(-1e-9).is_sign_positive());
    }

    #[test]
    fn all_numbers_of_an_estimate_are_told_to_a_thousandth() {
        let told = rounded(Estimate { value: 1.23456, standard_error: 0.00049, ci95: [-0.0001, 2.0006] });
        assert_eq!(told, Estimate { value: 1.235, standard_error: 0.0, ci95: [0.0, 2.001] });
        assert!(told.ci95[0].is_sign_positive());
    }
}
