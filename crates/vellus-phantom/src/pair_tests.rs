use super::*;

fn small() -> Scene {
    Scene { width_px: 700, height_px: 560, ..Scene::default() }
}

#[test]
fn the_table_is_consistent() {
    for kind in PairKind::ALL {
        let p = pair(&small(), kind, 5);
        let t = &p.truth;
        let known = |truth: &Truth, id: u32| truth.hairs.iter().any(|h| h.id == id);
        assert_eq!(t.same_scalp, kind != PairKind::Wrong);
        for m in &t.matches {
            assert!(known(&p.baseline.truth, m.baseline) && known(&p.follow_up.truth, m.follow_up));
            assert!(!t.lost.contains(&m.baseline) && !t.gained.contains(&m.follow_up));
        }
        assert!(t.lost.iter().all(|id| known(&p.baseline.truth, *id) && !known(&p.follow_up.truth, *id)));
        assert!(t.gained.iter().all(|id| known(&p.follow_up.truth, *id) && !known(&p.baseline.truth, *id)));
        if let Some(c) = &t.change {
            let net = t.gained.len() as i64 - t.lost.len() as i64;
            // Hairs under 150 µm are in the table and not in the count.
            assert!((c.count_follow_up as i64 - c.count_baseline as i64 - net).abs() <= 2, "{kind:?}");
        }
    }
}

#[test]
fn kinds_do_what_they_say() {
    let change = |kind| pair(&small(), kind, 9).truth;
    let null = change(PairKind::Null);
    assert!(null.gained.is_empty() && null.lost.is_empty());
    assert!(null.matches.iter().all(|m| m.diameter_change_um.abs() < 0.01 && m.length_change_um.abs() < 0.1));
    assert!(change(PairKind::Loss).lost.len() > 1);
    assert!(change(PairKind::Regrowth).gained.len() > 1);
    let growth = change(PairKind::Growth);
    assert!(growth.matches.iter().all(|m| m.anagen == (m.length_change_um > 150.0)));
    let thicker = change(PairKind::Thickening).change.and_then(|c| c.matched_diameter_difference_um);
    assert!(thicker.is_some_and(|d| d > 3.0), "{thicker:?}");
}

#[test]
fn an_extraction_takes_hairs_out_and_changes_none() {
    let truth = |share| extraction(&small(), share, 9).truth;
    for (share, least, most) in [(0.0, 0.0, 0.0), (0.4, 0.2, 0.6), (1.0, 1.0, 1.0)] {
        let t = truth(share);
        let there = t.matches.iter().filter(|m| m.in_overlap).count() + t.lost.len();
        let gone = t.lost.len() as f64 / there as f64;
        assert!(there > 10 && (least..=most).contains(&gone), "{share}: {gone} of {there}");
        assert!(t.gained.is_empty());
        assert!(
            t.matches.iter().all(|m| m.diameter_change_um.abs() < 0.01 && m.length_change_um.abs() < 0.1)
        );
    }
    // Hairs that go at a small share go at a larger one, too.
    let (few, many) = (truth(0.1).lost, truth(0.3).lost);
    assert!(few.iter().all(|id| many.contains(id)), "{few:?} {many:?}");
}

#[test]
fn roots_follow_the_displacement() {
    let p = pair(&small(), PairKind::Misaligned, 2);
    let map = p.truth.affine_baseline_to_follow_up.expect("they overlap");
    let residual_px = p.truth.affine_residual_um.expect("they overlap") / p.truth.um_per_px;
    assert!((5.0..60.0).contains(&(residual_px * p.truth.um_per_px)));
    let mut checked = 0;
    for m in p.truth.matches.iter().filter(|m| m.in_overlap) {
        let root =
            |t: &Truth, id| t.hairs.iter().find(|h| h.id == id).map(|h| h.root_px).expect("in the truth");
        let (b, f) = (root(&p.baseline.truth, m.baseline), root(&p.follow_up.truth, m.follow_up));
        assert!(distance(apply(&map, b), f) < 5.0 * residual_px);
        checked += 1;
    }
    assert!(checked > 3);
}
