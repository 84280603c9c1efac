//! Keyword arguments → how photos are measured.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use pyo3::prelude::*;
use vellus::regions::{self, SizedMask};
use vellus::setting::{SettingError, SiteChoice, Wishes, protocol_file};
use vellus::{Calibration, CalibrationSource, CorrectionsFile, CorrectionsSet, Photo, Protocol};

use crate::errors;

/// A scale: µm per px, or as people write it, with its standard error.
#[derive(FromPyObject)]
pub enum Scale {
    /// µm per px.
    Number(f64),
    /// `5.54` or `5.54±0.03`.
    Text(String),
    /// µm per px and its standard error.
    WithError(f64, f64),
}

/// What is the same for all photos of a call.
#[derive(FromPyObject)]
pub struct Options {
    um_per_px: Option<Scale>,
    field_width_mm: Option<f64>,
    read_scale: bool,
    /// `nearest`, `none` or a path.
    site: PathBuf,
    /// JSON of the fields that are not as by default.
    protocol_fields: Option<String>,
    protocol_file: Option<PathBuf>,
    region: Vec<String>,
    corrections: Vec<PathBuf>,
    /// Threads; the shared ones without.
    pub threads: Option<usize>,
}

/// What the options come to.
pub struct Asked {
    /// How photos are measured.
    pub wishes: Wishes,
    /// Size of a mask.
    pub mask: Option<SizedMask>,
    /// What readers corrected.
    pub corrections: Option<CorrectionsSet>,
    given: Vec<PathBuf>,
}

impl Options {
    /// Reads the files that they name.
    ///
    /// # Errors
    /// An argument that cannot be used.
    pub fn asked(&self) -> Result<Asked, PyErr> {
        if self.um_per_px.is_some() && self.field_width_mm.is_some() {
            return Err(errors::input("um_per_px and field_width_mm both give the scale: give one of them"));
        }
        let scale = self.um_per_px.as_ref().map(Scale::calibration).transpose()?;
        let protocol = self.protocol()?;
        let limits = protocol.as_ref().map(|protocol| protocol.decode.clone()).unwrap_or_default();
        let region = regions::read(&self.region, &limits)
            .map_err(|error| errors::input(format!("region: {error}")))?;
        let site = match self.site.to_str() {
            Some("nearest") => SiteChoice::Nearest,
            _ => SiteChoice::named(&self.site),
        };
        let read = (!self.corrections.is_empty()).then(|| CorrectionsSet::read(&self.corrections));
        Ok(Asked {
            wishes: Wishes {
                scale,
                field_width_mm: self.field_width_mm,
                read_scale: self.read_scale,
                site,
                protocol,
                region: region.as_ref().map(|asked| asked.shape.clone()),
            },
            mask: region.and_then(|asked| asked.mask),
            corrections: read.transpose().map_err(errors::input)?,
            given: self.corrections.clone(),
        })
    }

    fn protocol(&self) -> Result<Option<Protocol>, PyErr> {
        if let Some(fields) = &self.protocol_fields {
            let protocol: Protocol =
                serde_json::from_str(fields).map_err(|error| errors::input(format!("protocol: {error}")))?;
            protocol.check().map_err(errors::input)?;
            return Ok(Some(protocol));
        }
        self.protocol_file
            .as_deref()
            .map(protocol_file)
            .transpose()
            .map_err(|error| errors::input(format!("protocol {error}")))
    }

    /// The number of threads.
    ///
    /// # Errors
    /// It is none.
    pub fn threads(&self) -> Result<Option<NonZeroUsize>, PyErr> {
        threads(self.threads)
    }
}

/// A number of threads.
///
/// # Errors
/// It is none.
pub fn threads(given: Option<usize>) -> Result<Option<NonZeroUsize>, PyErr> {
    let number = |given| {
        NonZeroUsize::new(given)
            .ok_or_else(|| errors::input("threads is 0; give 1 or more, or None for all cores"))
    };
    given.map(number).transpose()
}

impl Scale {
    fn calibration(&self) -> Result<Calibration, PyErr> {
        let given = |value: f64| Calibration::new(value, CalibrationSource::Flag);
        match self {
            Self::Number(value) => given(*value).map_err(errors::input),
            Self::WithError(value, error) => {
                given(*value).and_then(|scale| scale.with_error(*error)).map_err(errors::input)
            }
            Self::Text(text) => Calibration::from_text(text, CalibrationSource::Flag)
                .map_err(|error| errors::input(format!("um_per_px '{text}': {error}"))),
        }
    }
}

impl Asked {
    /// The corrections of a photo, by its content. A folder may hold those of other photos; files that were named may not, if
    /// none of them is of a photo of this call.
    pub fn corrections_of(&self, photo: &Photo) -> Option<&CorrectionsFile> {
        self.corrections.as_ref()?.of(&photo.content_hash)
    }

    /// That every file of corrections that was given by its name is of one of these photos.
    ///
    /// # Errors
    /// One is of another photo.
    pub fn check_corrections(&self, hashes: &[String]) -> Result<(), PyErr> {
        let Some(set) = &self.corrections else { return Ok(()) };
        for (hash, file) in set.iter() {
            let named =
                self.given.iter().any(|given| given.is_file() && given.to_string_lossy() == file.name);
            if named && !hashes.contains(hash) {
                return Err(errors::input(format!(
                    "{} corrects another photo than those given; give it with its own",
                    file.name
                )));
            }
        }
        Ok(())
    }
}

/// A setting that cannot be had.
pub fn setting_error(error: &SettingError) -> PyErr {
    match error {
        SettingError::Site { .. } => {
            errors::input(format!("{}; mend it, or give site=None", error.to_string().trim_end()))
        }
        SettingError::FieldWidth(_) => errors::input(format!("field_width_mm: {error}")),
        _ => errors::input(error),
    }
}
