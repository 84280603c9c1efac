//! Photos → the JSON of a measurement, a comparison or a series: the bytes that the command line writes, without the line feed.

use pyo3::prelude::*;
use rayon::prelude::*;
use serde::Serialize;
use vellus::compare::{CompareOptions, Shot, compare as compare_two, compare_replicates, compare_series};
use vellus::setting::Setting;

use crate::errors::{self, guarded};
use crate::source::Source;
use crate::threads::unlocked;
use crate::wishes::{Asked, Options, setting_error};

/// Measures a photo.
#[pyfunction]
pub fn measure(py: Python<'_>, photo: Source, options: Options) -> PyResult<String> {
    let asked = options.asked()?;
    let setting = asked.wishes.setting(photo.path()).map_err(|error| setting_error(&error))?;
    unlocked(py, options.threads()?, || {
        let name = photo.name();
        guarded(&name, || {
            let path = shown(&photo);
            let photo = photo.open(&setting.protocol.decode)?;
            if let Some(mask) = &asked.mask {
                mask.check(&name, &photo).map_err(errors::input)?;
            }
            asked.check_corrections(std::slice::from_ref(&photo.content_hash))?;
            let scale = setting.scale(photo.width_px).map_err(errors::input)?;
            let mut measurement = match asked.corrections_of(&photo) {
                None => vellus::measure(&photo, scale, &setting.protocol),
                Some(file) => {
                    vellus::measure_corrected(&photo, scale, &setting.protocol, file)
                        .map_err(errors::input)?
                        .measurement
                }
            };
            measurement.image.path = path;
            json(&measurement)
        })
    })
}

/// Compares photos of two visits.
#[pyfunction]
pub fn compare(
    py: Python<'_>,
    baseline: Vec<Source>,
    follow_up: Vec<Source>,
    options: Options,
    interval_h: Option<f64>,
    second_look: bool,
) -> PyResult<String> {
    let first = baseline.len();
    let photos: Vec<Source> = baseline.into_iter().chain(follow_up).collect();
    compared(py, photos, &options, |shots| {
        let (before, after) = shots.split_at(first);
        let how = CompareOptions { interval_h, second_look };
        let comparison = match (before, after) {
            ([before], [after]) => compare_two(before, after, &how),
            _ => compare_replicates(before, after, &how),
        };
        json(&comparison.map_err(errors::compare)?)
    })
}

/// Compares each of several visits with the first.
#[pyfunction]
pub fn series(py: Python<'_>, photos: Vec<Source>, options: Options, second_look: bool) -> PyResult<String> {
    compared(py, photos, &options, |shots| {
        let how = CompareOptions { interval_h: None, second_look };
        json(&compare_series(shots, &how).map_err(errors::compare)?)
    })
}

/// Measures the photos and compares them.
fn compared(
    py: Python<'_>,
    photos: Vec<Source>,
    options: &Options,
    compare: impl FnOnce(&[Shot]) -> PyResult<String> + Send,
) -> PyResult<String> {
    let asked = options.asked()?;
    let settings: Vec<Setting> = photos
        .iter()
        .map(|photo| asked.wishes.setting(photo.path()).map_err(|error| setting_error(&error)))
        .collect::<PyResult<_>>()?;
    unlocked(py, options.threads()?, || {
        let take = |(photo, setting): (Source, &Setting)| {
            let name = photo.name();
            guarded(&name, || take(photo, setting, &asked))
        };
        let shots: Vec<Shot> =
            photos.into_par_iter().zip(&settings).with_max_len(1).map(take).collect::<PyResult<_>>()?;
        let hashes: Vec<String> =
            shots.iter().map(|shot| shot.measurement.image.content_hash.clone()).collect();
        asked.check_corrections(&hashes)?;
        guarded("the comparison", || compare(&shots))
    })
}

fn take(photo: Source, setting: &Setting, asked: &Asked) -> PyResult<Shot> {
    let path = shown(&photo);
    let photo = photo.open(&setting.protocol.decode)?;
    let scale = setting.scale(photo.width_px).map_err(errors::input)?;
    let corrections = asked.corrections_of(&photo);
    let (mut shot, _) =
        Shot::take_corrected(&photo, scale, &setting.protocol, corrections).map_err(errors::input)?;
    shot.measurement.image.path = path;
    Ok(shot)
}

/// The path as it was given, for the record.
fn shown(photo: &Source) -> Option<String> {
    photo.path().map(|path| path.to_string_lossy().into_owned())
}

fn json(record: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(record).map_err(errors::record)
}
