//! More than two visits: a track per hair, a trend per quantity.

use crate::comparison::Comparison;
use crate::estimate::Estimate;
use crate::series::{HairTrack, SERIES_SCHEMA, Series, Trend};

use super::map::{PointUm, distance};
use super::quantity::{round, rounded};
use super::replicates::quantities;
use super::{CompareError, CompareOptions, Pair, Shot, compare_with};

/// Two roots that lie this close in the coordinates of the first visit are one hair, µm: two errors of a root.
const SAME_ROOT_UM: f64 = 60.0;

/// Compares every visit with the first.
///
/// # Errors
/// As [`super::compare`], as [`CompareError::Among`] with the visit; [`CompareError::TooFewPhotos`] for fewer than two.
pub fn compare_series(visits: &[Shot], options: &CompareOptions) -> Result<Series, CompareError> {
    let Some((first, later)) = visits.split_first().filter(|(_, later)| !later.is_empty()) else {
        return Err(CompareError::TooFewPhotos { given: visits.len(), least: 2 });
    };
    let mut comparisons = Vec::new();
    let mut newcomers = Vec::new();
    for (shot, visit) in later.iter().zip(1..) {
        let Pair { comparison, fates, .. } = compare_with(first, shot, options, None)
            .map_err(|reason| reason.among([0, visit], visits.len()))?;
        newcomers.push(fates.alone[1].iter().filter(|a| a.told).map(|a| (a.id, a.root)).collect::<Vec<_>>());
        comparisons.push(comparison);
    }
    let um_per_px = first
        .measurement
        .calibration
        .map_or(super::constellation::GUESSED_UM_PER_PX, |calibration| calibration.um_per_px);
    Ok(Series {
        schema: SERIES_SCHEMA.to_owned(),
        tracks: tracks(&comparisons, &newcomers, um_per_px),
        trends: trends(&comparisons),
        comparisons,
        software: format!("vellus {}", crate::VERSION),
    })
}

fn tracks(comparisons: &[Comparison], newcomers: &[Vec<(u32, PointUm)>], um_per_px: f64) -> Vec<HairTrack> {
    let visits = comparisons.len() + 1;
    let mut tracks: Vec<HairTrack> = Vec::new();
    // A second look adds a hair to the baseline in one comparison only: it is one hair if its root is.
    for (k, comparison) in comparisons.iter().enumerate() {
        for m in &comparison.matches {
            let Some(hair) = comparison.baseline.hairs.iter().find(|h| h.id == m.baseline) else { continue };
            let original =
                comparisons[0].baseline.hairs.iter().any(|h| h.id == hair.id && h.root_px == hair.root_px);
            let near = |t: &HairTrack| distance(t.root_px, hair.root_px) * um_per_px < SAME_ROOT_UM;
            let known = if original && hair.not_counted != Some(crate::NotCounted::SecondLook) {
                tracks.iter().position(|t| t.hairs[0] == Some(hair.id))
            } else {
                tracks.iter().position(|t| t.hairs[0].is_none() && t.hairs[k + 1].is_none() && near(t))
            };
            let at = known.unwrap_or_else(|| {
                let mut hairs = vec![None; visits];
                if hair.not_counted != Some(crate::NotCounted::SecondLook) {
                    hairs[0] = Some(hair.id);
                }
                tracks.push(HairTrack {
                    id: 0,
                    root_px: hair.root_px,
                    hairs,
                    diameter_um: vec![None; visits],
                });
                tracks.len() - 1
            });
            tracks[at].hairs[k + 1] = Some(m.follow_up);
        }
    }
    for (k, gained) in newcomers.iter().enumerate() {
        for (id, root) in gained {
            let root_px = root.map(|v| round(v / um_per_px));
            let near = |t: &HairTrack| distance(t.root_px, root_px) * um_per_px < SAME_ROOT_UM;
            match tracks.iter_mut().find(|t| t.hairs[0].is_none() && t.hairs[k + 1].is_none() && near(t)) {
                Some(track) => track.hairs[k + 1] = Some(*id),
                None => {
                    let mut hairs = vec![None; visits];
                    hairs[k + 1] = Some(*id);
                    tracks.push(HairTrack { id: 0, root_px, hairs, diameter_um: vec![None; visits] });
                }
            }
        }
    }
    tracks.retain(|t| t.hairs.iter().flatten().count() >= 2);
    for (track, id) in tracks.iter_mut().zip(1..) {
        track.id = id;
        for (visit, slot) in track.diameter_um.iter_mut().enumerate() {
            let measurement =
                if visit == 0 { &comparisons[0].baseline } else { &comparisons[visit - 1].follow_up };
            *slot = track.hairs[visit]
                .and_then(|id| measurement.hairs.iter().find(|h| h.id == id))
                .and_then(|h| h.diameter_um);
        }
    }
    tracks
}

/// How every quantity goes over the visits, from the comparisons of each follow-up with the first visit, in order; none
/// without a comparison.
pub fn trends(comparisons: &[Comparison]) -> Vec<Trend> {
    if comparisons.is_empty() {
        return Vec::new();
    }
    let read: Vec<_> = comparisons.iter().map(quantities).collect();
    (0..read[0].len())
        .filter(|k| read.iter().any(|r| r[*k].1.is_some()))
        .map(|k| {
            let later = |pick: &dyn Fn(&crate::QuantityChange) -> f64| {
                read.iter().map(|r| r[k].1.as_ref().map(pick)).collect::<Vec<_>>()
            };
            let difference: Vec<Option<f64>> =
                [Some(0.0)].into_iter().chain(later(&|q| q.difference)).collect();
            let standard_error: Vec<Option<f64>> =
                [Some(0.0)].into_iter().chain(later(&|q| q.standard_error)).collect();
            let points: Vec<(f64, f64, f64)> = difference
                .iter()
                .zip(&standard_error)
                .enumerate()
                .skip(1)
                .filter_map(|(visit, (d, se))| Some((visit as f64, (*d)?, (*se)?)))
                .collect();
            let slope_per_visit = if points.len() >= 2 { slope(&points) } else { None };
            Trend { quantity: read[0][k].0.to_owned(), difference, standard_error, slope_per_visit }
        })
        .collect()
}

/// Weighted straight line through (0, 0), as every difference is against the first visit. Those differences share the
/// first visit's error, half of their variance; the slope's error has it once and not averaged.
fn slope(points: &[(f64, f64, f64)]) -> Option<Estimate> {
    let weight = |se: f64| 1.0 / (0.5 * se * se).max(1e-12);
    let sxx: f64 = points.iter().map(|(x, _, se)| weight(*se) * x * x).sum();
    let sxy: f64 = points.iter().map(|(x, y, se)| weight(*se) * x * y).sum();
    let sx: f64 = points.iter().map(|(x, _, se)| weight(*se) * x).sum();
    if sxx <= 0.0 {
        return None;
    }
    let shared = points.iter().map(|(.., se)| 0.5 * se * se).sum::<f64>() / points.len() as f64;
    let variance = 1.0 / sxx + shared * (sx / sxx) * (sx / sxx);
    Some(rounded(Estimate::normal(sxy / sxx, variance.sqrt())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_course_has_its_slope() {
        let slope = slope(&[(1.0, 2.0, 1.0), (2.0, 4.0, 1.0), (3.0, 6.0, 1.0)]).expect("three visits");
        assert_eq!(slope.value, 2.0);
        // By hand: weights 2, Σx² = 28, own variance 1/28, shared ½ · (12/28)².
        assert!(
            (slope.standard_error - (1.0_f64 / 28.0 + 0.5 * (12.0_f64 / 28.0).powi(2)).sqrt()).abs() < 1e-3
        );
    }
}
