//! How each photo is measured: its scale, region and protocol, from the options and its site file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use vellus::scale::Site;
use vellus::{Calibration, Protocol, RegionShape};

use crate::args::Measuring;
use crate::common;
use crate::terminal::usage;

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
    pub fn scale(&self, width_px: u32) -> Result<Option<Calibration>> {
        match self.field_width_mm {
            Some(width_mm) => Ok(Some(Calibration::of_field_width(width_mm, width_px)?)),
            None => Ok(self.scale),
        }
    }
}

/// The settings of all photos. An option wins over the site file, which wins over the protocol file's scale.
///
/// # Errors
/// Wrong usage: a protocol or a site file cannot be read or used.
pub fn settings(
    command: &str,
    options: &Measuring,
    region: Option<&RegionShape>,
    photos: &[PathBuf],
) -> Result<Vec<Setting>> {
    check_width(command, options)?;
    let given = options.protocol.as_ref().map(|_| common::protocol(command, options)).transpose()?;
    let mut settings = Vec::new();
    for photo in photos {
        let (path, site) = site(command, options, photo)?;
        let mut protocol = match (&given, &site.protocol) {
            (Some(protocol), _) => protocol.clone(),
            (None, Some(file)) => common::protocol_file(command, Some(file))
                .map_err(|error| usage(command, format!("{}: {error:#}", path.display())))?,
            (None, None) => Protocol::default(),
        };
        if let Some(region) = region.or(site.region.as_ref()) {
            protocol.region = region.clone();
        }
        protocol.read_scale |= options.read_scale;
        let of_site = site.calibration().map_err(|error| usage(command, error))?;
        settings.push(Setting {
            scale: options.um_per_px.or(of_site),
            field_width_mm: options.field_width_mm,
            protocol,
        });
    }
    Ok(settings)
}

/// The site file of a photo, and its path; an empty one where there is none.
///
/// # Errors
/// Wrong usage: it cannot be read or used.
pub fn site(command: &str, options: &Measuring, photo: &Path) -> Result<(PathBuf, Site)> {
    let path = match &options.site {
        Some(name) if name.as_os_str() == "none" => None,
        Some(path) => Some(path.clone()),
        None => Site::find(photo),
    };
    let Some(path) = path else { return Ok((PathBuf::new(), Site::default())) };
    let site = Site::open(&path).map_err(|error| {
        let reason = format!("site file {}: {error}; mend it, or give --site none", path.display());
        usage(command, reason)
    })?;
    Ok((path, site))
}

/// That a width of the field is one.
///
/// # Errors
/// Wrong usage.
pub fn check_width(command: &str, options: &Measuring) -> Result<()> {
    match options.field_width_mm {
        Some(width) if !(0.05..=1000.0).contains(&width) => Err(usage(
            command,
            format!(
                "--field-width-mm {width}: it must lie between 0.05 and 1000 mm, from the left to the right edge"
            ),
        )),
        _ => Ok(()),
    }
}
