//! Which scale is used, and what is doubtful about it.
//!
//! What is given by hand wins, then the site file (both come as `given`), then the protocol, then what was read in the
//! picture, then what the file states. Whatever else says something of the scale is compared with it.

use crate::calibration::{Calibration, CalibrationSource};
use crate::finding::{Finding, FindingCode};
use crate::measurement::{Measurement, Summary};
use crate::photo::StatedScale;
use crate::protocol::Protocol;

use super::{DRAWN_ERROR, READ_UM_PER_PX, Ruler, Seen};

/// Median width of terminal and vellus scalp hair, µm: groups of people lie between 45 and 100; a photo of vellus hair
/// only, or of hair in bundles, may leave that by half. A factor of ten in the scale leaves it for sure.
const USUAL_WIDTH_UM: [f64; 2] = [22.0, 170.0];
/// Least hairs that tell it.
const LEAST_HAIRS: u32 = 5;

/// The scale of a photo; `given` wins over all else.
pub(crate) fn choose(
    given: Option<Calibration>,
    protocol: &Protocol,
    seen: &Seen,
    stated: Option<&StatedScale>,
) -> Option<Calibration> {
    let of_protocol = || Calibration::new(protocol.um_per_px?, CalibrationSource::Protocol).ok();
    let of_file = || {
        // A decimal ruler is in the picture, which wins over what the file says.
        let ruler = seen.rulers.iter().any(Ruler::is_decimal);
        stated.filter(|_| !ruler).and_then(Calibration::of_file)
    };
    given.or_else(of_protocol).or_else(|| of_marks(seen)).or_else(of_file)
}

/// The scale of the surest mark; none if two marks disagree.
fn of_marks(seen: &Seen) -> Option<Calibration> {
    let scales: Vec<Calibration> = seen.marks.iter().filter_map(Calibration::of_mark).collect();
    let best = scales.first()?;
    scales.iter().all(|other| !best.disagrees(other)).then_some(*best)
}

/// What speaks against the scale.
pub(crate) fn doubts(chosen: Option<Calibration>, seen: &Seen, stated: Option<&StatedScale>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if chosen.is_none() {
        findings.push(Finding::new(
            FindingCode::ScaleMissing,
            "No scale was given, and none could be read: counts and pixels only, no micrometres and no density.",
        ));
    }
    let marks = seen.marks.iter().filter_map(|mark| {
        Some((format!("the mark \"{}\" in the picture", mark.label), Calibration::of_mark(mark)?))
    });
    let file =
        stated.and_then(|stated| Some((stated.source.name().to_owned(), Calibration::of_file(stated)?)));
    let ruler = chosen.and_then(|chosen| {
        let ruler = seen.rulers.iter().find(|ruler| ruler.is_decimal())?;
        Some(("the ruler in the picture".to_owned(), ruler.nearest(chosen.um_per_px)?))
    });
    let others: Vec<(String, Calibration)> = marks.chain(ruler).chain(file).collect();
    let told = |name: &str, scale: &Calibration| {
        format!("{} µm per px ± {:.1} % by {name}", scale.um_per_px, 100.0 * scale.relative_error)
    };
    match chosen {
        Some(chosen) => {
            for (name, other) in others.iter().filter(|(_, other)| chosen.disagrees(other)) {
                findings.push(Finding::new(
                    FindingCode::ScaleSourcesDisagree,
                    format!(
                        "The scale is {}, but {}: {:.1} % apart.",
                        told(name_of(chosen.source), &chosen),
                        told(name, other),
                        100.0 * (other.um_per_px / chosen.um_per_px - 1.0).abs()
                    ),
                ));
            }
        }
        None if others.len() > 1 => {
            let all: Vec<String> = others.iter().map(|(name, scale)| told(name, scale)).collect();
            findings.push(Finding::new(
                FindingCode::ScaleSourcesDisagree,
                format!("The picture's own marks disagree, so that none is used: {}.", all.join(", ")),
            ));
        }
        None => {}
    }
    findings.extend(seen.unread.iter().map(|text| Finding::new(FindingCode::ScaleMarkUnread, text.clone())));
    for ruler in seen.rulers.iter().filter(|ruler| !ruler.is_decimal() || chosen.is_none()) {
        findings.push(Finding::new(FindingCode::ScaleMarkUnread, ruler.sentence()));
    }
    findings
}

/// A source, as a sentence would call it.
fn name_of(source: CalibrationSource) -> &'static str {
    match source {
        CalibrationSource::Flag => "what was given",
        CalibrationSource::FieldWidth => "the field's width",
        CalibrationSource::Protocol => "the protocol",
        CalibrationSource::SiteFile => "the site file",
        CalibrationSource::ScaleBar => "the scale bar",
        CalibrationSource::Ruler => "the ruler",
        CalibrationSource::Circle => "the circle",
        CalibrationSource::Dicom => "DICOM",
        CalibrationSource::FileResolution => "the file's resolution",
    }
}

/// That hairs have no usual width by a scale that nobody gave.
pub(crate) fn implausible(chosen: Option<Calibration>, summary: &Summary) -> Option<Finding> {
    use CalibrationSource::{FieldWidth, Flag, Protocol, SiteFile};
    let scale = chosen.filter(|c| !matches!(c.source, Flag | FieldWidth | Protocol | SiteFile))?;
    let median = summary.median_diameter_um.filter(|_| summary.hair_count >= LEAST_HAIRS)?;
    let [low, high] = USUAL_WIDTH_UM;
    (!(low..=high).contains(&median)).then(|| {
        Finding::new(
            FindingCode::ScaleDoubtful,
            format!(
                "By {} a hair is {median:.0} µm wide in the median; scalp hair is {low:.0} to {high:.0}.",
                name_of(scale.source)
            ),
        )
    })
}

impl Ruler {
    /// The scale if a tick is `tick_um`.
    fn with_tick(&self, tick_um: f64) -> Option<Calibration> {
        let um_per_px = libm::round(1e4 * tick_um / self.period_px) / 1e4;
        if !(READ_UM_PER_PX[0]..=READ_UM_PER_PX[1]).contains(&um_per_px) {
            return None;
        }
        let scale = Calibration::new(um_per_px, CalibrationSource::Ruler).ok()?;
        let error = libm::hypot(DRAWN_ERROR, self.period_se_px / self.period_px);
        let relative_error = libm::round(error * 1e4) / 1e4;
        Some(Calibration { relative_error, error_basis: crate::calibration::ScaleErrorBasis::Read, ..scale })
    }

    /// The decimal scale that is nearest to another.
    fn nearest(&self, um_per_px: f64) -> Option<Calibration> {
        [10.0, 100.0, 1000.0].into_iter().filter_map(|tick_um| self.with_tick(tick_um)).min_by(|a, b| {
            let off = |c: &Calibration| libm::log(c.um_per_px / um_per_px).abs();
            off(a).total_cmp(&off(b))
        })
    }

    /// The scale by which the hairs of the photo are as wide as hair is: a factor of ten cannot be mistaken.
    pub(crate) fn calibration(&self, unscaled: &Measurement) -> Option<Calibration> {
        let mut widths: Vec<f64> = unscaled.counted().filter_map(|hair| hair.width_px).collect();
        if widths.len() < LEAST_HAIRS as usize {
            return None;
        }
        widths.sort_by(f64::total_cmp);
        let width_px = widths[widths.len() / 2];
        let [low, high] = USUAL_WIDTH_UM;
        let fits: Vec<Calibration> = [10.0, 100.0, 1000.0]
            .into_iter()
            .filter_map(|tick_um| self.with_tick(tick_um))
            .filter(|scale| (low..=high).contains(&(scale.um_per_px * width_px)))
            .collect();
        match fits.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// What is said of one that gives no scale.
    fn sentence(&self) -> String {
        format!(
            "{} ticks of a ruler, {:.2} px apart, are in the picture; what they stand for is not told, so that they give no \
             scale. They are left out of the scalp.",
            self.ticks, self.period_px
        )
    }
}
