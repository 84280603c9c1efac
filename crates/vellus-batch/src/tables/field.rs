//! Columns with their meaning, and the cells under them.

use std::fmt::Write;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// 64-bit integer.
    Integer,
    /// 64-bit float.
    Number,
    /// true or false.
    Boolean,
}

impl Kind {
    /// Its name in the data dictionary.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Unknown, not applicable or not resolvable; never zero.
    Null,
    /// Of a [`Kind::Text`] column; an empty text is [`Cell::Null`].
    Text(String),
    /// Of a [`Kind::Integer`] column.
    Integer(i64),
    /// Of a [`Kind::Number`] column.
    Number(f64),
    /// Of a [`Kind::Boolean`] column.
    Boolean(bool),
}

impl Cell {
    /// The cell in CSV, where a null is empty. Numbers have as many digits as tell them apart.
    pub fn write(&self, text: &mut String) {
        // Writing to a string does not fail.
        let _ = match self {
            Self::Null => Ok(()),
            Self::Text(value) => text.write_str(value),
            Self::Integer(value) => write!(text, "{value}"),
            Self::Number(value) => write!(text, "{value}"),
            Self::Boolean(value) => write!(text, "{value}"),
        };
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Null }
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or(Self::Null, Self::Integer)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        if value.is_empty() { Self::Null } else { Self::Text(value.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        if value.is_empty() { Self::Null } else { Self::Text(value) }
    }
}

impl From<&String> for Cell {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A cell that holds the name that a value has in the JSON records.
pub fn named(value: impl serde::Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.into(),
        _ => Cell::Null,
    }
}

/// A column of a table whose rows are made from `R`.
pub struct Field<R: ?Sized> {
    /// Its name; a number's ends in its unit.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Unit; empty for none.
    pub unit: &'static str,
    /// What it is, and when it is null.
    pub meaning: &'static str,
    /// The cell of a row.
    pub of: fn(&R) -> Cell,
}

/// A column as it is written: a [`Field`], or one that passes through from the manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Unit; empty for none or where it is not known.
    pub unit: String,
    /// What it is.
    pub meaning: String,
}

impl<R: ?Sized> From<&Field<R>> for Column {
    fn from(field: &Field<R>) -> Self {
        Self {
            name: field.name.to_owned(),
            kind: field.kind,
            unit: field.unit.to_owned(),
            meaning: field.meaning.to_owned(),
        }
    }
}

/// Fields as a table: `name: Kind "unit" "meaning" |row| cell;` per column.
macro_rules! fields {
    ($row:ty; $($name:ident: $kind:ident $unit:literal $meaning:literal $of:expr;)+) => {
        &[$($crate::tables::field::Field::<$row> {
            name: stringify!($name),
            kind: $crate::tables::field::Kind::$kind,
            unit: $unit,
            meaning: $meaning,
            of: $of,
        }),+]
    };
}
pub(crate) use fields;
