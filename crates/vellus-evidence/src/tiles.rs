//! Large photos, piece by piece.
//!
//! A tile is worked on with a margin as wide as the network reaches, which is thrown away: what is left is the same, bit
//! by bit, as if the photo had been worked on at once.

use crate::convolve::Maps;
use crate::grid::Grid;
use crate::network::{INPUTS, Network};
use crate::planes::OUTPUTS;

/// Longest side of what is worked on at once, margins included, folded px (2 × 2 of the planes). A photo of 1280 × 1024 at 5.5 µm fits
/// as a whole; 640 × 640 px take some 200 MB.
pub(crate) const MOST_PX: usize = 640;

/// A stretch of one side: what is worked on, and what of it is kept, folded px.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: usize,
    to: usize,
    keep: [usize; 2],
}

/// The raw outputs for a whole photo, worked on in pieces of at most `most` folded px, which is more than twice the reach.
pub(crate) fn raw(network: &Network, grid: &Grid, most: usize) -> Maps {
    let (width, height) = (grid.width.div_ceil(2), grid.height.div_ceil(2));
    let mut raw = Maps::zeros(OUTPUTS, grid.width, grid.height);
    let [columns, rows] =
        [width, height].map(|side| stretches(side, network.multiple(), network.reach(), most));
    for y in &rows {
        for x in &columns {
            let input = grid.densities([x.from, y.from], [x.to - x.from, y.to - y.from], INPUTS);
            let part = network.run(input);
            let right = (2 * x.keep[1]).min(grid.width);
            for row in 2 * y.keep[0]..(2 * y.keep[1]).min(grid.height) {
                for channel in 0..OUTPUTS {
                    let source =
                        &part.row(row - 2 * y.from, channel)[2 * (x.keep[0] - x.from)..right - 2 * x.from];
                    let at = (row * OUTPUTS + channel) * grid.width + 2 * x.keep[0];
                    raw.data[at..][..source.len()].copy_from_slice(source);
                }
            }
        }
    }
    raw
}

/// Cuts a side into stretches of at most `most` px whose bounds are multiples of `multiple`.
fn stretches(side: usize, multiple: usize, reach: usize, most: usize) -> Vec<Stretch> {
    let whole = side.next_multiple_of(multiple);
    if whole <= most {
        return vec![Stretch { from: 0, to: whole, keep: [0, side] }];
    }
    let core = (most - 2 * reach) / multiple * multiple;
    // Pieces of equal size, so that the last one is no sliver.
    let pieces = side.div_ceil(core);
    let core = side.div_ceil(pieces).next_multiple_of(multiple);
    (0..side)
        .step_by(core)
        .map(|from| Stretch {
            from: from.saturating_sub(reach),
            to: (from + core + reach).min(whole),
            keep: [from, (from + core).min(side)],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_cover_a_side_once() {
        for side in [1, 15, 16, 639, 640, 641, 1000, 5000] {
            let stretches = stretches(side, 16, 96, 640);
            let mut at = 0;
            for s in &stretches {
                assert_eq!(s.keep[0], at);
                assert!(s.to - s.from <= 640 && s.from % 16 == 0 && s.to % 16 == 0);
                assert!(s.from == 0 || s.keep[0] - s.from >= 96);
                assert!(s.to >= side || s.to - s.keep[1] >= 96);
                at = s.keep[1];
            }
            assert_eq!(at, side);
        }
    }
}
