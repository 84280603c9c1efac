use super::*;

fn drawn(plot: &Plot) -> String {
    plot.render().expect("a chart can be drawn")
}

#[test]
fn scales_are_whole_steps_around_the_range() {
    assert_eq!(scale([0.0, 11.0], 5.0).0, [0.0, 15.0]);
    let (range, ticks) = scale([-0.03, 0.21], 5.0);
    assert!(range[0] <= -0.03 && range[1] >= 0.21, "{range:?}");
    assert_eq!(ticks.first().map(|tick| tick.1.as_str()), Some("−0.05"));
    assert_eq!(scale([3.0, 3.0], 5.0).0, [2.4000000000000004, 3.6]);
    assert!(!scale([f64::NAN, f64::INFINITY], 5.0).1.is_empty());
}

#[test]
fn a_bar_stands_on_zero_and_has_its_height() {
    let titles = ["µm".to_owned(), "hairs".to_owned()];
    let mut plot = Plot::new("Diameters".to_owned(), titles, [0.0, 100.0], [0.0, 10.0]).x_scale();
    plot.bar([0.0, 50.0], 5.0, "v", "5".to_owned());
    // Half of 234 units.
    assert!(drawn(&plot).contains(r#"height="117""#), "{}", drawn(&plot));
}

#[test]
fn names_are_escaped() {
    let titles = ["<b>".to_owned(), String::new()];
    let plot = Plot::new("a\"<script>".to_owned(), titles, [0.0, 1.0], [0.0, 1.0]);
    assert!(!drawn(&plot).contains("<script>") && !drawn(&plot).contains("<b>"), "{}", drawn(&plot));
}
