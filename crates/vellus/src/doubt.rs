//! Is it scalp, is it explained, is the scale possible: what a whole photo leaves in doubt.
//!
//! [`Appearance`] and the scale → [`Finding`]s. A count of a photo that is no scalp, or whose dark pixels are mostly not the
//! hairs that were found, would be a plausible wrong number; such a photo is refused.
//!
//! The limits lie between what 47 clinic photos, 13 photos of other devices and drawn scalps show on one side, and 24
//! photos of other things and 10 patterns on the other (README, "What is refused").

use crate::appearance::Appearance;
use crate::finding::{Finding, FindingCode};
use crate::focus::Unsharp;
use crate::measurement::Summary;
use crate::spectrum::{BELIEVED_UM, USUAL_DIAMETER_UM};

/// Least share of the dark pixels that hairs explain, each weighted by its confidence. Clinic photos have 0.61 to 0.87, long
/// hair down to 0.47; photos of other things 0 to 0.46, most of them below 0.25. Below it a photo is refused, …
const LEAST_EXPLAINED: f64 = 0.4;
/// … where hair is pale, so that much else is as dark, only below this, …
const LEAST_EXPLAINED_PALE: f64 = 0.2;
/// … and below this it is doubted.
const WELL_EXPLAINED: f64 = 0.55;
/// Share of the scalp that must be dark for its explanation to matter: one hair of 70 µm by 1 mm on 14 mm².
const LEAST_DARK: f64 = 0.005;
/// Largest standard deviation of skin's opacity: scalps reach 0.19 between tight bundles of hair; grass has 0.25, bricks 0.28.
const ROUGHEST_SKIN: f64 = 0.22;
/// Least one: below a tenth of the smoothest photo's 0.011 nothing was photographed but drawn.
const SMOOTHEST_SKIN: f64 = 0.0011;
/// Largest share that is brighter than the skin by as much as hair is darker; glare and white hair reach 0.12.
const BRIGHTEST: f64 = 0.2;
/// Least brightness of the darkest skin beside the brightest: the shadow of a round lens leaves 0.085.
const LEAST_EVEN: f64 = 0.05;
/// Largest share of red in skin's light: dark skin under warm light has 0.63; the back of an eye 0.83.
const REDDEST: f64 = 0.72;
/// Largest share of the bare skin whose colour is quite another; clinic photos reach 0.09, drawn scalps 0.02.
const MOST_FOREIGN: f64 = 0.15;
/// Opacity of the usual hair below which it is not much darker than the skin: drawn blond hair has 0.38, all dark hair 0.7 and
/// more.
const PALE: f64 = 0.5;
/// Range of the median diameter of scalp hair, µm: vellus of a bald scalp to the coarsest terminal hair. Clinic photos reach 101 at
/// their scale; at 1.6 times it 12 of 15 exceed this, at twice it 9 do.
const POSSIBLE_UM: [f64; 2] = [25.0, 110.0];
/// Fewest hairs whose median tells it.
const FEWEST_WIDTHS: usize = 5;
/// Factor beyond that range from which no error of the widths can explain it.
const IMPOSSIBLE: f64 = 2.0;
/// Widest usual line, µm: by a scale that is too large, bodies are taken apart into hairs of a usual width, and only the line stays
/// too wide. Touching shafts are one line, so that clinic photos reach 198; drawn scalps reach 118.
const MOST_LINE_UM: f64 = 210.0;
/// Most follicular units per cm²: adult scalps have 65 to 100, the densest up to 120; a unit that was split in two doubles a
/// few of them.
const MOST_UNITS_PER_CM2: f64 = 200.0;
/// The middle of that, per cm².
const USUAL_UNITS_PER_CM2: f64 = 80.0;
/// Fewest units whose density tells of the scale, …
const FEWEST_UNITS: usize = 10;
/// … and the smallest photo, mm² by the given scale: a smaller one may be one tuft of hair.
const LEAST_FOR_UNITS_MM2: f64 = 8.0;
/// Density by which the number of hairs is expected in a field, per cm²: the middle of healthy scalps.
const USUAL_PER_CM2: f64 = 150.0;
/// Fewest expected hairs: the sample's own scatter is 1.96/√n, 60 % at eleven.
const FEWEST_EXPECTED: f64 = 11.0;
/// Fewest for any number: one.
const NONE_EXPECTED: f64 = 1.0;

/// What of a photo tells whether its scale is possible.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfScale<'a> {
    /// Width of the usual line, px.
    pub line_px: Option<f64>,
    /// Widths of the hairs, px.
    pub hairs_px: &'a [f64],
    /// Follicular units of the whole photo; 0 where a region is measured, which may be drawn around hairs.
    pub units: usize,
    /// Area of the scalp, px².
    pub area_px: f64,
}

/// That the scale is impossible, or unlikely, for what is seen: for the width of the usual hair, for that of the usual line, which
/// is told without any scale, or for the distance of the units.
pub(crate) fn of_scale(um_per_px: Option<f64>, seen: &OfScale) -> Option<Finding> {
    let um_per_px = um_per_px?;
    let enough = seen.hairs_px.len() >= FEWEST_WIDTHS;
    let median_px = crate::median::median(seen.hairs_px).filter(|_| enough);
    let hair = median_px.map(|width_px| ("hair", width_px, POSSIBLE_UM));
    // Lines alone tell less of a scale that is too small: wrinkles and vellus hair are lines, too.
    let least_um = if enough { 0.0 } else { BELIEVED_UM[0] };
    let line = seen.line_px.map(|width_px| ("line", width_px, [least_um, MOST_LINE_UM]));
    let of_width = |(what, width_px, [low, high]): (&str, f64, [f64; 2])| {
        let width_um = um_per_px * width_px;
        let code = far_off(width_um, [low, high], IMPOSSIBLE)?;
        let fits = USUAL_DIAMETER_UM / width_px;
        let possible =
            if low > 0.0 { format!("{low:.0} to {high:.0} are") } else { format!("up to {high:.0} is") };
        Some((
            code,
            format!(
                "With {um_per_px} µm per px the usual {what} of the photo is {width_um:.0} µm wide; {possible} possible. About \
                 {fits:.1} µm per px would fit."
            ),
        ))
    };
    let of_units = || {
        let area_mm2 = seen.area_px * um_per_px * um_per_px * 1e-6;
        if seen.units < FEWEST_UNITS || area_mm2 < LEAST_FOR_UNITS_MM2 {
            return None;
        }
        let per_cm2 = 100.0 * seen.units as f64 / area_mm2;
        let code = far_off(per_cm2, [0.0, MOST_UNITS_PER_CM2], IMPOSSIBLE * IMPOSSIBLE)?;
        let fits = um_per_px * (per_cm2 / USUAL_UNITS_PER_CM2).sqrt();
        Some((
            code,
            format!(
                "With {um_per_px} µm per px the photo has {per_cm2:.0} follicular units per cm²; up to {MOST_UNITS_PER_CM2:.0} are \
                 possible. About {fits:.1} µm per px would fit."
            ),
        ))
    };
    let doubts = [hair.and_then(of_width), line.and_then(of_width), of_units()];
    // What is impossible weighs more than what is unlikely.
    let worst = doubts.into_iter().flatten().min_by_key(|(code, _)| *code != FindingCode::ScaleImpossible);
    worst.map(|(code, message)| Finding::new(code, message))
}

/// What a figure outside of its range says of the scale; beyond the range by `factor` no error of the figure can explain it.
fn far_off(value: f64, [low, high]: [f64; 2], factor: f64) -> Option<FindingCode> {
    if (low..=high).contains(&value) {
        None
    } else if value < low / factor || value > high * factor {
        Some(FindingCode::ScaleImpossible)
    } else {
        Some(FindingCode::ScaleDoubtful)
    }
}

/// That what lies between the lines is no skin, by its texture: told before any hair is looked for.
pub(crate) fn of_texture(texture_sd: f64) -> Option<Finding> {
    let message = if texture_sd > ROUGHEST_SKIN {
        format!("What lies between the lines is too rough for skin (texture {texture_sd:.2}).")
    } else if texture_sd < SMOOTHEST_SKIN {
        "The picture has no grain at all: it was drawn, not photographed.".to_owned()
    } else {
        return None;
    };
    Some(Finding::new(FindingCode::NotScalp, message))
}

/// What the look of a photo leaves in doubt.
pub(crate) fn of_appearance(seen: &Appearance, counted: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |code, message: String| findings.push(Finding::new(code, message));
    let percent = |share: f64| 100.0 * share;
    if seen.bright_fraction > BRIGHTEST {
        found(
            FindingCode::NotScalp,
            format!("{:.0} % of the photo is far brighter than its skin.", percent(seen.bright_fraction)),
        );
    } else if seen.skin_evenness < LEAST_EVEN {
        found(
            FindingCode::NotScalp,
            format!(
                "The darkest skin has {:.0} % of the brightest one's light.",
                percent(seen.skin_evenness)
            ),
        );
    } else if seen.skin_colour[0] > REDDEST {
        found(
            FindingCode::NotScalp,
            format!("{:.0} % of the light is red; no skin is as red.", percent(seen.skin_colour[0])),
        );
    }
    if seen.foreign_fraction > MOST_FOREIGN {
        let share = percent(seen.foreign_fraction);
        found(
            FindingCode::SkinColourDiffers,
            format!("{share:.0} % of the bare skin has quite another colour than the rest."),
        );
    }
    let explained = seen.explained_fraction.filter(|_| seen.dark_fraction >= LEAST_DARK);
    if let Some(share) = explained.filter(|&share| share < WELL_EXPLAINED) {
        let least = if seen.hair_opacity < PALE { LEAST_EXPLAINED_PALE } else { LEAST_EXPLAINED };
        let code = if share < least { FindingCode::Unexplained } else { FindingCode::PartlyExplained };
        found(
            code,
            format!(
                "{:.0} % of the photo is as dark as hair; the hairs that were found explain {:.0} % of that.",
                percent(seen.dark_fraction),
                percent(share)
            ),
        );
    }
    if counted == 0 {
        found(FindingCode::NoHair, "No hair that emerges in the region was found.".into());
    } else if seen.hair_opacity < PALE {
        found(
            FindingCode::PaleHair,
            format!(
                "The usual hair takes {:.0} % of the skin's light; below {:.0} % many hairs are missed.",
                percent(seen.hair_opacity),
                percent(PALE)
            ),
        );
    }
    findings
}

/// That a field of that area, mm², is too small; `assumed` says that no scale is known.
pub(crate) fn of_field(area_mm2: f64, assumed: bool) -> Option<Finding> {
    let expected = 0.01 * area_mm2 * USUAL_PER_CM2;
    let about = if assumed { "about " } else { "" };
    if expected < NONE_EXPECTED {
        let message =
            format!("The region is {about}{area_mm2:.2} mm²: less than one hair is expected in it.");
        return Some(Finding::new(FindingCode::FieldTooSmall, message));
    }
    (expected < FEWEST_EXPECTED && !assumed).then(|| {
        let scatter = 196.0 / expected.sqrt();
        let message = format!(
            "The region is {area_mm2:.1} mm²: at a usual density the scalp beside it may have {scatter:.0} % more or fewer hairs."
        );
        Finding::new(FindingCode::SmallField, message)
    })
}

/// Largest difference between the shares of red and blue in the light of what has no colour: on grey photos of skin it is 0, on photos
/// whose white was set on the skin 0.009, on others 0.03 and more.
const COLOURLESS: f64 = 0.005;

/// That a ruler was photographed, and no skin: its ticks lie in the region, there is no hair, and nothing has the colour of skin.
pub(crate) fn of_ruler(in_region: bool, seen: &Appearance, counted: usize) -> Option<Finding> {
    let [red, _, blue] = seen.skin_colour;
    (in_region && counted == 0 && (red - blue).abs() < COLOURLESS).then(|| {
        let message = "There are the ticks of a ruler, no hair and no colour of skin.";
        Finding::new(FindingCode::NotScalp, message)
    })
}

/// That a part of the field is out of focus.
pub(crate) fn of_focus(part: Unsharp) -> Finding {
    let message = format!(
        "{:.0} % of the field is blurred by {:.0} µm (sigma), the rest by {:.0} µm: there fine hair is missed, and diameters are too \
         large.",
        100.0 * part.share,
        part.blur_um,
        part.sharp_um
    );
    Finding::new(FindingCode::PartOutOfFocus, message)
}

/// Largest half width of the count's interval, as a share of the count: beyond it the upper end is three times the lower one,
/// and neither a loss nor a gain of half of the hair could be told.
const WIDEST_COUNT: f64 = 0.5;

/// That a count is too uncertain to be read.
pub(crate) fn of_count(summary: &Summary) -> Option<Finding> {
    let [low, high] = summary.hair_count_ci95?;
    let count = f64::from(summary.hair_count);
    let share = 0.5 * (high - low) / count;
    (count > 0.0 && share > WIDEST_COUNT).then(|| {
        let message = format!(
            "From {low:.0} to {high:.0} hairs are possible where {count} were counted; more than ± {:.0} % tells little.",
            100.0 * WIDEST_COUNT
        );
        Finding::new(FindingCode::CountUncertain, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALP: Appearance = Appearance {
        hair_opacity: 0.88,
        texture_sd: 0.04,
        dark_fraction: 0.07,
        explained_fraction: Some(0.75),
        bright_fraction: 0.01,
        skin_evenness: 0.5,
        skin_colour: [0.36, 0.33, 0.31],
        skin_brightness: 0.26,
        foreign_fraction: 0.0,
        unsharp_fraction: 0.0,
        usual_line_px: Some(15.0),
        single_line_px: Some(15.0),
    };

    fn codes(seen: Appearance, counted: usize) -> Vec<FindingCode> {
        of_appearance(&seen, counted).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_scalp_is_not_doubted() {
        assert!(codes(SCALP, 50).is_empty());
        // A hair or two too few to be explained say nothing.
        assert!(
            codes(Appearance { dark_fraction: 0.001, explained_fraction: Some(0.1), ..SCALP }, 2).is_empty()
        );
    }

    #[test]
    fn what_is_no_scalp_is_refused() {
        for seen in [
            Appearance { bright_fraction: 0.4, ..SCALP },
            Appearance { skin_evenness: 0.02, ..SCALP },
            Appearance { skin_colour: [0.8, 0.1, 0.1], ..SCALP },
        ] {
            assert_eq!(codes(seen, 20), [FindingCode::NotScalp], "{seen:?}");
        }
        assert_eq!(
            codes(Appearance { explained_fraction: Some(0.2), ..SCALP }, 20),
            [FindingCode::Unexplained]
        );
        let code = |texture_sd| of_texture(texture_sd).map(|finding| finding.code);
        assert_eq!(code(0.3), Some(FindingCode::NotScalp));
        assert_eq!(code(0.0), Some(FindingCode::NotScalp));
        assert_eq!(code(0.04), None);
    }

    #[test]
    fn what_is_half_explained_pale_or_bare_is_doubted() {
        let half = Appearance { explained_fraction: Some(0.5), ..SCALP };
        assert_eq!(codes(half, 20), [FindingCode::PartlyExplained]);
        assert_eq!(codes(Appearance { hair_opacity: 0.38, ..SCALP }, 20), [FindingCode::PaleHair]);
        assert_eq!(codes(SCALP, 0), [FindingCode::NoHair]);
        let cloth = Appearance { foreign_fraction: 0.4, ..SCALP };
        assert_eq!(codes(cloth, 20), [FindingCode::SkinColourDiffers]);
    }

    #[test]
    fn a_scale_is_held_against_hairs_lines_and_units() {
        let of = |um, line_px, hairs_px: &[f64], units| {
            let seen = OfScale { line_px, hairs_px, units, area_px: 1280.0 * 1024.0 };
            of_scale(um, &seen).map(|finding| finding.code)
        };
        let code = |um, hairs: &[f64]| of(Some(um), Some(15.0), hairs, 0);
        let hairs = [12.0, 13.0, 14.0, 15.0, 16.0];
        assert_eq!(code(5.54, &hairs), None);
        assert_eq!(code(11.0, &hairs), Some(FindingCode::ScaleDoubtful));
        assert_eq!(code(25.0, &hairs), Some(FindingCode::ScaleImpossible));
        assert_eq!(code(0.5, &hairs), Some(FindingCode::ScaleImpossible));
        // By a scale that is too large bodies are taken apart into hairs of a usual width; the line stays.
        let split = [7.0; 30];
        assert_eq!(code(13.0, &split), None);
        assert_eq!(code(14.5, &split), Some(FindingCode::ScaleDoubtful));
        assert_eq!(code(29.0, &split), Some(FindingCode::ScaleImpossible));
        assert_eq!(code(40.0, &[]), Some(FindingCode::ScaleImpossible));
        assert_eq!(of(None, Some(15.0), &hairs, 0), None);
        // 40 units on 40 mm² are usual, on a quarter of that they are not.
        assert_eq!(of(Some(5.54), Some(15.0), &hairs, 40), None);
        assert_eq!(of(Some(2.77), Some(15.0), &hairs, 40), Some(FindingCode::ScaleDoubtful));
        assert_eq!(of(Some(2.77), Some(15.0), &hairs, 9), None);
        assert_eq!(of(Some(2.4), Some(15.0), &hairs, 40), None, "on 7.5 mm² they may be one tuft");
    }

    #[test]
    fn a_ruler_by_itself_is_refused() {
        let grey = Appearance { skin_colour: [0.333, 0.333, 0.333], ..SCALP };
        assert_eq!(of_ruler(true, &grey, 0).map(|f| f.code), Some(FindingCode::NotScalp));
        // A ruler beside hair, on skin, or beside a bald region.
        for (in_region, seen, counted) in [(true, grey, 3), (true, SCALP, 0), (false, grey, 0)] {
            assert_eq!(of_ruler(in_region, &seen, counted), None);
        }
    }

    #[test]
    fn a_count_whose_interval_spans_a_factor_of_three_is_doubted() {
        let code = |hair_count, ci| {
            let summary = Summary { hair_count, hair_count_ci95: Some(ci), ..Summary::default() };
            of_count(&summary).map(|finding| finding.code)
        };
        assert_eq!(code(40, [30.0, 55.0]), None);
        assert_eq!(code(40, [22.0, 70.0]), Some(FindingCode::CountUncertain));
        assert_eq!(code(0, [0.0, 3.0]), None);
    }

    #[test]
    fn a_field_without_a_hair_to_expect_is_refused() {
        let code = |area, assumed| of_field(area, assumed).map(|finding| finding.code);
        assert_eq!(code(0.0144, true), Some(FindingCode::FieldTooSmall));
        assert_eq!(code(2.0, false), Some(FindingCode::SmallField));
        assert_eq!(code(36.0, false), None);
    }
}
