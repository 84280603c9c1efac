//! `vellus compare`: photos of two visits or more in, what changed out.
//!
//! All results are whole in memory before the first is written, so that a refusal leaves nothing behind.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use image::RgbImage;
use rayon::prelude::*;
use serde::Serialize;
use vellus::compare::{CompareError, CompareOptions, Shot, compare, compare_replicates, compare_series};
use vellus::setting::Setting;
use vellus::{Comparison, CorrectionsFile, Series, StageTiming};
use vellus_page::{Language, comparison_page, series_page};
use vellus_report::change_csv::{write_comparison, write_series};
use vellus_report::overlay::{OverlayStyle, change};
use vellus_report::table::TableStyle;
use vellus_report::{comparison_table, json, series_table};

use crate::args::CompareArgs;
use crate::common::{self, guarded, since};
use crate::corrections;
use crate::output::{Each, Outputs, Request, Stream, Tables};
use crate::setting::settings;
use crate::terminal::{self, say, usage};

/// Compares the photos; exit code 1 when that is refused or one of them cannot be read.
///
/// # Errors
/// Wrong usage, a refusal, or a result cannot be written.
pub fn run(args: &CompareArgs) -> Result<ExitCode> {
    let visits = Visits::of(args)?;
    let outputs = visits.outputs(args)?;
    let photos = visits.photos();
    let settings = settings("compare", &args.measuring, None, &photos)?;
    let corrections = corrections::assign(&args.corrections, &photos)?;
    common::start_threads(&args.running)?;

    let start = Instant::now();
    let drawn = |i: usize| (outputs.overlay.is_some() || outputs.report.is_some()) && visits.is_drawn(i);
    let taken: Vec<Result<Taken>> = photos
        .par_iter()
        .enumerate()
        .with_max_len(1)
        .map(|(i, path)| guarded(path, || take(path, &settings[i], corrections[i].as_ref(), drawn(i))))
        .collect();
    let (mut shots, mut pictures, mut timings, mut failed) = (Vec::new(), Vec::new(), Vec::new(), false);
    for result in taken {
        match result {
            Ok(taken) => {
                shots.push(taken.shot);
                pictures.extend(taken.picture);
                timings.extend(taken.timings);
            }
            Err(error) => {
                failed = true;
                say(&format!("{error:#}"));
            }
        }
    }
    if failed {
        return Ok(ExitCode::FAILURE);
    }

    let begin = Instant::now();
    let options = CompareOptions { interval_h: args.interval, second_look: !args.no_second_look };
    let record = visits.compare(&shots, &options).map_err(|error| {
        let (which, reason) = match &error {
            CompareError::Among { photos, reason, .. } => (photos.to_vec(), reason.as_ref()),
            whole => ((0..photos.len()).collect(), whole),
        };
        let names: Vec<String> = which.iter().map(|&k| photos[k].display().to_string()).collect();
        anyhow!("{} cannot be compared: {reason}", names.join(" and "))
    })?;
    timings.push(since("compare", begin));

    let begin = Instant::now();
    let style = TableStyle { colour: terminal::colour(args.printing.color) };
    write(&record, &pictures, &outputs, style, args.page.language.into())?;
    timings.push(since("output", begin));
    if args.running.timings {
        common::print_timings(&timings, photos.len(), start);
    }
    Ok(ExitCode::SUCCESS)
}

/// Which photos are of which visit.
enum Visits<'a> {
    Pair([&'a PathBuf; 2]),
    Replicates { baseline: &'a [PathBuf], follow_up: &'a [PathBuf] },
    Series(&'a [PathBuf]),
}

impl<'a> Visits<'a> {
    fn of(args: &'a CompareArgs) -> Result<Self> {
        match (args.photos.as_slice(), args.baseline.as_slice(), args.follow_up.as_slice()) {
            ([baseline, follow_up], [], []) | ([], [baseline], [follow_up]) => {
                Ok(Self::Pair([baseline, follow_up]))
            }
            ([], baseline, follow_up) => Ok(Self::Replicates { baseline, follow_up }),
            ([alone], ..) => Err(usage(
                "compare",
                format!("{} is one photo: give the baseline and the follow-up", alone.display()),
            )),
            (.., [_, ..]) | (_, [_, ..], _) => {
                Err(usage("compare", "give photos by their place or by --baseline and --follow-up, not both"))
            }
            (_, [], []) if args.interval.is_some() => {
                Err(usage("compare", "--interval is the time between two visits: compare two at a time"))
            }
            (photos, [], []) => Ok(Self::Series(photos)),
        }
    }

    /// All photos, visit by visit.
    fn photos(&self) -> Vec<PathBuf> {
        match self {
            Self::Pair(photos) => photos.map(PathBuf::clone).to_vec(),
            Self::Replicates { baseline, follow_up } => [*baseline, *follow_up].concat(),
            Self::Series(photos) => photos.to_vec(),
        }
    }

    /// Whether a photo is one that the record holds, and so one to draw on: of replicates the first of each visit.
    fn is_drawn(&self, i: usize) -> bool {
        match self {
            Self::Replicates { baseline, .. } => i == 0 || i == baseline.len(),
            Self::Pair(_) | Self::Series(_) => true,
        }
    }

    fn outputs(&self, args: &CompareArgs) -> Result<Outputs> {
        let photos = self.photos();
        // Results in a folder are named after the follow-up; the one table of a series after its first visit.
        let (tables, pictures) = match self {
            Self::Pair(_) => (&photos[1..], &photos[1..]),
            Self::Replicates { baseline, .. } => {
                let follow_up = baseline.len()..=baseline.len();
                (&photos[follow_up.clone()], &photos[follow_up])
            }
            Self::Series(_) => (&photos[..1], &photos[1..]),
        };
        Outputs::plan(&Request {
            command: "compare",
            photos: &photos,
            json: args.json.as_deref(),
            csv: args.csv.as_deref(),
            overlay: args.overlay.as_deref(),
            report: args.page.report.as_deref(),
            rois: None,
            tables: Each { photos: tables, called: "comparisons", ending: "change.csv" },
            pictures: Each { photos: pictures, called: "comparisons", ending: "change.png" },
            pages: Each { photos: tables, called: "comparisons", ending: "report.html" },
            regions: Each { photos: tables, called: "comparisons", ending: "rois.zip" },
            quiet: args.printing.quiet,
        })
    }

    fn compare(&self, shots: &[Shot], options: &CompareOptions) -> Result<Record, CompareError> {
        match self {
            Self::Pair(_) => compare(&shots[0], &shots[1], options).map(Record::comparison),
            Self::Replicates { baseline, .. } => {
                let (baseline, follow_up) = shots.split_at(baseline.len());
                compare_replicates(baseline, follow_up, options).map(Record::comparison)
            }
            Self::Series(_) => compare_series(shots, options).map(|series| Record::Series(Box::new(series))),
        }
    }
}

/// One photo, measured.
struct Taken {
    shot: Shot,
    /// Its pixels, if it is drawn on.
    picture: Option<RgbImage>,
    timings: Vec<StageTiming>,
}

fn take(path: &Path, setting: &Setting, corrections: Option<&CorrectionsFile>, drawn: bool) -> Result<Taken> {
    let (photo, decode) = common::open(path, &setting.protocol.decode)?;
    let scale = setting.scale(photo.width_px).with_context(|| path.display().to_string())?;
    let (mut shot, timings) = Shot::take_corrected(&photo, scale, &setting.protocol, corrections)
        .or_else(|error| corrections::refused(path, &error))?;
    shot.measurement.image.path = Some(path.to_string_lossy().into_owned());
    let picture = drawn.then(|| common::rgb8(&photo)).transpose()?;
    Ok(Taken { shot, picture, timings: std::iter::once(decode).chain(timings).collect() })
}

/// What a comparison gave.
#[derive(Serialize)]
#[serde(untagged)]
enum Record {
    Comparison(Box<Comparison>),
    Series(Box<Series>),
}

impl Record {
    fn comparison(comparison: Comparison) -> Self {
        Self::Comparison(Box::new(comparison))
    }

    /// The follow-ups, each against the first visit.
    fn comparisons(&self) -> &[Comparison] {
        match self {
            Self::Comparison(comparison) => std::slice::from_ref(comparison),
            Self::Series(series) => &series.comparisons,
        }
    }

    fn table(&self, style: TableStyle) -> String {
        match self {
            Self::Comparison(comparison) => comparison_table::summary(comparison, style),
            Self::Series(series) => series_table::summary(series, style),
        }
    }

    fn csv(&self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self {
            Self::Comparison(comparison) => write_comparison(&mut text, comparison)?,
            Self::Series(series) => write_series(&mut text, series)?,
        }
        Ok(text)
    }
}

/// Writes everything that was asked for: files first, then standard output.
fn write(
    record: &Record,
    pictures: &[RgbImage],
    outputs: &Outputs,
    style: TableStyle,
    language: Language,
) -> Result<()> {
    let mut files: Vec<(&Path, Vec<u8>)> = Vec::new();
    let mut stdout = Vec::new();
    if let Some(paths) = &outputs.overlay {
        let drawn: Vec<Result<Vec<u8>>> = record
            .comparisons()
            .par_iter()
            .zip(&pictures[1..])
            .map(|(comparison, later)| {
                common::png(&change(&pictures[0], later, comparison, &OverlayStyle::default()))
            })
            .collect();
        for (path, bytes) in paths.iter().zip(drawn) {
            files.push((path, bytes?));
        }
    }
    for path in outputs.report.iter().flatten() {
        let page = match record {
            Record::Comparison(comparison) => comparison_page(pictures, comparison, language)?,
            Record::Series(series) => series_page(pictures, series, language)?,
        };
        files.push((path, page.into_bytes()));
    }
    match &outputs.csv {
        Some(Tables::Files(paths)) => {
            for path in paths {
                files.push((path, record.csv()?));
            }
        }
        Some(Tables::Stdout) => stdout = record.csv()?,
        None => {}
    }
    if let Some(stream) = &outputs.json {
        let mut text = Vec::new();
        json::write_line(&mut text, record)?;
        match stream {
            Stream::File(path) => files.push((path, text)),
            Stream::Stdout => stdout = text,
        }
    }
    for (path, bytes) in files {
        common::write(path, &bytes)?;
    }
    if outputs.summary {
        stdout = record.table(style).into_bytes();
    }
    let mut out = io::stdout().lock();
    out.write_all(&stdout)?;
    out.flush()?;
    Ok(())
}
