//! The options of `vellus blind` and `vellus unblind`.

use std::path::PathBuf;

use super::batch::{Sharing, Source};

const BLIND_EXAMPLES: &str = "\
Examples:
  vellus blind trial.csv -o blinded --key sealed/key.csv
      Copies every photo under a random code; whoever reads or measures them gets the folder, not the key.
  vellus batch blinded/manifest.csv -o out --um-per-px 5.54
      Measures the copies: the numbers are those of the originals.
  vellus unblind out --copies blinded --key sealed/key.csv -o unblinded
      Joins the key to what was measured, compares the visits and writes the tables.

The copies are PNG and hold the pixels alone: no metadata, no thumbnail, no name, no time. What is burned into the pixels, \
such as a caption with a name, stays: look at the copies. Sizes stay too, and the um_per_px of a row, which may tell the \
device or the site; give one scale to `vellus batch` where all are equal. blinded/blind.json seals the key by its hash. The \
key can be read by you alone (on Unix).

Exit codes:
  0  all photos are copied
  1  a photo could not be copied (the key has it all the same), or a file cannot be written
  2  wrong usage; nothing was copied";

/// Copy photos under random codes, without metadata, and seal the key.
#[derive(Debug, clap::Args)]
#[command(after_help = BLIND_EXAMPLES)]
pub struct BlindArgs {
    #[command(flatten)]
    pub source: Source,

    /// Folder for the copies and their manifest; it must be new or empty.
    #[arg(long, short, value_name = "FOLDER")]
    pub output: PathBuf,

    /// File for the key, outside of that folder: a manifest of the codes with all that is known of each photo.
    #[arg(long, value_name = "FILE.csv")]
    pub key: PathBuf,

    #[command(flatten)]
    pub running: Sharing,
}

const UNBLIND_EXAMPLES: &str = "\
Examples:
  vellus unblind out --copies blinded --key sealed/key.csv -o unblinded
      Tables by subject, visit and arm; original_photo says which photo each was.

What was measured blind is kept, not measured again, and its folder stays as it is. A key that is not the sealed one is refused.

Exit codes:
  0  done
  1  the key was changed, a photo failed, or a file cannot be read or written
  2  wrong usage";

/// Join the key to the measurements of blinded photos.
#[derive(Debug, clap::Args)]
#[command(after_help = UNBLIND_EXAMPLES)]
pub struct UnblindArgs {
    /// The output folder of `vellus batch` over the copies.
    #[arg(value_name = "FOLDER")]
    pub batch: PathBuf,

    /// The folder that `vellus blind -o` wrote.
    #[arg(long, value_name = "FOLDER")]
    pub copies: PathBuf,

    /// The key.
    #[arg(long, value_name = "FILE.csv")]
    pub key: PathBuf,

    /// Folder for records and tables: new, empty, or that of an earlier run with this key.
    #[arg(long, short, value_name = "FOLDER")]
    pub output: PathBuf,

    /// The visits in their order, the baseline first [default: by name: baseline, then by the numbers in the names].
    #[arg(long, value_name = "VISIT,…", value_delimiter = ',')]
    pub visits: Vec<String>,

    #[command(flatten)]
    pub running: Sharing,
}
