//! Hairs taken out between two visits, and nothing else: hair to hair against counting twice.
//!
//! What Bokhari et al. did with real hair (2022, doi:10.1159/000524345), drawn: a known number of hairs is taken out, and
//! the change that is found is compared with it. Counting twice is what the two photos' own densities say, over the common
//! area.

use vellus::{CompareOptions, Comparison, compare};
use vellus_phantom::extraction;

use super::taken::Taken;
use super::{SCENES, Visits};
use crate::drawn::scene;

/// How far after the first pair's seed that of the first scalp lies: no drawing is in both tables.
pub const SEED_AFTER_PAIRS: u64 = 500;
/// Largest share of the hairs that is taken out.
const MOST_TAKEN: f64 = 0.4;

/// One scalp and the share of its hairs that is taken out, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// Name of the scene.
    pub scene: &'static str,
    /// Chance of each hair.
    pub share: f64,
    /// Seed of the scalp.
    pub seed: u64,
}

/// So many scalps from a seed on, with shares spread evenly from none to 40 %.
pub fn cases(n: usize, first_seed: u64) -> Vec<Case> {
    (0..n)
        .map(|k| Case {
            scene: SCENES[k % SCENES.len()],
            share: MOST_TAKEN * k as f64 / n.saturating_sub(1).max(1) as f64,
            seed: first_seed + k as u64,
        })
        .collect()
}

/// What came of one scalp. Errors are those of the change of the count, in % of the hairs at the baseline; `None` where the
/// pair was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// What was drawn.
    pub case: Case,
    /// Hairs of the common area at the baseline.
    pub hairs: usize,
    /// How many of them were taken out.
    pub taken: usize,
    /// Error hair to hair, with the second look.
    pub with: Option<f64>,
    /// Error hair to hair, without the second look.
    pub without: Option<f64>,
    /// Error of counting twice.
    pub counting_twice: Option<f64>,
    /// Whether the 95 % interval covers the truth, with the second look.
    pub covers: Option<bool>,
    /// What was said of those that were taken out, with the second look.
    pub said: Taken,
}

impl Extraction {
    /// Draws, measures and compares one scalp. `None` where the photos have no hair in common.
    pub fn of(case: Case) -> Option<Self> {
        let visits = Visits::take(extraction(&scene(case.scene), case.share, case.seed));
        let truth = visits.truth.change.as_ref().filter(|change| change.count_baseline > 0)?;
        let change = truth.count_follow_up as f64 - truth.count_baseline as f64;
        let percent = |told: f64| 100.0 * (told - change) / truth.count_baseline as f64;
        let [baseline, follow_up] = &visits.shots;
        let looked = |second_look| {
            let options = CompareOptions { second_look, ..CompareOptions::default() };
            compare(baseline, follow_up, &options).ok()
        };
        let (twice_looked, once_looked) = (looked(true), looked(false));
        let count = |comparison: &Comparison| comparison.change.hair_count;
        let with = twice_looked.as_ref().and_then(count);
        let without = once_looked.as_ref().and_then(count);
        let density = |shot: &vellus::Shot| shot.measurement.summary.density_per_cm2;
        let twice = density(baseline)
            .zip(density(follow_up))
            .map(|(before, after)| 0.01 * visits.truth.overlap_area_mm2 * (after - before));
        Some(Self {
            case,
            hairs: truth.count_baseline,
            taken: truth.count_baseline - truth.count_follow_up.min(truth.count_baseline),
            with: with.map(|q| percent(q.difference)),
            without: without.map(|q| percent(q.difference)),
            counting_twice: twice.map(percent),
            covers: with.map(|q| q.ci95[0] <= change && change <= q.ci95[1]),
            said: twice_looked.map_or(Taken::default(), |c| Taken::of(&c, &visits.truth)),
        })
    }

    /// One line for who watches.
    pub fn line(&self) -> String {
        let Case { scene, share, seed } = self.case;
        format!(
            "extraction {scene} {seed}, {:.0} %: {} of {} hairs, error with {:+.1?} %, without {:+.1?} %, counting twice \
             {:+.1?} %, covers {:?}, {:?}",
            100.0 * share,
            self.taken,
            self.hairs,
            self.with,
            self.without,
            self.counting_twice,
            self.covers,
            self.said,
        )
    }
}
