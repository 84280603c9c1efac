//! Is it scalp, is it explained, is the scale possible: what a whole photo leaves in doubt.
//!
//! [`Appearance`] and the scale → [`Finding`]s. A count of a photo that is no scalp, or whose dark pixels are mostly not the
//! hairs that were found, would be a plausible wrong number; such a photo is refused.
//!
//! The limits lie between what 47 clinic photos, 13 photos of other devices and drawn scalps show on one side, and 24
//! photos of other things and 10 patterns on the other (README, "What is refused").

use crate::appearance::Appearance;
use crate::finding::{Finding, FindingCode};
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
/// Opacity of the usual hair below which it is not much darker than the skin: drawn blond hair has 0.38, all dark hair 0.7 and
/// more.
const PALE: f64 = 0.5;
/// Range of the median diameter of scalp hair, µm: vellus of a bald scalp to the coarsest terminal hair.
const POSSIBLE_UM: [f64; 2] = [25.0, 140.0];
/// Fewest hairs whose median tells it.
const FEWEST_WIDTHS: usize = 5;
/// Factor beyond that range from which no error of the widths can explain it.
const IMPOSSIBLE: f64 = 2.0;
/// Density by which the number of hairs is expected in a field, per cm²: the middle of healthy scalps.
const USUAL_PER_CM2: f64 = 150.0;
/// Fewest expected hairs: the sample's own scatter is 1.96/√n, 60 % at eleven.
const FEWEST_EXPECTED: f64 = 11.0;
/// Fewest for any number: one.
const NONE_EXPECTED: f64 = 1.0;

/// That the scale is impossible for the widths that are seen: `line_px` is the usual line's, `hairs_px` those of the counted
/// hairs.
pub(crate) fn of_scale(um_per_px: Option<f64>, line_px: Option<f64>, hairs_px: &[f64]) -> Option<Finding> {
    let um_per_px = um_per_px?;
    let enough = hairs_px.len() >= FEWEST_WIDTHS;
    let median_px = crate::summarise::median(hairs_px).filter(|_| enough);
    let (what, width_px, [low, high]) = match (median_px, line_px) {
        (Some(median), _) => ("hair", median, POSSIBLE_UM),
        (None, Some(line)) => ("line", line, BELIEVED_UM),
        (None, None) => return None,
    };
    let width_um = um_per_px * width_px;
    let code = if (low..=high).contains(&width_um) {
        return None;
    } else if width_um < low / IMPOSSIBLE || width_um > high * IMPOSSIBLE {
        FindingCode::ScaleImpossible
    } else {
        FindingCode::ScaleDoubtful
    };
    let fits = USUAL_DIAMETER_UM / width_px;
    let message = format!(
        "With {um_per_px} µm per px the usual {what} of the photo is {width_um:.0} µm wide; {low:.0} to {high:.0} are possible. \
         About {fits:.1} µm per px would fit."
    );
    Some(Finding::new(code, message))
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
        skin_colour: [0.34, 0.33, 0.33],
        skin_brightness: 0.26,
        usual_line_px: Some(15.0),
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
    }

    #[test]
    fn a_scale_is_held_against_the_lines() {
        let code = |um, hairs: &[f64]| of_scale(Some(um), Some(15.0), hairs).map(|finding| finding.code);
        let hairs = [12.0, 13.0, 14.0, 15.0, 16.0];
        assert_eq!(code(5.54, &hairs), None);
        assert_eq!(code(11.0, &hairs), Some(FindingCode::ScaleDoubtful));
        assert_eq!(code(25.0, &hairs), Some(FindingCode::ScaleImpossible));
        assert_eq!(code(0.5, &hairs), Some(FindingCode::ScaleImpossible));
        // Lines alone tell less: touching shafts are one.
        assert_eq!(code(11.0, &hairs[..2]), None);
        assert_eq!(code(40.0, &[]), Some(FindingCode::ScaleImpossible));
        assert_eq!(of_scale(None, Some(15.0), &hairs), None);
    }

    #[test]
    fn a_field_without_a_hair_to_expect_is_refused() {
        let code = |area, assumed| of_field(area, assumed).map(|finding| finding.code);
        assert_eq!(code(0.0144, true), Some(FindingCode::FieldTooSmall));
        assert_eq!(code(2.0, false), Some(FindingCode::SmallField));
        assert_eq!(code(36.0, false), None);
    }
}
