//! Written by `intervals/fit.py` from 687 drawn photos and 20487 of their hairs. Do not edit.

/// Log of true over found hairs: its mean, by the figures of a photo in the order of [`super::of_photo`], …
pub const COUNT_MEAN: [f64; 12] =
    [1.1154, -0.9850, 0.0419, 0.1831, -0.2380, 0.0566, -0.0075, -0.0362, 0.0256, -0.0240, -0.2546, 0.3577];
/// … and the log of its standard deviation.
pub const COUNT_SPREAD: [f64; 12] =
    [-1.2419, 1.4035, 0.3811, -1.2262, 1.6165, -0.8594, -0.1426, 0.5850, 0.3914, -0.2071, 0.4757, -1.9674];
/// What the standard deviation is multiplied by, so that 95 % of held-out photos fall within 1.96 of them.
pub const COUNT_FACTOR: f64 = 1.006;
/// Log of the read over the true width: its mean, by the figures of a hair in the order of [`super::of_hair`], …
pub const WIDTH_MEAN: [f64; 8] = [0.1301, 0.0082, -0.0036, -0.0062, -0.0025, 0.0212, -0.0257, 0.0009];
/// … and the log of its standard deviation.
pub const WIDTH_SPREAD: [f64; 8] = [3.4657, 0.2142, -0.3475, -0.2513, 0.5365, 0.2851, -1.3311, -0.0338];
/// As [`COUNT_FACTOR`], for the widths of held-out photos.
pub const WIDTH_FACTOR: f64 = 1.135;
/// Share of the variance of widths that all hairs of a photo have in common.
pub const WIDTH_SHARED: f64 = 0.086;
