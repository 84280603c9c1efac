use proptest::prelude::*;
use serde_json::json;

use super::*;

fn hair(id: u32, course: &[[f64; 2]]) -> Value {
    json!({"id": id, "course_px": course})
}

fn file(corrections: Value) -> Value {
    json!({
        "schema": CORRECTIONS_SCHEMA,
        "image": {"path": "a.jpg", "width_px": 100, "height_px": 80, "content_hash": "blake3:00"},
        "software": "vellus 0.1.0",
        "reader": "R1",
        "automatic_hairs": 3,
        "corrections": corrections
    })
}

const TIME: &str = "2026-11-27T15:00:00Z";
const COURSE: [[f64; 2]; 2] = [[10.0, 10.0], [40.0, 30.0]];

fn change(kind: &str, before: Vec<Value>, after: Vec<Value>) -> Value {
    json!({"kind": kind, "time": TIME, "before": before, "after": after})
}

fn parse(value: &Value) -> Result<CorrectionsFile, CorrectionsError> {
    CorrectionsFile::parse(value.to_string().as_bytes(), "a.corrections.json")
}

/// Every kind once, ids chained.
fn whole() -> Value {
    file(json!([
        change("add", vec![], vec![hair(4, &COURSE)]),
        change("turn", vec![hair(1, &COURSE)], vec![hair(1, &[[40.0, 30.0], [10.0, 10.0]])]),
        change("split", vec![hair(4, &COURSE)], vec![hair(5, &COURSE), hair(6, &COURSE)]),
        change("merge", vec![hair(5, &COURSE), hair(2, &COURSE)], vec![hair(7, &COURSE)]),
        change("remove", vec![hair(7, &COURSE)], vec![]),
        {"kind": "not_scalp", "time": TIME, "polygon_px": [[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]}
    ]))
}

#[test]
fn a_whole_file_comes_back_as_it_was() {
    let read = parse(&whole()).expect("a file");
    let again = serde_json::to_value(&read.corrections).expect("JSON");
    assert_eq!(again, whole());
    assert!(read.hash.starts_with("blake3:") && read.hash.len() == 71);
    let kinds: Vec<&str> = read.corrections.corrections.iter().map(Correction::kind).collect();
    assert_eq!(kinds, ["add", "turn", "split", "merge", "remove", "not_scalp"]);
}

/// Changes a file and gives the sentence that it is refused with.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut value = whole();
    change(&mut value);
    parse(&value).expect_err("refused").to_string()
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let with = |correction: Value| refused(|v| v["corrections"] = json!([correction]));
    let add = |course: &[[f64; 2]]| with(change("add", vec![], vec![hair(4, course)]));
    let area = |corners: Value| with(json!({"kind": "not_scalp", "time": TIME, "polygon_px": corners}));
    let timed = |time: &str| refused(|v| v["corrections"][0]["time"] = json!(time));
    let long: Vec<[f64; 2]> = (0..1001).map(|k| [f64::from(k) * 0.05, 5.0]).collect();
    let cases = [
        (refused(|v| v["schema"] = json!("vellus.corrections/2")), "has the schema 'vellus.corrections/2'"),
        (refused(|v| v["schema"] = json!(1)), "has no 'schema'"),
        (refused(|v| v["hairs"] = json!(1)), "unknown field `hairs`"),
        (refused(|v| v["image"]["name"] = json!("x")), "unknown field `name`"),
        (refused(|v| v["image"]["width_px"] = json!(0)), "no pixels"),
        (refused(|v| v["image"]["content_hash"] = json!("md5:0")), "does not begin with 'blake3:'"),
        (refused(|v| v["reader"] = json!("")), "the reader's code ''"),
        (refused(|v| v["reader"] = json!("Dr. Müller")), "letters, digits"),
        (refused(|v| v["reader"] = json!("x".repeat(33))), "1 to 32"),
        (refused(|v| v["automatic_hairs"] = json!(-1)), "not understood"),
        (refused(|v| v["automatic_hairs"] = json!(4_000_000)), "at most 1000000"),
        (refused(|v| v["corrections"] = json!({})), "expected a sequence"),
        (with(change("delete", vec![hair(1, &COURSE)], vec![])), "correction 1: unknown variant `delete`"),
        (with(json!({"time": TIME})), "correction 1: missing field `kind`"),
        (
            with(json!({"kind": "remove", "time": TIME, "before": [], "after": [], "why": 1})),
            "unknown field `why`",
        ),
        (with(json!({"kind": "remove", "before": [], "after": []})), "missing field `time`"),
        (with(change("remove", vec![], vec![])), "(remove): it has 0 hairs before; 1 must be there"),
        (with(change("remove", vec![hair(1, &COURSE)], vec![hair(4, &COURSE)])), "1 hairs after; 0 must"),
        (with(change("split", vec![hair(1, &COURSE)], vec![hair(4, &COURSE)])), "after; 2 to 50 must"),
        (with(change("merge", vec![hair(1, &COURSE)], vec![hair(4, &COURSE)])), "before; 2 to 50 must"),
        (
            with(change("remove", vec![hair(4, &COURSE)], vec![])),
            "there is no hair 4: the automatic ones are 1 to 3",
        ),
        (with(change("remove", vec![hair(0, &COURSE)], vec![])), "there is no hair 0"),
        (
            with(change("add", vec![], vec![hair(3, &COURSE)])),
            "cannot have the id 3: it must be new, 4 or more",
        ),
        (with(change("split", vec![hair(1, &COURSE)], vec![hair(4, &COURSE), hair(4, &COURSE)])), "the id 4"),
        (
            with(change("merge", vec![hair(1, &COURSE), hair(1, &COURSE)], vec![hair(4, &COURSE)])),
            "named again",
        ),
        (with(change("turn", vec![hair(1, &COURSE)], vec![hair(2, &COURSE)])), "turning keeps the id"),
        (
            refused(|v| v["corrections"][5] = change("remove", vec![hair(5, &COURSE)], vec![])),
            "correction 6 (remove): hair 5 is named again",
        ),
        (add(&[[10.0, 10.0]]), "it has 1 points; 2 to 1000"),
        (add(&long), "it has 1001 points"),
        (add(&[[10.0, 10.0], [10.0, 10.0]]), "same point"),
        (add(&[[10.0, 10.0], [50.0, 50.0], [10.2, 10.0]]), "same point"),
        (
            add(&[[0.0, 10.0], [90.0, 10.0], [0.0, 20.0], [90.0, 20.0]]),
            "its course is 271 px long; at most 180 px",
        ),
        (add(&[[10.0, 10.0], [99.6, 10.0]]), "(99.6, 10) is outside of the photo of 100 × 80 px"),
        (add(&[[-3.0, 10.0], [40.0, 10.0]]), "outside of the photo"),
        (area(json!([[0, 0], [9, 0]])), "2 corners; it needs 3"),
        (area(json!([[0, 0], [9, 0], [18, 0]])), "no area"),
        (area(json!([[0, 0], [9, 0], [18, 200]])), "outside of the photo"),
        (area(json!([[0, 0], [9, 0], [null, 9]])), "not understood"),
        (timed("2026-11-27 15:00:00"), "the time '2026-11-27 15:00:00' is none"),
        (timed("2026-02-30T15:00:00Z"), "is none"),
        (timed("2026-11-27T25:00:00Z"), "is none"),
        (timed("2026-11-27T15:00:00+02"), "is none"),
    ];
    for (sentence, wanted) in &cases {
        assert!(sentence.starts_with("a.corrections.json"), "{sentence}");
        assert!(sentence.contains(wanted), "'{sentence}' lacks '{wanted}'");
    }
}

#[test]
fn sides_of_an_area_may_cross() {
    let mut value = whole();
    value["corrections"][5]["polygon_px"] = json!([[0, 0], [20, 20], [20, 0], [0, 20]]);
    assert!(parse(&value).is_ok());
}

#[test]
fn bytes_that_are_no_json_are_refused() {
    let refused = |bytes: &[u8]| CorrectionsFile::parse(bytes, "x").expect_err("refused").to_string();
    for (bytes, wanted) in [
        (&b""[..], "not understood"),
        (b"[]", "has no 'schema'"),
        (b"\xff\xfe", "not understood"),
        (b"{\"schema\":\"vellus.corrections/1\"", "not understood"),
    ] {
        assert!(refused(bytes).contains(wanted), "{}", refused(bytes));
    }
    let nan = whole().to_string().replace("[10.0,10.0]", "[NaN,10.0]");
    assert!(refused(nan.as_bytes()).contains("not understood"));
    let huge = whole().to_string().replace("[10.0,10.0]", "[1e999,10.0]");
    assert!(refused(huge.as_bytes()).contains("not understood"));
    let deep = format!("{{\"schema\":{}", "[".repeat(100_000));
    assert!(refused(deep.as_bytes()).contains("not understood"));
    assert!(refused(&vec![b' '; 9 << 20]).contains("larger than 8 MiB"));
    let missing = CorrectionsFile::read(Path::new("/nowhere/a.json")).expect_err("missing").to_string();
    assert!(missing.contains("/nowhere/a.json cannot be read"), "{missing}");
    let folder = tempfile::tempdir().expect("a folder");
    assert!(CorrectionsFile::read(folder.path()).expect_err("a folder").to_string().contains("no file"));
}

/// Any JSON, with the keys of the format so that some of it gets far.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just("add"), Just("turn"), Just(TIME), Just("split"), Just("blake3:")]
            .prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop_oneof![
            Just("kind".to_owned()),
            Just("before".to_owned()),
            Just("after".to_owned()),
            Just("id".to_owned()),
            Just("course_px".to_owned()),
            Just("polygon_px".to_owned()),
            Just("time".to_owned()),
            ".{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any_json(), place in 0..7_usize) {
        let mut whole = whole();
        let keys = ["schema", "image", "software", "reader", "automatic_hairs", "corrections"];
        match keys.get(place) {
            Some(key) => whole[*key] = value.clone(),
            None => whole["corrections"][0] = value.clone(),
        }
        let _ = parse(&whole);
        let _ = parse(&value);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = CorrectionsFile::parse(&bytes, "x");
    }
}
