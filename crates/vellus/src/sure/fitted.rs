//! Written by `intervals/fit.py` from 334 drawn photos and 9492 of their hairs. Do not edit.

/// Log of true over found hairs: its mean, by the figures of a photo in the order of [`super::of_photo`], …
pub const COUNT_MEAN: [f64; 12] =
    [0.5209, -0.9262, 0.0438, 1.6775, -1.9889, 0.0413, -0.1730, -0.3888, 0.4587, -0.0396, -0.2555, 0.6421];
/// … and the log of its standard deviation.
pub const COUNT_SPREAD: [f64; 12] =
    [-1.4240, 0.9361, 0.1425, -0.5574, 2.3508, -0.6042, 0.0457, 1.1802, -0.0479, -0.0459, 0.6713, -1.0840];
/// What the standard deviation is multiplied by, so that 95 % of held-out photos fall within 1.96 of them.
pub const COUNT_FACTOR: f64 = 1.149;
/// Log of the read over the true width: its mean, by the figures of a hair in the order of [`super::of_hair`], …
pub const WIDTH_MEAN: [f64; 8] = [0.1958, -0.0201, -0.0002, -0.0027, -0.0026, 0.0305, -0.0529, -0.0036];
/// … and the log of its standard deviation.
pub const WIDTH_SPREAD: [f64; 8] = [4.0075, -1.0519, -0.3542, -0.2124, 0.5899, 0.1898, -0.9393, 0.0246];
/// As [`COUNT_FACTOR`], for the widths of held-out photos.
pub const WIDTH_FACTOR: f64 = 1.188;
/// Share of the variance of widths that all hairs of a photo have in common.
pub const WIDTH_SHARED: f64 = 0.163;
