//! What is found twice.

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
