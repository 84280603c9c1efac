use super::*;
use crate::fixture;

#[test]
fn a_series_has_a_column_per_visit_and_the_trend() {
    let text = summary(&fixture::series(), TableStyle::default());
    let expected = "\
3 visits  ·  5.54 µm per px ± 1 % (given)
  Visit 3 against visit 1:
  Density: increase (+11.0, 4.0 to 18.0 per cm²; changes from 6.0 could be told).
  Hair diameter, same hairs: no change beyond measurement error (+0.4, −0.8 to 1.6 µm; changes from 1.5 could be told).

  Visit 1  visits/left, parietal.jpg
  Visit 2  visits/left, parietal, month 3.jpg: same site > 99.9 %, compared 33.50 mm², 83 %, residual 8.2 µm
  Visit 3  visits/left, parietal, month 6.jpg: same site > 99.9 %, compared 33.50 mm², 83 %, residual 8.2 µm

  Change from visit 1             Level at 1  Visit 2  Visit 3  Trend per visit  95 % interval
  Density, per cm²                     120.0   +4.0    +11.0 ▲            +5.40  1.52 to 9.28
  Diameter of hairs in both, µm         60.8   +0.4     +0.4              +0.20  −0.51 to 0.91
  Gained since visit 1                          3.1      3.1
  Lost since visit 1                            2.0      2.0
  ▲ increase, ▼ decrease; the others are no change beyond measurement error.
  44 hairs were found at two visits or more, 43 of them at all.
  • Visit 2: 12 % of the common area is glare.
    → Use cross-polarised light or contact fluid, and take the photo again.
";
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_trend_whose_interval_excludes_zero_shows_so() {
    let mut series = fixture::series();
    let trend = series.trends.iter_mut().find(|trend| trend.slope_per_visit.is_some());
    let slope = trend.and_then(|trend| trend.slope_per_visit.as_mut()).expect("the fixture has one");
    slope.ci95 = [0.003, 1.2];
    let text = summary(&series, TableStyle::default());
    assert!(text.contains("0.003 to 1.200"), "{text}");
}

#[test]
fn a_series_without_visits_has_no_table() {
    let series = Series { comparisons: vec![], ..fixture::series() };
    assert_eq!(summary(&series, TableStyle::default()), "");
}
