//! Shine: where a shaft is as bright as the skin, or brighter, and shows by having taken the skin's colour away.
//!
//! Losses of the three primaries (W × H each) + the skin's colour → [`Shine`].
//!
//! A dark shaft that mirrors the lamp has a bright streak, a grey one is bright all over: by brightness they are skin. But
//! skin is coloured, as blood and melanin take green and blue out of it, and what a shaft mirrors or scatters is the lamp's
//! own white (the dichromatic reflection of Shafer 1985, doi:10.1002/col.5080100409). A pixel of which a shaft covers the
//! share a is `(1 − a) S + a m (1, 1, 1)`, S the skin and m any brightness, so that `1 − a` is the slope of the pixel on
//! the skin over the primaries. Gloss on the skin adds white and leaves that slope alone. A root below the skin looks bluish
//! and so has lost colour, too, but as something dark: what mirrors is brighter than skin at least in blue, or is
//! a streak between the dark edges of its shaft.
//!
//! The slope needs skin that is coloured as skin is. On photos of pale skin under a bluish lamp it drowns in noise; then
//! nothing is raised.

use rayon::prelude::*;

use crate::median::upper_median;
use crate::plane::Plane;

/// The lost colour, and from where on it counts that it exceeds the lost brightness.
pub(crate) struct Shine {
    /// Share of the skin's colour that is lost.
    lost: Plane,
    /// Weights of the primaries in the lost brightness.
    weights: [f32; 3],
    /// Whether a pixel lies inside what lost its colour, and mirrors, 0 to 1.
    inside: Plane,
    least: f32,
}

/// Largest spread of the excess over the skin with which shine is told: a pixel covered by half is then four spreads off.
const MAX_SPREAD: f32 = 0.12;
/// Excess from which shine is taken for possible, in spreads; from twice of it on it is certain. From 1 to 2.5 the drawn
/// scenes hardly change.
const LEAST_SPREADS: f32 = 2.0;

impl Shine {
    /// Nothing shines.
    pub(crate) fn none() -> Self {
        let nothing = Plane::filled(1, 1, 0.0);
        Self { lost: nothing.clone(), weights: [0.0; 3], inside: nothing, least: f32::INFINITY }
    }

    /// `losses` are smooth, 0 on skin and 1 on black; `weights` are those of the opacity; `skin` is the skin's brightness
    /// by primary, linear light; `blue` and `opacity` are as sharp as the photo has them; `own` are the pixels of that skin.
    pub(crate) fn of(
        losses: &[Plane; 3],
        blue: &Plane,
        opacity: &Plane,
        weights: [f32; 3],
        skin: [f32; 3],
        own: &[bool],
    ) -> Self {
        let [width, height] = [losses[0].width, losses[0].height];
        let Some(by_colour) = colour_weights(skin) else { return Self::none() };
        let mut lost = Plane::filled(width, height, 0.0);
        let at = |i: usize| losses.each_ref().map(|losses| losses.data[i]);
        lost.data.par_iter_mut().enumerate().for_each(|(i, lost)| *lost = weighted(by_colour, at(i)));
        let excess = |i: usize| lost.data[i] - weighted(weights, at(i));
        let blue = blue.gaussian(GRAIN_SIGMA_PX);
        let (Some(spread), Some(grain)) = (spread(excess, own), spread(|i| blue.data[i], own)) else {
            return Self::none();
        };
        if spread > MAX_SPREAD {
            return Self::none();
        }
        let [least, bright] = [spread, grain].map(|spread| LEAST_SPREADS * spread.max(f32::EPSILON));
        let mirrors = |blue: f32| (-blue / bright).clamp(0.0, 1.0);
        let mut inside = largest_near(&lost);
        inside.data.par_iter_mut().enumerate().for_each(|(i, inside)| {
            if excess(i) <= least {
                return;
            }
            let share = lost.data[i] / inside.max(f32::EPSILON);
            *inside = between(EDGE, share) * mirrors(blue.data[i]).max(between(RIM, enclosed(opacity, i)));
        });
        Self { lost, weights, inside, least }
    }

    /// The share of the skin's colour that is lost, if colour tells anything.
    pub(crate) fn into_lost_colour(self) -> Option<Plane> {
        self.least.is_finite().then_some(self.lost)
    }

    /// How certain it is that a pixel with those smooth losses shines, 0 to 1, and the share of the skin's light that it hides
    /// beyond its opacity.
    #[inline]
    pub(crate) fn at(&self, pixel: usize, losses: [f32; 3]) -> (f32, f32) {
        if self.least.is_infinite() {
            return (0.0, 0.0);
        }
        let excess = self.lost.data[pixel] - weighted(self.weights, losses);
        let certain = self.inside.data[pixel] * (excess / self.least - 1.0).clamp(0.0, 1.0);
        (certain, certain * excess)
    }
}

/// Where the edge of a shaft lies by the colour that is lost, as a share of the most that is lost near by: at one half, as a
/// blur leaves that where it was; the range is that of a pixel.
const EDGE: [f32; 2] = [0.4, 0.6];
/// Smoothing of the loss of blue, px: as little as takes half of the noise, so that streaks of few px show.
pub(crate) const GRAIN_SIGMA_PX: f32 = 0.7;
/// Opacity of the dark edges that enclose a streak of shine: about half of a usual shaft's.
const RIM: [f32; 2] = [0.4, 0.6];
/// How far from a streak its shaft's edges are looked for, px: a terminal hair is about 15 px wide.
const RIM_PX: isize = 8;

/// How far a value lies between two others, 0 to 1.
pub(crate) fn between([from, to]: [f32; 2], value: f32) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

/// The opacity that a pixel has on both sides of it, in the direction in which that is largest.
pub(crate) fn enclosed(opacity: &Plane, pixel: usize) -> f32 {
    let (x, y) = ((pixel % opacity.width) as isize, (pixel / opacity.width) as isize);
    let largest = |dx: isize, dy: isize| {
        let steps = (1..=RIM_PX).map(|k| (x + k * dx, y + k * dy));
        let inside = steps.filter(|&(x, y)| {
            (0..opacity.width as isize).contains(&x) && (0..opacity.height as isize).contains(&y)
        });
        inside.map(|(x, y)| opacity.at(x as usize, y as usize)).fold(0.0_f32, f32::max)
    };
    let directions = [(1, 0), (1, 1), (0, 1), (-1, 1)];
    directions.into_iter().map(|(dx, dy)| largest(dx, dy).min(largest(-dx, -dy))).fold(0.0, f32::max)
}

/// How far the most is looked for, px: two sigmas of the colour's smoothing.
const NEAR_PX: usize = 3;

/// The largest value within [`NEAR_PX`] columns and rows.
fn largest_near(plane: &Plane) -> Plane {
    let (width, height) = (plane.width, plane.height);
    let mut along = plane.clone();
    along.data.par_chunks_mut(width).enumerate().for_each(|(y, along)| {
        let row = &plane.data[y * width..][..width];
        for (x, value) in along.iter_mut().enumerate() {
            let near = &row[x.saturating_sub(NEAR_PX)..(x + NEAR_PX + 1).min(width)];
            *value = near.iter().copied().fold(f32::MIN, f32::max);
        }
    });
    let mut largest = along.clone();
    largest.data.par_chunks_mut(width).enumerate().for_each(|(y, largest)| {
        for near in y.saturating_sub(NEAR_PX)..(y + NEAR_PX + 1).min(height) {
            let row = &along.data[near * width..][..width];
            largest.iter_mut().zip(row).for_each(|(value, near)| *value = value.max(*near));
        }
    });
    largest
}

/// Weights of the primaries' losses whose sum is the share of the skin's colour that is lost; they add up to 1. `None` where
/// the skin is not coloured as skin is: red above green above blue.
fn colour_weights(skin: [f32; 3]) -> Option<[f32; 3]> {
    let [red, green, blue] = skin;
    if !(red > green && green > blue) {
        return None;
    }
    let mean = (red + green + blue) / 3.0;
    let square: f32 = skin.iter().map(|level| (level - mean).powi(2)).sum();
    Some(skin.map(|level| level * (level - mean) / square))
}

#[inline]
fn weighted(weights: [f32; 3], losses: [f32; 3]) -> f32 {
    (0..3).map(|k| weights[k] * losses[k]).sum()
}

/// Standard deviation over the scalp by the median absolute value, which hair does not move; `None` without scalp.
fn spread(excess: impl Fn(usize) -> f32, valid: &[bool]) -> Option<f32> {
    let mut sizes: Vec<f32> =
        (0..valid.len()).step_by(5).filter(|&i| valid[i]).map(|i| excess(i).abs()).collect();
    upper_median(&mut sizes).map(|size| size / 0.6745)
}

#[cfg(test)]
#[path = "shine_tests.rs"]
mod tests;
