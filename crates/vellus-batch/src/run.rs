//! The work: every series of the plan, on several threads, with a record for each photo as soon as it is measured.
//!
//! A thread has one series at a time, and of that the baseline and one follow-up in memory: memory is bounded by the
//! threads and the replicates of a visit, not by the photos. A thread's own parallel loops stay on it, so that no photo
//! is begun inside another one's.
//!
//! A row is done if its record was made from the same bytes, scale, protocol, corrections and version. A row that failed is tried
//! again. What a row's further cells say changes no number: the record then gets a new head and keeps its measurement. So it
//! does when its photo cannot be read any more: the row has failed, and is done again when the photo is back.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vellus::regions::Asked;
use vellus::{Finding, Measurement, Severity, Verdict};

use crate::error::BatchError;
use crate::follow::{Followed, Taken, follow};
use crate::manifest::Row;
use crate::plan::{Plan, Series, VisitRows};
use crate::record::{
    Away, COMPARISON_SCHEMA, ComparisonAway, ComparisonHead, Failure, Inputs, ROW_SCHEMA, Reason, RowHead,
    Source, inputs_hash,
};
use crate::store::{Found, Store, hash_of, software};
use crate::take;

/// Why there is no comparison where vellus failed.
const CRASHED: &str = "this is an error of vellus; please report it with the photos";

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

/// A row, and how far it is.
struct State {
    index: usize,
    inputs: Inputs,
    status: Status,
}

enum Status {
    /// Its measurement was made from these inputs.
    Done,
    /// To be measured.
    Open,
    /// There is no measurement.
    Failed,
    /// It was measured before, and cannot be now.
    Away,
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
            let mut of_visit = Vec::new();
            for &index in &visit.rows {
                if self.stopped() {
                    return Ok(());
                }
                of_visit.push(self.state(index)?);
            }
            states.push(of_visit);
        }
        let mut pending = vec![false; states.len()];
        for (k, visit) in
            series.visits.iter().enumerate().filter(|&(k, _)| k > 0 && series.baseline().is_some())
        {
            pending[k] = self.pending(visit, &states[0], &states[k])?;
        }
        pending[0] = pending.contains(&true);
        let mut baseline: Vec<Taken> = Vec::new();
        for (k, visit) in series.visits.iter().enumerate() {
            let mut taken = Vec::new();
            for state in &mut states[k] {
                if self.stopped() {
                    return Ok(());
                }
                if matches!(state.status, Status::Open)
                    || (pending[k] && matches!(state.status, Status::Done))
                {
                    taken.extend(self.row(state)?);
                }
            }
            if k == 0 {
                baseline = taken;
            } else if series.baseline().is_some() {
                self.follow_up(visit, &states[0], &states[k], pending[k].then_some((&baseline, &taken)))?;
            }
        }
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.work.stop.load(Ordering::Relaxed)
    }

    fn bytes(&self, row: &Row) -> Result<Vec<u8>, Failure> {
        take::bytes(&self.plan.manifest.file(row), &row.photo, &self.plan.settings.protocol.decode)
    }

    /// What a row's numbers come from, and whether it is done. What failed before is tried again.
    fn state(&self, index: usize) -> Result<State, BatchError> {
        let row = &self.plan.manifest.rows[index];
        let key = &self.plan.keys[index];
        let bytes = self.bytes(row);
        let asked = self.asked(row);
        let inputs = self.inputs(row, bytes.as_ref().ok().map(|bytes| take::content_hash(bytes)), &asked);
        if let Err(failure) = bytes.and(asked) {
            let status = self.fail(index, &inputs, &failure)?;
            return Ok(State { index, inputs, status });
        }
        let mut state = State { index, inputs, status: Status::Open };
        match self.store.row(key) {
            Found::Missing => {}
            Found::Damaged => {
                self.watch.see(&Event::Again(row, "its record is damaged or of another version"))
            }
            Found::Whole(head) if head.inputs == state.inputs && head.failure.is_none() => {
                let now = RowHead { row: cells(row), away: None, ..head.clone() };
                if now != head {
                    self.store.put_head(key, &now)?;
                }
                self.watch.see(&Event::Kept(row));
                state.status = Status::Done;
            }
            // Whether it fails again decides which comparisons are to be made.
            Found::Whole(head) if head.inputs == state.inputs => drop(self.row(&mut state)?),
            Found::Whole(head) => {
                if let Some(what) = changed(&head.inputs, &state.inputs) {
                    self.watch.see(&Event::Again(row, what));
                }
            }
        }
        Ok(state)
    }

    fn asked(&self, row: &Row) -> Result<Option<Asked>, Failure> {
        take::asked(&self.plan.manifest, row, &self.plan.settings.protocol.decode)
    }

    fn inputs(
        &self,
        row: &Row,
        content_hash: Option<String>,
        asked: &Result<Option<Asked>, Failure>,
    ) -> Inputs {
        let scale = self.plan.scale(row);
        let corrections_hash = self.plan.corrections_hash(content_hash.as_deref()).map(str::to_owned);
        let protocol_hash = self.protocol_hash.clone();
        let region_hash = asked.as_ref().ok().and_then(Option::as_ref).map(|asked| hash_of(&asked.shape));
        Inputs { content_hash, scale, protocol_hash, software: software(), region_hash, corrections_hash }
    }

    /// Whether a follow-up is to be compared.
    fn pending(
        &self,
        visit: &VisitRows,
        baseline: &[State],
        follow_up: &[State],
    ) -> Result<bool, BatchError> {
        let mut states = baseline.iter().chain(follow_up);
        if states.clone().any(|state| matches!(state.status, Status::Away)) {
            return Ok(false);
        }
        let key = self.plan.comparison_key(visit);
        match self.store.comparison_head(&key) {
            Some(head)
                if head.inputs_hash == self.hash(baseline, follow_up)
                    && !states.any(|state| matches!(state.status, Status::Open)) =>
            {
                if head.away.is_some() {
                    self.store.put_comparison_head(&key, &ComparisonHead { away: None, ..head })?;
                }
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    fn hash(&self, baseline: &[State], follow_up: &[State]) -> String {
        let [baseline, follow_up] = [baseline, follow_up].map(|states| {
            let source = |state| -> Source<'_> {
                let State { index, inputs, status }: &State = state;
                (&self.plan.keys[*index], inputs, matches!(status, Status::Done))
            };
            states.iter().map(source).collect::<Vec<_>>()
        });
        inputs_hash(&baseline, &follow_up)
    }

    /// Measures a row and writes its record; `None` if it failed.
    fn row(&self, state: &mut State) -> Result<Option<Taken>, BatchError> {
        let row = &self.plan.manifest.rows[state.index];
        let key = &self.plan.keys[state.index];
        let bytes = self.bytes(row);
        // It may have changed since it was looked at.
        let asked = self.asked(row);
        let inputs = self.inputs(row, bytes.as_ref().ok().map(|bytes| take::content_hash(bytes)), &asked);
        let known = matches!(state.status, Status::Done) && inputs == state.inputs;
        state.inputs = inputs;
        let protocol = &self.plan.settings.protocol;
        let corrections =
            state.inputs.content_hash.as_deref().and_then(|hash| self.plan.corrections.of(hash));
        let taken = bytes.and_then(|bytes| {
            let scale = self.plan.scale(row);
            take::shot(&bytes, &row.photo, scale, protocol, asked?.as_ref(), corrections)
        });
        match taken {
            Ok(shot) => {
                state.status = Status::Done;
                if !known {
                    self.store.put_row(key, self.head(row, &state.inputs, None), Some(&shot.measurement))?;
                    self.watch.see(&Event::Measured(row, &shot.measurement));
                }
                Ok(Some(Taken { key: key.clone(), photo: row.photo.clone(), shot }))
            }
            Err(failure) => {
                state.status = self.fail(state.index, &state.inputs, &failure)?;
                Ok(None)
            }
        }
    }

    /// Writes that a row failed. A measurement is kept if the photo only cannot be read, or is the one that was measured.
    fn fail(&self, index: usize, inputs: &Inputs, failure: &Failure) -> Result<Status, BatchError> {
        let row = &self.plan.manifest.rows[index];
        let key = &self.plan.keys[index];
        let out_of_reach = matches!(failure.reason, Reason::Missing | Reason::Unreadable);
        let keep = |head: &RowHead| head.failure.is_none() && (out_of_reach || head.inputs == *inputs);
        let status = match self.store.row_head(key).filter(keep) {
            Some(head) => {
                let away = Some(Away { inputs: inputs.clone(), failure: failure.clone() });
                self.store.put_head(key, &RowHead { row: cells(row), away, ..head })?;
                Status::Away
            }
            None => {
                self.store.put_row(key, self.head(row, inputs, Some(failure)), None)?;
                Status::Failed
            }
        };
        self.watch.see(&Event::Failed(row, failure));
        if self.work.fail_fast {
            self.work.stop.store(true, Ordering::Relaxed);
        }
        Ok(status)
    }

    fn head(&self, row: &Row, inputs: &Inputs, failure: Option<&Failure>) -> RowHead {
        RowHead {
            schema: ROW_SCHEMA.to_owned(),
            row: cells(row),
            inputs: inputs.clone(),
            failure: failure.cloned(),
            away: None,
            body_bytes: 0,
            body_hash: None,
        }
    }

    /// Compares what was `taken`; where a photo that was measured before cannot be read, says so beside what was compared.
    fn follow_up(
        &self,
        visit: &VisitRows,
        baseline: &[State],
        follow_up: &[State],
        taken: Option<(&Vec<Taken>, &Vec<Taken>)>,
    ) -> Result<(), BatchError> {
        let key = self.plan.comparison_key(visit);
        let inputs_hash = self.hash(baseline, follow_up);
        let away = baseline.iter().chain(follow_up).find(|state| matches!(state.status, Status::Away));
        let followed = match (away, taken) {
            (None, None) => return Ok(()),
            (None, Some((baseline, taken))) => {
                // A panic refuses this comparison alone.
                catch_unwind(AssertUnwindSafe(|| follow(baseline, taken)))
                    .unwrap_or_else(|_| Followed::refused(CRASHED.to_owned()))
            }
            (Some(state), _) => {
                let photo = &self.plan.manifest.rows[state.index].photo;
                let refusal = format!("{photo} was measured before, but could not be in this run");
                if let Some(head) = self.store.comparison_head(&key) {
                    self.refused(visit, &refusal);
                    let away = Some(ComparisonAway { inputs_hash, refusal });
                    return self.store.put_comparison_head(&key, &ComparisonHead { away, ..head });
                }
                Followed::refused(refusal)
            }
        };
        let head = ComparisonHead {
            schema: COMPARISON_SCHEMA.to_owned(),
            inputs_hash,
            baseline: followed.baseline,
            follow_up: followed.follow_up,
            left_out: followed.left_out,
            refusal: followed.outcome.as_ref().err().cloned(),
            away: None,
            body_bytes: 0,
            body_hash: None,
        };
        if let Some(reason) = &head.refusal {
            self.refused(visit, reason);
        }
        self.store.put_comparison(&key, head, followed.outcome.as_ref().ok())
    }

    fn refused(&self, visit: &VisitRows, reason: &str) {
        self.watch.see(&Event::Refused(&self.plan.manifest.rows[visit.rows[0]], reason));
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
    } else if before.scale != now.scale {
        Some("the scale changed")
    } else if before.corrections_hash != now.corrections_hash {
        Some("its corrections changed")
    } else if before.region_hash != now.region_hash {
        Some("its region changed")
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
