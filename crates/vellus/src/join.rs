//! Joins the pieces of one shaft.
//!
//! [`Ribbon`]s → fewer [`Ribbon`]s. Two pieces that end towards each other, in one line and equally wide, with nothing but
//! a dark shaft or a speck between them, are one shaft that runs under it: hairs do not end where another begins.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::evidence::weights::STRAIGHT;
use crate::ribbon::Ribbon;

/// Longest stretch under dark shafts that pieces are joined over, px: a shaft of 20 px crossed at 10°.
const MAX_HIDDEN_PX: f32 = 120.0;
/// Longest open stretch that pieces are joined over, px: a speck of glare or a flake of 50 µm.
const MAX_OPEN_PX: f32 = 10.0;
/// Least share of the stretch between two pieces that dark shafts hide.
const MIN_HIDDEN: f32 = 0.6;
/// Largest angle between each piece and the line that joins them, cosine of 15°.
const SAME_COURSE: f32 = 0.966;
/// The same between two ends that lie on each other, cosine of 20°: the direction of an end is read over some way, so that on a
/// curl both lag behind.
const SAME_CURL: f32 = 0.94;
/// Largest ratio of the widths of two pieces of one shaft.
const SAME_WIDTH: f32 = 1.8;

/// Joins pieces that continue each other, best first; `open` is `false` where a settled shaft lies, in rows of `width`.
///
/// Only ends that lie within reach of each other are compared, and a join only changes what can be joined to its two far
/// ends, so that the time grows with the number of pieces as n log n.
pub fn join(pieces: &mut Vec<Ribbon>, open: &[bool], width: usize) {
    let mut slots: Vec<Option<Ribbon>> = std::mem::take(pieces).into_iter().map(Some).collect();
    let mut ends = Ends::default();
    let mut offers = BinaryHeap::new();
    let mut changed = vec![0_u32; slots.len()];
    for i in 0..slots.len() {
        offer(i, &slots, &changed, &ends, &mut offers, (open, width));
        if let Some(piece) = &slots[i] {
            ends.add(i, piece);
        }
    }
    while let Some(Offer { later, earlier, last, versions, .. }) = offers.pop() {
        if versions != [changed[later], changed[earlier]] {
            continue;
        }
        let (Some(mut a), Some(mut b)) = (slots[later].take(), slots[earlier].take()) else { continue };
        ends.remove(later, &a);
        ends.remove(earlier, &b);
        if !last[0] {
            a.reverse();
        }
        if last[1] {
            b.reverse();
        }
        let (end, course) = a.end(true);
        b.drop_behind(end, course);
        a.append(b);
        changed[later] += 1;
        changed[earlier] += 1;
        slots[earlier] = Some(a);
        offer(earlier, &slots, &changed, &ends, &mut offers, (open, width));
        if let Some(piece) = &slots[earlier] {
            ends.add(earlier, piece);
        }
    }
    *pieces = slots.into_iter().flatten().collect();
}

/// Two ends that may be joined.
struct Offer {
    cost: f32,
    /// The piece that stands later in the list, and the earlier one, whose place the joined one takes.
    later: usize,
    earlier: usize,
    /// Which ends meet: the last point or the first, of the later and of the earlier piece.
    last: [bool; 2],
    /// How often each had been joined when the offer was made: an older offer is void.
    versions: [u32; 2],
}

impl Offer {
    /// Cheapest first, then the order of the list.
    fn key(&self) -> (f32, usize, usize, [bool; 2]) {
        (self.cost, self.later, self.earlier, self.last)
    }
}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.key(), other.key());
        b.0.total_cmp(&a.0).then((b.1, b.2, b.3).cmp(&(a.1, a.2, a.3)))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Offer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Offer {}

/// The first and last points of pieces, by cells as wide as the longest gap.
#[derive(Default)]
struct Ends {
    cells: BTreeMap<(i32, i32), Vec<(usize, bool)>>,
}

impl Ends {
    fn cell(at: [f32; 2]) -> (i32, i32) {
        ((at[0] / MAX_HIDDEN_PX).floor() as i32, (at[1] / MAX_HIDDEN_PX).floor() as i32)
    }

    fn add(&mut self, index: usize, piece: &Ribbon) {
        for last in [false, true] {
            self.cells.entry(Self::cell(piece.end(last).0)).or_default().push((index, last));
        }
    }

    fn remove(&mut self, index: usize, piece: &Ribbon) {
        for last in [false, true] {
            if let Some(cell) = self.cells.get_mut(&Self::cell(piece.end(last).0)) {
                cell.retain(|&(i, _)| i != index);
            }
        }
    }

    /// The ends in the cells around a point.
    fn around(&self, at: [f32; 2]) -> impl Iterator<Item = (usize, bool)> {
        let (x, y) = Self::cell(at);
        (y - 1..=y + 1)
            .flat_map(move |y| (x - 1..=x + 1).map(move |x| (x, y)))
            .filter_map(|cell| self.cells.get(&cell))
            .flatten()
            .copied()
    }
}

/// Offers to join one piece with every other whose ends are held in `ends`.
fn offer(
    index: usize,
    slots: &[Option<Ribbon>],
    changed: &[u32],
    ends: &Ends,
    offers: &mut BinaryHeap<Offer>,
    (open, width): (&[bool], usize),
) {
    let Some(piece) = &slots[index] else { return };
    for here in [false, true] {
        for (other, there) in ends.around(piece.end(here).0) {
            let Some(another) = slots[other].as_ref().filter(|_| other != index) else { continue };
            let (later, earlier) = (index.max(other), index.min(other));
            let (a, b, last) =
                if index > other { (piece, another, [here, there]) } else { (another, piece, [there, here]) };
            if let Some(cost) = gap(a, b, last, open, width) {
                offers.push(Offer {
                    cost,
                    later,
                    earlier,
                    last,
                    versions: [changed[later], changed[earlier]],
                });
            }
        }
    }
}

/// What joining two ends costs, px; `None` if they do not continue each other. An end is the last point of a piece, or
/// its first.
fn gap(a: &Ribbon, b: &Ribbon, last: [bool; 2], open: &[bool], width: usize) -> Option<f32> {
    let (p, u) = a.end(last[0]);
    let (q, v) = b.end(last[1]);
    let (dx, dy) = (q[0] - p[0], q[1] - p[1]);
    let distance = libm::hypotf(dx, dy);
    // More than half a circle may be the rim of a bubble, unless each piece bends less than that: then it is a curl.
    let (far_a, far_b) = (a.end(!last[0]).0, b.end(!last[1]).0);
    let is_round = |from: [f32; 2], to: [f32; 2], length_px: f32| {
        libm::hypotf(to[0] - from[0], to[1] - from[1]) < STRAIGHT * length_px
    };
    let whole_px = a.length_px() + distance + b.length_px();
    if is_round(far_a, far_b, whole_px)
        && (is_round(far_a, p, a.length_px()) || is_round(far_b, q, b.length_px()))
    {
        return None;
    }
    let ratio = a.mean_width_px() / b.mean_width_px();
    let same_width = (1.0 / SAME_WIDTH..=SAME_WIDTH).contains(&ratio);
    // One was followed a little into the other: their ends lie on each other and look opposite ways.
    let aside = (dx * u[1] - dy * u[0]).abs();
    let opposed = -(u[0] * v[0] + u[1] * v[1]) >= SAME_CURL;
    let width_px = 0.5 * (a.mean_width_px() + b.mean_width_px());
    if distance < width_px && aside < 0.5 * width_px && opposed && same_width {
        return Some(distance);
    }
    if !(1.0..=MAX_HIDDEN_PX).contains(&distance) || !same_width {
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
            open.get(y * width + x.min(width - 1)).is_some_and(|open| !open)
        })
        .count();
    (hidden as f32 >= MIN_HIDDEN * (steps + 1) as f32).then_some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 400;

    /// A piece of a circle of 100 px, from one angle to another, degrees.
    fn arc(from: f32, to: f32) -> Ribbon {
        let n = ((to - from).abs() / 2.0) as usize;
        let point = |k: usize| {
            let angle = (from + (to - from) * k as f32 / n as f32).to_radians();
            [200.0 + 100.0 * libm::cosf(angle), 200.0 + 100.0 * libm::sinf(angle)]
        };
        Ribbon::over((0..=n).map(point).collect(), 9.0, 0.9, [SIDE, SIDE])
    }

    fn joined(mut pieces: Vec<Ribbon>) -> Vec<Ribbon> {
        join(&mut pieces, &[true; SIDE * SIDE], SIDE);
        pieces
    }

    #[test]
    fn pieces_whose_ends_lie_on_each_other_are_one_shaft() {
        // They overlap by 4°, 7 px.
        for pieces in [[arc(0.0, 70.0), arc(66.0, 130.0)], [arc(70.0, 0.0), arc(66.0, 130.0)]] {
            let whole = joined(pieces.into());
            assert_eq!(whole.len(), 1);
            let axis = &whole[0].axis;
            let angles: Vec<f32> = axis.iter().map(|p| libm::atan2f(p[1] - 200.0, p[0] - 200.0)).collect();
            let rising = angles.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(rising || angles.windows(2).all(|pair| pair[0] > pair[1]), "no step back: {angles:?}");
            assert!((whole[0].length_px() - 227.0).abs() < 3.0);
        }
        // Side by side, and one that goes back, they are two.
        assert_eq!(joined(vec![arc(0.0, 70.0), arc(40.0, 130.0)]).len(), 2);
        assert_eq!(joined(vec![arc(0.0, 70.0), arc(2.0, 68.0)]).len(), 2);
    }

    #[test]
    fn a_curl_is_joined_and_a_rim_is_not() {
        assert_eq!(joined(vec![arc(0.0, 140.0), arc(136.0, 270.0)]).len(), 1);
        assert_eq!(joined(vec![arc(0.0, 230.0), arc(226.0, 300.0)]).len(), 2);
    }
}
