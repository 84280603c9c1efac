//! What is found twice, and how well a diameter is compared.

use super::*;

fn found(strand: usize, presence: f64, course: Vec<PointUm>) -> Asked {
    Asked {
        strand,
        outcome: SecondLookOutcome::Found,
        contrast_ratio: Some(1.0),
        presence: Some(presence),
        course,
    }
}

/// A course of so many points 10 µm apart, from x, on the line y.
fn line(x: f64, y: f64, points: u32) -> Vec<PointUm> {
    (0..points).map(|k| [x + 10.0 * f64::from(k), y]).collect()
}

#[test]
fn of_two_hairs_found_on_one_shaft_the_likelier_is_there() {
    // The second is a half of the first; the third lies beside both, as a hair of the same unit does.
    let mut asked = vec![
        found(0, 0.8, line(0.0, 0.0, 60)),
        found(1, 0.9, line(200.0, 8.0, 30)),
        found(2, 0.7, line(0.0, 60.0, 60)),
        Asked { outcome: SecondLookOutcome::Absent, ..found(3, 0.05, line(0.0, 0.0, 60)) },
    ];
    one_per_shaft(&mut asked);
    let outcomes: Vec<SecondLookOutcome> = asked.iter().map(|a| a.outcome).collect();
    use SecondLookOutcome::{Covered, Found};
    assert_eq!(outcomes, [Covered, Found, Found, SecondLookOutcome::Absent]);
    assert_eq!(asked[0].presence, None, "nothing is known of it");
}

#[test]
fn what_is_doubtful_is_compared_with_all_of_its_error() {
    let hair = |basis: &str, se: f64| -> Hair {
        let record = serde_json::json!({
            "id": 1, "root_px": [0.0, 0.0], "tip_px": [0.0, 9.0], "centreline_px": [[0.0, 0.0], [0.0, 9.0]],
            "width_px": 12.0, "width_se_px": 0.1, "diameter_um": 60.0, "diameter_se_um": se, "diameter_sd_um": 1.0,
            "diameter_limit_um": null, "diameter_basis": basis, "length_px": 9.0, "length_um": 45.0,
            "direction_deg": 90.0, "class": "terminal", "polarity": "dark", "follicular_unit": 1, "counted": true,
            "not_counted": null, "confidence": 1.0, "root_confidence": 1.0
        });
        serde_json::from_value(record).expect("a hair")
    };
    assert_eq!(reading_se_um(&hair("edges", 5.0), 5.0), 0.5, "what both photos get wrong alike is no change");
    assert_eq!(reading_se_um(&hair("edges", 40.0), 5.0), 40.0, "a width that may be anything");
    assert_eq!(reading_se_um(&hair("beside", 5.0), 5.0), 5.0);
    assert_eq!(reading_se_um(&hair("outline", 5.0), 5.0), 5.0);
}
