//! The options of `vellus phantom`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use vellus_phantom::{PairKind, SIDE_PX};

const PHANTOM_EXAMPLES: &str = "\
Examples:
  vellus phantom --scene clipped_typical --seed 7 -o phantoms
  vellus measure phantoms/clipped_typical_s7.jpg --um-per-px 5
  vellus phantom --scene clipped_typical --pair regrowth --seed 7 -o phantoms

The truth beside the photo holds every hair with its axis and its width, in px and µm.";

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
