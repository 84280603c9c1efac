//! Compares drawn pairs of visits, whose truth is exact, and prints how well their change is told.
//!
//! With `--write FILE` the tables take the place of what stands between the two change-accuracy markers of that file.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use vellus_phantom::PairKind;
use vellus_tests::change::extraction::{self, Extraction};
use vellus_tests::change::pairs::{self, PairScore};
use vellus_tests::change::{map_in_batches, table};
use vellus_tests::page::Page;

/// Accuracy of what is told of a change, on drawn pairs of visits.
#[derive(Debug, Parser)]
struct Arguments {
    /// Pairs in which anything may happen, over three scenes.
    #[arg(long, default_value_t = 63)]
    pairs: usize,
    /// What happens in them: `regrowth,loss`, for instance.
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<PairKind>,
    /// Scalps from which hairs are taken out.
    #[arg(long, default_value_t = 30)]
    extractions: usize,
    /// Seed of the first pair; that of the first scalp is 500 more. Seeds that nobody looked at say what others will see.
    #[arg(long, default_value_t = pairs::FIRST_SEED)]
    first_seed: u64,
    /// Writes the tables between the change-accuracy markers of this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Name of the markers.
const TABLE: &str = "change-accuracy";

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let page = arguments.write.as_deref().map(|path| Page::open(path, &[TABLE])).transpose()?;
    // Progress is a courtesy: nobody may be listening.
    let tell = |line: String| drop(writeln!(stderr(), "{line}"));

    let kinds = if arguments.kinds.is_empty() { &pairs::KINDS } else { arguments.kinds.as_slice() };
    let cases = pairs::cases(kinds, arguments.pairs, arguments.first_seed);
    let scores = map_in_batches(&cases, |case| PairScore::of(*case), |score| tell(score.line()));
    let cases = extraction::cases(arguments.extractions, first_scalp(&arguments));
    let taken = map_in_batches(
        &cases,
        |case| Extraction::of(*case),
        |extraction| {
            if let Some(extraction) = extraction {
                tell(extraction.line());
            }
        },
    );
    let taken: Vec<Extraction> = taken.into_iter().flatten().collect();
    let text =
        [table::pairs(&scores), table::recognised(&scores), table::extractions(&taken), footnote(&arguments)];
    let text = text.map(|part| format!("{part}\n")).concat();
    stdout().write_all(text.as_bytes())?;
    if let Some(page) = page {
        page.write(&[(TABLE, &text)])?;
    }
    Ok(())
}

/// A kind of pair by its name.
fn kind(name: &str) -> Result<PairKind, String> {
    let kind = PairKind::named(name).filter(|kind| pairs::KINDS.contains(kind));
    kind.ok_or_else(|| format!("one of {}", pairs::KINDS.map(PairKind::name).join(", ")))
}

/// Seed of the first scalp that hairs are taken from.
fn first_scalp(arguments: &Arguments) -> u64 {
    arguments.first_seed.saturating_add(extraction::SEED_AFTER_PAIRS)
}

/// What the tables were made from and how to make them again.
fn footnote(arguments: &Arguments) -> String {
    format!(
        "vellus {}, {} pairs of 1280 × 1024 px with seeds from {}, {} scalps from {}, by `cargo run --release -p vellus-tests \
         --bin change -- --pairs {} --extractions {} --first-seed {}`. Errors of density are in % of the density at the baseline, those of \
         the count in % of the hairs at the baseline. “Verdict right” is the claim of the change that there was; where there \
         was none, that none of ten quantities is claimed to have changed.",
        vellus::VERSION,
        arguments.pairs,
        arguments.first_seed,
        arguments.extractions,
        first_scalp(arguments),
        arguments.pairs,
        arguments.extractions,
        arguments.first_seed,
    )
}
