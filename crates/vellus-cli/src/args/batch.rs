//! The options of `vellus batch` and `vellus merge`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::common::Measuring;

const BATCH_EXAMPLES: &str = "\
Examples:
  vellus batch trial.csv -o out --um-per-px 5.54
      Measures every photo that the manifest names, compares follow-ups with their baseline and writes the tables.
  vellus batch trial.csv -o out --um-per-px 5.54
      The same command again goes on where it was stopped, and measures what changed anew.
  vellus batch photos -o out --pattern '{site}/{subject}_{visit}_{replicate}' --um-per-px 5.54
      Takes subject and visit from the names of the files.
  vellus batch trial.csv -o out --um-per-px 5.54 --corrections corrections
      Applies what readers corrected; the rows say how many hairs were automatic, added, removed.
  vellus batch trial.csv -o out-2 --shard 2/7 --um-per-px 5.54
      One machine's share of seven; `vellus merge out-1 … out-7 -o out` puts them together.

The manifest is a CSV file with a header: photo (path from the manifest's folder), and if there are any subject, visit, \
replicate, site, arm and um_per_px; further columns pass through to the table of photos.

The output folder holds a record per photo (photos), a record per follow-up (comparisons) and the tables: photos, hairs, \
units, changes, matches, trends and findings, each as CSV and Parquet; tables/dictionary.csv says what each column is.

Exit codes:
  0  all photos are measured; those that cannot carry a measurement say so
  1  a photo failed, or the work was stopped; what is done is kept. tables/complete.json is there if the tables are written
  2  wrong usage, or a manifest that cannot be used; nothing was measured";

/// Measure a trial's photos in one go: a record per photo, tables at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = BATCH_EXAMPLES)]
pub struct BatchArgs {
    #[command(flatten)]
    pub source: Source,

    /// Folder for records and tables; it is made if it is missing.
    #[arg(long, short, value_name = "FOLDER")]
    pub output: PathBuf,

    /// The visits in their order, the baseline first [default: by name, where the names are baseline and
    /// numbers, such as week 4, week 12; other names need it].
    #[arg(long, value_name = "VISIT,…", value_delimiter = ',')]
    pub visits: Vec<String>,

    #[command(flatten)]
    pub measuring: Measuring,

    /// Folder of what readers corrected (NAME.corrections.json); each file is found by the content of its photo. Photos whose
    /// corrections changed are measured again [default: none].
    #[arg(long, value_name = "FOLDER", help_heading = "Measuring")]
    pub corrections: Option<PathBuf>,

    /// Do the K-th of N shares of the work, without tables; auto: as the array job of Slurm or AWS Batch says.
    #[arg(long, value_name = "K/N|auto", help_heading = "Running")]
    pub shard: Option<String>,

    /// Stop at the first photo that fails [default: go on with the others].
    #[arg(long, help_heading = "Running")]
    pub fail_fast: bool,

    #[command(flatten)]
    pub running: Sharing,
}

/// Which photos.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// A manifest (CSV, one row per photo), or a folder whose photos are taken with those of the folders in it.
    #[arg(value_name = "MANIFEST|FOLDER")]
    pub input: PathBuf,

    /// How the names of a folder's files are read, without their ending, such as {subject}_{visit}_{replicate}; other
    /// fields pass through [default: photos only].
    #[arg(long, value_name = "PATTERN")]
    pub pattern: Option<String>,
}

/// How the work is done, and what is said of it.
#[derive(Debug, clap::Args)]
pub struct Sharing {
    /// Threads to use; the results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<NonZeroUsize>,

    /// Print failures only: no progress, no summary.
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
}

const MERGE_EXAMPLES: &str = "\
Examples:
  vellus merge out-1 out-2 out-3 -o out
      Puts the shards together and writes the tables: the same bytes as one machine would have written.

Exit codes:
  0  merged
  1  a row has no record, a photo failed, or the folders are of different batches
  2  wrong usage";

/// Put the shards of a batch together and write its tables.
#[derive(Debug, clap::Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub struct MergeArgs {
    /// The output folders of the shards.
    #[arg(value_name = "FOLDER", required = true)]
    pub shards: Vec<PathBuf>,

    /// Folder for all records and the tables; it is made if it is missing.
    #[arg(long, short, value_name = "FOLDER")]
    pub output: PathBuf,

    /// Print no summary.
    #[arg(long, short)]
    pub quiet: bool,
}
