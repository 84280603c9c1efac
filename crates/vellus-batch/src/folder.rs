//! A folder of photos as a manifest, by the names of the files.
//!
//! A pattern such as `{site}/{subject}_{visit}_{replicate}` is laid over the path of each photo from the folder, without
//! its ending. A field takes the shortest text that lets the rest fit, without `/`; what is between fields stands for
//! itself. Fields that [`crate::manifest::COLUMNS`] does not name pass through.

use std::path::Path;

use crate::error::ManifestError;
use crate::manifest::{COLUMNS, Manifest};

/// Endings of photos.
const ENDINGS: [&str; 11] =
    ["jpg", "jpeg", "png", "tif", "tiff", "bmp", "gif", "webp", "dcm", "dicom", "dic"];
/// Files that mark a folder as the output of a command; the pictures in it are no photos of the trial.
const OUTPUTS: [&str; 3] = ["batch.json", "blind.json", "validation.json"];
/// Most photos that are named when they do not fit the pattern.
const MOST_FAULTS: usize = 10;

/// The photos of a folder and the folders in it, sorted by path. Hidden ones are left out, and folders in it that a
/// command wrote.
///
/// # Errors
/// [`ManifestError`] when the folder cannot be read or holds no photo, when the pattern is not understood or when a photo
/// does not fit it.
pub fn manifest(folder: &Path, pattern: Option<&str>) -> Result<Manifest, ManifestError> {
    let path = folder.display().to_string();
    let mut photos = Vec::new();
    collect(folder, "", &mut photos)
        .map_err(|error| ManifestError::Unreadable { path: path.clone(), detail: error.to_string() })?;
    photos.sort();
    if photos.is_empty() {
        return Err(ManifestError::NoPhotos { path });
    }
    let pattern = pattern.map(Pattern::parse).transpose()?;
    let fields: Vec<&str> = pattern.iter().flat_map(Pattern::fields).collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = table.write_record(std::iter::once("photo").chain(fields));
    let mut faults = Vec::new();
    for photo in &photos {
        let stem = photo.rsplit_once('.').map_or(photo.as_str(), |(stem, _)| stem);
        match pattern.as_ref().map(|pattern| pattern.values(stem)) {
            Some(None) => faults.push(format!("{photo} does not fit the pattern")),
            values => {
                let values = values.flatten().unwrap_or_default();
                let _ = table.write_record(std::iter::once(photo.as_str()).chain(values));
            }
        }
    }
    if !faults.is_empty() {
        return Err(ManifestError::rows(&path, faults, MOST_FAULTS));
    }
    let text = String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default();
    Manifest::parse(&text, folder.to_owned(), &path)
}

/// Paths from the folder, with `/` on every system. Links to folders are not followed: they may lead in a ring.
fn collect(folder: &Path, prefix: &str, photos: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending =
            path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_folder = path.is_dir();
        if (is_folder && path.is_symlink()) || (!is_folder && !ENDINGS.contains(&ending.as_str())) {
            continue;
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            let named = format!("the name of {} is not UTF-8; rename it", path.display());
            return Err(std::io::Error::other(named));
        };
        if name.starts_with('.') {
            continue;
        }
        if is_folder && OUTPUTS.iter().any(|mark| path.join(mark).is_file()) {
            continue;
        }
        if is_folder {
            collect(&path, &format!("{prefix}{name}/"), photos)?;
        } else {
            photos.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

/// Text and fields in turn.
#[derive(Debug, PartialEq)]
struct Pattern(Vec<Part>);

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Field(String),
}

impl Pattern {
    fn parse(pattern: &str) -> Result<Self, ManifestError> {
        let wrong =
            |detail: &str| ManifestError::Pattern { pattern: pattern.to_owned(), detail: detail.to_owned() };
        let (mut parts, mut rest) = (Vec::new(), pattern);
        while !rest.is_empty() {
            let (text, field) = rest.split_once('{').unwrap_or((rest, ""));
            if text.contains('}') {
                return Err(wrong("a } has no { before it"));
            }
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            } else if matches!(parts.last(), Some(Part::Field(_))) {
                return Err(wrong("two fields stand side by side, so that nothing tells where one ends"));
            }
            if text.len() == rest.len() {
                break;
            }
            let (name, after) = field.split_once('}').ok_or_else(|| wrong("a { is not closed"))?;
            if name.is_empty() || name == COLUMNS[0] || name.contains('{') {
                return Err(wrong("a field needs a name, and 'photo' is the file itself"));
            }
            parts.push(Part::Field(name.to_owned()));
            rest = after;
        }
        Ok(Self(parts))
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Field(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// What the fields take of a name; `None` if it does not fit.
    fn values<'a>(&self, name: &'a str) -> Option<Vec<&'a str>> {
        fn fit<'a>(parts: &[Part], name: &'a str, values: &mut Vec<&'a str>) -> bool {
            match parts.split_first() {
                None => name.is_empty(),
                Some((Part::Text(text), rest)) => {
                    name.strip_prefix(text.as_str()).is_some_and(|name| fit(rest, name, values))
                }
                Some((Part::Field(_), rest)) => {
                    let ends = name.char_indices().map(|(i, c)| (i + c.len_utf8(), c));
                    for (end, _) in ends.take_while(|&(_, c)| c != '/') {
                        values.push(&name[..end]);
                        if fit(rest, &name[end..], values) {
                            return true;
                        }
                        values.pop();
                    }
                    false
                }
            }
        }
        let mut values = Vec::new();
        fit(&self.0, name, &mut values).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(pattern: &str, name: &'a str) -> Option<Vec<&'a str>> {
        Pattern::parse(pattern).expect("a pattern").values(name)
    }

    #[test]
    fn fields_take_what_is_between_the_text() {
        assert_eq!(values("{site}/{subject}_v{visit}", "north/S-1_v2"), Some(vec!["north", "S-1", "2"]));
        assert_eq!(values("{subject}_{visit}", "a_b_c"), Some(vec!["a", "b_c"]));
        assert_eq!(values("{subject}_{visit}", "north/a_b"), None);
        assert_eq!(values("{subject}_{visit}", "a_"), None);
    }

    #[test]
    fn a_pattern_that_cannot_be_told_is_refused() {
        for pattern in ["{subject}{visit}", "{subject", "subject}", "{}", "{photo}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn photos_are_sorted_and_those_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("north")).expect("made");
        std::fs::create_dir(folder.path().join("blinded")).expect("made");
        for name in
            ["b_2.PNG", "north/a_1.jpg", "notes.txt", ".hidden.jpg", "blinded/blind.json", "blinded/X.png"]
        {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let plain = manifest(folder.path(), None).expect("photos");
        assert_eq!(
            plain.rows.iter().map(|row| row.photo.as_str()).collect::<Vec<_>>(),
            ["b_2.PNG", "north/a_1.jpg"]
        );
        let error =
            manifest(folder.path(), Some("{subject}_{visit}")).expect_err("one is deeper").to_string();
        assert!(error.contains("north/a_1.jpg") && !error.contains("b_2"), "{error}");
    }
}
