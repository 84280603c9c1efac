//! `vellus stats`: the tables of a batch in, what they say of the trial out.

use anyhow::{Context, Result};
use vellus_page::trial_page;
use vellus_stats::{StatsError, Trial, analyse, report};

use crate::args::StatsArgs;
use crate::common;
use crate::companions::print;
use crate::output::page_file;
use crate::terminal::usage;

/// Analyses, writes the results and prints the summary.
///
/// # Errors
/// Wrong usage, tables that cannot be read, or a result cannot be written.
pub fn run(args: &StatsArgs) -> Result<()> {
    let report = args.page.report.as_deref().map(|path| page_file("stats", path)).transpose()?;
    let trial = Trial::read(&args.folder.join("tables"))?;
    let analysis = analyse(&trial, args.reference.as_deref()).map_err(|error| match error {
        StatsError::NoSuchArm { .. } => usage("stats", format!("--reference: {error}")),
        StatsError::ReferenceUnknown { .. } => usage("stats", error),
        other => other.into(),
    })?;
    let output = args.output.clone().unwrap_or_else(|| args.folder.join("stats"));
    report::write(&output, &analysis).with_context(|| format!("{} cannot be written", output.display()))?;
    if let Some(path) = report {
        let name = args.folder.canonicalize().unwrap_or_else(|_| args.folder.clone());
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        let page = trial_page(&trial, &analysis, &name, args.page.language.into())?;
        common::write(&path, page.as_bytes())?;
    }
    if args.quiet { Ok(()) } else { print(report::text(&analysis).as_bytes()) }
}
