//! Lines of hairs as SVG path data.

use std::fmt::Write;

/// A point of the photo, px.
pub type Point = [f64; 2];

/// How far a course may be off after points were left out, px: a third of a screen pixel at twice the size.
const TOLERANCE_PX: f64 = 0.15;

/// The course with the points that matter (Douglas and Peucker, doi:10.3138/FM57-6770-U75U-7727). Both ends stay.
pub fn simplified(course: &[Point]) -> Vec<Point> {
    let (Some(&first), Some(&last)) = (course.first(), course.last()) else { return Vec::new() };
    let farthest = course
        .iter()
        .enumerate()
        .skip(1)
        .take(course.len().saturating_sub(2))
        .map(|(i, &point)| (i, distance(point, first, last)))
        .fold(None, |best: Option<(usize, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
    match farthest {
        Some((i, off)) if off > TOLERANCE_PX => {
            let mut left = simplified(&course[..=i]);
            left.pop();
            left.extend(simplified(&course[i..]));
            left
        }
        _ => vec![first, last],
    }
}

/// Distance of a point from a stretch, px.
fn distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 { (((x - ax) * dx + (y - ay) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    (x - ax - t * dx).hypot(y - ay - t * dy)
}

/// The closed outline of a shaft: along one side and back along the other, `half` away from its axis.
pub fn outline(axis: &[Point], half: f64) -> Vec<Point> {
    let normal = |i: usize| {
        let (before, after) = (axis[i.saturating_sub(1)], axis[(i + 1).min(axis.len() - 1)]);
        let (dx, dy) = (after[0] - before[0], after[1] - before[1]);
        let length = dx.hypot(dy).max(1e-9);
        [-dy / length, dx / length]
    };
    let side = |sign: f64| {
        (0..axis.len()).map(move |i| {
            let [nx, ny] = normal(i);
            [axis[i][0] + sign * half * nx, axis[i][1] + sign * half * ny]
        })
    };
    let mut points: Vec<Point> = side(1.0).collect();
    let mut back: Vec<Point> = side(-1.0).collect();
    back.reverse();
    points.extend(back);
    points
}

/// `M1 2L3 4Z`.
pub fn path(points: &[Point], closed: bool) -> String {
    let mut text = String::new();
    for (i, [x, y]) in points.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(text, "{}{} {}", if i == 0 { "M" } else { "L" }, tenth(*x), tenth(*y));
    }
    if closed && !points.is_empty() {
        text.push('Z');
    }
    text
}

/// With one decimal, if it needs one.
pub fn tenth(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
