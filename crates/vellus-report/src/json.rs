//! The whole record as JSON, schema [`vellus.measurement/1`](crate::schema::Schema::Measurement).
//!
//! A document is one line, so that one photo gives one document and several give JSON Lines by the same rule.

use std::io::{self, Write};

use vellus::Measurement;

/// Writes one measurement and a line feed.
///
/// # Errors
/// When `writer` fails.
pub fn write_line(writer: &mut impl Write, measurement: &Measurement) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, measurement)?;
    writer.write_all(b"\n")
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
