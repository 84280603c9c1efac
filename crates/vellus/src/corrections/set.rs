//! The corrections of several photos, found by the content of each photo, so that names and order do not matter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{CorrectionsError, CorrectionsFile};

/// What the name of a corrections file ends in.
pub const CORRECTIONS_ENDING: &str = ".corrections.json";

/// What a message says of two files of one photo.
pub const SAME_PHOTO: &str = "corrects the same photo";

/// At most one file per photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CorrectionsSet {
    of: BTreeMap<String, CorrectionsFile>,
}

impl CorrectionsSet {
    /// Reads files, and of folders those that end in [`CORRECTIONS_ENDING`].
    ///
    /// # Errors
    /// [`CorrectionsError`] names the first file that cannot be used, or two that are of one photo.
    pub fn read(paths: &[PathBuf]) -> Result<Self, CorrectionsError> {
        let mut set = Self::default();
        for path in paths {
            if path.is_dir() {
                for file in files(path)? {
                    set.add(CorrectionsFile::read(&file)?)?;
                }
            } else {
                set.add(CorrectionsFile::read(path)?)?;
            }
        }
        Ok(set)
    }

    fn add(&mut self, file: CorrectionsFile) -> Result<(), CorrectionsError> {
        let photo = file.corrections.image.content_hash.clone();
        match self.of.get(&photo) {
            Some(known) => Err(CorrectionsError::Value {
                file: file.name,
                detail: format!("{} {SAME_PHOTO}; give one of them", known.name),
            }),
            None => {
                self.of.insert(photo, file);
                Ok(())
            }
        }
    }

    /// The corrections of the photo with that hash.
    pub fn of(&self, content_hash: &str) -> Option<&CorrectionsFile> {
        self.of.get(content_hash)
    }

    /// All files, by the hash of their photo.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &CorrectionsFile)> {
        self.of.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

/// The corrections files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, CorrectionsError> {
    let unreadable = |error: std::io::Error| CorrectionsError::Unreadable {
        file: folder.display().to_string(),
        detail: error.to_string(),
    };
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(CORRECTIONS_ENDING)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(CorrectionsError::Unreadable {
            file: folder.display().to_string(),
            detail: format!("it has no file that ends in {CORRECTIONS_ENDING}"),
        });
    }
    Ok(files)
}
