//! Photos that may not be in the repository.

use std::path::PathBuf;

/// The folder of clinic photos: `../shared/clinic` beside the repository, or in the folder that `VELLUS_SHARED`
/// names. `None` where there is none.
pub fn clinic() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("VELLUS_SHARED").map_or_else(beside, PathBuf::from).join("clinic");
    folder.is_dir().then_some(folder)
}

/// The photos of a folder by name, in order.
///
/// # Panics
/// When the folder cannot be listed.
pub fn photos(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().expect("a folder that can be listed");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
        .collect();
    paths.sort();
    paths
}
