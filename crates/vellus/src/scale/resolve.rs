//! Which scale is used, and what is doubtful about it.
//!
//! What is given by hand wins, then the site file (both come as `given`), then the protocol, then, if the protocol allows
//! it (`read_scale`), what was read in the picture, then what the file states. Whatever else says something of the scale is
//! compared with it, or named where there is no other: a line under a caption may look like a bar.

use crate::calibration::{Calibration, CalibrationSource};
use crate::finding::{Finding, FindingCode};
use crate::photo::StatedScale;
use crate::protocol::Protocol;

use super::{Ruler, Seen};

/// The scale of a photo; `given` wins over all else.
pub(crate) fn choose(
    given: Option<Calibration>,
    protocol: &Protocol,
    seen: &Seen,
    stated: Option<&StatedScale>,
) -> Option<Calibration> {
    let of_protocol = || Calibration::new(protocol.um_per_px?, CalibrationSource::Protocol).ok();
    // Of what nobody gave, DICOM's field alone is meant as a length on the patient.
    let trusted = |scale: &Calibration| protocol.read_scale || scale.source == CalibrationSource::Dicom;
    let of_picture = || of_marks(seen).filter(|_| protocol.read_scale);
    let of_file = || stated.and_then(Calibration::of_file).filter(trusted);
    given.or_else(of_protocol).or_else(of_picture).or_else(of_file)
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
    let marks = seen.marks.iter().filter_map(|mark| {
        Some((format!("the mark \"{}\" in the picture", mark.label), Calibration::of_mark(mark)?))
    });
    let file =
        stated.and_then(|stated| Some((stated.source.name().to_owned(), Calibration::of_file(stated)?)));
    let others: Vec<(String, Calibration)> = marks.chain(file).collect();
    let told = |name: &str, scale: &Calibration| {
        format!("{} µm per px ± {:.1} % by {name}", scale.um_per_px, 100.0 * scale.relative_error)
    };
    if chosen.is_none() {
        let mut message =
            "No scale was given: counts and pixels only, no micrometres and no density.".to_owned();
        for (name, scale) in &others {
            message += &format!(" {}.", capital(&told(name, scale)));
        }
        if !others.is_empty() {
            message += " If that is right, give it, or --read-scale.";
        }
        findings.push(Finding::new(FindingCode::ScaleMissing, message));
    }
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
        None if others.iter().any(|(_, other)| others[0].1.disagrees(other)) => {
            let all: Vec<String> = others.iter().map(|(name, scale)| told(name, scale)).collect();
            findings.push(Finding::new(
                FindingCode::ScaleSourcesDisagree,
                format!(
                    "What the photo says of its scale disagrees, so that none is used: {}.",
                    all.join(", ")
                ),
            ));
        }
        None => {}
    }
    findings.extend(seen.unread.iter().map(|text| Finding::new(FindingCode::ScaleMarkUnread, text.clone())));
    for ruler in &seen.rulers {
        findings.push(Finding::new(FindingCode::ScaleMarkUnread, ruler.sentence()));
    }
    findings
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A source, as a sentence would call it.
fn name_of(source: CalibrationSource) -> &'static str {
    match source {
        CalibrationSource::Flag => "what was given",
        CalibrationSource::FieldWidth => "the field's width",
        CalibrationSource::Protocol => "the protocol",
        CalibrationSource::SiteFile => "the site file",
        CalibrationSource::ScaleBar => "the scale bar",
        CalibrationSource::Dicom => "DICOM",
        CalibrationSource::FileResolution => "the file's resolution",
    }
}

impl Ruler {
    /// What is said of one that gives no scale.
    fn sentence(&self) -> String {
        format!(
            "{} ticks of a ruler, {:.2} px apart, are in the picture; what they stand for is not told, so that they give no \
             scale. They are left out of the scalp.",
            self.ticks, self.period_px
        )
    }
}
