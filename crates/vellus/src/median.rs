//! Medians.

/// Median, the mean of the two middle values of an even number; `None` without values.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    (n > 0).then(|| 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]))
}

/// Median of many values, the upper one of an even number, in a time that goes with their number; reorders them. `None`
/// without values.
pub(crate) fn upper_median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// [`upper_median`] of what is given; 0 of none.
pub(crate) fn upper_median_of(values: impl IntoIterator<Item = f32>) -> f32 {
    upper_median(&mut values.into_iter().collect::<Vec<_>>()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_odd_even_and_no_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert_eq!(upper_median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(upper_median(&mut [4.0, 1.0, 2.0, 3.0]), Some(3.0));
        assert_eq!(upper_median(&mut []), None);
        assert_eq!(upper_median_of([4.0, 1.0, 2.0, 3.0]), 3.0);
        assert_eq!(upper_median_of([]), 0.0);
    }
}
