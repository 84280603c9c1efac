//! A page that holds tables between two markers each, which a program writes anew.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Where a table stands in a page: between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markers {
    /// Stands before the table.
    pub begin: String,
    /// Stands behind it.
    pub end: String,
}

impl Markers {
    /// The markers of that name.
    pub fn of(name: &str) -> Self {
        Self { begin: format!("<!-- {name}:begin -->"), end: format!("<!-- {name}:end -->") }
    }

    /// The text with what stands between the two markers replaced by `table`; `None` unless each marker stands there
    /// once, in order.
    pub fn replaced(&self, text: &str, table: &str) -> Option<String> {
        let Self { begin, end } = self;
        if text.matches(begin).count() != 1 || text.matches(end).count() != 1 {
            return None;
        }
        let (before, rest) = text.split_once(begin)?;
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{begin}\n{}\n{end}{after}", table.trim()))
    }
}

/// A page that was read and has the markers.
#[derive(Debug)]
pub struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// Reads a page. To be called first: a missing marker is not to cost the minutes that measuring takes.
    ///
    /// # Errors
    /// When it cannot be read or lacks a marker of one of the names.
    pub fn open(path: &Path, names: &[&str]) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        for markers in names.iter().map(|name| Markers::of(name)) {
            if markers.replaced(&text, "").is_none() {
                let Markers { begin, end } = markers;
                bail!("{} needs {begin} and, after it, {end}, each once", path.display());
            }
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// Writes it with other tables, each with the name of its markers.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, tables: &[(&str, &str)]) -> Result<()> {
        let mut text = self.text.clone();
        for (name, table) in tables {
            text = Markers::of(name).replaced(&text, table).context("the markers were there before")?;
        }
        vellus_report::atomic::write(&self.path, text.as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let markers = Markers::of("accuracy");
        let Markers { begin, end } = &markers;
        let text = format!("a\n{begin}\nold\n{end}\nb\n");
        assert_eq!(markers.replaced(&text, "new\n"), Some(format!("a\n{begin}\nnew\n{end}\nb\n")));
    }

    #[test]
    fn missing_twisted_or_double_markers_are_refused() {
        let markers = Markers::of("accuracy");
        let Markers { begin, end } = &markers;
        for text in ["no markers", begin, end, &format!("{end}{begin}"), &format!("{begin}{end}{end}")] {
            assert_eq!(markers.replaced(text, "new"), None, "{text}");
        }
    }
}
