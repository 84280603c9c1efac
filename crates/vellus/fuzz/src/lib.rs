//! What the fuzz targets hold vellus to, as plain functions of bytes; the tests run them over the corpus, too.

pub mod inputs;
#[cfg(feature = "batch")]
pub mod manifest;
