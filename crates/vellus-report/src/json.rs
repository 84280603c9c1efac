//! The whole record as JSON: a measurement, a comparison or a series, each by its [schema](crate::schema::Schema).
//!
//! A document is one line, so that one record gives one document and several give JSON Lines by the same rule.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one record and a line feed.
///
/// # Errors
/// When `writer` fails.
pub fn write_line(writer: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, record)?;
    writer.write_all(b"\n")
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
