//! Gleam: a streak of shine between the dark edges of a pigmented shaft.
//!
//! Loss of blue + opacity (W × H each) → what the opacity is raised by, pixel by pixel.
//!
//! What a shaft mirrors is white and adds to what its pigment leaves (the dichromatic reflection of Shafer 1985,
//! doi:10.1002/col.5080100409). Pigment takes most of the blue and less of the red, so that a blond or light brown shaft in
//! whose streak the red is back still lacks blue: by its loss of blue it is one bar, by its brightness it is two. Skin
//! between two shafts lacks neither. So a pixel between two dark edges that lacks blue is as opaque as they are by its
//! share of their loss of blue.
//!
//! A photo stores colour at half its resolution, so that between dark hairs that lie close the skin has their colour, too, and
//! would join them. So only photos are asked whose hair is pale throughout: dark hair shows its streaks by the skin's
//! colour ([`crate::shine`]).

use rayon::prelude::*;

use crate::plane::Plane;
use crate::shine::{GRAIN_SIGMA_PX, between, enclosed};

/// Share of its edges' loss of blue from which a pixel is taken for the shaft, and from which on it is certain: an edge lies
/// where half is left, whatever the blur.
const OF_EDGES: [f32; 2] = [0.4, 0.6];
/// Least opacity of the edges: pale shafts have 0.35 and more, what is dark on drawn skin without hair stays below.
const LEAST_EDGE: f32 = 0.3;
/// Opacity of the darkest fiftieth of the scalp, up to which hair is pale and from which on it is not: 0.35 to 0.6 on drawn photos of
/// blond and light brown hair, 0.6 to 0.98 on others, 0.84 to 0.96 on clinic photos.
const PALE: [f32; 2] = [0.65, 0.5];
const DARKEST_SHARE: f32 = 0.02;
/// By how much the share of the blue has to exceed that of the opacity, and by how much for certain: the grain of a usual photo
/// is 0.03, which is 0.08 of the edges of pale hair.
const EXCESS: [f32; 2] = [0.1, 0.2];

/// What the opacity is to be raised by, if by anything; `blue` is the loss of blue, as sharp as the photo has it; `own` are the pixels
/// of the scalp that is measured.
pub(crate) fn gleam(blue: &Plane, opacity: &Plane, own: &[bool]) -> Option<Plane> {
    let pale = between(PALE, darkest(opacity, own)?);
    if pale <= 0.0 {
        return None;
    }
    let blue = blue.gaussian(GRAIN_SIGMA_PX);
    let mut raised = Plane::filled(opacity.width, opacity.height, 0.0);
    raised.data.par_iter_mut().enumerate().for_each(|(i, raised)| {
        let (seen, lost) = (opacity.data[i], blue.data[i]);
        if lost < LEAST_EDGE * OF_EDGES[0] || lost - seen < LEAST_EDGE * EXCESS[0] {
            return;
        }
        let edge = enclosed(opacity, i);
        let blue_edge = enclosed(&blue, i);
        if edge < LEAST_EDGE || blue_edge < LEAST_EDGE {
            return;
        }
        let share = (lost / blue_edge).min(1.0);
        let certain = between(OF_EDGES, share) * between(EXCESS, share - seen / edge);
        // As opaque as its share of the blue, not as its edges: an even plane would have no axis.
        *raised = pale * certain * (share * edge - seen).max(0.0);
    });
    Some(raised)
}

/// Opacity that [`DARKEST_SHARE`] of the scalp exceeds.
fn darkest(opacity: &Plane, own: &[bool]) -> Option<f32> {
    let mut seen: Vec<f32> = (0..own.len()).step_by(5).filter(|&i| own[i]).map(|i| opacity.data[i]).collect();
    let at = (seen.len() as f32 * (1.0 - DARKEST_SHARE)) as usize;
    (at < seen.len()).then(|| *seen.select_nth_unstable_by(at, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of samples across, the same in all rows.
    fn across(samples: &[f32]) -> Plane {
        let mut plane = Plane::filled(samples.len(), 9, 0.0);
        plane.data.chunks_mut(samples.len()).for_each(|row| row.copy_from_slice(samples));
        plane
    }

    fn raised(blue: &Plane, opacity: &Plane) -> Plane {
        let raised = gleam(blue, opacity, &vec![true; opacity.data.len()]);
        raised.unwrap_or_else(|| Plane::filled(opacity.width, opacity.height, 0.0))
    }

    fn middle_row(plane: &Plane) -> &[f32] {
        &plane.data[4 * plane.width..5 * plane.width]
    }

    /// Skin, a dark rim of three px, a streak of four, a dark side of eight px, skin.
    fn shaft(rim: f32, streak: f32, side: f32) -> Plane {
        let samples: Vec<f32> = (0..40)
            .map(|x| match x {
                12..15 => rim,
                15..19 => streak,
                19..27 => side,
                _ => 0.0,
            })
            .collect();
        across(&samples).gaussian(0.8)
    }

    #[test]
    fn a_streak_that_lacks_blue_is_filled() {
        let opacity = shaft(0.4, 0.1, 0.45);
        let raised = raised(&shaft(0.6, 0.45, 0.65), &opacity);
        for x in 16..18 {
            let filled = opacity.at(x, 4) + raised.at(x, 4);
            assert!(filled > 0.2, "at {x} px {filled}");
        }
        assert!(middle_row(&raised)[..11].iter().chain(&middle_row(&raised)[28..]).all(|&v| v == 0.0));
    }

    #[test]
    fn skin_between_two_shafts_stays_skin() {
        let pale = shaft(0.4, 0.0, 0.45);
        let raised = raised(&shaft(0.6, 0.0, 0.65), &pale);
        assert!(middle_row(&raised).iter().all(|&v| v < 0.03), "{:?}", middle_row(&raised));
    }

    #[test]
    fn photos_of_dark_hair_are_left_alone() {
        let dark = shaft(0.9, 0.3, 0.9);
        assert!(gleam(&shaft(0.95, 0.7, 0.95), &dark, &vec![true; dark.data.len()]).is_none());
        assert!(gleam(&dark, &dark, &vec![false; dark.data.len()]).is_none(), "no scalp");
    }
}
