//! The words of a page. One file per language, `texts/*.toml`: tables of keys, `{name}` where a value goes.

use std::collections::BTreeMap;

use crate::PageError;

/// A language that pages come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Hindi.
    Hi,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Hi];

    /// The tag of BCP 47, which is the page's `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Hi => "hi",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::En => include_str!("../texts/en.toml"),
            Self::De => include_str!("../texts/de.toml"),
            Self::Hi => include_str!("../texts/hi.toml"),
        }
    }
}

/// All words of one language, by `table.key`.
#[derive(Debug, Clone)]
pub struct Texts {
    language: Language,
    words: BTreeMap<String, String>,
}

impl Texts {
    /// Reads a language.
    ///
    /// # Errors
    /// [`PageError::Texts`] when its file is damaged.
    pub fn of(language: Language) -> Result<Self, PageError> {
        let tables: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(language.source())
            .map_err(|error| PageError::Texts { language: language.tag(), reason: error.to_string() })?;
        let words = tables
            .into_iter()
            .flat_map(|(table, keys)| {
                keys.into_iter().map(move |(key, text)| (format!("{table}.{key}"), text))
            })
            .collect();
        Ok(Self { language, words })
    }

    /// The page's `lang`.
    pub fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// The text of that key; of one that is not there, the key, so that it is seen.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of that key, if there is one.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.words.get(key).map(String::as_str)
    }

    /// The text of that key with its values.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.get(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// The interval of a change, of which it has to be seen whether it excludes zero.
    pub fn range_of_change(&self, ends: [f64; 2], decimals: usize) -> String {
        self.range(ends, vellus_report::told_decimals(ends, decimals))
    }

    /// `4.0 to 18.0` with so many decimals.
    pub fn range(&self, [low, high]: [f64; 2], decimals: usize) -> String {
        let [low, high] = [low, high].map(|end| vellus_report::number(end, decimals));
        self.fill("number.range", &[("low", &low), ("high", &high)])
    }

    /// All keys of a table with their texts, for the scripts.
    pub fn table(&self, table: &str) -> BTreeMap<&str, &str> {
        let inside = |key: &'_ String| key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'));
        self.words
            .iter()
            .filter(|(key, _)| inside(key))
            .map(|(key, text)| (&key[table.len() + 1..], text.as_str()))
            .collect()
    }

    /// All keys.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.words.keys()
    }
}

#[cfg(test)]
#[path = "texts_tests.rs"]
mod tests;
