//! Bars of known width are read right, and nearly as well as their pixels allow.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | bias, 30 to 110 µm | 1 µm | half of the least change of a mean diameter that is told |
//! | spread | 3 × the Cramér-Rao bound | what is lost by fitting stretches one by one, with a blur that the picture has to tell |
//! | truth within 1.96 errors of reading | at least 90 % | 95 % of 60 bars are 90 to 99 % |
//! | half maximum, 15 µm | at least 3 µm too wide | a picture on which everything reads right would prove nothing |

use rayon::prelude::*;
use vellus_tests::thickness::bars::{Cell, Condition};

/// Bars per width.
const BARS: u64 = 60;

/// Readings under the central condition.
fn cells() -> Vec<Cell> {
    let condition = Condition::CENTRE;
    let readings: Vec<_> =
        (0..BARS).into_par_iter().flat_map_iter(|k| condition.read(8501 + k)).collect::<Vec<_>>();
    Cell::of(&condition, &readings)
}

/// The cells that are not as is asked for.
fn complaints(cells: &[Cell], fine: impl Fn(&Cell) -> bool) -> Vec<String> {
    cells.iter().filter(|cell| !fine(cell)).map(|cell| format!("{cell:?}")).collect()
}

#[test]
fn bars_of_known_width_are_read_right() {
    let cells = cells();
    assert_eq!(complaints(&cells, |cell| cell.read == cell.bars), [""; 0], "not all are read");
    assert_eq!(complaints(&cells, |cell| cell.width_um < 30.0 || cell.bias_um.abs() <= 1.0), [""; 0], "bias");
    assert_eq!(complaints(&cells, |cell| cell.spread_um <= 3.0 * cell.bound_um), [""; 0], "spread");
    let half = cells[0].half_maximum_um[0];
    assert!(half > 3.0, "at half maximum 15 µm are read with an error of {half} µm only");
}

#[test]
fn the_error_of_reading_holds() {
    assert_eq!(complaints(&cells(), |cell| cell.held_percent >= 90.0), [""; 0]);
}
