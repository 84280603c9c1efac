//! What speaks for a ribbon being a hair.
//!
//! [`Ribbon`] + opacity → [`Evidence`]: plain figures, each with a meaning that a reader of the overlay can check by eye.

use crate::plane::Plane;
use crate::ribbon::Ribbon;

/// Figures of one ribbon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Opacity of the shaft, its median over the middle of the ribbon.
    pub level: f32,
    /// Fall of the opacity over the edges in sight, as a share of `level`; 1 for a shaft on bare skin.
    pub contrast: f32,
    /// Standard deviation of the opacity along the middle of the shaft, as a share of `level`.
    pub unevenness: f32,
    /// Edges in sight per edge there is.
    pub edges_seen: f32,
    /// Distance of the axis from its best parabola, root mean square, in widths.
    pub wobble: f32,
    /// Angle between the two ends of the axis, radians per length of ten widths.
    pub bend: f32,
    /// Length in widths.
    pub slenderness: f32,
    /// Length, px.
    pub length_px: f32,
    /// Width, px.
    pub width_px: f32,
}

impl Evidence {
    /// Log-odds of being a hair; `margin` is the area that only it explains, in its own widths squared.
    ///
    /// Hair is dark, evenly so along its course, with two clear edges, and straight or simply bent; what collects at
    /// a root (debris, the halo of melanin under the skin) is pale, uneven and ragged, and the paler the wider. A
    /// logistic regression of true against false shafts over all scenes, its weights rounded; the shares by decile of
    /// every single figure rise or fall as the signs say.
    pub fn log_odds(&self, margin: f32, um_per_px: f32) -> f32 {
        let width = libm::logf((self.width_px * um_per_px).max(1.0) / 60.0);
        let length = libm::logf((self.length_px * um_per_px).max(1.0) / 400.0);
        -7.5 + 0.64 * margin.min(6.0)
            + (5.3 - 1.1 * width) * self.level
            - (2.6 + 2.5 * width) * self.unevenness
            + 5.6 * self.edges_seen
            - 2.0 * self.contrast.clamp(-0.5, 1.0)
            - 21.0 * self.wobble.min(0.15)
            - 4.5 * self.bend.min(1.0)
            + 0.5 * length
            + 1.8 * width
    }
}

/// Distance from the edge at which inside and outside are read, px: outside the reach of a lens blur of 1.2 px.
const EDGE_PX: f32 = 2.0;
/// Least fall at an edge in sight, as a share of the opacity.
const EDGE_SHARE: f32 = 0.35;

/// Gathers the evidence for a ribbon; `others` is the opacity that all other ribbons explain.
pub fn evidence(ribbon: &Ribbon, opacity: &Plane) -> Evidence {
    let n = ribbon.axis.len();
    let mut core = Vec::with_capacity(n);
    let mut falls = Vec::new();
    for k in 0..n {
        let [x, y] = ribbon.axis[k];
        let (a, b) = (ribbon.axis[k.saturating_sub(1)], ribbon.axis[(k + 1).min(n - 1)]);
        let (tx, ty) = (b[0] - a[0], b[1] - a[1]);
        let length = tx.hypot(ty).max(1e-6);
        let (c, s) = (tx / length, ty / length);
        let half = 0.5 * ribbon.width_px[k];
        let across = |t: f32| opacity.sample(x - t * s, y + t * c);
        let middle = (across(-0.4 * half) + across(0.0) + across(0.4 * half)) / 3.0;
        core.push(middle);
        for side in [-1.0, 1.0] {
            let inside = across(side * (half - EDGE_PX).max(0.3 * half)).max(middle);
            falls.push(inside - across(side * (half + EDGE_PX)));
        }
    }
    let level = crate::track::median(core.clone()).max(1e-3);
    let mean = core.iter().sum::<f32>() / n as f32;
    let variance = core.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n as f32;
    let length_px = ribbon.length_px();
    let width_px = ribbon.mean_width_px();
    let (wobble, bend) = shape(&ribbon.axis);
    let seen = falls.iter().filter(|&&fall| fall > EDGE_SHARE * level).count() as f32 / falls.len() as f32;
    Evidence {
        level,
        contrast: crate::track::median(falls) / level,
        unevenness: variance.sqrt() / level,
        edges_seen: seen,
        wobble: wobble / width_px,
        bend: bend * 10.0 * width_px / length_px.max(1.0),
        slenderness: length_px / width_px,
        length_px,
        width_px,
    }
}

/// Root mean square distance from the best parabola over the chord, px, and the angle between its ends, radians.
fn shape(axis: &[[f32; 2]]) -> (f32, f32) {
    let n = axis.len();
    let (a, b) = (axis[0], axis[n - 1]);
    let chord = (b[0] - a[0]).hypot(b[1] - a[1]);
    if n < 4 || chord < 1.0 {
        return (0.0, 0.0);
    }
    let (c, s) = ((b[0] - a[0]) / chord, (b[1] - a[1]) / chord);
    let local: Vec<[f64; 2]> = axis
        .iter()
        .map(|p| {
            let (dx, dy) = (p[0] - a[0], p[1] - a[1]);
            [f64::from((dx * c + dy * s) / chord), f64::from(dy * c - dx * s)]
        })
        .collect();
    let mut normal = nalgebra::Matrix3::zeros();
    let mut right = nalgebra::Vector3::zeros();
    for &[u, v] in &local {
        let row = nalgebra::Vector3::new(1.0, u, u * u);
        normal += row * row.transpose();
        right += row * v;
    }
    let Some(fit) = normal.lu().solve(&right) else { return (0.0, 0.0) };
    let rms = (local.iter().map(|&[u, v]| (v - fit[0] - fit[1] * u - fit[2] * u * u).powi(2)).sum::<f64>() / n as f64)
        .sqrt();
    (rms as f32, (2.0 * fit[2] / f64::from(chord)).abs() as f32)
}
