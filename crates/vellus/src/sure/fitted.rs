//! Written by `intervals/fit.py` from 697 drawn photos and 20395 of their hairs. Do not edit.

/// Log of true over found hairs: its mean, by the figures of a photo in the order of [`super::of_photo`], …
pub const COUNT_MEAN: [f64; 12] =
    [0.0237, -0.5744, 0.1450, -1.2532, 1.4877, 0.0661, -0.0407, 0.0300, 0.1134, -0.0345, -0.1364, 0.4022];
/// … and the log of its standard deviation.
pub const COUNT_SPREAD: [f64; 12] =
    [-0.6964, 1.7705, 0.2991, -0.7811, 0.0564, -0.7643, -0.0202, 0.5844, 0.2154, -0.2525, 0.6881, -1.0274];
/// What the standard deviation is multiplied by, so that 95 % of held-out photos fall within 1.96 of them.
pub const COUNT_FACTOR: f64 = 0.988;
/// Log of the read over the true width: its mean, by the figures of a hair in the order of [`super::of_hair`], …
pub const WIDTH_MEAN: [f64; 9] =
    [0.1391, 0.0121, -0.0045, -0.0068, -0.0010, 0.0202, -0.0367, 0.0030, -0.0084];
/// … and the log of its standard deviation.
pub const WIDTH_SPREAD: [f64; 9] =
    [1.8935, 0.4696, -0.1572, -0.0452, 0.6095, 0.1583, -1.7435, 0.0372, 0.1319];
/// As [`COUNT_FACTOR`], for the widths of held-out photos.
pub const WIDTH_FACTOR: f64 = 1.110;
/// Share of the variance of widths that all hairs of a photo have in common.
pub const WIDTH_SHARED: f64 = 0.099;
