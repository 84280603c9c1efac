//! Fits what the evidence of a shaft weighs to drawn scalps, and prints it beside the weights in use, with how well either tells
//! hairs from what is none.

use std::io::{Write, stderr, stdout};

use anyhow::Result;
use clap::Parser;
use rayon::prelude::*;
use vellus::evidence::weights::{FINE, OTHER, Weights};
use vellus_phantom::Scene;
use vellus_tests::drawn::draw_as_file;
use vellus_tests::evidence::fit::{Told, fit};
use vellus_tests::evidence::{Row, rows};

/// Scenes of long hair begin so. They are left out: whoever counts clips the hair first, and what tells a piece of a long hair, its
/// length, says little of a stub.
const LONG: &str = "unclipped";

/// Weights of the evidence, by drawn scalps.
#[derive(Debug, Parser)]
struct Arguments {
    /// Photos of each named scene of clipped hair; a fifth of the seeds is held out in turn.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(5..))]
    seeds: u64,
    /// Seed of the first photo of every scene. The README's tables are of seeds from 7001.
    #[arg(long, default_value_t = 6001)]
    first_seed: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let names: Vec<&str> = Scene::names().iter().copied().filter(|name| !name.starts_with(LONG)).collect();
    let seeds = arguments.first_seed..arguments.first_seed.saturating_add(arguments.seeds);
    let jobs: Vec<(&str, u64)> = seeds.flat_map(|seed| names.iter().map(move |name| (*name, seed))).collect();
    let photos: Vec<Vec<Row>> = jobs
        .par_iter()
        .map(|(name, seed)| {
            // Progress is a courtesy: nobody may be listening.
            let _ = writeln!(stderr(), "{name} {seed}");
            Ok(rows(&draw_as_file(&Scene::asked(name, *seed, None)?, *seed), *seed))
        })
        .collect::<Result<_>>()?;
    let rows = photos.concat();
    let (weights, told) = fit(&rows)?;
    let mut out = stdout();
    for (name, told) in ["fine", "other"].into_iter().zip(told) {
        let Told { shafts, hairs, used_area, held_out_area } = told;
        writeln!(
            out,
            "{name}: {shafts} shafts, {hairs} of them hairs; area under the curve {used_area:.4} by the weights in use, \
             {held_out_area:.4} by fitted ones that have not seen the photo"
        )?;
    }
    let terms = FINE.iter().chain(&OTHER);
    let pairs = |weights: &Weights| weights.fine.into_iter().chain(weights.other);
    for ((term, before), after) in terms.zip(pairs(&Weights::USED)).zip(pairs(&weights)) {
        writeln!(out, "{before:9.3} -> {after:9.3}  {term}")?;
    }
    Ok(())
}
