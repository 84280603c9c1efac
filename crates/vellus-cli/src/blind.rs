//! `vellus blind` and `vellus unblind`: photos under codes, and the way back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use vellus_batch::blind::{blind, check, unblind};
use vellus_batch::manifest::Manifest;
use vellus_batch::merge::adopt;
use vellus_batch::plan::{Plan, Settings};
use vellus_batch::store::Store;

use crate::args::{BlindArgs, UnblindArgs};
use crate::batch::{carry_out, check_output};
use crate::terminal::{say, usage};

/// Copies the photos; exit code 1 when one could not be.
///
/// # Errors
/// Wrong usage, or a file cannot be written.
pub fn run(args: &BlindArgs) -> Result<ExitCode> {
    let manifest = args.source.manifest("blind")?;
    check(&manifest).map_err(|error| usage("blind", error))?;
    let wrong = |reason: &str| usage("blind", format!("--key {}: {reason}", args.key.display()));
    // Copies of two runs in one folder would have two keys.
    check_output("blind", &args.output, "")?;
    if args.key.exists() {
        return Err(wrong("this file exists; a key is never overwritten, give another name"));
    }
    if absolute(&args.key).starts_with(absolute(&args.output)) {
        return Err(wrong("the key must lie outside of the folder of the copies"));
    }
    if !absolute(&args.key).parent().is_some_and(Path::is_dir) {
        return Err(wrong("its folder does not exist; create it first"));
    }
    args.running.start()?;
    let failures = blind(&manifest, &args.output, &args.key)?;
    for failure in &failures {
        say(failure);
    }
    if !args.running.quiet {
        let copied = manifest.rows.len() - failures.len();
        say(&format!(
            "{copied} photos copied to {}; keep {} away from whoever reads them",
            args.output.display(),
            args.key.display()
        ));
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Joins the key; exit code 1 when a photo failed.
///
/// # Errors
/// Wrong usage, a key that was changed, or a file cannot be read or written.
pub fn run_unblind(args: &UnblindArgs) -> Result<ExitCode> {
    check_output("unblind", &args.output, "batch.json")?;
    if absolute(&args.output) == absolute(&args.batch) {
        let reason = "this is the blinded batch itself, which is kept as it is; give another folder";
        return Err(usage("unblind", format!("--output {}: {reason}", args.output.display())));
    }
    let (blinded, plan) = Store::open(&args.batch)?;
    let manifest = unblind(&args.copies, &args.key)?;
    check_same(&args.output, &manifest)?;
    let settings = Settings { visits: args.visits.clone(), shard: None, ..plan.settings };
    let plan = Plan::new(manifest, settings).map_err(|error| usage("unblind", error))?;
    let threads = args.running.start()?;
    let store = Store::create(&args.output, &plan)?;
    adopt(&blinded, &store)?;
    carry_out(&plan, &store, threads, false, args.running.quiet)
}

/// An output folder that has a batch must have that of this key: its records would be mixed with others, and lost.
fn check_same(output: &Path, manifest: &Manifest) -> Result<()> {
    if !output.join("batch.json").is_file() {
        return Ok(());
    }
    let (_, there) = Store::open(output)?;
    if there.manifest.rows == manifest.rows && there.manifest.further == manifest.further {
        return Ok(());
    }
    let reason = "this folder holds another batch; give a new one, or that of an earlier run with this key";
    Err(usage("unblind", format!("--output {}: {reason}", output.display())))
}

/// The path from the root, also of what does not exist yet.
fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    full.canonicalize().unwrap_or_else(|_| match (full.parent().map(Path::canonicalize), full.file_name()) {
        (Some(Ok(parent)), Some(name)) => parent.join(name),
        _ => full.clone(),
    })
}
