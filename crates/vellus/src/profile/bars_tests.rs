use super::super::section::{Bin, Expected};
use super::*;

/// Three bars, the first two of which overlap, the last of which lies on the second; what they let see in bins.
fn stack() -> Stack {
    let bar =
        |centre_px: f32, half_px: f32, level: f32| Expected { centre_px, half_px, level, smear_px2: 0.1 };
    let bars = vec![bar(0.3, 3.0, 0.8), bar(5.0, 2.5, 0.7), bar(6.0, 0.8, 0.5)];
    let bins = (-48_i16..=48).map(|k| Bin { t_px: 0.25 * f32::from(k), mean: 0.0, n: 10.0 }).collect();
    Stack { bins, within: 1.0, length_px: 40.0, bars }
}

const FREE: Freedom = Freedom { level: None, blur_sd_px: f64::INFINITY, half_sd_px: f64::INFINITY };

#[test]
fn slopes_are_those_of_the_model() {
    let stack = stack();
    let solver = Solver::<3, 12>::new(&stack, 1.2, FREE).expect("there is enough to fit");
    const STEP: f64 = 1e-5;
    for k in 0..60 {
        let t = -11.7 + 0.39 * f64::from(k);
        let (value, slopes) = solver.model(&solver.start, t);
        assert!((value - solver.value(&solver.start, t)).abs() < 1e-12);
        for i in 0..12 {
            let at = |by: f64| {
                let mut p = solver.start;
                p[i] += by;
                solver.value(&p, t)
            };
            let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((numeric - slopes[i]).abs() < 1e-7, "parameter {i} at {t}: {numeric} for {}", slopes[i]);
        }
    }
}

#[test]
fn three_bars_that_overlap_are_found_from_a_rough_start() {
    let mut stack = stack();
    let solver = Solver::<3, 12>::new(&stack, 1.2, FREE).expect("there is enough to fit");
    let seen: Vec<f32> =
        stack.bins.iter().map(|bin| solver.value(&solver.start, f64::from(bin.t_px)) as f32).collect();
    for (bin, seen) in stack.bins.iter_mut().zip(seen) {
        bin.mean = seen;
    }
    stack.bars[0].half_px = 3.4;
    stack.bars[1].centre_px = 4.7;
    let found = fit(&stack, 1.0, FREE).expect("there is enough to fit");
    assert!((found.width_px - 6.0).abs() < 0.05, "{found:?}");
    assert!((found.level - 0.8).abs() < 0.01, "{found:?}");
    assert!(found.width_se_px > 0.0, "{found:?}");
}

#[test]
fn what_is_no_number_is_no_fit() {
    let mut stack = stack();
    stack.bins[40].mean = f32::NAN;
    assert!(fit(&stack, 1.2, FREE).is_none());
    let mut stack = self::stack();
    stack.bars[0].level = f32::NAN;
    assert!(fit(&stack, 1.2, FREE).is_none());
}
