//! The records of hairs that a reader drew or turned.

use super::fit::Measured;
use crate::estimate::round;
use crate::hair::{Hair, Origin, PointPx, Polarity};
use crate::measurement::Measurement;
use crate::records::{Diameter, not_counted};

/// An end that a reader drew this close to the frame or to what is not scalp is cut by it, px: a hand is no more exact.
const BORDER_PX: f64 = 3.0;

#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub width: usize,
    pub height: usize,
}

/// Whether the frame, or what is not scalp, cuts the first end of a course.
fn cut(course: &[PointPx], scalp: &[bool], frame: Frame) -> bool {
    let end = course[0];
    let inner = course.iter().find(|p| distance(**p, end) >= BORDER_PX).unwrap_or(&course[course.len() - 1]);
    let length = distance(end, *inner).max(1e-9);
    let beyond = [0, 1].map(|i| libm::round(end[i] + BORDER_PX * (end[i] - inner[i]) / length));
    let [x, y] = beyond;
    x < 0.0
        || y < 0.0
        || x >= frame.width as f64
        || y >= frame.height as f64
        || !scalp[y as usize * frame.width + x as usize]
}

/// Whether a hair counts by the rule of all hairs.
fn count(hair: &mut Hair, scalp: &[bool], frame: Frame, measurement: &Measurement) {
    let scale = measurement.judged_um_per_px();
    let back: Vec<PointPx> = hair.centreline_px.iter().rev().copied().collect();
    let at_border = [cut(&hair.centreline_px, scalp, frame), cut(&back, scalp, frame)];
    let size_um = [hair.length_px * scale, hair.width_px.unwrap_or(0.0) * scale];
    hair.not_counted = not_counted(hair.root_px, at_border, hair.confidence, size_um, &measurement.protocol);
    hair.counted = hair.not_counted.is_none();
}

pub(super) fn direction_deg(root: PointPx, tip: PointPx) -> f64 {
    round(libm::atan2(tip[1] - root[1], tip[0] - root[0]).to_degrees())
}

/// An automatic hair with root and tip exchanged.
pub(super) fn turned(hair: &Hair, scalp: &[bool], frame: Frame, measurement: &Measurement) -> Hair {
    let mut hair = hair.clone();
    hair.centreline_px.reverse();
    std::mem::swap(&mut hair.root_px, &mut hair.tip_px);
    hair.direction_deg = direction_deg(hair.root_px, hair.tip_px);
    hair.root_confidence = 1.0;
    hair.origin = Origin::Turned;
    count(&mut hair, scalp, frame, measurement);
    hair
}

/// A hair that a reader drew: sure, as somebody saw it; with the width that was measured.
pub(super) fn added(
    id: u32,
    measured: &Measured,
    scalp: &[bool],
    frame: Frame,
    measurement: &Measurement,
) -> Hair {
    let um_per_px = measurement.calibration.map(|c| c.um_per_px);
    let um = |px: f64| um_per_px.map(|um| um * px);
    let centreline_px: Vec<PointPx> = measured.axis.iter().map(|p| p.map(|v| round(f64::from(v)))).collect();
    let (root_px, tip_px) = (centreline_px[0], centreline_px[centreline_px.len() - 1]);
    let length_px: f64 = centreline_px.windows(2).map(|p| distance(p[0], p[1])).sum();
    let width = measured.width;
    let width_px = width.map(|w| round(f64::from(w.mean_px)));
    let diameter = Diameter::of(width.as_ref(), um_per_px, measurement.protocol.vellus_limit_um);
    let se_um = width.filter(|_| diameter.um.is_some()).and_then(|w| um(f64::from(w.se_px)));
    let mut hair = Hair {
        id,
        root_px,
        tip_px,
        centreline_px,
        width_px,
        width_se_px: width.map(|w| round(f64::from(w.se_px))),
        diameter_um: diameter.um,
        diameter_se_um: se_um.map(round),
        diameter_sd_um: diameter.sd_um,
        diameter_limit_um: diameter.limit_um,
        diameter_basis: width.map(|w| w.basis),
        length_px: round(length_px),
        length_um: um(length_px).map(round),
        direction_deg: direction_deg(root_px, tip_px),
        class: diameter.class,
        polarity: Polarity::Dark,
        follicular_unit: None,
        counted: true,
        not_counted: None,
        confidence: 1.0,
        root_confidence: 1.0,
        origin: Origin::Added,
    };
    count(&mut hair, scalp, frame, measurement);
    hair
}

pub(super) fn distance(a: PointPx, b: PointPx) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}
