//! The output folder: a record per row and per comparison, each whole or not there.
//!
//! | file | what it is |
//! |---|---|
//! | `batch.json` | what is the same for all rows: protocol, scale, order of the visits, version |
//! | `manifest.csv` | the manifest as it was understood |
//! | `photos/KEY.jsonl` | a row's [record](crate::record) |
//! | `comparisons/KEY.jsonl` | a follow-up's comparison with its baseline |
//! | `done.json` | there when every row of this share has a record, for workflow engines |
//! | `tables/` | written from all of these when all rows are done |
//!
//! One process works in a folder at a time; what one that was killed left half-written is removed by the next.

use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vellus::{Calibration, CalibrationSource, Comparison, Measurement, Protocol};
use vellus_report::atomic;

use crate::error::BatchError;
use crate::manifest::Manifest;
use crate::plan::{Plan, Settings};
use crate::record::{ComparisonHead, Head, RowHead};
use crate::shard::Shard;

/// Name and version of `batch.json`.
pub const BATCH_SCHEMA: &str = "vellus.batch/1";
const SETTINGS: &str = "batch.json";
const MANIFEST: &str = "manifest.csv";
const DONE: &str = "done.json";
const LOCK: &str = ".lock";

/// `batch.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchRecord {
    /// [`BATCH_SCHEMA`].
    pub schema: String,
    /// Version of vellus.
    pub software: String,
    /// Scale of rows that give none, µm per px.
    pub um_per_px: Option<f64>,
    /// Visits in their order.
    pub visits: Vec<String>,
    /// The share of the work that was done here; `null` for all of it.
    pub shard: Option<Shard>,
    /// How photos were measured.
    pub protocol: Protocol,
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
        let done = folder.join(DONE);
        if done.exists() {
            fs::remove_file(&done).map_err(BatchError::written(&done))?;
        }
        let record = BatchRecord {
            schema: BATCH_SCHEMA.to_owned(),
            software: software(),
            um_per_px: plan.settings.scale.map(|scale| scale.um_per_px),
            visits: plan.visits.names().to_vec(),
            shard: plan.settings.shard,
            protocol: plan.settings.protocol.clone(),
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
            scale: record.um_per_px.and_then(|scale| Calibration::new(scale, CalibrationSource::Flag).ok()),
            visits: record.visits,
            shard: record.shard,
        };
        let plan = Plan::new(manifest, settings).map_err(|error| damaged(&path)(error))?;
        Ok((store, plan))
    }

    /// Says that every row has a record.
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

    /// Head of a row's record; `None` if there is no whole record.
    pub fn row_head(&self, key: &str) -> Option<RowHead> {
        head(&self.row_path(key))
    }

    /// Head of a comparison's record; `None` if there is no whole record.
    pub fn comparison_head(&self, key: &str) -> Option<ComparisonHead> {
        head(&self.comparison_path(key))
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
        let path = self.row_path(key);
        let bytes = fs::read(&path).map_err(BatchError::read(&path))?;
        let body = bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| end + 1);
        let mut text = format!("{}\n", json(head)).into_bytes();
        text.extend_from_slice(&bytes[body..]);
        self.write(&path, &text)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
        atomic::write(path, bytes).map_err(BatchError::written(path))
    }
}

/// Keeps other processes out of a folder. Where the file system has no locks, nothing does.
fn lock(folder: &Path) -> Result<Option<File>, BatchError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(BatchError::written(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(BatchError::Busy { path: folder.display().to_string() }),
        Err(TryLockError::Error(_)) => Ok(None),
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
    head.set_body_bytes(body.len() as u64);
    format!("{}\n{body}", json(&head)).into_bytes()
}

/// The records' types have nothing that JSON cannot hold.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn head<H: Head>(path: &Path) -> Option<H> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut line = String::new();
    let read = BufReader::new(file).read_line(&mut line).ok()?;
    let head: H = serde_json::from_str(&line).ok()?;
    (read as u64 + head.body_bytes() == length).then_some(head)
}

fn body<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, BatchError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(BatchError::read(path))?,
    };
    let mut reader = BufReader::new(file);
    let mut text = String::new();
    reader.read_line(&mut text).map_err(BatchError::read(path))?;
    text.clear();
    reader.read_to_string(&mut text).map_err(BatchError::read(path))?;
    if text.is_empty() { Ok(None) } else { serde_json::from_str(&text).map(Some).map_err(damaged(path)) }
}

fn damaged<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> BatchError {
    let path = path.display().to_string();
    move |error| BatchError::Damaged { path, detail: error.to_string() }
}
