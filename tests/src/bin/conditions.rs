//! Compares drawn pairs of which nothing changed but one condition, and prints by how much the change that is told is off.
//!
//! The tables in `crates/vellus/src/compare/bias.rs` are from here.

use std::io::{Write, stdout};

use anyhow::Result;
use clap::Parser;
use vellus_tests::change::conditions::{Biased, Differs, FIRST_SEED, baseline, biased, follow_up};
use vellus_tests::change::{SCENES, map_in_batches};
use vellus_tests::drawn::scene;

/// Bias of the change by what else differs between two visits, on drawn pairs without a change.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scalps of each of three scenes.
    #[arg(long, default_value_t = 5)]
    scalps: u64,
    /// Chance of each hair to be lost between the visits, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    lost: f64,
    /// Only conditions whose name begins so.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let cases: Vec<(&str, u64)> =
        (0..arguments.scalps).flat_map(|k| SCENES.map(|scene| (scene, FIRST_SEED + k))).collect();
    let first = map_in_batches(&cases, |(name, seed)| baseline(&scene(name), *seed), |_| {});
    let cases: Vec<_> = cases.iter().zip(&first).collect();
    let head = "| what | how much | pairs | measured difference | density, % | mean diameter, % | change claimed | said |";
    writeln!(stdout(), "{head}\n|---|---|---:|---:|---:|---:|---:|---:|")?;
    for differs in Differs::graded() {
        let (what, how) = differs.words();
        if !what.starts_with(&arguments.only) {
            continue;
        }
        let told = map_in_batches(
            &cases,
            |((name, seed), first)| {
                biased(first, &follow_up(&scene(name), differs, *seed, arguments.lost), differs)
            },
            |_| {},
        );
        let told: Vec<Biased> = told.into_iter().flatten().collect();
        writeln!(
            stdout(),
            "| {what} | {how} | {} of {} | {} | {} | {} | {} | {} |",
            told.len(),
            cases.len(),
            mean_and_sd(told.iter().filter_map(|pair| pair.measured), 1.0),
            mean_and_sd(told.iter().map(|pair| pair.density_percent), told.len() as f64),
            mean_and_sd(told.iter().map(|pair| pair.diameter_percent), told.len() as f64),
            told.iter().filter(|pair| pair.claimed).count(),
            told.iter().filter(|pair| pair.said).count(),
        )?;
    }
    Ok(())
}

/// Mean, and standard deviation over the root of `of`.
fn mean_and_sd(values: impl Iterator<Item = f64>, of: f64) -> String {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    format!("{mean:+.2} ± {:.2}", sd / of.sqrt())
}
