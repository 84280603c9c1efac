//! The line beside a course drawn by hand on which a shaft runs.

use super::fit::HAND_PX;
use super::shape::{MARGIN_PX, NARROWEST_PX, normals};
use crate::plane::Plane;

/// Step across while looking for the shaft, px.
const ACROSS_PX: f32 = 0.5;
/// Widths at which a shaft is looked for grow by this factor.
const WIDTH_FACTOR: f32 = 1.4;

/// Moves a course to the line across it that stands out most; gives that and the width at which it does.
pub(super) fn snapped(
    course: &[[f32; 2]],
    opacity: &Plane,
    scalp: &[bool],
    open: &impl Fn([f32; 2]) -> f32,
    [usual_px, widest_px]: [f32; 2],
) -> (Vec<[f32; 2]>, f32) {
    let normals = normals(course);
    let steps = (HAND_PX / ACROSS_PX) as i32;
    let margin = (0.75 * widest_px + MARGIN_PX) / ACROSS_PX;
    let half = steps + margin as i32;
    // Opacity across every point of the course; none where other hairs or no scalp are.
    let sections: Vec<Vec<Option<f32>>> = course
        .iter()
        .zip(&normals)
        .map(|(p, n)| {
            let value = |i: i32| {
                let t = i as f32 * ACROSS_PX;
                let q = [p[0] + t * n[0], p[1] + t * n[1]];
                if !opacity.contains(q[0], q[1]) {
                    return None;
                }
                let i = q[1].round() as usize * opacity.width + q[0].round() as usize;
                (scalp[i] && open(q) > 0.8).then(|| opacity.sample(q[0], q[1]).clamp(-0.3, 1.2))
            };
            (-half..=half).map(value).collect()
        })
        .collect();
    let at = |k: usize, i: i32| -> Option<f32> {
        usize::try_from(i + half).ok().and_then(|i| sections[k].get(i).copied().flatten())
    };
    let mut best: Option<(f32, Vec<i32>, f32)> = None;
    let mut width = NARROWEST_PX;
    while width <= widest_px {
        let index = |px: f32| (px / ACROSS_PX).round() as i32;
        let (inner, outer) = (index(0.35 * width), index(0.5 * width + 2.4_f32.max(0.3 * width)));
        let score = |k: usize, i: i32| {
            let mean = |places: &[i32]| {
                let known: Vec<f32> = places.iter().filter_map(|&j| at(k, i + j)).collect();
                (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32)
            };
            // Opacity is 0 on skin, so that no side in sight is no loss of meaning.
            mean(&[-inner, 0, inner]).map_or(0.0, |middle| middle - mean(&[-outer, outer]).unwrap_or(0.0))
        };
        let (total, path) = smoothest(course.len(), steps, &score);
        // Two hairs side by side are darker over a greater width than either; a hair twice as wide as usual is seldom one.
        let beyond = (libm::logf(width / usual_px) / LOG_WIDTH_SD).max(0.0);
        let strength = total / course.len() as f32 * width.sqrt() * libm::expf(-0.5 * beyond * beyond);
        if best.as_ref().is_none_or(|(most, ..)| strength > *most) {
            best = Some((strength, path, width));
        }
        width *= WIDTH_FACTOR;
    }
    let Some((_, path, width)) = best else { return (course.to_vec(), NARROWEST_PX) };
    let axis: Vec<[f32; 2]> = (0..course.len())
        .map(|k| {
            let around = k.saturating_sub(3)..=(k + 3).min(course.len() - 1);
            let n = around.clone().count() as f32;
            let t = around.map(|j| path[j] as f32).sum::<f32>() / n * ACROSS_PX;
            [course[k][0] + t * normals[k][0], course[k][1] + t * normals[k][1]]
        })
        .collect();
    (axis, width)
}

/// What a point as far off as a hand can be costs, in opacity, growing by the square of the distance; and what a step across
/// costs.
const OFF_COST: f32 = 0.15;
const BEND_COST: f32 = 0.05;
/// Standard deviation of the logarithm of the widths of one head's hair.
const LOG_WIDTH_SD: f32 = 0.5;

/// The path of the largest score that moves by at most one step across from point to point, by dynamic programming.
fn smoothest(points: usize, steps: i32, score: &impl Fn(usize, i32) -> f32) -> (f32, Vec<i32>) {
    let places = (2 * steps + 1) as usize;
    let of = |k: usize, j: usize| {
        let i = j as i32 - steps;
        let off = i as f32 / steps as f32;
        score(k, i) - OFF_COST * off * off
    };
    let mut sums: Vec<f32> = (0..places).map(|j| of(0, j)).collect();
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(points);
    for k in 1..points {
        let mut next = Vec::with_capacity(places);
        let mut came = Vec::with_capacity(places);
        for j in 0..places {
            let mut best = (sums[j], j);
            for i in [j.wrapping_sub(1), j + 1] {
                if let Some(sum) = sums.get(i).map(|sum| sum - BEND_COST).filter(|sum| *sum > best.0) {
                    best = (sum, i);
                }
            }
            next.push(best.0 + of(k, j));
            came.push(best.1);
        }
        sums = next;
        from.push(came);
    }
    let mut place = (0..places).fold(0, |best, j| if sums[j] > sums[best] { j } else { best });
    let total = sums[place];
    let mut path = vec![place as i32 - steps];
    for came in from.iter().rev() {
        place = came[place];
        path.push(place as i32 - steps);
    }
    path.reverse();
    (total, path)
}
