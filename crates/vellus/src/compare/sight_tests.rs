use super::*;

fn sight(removed: Vec<Vec<PointPx>>) -> Sight {
    let plane = Plane::filled(4, 4, 0.0);
    Sight {
        opacity: plane,
        scalp: vec![true; 16],
        region: RegionShape::Whole,
        removed: Some(removed),
        tone: Tone::default(),
    }
}

fn course(x: f64, y: f64, length: f64) -> (Vec<PointPx>, f64) {
    ((0..=10).map(|k| [x + length * f64::from(k) / 10.0, y]).collect(), 12.0)
}

#[test]
fn a_removed_line_answers_for_the_hair_it_is_and_not_for_its_neighbour() {
    let (removed, neighbour, itself) =
        (course(0.0, 50.0, 100.0), course(5.0, 58.0, 100.0), course(1.0, 51.0, 90.0));
    let both = sight(vec![removed.0.clone()]).taken_for_none(&[neighbour.clone(), itself.clone()]);
    assert_eq!(both, [false, true]);
    // Backwards, it is the same line.
    let back: Vec<PointPx> = removed.0.iter().rev().copied().collect();
    assert_eq!(sight(vec![back]).taken_for_none(&[neighbour, itself.clone()]), [false, true]);
    // A hair whose root is elsewhere is another one, though most of it lies there.
    let fork: (Vec<PointPx>, f64) =
        ((0..=10).map(|k| [f64::from(10 * k), 50.0 + f64::from(3 * (10 - k))]).collect(), 14.0);
    assert_eq!(sight(vec![removed.0]).taken_for_none(&[fork]), [false]);
    // Nobody removed anything.
    assert_eq!(sight(vec![]).taken_for_none(&[itself]), [false]);
}

#[test]
fn two_removed_lines_answer_for_two_hairs() {
    let lines = vec![course(0.0, 50.0, 100.0).0, course(0.0, 58.0, 100.0).0];
    let hairs = [course(0.0, 57.0, 100.0), course(0.0, 49.0, 100.0)];
    assert_eq!(sight(lines).taken_for_none(&hairs), [true, true]);
}
