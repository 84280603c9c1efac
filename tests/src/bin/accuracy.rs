//! Measures drawn scalps, whose truth is exact, and prints a table by condition.
//!
//! With `--write FILE` the table takes the place of what stands between the two accuracy markers of that file.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use vellus_phantom::Scene;
use vellus_tests::drawn::{draw_as_file, measure_phantom, scene};
use vellus_tests::page::{Markers, Page};
use vellus_tests::table::markdown;
use vellus_tests::{Score, score};

/// Seed of the first photo of every scene: none that a sample or a test was looked at with.
const FIRST_SEED: u64 = 101;

/// Accuracy on drawn scalps, by condition.
#[derive(Debug, Parser)]
struct Arguments {
    /// Photos per scene.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Scenes, all by default.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    scenes: Vec<String>,
    /// Writes the table between the accuracy markers of this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let page =
        arguments.write.as_deref().map(|path| Page::open(path, Markers::of("accuracy"))).transpose()?;
    let names: Vec<&str> = if arguments.scenes.is_empty() {
        Scene::names().to_vec()
    } else {
        arguments.scenes.iter().map(String::as_str).collect()
    };
    for name in &names {
        Scene::named(name)?;
    }

    let rows: Vec<(&str, Score)> =
        names.iter().map(|name| (*name, condition(name, arguments.seeds))).collect();
    let text = format!("{}\n{}\n", markdown(&rows), footnote(&rows, &arguments));
    stdout().write_all(text.as_bytes())?;
    if let Some(page) = page {
        page.write(&text)?;
    }
    Ok(())
}

/// Score of one scene over all seeds.
fn condition(name: &str, seeds: u64) -> Score {
    let mut total = Score::default();
    for seed in FIRST_SEED..FIRST_SEED + seeds {
        // Progress is a courtesy: nobody may be listening.
        let _ = writeln!(stderr(), "{name} {seed}");
        let phantom = draw_as_file(&scene(name), seed);
        total.add(&score(&measure_phantom(&phantom), &phantom.truth));
    }
    total
}

/// What the table was made from and how to make it again.
fn footnote(rows: &[(&str, Score)], arguments: &Arguments) -> String {
    let hairs: usize = rows.iter().map(|(_, score)| score.hairs).sum();
    let photos: usize = rows.iter().map(|(_, score)| score.photos).sum();
    let seeds = FIRST_SEED..=FIRST_SEED + arguments.seeds - 1;
    let mut command = format!("cargo score -- --seeds {}", arguments.seeds);
    if !arguments.scenes.is_empty() {
        command += &format!(" --scenes {}", arguments.scenes.join(","));
    }
    format!(
        "vellus {}, seeds {} to {}, {photos} photos with {hairs} hairs to find, by `{command}`. Hairs are those rooted in the \
         frame. Count error is over all photos of a row, “per photo” the mean of its size over them. F1, precision and \
         recall are of single hairs, those that only run in from outside included.",
        vellus::VERSION,
        seeds.start(),
        seeds.end(),
    )
}
