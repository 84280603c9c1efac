//! The options of `vellus stats`.

use std::path::PathBuf;

use super::common::PageOptions;

const STATS_EXAMPLES: &str = "\
Examples:
  vellus stats out
      Repeatability from replicates, change per arm, differences between arms, subjects for a next trial.
  vellus stats out --reference vehicle
      Compares the other arms with that one.
  vellus stats out --report trial.html
      A page to show: change per arm, each subject, repeatability, every photo with its verdict.

The same figures, and all quantities, go to stats/*.csv and stats/stats.json in the folder.

A subject is one at a site, as comparisons have it: one code at two sites is two subjects, and it is said how many codes that \
concerns. Replicates are told apart by the column replicate; a photo that is a copy of another one of its visit counts once. \
Subjects without an arm, or with several, are in no comparison of arms.

Exit codes:
  0  analysed
  1  the tables cannot be read, a result cannot be written
  2  wrong usage";

/// Analyse the tables of a batch: repeatability, change per arm, sample size.
#[derive(Debug, clap::Args)]
#[command(after_help = STATS_EXAMPLES)]
pub struct StatsArgs {
    /// The output folder of `vellus batch`, or that of `vellus unblind`.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// The arm that the others are compared with [default: the one whose name has the word placebo, vehicle, control, sham
    /// or untreated; where none has, or two have, it must be given].
    #[arg(long, value_name = "ARM")]
    pub reference: Option<String>,

    /// Folder for the results; it is made if it is missing [default: stats in FOLDER].
    #[arg(long, short, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub page: PageOptions,

    /// Print nothing.
    #[arg(long, short)]
    pub quiet: bool,
}
