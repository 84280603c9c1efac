//! `--corrections`: which file is of which photo.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use vellus::corrections::CORRECTIONS_ENDING;
use vellus::{CorrectionsFile, CorrectionsSet};

use crate::common;
use crate::terminal::say;

/// The corrections of each photo, found by the content of the photo; `given` are files and folders.
///
/// # Errors
/// Exit code 2: a file cannot be used. Exit code 1: a file that was given, or that has the name of a photo, is of another
/// photo.
pub fn assign(given: &[PathBuf], photos: &[PathBuf]) -> Result<Vec<Option<CorrectionsFile>>> {
    if given.is_empty() {
        return Ok(vec![None; photos.len()]);
    }
    let set = CorrectionsSet::read(given).map_err(|error| common::unusable(&error))?;
    // A photo that cannot be read is told of when it is measured.
    let hashes: Vec<Option<String>> = photos.iter().map(|photo| content_hash(photo)).collect();
    let assigned: Vec<Option<CorrectionsFile>> =
        hashes.iter().map(|hash| set.of(hash.as_deref()?).cloned()).collect();
    let mut others = 0;
    for (_, file) in set.iter().filter(|(of, _)| !hashes.iter().flatten().any(|hash| hash == *of)) {
        let path = Path::new(&file.name);
        let alone = given.iter().any(|given| given == path).then_some(());
        let same_name = |&k: &usize| assigned[k].is_none() && stem(path) == Some(named(&photos[k]));
        // A photo that can be read tells whether the file is its own.
        let by_name = (0..photos.len()).find(same_name);
        match by_name.or(alone.and_then(|()| (0..photos.len()).find(|&k| hashes[k].is_some()).or(Some(0)))) {
            Some(photo) => {
                let name = photos[photo].display().to_string();
                let Some(hash) = &hashes[photo] else {
                    say(&format!("{} was not used, as {name} cannot be read", file.name));
                    continue;
                };
                let size = [file.corrections.image.width_px, file.corrections.image.height_px];
                file.check_image(hash, size, &name)?;
            }
            None => others += 1,
        }
    }
    if others > 0 {
        say(&format!("{others} corrections file(s) are of other photos than those given and were not used"));
    }
    Ok(assigned)
}

/// `NAME` of `NAME.corrections.json`.
fn stem(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().strip_suffix(CORRECTIONS_ENDING)?.to_owned())
}

fn named(photo: &Path) -> String {
    photo.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Name of a photo's content, as every measurement states it; `None` if it cannot be read.
pub fn content_hash(path: &Path) -> Option<String> {
    let file = std::fs::File::open(path).ok().filter(|_| path.is_file())?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).ok()?;
    Some(format!("blake3:{}", hasher.finalize().to_hex()))
}

/// That a photo has corrections of another one.
///
/// # Errors
/// Always: with that reason.
pub fn refused<T>(photo: &Path, error: &vellus::CorrectionsError) -> Result<T> {
    Err(anyhow!("{} was not measured: {error}", photo.display()))
}
