//! `vellus measure`: photos in, results out in the same order.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use rayon::prelude::*;
use vellus::regions::{self, SizedMask};
use vellus::setting::Setting;
use vellus::{CorrectionsFile, Measurement, Severity, StageTiming, Verdict};
use vellus_page::measurement_page;
use vellus_report::csv::HairTable;
use vellus_report::overlay::{OverlayStyle, overlay};
use vellus_report::rois;
use vellus_report::table::TableStyle;

use crate::args::MeasureArgs;
use crate::common::{self, guarded, since};
use crate::corrections;
use crate::output::{Each, Outputs, Request, Tables};
use crate::setting::settings;
use crate::sink::Sink;
use crate::terminal::{self, say};

/// Measures all photos; exit code 1 when one of them failed.
///
/// # Errors
/// Wrong usage, or an output that all photos share cannot be written.
pub fn run(args: &MeasureArgs) -> Result<ExitCode> {
    let limits = common::protocol("measure", &args.measuring)?.decode;
    let asked = regions::read(&args.region, &limits)
        .map_err(|error| terminal::usage("measure", format!("--region: {error}")))?;
    let region = asked.as_ref().map(|asked| &asked.shape);
    let settings = settings("measure", &args.measuring, region, &args.photos)?;
    let mask = asked.as_ref().and_then(|asked| asked.mask.as_ref());
    let outputs = outputs(args)?;
    let corrections = corrections::assign(&args.corrections, &args.photos)?;
    common::start_threads(&args.running)?;

    let start = Instant::now();
    let mut sink = Sink::open(&outputs, TableStyle { colour: terminal::colour(args.printing.color) })?;
    let mut timings = Vec::new();
    let mut failed = 0;
    // As many photos at a time as there are threads: each is whole in memory while it is measured.
    let jobs: Vec<(usize, &Path)> = args.photos.iter().map(|photo| photo.as_path()).enumerate().collect();
    for batch in jobs.chunks(rayon::current_num_threads()) {
        let results: Vec<Result<Measured>> = batch
            .par_iter()
            .with_max_len(1)
            .map(|&(number, path)| {
                guarded(path, || {
                    let corrections = corrections[number].as_ref();
                    photo(number, path, args, &settings[number], mask, corrections, &outputs)
                })
            })
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
    if args.running.timings {
        common::print_timings(&timings, args.photos.len(), start);
    }
    if failed > 0 && args.photos.len() > 1 {
        say(&format!("{failed} of {} photos could not be measured", args.photos.len()));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where everything goes: a table and a picture per photo.
fn outputs(args: &MeasureArgs) -> Result<Outputs> {
    let each = |ending| Each { photos: &args.photos, called: "photos", ending };
    Outputs::plan(&Request {
        command: "measure",
        photos: &args.photos,
        json: args.json.as_deref(),
        csv: args.csv.as_deref(),
        overlay: args.overlay.as_deref(),
        report: args.page.report.as_deref(),
        rois: args.rois.as_deref(),
        tables: each("hairs.csv"),
        pictures: each("overlay.png"),
        pages: each("report.html"),
        regions: each("rois.zip"),
        quiet: args.printing.quiet,
    })
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
    setting: &Setting,
    mask: Option<&SizedMask>,
    corrections: Option<&CorrectionsFile>,
    outputs: &Outputs,
) -> Result<Measured> {
    let (photo, decode) = common::open(path, &setting.protocol.decode)?;
    if let Some(mask) = mask {
        mask.check(&path.display().to_string(), &photo)?;
    }
    let scale = setting.scale(photo.width_px).with_context(|| path.display().to_string())?;
    let timed = match corrections {
        None => vellus::measure_timed(&photo, scale, &setting.protocol),
        Some(file) => vellus::measure_corrected(&photo, scale, &setting.protocol, file)
            .or_else(|error| corrections::refused(path, &error))?,
    };
    let mut measurement = timed.measurement;
    measurement.image.path = Some(path.to_string_lossy().into_owned());

    let start = Instant::now();
    if let Some(Tables::Files(paths)) = &outputs.csv {
        let mut table = HairTable::new(Vec::new())?;
        table.add(&measurement)?;
        common::write(&paths[number], &table.finish()?)?;
    }
    if let Some(paths) = &outputs.overlay {
        let picture = overlay(&common::rgb8(&photo)?, &measurement, &OverlayStyle::default());
        common::write(&paths[number], &common::png(&picture)?)?;
    }
    if let Some(paths) = &outputs.report {
        let page = measurement_page(&common::rgb8(&photo)?, &measurement, args.page.language.into())?;
        common::write(&paths[number], page.as_bytes())?;
    }
    if let Some(paths) = &outputs.rois {
        let path = &paths[number];
        let is_zip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        let bytes = if is_zip { rois::roi_set(&measurement)? } else { rois::geojson(&measurement) };
        common::write(path, &bytes)?;
    }
    let output = since("output", start);

    let timings = std::iter::once(decode).chain(timed.timings).chain(std::iter::once(output)).collect();
    Ok(Measured { measurement, timings })
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
