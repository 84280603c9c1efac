//! The options that measuring commands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use vellus::{Calibration, CalibrationSource};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// How photos are measured.
#[derive(Debug, clap::Args)]
pub struct Measuring {
    /// Length of a pixel on the scalp, µm, for all photos, with its standard error if it is known, such as 5.54±0.03 (1 % is
    /// assumed) [default: the site file's, the protocol's, DICOM's; with none, counts and pixels only].
    #[arg(long, value_name = "µm", value_parser = scale, allow_negative_numbers = true, help_heading = "Measuring")]
    pub um_per_px: Option<Calibration>,

    /// The scale as the width of scalp that each photo shows from its left to its right edge, mm.
    #[arg(
        long,
        value_name = "mm",
        conflicts_with = "um_per_px",
        allow_negative_numbers = true,
        help_heading = "Measuring"
    )]
    pub field_width_mm: Option<f64>,

    /// Use the scale that the picture shows (a bar with its length printed beside it) or that the file states where none is
    /// given. Look at the mark: a frame or an underline beside a length may be taken for a bar [default: such a scale is named].
    #[arg(long, help_heading = "Measuring")]
    pub read_scale: bool,

    /// Site file: scale, region and protocol of a device; none: use none
    /// [default: vellus.toml in the folder of the photo, or in the nearest folder above].
    #[arg(long, value_name = "FILE.toml|none", help_heading = "Measuring")]
    pub site: Option<PathBuf>,

    /// Protocol: every parameter that can change a number, as `vellus protocol` prints it [default: those values].
    #[arg(long, value_name = "FILE.toml", help_heading = "Measuring")]
    pub protocol: Option<PathBuf>,
}

/// A page to read in a browser.
#[derive(Debug, clap::Args)]
pub struct PageOptions {
    /// Write a page: one HTML file that opens offline and prints on A4; a folder for several photos of measure
    /// (PHOTO.report.html) [default: none].
    #[arg(long, value_name = "FILE.html|FOLDER", help_heading = "Output")]
    pub report: Option<PathBuf>,

    /// Language of the page.
    #[arg(long, value_name = "TAG", value_enum, default_value_t = PageLanguage::En, requires = "report", help_heading = "Output")]
    pub language: PageLanguage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageLanguage {
    /// English.
    En,
    /// German.
    De,
    /// Hindi.
    Hi,
}

impl From<PageLanguage> for vellus_page::Language {
    fn from(language: PageLanguage) -> Self {
        match language {
            PageLanguage::En => Self::En,
            PageLanguage::De => Self::De,
            PageLanguage::Hi => Self::Hi,
        }
    }
}

/// What is printed.
#[derive(Debug, clap::Args)]
pub struct Printing {
    /// Print no summary [default: the summary goes to standard output, unless JSON or CSV goes there].
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    /// Colours in the summary; auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto, help_heading = "Output")]
    pub color: ColorChoice,
}

/// How the work is done.
#[derive(Debug, clap::Args)]
pub struct Running {
    /// Print what each stage took on standard error [default: off].
    #[arg(long, help_heading = "Running")]
    pub timings: bool,

    /// Threads to use; the results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<NonZeroUsize>,
}

pub(super) fn scale(text: &str) -> Result<Calibration, String> {
    Calibration::from_text(text, CalibrationSource::Flag)
}
