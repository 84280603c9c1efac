//! How well a diameter is known: bars of known width beside the least spread possible and what others read, drawn scalps by colour
//! of hair and skin, and clinic photos that come again in another form.
//!
//! With `--write FILE` the tables take the place of what stands between the two thickness markers of that file.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use rayon::prelude::*;
use vellus_tests::page::Page;
use vellus_tests::shared::clinic;
use vellus_tests::thickness::bars::{Cell, Condition, LENGTH_UM};
use vellus_tests::thickness::photos::{chosen, measure_all};
use vellus_tests::thickness::{scalps, table};

/// How well a diameter is known.
#[derive(Debug, Parser)]
struct Arguments {
    /// Bars per width and condition.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(2..))]
    bars: u64,
    /// Drawn scalps per scene, of 4.0 × 3.2 mm; 0: none.
    #[arg(long, default_value_t = 3)]
    scalps: u64,
    /// All clinic photos instead of a fixed third of them.
    #[arg(long)]
    all: bool,
    /// No clinic photos.
    #[arg(long, conflicts_with = "all")]
    no_photos: bool,
    /// Writes the tables between the thickness markers of this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Name of the markers.
const TABLES: &str = "thickness";

/// Tables: those that a page shows, and further ones.
#[derive(Default)]
struct Tables {
    shown: String,
    further: String,
}

impl Tables {
    fn show(&mut self, title: &str, table: &str) {
        self.shown += &format!("{title}:\n\n{table}\n");
    }

    fn add(&mut self, title: &str, table: &str) {
        self.further += &format!("{title}:\n\n{table}\n");
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let page = arguments.write.as_deref().map(|path| Page::open(path, &[TABLES])).transpose()?;
    // Progress is a courtesy: nobody may be listening.
    let tell = |line: &str| drop(writeln!(stderr(), "{line}"));
    let mut tables = Tables::default();
    of_bars(&arguments, &mut tables);
    tell("bars are read");
    if arguments.scalps > 0 {
        of_scalps(&arguments, &mut tables);
        tell("scalps are read");
    }
    if !arguments.no_photos {
        of_photos(&arguments, &mut tables, tell);
    }
    let shown = tables.shown + &footnote(&arguments);
    stdout().write_all(format!("{shown}\n{}", tables.further).as_bytes())?;
    if let Some(page) = page {
        page.write(&[(TABLES, &shown)])?;
    }
    Ok(())
}

/// Bars of known width.
fn of_bars(arguments: &Arguments, tables: &mut Tables) {
    let rows: Vec<(String, Vec<Cell>)> = Condition::all()
        .into_iter()
        .map(|(name, condition)| {
            let readings = (0..arguments.bars)
                .into_par_iter()
                .flat_map_iter(|k| condition.read(scalps::FIRST_SEED + k))
                .collect::<Vec<_>>();
            (name, Cell::of(&condition, &readings))
        })
        .collect();
    tables.show(&format!("Bars of known width at {}", rows[0].0), &table::bars(&rows[0].1));
    tables.show(
        "Where one thing differs from that: bias in µm, spread over the least possible one, and how often ± 1.96 stated errors \
         hold the truth, %",
        &table::conditions(&rows),
    );
    tables.add("Bias of raw Steger and of half maximum on the same pictures, µm", &table::rivals(&rows));
}

/// Drawn scalps.
fn of_scalps(arguments: &Arguments, tables: &mut Tables) {
    let scenes = scalps::scenes();
    let hits = scalps::hits(&scenes, arguments.scalps);
    tables.show("Drawn scalps, each hair that was found against its truth", &table::colours(&hits));
    tables.add("Drawn scalps, by scene", &table::scenes(&scenes, &hits));
}

/// Clinic photos.
fn of_photos(arguments: &Arguments, tables: &mut Tables, tell: impl Fn(&str)) {
    let Some(folder) = clinic() else {
        let skipped = "Clinic photos: SKIPPED, they are not here.";
        tell(skipped);
        tables.shown += &format!("{skipped}\n\n");
        return;
    };
    let paths = chosen(&folder, arguments.all);
    let mut done = 0;
    let photos = measure_all(&paths, |photo| {
        done += 1;
        tell(&format!("photo {done} of {}: {}", paths.len(), photo.line()));
    });
    tables.show("Clinic photos, the same hairs in another form of the same photo", &table::photos(&photos));
}

/// What the tables were made from and how to make them again.
fn footnote(arguments: &Arguments) -> String {
    let mut command = "cargo run --release -p vellus-tests --bin thickness --".to_owned();
    command += &format!(" --bars {} --scalps {}", arguments.bars, arguments.scalps);
    command += if arguments.all { " --all" } else { "" };
    command += if arguments.no_photos { " --no-photos" } else { "" };
    format!(
        "vellus {}, seeds from {}, by `{command}`. Bars are {LENGTH_UM} µm long, one of each width in a picture, turned at random. \
         “Least possible” is the Cramér-Rao bound with the blur known and centre, width, opacity and the skin on either side \
         free. “Held” is the share of the truths within 1.96 stated standard errors.\n",
        vellus::VERSION,
        scalps::FIRST_SEED,
    )
}
