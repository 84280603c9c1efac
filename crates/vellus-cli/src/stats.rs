//! `vellus stats`: the tables of a batch in, what they say of the trial out.

use anyhow::{Context, Result};
use vellus_stats::{StatsError, Trial, analyse, report};

use crate::args::StatsArgs;
use crate::companions::print;
use crate::terminal::usage;

/// Analyses, writes the results and prints the summary.
///
/// # Errors
/// Wrong usage, tables that cannot be read, or a result cannot be written.
pub fn run(args: &StatsArgs) -> Result<()> {
    let trial = Trial::read(&args.folder.join("tables"))?;
    let analysis = analyse(&trial, args.reference.as_deref()).map_err(|error| match error {
        StatsError::NoSuchArm { .. } => usage("stats", format!("--reference: {error}")),
        StatsError::ReferenceUnknown { .. } => usage("stats", error),
        other => other.into(),
    })?;
    let output = args.output.clone().unwrap_or_else(|| args.folder.join("stats"));
    report::write(&output, &analysis).with_context(|| format!("{} cannot be written", output.display()))?;
    if args.quiet { Ok(()) } else { print(report::text(&analysis).as_bytes()) }
}
