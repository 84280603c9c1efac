use super::*;

/// Light taken away along a line across the middle of a shaft, over skin · (1 − transmission): its width.
fn integrated_width(target: &Target, angle_deg: f64) -> f64 {
    let light = target.light();
    let plane = &light.planes[1];
    let w = light.width;
    let skin = target.skin[1];
    let n = rotate([0.0, 1.0], angle_deg.to_radians());
    let t = rotate([1.0, 0.0], angle_deg.to_radians());
    // All pixels whose foot lies within 60 px of the middle along the shaft: area over length.
    let middle = [0.5 * f64::from(target.width_px) + 0.31, 0.5 * f64::from(target.height_px) - 0.17];
    let mut taken = 0.0;
    for (i, v) in plane.iter().enumerate() {
        let q = [(i % w) as f64 - middle[0], (i / w) as f64 - middle[1]];
        let along = (q[0] * t[0] + q[1] * t[1]).abs();
        // The edge of the window is softened over a pixel, so that the count of rows does not step.
        let weight = (60.5 - along).clamp(0.0, 1.0);
        let across = (q[0] * n[0] + q[1] * n[1]).abs();
        if across < 40.0 {
            taken += weight * (1.0 - f64::from(*v) / skin);
        }
    }
    taken / 0.95 / 120.0
}

#[test]
fn light_taken_across_a_shaft_is_its_width() {
    for width in [1.3, 3.0, 7.77, 15.2] {
        for angle in [0.0, 7.0, 30.0, 45.0, 61.3, 90.0, 133.0] {
            let target = Target::single_shaft(width, angle);
            let got = integrated_width(&target, angle);
            assert!((got - width).abs() < 0.02, "width {width} angle {angle}: {got}");
        }
    }
}

#[test]
fn touching_shafts_leave_no_seam() {
    for angle in [0.0, 20.0, 45.0, 77.0] {
        let target = Target::two_touching([6.3, 9.1], angle);
        let got = integrated_width(&target, angle);
        assert!((got - 15.4).abs() < 0.03, "angle {angle}: {got}");
    }
}

#[test]
fn half_of_the_edge_lies_where_the_truth_says() {
    // Without blur, a vertical shaft from x = 195.0 to 205.0 px edge to edge.
    let target = Target {
        blur_sigma_px: 0.0,
        shafts: vec![Shaft::straight(1, [200.25, 20.0], [200.25, 280.0], 10.0)],
        ..Target::default()
    };
    let light = target.light();
    let opacity = |x: usize| (1.0 - f64::from(light.planes[0][150 * 400 + x]) / target.skin[0]) / 0.95;
    assert!((opacity(195) - 0.25).abs() < 1e-4, "{}", opacity(195));
    assert!((opacity(205) - 0.75).abs() < 1e-4, "{}", opacity(205));
    assert!((opacity(200) - 1.0).abs() < 1e-4 && opacity(194).abs() < 1e-4 && opacity(206).abs() < 1e-4);
}

#[test]
fn the_upper_shaft_hides_the_lower() {
    let phantom = Target::crossing([8.0, 12.0], 10.0, 70.0).photograph(1);
    let [lower, upper] = &phantom.truth.hairs[..] else { panic!("two hairs") };
    assert_eq!(upper.visible_fraction, 1.0);
    // 12 px of the upper shaft, crossed at 70 degrees, hide 12.8 of 200 px of the lower axis.
    let hidden = 200.0 * (1.0 - lower.visible_fraction);
    assert!((hidden - 12.8).abs() < 4.0, "{hidden}");
}

#[test]
fn noise_has_the_size_asked_for() {
    let target = Target { noise_sd_levels: 4.0, transfer: Transfer::Linear, ..Target::default() };
    let sd = target.photograph(3).truth.noise_sd_levels;
    // Luma of three independent channels: sqrt(0.299² + 0.587² + 0.114²) = 0.6685.
    assert!((sd / (4.0 * 0.6685) - 1.0).abs() < 0.02, "{sd}");
}

#[test]
fn a_bent_tapering_shaft_keeps_its_area() {
    // A quarter circle of radius 90 px, 12 px wide at the root and 4 px at the tip.
    let arc: Vec<PointPx> = (0..=60)
        .map(|i| {
            let v = rotate([90.0, 0.0], f64::from(i) * 1.5_f64.to_radians());
            [100.0 + v[0], 80.0 + v[1]]
        })
        .collect();
    let width_px = (0..=60).map(|i| 12.0 - 8.0 * f64::from(i) / 60.0).collect();
    let shaft = Shaft { centreline_px: arc.clone(), width_px, transmission: [0.0; 3], id: 1 };
    let target = Target { blur_sigma_px: 0.0, shafts: vec![shaft], ..Target::default() };
    let light = target.light();
    let area: f64 = light.planes[0].iter().map(|v| 1.0 - f64::from(*v) / target.skin[0]).sum();
    let want = crate::geometry::length(&arc) * 8.0;
    assert!((area / want - 1.0).abs() < 0.002, "{area} {want}");
}
