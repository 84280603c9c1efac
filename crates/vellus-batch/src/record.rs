//! What is stored: a record per row, a record per comparison.
//!
//! A record is a file of JSON Lines. The first line is the head: what the result was made from and how it came out. The
//! second, where there is a result, is the [`vellus::Measurement`] or the [`vellus::Comparison`], by its own schema. The
//! head alone tells whether a row is done; it has the hash of the second line, which tells whether that is still whole.
//!
//! What was measured from a photo stays where the photo cannot be read any more, as when a drive is not there: the head says
//! so beside it ([`Away`]), the row has failed, and when the photo is back nothing is measured again.

use serde::{Deserialize, Serialize};
use vellus::Calibration;

use crate::store::hash_of;

/// Name and version of the head of a row's record.
pub const ROW_SCHEMA: &str = "vellus.batch_row/1";
/// Name and version of the head of a comparison's record.
pub const COMPARISON_SCHEMA: &str = "vellus.batch_comparison/1";

/// Everything that can change a row's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// `blake3:` and the hash of the file's bytes; `null` if it could not be read.
    pub content_hash: Option<String>,
    /// Scale given with the row or for all rows; `null` where it is read in the picture or the file, or there is none.
    pub scale: Option<Calibration>,
    /// Hash of the resolved protocol.
    pub protocol_hash: String,
    /// Version of vellus.
    pub software: String,
    /// Hash of the row's regions, which take the place of the protocol's; absent without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_hash: Option<String>,
    /// `blake3:` and the hash of the reader's corrections; absent without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrections_hash: Option<String>,
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
    /// Its corrections cannot be its own: they state another size.
    Corrections,
    /// Its region cannot be read, or is of another photo's size.
    Region,
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
            Self::Corrections => "corrections",
            Self::Region => "region",
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

/// A row whose photo could not be read in the last run, though it was measured before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Away {
    /// What the measurement would be made from now.
    pub inputs: Inputs,
    /// Why that cannot be.
    pub failure: Failure,
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
    /// Set where the photo could not be read in the last run: the measurement is kept, but the row has failed.
    pub away: Option<Away>,
    /// Length of the second line, bytes; 0 without one. A file that was cut off by a power failure does not have it.
    pub body_bytes: u64,
    /// `blake3:` and the hash of the second line; `null` without one.
    pub body_hash: Option<String>,
}

impl RowHead {
    /// The row as it came out in the last run.
    pub fn current(self) -> Self {
        match self.away {
            Some(Away { inputs, failure }) => Self { inputs, failure: Some(failure), away: None, ..self },
            None => self,
        }
    }
}

/// A follow-up that could not be compared in the last run, as photos could not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonAway {
    /// [`inputs_hash`] of what is there now.
    pub inputs_hash: String,
    /// Which photo it was.
    pub refusal: String,
}

/// How a follow-up was compared with its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonHead {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// [`inputs_hash`] of both visits' photos.
    pub inputs_hash: String,
    /// Photos of the baseline that took part.
    pub baseline: Vec<String>,
    /// Photos of the follow-up that took part.
    pub follow_up: Vec<String>,
    /// Photos that did not: they could not be measured, or do not show the place that the others show.
    pub left_out: Vec<LeftOut>,
    /// Why there is no comparison; `null` if there is one.
    pub refusal: Option<String>,
    /// Set where photos could not be read in the last run: the comparison is kept, but is none of that run.
    pub away: Option<ComparisonAway>,
    /// Length of the second line, bytes; 0 without one.
    pub body_bytes: u64,
    /// `blake3:` and the hash of the second line; `null` without one.
    pub body_hash: Option<String>,
}

impl ComparisonHead {
    /// The comparison as it came out in the last run.
    pub fn current(self) -> Self {
        match self.away {
            Some(ComparisonAway { inputs_hash, refusal }) => Self {
                inputs_hash,
                baseline: Vec::new(),
                follow_up: Vec::new(),
                left_out: Vec::new(),
                refusal: Some(refusal),
                away: None,
                ..self
            },
            None => self,
        }
    }
}

/// What a comparison needs to know of a row: the name of its record, its inputs, whether there is a measurement.
pub type Source<'a> = (&'a str, &'a Inputs, bool);

/// Hash of everything that can change a comparison.
pub fn inputs_hash(baseline: &[Source<'_>], follow_up: &[Source<'_>]) -> String {
    hash_of(&[baseline, follow_up])
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

/// A head that tells whether its body is whole.
pub trait Head: Serialize + for<'de> Deserialize<'de> {
    /// Name and version of this kind of head.
    const SCHEMA: &'static str;
    /// Those that it has.
    fn schema(&self) -> &str;
    /// Length of the body, bytes, and its hash.
    fn body(&self) -> (u64, Option<&str>);
    /// Sets both.
    fn set_body(&mut self, bytes: u64, hash: Option<String>);
}

impl Head for RowHead {
    const SCHEMA: &'static str = ROW_SCHEMA;
    fn schema(&self) -> &str {
        &self.schema
    }
    fn body(&self) -> (u64, Option<&str>) {
        (self.body_bytes, self.body_hash.as_deref())
    }
    fn set_body(&mut self, bytes: u64, hash: Option<String>) {
        (self.body_bytes, self.body_hash) = (bytes, hash);
    }
}

impl Head for ComparisonHead {
    const SCHEMA: &'static str = COMPARISON_SCHEMA;
    fn schema(&self) -> &str {
        &self.schema
    }
    fn body(&self) -> (u64, Option<&str>) {
        (self.body_bytes, self.body_hash.as_deref())
    }
    fn set_body(&mut self, bytes: u64, hash: Option<String>) {
        (self.body_bytes, self.body_hash) = (bytes, hash);
    }
}
