//! Bars of known width in linear light, blurred, with noise, and what is read of them.
//!
//! A picture has one bar of each width, as a photo has hairs of several: the blur comes from the wider ones, as it does in a photo.
//! A bar is handed over as a search finds it: half a pixel beside its axis, a tenth too wide or too narrow.

use vellus::profile::widths;
use vellus_phantom::random::Stream;

use super::bound::{Seen, width_sd_px};
use super::rivals::Section;
use crate::bars::{Bar, as_shafts, opacity};
use crate::score::{mean, sd};

/// Widths that are drawn, µm.
pub const WIDTHS_UM: [f64; 8] = [15.0, 20.0, 30.0, 40.0, 50.0, 70.0, 90.0, 110.0];
/// Length of a bar, µm: that of a clipped hair.
pub const LENGTH_UM: f64 = 600.0;
/// Opacity of a bar: that of dark hair.
const LEVEL: f64 = 0.9;
/// Skin beside a bar that is used, px: what the library's fit sees.
const FLANK_PX: f64 = 5.0;
/// Bars side by side in a picture.
const COLUMNS: usize = 4;

/// How bars are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Scale, µm per px.
    pub um_per_px: f64,
    /// Blur, standard deviation in px.
    pub blur_sigma_px: f64,
    /// Opacity over the noise of a pixel.
    pub contrast_to_noise: f64,
    /// Standard deviation of the opacity from bar to bar.
    pub opacity_sd: f64,
}

impl Condition {
    /// The condition around which one thing varies at a time.
    pub const CENTRE: Self =
        Self { um_per_px: 5.0, blur_sigma_px: 1.2, contrast_to_noise: 10.0, opacity_sd: 0.0 };

    /// The centre, and what differs from it.
    pub fn all() -> Vec<(String, Self)> {
        let centre = Self::CENTRE;
        let mut all = vec![("5 µm per px, blur 1.2 px, contrast/noise 10".to_owned(), centre)];
        all.extend(
            [3.0, 8.0].map(|um_per_px| (format!("{um_per_px} µm per px"), Self { um_per_px, ..centre })),
        );
        all.extend(
            [0.8, 2.0].map(|blur| (format!("blur {blur:.1} px"), Self { blur_sigma_px: blur, ..centre })),
        );
        all.extend(
            [5.0, 20.0].map(|cn| (format!("contrast/noise {cn}"), Self { contrast_to_noise: cn, ..centre })),
        );
        // Where bars are too narrow to tell their own opacity.
        let differing = Self { um_per_px: 8.0, opacity_sd: 0.05 * LEVEL, ..centre };
        all.push(("8 µm per px, opacities that differ by 5 %".to_owned(), differing));
        all
    }

    /// Least spread of a reading of a bar of this width, µm, with the blur known.
    pub fn bound_um(&self, width_um: f64) -> f64 {
        let seen = Seen {
            width_px: width_um / self.um_per_px,
            blur_sigma_px: self.blur_sigma_px,
            contrast_to_noise: self.contrast_to_noise,
            // Half a width at either end belongs to the end.
            length_px: (LENGTH_UM - width_um) / self.um_per_px,
            flank_px: FLANK_PX,
        };
        self.um_per_px * width_sd_px(&seen)
    }

    /// One bar of each width, as drawn.
    fn bars(&self, stream: &mut Stream, side_px: f64) -> Vec<Bar> {
        let bar = |(k, width_um): (usize, &f64)| {
            let column = |k: usize| (k as f64 + 0.5) * side_px;
            let [x, y] = [column(k % COLUMNS), column(k / COLUMNS)].map(|v| v + stream.uniform(-0.5, 0.5));
            let (sin, cos) = stream.uniform(0.0, std::f64::consts::PI).sin_cos();
            let half = 0.5 * LENGTH_UM / self.um_per_px;
            Bar {
                from: [x - half * cos, y - half * sin],
                to: [x + half * cos, y + half * sin],
                width_px: width_um / self.um_per_px,
                level: stream.normal(LEVEL, self.opacity_sd).clamp(0.0, 1.0),
            }
        };
        WIDTHS_UM.iter().enumerate().map(bar).collect()
    }

    /// Draws a picture and reads it: one reading per width.
    pub fn read(&self, seed: u64) -> Vec<Reading> {
        let mut stream = Stream::new(seed, "bars of known width");
        let side_px = ((LENGTH_UM + WIDTHS_UM[WIDTHS_UM.len() - 1]) / self.um_per_px + 12.0).ceil();
        let bars = self.bars(&mut stream, side_px);
        let rows = WIDTHS_UM.len().div_ceil(COLUMNS);
        let mut plane =
            opacity(COLUMNS * side_px as usize, rows * side_px as usize, &bars, self.blur_sigma_px);
        let noise_sd = LEVEL / self.contrast_to_noise;
        plane.data.iter_mut().for_each(|value| *value += stream.normal(0.0, noise_sd) as f32);

        let found: Vec<Bar> = bars.iter().map(|bar| as_found(bar, &mut stream)).collect();
        let widths = widths(&as_shafts(&found, &plane), &plane, LEVEL as f32);
        let um = self.um_per_px;
        (bars.iter().zip(&widths.of).zip(WIDTHS_UM))
            .map(|((bar, width), width_um)| {
                let section = Section::across(bar, &plane, FLANK_PX + 3.0 * self.blur_sigma_px);
                let read = width.level.map(|_| [width.mean_px, width.se_px].map(|px| um * f64::from(px)));
                Reading {
                    width_um,
                    read_um: read.map(|[width, _]| width),
                    se_um: read.map(|[_, se]| se),
                    raw_steger_um: um * section.raw_steger_px(),
                    half_maximum_um: um * section.half_maximum_px(),
                }
            })
            .collect()
    }
}

/// A bar as a search hands it over.
fn as_found(bar: &Bar, stream: &mut Stream) -> Bar {
    let mut near = |p: [f64; 2]| p.map(|v| v + stream.uniform(-0.5, 0.5));
    let (from, to) = (near(bar.from), near(bar.to));
    Bar { from, to, width_px: bar.width_px * stream.uniform(0.9, 1.1), ..*bar }
}

/// What is read of one bar.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The truth, µm.
    pub width_um: f64,
    /// Width by the library, µm; `None` where no bar could be fitted.
    pub read_um: Option<f64>,
    /// Its stated standard error, µm.
    pub se_um: Option<f64>,
    /// Width by Steger without his correction, µm.
    pub raw_steger_um: f64,
    /// Width at half maximum, µm.
    pub half_maximum_um: f64,
}

/// Readings of bars of one width under one condition.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// The truth, µm.
    pub width_um: f64,
    /// Bars.
    pub bars: usize,
    /// Those to which a bar could be fitted.
    pub read: usize,
    /// Mean error, µm.
    pub bias_um: f64,
    /// Standard deviation of the error, µm.
    pub spread_um: f64,
    /// Least spread that is possible, µm.
    pub bound_um: f64,
    /// Mean stated standard error, µm.
    pub stated_um: f64,
    /// Share of the bars within 1.96 stated standard errors of the truth, %.
    pub held_percent: f64,
    /// Mean error and spread of raw Steger, µm.
    pub raw_steger_um: [f64; 2],
    /// Mean error and spread at half maximum, µm.
    pub half_maximum_um: [f64; 2],
}

impl Cell {
    /// One cell per width of all readings of a condition.
    pub fn of(condition: &Condition, readings: &[Reading]) -> Vec<Self> {
        WIDTHS_UM.iter().map(|&width_um| Self::of_width(condition, readings, width_um)).collect()
    }

    fn of_width(condition: &Condition, readings: &[Reading], width_um: f64) -> Self {
        let here: Vec<&Reading> = readings.iter().filter(|r| r.width_um == width_um).collect();
        let errors: Vec<f64> = here.iter().filter_map(|r| Some(r.read_um? - width_um)).collect();
        let ses: Vec<f64> = here.iter().filter_map(|r| r.se_um).collect();
        let held = errors.iter().zip(&ses).filter(|(error, se)| error.abs() <= super::Z95 * **se).count();
        let both = |values: Vec<f64>| {
            [mean(&values).unwrap_or(f64::NAN) - width_um, sd(&values).unwrap_or(f64::NAN)]
        };
        Self {
            width_um,
            bars: here.len(),
            read: errors.len(),
            bias_um: mean(&errors).unwrap_or(f64::NAN),
            spread_um: sd(&errors).unwrap_or(f64::NAN),
            bound_um: condition.bound_um(width_um),
            stated_um: mean(&ses).unwrap_or(f64::NAN),
            held_percent: 100.0 * held as f64 / errors.len() as f64,
            raw_steger_um: both(here.iter().map(|r| r.raw_steger_um).collect()),
            half_maximum_um: both(here.iter().map(|r| r.half_maximum_um).collect()),
        }
    }
}
