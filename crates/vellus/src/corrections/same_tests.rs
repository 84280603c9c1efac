use super::*;

fn is(a: &[PointPx], b: &[PointPx], reach: f64) -> bool {
    let both = [Line::new(a), Line::new(b)];
    assert_eq!(both[0].is(&both[1], reach), both[1].is(&both[0], reach), "whichever is asked");
    both[0].is(&both[1], reach)
}

#[test]
fn one_course_drawn_twice_is_one_hair() {
    let hair = [[20.0, 30.0], [60.0, 50.0], [120.0, 60.0]];
    assert!(is(&hair, &[[21.0, 32.0], [119.0, 61.0]], 6.0));
    assert!(is(&hair, &[[120.0, 60.0], [60.0, 50.0], [20.0, 30.0]], 1.0), "backwards");
    assert!(is(&hair, &[[60.0, 50.0], [90.0, 55.0]], 2.0), "a piece of it");
    assert!(is(&[[0.0, 0.0], [20_000.0, 15_000.0]], &[[0.0, 3.0], [20_000.0, 15_000.0]], 6.0), "a long one");
}

#[test]
fn hairs_that_cross_fork_touch_or_follow_are_two() {
    let hair = [[20.0, 50.0], [120.0, 50.0]];
    assert!(!is(&hair, &[[70.0, 10.0], [72.0, 90.0]], 6.0), "cross");
    assert!(!is(&hair, &[[20.0, 50.0], [110.0, 80.0]], 6.0), "fork");
    assert!(!is(&hair, &[[20.0, 60.0], [120.0, 60.0]], 6.0), "touch");
    assert!(!is(&hair, &[[110.0, 50.0], [220.0, 50.0]], 6.0), "follow");
}
