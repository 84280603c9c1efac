//! The work: every series of the plan, on several threads, with a record for each photo as soon as it is measured.
//!
//! A thread has one series at a time, and of that the baseline and one follow-up in memory: memory is bounded by the
//! threads and the replicates of a visit, not by the photos. A thread's own parallel loops stay on it, so that no photo
//! is begun inside another one's.
//!
//! A row is done if its record was made from the same bytes, scale, protocol and version. A row that failed is tried
//! again. What a row's further cells say changes no number: the record then gets a new head and keeps its measurement.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vellus::{Finding, Measurement, Severity, Verdict};

use crate::error::BatchError;
use crate::follow::{Taken, follow};
use crate::manifest::Row;
use crate::plan::{Plan, Series, VisitRows};
use crate::record::{COMPARISON_SCHEMA, ComparisonHead, Failure, Inputs, ROW_SCHEMA, RowHead};
use crate::store::{Store, hash_of, software};
use crate::take;

/// What happens while the work goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A row was done before.
    Kept(&'a Row),
    /// A row was measured before, but not like this.
    Again(&'a Row, &'static str),
    /// A row was measured.
    Measured(&'a Row, &'a Measurement),
    /// A row failed.
    Failed(&'a Row, &'a Failure),
    /// A follow-up could not be compared: its row, and why.
    Refused(&'a Row, &'a str),
}

/// Who follows the work. Called from all threads.
pub trait Watch: Sync {
    /// Something happened.
    fn see(&self, event: &Event<'_>);
}

/// How the work is done; no number depends on it.
#[derive(Debug)]
pub struct Work<'a> {
    /// Threads.
    pub threads: NonZeroUsize,
    /// Stop at the first row that fails.
    pub fail_fast: bool,
    /// Set from outside to stop after the photos that are being measured.
    pub stop: &'a AtomicBool,
}

/// Measures what is not done; returns whether all of it is done now.
///
/// # Errors
/// [`BatchError`] when a record cannot be written.
pub fn run(plan: &Plan, store: &Store, work: &Work<'_>, watch: &dyn Watch) -> Result<bool, BatchError> {
    let series: Vec<&Series> = plan.own_series().collect();
    let next = AtomicUsize::new(0);
    let error: Mutex<Option<BatchError>> = Mutex::new(None);
    let protocol_hash = hash_of(&plan.settings.protocol);
    let worker = Worker { plan, store, work, watch, protocol_hash };
    let turn = || {
        while let Some(series) = series.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(failed) = worker.series(series) {
                work.stop.store(true, Ordering::Relaxed);
                if let Ok(mut error) = error.lock() {
                    error.get_or_insert(failed);
                }
            }
        }
    };
    let started = std::thread::scope(|scope| {
        let start = || {
            // The thread is the only one of its pool.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
            pool.map(|pool| pool.install(turn)).map_err(|error| error.to_string())
        };
        let threads: Vec<_> = (0..work.threads.get().min(series.len())).map(|_| scope.spawn(start)).collect();
        let ends = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread failed".to_owned())));
        ends.collect::<Vec<_>>().into_iter().collect::<Result<(), String>>()
    });
    if let Some(error) = error.into_inner().unwrap_or(None) {
        return Err(error);
    }
    started.map_err(BatchError::Threads)?;
    Ok(!work.stop.load(Ordering::Relaxed))
}

/// A row before the work.
struct State {
    index: usize,
    inputs: Inputs,
    /// What the record holds, if it was made from `inputs`.
    done: bool,
}

struct Worker<'a> {
    plan: &'a Plan,
    store: &'a Store,
    work: &'a Work<'a>,
    watch: &'a dyn Watch,
    protocol_hash: String,
}

impl Worker<'_> {
    fn series(&self, series: &Series) -> Result<(), BatchError> {
        let mut states: Vec<Vec<State>> = Vec::new();
        for visit in &series.visits {
            let rows = visit.rows.iter().map(|&index| self.state(index));
            states.push(rows.collect::<Result<_, _>>()?);
        }
        let pending: Vec<Option<String>> =
            (1..states.len()).map(|k| self.pending_comparison(series, &states[0], &states[k], k)).collect();
        let mut baseline: Vec<Taken> = Vec::new();
        for (k, (visit, states)) in series.visits.iter().zip(&states).enumerate() {
            let comparison = k.checked_sub(1).and_then(|before| pending[before].as_ref());
            let needed = comparison.is_some() || (k == 0 && pending.iter().any(Option::is_some));
            let mut taken = Vec::new();
            for state in states.iter().filter(|state| needed || !state.done) {
                if self.work.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                taken.extend(self.row(state)?);
            }
            if let Some(inputs_hash) = comparison {
                self.follow_up(visit, &baseline, &taken, inputs_hash)?;
            }
            if k == 0 {
                baseline = taken;
            }
        }
        Ok(())
    }

    /// What a row's numbers come from, and whether it is done.
    fn state(&self, index: usize) -> Result<State, BatchError> {
        let row = &self.plan.manifest.rows[index];
        let key = &self.plan.keys[index];
        let bytes =
            take::bytes(&self.plan.manifest.file(row), &row.photo, &self.plan.settings.protocol.decode);
        let inputs = self.inputs(row, bytes.ok().map(|bytes| take::content_hash(&bytes)));
        let done = match self.store.row_head(key) {
            Some(head) if head.inputs == inputs && head.failure.is_none() => {
                let cells = cells(row);
                if head.row != cells {
                    self.store.put_head(key, &RowHead { row: cells, ..head })?;
                }
                self.watch.see(&Event::Kept(row));
                true
            }
            Some(head) => {
                if let Some(what) = changed(&head.inputs, &inputs) {
                    self.watch.see(&Event::Again(row, what));
                }
                false
            }
            None => false,
        };
        Ok(State { index, inputs, done })
    }

    fn inputs(&self, row: &Row, content_hash: Option<String>) -> Inputs {
        let um_per_px = self.plan.scale(row).map(|scale| scale.um_per_px);
        Inputs { content_hash, um_per_px, protocol_hash: self.protocol_hash.clone(), software: software() }
    }

    /// Hash of all that a comparison comes from, unless it is done.
    fn pending_comparison(
        &self,
        series: &Series,
        baseline: &[State],
        follow_up: &[State],
        visit: usize,
    ) -> Option<String> {
        series.baseline()?;
        let inputs: Vec<Vec<(&str, &Inputs)>> = [baseline, follow_up]
            .iter()
            .map(|states| {
                states.iter().map(|state| (self.plan.keys[state.index].as_str(), &state.inputs)).collect()
            })
            .collect();
        let hash = hash_of(&inputs);
        let head = self.store.comparison_head(&self.plan.comparison_key(&series.visits[visit]));
        head.is_none_or(|head| head.inputs_hash != hash).then_some(hash)
    }

    /// Measures a row and writes its record; `None` if it failed.
    fn row(&self, state: &State) -> Result<Option<Taken>, BatchError> {
        let row = &self.plan.manifest.rows[state.index];
        let key = &self.plan.keys[state.index];
        let settings = &self.plan.settings;
        let bytes = take::bytes(&self.plan.manifest.file(row), &row.photo, &settings.protocol.decode);
        let content_hash = bytes.as_ref().ok().map(|bytes| take::content_hash(bytes));
        let shot =
            bytes.and_then(|bytes| take::shot(&bytes, &row.photo, self.plan.scale(row), &settings.protocol));
        let head = RowHead {
            schema: ROW_SCHEMA.to_owned(),
            row: cells(row),
            inputs: self.inputs(row, content_hash),
            failure: shot.as_ref().err().cloned(),
            body_bytes: 0,
        };
        match shot {
            Ok(shot) => {
                if !state.done {
                    self.store.put_row(key, head, Some(&shot.measurement))?;
                    self.watch.see(&Event::Measured(row, &shot.measurement));
                }
                Ok(Some(Taken { key: key.clone(), photo: row.photo.clone(), shot }))
            }
            Err(failure) => {
                self.store.put_row(key, head, None)?;
                self.watch.see(&Event::Failed(row, &failure));
                if self.work.fail_fast {
                    self.work.stop.store(true, Ordering::Relaxed);
                }
                Ok(None)
            }
        }
    }

    fn follow_up(
        &self,
        visit: &VisitRows,
        baseline: &[Taken],
        taken: &[Taken],
        inputs_hash: &str,
    ) -> Result<(), BatchError> {
        let followed = follow(baseline, taken);
        let head = ComparisonHead {
            schema: COMPARISON_SCHEMA.to_owned(),
            inputs_hash: inputs_hash.to_owned(),
            baseline: followed.baseline,
            follow_up: followed.follow_up,
            left_out: followed.left_out,
            refusal: followed.outcome.as_ref().err().cloned(),
            body_bytes: 0,
        };
        if let Some(reason) = &head.refusal {
            self.watch.see(&Event::Refused(&self.plan.manifest.rows[visit.rows[0]], reason));
        }
        self.store.put_comparison(&self.plan.comparison_key(visit), head, followed.outcome.as_ref().ok())
    }
}

/// All cells of a row but its scale.
fn cells(row: &Row) -> Vec<Option<String>> {
    let known = [&row.subject, &row.visit, &row.replicate, &row.site, &row.arm];
    std::iter::once(Some(row.photo.clone()))
        .chain(known.into_iter().cloned())
        .chain(row.further.iter().cloned())
        .collect()
}

/// What a record was made from that is different now.
fn changed(before: &Inputs, now: &Inputs) -> Option<&'static str> {
    if before.content_hash != now.content_hash {
        // A file that could not be read before was not measured before.
        (before.content_hash.is_some() && now.content_hash.is_some()).then_some("the photo changed")
    } else if before.protocol_hash != now.protocol_hash {
        Some("the protocol changed")
    } else if before.um_per_px != now.um_per_px {
        Some("the scale changed")
    } else if before.software != now.software {
        Some("it was measured by another version of vellus")
    } else {
        None
    }
}

/// Why a photo that was measured cannot carry a measurement; `None` if it can.
pub fn reason_of_failure(measurement: &Measurement) -> Option<&Finding> {
    let failed = measurement.quality.verdict == Verdict::Fail;
    measurement.quality.findings.iter().find(|finding| failed && finding.severity == Severity::Failure)
}
