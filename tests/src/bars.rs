//! Opacity planes of blurred bars in closed form, to feed the stages behind the contrast.

use vellus::evidence::evidence;
use vellus::plane::Plane;
use vellus::ribbon::Ribbon;
use vellus::shafts::Shaft;
use vellus::track::TrackEnd;

use crate::line::{Point, resampled};

/// Share of a pixel at distance `t` from the axis of a bar of width `width_px` blurred by `sigma_px`.
fn blurred_bar(t: f64, width_px: f64, sigma_px: f64) -> f64 {
    // Abramowitz and Stegun 7.1.26, good to 1.5e-7; not the library's own, so that it cannot share its faults.
    let erf = |z: f64| {
        let k = 1.0 / (1.0 + 0.327_591_1 * z.abs());
        let poly = k
            * (0.254_829_592
                + k * (-0.284_496_736 + k * (1.421_413_741 + k * (-1.453_152_027 + k * 1.061_405_429))));
        (1.0 - poly * (-z * z).exp()).copysign(z)
    };
    let step = |v: f64| 0.5 + 0.5 * erf(v / sigma_px / std::f64::consts::SQRT_2);
    step(t + 0.5 * width_px) - step(t - 0.5 * width_px)
}

/// A straight bar: its ends, width, opacity.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    /// Middle of one end, px.
    pub from: Point,
    /// Middle of the other end, px.
    pub to: Point,
    /// Width, px.
    pub width_px: f64,
    /// Opacity, 0 to 1.
    pub level: f64,
}

/// Blurs beyond the edge of a bar where nothing of it is left: 1e-9.
const REACH_SIGMAS: f64 = 6.0;

/// Opacity of blurred bars, sampled at the pixels' centres; where bars meet the more opaque one is seen.
pub fn opacity(width: usize, height: usize, bars: &[Bar], sigma_px: f64) -> Plane {
    let mut plane = Plane::filled(width, height, 0.0);
    for (i, value) in plane.data.iter_mut().enumerate() {
        let (x, y) = ((i % width) as f64, (i / width) as f64);
        for bar in bars {
            let [dx, dy] = [0, 1].map(|c| bar.to[c] - bar.from[c]);
            let length = dx.hypot(dy);
            let (px, py) = (x - bar.from[0], y - bar.from[1]);
            let along = (px * dx + py * dy) / length;
            let across = (py * dx - px * dy) / length;
            if across.abs() > 0.5 * bar.width_px + REACH_SIGMAS * sigma_px {
                continue;
            }
            let share = blurred_bar(across, bar.width_px, sigma_px)
                * blurred_bar(along - 0.5 * length, length, sigma_px);
            *value = value.max((bar.level * share) as f32);
        }
    }
    plane
}

/// The bars as the shafts that a faultless search would hand on.
pub fn as_shafts(bars: &[Bar], opacity: &Plane) -> Vec<Shaft> {
    bars.iter()
        .map(|bar| {
            let axis: Vec<[f32; 2]> =
                resampled(&[bar.from, bar.to], 2.0).iter().map(|p| p.map(|v| v as f32)).collect();
            let n = axis.len();
            let mut ribbon = Ribbon {
                axis,
                width_px: vec![bar.width_px as f32; n],
                edges: vec![[true; 2]; n],
                level: bar.level as f32,
                ends: [TrackEnd::Open; 2],
                cover: Vec::new(),
            };
            ribbon.lay(opacity.width, opacity.height);
            let evidence = evidence(&ribbon, opacity, |x, y| opacity.sample(x, y));
            Shaft { ribbon, evidence, margin: 5.0, log_odds: 3.0 }
        })
        .collect()
}
