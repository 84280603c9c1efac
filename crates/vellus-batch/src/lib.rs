//! A trial's photos in one go: a manifest in, a record per photo, tables out.
//!
//! ```text
//! CSV or folder ─ manifest ─► Manifest ─ plan ─► Plan ─ run ─► Store ─ tables ─► photos, hairs, units,
//!                                                 (a thread per series:          changes, matches, …
//!                                                  take, follow)
//! ```
//!
//! | module | in → out |
//! |---|---|
//! | [`manifest`], [`folder`] | a table, or the names of files → [`manifest::Manifest`], a row per photo |
//! | [`visits`], [`plan`] | rows → which are of one subject and site, in the order of their visits |
//! | [`shard`] | → one machine's share of the series |
//! | [`run`], [`take`], [`follow`] | photos → measurements and comparisons, each stored as soon as it is there |
//! | [`store`], [`record`] | the output folder: what was made, and from what |
//! | [`arms`] | rows → the arm of each subject |
//! | [`doubt`] | all records → photos that come twice or are somebody else's, subjects with two arms |
//! | [`tables`] | all records → the tables, as CSV and Parquet, and what the batch came to |
//! | [`merge`] | several output folders → one |
//! | [`output`] | → whether a folder may take the results |
//! | [`blind`] | photos → copies under random codes and a sealed key, and back |
//!
//! # Nothing is lost
//!
//! Every row of the manifest is a row of the table of photos: with its numbers, or with the reason why it has none. Each
//! record is written whole or not at all and says what it was made from, so that a run that was stopped at any moment goes
//! on where it was, and a photo or a protocol that changed is measured again. The tables come from the records alone: the
//! same records give the same bytes, whatever stopped on the way, and however many machines there were.

pub mod arms;
pub mod blind;
pub mod doubt;
pub mod error;
pub mod folder;
pub mod follow;
pub mod manifest;
pub mod merge;
pub mod output;
pub mod plan;
pub mod record;
pub mod run;
pub mod shard;
pub mod store;
pub mod tables;
pub mod take;
pub mod visits;

pub use error::{BatchError, ManifestError};
