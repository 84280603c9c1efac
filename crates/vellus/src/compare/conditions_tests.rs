//! What is said of a difference, and that it is the same whichever photo comes first.

use super::*;

fn change(density: f64, diameter: f64) -> ConditionChange {
    ConditionChange {
        baseline: 5.2,
        follow_up: 13.0,
        density_bias_percent: density,
        diameter_bias_percent: diameter,
        beyond_tried: false,
        differs: density.abs().max(diameter.abs()) > LIMIT_PERCENT,
    }
}

#[test]
fn what_differs_enough_is_said_with_both_values_and_both_biases() {
    let conditions = Conditions {
        blur_sigma_um: Some(change(-6.4, 3.2)),
        skin_brightness: Some(change(-2.4, 2.4)),
        ..Conditions::default()
    };
    let said = conditions.findings();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].code, FindingCode::FocusDiffers);
    for words in ["5 µm", "13 µm", "density by −6 %", "diameter by +3 %"] {
        assert!(said[0].message.contains(words), "'{words}' in {}", said[0].message);
    }
}

#[test]
fn what_software_may_have_smoothed_is_said_as_such() {
    let conditions = Conditions {
        blur_sigma_um: Some(bias::FOCUS.change([5.0, 9.0])),
        smoothing_sigma_um: Some(bias::SMOOTHING.change([5.0, 9.0])),
        ..Conditions::default()
    };
    let said = conditions.findings();
    assert_eq!(said.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::SmoothingDiffers]);
    for words in ["If software smoothed", "5 µm", "9 µm", "density by 0 %", "diameter by +5 %"] {
        assert!(said[0].message.contains(words), "'{words}' in {}", said[0].message);
    }
}

#[test]
fn no_curve_tells_anything_of_no_difference() {
    for curve in bias::ALL {
        assert_eq!(curve.bias([3.0, 3.0]), [0.0, 0.0]);
        let [there, back] = [curve.bias([1.0, 1e9]), curve.bias([1e9, 1.0])];
        assert_eq!(there.map(|bias| -bias + 0.0), back, "visits exchanged");
        assert!(curve.is_beyond([1.0, 1e9]) && !curve.is_beyond([3.0, 3.0]));
    }
}

#[test]
fn the_mean_of_pairs_is_held_against_the_curve_anew() {
    let of = |follow_up: f64| Conditions {
        hair_length_um: Some(bias::HAIR_LENGTH.change([400.0, follow_up])),
        ..Conditions::default()
    };
    let (short, long) = (of(160.0), of(640.0));
    let mean = Conditions::mean(&[&short, &long]).hair_length_um.expect("told");
    assert_eq!((mean.baseline, mean.follow_up, mean.differs), (400.0, 400.0, false));
    assert_eq!(Conditions::mean(&[&Conditions::default()]), Conditions::default());
}

#[test]
fn what_no_drawn_pair_had_is_said_so() {
    let doubled = bias::BRIGHTNESS.change([0.4, 0.2]);
    let far = bias::BRIGHTNESS.change([0.6, 0.05]);
    assert!(!doubled.differs && far.differs && far.beyond_tried);
    let said = Conditions { skin_brightness: Some(far), ..Conditions::default() }.findings();
    assert_eq!(said[0].code, FindingCode::LightDiffers);
    assert!(
        said[0].message.contains("60 %") && said[0].message.contains("more than was tried"),
        "{}",
        said[0].message
    );
}

#[test]
fn a_bias_between_two_drawn_differences_lies_between_theirs() {
    // By hand: 0.42 is half-way from 0.27 (3.4 %) to 0.57 (7.6 %).
    let change = bias::HAIR_BRIGHTNESS.change([0.10, 0.52]);
    assert!((change.diameter_bias_percent - 5.5).abs() < 1e-9 && change.differs, "{change:?}");
    assert!(!bias::HAIR_BRIGHTNESS.change([0.10, 0.26]).differs);
}
