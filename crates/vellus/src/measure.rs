//! From a photo to its measurement: the stages in order.

use std::time::Instant;

use crate::appearance::{Appearance, appearance};
use crate::calibration::Calibration;
use crate::compare::sight::Sight;
use crate::compare::tone::Tone;
use crate::contrast::{Contrast, Losses, contrast_at_scale};
use crate::corrections::{CorrectionsError, CorrectionsFile, PhotoEvidence, correct, correct_none};
use crate::cut::{Cut, hairs_in};
use crate::doubt::{self, OfScale};
use crate::estimate::round;
use crate::finding::{Finding, FindingCode, Severity, Verdict, verdict};
use crate::focus::unsharp;
use crate::linear::{Light, LinearPhoto, linear};
use crate::mask::{clear, scalp};
use crate::measurement::{ImageRecord, MEASUREMENT_SCHEMA, Measurement, Quality, Summary};
use crate::photo::{ColourSpace, Photo, PhotoSource};
use crate::print::drawn_over;
use crate::profile::{Widths, widths_of};
use crate::protocol::Protocol;
use crate::records::{LEAST_DRAWN, LIKELY, confidence, hairs};
use crate::region::{Region, RegionShape};
use crate::root::roots;
use crate::scale::{self, Ruler};
use crate::shafts::{Deadline, Setting, Shaft, shafts};
use crate::spectrum::{GUESSED_UM_PER_PX, lines_of, search_um_per_px};
use crate::summarise::{Field, summarise};
use crate::sure::count_error;
use crate::unit::follicular_units;

/// How long a stage took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageTiming {
    /// Name of the stage.
    pub stage: &'static str,
    /// Wall time, s.
    pub seconds: f64,
}

/// A measurement and how long its stages took.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedMeasurement {
    /// What was measured.
    pub measurement: Measurement,
    /// The stages in order.
    pub timings: Vec<StageTiming>,
}

/// Smallest photo that a shaft and the skin around it fit into, px.
const MIN_SIDE_PX: u32 = 24;
/// Least share of the photo that must be scalp.
const MIN_SCALP_SHARE: f64 = 0.05;
/// Darkest skin that a shaft can be told from, linear light: two grey levels of 8 bits.
const DARKEST_SKIN: f32 = 6e-4;
/// Least spread of the brightness of a photo of anything, linear light relative to its mean: below quantisation.
const LEAST_SPREAD: f32 = 0.004;
/// Faintest shaft that a reader drew and that is measured, in standard deviations of the skin's texture.
const FAINTEST_TEXTURE: f32 = 2.5;
/// Blur above which thin hair is lost, µm: twice it is the vellus limit of 30 µm.
const MAX_BLUR_UM: f64 = 15.0;
/// Coarsest pixel with which vellus hair of 30 µm is classified, µm.
const MAX_UM_PER_PX: f64 = 8.0;

/// Measures a photo. Equal pixels, scale and protocol give equal measurements, whatever the machine or the number of
/// threads. A photo that cannot carry a measurement gives one with the verdict [`Verdict::Fail`] and the reason.
pub fn measure(photo: &Photo, calibration: Option<Calibration>, protocol: &Protocol) -> Measurement {
    measure_timed(photo, calibration, protocol).measurement
}

/// [`measure`], with the time that each stage took.
pub fn measure_timed(
    photo: &Photo,
    calibration: Option<Calibration>,
    protocol: &Protocol,
) -> TimedMeasurement {
    measure_seen(photo, calibration, protocol, None).0
}

/// [`measure_timed`], with a reader's corrections applied.
///
/// # Errors
/// [`CorrectionsError::OtherPhoto`] when the corrections are of another photo.
pub fn measure_corrected(
    photo: &Photo,
    calibration: Option<Calibration>,
    protocol: &Protocol,
    corrections: &CorrectionsFile,
) -> Result<TimedMeasurement, CorrectionsError> {
    corrections.check_photo(photo)?;
    Ok(measure_seen(photo, calibration, protocol, Some(corrections)).0)
}

/// [`measure_timed`], with a reader's corrections, and with what the photo shows for a second look; `None` where it cannot
/// carry a measurement.
pub(crate) fn measure_seen(
    photo: &Photo,
    calibration: Option<Calibration>,
    protocol: &Protocol,
    corrections: Option<&CorrectionsFile>,
) -> (TimedMeasurement, Option<Sight>) {
    let begun = Instant::now();
    let (mut timed, sight) = measure_automatic(photo, calibration, protocol, corrections);
    if let Some(file) = corrections.filter(|_| timed.measurement.corrections.is_none()) {
        correct_none(&mut timed.measurement, file);
    }
    let deadline = Deadline::after((protocol.max_seconds - begun.elapsed().as_secs_f64()).max(0.0));
    let scalp = sight.as_ref().map(|sight| sight.scalp.as_slice());
    let in_time = crate::parts::sum_up(&mut timed.measurement, scalp, deadline);
    (timed, sight.filter(|_| in_time))
}

/// The stages in order; corrections come last.
fn measure_automatic(
    photo: &Photo,
    given: Option<Calibration>,
    protocol: &Protocol,
    corrections: Option<&CorrectionsFile>,
) -> (TimedMeasurement, Option<Sight>) {
    let mut clock = Clock::start(protocol.max_seconds);
    let seen = scale::look(photo);
    clock.lap("scale");
    let calibration = scale::choose(given, protocol, &seen, photo.source.stated_scale.as_ref());
    let um_per_px = calibration.map(|c| c.um_per_px);
    let record = ImageRecord {
        path: None,
        width_px: photo.width_px,
        height_px: photo.height_px,
        content_hash: photo.content_hash.clone(),
        format: photo.source.format.name().to_lowercase(),
        bit_depth: photo.source.bit_depth,
        decoder: photo.source.decoder.clone(),
        colour_space: photo.source.colour_space,
    };
    let mut measurement = Measurement {
        schema: MEASUREMENT_SCHEMA.to_owned(),
        image: record,
        calibration,
        region: Region { shape: protocol.region.clone(), area_px: 0, area_mm2: None, masked_fraction: 0.0 },
        quality: Quality {
            verdict: Verdict::Pass,
            noise_sd: None,
            blur_sigma_px: None,
            blur_se_px: None,
            blur_range_px: None,
            appearance: None,
            findings: Vec::new(),
        },
        summary: Summary::default(),
        regions: Vec::new(),
        hairs: Vec::new(),
        follicular_units: Vec::new(),
        protocol: protocol.clone(),
        software: format!("vellus {}", crate::VERSION),
        corrections: None,
        scale_marks: seen.marks.clone(),
    };
    measurement.quality.findings.extend(of_the_file(&photo.source));
    let stated = photo.source.stated_scale.as_ref();
    measurement.quality.findings.extend(scale::doubts(calibration, &seen, stated));
    if photo.width_px < MIN_SIDE_PX || photo.height_px < MIN_SIDE_PX {
        let message = format!(
            "The photo has {} × {} pixels; at least {MIN_SIDE_PX} × {MIN_SIDE_PX} are needed.",
            photo.width_px, photo.height_px
        );
        return (clock.fail(measurement, FindingCode::FieldTooSmall, message), None);
    }

    let light = linear(photo);
    clock.lap("linear light");
    let valid = scalp_of(photo, &light, &seen.rulers);
    let middle = |c: &[[f64; 2]; 4]| [0, 1].map(|k| c.iter().map(|corner| corner[k]).sum::<f64>() / 4.0);
    let mut middles = seen.rulers.iter().map(|ruler| middle(&ruler.corners_px));
    let ruler_in_region = middles.any(|[x, y]| protocol.region.contains(x, y));
    clock.lap("mask");
    if clock.deadline.passed() {
        return (clock.too_late(measurement, "the mask"), None);
    }
    let region = region(&protocol.region, &valid, photo.width_px as usize, um_per_px);
    measurement.region = region;
    let cut = Cut::of(light.size(), &valid, &protocol.region, um_per_px);
    let part = cut.light(&light);
    if let Some((code, message)) = cannot_carry(&part, &cut.own, &measurement.region, um_per_px) {
        return (clock.fail(measurement, code, message), None);
    }

    let lines = lines_of(&part, &cut.scalp, clock.deadline);
    let line_px = lines.map(|lines| lines.usual_px);
    let search_um = search_um_per_px(um_per_px, lines);
    clock.lap("spectrum");
    if clock.deadline.passed() {
        return (clock.too_late(measurement, "the widths of its lines"), None);
    }
    let losses = Losses::of(&part, &cut.scalp, cut.tiles(search_um));
    // Held on, it would be a quarter of what a large photo takes; single pixels are asked for later.
    drop(part);
    drop(light);
    let mut contrast = contrast_at_scale(losses, &cut.scalp, &cut.own, search_um);
    if protocol.region != RegionShape::Whole {
        contrast = contrast.of_part(&cut.own, search_um);
    }
    clock.lap("contrast");
    if clock.deadline.passed() {
        return (clock.too_late(measurement, "the contrast"), None);
    }
    if let Some(rough) = doubt::of_texture(f64::from(contrast.texture_sd)) {
        // A few pixels have neither grain nor light and shadow: then that is the reason.
        let small = too_small(&measurement.region, um_per_px, search_um);
        let Finding { code, message, .. } = small.unwrap_or(rough);
        return (clock.fail(measurement, code, message), None);
    }
    let scale = search_um as f32;
    let setting =
        Setting { deadline: clock.deadline, ..Setting::of(&contrast, search_um, protocol.max_diameter_um) };
    let mut shafts = shafts(&contrast, &cut.scalp, &setting);
    clock.lap("shafts");
    if clock.deadline.passed() {
        return (clock.too_late(measurement, "the search for shafts"), None);
    }
    let usual_level = usual_level(&shafts);
    let widths = widths_of(&shafts, &contrast, usual_level);
    clock.lap("widths");
    if clock.deadline.passed() {
        return (clock.too_late(measurement, "the widths"), None);
    }
    let ends = roots(&shafts, &contrast.opacity, &cut.scalp, scale);
    let sure = shafts.iter().map(|shaft| (shaft, confidence(shaft.log_odds)));
    let drawn: Vec<(&Shaft, f64)> = sure.filter(|&(_, confidence)| confidence >= LEAST_DRAWN).collect();
    let unsharp = unsharp(&contrast.opacity, &cut.own, search_um);
    let seen = Appearance {
        unsharp_fraction: round(unsharp.map_or(0.0, |part| part.share)),
        usual_line_px: line_px,
        single_line_px: lines.map(|lines| lines.single_px),
        ..appearance(&Light::of(photo).of_part(cut.from()), &cut.own, &contrast, &drawn, usual_level)
    };
    measurement.quality.appearance = Some(seen);
    cut.place(&mut shafts);
    let mut hairs = hairs(&shafts, &widths, &ends, &seen, um_per_px, search_um, protocol);
    let units = follicular_units(&mut hairs, protocol.unit_distance_um / um_per_px.unwrap_or(search_um));
    clock.lap("roots and units");

    let own = hairs_in(&hairs, &protocol.region);
    let measured_blur = widths.blur.measured.then_some(f64::from(widths.blur.sigma_px));
    let resolvable_px = resolvable_width_px(&contrast, &widths, usual_level);
    let field = Field {
        area_mm2: measurement.region.area_mm2,
        area_px: measurement.region.area_px as f64,
        calibration,
        resolvable_diameter_um: um_per_px.and_then(|um| Some(um * resolvable_px?)),
        count_error: Some(count_error(&seen, &own, measured_blur, um_per_px.is_some())),
    };
    // Those that a wrong scale makes too wide or too short are what tells of it.
    let sure = own.iter().filter(|hair| hair.confidence >= LIKELY);
    let widths_px: Vec<f64> = sure.filter_map(|hair| hair.width_px).collect();
    let counted = hairs.iter().filter(|hair| hair.counted).count();
    let area_px = measurement.region.area_px as f64;
    // A region may be drawn around hairs; how dense they are there says nothing.
    let all_units = if protocol.region == RegionShape::Whole { units.len() } else { 0 };
    let of_scale = OfScale { line_px, hairs_px: &widths_px, units: all_units, area_px };
    let scale_doubt = doubt::of_scale(um_per_px, &of_scale);
    let small = of_field(&measurement.region, um_per_px, search_um);
    let ruler = doubt::of_ruler(ruler_in_region, &seen, counted);
    // What a few pixels look like says nothing.
    let is_speck = protocol.region != RegionShape::Whole
        && small.as_ref().is_some_and(|finding| finding.severity == Severity::Failure);
    let whole = if is_speck { Vec::new() } else { doubt::of_appearance(&seen, counted) };
    let (refused, doubted): (Vec<Finding>, Vec<Finding>) =
        (scale_doubt.into_iter().chain(ruler).chain(small).chain(whole).chain(unsharp.map(doubt::of_focus)))
            .partition(|finding| finding.severity == Severity::Failure);
    measurement.quality.findings.extend(doubted);
    measurement.quality.noise_sd = Some(f64::from(contrast.noise_sd));
    if !refused.is_empty() {
        measurement.quality.findings.extend(refused);
        measurement.quality.verdict = Verdict::Fail;
        return (TimedMeasurement { measurement, timings: clock.timings }, None);
    }
    measurement.summary = summarise(&hairs, &units, &field, protocol);
    measurement.quality.blur_sigma_px = measured_blur;
    measurement.quality.blur_se_px = measured_blur.map(|_| round(f64::from(widths.blur.se_px)));
    measurement.quality.blur_range_px =
        measured_blur.map(|_| widths.blur.range_px.map(|px| round(f64::from(px))));
    measurement.quality.findings.extend(doubts(&widths, um_per_px, &field, protocol));
    measurement.quality.findings.extend(doubt::of_count(&measurement.summary));
    measurement.quality.verdict = verdict(&measurement.quality.findings);
    measurement.hairs = hairs;
    measurement.follicular_units = units;
    clock.lap("summary");
    let analysed_px = cut.part_px();
    let (contrast, mut valid) = cut.put_back(contrast);
    let removed = corrections.map(|file| {
        let evidence = PhotoEvidence {
            opacity: &contrast.opacity,
            analysed_px,
            blur: widths.blur.moved([analysed_px[0], analysed_px[1]]),
            usual_level,
            faintest_level: setting.min_level.max(FAINTEST_TEXTURE * contrast.texture_sd),
        };
        correct(&mut measurement, file, &evidence, &mut valid)
    });
    if removed.is_some() {
        clock.lap("corrections");
    }
    let blur_sigma_px = f64::from(widths.blur.sigma_px);
    let tone = Tone::of(&Light::of(photo), &valid, &contrast, blur_sigma_px, &measurement.hairs);
    let region = protocol.region.clone();
    let sight = Sight { opacity: contrast.neutral, scalp: valid, region, removed, tone };
    (TimedMeasurement { measurement, timings: clock.timings }, Some(sight))
}

/// Which pixels of a photo are scalp: those of [`scalp`] on which neither a ruler lies nor print is drawn. W × H flags.
pub fn scalp_of(photo: &Photo, light: &LinearPhoto, rulers: &[Ruler]) -> Vec<bool> {
    let mut valid = scalp(light);
    let [width, height] = [photo.width_px, photo.height_px].map(|side| side as usize);
    scale::clear_rulers(&mut valid, width, rulers);
    for line in drawn_over(&photo.pixels, &valid, [width, height]) {
        clear(&mut valid, width, height, line);
    }
    valid
}

/// What the file itself leaves in doubt.
fn of_the_file(source: &PhotoSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.images > 1 {
        let message =
            format!("The {} holds {} images; the first was measured.", source.format.name(), source.images);
        findings.push(Finding::new(FindingCode::FirstOfSeveral, message));
    }
    if source.colour_space == ColourSpace::NotConverted {
        findings.push(Finding::new(
            FindingCode::ColoursNotConverted,
            "The file names colours of its own that cannot be converted; its values were taken as sRGB.",
        ));
    }
    findings
}

/// Laps of the stages.
struct Clock {
    last: Instant,
    deadline: Deadline,
    timings: Vec<StageTiming>,
}

impl Clock {
    fn start(max_seconds: f64) -> Self {
        Self { last: Instant::now(), deadline: Deadline::after(max_seconds), timings: Vec::new() }
    }

    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.timings.push(StageTiming { stage, seconds: (now - self.last).as_secs_f64() });
        self.last = now;
    }

    /// Ends the measurement of a photo that took too long, with nothing of what was found.
    fn too_late(self, measurement: Measurement, stage: &str) -> TimedMeasurement {
        let message =
            format!("Measuring was given up after {} s, at {stage}.", measurement.protocol.max_seconds);
        self.fail(measurement, FindingCode::TookTooLong, message)
    }

    /// Ends the measurement of a photo that cannot carry one.
    fn fail(self, mut measurement: Measurement, code: FindingCode, message: String) -> TimedMeasurement {
        measurement.quality.findings.push(Finding::new(code, message));
        measurement.quality.verdict = verdict(&measurement.quality.findings);
        TimedMeasurement { measurement, timings: self.timings }
    }
}

/// The region less what is not scalp.
pub(crate) fn region(shape: &RegionShape, valid: &[bool], width: usize, um_per_px: Option<f64>) -> Region {
    let (mut inside, mut scalp) = (0_u64, 0_u64);
    let [_, top, _, bottom] =
        shape.bounds_px().unwrap_or([f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY]);
    let rows = valid.chunks_exact(width).enumerate();
    for (y, flags) in rows.filter(|&(y, _)| (top..=bottom).contains(&(y as f64))) {
        for (flag, is_inside) in flags.iter().zip(shape.row(y, width)) {
            inside += u64::from(is_inside);
            scalp += u64::from(is_inside && *flag);
        }
    }
    Region {
        shape: shape.clone(),
        area_px: scalp,
        area_mm2: um_per_px.map(|um| scalp as f64 * um * um * 1e-6),
        masked_fraction: if inside == 0 { 1.0 } else { 1.0 - scalp as f64 / inside as f64 },
    }
}

/// That too little of what is analysed is scalp, if so.
pub(crate) fn too_little_scalp(region: &Region) -> Option<String> {
    let of = if region.shape == RegionShape::Whole { "photo" } else { "region" };
    let share = 1.0 - region.masked_fraction;
    (share < MIN_SCALP_SHARE).then(|| format!("Only {:.1} % of the {of} could be scalp.", 100.0 * share))
}

/// Why a photo cannot carry a measurement, if so.
fn cannot_carry(
    light: &LinearPhoto,
    own: &[bool],
    region: &Region,
    um_per_px: Option<f64>,
) -> Option<(FindingCode, String)> {
    if region.area_px == 0 && region.shape != RegionShape::Whole {
        let message = "No pixel of the region is scalp inside the photo.".to_owned();
        return Some((FindingCode::RegionEmpty, message));
    }
    if let Some(message) = too_little_scalp(region) {
        return Some((FindingCode::NoScalp, message));
    }
    let brightness: Vec<f32> = (0..own.len())
        .step_by(7)
        .filter(|&i| own[i])
        .map(|i| light.primaries.iter().map(|p| p.data[i]).sum::<f32>() / 3.0)
        .collect();
    let n = brightness.len().max(1) as f32;
    let mean = brightness.iter().sum::<f32>() / n;
    let spread = (brightness.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
    if mean < DARKEST_SKIN || spread < LEAST_SPREAD * mean {
        if let Some(small) = too_small(region, um_per_px, GUESSED_UM_PER_PX) {
            return Some((small.code, small.message));
        }
        let message = if mean < DARKEST_SKIN {
            "The photo is black.".to_owned()
        } else {
            "The photo is of one brightness throughout.".to_owned()
        };
        return Some((FindingCode::NoContrast, message));
    }
    None
}

/// What the size of a region leaves in doubt; without a scale by an assumed one.
fn of_field(region: &Region, um_per_px: Option<f64>, assumed_um: f64) -> Option<Finding> {
    let assumed_mm2 = region.area_px as f64 * assumed_um * assumed_um * 1e-6;
    doubt::of_field(region.area_mm2.unwrap_or(assumed_mm2), um_per_px.is_none())
}

/// That a region is too small for any hair, if so.
fn too_small(region: &Region, um_per_px: Option<f64>, assumed_um: f64) -> Option<Finding> {
    of_field(region, um_per_px, assumed_um).filter(|finding| finding.severity == Severity::Failure)
}

/// Opacity that a third of the likely shafts exceed: the others are finer, or pale in part, and show less of their own.
fn usual_level(shafts: &[Shaft]) -> f32 {
    let mut levels: Vec<f32> = shafts.iter().filter(|s| s.log_odds > 0.0).map(|s| s.evidence.level).collect();
    levels.sort_by(f32::total_cmp);
    levels.get(levels.len() * 2 / 3).copied().unwrap_or(0.9)
}

/// Width at which a shaft of the usual opacity still stands out, as after the blur its peak is `a W / (√(2π) s)`, and whose
/// two edges are told apart, two sigmas of the blur (Sparrow 1916, doi:10.1086/142271); `None` where the blur is not known.
fn resolvable_width_px(contrast: &Contrast, widths: &Widths, usual_level: f32) -> Option<f64> {
    let spread = (2.0 * std::f32::consts::PI).sqrt() * widths.blur.sigma_px;
    let width_px = (contrast.faintest_level() * spread / usual_level).max(2.0 * widths.blur.sigma_px);
    widths.blur.measured.then_some(f64::from(width_px))
}

/// What speaks against the numbers.
fn doubts(widths: &Widths, um_per_px: Option<f64>, field: &Field, protocol: &Protocol) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !widths.blur.measured {
        findings.push(Finding::new(
            FindingCode::BlurUnknown,
            format!(
                "Too few wide shafts tell the blur of the photo; a usual blur of {} px was taken.",
                crate::profile::USUAL_BLUR_PX
            ),
        ));
    }
    let Some(um_per_px) = um_per_px else { return findings };
    let blur_um = f64::from(widths.blur.sigma_px) * um_per_px;
    if widths.blur.measured && blur_um > MAX_BLUR_UM {
        findings.push(Finding::new(
            FindingCode::OutOfFocus,
            format!(
                "Edges are blurred by {blur_um:.0} µm (sigma); up to {MAX_BLUR_UM:.0} µm thin hair is seen."
            ),
        ));
    }
    if um_per_px > MAX_UM_PER_PX {
        findings.push(Finding::new(
            FindingCode::PixelsTooCoarse,
            format!("A pixel is {um_per_px} µm; telling vellus from terminal hair needs {MAX_UM_PER_PX:.0} µm or finer."),
        ));
    }
    if let Some(limit) = field.resolvable_diameter_um.filter(|&limit| limit > protocol.vellus_limit_um) {
        findings.push(Finding::new(
            FindingCode::VellusNotResolved,
            format!(
                "Hair thinner than {limit:.0} µm cannot be told from noise here; the vellus limit is {:.0} µm.",
                protocol.vellus_limit_um
            ),
        ));
    }
    findings
}
