//! Areas that a reader marked as not scalp: outlines drawn by hand, which may cross themselves or go round twice. What an
//! outline goes round at all is inside (non-zero winding), so that a second lap takes nothing back.

use crate::hair::PointPx;

/// Whether a point lies inside.
pub(super) fn holds(corners: &[PointPx], [x, y]: PointPx) -> bool {
    crossings(corners, y).iter().filter(|(at, _)| *at > x).map(|(_, turn)| turn).sum::<i32>() != 0
}

/// Takes areas out of the scalp, row by row.
pub(crate) fn mask(scalp: &mut [bool], width: usize, areas: &[Vec<PointPx>]) {
    let height = scalp.len() / width.max(1);
    if height == 0 {
        return;
    }
    for corners in areas {
        let (low, high) = corners.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p[1]), b.max(p[1])));
        for y in low.ceil().max(0.0) as usize..=(high.floor().max(0.0) as usize).min(height - 1) {
            let mut turns = 0;
            for pair in crossings(corners, y as f64).windows(2) {
                turns += pair[0].1;
                if turns != 0 {
                    let [from, to] = [pair[0].0, pair[1].0].map(|x| (x.ceil().max(0.0) as usize).min(width));
                    scalp[y * width + from..y * width + to].iter_mut().for_each(|flag| *flag = false);
                }
            }
        }
    }
}

/// Where an outline crosses a row, from left to right, and whether it goes down (+1) or up (−1) there.
fn crossings(corners: &[PointPx], y: f64) -> Vec<(f64, i32)> {
    let mut crossings = Vec::new();
    let mut previous = corners[corners.len() - 1];
    for &corner in corners {
        let ([x0, y0], [x1, y1]) = (previous, corner);
        if (y0 > y) != (y1 > y) {
            crossings.push((x0 + (y - y0) * (x1 - x0) / (y1 - y0), if y1 > y0 { 1 } else { -1 }));
        }
        previous = corner;
    }
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    crossings
}

#[cfg(test)]
#[path = "area_tests.rs"]
mod tests;
