//! The JSON schemas of the records, and a protocol file to edit.
//!
//! Both come from the types and their documentation, so that they cannot say anything else. `schemas/` in this crate
//! holds a copy for reading; a test keeps it equal.

use schemars::generate::SchemaSettings;
use serde_json::Value;
use vellus::comparison::COMPARISON_SCHEMA;
use vellus::corrections::CORRECTIONS_SCHEMA;
use vellus::measurement::MEASUREMENT_SCHEMA;
use vellus::series::SERIES_SCHEMA;
use vellus::{Comparison, Corrections, Measurement, Protocol, Series};

/// Widest line of [`protocol_toml`], characters.
const LINE_WIDTH: usize = 96;

/// A record that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// [`Measurement`], as `vellus measure --json` writes it.
    Measurement,
    /// [`Comparison`], as `vellus compare --json` writes it for two visits.
    Comparison,
    /// [`Series`], as `vellus compare --json` writes it for more than two visits.
    Series,
    /// [`Protocol`], as `vellus measure --protocol` reads it (from TOML) and every measurement stores it.
    Protocol,
    /// [`Corrections`], as `vellus measure --corrections` reads them.
    Corrections,
}

impl Schema {
    /// The JSON schema (draft 2020-12), indented, with a final line feed.
    pub fn text(self) -> String {
        let mut text = format!("{:#}", self.value());
        text.push('\n');
        text
    }

    fn value(self) -> Value {
        // What is written always has all its keys, so the schema of a record is that of the output.
        let output = || SchemaSettings::draft2020_12().for_serialize().into_generator();
        let (schema, title) = match self {
            Self::Measurement => (output().into_root_schema_for::<Measurement>(), MEASUREMENT_SCHEMA),
            Self::Comparison => (output().into_root_schema_for::<Comparison>(), COMPARISON_SCHEMA),
            Self::Series => (output().into_root_schema_for::<Series>(), SERIES_SCHEMA),
            Self::Protocol => (
                SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Protocol>(),
                "vellus.protocol",
            ),
            Self::Corrections => (
                SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Corrections>(),
                CORRECTIONS_SCHEMA,
            ),
        };
        let mut value = schema.to_value();
        value["title"] = title.into();
        value
    }
}

/// The default protocol as TOML, every field with its documentation above it.
pub fn protocol_toml() -> String {
    let schema = Schema::Protocol.value();
    let defaults = match toml::Value::try_from(Protocol::default()) {
        Ok(toml::Value::Table(table)) => table,
        _ => toml::Table::new(),
    };
    let mut text =
        String::from("# Protocol of vellus: every parameter that can change a number, with its default.\n");
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        text.push('\n');
        comment(&mut text, field["description"].as_str().unwrap_or_default());
        match defaults.get(name) {
            Some(value) => text.push_str(&format!("{name} = {value}\n")),
            None => text.push_str(&format!("# {name} =\n")),
        }
    }
    text
}

/// Adds a paragraph as comment lines.
fn comment(text: &mut String, paragraph: &str) {
    let mut line = String::from("#");
    for word in paragraph.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > LINE_WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
