//! Two usual ways to read a width, on the mean cross-section along the true axis: neither has to look for the hair.
//!
//! - **Raw Steger** (1998, doi:10.1109/34.659930): the distance between the steepest points on either side, in the scale that he
//!   asks for, σ = w/√3, w half the width by the scale of the largest response (`σ^{3/2} |r″|`, Lindeberg 1998,
//!   doi:10.1023/A:1008097225773, is largest at σ = w/√1.5). His correction by tables is left out, as in the open programs.
//! - **Half maximum**: where the cross-section falls to half of its height above the skin beside it.

use vellus::plane::Plane;

use crate::bars::Bar;

/// Spacing of the samples, px.
const STEP_PX: f64 = 0.25;
/// Outermost samples of either side whose mean is the skin: 2 px.
const SKIN_SAMPLES: usize = 8;
/// Smallest scale, px: below it samples one px apart do not carry a Gaussian's derivatives.
const LEAST_SCALE_PX: f64 = 1.0;
/// Largest scale, px.
const MOST_SCALE_PX: f64 = 24.0;

/// A mean cross-section.
#[derive(Debug, Clone)]
pub struct Section {
    values: Vec<f64>,
    skin: f64,
}

impl Section {
    /// The mean over the length of a bar, less half a width at both ends, out to `flank_px` beside it.
    pub fn across(bar: &Bar, plane: &Plane, flank_px: f64) -> Self {
        let [dx, dy] = [0, 1].map(|c| bar.to[c] - bar.from[c]);
        let length = dx.hypot(dy);
        let (c, s) = (dx / length, dy / length);
        let reach = (0.5 * bar.width_px + flank_px) / STEP_PX;
        let sections = (length - bar.width_px).max(1.0) as usize;
        let value = |k: i64| {
            let t = k as f64 * STEP_PX;
            let sum: f64 = (0..sections)
                .map(|i| {
                    let along = 0.5 * bar.width_px + i as f64 + 0.5;
                    let (x, y) = (bar.from[0] + along * c - t * s, bar.from[1] + along * s + t * c);
                    f64::from(plane.sample(x as f32, y as f32))
                })
                .sum();
            sum / sections as f64
        };
        let reach = reach as i64;
        let values: Vec<f64> = (-reach..=reach).map(value).collect();
        let n = values.len();
        let skin = values[..SKIN_SAMPLES].iter().chain(&values[n - SKIN_SAMPLES..]).sum::<f64>()
            / (2 * SKIN_SAMPLES) as f64;
        Self { values, skin }
    }

    fn middle(&self) -> usize {
        self.values.len() / 2
    }

    /// The value above the skin; beyond the section there is skin.
    fn at(&self, k: i64) -> f64 {
        usize::try_from(k).ok().and_then(|k| self.values.get(k)).map_or(0.0, |value| value - self.skin)
    }

    /// The section smoothed with a derivative of a Gaussian, at a sample.
    fn smoothed(&self, k: i64, sigma_px: f64, derivative: impl Fn(f64) -> f64) -> f64 {
        let sigma = sigma_px / STEP_PX;
        let radius = (4.0 * sigma).ceil() as i64;
        let sum: f64 = (-radius..=radius)
            .map(|d| {
                let z = d as f64 / sigma;
                self.at(k - d) * derivative(z) * (-0.5 * z * z).exp()
            })
            .sum();
        sum * STEP_PX / ((2.0 * std::f64::consts::PI).sqrt() * sigma_px)
    }

    /// Width by the steepest points in Steger's scale, without his correction, px.
    pub fn raw_steger_px(&self) -> f64 {
        let middle = self.middle() as i64;
        let response =
            |sigma: f64| -self.smoothed(middle, sigma, |z| z * z - 1.0) / (sigma * sigma) * sigma.powf(1.5);
        let scales = (0..).map(|k| LEAST_SCALE_PX * 2.0_f64.powf(0.125 * f64::from(k)));
        let scale = scales
            .take_while(|&sigma| sigma <= MOST_SCALE_PX)
            .max_by(|&a, &b| response(a).total_cmp(&response(b)))
            .unwrap_or(LEAST_SCALE_PX);
        let scale = (scale / std::f64::consts::SQRT_2).max(LEAST_SCALE_PX);
        let slope = |k: i64| -self.smoothed(k, scale, |z| z) / scale;
        let reach = middle + (scale / STEP_PX) as i64;
        let steepest = |side: i64| {
            let size = |d: i64| -(side as f64) * slope(middle + side * d);
            let top = (1..=reach).max_by(|&a, &b| size(a).total_cmp(&size(b))).unwrap_or(1);
            let [before, here, after] = [top - 1, top, top + 1].map(size);
            let bend = before - 2.0 * here + after;
            let shift = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
            top as f64 + shift
        };
        STEP_PX * (steepest(-1) + steepest(1))
    }

    /// Width at half of the height, px.
    pub fn half_maximum_px(&self) -> f64 {
        let middle = self.middle() as i64;
        let half = 0.5 * (0..self.values.len()).map(|k| self.at(k as i64)).fold(0.0, f64::max);
        let edge = |side: i64| {
            let out = (1..=middle).find(|&d| self.at(middle + side * d) < half).unwrap_or(middle);
            let [inner, outer] = [out - 1, out].map(|d| self.at(middle + side * d));
            let share = if inner > outer { ((inner - half) / (inner - outer)).clamp(0.0, 1.0) } else { 1.0 };
            (out - 1) as f64 + share
        };
        STEP_PX * (edge(-1) + edge(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::opacity;

    fn section(width_px: f64, sigma_px: f64) -> Section {
        let bar = Bar { from: [30.3, 60.2], to: [150.1, 75.4], width_px, level: 0.9 };
        Section::across(&bar, &opacity(180, 140, &[bar], sigma_px), 10.0)
    }

    #[test]
    fn both_are_right_on_a_wide_sharp_bar() {
        let section = section(16.0, 0.7);
        let [steger, half] = [section.raw_steger_px(), section.half_maximum_px()];
        assert!((steger - 16.0).abs() < 0.15, "{steger}");
        assert!((half - 16.0).abs() < 0.1, "{half}");
    }

    #[test]
    fn both_are_too_wide_on_a_narrow_bar_by_what_is_known() {
        // W = 2 blurs: 1.39 times too wide at half maximum; bilinear samples add 1/6 px² to the blur.
        let blur = (1.5_f64 * 1.5 - 1.0 / 6.0).sqrt();
        let half = section(3.0, blur).half_maximum_px();
        assert!((half / 3.0 - 1.39).abs() < 0.04, "{half}");
        // By hand for a blur of √3 px: the response is largest at a scale of 1.96 px, and at that over √2 the slopes are
        // steepest 4.80 px apart.
        let blur = (3.0_f64 - 1.0 / 6.0).sqrt();
        let steger = section(3.0, blur).raw_steger_px();
        assert!((steger - 4.80).abs() < 0.1, "{steger}");
    }
}
