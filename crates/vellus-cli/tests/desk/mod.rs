//! A folder with photos in which `vellus` runs, for the tests of the command line.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with photos, and `vellus` running in it.
pub struct Desk {
    pub folder: TempDir,
}

/// What one run gave.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs with arguments that have no spaces in them.
    pub fn vellus(&self, arguments: &str) -> Run {
        self.vellus_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub fn vellus_with(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vellus"));
        command.current_dir(self.folder.path()).args(arguments);
        let Output { status, stdout, stderr } = command.output().expect("vellus starts");
        let text = |bytes| String::from_utf8(bytes).expect("vellus prints UTF-8");
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    pub fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

impl Run {
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// Exit code 1, one sentence that holds all the words, no panic.
    pub fn fails_saying(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        self.says(words)
    }

    /// Exit code 2 with all the words.
    pub fn refuses_usage_saying(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(2), "{}", self.stderr);
        assert_eq!(self.stdout, "");
        self.says(words)
    }

    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "'{word}' in\n{}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    pub fn documents(&self) -> Vec<Value> {
        documents(&self.stdout)
    }
}

pub fn documents(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
