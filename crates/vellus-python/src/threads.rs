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
    let Some(threads) = threads else {
        let here = std::process::id();
        if STARTED_IN
            .compare_exchange(0, here, Ordering::Relaxed, Ordering::Relaxed)
            .is_err_and(|pid| pid != here)
        {
            return Err(errors::input(
                "this process was forked from one that had measured, and threads do not survive a fork; start workers by \
                 spawn (multiprocessing.get_context('spawn')), or give threads=1",
            ));
        }
        return py.detach(work);
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
    let pool = pool.map_err(|error| {
        errors::input(format!("{threads} threads cannot be started ({error}); give fewer"))
    })?;
    py.detach(|| pool.install(work))
}
