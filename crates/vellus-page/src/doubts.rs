//! Verdict and findings in a reader's words.

use serde::Serialize;
use vellus::{Finding, Severity, Verdict};

use crate::texts::Texts;

/// The word of the record for a value that is one word there: `out_of_focus`.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A verdict, as a badge shows it.
pub struct Badge {
    /// `pass`, `warn`, `fail`, or what became of a quantity: `up`, `down`, `same`.
    pub class: &'static str,
    /// So that colour is not the only cue.
    pub sign: &'static str,
    pub word: String,
}

impl Badge {
    pub fn of(verdict: Verdict, texts: &Texts) -> Self {
        let (class, sign) = match verdict {
            Verdict::Pass => ("pass", "✓"),
            Verdict::Warn => ("warn", "!"),
            Verdict::Fail => ("fail", "✕"),
        };
        Self { class, sign, word: texts.get(&format!("verdict.{class}")).to_owned() }
    }
}

/// A doubt with what to do about it.
pub struct Doubt {
    pub class: &'static str,
    pub sign: &'static str,
    /// In the page's language.
    pub title: String,
    /// As recorded, in English; `None` where the title says it.
    pub message: Option<String>,
    pub advice: String,
    /// Which photo, with a colon; empty for the comparison itself.
    pub whose: String,
}

impl Doubt {
    /// `whose` is a key of the texts, or empty.
    pub fn of(finding: &Finding, whose: &str, texts: &Texts) -> Self {
        let (class, sign) = match finding.severity {
            Severity::Note => ("note", "i"),
            Severity::Warning => ("warn", "!"),
            Severity::Failure => ("fail", "✕"),
        };
        let code = word(&finding.code);
        let title = texts.find(&format!("finding.{code}"));
        let advice = texts.find(&format!("advice.{code}"));
        Self {
            class,
            sign,
            title: title.unwrap_or(&finding.message).to_owned(),
            message: title.map(|_| finding.message.clone()),
            advice: advice.unwrap_or(&finding.advice).to_owned(),
            whose: if whose.is_empty() { String::new() } else { texts.get(whose).to_owned() },
        }
    }

    /// Those of one photo, what weighs most first.
    pub fn all(findings: &[Finding], whose: &str, texts: &Texts) -> Vec<Self> {
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        sorted.into_iter().map(|finding| Self::of(finding, whose, texts)).collect()
    }
}
