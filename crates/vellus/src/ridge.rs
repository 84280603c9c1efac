//! Ridges of the contrast plane at several scales: where a shaft's axis may run, and in which direction.
//!
//! Opacity (W × H) → [`RidgePoint`]s, strongest first.
//!
//! A shaft is a bright ridge of the opacity. With the Hessian H of the opacity at scale σ, n the eigenvector of its most
//! negative eigenvalue λ and g the gradient, a pixel is on a ridge if the extremum along n, at `−(g·n)/λ`, lies within
//! the pixel (Steger 1998, doi:10.1109/34.659930). Scales are compared by `−λ σ^{3/2}` (γ = 3/4: Lindeberg 1998,
//! doi:10.1023/A:1008097225773). Coarse scales run on a pyramid, so that the cost does not grow with the shaft's width.
//!
//! Widths are not read here: the distance of the gradient's maxima is up to four times too large on thin shafts. The
//! ridge only says where to look.

use rayon::prelude::*;

use crate::median::upper_median;
use crate::plane::Plane;

/// A point on a shaft's possible axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RidgePoint {
    /// Position, px.
    pub x: f32,
    /// Position, px.
    pub y: f32,
    /// Direction of the axis, radians from the x axis, in (−π/2, π/2].
    pub angle: f32,
    /// Scale at which it was found, px.
    pub sigma_px: f32,
    /// `−λ σ^{3/2}`, comparable over scales; > 0.
    pub strength: f32,
}

/// Factor between neighbouring scales: at √3 a shaft between two scales keeps more than 90 % of its response.
const SCALE_STEP: f32 = 1.7;
/// Weakest ridge that is followed up, in units of the median response of its scale: the median of |λ| of Gaussian
/// noise is 0.67 σ, so this is 3.4 σ.
const MIN_SALIENCY: f32 = 5.0;
/// The extremum may lie this far outside its pixel: between two pixels, both are kept rather than none.
const MAX_OFFSET_PX: f32 = 0.6;

/// Ridge points of a plane at scales from `min_sigma_px` to `max_sigma_px`.
pub fn ridge_points(opacity: &Plane, min_sigma_px: f32, max_sigma_px: f32) -> Vec<RidgePoint> {
    let mut points = Vec::new();
    let mut sigma = min_sigma_px;
    let mut level = std::borrow::Cow::Borrowed(opacity);
    let mut factor = 1.0_f32;
    loop {
        // Sampling a Gaussian derivative needs σ ≥ 1 sample; halving at 2 keeps it so.
        while sigma / factor >= 2.4 && level.width >= 16 && level.height >= 16 {
            level = std::borrow::Cow::Owned(level.halved());
            factor *= 2.0;
        }
        // Averaging f × f pixels has itself a variance of (f² − 1) / 12 px².
        let rest = (sigma * sigma - (factor * factor - 1.0) / 12.0).max(0.04).sqrt() / factor;
        points.extend(ridges_of_scale(&level.gaussian(rest), sigma, factor));
        if sigma >= max_sigma_px {
            break;
        }
        sigma = (sigma * SCALE_STEP).min(max_sigma_px.max(sigma + 0.1));
    }
    points.sort_by(|a, b| {
        b.strength.total_cmp(&a.strength).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x))
    });
    points
}

/// Ridge points of one smoothed plane whose samples are `factor` px apart.
fn ridges_of_scale(smooth: &Plane, sigma_px: f32, factor: f32) -> Vec<RidgePoint> {
    let (width, height) = (smooth.width, smooth.height);
    if width < 3 || height < 3 {
        return Vec::new();
    }
    // λ is per sample²; in px² it is smaller by factor².
    let norm = libm::powf(sigma_px, 1.5) / (factor * factor);
    let median = usual_response(smooth);
    let least = MIN_SALIENCY * median * 0.999;
    let rows: Vec<Vec<RidgePoint>> = (1..height - 1)
        .into_par_iter()
        .map(|y| {
            let [above, here, below] = [y - 1, y, y + 1].map(|y| &smooth.data[y * width..][..width]);
            let mut promising = vec![false; width - 2];
            let windows = above.windows(3).zip(here.windows(3)).zip(below.windows(3));
            for (promising, ((above, here), below)) in promising.iter_mut().zip(windows) {
                let Hessian { xx, yy, xy } = Hessian::of(above, here, below);
                let (half, middle) = (0.5 * (xx - yy), 0.5 * (xx + yy) + least);
                // λ < −least without its square root.
                *promising = (middle < 0.0) | (half * half + xy * xy > middle * middle);
            }
            let mut found = Vec::new();
            for x in (1..width - 1).filter(|&x| promising[x - 1]) {
                let part = x - 1..x + 2;
                let hessian = Hessian::of(&above[part.clone()], &here[part.clone()], &below[part]);
                let lambda = hessian.lambda();
                if -lambda / median < MIN_SALIENCY {
                    continue;
                }
                let Hessian { xx, yy, xy } = hessian;
                // Eigenvector of lambda: the larger of the two equivalent forms is the stable one.
                let (a, b) = if xx <= yy { (lambda - yy, xy) } else { (xy, lambda - xx) };
                let length = (a * a + b * b).sqrt();
                if length < 1e-12 {
                    continue;
                }
                let (nx, ny) = (a / length, b / length);
                let gx = 0.5 * (here[x + 1] - here[x - 1]);
                let gy = 0.5 * (below[x] - above[x]);
                let offset = -(gx * nx + gy * ny) / lambda;
                let (ox, oy) = (offset * nx, offset * ny);
                if ox.abs() > MAX_OFFSET_PX || oy.abs() > MAX_OFFSET_PX {
                    continue;
                }
                let centre = 0.5 * (factor - 1.0);
                let mut angle = libm::atan2f(nx, -ny);
                if angle > std::f32::consts::FRAC_PI_2 {
                    angle -= std::f32::consts::PI;
                } else if angle <= -std::f32::consts::FRAC_PI_2 {
                    angle += std::f32::consts::PI;
                }
                found.push(RidgePoint {
                    x: (x as f32 + ox) * factor + centre,
                    y: (y as f32 + oy) * factor + centre,
                    angle,
                    sigma_px,
                    strength: -lambda * norm,
                });
            }
            found
        })
        .collect();
    rows.into_iter().flatten().collect()
}

/// Second derivatives at a sample.
struct Hessian {
    xx: f32,
    yy: f32,
    xy: f32,
}

impl Hessian {
    /// From three samples each of the rows above, here and below. Neighbours are paired, so that a mirrored plane gives
    /// the very same values.
    #[inline]
    fn of(above: &[f32], here: &[f32], below: &[f32]) -> Self {
        Self {
            xx: (here[0] + here[2]) - 2.0 * here[1],
            yy: (above[1] + below[1]) - 2.0 * here[1],
            xy: 0.25 * ((below[2] + above[0]) - (below[0] + above[2])),
        }
    }

    /// The smaller eigenvalue.
    #[inline]
    fn lambda(&self) -> f32 {
        let half = 0.5 * (self.xx - self.yy);
        0.5 * (self.xx + self.yy) - (half * half + self.xy * self.xy).sqrt()
    }
}

/// Samples of a plane up to which every fourth one tells the usual response; in larger ones every fifteenth does. Both
/// steps run over all rows and columns of JPEG's blocks.
const SMALL_PLANE: usize = 1 << 16;

/// Median of |λ| over samples whose places, counted from the nearest corner, do not change when the plane is mirrored.
fn usual_response(smooth: &Plane) -> f32 {
    let (width, height) = (smooth.width, smooth.height);
    let step = if width * height > SMALL_PLANE { 15 } else { 4 };
    let mut responses = Vec::with_capacity(width * height / step + width);
    for y in 1..height - 1 {
        let [above, here, below] = [y - 1, y, y + 1].map(|y| &smooth.data[y * width..][..width]);
        let mut add = |x: usize| {
            let part = x - 1..x + 2;
            responses
                .push(Hessian::of(&above[part.clone()], &here[part.clone()], &below[part]).lambda().abs());
        };
        let first = (step - y.min(height - 1 - y) % step) % step;
        for x in (first..width.div_ceil(2)).step_by(step).filter(|&x| x > 0) {
            add(x);
            if width - 1 - x != x {
                add(width - 1 - x);
            }
        }
    }
    upper_median(&mut responses).map_or(f32::MAX, |median| median.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gaussian line through the picture's centre at an angle.
    fn line(angle: f32, sigma: f32) -> Plane {
        let mut plane = Plane::filled(65, 65, 0.0);
        let (s, c) = angle.sin_cos();
        for y in 0..65 {
            for x in 0..65 {
                let across = -(x as f32 - 32.0) * s + (y as f32 - 32.0) * c;
                plane.data[y * 65 + x] = (-0.5 * across * across / sigma / sigma).exp();
            }
        }
        plane
    }

    #[test]
    fn axis_and_direction_of_a_line_at_any_angle() {
        for degrees in [-80.0_f32, -45.0, -10.0, 0.0, 30.0, 90.0] {
            let angle = degrees.to_radians();
            let points = ridge_points(&line(angle, 2.0), 1.2, 1.2);
            let near: Vec<_> = points
                .iter()
                .filter(|p| libm::hypotf(p.x - 32.0, p.y - 32.0) < 20.0 && p.strength > 0.1)
                .collect();
            assert!(near.len() > 20, "{} points at {degrees}°", near.len());
            for point in near {
                let across = -(point.x - 32.0) * angle.sin() + (point.y - 32.0) * angle.cos();
                // One Newton step from x on a Gaussian of σ lands x³/σ² beyond the top: 0.11 px from the farthest
                // pixel that is kept (0.85 px) at the total σ of 2.3 px.
                assert!(across.abs() < 0.12, "axis off by {across} px at {degrees}°");
                let turn = (point.angle - angle).sin().abs();
                assert!(turn < 0.02, "direction off by {turn} rad at {degrees}°");
            }
        }
    }

    #[test]
    fn coarse_scales_lie_on_the_same_axis() {
        let points = ridge_points(&line(0.5, 5.0), 5.0, 5.0);
        let strongest = points.first().expect("a ridge");
        let across = -(strongest.x - 32.0) * 0.5_f32.sin() + (strongest.y - 32.0) * 0.5_f32.cos();
        assert!(across.abs() < 0.15, "axis off by {across} px");
    }
}
