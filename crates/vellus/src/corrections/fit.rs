//! From the course that a reader drew to the axis and the width of the shaft there.
//!
//! Courses + the hairs around + [`PhotoEvidence`] → [`Measured`] per course.
//!
//! 1. A course that stands alone is moved across itself to the darkest line within the reach of a reader's hand (`snap`), by dynamic
//!    programming over cross-sections, at the width at which it stands out most.
//! 2. Axis, width and opacity are fitted to the pixels around ([`minimise`]): a bar over the course with blurred edges, on skin,
//!    under and beside the other hairs, light passing one after the other. Hairs drawn side by side take turns, so that each
//!    has what the other one leaves.
//! 3. The width is read by [`widths_from`], as that of any hair.
//!
//! The ends stay where the reader put them. Where the fit finds nothing darker than skin, there is no width.

use nalgebra::{Const, SMatrix, SVector};

use super::apply::PhotoEvidence;
use super::shape::{Axis, MARGIN_PX, NARROWEST_PX, Place, STEP_PX, Shape, normals, resampled, share};
use super::snap::snapped;
use crate::hair::Hair;
use crate::least_squares::{Descent, LeastSquares, minimise};
use crate::plane::Plane;
use crate::profile::{Width, widths_from};
use crate::ribbon::Ribbon;

/// A hair as a reader drew it, root first, px.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub course: Vec<[f32; 2]>,
}

/// A hair as it lies in the photo.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// Its axis, px.
    pub axis: Vec<[f32; 2]>,
    /// `None` where none can be read.
    pub width: Option<Width>,
}

/// How far a reader's hand is off, px.
pub(super) const HAND_PX: f32 = 6.0;
/// Farthest that the shaft may lie from where it was drawn, px: a hand and the error of the fit.
const FREE_OFF_PX: f32 = 8.0;
/// The same where it stands free nowhere, so that what is dark there may be other hairs.
const CROWDED_OFF_PX: f32 = 5.0;
/// Light that other hairs have to let through for a pixel to tell of this one.
const LEAST_OPEN: f32 = 0.3;
/// Least share of a course that has to tell.
const LEAST_SEEN: f32 = 0.4;
/// Standard error of a width above which it is none, as a share of the width.
const MOST_SE: f32 = 0.5;
/// Misfit per pixel that noise, texture and the model's own error leave, opacity.
const MISFIT: f64 = 0.1;
/// Standard deviations of what is known before looking: shift across, px; logarithm of the width; opacity; skin.
const PRIOR_SD: [f64; 6] = [4.0, 4.0, 4.0, 0.7, 0.3, 0.1];
/// Turns that hairs side by side take.
const TURNS: usize = 6;
/// Fits of all turns together from which hairs side by side take fewer turns, so that thousands are done in a minute or so.
const MOST_FITS: usize = 400;
/// A hair whose parameters move by less is settled: well below any error.
const SETTLED: f64 = 0.01;
/// What a step gains at last, 1e-4 of some hundred pixels' cost of about 1 each, moves a parameter by a tenth of its standard error.
const DESCENT: Descent = Descent { steps: 12, settled: 1e-4, damping: 1e-2, floor: 0.0, tries: 4 };

/// Shift across at root, middle and tip, px; logarithm of the width; opacity; opacity of the skin around.
type Parameters = SVector<f64, 6>;

/// A pixel by the course.
struct Pixel {
    p: [f32; 2],
    at: Place,
    seen: f64,
    open: f64,
}

impl Pixel {
    /// Share of the way along the course, 0 to 1.
    fn share(&self) -> f64 {
        f64::from(self.at.along / self.at.length.max(1e-3)).clamp(0.0, 1.0)
    }
}

/// A hair that is being fitted.
struct Fitted {
    /// The course that the fit starts from.
    axis: Vec<[f32; 2]>,
    pixels: Vec<Pixel>,
    /// Blur at its middle, that of the pixels themselves included, px.
    blur: f32,
    p: Parameters,
    prior: Parameters,
}

impl Fitted {
    fn shape(&self) -> Shape {
        Shape::new(self.moved(), libm::exp(self.p[3]) as f32, self.p[4].clamp(0.0, 1.0) as f32)
    }

    /// How far the fit moved an end or the middle of the course that was drawn, px.
    fn off(&self, course: &[[f32; 2]]) -> f32 {
        let moved = self.moved();
        let n = course.len();
        [0, n / 2, n - 1]
            .iter()
            .map(|&k| libm::hypotf(moved[k][0] - course[k][0], moved[k][1] - course[k][1]))
            .fold(0.0, f32::max)
    }

    /// The axis where the fit puts it.
    fn moved(&self) -> Vec<[f32; 2]> {
        let n = self.axis.len();
        let normals = normals(&self.axis);
        (0..n)
            .map(|k| {
                let shift = shift(&self.p, k as f64 / (n - 1) as f64) as f32;
                let ([x, y], [dx, dy]) = (self.axis[k], normals[k]);
                [x + shift * dx, y + shift * dy]
            })
            .collect()
    }

    /// What the model covers of a pixel, with the hair `aside` px farther across and `wider` in the logarithm of its width.
    fn covers(&self, pixel: &Pixel, p: &Parameters, aside: f64, wider: f64) -> f64 {
        let at = Place { across: pixel.at.across - (shift(p, pixel.share()) + aside) as f32, ..pixel.at };
        f64::from(share(at, 0.5 * libm::exp(p[3] + wider) as f32, self.blur))
    }

    fn model(&self, pixel: &Pixel, p: &Parameters) -> f64 {
        1.0 - (1.0 - p[5]) * pixel.open * (1.0 - p[4] * self.covers(pixel, p, 0.0, 0.0))
    }

    /// The model and its derivatives.
    fn slopes(&self, pixel: &Pixel, p: &Parameters) -> (f64, Parameters) {
        const ASIDE: f64 = 0.05;
        const WIDER: f64 = 0.01;
        let covers = self.covers(pixel, p, 0.0, 0.0);
        let lit = (1.0 - p[5]) * pixel.open;
        let by_cover = lit * p[4];
        let by_shift = by_cover * (self.covers(pixel, p, ASIDE, 0.0) - covers) / ASIDE;
        let by_width = by_cover * (self.covers(pixel, p, 0.0, WIDER) - covers) / WIDER;
        let [root, middle, tip] = parabola(pixel.share());
        let dark = 1.0 - p[4] * covers;
        let slopes =
            [root * by_shift, middle * by_shift, tip * by_shift, by_width, lit * covers, pixel.open * dark];
        (1.0 - lit * dark, Parameters::from(slopes))
    }

    fn tells(pixel: &&Pixel) -> bool {
        pixel.open >= f64::from(LEAST_OPEN)
    }

    /// Moves the parameters to the least misfit.
    fn fit(&mut self) {
        self.p = minimise(self, self.p, &DESCENT).state;
    }

    /// Whether there is a shaft: its middle is darker than what can be told from skin, and enough of it is in sight.
    fn is_seen(&self, faintest: f32) -> bool {
        let half = 0.5 * libm::exp(self.p[3]) as f32;
        let middle = Place { along: 0.5e3, across: 0.0, length: 1e3 };
        let peak = self.p[4] as f32 * share(middle, half, self.blur);
        let core = |pixel: &&Pixel| pixel.at.across.abs() <= 1.0;
        let (all, open) = (
            self.pixels.iter().filter(core).count() as f32,
            self.pixels.iter().filter(core).filter(Self::tells).count() as f32,
        );
        // A point of the axis has two to three pixels within 1 px.
        let wanted = LEAST_SEEN * self.axis.len() as f32;
        peak >= faintest && all >= wanted && open >= LEAST_SEEN * all
    }
}

impl LeastSquares<Const<6>> for Fitted {
    type State = Parameters;

    fn cost(&self, p: &Parameters) -> f64 {
        let misfit = |pixel: &Pixel| ((pixel.seen - self.model(pixel, p)) / MISFIT).powi(2);
        let pixels: f64 = self.pixels.iter().filter(Self::tells).map(misfit).sum();
        pixels + (0..6).map(|i| ((p[i] - self.prior[i]) / PRIOR_SD[i]).powi(2)).sum::<f64>()
    }

    fn normal_equations(&self, p: &Parameters) -> (SMatrix<f64, 6, 6>, Parameters) {
        let (mut normal, mut right) = (SMatrix::zeros(), Parameters::zeros());
        for pixel in self.pixels.iter().filter(Self::tells) {
            let (value, slopes) = self.slopes(pixel, p);
            let slopes = slopes / MISFIT;
            normal += slopes * slopes.transpose();
            right += slopes * ((pixel.seen - value) / MISFIT);
        }
        for i in 0..6 {
            normal[(i, i)] += PRIOR_SD[i].powi(-2);
            right[i] += (self.prior[i] - p[i]) * PRIOR_SD[i].powi(-2);
        }
        (normal, right)
    }

    fn moved(&self, p: &Parameters, step: &Parameters) -> Option<Parameters> {
        let mut next = p + step;
        next[3] = next[3].clamp(-1.0, 5.0);
        next[4] = next[4].clamp(0.02, 1.0);
        next[5] = next[5].clamp(-0.2, 0.4);
        Some(next)
    }
}

/// Weights of root, middle and tip at a share of the way: a parabola through all three.
fn parabola(f: f64) -> [f64; 3] {
    [(1.0 - f) * (1.0 - 2.0 * f), 4.0 * f * (1.0 - f), f * (2.0 * f - 1.0)]
}

/// Shift across at a share of the way.
fn shift(p: &Parameters, f: f64) -> f64 {
    let [root, middle, tip] = parabola(f);
    root * p[0] + middle * p[1] + tip * p[2]
}

/// Measures what a reader drew; `others` are the hairs that stand, `widest_px` is the widest a hair can be.
pub(super) fn measure_drawn(
    drawn: &[Drawn],
    others: &[Hair],
    evidence: &PhotoEvidence,
    scalp: &[bool],
    widest_px: f32,
) -> Vec<Measured> {
    if drawn.is_empty() {
        return Vec::new();
    }
    let opacity = evidence.opacity;
    let mut widths: Vec<f32> = others.iter().filter_map(|hair| hair.width_px).map(|w| w as f32).collect();
    widths.sort_by(f32::total_cmp);
    let usual_px = widths.get(widths.len() / 2).copied().unwrap_or(0.25 * widest_px).max(NARROWEST_PX);
    let around: Vec<Shape> =
        others.iter().map(|hair| Shape::of(hair, opacity, evidence.usual_level)).collect();
    let courses: Vec<Vec<[f32; 2]>> = drawn.iter().map(|drawn| resampled(&drawn.course)).collect();
    let reach: Vec<Shape> =
        courses.iter().map(|axis| Shape::new(axis.clone(), usual_px + 2.0 * HAND_PX, 0.0)).collect();
    let beside = |k: usize| -> Vec<usize> {
        (0..drawn.len()).filter(|&j| j != k && reach[j].is_near(&reach[k])).collect()
    };
    let beside: Vec<Vec<usize>> = (0..drawn.len()).map(beside).collect();

    let mut fitted: Vec<Fitted> = (0..drawn.len())
        .map(|k| {
            let near: Vec<&Shape> = around.iter().filter(|shape| shape.is_near(&reach[k])).collect();
            let blur = libm::hypotf(evidence.blur.at(courses[k][courses[k].len() / 2]), PIXEL_SD);
            let (axis, width) = if beside[k].is_empty() {
                let open = |p| near.iter().map(|shape| shape.passes(p, blur)).product::<f32>();
                snapped(&courses[k], opacity, scalp, &open, [usual_px, widest_px])
            } else {
                (courses[k].clone(), usual_px)
            };
            let start = [0.0, 0.0, 0.0, libm::log(f64::from(width)), f64::from(evidence.usual_level), 0.0];
            let mut prior = Parameters::from(start);
            let start = prior;
            prior[3] = libm::log(f64::from(usual_px));
            let pixels = pixels(&axis, 0.75 * width + HAND_PX + MARGIN_PX, opacity, scalp);
            Fitted { axis, pixels, blur, p: start, prior }
        })
        .collect();
    let turns = if beside.iter().all(Vec::is_empty) { 1 } else { (MOST_FITS / fitted.len()).clamp(1, TURNS) };
    let mut settled = vec![false; fitted.len()];
    for turn in 0..turns {
        for k in 0..fitted.len() {
            if turn > 0 && (settled[k] || beside[k].is_empty()) {
                continue;
            }
            let near: Vec<Shape> = around
                .iter()
                .filter(|shape| shape.is_near(&reach[k]))
                .cloned()
                .chain(beside[k].iter().map(|&j| fitted[j].shape()))
                .collect();
            let blur = fitted[k].blur;
            for pixel in &mut fitted[k].pixels {
                pixel.open = f64::from(near.iter().map(|shape| shape.passes(pixel.p, blur)).product::<f32>());
            }
            let before = fitted[k].p;
            fitted[k].fit();
            settled[k] = (fitted[k].p - before).amax() < SETTLED;
            if !settled[k] {
                beside[k].iter().for_each(|&j| settled[j] = false);
            }
        }
    }

    let size = [opacity.width, opacity.height];
    let shapes: Vec<Shape> = fitted.iter().map(Fitted::shape).collect();
    let ribbons: Vec<Ribbon> = around
        .iter()
        .chain(&shapes)
        .map(|shape| Ribbon::over(shape.axis.points.clone(), shape.width, shape.level, size))
        .collect();
    let levels: Vec<f32> = ribbons.iter().map(|ribbon| ribbon.level).collect();
    let read = widths_from(
        around.len(),
        &ribbons.iter().collect::<Vec<_>>(),
        &levels,
        opacity,
        &evidence.blur,
        evidence.usual_level,
    );
    let most = [(opacity.width - 1) as f32, (opacity.height - 1) as f32];
    fitted
        .iter()
        .zip(read)
        .zip(&courses)
        .map(|((fitted, (width, free)), course)| {
            let most_off = if free { FREE_OFF_PX } else { CROWDED_OFF_PX };
            let seen = fitted.is_seen(evidence.faintest_level) && fitted.off(course) <= most_off;
            // Anything else is a width of something else, and must not decide whether the hair counts.
            let sane = width.mean_px <= widest_px && width.se_px <= MOST_SE * width.mean_px;
            // Without a shaft to follow, the hair lies where the reader drew it.
            let axis = if seen { fitted.moved() } else { course.clone() };
            let axis = axis.iter().map(|p| [p[0].clamp(0.0, most[0]), p[1].clamp(0.0, most[1])]).collect();
            Measured { axis, width: (seen && sane).then_some(width) }
        })
        .collect()
}

/// Standard deviation of a pixel's own box, px: 1/√12.
const PIXEL_SD: f32 = 0.289;

/// Pixels of scalp within `reach` of an axis.
fn pixels(axis: &[[f32; 2]], reach: f32, opacity: &Plane, scalp: &[bool]) -> Vec<Pixel> {
    // A point of the axis every half reach; what they reach together holds all pixels within `reach` of the axis.
    let stride = ((0.5 * reach / STEP_PX) as usize).max(1);
    let around = reach + stride as f32 * STEP_PX;
    let mut near = Vec::new();
    let course = Axis::new(axis.to_vec());
    for p in axis.iter().step_by(stride).chain(axis.last()) {
        let range =
            |v: f32, n: usize| (v - around).max(0.0) as usize..=((v + around).max(0.0) as usize).min(n - 1);
        for y in range(p[1], opacity.height) {
            near.extend(
                range(p[0], opacity.width).map(|x| (y, x)).filter(|(y, x)| scalp[y * opacity.width + x]),
            );
        }
    }
    near.sort_unstable();
    near.dedup();
    near.into_iter()
        .filter_map(|(y, x)| {
            let p = [x as f32, y as f32];
            let at = course.place(p);
            let within =
                at.across.abs() <= reach && at.along > -MARGIN_PX && at.along < at.length + MARGIN_PX;
            let seen = f64::from(opacity.data[y * opacity.width + x].clamp(-0.3, 1.0));
            within.then_some(Pixel { p, at, seen, open: 1.0 })
        })
        .collect()
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
