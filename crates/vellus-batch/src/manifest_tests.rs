use super::*;

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(text, PathBuf::from("trial"), "trial.csv")
}

fn refusal(text: &str) -> String {
    parse(text).expect_err("refused").to_string()
}

#[test]
fn rows_have_their_cells_in_any_order_and_further_columns_pass_through() {
    let text = "\u{feff}Subject;photo;age;um_per_px\r\nS1;a.jpg;41;5.5\r\n;\"b;2.jpg\";;\r\n";
    let manifest = parse(text).expect("read");
    assert_eq!(manifest.further, ["age"]);
    assert_eq!(manifest.rows[0].subject.as_deref(), Some("S1"));
    assert_eq!(manifest.rows[0].scale.map(|scale| scale.um_per_px), Some(5.5));
    assert_eq!(manifest.rows[1].photo, "b;2.jpg");
    assert_eq!((&manifest.rows[1].subject, &manifest.rows[1].further[0]), (&None, &None));
    assert_eq!(manifest.file(&manifest.rows[0]), Path::new("trial/a.jpg"));
    let text = String::from_utf8(manifest.csv()).expect("UTF-8");
    assert_eq!(parse(&text).expect("read again").rows, manifest.rows);
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_all_at_once() {
    let said = refusal("photo,um_per_px\na.jpg,\"5,5\"\n,5\nb.jpg,0\nc.jpg\n");
    for words in [
        "trial.csv",
        "line 2",
        "5.5",
        "line 3",
        "photo is missing",
        "line 4",
        "0.1 and 200",
        "line 5",
        "1 cells",
    ] {
        assert!(said.contains(words), "'{words}' in {said}");
    }
}

#[test]
fn a_table_that_is_no_manifest_is_refused() {
    assert!(refusal("file,subject\na,b\n").contains("file, subject"));
    assert!(refusal("photo,age,Age\na,b,c\n").contains("Age"));
    assert!(refusal("photo,hair_count\na,3\n").contains("hair_count"));
    assert!(refusal("photo,\na,3\n").contains("column 2"));
    assert!(refusal("photo\n").contains("no row"));
    assert!(refusal("").contains("photo"));
}

#[test]
fn what_spreadsheets_leave_behind_is_passed_over() {
    let text = "photo;um_per_px;age;;\r\na.jpg;5,54;1,5;;\r\n;;;;\r\n\r\nb.jpg;5.6;;\r\n;;;;\r\n";
    let manifest = parse(text).expect("read");
    let scales: Vec<Option<f64>> =
        manifest.rows.iter().map(|row| row.scale.map(|scale| scale.um_per_px)).collect();
    assert_eq!(scales, [Some(5.54), Some(5.6)]);
    assert_eq!((manifest.rows[1].number, manifest.further.len()), (2, 1));
    assert_eq!(manifest.rows[0].further[0].as_deref(), Some("1,5"));
    assert!(refusal("photo;um_per_px\na.jpg;1.234,5\n").contains("um_per_px"));
}
