//! Scale: what the picture itself says of how long a pixel is.
//!
//! [`Photo`] → [`Seen`]: burned-in bars with a label, and rulers, whose ticks are no hair. Numbers beside ticks are not read,
//! so that a ruler gives no scale here; [`calibrate`] is told what its ticks stand for.
//!
//! A wrong scale is worse than none: a mark gives a scale only if its label was read for sure, is a length that scales
//! are drawn in, and gives pixels that a close-up of scalp can have.

mod bar;
mod calibrate;
mod comb;
mod finer;
mod glyph;
mod label;
mod mark;
mod resolve;
mod ruler;
mod site;
mod text;
mod tone;

#[cfg(test)]
mod scale_tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::photo::Photo;
use comb::Comb;

pub use calibrate::{RulerError, RulerScale, calibrate};
pub use site::{SITE_FILE, Site, SiteError};

pub(crate) use mark::DRAWN_ERROR;
pub(crate) use resolve::{choose, doubts};
pub(crate) use ruler::clear_rulers;
pub(crate) use text::{Area, areas};
pub(crate) use tone::Tone;

/// Shortest and longest pixel of a scale that is read from a picture, µm. Below, a hair is 100 px wide; above, a terminal
/// hair of 60 µm is two pixels. A label that was read with its point missing leaves this range.
pub const READ_UM_PER_PX: [f64; 2] = [0.5, 30.0];

/// A bar with its length printed beside it, as it was read in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleMark {
    /// One end, px.
    pub from_px: [f64; 2],
    /// The other end, px.
    pub to_px: [f64; 2],
    /// Length between them, µm.
    pub length_um: f64,
    /// What is printed beside it.
    pub label: String,
    /// Length of a pixel by this mark, µm.
    pub um_per_px: f64,
    /// Relative standard error of `um_per_px`.
    pub relative_error: f64,
}

/// The ticks of a ruler in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruler {
    /// Distance of two ticks, px.
    pub period_px: f64,
    /// Its standard error.
    pub period_se_px: f64,
    /// Direction in which ticks follow each other, degrees clockwise from x.
    pub direction_deg: f64,
    /// Number of ticks.
    pub ticks: usize,
    /// Largest departure of a tick from equal distances, px.
    pub departure_px: f64,
    /// Corners of the part of the picture that it covers, px.
    pub corners_px: [[f64; 2]; 4],
}

/// What a picture says of its scale.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// Marks with a label that was read, the surest first.
    pub marks: Vec<ScaleMark>,
    /// Where the label of each mark is printed, `[x0, y0, x1, y1]`, px, ends included.
    pub label_boxes: Vec<[usize; 4]>,
    /// Rulers, those with most ticks first.
    pub rulers: Vec<Ruler>,
    /// Bars whose label could not be read, a sentence each.
    pub unread: Vec<String>,
}

/// Looks for scale marks.
pub fn look(photo: &Photo) -> Seen {
    let mut seen = Seen::default();
    let tones = Tone::of(photo);
    mark::bars(&tones, &mut seen);
    seen.rulers = rulers_of(&tones[0]);
    seen
}

/// All rulers that are drawn or photographed in a picture.
pub fn rulers(photo: &Photo) -> Vec<Ruler> {
    rulers_of(&Tone::of(photo)[0])
}

fn rulers_of(tone: &Tone) -> Vec<Ruler> {
    ruler::rulers(tone).iter().map(Comb::ruler).collect()
}
