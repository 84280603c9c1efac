//! Everything that is written from a [`vellus::Measurement`], a [`vellus::Comparison`] or a [`vellus::Series`]. No photo
//! is decoded here and nothing is measured.
//!
//! | module | writes | for |
//! |---|---|---|
//! | [`table`], [`comparison_table`], [`series_table`] | a readable summary | the clinician at the terminal |
//! | [`overlay::overlay`], [`overlay::change`] | each hair drawn on its photo; two visits side by side, in register | whoever must see why |
//! | [`csv`], [`change_csv`] | one row per hair; per hair and visit | the statistician |
//! | [`rois`] | the shafts as ROIs of ImageJ and QuPath | whoever goes on in these |
//! | [`json`] | the whole record, one document per line | programs |
//! | [`schema`] | the JSON schemas of the records, a protocol file to edit | their authors |
//! | [`atomic`] | files that appear only when they are whole | all of the above |
//!
//! All of it is deterministic: equal measurements give equal bytes.

pub mod atomic;
pub mod change_csv;
pub mod comparison_table;
pub mod csv;
pub mod json;
pub mod overlay;
pub mod rois;
pub mod schema;
pub mod series_table;
pub mod table;

mod fate;
mod quantity;
mod text;

pub use fate::{DiameterChange, diameter_change};
pub use quantity::{QUANTITIES, Quantity, answers};
pub use text::{number, signed, told_decimals};

#[cfg(test)]
mod fixture;
