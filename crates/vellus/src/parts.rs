//! Several regions of one photo: the photo is measured once, and summed up for each.
//!
//! In: the [`Measurement`] of the regions together, and the flags of the pixels that are scalp. Out: [`Measurement::regions`],
//! and a finding where regions overlap: a hair rooted in two counts in both, and once in the photo's summary.

use crate::finding::{Finding, FindingCode, verdict};
use crate::hair::{FollicularUnit, Hair};
use crate::measure::region;
use crate::measurement::{Measurement, RegionSummary, Summary};
use crate::region::{Region, RegionPart};
use crate::summarise::{Field, summarise};

/// Sums up each part of the region; `scalp` is `None` where the photo carries no measurement.
pub(crate) fn sum_up(measurement: &mut Measurement, scalp: Option<&[bool]>) {
    let parts = measurement.region.shape.parts().to_vec();
    let width = measurement.image.width_px as usize;
    measurement.regions = parts.iter().map(|part| one(measurement, part, scalp, width)).collect();
    let Some(scalp) = scalp.filter(|_| parts.len() > 1) else { return };
    let Some((a, b, shared)) = most_shared(&parts, scalp, width) else { return };
    let area = match measurement.calibration {
        Some(scale) => format!("{:.2} mm²", shared as f64 * scale.px_area_mm2()),
        None => format!("{shared} px²"),
    };
    let both = measurement
        .counted()
        .filter(|hair| {
            parts.iter().filter(|part| part.shape.contains(hair.root_px[0], hair.root_px[1])).count() > 1
        })
        .count();
    measurement.quality.findings.push(Finding::new(
        FindingCode::RegionsOverlap,
        format!(
            "The regions '{}' and '{}' share {area}. {both} hairs lie in more than one region: each counts in all of them, and \
             once in the total.",
            parts[a].name, parts[b].name
        ),
    ));
    measurement.quality.verdict = verdict(&measurement.quality.findings);
}

fn one(measurement: &Measurement, part: &RegionPart, scalp: Option<&[bool]>, width: usize) -> RegionSummary {
    let um_per_px = measurement.calibration.map(|scale| scale.um_per_px);
    let name = part.name.clone();
    let Some(scalp) = scalp else {
        let region = Region { shape: part.shape.clone(), area_px: 0, area_mm2: None, masked_fraction: 0.0 };
        return RegionSummary { name, region, summary: Summary::default(), hairs: Vec::new() };
    };
    let region = region(&part.shape, scalp, width, um_per_px);
    // A hair of another part is as one that was never found; its unit is left with those that are here.
    let here = |hair: &&Hair| part.shape.contains(hair.root_px[0], hair.root_px[1]);
    let hairs: Vec<Hair> = measurement.hairs.iter().filter(here).cloned().collect();
    let counted: Vec<u32> = hairs.iter().filter(|hair| hair.counted).map(|hair| hair.id).collect();
    let units: Vec<FollicularUnit> = measurement
        .follicular_units
        .iter()
        .map(|unit| FollicularUnit {
            hairs: unit.hairs.iter().copied().filter(|id| counted.contains(id)).collect(),
            ..unit.clone()
        })
        .filter(|unit| !unit.hairs.is_empty())
        .collect();
    let field = Field {
        area_mm2: region.area_mm2,
        area_px: region.area_px as f64,
        calibration: measurement.calibration,
        resolvable_diameter_um: measurement.summary.resolvable_diameter_um,
    };
    RegionSummary {
        name,
        summary: summarise(&hairs, &units, &field, &measurement.protocol),
        region,
        hairs: counted,
    }
}

/// The two parts that share most scalp, and how much, px².
fn most_shared(parts: &[RegionPart], scalp: &[bool], width: usize) -> Option<(usize, usize, u64)> {
    let mut shared = vec![0_u64; parts.len() * parts.len()];
    for (y, flags) in scalp.chunks_exact(width).enumerate() {
        let rows: Vec<Vec<bool>> = parts.iter().map(|part| part.shape.row(y, width)).collect();
        for (x, _) in flags.iter().enumerate().filter(|&(_, &flag)| flag) {
            let inside: Vec<usize> = (0..parts.len()).filter(|&i| rows[i][x]).collect();
            for (k, &a) in inside.iter().enumerate() {
                for &b in &inside[k + 1..] {
                    shared[a * parts.len() + b] += 1;
                }
            }
        }
    }
    let (at, &most) = shared.iter().enumerate().max_by_key(|&(at, &count)| (count, std::cmp::Reverse(at)))?;
    (most > 0).then_some((at / parts.len(), at % parts.len(), most))
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
