//! A trial's photos: what `vellus batch` and `vellus merge` do.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pyo3::prelude::*;
use vellus_batch::manifest::Manifest;
use vellus_batch::merge::merge as put_together;
use vellus_batch::plan::{Plan, Settings};
use vellus_batch::run::{Event, Watch, Work, run};
use vellus_batch::shard::Shard;
use vellus_batch::store::Store;
use vellus_batch::tables::{self, Outcome};
use vellus_batch::{folder, output as outputs};

use crate::errors;
use crate::threads::{self, shared, unlocked};
use crate::wishes::{Options, setting_error};

/// How often a signal such as Ctrl-C is looked for.
const SIGNALS: Duration = Duration::from_millis(20);

/// What a batch came to: rows, rows that were measured, rows that cannot carry a measurement, failures by their reason,
/// follow-ups that were compared and that were refused, doubts.
type Came = (usize, usize, usize, BTreeMap<&'static str, usize>, usize, usize, Vec<String>);

/// Nobody listens: what became of each row is in the tables.
struct Silent;

impl Watch for Silent {
    fn see(&self, _: &Event<'_>) {}
}

/// Measures what has no record yet; writes the tables unless it is a share. `None` of a share.
#[pyfunction]
#[pyo3(signature = (input, output, options, pattern, visits, shard))]
pub fn batch(
    py: Python<'_>,
    input: PathBuf,
    output: PathBuf,
    options: Options,
    pattern: Option<&str>,
    visits: Vec<String>,
    shard: Option<&str>,
) -> PyResult<Option<Came>> {
    let plan = plan(&input, &options, pattern, visits, shard)?;
    check(&output)?;
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let asked_threads = options.threads()?;
    let threads = asked_threads.unwrap_or_else(cores);
    // Before anything is measured: the tables are written on the shared threads.
    threads::check(asked_threads)?;
    let store = py.detach(|| Store::create(&output, &plan)).map_err(errors::batch)?;
    let stop = AtomicBool::new(false);
    let work = Work { threads, fail_fast: false, stop: &stop };
    let finished = py.detach(|| {
        std::thread::scope(|scope| {
            let working = scope.spawn(|| run(&plan, &store, &work, &Silent));
            let mut interrupted = None;
            while !working.is_finished() {
                std::thread::park_timeout(SIGNALS);
                if interrupted.is_none() {
                    interrupted = Python::attach(|py| py.check_signals()).err();
                    stop.fetch_or(interrupted.is_some(), Ordering::Relaxed);
                }
            }
            let result =
                working.join().map_err(|_| errors::batch("this is an error of vellus; please report it"))?;
            interrupted.map_or(Ok(()), Err)?;
            result.map_err(errors::batch)
        })
    })?;
    if !finished {
        return Err(errors::batch("the batch was stopped; the same call goes on from there"));
    }
    if plan.settings.shard.is_some() {
        let rows = plan.own_series().flat_map(|series| series.rows());
        let failed =
            |row: usize| store.row_head(&plan.keys[row]).is_none_or(|head| head.current().failure.is_some());
        let failed: Vec<bool> = rows.map(failed).collect();
        let failures = failed.iter().filter(|failed| **failed).count();
        store.put_done(failed.len(), failures).map_err(errors::batch)?;
        return Ok(None);
    }
    unlocked(py, asked_threads, || conclude(&plan, &store)).map(Some)
}

/// Puts shares together and writes the tables.
#[pyfunction]
pub fn merge(py: Python<'_>, shards: Vec<PathBuf>, output: PathBuf) -> PyResult<Came> {
    check(&output)?;
    shared(py, || {
        let (store, plan) = put_together(&shards, &output).map_err(errors::batch)?;
        conclude(&plan, &store)
    })
}

fn check(output: &Path) -> PyResult<()> {
    outputs::check(output, "batch.json")
        .map_err(|reason| errors::input(format!("output {}: {reason}", output.display())))
}

fn conclude(plan: &Plan, store: &Store) -> PyResult<Came> {
    let outcome = tables::write(plan, store).map_err(errors::batch)?;
    store.put_done(outcome.rows, outcome.failures()).map_err(errors::batch)?;
    Ok(came(outcome))
}

fn came(outcome: Outcome) -> Came {
    let Outcome {
        rows,
        measured,
        not_measurable,
        failed,
        compared,
        refused,
        mut doubts,
        corrections_without_photo,
        ..
    } = outcome;
    let strange =
        |file: String| format!("{file} corrects a photo that is not in this batch, or could not be read");
    doubts.extend(corrections_without_photo.into_iter().map(strange));
    (rows, measured, not_measurable, failed, compared, refused, doubts)
}

fn plan(
    input: &Path,
    options: &Options,
    pattern: Option<&str>,
    visits: Vec<String>,
    shard: Option<&str>,
) -> PyResult<Plan> {
    let asked = options.asked()?;
    let setting = asked.wishes.setting(Some(input)).map_err(|error| setting_error(&error))?;
    let manifest = match (input.is_dir(), pattern) {
        (true, pattern) => folder::manifest(input, pattern),
        (false, None) => Manifest::read(input),
        (false, Some(_)) => {
            return Err(errors::input(
                "pattern is for a folder; a manifest says in its columns whose a photo is",
            ));
        }
    };
    let manifest = manifest.map_err(errors::input)?;
    let is_given = asked.wishes.scale.is_some() || asked.wishes.site != vellus::setting::SiteChoice::Nearest;
    if let Some((photo, site)) = manifest.other_site_file(input).filter(|_| !is_given) {
        return Err(errors::input(format!(
            "{photo} lies under the site file {}, but a trial has one, beside its manifest; give the scale in the column \
             um_per_px of the manifest, um_per_px, or site",
            site.display()
        )));
    }
    let shard = shard.map(|text| Shard::parse(text, |name| std::env::var(name).ok()));
    let shard = shard.transpose().map_err(errors::input)?;
    let scale = setting.scale(0).map_err(errors::input)?;
    let settings = Settings { protocol: setting.protocol, scale, visits, shard, ..Settings::default() };
    let plan = Plan::new(manifest, settings).map_err(errors::input)?;
    Ok(plan.corrected(asked.corrections.unwrap_or_default()))
}
