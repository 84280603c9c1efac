//! The options of `vellus compare`.

use std::path::PathBuf;

use vellus::compare::phototrichogram::INTERVAL_H;

use super::common::{Measuring, PageOptions, Printing, Running};

const COMPARE_EXAMPLES: &str = "\
Examples:
  vellus compare before.jpg after.jpg --um-per-px 5.54
      Registers the photos, matches hair to hair and prints what changed over the skin that both show.
  vellus compare before.jpg after.jpg --um-per-px 5.54 --overlay change.png --csv change.csv
      Draws both photos in register, and writes a row for what became of each hair.
  vellus compare before.jpg after.jpg --um-per-px 5.54 --report change.html
      A page to show: both photos in register with a slider, what changed and why that is said.
  vellus compare --baseline a1.jpg a2.jpg a3.jpg --follow-up b1.jpg b2.jpg b3.jpg --um-per-px 5.54
      Takes the error of measurement from repeat photos of each visit.
  vellus compare day0.jpg day2.jpg --um-per-px 5.54 --interval 48h
      A phototrichogram: the share of growing hairs, and how fast they grow.
  vellus compare before.jpg after.jpg --um-per-px 5.54 --corrections before.corrections.json after.corrections.json
      Compares what readers corrected.
  vellus compare v0.jpg v1.jpg v2.jpg --um-per-px 5.54 --json series.json
      A series of visits: every one against the first, a track per hair, a trend per quantity.

A change is claimed if its 95 % interval excludes zero and its size exceeds the smallest change that can be told.

Exit codes:
  0  compared
  1  refused (not the same site, too few hairs) or failed (a photo could not be read, corrections are of another photo, a result not be written)
  2  wrong usage; nothing was measured";

const USAGE: &str = "\
vellus compare [OPTIONS] <BASELINE> <FOLLOW_UP> [FOLLOW_UP]...
       vellus compare [OPTIONS] --baseline <PHOTO>... --follow-up <PHOTO>...";

/// Tell what changed between photos of one site at two or more visits.
#[derive(Debug, clap::Args)]
#[command(after_help = COMPARE_EXAMPLES, override_usage = USAGE)]
pub struct CompareArgs {
    /// The baseline, then the follow-up; more than two are a series of visits, each compared with the first.
    #[arg(value_name = "PHOTO", required_unless_present_any = ["baseline", "follow_up"])]
    pub photos: Vec<PathBuf>,

    /// Repeat photos of the first visit, instead of PHOTO: they tell how well this site and operator repeat.
    #[arg(long, value_name = "PHOTO", num_args = 1.., requires = "follow_up", conflicts_with = "photos", help_heading = "Repeat photos")]
    pub baseline: Vec<PathBuf>,

    /// Repeat photos of the second visit.
    #[arg(long, value_name = "PHOTO", num_args = 1.., requires = "baseline", conflicts_with = "photos", help_heading = "Repeat photos")]
    pub follow_up: Vec<PathBuf>,

    #[command(flatten)]
    pub measuring: Measuring,

    /// What readers corrected: files NAME.corrections.json, or folders of them. Each is found by the content of its photo, so
    /// that their order does not matter; photos without are compared as they are [default: none].
    #[arg(long, value_name = "FILE|FOLDER", num_args = 1.., help_heading = "Measuring")]
    pub corrections: Vec<PathBuf>,

    /// Time between two photos of hair that was clipped before the first, such as 48h or 2d, from 13h to 30d: a
    /// phototrichogram [default: none].
    #[arg(long, value_name = "TIME", value_parser = interval, help_heading = "Measuring")]
    pub interval: Option<f64>,

    /// Do not look again for hairs that one photo shows and the other does not: for validation, to show what the second
    /// look is worth.
    #[arg(long, help_heading = "Measuring")]
    pub no_second_look: bool,

    /// Write the full record as JSON; - is standard output [default: none].
    #[arg(long, value_name = "FILE|-", help_heading = "Output")]
    pub json: Option<PathBuf>,

    /// Write what became of each hair as CSV, a row per hair (a series: per hair and visit); - is standard output
    /// [default: none].
    #[arg(long, value_name = "FILE|-", help_heading = "Output")]
    pub csv: Option<PathBuf>,

    /// Draw both photos side by side, in register, as PNG; a folder for a series (PHOTO.change.png) [default: none].
    #[arg(long, value_name = "FILE.png|FOLDER", help_heading = "Output")]
    pub overlay: Option<PathBuf>,

    #[command(flatten)]
    pub page: PageOptions,

    #[command(flatten)]
    pub printing: Printing,

    #[command(flatten)]
    pub running: Running,
}

/// Hours.
fn interval(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (number, unit_h) = match text.strip_suffix(['h', 'H']) {
        Some(number) => (number, 1.0),
        None => match text.strip_suffix(['d', 'D']) {
            Some(number) => (number, 24.0),
            None => return Err("write a number with its unit, h or d, such as 48h or 2d".to_owned()),
        },
    };
    let hours =
        number.trim().parse::<f64>().map_err(|_| match number.trim().replace(',', ".").parse::<f64>() {
            Ok(_) => "write it with a point, such as 1.5d".to_owned(),
            Err(_) => "write a number of hours or days, such as 48h or 2d".to_owned(),
        })? * unit_h;
    if INTERVAL_H.contains(&hours) {
        Ok(hours)
    } else {
        Err(format!(
            "it must be {}h, from which slow hair grows by more than the error of a length, to {}d, over which hair changes phase",
            INTERVAL_H.start(),
            INTERVAL_H.end() / 24.0
        ))
    }
}
