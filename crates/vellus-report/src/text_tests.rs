use super::*;

#[test]
fn what_rounds_to_zero_has_no_sign() {
    for value in [-0.0, -0.04, 0.0, 0.04] {
        assert_eq!((number(value, 1), signed(value, 1)), ("0.0".to_owned(), "0.0".to_owned()));
    }
    assert_eq!(number(-0.4, 0), "0");
}

#[test]
fn signs_are_shown() {
    assert_eq!((number(-3.25, 1), number(3.25, 1)), ("−3.2".to_owned(), "3.2".to_owned()));
    assert_eq!((signed(-3.0, 0), signed(3.0, 0)), ("−3".to_owned(), "+3".to_owned()));
    assert_eq!(range([-0.001, 5.4], 1), "0.0 to 5.4");
}

#[test]
fn an_interval_that_excludes_zero_does_not_end_at_it() {
    let told = |ends: [f64; 2]| range(ends, told_decimals(ends, 1));
    assert_eq!(told([0.4, 11.0]), "0.4 to 11.0");
    assert_eq!(told([0.0, 11.0]), "0.0 to 11.0");
    assert_eq!(told([0.02, 11.0]), "0.02 to 11.00");
    assert_eq!(told([-11.0, -0.004]), "−11.000 to −0.004");
}
