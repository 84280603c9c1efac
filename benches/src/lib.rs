//! Benches: one file per group of stages, and the whole pipeline. What they share is the input.
//!
//! ```sh
//! cargo bench -p vellus-benches                       # all, some minutes
//! cargo bench -p vellus-benches --bench pipeline      # one file
//! cargo bench -p vellus-benches -- --test             # each once, as CI does
//! ```
//!
//! Every bench checks its result before it is timed: a stage that finds nothing is fast. Throughput is in elements per
//! second, an element being a pixel: 10 Melem/s are 10 megapixels per second. Everything runs on as many threads as
//! there are cores; `RAYON_NUM_THREADS` sets another number.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use vellus::contrast::{Contrast, contrast};
use vellus::linear::{LinearPhoto, linear};
use vellus::mask::scalp;
use vellus::ribbon::Ribbon;
use vellus::shafts::Setting;
use vellus::{Calibration, CalibrationSource, Photo};
use vellus_phantom::{Scene, Truth, draw};

/// The sample of the README.
pub const SAMPLE: &[u8] = include_bytes!("../../samples/clipped.jpg");
/// Scale of the sample and of [`field`], µm per px.
pub const UM_PER_PX: f64 = 5.0;
/// Widest shaft that is looked for, µm: the protocol's default.
pub const MAX_DIAMETER_UM: f64 = 140.0;

/// A drawn field, with what the first stages make of it.
#[derive(Debug)]
pub struct Field {
    /// The photo.
    pub photo: Photo,
    /// What is on it.
    pub truth: Truth,
    /// Its linear light.
    pub light: LinearPhoto,
    /// Which pixels are scalp.
    pub valid: Vec<bool>,
    /// How much of the light is missing.
    pub contrast: Contrast,
    /// What the search is told.
    pub setting: Setting,
}

/// The named scene at 1280 × 1024 px, as the devices of the field give it.
///
/// # Panics
/// When there is no scene of that name.
pub fn field(name: &str) -> Field {
    let phantom = draw(&Scene::named(name).expect("a scene of that name"), 1);
    let photo = Photo::from_image(phantom.image.into()).expect("pixels");
    let light = linear(&photo);
    let valid = scalp(&light);
    let contrast = contrast(&light, &valid, &valid, UM_PER_PX);
    let setting = Setting::of(&contrast, UM_PER_PX, MAX_DIAMETER_UM);
    Field { photo, truth: phantom.truth, light, valid, contrast, setting }
}

impl Field {
    /// Pixels, as the throughput is counted in.
    pub fn pixels(&self) -> u64 {
        self.valid.len() as u64
    }

    /// Hairs in it of which 150 µm or more are to be seen.
    pub fn hairs(&self) -> usize {
        self.truth.hairs.iter().filter(|hair| hair.visible_length_um >= 150.0).count()
    }

    /// Width of the widest shaft that is looked for, px.
    pub fn max_width_px(&self) -> f32 {
        self.setting.max_diameter_um / self.setting.um_per_px
    }
}

/// The scale of [`SAMPLE`] and [`field`].
///
/// # Panics
/// Never: the scale is in range.
pub fn scale() -> Calibration {
    Calibration::new(UM_PER_PX, CalibrationSource::Flag).expect("a scale in range")
}

/// A straight ribbon, laid over a plane.
pub fn ribbon(from: [f32; 2], to: [f32; 2], width_px: f32, plane: [usize; 2]) -> Ribbon {
    let axis: Vec<[f32; 2]> =
        (0..=20).map(|k| [0, 1].map(|c| from[c] + k as f32 / 20.0 * (to[c] - from[c]))).collect();
    let n = axis.len();
    let mut ribbon = Ribbon {
        axis,
        width_px: vec![width_px; n],
        edges: vec![[true; 2]; n],
        level: 0.9,
        ends: [vellus::track::TrackEnd::Open; 2],
        cover: Vec::new(),
    };
    ribbon.lay(plane[0], plane[1]);
    ribbon
}

/// A group whose throughput is in pixels. Ten samples: the stages take milliseconds to a second, and what matters is a
/// change by a tenth.
pub fn group<'a>(criterion: &'a mut Criterion, name: &str, pixels: u64) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    group.throughput(Throughput::Elements(pixels));
    group
}
