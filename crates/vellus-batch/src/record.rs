//! What is stored: a record per row, a record per comparison.
//!
//! A record is a file of JSON Lines. The first line is the head: what the result was made from and how it came out. The
//! second, where there is a result, is the [`vellus::Measurement`] or the [`vellus::Comparison`], by its own schema. The
//! head alone tells whether a row is done.

use serde::{Deserialize, Serialize};

/// Name and version of the head of a row's record.
pub const ROW_SCHEMA: &str = "vellus.batch_row/1";
/// Name and version of the head of a comparison's record.
pub const COMPARISON_SCHEMA: &str = "vellus.batch_comparison/1";

/// Everything that can change a row's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// `blake3:` and the hash of the file's bytes; `null` if it could not be read.
    pub content_hash: Option<String>,
    /// Scale given with the row or for all rows, µm per px.
    pub um_per_px: Option<f64>,
    /// Hash of the resolved protocol.
    pub protocol_hash: String,
    /// Version of vellus.
    pub software: String,
}

/// Why a row has no measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Unreadable,
    /// It is empty.
    Empty,
    /// It is no photo, or of a kind that is not read.
    Format,
    /// It is damaged.
    Damaged,
    /// It is too large.
    TooLarge,
    /// vellus failed.
    Crashed,
}

impl Reason {
    /// Its name, as in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Empty => "empty",
            Self::Format => "format",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::Crashed => "crashed",
        }
    }
}

/// A failure: why, and in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// Which photo, what is wrong with it, what to do.
    pub message: String,
}

/// Head of a row's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowHead {
    /// [`ROW_SCHEMA`].
    pub schema: String,
    /// The row's photo, subject, visit, replicate, site and arm, then its further cells.
    pub row: Vec<Option<String>>,
    /// What the measurement was made from.
    pub inputs: Inputs,
    /// Why there is none; `null` if there is one.
    pub failure: Option<Failure>,
    /// Length of the second line, bytes; 0 without one. A file that was cut off by a power failure does not have it.
    pub body_bytes: u64,
}

/// How a follow-up was compared with its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonHead {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// Hash of everything that can change it: inputs of both visits' photos.
    pub inputs_hash: String,
    /// Photos of the baseline that took part.
    pub baseline: Vec<String>,
    /// Photos of the follow-up that took part.
    pub follow_up: Vec<String>,
    /// Photos that did not: they could not be measured, or do not show the place that the others show.
    pub left_out: Vec<LeftOut>,
    /// Why there is no comparison; `null` if there is one.
    pub refusal: Option<String>,
    /// Length of the second line, bytes; 0 without one.
    pub body_bytes: u64,
}

/// A photo that did not take part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Name of its row's record.
    pub key: String,
    /// Its path as the manifest gives it.
    pub photo: String,
    /// Whether it was measured and does not show the same place: it may be another subject's.
    pub other_place: bool,
    /// Why.
    pub reason: String,
}

/// A head that says how long its body is.
pub trait Head: Serialize + for<'de> Deserialize<'de> {
    /// [`RowHead::body_bytes`].
    fn body_bytes(&self) -> u64;
    /// Sets it.
    fn set_body_bytes(&mut self, bytes: u64);
}

impl Head for RowHead {
    fn body_bytes(&self) -> u64 {
        self.body_bytes
    }
    fn set_body_bytes(&mut self, bytes: u64) {
        self.body_bytes = bytes;
    }
}

impl Head for ComparisonHead {
    fn body_bytes(&self) -> u64 {
        self.body_bytes
    }
    fn set_body_bytes(&mut self, bytes: u64) {
        self.body_bytes = bytes;
    }
}
