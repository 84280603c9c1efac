use super::*;
use crate::fixture;

#[test]
fn every_field_of_a_change_is_a_quantity_in_its_order() {
    let record = serde_json::to_value(Change::default()).expect("a change is JSON");
    let fields: Vec<&String> = record.as_object().expect("an object").keys().collect();
    assert_eq!(fields, QUANTITIES.iter().map(|quantity| quantity.key).collect::<Vec<_>>());
}

#[test]
fn the_words_of_a_verdict_are_those_of_the_record() {
    for value in [ChangeVerdict::Increase, ChangeVerdict::Decrease, ChangeVerdict::WithinError] {
        assert_eq!(serde_json::to_value(value).expect("JSON"), verdict(value));
    }
}

#[test]
fn the_answer_says_why() {
    let change = fixture::comparison().change;
    let sentences: Vec<String> =
        answers(&change).iter().map(|(_, quantity, change)| quantity.sentence(change)).collect();
    assert_eq!(
        sentences,
        [
            "increase (+11.0, 4.0 to 18.0 per cm²; changes from 6.0 could be told)",
            "no change beyond measurement error (+0.4, −0.8 to 1.6 µm; changes from 1.5 could be told)"
        ]
    );
}

#[test]
fn without_a_scale_the_answer_is_the_count() {
    let change = fixture::unscaled_comparison().change;
    let answers = answers(&change);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].1.key, "hair_count");
}
