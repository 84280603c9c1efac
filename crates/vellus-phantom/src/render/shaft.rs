//! Shafts on a picture: from ribbons (centreline and half width in px, cross-section) to linear light.
//!
//! Each ribbon leaves one [`Fragment`] in every pixel it touches: where its axis runs, seen from the pixel
//! centre. A pixel with one fragment takes the exact average of the cross-section ([`Profile::pixel_mean`]).
//! Where shafts touch, cross or end, the pixel is split in 144 points, each composited bottom to top: adding
//! coverages there would let skin shine through a seam that is closed.
//!
//! Compositing, per colour: light = below · (1 − opacity) + given off + highlight.

use super::coverage::{CHANNELS, Profile, Values, lattice};
use super::optics::LinearImage;
use crate::geometry::{PointPx, distance};
use crate::noise;
use crate::tone::HairOptics;

/// Largest number of cross-sections prepared for one shaft whose diameter changes.
const LEVELS: usize = 10;

/// No fragment.
const NONE: u32 = u32::MAX;

/// A shaft in px.
#[derive(Debug, Clone)]
pub struct Ribbon {
    /// Id of the hair.
    pub id: u32,
    /// Root to tip, px.
    pub line_px: Vec<PointPx>,
    /// Half the width at each vertex, px.
    pub half_width_px: Vec<f64>,
    /// Cross-sections for half widths from `levels_from_px` in steps of `levels_step_px`.
    pub levels: Vec<Profile>,
    /// Half width of the first cross-section, px.
    pub levels_from_px: f64,
    /// Step of half width between cross-sections, px.
    pub levels_step_px: f64,
    /// Tip shift along the shaft per px across it.
    pub cut_slope: f64,
    /// Length over which the shaft emerges from the skin, px; 0 for a sharp root.
    pub veil_px: f64,
    /// Strength of the highlight, 0-1.
    pub highlight: f64,
}

impl Ribbon {
    /// Prepares cross-sections over the range of half widths of the shaft.
    pub fn prepare(&mut self, profile: impl Fn(f64) -> Profile) {
        let low = self.half_width_px.iter().copied().fold(f64::MAX, f64::min);
        let high = self.half_width_px.iter().copied().fold(0.0, f64::max);
        // A step of 3 % of the width changes the darkness of a shaft by less than a grey level.
        let count = (((high / low.max(1e-6) - 1.0) / 0.03) as usize + 1).min(LEVELS);
        self.levels_from_px = low;
        self.levels_step_px = if count > 1 { (high - low) / (count - 1) as f64 } else { 1.0 };
        self.levels = (0..count).map(|k| profile(low + k as f64 * self.levels_step_px)).collect();
    }

    fn level(&self, half_width_px: f64) -> &Profile {
        let k = libm::round((half_width_px - self.levels_from_px) / self.levels_step_px).max(0.0) as usize;
        &self.levels[k.min(self.levels.len() - 1)]
    }

    /// How far the shaft has emerged from the skin at distance `s` px from its root, 0-1.
    fn emerged(&self, s: f64) -> f64 {
        if self.veil_px <= 0.0 {
            return 1.0;
        }
        // A fifth shows at the very root: the edge of the opening is seen, as on photos.
        0.2 + 0.8 * f64::from(noise::smoothstep(0.0, 1.0, (s / self.veil_px) as f32))
    }

    /// Highlights are broken along the shaft by the cuticle.
    fn streak(&self, s: f64) -> f64 {
        let n = noise::fractal(self.id.wrapping_mul(2_654_435_761), (s / 23.0) as f32, 0.37, 4, 0.8);
        self.highlight * f64::from((0.75 + 0.5 * n).max(0.1))
    }
}

/// Where the highlight of a shaft lies and how wide it is (standard deviation), as cross coordinates.
#[derive(Debug, Clone, Copy)]
pub struct Gloss {
    /// Middle, -1 to 1.
    pub at: f64,
    /// Standard deviation.
    pub width: f64,
}

/// Cross-section of a hair of diameter `diameter_um`.
pub fn hair_profile(
    optics: &HairOptics,
    darkness: f64,
    medulla: bool,
    gloss: Gloss,
    diameter_um: f64,
) -> Profile {
    Profile::new(|u| {
        let chord = diameter_um * libm::sqrt((1.0 - u * u).max(0.0));
        let edge = f64::from(noise::smoothstep(0.5, 1.0, u.abs() as f32));
        // The medulla fills about the middle third of a thick shaft.
        let core =
            if medulla { optics.medulla_depth * libm::exp(-0.5 * (u / 0.17) * (u / 0.17)) } else { 0.0 };
        let limb = 1.0 - 0.4 * u * u;
        let mut out = [0.0; CHANNELS];
        for c in 0..3 {
            let through = libm::exp(-optics.absorption_per_um[c] * darkness * chord - core)
                * (1.0 - optics.edge_loss * edge);
            out[c] = 1.0 - through;
            out[3 + c] = optics.body[c] * (1.0 - through) * limb;
        }
        let off = (u - gloss.at) / gloss.width;
        out[6] = 0.5 * libm::exp(-0.5 * off * off) * (1.0 - u * u);
        out
    })
}

/// Cross-section of a flat bar that lets `transmission` of the light through.
pub fn flat_profile(transmission: [f64; 3]) -> Profile {
    let mut values = [0.0; CHANNELS];
    for c in 0..3 {
        values[c] = 1.0 - transmission[c];
    }
    Profile::new(|_| values)
}

/// Where the axis of a ribbon runs, seen from a pixel centre.
#[derive(Debug, Clone, Copy)]
struct Fragment {
    ribbon: u32,
    next: u32,
    /// Distance along the ribbon from its root, px.
    s: f64,
    /// Signed distance of the pixel centre from the axis, px.
    d: f64,
    normal: [f64; 2],
    half_width: f64,
    /// An end of the ribbon may lie in the pixel.
    end: bool,
}

/// All shafts of a picture, by pixel.
#[derive(Debug)]
pub struct Layers<'a> {
    width: usize,
    ribbons: &'a [Ribbon],
    lengths: Vec<f64>,
    head: Vec<u32>,
    fragments: Vec<Fragment>,
}

impl<'a> Layers<'a> {
    /// Lays ribbons over a picture, bottom to top.
    pub fn new(width: usize, height: usize, ribbons: &'a [Ribbon]) -> Self {
        let mut layers = Self {
            width,
            ribbons,
            lengths: ribbons.iter().map(|r| crate::geometry::length(&r.line_px)).collect(),
            head: vec![NONE; width * height],
            fragments: Vec::new(),
        };
        for k in 0..ribbons.len() {
            layers.lay(k as u32, width, height);
        }
        layers
    }

    fn lay(&mut self, index: u32, width: usize, height: usize) {
        let ribbon = &self.ribbons[index as usize];
        let length = self.lengths[index as usize];
        let segments = ribbon.line_px.len().saturating_sub(1);
        let mut along = 0.0;
        for i in 0..segments {
            let (a, b) = (ribbon.line_px[i], ribbon.line_px[i + 1]);
            let len = distance(a, b);
            if len < 1e-9 {
                continue;
            }
            let (wa, wb) = (ribbon.half_width_px[i], ribbon.half_width_px[i + 1]);
            let tangent = [(b[0] - a[0]) / len, (b[1] - a[1]) / len];
            let normal = [-tangent[1], tangent[0]];
            let (first, last) = (i == 0, i + 1 == segments);
            // Beyond an end: a pixel's half diagonal, and the slanted cut.
            let slant = ribbon.cut_slope.abs() * wa.max(wb);
            let from = if first { -0.75 } else { 0.0 };
            let to = if last { len + 0.75 + slant } else { len };
            let reach = wa.max(wb) + 0.75 + if first || last { 1.0 + slant } else { 0.0 };
            // At a bend the outer side opens a wedge; its points belong to the vertex.
            let wedge = |bend: f64| (wa.max(wb) + 0.75) * bend + 0.02;
            let (before, after) = (wedge(bend(&ribbon.line_px, i)), wedge(bend(&ribbon.line_px, i + 1)));
            let low = |k: usize| (libm::floor(a[k].min(b[k]) - reach)).max(0.0);
            let (x0, y0) = (low(0) as usize, low(1) as usize);
            let high = |k: usize| libm::ceil(a[k].max(b[k]) + reach);
            let (x1, y1) = (high(0).min(width as f64 - 1.0), high(1).min(height as f64 - 1.0));
            if x1 < 0.0 || y1 < 0.0 {
                along += len;
                continue;
            }
            for y in y0..=y1 as usize {
                for x in x0..=x1 as usize {
                    let q = [x as f64 - a[0], y as f64 - a[1]];
                    let t = q[0] * tangent[0] + q[1] * tangent[1];
                    let d = q[0] * normal[0] + q[1] * normal[1];
                    let (low, high) = (if first { 0.0 } else { before }, if last { 0.0 } else { after });
                    if t < from - low || t > to + high {
                        continue;
                    }
                    let inside = t.clamp(from, to);
                    let beyond = t - inside;
                    let d = if beyond == 0.0 { d } else { libm::copysign(libm::hypot(d, beyond), d) };
                    let half_width = wa + (wb - wa) * (inside / len).clamp(0.0, 1.0);
                    if d.abs() > half_width + 0.75 {
                        continue;
                    }
                    let s = along + inside;
                    let end = s < 0.75 || s > length - 0.75 - slant;
                    let fragment = Fragment { ribbon: index, next: NONE, s, d, normal, half_width, end };
                    self.put(y * self.width + x, fragment);
                }
            }
            along += len;
        }
    }

    /// Keeps the fragment of a ribbon that is nearest to the pixel.
    fn put(&mut self, pixel: usize, fragment: Fragment) {
        let head = self.head[pixel];
        if head != NONE && self.fragments[head as usize].ribbon == fragment.ribbon {
            let old = &mut self.fragments[head as usize];
            if fragment.d.abs() < old.d.abs() {
                *old = Fragment { next: old.next, end: old.end || fragment.end, ..fragment };
            }
            return;
        }
        self.fragments.push(Fragment { next: head, ..fragment });
        self.head[pixel] = (self.fragments.len() - 1) as u32;
    }

    /// Fragments of a pixel, bottom to top, into `out`.
    fn stack(&self, pixel: usize, out: &mut Vec<Fragment>) {
        out.clear();
        let mut k = self.head[pixel];
        while k != NONE {
            out.push(self.fragments[k as usize]);
            k = self.fragments[k as usize].next;
        }
        out.reverse();
    }

    /// Whether an offset from the pixel centre lies on the shaft; then its cross coordinate.
    fn cross(&self, f: &Fragment, offset: [f64; 2]) -> Option<f64> {
        let d = f.d + f.normal[0] * offset[0] + f.normal[1] * offset[1];
        let u = d / f.half_width;
        if !(-1.0..=1.0).contains(&u) {
            return None;
        }
        if f.end {
            let s = f.s + f.normal[1] * offset[0] - f.normal[0] * offset[1];
            let ribbon = &self.ribbons[f.ribbon as usize];
            if s < 0.0 || s > self.lengths[f.ribbon as usize] + ribbon.cut_slope * d {
                return None;
            }
        }
        Some(u)
    }

    /// Draws the shafts over a picture of the skin.
    pub fn composite(&self, picture: &mut LinearImage) {
        let mut stack = Vec::new();
        let mut strength = Vec::new();
        for pixel in 0..self.head.len() {
            if self.head[pixel] == NONE {
                continue;
            }
            self.stack(pixel, &mut stack);
            strength.clear();
            strength.extend(stack.iter().map(|f| {
                let ribbon = &self.ribbons[f.ribbon as usize];
                let streak = if ribbon.highlight > 0.0 { ribbon.streak(f.s) } else { 0.0 };
                [ribbon.emerged(f.s), streak]
            }));
            let skin: [f64; 3] = core::array::from_fn(|c| f64::from(picture.planes[c][pixel]));
            let light = if let ([f], [k]) = (stack.as_slice(), strength.as_slice())
                && !f.end
            {
                let ribbon = &self.ribbons[f.ribbon as usize];
                let values = ribbon.level(f.half_width).pixel_mean(f.d, f.half_width, f.normal);
                over(skin, &values, *k)
            } else {
                let mut sum = [0.0; 3];
                let points = lattice(pixel);
                for offset in points {
                    let mut light = skin;
                    for (f, k) in stack.iter().zip(&strength) {
                        if let Some(u) = self.cross(f, offset) {
                            let ribbon = &self.ribbons[f.ribbon as usize];
                            light = over(light, &ribbon.level(f.half_width).at(u), *k);
                        }
                    }
                    for (sum, light) in sum.iter_mut().zip(light) {
                        *sum += light;
                    }
                }
                sum.map(|v| v / points.len() as f64)
            };
            for (plane, light) in picture.planes.iter_mut().zip(light) {
                plane[pixel] = light as f32;
            }
        }
    }

    /// Share of a pixel's light that shafts take away, in green; for shadows.
    pub fn opacity(&self) -> Vec<f32> {
        let mut stack = Vec::new();
        (0..self.head.len())
            .map(|pixel| {
                if self.head[pixel] == NONE {
                    return 0.0;
                }
                self.stack(pixel, &mut stack);
                let through = stack.iter().fold(1.0, |through, f| {
                    let ribbon = &self.ribbons[f.ribbon as usize];
                    let values = ribbon.level(f.half_width).pixel_mean(f.d, f.half_width, f.normal);
                    through * (1.0 - values[1] * ribbon.emerged(f.s))
                });
                (1.0 - through) as f32
            })
            .collect()
    }

    /// Share of the light that passes the shafts above ribbon `index` at point `p`.
    pub fn passing_above(&self, index: u32, p: PointPx) -> f64 {
        let (x, y) = (libm::round(p[0]), libm::round(p[1]));
        let height = self.head.len() / self.width.max(1);
        if x < 0.0 || y < 0.0 || x >= self.width as f64 || y >= height as f64 {
            return 1.0;
        }
        let offset = [p[0] - x, p[1] - y];
        let mut through = 1.0;
        let mut k = self.head[y as usize * self.width + x as usize];
        while k != NONE {
            let f = &self.fragments[k as usize];
            if f.ribbon <= index {
                break;
            }
            if let Some(u) = self.cross(f, offset) {
                through *= 1.0 - self.ribbons[f.ribbon as usize].level(f.half_width).at(u)[1];
            }
            k = f.next;
        }
        through
    }
}

/// How far a polyline turns at vertex `i`, as the sine of the angle; 1 for a turn of 90° and more.
fn bend(line: &[PointPx], i: usize) -> f64 {
    if i == 0 || i + 1 >= line.len() {
        return 0.0;
    }
    let v = [line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]];
    let w = [line[i + 1][0] - line[i][0], line[i + 1][1] - line[i][1]];
    let (dot, cross) = (v[0] * w[0] + v[1] * w[1], v[0] * w[1] - v[1] * w[0]);
    let scale = libm::hypot(v[0], v[1]) * libm::hypot(w[0], w[1]);
    if dot <= 0.0 || scale < 1e-12 { 1.0 } else { cross.abs() / scale }
}

/// One shaft over what is below it.
fn over(below: [f64; 3], values: &Values, [emerged, streak]: [f64; 2]) -> [f64; 3] {
    core::array::from_fn(|c| {
        below[c] * (1.0 - emerged * values[c]) + emerged * (values[3 + c] + streak * values[6])
    })
}
