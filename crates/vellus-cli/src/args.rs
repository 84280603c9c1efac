//! The options, and their words in `--help`.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use vellus::{Calibration, CalibrationSource, RegionShape};
use vellus_phantom::PairKind;

const EXAMPLES: &str = "\
Examples:
  vellus measure left.jpg --um-per-px 5.54
      Counts the hairs of a photo and prints the summary.
  vellus measure left.jpg --um-per-px 5.54 --overlay left.overlay.png
      Draws every hair on the photo, too.
  vellus measure visits/*.jpg --um-per-px 5.54 --json visits.jsonl --csv tables --overlay pictures
      Measures many photos: one JSON document per line, a table and a picture each.

vellus measures photos. It is not a medical device and makes no diagnosis.";

const MEASURE_EXAMPLES: &str = "\
Examples:
  vellus measure left.jpg --um-per-px 5.54
  vellus measure left.jpg --um-per-px 5.54 --region circle:640,512,450 --overlay left.overlay.png
  vellus measure left.jpg --um-per-px 5.54 --json - | jq .summary
  vellus measure visits/*.jpg --protocol trial.toml --quiet --json visits.jsonl --csv tables

The scale is the length of a pixel on the scalp. Photograph a stage micrometer or a ruler with the same device \
and magnification: µm between two marks, divided by the pixels between them.

Exit codes:
  0  measured; a photo that cannot carry a measurement says so (verdict 'fail')
  1  a photo could not be read or a result could not be written; the others are done
  2  wrong usage; nothing was measured";

const PHANTOM_EXAMPLES: &str = "\
Examples:
  vellus phantom --scene clipped_typical --seed 7 -o phantoms
  vellus measure phantoms/clipped_typical_s7.jpg --um-per-px 5
  vellus phantom --scene clipped_typical --pair regrowth --seed 7 -o phantoms

The truth beside the photo holds every hair with its axis and its width, in px and µm.";

/// Counts hairs on scalp photos and measures how thick they are.
#[derive(Debug, Parser)]
#[command(name = "vellus", version, propagate_version = true, after_help = EXAMPLES, max_term_width = 110)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Measure(MeasureArgs),
    Phantom(PhantomArgs),
    /// Print the JSON schema of a record.
    Schema {
        /// Which record.
        #[arg(value_enum, default_value_t = Record::Measurement)]
        record: Record,
    },
    /// Print the default protocol as a TOML file to edit, for `measure --protocol`.
    Protocol,
    /// Print the completions of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print a manual page (roff).
    Man {
        /// The command that it is of [default: vellus itself].
        command: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Record {
    /// What `measure --json` writes.
    Measurement,
    /// What `measure --protocol` reads.
    Protocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// Measure every hair on one or more photos.
#[derive(Debug, clap::Args)]
#[command(after_help = MEASURE_EXAMPLES)]
pub struct MeasureArgs {
    /// JPEG, PNG or TIFF, 8 or 16 bits per channel.
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,

    /// Length of a pixel on the scalp, µm, for all photos [default: the protocol's; with none, counts and pixels only].
    #[arg(long, value_name = "µm", value_parser = scale, allow_negative_numbers = true, help_heading = "Measuring")]
    pub um_per_px: Option<Calibration>,

    /// Part of the photo that is analysed, px: whole, rect:X,Y,WIDTH,HEIGHT, circle:X,Y,RADIUS or polygon:X,Y,X,Y,X,Y,…
    /// [default: the protocol's, which is whole].
    #[arg(long, value_name = "SHAPE", help_heading = "Measuring")]
    pub region: Option<RegionShape>,

    /// Protocol: every parameter that can change a number, as `vellus protocol` prints it [default: those values].
    #[arg(long, value_name = "FILE.toml", help_heading = "Measuring")]
    pub protocol: Option<PathBuf>,

    /// Write the full record as JSON, one document per line; - is standard output [default: none].
    #[arg(long, value_name = "FILE|-", help_heading = "Output")]
    pub json: Option<PathBuf>,

    /// Write one row per hair as CSV; a folder for several photos (PHOTO.hairs.csv), - is standard output [default: none].
    #[arg(long, value_name = "FILE|FOLDER|-", help_heading = "Output")]
    pub csv: Option<PathBuf>,

    /// Draw the hairs on the photo as PNG; a folder for several photos (PHOTO.overlay.png) [default: none].
    #[arg(long, value_name = "FILE.png|FOLDER", help_heading = "Output")]
    pub overlay: Option<PathBuf>,

    /// Print no summary [default: the summary goes to standard output, unless JSON or CSV goes there].
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,

    /// Colours in the summary; auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto, help_heading = "Output")]
    pub color: ColorChoice,

    /// Print what each stage took on standard error [default: off].
    #[arg(long, help_heading = "Running")]
    pub timings: bool,

    /// Threads to use; the results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<NonZeroUsize>,
}

/// Draw scalp photos with known truth, to check an installation or a protocol with.
#[derive(Debug, clap::Args)]
#[command(after_help = PHANTOM_EXAMPLES)]
pub struct PhantomArgs {
    /// What is photographed; --list names all, "random" draws every parameter from the seed.
    #[arg(long, value_name = "NAME", default_value = "clipped_typical")]
    pub scene: String,

    /// Seed: the same one draws the same bytes on every machine.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Draw every seed of a range instead of one, such as 1..400 (both ends included).
    #[arg(long, value_name = "FIRST..LAST", value_parser = seeds, conflicts_with_all = ["seed", "pair"])]
    pub seeds: Option<RangeInclusive<u64>>,

    /// Also write where no scalp is seen (captions, marks, padding, surround), white, as NAME_sSEED.scenery.png.
    #[arg(long, conflicts_with = "pair")]
    pub scenery: bool,

    /// Draw two visits, and what changed between them [default: one photo].
    #[arg(long, value_name = "KIND", value_parser = pair_kind)]
    pub pair: Option<PairKind>,

    /// Size of the photo, px [default: the scene's].
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    pub size: Option<[u32; 2]>,

    /// Folder for the photo and its truth (such as NAME_sSEED.jpg and NAME_sSEED.truth.json); it is made if it is missing.
    #[arg(long, short, value_name = "FOLDER", required_unless_present = "list")]
    pub output: Option<PathBuf>,

    /// List the scenes and the kinds of pairs, and stop.
    #[arg(long)]
    pub list: bool,
}

fn seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    text.split_once("..")
        .and_then(|(first, last)| Some(first.trim().parse().ok()?..=last.trim().parse().ok()?))
        .filter(|range| !range.is_empty())
        .ok_or_else(|| "write FIRST..LAST, such as 1..400".to_owned())
}

fn pair_kind(text: &str) -> Result<PairKind, String> {
    let names = PairKind::ALL.map(PairKind::name).join(", ");
    PairKind::named(text).ok_or_else(|| format!("kinds are {names}"))
}

/// Smallest and largest side of a drawn photo, px: a few hairs, and 24 megapixels.
const SIDE_PX: RangeInclusive<u32> = 64..=6000;

fn size(text: &str) -> Result<[u32; 2], String> {
    let sides =
        text.split_once(['x', '×']).and_then(|(w, h)| Some([w.trim().parse().ok()?, h.trim().parse().ok()?]));
    match sides {
        Some(sides) if sides.iter().all(|side| SIDE_PX.contains(side)) => Ok(sides),
        _ => Err(format!(
            "write WIDTHxHEIGHT, each {} to {} px, such as 640x512",
            SIDE_PX.start(),
            SIDE_PX.end()
        )),
    }
}

fn scale(text: &str) -> Result<Calibration, String> {
    let um_per_px = text.parse::<f64>().map_err(|_| match text.replace(',', ".").parse::<f64>() {
        Ok(number) => format!("write it with a point: {number}"),
        Err(_) => "it must be a number of micrometres per pixel, such as 5.54".to_owned(),
    })?;
    Calibration::new(um_per_px, CalibrationSource::Flag).map_err(|error| error.to_string())
}
