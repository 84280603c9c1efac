//! `vellus validate`: marked photos in, how far measurements agree with the marks out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use serde::Serialize;
use vellus::{DecodeLimits, Protocol};
use vellus_validate::atlas::picture;
use vellus_validate::judge::{Cause, Fault, Judged, judge};
use vellus_validate::line::Point;
use vellus_validate::marks::{MarkClass, Marks};
use vellus_validate::summary::{summary, text};

use crate::agreement;
use crate::args::ValidateArgs;
use crate::batch::check_output;
use crate::common::{self, guarded};
use crate::companions::print;
use crate::terminal::{say, usage};

/// Pictures of each cause.
const MOST_PICTURES: usize = 12;

/// Measures the marked photos and says how they agree; exit code 1 when one could not be measured.
///
/// # Errors
/// Wrong usage, marks that cannot be used, or a result cannot be written.
pub fn run(args: &ValidateArgs) -> Result<ExitCode> {
    agreement::check(args)?;
    if !args.corrections.is_empty() {
        return agreement::run(args);
    }
    let protocol = common::protocol_file("validate", args.protocol.as_deref())?;
    let marked = Marks::read_all(&args.folder).map_err(|error| usage("validate", error))?;
    if let Some(output) = &args.output {
        check_output("validate", output, "validation.json")?;
    }
    args.running.start()?;
    let mut photos = Vec::new();
    let mut failed = 0;
    for part in marked.chunks(rayon::current_num_threads()) {
        let done: Vec<Result<Photo>> = part
            .par_iter()
            .with_max_len(1)
            .map(|(path, marks)| guarded(path, || photo(path, marks, &protocol)))
            .collect();
        for ((_, marks), done) in part.iter().zip(done) {
            match done {
                Ok(photo) => photos.push((marks, photo)),
                Err(error) => {
                    failed += 1;
                    say(&format!("{error:#}"));
                }
            }
        }
    }
    if photos.is_empty() {
        // An earlier validation is worth more than one of nothing.
        return Err(anyhow!("no photo could be measured; nothing was written"));
    }
    let judged: Vec<Judged> = photos.iter().map(|(_, photo)| photo.judged.clone()).collect();
    let summary = summary(&judged);
    if let Some(output) = &args.output {
        std::fs::create_dir_all(output).with_context(|| format!("{} cannot be made", output.display()))?;
        atlas(&output.join("atlas"), &args.folder, &photos, &protocol.decode)?;
        common::write(&output.join("photos.csv"), &table(&photos)?)?;
        let mut json = serde_json::to_vec_pretty(&summary)?;
        json.push(b'\n');
        common::write(&output.join("validation.json"), &json)?;
    }
    if !args.running.quiet {
        print(text(&summary).as_bytes())?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A photo, judged, with the courses that pictures show.
struct Photo {
    judged: Judged,
    counted: Vec<Vec<Point>>,
}

fn photo(path: &Path, marks: &Marks, protocol: &Protocol) -> Result<Photo> {
    for number in marks.too_short() {
        say(&format!(
            "{}: hair {number} of its marks is shorter than 1 px and left out; mark its root and its visible end",
            path.display()
        ));
    }
    let (photo, _) = common::open(path, &protocol.decode)?;
    if [photo.width_px, photo.height_px] != [marks.width_px, marks.height_px] {
        return Err(anyhow!(
            "{} has {} × {} px, but its marks are of {} × {} px; mark the photo as it came from the device",
            path.display(),
            photo.width_px,
            photo.height_px,
            marks.width_px,
            marks.height_px
        ));
    }
    let measurement = vellus::measure(&photo, Some(marks.scale()?), protocol);
    let counted = measurement.counted().map(|hair| hair.centreline_px.clone()).collect();
    Ok(Photo { judged: judge(marks, &measurement), counted })
}

/// An error and where it is.
type Shown<'a> = (&'a Marks, &'a Photo, &'a Fault);

/// The worst of each cause, the longest misses and the surest false hairs first: `CAUSE_NUMBER_PHOTO.png`.
fn atlas(
    folder: &Path,
    photos_folder: &Path,
    photos: &[(&Marks, Photo)],
    limits: &DecodeLimits,
) -> Result<()> {
    let mut faults: BTreeMap<(bool, Cause), Vec<Shown>> = BTreeMap::new();
    for (marks, photo) in photos {
        for fault in &photo.judged.faults {
            faults.entry((fault.missed, fault.cause)).or_default().push((marks, photo, fault));
        }
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("{} cannot be replaced", folder.display()))?;
    }
    std::fs::create_dir_all(folder)?;
    for ((missed, cause), mut faults) in faults {
        faults.sort_by(|a, b| b.2.weight.total_cmp(&a.2.weight));
        for (number, (marks, photo, fault)) in (1..).zip(faults.into_iter().take(MOST_PICTURES)) {
            let (decoded, _) = common::open(&photos_folder.join(&marks.photo), limits)?;
            let lines: Vec<Vec<Point>> =
                marks.hairs.iter().map(|mark| vec![mark.root_px, mark.tip_px]).collect();
            let drawn = picture(&common::rgb8(&decoded)?, fault, &lines, &photo.counted);
            let stem = Path::new(&marks.photo).file_stem().unwrap_or_default().to_string_lossy();
            let what = if missed { "missed" } else { "false" };
            let name = format!("{what}_{}_{number:02}_{stem}.png", cause.name());
            common::write(&folder.join(name), &common::png(&drawn)?)?;
        }
    }
    Ok(())
}

/// A row per photo, as CSV.
fn table(photos: &[(&Marks, Photo)]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for (marks, Photo { judged, .. }) in photos {
        let thin = judged.marked.iter().filter(|(class, _)| *class == MarkClass::Thin);
        table.serialize(Row {
            photo: &marks.photo,
            marked: judged.marked.len(),
            counted: judged.found,
            hits: judged.hits,
            missed: judged.marked.len() - judged.hits,
            false_hairs: judged.found - judged.hits,
            thin: thin.clone().count(),
            thin_hit: thin.filter(|(_, hit)| *hit).count(),
            counted_ci95_low: judged.found_ci95.map(|ci95| ci95[0]),
            counted_ci95_high: judged.found_ci95.map(|ci95| ci95[1]),
        })?;
    }
    Ok(table.into_inner()?)
}

/// A photo in `photos.csv`; numbers of hairs.
#[derive(Serialize)]
struct Row<'a> {
    photo: &'a str,
    marked: usize,
    counted: usize,
    hits: usize,
    missed: usize,
    false_hairs: usize,
    thin: usize,
    thin_hit: usize,
    counted_ci95_low: Option<f64>,
    counted_ci95_high: Option<f64>,
}
