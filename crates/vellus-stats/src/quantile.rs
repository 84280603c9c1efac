//! Quantiles of Fisher's F, also with few and with broken degrees of freedom.
//!
//! `statrs` 0.19 searches the quantile of the beta distribution by steps that fail below about one degree of freedom. Its
//! distribution function holds there, so that the quantile is found by bisection of that, over the logarithm.

use statrs::function::beta::checked_beta_reg;

/// ln (df1 F / df2) runs from minus to plus this: beyond, F is 0 or infinite as a number.
const MOST_LN_ODDS: f64 = 700.0;

/// The F that is exceeded with probability `beyond`; 0 or infinite where it is no number. `None` unless both degrees of
/// freedom are above 0.
pub fn f_exceeded(beyond: f64, df1: f64, df2: f64) -> Option<f64> {
    if ![df1, df2].iter().all(|df| df.is_finite() && *df > 0.0) {
        return None;
    }
    let (mut low, mut high) = (-MOST_LN_ODDS, MOST_LN_ODDS);
    if exceeding(low, df1, df2)? <= beyond {
        return Some(0.0);
    }
    if exceeding(high, df1, df2)? >= beyond {
        return Some(f64::INFINITY);
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Some((middle + df2.ln() - df1.ln()).exp());
        }
        if exceeding(middle, df1, df2)? > beyond { low = middle } else { high = middle }
    }
}

/// Probability of more than such odds df1 F / df2: df1 F / (df1 F + df2) has the beta distribution with df1 / 2 and df2 / 2 (Abramowitz and
/// Stegun 1964, 26.6.2). Of the share and its complement the smaller one is given, which has all its digits.
fn exceeding(ln_odds: f64, df1: f64, df2: f64) -> Option<f64> {
    if ln_odds > 0.0 {
        checked_beta_reg(0.5 * df2, 0.5 * df1, 1.0 / (1.0 + ln_odds.exp())).ok()
    } else {
        Some(1.0 - checked_beta_reg(0.5 * df1, 0.5 * df2, 1.0 / (1.0 + (-ln_odds).exp())).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabled_points() {
        // The usual table: 5 % beyond 161.4 with (1, 1), beyond 4.10 with (2, 10).
        let f = |df1, df2| f_exceeded(0.05, df1, df2).expect("a quantile");
        assert!((f(1.0, 1.0) - 161.447_638_797_588).abs() < 1e-8);
        assert!((f(2.0, 10.0) - 4.102_821_015_130_4).abs() < 1e-10);
        // Of one and of the other way round.
        assert!((f_exceeded(0.95, 3.0, 0.05).expect("a quantile") * f(0.05, 3.0) - 1.0).abs() < 1e-9);
        assert_eq!(f_exceeded(0.025, 9.0, 1e-4), Some(f64::INFINITY));
        assert_eq!(f_exceeded(0.025, 1e-5, 9.0), Some(0.0));
        assert_eq!(f_exceeded(0.025, 0.0, 9.0), None);
        assert_eq!(f_exceeded(0.025, f64::NAN, 9.0), None);
    }
}
