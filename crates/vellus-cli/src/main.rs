//! The `vellus` command. What it does is in the libraries; here are its options, its outputs and its exit codes.

mod agreement;
mod args;
mod batch;
mod blind;
mod calibrate;
mod common;
mod companions;
mod compare;
mod corrections;
mod deidentify;
mod measure;
mod output;
mod phantom;
mod progress;
mod setting;
mod sink;
mod stats;
mod terminal;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => terminal::report(&error),
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Measure(args) => return measure::run(args),
        Command::Compare(args) => return compare::run(args),
        Command::Batch(args) => return batch::run(args),
        Command::Merge(args) => return batch::run_merge(args),
        Command::Blind(args) => return blind::run(args),
        Command::Unblind(args) => return blind::run_unblind(args),
        Command::Deidentify(args) => return deidentify::run(args),
        Command::Validate(args) => return validate::run(args),
        Command::Calibrate(args) => calibrate::run(args)?,
        Command::Stats(args) => stats::run(args)?,
        Command::Phantom(args) => phantom::run(args)?,
        Command::Schema { record } => companions::schema(*record)?,
        Command::Protocol => companions::protocol()?,
        Command::Completions { shell } => companions::completions(*shell)?,
        Command::Man { command } => companions::man(command.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}
