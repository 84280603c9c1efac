//! Shards put together: the records of all of them in one folder, as if one machine had made them.

use std::fs;
use std::path::{Path, PathBuf};

use vellus_report::atomic;

use crate::error::BatchError;
use crate::plan::Plan;
use crate::store::Store;

/// Copies the records of the shards into `output`; gives the plan of the whole.
///
/// # Errors
/// [`BatchError`] when a folder is no batch's, when two are of different batches or when a record cannot be copied.
pub fn merge(shards: &[PathBuf], output: &Path) -> Result<(Store, Plan), BatchError> {
    let mut opened: Vec<(Store, Plan)> = Vec::new();
    for shard in shards {
        opened.push(Store::open(shard)?);
    }
    let Some((first, plan)) = opened.first() else {
        return Err(BatchError::NotABatch { path: output.display().to_string(), file: "shard" });
    };
    for (store, other) in &opened[1..] {
        let what =
            if other.manifest.rows != plan.manifest.rows || other.manifest.further != plan.manifest.further {
                "the manifest"
            } else if other.settings.protocol != plan.settings.protocol
                || other.settings.scale != plan.settings.scale
            {
                "the protocol or the scale"
            } else if other.settings.corrections != plan.settings.corrections {
                "the corrections"
            } else if other.visits != plan.visits {
                "the order of the visits"
            } else {
                continue;
            };
        let [path, first] = [store, first].map(|store| store.folder().display().to_string());
        return Err(BatchError::OtherBatch { path, first, what });
    }
    let mut plan = plan.clone();
    plan.settings.shard = None;
    let merged = Store::create(output, &plan)?;
    for (store, other) in &opened {
        adopt_own(store, other, &merged)?;
    }
    Ok((merged, plan))
}

/// Copies the records of a shard's own rows: its folder may hold others, of an earlier run with another share.
fn adopt_own(from: &Store, plan: &Plan, to: &Store) -> Result<(), BatchError> {
    if same_folder(from.folder(), to.folder()) {
        return Ok(());
    }
    for series in plan.own_series() {
        for row in series.rows() {
            let key = &plan.keys[row];
            copy_file(&from.row_path(key), &to.row_path(key))?;
        }
        for visit in series.follow_ups() {
            let key = plan.comparison_key(visit);
            copy_file(&from.comparison_path(&key), &to.comparison_path(&key))?;
        }
    }
    Ok(())
}

/// Copies the records of a batch into another one.
///
/// # Errors
/// [`BatchError::Io`].
pub fn adopt(from: &Store, to: &Store) -> Result<(), BatchError> {
    if same_folder(from.folder(), to.folder()) {
        return Ok(());
    }
    ["photos", "comparisons"]
        .iter()
        .try_for_each(|name| copy(&from.folder().join(name), &to.folder().join(name)))
}

fn copy(from: &Path, to: &Path) -> Result<(), BatchError> {
    for entry in fs::read_dir(from).map_err(BatchError::read(from))? {
        let path = entry.map_err(BatchError::read(from))?.path();
        let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == "jsonl"))
        else {
            continue;
        };
        copy_file(&path, &to.join(name))?;
    }
    Ok(())
}

/// Copies a record; one that is not there is told of when the tables are written.
fn copy_file(from: &Path, to: &Path) -> Result<(), BatchError> {
    match fs::read(from) {
        Ok(bytes) => atomic::write(to, &bytes).map_err(BatchError::written(to)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BatchError::read(from)(error)),
    }
}

fn same_folder(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
