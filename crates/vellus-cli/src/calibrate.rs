//! `vellus calibrate`: a photo of a ruler in, a site file out.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, anyhow};
use vellus::scale::{Site, SiteError};
use vellus::{DecodeLimits, scale};

use crate::args::CalibrateArgs;
use crate::common;
use crate::companions::print;
use crate::terminal::usage;

/// Measures the ruler.
///
/// # Errors
/// The photo cannot be read, shows no ruler, or the site file cannot be written.
pub fn run(args: &CalibrateArgs) -> Result<()> {
    let before = before(args.output.as_deref())?;
    let (photo, _) = common::open(&args.photo, &DecodeLimits::default())?;
    let told = scale::calibrate(&photo, args.tick_mm)
        .map_err(|error| anyhow!("{} gives no scale: {error}", args.photo.display()))?;
    let mut text = format!(
        "{}  ·  {} × {} px\n  Scale        {} ± {} µm per px (standard error, {:.2} %)\n",
        args.photo.display(),
        photo.width_px,
        photo.height_px,
        told.um_per_px,
        told.um_per_px_error,
        100.0 * told.um_per_px_error / told.um_per_px
    );
    for (name, value) in [("Along x", told.x_um_per_px), ("Along y", told.y_um_per_px)] {
        let _ = match value {
            Some(value) => writeln!(text, "  {name}      {value} µm per px"),
            None => writeln!(text, "  {name}      not measured: no ruler lies in that direction"),
        };
    }
    for ruler in &told.rulers {
        let _ = writeln!(
            text,
            "  Ruler        {} ticks, {:.3} px apart, turned by {:.1}°: {} mm from the first to the last",
            ruler.ticks,
            ruler.period_px,
            ruler.direction_deg,
            // To the digits of a tick.
            (1e6 * args.tick_mm * (ruler.ticks - 1) as f64).round() / 1e6
        );
    }
    let _ = writeln!(text, "  Distortion   {:.2} % at most over a ruler's length", 100.0 * told.distortion);
    if told.is_not_square() {
        text.push_str(
            "  Both directions differ by more than 1 %: lay the rulers flat, and check that their ticks are equally far apart.\n",
        );
    }
    if let Some(path) = &args.output {
        let site = told.site(before, args.device.as_deref(), args.magnification.as_deref());
        common::write(path, site.to_toml()?.as_bytes())?;
        let _ = writeln!(text, "  Written      {}", path.display());
    }
    print(text.as_bytes())
}

/// What stands in the file that is to be written: its other keys stay, and a file of another kind is not written over.
fn before(output: Option<&Path>) -> Result<Site> {
    let Some(path) = output.filter(|path| path.exists()) else { return Ok(Site::default()) };
    let read = std::fs::read_to_string(path).map_err(SiteError::Unreadable);
    read.and_then(|text| Site::from_toml(&text)).map_err(|error| {
        let reason = format!(
            "--output {}: it is there and is no site file ({error}); give another name",
            path.display()
        );
        usage("calibrate", reason)
    })
}
