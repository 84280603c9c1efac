//! Finds the hair shafts on a standardised scalp photo, counts them and measures how thick they are.
//!
//! [`measure()`] takes a [`Photo`], the length of a pixel on the scalp ([`Calibration`]) and a [`Protocol`], and gives
//! a [`Measurement`]:
//!
//! ```
//! use vellus::{Calibration, CalibrationSource, Photo, Protocol, measure};
//!
//! // One hair drawn on skin: 12 px wide, 160 px long, leaning, its edges blurred in linear light, and a camera's noise.
//! let mut state = 1_u32;
//! let mut noise = move || {
//!     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//!     f64::from(state >> 24) / 64.0 - 2.0
//! };
//! let image = image::RgbImage::from_fn(320, 240, |x, y| {
//!     let (x, y) = (f64::from(x) - 160.0, f64::from(y) - 120.0);
//!     let (along, across) = (0.8 * x + 0.6 * y, 0.6 * x - 0.8 * y);
//!     let inside = |distance: f64| 1.0 / (1.0 + (-2.0 * distance).exp());
//!     let hair = inside(6.0 - across.abs()) * inside(80.0 - along.abs());
//!     let light = |skin: f64| skin * (1.0 - 0.95 * hair);
//!     image::Rgb([0.6, 0.5, 0.4].map(|skin| (255.0 * light(skin).powf(1.0 / 2.2) + noise()).round() as u8))
//! });
//! let photo = Photo::from_image(image.into())?;
//! let scale = Calibration::new(5.0, CalibrationSource::Flag)?;
//! let measurement = measure(&photo, Some(scale), &Protocol::default());
//! assert_eq!(measurement.summary.hair_count, 1);
//! let diameter_um = measurement.hairs[0].diameter_um.expect("a wide hair is resolved");
//! assert!((diameter_um - 60.0).abs() < 3.0, "{diameter_um}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A photo that cannot carry a measurement is not an error: it gives a [`Measurement`] whose [`Verdict`] is `Fail` and
//! whose [`Finding`]s say why. A photo without hair is a measurement of zero hairs. Errors are what stops a photo,
//! a scale, a region or a protocol from being read: [`PhotoError`], [`CalibrationError`], [`RegionError`],
//! [`ProtocolError`], [`CorrectionsError`].
//!
//! # The field's terms and their types
//!
//! | term | here |
//! |---|---|
//! | hair shaft | [`Hair`] |
//! | hair shaft diameter | [`Hair::diameter_um`]; in pixels it is a width, [`Hair::width_px`] |
//! | terminal, vellus hair | [`HairClass`], by [`Protocol::vellus_limit_um`] |
//! | follicular unit | [`FollicularUnit`] |
//! | hair density | [`Summary::density_per_cm2`] |
//! | cumulative hair thickness | [`Summary::cumulative_thickness_mm_per_cm2`] |
//! | hairs per follicular unit | [`Summary::hairs_per_unit`] |
//! | target area | [`Region`], asked for as a [`RegionShape`] |
//! | magnification, scale | [`Calibration::um_per_px`] |
//! | value with standard error and interval | [`Estimate`] |
//! | analysis settings | [`Protocol`] |
//! | photo quality | [`Quality`], [`Finding`] |
//!
//! # Order of the stages
//!
//! Each stage is a pure function in its own module; [`measure()`] only chains them.
//!
//! 1. [`photo`]: encoded bytes or pixels → upright [`Photo`]; [`mod@scale`]: what the picture says of its scale
//! 2. [`linear`]: sRGB → linear light
//! 3. [`mask`]: which pixels are scalp; `print`: which are letters drawn over it
//! 4. [`contrast`]: how much of the skin's light is missing at each pixel (opacity)
//! 5. [`ridge`]: where the axis of a shaft may run
//! 6. [`track`], [`propose`]: from ridge points along both edges to candidate shafts, more than there are hairs
//! 7. [`ribbon`], [`evidence`]: the pixels that a candidate covers, and what speaks for it
//! 8. [`select`]: the few candidates that together explain the photo
//! 9. [`body`], [`bar`]: touching short shafts, fitted together
//! 10. [`join`], [`fine`]: pieces of one shaft; fine shafts on what the dark ones leave
//! 11. [`profile`]: width and its standard error, by blurred bars
//! 12. [`root`], [`mod@unit`]: which end is the root; roots that lie together
//! 13. [`summarise`]: the numbers of the photo
//! 14. [`corrections`]: what a reader removed, added or turned, if anybody did; then 12 and 13 again
//!
//! Steps 5 to 10 are chained in [`shafts`].
//!
//! # Pixels and units
//!
//! x points right, y points down, and the centre of the top-left pixel of the upright photo is (0, 0). So pixel (x, y)
//! covers x − ½ to x + ½. Angles count clockwise from the x axis. Every name ends in its unit: `_px`, `_um`, `_mm2`,
//! `_per_cm2`, `_deg`. Without a scale everything in µm, mm² or per cm² is `None`.
//!
//! # Same numbers everywhere
//!
//! Equal pixels, scale and protocol give equal measurements, for any number of threads. Decoders differ by a few grey
//! levels, so the record names the one that was used.

pub mod appearance;
pub mod bar;
pub mod body;
pub mod calibration;
pub mod compare;
pub mod comparison;
pub mod contrast;
pub mod corrections;
mod cross_section;
mod cut;
pub mod deidentify;
mod doubt;
pub mod estimate;
pub mod evidence;
pub mod finding;
pub mod fine;
mod focus;
mod gleam;
pub mod hair;
pub mod join;
mod least_squares;
pub mod linear;
pub mod mask;
pub mod measure;
pub mod measurement;
mod median;
mod middles;
mod parts;
pub mod photo;
pub mod plane;
mod print;
pub mod profile;
pub mod propose;
pub mod protocol;
mod records;
pub mod region;
pub mod region_file;
pub mod regions;
pub mod ribbon;
pub mod ridge;
pub mod root;
pub mod scale;
pub mod scene;
pub mod select;
pub mod series;
pub mod setting;
pub mod shafts;
mod shine;
pub mod skin;
pub mod spectrum;
pub mod summarise;
pub mod sure;
mod tiles;
pub mod track;
pub mod unit;

pub use calibration::{Calibration, CalibrationError, CalibrationSource, ScaleErrorBasis};
pub use compare::conditions::{ConditionChange, Conditions};
pub use compare::{CompareError, CompareOptions, Shot, compare, compare_replicates, compare_series};
pub use comparison::{Change, ChangeVerdict, Comparison, Match, QuantityChange, Registration};
pub use corrections::{Corrections, CorrectionsError, CorrectionsFile, CorrectionsSet};
pub use estimate::Estimate;
pub use finding::{Finding, FindingCode, Severity, Verdict};
pub use hair::{DiameterBasis, FollicularUnit, Hair, HairClass, NotCounted, Origin, PointPx, Polarity};
pub use measure::{StageTiming, TimedMeasurement, measure, measure_corrected, measure_timed};
pub use measurement::{AppliedCorrections, Measurement, Quality, RegionSummary, Summary};
pub use photo::{DecodeLimits, Photo, PhotoError, StatedScale, StatedScaleSource};
pub use protocol::{Protocol, ProtocolError};
pub use region::{Region, RegionError, RegionPart, RegionShape};
pub use series::Series;

/// Version of the library, as stored in every [`Measurement`].
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
