//! What is said of a change against the truth about it, on drawn pairs.
//!
//! ```text
//! Case ─ draw, as files ─► Visits ─ compare ─► PairScore ┐
//! Case ─ extraction ─────► Visits ─ compare ─► Extraction ┴─► table
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`pairs`] | seven things that may happen between two visits, over three scenes |
//! | [`conditions`] | nothing but light, focus, magnification, length or colour differs |
//! | [`extraction`] | hairs taken out and nothing else: hair to hair against counting twice |
//! | [`judge`] | one comparison against its truth |
//! | [`taken`] | what was said of the hairs that were taken out |
//! | [`table`] | Markdown |

use rayon::prelude::*;
use vellus::Shot;
use vellus_phantom::{PairTruth, Phantom, PhantomPair};

use crate::drawn::{shot, through_file};

pub mod conditions;
pub mod extraction;
pub mod judge;
pub mod pairs;
pub mod table;
pub mod taken;

/// Scenes that pairs are drawn in: as usual, dry skin that scatters light, and hairs that touch and cross.
pub const SCENES: [&str; 3] = ["clipped_typical", "clipped_dry", "clipped_dense"];

/// Most pairs at a time: a pair of 1.3 megapixels takes some 300 MB while it is measured.
const AT_A_TIME: usize = 8;

/// Two drawn photos, measured, and the truth about them.
#[derive(Debug)]
pub struct Visits {
    /// Baseline and follow-up.
    pub shots: [Shot; 2],
    /// What changed.
    pub truth: PairTruth,
}

impl Visits {
    /// Measures both photos, each after it went through the file format of its camera.
    pub fn take(pair: PhantomPair) -> Self {
        let taken = |photo: &Phantom| {
            shot(&through_file(&photo.image, photo.truth.camera.encoding), Some(photo.truth.um_per_px))
        };
        Self { shots: [taken(&pair.baseline), taken(&pair.follow_up)], truth: pair.truth }
    }
}

/// Maps in parallel, in order, a few at a time. A plain parallel map would start further pairs while it waits for parts of
/// one, so that memory would have no bound.
pub fn map_in_batches<T: Sync, R: Send>(
    items: &[T],
    map: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(&R),
) -> Vec<R> {
    let batch = rayon::current_num_threads().clamp(1, AT_A_TIME);
    let mut results = Vec::with_capacity(items.len());
    for batch in items.chunks(batch) {
        let batch: Vec<R> = batch.par_iter().map(&map).collect();
        batch.iter().for_each(&mut done);
        results.extend(batch);
    }
    results
}

/// Median; `None` without values.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| 0.5 * (values[(n - 1) / 2] + values[n / 2]))
}

/// The largest size; `None` without values.
pub fn worst(values: &[f64]) -> Option<f64> {
    values.iter().map(|v| v.abs()).reduce(f64::max)
}
