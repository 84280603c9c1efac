use vellus_phantom::targets::Target;

use super::*;
use crate::drawn::measure_phantom;
use crate::record::as_it_is;

/// Truth of two parallel shafts 40 px apart, and a measurement that has found them exactly as they are, but 1 µm too wide.
fn two_shafts() -> (Measurement, Truth) {
    let phantom = Target::two_parallel([10.0, 8.0], 40.0, 20.0).photograph(1);
    let mut measurement = as_it_is(measure_phantom(&phantom), &phantom.truth);
    measurement.hairs.iter_mut().for_each(|hair| hair.diameter_um = hair.diameter_um.map(|d| d + 1.0));
    (measurement, phantom.truth)
}

#[test]
fn what_is_found_as_it_is_scores_full() {
    let (measurement, truth) = two_shafts();
    let score = score(&measurement, &truth);
    assert_eq!((score.f1(), score.count_bias_percent()), (Some(1.0), Some(0.0)));
    assert_eq!(score.root_right_percent(), Some(100.0));
    assert!((score.diameter_bias_um().expect("diameters") - 1.0).abs() < 1e-9);
}

#[test]
fn a_hair_found_twice_is_once_false() {
    let (mut measurement, truth) = two_shafts();
    measurement.hairs.push(measurement.hairs[0].clone());
    let score = score(&measurement, &truth);
    assert_eq!((score.hits, score.false_hairs, score.misses), (2, 1, 0));
    assert_eq!(score.counts, [3]);
}

#[test]
fn half_a_hair_is_no_hit() {
    let (mut measurement, truth) = two_shafts();
    let line = &mut measurement.hairs[0].centreline_px;
    line.truncate(line.len() / 2);
    let score = score(&measurement, &truth);
    assert_eq!((score.hits, score.false_hairs, score.misses), (1, 1, 1));
}

#[test]
fn an_uncounted_hair_is_neither_right_nor_false() {
    let (mut measurement, truth) = two_shafts();
    measurement.hairs[1].counted = false;
    let score = score(&measurement, &truth);
    assert_eq!((score.hits, score.false_hairs, score.misses), (1, 0, 1));
}

#[test]
fn what_nobody_is_asked_to_find_is_ignored_when_found() {
    let (measurement, mut truth) = two_shafts();
    truth.hairs[1].visible_length_um = 140.0;
    let score = score(&measurement, &truth);
    assert_eq!((score.hairs, score.hits, score.false_hairs), (1, 1, 0));
}

#[test]
fn a_hair_held_by_its_tip_has_the_wrong_root() {
    let (mut measurement, truth) = two_shafts();
    let hair = &mut measurement.hairs[0];
    (hair.root_px, hair.tip_px) = (hair.tip_px, hair.root_px);
    assert_eq!(score(&measurement, &truth).root_right_percent(), Some(50.0));
}

#[test]
fn lines_are_told_as_hairs_are() {
    let (measurement, mut truth) = two_shafts();
    truth.hairs[1].visible_length_um = 140.0;
    let [first, second] = [0, 1].map(|k| measurement.hairs[k].centreline_px.clone());
    let aside = first.iter().map(|[x, y]| [x + 20.0, *y]).collect();
    let half = first[..first.len() / 2].to_vec();
    let are = are_hairs(vec![half, second, aside, first.clone()], &truth);
    assert_eq!(are, [Some(false), None, Some(false), Some(true)]);
    let twice = are_hairs(vec![first.clone(), first], &truth);
    assert_eq!(twice.iter().filter(|is| **is == Some(true)).count(), 1);
}
