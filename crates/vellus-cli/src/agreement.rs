//! `vellus validate --corrections`: photos and what several readers corrected in, how far they agree out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use serde::Serialize;
use vellus::corrections::SAME_PHOTO;
use vellus::{Calibration, CorrectionsError, CorrectionsFile, CorrectionsSet, Protocol};
use vellus_batch::folder;
use vellus_validate::agreement::{
    Agreement, MACHINE, ReadPhoto, Reading, agreement, reason_of_failure, text,
};

use crate::args::ValidateArgs;
use crate::batch::check_output;
use crate::common::{self, guarded};
use crate::companions::print;
use crate::corrections::content_hash;
use crate::terminal::{say, usage};

/// A photo and the files of those who read it.
struct Job {
    path: PathBuf,
    name: String,
    files: Vec<CorrectionsFile>,
}

/// Measures every photo as it is and with each reader's corrections; exit code 1 when a photo could not be measured or
/// corrections have no photo.
///
/// # Errors
/// Wrong usage, corrections that cannot be used, or a result cannot be written.
pub fn run(args: &ValidateArgs) -> Result<ExitCode> {
    let protocol = common::protocol_file("validate", args.protocol.as_deref())?;
    if let Some(output) = &args.output {
        check_output("validate", output, "agreement.json")?;
    }
    let (jobs, without_photo) = jobs(args)?;
    args.running.start()?;
    let mut failed = without_photo;
    let mut photos: Vec<ReadPhoto> = Vec::new();
    for part in jobs.chunks(rayon::current_num_threads()) {
        let done: Vec<Result<ReadPhoto>> = part
            .par_iter()
            .with_max_len(1)
            .map(|job| guarded(&job.path, || read(job, args.um_per_px, &protocol)))
            .collect();
        for done in done {
            match done {
                Ok(photo) => photos.push(photo),
                Err(error) => {
                    failed += 1;
                    say(&format!("{error:#}"));
                }
            }
        }
    }
    if photos.is_empty() {
        return Err(anyhow!("no photo with corrections could be measured; nothing was written"));
    }
    let told = agreement(&photos);
    if let Some(output) = &args.output {
        std::fs::create_dir_all(output).with_context(|| format!("{} cannot be made", output.display()))?;
        common::write(&output.join("readings.csv"), &readings(&photos)?)?;
        common::write(&output.join("pairs.csv"), &pairs(&told)?)?;
        let mut json = serde_json::to_vec_pretty(&told)?;
        json.push(b'\n');
        common::write(&output.join("agreement.json"), &json)?;
    }
    if !args.running.quiet {
        print(text(&told).as_bytes())?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The photos of the folder that somebody corrected, and how many corrections are of none of them.
fn jobs(args: &ValidateArgs) -> Result<(Vec<Job>, usize)> {
    let mut files: Vec<CorrectionsFile> = Vec::new();
    for given in &args.corrections {
        let set = CorrectionsSet::read(std::slice::from_ref(given)).map_err(|error| {
            let twice =
                matches!(&error, CorrectionsError::Value { detail, .. } if detail.contains(SAME_PHOTO));
            let hint = "; for several readers, give a folder per reader, or the files one by one";
            usage("validate", format!("{error}{}", if twice && given.is_dir() { hint } else { "" }))
        })?;
        files.extend(set.iter().map(|(_, file)| file.clone()));
    }
    for (k, file) in files.iter().enumerate() {
        let photo = |file: &CorrectionsFile| file.corrections.image.content_hash.clone();
        let reader = &file.corrections.reader;
        let twice =
            |other: &&CorrectionsFile| photo(other) == photo(file) && other.corrections.reader == *reader;
        if let Some(other) = files[..k].iter().find(twice) {
            let reason = format!(
                "reader {reader} corrects one photo twice: {} and {}; give one of them, or each reader an own code",
                other.name, file.name
            );
            return Err(usage("validate", reason));
        }
    }
    let photos = folder::manifest(&args.folder, None).map_err(|error| common::unusable(&error))?;
    let (mut jobs, mut seen): (Vec<Job>, Vec<String>) = (Vec::new(), Vec::new());
    let mut unreadable: Vec<PathBuf> = Vec::new();
    for row in &photos.rows {
        let path = photos.file(row);
        let Some(hash) = content_hash(&path) else {
            unreadable.push(path);
            continue;
        };
        if seen.contains(&hash) {
            continue;
        }
        let of = files.iter().filter(|file| file.corrections.image.content_hash == hash);
        let mut of: Vec<CorrectionsFile> = of.cloned().collect();
        of.sort_by(|a, b| a.corrections.reader.cmp(&b.corrections.reader));
        if !of.is_empty() {
            seen.push(hash);
            jobs.push(Job { path, name: row.photo.clone(), files: of });
        }
    }
    let mut without_photo = 0;
    for file in files.iter().filter(|file| !seen.contains(&file.corrections.image.content_hash)) {
        without_photo += 1;
        let photo = file.corrections.image.path.as_deref().unwrap_or("a photo");
        let named = |path: &&PathBuf| path.file_name().is_some_and(|name| name == photo);
        match unreadable.iter().find(named) {
            Some(path) => {
                say(&format!("{} corrects {photo}, but {} cannot be read", file.name, path.display()))
            }
            None => say(&format!(
                "{} corrects {photo}; no photo in {} has its content",
                file.name,
                args.folder.display()
            )),
        }
    }
    for path in &unreadable {
        say(&format!("{} cannot be read; check the path", path.display()));
    }
    without_photo += unreadable.len();
    let unread = photos.rows.len() - jobs.len() - unreadable.len();
    if unread > 0 && !args.running.quiet {
        say(&format!(
            "{unread} photo(s) of {} have no corrections, or are copies; they are left out",
            args.folder.display()
        ));
    }
    Ok((jobs, without_photo))
}

/// One photo by the machine and by each reader.
fn read(job: &Job, scale: Option<Calibration>, protocol: &Protocol) -> Result<ReadPhoto> {
    let (photo, _) = common::open(&job.path, &protocol.decode)?;
    let machine = vellus::measure(&photo, scale, protocol);
    let mut readings = vec![Reading { reader: MACHINE.to_owned(), measurement: machine }];
    for file in &job.files {
        let timed = vellus::measure_corrected(&photo, scale, protocol, file)
            .map_err(|error| anyhow!("{} was not measured: {error}", job.path.display()))?;
        let reader = file.corrections.reader.clone();
        readings.push(Reading { reader, measurement: timed.measurement });
    }
    Ok(ReadPhoto { photo: job.name.clone(), readings })
}

/// A row per photo and reader, as CSV.
fn readings(photos: &[ReadPhoto]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for photo in photos {
        for Reading { reader, measurement } in &photo.readings {
            let applied = measurement.corrections.as_ref();
            let failure = reason_of_failure(measurement);
            table.serialize(ReadingRow {
                photo: &photo.photo,
                reader,
                status: if failure.is_some() { "not_measurable" } else { "measured" },
                reason: failure.clone(),
                counted: failure.is_none().then_some(measurement.summary.hair_count),
                density_per_cm2: measurement.summary.density_per_cm2,
                mean_diameter_um: measurement.summary.mean_diameter_um,
                added: applied.map(|c| c.added),
                removed: applied.map(|c| c.removed),
                split: applied.map(|c| c.split),
                merged: applied.map(|c| c.merged),
                turned: applied.map(|c| c.turned),
                not_scalp_regions: applied.map(|c| c.not_scalp_regions),
                not_applied: applied.map(|c| c.not_applied),
            })?;
        }
    }
    Ok(table.into_inner()?)
}

/// A photo as one reader read it, in `readings.csv`; what the machine did not do is empty.
#[derive(Serialize)]
struct ReadingRow<'a> {
    photo: &'a str,
    reader: &'a str,
    status: &'static str,
    reason: Option<String>,
    counted: Option<u32>,
    density_per_cm2: Option<f64>,
    mean_diameter_um: Option<f64>,
    added: Option<u32>,
    removed: Option<u32>,
    split: Option<u32>,
    merged: Option<u32>,
    turned: Option<u32>,
    not_scalp_regions: Option<u32>,
    not_applied: Option<u32>,
}

/// A row per photo and two readers, as CSV.
fn pairs(told: &Agreement) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for pair in &told.pairs {
        for on in &pair.by_photo {
            table.serialize(PairRow {
                photo: &on.photo,
                first: &pair.first,
                second: &pair.second,
                first_counted: on.first_counted,
                second_counted: on.second_counted,
                both: on.both,
                same_root: on.same_root,
                f1: on.f1,
            })?;
        }
    }
    Ok(table.into_inner()?)
}

/// Two readers on one photo, in `pairs.csv`.
#[derive(Serialize)]
struct PairRow<'a> {
    photo: &'a str,
    first: &'a str,
    second: &'a str,
    first_counted: usize,
    second_counted: usize,
    both: usize,
    same_root: usize,
    f1: Option<f64>,
}

/// Whether what was given is for this command at all.
///
/// # Errors
/// Wrong usage: a scale is in the marks.
pub fn check(args: &ValidateArgs) -> Result<()> {
    if args.corrections.is_empty() && args.um_per_px.is_some() {
        return Err(usage("validate", "--um-per-px is for --corrections; marks state their own scale"));
    }
    let missing = |path: &&PathBuf| !Path::new(path).exists();
    match args.corrections.iter().find(missing) {
        Some(path) => Err(usage(
            "validate",
            format!("--corrections {}: there is no such file or folder", path.display()),
        )),
        None => Ok(()),
    }
}
