//! `vellus measure`: photos in, results out in the same order.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use image::{ImageFormat, RgbImage};
use rayon::prelude::*;
use vellus::photo::{DecodeLimits, Photo, Pixels};
use vellus::{Measurement, Protocol, Severity, StageTiming, Verdict};
use vellus_report::atomic;
use vellus_report::csv::HairTable;
use vellus_report::overlay::{OverlayStyle, overlay};
use vellus_report::table::TableStyle;

use crate::args::MeasureArgs;
use crate::output::{Outputs, Tables};
use crate::sink::Sink;
use crate::terminal::{self, say};

/// Measures all photos; exit code 1 when one of them failed.
///
/// # Errors
/// Wrong usage, or an output that all photos share cannot be written.
pub fn run(args: &MeasureArgs) -> Result<ExitCode> {
    let protocol = protocol(args)?;
    let outputs = Outputs::plan(args)?;
    let threads = args.threads.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;

    let start = Instant::now();
    let mut sink = Sink::open(&outputs, TableStyle { colour: terminal::colour(args.color) })?;
    let mut timings = Vec::new();
    let mut failed = 0;
    // As many photos at a time as there are threads: each is whole in memory while it is measured.
    let jobs: Vec<(usize, &Path)> = args.photos.iter().map(|photo| photo.as_path()).enumerate().collect();
    for batch in jobs.chunks(rayon::current_num_threads()) {
        let results: Vec<Result<Measured>> = batch
            .par_iter()
            .with_max_len(1)
            .map(|&(number, path)| guarded(path, || photo(number, path, args, &protocol, &outputs)))
            .collect();
        for (&(_, path), result) in batch.iter().zip(results) {
            match result {
                Ok(measured) => {
                    sink.add(&measured.measurement)?;
                    say_reason_of_failure(path, &measured.measurement);
                    timings.extend(measured.timings);
                }
                Err(error) => {
                    failed += 1;
                    say(&format!("{error:#}"));
                }
            }
        }
    }
    sink.finish()?;
    if args.timings {
        print_timings(&timings, args.photos.len(), start.elapsed().as_secs_f64());
    }
    if failed > 0 && args.photos.len() > 1 {
        say(&format!("{failed} of {} photos could not be measured", args.photos.len()));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The protocol file with what the options say on top.
fn protocol(args: &MeasureArgs) -> Result<Protocol> {
    let mut protocol = match &args.protocol {
        None => Protocol::default(),
        Some(path) => {
            let wrong = |reason: String| {
                terminal::usage("measure", format!("--protocol {}: {reason}", path.display()))
            };
            let text = std::fs::read_to_string(path)
                .map_err(|error| wrong(format!("the file cannot be read ({error})")))?;
            Protocol::from_toml(&text).map_err(|error| {
                wrong(format!("{error}\n\n`vellus protocol` prints every field with its default"))
            })?
        }
    };
    if let Some(region) = &args.region {
        protocol.region = region.clone();
    }
    Ok(protocol)
}

struct Measured {
    measurement: Measurement,
    timings: Vec<StageTiming>,
}

/// One photo: reads it, measures it and writes what is its own.
fn photo(
    number: usize,
    path: &Path,
    args: &MeasureArgs,
    protocol: &Protocol,
    outputs: &Outputs,
) -> Result<Measured> {
    let start = Instant::now();
    let photo = Photo::open(path, &DecodeLimits::default())?;
    let decode = StageTiming { stage: "decode", seconds: start.elapsed().as_secs_f64() };

    let timed = vellus::measure_timed(&photo, args.um_per_px, protocol);
    let mut measurement = timed.measurement;
    measurement.image.path = Some(path.to_string_lossy().into_owned());

    let start = Instant::now();
    if let Some(Tables::Files(paths)) = &outputs.csv {
        let mut table = HairTable::new(Vec::new())?;
        table.add(&measurement)?;
        write(&paths[number], &table.finish()?)?;
    }
    if let Some(paths) = &outputs.overlay {
        let picture = overlay(&rgb8(&photo)?, &measurement, &OverlayStyle::default());
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png)?;
        write(&paths[number], png.get_ref())?;
    }
    let output = StageTiming { stage: "output", seconds: start.elapsed().as_secs_f64() };

    let timings = std::iter::once(decode).chain(timed.timings).chain(std::iter::once(output)).collect();
    Ok(Measured { measurement, timings })
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    atomic::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

/// The photo as it is drawn on.
fn rgb8(photo: &Photo) -> Result<RgbImage> {
    let samples = match &photo.pixels {
        Pixels::Rgb8(samples) => samples.clone(),
        Pixels::Rgb16(samples) => {
            samples.iter().map(|&v| ((u32::from(v) * 255 + 32_767) / 65_535) as u8).collect()
        }
    };
    RgbImage::from_raw(photo.width_px, photo.height_px, samples).context("the photo has too few pixels")
}

/// A photo that makes the program panic fails alone; the others of a trial are still measured.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(anyhow!(
            "{} was not measured: this is an error of vellus; please report it with the photo",
            path.display()
        ))
    })
}

fn say_reason_of_failure(path: &Path, measurement: &Measurement) {
    if measurement.quality.verdict == Verdict::Fail {
        for finding in
            measurement.quality.findings.iter().filter(|finding| finding.severity == Severity::Failure)
        {
            say(&format!("{} cannot be measured: {} {}", path.display(), finding.message, finding.advice));
        }
    }
}

/// Sums over photos, stages in the order of the work.
fn print_timings(timings: &[StageTiming], photos: usize, elapsed: f64) {
    let mut stages: Vec<(&str, f64)> = Vec::new();
    for timing in timings {
        match stages.iter_mut().find(|(stage, _)| *stage == timing.stage) {
            Some((_, seconds)) => *seconds += timing.seconds,
            None => stages.push((timing.stage, timing.seconds)),
        }
    }
    let total: f64 = stages.iter().map(|(_, seconds)| seconds).sum();
    for (stage, seconds) in stages {
        let share = if total > 0.0 { 100.0 * seconds / total } else { 0.0 };
        say(&format!("{stage:<16}{:>10.1} ms{share:>7.1} %", 1e3 * seconds));
    }
    let threads = rayon::current_num_threads();
    say(&format!(
        "{photos} photo(s) in {:.1} ms on {threads} thread(s); stages are sums over photos",
        1e3 * elapsed
    ));
}
