//! Joins the pieces of one shaft.
//!
//! [`Ribbon`]s → fewer [`Ribbon`]s. Two pieces that end towards each other, in one line and equally wide, with nothing but
//! a dark shaft or a speck between them, are one shaft that runs under it: hairs do not end where another begins.

use crate::ribbon::Ribbon;

/// Longest stretch under dark shafts that pieces are joined over, px: a shaft of 20 px crossed at 10°.
const MAX_HIDDEN_PX: f32 = 120.0;
/// Longest open stretch that pieces are joined over, px: a speck of glare or a flake of 50 µm.
const MAX_OPEN_PX: f32 = 10.0;
/// Least share of the stretch between two pieces that dark shafts hide.
const MIN_HIDDEN: f32 = 0.6;
/// Largest angle between each piece and the line that joins them, cosine of 15°.
const SAME_COURSE: f32 = 0.966;
/// Largest ratio of the widths of two pieces of one shaft.
const SAME_WIDTH: f32 = 1.8;

/// Joins pieces that continue each other, best first; `open` is `false` where a settled shaft lies, in rows of `width`.
pub fn join(pieces: &mut Vec<Ribbon>, open: &[bool], width: usize) {
    loop {
        let mut best: Option<(f32, usize, usize, [bool; 2])> = None;
        for i in 0..pieces.len() {
            for j in 0..i {
                for ends in [[false, false], [false, true], [true, false], [true, true]] {
                    if let Some(cost) = gap(&pieces[i], &pieces[j], ends, open, width)
                        && best.is_none_or(|(least, ..)| cost < least)
                    {
                        best = Some((cost, i, j, ends));
                    }
                }
            }
        }
        let Some((_, i, j, [last_i, last_j])) = best else { return };
        let (mut a, mut b) = (pieces[i].clone(), pieces[j].clone());
        if !last_i {
            a.reverse();
        }
        if last_j {
            b.reverse();
        }
        a.append(b);
        pieces[j] = a;
        pieces.remove(i);
    }
}

/// What joining two ends costs, px; `None` if they do not continue each other. An end is the last point of a piece, or
/// its first.
fn gap(a: &Ribbon, b: &Ribbon, last: [bool; 2], open: &[bool], width: usize) -> Option<f32> {
    let (p, u) = a.end(last[0]);
    let (q, v) = b.end(last[1]);
    let (dx, dy) = (q[0] - p[0], q[1] - p[1]);
    let distance = libm::hypotf(dx, dy);
    let ratio = a.mean_width_px() / b.mean_width_px();
    if !(1.0..=MAX_HIDDEN_PX).contains(&distance) || !(1.0 / SAME_WIDTH..=SAME_WIDTH).contains(&ratio) {
        return None;
    }
    let along_a = (u[0] * dx + u[1] * dy) / distance;
    let along_b = -(v[0] * dx + v[1] * dy) / distance;
    if along_a < SAME_COURSE || along_b < SAME_COURSE {
        return None;
    }
    let cost = distance * (3.0 - along_a - along_b);
    if distance < MAX_OPEN_PX {
        return Some(cost);
    }
    let steps = distance.ceil() as usize;
    let hidden = (0..=steps)
        .filter(|&k| {
            let f = k as f32 / steps as f32;
            let (x, y) = ((p[0] + f * dx).round() as usize, (p[1] + f * dy).round() as usize);
            !open[y * width + x]
        })
        .count();
    (hidden as f32 >= MIN_HIDDEN * (steps + 1) as f32).then_some(cost)
}
