//! What the measuring commands share: the protocol, reading photos, writing files, threads and timings.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use image::{ImageFormat, RgbImage};
use vellus::photo::{DecodeLimits, Photo};
use vellus::setting::{self, ProtocolFileError};
use vellus::{Protocol, StageTiming};
use vellus_report::atomic;

use crate::args::{Measuring, Running};
use crate::terminal::{self, say};

/// The protocol file of a subcommand's options, or the default.
///
/// # Errors
/// Wrong usage: the file cannot be read or used.
pub fn protocol(command: &str, options: &Measuring) -> Result<Protocol> {
    protocol_file(command, options.protocol.as_deref())
}

/// A protocol file, or the default.
///
/// # Errors
/// Wrong usage: the file cannot be read or used.
pub fn protocol_file(command: &str, path: Option<&Path>) -> Result<Protocol> {
    let Some(path) = path else { return Ok(Protocol::default()) };
    setting::protocol_file(path).map_err(|error| {
        let hint = match error {
            ProtocolFileError::Unreadable { .. } => "",
            ProtocolFileError::Protocol { .. } => "\n\n`vellus protocol` prints every field with its default",
        };
        terminal::usage(command, format!("--protocol {error}{hint}"))
    })
}

/// An input that cannot be used: exit code 2 as for wrong usage, without a reminder of the options, which are right.
pub fn unusable(error: &impl std::fmt::Display) -> anyhow::Error {
    clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n")).into()
}

/// Sets the number of threads.
///
/// # Errors
/// When they cannot be started.
pub fn start_threads(options: &Running) -> Result<()> {
    start_pool(options.threads.map_or(0, usize::from)).map(|_| ())
}

/// Starts that many threads, at most one per core; 0: one per core. Gives their number.
///
/// # Errors
/// When they cannot be started.
pub fn start_pool(threads: usize) -> Result<usize> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if threads > cores {
        say(&format!("--threads {threads} is more than this machine's cores; {cores} are used"));
    }
    let threads = if threads == 0 { cores } else { threads.min(cores) };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    Ok(threads)
}

/// Reads a photo within the protocol's limits.
///
/// # Errors
/// When it cannot be decoded.
pub fn open(path: &Path, limits: &DecodeLimits) -> Result<(Photo, StageTiming)> {
    let start = Instant::now();
    let photo = Photo::open(path, limits)?;
    Ok((photo, since("decode", start)))
}

/// The photo as it is drawn on.
///
/// # Errors
/// When it has fewer samples than its size says.
pub fn rgb8(photo: &Photo) -> Result<RgbImage> {
    photo.rgb8().context("the photo has too few pixels")
}

/// Writes a whole file, or none.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    atomic::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// When it cannot be encoded.
pub fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// A photo that makes the program panic fails alone; the others of a trial are still measured.
pub fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(anyhow!(
            "{} was not measured: this is an error of vellus; please report it with the photo",
            path.display()
        ))
    })
}

/// What a stage took that began then.
pub fn since(stage: &'static str, start: Instant) -> StageTiming {
    StageTiming { stage, seconds: start.elapsed().as_secs_f64() }
}

/// Sums over photos, stages in the order of the work.
pub fn print_timings(timings: &[StageTiming], photos: usize, start: Instant) {
    let elapsed = start.elapsed().as_secs_f64();
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
