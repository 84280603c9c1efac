//! Selection: the few proposals that together explain the photo.
//!
//! [`Ribbon`]s → indices of those kept, with the area that each explains.
//!
//! With M the opacity that the ribbons laid so far predict (the largest `level × share` over each pixel), a further
//! ribbon of level a gains, per pixel, `(min(O, a) − M)² − (min(O, a) − max(M, a·share))²`, over a²: one for a dark
//! pixel that it is the first to cover, minus one for bare skin that it covers. The sum is an area, px². A ribbon is
//! kept if it gains more than it costs to write down; the best one goes first, and the rest is measured anew
//! (minimum description length, greedily: gains only fall as others are laid, so stale ones can be checked lazily).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::plane::Plane;
use crate::ribbon::Ribbon;

/// A ribbon that is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chosen {
    /// Which ribbon.
    pub index: usize,
    /// Area that it alone explained when it was laid, as a share of its own area.
    pub own_share: f32,
}

/// Least area to gain, in widths squared: a piece as long as its width could be anything.
const MIN_GAIN_WIDTHS: f32 = 1.0;
/// Least share of a ribbon's own area to gain.
const MIN_OWN_SHARE: f32 = 0.3;

#[derive(Debug, PartialEq)]
struct Offer {
    score: f32,
    index: usize,
}

impl Eq for Offer {}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.index.cmp(&self.index))
    }
}

/// What a ribbon would gain over the opacity that is explained already, px².
pub fn gain(ribbon: &Ribbon, opacity: &Plane, explained: &[f32]) -> f32 {
    let a = ribbon.level;
    let sum: f32 = ribbon
        .cover
        .iter()
        .map(|cover| {
            let i = cover.pixel as usize;
            let before = explained[i];
            let after = before.max(a * cover.share);
            let seen = opacity.data[i].min(a).max(0.0);
            (seen - before.min(a)).powi(2) - (seen - after.min(a)).powi(2)
        })
        .sum();
    sum / (a * a)
}

/// Lays a ribbon over the explained opacity.
pub fn lay(ribbon: &Ribbon, explained: &mut [f32]) {
    for cover in &ribbon.cover {
        let value = &mut explained[cover.pixel as usize];
        *value = value.max(ribbon.level * cover.share);
    }
}

/// Most pixels whose covers are held for the proposals: 64 MB. Of a larger photo's they are computed again when asked for.
const MOST_HELD: usize = 8_000_000;
/// Proposals that are laid at a time.
const AT_A_TIME: usize = 256;

/// Lays ribbons over the opacity, and gives the ones that explain it, best first; those are laid in the end, others may not be.
pub fn select(ribbons: &mut [Ribbon], opacity: &Plane) -> Vec<Chosen> {
    select_holding(MOST_HELD, ribbons, opacity)
}

fn select_holding(most: usize, ribbons: &mut [Ribbon], opacity: &Plane) -> Vec<Chosen> {
    let mut explained = vec![0.0; opacity.data.len()];
    let quality: Vec<f32> = ribbons.iter().map(|r| r.edges_seen().powi(2)).collect();
    let mut queue = BinaryHeap::with_capacity(ribbons.len());
    let (mut held, mut holds) = (0, Vec::with_capacity(ribbons.len()));
    for (from, part) in (0..).step_by(AT_A_TIME).zip(ribbons.chunks_mut(AT_A_TIME)) {
        let hold = held < most;
        let gains: Vec<(f32, bool)> = part
            .par_iter_mut()
            .map(|ribbon| {
                // One that was cut at the frame does not lie the same again.
                let is_held = hold || !ribbon.is_inside(opacity.width, opacity.height);
                ribbon.lay(opacity.width, opacity.height);
                let gained = gain(ribbon, opacity, &explained);
                if !is_held {
                    ribbon.cover = Vec::new();
                }
                (gained, is_held)
            })
            .collect();
        held += part.iter().map(|ribbon| ribbon.cover.len()).sum::<usize>();
        for (index, (gained, is_held)) in (from..).zip(gains) {
            holds.push(is_held);
            queue.push(Offer { score: quality[index] * gained, index });
        }
    }
    let mut chosen = Vec::new();
    while let Some(offer) = queue.pop() {
        let ribbon = &mut ribbons[offer.index];
        let is_held = holds[offer.index];
        if !is_held {
            ribbon.lay(opacity.width, opacity.height);
        }
        let gained = gain(ribbon, opacity, &explained);
        let area = ribbon.area_px().max(1.0);
        let width = ribbon.mean_width_px();
        let is_worth = gained >= MIN_GAIN_WIDTHS * width * width && gained >= MIN_OWN_SHARE * area;
        let score = quality[offer.index] * gained;
        let waits = is_worth && queue.peek().is_some_and(|next| next.score > score);
        if is_worth && !waits {
            lay(ribbon, &mut explained);
            chosen.push(Chosen { index: offer.index, own_share: gained / area });
        } else if !is_held || !waits {
            ribbon.cover = Vec::new();
        }
        if waits {
            queue.push(Offer { score, index: offer.index });
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::TrackEnd;

    /// Shafts side by side, each proposed too wide, too short and shifted as well; the last one leaves the frame.
    fn proposals() -> Vec<Ribbon> {
        let proposal = |k: usize, shift: f32, width_px: f32, length: f32| {
            let y = 8.0 + 12.0 * k as f32 + shift;
            let axis: Vec<[f32; 2]> = (0..=10).map(|i| [10.0 + i as f32 * length / 10.0, y]).collect();
            let n = axis.len();
            let (width_px, edges) = (vec![width_px; n], vec![[true; 2]; n]);
            Ribbon { axis, width_px, edges, level: 0.8, ends: [TrackEnd::Open; 2], cover: Vec::new() }
        };
        (0..8)
            .flat_map(|k| {
                let length = if k == 7 { 140.0 } else { 60.0 };
                [(1.0, 9.0, length), (0.0, 5.0, length), (0.0, 5.0, 0.5 * length), (-2.0, 5.0, length)]
                    .map(|(shift, width, length)| proposal(k, shift, width, length))
            })
            .collect()
    }

    #[test]
    fn what_is_not_held_is_laid_again_and_chosen_alike() {
        let mut opacity = Plane::filled(120, 110, 0.0);
        for mut shaft in proposals().into_iter().skip(1).step_by(4) {
            shaft.lay(120, 110);
            shaft.cover.iter().for_each(|cover| opacity.data[cover.pixel as usize] = 0.8 * cover.share);
        }
        let [held, not_held] = [usize::MAX, 0].map(|most| {
            let mut ribbons = proposals();
            let chosen = select_holding(most, &mut ribbons, &opacity);
            let covers: Vec<_> = chosen.iter().map(|c| ribbons[c.index].cover.clone()).collect();
            (chosen, covers)
        });
        assert_eq!(held, not_held);
        let mut indices: Vec<usize> = held.0.iter().map(|c| c.index).collect();
        indices.sort_unstable();
        assert_eq!(indices, (0..8).map(|k| 4 * k + 1).collect::<Vec<_>>(), "those that were drawn");
        assert!(held.1.iter().all(|cover| !cover.is_empty()));
    }
}
