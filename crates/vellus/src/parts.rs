//! Several regions of one photo: the photo is measured once, and summed up for each.
//!
//! In: the [`Measurement`] of the regions together, and the flags of the pixels that are scalp. Out: [`Measurement::regions`],
//! and findings where regions overlap (a hair rooted in two counts in both, and once in the photo's summary), have no scalp in
//! them, or reach beyond the photo.

use crate::finding::{Finding, FindingCode, verdict};
use crate::hair::{FollicularUnit, Hair, NotCounted};
use crate::measure::region;
use crate::measurement::{Measurement, RegionSummary, Summary};
use crate::region::{Region, RegionPart, RegionShape};
use crate::shafts::Deadline;
use crate::summarise::{Field, summarise};

/// Sums up each part of the region; `scalp` is `None` where the photo carries no measurement. `false` when it took too long,
/// with nothing of what was found.
pub(crate) fn sum_up(measurement: &mut Measurement, scalp: Option<&[bool]>, deadline: Deadline) -> bool {
    let shape = measurement.region.shape.clone();
    let parts = shape.parts();
    let width = measurement.image.width_px as usize;
    for part in parts {
        let of_part = one(measurement, part, scalp, width);
        measurement.regions.push(of_part);
        if scalp.is_some() && deadline.passed() {
            return too_late(measurement, parts);
        }
    }
    let Some(scalp) = scalp else { return true };
    let outside = outside(measurement);
    measurement.quality.findings.extend(outside);
    if parts.len() > 1 {
        match most_shared(parts, scalp, width, deadline) {
            None => return too_late(measurement, parts),
            Some(None) => {}
            Some(Some(shared)) => overlap(measurement, parts, shared),
        }
    }
    measurement.quality.verdict = verdict(&measurement.quality.findings);
    true
}

/// Takes back what was found, as of any photo that takes too long.
fn too_late(measurement: &mut Measurement, parts: &[RegionPart]) -> bool {
    measurement.summary = Summary::default();
    measurement.hairs.clear();
    measurement.follicular_units.clear();
    measurement.regions = parts.iter().map(|part| one(measurement, part, None, 0)).collect();
    let message =
        format!("Measuring was given up after {} s, at the regions.", measurement.protocol.max_seconds);
    measurement.quality.findings.push(Finding::new(FindingCode::TookTooLong, message));
    measurement.quality.verdict = verdict(&measurement.quality.findings);
    false
}

/// How far a region may reach beyond the photo unsaid, px: what rounding does.
const BEYOND_PX: f64 = 1.0;
/// Most regions that a finding names.
const MOST_NAMED: usize = 5;

/// Regions without scalp, and those that reach beyond the photo.
fn outside(measurement: &Measurement) -> Vec<Finding> {
    let [right, bottom] = [measurement.image.width_px, measurement.image.height_px].map(f64::from);
    let reaches = |shape: &RegionShape| {
        shape.bounds_px().is_some_and(|[x0, y0, x1, y1]| {
            let least = -0.5 - BEYOND_PX;
            x0 < least || y0 < least || x1 > right + BEYOND_PX || y1 > bottom + BEYOND_PX
        })
    };
    let regions = &measurement.regions;
    let named = |names: Vec<&str>| {
        let more = names.len().saturating_sub(MOST_NAMED);
        let first: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("'{name}'")).collect();
        let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{and_more}", first.join(", "))
    };
    let mut findings = Vec::new();
    let empty: Vec<&str> =
        regions.iter().filter(|r| r.region.area_px == 0).map(|r| r.name.as_str()).collect();
    if !empty.is_empty() {
        let message = format!(
            "No scalp lies in these regions, so that they have no numbers: {}. They have no area, lie outside the photo, or \
             hold nothing but what is masked.",
            named(empty)
        );
        findings.push(Finding::new(FindingCode::RegionWithoutScalp, message));
    }
    let beyond: Vec<&str> = regions
        .iter()
        .filter(|r| r.region.area_px > 0 && reaches(&r.region.shape))
        .map(|r| r.name.as_str())
        .collect();
    let alone = regions.is_empty() && reaches(&measurement.region.shape);
    if alone || !beyond.is_empty() {
        let which =
            if alone { "The region".to_owned() } else { format!("Of the regions {}: each", named(beyond)) };
        let message = format!("{which} reaches beyond the photo; what lies in the photo was measured.");
        findings.push(Finding::new(FindingCode::RegionOutside, message));
    }
    findings
}

fn overlap(measurement: &mut Measurement, parts: &[RegionPart], (a, b, shared): (usize, usize, u64)) {
    let area = match measurement.calibration {
        Some(scale) => format!("{:.2} mm²", shared as f64 * scale.px_area_mm2()),
        None => format!("{shared} px²"),
    };
    let both = measurement
        .counted()
        .filter(|hair| {
            parts.iter().filter(|part| part.shape.contains(hair.root_px[0], hair.root_px[1])).nth(1).is_some()
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
    // The other hairs, as they would stand if this part alone had been asked for.
    let as_if_alone: Vec<Hair> = measurement.hairs.iter().map(|hair| elsewhere(hair, here(&hair))).collect();
    let field = Field {
        area_mm2: region.area_mm2,
        area_px: region.area_px as f64,
        calibration: measurement.calibration,
        resolvable_diameter_um: measurement.summary.resolvable_diameter_um,
        count_error: measurement.count_error(&as_if_alone, &part.shape),
    };
    RegionSummary {
        name,
        summary: summarise(&hairs, &units, &field, &measurement.protocol),
        region,
        hairs: counted,
    }
}

/// A hair, not counted where its root lies elsewhere.
fn elsewhere(hair: &Hair, is_here: bool) -> Hair {
    let mut hair = hair.clone();
    if !is_here && hair.not_counted != Some(NotCounted::PassesThrough) {
        hair.counted = false;
        hair.not_counted = Some(NotCounted::RootOutsideRegion);
    }
    hair
}

/// Most regions of one pixel whose pairs are counted, the first ones: beyond it the named pair need not be the one that shares
/// most.
const MOST_AT_A_PIXEL: usize = 16;

/// The two parts that share most scalp, and how much, px²; the outer `None` when it takes too long.
fn most_shared(
    parts: &[RegionPart],
    scalp: &[bool],
    width: usize,
    deadline: Deadline,
) -> Option<Option<(usize, usize, u64)>> {
    let mut shared = vec![0_u64; parts.len() * parts.len()];
    let bounds: Vec<_> = parts.iter().map(|part| part.shape.bounds_px()).collect();
    for (y, flags) in scalp.chunks_exact(width).enumerate() {
        if deadline.passed() {
            return None;
        }
        let here =
            |i: &usize| bounds[*i].is_none_or(|[_, top, _, bottom]| (top..=bottom).contains(&(y as f64)));
        // Where parts begin and end in this row.
        let mut steps: Vec<(usize, usize)> = Vec::new();
        for i in (0..parts.len()).filter(here) {
            let mut before = false;
            for (x, inside) in parts[i].shape.row(y, width).into_iter().chain([false]).enumerate() {
                if inside != before {
                    steps.push((x, i));
                    before = inside;
                }
            }
        }
        steps.sort_unstable();
        let mut inside = std::collections::BTreeSet::new();
        let mut from = 0;
        for (x, i) in steps {
            if inside.len() > 1 && x > from {
                let count = flags[from..x].iter().filter(|&&flag| flag).count() as u64;
                let first: Vec<usize> = inside.iter().copied().take(MOST_AT_A_PIXEL).collect();
                for (k, &a) in first.iter().enumerate() {
                    first[k + 1..].iter().for_each(|&b| shared[a * parts.len() + b] += count);
                }
            }
            from = x;
            if !inside.remove(&i) {
                inside.insert(i);
            }
        }
    }
    let (at, &most) = shared.iter().enumerate().max_by_key(|&(at, &count)| (count, std::cmp::Reverse(at)))?;
    Some((most > 0).then_some((at / parts.len(), at % parts.len(), most)))
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
