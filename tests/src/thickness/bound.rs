//! The least spread that an unbiased reading of a bar's width can have (Cramér 1946, Rao 1945).
//!
//! Every pixel is the model `b(t) + a [Φ((t − c + W/2)/s) − Φ((t − c − W/2)/s)]` and independent noise of standard deviation σ,
//! t its distance from the axis, s known; centre c, width W, opacity a and the background on either side, between which b runs
//! straight, are free. The Fisher information of a length L is `L/σ² ∫ g gᵀ dt`, g the model's slopes, as there is one pixel per
//! px²; the bound is the root of the place of W in its inverse.

use nalgebra::{SMatrix, SVector};

/// What there is to see of a bar.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Width, px.
    pub width_px: f64,
    /// Standard deviation of the blur, px.
    pub blur_sigma_px: f64,
    /// Opacity over the noise of a pixel.
    pub contrast_to_noise: f64,
    /// Length that is used, px.
    pub length_px: f64,
    /// Skin that is used on either side, px.
    pub flank_px: f64,
}

/// Step of the integral, px.
const STEP_PX: f64 = 0.02;

/// The bound on the standard deviation of the width, px; infinite where the parameters cannot be told from each other.
pub fn width_sd_px(seen: &Seen) -> f64 {
    let (half, s) = (0.5 * seen.width_px, seen.blur_sigma_px);
    let reach = half + seen.flank_px;
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let steps = (2.0 * reach / STEP_PX).ceil() as usize;
    let step = 2.0 * reach / steps as f64;
    let mut information = SMatrix::<f64, 5, 5>::zeros();
    // The share of the bar at t, by summing its slope along.
    let mut share = 0.0;
    for k in 0..steps {
        let t = (k as f64 + 0.5) * step - reach;
        let (gu, gv) = (density((t + half) / s) / s, density((t - half) / s) / s);
        share += (gu - gv) * step;
        let right = 0.5 + 0.5 * t / reach;
        let slopes = SVector::from([gv - gu, 0.5 * (gu + gv), share, 1.0 - right, right]);
        information += step * slopes * slopes.transpose();
    }
    information *= seen.length_px * seen.contrast_to_noise.powi(2);
    information.try_inverse().map_or(f64::INFINITY, |inverse| inverse[(1, 1)].sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_bar_has_two_edges_each_as_well_known_as_one_alone() {
        // With long flanks and a wide bar all but the edges is known: Var(W) = 4 √π s / (L C²), as both edges have
        // Var = 2 √π s / (L C²) each.
        let seen = Seen {
            width_px: 400.0,
            blur_sigma_px: 1.2,
            contrast_to_noise: 10.0,
            length_px: 80.0,
            flank_px: 400.0,
        };
        let by_hand = (4.0 * std::f64::consts::PI.sqrt() * 1.2 / (80.0 * 100.0)).sqrt();
        let bound = width_sd_px(&seen);
        assert!((bound / by_hand - 1.0).abs() < 0.01, "{bound} for {by_hand}");
    }

    #[test]
    fn it_is_what_the_project_tabled_for_300_um() {
        // A width of 30 µm at 5 µm per px, blur 6 µm, 300 µm of length: 0.28 µm with long flanks.
        let seen = Seen {
            width_px: 6.0,
            blur_sigma_px: 1.2,
            contrast_to_noise: 10.0,
            length_px: 60.0,
            flank_px: 30.0,
        };
        let bound_um = 5.0 * width_sd_px(&seen);
        assert!((bound_um - 0.28).abs() < 0.03, "{bound_um}");
    }
}
