//! What goes to the terminal: messages on standard error, wrong usage, colours.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::args::{Args, ColorChoice};

/// A line on standard error. Where that is closed, nobody listens.
pub fn say(message: &str) {
    let _ = writeln!(io::stderr(), "vellus: {message}");
}

/// Says why the command stopped; gives its exit code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        let _ = usage.print();
        return ExitCode::from(2);
    }
    // The reader of a pipe has left (`vellus … | head`): it knows.
    let closed = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    if !error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(closed)) {
        say(&format!("{error:#}"));
    }
    ExitCode::FAILURE
}

/// Wrong usage of a subcommand, in the form of clap's own: exit code 2, nothing was done.
pub fn usage(subcommand: &str, message: impl std::fmt::Display) -> anyhow::Error {
    let mut command = Args::command();
    command.build();
    match command.find_subcommand_mut(subcommand) {
        Some(command) => command.error(ErrorKind::ValueValidation, message).into(),
        None => command.error(ErrorKind::ValueValidation, message).into(),
    }
}

/// Whether the summary is coloured.
pub fn colour(choice: ColorChoice) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
            io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
        }
    }
}
