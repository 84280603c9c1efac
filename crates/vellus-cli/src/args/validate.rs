//! The options of `vellus validate`.

use std::path::PathBuf;

use vellus::Calibration;

use super::batch::Sharing;
use super::common::scale;

const VALIDATE_EXAMPLES: &str = r#"Examples:
  vellus validate marked
      Precision, recall, F1, count and intervals on the photos of that folder that have marks.
  vellus validate marked -o validation
      Also a table of the photos, and an atlas: pictures of the worst misses and false hairs by cause.
  vellus validate photos --corrections reader-1 reader-2 --um-per-px 5.54 -o agreement
      How far two readers who corrected the same photos agree with each other and with the machine: counts by ICC(2,1) and
      limits of agreement, hairs by F1. Each reader's folder holds NAME.corrections.json files with the reader's code; a
      file is found by the content of its photo.

Marks: a file NAME.marks.json per photo,
  {"photo": "NAME.jpg", "width_px": 1280, "height_px": 1024, "um_per_px": 5.54,
   "unmarked_lines_px": {"x": [], "y": []},
   "hairs": [{"class": "single", "root_px": [122.0, 65.5], "tip_px": [178.0, 104.5]}]}
with every hair that a reader sees, but those that touch the frame: where it emerges and its visible end, and its class:
single (alone in its unit), grouped, thin (fine hair) or abnormal (broken or debris: neither hit nor miss). Hairs were not
marked along unmarked_lines_px, which may be left out. x right, y down, the centre of the top-left pixel is (0, 0). One end
lies in the photo, the other at most a tenth of its longer side outside. A mark below 1 px is left out, and said.

A counted hair hits a mark if at least 60 % of each lies within 33 µm of the other and they differ by less than 25°.

The atlas holds parts of the photos: it is as confidential as they are.

Exit codes:
  0  validated
  1  a photo could not be measured, corrections are of no photo of the folder (if none could, nothing is written), or a result cannot be written
  2  wrong usage, or marks or corrections that cannot be used; nothing was measured"#;

/// Hold measurements against photos whose hairs were marked by hand, or readers against each other.
#[derive(Debug, clap::Args)]
#[command(after_help = VALIDATE_EXAMPLES)]
pub struct ValidateArgs {
    /// Folder with NAME.marks.json files; with --corrections, folder of photos.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// What readers corrected on these photos: a folder or file of each reader [default: none, marks are used].
    #[arg(long, value_name = "FOLDER|FILE", num_args = 1..)]
    pub corrections: Vec<PathBuf>,

    /// Length of a pixel on the scalp, µm, with --corrections [default: the protocol's; with none, hairs are matched as at
    /// 5.54].
    #[arg(long, value_name = "µm", value_parser = scale, allow_negative_numbers = true, help_heading = "Measuring")]
    pub um_per_px: Option<Calibration>,

    /// Protocol: every parameter that can change a number, as `vellus protocol` prints it [default: those values].
    #[arg(long, value_name = "FILE.toml", help_heading = "Measuring")]
    pub protocol: Option<PathBuf>,

    /// Folder for validation.json, photos.csv and the atlas, or with --corrections for agreement.json, readings.csv (a row per
    /// photo and reader) and pairs.csv (per photo and two readers); it must be new or that of an earlier run [default: none].
    #[arg(long, short, value_name = "FOLDER", help_heading = "Output")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub running: Sharing,
}
