//! What speaks for a ribbon being a hair.
//!
//! [`Ribbon`] + opacity → [`Evidence`]: plain figures, each with a meaning that a reader of the overlay can check by eye;
//! [`weights`] makes log-odds of them.

pub mod weights;

use crate::contrast::NEUTRALITY;
use crate::median::upper_median_of;
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
    /// The same, piece by piece where the axis is long: what is left of the wobble of a curl.
    pub ragged: f32,
    /// Angle between the two ends of the axis, radians per length of ten widths.
    pub bend: f32,
    /// Distance of the ends from each other per length: 1 when straight.
    pub straightness: f32,
    /// Length in widths.
    pub slenderness: f32,
    /// Share of the opacity that is common to all colours, its median along the axis: 1 for black hair, less for brown,
    /// little for vessels and dye.
    pub neutral_share: f32,
    /// Difference of the opacity beyond the two edges, as a share of `level`: none on skin, much at the rim of a shaft
    /// with a highlight.
    pub lopsided: f32,
    /// Length, px.
    pub length_px: f32,
    /// Width, px.
    pub width_px: f32,
}

/// Distance from the edge at which inside and outside are read, px: outside the reach of a lens blur of 1.2 px.
const EDGE_PX: f32 = 2.0;
/// Least fall at an edge in sight, as a share of the opacity.
const EDGE_SHARE: f32 = 0.35;

/// Gathers the evidence for a ribbon; `coloured` is the opacity at a point of what is coloured, too.
pub fn evidence(ribbon: &Ribbon, opacity: &Plane, coloured: impl Fn(f32, f32) -> f32) -> Evidence {
    let n = ribbon.axis.len();
    let mut core = Vec::with_capacity(n);
    let mut neutral = Vec::with_capacity(n);
    let mut falls = Vec::new();
    let mut beyond = [Vec::with_capacity(n), Vec::with_capacity(n)];
    for k in 0..n {
        let [x, y] = ribbon.axis[k];
        let (a, b) = (ribbon.axis[k.saturating_sub(1)], ribbon.axis[(k + 1).min(n - 1)]);
        let (tx, ty) = (b[0] - a[0], b[1] - a[1]);
        let length = libm::hypotf(tx, ty).max(1e-6);
        let (c, s) = (tx / length, ty / length);
        let half = 0.5 * ribbon.width_px[k];
        let across = |t: f32| opacity.sample(x - t * s, y + t * c);
        let middle = (across(-0.4 * half) + across(0.0) + across(0.4 * half)) / 3.0;
        core.push(middle);
        neutral.push((1.0 - (1.0 - across(0.0) / coloured(x, y).max(1e-3)) / NEUTRALITY).clamp(0.0, 1.5));
        for (side, beyond) in [-1.0, 1.0].into_iter().zip(&mut beyond) {
            let inside = across(side * (half - EDGE_PX).max(0.3 * half)).max(middle);
            let outside = across(side * (half + EDGE_PX));
            falls.push(inside - outside);
            beyond.push(outside);
        }
    }
    let level = upper_median_of(core.clone()).max(1e-3);
    let [left, right] = beyond.map(upper_median_of);
    let mean = core.iter().sum::<f32>() / n as f32;
    let variance = core.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n as f32;
    let length_px = ribbon.length_px();
    let width_px = ribbon.mean_width_px();
    let (wobble, bend) = shape(&ribbon.axis);
    let ragged = ragged(&ribbon.axis, length_px, width_px);
    let (from, to) = (ribbon.axis[0], ribbon.axis[n - 1]);
    let chord_px = libm::hypotf(to[0] - from[0], to[1] - from[1]);
    let seen = falls.iter().filter(|&&fall| fall > EDGE_SHARE * level).count() as f32 / falls.len() as f32;
    Evidence {
        level,
        contrast: upper_median_of(falls) / level,
        unevenness: variance.sqrt() / level,
        edges_seen: seen,
        wobble: wobble / width_px,
        ragged: ragged / width_px,
        bend: bend * 10.0 * width_px / length_px.max(1.0),
        straightness: chord_px / length_px.max(1e-3),
        slenderness: length_px / width_px,
        neutral_share: upper_median_of(neutral),
        lopsided: (left - right).abs() / level,
        length_px,
        width_px,
    }
}

/// A shaft of more widths than this is compared with a parabola piece by piece: hair curls, which no parabola follows, but it is
/// smooth. A fine shaft is not, as vessels and skin lines are fine and wander. Clipped hair is shorter: 1.5 mm of a shaft of 50 µm.
const PIECE_WIDTHS: f32 = 30.0;

/// Root mean square distance of an axis from its best parabola, px; of a long one, from those of its pieces.
fn ragged(axis: &[[f32; 2]], length_px: f32, width_px: f32) -> f32 {
    let pieces =
        (length_px / (PIECE_WIDTHS * width_px)).ceil().clamp(1.0, axis.len() as f32 / 8.0 + 1.0) as usize;
    let size = axis.len().div_ceil(pieces);
    let squares = axis.chunks(size).map(|piece| piece.len() as f32 * shape(piece).0.powi(2)).sum::<f32>();
    (squares / axis.len() as f32).sqrt()
}

/// Root mean square distance from the best parabola over the chord, px, and the angle between its ends, radians.
pub(crate) fn shape(axis: &[[f32; 2]]) -> (f32, f32) {
    let n = axis.len();
    let (a, b) = (axis[0], axis[n - 1]);
    let chord = libm::hypotf(b[0] - a[0], b[1] - a[1]);
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
    let rms = (local.iter().map(|&[u, v]| (v - fit[0] - fit[1] * u - fit[2] * u * u).powi(2)).sum::<f64>()
        / n as f64)
        .sqrt();
    (rms as f32, (2.0 * fit[2] / f64::from(chord)).abs() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curl_wobbles_and_is_not_ragged() {
        let plane = Plane::filled(600, 600, 0.5);
        let of = |rough: f32| {
            let axis = (0..=200)
                .map(|k| {
                    let along = 2.5 * k as f32;
                    let jump = if k % 2 == 0 { rough } else { -rough };
                    let (far, angle) = (150.0 + jump, along / 160.0);
                    [300.0 + far * libm::cosf(angle), 300.0 + far * libm::sinf(angle)]
                })
                .collect();
            evidence(&Ribbon::over(axis, 6.0, 0.9, [600, 600]), &plane, |_, _| 0.5)
        };
        let curl = of(0.0);
        assert!(curl.wobble > 0.5, "{}", curl.wobble);
        assert!(curl.ragged < 0.25 * curl.wobble, "{}", curl.ragged);
        assert!(of(1.5).ragged > curl.ragged + 0.02, "{}", of(1.5).ragged);
        // A short shaft is one piece.
        let short = Ribbon::over((0..30).map(|k| [50.0 + k as f32, 90.0]).collect(), 8.0, 0.9, [600, 600]);
        let short = evidence(&short, &plane, |_, _| 0.5);
        assert_eq!(short.wobble, short.ragged);
    }
}
