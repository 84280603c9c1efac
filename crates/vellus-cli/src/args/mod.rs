//! The options, and their words in `--help`.

mod batch;
mod blind;
mod calibrate;
mod common;
mod compare;
mod deidentify;
mod measure;
mod phantom;
mod stats;
mod validate;

use clap::{Parser, Subcommand, ValueEnum};

pub use batch::{BatchArgs, MergeArgs, Sharing, Source};
pub use blind::{BlindArgs, UnblindArgs};
pub use calibrate::CalibrateArgs;
pub use common::{ColorChoice, Measuring, Running};
pub use compare::CompareArgs;
pub use deidentify::DeidentifyArgs;
pub use measure::MeasureArgs;
pub use phantom::PhantomArgs;
pub use stats::StatsArgs;
pub use validate::ValidateArgs;

const EXAMPLES: &str = "\
Examples:
  vellus measure left.jpg --um-per-px 5.54
      Counts the hairs of a photo and prints the summary.
  vellus measure left.jpg --um-per-px 5.54 --overlay left.overlay.png
      Draws every hair on the photo, too.
  vellus measure visits/*.jpg --um-per-px 5.54 --json visits.jsonl --csv tables --overlay pictures
      Measures many photos: one JSON document per line, a table and a picture each.
  vellus compare before.jpg after.jpg --um-per-px 5.54 --overlay change.png
      Tells what changed between two visits, hair by hair, and draws both in register.
  vellus measure left.jpg --um-per-px 5.54 --report left.html
      Writes a page to show: the photo with every hair, the numbers and why; hairs can be corrected on it.
  vellus batch trial.csv -o out --um-per-px 5.54
      Measures a trial's photos, compares the visits and writes tables; stopped, it goes on where it was.

vellus measures photos. It is not a medical device and makes no diagnosis.";

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
    Compare(CompareArgs),
    Calibrate(CalibrateArgs),
    Batch(BatchArgs),
    Merge(MergeArgs),
    Stats(StatsArgs),
    Blind(BlindArgs),
    Unblind(UnblindArgs),
    Deidentify(DeidentifyArgs),
    Validate(ValidateArgs),
    Phantom(PhantomArgs),
    /// Print the JSON schema of a record.
    Schema {
        /// Which record.
        #[arg(value_enum, default_value_t = Record::Measurement)]
        record: Record,
    },
    /// Print the default protocol as a TOML file to edit, for `--protocol`.
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
    /// What `compare --json` writes for two visits.
    Comparison,
    /// What `compare --json` writes for more than two visits.
    Series,
    /// What `--protocol` reads.
    Protocol,
    /// What `--corrections` reads.
    Corrections,
}
