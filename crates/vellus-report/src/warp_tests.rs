use super::*;
use crate::fixture;

#[test]
fn the_warp_passes_through_its_supports_and_near_the_truth_between_them() {
    let registration = fixture::comparison().registration;
    let warp = Warp::new(&registration, fixture::WIDTH, fixture::HEIGHT);
    let distance = |a: PointPx, b: PointPx| ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt();
    for point in &registration.warp {
        // The supports stand on corners of the lattice.
        assert!(distance(warp.to_follow_up(point.baseline_px), point.follow_up_px) < 1e-3);
    }
    for place in [[300.0, 200.0], [641.0, 513.0], [1000.5, 777.0], [130.0, 905.0]] {
        // The local part is up to 6 px; half-way between supports 128 px apart little of it is left.
        let error = distance(warp.to_follow_up(place), fixture::follow_up_place(place));
        assert!(error < 0.5, "{error} px at {place:?}");
    }
}

#[test]
fn the_way_back_ends_where_it_began() {
    let warp = Warp::new(&fixture::comparison().registration, fixture::WIDTH, fixture::HEIGHT);
    for place in [[0.0, 0.0], [640.0, 512.0], [1279.0, 1023.0], [-50.0, 400.0]] {
        let back = warp.to_baseline(warp.to_follow_up(place));
        assert!((back[0] - place[0]).abs() < 1e-6 && (back[1] - place[1]).abs() < 1e-6, "{back:?}");
    }
    assert!((warp.scale_to_baseline() - 1.0).abs() < 1e-3);
}

#[test]
fn without_a_local_part_the_map_is_affine() {
    let mut registration = fixture::comparison().registration;
    registration.warp.clear();
    let warp = Warp::new(&registration, 10, 10);
    assert_eq!(warp.to_follow_up([0.0, 0.0]), [90.0, -60.0]);
}
