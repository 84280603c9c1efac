//! Several bars on skin, and their least-squares fit to one dark body.
//!
//! Light passes one shaft after the other, so that several bars of opacity aᵢ on skin of opacity b let through
//! `(1 − b) Π(1 − aᵢ shareᵢ)`. [`Scene::fit`] moves all bars of a body together until what they let through is closest to
//! what is seen (Levenberg–Marquardt, doi:10.1137/0111030), so that a shaft whose one side is hidden takes its place from
//! its other side, its ends and what the others leave over.
//!
//! A bar is asked only for the pixels that it may reach: the cost of a body grows with its area, not with its area times
//! the number of its bars.

use nalgebra::{DMatrix, DVector};

use crate::bar::{Bar, Frame, PARAMETERS, Prior};

/// A pixel of a body.
#[derive(Debug, Clone, Copy)]
pub struct Pixel {
    /// Column, px.
    pub x: f32,
    /// Row, px.
    pub y: f32,
    /// Opacity as a share of the usual shaft's.
    pub seen: f32,
    /// Light that shafts let through which lie over it and do not move.
    pub open: f32,
}

/// The pixels of a body, row by row, and where each lies.
#[derive(Debug, Clone)]
pub struct Pixels {
    list: Vec<Pixel>,
    stride: usize,
    corner: [f32; 2],
    columns: usize,
    /// Index into `list` by cell, [`NONE`] where there is no pixel.
    cells: Vec<u32>,
}

/// No pixel here.
const NONE: u32 = u32::MAX;

impl Pixels {
    /// Pixels row by row, from left to right; neighbours are `stride` px apart in both directions.
    pub fn new(list: Vec<Pixel>, stride: usize) -> Self {
        let low = list.iter().fold([f32::MAX; 2], |[x, y], p| [x.min(p.x), y.min(p.y)]);
        let high = list.iter().fold([f32::MIN; 2], |[x, y], p| [x.max(p.x), y.max(p.y)]);
        let cell = |v: f32, from: f32| ((v - from) / stride as f32).round() as usize;
        let (columns, rows) =
            if list.is_empty() { (0, 0) } else { (cell(high[0], low[0]) + 1, cell(high[1], low[1]) + 1) };
        let mut cells = vec![NONE; columns * rows];
        for (k, p) in (0_u32..).zip(&list) {
            cells[cell(p.y, low[1]) * columns + cell(p.x, low[0])] = k;
        }
        Self { list, stride, corner: low, columns, cells }
    }

    /// The pixels.
    pub fn list(&self) -> &[Pixel] {
        &self.list
    }

    /// Distance of neighbours, px.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// The pixels that some bars reach, `margin_px` included, as `fixed` bars leave them.
    pub fn around<'a>(&self, bars: impl Iterator<Item = &'a Bar>, margin_px: f32, fixed: &[Bar]) -> Self {
        let mut within = vec![false; self.list.len()];
        for bar in bars {
            let bar = bar.grown(margin_px);
            self.under(&bar, &bar.frame(), |k, _| within[k] = true);
        }
        let open = Scene { bars: fixed.to_vec(), skin: 0.0 }.open(self);
        let pixels = self.list.iter().zip(open).zip(within).filter(|&(_, within)| within);
        Self::new(pixels.map(|((p, open), _)| Pixel { open, ..*p }).collect(), self.stride)
    }

    /// Whether two bars, one of them grown by a margin, reach a common pixel.
    pub fn share(&self, a: &Bar, b: &Bar, margin_px: f32) -> bool {
        let grown = a.grown(margin_px);
        let (grown_frame, frame) = (grown.frame(), b.frame());
        let mut shared = false;
        self.under(b, &frame, |_, p| {
            shared = shared
                || (b.value_in(&frame, p.x, p.y) > 0.0 && grown.value_in(&grown_frame, p.x, p.y) > 0.0);
        });
        shared
    }

    /// Area that one of them stands for, px².
    pub fn area(&self) -> f32 {
        (self.stride * self.stride) as f32
    }

    /// Calls `visit` for every pixel that a bar may cover, row by row.
    fn under(&self, bar: &Bar, frame: &Frame, mut visit: impl FnMut(usize, &Pixel)) {
        let Some(rows) = self.cells.len().checked_div(self.columns) else { return };
        let stride = self.stride as f32;
        // One cell more on either side than rounding could need.
        let cells = |[low, high]: [f32; 2], from: f32, count: usize| {
            let low = ((low - from) / stride).floor() - 1.0;
            let high = ((high - from) / stride).ceil() + 2.0;
            low.clamp(0.0, count as f32) as usize..high.clamp(0.0, count as f32) as usize
        };
        for row in cells(bar.rows(frame), self.corner[1], rows) {
            let columns = bar.columns(frame, self.corner[1] + row as f32 * stride);
            if columns[0] > columns[1] + stride {
                continue;
            }
            let here = &self.cells[row * self.columns..][..self.columns];
            for &k in &here[cells(columns, self.corner[0], self.columns)] {
                if k != NONE {
                    visit(k as usize, &self.list[k as usize]);
                }
            }
        }
    }
}

/// What one bar takes from one pixel, and how that changes with its parameters.
#[derive(Clone, Default)]
struct Cover {
    bar: usize,
    value: f32,
    slopes: [f32; PARAMETERS],
}

/// A body as it is explained: bars on skin.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The shafts.
    pub bars: Vec<Bar>,
    /// Opacity of the skin between and around them, as a share of the usual shaft's.
    pub skin: f32,
}

impl Scene {
    /// Light that the scene lets through at every pixel.
    pub fn open(&self, pixels: &Pixels) -> Vec<f32> {
        let mut open: Vec<f32> = pixels.list.iter().map(|p| (1.0 - self.skin) * p.open).collect();
        for bar in &self.bars {
            let frame = bar.frame();
            pixels.under(bar, &frame, |k, p| open[k] *= 1.0 - bar.value_in(&frame, p.x, p.y));
        }
        open
    }

    /// Sum of squared differences between what the scene lets see and what is seen, px² of an opaque shaft, plus the
    /// prior's cost.
    pub fn misfit(&self, pixels: &Pixels, prior: &Prior) -> f32 {
        Self::misfit_of(&self.open(pixels), pixels) + self.bars.iter().map(|bar| prior.cost(bar)).sum::<f32>()
    }

    /// The misfit with a further bar, prior included; `open` is what [`Scene::open`] gives.
    pub fn misfit_with(&self, bar: &Bar, open: &[f32], pixels: &Pixels, prior: &Prior) -> f32 {
        let mut open = open.to_vec();
        let frame = bar.frame();
        pixels.under(bar, &frame, |k, p| open[k] *= 1.0 - bar.value_in(&frame, p.x, p.y));
        let bars = self.bars.iter().chain([bar]);
        Self::misfit_of(&open, pixels) + bars.map(|bar| prior.cost(bar)).sum::<f32>()
    }

    fn misfit_of(open: &[f32], pixels: &Pixels) -> f32 {
        let rest = |(open, p): (&f32, &Pixel)| p.seen - (1.0 - open);
        let sum: f32 = open.iter().zip(&pixels.list).map(rest).map(|rest| rest * rest).sum();
        sum * pixels.area()
    }

    /// Moves all bars together to the least misfit; returns it.
    pub fn fit(&mut self, pixels: &Pixels, prior: &Prior, steps: usize) -> f32 {
        let mut cost = self.misfit(pixels, prior);
        let mut damping = 0.03;
        for _ in 0..steps {
            let (normal, right) = self.normal_equations(pixels, prior);
            let n = right.len();
            let mut improved = false;
            for _ in 0..3 {
                let mut damped = normal.clone();
                for i in 0..n {
                    damped[(i, i)] += damping * normal[(i, i)] + 0.3;
                }
                let Some(cholesky) = damped.cholesky() else { break };
                let moved = self.moved(cholesky.solve(&right).as_slice());
                let sane = moved.bars.iter().all(|bar| bar.length_px() > 2.0 && bar.width_px.is_finite());
                let after = if sane { moved.misfit(pixels, prior) } else { f32::MAX };
                if after < cost {
                    improved = cost - after > 1e-3 * cost;
                    cost = after;
                    *self = moved;
                    damping = (damping * 0.3).max(1e-4);
                    break;
                }
                damping *= 8.0;
            }
            if !improved {
                break;
            }
        }
        cost
    }

    /// The scene after a step of all its parameters, the skin's last.
    fn moved(&self, delta: &[f64]) -> Self {
        let bars: Vec<Bar> = self
            .bars
            .iter()
            .zip(delta.chunks_exact(PARAMETERS))
            .map(|(bar, delta)| bar.moved(&bar.frame(), delta))
            .collect();
        Self { bars, skin: (self.skin + delta[delta.len() - 1] as f32).clamp(-0.1, MAX_SKIN) }
    }

    /// What the bars take from the pixels, pixel by pixel, and where each pixel's share of the list begins.
    fn covers(&self, pixels: &Pixels) -> (Vec<Cover>, Vec<u32>) {
        let mut found: Vec<(u32, Cover)> = Vec::new();
        let mut first = vec![0_u32; pixels.list.len() + 1];
        for (k, bar) in self.bars.iter().enumerate() {
            let frame = bar.frame();
            pixels.under(bar, &frame, |at, p| {
                let (value, slopes) = bar.cover_in(&frame, p.x, p.y);
                if slopes[7] != 0.0 {
                    first[at + 1] += 1;
                    found.push((at as u32, Cover { bar: k, value, slopes }));
                }
            });
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        // By pixel; the bars of a pixel stay in order.
        let mut next = first.clone();
        let mut covers = vec![Cover::default(); found.len()];
        for (at, cover) in found {
            covers[next[at as usize] as usize] = cover;
            next[at as usize] += 1;
        }
        (covers, first)
    }

    /// Gauss–Newton normal equations of the misfit, prior included.
    fn normal_equations(&self, pixels: &Pixels, prior: &Prior) -> (DMatrix<f64>, DVector<f64>) {
        let n = self.bars.len() * PARAMETERS + 1;
        let mut normal = vec![0.0_f64; n * n];
        let mut right = vec![0.0_f64; n];
        let (covers, first) = self.covers(pixels);
        // The slopes of what the bars over one pixel let through together.
        let mut slopes: Vec<[f64; PARAMETERS]> = Vec::new();
        for (p, range) in pixels.list.iter().zip(first.windows(2)) {
            let here = &covers[range[0] as usize..range[1] as usize];
            let open = p.open * here.iter().map(|cover| 1.0 - cover.value).product::<f32>();
            let rest = f64::from(p.seen - (1.0 - (1.0 - self.skin) * open));
            let by_skin = f64::from(open);
            normal[n * n - 1] += by_skin * by_skin;
            right[n - 1] += by_skin * rest;
            slopes.clear();
            for (i, cover) in here.iter().enumerate() {
                let through = (1.0 - self.skin) * p.open * others(here, i);
                let mut a = [0.0; PARAMETERS];
                for (a, slope) in a.iter_mut().zip(&cover.slopes) {
                    *a = f64::from(through * slope);
                }
                slopes.push(a);
            }
            for (own, (cover, a)) in here.iter().zip(&slopes).enumerate() {
                let from = cover.bar * PARAMETERS;
                for i in 0..PARAMETERS {
                    right[from + i] += a[i] * rest;
                    let row = &mut normal[(from + i) * n..][..n];
                    row[n - 1] += a[i] * by_skin;
                    for (sum, slope) in row[from + i..from + PARAMETERS].iter_mut().zip(&a[i..]) {
                        *sum += a[i] * slope;
                    }
                    for (other, b) in here.iter().zip(&slopes).skip(own + 1) {
                        let to = other.bar * PARAMETERS;
                        for (sum, slope) in row[to..to + PARAMETERS].iter_mut().zip(b) {
                            *sum += a[i] * slope;
                        }
                    }
                }
            }
        }
        let area = f64::from(pixels.area());
        let mut matrix = DMatrix::from_fn(n, n, |i, j| area * normal[i.min(j) * n + i.max(j)]);
        let mut right = DVector::from_iterator(n, right.into_iter().map(|v| area * v));
        for (k, bar) in self.bars.iter().enumerate() {
            prior.add_to(&mut matrix, &mut right, k * PARAMETERS, bar);
        }
        (matrix, right)
    }
}

/// Most that the skin of a body may be darker than the skin around it, as a share of the usual shaft.
const MAX_SKIN: f32 = 0.3;

/// Light that all bars over a pixel but one let through.
fn others(covers: &[Cover], but: usize) -> f32 {
    covers.iter().enumerate().filter(|&(j, _)| j != but).map(|(_, cover)| 1.0 - cover.value).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels_of(bars: &[Bar], side: usize) -> Pixels {
        let list = (0..side * side)
            .map(|i| {
                let (x, y) = ((i % side) as f32, (i / side) as f32);
                let open: f32 = bars.iter().map(|bar| 1.0 - bar.cover(x, y)).product();
                Pixel { x, y, seen: 1.0 - open, open: 1.0 }
            })
            .collect();
        Pixels::new(list, 1)
    }

    const FREE: Prior = Prior { width_px: 100.0, log_width_sd: 1.0, weight: 0.01 };

    /// Bars at all angles, bent, tapering, partly or wholly outside of the pixels.
    fn many_bars() -> Vec<Bar> {
        (0..40)
            .map(|k| {
                let angle = 0.37 * k as f32;
                let (x, y) = ((k * 29 % 100) as f32 - 10.0, (k * 47 % 100) as f32 - 10.0);
                let length = 3.0 + (k * 13 % 60) as f32;
                Bar {
                    bend_px: (k % 7) as f32 - 3.0,
                    taper_px: (k % 5) as f32 - 2.0,
                    level: 0.8,
                    ..Bar::straight(
                        [x, y],
                        [x + length * angle.cos(), y + length * angle.sin()],
                        1.0 + (k % 9) as f32,
                    )
                }
            })
            .collect()
    }

    #[test]
    fn no_pixel_that_a_bar_covers_is_left_out() {
        let all = pixels_of(&[], 80);
        // Every third pixel of every third row, with holes.
        let some = |p: &&Pixel| {
            (p.x as usize + p.y as usize).is_multiple_of(3) && (p.x as usize).is_multiple_of(3) && p.x > 6.0
        };
        let holed = Pixels::new(all.list().iter().filter(some).copied().collect(), 3);
        for pixels in [&all, &holed] {
            for bar in many_bars() {
                let scene = Scene { bars: vec![bar], skin: 0.0 };
                for (open, p) in scene.open(pixels).iter().zip(pixels.list()) {
                    assert_eq!(*open, 1.0 - bar.cover(p.x, p.y), "{bar:?} at {p:?}");
                }
            }
        }
        assert!(
            Scene { bars: many_bars(), skin: 0.0 }.misfit(&Pixels::new(Vec::new(), 2), &FREE).is_finite()
        );
    }

    #[test]
    fn a_further_bar_costs_what_the_whole_scene_says() {
        let pixels = pixels_of(&many_bars()[3..9], 80);
        let scene = Scene { bars: many_bars()[..5].to_vec(), skin: 0.1 };
        let open = scene.open(&pixels);
        for bar in many_bars() {
            let mut with = scene.clone();
            with.bars.push(bar);
            let (whole, part) = (with.misfit(&pixels, &FREE), scene.misfit_with(&bar, &open, &pixels, &FREE));
            assert_eq!(whole, part, "{bar:?}");
        }
    }

    #[test]
    fn fit_finds_two_touching_bars_from_a_rough_start() {
        let truth = [
            Bar {
                from: [15.0, 20.0],
                to: [60.0, 24.0],
                bend_px: 1.0,
                width_px: 9.0,
                taper_px: 0.0,
                level: 1.0,
                fade: 0.0,
            },
            Bar {
                from: [18.0, 29.0],
                to: [50.0, 31.0],
                bend_px: 0.0,
                width_px: 8.0,
                taper_px: 2.0,
                level: 1.0,
                fade: 0.0,
            },
        ];
        let pixels = pixels_of(&truth, 80);
        let bars = [
            Bar {
                from: [17.0, 22.0],
                to: [57.0, 22.0],
                bend_px: 0.0,
                width_px: 11.0,
                taper_px: 0.0,
                level: 1.0,
                fade: 0.0,
            },
            Bar {
                from: [17.0, 31.0],
                to: [54.0, 33.0],
                bend_px: 0.0,
                width_px: 11.0,
                taper_px: 0.0,
                level: 1.0,
                fade: 0.0,
            },
        ];
        let mut scene = Scene { bars: bars.to_vec(), skin: 0.0 };
        let cost = scene.fit(&pixels, &FREE, 40);
        assert!(cost < 1.0, "misfit {cost}");
        for (bar, truth) in scene.bars.iter().zip(&truth) {
            assert!((bar.width_px - truth.width_px).abs() < 0.2, "{bar:?}");
            assert!((bar.to[0] - truth.to[0]).abs() < 0.3, "{bar:?}");
        }
    }
}
