use serde_json::json;

use super::*;

#[test]
fn corrections_are_told_beside_the_automatic_numbers() {
    let texts = Texts::of(Language::En).unwrap();
    let record = json!({
        "summary": {"hair_count": 13, "hair_count_ci95": [12.0, 14.0], "density_per_cm2": 132.6,
            "mean_diameter_um": 60.0, "diameter_sd_um": 20.0, "diameter_histogram": {"counts": [0, 10, 6]}},
        "corrections": {"readers": ["R1"], "automatic_hairs": 14, "added": 2, "removed": 1, "turned": 3,
            "automatic_summary": {"hair_count": 12, "hair_count_ci95": [11.0, 13.0], "density_per_cm2": 122.4}},
    });
    let told = corrected(&record, &texts).expect("there are corrections");
    for words in ["R1", "14 hairs", "1 removed", "2 added", "3 turned"] {
        assert!(told.sentence.contains(words), "'{words}' in {}", told.sentence);
    }
    assert_eq!(told.rows[0][1..], ["12 (11 to 13)".to_owned(), "13 (12 to 14)".to_owned()]);
    assert_eq!(
        told.rows[1][1..],
        ["122.4 (no interval stated)".to_owned(), "132.6 (no interval stated)".to_owned()]
    );
    assert_eq!(told.rows[2][1..], ["–".to_owned(), "60.0 (50.2 to 69.8)".to_owned()], "1.96 · 20 / √16");
    assert!(corrected(&json!({"summary": {}}), &texts).is_none());
}

#[test]
fn what_stands_in_a_script_cannot_end_it() {
    let text = in_script(&json!({"path": "</script><script>alert(1)</script>\u{2028}"})).unwrap();
    assert!(!text.contains('<') && !text.contains('\u{2028}'), "{text}");
    let back: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(back["path"], "</script><script>alert(1)</script>\u{2028}");
}

#[test]
fn the_command_asks_for_the_same_region() {
    for text in ["rect:1.5,2,30,40", "circle:640,512.25,450", "polygon:0,0,10,0,10,10.5"] {
        let shape: RegionShape = text.parse().unwrap();
        assert_eq!(asked_region(&shape), text);
    }
    assert_eq!(asked_region(&RegionShape::Whole), "");
}

#[test]
fn a_region_that_the_command_cannot_say_is_told() {
    let ring = vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]];
    let outline = RegionShape::Outline { rings_px: vec![ring] };
    let part = vellus::RegionPart { name: "crown".to_owned(), shape: "circle:5,5,2".parse().unwrap() };
    for shape in [outline, RegionShape::Parts { parts: vec![part] }] {
        assert_eq!((asked_region(&shape).as_str(), other_region(&shape)), ("", true));
    }
    assert!(!other_region(&RegionShape::Whole) && !other_region(&"circle:5,5,2".parse().unwrap()));
}

#[test]
fn parameters_without_an_option_of_their_own_need_the_protocol() {
    let region = "circle:5,5,2".parse().unwrap();
    assert!(!other_protocol(&Protocol { um_per_px: Some(4.0), region, ..Protocol::default() }));
    assert!(other_protocol(&Protocol { min_length_um: 200.0, ..Protocol::default() }));
}
