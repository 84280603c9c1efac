//! A reader's corrections: hairs that the machine drew and that are none, hairs that it missed, and the like.
//!
//! [`Measurement`](crate::Measurement) + [`CorrectionsFile`] + what the photo shows → the measurement, corrected.
//!
//! | module | in → out |
//! |---|---|
//! | here | the format `vellus.corrections/1`, one file `NAME.corrections.json` per photo and reader |
//! | `read` | bytes → [`CorrectionsFile`], or the sentence that says what is wrong with it |
//! | `set` | files and folders → [`CorrectionsSet`]: which file is of which photo, by its content |
//! | `apply` | automatic hairs, corrections → hairs, region, units, summary and findings |
//! | `same` | two courses → whether they are one hair, which must not count twice |
//! | `area` | outlines drawn by hand → what is inside |
//! | `snap` | the course that a reader drew → the line of the shaft beside it, and about how wide it is |
//! | `shape` | a course → which pixels a shaft over it covers |
//! | `fit` | the course that a reader drew → axis and width of the shaft there |
//!
//! A reader says where a hair lies; how wide it is is measured, by the code that measures every hair. Nothing is lost:
//! a correction that cannot be applied is a finding, and the automatic numbers stay beside the corrected ones.
//!
//! What this needs of the stages before it: the hairs as they are in the record, the opacity plane, the blur and the usual
//! opacity that widths were read with, and the scalp flags (`PhotoEvidence`); [`crate::profile::widths_from`] over
//! [`Ribbon::over`](crate::ribbon::Ribbon::over); the counting rule and the area of [`mod@crate::measure`]; [`mod@crate::unit`]
//! and [`crate::summarise`]. How hairs are found does not matter to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hair::PointPx;

mod apply;
mod area;
mod drawn;
mod fit;
mod read;
mod same;
mod set;
mod shape;
mod snap;

pub(crate) use apply::{PhotoEvidence, correct, correct_none};
pub(crate) use area::mask;
pub use read::{CorrectionsError, CorrectionsFile};
pub use set::{CORRECTIONS_ENDING, CorrectionsSet, SAME_PHOTO};

/// Name and version of the format.
pub const CORRECTIONS_SCHEMA: &str = "vellus.corrections/1";
/// Largest file that is read, bytes.
pub const MOST_BYTES: u64 = 8 << 20;
/// Most points of a course or corners of a polygon.
pub const MOST_POINTS: usize = 1000;
/// Most corrections of a file.
pub const MOST_CORRECTIONS: usize = 10_000;

/// What one reader corrected on one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// [`CORRECTIONS_SCHEMA`].
    pub schema: String,
    /// The photo that the corrections are of.
    pub image: CorrectedImage,
    /// `software` of the measurement that was corrected.
    pub software: String,
    /// Code of the reader: 1 to 32 letters, digits, `-`, `_` or `.`; no name.
    pub reader: String,
    /// Hairs in the measurement before any correction; their ids are 1 to this.
    pub automatic_hairs: u32,
    /// The corrections in the order in which they were made; at most 10,000.
    pub corrections: Vec<Correction>,
}

/// The photo that was corrected, as its measurement states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedImage {
    /// Name of its file.
    pub path: Option<String>,
    /// Width of the upright photo, px.
    pub width_px: u32,
    /// Height of the upright photo, px.
    pub height_px: u32,
    /// `blake3:` and the hash of the file's bytes.
    pub content_hash: String,
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Correction {
    /// One hair is none: one `before`, nothing `after`.
    Remove(HairChange),
    /// A hair was missed: nothing `before`, one `after`.
    Add(HairChange),
    /// One hair is several: one `before`, two or more `after`.
    Split(HairChange),
    /// Several hairs are one: two or more `before`, one `after`.
    Merge(HairChange),
    /// Root and tip are the other way round: one `before`, the same id `after`.
    Turn(HairChange),
    /// An area is not scalp.
    NotScalp(NotScalp),
}

/// Hairs before and after a correction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HairChange {
    /// When it was made: UTC, RFC 3339, seconds, such as `2026-11-27T15:00:00Z`.
    pub time: String,
    /// Hairs that it takes.
    pub before: Vec<HairCourse>,
    /// Hairs that it makes.
    pub after: Vec<HairCourse>,
}

/// A hair as a correction names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HairCourse {
    /// Number of the hair; one that a correction makes gets the next free one.
    pub id: u32,
    /// Its course, px: root first, tip last, 2 to 1000 points, no longer than
    /// the photo's width and height together. Of an automatic hair just root and tip.
    pub course_px: Vec<PointPx>,
}

/// An area that is not scalp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotScalp {
    /// When it was marked: UTC, RFC 3339, seconds.
    pub time: String,
    /// Its corners in order, px; 3 to 1000.
    pub polygon_px: Vec<PointPx>,
}

impl Correction {
    /// Its name in the file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Remove(_) => "remove",
            Self::Add(_) => "add",
            Self::Split(_) => "split",
            Self::Merge(_) => "merge",
            Self::Turn(_) => "turn",
            Self::NotScalp(_) => "not_scalp",
        }
    }

    /// When it was made.
    pub fn time(&self) -> &str {
        match self {
            Self::NotScalp(area) => &area.time,
            Self::Remove(c) | Self::Add(c) | Self::Split(c) | Self::Merge(c) | Self::Turn(c) => &c.time,
        }
    }

    /// The hairs before and after; none of an area.
    pub fn hairs(&self) -> [&[HairCourse]; 2] {
        match self {
            Self::NotScalp(_) => [&[], &[]],
            Self::Remove(c) | Self::Add(c) | Self::Split(c) | Self::Merge(c) | Self::Turn(c) => {
                [&c.before, &c.after]
            }
        }
    }
}

#[cfg(test)]
#[path = "corrections_tests.rs"]
mod tests;
