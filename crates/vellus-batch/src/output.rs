//! Whether a folder may take what a command writes.

use std::path::Path;

use vellus_report::atomic;

use crate::store::LOCK;

/// Nobody's files are mixed with those of a command: the folder is new, empty, or has the file `own`.
///
/// # Errors
/// What is wrong with it, and what to do.
pub fn check(folder: &Path, own: &str) -> Result<(), &'static str> {
    if folder.exists() && !folder.is_dir() {
        return Err("this is a file; give the name of a folder");
    }
    if !folder.exists() || folder.join(own).is_file() || !holds_files(folder) {
        Ok(())
    } else {
        Err("this folder holds other files; give a new one, or that of an earlier run")
    }
}

/// Whether a folder holds anything but empty folders, which a workflow engine makes for its outputs, and what a run that was
/// killed at its start left behind. One that cannot be read may hold anything.
fn holds_files(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return true };
    let is_file = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => holds_files(&entry.path()),
            _ => name != LOCK && !atomic::is_temporary(&name),
        }
    };
    entries.into_iter().any(|entry| entry.as_ref().map_or(true, is_file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_other_files_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        assert_eq!(check(&path.join("new"), "batch.json"), Ok(()));
        std::fs::create_dir(path.join("photos")).expect("made");
        assert_eq!(check(path, "batch.json"), Ok(()));
        std::fs::write(path.join("photos/left.jpg"), "x").expect("written");
        assert!(check(path, "batch.json").is_err());
        assert!(check(&path.join("photos/left.jpg"), "batch.json").is_err());
        std::fs::write(path.join("batch.json"), "x").expect("written");
        assert_eq!(check(path, "batch.json"), Ok(()));
    }
}
