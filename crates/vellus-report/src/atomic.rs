//! Files that appear under their name only when they are whole.
//!
//! What is written goes to a temporary file in the same folder, which [`AtomicFile::finish`] renames. A file of that
//! name that was there before stays untouched until then, and nothing is left behind when writing fails. A link is
//! followed, and what is not a regular file (`/dev/null`, a pipe) is written to directly.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file that is being written.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// A temporary file that takes the name at the end.
    Replace(BufWriter<NamedTempFile>),
    /// Not a regular file: a rename would replace the device.
    Direct(BufWriter<File>),
}

impl AtomicFile {
    /// Starts a file; its folder must exist.
    ///
    /// # Errors
    /// When the folder does not exist or cannot be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let target = match path.metadata() {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                Target::Direct(BufWriter::new(File::options().write(true).open(&path)?))
            }
            _ => Target::Replace(BufWriter::new(temporary_beside(&path)?)),
        };
        Ok(Self { path, target })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the last bytes cannot be written or the file cannot be renamed; the temporary file is removed.
    pub fn finish(self) -> io::Result<()> {
        match self.target {
            Target::Replace(writer) => {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
                // A power failure may keep the name and lose the bytes, unless they are on the disk before.
                file.as_file().sync_data()?;
                file.persist(&self.path)?;
                Ok(())
            }
            Target::Direct(mut writer) => writer.flush(),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Replace(writer) => writer.write(bytes),
            Target::Direct(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Replace(writer) => writer.flush(),
            Target::Direct(writer) => writer.flush(),
        }
    }
}

/// Writes a whole file, or none.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Writes a whole new file, or none; on Unix only its owner may read it. A file of that name is never replaced.
///
/// # Errors
/// When there is a file of that name, or this one cannot be written.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = Builder::new().prefix(TEMPORARY[0]).suffix(TEMPORARY[1]).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// What the names of temporary files begin and end with.
const TEMPORARY: [&str; 2] = [".vellus-", ".tmp"];

/// Whether a file of that name is one that a process left half-written when it was killed.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY[0]) && name.ends_with(TEMPORARY[1])
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY[0]).suffix(TEMPORARY[1]);
    // A temporary file is private by default; a result has the permissions that the user's umask gives.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
#[path = "atomic_tests.rs"]
mod tests;
