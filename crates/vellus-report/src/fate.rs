//! What is said of a single matched hair.

use serde::Serialize;
use vellus::comparison::Match;
use vellus::estimate::Z95;

/// Whether a matched hair is thicker, thinner or neither, by the error of its two diameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiameterChange {
    /// Thicker beyond the error.
    Thickened,
    /// Thinner beyond the error.
    Thinned,
    /// Neither.
    Unchanged,
}

/// As [`vellus::comparison::HairFates`] counts: a change beyond 1.96 standard errors. `None` where it was not measured.
pub fn diameter_change(found: &Match) -> Option<DiameterChange> {
    let (change, error) = found.diameter_change_um.zip(found.diameter_change_se_um)?;
    Some(match change {
        change if change > Z95 * error => DiameterChange::Thickened,
        change if change < -Z95 * error => DiameterChange::Thinned,
        _ => DiameterChange::Unchanged,
    })
}
