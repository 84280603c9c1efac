//! What lies as the hairs around it do, and what an answer means.

use super::*;

/// Hairs on a grid, 400 µm apart, that point within 10° of the x axis.
fn lying_alike() -> Constellation {
    let strands = (0..25_u32).map(|k| {
        let turn = (f64::from(k % 5) - 2.0) * 5.0_f64.to_radians();
        let root = [f64::from(k % 5) * 400.0, f64::from(k / 5) * 400.0];
        strand(k as usize, root, turn)
    });
    Constellation {
        um_per_px: 5.0,
        size: [2000.0; 2],
        strands: strands.collect(),
        orifices: Vec::new(),
        ends: Vec::new(),
    }
}

fn strand(index: usize, root: PointUm, turn: f64) -> Strand {
    let direction = [libm::cos(turn), libm::sin(turn)];
    Strand {
        index,
        root,
        axis: vec![root, [root[0] + 300.0 * direction[0], root[1] + 300.0 * direction[1]]],
        direction,
        length: 300.0,
        width: 60.0,
        confidence: 0.9,
        root_confidence: 0.9,
        counted: true,
        whole: true,
    }
}

#[test]
fn what_points_elsewhere_than_all_around_it_lies_otherwise() {
    let mut photo = lying_alike();
    assert!((0..25).all(|k| !lies_otherwise(&photo, k)));
    for (degrees, otherwise) in [(20.0_f64, false), (60.0, true), (180.0, true), (-60.0, true)] {
        photo.strands[12] = strand(12, photo.strands[12].root, degrees.to_radians());
        assert_eq!(lies_otherwise(&photo, 12), otherwise, "{degrees}");
        assert!(!lies_otherwise(&photo, 13), "one neighbour that lies otherwise does not make a hair do so");
    }
    // Where hair lies in all directions, none says anything.
    for k in 0..25 {
        photo.strands[k] = strand(k, photo.strands[k].root, 2.4 * k as f64);
    }
    assert!((0..25).all(|k| !lies_otherwise(&photo, k)));
    photo.strands.truncate(4);
    assert!(!lies_otherwise(&photo, 0), "three neighbours are too few");
}

#[test]
fn only_a_hair_whose_root_is_sure_can_be_gone() {
    let mut photo = lying_alike();
    let absent = |photo: &Constellation| outcome(0.5 * GONE, true, photo, 12);
    assert_eq!(absent(&photo), SecondLookOutcome::Absent);
    photo.strands[12].root_confidence = 0.6;
    assert_eq!(absent(&photo), SecondLookOutcome::DoubtfulHair, "its tip may have been asked for");
    assert_eq!(
        outcome(0.99, true, &photo, 12),
        SecondLookOutcome::Found,
        "it is there, whichever end is its root"
    );
    photo.strands[12] = strand(12, photo.strands[12].root, std::f64::consts::PI);
    assert_eq!(absent(&photo), SecondLookOutcome::DoubtfulHair, "a clipping that fell there");
    assert_eq!(
        outcome(0.5 * GONE, false, &lying_alike(), 12),
        SecondLookOutcome::Unclear,
        "it would not stand out"
    );
    assert_eq!(outcome(0.5 * (GONE + THERE), true, &lying_alike(), 12), SecondLookOutcome::Unclear);
}
