//! Several bars on skin, and their least-squares fit to one dark body.
//!
//! Light passes one shaft after the other, so that several bars of opacity aᵢ on skin of opacity b let through
//! `(1 − b) Π(1 − aᵢ shareᵢ)`. [`Scene::fit`] moves all bars of a body together until what they let through is closest to
//! what is seen, so that a shaft whose one side is hidden takes its place from its other side, its ends and what the others
//! leave over.
//!
//! A bar is asked only for the pixels that it may reach: the cost of a body grows with its area, not with its area times
//! the number of its bars.

use nalgebra::{DMatrix, DVector, Dyn};

use crate::bar::{Bar, Frame, LANES, PARAMETERS, Prior};
use crate::least_squares::{Descent, LeastSquares, minimise};

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
            self.rows_under(&bar, &bar.frame(), |_, cells| {
                cells.iter().filter(|&&k| k != NONE).for_each(|&k| within[k as usize] = true);
            });
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
        self.rows_under(b, &frame, |[x, y], cells| {
            if shared {
                return;
            }
            // A pixel more on either side than rounding could need.
            let [low, high] = grown.columns(&grown_frame, y);
            let pixels = (0_u16..).zip(cells).filter(|&(_, &k)| k != NONE);
            let mut columns = pixels.map(|(column, _)| x + f32::from(column) * self.stride as f32);
            shared = columns.any(|x| {
                (low - 1.0..=high + 1.0).contains(&x)
                    && b.value_in(&frame, x, y) > 0.0
                    && grown.value_in(&grown_frame, x, y) > 0.0
            });
        });
        shared
    }

    /// Area that one of them stands for, px².
    pub fn area(&self) -> f32 {
        (self.stride * self.stride) as f32
    }

    /// Calls `visit` for every stretch of a row that a bar may cover, row by row: where its first cell lies, px, and what is
    /// in its cells.
    fn rows_under(&self, bar: &Bar, frame: &Frame, mut visit: impl FnMut([f32; 2], &[u32])) {
        let Some(rows) = self.cells.len().checked_div(self.columns) else { return };
        let stride = self.stride as f32;
        // One cell more on either side than rounding could need.
        let cells = |[low, high]: [f32; 2], from: f32, count: usize| {
            let low = ((low - from) / stride).floor() - 1.0;
            let high = ((high - from) / stride).ceil() + 2.0;
            low.clamp(0.0, count as f32) as usize..high.clamp(0.0, count as f32) as usize
        };
        for row in cells(bar.rows(frame), self.corner[1], rows) {
            let y = self.corner[1] + row as f32 * stride;
            let columns = bar.columns(frame, y);
            if columns[0] > columns[1] + stride {
                continue;
            }
            let part = cells(columns, self.corner[0], self.columns);
            let x = self.corner[0] + part.start as f32 * stride;
            visit([x, y], &self.cells[row * self.columns..][..self.columns][part]);
        }
    }

    /// Calls `visit` for every pixel that a bar may cover, row by row, with its index and the bar's share of it.
    fn under(&self, bar: &Bar, frame: &Frame, mut visit: impl FnMut(usize, f32)) {
        self.rows_under(bar, frame, |[x, y], cells| {
            for (part, cells) in (0_u16..).zip(cells.chunks(LANES)) {
                let mut values = [0.0; LANES];
                let stride = self.stride as f32;
                bar.values_in(frame, [x + f32::from(part) * LANES as f32 * stride, y], stride, &mut values);
                for (&k, value) in cells.iter().zip(values).filter(|&(&k, _)| k != NONE) {
                    visit(k as usize, value);
                }
            }
        });
    }
}

/// What one bar takes from one pixel, and how that changes with its parameters.
struct Cover {
    pixel: u32,
    value: f32,
    slopes: [f32; PARAMETERS],
}

/// What all bars take from the pixels.
struct Covers {
    /// Bar by bar, the pixels of each in their order.
    list: Vec<Cover>,
    /// Where each bar's part of the list begins, and the end.
    of_bar: Vec<usize>,
    /// Pixel by pixel, the bars of each in their order: bar and place in the list.
    of_pixel: Vec<[u32; 2]>,
    /// Where each pixel's part of that begins, and the end.
    first: Vec<u32>,
}

impl Covers {
    /// Covers of one pixel.
    fn over(&self, pixel: usize) -> &[[u32; 2]] {
        &self.of_pixel[self.first[pixel] as usize..self.first[pixel + 1] as usize]
    }

    /// Light that all bars over a pixel but one let through, from the last but one bar's to the first's.
    fn open_but(&self, pixel: usize, but: u32) -> f32 {
        let others = self.over(pixel).iter().filter(|&&[_, place]| place != but);
        others.map(|&[_, place]| 1.0 - self.list[place as usize].value).product()
    }
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
            pixels.under(bar, &frame, |k, value| open[k] *= 1.0 - value);
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
        pixels.under(bar, &frame, |k, value| open[k] *= 1.0 - value);
        let bars = self.bars.iter().chain([bar]);
        Self::misfit_of(&open, pixels) + bars.map(|bar| prior.cost(bar)).sum::<f32>()
    }

    fn misfit_of(open: &[f32], pixels: &Pixels) -> f32 {
        // Several sums run beside each other: one alone waits for every addition.
        let mut sums = [0.0_f32; LANES];
        for (open, list) in open.chunks(LANES).zip(pixels.list.chunks(LANES)) {
            for ((sum, open), p) in sums.iter_mut().zip(open).zip(list) {
                let rest = p.seen - (1.0 - open);
                *sum += rest * rest;
            }
        }
        sums.iter().sum::<f32>() * pixels.area()
    }

    /// Moves all bars together to the least misfit; returns it.
    pub fn fit(&mut self, pixels: &Pixels, prior: &Prior, steps: usize) -> f32 {
        let start = std::mem::replace(self, Self { bars: Vec::new(), skin: 0.0 });
        let found = minimise(&Fit { pixels, prior }, start, &descent(steps));
        *self = found.state;
        found.cost as f32
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

    /// What the bars take from the pixels.
    fn covers(&self, pixels: &Pixels) -> Covers {
        let mut list: Vec<Cover> = Vec::new();
        let mut of_bar = vec![0];
        let mut first = vec![0_u32; pixels.list.len() + 1];
        let stride = pixels.stride as f32;
        for bar in &self.bars {
            let frame = bar.frame();
            pixels.rows_under(bar, &frame, |[x, y], cells| {
                for (part, cells) in (0_u16..).zip(cells.chunks(LANES)) {
                    let mut values = [0.0; LANES];
                    let mut slopes = [[0.0; LANES]; PARAMETERS];
                    let at = [x + f32::from(part) * LANES as f32 * stride, y];
                    bar.covers_in(&frame, at, stride, &mut values, &mut slopes);
                    for (lane, &pixel) in cells.iter().enumerate().filter(|&(_, &pixel)| pixel != NONE) {
                        if slopes[7][lane] != 0.0 {
                            first[pixel as usize + 1] += 1;
                            let mut cover = Cover { pixel, value: values[lane], slopes: [0.0; PARAMETERS] };
                            for (slope, slopes) in cover.slopes.iter_mut().zip(&slopes) {
                                *slope = slopes[lane];
                            }
                            list.push(cover);
                        }
                    }
                }
            });
            of_bar.push(list.len());
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let mut next = first.clone();
        let mut of_pixel = vec![[0; 2]; list.len()];
        for (bar, part) in (0_u32..).zip(of_bar.windows(2)) {
            for place in part[0]..part[1] {
                let next = &mut next[list[place].pixel as usize];
                of_pixel[*next as usize] = [bar, place as u32];
                *next += 1;
            }
        }
        Covers { list, of_bar, of_pixel, first }
    }

    /// The common blocks of bars that share a pixel, and which bars these are; `slopes` stand in the order of the covers.
    fn common_blocks(&self, covers: &Covers, slopes: &[Slopes]) -> Vec<([usize; 2], Block)> {
        let count = self.bars.len();
        let mut blocks: Vec<([usize; 2], Block)> = Vec::new();
        let mut place_of = vec![usize::MAX; count * count];
        for here in covers.first.windows(2).map(|part| &covers.of_pixel[part[0] as usize..part[1] as usize]) {
            for (own, &[bar, place]) in here.iter().enumerate() {
                for &[other, other_place] in &here[own + 1..] {
                    let bars = [bar as usize, other as usize];
                    let block = &mut place_of[bars[0] * count + bars[1]];
                    if *block == usize::MAX {
                        *block = blocks.len();
                        blocks.push((bars, Block::default()));
                    }
                    blocks[*block].1.add_pair(&slopes[place as usize], &slopes[other_place as usize]);
                }
            }
        }
        blocks
    }

    /// Gauss–Newton normal equations of the misfit, prior included.
    ///
    /// Every sum runs over the pixels in their order, bar by bar and pair by pair: only bars that share a pixel have a
    /// common block.
    fn normal_equations(&self, pixels: &Pixels, prior: &Prior) -> (DMatrix<f64>, DVector<f64>) {
        let n = self.bars.len() * PARAMETERS + 1;
        let mut normal = vec![0.0_f64; n * n];
        let mut right = vec![0.0_f64; n];
        let covers = self.covers(pixels);
        // Light let through and what is missing, pixel by pixel.
        let mut seen: Vec<[f64; 2]> = Vec::with_capacity(pixels.list.len());
        let (mut of_skin, mut right_of_skin) = (0.0, 0.0);
        for (at, p) in pixels.list.iter().enumerate() {
            let values = covers.over(at).iter().map(|&[_, place]| covers.list[place as usize].value);
            let open = p.open * values.map(|value| 1.0 - value).product::<f32>();
            let rest = f64::from(p.seen - (1.0 - (1.0 - self.skin) * open));
            let by_skin = f64::from(open);
            of_skin += by_skin * by_skin;
            right_of_skin += by_skin * rest;
            seen.push([by_skin, rest]);
        }
        normal[n * n - 1] = of_skin;
        right[n - 1] = right_of_skin;
        let mut all: Vec<Slopes> = Vec::with_capacity(covers.list.len());
        for (bar, part) in covers.of_bar.windows(2).enumerate() {
            let mut block = Block::default();
            for place in part[0]..part[1] {
                let Cover { pixel, slopes, .. } = &covers.list[place];
                let pixel = *pixel as usize;
                let through =
                    (1.0 - self.skin) * pixels.list[pixel].open * covers.open_but(pixel, place as u32);
                let mut a = [0.0; WIDE];
                for (a, slope) in a.iter_mut().zip(slopes) {
                    *a = f64::from(through * slope);
                }
                [a[PARAMETERS], a[PARAMETERS + 1]] = seen[pixel];
                block.add(&a);
                all.push(a);
            }
            let from = bar * PARAMETERS;
            for (i, row) in block.0.iter().enumerate() {
                normal[(from + i) * n + from + i..][..PARAMETERS - i].copy_from_slice(&row[i..PARAMETERS]);
                normal[(from + i) * n + n - 1] = row[PARAMETERS];
                right[from + i] = row[PARAMETERS + 1];
            }
        }
        for (bars, block) in self.common_blocks(&covers, &all) {
            let [from, to] = bars.map(|bar| bar * PARAMETERS);
            for (i, row) in block.0.iter().enumerate() {
                normal[(from + i) * n + to..][..PARAMETERS].copy_from_slice(&row[..PARAMETERS]);
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

/// A scene that is fitted to pixels.
struct Fit<'a> {
    pixels: &'a Pixels,
    prior: &'a Prior,
}

/// The floor keeps a parameter that no pixel sees where it is; it is as heavy as what one pixel's length of a blurred edge says of
/// its place: ∫ slope² = 0.3 over a step of 4 px. It gives up early, as most scenes are only tried and lead nowhere.
fn descent(steps: usize) -> Descent {
    Descent { steps, settled: 1e-3, damping: 0.03, floor: 0.3, tries: 3 }
}

impl LeastSquares<Dyn> for Fit<'_> {
    type State = Scene;

    fn cost(&self, scene: &Scene) -> f64 {
        f64::from(scene.misfit(self.pixels, self.prior))
    }

    fn normal_equations(&self, scene: &Scene) -> (DMatrix<f64>, DVector<f64>) {
        scene.normal_equations(self.pixels, self.prior)
    }

    fn moved(&self, scene: &Scene, step: &DVector<f64>) -> Option<Scene> {
        let moved = scene.moved(step.as_slice());
        let sane = moved.bars.iter().all(|bar| bar.length_px() > 2.0 && bar.width_px.is_finite());
        sane.then_some(moved)
    }
}

/// Slopes of one bar at one pixel, the light let through there, what is missing there, and a zero: of even length, so that
/// they are added up two at a time.
type Slopes = [f64; WIDE];
const WIDE: usize = PARAMETERS + 3;
/// The slopes alone, and one more.
const EVEN: usize = PARAMETERS.next_multiple_of(2);

/// One bar's share of the normal equations: the products of its slopes with each other, with the light and with what is missing.
/// Below the diagonal it means nothing.
#[derive(Default)]
struct Block([Slopes; PARAMETERS]);

impl Block {
    /// Adds the products of one pixel.
    #[inline]
    fn add(&mut self, a: &Slopes) {
        self.add_row::<0>(a);
        self.add_row::<1>(a);
        self.add_row::<2>(a);
        self.add_row::<3>(a);
        self.add_row::<4>(a);
        self.add_row::<5>(a);
        self.add_row::<6>(a);
        self.add_row::<7>(a);
        self.add_row::<8>(a);
    }

    /// Adds the products of the slopes of two bars at one pixel.
    #[allow(clippy::needless_range_loop, reason = "several arrays run along; iterators hide it")]
    #[inline]
    fn add_pair(&mut self, a: &Slopes, b: &Slopes) {
        for (row, a) in self.0.iter_mut().zip(a) {
            for column in 0..EVEN {
                row[column] += a * b[column];
            }
        }
    }

    #[allow(clippy::needless_range_loop, reason = "several arrays run along; iterators hide it")]
    #[inline]
    fn add_row<const ROW: usize>(&mut self, a: &Slopes) {
        let row = &mut self.0[ROW];
        for column in ROW / 2 * 2..WIDE {
            row[column] += a[ROW] * a[column];
        }
    }
}

/// Most that the skin of a body may be darker than the skin around it, as a share of the usual shaft.
const MAX_SKIN: f32 = 0.3;

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
