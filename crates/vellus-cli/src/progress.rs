//! What is seen of a batch while it works: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vellus_batch::run::{Event, Watch, reason_of_failure};

use crate::terminal::say;

/// Time between two lines off a terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How far the work is.
pub struct Progress {
    bar: ProgressBar,
    rows: usize,
    quiet: bool,
    start: Instant,
    state: Mutex<State>,
}

struct State {
    done: usize,
    /// Rows that were measured now, and so tell the rate.
    fresh: usize,
    failed: usize,
    last_line: Instant,
}

impl Progress {
    /// Starts with no row done.
    pub fn start(rows: usize, quiet: bool) -> Self {
        let drawn = !quiet && io::stderr().is_terminal();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(rows as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} photos  {msg}") {
            bar.set_style(style);
        }
        let start = Instant::now();
        let state = Mutex::new(State { done: 0, fresh: 0, failed: 0, last_line: start });
        Self { bar, rows, quiet, start, state }
    }

    /// Ends; gives the rows that are done and those of them that failed.
    pub fn finish(&self) -> (usize, usize) {
        self.bar.finish_and_clear();
        let (done, failed) = self.counts(|state| (state.done, state.failed));
        if !self.quiet && self.bar.is_hidden() {
            say(&format!("{done} of {} photos", self.rows));
        }
        (done, failed)
    }

    /// A thread that failed while it held the counts leaves them readable.
    fn counts<T>(&self, of: impl FnOnce(&mut State) -> T) -> T {
        of(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn count(&self, fresh: bool, failed: bool) {
        let line = self.counts(|state| {
            state.done += 1;
            state.fresh += usize::from(fresh);
            state.failed += usize::from(failed);
            let words = self.words(state);
            self.bar.set_position(state.done as u64);
            self.bar.set_message(words.clone());
            let due = state.last_line.elapsed() >= LINE_EVERY;
            if due {
                state.last_line = Instant::now();
            }
            due.then(|| format!("{} of {} photos, {words}", state.done, self.rows))
        });
        if let Some(line) = line.filter(|_| !self.quiet && self.bar.is_hidden()) {
            say(&line);
        }
    }

    /// `1.4 per s, 3 min left, 2 failed`.
    fn words(&self, state: &State) -> String {
        let per_s = state.fresh as f64 / self.start.elapsed().as_secs_f64().max(1e-3);
        let left = if state.fresh > 0 {
            let seconds = (self.rows - state.done.min(self.rows)) as f64 / per_s;
            match seconds {
                s if s < 90.0 => format!(", {s:.0} s left"),
                s if s < 5400.0 => format!(", {:.0} min left", s / 60.0),
                s => format!(", {:.1} h left", s / 3600.0),
            }
        } else {
            String::new()
        };
        format!("{per_s:.1} per s{left}, {} failed", state.failed)
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }
}

impl Watch for Progress {
    fn see(&self, event: &Event<'_>) {
        match event {
            Event::Kept(_) => self.count(false, false),
            Event::Again(row, why) => {
                if !self.quiet {
                    self.say(&format!("{} (row {}) is measured again: {why}", row.photo, row.number));
                }
            }
            Event::Measured(row, measurement) => {
                if let Some(finding) = reason_of_failure(measurement) {
                    self.say(&format!(
                        "{} (row {}) cannot carry a measurement: {} {}",
                        row.photo, row.number, finding.message, finding.advice
                    ));
                }
                self.count(true, false);
            }
            Event::Failed(row, failure) => {
                self.say(&format!("row {}: {}", row.number, failure.message));
                self.count(true, true);
            }
            Event::Refused(row, reason) => self.say(&format!(
                "subject {}, visit {} (row {}) cannot be compared: {reason}",
                row.subject.as_deref().unwrap_or("?"),
                row.visit.as_deref().unwrap_or("?"),
                row.number
            )),
        }
    }
}
