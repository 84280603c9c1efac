//! Whether all of the field is in focus.
//!
//! Opacity (W × H), flags → [`Unsharp`]: how large a part of the scalp is too blurred to be measured.
//!
//! How blurred a place is shows at its steepest edges. A step of height A that a lens blurs by σ and a filter by s is at most
//! `A / √(2π (σ² + s²))` steep; the steepness after two filters tells σ, whatever A is. A cell of the field with nothing in it
//! that has an edge says nothing.

use rayon::prelude::*;

use crate::plane::Plane;
use crate::spectrum::halved;

/// A part of the field that is out of focus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unsharp {
    /// Its share of the field, as far as edges tell of it, 0 to 1.
    pub share: f64,
    /// Its blur, sigma, µm: the median over its cells.
    pub blur_um: f64,
    /// Blur of the sharper quarter of the field, sigma, µm.
    pub sharp_um: f64,
}

/// The filters, px: the finest one takes the pixel noise, the next one stays narrower than a terminal hair. Where the two see
/// no edge, the coarsest one sees the shade that is left of hair.
const FILTERS_PX: [f32; 3] = [1.0, 2.5, 6.0];
/// Reach of the coarsest of them, 4 sigma, and the pixel beside, px.
const REACH_PX: usize = 25;
/// Smallest pixels that are looked at, µm: finer ones are put together, so that the filters reach as far on the skin.
const FINEST_UM: f64 = 2.5;
/// Side of a cell, µm: a few hairs lie in it at any usual density.
const CELL_UM: f64 = 1600.0;
/// Share of a cell's pixels that are steepest: half of those at the edges of one clipped hair.
const STEEPEST: f64 = 0.0015;
/// Least height of an edge, opacity: as of a line that tells the width of a photo's hair.
const LEAST_EDGE: f64 = 0.3;
/// … and of the shade that is left of it where a lens blurs by more than the hair is wide.
const LEAST_SHADE: f64 = 0.12;
/// Blur from which such a shade tells anything, px: the grain of bare skin looks sharper.
const LEAST_SHADE_PX: f64 = 4.0;
/// Distance from what is not scalp at which nothing is read, px: the reach of the coarser filter.
const APART_PX: usize = 8;
/// Fewest pixels of a cell that tells anything.
const FEWEST_PX: usize = 2000;
/// Fewest cells by which parts of a field are compared.
const FEWEST_CELLS: usize = 4;
/// Blur from which hair is lost, sigma, µm. On drawn scalps of which a part was blurred in linear light
/// (`cargo run --release -p vellus-tests --bin focus`) as many hairs were found there as elsewhere up to 21 µm; 9 % fewer at
/// 26 µm, 29 % fewer at 31 µm, half of them at 40 µm, with diameters 4 and 8 % larger.
const TOO_BLURRED_UM: f64 = 22.0;
/// A part is only told from the rest if it is blurred by this factor more: one cell's blur is told to 20 %.
const MORE_BLURRED: f64 = 1.5;
/// Least share of the field.
const LEAST_SHARE: f64 = 0.1;

/// The part of the scalp that is out of focus, if there is one; not if all of it is.
pub(crate) fn unsharp(opacity: &Plane, scalp: &[bool], um_per_px: f64) -> Option<Unsharp> {
    if um_per_px < FINEST_UM && opacity.width.min(opacity.height) > 1 {
        return unsharp(&opacity.halved(), &halved(scalp, opacity.width), 2.0 * um_per_px);
    }
    let mut cells: Vec<(f64, usize)> = blurs_px(opacity, scalp, (CELL_UM / um_per_px) as usize);
    if cells.len() < FEWEST_CELLS {
        return None;
    }
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sharp_um = um_per_px * cells[cells.len() / 4].0;
    let limit_px = TOO_BLURRED_UM.max(MORE_BLURRED * sharp_um) / um_per_px;
    let blurred = &cells[cells.partition_point(|cell| cell.0 <= limit_px)..];
    let area = |cells: &[(f64, usize)]| cells.iter().map(|cell| cell.1).sum::<usize>() as f64;
    let share = area(blurred) / area(&cells);
    (share >= LEAST_SHARE).then(|| Unsharp {
        share,
        blur_um: um_per_px * blurred[blurred.len() / 2].0,
        sharp_um,
    })
}

/// Blur, px, and number of pixels of every cell that tells its blur.
fn blurs_px(opacity: &Plane, scalp: &[bool], cell: usize) -> Vec<(f64, usize)> {
    let (width, height) = (opacity.width, opacity.height);
    let cell = cell.max(4 * APART_PX);
    if width <= 2 * APART_PX || height <= 2 * APART_PX {
        return Vec::new();
    }
    let clear = |x: usize, y: usize| {
        [(x - APART_PX, y), (x + APART_PX, y), (x, y - APART_PX), (x, y + APART_PX), (x, y)]
            .iter()
            .all(|&(x, y)| scalp[y * width + x])
    };
    // A row of cells at a time: filtered, the field would be three planes more.
    let rows_of_cells = (0..height).step_by(cell).collect::<Vec<usize>>().into_par_iter();
    let of_row = rows_of_cells.map(|top| {
        let rows = top.max(APART_PX)..(top + cell).min(height - APART_PX);
        let seen = rows.start.saturating_sub(REACH_PX)..(rows.end + REACH_PX).min(height);
        let strip = opacity.part(&[0..width, seen.clone()]);
        let smooth = FILTERS_PX.map(|sigma| strip.gaussian(sigma));
        let steepness = |plane: &Plane, x: usize, y: usize| {
            let dx = plane.at(x + 1, y) - plane.at(x - 1, y);
            let dy = plane.at(x, y + 1) - plane.at(x, y - 1);
            0.5 * (dx * dx + dy * dy).sqrt()
        };
        let mut found = Vec::new();
        for left in (0..width).step_by(cell) {
            let mut steep = FILTERS_PX.map(|_| Vec::new());
            for y in rows.clone() {
                // Every other pixel, as on a chessboard.
                let first = left.max(APART_PX) + y % 2;
                for x in (first..(left + cell).min(width - APART_PX)).step_by(2).filter(|&x| clear(x, y)) {
                    for (steep, plane) in steep.iter_mut().zip(&smooth) {
                        steep.push(steepness(plane, x, y - seen.start));
                    }
                }
            }
            let n = 2 * steep[0].len();
            if n < FEWEST_PX {
                continue;
            }
            let [fine, coarse, coarsest] = steep.map(steepest);
            let edge = blur_px([fine, coarse], [0, 1]).filter(|&(_, height)| height >= LEAST_EDGE);
            let shade = || {
                let told = blur_px([coarse, coarsest], [1, 2]);
                told.filter(|&(blur, height)| height >= LEAST_SHADE && blur >= LEAST_SHADE_PX)
            };
            if let Some((blur, _)) = edge.or_else(shade) {
                found.push((blur, n));
            }
        }
        found
    });
    of_row.flatten_iter().collect()
}

/// Steepness that only [`STEEPEST`] exceed.
fn steepest(mut values: Vec<f32>) -> f64 {
    let rank = (STEEPEST * values.len() as f64) as usize;
    f64::from(*values.select_nth_unstable_by(rank, |a, b| b.total_cmp(a)).1)
}

/// Blur, px, and height of an edge by its steepness after two of the filters.
fn blur_px([fine, coarse]: [f64; 2], filters: [usize; 2]) -> Option<(f64, f64)> {
    let [s, t] = filters.map(|k| f64::from(FILTERS_PX[k] * FILTERS_PX[k]));
    let ratio = (fine / coarse.max(1e-9)).powi(2);
    // Not steeper by the finer filter: as blurred as these filters can tell.
    let square = if ratio <= 1.02 { MOST_PX * MOST_PX } else { (t - ratio * s) / (ratio - 1.0) };
    let square = square.clamp(0.0, MOST_PX * MOST_PX);
    let height = coarse * (2.0 * std::f64::consts::PI * (square + t)).sqrt();
    (height > 0.0).then(|| (square.sqrt(), height))
}

/// Largest blur that is told, px.
const MOST_PX: f64 = 15.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Dark bars 24 px wide on skin, blurred by `sigma_px` left of the middle and by 1.2 px right of it, with a little noise.
    fn field(sigma_px: f32) -> (Plane, Vec<bool>) {
        let (width, height) = (1280, 960);
        let mut sharp = Plane::filled(width, height, 0.0);
        for (i, value) in sharp.data.iter_mut().enumerate() {
            let (x, y) = (i % width, i / width);
            *value = if (x + y / 3) % 160 < 24 && y % 160 < 120 { 0.9 } else { 0.0 };
        }
        let halves = [sharp.gaussian(sigma_px), sharp.gaussian(1.2)];
        let mut state = 9_u32;
        for (i, value) in sharp.data.iter_mut().enumerate() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = 0.05 * (state as f32 / u32::MAX as f32 - 0.5);
            *value = halves[usize::from(i % width >= width / 2)].data[i] + noise;
        }
        (sharp, vec![true; width * height])
    }

    fn doubled(plane: &Plane) -> Plane {
        let mut large = Plane::filled(2 * plane.width, 2 * plane.height, 0.0);
        let width = large.width;
        for (i, value) in large.data.iter_mut().enumerate() {
            *value = plane.at(i % width / 2, i / width / 2);
        }
        large
    }

    #[test]
    fn the_blur_of_a_cell_is_that_which_was_made() {
        for sigma in [1.2_f32, 2.0, 3.0, 4.0] {
            let (plane, scalp) = field(sigma);
            let cells = blurs_px(&plane, &scalp, 320);
            // Four cells of each row; the first two are of the blurred half.
            assert_eq!(cells.len(), 12);
            for (k, (blur, _)) in cells.iter().enumerate() {
                let made = if k % 4 < 2 { f64::from(sigma) } else { 1.2 };
                // A bar is no step: at a blur of a third of its width it is less steep than one.
                assert!((blur / made - 1.0).abs() < 0.25, "{blur} px for {made} px");
            }
        }
    }

    #[test]
    fn a_blurred_half_is_told_and_a_field_of_one_blur_is_not() {
        let (plane, scalp) = field(6.0);
        let part = unsharp(&plane, &scalp, 5.0).expect("a part");
        assert!((part.share - 0.5).abs() < 0.05 && part.blur_um > 22.0 && part.sharp_um < 8.0, "{part:?}");
        assert_eq!(unsharp(&field(1.2).0, &scalp, 5.0), None);
        // Of bars that a lens blurs by two thirds of their width only a shade is left.
        let (faint, _) = field(16.0);
        let part = unsharp(&faint, &scalp, 5.0).expect("a part");
        assert!((0.3..0.55).contains(&part.share) && part.blur_um > 40.0, "{part:?}");
        // The same in pixels of half the size.
        let part = unsharp(&doubled(&faint), &[true; 4 * 1280 * 960], 2.4).expect("a part");
        assert!((0.2..0.55).contains(&part.share), "{part:?}");
        // Twice the blur that is still fine is no doubt.
        assert_eq!(unsharp(&field(2.4).0, &scalp, 5.0), None);
    }

    #[test]
    fn bare_skin_and_small_fields_say_nothing() {
        let bare = Plane::filled(1280, 960, 0.01);
        assert_eq!(unsharp(&bare, &vec![true; 1280 * 960], 5.0), None);
        let (plane, _) = field(6.0);
        assert_eq!(unsharp(&plane, &vec![false; 1280 * 960], 5.0), None);
        let small = Plane::filled(12, 40, 0.5);
        assert_eq!(unsharp(&small, &[true; 480], 5.0), None);
    }
}
