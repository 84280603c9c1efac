use super::*;
use crate::profile::Blur;

/// Shafts on skin: from, to, width, px; edges blurred by 1 px; opacity 0.9.
fn plane(shafts: &[([f32; 2], [f32; 2], f32)]) -> Plane {
    let mut plane = Plane::filled(160, 120, 0.0);
    for y in 0..120 {
        for x in 0..160 {
            let open: f32 = shafts
                .iter()
                .map(|&(from, to, width)| {
                    let at = Axis::new(vec![from, to]).place([x as f32, y as f32]);
                    1.0 - 0.9 * share(at, 0.5 * width, 1.0)
                })
                .product();
            plane.data[y * 160 + x] = 1.0 - open;
        }
    }
    plane
}

fn measured(plane: &Plane, drawn: &[[[f32; 2]; 2]]) -> Vec<Measured> {
    let evidence = PhotoEvidence {
        opacity: plane,
        analysed_px: [0, 0, plane.width, plane.height],
        blur: Blur::usual(1.0),
        usual_level: 0.9,
        faintest_level: 0.06,
    };
    let drawn: Vec<Drawn> = drawn.iter().map(|course| Drawn { course: course.to_vec() }).collect();
    measure_drawn(&drawn, &[], &evidence, &vec![true; 160 * 120], 40.0)
}

#[test]
fn a_course_beside_the_shaft_is_moved_onto_it() {
    for width in [3.0, 6.0, 12.0, 20.0] {
        let plane = plane(&[([30.0, 40.0], [120.0, 80.0], width)]);
        let [one] = &measured(&plane, &[[[31.5, 36.0], [118.0, 82.5]]])[..] else { panic!("one") };
        let read = one.width.expect("a width");
        assert!((read.mean_px - width).abs() < 0.3, "{width}: {read:?}");
        let middle = one.axis[one.axis.len() / 2];
        let off = Axis::new(vec![[30.0, 40.0], [120.0, 80.0]]).place(middle).across;
        assert!(off.abs() < 0.5, "{width}: {off}");
    }
}

#[test]
fn two_that_touch_are_told_apart() {
    let truth = [([20.0, 50.0], [120.0, 50.0], 9.0), ([20.0, 60.0], [120.0, 58.0], 7.0)];
    let plane = plane(&truth);
    let read = measured(&plane, &[[[20.0, 48.0], [120.0, 49.0]], [[20.0, 63.0], [120.0, 60.0]]]);
    for (one, (_, _, width)) in read.iter().zip(truth) {
        let read = one.width.expect("a width");
        assert!((read.mean_px - width).abs() < 2.0 * read.se_px.max(0.3), "{width}: {read:?}");
    }
}

#[test]
fn bare_skin_has_no_width() {
    let plane = plane(&[([30.0, 20.0], [120.0, 20.0], 8.0)]);
    let [one] = &measured(&plane, &[[[30.0, 80.0], [120.0, 90.0]]])[..] else { panic!("one") };
    assert_eq!(one.width, None);
    assert_eq!(one.axis[0], [30.0, 80.0]);
}

#[test]
fn what_is_drawn_backwards_is_the_same_shaft() {
    let plane = plane(&[([30.0, 40.0], [120.0, 80.0], 6.0)]);
    let [a] = &measured(&plane, &[[[31.0, 38.0], [118.0, 82.0]]])[..] else { panic!("one") };
    let [b] = &measured(&plane, &[[[118.0, 82.0], [31.0, 38.0]]])[..] else { panic!("one") };
    let (a, b) = (a.width.expect("a width"), b.width.expect("a width"));
    assert!((a.mean_px - b.mean_px).abs() < 0.05, "{a:?} {b:?}");
}

#[test]
fn a_place_by_an_axis_is_that_of_its_nearest_piece() {
    // A curl that comes near itself.
    let points: Vec<[f32; 2]> = (0..200)
        .map(|k| {
            let angle = 0.05 * k as f32;
            let radius = 20.0 + 0.15 * k as f32;
            [80.0 + radius * libm::cosf(angle), 60.0 + radius * libm::sinf(angle)]
        })
        .collect();
    let axis = Axis::new(points.clone());
    for y in (0..120).step_by(3) {
        for x in (0..160).step_by(3) {
            let p = [x as f32, y as f32];
            let piece = |k: usize| {
                let one = Axis::new(points[k..k + 2].to_vec()).place(p);
                let beyond = (one.along - one.length).max(-one.along).max(0.0);
                libm::hypotf(one.across, beyond)
            };
            let nearest = (0..points.len() - 1).map(piece).fold(f32::MAX, f32::min);
            let at = axis.place(p);
            let beyond = (at.along - at.length).max(-at.along).max(0.0);
            let off = libm::hypotf(at.across, beyond);
            assert!((off - nearest).abs() < 0.01, "{p:?}: {off} {nearest}");
        }
    }
}
