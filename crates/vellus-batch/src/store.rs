//! The output folder: a record per row and per comparison, each whole or not there.
//!
//! | file | what it is |
//! |---|---|
//! | `batch.json` | what is the same for all rows: protocol, scale, order of the visits, version |
//! | `manifest.csv` | the manifest as it was understood |
//! | `photos/KEY.jsonl` | a row's [record](crate::record) |
//! | `comparisons/KEY.jsonl` | a follow-up's comparison with its baseline |
//! | `tables/` | written from all of these when all rows are done |
//! | `tables/complete.json` | there when the tables are whole and of this state: written last, removed when a run begins |
//! | `done.json` | there when every row of this share has a record and the tables are written, for workflow engines |
//!
//! One process works in a folder at a time; what one that was killed left half-written is removed by the next.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use vellus::{Calibration, Comparison, Measurement, Protocol};
use vellus_report::atomic;

use crate::error::BatchError;
use crate::manifest::Manifest;
use crate::plan::{CorrectionsSource, Plan, Settings};
use crate::record::{ComparisonHead, Head, RowHead};
use crate::shard::Shard;
use crate::take::content_hash;

/// Name and version of `batch.json`.
pub const BATCH_SCHEMA: &str = "vellus.batch/1";
const SETTINGS: &str = "batch.json";
const MANIFEST: &str = "manifest.csv";
const DONE: &str = "done.json";
/// The file by which a process holds the folder; it stays when the process ends.
pub const LOCK: &str = ".lock";
const COMPLETE: &str = "complete.json";
/// Name and version of `tables/complete.json`.
pub const TABLES_SCHEMA: &str = "vellus.tables/1";
/// How long a process that was killed may take to end and let the folder go.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Time between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// `batch.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchRecord {
    /// [`BATCH_SCHEMA`].
    pub schema: String,
    /// Version of vellus.
    pub software: String,
    /// Scale of rows that give none.
    pub scale: Option<Calibration>,
    /// Visits in their order.
    pub visits: Vec<String>,
    /// The share of the work that was done here; `null` for all of it.
    pub shard: Option<Shard>,
    /// How photos were measured.
    pub protocol: Protocol,
    /// Which corrections there are, by the content hash of their photo; absent without any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub corrections: BTreeMap<String, CorrectionsSource>,
}

/// The output folder of a batch.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Held while this process works in the folder; the system lets it go when the process ends, however it ends.
    _lock: Option<File>,
}

impl Store {
    /// The folder of a batch, which is made if it is missing, with what is the same for all rows.
    ///
    /// # Errors
    /// [`BatchError::Io`] when it cannot be written to, [`BatchError::Busy`] when another process works in it.
    pub fn create(folder: &Path, plan: &Plan) -> Result<Self, BatchError> {
        fs::create_dir_all(folder).map_err(BatchError::written(folder))?;
        let store = Self { folder: folder.to_owned(), _lock: lock(folder)? };
        remove_leftovers(folder)?;
        for folder in [store.folder.join("photos"), store.folder.join("comparisons"), store.tables()] {
            fs::create_dir_all(&folder).map_err(BatchError::written(&folder))?;
            remove_leftovers(&folder)?;
        }
        for mark in [folder.join(DONE), store.tables().join(COMPLETE)] {
            if mark.exists() {
                fs::remove_file(&mark).map_err(BatchError::written(&mark))?;
            }
        }
        let record = BatchRecord {
            schema: BATCH_SCHEMA.to_owned(),
            software: software(),
            scale: plan.settings.scale,
            visits: plan.visits.names().to_vec(),
            shard: plan.settings.shard,
            protocol: plan.settings.protocol.clone(),
            corrections: plan.settings.corrections.clone(),
        };
        store.write(&store.folder.join(SETTINGS), format!("{}\n", json(&record)).as_bytes())?;
        store.write(&store.folder.join(MANIFEST), &plan.manifest.csv())?;
        Ok(store)
    }

    /// The folder of a batch that is there, and its plan.
    ///
    /// # Errors
    /// [`BatchError`] when it is none, or cannot be read.
    pub fn open(folder: &Path) -> Result<(Self, Plan), BatchError> {
        let store = Self { folder: folder.to_owned(), _lock: None };
        let path = folder.join(SETTINGS);
        if !path.is_file() {
            return Err(BatchError::NotABatch { path: folder.display().to_string(), file: SETTINGS });
        }
        let text = fs::read_to_string(&path).map_err(BatchError::read(&path))?;
        let record: BatchRecord = serde_json::from_str(&text).map_err(damaged(&path))?;
        let manifest = folder.join(MANIFEST);
        let manifest = Manifest::read(&manifest).map_err(|error| damaged(&manifest)(error))?;
        let settings = Settings {
            protocol: record.protocol,
            scale: record.scale,
            visits: record.visits,
            shard: record.shard,
            corrections: record.corrections,
        };
        let plan = Plan::new(manifest, settings).map_err(|error| damaged(&path)(error))?;
        Ok((store, plan))
    }

    /// Says that the tables are whole.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_complete(&self, rows: usize, failed: usize) -> Result<(), BatchError> {
        let mark = format!("{{\"schema\":\"{TABLES_SCHEMA}\",\"rows\":{rows},\"failed\":{failed}}}\n");
        self.write(&self.tables().join(COMPLETE), mark.as_bytes())
    }

    /// Says that every row has a record, and that the tables are written unless this is a shard.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_done(&self, rows: usize, failed: usize) -> Result<(), BatchError> {
        self.write(&self.folder.join(DONE), format!("{{\"rows\":{rows},\"failed\":{failed}}}\n").as_bytes())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the tables.
    pub fn tables(&self) -> PathBuf {
        self.folder.join("tables")
    }

    /// The record of a row.
    pub fn row_path(&self, key: &str) -> PathBuf {
        self.folder.join("photos").join(format!("{key}.jsonl"))
    }

    /// The record of a comparison.
    pub fn comparison_path(&self, key: &str) -> PathBuf {
        self.folder.join("comparisons").join(format!("{key}.jsonl"))
    }

    /// A row's record.
    pub fn row(&self, key: &str) -> Found<RowHead> {
        find(&self.row_path(key))
    }

    /// Head of a row's record; `None` if there is no whole record.
    pub fn row_head(&self, key: &str) -> Option<RowHead> {
        self.row(key).whole()
    }

    /// Head of a comparison's record; `None` if there is no whole record.
    pub fn comparison_head(&self, key: &str) -> Option<ComparisonHead> {
        find(&self.comparison_path(key)).whole()
    }

    /// The measurement of a row; `None` if it failed or has no record.
    ///
    /// # Errors
    /// [`BatchError`] when the record cannot be read.
    pub fn measurement(&self, key: &str) -> Result<Option<Measurement>, BatchError> {
        body(&self.row_path(key))
    }

    /// The comparison of a follow-up; `None` if it was refused or has no record.
    ///
    /// # Errors
    /// [`BatchError`] when the record cannot be read.
    pub fn comparison(&self, key: &str) -> Result<Option<Comparison>, BatchError> {
        body(&self.comparison_path(key))
    }

    /// Writes a row's record.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_row(&self, key: &str, head: RowHead, body: Option<&Measurement>) -> Result<(), BatchError> {
        self.write(&self.row_path(key), &lines(head, body))
    }

    /// Writes a comparison's record.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_comparison(
        &self,
        key: &str,
        head: ComparisonHead,
        body: Option<&Comparison>,
    ) -> Result<(), BatchError> {
        self.write(&self.comparison_path(key), &lines(head, body))
    }

    /// Writes a row's record with another head over the measurement that it has.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_head(&self, key: &str, head: &RowHead) -> Result<(), BatchError> {
        self.exchange(&self.row_path(key), head)
    }

    /// Writes a comparison's record with another head over the comparison that it has.
    ///
    /// # Errors
    /// [`BatchError::Io`].
    pub fn put_comparison_head(&self, key: &str, head: &ComparisonHead) -> Result<(), BatchError> {
        self.exchange(&self.comparison_path(key), head)
    }

    fn exchange(&self, path: &Path, head: &impl Head) -> Result<(), BatchError> {
        let bytes = fs::read(path).map_err(BatchError::read(path))?;
        let mut text = format!("{}\n", json(head)).into_bytes();
        text.extend_from_slice(split(&bytes).map(|(_, body)| body).unwrap_or_default());
        self.write(path, &text)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
        atomic::write(path, bytes).map_err(BatchError::written(path))
    }
}

/// Keeps other processes out of a folder. Where the file system has no locks, nothing does.
fn lock(folder: &Path) -> Result<Option<File>, BatchError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(BatchError::written(&path))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(LOCK_PAUSE)
            }
            Err(TryLockError::WouldBlock) => {
                return Err(BatchError::Busy { path: folder.display().to_string() });
            }
        }
    }
}

/// Removes the temporary files of a process that was killed.
fn remove_leftovers(folder: &Path) -> Result<(), BatchError> {
    for entry in fs::read_dir(folder).map_err(BatchError::read(folder))? {
        let path = entry.map_err(BatchError::read(folder))?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(atomic::is_temporary) {
            fs::remove_file(&path).map_err(BatchError::written(&path))?;
        }
    }
    Ok(())
}

/// Version of vellus, as records state it.
pub fn software() -> String {
    format!("vellus {}", vellus::VERSION)
}

/// Name of a record, from what it is of: 32 hexadecimal digits.
pub fn key(parts: &[Option<&str>]) -> String {
    blake3::hash(json(&parts).as_bytes()).to_hex()[..32].to_owned()
}

/// `blake3:` and the hash of a value.
pub fn hash_of(value: &impl Serialize) -> String {
    format!("blake3:{}", blake3::hash(json(value).as_bytes()).to_hex())
}

fn lines<H: Head>(mut head: H, body: Option<&impl Serialize>) -> Vec<u8> {
    let body = body.map(|body| json(body) + "\n").unwrap_or_default();
    head.set_body(body.len() as u64, (!body.is_empty()).then(|| content_hash(body.as_bytes())));
    format!("{}\n{body}", json(&head)).into_bytes()
}

/// The records' types have nothing that JSON cannot hold.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What is found under the name of a record.
#[derive(Debug)]
pub enum Found<H> {
    /// Nothing.
    Missing,
    /// A file that is not what was written, or of another version.
    Damaged,
    /// A whole record.
    Whole(H),
}

impl<H> Found<H> {
    /// The head of a whole record.
    pub fn whole(self) -> Option<H> {
        match self {
            Self::Whole(head) => Some(head),
            Self::Missing | Self::Damaged => None,
        }
    }
}

fn find<H: Head>(path: &Path) -> Found<H> {
    match fs::read(path) {
        Ok(bytes) => whole(&bytes).map_or(Found::Damaged, Found::Whole),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Missing,
        Err(_) => Found::Damaged,
    }
}

/// The head, if the body is the one that it was written with.
fn whole<H: Head>(bytes: &[u8]) -> Option<H> {
    let (line, text) = split(bytes)?;
    let head: H = serde_json::from_slice(line).ok()?;
    let hash = (!text.is_empty()).then(|| content_hash(text));
    (head.schema() == H::SCHEMA && head.body() == (text.len() as u64, hash.as_deref())).then_some(head)
}

/// Head and body.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn body<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, BatchError> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(BatchError::read(path))?,
    };
    match split(&bytes) {
        Some((_, text)) if !text.is_empty() => serde_json::from_slice(text).map(Some).map_err(damaged(path)),
        _ => Ok(None),
    }
}

fn damaged<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> BatchError {
    let path = path.display().to_string();
    move |error| BatchError::Damaged { path, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_waited_for_while_the_last_run_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = lock(folder.path()).expect("free");
        let ends = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(held);
        });
        assert!(lock(folder.path()).is_ok());
        ends.join().expect("ended");
    }
}
