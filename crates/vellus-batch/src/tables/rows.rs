//! What the rows of each table are made from, and their columns.

use vellus::comparison::{Match, SecondLook};
use vellus::series::Trend;
use vellus::{
    AppliedCorrections, Comparison, FollicularUnit, Hair, Measurement, QuantityChange, RegionSummary,
};

use super::field::{Cell, Field, fields, named};
use crate::manifest::Row;
use crate::record::{ComparisonHead, RowHead};
use crate::run::reason_of_failure;

/// A row of the manifest with what became of it.
pub struct PhotoRow<'a> {
    /// The row.
    pub row: &'a Row,
    /// Place of its visit, 0 for the baseline.
    pub visit_number: Option<usize>,
    /// Head of its record.
    pub head: &'a RowHead,
    /// The measurement, unless it failed.
    pub measurement: Option<&'a Measurement>,
    /// Codes of the doubts that only all rows together show.
    pub doubts: Vec<&'static str>,
}

impl PhotoRow<'_> {
    fn of<T: Into<Cell>>(&self, value: impl FnOnce(&Measurement) -> T) -> Cell {
        self.measurement.map(value).into()
    }
}

/// What one photo has several of.
pub struct Part<'a, T> {
    /// The photo.
    pub photo: &'a PhotoRow<'a>,
    /// One of them.
    pub part: &'a T,
}

/// Which row of the manifest: the first columns of the tables by photo.
pub fn of_row<'a>() -> &'a [Field<PhotoRow<'a>>] {
    fields![PhotoRow<'a>;
        row: Integer "" "Row of the manifest, from 1" |p| p.row.number.into();
        photo: Text "" "Path of the photo as the manifest gives it" |p| (&p.row.photo).into();
        subject: Text "" "Subject as the manifest gives it; null without" |p| p.row.subject.as_ref().into();
        visit: Text "" "Visit as the manifest gives it; null without" |p| p.row.visit.as_ref().into();
        visit_number: Integer "" "Place of the visit in time, 0 for the baseline; null without visit" |p| p.visit_number.into();
        replicate: Text "" "Which of several photos of one visit, as the manifest gives it; null without" |p| p.row.replicate.as_ref().into();
        site: Text "" "Site as the manifest gives it; null without" |p| p.row.site.as_ref().into();
        arm: Text "" "Arm as the manifest gives it; null without" |p| p.row.arm.as_ref().into();
    ]
}

/// The columns of `photos` after [`of_row`].
pub fn of_photo<'a>() -> &'a [Field<PhotoRow<'a>>] {
    fields![PhotoRow<'a>;
        status: Text "" "measured; not_measurable: the photo was read but cannot carry a measurement; failed: it could not be read" |p| status(p);
        failure: Text "" "Why it failed: missing, unreadable, empty, format, damaged, too_large, corrections, crashed; null unless it failed" |p| p.head.failure.as_ref().map(|f| f.reason.name()).into();
        reason: Text "" "The reason in a sentence; null for a measured photo" |p| reason(p);
        verdict: Text "" "pass, warn or fail; null if the photo failed" |p| p.of(|m| named(m.quality.verdict));
        findings: Text "" "Codes of the doubts, separated by semicolons; null without any. The table findings has their sentences" |p| codes(p);
        um_per_px: Number "µm" "Length of a pixel on the scalp; null without a scale" |p| p.of(|m| m.calibration.map(|c| c.um_per_px));
        width_px: Integer "px" "Width of the upright photo" |p| p.of(|m| m.image.width_px);
        height_px: Integer "px" "Height of the upright photo" |p| p.of(|m| m.image.height_px);
        area_mm2: Number "mm²" "Scalp that was analysed; null without a scale" |p| p.of(|m| m.region.area_mm2);
        masked_fraction: Number "" "Share of the region that is not scalp, 0 to 1" |p| p.of(|m| m.region.masked_fraction);
        noise_sd: Number "" "Noise in the skin, 1 is the skin's brightness; null where it could not be told" |p| p.of(|m| m.quality.noise_sd);
        blur_sigma_px: Number "px" "Standard deviation of the blur of a shaft's edge; null where it could not be told" |p| p.of(|m| m.quality.blur_sigma_px);
        hair_count: Integer "hairs" "Hairs that count; null if the photo failed or cannot carry a measurement" |p| p.of(|m| (m.quality.verdict != vellus::Verdict::Fail).then_some(m.summary.hair_count));
        hair_count_ci95_low: Number "hairs" "Lower end of the 95 % interval of the counting" |p| p.of(|m| m.summary.hair_count_ci95.map(|c| c[0]));
        hair_count_ci95_high: Number "hairs" "Upper end of the 95 % interval of the counting" |p| p.of(|m| m.summary.hair_count_ci95.map(|c| c[1]));
        density_per_cm2: Number "hairs/cm²" "Hairs per area; null without a scale" |p| p.of(|m| m.summary.density_per_cm2);
        density_ci95_low_per_cm2: Number "hairs/cm²" "Lower end of its 95 % interval" |p| p.of(|m| m.summary.density_ci95_per_cm2.map(|c| c[0]));
        density_ci95_high_per_cm2: Number "hairs/cm²" "Upper end of its 95 % interval" |p| p.of(|m| m.summary.density_ci95_per_cm2.map(|c| c[1]));
        mean_diameter_um: Number "µm" "Mean shaft diameter of counted hairs; null without a scale or a hair" |p| p.of(|m| m.summary.mean_diameter_um);
        median_diameter_um: Number "µm" "Median shaft diameter of counted hairs" |p| p.of(|m| m.summary.median_diameter_um);
        diameter_sd_um: Number "µm" "Standard deviation of the diameter over hairs" |p| p.of(|m| m.summary.diameter_sd_um);
        mean_width_px: Number "px" "Mean shaft width, for photos without a scale" |p| p.of(|m| m.summary.mean_width_px);
        vellus_limit_um: Number "µm" "Hairs thinner than this are vellus" |p| p.of(|m| m.summary.vellus_limit_um);
        terminal_count: Integer "hairs" "Counted hairs at or above that limit" |p| p.of(|m| m.summary.terminal_count);
        vellus_count: Integer "hairs" "Counted hairs below that limit" |p| p.of(|m| m.summary.vellus_count);
        non_vellus_count_30um: Integer "hairs" "Counted hairs of at least 30 µm" |p| p.of(|m| m.summary.non_vellus_count_30um);
        non_vellus_count_40um: Integer "hairs" "Counted hairs of at least 40 µm" |p| p.of(|m| m.summary.non_vellus_count_40um);
        non_vellus_expected_30um: Number "hairs" "Expected hairs of at least 30 µm, with the error of every diameter" |p| p.of(|m| m.summary.non_vellus_expected_30um.map(|e| e.value));
        non_vellus_expected_40um: Number "hairs" "Expected hairs of at least 40 µm" |p| p.of(|m| m.summary.non_vellus_expected_40um.map(|e| e.value));
        unlike_diameter_fraction: Number "" "Share of the hairs whose diameter is more than 20 % off the mean (anisotrichosis)" |p| p.of(|m| m.summary.unlike_diameter_fraction);
        cumulative_thickness_mm_per_cm2: Number "mm/cm²" "Sum of the diameters per area" |p| p.of(|m| m.summary.cumulative_thickness_mm_per_cm2);
        hair_area_fraction: Number "" "Share of the region that shafts cover, 0 to 1" |p| p.of(|m| m.summary.hair_area_fraction);
        unit_count: Integer "units" "Follicular units with a counted hair" |p| p.of(|m| m.summary.unit_count);
        units_per_cm2: Number "units/cm²" "Follicular units per area" |p| p.of(|m| m.summary.units_per_cm2);
        hairs_per_unit: Number "hairs" "Counted hairs per follicular unit" |p| p.of(|m| m.summary.hairs_per_unit);
        unit_neighbour_distance_um: Number "µm" "Mean distance from a unit to the next one" |p| p.of(|m| m.summary.unit_neighbour_distance_um);
        mean_length_um: Number "µm" "Mean visible length of counted hairs" |p| p.of(|m| m.summary.mean_length_um);
        mean_direction_deg: Number "°" "Circular mean of the hairs' directions, clockwise from the x axis" |p| p.of(|m| m.summary.mean_direction_deg);
        direction_concentration: Number "" "0 (all directions) to 1 (all parallel)" |p| p.of(|m| m.summary.direction_concentration);
        resolvable_diameter_um: Number "µm" "Thinnest hair that the photo resolves" |p| p.of(|m| m.summary.resolvable_diameter_um);
        content_hash: Text "" "BLAKE3 of the file's bytes; null if it could not be read" |p| p.head.inputs.content_hash.as_ref().into();
        decoder: Text "" "What decoded it, with its version" |p| p.of(|m| Cell::from(&m.image.decoder));
        protocol_hash: Text "" "BLAKE3 of the protocol that batch.json holds" |p| (&p.head.inputs.protocol_hash).into();
        software: Text "" "Version of vellus that measured it" |p| (&p.head.inputs.software).into();
        corrected_by: Text "" "Codes of the readers who corrected it, separated by semicolons; null where nobody did" |p| applied(p, |c| c.readers.join(";"));
        corrections_hash: Text "" "BLAKE3 of the file with the corrections; null without" |p| p.head.inputs.corrections_hash.as_ref().into();
        automatic_hairs: Integer "hairs" "Hairs drawn before any correction, counted or not; null without corrections" |p| applied(p, |c| c.automatic_hairs);
        automatic_hair_count: Integer "hairs" "Hairs that counted before any correction; null without corrections" |p| applied(p, |c| c.automatic_summary.hair_count);
        automatic_density_per_cm2: Number "hairs/cm²" "Density before any correction; null without corrections" |p| applied(p, |c| c.automatic_summary.density_per_cm2);
        hairs_added: Integer "hairs" "Hairs that a reader added; null without corrections" |p| applied(p, |c| c.added);
        hairs_removed: Integer "hairs" "Hairs that a reader removed" |p| applied(p, |c| c.removed);
        hairs_split: Integer "hairs" "Hairs that a reader split into several" |p| applied(p, |c| c.split);
        hairs_merged: Integer "" "Times that a reader merged several hairs into one" |p| applied(p, |c| c.merged);
        hairs_turned: Integer "" "Times that a reader exchanged root and tip" |p| applied(p, |c| c.turned);
        not_scalp_regions: Integer "" "Areas that a reader took out as not scalp" |p| applied(p, |c| c.not_scalp_regions);
        corrections_not_applied: Integer "" "Corrections that could not be applied; the table findings names them" |p| applied(p, |c| c.not_applied);
        region: Text "" "The regions of its own that the manifest gives it; null without. The table regions has the numbers of each" |p| p.row.region.as_ref().into();
        scale_source: Text "" "Where um_per_px is from: flag, field_width, protocol, site_file, scale_bar, dicom, file_resolution; null without a scale" |p| p.of(|m| m.calibration.map(|c| named(c.source)));
        scale_relative_error: Number "" "Standard error of um_per_px as a share of it; a density has it twice, a diameter once; null without a scale" |p| p.of(|m| m.calibration.map(|c| c.relative_error));
        scale_error_basis: Text "" "stated, assumed or read; null without a scale" |p| p.of(|m| m.calibration.map(|c| named(c.error_basis)));
    ]
}

fn applied<T: Into<Cell>>(photo: &PhotoRow<'_>, value: impl FnOnce(&AppliedCorrections) -> T) -> Cell {
    photo.of(|measurement| measurement.corrections.as_ref().map(value))
}

fn status(photo: &PhotoRow<'_>) -> Cell {
    match photo.measurement {
        None => "failed".into(),
        Some(measurement) if reason_of_failure(measurement).is_some() => "not_measurable".into(),
        Some(_) => "measured".into(),
    }
}

fn reason(photo: &PhotoRow<'_>) -> Cell {
    let failed = photo.head.failure.as_ref().map(|failure| &failure.message);
    failed.or_else(|| Some(&reason_of_failure(photo.measurement?)?.message)).into()
}

/// The word of its code.
fn code(finding: &vellus::Finding) -> String {
    match named(finding.code) {
        Cell::Text(code) => code,
        _ => String::new(),
    }
}

/// Each code once, those of the photo alone first.
fn codes(photo: &PhotoRow<'_>) -> Cell {
    let own = photo.measurement.iter().flat_map(|measurement| &measurement.quality.findings);
    let mut all: Vec<String> = Vec::new();
    for code in own.map(code).chain(photo.doubts.iter().map(|&code| code.to_owned())) {
        if !all.contains(&code) {
            all.push(code);
        }
    }
    all.join(";").into()
}

/// The columns of `hairs` after [`of_row`].
pub fn of_hair<'a>() -> &'a [Field<Part<'a, Hair>>] {
    fields![Part<'a, Hair>;
        hair_id: Integer "" "Number of the hair within the photo, from 1" |p| p.part.id.into();
        unit_id: Integer "" "Its follicular unit; null where the root is outside the region" |p| p.part.follicular_unit.into();
        counted: Boolean "" "Whether it enters the count" |p| p.part.counted.into();
        not_counted: Text "" "Why not: root_outside_region, passes_through, low_confidence, too_short, too_wide; null if it counts" |p| p.part.not_counted.map(named).into();
        hair_class: Text "" "terminal or vellus by the protocol's limit; null without a scale" |p| p.part.class.map(named).into();
        diameter_um: Number "µm" "Length-weighted mean of the projected shaft width; null without a scale or where it cannot be resolved" |p| p.part.diameter_um.into();
        diameter_se_um: Number "µm" "Standard error of the diameter" |p| p.part.diameter_se_um.into();
        diameter_sd_um: Number "µm" "Standard deviation of the diameter along the shaft" |p| p.part.diameter_sd_um.into();
        diameter_limit_um: Number "µm" "Where the diameter cannot be resolved: it is below this" |p| p.part.diameter_limit_um.into();
        diameter_basis: Text "" "What the diameter was read from: edges, beside (its edges and its neighbours' together), density (width times opacity), outline or colour" |p| p.part.diameter_basis.map(named).into();
        width_px: Number "px" "The diameter in pixels" |p| p.part.width_px.into();
        length_um: Number "µm" "Length of the visible course; null without a scale" |p| p.part.length_um.into();
        length_px: Number "px" "Length of the visible course" |p| p.part.length_px.into();
        root_x_px: Number "px" "Where the shaft emerges, to the right from the centre of the top-left pixel" |p| p.part.root_px[0].into();
        root_y_px: Number "px" "Where the shaft emerges, downwards" |p| p.part.root_px[1].into();
        tip_x_px: Number "px" "The other end, to the right" |p| p.part.tip_px[0].into();
        tip_y_px: Number "px" "The other end, downwards" |p| p.part.tip_px[1].into();
        direction_deg: Number "°" "From root to tip, clockwise from the x axis, in (−180, 180]" |p| p.part.direction_deg.into();
        polarity: Text "" "dark or bright against the skin" |p| named(p.part.polarity);
        confidence: Number "" "Probability that it is a hair and drawn right, 0 to 1" |p| p.part.confidence.into();
        root_confidence: Number "" "Probability that the root is not the tip, 0.5 to 1" |p| p.part.root_confidence.into();
        origin: Text "" "automatic; added: a reader drew it; turned: a reader exchanged root and tip" |p| named(p.part.origin);
        regions: Text "" "Names of the regions that it counts in, separated by semicolons; null without several regions" |p| regions_of(p);
    ]
}

fn regions_of(hair: &Part<'_, Hair>) -> Cell {
    let regions =
        hair.photo.measurement.map(|measurement| measurement.regions.as_slice()).unwrap_or_default();
    let names: Vec<&str> = regions
        .iter()
        .filter(|part| part.hairs.contains(&hair.part.id))
        .map(|part| part.name.as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(";")).into()
}

/// The columns of `regions` after [`of_row`].
pub fn of_region<'a>() -> &'a [Field<Part<'a, RegionSummary>>] {
    fields![Part<'a, RegionSummary>;
        region: Text "" "Name of the region" |p| (&p.part.name).into();
        area_px: Integer "px" "Scalp in it, pixels" |p| (p.part.region.area_px as usize).into();
        area_mm2: Number "mm²" "Scalp in it; null without a scale" |p| p.part.region.area_mm2.into();
        masked_fraction: Number "" "Share of it that is not scalp, 0 to 1" |p| p.part.region.masked_fraction.into();
        hair_count: Integer "hairs" "Hairs that count in it; null if the photo cannot carry a measurement. Where regions overlap, a hair counts in each" |p| of_part(p, |s| Some(s.hair_count));
        hair_count_ci95_low: Number "hairs" "Lower end of the 95 % interval of the counting" |p| of_part(p, |s| s.hair_count_ci95.map(|c| c[0]));
        hair_count_ci95_high: Number "hairs" "Upper end of the 95 % interval of the counting" |p| of_part(p, |s| s.hair_count_ci95.map(|c| c[1]));
        density_per_cm2: Number "hairs/cm²" "Hairs per area; null without a scale" |p| of_part(p, |s| s.density_per_cm2);
        density_ci95_low_per_cm2: Number "hairs/cm²" "Lower end of its 95 % interval" |p| of_part(p, |s| s.density_ci95_per_cm2.map(|c| c[0]));
        density_ci95_high_per_cm2: Number "hairs/cm²" "Upper end of its 95 % interval" |p| of_part(p, |s| s.density_ci95_per_cm2.map(|c| c[1]));
        mean_diameter_um: Number "µm" "Mean shaft diameter of its counted hairs; null without a scale or a hair" |p| of_part(p, |s| s.mean_diameter_um);
        diameter_sd_um: Number "µm" "Standard deviation of the diameter over hairs" |p| of_part(p, |s| s.diameter_sd_um);
        terminal_count: Integer "hairs" "Counted hairs at or above the vellus limit" |p| of_part(p, |s| s.terminal_count);
        vellus_count: Integer "hairs" "Counted hairs below that limit" |p| of_part(p, |s| s.vellus_count);
        cumulative_thickness_mm_per_cm2: Number "mm/cm²" "Sum of the diameters per area" |p| of_part(p, |s| s.cumulative_thickness_mm_per_cm2);
        unit_count: Integer "units" "Follicular units with a counted hair in it" |p| of_part(p, |s| s.unit_count);
        units_per_cm2: Number "units/cm²" "Follicular units per area" |p| of_part(p, |s| s.units_per_cm2);
        hairs_per_unit: Number "hairs" "Counted hairs per follicular unit" |p| of_part(p, |s| s.hairs_per_unit);
        mean_length_um: Number "µm" "Mean visible length of counted hairs" |p| of_part(p, |s| s.mean_length_um);
    ]
}

fn of_part<T: Into<Cell>>(
    part: &Part<'_, RegionSummary>,
    value: impl FnOnce(&vellus::Summary) -> Option<T>,
) -> Cell {
    let failed = part.photo.measurement.is_some_and(|m| m.quality.verdict == vellus::Verdict::Fail);
    (!failed).then(|| value(&part.part.summary)).flatten().into()
}

/// The columns of `units` after [`of_row`].
pub fn of_unit<'a>() -> &'a [Field<Part<'a, FollicularUnit>>] {
    fields![Part<'a, FollicularUnit>;
        unit_id: Integer "" "Number of the follicular unit within the photo, from 1" |p| p.part.id.into();
        centre_x_px: Number "px" "Mean of the roots, to the right from the centre of the top-left pixel" |p| p.part.centre_px[0].into();
        centre_y_px: Number "px" "Mean of the roots, downwards" |p| p.part.centre_px[1].into();
        hairs: Integer "hairs" "Hairs of the unit, counted or not" |p| p.part.hairs.len().into();
        counted_hairs: Integer "hairs" "Hairs of the unit that count" |p| unit_hairs(p).count().into();
        mean_diameter_um: Number "µm" "Mean diameter of its counted hairs; null where none was measured" |p| mean(unit_hairs(p).filter_map(|hair| hair.diameter_um)).into();
    ]
}

fn unit_hairs<'a>(unit: &'a Part<'_, FollicularUnit>) -> impl Iterator<Item = &'a Hair> {
    let hairs = unit.photo.measurement.map(|measurement| measurement.hairs.as_slice()).unwrap_or_default();
    hairs.iter().filter(|hair| hair.counted && unit.part.hairs.contains(&hair.id))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// A follow-up and its comparison.
pub struct FollowUp<'a> {
    /// The follow-up's first row.
    pub row: &'a Row,
    /// Name of the trial's baseline visit.
    pub baseline_visit: &'a str,
    /// The arm of its subject.
    pub arm: Option<&'a str>,
    /// Place of the follow-up in time.
    pub visit_number: Option<usize>,
    /// Head of its record; `None` where the subject has no baseline.
    pub head: Option<&'a ComparisonHead>,
    /// What changed, unless it was refused.
    pub comparison: Option<&'a Comparison>,
}

/// Which follow-up: the first columns of the tables by follow-up.
pub fn of_follow_up<'a>() -> &'a [Field<FollowUp<'a>>] {
    fields![FollowUp<'a>;
        subject: Text "" "Subject as the manifest gives it" |f| f.row.subject.as_ref().into();
        site: Text "" "Site as the manifest gives it; null without" |f| f.row.site.as_ref().into();
        arm: Text "" "Arm of the follow-up's first row, or the one that the subject's other rows state; null without" |f| f.arm.into();
        baseline_visit: Text "" "The visit that it is compared with" |f| f.baseline_visit.into();
        visit: Text "" "The follow-up" |f| f.row.visit.as_ref().into();
        visit_number: Integer "" "Place of the follow-up in time; the baseline is 0" |f| f.visit_number.into();
    ]
}

/// A quantity of a follow-up; `None` where it could not be compared.
pub type Changed<'a> = (&'a FollowUp<'a>, Option<(&'static str, QuantityChange)>);

/// The columns of `changes` after [`of_follow_up`].
pub fn of_change<'a>() -> &'a [Field<Changed<'a>>] {
    fields![Changed<'a>;
        status: Text "" "compared; refused: the photos cannot be compared; no_baseline: the subject has no photo of the first visit" |(f, _)| match (f.head, f.comparison) { (None, _) => "no_baseline".into(), (_, None) => "refused".into(), _ => "compared".into() };
        reason: Text "" "Why it was refused; null otherwise" |(f, _)| f.head.and_then(|head| head.refusal.as_ref()).into();
        quantity: Text "" "What changed: a row each; null where nothing could be compared. Its name ends in its unit" |(_, q)| q.map(|(name, _)| name).into();
        unit: Text "" "Unit of the numbers of this row" |(_, q)| q.map(|(name, _)| unit_of(name)).into();
        baseline: Number "as unit says" "Value at the baseline over the skin that both visits show" |(_, q)| q.map(|(_, c)| c.baseline).into();
        follow_up: Number "as unit says" "Value at the follow-up over that skin" |(_, q)| q.map(|(_, c)| c.follow_up).into();
        difference: Number "as unit says" "Follow-up less baseline" |(_, q)| q.map(|(_, c)| c.difference).into();
        standard_error: Number "as unit says" "Standard error of the difference" |(_, q)| q.map(|(_, c)| c.standard_error).into();
        ci95_low: Number "as unit says" "Lower end of the 95 % interval of the difference" |(_, q)| q.map(|(_, c)| c.ci95[0]).into();
        ci95_high: Number "as unit says" "Upper end of the 95 % interval of the difference" |(_, q)| q.map(|(_, c)| c.ci95[1]).into();
        smallest_detectable_change: Number "as unit says" "Smallest change that the method tells from its own error (95 %)" |(_, q)| q.map(|(_, c)| c.smallest_detectable_change).into();
        verdict: Text "" "increase, decrease or no change beyond measurement error" |(_, q)| q.map(|(_, c)| named(c.verdict)).into();
        baseline_photos: Integer "photos" "Photos of the baseline that took part" |(f, _)| f.head.map(|head| head.baseline.len()).into();
        follow_up_photos: Integer "photos" "Photos of the follow-up that took part" |(f, _)| f.head.map(|head| head.follow_up.len()).into();
        left_out_photos: Integer "photos" "Photos of either visit that did not; the table findings says why" |(f, _)| f.head.map(|head| head.left_out.len()).into();
        overlap_area_mm2: Number "mm²" "Skin that was compared; null without a scale" |(f, _)| f.comparison.map(|c| c.registration.overlap_area_mm2).into();
        overlap_fraction: Number "" "It as a share of the baseline's region, 0 to 1" |(f, _)| f.comparison.map(|c| c.registration.overlap_fraction).into();
        rms_residual_um: Number "µm" "What registration leaves between the roots, root mean square; px without a scale" |(f, _)| f.comparison.map(|c| c.registration.rms_residual_um).into();
        same_site_probability: Number "" "Probability that both visits show the same site, 0 to 1" |(f, _)| f.comparison.map(|c| c.registration.same_site_probability).into();
        findings: Text "" "Codes of the doubts about this comparison, separated by semicolons: small_overlap, focus_differs and others; null without any. Those about a photo are in the table findings" |(f, _)| told(f, ";", code);
        findings_sentences: Text "" "What they say" |(f, _)| told(f, " ", |finding| finding.message.clone());
    ]
}

fn told(follow_up: &FollowUp<'_>, between: &str, of: impl Fn(&vellus::Finding) -> String) -> Cell {
    let findings = follow_up.comparison.map(|c| c.findings.as_slice()).unwrap_or_default();
    (!findings.is_empty()).then(|| findings.iter().map(of).collect::<Vec<_>>().join(between)).into()
}

/// The unit that a quantity's name ends in.
pub fn unit_of(quantity: &str) -> &'static str {
    match quantity {
        "density_per_cm2" => "hairs/cm²",
        "units_per_cm2" => "units/cm²",
        "cumulative_thickness_mm_per_cm2" => "mm/cm²",
        // The count's own limit stands in its name.
        name if name.contains("count") || name.starts_with("hairs_per") => "hairs",
        name if name.ends_with("_um") => "µm",
        _ => "",
    }
}

/// What became of a hair of a follow-up.
pub struct Fate<'a> {
    /// The follow-up.
    pub follow_up: &'a FollowUp<'a>,
    /// The comparison.
    pub comparison: &'a Comparison,
    /// `matched`, `gained`, `lost` or `not_seen`.
    pub fate: &'static str,
    /// Its hair in the baseline.
    pub baseline: Option<&'a Hair>,
    /// Its hair in the follow-up.
    pub hair: Option<&'a Hair>,
    /// The match.
    pub found: Option<&'a Match>,
    /// What the other photo said of it.
    pub look: Option<&'a SecondLook>,
}

/// The columns of `matches` after [`of_follow_up`].
pub fn of_fate<'a>() -> &'a [Field<Fate<'a>>] {
    fields![Fate<'a>;
        baseline_photo: Text "" "Photo of the baseline that the hair's number is of" |f| f.comparison.baseline.image.path.as_ref().into();
        follow_up_photo: Text "" "Photo of the follow-up that the hair's number is of" |f| f.comparison.follow_up.image.path.as_ref().into();
        fate: Text "" "matched, gained, lost, or not_seen: the other photo could not show it" |f| f.fate.into();
        baseline_hair_id: Integer "" "Its number in the baseline's photo; null unless it is seen there" |f| f.baseline.map(|hair| hair.id).into();
        follow_up_hair_id: Integer "" "Its number in the follow-up's photo; null unless it is seen there" |f| f.hair.map(|hair| hair.id).into();
        in_common_area: Boolean "" "Of a matched hair: whether its root lies in the skin that is compared" |f| f.found.map(|found| found.in_common_area).into();
        match_source: Text "" "both_photos, second_look_follow_up or second_look_baseline; null unless matched" |f| f.found.map(|found| named(found.source)).into();
        match_confidence: Number "" "Probability that both are the same hair, 0 to 1" |f| f.found.map(|found| found.confidence).into();
        root_distance_um: Number "µm" "Distance of the roots after registration; px without a scale" |f| f.found.map(|found| found.root_distance_um).into();
        baseline_diameter_um: Number "µm" "Diameter at the baseline" |f| f.baseline.and_then(|hair| hair.diameter_um).into();
        follow_up_diameter_um: Number "µm" "Diameter at the follow-up" |f| f.hair.and_then(|hair| hair.diameter_um).into();
        diameter_change_um: Number "µm" "Follow-up less baseline" |f| f.found.and_then(|found| found.diameter_change_um).into();
        diameter_change_se_um: Number "µm" "Its standard error" |f| f.found.and_then(|found| found.diameter_change_se_um).into();
        length_change_um: Number "µm" "Follow-up less baseline; between two clippings it tells nothing" |f| f.found.and_then(|found| found.length_change_um).into();
        second_look: Text "" "What the other photo said of a hair without partner; null where it was not asked" |f| f.look.map(|look| named(look.outcome)).into();
        second_look_probability: Number "" "Probability that it is there, 0 to 1" |f| f.look.and_then(|look| look.presence_probability).into();
    ]
}

/// The trend of a quantity in a series, with the last follow-up of it.
pub type Course<'a> = (&'a FollowUp<'a>, &'a Trend);

/// The columns of `trends`: subject, site and arm come first.
pub fn of_trend<'a>() -> &'a [Field<Course<'a>>] {
    fields![Course<'a>;
        subject: Text "" "Subject as the manifest gives it" |(f, _)| f.row.subject.as_ref().into();
        site: Text "" "Site as the manifest gives it; null without" |(f, _)| f.row.site.as_ref().into();
        arm: Text "" "Arm of the last follow-up, or the one that the subject's other rows state; null without" |(f, _)| f.arm.into();
        quantity: Text "" "What goes up or down: a row each. Its name ends in its unit" |(_, t)| (&t.quantity).into();
        unit: Text "" "Unit of the numbers of this row" |(_, t)| unit_of(&t.quantity).into();
        visits: Integer "visits" "Visits that could be compared, the baseline with them" |(_, t)| t.difference.iter().flatten().count().into();
        last_difference: Number "as unit says" "Last follow-up less baseline" |(_, t)| t.difference.last().copied().flatten().into();
        slope_per_visit: Number "as unit says" "Weighted straight line through the differences, per compared visit; null with fewer than three visits" |(_, t)| t.slope_per_visit.map(|s| s.value).into();
        slope_standard_error: Number "as unit says" "Standard error of the slope" |(_, t)| t.slope_per_visit.map(|s| s.standard_error).into();
        slope_ci95_low: Number "as unit says" "Lower end of its 95 % interval" |(_, t)| t.slope_per_visit.map(|s| s.ci95[0]).into();
        slope_ci95_high: Number "as unit says" "Upper end of its 95 % interval" |(_, t)| t.slope_per_visit.map(|s| s.ci95[1]).into();
    ]
}
