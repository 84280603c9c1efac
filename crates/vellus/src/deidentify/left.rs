//! What looks like a caption and was not filled: somebody has to look at it.

use super::ground::is_vivid;
use super::{BoxPx, REACH_PX, RIM_PX, united};
use crate::photo::Pixels;
use crate::scale::Seen;

/// Longest piece of an edge that a filled box need not explain, px: less than two letters.
const UNEXPLAINED_PX: usize = 12;
/// Longest such piece of a circle, px: of one of 700 px, as wide as a photo, the part within a pixel of its tangent.
const ARC_PX: usize = 64;
/// Half the thickness of a scale bar, and an edge beside it, px.
const BAR_PX: f64 = 8.0;
/// Text beside an edge lies within this many px of it: the height of a large letter.
const BESIDE_PX: usize = 32;
/// Print within this many of its heights before and behind the label of a scale bar is the label itself: lines are given with
/// two on each side, and a letter is less than one.
const LABEL_REACH: usize = 3;
/// Lines drawn over the photo are at most this thick, px.
const LINE_PX: usize = 4;

/// Whether an edge is of a line in a vivid colour and too short for a box: where a circle or an arrow runs along the rows.
pub(super) fn is_vivid_line(pixels: &Pixels, [width, height]: [usize; 2], edge: &BoxPx) -> bool {
    let byte = |index: usize| pixels.bytes(index);
    let lying = edge[2] - edge[0] >= edge[3] - edge[1];
    let (from, to) = if lying { (edge[0], edge[2]) } else { (edge[1], edge[3]) };
    let vivid = |k: usize| {
        (0..=2 * RIM_PX + 1).any(|across| {
            let (x, y) = if lying { (k, edge[1] + across) } else { (edge[0] + across, k) };
            let (x, y) = if lying { (x, y.saturating_sub(RIM_PX)) } else { (x.saturating_sub(RIM_PX), y) };
            x < width && y < height && is_vivid(byte(y * width + x))
        })
    };
    to - from < ARC_PX && 2 * (from..=to).filter(|&k| vivid(k)).count() > to - from + 1
}

/// Whether an edge is one of a scale bar, its arm or its label, which were read and hold a length alone.
pub(super) fn is_of_scale(edge: &BoxPx, seen: &Seen) -> bool {
    let within = |b: [f64; 4], by: f64| {
        edge[0] as f64 >= b[0] - by
            && edge[1] as f64 >= b[1] - by
            && edge[2] as f64 <= b[2] + by
            && edge[3] as f64 <= b[3] + by
    };
    seen.marks.iter().zip(&seen.label_boxes).any(|(mark, label)| {
        let ([ax, ay], [bx, by]) = (mark.from_px, mark.to_px);
        let bar = [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)];
        let label_height = (label[3] - label[1]) as f64;
        // An arm stands across the bar at one of its ends.
        let length = (bx - ax).abs().max((by - ay).abs());
        let arm = [mark.from_px, mark.to_px].into_iter().any(|[x, y]| {
            let (standing, lying) = ([x, y - length, x, y + length], [x - length, y, x + length, y]);
            let (across, down) = (edge[2] - edge[0], edge[3] - edge[1]);
            (across <= LINE_PX && within(standing, BAR_PX)) || (down <= LINE_PX && within(lying, BAR_PX))
        });
        arm || within(bar, BAR_PX) || within(label.map(|side| side as f64), label_height)
    })
}

/// Whether a line of print is the label of a scale bar that was read: what is printed beside it would make the line longer.
pub(super) fn is_label(line: &BoxPx, seen: &Seen) -> bool {
    seen.label_boxes.iter().any(|&[x0, y0, x1, y1]| {
        let high = y1 - y0 + 1;
        let (left, top) = (x0.saturating_sub(LABEL_REACH * high), y0.saturating_sub(high));
        line[0] >= left && line[1] >= top && line[2] <= x1 + LABEL_REACH * high && line[3] <= y1 + high
    })
}

/// An edge or a line with what may be written beside it: the rectangle that is named is given to be blanked. Others as they are.
pub(super) fn with_surroundings([x0, y0, x1, y1]: BoxPx, [width, height]: [usize; 2]) -> BoxPx {
    if (x1 - x0).min(y1 - y0) > 2 * LINE_PX {
        return [x0, y0, x1, y1];
    }
    [
        x0.saturating_sub(BESIDE_PX),
        y0.saturating_sub(BESIDE_PX),
        (x1 + BESIDE_PX).min(width - 1),
        (y1 + BESIDE_PX).min(height - 1),
    ]
}

/// What is neither filled nor explained by what is.
pub(super) fn left(boxes: &[BoxPx], edges: &[BoxPx], mut unsure: Vec<BoxPx>, filled: &[BoxPx]) -> Vec<BoxPx> {
    let within = is_within;
    unsure.retain(|found| !filled.iter().any(|filled| within(found, filled)));
    // One edge may bound several boxes that lie in a row.
    let covered = |edge: &BoxPx| {
        let near = |x: usize, y: usize| filled.iter().any(|b| within(&[x, y, x, y], b));
        let places = (edge[1]..=edge[3]).flat_map(|y| (edge[0]..=edge[2]).map(move |x| (x, y)));
        // Two rows or columns.
        places.filter(|&(x, y)| !near(x, y)).count() <= 2 * UNEXPLAINED_PX
    };
    let open: Vec<BoxPx> = edges.iter().filter(|edge| !covered(edge)).copied().collect();
    let mut named: Vec<BoxPx> = boxes
        .iter()
        .filter(|found| open.iter().any(|edge| within(edge, found)))
        .filter(|found| !filled.iter().any(|filled| within(found, filled)))
        .filter(|found| (found[2] - found[0]).min(found[3] - found[1]) > LINE_PX)
        .copied()
        .collect();
    // The two sides of a line, such as a scale bar, hold no text.
    let is_line = |edge: &BoxPx| {
        open.iter().any(|other| {
            let apart = if edge[2] - edge[0] > edge[3] - edge[1] {
                edge[1].abs_diff(other[1])
            } else {
                edge[0].abs_diff(other[0])
            };
            (1..=LINE_PX).contains(&apart) && within(edge, other)
        })
    };
    let lone: Vec<BoxPx> = open
        .iter()
        .filter(|edge| !is_line(edge) && !named.iter().any(|found| within(edge, found)))
        .copied()
        .collect();
    named.extend(lone);
    named.extend(unsure);
    united(named.into_iter().map(|found| (found, None)).collect())
        .into_iter()
        .map(|(found, _)| found)
        .collect()
}

/// Whether a box is another one, or lies in it, to within some pixels.
pub(super) fn is_within(a: &BoxPx, b: &BoxPx) -> bool {
    a[0] + REACH_PX >= b[0] && a[1] + REACH_PX >= b[1] && a[2] <= b[2] + REACH_PX && a[3] <= b[3] + REACH_PX
}

/// Whether two boxes have a pixel in common.
pub(crate) fn overlap(a: &BoxPx, b: &BoxPx) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}
