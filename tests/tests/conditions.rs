//! What differs between two visits but the hair's change: said on drawn pairs that differ, not said on those that do not.

use vellus::comparison::Comparison;
use vellus::{CompareOptions, FindingCode, Shot, compare, compare_replicates, compare_series};
use vellus_phantom::HairTone;
use vellus_tests::change::conditions::{Differs, baseline, follow_up};
use vellus_tests::drawn::small_scene;

/// Seeds that no table was made with.
const SEEDS: [u64; 3] = [71, 72, 73];

fn scene() -> vellus_phantom::Scene {
    small_scene("clipped_typical", 900, 720)
}

fn second(differs: Differs, seed: u64) -> Shot {
    follow_up(&scene(), differs, seed, 0.0)
}

fn compared(before: &Shot, after: &Shot) -> Comparison {
    compare(before, after, &CompareOptions::default()).expect("the same site")
}

fn said(comparison: &Comparison) -> Vec<FindingCode> {
    let all = [
        FindingCode::FocusDiffers,
        FindingCode::SmoothingDiffers,
        FindingCode::LightDiffers,
        FindingCode::LightColourDiffers,
        FindingCode::MagnificationDiffers,
        FindingCode::HairLengthDiffers,
        FindingCode::HairColourDiffers,
    ];
    comparison.findings.iter().map(|finding| finding.code).filter(|code| all.contains(code)).collect()
}

#[test]
fn of_visits_that_differ_in_nothing_nothing_is_said() {
    for seed in SEEDS {
        let (before, after) = (baseline(&scene(), seed), second(Differs::Focus(0.0), seed));
        let comparison = compared(&before, &after);
        assert_eq!(said(&comparison), [], "{:?}", comparison.findings);
        let conditions = &comparison.conditions;
        for condition in [conditions.blur_sigma_um, conditions.magnification, conditions.hair_length_um] {
            assert!(
                condition.is_some_and(|c| (c.follow_up / c.baseline).ln().abs() < 0.35),
                "{conditions:?}"
            );
        }
        assert!(
            conditions.hair_brightness.is_some_and(|c| (c.follow_up - c.baseline).abs() < 0.06),
            "{conditions:?}"
        );
    }
}

#[test]
fn each_condition_is_measured_and_said_when_it_differs_by_more_than_is_harmless() {
    let seed = SEEDS[1];
    let before = baseline(&scene(), seed);
    // How far each is measured to be off, by what was drawn; tolerance: the scatter of the table's pairs, twice.
    let cases = [
        (Differs::Smoothing(2.5), 6.1, 3.1, Some(FindingCode::SmoothingDiffers)),
        (Differs::Brightness(0.35), -1.51, 0.15, None),
        (Differs::Brightness(0.13), -2.94, 0.4, Some(FindingCode::LightDiffers)),
        (Differs::LightColour(1.0), 1.0, 0.1, None),
        (Differs::LightColour(2.2), 2.2, 0.25, Some(FindingCode::LightColourDiffers)),
        (Differs::Magnification(8.0), -0.68, 0.03, None),
        (Differs::HairLength(0.4), -1.32, 0.35, Some(FindingCode::HairLengthDiffers)),
        // The middle of a blond shaft is its shine: along drawn axes it is brighter than along half-found ones.
        (Differs::HairColour(HairTone::Blond), 0.62, 0.06, Some(FindingCode::HairColourDiffers)),
    ];
    for (differs, drawn, tolerance, code) in cases {
        let comparison = compared(&before, &second(differs, seed));
        let condition = differs.of(&comparison).expect("told");
        let measured = differs.against([condition.baseline, condition.follow_up]);
        assert!((measured - drawn).abs() < tolerance, "{differs:?}: {measured} for {drawn}");
        let said = said(&comparison);
        assert_eq!(said.first(), code.as_ref(), "{differs:?}: {said:?} of {:?}", comparison.conditions);
    }
}

#[test]
fn replicates_say_what_their_mean_differs_by_and_a_series_says_it_of_each_visit() {
    let seed = SEEDS[1];
    let before = baseline(&scene(), seed);
    let (same, dyed) =
        (second(Differs::Focus(0.0), seed), second(Differs::HairColour(HairTone::Blond), seed));
    let options = CompareOptions::default();
    let series = compare_series(&[before.clone(), same.clone(), dyed.clone()], &options).expect("one site");
    assert_eq!(said(&series.comparisons[0]), []);
    assert_eq!(said(&series.comparisons[1]), [FindingCode::HairColourDiffers]);

    let both = compare_replicates(std::slice::from_ref(&before), &[same.clone(), dyed.clone()], &options)
        .expect("one site");
    let [one, other] =
        [&same, &dyed].map(|after| compared(&before, after).conditions.hair_brightness.expect("told"));
    let mean = both.conditions.hair_brightness.expect("told");
    assert!((mean.follow_up - 0.5 * (one.follow_up + other.follow_up)).abs() < 0.002, "{mean:?}");
    assert_eq!(said(&both).contains(&FindingCode::HairColourDiffers), mean.differs);
}
