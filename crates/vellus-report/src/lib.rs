//! Everything that is written from a [`vellus::Measurement`]. No photo is decoded here and nothing is measured.
//!
//! | module | writes | for |
//! |---|---|---|
//! | [`table`] | a readable summary | the clinician at the terminal |
//! | [`overlay`] | each hair drawn on its photo | whoever must see why |
//! | [`csv`] | one row per hair | the statistician |
//! | [`json`] | the whole record, one document per line | programs |
//! | [`schema`] | the JSON schemas of the records, a protocol file to edit | their authors |
//! | [`atomic`] | files that appear only when they are whole | all of the above |
//!
//! All of it is deterministic: equal measurements give equal bytes.

pub mod atomic;
pub mod csv;
pub mod json;
pub mod overlay;
pub mod schema;
pub mod table;

#[cfg(test)]
mod fixture;
