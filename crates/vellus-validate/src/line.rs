//! Polylines, px.

/// A point, px.
pub type Point = [f64; 2];

/// Distance of two points, px.
pub fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Length, px.
pub fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// Points every `step` px along a line, both ends included (the last step is shorter).
pub fn resampled(line: &[Point], step: f64) -> Vec<Point> {
    let mut points: Vec<Point> = line.first().copied().into_iter().collect();
    let mut left = step;
    for pair in line.windows(2) {
        let piece = distance(pair[0], pair[1]);
        let mut at = left;
        while at < piece {
            let f = at / piece;
            points.push([0, 1].map(|axis| pair[0][axis] + f * (pair[1][axis] - pair[0][axis])));
            at += step;
        }
        left = at - piece;
    }
    if let Some(&last) = line.last().filter(|_| line.len() > 1) {
        points.push(last);
    }
    points
}

/// Distance from a point to a line, px; infinite to a line without points.
pub fn distance_to(p: Point, line: &[Point]) -> f64 {
    let alone = line.first().map_or(f64::INFINITY, |&q| distance(p, q));
    line.windows(2)
        .map(|pair| {
            let [a, b] = [pair[0], pair[1]];
            let along = [b[0] - a[0], b[1] - a[1]];
            let square = along[0] * along[0] + along[1] * along[1];
            let f = ((p[0] - a[0]) * along[0] + (p[1] - a[1]) * along[1]) / square.max(1e-12);
            let f = f.clamp(0.0, 1.0);
            distance(p, [a[0] + f * along[0], a[1] + f * along[1]])
        })
        .fold(alone, f64::min)
}

/// Share of `points` that lie within `reach` px of a line, 0 to 1.
pub fn share_within(points: &[Point], line: &[Point], reach: f64) -> f64 {
    if points.is_empty() {
        return 0.0;
    }
    points.iter().filter(|&&p| distance_to(p, line) <= reach).count() as f64 / points.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resampling_keeps_ends_and_spacing() {
        let points = resampled(&[[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]], 2.0);
        assert_eq!(points, [[0.0, 0.0], [2.0, 0.0], [3.0, 1.0], [3.0, 3.0], [3.0, 4.0]]);
    }

    #[test]
    fn distance_to_a_line_is_to_its_nearest_point() {
        let line = [[0.0, 0.0], [10.0, 0.0]];
        assert_eq!(distance_to([5.0, 2.0], &line), 2.0);
        assert_eq!(distance_to([13.0, 4.0], &line), 5.0);
        assert_eq!(distance_to([1.0, 1.0], &[]), f64::INFINITY);
    }
}
