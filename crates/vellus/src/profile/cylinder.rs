//! From the bar that fits a shaft's picture to the shaft: a cylinder, through which some light passes.

/// How far a shaft that light passes seems narrower, between none, as of a ribbon, and all that a clear cylinder loses: what its
/// surface mirrors and its cortex scatters darkens the edges again. Our own drawn scalps ask for 0.2 to 0.35, others' for 0.6.
const CLEARNESS: f32 = 0.4;
/// Opacities from which and beyond which that is so: at 0.4 both read widths right as they are.
const CLEAR_FROM: [f32; 2] = [0.4, 0.65];
/// How far a pale shaft seems wider, whose middle shines and whose edges are dark: by 8 and 6 % of 110 and 60 blond hairs, …
const PALE_WIDER: f32 = 0.06;
/// … beyond which opacity not, and below which fully.
const PALE_FROM: [f32; 2] = [0.45, 0.3];
/// Opacity of what lets nothing pass: stray light and the surface's own shine leave black targets and black hair no darker. A level
/// above it tells no more than one that lets this share pass.
const BLACK: f32 = 0.94;
const LEAST_PASSED: f32 = 1e-4;

/// Width of a shaft over the width of the bar that fits it, by its opacity: towards the edges of a cylinder light passes less of it.
/// By Lambert and Beer's law a chord of the share q of the diameter lets `passed^q` pass, q = √(1 − u²) at u radii from the axis; the
/// edge of the bar is where half of the opacity is left.
pub(super) fn of_bar(level: f32) -> f32 {
    let between = |[none, all]: [f32; 2]| ((level - none) / (all - none)).clamp(0.0, 1.0);
    let passed = (1.0 - level.max(CLEAR_FROM[0]) / BLACK).max(LEAST_PASSED);
    let chord = libm::logf(0.5 * (1.0 + passed)) / libm::logf(passed);
    let lost = 1.0 / (1.0 - chord * chord).sqrt() - 1.0;
    1.0 + CLEARNESS * between(CLEAR_FROM) * lost - PALE_WIDER * between(PALE_FROM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_black_shaft_is_a_bar_and_a_brown_one_is_wider_than_its_bar() {
        assert!((of_bar(0.95) - 1.0).abs() < 0.002, "{}", of_bar(0.95));
        // By hand: of 0.7, 0.2553 pass; 0.2553^q = 0.6277 at q = 0.341, u = 0.940; four tenths of what is beyond.
        assert!((of_bar(0.7) - (1.0 + 0.4 * (1.0 / 0.940 - 1.0))).abs() < 0.001, "{}", of_bar(0.7));
        // A blond one has dark edges.
        assert!(of_bar(0.25) < 0.95);
        let levels = (0..200).map(|k| of_bar(0.005 * k as f32));
        let steps: Vec<f32> = levels.clone().zip(levels.skip(1)).map(|(a, b)| (a - b).abs()).collect();
        assert!(steps.iter().all(|&step| step < 0.006), "no width jumps with the level");
    }
}
