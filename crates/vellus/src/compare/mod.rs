//! What changed between two visits.
//!
//! ```text
//! Shot ┐ constellation ─ vote ─ site ─ register ─► Alignment ─ pairing ─► pairs
//! Shot ┘                                              │                      │
//!                                                     └─ look, presence ─────┴─► fates ─► Change
//! ```
//!
//! 1. [`constellation`]: a measurement as hairs in µm and the pattern of their orifices
//! 2. [`vote`], [`site`]: which turn, scale and shift bring orifices together, and whether that is more than chance
//! 3. [`mod@register`], [`warp`]: affine map and the local give of soft skin, from the roots
//! 4. [`pairing`]: which hair is which
//! 5. [`look`], [`presence`]: every hair without partner is asked for in the other photo before it is lost or gained
//! 6. [`mod@fates`], [`mod@change`] ([`diameters`], [`units`]), [`quantity`], [`repeat`]: numbers over the common area, with their errors
//! 7. [`conditions`] ([`tone`], [`bias`]): what else differs between the photos, and what that does to the change
//! 8. [`replicates`], [`mod@phototrichogram`], [`trend`]: several photos of a visit, growth, more than two visits
//!
//! Positions are in µm of their photo ([`map`]); the record is in px. Counting twice and subtracting is wrong by 7 to
//! 12 % of the hairs, matching hair to hair by 0.4 to 0.6 % (Bokhari et al. 2022, doi:10.1159/000524345): what both
//! photos miss cancels, and what one photo missed is looked for again.

use thiserror::Error;

use crate::calibration::Calibration;
use crate::comparison::{
    ByVisit, COMPARISON_SCHEMA, Comparison, ControlPoint, Registration, SecondLook, SecondLookOutcome,
};
use crate::corrections::{CorrectionsError, CorrectionsFile};
use crate::finding::{Finding, FindingCode, Verdict};
use crate::measure::{StageTiming, measure_seen};
use crate::measurement::Measurement;
use crate::photo::Photo;
use crate::protocol::Protocol;

pub mod bias;
pub mod change;
pub mod conditions;
pub mod constellation;
pub mod diameters;
pub mod fates;
pub mod look;
pub mod map;
pub mod pairing;
pub mod phototrichogram;
pub mod presence;
pub mod quantity;
pub mod register;
pub mod repeat;
pub mod replicates;
pub mod sight;
pub mod site;
pub mod tone;
pub mod trend;
pub mod units;
pub mod vote;
pub mod warp;

use change::{Readings, ScaleErrors, hair_fates, readings};
use conditions::{Compared, Conditions};
use constellation::{Constellation, told_per_um};
use fates::{Fates, fates};
use quantity::round;
use register::{Alignment, register};
use repeat::RepeatError;
pub use replicates::compare_replicates;
use sight::{Common, Sight};
pub use trend::compare_series;

/// One photo, measured, that can be asked again.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// What was measured on it.
    pub measurement: Measurement,
    /// What it shows; `None` when it cannot carry a measurement.
    sight: Option<Sight>,
}

impl Shot {
    /// Measures a photo and keeps what a second look needs.
    pub fn take(photo: &Photo, calibration: Option<Calibration>, protocol: &Protocol) -> Self {
        Self::take_timed(photo, calibration, protocol).0
    }

    /// [`Shot::take`], with the time that each stage took.
    pub fn take_timed(
        photo: &Photo,
        calibration: Option<Calibration>,
        protocol: &Protocol,
    ) -> (Self, Vec<StageTiming>) {
        let (timed, sight) = measure_seen(photo, calibration, protocol, None);
        (Self { measurement: timed.measurement, sight }, timed.timings)
    }

    /// [`Shot::take_timed`], with a reader's corrections where there are any.
    ///
    /// # Errors
    /// [`CorrectionsError::OtherPhoto`] when they are of another photo.
    pub fn take_corrected(
        photo: &Photo,
        calibration: Option<Calibration>,
        protocol: &Protocol,
        corrections: Option<&CorrectionsFile>,
    ) -> Result<(Self, Vec<StageTiming>), CorrectionsError> {
        corrections.map_or(Ok(()), |file| file.check_photo(photo))?;
        let (timed, sight) = measure_seen(photo, calibration, protocol, corrections);
        Ok((Self { measurement: timed.measurement, sight }, timed.timings))
    }
}

/// How visits are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompareOptions {
    /// Time between the photos of a phototrichogram, h; > 0. Default: none, so that growth tells nothing.
    pub interval_h: Option<f64>,
    /// Whether a hair without partner is asked for in the other photo before it is called lost or gained. Without, the
    /// error of the change is that of two counts; for validation only. Default: yes.
    pub second_look: bool,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { interval_h: None, second_look: true }
    }
}

/// Why visits cannot be compared.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CompareError {
    /// A photo cannot carry a measurement.
    #[error("the {visit} photo cannot be measured: {reason}")]
    NotMeasured {
        /// Which one.
        visit: &'static str,
        /// Its finding.
        reason: String,
    },
    /// A photo shows too few hairs to be recognised by.
    #[error(
        "the {visit} photo shows hair at {orifices} places; at least {least} are needed to tell whether both photos show \
         the same site"
    )]
    TooFewHairs {
        /// Which one.
        visit: &'static str,
        /// Places where hair emerges.
        orifices: usize,
        /// How many are needed.
        least: usize,
    },
    /// No map brings the follicles together better than chance.
    #[error(
        "the photos do not show the same site: no shift, turn or scale brings their {} and {} follicles together better \
         than chance; check that both belong to one patient and site, that the scale is right, and that they overlap by \
         half", orifices[0], orifices[1]
    )]
    NotTheSameSite {
        /// Places where hair emerges, baseline and follow-up.
        orifices: [usize; 2],
    },
    /// One photo has a scale, the other not.
    #[error("the {visit} photo has no scale, the other one has: give both one, or none")]
    OneScale {
        /// Which one has none.
        visit: &'static str,
    },
    /// An interval that is no time.
    #[error(
        "an interval of {0} h cannot be used: it must be 13 h to 720 h (30 days), long enough for slow hair to grow by more than \
         the error of a length; 48 h is usual"
    )]
    Interval(f64),
    /// Two of several photos cannot be compared.
    #[error("photos {} and {} of {of}: {reason}", photos[0] + 1, photos[1] + 1)]
    Among {
        /// Which two, by their place among all photos, the baseline's first; from 0.
        photos: [usize; 2],
        /// How many photos there are.
        of: usize,
        /// Why.
        reason: Box<CompareError>,
    },
    /// Too few photos.
    #[error("{given} photos were given; at least {least} are needed")]
    TooFewPhotos {
        /// How many there are.
        given: usize,
        /// How many are needed.
        least: usize,
    },
}

impl CompareError {
    /// The same of two of several photos.
    fn among(self, photos: [usize; 2], of: usize) -> Self {
        Self::Among { photos, of, reason: Box::new(self) }
    }
}

/// Compares two visits of one photo each.
///
/// # Errors
/// A [`CompareError`] when the photos are not of the same site or cannot be compared.
pub fn compare(
    baseline: &Shot,
    follow_up: &Shot,
    options: &CompareOptions,
) -> Result<Comparison, CompareError> {
    compare_with(baseline, follow_up, options, None).map(|compared| compared.comparison)
}

/// A comparison, and what replicates and series need of how it came about.
struct Pair {
    comparison: Comparison,
    fates: Fates,
    /// Without what differing conditions may have moved.
    readings: Readings,
}

/// [`compare`], with another error of repetition than the default.
fn compare_with(
    baseline: &Shot,
    follow_up: &Shot,
    options: &CompareOptions,
    repeat: Option<&RepeatError>,
) -> Result<Pair, CompareError> {
    let sights = [measured(baseline, "baseline")?, measured(follow_up, "follow-up")?];
    if let Some(hours) = options.interval_h
        && !phototrichogram::INTERVAL_H.contains(&hours)
    {
        return Err(CompareError::Interval(hours));
    }
    for (own, other, visit) in [(baseline, follow_up, "baseline"), (follow_up, baseline, "follow-up")] {
        if own.measurement.calibration.is_none() && other.measurement.calibration.is_some() {
            return Err(CompareError::OneScale { visit });
        }
    }
    let photos = [baseline, follow_up].map(|shot| Constellation::of(&shot.measurement));
    let alignment = register(&photos[0], &photos[1])?;
    let common = Common { photos: [(&photos[0], sights[0]), (&photos[1], sights[1])], warp: &alignment.warp };
    let fates = fates(&common, [&baseline.measurement, &follow_up.measurement], options);
    let registration = registration(&alignment, &common, &baseline.measurement);
    let scaled = baseline.measurement.calibration.is_some();
    let [first_scale, second_scale] = [baseline, follow_up].map(|shot| shot.measurement.calibration);
    let scales = first_scale.zip(second_scale).map(|(first, second)| ScaleErrors::of(&first, &second));
    let protocol = &baseline.measurement.protocol;
    let default = RepeatError::usual(&fates);
    let repeat = repeat.unwrap_or(&default);
    let area_mm2 = registration.overlap_area_mm2;
    let conditions = Conditions::of(&Compared {
        measurements: [&baseline.measurement, &follow_up.measurement],
        tones: sights.map(|sight| &sight.tone),
        matches: &fates.matches,
        registration: &registration,
        growing: options.interval_h.is_some(),
    });
    let mut findings = doubts(&registration);
    findings.extend(conditions.findings());
    let parts = [baseline, follow_up].map(|shot| shot.measurement.protocol.region.parts().len());
    if let Some(parts) = parts.into_iter().max().filter(|&parts| parts > 1) {
        let message = format!(
            "The {parts} regions are compared as one; each one's own numbers are in the two measurements."
        );
        findings.push(Finding::new(FindingCode::RegionsComparedTogether, message));
    }
    let [before, after] = [baseline, follow_up].map(|shot| &shot.measurement.protocol.region);
    if before != after {
        let message = "The two visits have different regions: only the skin that lies in both is compared, and numbers of each visit \
                       by itself are of other skin."
            .to_owned();
        findings.push(Finding::new(FindingCode::RegionsDiffer, message));
    }
    let readings = readings(&fates, area_mm2, protocol, registration.scale_ratio, repeat, scales.as_ref());
    let mut comparison = Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        baseline: fates.measurements[0].clone(),
        follow_up: fates.measurements[1].clone(),
        matches: fates.matches.clone(),
        gained: fates.gained(),
        lost: fates.lost(),
        not_seen: ByVisit {
            baseline: not_seen(&fates.second_looks[0]),
            follow_up: not_seen(&fates.second_looks[1]),
        },
        second_look: ByVisit {
            baseline: fates.second_looks[0].clone(),
            follow_up: fates.second_looks[1].clone(),
        },
        change: readings.biased(conditions.biases_percent()).change(),
        hairs: hair_fates(&fates, protocol, scaled),
        repeatability: None,
        phototrichogram: None,
        conditions,
        findings,
        registration,
        software: format!("vellus {}", crate::VERSION),
    };
    if let Some(hours) = options.interval_h {
        comparison.phototrichogram = Some(phototrichogram::phototrichogram(&mut comparison, hours));
    }
    Ok(Pair { comparison, fates, readings })
}

fn measured<'a>(shot: &'a Shot, visit: &'static str) -> Result<&'a Sight, CompareError> {
    shot.sight.as_ref().filter(|_| shot.measurement.quality.verdict != Verdict::Fail).ok_or_else(|| {
        let reasons = shot.measurement.quality.findings.iter();
        let reason = reasons.max_by_key(|f| f.severity).map_or(String::new(), |f| f.message.clone());
        CompareError::NotMeasured { visit, reason }
    })
}

fn not_seen(looks: &[SecondLook]) -> Vec<u32> {
    let told =
        |look: &&SecondLook| !matches!(look.outcome, SecondLookOutcome::Found | SecondLookOutcome::Absent);
    looks.iter().filter(told).map(|look| look.hair).collect()
}

/// Distance of the control points of the warp, µm: a quarter of the distance over which skin swings.
const CONTROL_UM: f64 = 1000.0;
/// Most control points in a row.
const MOST_CONTROLS: usize = 24;

fn registration(alignment: &Alignment, common: &Common, baseline: &Measurement) -> Registration {
    let [(first, _), (second, _)] = common.photos;
    let warp = &alignment.warp;
    let area_um2 = common.area_um2();
    let scaled = baseline.calibration.is_some();
    let unit = told_per_um(baseline, first);
    let region_um2 = baseline.region.area_px as f64 * first.um_per_px * first.um_per_px;
    let [[a, b, x], [c, d, y]] = warp.affine.0;
    let ratio = first.um_per_px / second.um_per_px;
    let px = |p: map::PointUm, photo: &Constellation| p.map(|v| round(v / photo.um_per_px));
    // A photo of a whole head, or a wrong scale, gets no more points than one of skin.
    let [columns, rows] = first.size.map(|side| ((side / CONTROL_UM) as usize + 1).min(MOST_CONTROLS));
    let control = (0..columns * rows)
        .map(|k| {
            let place =
                |k: usize, n: usize, side: f64| k as f64 * (side - first.um_per_px) / (n.max(2) - 1) as f64;
            [place(k % columns, columns, first.size[0]), place(k / columns, rows, first.size[1])]
        })
        .map(|p| ControlPoint {
            baseline_px: px(p, first),
            follow_up_px: px(warp.carry(p), second),
            error_um: round(warp.error(p) * unit),
        })
        .collect();
    // Nine decimals of the linear part move no point of a photo by a thousandth of a pixel.
    let fine = |v: f64| libm::round(v * 1e9) / 1e9 + 0.0;
    let centre = first.centre();
    Registration {
        baseline_to_follow_up: [
            [fine(a * ratio), fine(b * ratio), fine(x / second.um_per_px)],
            [fine(c * ratio), fine(d * ratio), fine(y / second.um_per_px)],
        ],
        warp: control,
        rms_residual_um: round(alignment.rms_um * unit),
        affine_rms_residual_um: round(alignment.affine_rms_um * unit),
        overlap_area_mm2: scaled.then(|| round(area_um2 * 1e-6)),
        overlap_fraction: round((area_um2 / region_um2.max(1.0)).min(1.0)),
        supporting_hairs: alignment.supporting as u32,
        rotation_deg: round(warp.affine.angle().to_degrees()),
        scale_ratio: round(warp.affine.scale()),
        shift_um: round(map::distance(warp.carry(centre), second.centre()) * unit),
        same_site_probability: alignment.site.probability(),
    }
}

/// Least share of the baseline's region that both photos show for a comparison without reservation.
const LEAST_OVERLAP: f64 = 0.5;
/// Largest difference of the two scales without reservation: skin under a contact glass stretches by a per cent or two.
const MOST_SCALE_DIFFERENCE: f64 = 0.03;

fn doubts(registration: &Registration) -> Vec<Finding> {
    let mut findings = Vec::new();
    if registration.overlap_fraction < LEAST_OVERLAP {
        findings.push(Finding::new(
            FindingCode::SmallOverlap,
            format!(
                "The photos have {:.0} % of the baseline's scalp in common; only that part is compared.",
                100.0 * registration.overlap_fraction
            ),
        ));
    }
    let off = registration.scale_ratio - 1.0;
    if off.abs() > MOST_SCALE_DIFFERENCE {
        findings.push(Finding::new(
            FindingCode::ScalesDisagree,
            format!(
                "The same skin measures {:.1} % {} in the follow-up: one of the two scales is wrong, and so are the changes \
                 of diameter.",
                100.0 * off.abs(),
                if off > 0.0 { "more" } else { "less" }
            ),
        ));
    }
    findings
}
