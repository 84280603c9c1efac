//! The site file, `vellus.toml`: what is the same for all photos of a device.
//!
//! It lies in the folder of the photos or in one above it. Everything in it may be left out:
//!
//! ```
//! let site = vellus::scale::Site::from_toml(r#"
//!     device = "contact microscope 2"
//!     magnification = "70x"
//!     um_per_px = 5.54
//!     um_per_px_error = 0.03          # standard error; 1 % if it is left out
//!     protocol = "protocol.toml"      # path from this file
//! "#)?;
//! assert_eq!(site.um_per_px, Some(5.54));
//! # Ok::<(), vellus::scale::SiteError>(())
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calibration::{Calibration, CalibrationError, CalibrationSource};
use crate::region::RegionShape;

/// Name of the file.
pub const SITE_FILE: &str = "vellus.toml";
/// Most bytes that are read of it.
const MOST_BYTES: u64 = 1 << 20;

/// What a site file says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// The device, as people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The magnification that it was set to, as people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magnification: Option<String>,
    /// Length of a pixel on the scalp, µm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub um_per_px: Option<f64>,
    /// Standard error of `um_per_px`, µm per px.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub um_per_px_error: Option<f64>,
    /// Path of the protocol, from the folder of this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<PathBuf>,
    /// Part of each photo that is analysed, px.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionShape>,
}

/// A site file that cannot be used.
#[derive(Debug, Error)]
pub enum SiteError {
    /// It cannot be read.
    #[error("the file cannot be read ({0})")]
    Unreadable(std::io::Error),
    /// It is far too long for one.
    #[error("the file is longer than a megabyte: it is no site file")]
    TooLong,
    /// Not TOML, an unknown field, or a value of the wrong type.
    #[error("the site file is not understood: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A scale or an error that cannot be used.
    #[error("{0}")]
    Scale(#[from] CalibrationError),
    /// An error of no scale.
    #[error("um_per_px_error is given without um_per_px; give both, or none")]
    ErrorAlone,
    /// A region without area.
    #[error("the region has no area: sizes must be positive numbers of pixels")]
    Region,
}

impl Site {
    /// Reads the text of a site file.
    ///
    /// # Errors
    /// [`SiteError`] when it is not TOML, names an unknown field or gives a value that cannot be used.
    pub fn from_toml(text: &str) -> Result<Self, SiteError> {
        let site: Self = toml::from_str(text)?;
        site.calibration()?;
        if site.um_per_px.is_none() && site.um_per_px_error.is_some() {
            return Err(SiteError::ErrorAlone);
        }
        if site.region.as_ref().is_some_and(|region| !region.is_valid()) {
            return Err(SiteError::Region);
        }
        Ok(site)
    }

    /// Reads a site file; `protocol` becomes a path from where the program runs.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn open(path: &Path) -> Result<Self, SiteError> {
        let size = std::fs::metadata(path).map_err(SiteError::Unreadable)?.len();
        if size > MOST_BYTES {
            return Err(SiteError::TooLong);
        }
        let text = std::fs::read_to_string(path).map_err(SiteError::Unreadable)?;
        let mut site = Self::from_toml(&text)?;
        if let (Some(protocol), Some(folder)) = (&mut site.protocol, path.parent()) {
            *protocol = folder.join(&*protocol);
        }
        Ok(site)
    }

    /// The site file of a photo or a folder: the nearest one upward from where it lies.
    pub fn find(path: &Path) -> Option<PathBuf> {
        let full = std::path::absolute(path).ok()?;
        full.ancestors().map(|folder| folder.join(SITE_FILE)).find(|file| file.is_file())
    }

    /// Its scale.
    ///
    /// # Errors
    /// [`CalibrationError`] when it or its error is out of range.
    pub fn calibration(&self) -> Result<Option<Calibration>, CalibrationError> {
        let Some(um_per_px) = self.um_per_px else { return Ok(None) };
        let scale = Calibration::new(um_per_px, CalibrationSource::SiteFile)?;
        self.um_per_px_error.map_or(Ok(scale), |error| scale.with_error(error)).map(Some)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// When a value cannot be written as TOML; none that [`Site::from_toml`] accepts.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}
