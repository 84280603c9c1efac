//! Linear light, lens blur and fall of light.

use rayon::prelude::*;

/// A picture in linear light: red, green and blue planes, 1 is full scale.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearImage {
    /// Width, px.
    pub width: usize,
    /// Height, px.
    pub height: usize,
    /// Red, green, blue; row by row.
    pub planes: [Vec<f32>; 3],
}

impl LinearImage {
    /// A uniform picture.
    pub fn uniform(width: usize, height: usize, light: [f32; 3]) -> Self {
        Self { width, height, planes: light.map(|v| vec![v; width * height]) }
    }
}

/// Weights of a Gaussian, cut where it is below 1e-4 of its middle (4.3 sigma), for the middle and one side.
pub(crate) fn kernel(sigma: f64) -> Vec<f32> {
    let radius = libm::ceil(4.3 * sigma) as usize;
    let w: Vec<f64> = (0..=radius)
        .map(|k| {
            let t = k as f64 / sigma;
            libm::exp(-0.5 * t * t)
        })
        .collect();
    let total = w[0] + 2.0 * w[1..].iter().sum::<f64>();
    w.iter().map(|v| (v / total) as f32).collect()
}

/// Gaussian blur of one plane; the border is repeated outwards.
pub fn blur(plane: &[f32], width: usize, height: usize, sigma: f64) -> Vec<f32> {
    if sigma < 0.05 {
        return plane.to_vec();
    }
    let kernel = kernel(sigma);
    let radius = kernel.len() - 1;
    let mut across = vec![0.0f32; plane.len()];
    across.par_chunks_mut(width).zip(plane.par_chunks(width)).for_each(|(out, row)| {
        let mut padded = vec![row[0]; width + 2 * radius];
        padded[radius..radius + width].copy_from_slice(row);
        padded[radius + width..].fill(row[width - 1]);
        for (o, v) in out.iter_mut().zip(row) {
            *o = kernel[0] * v;
        }
        for (k, w) in kernel.iter().enumerate().skip(1) {
            let (left, right) = (&padded[radius - k..][..width], &padded[radius + k..][..width]);
            for ((o, a), b) in out.iter_mut().zip(left).zip(right) {
                *o += w * (a + b);
            }
        }
    });
    let mut out = vec![0.0f32; plane.len()];
    out.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = |k: isize| {
            let y = (y as isize + k).clamp(0, height as isize - 1) as usize;
            &across[y * width..][..width]
        };
        for (o, v) in out.iter_mut().zip(row(0)) {
            *o = kernel[0] * v;
        }
        for (k, w) in kernel.iter().enumerate().skip(1) {
            let (up, down) = (row(-(k as isize)), row(k as isize));
            for ((o, a), b) in out.iter_mut().zip(up).zip(down) {
                *o += w * (a + b);
            }
        }
    });
    out
}

/// Lens blur that grows from `sigma_px` on one side of the field to `sigma_px + defocus_px` on the other,
/// in direction `angle_rad`.
///
/// Three blurred pictures are mixed so that the variance is the wanted one; between the levels the point
/// spread is a mixture of two Gaussians, with the right second moment.
pub fn lens_blur(picture: &LinearImage, sigma_px: f64, defocus_px: f64, angle_rad: f64) -> LinearImage {
    let (w, h) = (picture.width, picture.height);
    let blurred = |sigma: f64| LinearImage {
        planes: core::array::from_fn(|c| blur(&picture.planes[c], w, h, sigma)),
        ..LinearImage::uniform(w, h, [0.0; 3])
    };
    if defocus_px < 0.02 {
        return blurred(sigma_px);
    }
    let sigmas = [sigma_px, sigma_px + 0.5 * defocus_px, sigma_px + defocus_px];
    let levels = sigmas.map(blurred);
    let mut out = LinearImage::uniform(w, h, [0.0; 3]);
    for (c, plane) in out.planes.iter_mut().enumerate() {
        plane.par_chunks_mut(w).enumerate().for_each(|(y, row)| {
            for (x, v) in row.iter_mut().enumerate() {
                let sigma = sigma_px + defocus_px * ramp(w, h, x as f64, y as f64, angle_rad);
                let k = usize::from(sigma >= sigmas[1]);
                let (low, high) = (sigmas[k] * sigmas[k], sigmas[k + 1] * sigmas[k + 1]);
                let t = (((sigma * sigma - low) / (high - low)) as f32).clamp(0.0, 1.0);
                let i = y * w + x;
                *v = (1.0 - t) * levels[k].planes[c][i] + t * levels[k + 1].planes[c][i];
            }
        });
    }
    out
}

/// Unsharp mask as cameras apply it: `amount` of the difference to a picture blurred by 1.2 px.
///
/// It overshoots at edges; that is the point: software must not take the overshoot for skin or shaft.
pub fn sharpen(picture: LinearImage, amount: f64) -> LinearImage {
    const RADIUS_PX: f64 = 1.2;
    if amount <= 0.0 {
        return picture;
    }
    let (w, h) = (picture.width, picture.height);
    let planes = picture.planes.map(|plane| {
        let soft = blur(&plane, w, h, RADIUS_PX);
        plane.iter().zip(&soft).map(|(v, s)| (v + amount as f32 * (v - s)).max(0.0)).collect()
    });
    LinearImage { width: w, height: h, planes }
}

/// Blur at a point of a picture whose blur grows as in [`lens_blur`], standard deviation in px.
pub fn sigma_at(size: [usize; 2], p: [f64; 2], sigma_px: f64, defocus_px: f64, angle_rad: f64) -> f64 {
    sigma_px + defocus_px * ramp(size[0], size[1], p[0], p[1], angle_rad).clamp(0.0, 1.0)
}

/// 0 at one side of the field, 1 at the other, along a direction.
fn ramp(w: usize, h: usize, x: f64, y: f64, angle_rad: f64) -> f64 {
    let (dx, dy) = (x - 0.5 * w as f64, y - 0.5 * h as f64);
    0.5 + (dx * libm::cos(angle_rad) + dy * libm::sin(angle_rad)) / libm::hypot(w as f64, h as f64)
}

/// Vignetting (loss growing with the square of the distance from the middle) and a linear fall of light.
///
/// `light` is the colour in the middle, `rim` what it is multiplied by at the corners: ring lights of
/// contact microscopes are bluer towards the rim.
pub fn illuminate(
    picture: &mut LinearImage,
    vignetting: f64,
    gradient: f64,
    angle_rad: f64,
    light: [f64; 3],
    rim: [f64; 3],
) {
    let (w, h) = (picture.width, picture.height);
    let half = libm::hypot(w as f64, h as f64) / 2.0;
    for ((plane, light), rim) in picture.planes.iter_mut().zip(light).zip(rim) {
        plane.par_chunks_mut(w).enumerate().for_each(|(y, row)| {
            for (x, v) in row.iter_mut().enumerate() {
                let (dx, dy) = ((x as f64 - 0.5 * w as f64) / half, (y as f64 - 0.5 * h as f64) / half);
                let fall = 1.0 + gradient * (ramp(w, h, x as f64, y as f64, angle_rad) - 0.5) * 2.0;
                let r2 = dx * dx + dy * dy;
                let gain = light * fall * (1.0 - vignetting * r2) * (1.0 + (rim - 1.0) * r2);
                *v *= gain as f32;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_has_the_sigma_asked_for_and_keeps_light() {
        let (w, h) = (61, 61);
        let mut plane = vec![0.0f32; w * h];
        plane[30 * w + 30] = 1.0;
        let out = blur(&plane, w, h, 2.3);
        let (mut sum, mut second) = (0.0, 0.0);
        for (i, v) in out.iter().enumerate() {
            let x = (i % w) as f64 - 30.0;
            sum += f64::from(*v);
            second += f64::from(*v) * x * x;
        }
        assert!((sum - 1.0).abs() < 1e-5);
        assert!((libm::sqrt(second / sum) - 2.3).abs() < 0.005);
    }
}
