//! Units at both visits.

use super::super::fates::{Alone, Both};
use super::*;
use crate::{Photo, measure};

fn fates(both: &[[f64; 2]], alone: &[([f64; 2], f64)]) -> Fates {
    let photo = Photo::from_image(image::RgbImage::new(30, 30).into()).expect("pixels");
    let nothing = measure(&photo, None, &Protocol::default());
    let of_both = |root: &[f64; 2]| Both {
        root: *root,
        diameter: [Some(60.0); 2],
        diameter_se: [1.0; 2],
        found: [true; 2],
        grown: None,
    };
    let of_alone = |&(root, weight): &([f64; 2], f64)| Alone {
        id: 1,
        root,
        weight,
        told: weight > 0.5,
        judged: true,
        diameter: Some(60.0),
        diameter_se: 1.0,
    };
    Fates {
        measurements: [nothing.clone(), nothing],
        matches: Vec::new(),
        both: both.iter().map(of_both).collect(),
        alone: [Vec::new(), alone.iter().map(of_alone).collect()],
        second_looks: [Vec::new(), Vec::new()],
    }
}

#[test]
fn a_hair_that_is_not_there_joins_no_units() {
    let roots = [[0.0, 0.0], [300.0, 0.0]];
    let units_with = |weight: f64| units_within(&fates(&roots, &[([150.0, 0.0], weight)]), 200.0).0;
    assert_eq!(units_with(0.0), [2.0, 2.0]);
    assert_eq!(units_with(0.2), [2.0, 2.0], "a doubtful hair beside two units");
    assert_eq!(units_with(1.0), [2.0, 1.0], "one that is there joins them");
}

#[test]
fn a_unit_is_as_likely_as_the_likeliest_of_its_hairs_allow() {
    let (units, variance) = units_within(&fates(&[[0.0, 0.0]], &[([900.0, 0.0], 0.4)]), 200.0);
    assert_eq!(units, [1.0, 1.4]);
    assert!((variance - 0.24).abs() < 1e-9);
}
