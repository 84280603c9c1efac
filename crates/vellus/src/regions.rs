//! Regions as they are asked for in words: shapes, mask images and GeoJSON, each with a name or without.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::photo::{DecodeLimits, Photo};
use crate::region::{MOST_PARTS, NAMES_APART, RegionPart, RegionShape};
use crate::region_file;

/// Regions that cannot be used: a sentence that names the one that is meant, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct RegionsError(String);

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// One shape, or several parts.
    pub shape: RegionShape,
    /// A mask image, which fits photos of its own size alone.
    pub mask: Option<SizedMask>,
}

/// Size of a mask image.
#[derive(Debug, Clone, PartialEq)]
pub struct SizedMask {
    path: PathBuf,
    size_px: [u32; 2],
}

impl SizedMask {
    /// Whether it is of the size of the photo, which messages call `name`.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, name: &str, photo: &Photo) -> Result<(), RegionsError> {
        if self.size_px == [photo.width_px, photo.height_px] {
            return Ok(());
        }
        let [width, height] = self.size_px;
        Err(RegionsError(format!(
            "{name} has {} × {} px, but the mask {} has {width} × {height} px; export the mask from this photo, upright",
            photo.width_px,
            photo.height_px,
            self.path.display()
        )))
    }
}

/// Reads regions as `--region` takes them, `[NAME=]SHAPE` or `[NAME=]FILE`; `None` without any.
///
/// # Errors
/// A value that is neither a shape nor a file of regions; two regions of one name.
pub fn read(values: &[String], limits: &DecodeLimits) -> Result<Option<Asked>, RegionsError> {
    read_in(Path::new(""), values, limits)
}

/// The same, of files that lie in `folder`; messages name them without it.
///
/// # Errors
/// As [`read`].
pub fn read_in(
    folder: &Path,
    values: &[String],
    limits: &DecodeLimits,
) -> Result<Option<Asked>, RegionsError> {
    let wrong = RegionsError;
    let mut parts: Vec<RegionPart> = Vec::new();
    // Which value each part came from.
    let mut from: Vec<&str> = Vec::new();
    let mut mask: Option<SizedMask> = None;
    for (number, value) in (1..).zip(values) {
        // A file may have an equals sign in its name.
        let (name, rest) = match value.split_once('=') {
            Some((name, rest)) if !folder.join(value).exists() => (Some(region_file::printable(name)), rest),
            _ => (None, value.as_str()),
        };
        let there = folder.join(rest);
        if there.is_file() {
            let path = PathBuf::from(rest);
            let file = region_file::read(&there, limits)
                .map_err(|error| wrong(error.to_string().replace(&there.display().to_string(), rest)))?;
            if let Some(size_px) = file.size_px {
                if let Some(other) = mask.as_ref().filter(|mask| mask.size_px != size_px) {
                    return Err(wrong(format!(
                        "the masks {} and {} are not of one size",
                        other.path.display(),
                        path.display()
                    )));
                }
                mask = Some(SizedMask { path, size_px });
            }
            let only = file.parts.len() == 1;
            parts.extend(file.parts.into_iter().map(|part| RegionPart {
                name: match &name {
                    None => part.name,
                    Some(name) if only => name.clone(),
                    Some(name) => format!("{name} {}", part.name),
                },
                shape: part.shape,
            }));
        } else {
            let shape = rest.parse().map_err(|error| match Path::new(rest).extension() {
                Some(_) => wrong(format!("{rest} is no file that exists; or else {error}")),
                None => wrong(format!("{error}")),
            })?;
            parts.push(RegionPart { name: name.unwrap_or_else(|| number.to_string()), shape });
        }
        from.resize(parts.len(), value);
    }
    let mut names = BTreeMap::new();
    for (part, value) in parts.iter().zip(from) {
        if part.name.contains(NAMES_APART) {
            return Err(wrong(format!(
                "the region '{}' of {} has a semicolon in its name, which parts names in the tables; give it another name",
                part.name,
                region_file::printable(value)
            )));
        }
        if let Some(first) = names.insert(part.name.as_str(), value) {
            return Err(wrong(format!(
                "two regions have the name '{}', one of {} and one of {}; give each a name of its own (NAME=SHAPE)",
                part.name,
                region_file::printable(first),
                region_file::printable(value)
            )));
        }
    }
    // One region without a name is as it always was.
    let unnamed = values.len() == 1 && !values[0].contains('=');
    let shape = match parts.len() {
        0 => return Ok(None),
        1 if unnamed => parts.remove(0).shape,
        _ => RegionShape::Parts { parts },
    };
    if shape.is_valid() {
        return Ok(Some(Asked { shape, mask }));
    }
    Err(wrong(format!(
        "each region needs a name of its own and an area, and there may be {} at the most",
        MOST_PARTS
    )))
}
