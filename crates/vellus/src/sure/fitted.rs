//! Written by `intervals/fit.py` from 290 drawn photos and 8058 of their hairs. Do not edit.

/// Log of true over found hairs: its mean, by the figures of a photo in the order of [`super::of_photo`], …
pub const COUNT_MEAN: [f64; 12] =
    [1.8867, -1.1369, 0.0190, 0.2410, -0.2836, 0.0399, 0.0649, -0.0209, -0.0395, -0.0391, -0.3374, 0.8918];
/// … and the log of its standard deviation.
pub const COUNT_SPREAD: [f64; 12] =
    [-1.0980, 0.7711, 0.4823, 0.5336, 0.2554, -0.6614, 0.1313, 0.6013, 0.3965, -0.0707, 0.5906, -1.1634];
/// What the standard deviation is multiplied by, so that 95 % of held-out photos fall within 1.96 of them.
pub const COUNT_FACTOR: f64 = 1.117;
/// Log of the read over the true width: its mean, by the figures of a hair in the order of [`super::of_hair`], …
pub const WIDTH_MEAN: [f64; 8] =
    [0.2104, -0.0327, 0.0005, -0.0032, -0.0027, 0.0300, -0.0615, -0.0033];
/// … and the log of its standard deviation.
pub const WIDTH_SPREAD: [f64; 8] =
    [3.4698, -0.5259, -0.3685, -0.2355, 0.6007, 0.1621, -1.0134, 0.1007];
/// As [`COUNT_FACTOR`], for the widths of held-out photos.
pub const WIDTH_FACTOR: f64 = 1.165;
/// Share of the variance of widths that all hairs of a photo have in common.
pub const WIDTH_SHARED: f64 = 0.169;
