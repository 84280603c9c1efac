//! Seven things that may happen between two visits, over three scenes.

use vellus::{CompareError, CompareOptions, compare};
use vellus_phantom::{PairKind, pair};

use super::judge::{Told, told};
use super::{SCENES, Visits};
use crate::drawn::scene;

/// Seed of the first pair, unless another is asked for: none that a sample or a test was looked at with.
pub const FIRST_SEED: u64 = 11_001;

/// What is drawn: all but extractions, which have their own table.
pub const KINDS: [PairKind; 7] = [
    PairKind::Null,
    PairKind::Misaligned,
    PairKind::Regrowth,
    PairKind::Loss,
    PairKind::Growth,
    PairKind::Thickening,
    PairKind::Wrong,
];

/// Time between the photos of a growth pair, h.
pub const GROWTH_H: f64 = 48.0;

/// One pair to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What happens.
    pub kind: PairKind,
    /// Name of the scene.
    pub scene: &'static str,
    /// Seed of the pair.
    pub seed: u64,
}

/// So many cases from a seed on: all of `kinds`, then the next scene, then the next seed.
pub fn cases(kinds: &[PairKind], n: usize, first_seed: u64) -> Vec<Case> {
    (0..n)
        .map(|k| Case {
            kind: kinds[k % kinds.len()],
            scene: SCENES[k / kinds.len() % SCENES.len()],
            seed: first_seed + (k / (kinds.len() * SCENES.len())) as u64,
        })
        .collect()
}

/// What came of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct PairScore {
    /// What was drawn.
    pub case: Case,
    /// What was said; an error's words where the pair was refused.
    pub outcome: Result<Told, String>,
}

impl PairScore {
    /// Draws, measures, compares and judges one pair.
    pub fn of(case: Case) -> Self {
        let visits = Visits::take(pair(&scene(case.scene), case.kind, case.seed));
        Self { case, outcome: outcome(&visits) }
    }

    /// One line for who watches.
    pub fn line(&self) -> String {
        let Case { kind, scene, seed } = self.case;
        let name = format!("{} {scene} {seed}", kind.name());
        match &self.outcome {
            Err(reason) => format!("{name}: {reason}"),
            Ok(told) => format!(
                "{name}: registration {:.1} µm ({:.2} ×), matches {}+{}, second look {}+{}, in both {}+{}, lost or gained \
                 {}+{}, density {:+.1} % (count truly {:+.1} %), covers {} {}, direction {:?}, verdict {:?}, claims {:?}, anagen {:?}",
                told.registration_um,
                told.registration_ratio,
                told.matches.right,
                told.matches.wrong,
                told.second_look.right,
                told.second_look.wrong,
                told.found_in_both.right,
                told.found_in_both.wrong,
                told.lost_or_gained.right,
                told.lost_or_gained.wrong,
                told.density_error_percent,
                told.true_change_percent,
                told.covers_count,
                told.covers_diameter,
                told.right_direction,
                told.right_verdict,
                told.claims,
                told.anagen_error_points,
            ),
        }
    }
}

/// Compares and judges.
fn outcome(visits: &Visits) -> Result<Told, String> {
    let interval_h = (visits.truth.kind == PairKind::Growth).then_some(GROWTH_H);
    let options = CompareOptions { interval_h, ..CompareOptions::default() };
    let [baseline, follow_up] = &visits.shots;
    match compare(baseline, follow_up, &options) {
        Ok(_) if !visits.truth.same_scalp => Err("another scalp, accepted".to_owned()),
        Ok(comparison) => told(&comparison, &visits.truth).ok_or_else(|| "nothing in common".to_owned()),
        Err(CompareError::NotTheSameSite { .. }) => Err(REFUSED.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// What stands for a refusal.
pub const REFUSED: &str = "refused: not the same site";
