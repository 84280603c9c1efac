use super::*;

#[test]
fn points_on_a_line_go_and_bends_stay() {
    let straight: Vec<Point> = (0..20).map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect();
    assert_eq!(simplified(&straight), vec![[0.0, 0.0], [19.0, 38.0]]);
    let bent: Vec<Point> = (0..60).map(|i| [f64::from(i), 0.01 * f64::from(i * i)]).collect();
    let kept = simplified(&bent);
    assert!(kept.len() > 3 && kept.len() < 20, "{}", kept.len());
    for point in &bent {
        let off = kept.windows(2).map(|pair| distance(*point, pair[0], pair[1])).fold(f64::MAX, f64::min);
        assert!(off <= TOLERANCE_PX + 1e-9, "{off}");
    }
}

#[test]
fn an_outline_has_the_width_of_the_shaft() {
    let points = outline(&[[0.0, 0.0], [10.0, 0.0]], 2.0);
    assert_eq!(points, vec![[0.0, 2.0], [10.0, 2.0], [10.0, -2.0], [0.0, -2.0]]);
    assert_eq!(path(&points, true), "M0 2L10 2L10 -2L0 -2Z");
    assert_eq!(path(&[[0.04, 1.26], [-0.01, 3.0]], false), "M0 1.3L0 3");
    assert_eq!(simplified(&[]), Vec::<Point>::new());
    assert!(outline(&[[1.0, 1.0]], 1.0).iter().flatten().all(|v| v.is_finite()));
}
