//! Records made by hand, to feed what comes after the measuring.

use vellus::{Hair, HairClass, Measurement, Origin, Polarity};
use vellus_phantom::Truth;

/// A counted terminal hair along an axis; what a test is about is set on it.
///
/// # Panics
/// When the axis has no point.
pub fn hair(id: u32, axis_px: &[[f64; 2]], diameter_um: f64, um_per_px: f64) -> Hair {
    let (root_px, tip_px) = (axis_px[0], axis_px[axis_px.len() - 1]);
    let length_px = crate::line::length(axis_px);
    Hair {
        id,
        root_px,
        tip_px,
        centreline_px: axis_px.to_vec(),
        width_px: Some(diameter_um / um_per_px),
        width_se_px: Some(0.1),
        diameter_um: Some(diameter_um),
        diameter_se_um: Some(0.1 * um_per_px),
        diameter_sd_um: Some(2.0),
        diameter_limit_um: None,
        diameter_basis: None,
        length_px,
        length_um: Some(length_px * um_per_px),
        direction_deg: (tip_px[1] - root_px[1]).atan2(tip_px[0] - root_px[0]).to_degrees(),
        class: Some(if diameter_um >= 30.0 { HairClass::Terminal } else { HairClass::Vellus }),
        polarity: Polarity::Dark,
        follicular_unit: None,
        counted: true,
        not_counted: None,
        confidence: 0.9,
        root_confidence: 0.9,
        origin: Origin::Automatic,
    }
}

/// The measurement that a faultless program would give: `measurement` with the true hairs in place of what was found.
pub fn as_it_is(measurement: Measurement, truth: &Truth) -> Measurement {
    let hairs = truth
        .hairs
        .iter()
        .zip(1..)
        .map(|(true_hair, id)| hair(id, &true_hair.polyline_px, true_hair.diameter_um, truth.um_per_px))
        .collect();
    Measurement { hairs, follicular_units: Vec::new(), ..measurement }
}
