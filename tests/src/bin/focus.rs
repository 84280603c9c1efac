//! What a part of the field that is out of focus does to drawn scalps, and from which blur on it is told.

use std::io::{Write, stdout};

use anyhow::Result;
use clap::Parser;
use rayon::prelude::*;
use vellus::{FindingCode, Measurement};
use vellus_phantom::Truth;
use vellus_tests::blurred::partly_blurred;
use vellus_tests::drawn::{draw_as_file, measure_image, scene};
use vellus_tests::score::{judge, mean};
use vellus_tests::table::{plain, signed};

/// Curves of recall, diameter and warnings over the blur of a part of the field.
#[derive(Debug, Parser)]
struct Arguments {
    /// Photos per scene.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Scenes.
    #[arg(long, value_delimiter = ',', default_value = "clipped_typical,clipped_easy,clipped_dry")]
    scenes: Vec<String>,
    /// Blur of the part beside that of the photo, sigma, µm.
    #[arg(long, value_delimiter = ',', default_value = "0,8,12,16,20,25,30,40")]
    blurs_um: Vec<f64>,
    /// Share of the width that is blurred.
    #[arg(long, default_value_t = 0.4)]
    share: f64,
}

/// Seed of the first photo.
const FIRST_SEED: u64 = 8001;

/// What became of the blurred part of one photo.
#[derive(Default)]
struct Part {
    hits: f64,
    asked: f64,
    errors_percent: Vec<f64>,
    told: f64,
    photos: f64,
    unsharp: Vec<f64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut text = String::from(
        "| blurred by, µm | recall there, % | diameter there, % | photos warned, % | share told |\n|---:|---:|---:|---:|---:|\n",
    );
    let names = arguments.scenes.iter();
    let jobs: Vec<(&String, u64)> = names
        .flat_map(|name| (FIRST_SEED..FIRST_SEED + arguments.seeds).map(move |seed| (name, seed)))
        .collect();
    let rows: Vec<Vec<Part>> = jobs
        .par_iter()
        .map(|&(name, seed)| {
            let drawn = draw_as_file(&scene(name), seed);
            let um = drawn.truth.um_per_px;
            let blurred = |blur: &f64| {
                let picture = partly_blurred(&drawn.image, (blur / um) as f32, arguments.share as f32);
                part(&measure_image(&picture, um), &drawn.truth, arguments.share)
            };
            arguments.blurs_um.iter().map(blurred).collect()
        })
        .collect();
    for (k, blur) in arguments.blurs_um.iter().enumerate() {
        let mut sum = Part::default();
        for part in rows.iter().map(|row| &row[k]) {
            sum.hits += part.hits;
            sum.asked += part.asked;
            sum.errors_percent.extend(&part.errors_percent);
            sum.told += part.told;
            sum.photos += part.photos;
            sum.unsharp.extend(&part.unsharp);
        }
        text += &format!(
            "| {blur} | {:.0} | {} | {:.0} | {} |\n",
            100.0 * sum.hits / sum.asked,
            signed(mean(&sum.errors_percent)),
            100.0 * sum.told / sum.photos,
            plain(mean(&sum.unsharp), 2)
        );
    }
    Ok(stdout().write_all(text.as_bytes())?)
}

/// Hairs of the part that is blurred throughout.
fn part(measurement: &Measurement, truth: &Truth, share: f64) -> Part {
    let judged = judge(measurement, truth);
    let edge = (share - 0.05) * f64::from(truth.width_px);
    let there = |k: usize| judged.asked[k].root_in_frame && judged.asked[k].root_px[0] < edge;
    let hits: Vec<_> = judged.hits.iter().filter(|hit| there(hit.1)).collect();
    let error = |&&(i, k): &&(usize, usize)| {
        let truth = judged.asked[k].diameter_um;
        Some(100.0 * (judged.counted[i].diameter_um? - truth) / truth)
    };
    let told = measurement.quality.findings.iter().any(|f| f.code == FindingCode::PartOutOfFocus);
    Part {
        hits: hits.len() as f64,
        asked: (0..judged.asked.len()).filter(|&k| there(k)).count() as f64,
        errors_percent: hits.iter().filter_map(error).collect(),
        told: f64::from(u8::from(told)),
        photos: 1.0,
        unsharp: measurement.quality.appearance.map(|seen| seen.unsharp_fraction).into_iter().collect(),
    }
}
