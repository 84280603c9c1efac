//! How each photo is measured: its scale, region and protocol, from what was asked for and from its site file.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::calibration::{Calibration, CalibrationError};
use crate::protocol::{Protocol, ProtocolError};
use crate::region::RegionShape;
use crate::scale::{Site, SiteError};

/// Least and greatest width of a field, mm.
const FIELD_WIDTH_MM: [f64; 2] = [0.05, 1000.0];

/// Which site file counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SiteChoice {
    /// `vellus.toml` in the folder of the photo, or in the nearest folder above; none for a photo without a path.
    #[default]
    Nearest,
    /// None.
    None,
    /// This one.
    File(PathBuf),
}

impl SiteChoice {
    /// A file, or the word `none`.
    pub fn named(name: &Path) -> Self {
        if name.as_os_str() == "none" { Self::None } else { Self::File(name.to_owned()) }
    }
}

/// What was asked for, for all photos.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wishes {
    /// The scale.
    pub scale: Option<Calibration>,
    /// The scale as the width of scalp that a photo shows, mm; not beside `scale`.
    pub field_width_mm: Option<f64>,
    /// Whether a scale that the picture or the file shows is used where none is given.
    pub read_scale: bool,
    /// Which site file counts.
    pub site: SiteChoice,
    /// The protocol; `None`: the site file's, or the default.
    pub protocol: Option<Protocol>,
    /// The region; `None`: the site file's, or the protocol's.
    pub region: Option<RegionShape>,
}

/// What was asked for and cannot be had.
#[derive(Debug, Error)]
pub enum SettingError {
    /// A width of the field that is none.
    #[error(
        "{0} mm is no width of a field: it must lie between 0.05 and 1000 mm, from the left to the right edge"
    )]
    FieldWidth(f64),
    /// A site file that cannot be used.
    #[error("site file {path}: {source}")]
    Site {
        /// The file.
        path: String,
        /// Why.
        source: SiteError,
    },
    /// A scale of the site file that cannot be used.
    #[error("site file {path}: {source}")]
    SiteScale {
        /// The file.
        path: String,
        /// Why.
        source: CalibrationError,
    },
    /// The protocol that a site file names.
    #[error("site file {path}: {source}")]
    SiteProtocol {
        /// The file.
        path: String,
        /// Why.
        source: Box<ProtocolFileError>,
    },
}

/// A protocol file that cannot be used.
#[derive(Debug, Error)]
pub enum ProtocolFileError {
    /// It cannot be read.
    #[error("{path}: the file cannot be read ({detail})")]
    Unreadable {
        /// The file.
        path: String,
        /// The operating system's words.
        detail: String,
    },
    /// What is in it cannot be used.
    #[error("{path}: {source}")]
    Protocol {
        /// The file.
        path: String,
        /// Why.
        source: ProtocolError,
    },
}

/// How a photo is measured.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its protocol, with the region of the options or of the site file.
    pub protocol: Protocol,
    /// What is known of its scale before it is opened.
    scale: Option<Calibration>,
    /// Width of the field, mm.
    field_width_mm: Option<f64>,
}

impl Setting {
    /// The scale of a photo of that width, px.
    ///
    /// # Errors
    /// The width of the field gives none.
    pub fn scale(&self, width_px: u32) -> Result<Option<Calibration>, CalibrationError> {
        match self.field_width_mm {
            Some(width_mm) => Ok(Some(Calibration::of_field_width(width_mm, width_px)?)),
            None => Ok(self.scale),
        }
    }
}

impl Wishes {
    /// The setting of a photo; `photo` is its path, if it has one. What was asked for wins over the site file, which wins over
    /// the scale of the protocol.
    ///
    /// # Errors
    /// [`SettingError`]: a width that is none, a site file or a protocol of one that cannot be used.
    pub fn setting(&self, photo: Option<&Path>) -> Result<Setting, SettingError> {
        self.check()?;
        let (path, site) = self.site(photo)?;
        let shown = || path.display().to_string();
        let mut protocol = match (&self.protocol, &site.protocol) {
            (Some(protocol), _) => protocol.clone(),
            (None, Some(file)) => protocol_file(file)
                .map_err(|source| SettingError::SiteProtocol { path: shown(), source: Box::new(source) })?,
            (None, None) => Protocol::default(),
        };
        if let Some(region) = self.region.as_ref().or(site.region.as_ref()) {
            protocol.region = region.clone();
        }
        protocol.read_scale |= self.read_scale;
        let of_site =
            site.calibration().map_err(|source| SettingError::SiteScale { path: shown(), source })?;
        Ok(Setting { scale: self.scale.or(of_site), field_width_mm: self.field_width_mm, protocol })
    }

    /// That the width of the field is one.
    ///
    /// # Errors
    /// [`SettingError::FieldWidth`].
    pub fn check(&self) -> Result<(), SettingError> {
        let [least, greatest] = FIELD_WIDTH_MM;
        match self.field_width_mm {
            Some(width) if !(least..=greatest).contains(&width) => Err(SettingError::FieldWidth(width)),
            _ => Ok(()),
        }
    }

    /// The site file of a photo, and its path; an empty one where there is none.
    ///
    /// # Errors
    /// [`SettingError::Site`].
    pub fn site(&self, photo: Option<&Path>) -> Result<(PathBuf, Site), SettingError> {
        let path = match &self.site {
            SiteChoice::None => None,
            SiteChoice::File(path) => Some(path.clone()),
            SiteChoice::Nearest => photo.and_then(Site::find),
        };
        let Some(path) = path else { return Ok((PathBuf::new(), Site::default())) };
        match Site::open(&path) {
            Ok(site) => Ok((path, site)),
            Err(source) => Err(SettingError::Site { path: path.display().to_string(), source }),
        }
    }
}

/// Reads a protocol file.
///
/// # Errors
/// [`ProtocolFileError`].
pub fn protocol_file(path: &Path) -> Result<Protocol, ProtocolFileError> {
    let shown = || path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProtocolFileError::Unreadable { path: shown(), detail: error.to_string() })?;
    Protocol::from_toml(&text).map_err(|source| ProtocolFileError::Protocol { path: shown(), source })
}

#[cfg(test)]
#[path = "setting_tests.rs"]
mod tests;
