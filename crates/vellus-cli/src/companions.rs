//! The commands that print what the program knows of itself.

use std::io::{self, Write};

use anyhow::Result;
use clap::CommandFactory;
use vellus_report::schema::{Schema, protocol_toml};

use crate::args::{Args, Record};
use crate::terminal::usage;

/// `vellus schema`.
pub fn schema(record: Record) -> Result<()> {
    let schema = match record {
        Record::Measurement => Schema::Measurement,
        Record::Comparison => Schema::Comparison,
        Record::Series => Schema::Series,
        Record::Protocol => Schema::Protocol,
        Record::Corrections => Schema::Corrections,
    };
    print(schema.text().as_bytes())
}

/// `vellus protocol`.
pub fn protocol() -> Result<()> {
    print(protocol_toml().as_bytes())
}

/// `vellus completions`.
pub fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "vellus", &mut text);
    print(&text)
}

/// `vellus man`.
pub fn man(name: Option<&str>) -> Result<()> {
    let mut command = Args::command();
    command.build();
    let page = match name {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
                return Err(usage("man", format!("there is no command '{name}': [{}]", names.join(", "))));
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}

/// Bytes to standard output.
pub fn print(text: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()?;
    Ok(())
}
