//! Measures drawn scalps, whose truth is exact, and prints tables by condition: what is found, how often the stated intervals
//! hold the truth, and what confidences are worth.
//!
//! With `--write FILE` the tables take the place of what stands between their markers in that file.

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use rayon::prelude::*;
use vellus_phantom::{RANDOM, Scene};
use vellus_tests::drawn::{draw_as_file, measure_phantom};
use vellus_tests::page::Page;
use vellus_tests::sure::{Sure, Taken, coverage_table, reliability_diagram, reliability_table};
use vellus_tests::table::markdown;

/// Names of the markers.
const TABLES: [&str; 3] = ["accuracy", "coverage", "reliability"];
/// Photos of the scene whose every parameter is drawn, for one of each other scene.
const RANDOM_SHARE: u64 = 4;

/// Accuracy on drawn scalps, by condition.
#[derive(Debug, Parser)]
struct Arguments {
    /// Photos per scene; of `random`, whose every parameter is drawn, four times as many.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Seed of the first photo of every scene. Intervals are fitted to 5001 to 5300.
    #[arg(long, default_value_t = 7001)]
    first_seed: u64,
    /// Scenes, all by default.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    scenes: Vec<String>,
    /// Keeps what each photo gave in this folder, and takes it from there as long as this program is the same.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Writes the tables between their markers in this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Writes the diagram of the confidences, as SVG.
    #[arg(long, value_name = "FILE")]
    diagram: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let page = arguments.write.as_deref().map(|path| Page::open(path, &TABLES)).transpose()?;
    let names: Vec<&str> = if arguments.scenes.is_empty() {
        Scene::names().iter().copied().chain([RANDOM]).collect()
    } else {
        arguments.scenes.iter().map(String::as_str).collect()
    };
    let seeds = |name: &str| {
        let photos = if name == RANDOM { RANDOM_SHARE * arguments.seeds } else { arguments.seeds };
        arguments.first_seed..arguments.first_seed.saturating_add(photos)
    };
    for name in &names {
        Scene::asked(name, arguments.first_seed, None)?;
    }
    let kept = arguments.keep.as_deref().map(Kept::open).transpose()?;

    let jobs: Vec<(usize, u64)> =
        names.iter().enumerate().flat_map(|(k, name)| seeds(name).map(move |seed| (k, seed))).collect();
    let taken: Vec<Taken> =
        jobs.par_iter().map(|&(k, seed)| take(names[k], seed, kept.as_ref())).collect::<Result<_>>()?;
    let mut rows: Vec<(&str, Taken)> = names.iter().map(|name| (*name, Taken::default())).collect();
    let mut all = Sure::default();
    for (&(k, _), taken) in jobs.iter().zip(&taken) {
        rows[k].1.add(taken);
        all.hairs.extend(&taken.sure.hairs);
    }

    let scores: Vec<_> = rows.iter().map(|(name, taken)| (*name, taken.score.clone())).collect();
    let accuracy = format!("{}\n{}\n", markdown(&scores), footnote(&rows, &arguments));
    let (coverage, reliability) = (coverage_table(&rows), reliability_table(&all));
    stdout().write_all(format!("{accuracy}\n{coverage}\n{reliability}").as_bytes())?;
    if let Some(path) = &arguments.diagram {
        vellus_report::atomic::write(path, reliability_diagram(&all).as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(page) = page {
        page.write(&[(TABLES[0], &accuracy), (TABLES[1], &coverage), (TABLES[2], &reliability)])?;
    }
    Ok(())
}

/// What photos gave, by this very program.
struct Kept {
    folder: PathBuf,
    program: String,
}

impl Kept {
    fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let program = fs::read(std::env::current_exe()?).context("cannot read this program")?;
        Ok(Self { folder: folder.to_owned(), program: blake3::hash(&program).to_hex()[..16].to_owned() })
    }

    fn file(&self, name: &str, seed: u64) -> PathBuf {
        self.folder.join(format!("{name}-{seed}-{}.json", self.program))
    }
}

/// One photo; kept, if it is to be.
fn take(name: &str, seed: u64, kept: Option<&Kept>) -> Result<Taken> {
    let file = kept.map(|kept| kept.file(name, seed));
    if let Some(taken) = file.as_ref().and_then(|file| serde_json::from_slice(&fs::read(file).ok()?).ok()) {
        return Ok(taken);
    }
    // Progress is a courtesy: nobody may be listening.
    let _ = writeln!(stderr(), "{name} {seed}");
    let phantom = draw_as_file(&Scene::asked(name, seed, None)?, seed);
    let taken = Taken::of(&measure_phantom(&phantom), &phantom.truth);
    if let Some(file) = file {
        vellus_report::atomic::write(&file, &serde_json::to_vec(&taken)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(taken)
}

/// What the tables were made from and how to make them again.
fn footnote(rows: &[(&str, Taken)], arguments: &Arguments) -> String {
    let hairs: usize = rows.iter().map(|(_, taken)| taken.score.hairs).sum();
    let measured: usize = rows.iter().map(|(_, taken)| taken.score.photos).sum();
    let refused: usize = rows.iter().map(|(_, taken)| taken.sure.refused).sum();
    let mut command = format!("cargo score -- --seeds {}", arguments.seeds);
    if arguments.first_seed != 7001 {
        command += &format!(" --first-seed {}", arguments.first_seed);
    }
    if !arguments.scenes.is_empty() {
        command += &format!(" --scenes {}", arguments.scenes.join(","));
    }
    format!(
        "vellus {}, seeds from {}, {measured} photos with {hairs} hairs to find and {refused} that were refused, by \
         `{command}`. Hairs are those rooted in the frame. Count error is over all photos of a row, “per photo” the mean of its \
         size over them. F1, precision and recall are of single hairs, those that only run in from outside included. Refused \
         photos are in no figure.",
        vellus::VERSION,
        arguments.first_seed,
    )
}
