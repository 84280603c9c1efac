//! How each photo is measured, by the options: what cannot be had is wrong usage.

use std::path::PathBuf;

use anyhow::Result;
use vellus::RegionShape;
use vellus::setting::{Setting, SettingError, SiteChoice, Wishes};

use crate::args::Measuring;
use crate::common;
use crate::terminal::usage;

/// The settings of all photos.
///
/// # Errors
/// Wrong usage: a protocol or a site file cannot be read or used.
pub fn settings(
    command: &str,
    options: &Measuring,
    region: Option<&RegionShape>,
    photos: &[PathBuf],
) -> Result<Vec<Setting>> {
    let wishes = wishes(command, options, region)?;
    let setting = |photo: &PathBuf| wishes.setting(Some(photo)).map_err(|error| wrong(command, &error));
    photos.iter().map(setting).collect()
}

/// What the options ask for.
fn wishes(command: &str, options: &Measuring, region: Option<&RegionShape>) -> Result<Wishes> {
    let wishes = Wishes {
        scale: options.um_per_px,
        field_width_mm: options.field_width_mm,
        read_scale: options.read_scale,
        site: options.site.as_deref().map_or(SiteChoice::Nearest, SiteChoice::named),
        protocol: None,
        region: region.cloned(),
    };
    wishes.check().map_err(|error| wrong(command, &error))?;
    let protocol = options.protocol.as_deref().map(|path| common::protocol_file(command, Some(path)));
    Ok(Wishes { protocol: protocol.transpose()?, ..wishes })
}

/// Wrong usage, in the words of the options.
fn wrong(command: &str, error: &SettingError) -> anyhow::Error {
    match error {
        SettingError::FieldWidth(_) => usage(command, format!("--field-width-mm: {error}")),
        SettingError::Site { .. } => usage(command, format!("{error}; mend it, or give --site none")),
        SettingError::SiteScale { .. } | SettingError::SiteProtocol { .. } => usage(command, error),
    }
}
