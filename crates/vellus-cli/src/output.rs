//! Where results go: decided, and checked, before anything is measured.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::terminal;

/// What the options ask for.
pub struct Request<'a> {
    /// The subcommand, for messages.
    pub command: &'static str,
    /// The photos that are read: no result may take the place of one.
    pub photos: &'a [PathBuf],
    pub json: Option<&'a Path>,
    pub csv: Option<&'a Path>,
    pub overlay: Option<&'a Path>,
    pub report: Option<&'a Path>,
    pub rois: Option<&'a Path>,
    pub tables: Each<'a>,
    pub pictures: Each<'a>,
    pub pages: Each<'a>,
    pub regions: Each<'a>,
    /// Print no summary.
    pub quiet: bool,
}

/// The photos that have a result each, which is named after them in a folder.
#[derive(Clone, Copy)]
pub struct Each<'a> {
    pub photos: &'a [PathBuf],
    /// What they are, for messages.
    pub called: &'static str,
    /// What follows the photo's name, such as `overlay.png`.
    pub ending: &'static str,
}

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
    /// One file per page, in the order of the photos.
    pub report: Option<Vec<PathBuf>>,
    /// One file of ROIs per photo, in the order of the photos; one that does not end in zip is GeoJSON.
    pub rois: Option<Vec<PathBuf>>,
    /// Whether the summary is printed.
    pub summary: bool,
}

impl Outputs {
    /// Resolves the options.
    ///
    /// # Errors
    /// Wrong usage: what cannot be written, or would overwrite a photo or another result.
    pub fn plan(request: &Request) -> Result<Self> {
        Plan(request.command).outputs(request)
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
        json.into_iter()
            .chain(csv)
            .chain(self.overlay.iter().flatten())
            .chain(self.report.iter().flatten())
            .chain(self.rois.iter().flatten())
    }
}

/// What a file is, and how its name ends.
#[derive(Clone, Copy)]
struct Kind {
    what: &'static str,
    /// First the one that files in a folder have.
    endings: &'static [&'static str],
}

const PICTURE: Kind = Kind { what: "the picture is a PNG", endings: &["png"] };
const PAGE: Kind = Kind { what: "the page is HTML", endings: &["html"] };
const ROIS: Kind = Kind { what: "regions of interest are a RoiSet or GeoJSON", endings: &["zip", "geojson"] };

/// The one page of a subcommand, `trial.report.html` in a folder.
///
/// # Errors
/// Wrong usage: it cannot be written there.
pub fn page_file(command: &'static str, path: &Path) -> Result<PathBuf> {
    let named = [PathBuf::from("trial")];
    let each = Each { photos: &named, called: "pages", ending: "report.html" };
    let paths = Plan(command).drawn("--report", PAGE, path, each)?;
    Ok(paths.into_iter().next().unwrap_or_else(|| path.to_owned()))
}

/// Resolves the options of the subcommand of that name.
struct Plan(&'static str);

impl Plan {
    fn outputs(&self, request: &Request) -> Result<Outputs> {
        let (json, csv) = (request.json, request.csv);
        if [json, csv].iter().all(|path| path.is_some_and(is_stdout)) {
            return Err(self.wrong(
                "--json - and --csv - would mix on standard output: give one of them a file".to_owned(),
            ));
        }
        let outputs = Outputs {
            json: json.map(|path| self.stream(path)).transpose()?,
            csv: csv.map(|path| self.tables(path, request.tables)).transpose()?,
            overlay: request
                .overlay
                .map(|path| self.drawn("--overlay", PICTURE, path, request.pictures))
                .transpose()?,
            report: request
                .report
                .map(|path| self.drawn("--report", PAGE, path, request.pages))
                .transpose()?,
            rois: request.rois.map(|path| self.drawn("--rois", ROIS, path, request.regions)).transpose()?,
            summary: !request.quiet && ![json, csv].iter().any(|path| path.is_some_and(is_stdout)),
        };
        self.check_clashes(&outputs, request.photos)?;
        Ok(outputs)
    }

    /// No result may take the place of a photo or of another result.
    fn check_clashes(&self, outputs: &Outputs, photos: &[PathBuf]) -> Result<()> {
        let photos: Vec<PathBuf> = photos.iter().map(|photo| identity(photo)).collect();
        let mut seen: Vec<PathBuf> = Vec::new();
        for path in outputs.files() {
            let identity = identity(path);
            if photos.contains(&identity) {
                return Err(self.wrong(format!(
                    "{} is a photo: it would be overwritten; choose another name",
                    path.display()
                )));
            }
            if seen.contains(&identity) {
                return Err(self.wrong(format!(
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

    fn stream(&self, path: &Path) -> Result<Stream> {
        if is_stdout(path) {
            return Ok(Stream::Stdout);
        }
        self.file("--json", path).map(Stream::File)
    }

    fn tables(&self, path: &Path, each: Each) -> Result<Tables> {
        if is_stdout(path) {
            return Ok(Tables::Stdout);
        }
        self.per_photo("--csv", path, each).map(Tables::Files)
    }

    /// Pictures or pages: files whose names end as they should, or a folder.
    fn drawn(&self, option: &str, kind: Kind, path: &Path, each: Each) -> Result<Vec<PathBuf>> {
        let Kind { what, endings } = kind;
        let ending = endings.join(" or .");
        if is_stdout(path) {
            return Err(self.wrong(format!(
                "{option} - is not possible: give a file that ends in .{ending}, or a folder"
            )));
        }
        let right = path
            .extension()
            .is_some_and(|extension| endings.iter().any(|ending| extension.eq_ignore_ascii_case(ending)));
        if each.photos.len() == 1 && !right && !path.is_dir() && !ends_in_separator(path) && !is_device(path)
        {
            return Err(self.wrong(format!(
                "{option} {}: {what}; give a name that ends in .{ending}, or a folder that exists",
                path.display()
            )));
        }
        self.per_photo(option, path, each)
    }

    /// A file for one photo, a folder for one or more.
    fn per_photo(&self, option: &str, path: &Path, each: Each) -> Result<Vec<PathBuf>> {
        if each.photos.len() == 1 && !path.is_dir() && !ends_in_separator(path) {
            return self.file(option, path).map(|path| vec![path]);
        }
        if path.is_file() {
            let count = each.photos.len();
            return Err(self.wrong(format!(
                "{option} {}: this is a file, but {count} {} need a folder; give the name of a folder",
                path.display(),
                each.called
            )));
        }
        if !path.is_dir() {
            return Err(self
                .wrong(format!("{option} {}: this folder does not exist; create it first", path.display())));
        }
        let name = |photo: &PathBuf| {
            let stem = photo.file_stem().unwrap_or(photo.as_os_str());
            let mut name = stem.to_owned();
            name.push(".");
            name.push(each.ending);
            path.join(name)
        };
        Ok(each.photos.iter().map(name).collect())
    }

    /// A file that can be written: its folder exists and it is not a folder itself.
    fn file(&self, option: &str, path: &Path) -> Result<PathBuf> {
        if path.as_os_str().is_empty() {
            return Err(self.wrong(format!("{option} needs a file name")));
        }
        if path.is_dir() || ends_in_separator(path) {
            return Err(self.wrong(format!(
                "{option} {}: this is a folder; give the name of a file in it",
                path.display()
            )));
        }
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) if !folder.is_dir() => Err(self.wrong(format!(
                "{option} {}: the folder {} does not exist; create it first",
                path.display(),
                folder.display()
            ))),
            _ => Ok(path.to_owned()),
        }
    }

    fn wrong(&self, message: String) -> anyhow::Error {
        terminal::usage(self.0, message)
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
