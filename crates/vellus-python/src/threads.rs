//! Where the work runs: without the interpreter's lock, on the process's threads or on some of its own.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::{PyErr, Python};

use crate::errors;

/// The process that started the shared threads; 0 before.
static STARTED_IN: AtomicU32 = AtomicU32::new(0);

/// Runs `work` without the interpreter's lock: on `threads` threads of its own, or on the shared ones, one per core.
///
/// # Errors
/// Those of `work`; threads that cannot be started; shared threads that were lost in a fork.
pub fn unlocked<T: Send>(
    py: Python<'_>,
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> Result<T, PyErr> + Send,
) -> Result<T, PyErr> {
    check(threads)?;
    let Some(threads) = threads else {
        return py.detach(work);
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
    let pool = pool.map_err(|error| {
        errors::input(format!("{threads} threads cannot be started ({error}); give fewer"))
    })?;
    py.detach(|| pool.install(work))
}

/// Runs `work` without the interpreter's lock on the shared threads.
///
/// # Errors
/// Those of `work`; shared threads that were lost in a fork.
pub fn shared<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, PyErr> + Send) -> Result<T, PyErr> {
    started_here("")?;
    py.detach(work)
}

/// That threads that are asked for, or else the shared ones, can work here.
///
/// # Errors
/// Shared threads that were lost in a fork.
pub fn check(threads: Option<NonZeroUsize>) -> Result<(), PyErr> {
    threads.map_or_else(|| started_here(", or give threads=1"), |_| Ok(()))
}

/// That the shared threads, if they were started, are of this process: work that is given to lost ones never ends.
fn started_here(otherwise: &str) -> Result<(), PyErr> {
    let here = std::process::id();
    match STARTED_IN.compare_exchange(0, here, Ordering::Relaxed, Ordering::Relaxed) {
        Err(process) if process != here => Err(errors::input(format!(
            "this process was forked from one that had measured or drawn, and threads do not survive a fork; start workers by \
             spawn (multiprocessing.get_context('spawn')){otherwise}"
        ))),
        _ => Ok(()),
    }
}
