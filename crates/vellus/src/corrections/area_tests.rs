use super::*;

const SIDE: usize = 40;

fn taken(corners: &[PointPx]) -> usize {
    let mut scalp = vec![true; SIDE * SIDE];
    mask(&mut scalp, SIDE, &[corners.to_vec()]);
    for (i, flag) in scalp.iter().enumerate() {
        let p = [(i % SIDE) as f64, (i / SIDE) as f64];
        assert_eq!(!flag, holds(corners, p), "{p:?}: pixels and roots are judged alike");
    }
    scalp.iter().filter(|flag| !**flag).count()
}

#[test]
fn an_outline_that_goes_round_twice_takes_out_what_one_lap_does() {
    let lap = [[5.5, 5.5], [25.5, 5.5], [25.5, 15.5], [5.5, 15.5]];
    assert_eq!(taken(&lap), 200);
    assert_eq!(taken(&[lap, lap].concat()), 200);
    let back: Vec<PointPx> = lap.iter().rev().copied().collect();
    assert_eq!(taken(&back), 200, "either way round");
}

#[test]
fn a_lasso_that_crosses_itself_takes_out_its_loop_and_its_overlap() {
    // Two squares of 10 × 10 px, overlapping by 5 × 5, in one stroke.
    let lasso = [
        [0.5, 0.5],
        [10.5, 0.5],
        [10.5, 10.5],
        [0.5, 10.5],
        [0.5, 0.5],
        [5.5, 5.5],
        [15.5, 5.5],
        [15.5, 15.5],
        [5.5, 15.5],
        [5.5, 5.5],
    ];
    assert_eq!(taken(&lasso), 175);
    let eight = [[0.5, 0.5], [20.5, 20.5], [20.5, 0.5], [0.5, 20.5]];
    assert!(taken(&eight) > 150, "both halves of an eight");
}
