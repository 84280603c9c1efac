use super::*;

fn small(name: &str) -> Scene {
    let scene = Scene::named(name).expect(name);
    Scene { width_px: 360, height_px: 300, ..scene }
}

#[test]
fn every_scene_renders_and_tells_its_truth() {
    for name in Scene::names() {
        let phantom = draw(&small(name), 3);
        assert_eq!(phantom.image.dimensions(), (360, 300), "{name}");
        assert_eq!(phantom.truth.hairs.is_empty(), *name == "empty_skin", "{name}");
        let text = serde_json::to_string(&phantom.truth).expect(name);
        let back: Truth = serde_json::from_str(&text).expect(name);
        assert_eq!(back.hairs.len(), phantom.truth.hairs.len());
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let scene = small("dirty");
    let (a, b) = (draw(&scene, 4), draw(&scene, 4));
    assert_eq!(a, b);
    let bytes = |p: &Phantom| encode(&p.image, Encoding::Jpeg { quality: 90 }).expect("jpeg");
    assert_eq!(bytes(&a), bytes(&b));
    assert_ne!(draw(&scene, 5).image, a.image);
}

#[test]
fn another_shot_moves_no_hair() {
    let scene = small("clipped_typical");
    let (scalp, visit) = (grow(&scene, 4), Visit::new(&scene, 4));
    let (a, b) = (photograph(&scalp, &visit, 1), photograph(&scalp, &visit, 2));
    assert_ne!(a.image, b.image);
    assert_eq!(a.truth.hairs.len(), b.truth.hairs.len());
    for (x, y) in a.truth.hairs.iter().zip(&b.truth.hairs) {
        assert_eq!(x.polyline_px, y.polyline_px);
    }
}

#[test]
fn axes_lie_on_dark_pixels() {
    let phantom = draw(&small("clipped_easy"), 11);
    let luma = |p: [f64; 2]| {
        let [r, g, b] = phantom.image.get_pixel(libm::round(p[0]) as u32, libm::round(p[1]) as u32).0;
        0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
    };
    let mut checked = 0;
    for hair in phantom.truth.hairs.iter().filter(|h| h.diameter_um > 50.0) {
        // Away from the ends, where the shaft leaves the skin or is cut.
        let n = hair.polyline_px.len();
        for i in 10..n.saturating_sub(4) {
            if hair.visible[i] {
                let level = luma(hair.polyline_px[i]);
                assert!(level < 100.0, "hair {} vertex {i}: {level}", hair.id);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn truth_is_complete() {
    let phantom = draw(&small("unclipped_dense"), 6);
    let t = &phantom.truth;
    assert!((t.area_mm2 - 360.0 * 300.0 * 25e-6).abs() < 1e-9);
    for h in &t.hairs {
        let n = h.polyline_px.len();
        assert!(h.vertex_diameter_um.len() == n && h.in_frame.len() == n && h.visible.len() == n);
        assert!(h.visible_length_um <= h.length_um + 0.01 && h.length_um <= h.full_length_um + 0.01);
        assert!((h.diameter_um >= 30.0) == (h.class == truth::TruthClass::Terminal));
    }
    for unit in &t.follicular_units {
        assert!(unit.hairs.iter().all(|id| t.hairs.iter().any(|h| h.id == *id && h.fu == Some(unit.id))));
    }
    assert!(t.hairs.iter().any(|h| h.visible_fraction < 1.0), "dense long hair hides some of itself");
}

#[test]
fn marks_wider_than_the_photo_are_cut() {
    use crate::scene::ScaleMarkKind::{Bar, Corner, Ruler};
    for kind in [Bar, Corner, Ruler] {
        let scene = Scene {
            width_px: 60,
            height_px: 50,
            caption: Some("1280X1024  70x".into()),
            scale_mark: Some(kind),
            ..small("clipped_easy")
        };
        let phantom = draw(&scene, 3);
        assert_eq!(phantom.image.dimensions(), (60, 50), "{kind:?}");
    }
}
