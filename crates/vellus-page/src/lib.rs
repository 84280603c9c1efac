//! Records as one page that opens in any browser: one file, no network, and what is on it prints on A4.
//!
//! A clinician reads it from the top: verdict and number, the photo with every hair marked, then why. A reader corrects
//! the hairs of a measurement on it and saves what was done as `vellus.corrections/1`; the numbers on the page stay those
//! that were measured. Nothing is measured here: what is on a page is in the record first.
//!
//! | module | makes |
//! |---|---|
//! | [`measurement_page`], [`comparison_page`], [`series_page`], [`trial_page`] | a page each |
//! | [`texts`] | its words, in the languages of `texts/*.toml` |
//! | `embed` | a photo as a data URI that leaves the page small |
//! | `marks`, `outline` | hairs as SVG over the photo |
//! | `fates`, `part`, `trends` | what became of each hair; a comparison's answer and tables; a series' charts |
//! | `chart` | histogram, intervals, trends, Bland-Altman as SVG |
//! | `numbers`, `doubts`, `method` | what the pages share |
//!
//! Layout is in `templates/`, style and behaviour in `assets/`. Equal records give equal bytes.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chart;
mod comparison;
mod doubts;
mod embed;
mod fates;
mod marks;
mod measurement;
mod method;
mod numbers;
mod outline;
mod part;
pub mod texts;
mod trends;
mod trial;

use thiserror::Error;

pub use comparison::{comparison_page, series_page};
pub use measurement::measurement_page;
pub use texts::Language;
pub use trial::trial_page;

/// Why there is no page.
#[derive(Debug, Error)]
pub enum PageError {
    /// A file of texts of this crate is damaged.
    #[error(
        "the page's texts for '{language}' cannot be read ({reason}): this is an error of vellus, please report it"
    )]
    Texts {
        /// Its tag.
        language: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The photo could not be encoded.
    #[error("the photo cannot be put into the page: {0}")]
    Photo(#[from] image::ImageError),
    /// The record could not be written.
    #[error("the record cannot be put into the page: {0}")]
    Record(#[from] serde_json::Error),
    /// The layout could not be filled.
    #[error("the page cannot be laid out: {0}")]
    Layout(#[from] askama::Error),
    /// Photos and comparisons do not belong together.
    #[error("a page of {comparisons} comparison(s) needs {} photos, but there are {photos}", comparisons + 1)]
    Photos {
        /// Comparisons given.
        comparisons: usize,
        /// Photos given.
        photos: usize,
    },
}

/// What every page has: style and scripts.
pub(crate) mod assets {
    pub const CSS: &str = concat!(
        include_str!("../assets/page.css"),
        include_str!("../assets/viewer.css"),
        include_str!("../assets/print.css")
    );
    /// In the order in which they need each other, inside one function, so that nothing is global.
    pub const VIEW: &str = concat!(include_str!("../assets/view.js"), include_str!("../assets/pick.js"));
    pub const EDIT: &str = concat!(
        include_str!("../assets/limits.js"),
        include_str!("../assets/corrections.js"),
        include_str!("../assets/store.js"),
        include_str!("../assets/edit.js")
    );
    pub const SWIPE: &str = include_str!("../assets/swipe.js");
    /// Runs last, when everything is there.
    pub const START: &str = include_str!("../assets/start.js");
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
