//! `vellus batch` and `vellus merge`: a trial's photos in, records and tables out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow};
use vellus::CorrectionsSet;
use vellus_batch::folder;
use vellus_batch::manifest::Manifest;
use vellus_batch::merge;
use vellus_batch::output;
use vellus_batch::plan::{Plan, Settings};
use vellus_batch::run::{Work, run as work};
use vellus_batch::shard::Shard;
use vellus_batch::store::Store;
use vellus_batch::tables::{self, Outcome};

use crate::args::{BatchArgs, MergeArgs, Sharing, Source};
use crate::common;
use crate::companions::print;
use crate::progress::Progress;
use crate::setting::settings;
use crate::terminal::{say, usage};

/// Measures what is not done and writes the tables; exit code 1 when a photo failed or the work was stopped.
///
/// # Errors
/// Wrong usage, or a record or table cannot be written.
pub fn run(args: &BatchArgs) -> Result<ExitCode> {
    let plan = plan(args)?;
    check_output("batch", &args.output, "batch.json")?;
    let threads = args.running.start()?;
    let store = Store::create(&args.output, &plan)?;
    carry_out(&plan, &store, threads, args.fail_fast, args.running.quiet)
}

/// Measures what has no record yet, and writes the tables unless this is a shard.
///
/// # Errors
/// A record or table cannot be written.
pub fn carry_out(
    plan: &Plan,
    store: &Store,
    threads: NonZeroUsize,
    fail_fast: bool,
    quiet: bool,
) -> Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            // Asked twice: records are whole at every moment, so that nothing is lost.
            std::process::exit(1);
        }
        say("stopping after the photos that are being measured; once more stops at once");
    })?;
    let progress = Progress::start(plan.own_series().flat_map(|series| series.rows()).count(), quiet);
    let finished = work(plan, store, &Work { threads, fail_fast, stop: &stop }, &progress);
    let (done, failed) = progress.finish();
    if !finished? {
        let why = if fail_fast && failed > 0 { "a photo failed" } else { "it was asked to" };
        say(&format!("stopped, as {why}; {done} rows are done, and the same command goes on from there"));
        return Ok(ExitCode::FAILURE);
    }
    if let Some(shard) = plan.settings.shard {
        store.put_done(done, failed)?;
        if !quiet {
            say(&format!(
                "shard {shard}: {done} rows are done, {failed} failed; `vellus merge` writes the tables"
            ));
        }
        return Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    conclude(plan, store, quiet)
}

/// Merges shards; exit code 1 when a photo failed.
///
/// # Errors
/// Shards that do not belong together or are not done, or a table cannot be written.
pub fn run_merge(args: &MergeArgs) -> Result<ExitCode> {
    check_output("merge", &args.output, "batch.json")?;
    let (store, plan) = merge::merge(&args.shards, &args.output)?;
    conclude(&plan, &store, args.quiet)
}

fn plan(args: &BatchArgs) -> Result<Plan> {
    if args.measuring.field_width_mm.is_some() {
        let reason = "--field-width-mm is for single photos; give --um-per-px, or um_per_px in the rows of the manifest";
        return Err(usage("batch", reason));
    }
    // One site file for the whole trial: that of the folder of its manifest.
    let inputs = std::slice::from_ref(&args.source.input);
    let setting = settings("batch", &args.measuring, None, inputs)?.remove(0);
    let manifest = args.source.manifest("batch")?;
    one_site_file(args, inputs, &manifest)?;
    let shard = args.shard.as_deref().map(|text| Shard::parse(text, |name| std::env::var(name).ok()));
    let shard = shard.transpose().map_err(|error| usage("batch", error))?;
    let corrections =
        args.corrections.as_ref().map(|folder| CorrectionsSet::read(std::slice::from_ref(folder)));
    let corrections = corrections.transpose().map_err(|error| common::unusable(&error))?;
    let (scale, visits) = (setting.scale(0)?, args.visits.clone());
    let protocol = setting.protocol;
    let settings = Settings { protocol, scale, visits, shard, ..Settings::default() };
    let plan = Plan::new(manifest, settings).map_err(|error| common::unusable(&error))?;
    Ok(plan.corrected(corrections.unwrap_or_default()))
}

/// That no photo has a site file of its own: its scale would be another's.
fn one_site_file(args: &BatchArgs, inputs: &[PathBuf], manifest: &Manifest) -> Result<()> {
    if args.measuring.site.is_some() || args.measuring.um_per_px.is_some() {
        return Ok(());
    }
    let Some((photo, site)) = manifest.other_site_file(&inputs[0]) else { return Ok(()) };
    let reason = format!(
        "{photo} lies under the site file {}, but a trial has one, beside its manifest; give the scale in the column um_per_px \
         of the manifest, --um-per-px, or --site",
        site.display()
    );
    Err(usage("batch", reason))
}

impl Source {
    /// The manifest, or that of the folder.
    ///
    /// # Errors
    /// Wrong usage: it cannot be used.
    pub fn manifest(&self, command: &str) -> Result<Manifest> {
        let read = match (self.input.is_dir(), self.pattern.as_deref()) {
            (true, pattern) => folder::manifest(&self.input, pattern),
            (false, None) => Manifest::read(&self.input),
            (false, Some(_)) => {
                let reason = "--pattern is for a folder; a manifest says in its columns whose a photo is";
                return Err(usage(command, reason));
            }
        };
        read.map_err(|error| common::unusable(&error))
    }
}

impl Sharing {
    /// Starts the threads; gives their number.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn start(&self) -> Result<NonZeroUsize> {
        let threads = common::start_pool(self.threads.map_or(0, usize::from))?;
        Ok(NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN))
    }
}

/// Nobody's files are mixed with those of this command.
///
/// # Errors
/// Wrong usage.
pub fn check_output(command: &str, folder: &Path, own: &str) -> Result<()> {
    output::check(folder, own)
        .map_err(|reason| usage(command, format!("--output {}: {reason}", folder.display())))
}

/// Writes the tables and says what the batch came to.
fn conclude(plan: &Plan, store: &Store, quiet: bool) -> Result<ExitCode> {
    let outcome = tables::write(plan, store).map_err(|error| anyhow!(error))?;
    store.put_done(outcome.rows, outcome.failures())?;
    if !quiet {
        print(summary(plan, &outcome, store).as_bytes())?;
    }
    // Also where nobody reads a summary: corrections that were meant and are nowhere would be missed by no table.
    let strange = &outcome.corrections_without_photo;
    for file in strange.iter().take(MOST_DOUBTS) {
        say(&format!("{file} corrects a photo that is not in this batch, or could not be read"));
    }
    if strange.len() > MOST_DOUBTS {
        let more = strange.len() - MOST_DOUBTS;
        say(&format!("and {more} more corrections are of photos that are not in this batch"));
    }
    Ok(if outcome.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Most doubts that are printed; the table has all.
const MOST_DOUBTS: usize = 20;

fn summary(plan: &Plan, outcome: &Outcome, store: &Store) -> String {
    let mut text = format!("{} photos: {} measured", outcome.rows, outcome.measured);
    let mut add = |words: String| text.push_str(&words);
    if outcome.not_measurable > 0 {
        add(format!(", {} cannot carry a measurement", outcome.not_measurable));
    }
    if outcome.failures() > 0 {
        let reasons: Vec<String> =
            outcome.failed.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        add(format!(", {} failed ({})", outcome.failures(), reasons.join(", ")));
    }
    add("\n".to_owned());
    if !plan.visits.names().is_empty() {
        add(format!("Visits: {}\n", plan.visits.names().join(" → ")));
    }
    if outcome.corrected > 0 {
        add(format!("{} photos corrected by readers\n", outcome.corrected));
    }
    if outcome.compared + outcome.refused > 0 {
        add(format!("{} follow-ups compared, {} refused\n", outcome.compared, outcome.refused));
    }
    for doubt in outcome.doubts.iter().take(MOST_DOUBTS) {
        add(format!("  • {doubt}\n"));
    }
    if outcome.doubts.len() > MOST_DOUBTS {
        add(format!("  • and {} more\n", outcome.doubts.len() - MOST_DOUBTS));
    }
    add(format!("Tables: {} (dictionary.csv says what each column is)\n", store.tables().display()));
    text
}
