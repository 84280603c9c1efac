//! Where results go: decided, and checked, before anything is measured.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::args::MeasureArgs;
use crate::terminal;

/// One stream for all photos.
#[derive(Debug, Clone, PartialEq)]
pub enum Stream {
    Stdout,
    File(PathBuf),
}

/// The table of hairs.
#[derive(Debug, Clone, PartialEq)]
pub enum Tables {
    /// One table of all photos.
    Stdout,
    /// One file per photo, in the order of the photos.
    Files(Vec<PathBuf>),
}

/// Where everything goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    pub json: Option<Stream>,
    pub csv: Option<Tables>,
    /// One file per photo, in the order of the photos.
    pub overlay: Option<Vec<PathBuf>>,
    /// Whether the summary is printed.
    pub summary: bool,
}

impl Outputs {
    /// Resolves the options.
    ///
    /// # Errors
    /// Wrong usage: what cannot be written, or would overwrite a photo or another result.
    pub fn plan(args: &MeasureArgs) -> Result<Self> {
        let (json, csv) = (args.json.as_deref(), args.csv.as_deref());
        if [json, csv].iter().all(|path| path.is_some_and(is_stdout)) {
            return Err(wrong(
                "--json - and --csv - would mix on standard output: give one of them a file".to_owned(),
            ));
        }
        let outputs = Self {
            json: json.map(stream).transpose()?,
            csv: csv.map(|path| tables(path, &args.photos)).transpose()?,
            overlay: args.overlay.as_deref().map(|path| pictures(path, &args.photos)).transpose()?,
            summary: !args.quiet && ![json, csv].iter().any(|path| path.is_some_and(is_stdout)),
        };
        outputs.check_clashes(&args.photos)?;
        Ok(outputs)
    }

    /// No result may take the place of a photo or of another result.
    fn check_clashes(&self, photos: &[PathBuf]) -> Result<()> {
        let photos: Vec<PathBuf> = photos.iter().map(|photo| identity(photo)).collect();
        let mut seen: Vec<PathBuf> = Vec::new();
        for path in self.files() {
            let identity = identity(path);
            if photos.contains(&identity) {
                return Err(wrong(format!(
                    "{} is a photo: it would be overwritten; choose another name",
                    path.display()
                )));
            }
            if seen.contains(&identity) {
                return Err(wrong(format!(
                    "{} would be written twice: give each result its own name; photos of the same name from several \
                     folders need a run and a folder each",
                    path.display()
                )));
            }
            if path.metadata().is_ok_and(|metadata| metadata.is_file()) || !path.exists() {
                seen.push(identity);
            }
        }
        Ok(())
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let json = match &self.json {
            Some(Stream::File(path)) => Some(path),
            _ => None,
        };
        let csv = match &self.csv {
            Some(Tables::Files(paths)) => paths.as_slice(),
            _ => &[],
        };
        json.into_iter().chain(csv).chain(self.overlay.iter().flatten())
    }
}

fn stream(path: &Path) -> Result<Stream> {
    if is_stdout(path) {
        return Ok(Stream::Stdout);
    }
    file("--json", path).map(Stream::File)
}

fn tables(path: &Path, photos: &[PathBuf]) -> Result<Tables> {
    if is_stdout(path) {
        return Ok(Tables::Stdout);
    }
    per_photo("--csv", path, photos, "hairs.csv").map(Tables::Files)
}

fn pictures(path: &Path, photos: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if is_stdout(path) {
        return Err(wrong(
            "--overlay - is not possible: give a file that ends in .png, or a folder".to_owned(),
        ));
    }
    let png = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    if photos.len() == 1 && !png && !path.is_dir() && !ends_in_separator(path) && !is_device(path) {
        return Err(wrong(format!(
            "--overlay {}: the picture is a PNG; give a name that ends in .png, or a folder that exists",
            path.display()
        )));
    }
    per_photo("--overlay", path, photos, "overlay.png")
}

/// A file for one photo, a folder for one or more.
fn per_photo(option: &str, path: &Path, photos: &[PathBuf], ending: &str) -> Result<Vec<PathBuf>> {
    if photos.len() == 1 && !path.is_dir() && !ends_in_separator(path) {
        return file(option, path).map(|path| vec![path]);
    }
    if path.is_file() {
        let count = photos.len();
        return Err(wrong(format!(
            "{option} {}: this is a file, but {count} photos need a folder; give the name of a folder",
            path.display()
        )));
    }
    if !path.is_dir() {
        return Err(wrong(format!(
            "{option} {}: this folder does not exist; create it first",
            path.display()
        )));
    }
    let name = |photo: &PathBuf| {
        let stem = photo.file_stem().unwrap_or(photo.as_os_str());
        let mut name = stem.to_owned();
        name.push(".");
        name.push(ending);
        path.join(name)
    };
    Ok(photos.iter().map(name).collect())
}

/// A file that can be written: its folder exists and it is not a folder itself.
fn file(option: &str, path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(wrong(format!("{option} needs a file name")));
    }
    if path.is_dir() || ends_in_separator(path) {
        return Err(wrong(format!(
            "{option} {}: this is a folder; give the name of a file in it",
            path.display()
        )));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(wrong(format!(
            "{option} {}: the folder {} does not exist; create it first",
            path.display(),
            folder.display()
        ))),
        _ => Ok(path.to_owned()),
    }
}

/// The same for two names of one file, also where upper and lower case are one (Windows, macOS).
fn identity(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let full = path.canonicalize().or_else(|_| {
        Ok::<_, std::io::Error>(folder.canonicalize()?.join(path.file_name().unwrap_or_default()))
    });
    PathBuf::from(full.unwrap_or_else(|_| path.to_owned()).to_string_lossy().to_lowercase())
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn ends_in_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

fn wrong(message: String) -> anyhow::Error {
    terminal::usage("measure", message)
}
