//! The analysis against statsmodels, pingouin and SciPy on the same tables: `reference/make.py` made both, to 1e-6 of the
//! value (1e-6 below 1).

use std::path::Path;

use serde_json::Value;
use vellus_stats::quantile::f_exceeded;
use vellus_stats::sample::Interval;
use vellus_stats::table::{PHOTO_QUANTITIES, Photo};
use vellus_stats::{Analysis, Trial, analyse};

const TOLERANCE: f64 = 1e-6;

fn told() -> (Analysis, Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let trial = Trial::read(&folder).expect("the tables");
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("the reference");
    (analyse(&trial, None).expect("an analysis"), serde_json::from_str(&text).expect("JSON"))
}

#[track_caller]
fn equal(own: impl Into<Option<f64>>, reference: &Value) {
    let (own, reference) = (own.into().expect("a number"), reference.as_f64().expect("a number"));
    assert!((own - reference).abs() <= TOLERANCE * reference.abs().max(1.0), "{own} is not {reference}");
}

#[track_caller]
fn equal_interval(own: impl Into<Option<Interval>>, reference: &Value) {
    let own = own.into().expect("an interval");
    equal(own.value, &reference[0]);
    equal(own.low, &reference[1]);
    equal(own.high, &reference[2]);
}

#[test]
fn repeatability_is_that_of_statsmodels_and_pingouin() {
    let (analysis, reference) = told();
    for (quantity, expected) in reference["repeatability"].as_object().expect("quantities") {
        let own = analysis.repeatability.iter().find(|own| own.quantity == quantity).expect("told");
        equal_interval(own.sem, &expected["sem"]);
        equal(own.smallest_detectable_change, &expected["sdc"]);
        equal(own.cv_percent, &expected["cv"]);
        equal_interval(own.icc_2_1, &expected["icc_2_1"]);
        equal_interval(own.icc_3_1, &expected["icc_3_1"]);
        let agreement = own.bland_altman.expect("pairs");
        equal_interval(agreement.bias, &expected["bias"]);
        equal_interval(agreement.lower_limit, &expected["lower"]);
        equal_interval(agreement.upper_limit, &expected["upper"]);
    }
}

#[test]
fn replicates_are_those_that_pandas_takes() {
    let (analysis, reference) = told();
    assert_eq!(analysis.copies_left_out, 2);
    for own in analysis.repeatability.iter().filter(|own| own.quantity != "mean_length_um") {
        let Some(expected) = reference["repeatability"].get(own.quantity) else { continue };
        let pairs = own.bland_altman.map(|agreement| agreement.pairs);
        let counts = [Some(own.groups), Some(own.icc_groups), pairs].map(|count| count.expect("a count"));
        assert_eq!(serde_json::json!(counts), expected["counts"]);
        assert_eq!(own.icc_groups_left_out, own.groups - own.icc_groups);
    }
}

/// Groups of photos as a trial.
fn trial(groups: &[Vec<f64>]) -> Trial {
    let photo = |subject: usize, replicate: usize, value: f64| Photo {
        subject: Some(subject.to_string()),
        visit: Some("0".to_owned()),
        replicate: Some(replicate.to_string()),
        values: PHOTO_QUANTITIES.iter().map(|_| Some(value)).collect(),
        ..Photo::default()
    };
    let group = |(subject, values): (usize, &Vec<f64>)| {
        (1..).zip(values).map(|(replicate, value)| photo(subject, replicate, *value)).collect::<Vec<_>>()
    };
    Trial { photos: groups.iter().enumerate().flat_map(group).collect(), ..Trial::default() }
}

#[test]
fn agreement_of_few_groups_without_differences_has_its_limits() {
    let (_, reference) = told();
    let cases = reference["small_iccs"].as_array().expect("cases");
    assert!(cases.len() > 95);
    for case in cases {
        let groups: Vec<Vec<f64>> = serde_json::from_value(case["values"].clone()).expect("numbers");
        let own = &analyse(&trial(&groups), None).expect("an analysis").repeatability[1];
        equal_interval(own.icc_2_1, &case["icc_2_1"]);
        equal_interval(own.icc_3_1, &case["icc_3_1"]);
    }
}

#[test]
fn points_of_f_are_those_of_scipy() {
    let (_, reference) = told();
    for point in reference["f_points"].as_array().expect("points") {
        let [df1, df2, expected]: [f64; 3] = serde_json::from_value(point.clone()).expect("numbers");
        let own = f_exceeded(0.025, df1, df2).expect("a quantile");
        assert!((own / expected - 1.0).abs() < TOLERANCE, "{own} is not {expected} with {df1} and {df2}");
    }
}

#[test]
fn changes_per_arm_are_those_of_statsmodels() {
    let (analysis, reference) = told();
    let mut compared = 0;
    for own in &analysis.changes {
        let expected = &reference["arms"][&own.quantity][&own.arm];
        equal_interval(own.change, &expected["change"]);
        equal(own.change_sd, &expected["sd"]);
        assert_eq!(own.responders, expected["responders"]);
        equal_interval(own.responder_rate, &expected["rate"]);
        compared += 1;
    }
    assert_eq!(compared, 9);
    assert_eq!((analysis.subjects.subjects, analysis.subjects.codes_at_several_sites), (28, 1));
}

#[test]
fn differences_between_arms_are_those_of_statsmodels_and_scipy() {
    let (analysis, reference) = told();
    assert_eq!(analysis.reference_arm.as_deref(), Some("placebo"));
    let mut compared = 0;
    for own in &analysis.differences {
        let expected = &reference["differences"][&own.quantity][&own.arm];
        equal_interval(own.welch, &expected["welch"]);
        equal(own.welch_t, &expected["t"]);
        equal(own.welch_df, &expected["df"]);
        equal(own.welch_p, &expected["p"]);
        equal(own.mann_whitney_u, &expected["u"]);
        equal(own.mann_whitney_p, &expected["u_p"]);
        let ancova = own.ancova.expect("enough subjects");
        equal_interval(ancova.difference, &expected["ancova"]);
        equal(ancova.standard_error, &expected["ancova_se"]);
        equal(ancova.p, &expected["ancova_p"]);
        equal(ancova.df, &expected["ancova_df"]);
        equal(ancova.residual_sd, &expected["residual_sd"]);
        equal(own.responder_p, &expected["fisher"]);
        compared += 1;
    }
    assert_eq!(compared, 6);
}

#[test]
fn sample_sizes_are_those_of_statsmodels() {
    let (analysis, reference) = told();
    for (quantity, expected) in reference["sizes"].as_object().expect("quantities") {
        let own = analysis
            .sample_sizes
            .iter()
            .find(|own| {
                own.quantity == *quantity
                    && own.design == "change"
                    && own.effect_percent == 10.0
                    && own.power == 0.8
            })
            .expect("told");
        equal(own.sd, &expected["sd"]);
        equal(vellus_stats::size::subjects_per_arm(own.sd * own.sd, own.effect, 0.8), &expected["n"]);
        assert!(own.measurement_share > 0.0 && own.measurement_share < 1.0);
    }
}

#[test]
fn who_is_missing_is_stated_and_an_unknown_arm_is_refused() {
    let (analysis, _) = told();
    let low = analysis.missing.iter().find(|row| row.arm == "low" && row.visit == "24").expect("a row");
    assert_eq!((low.subjects, low.compared, low.no_baseline), (9, 9, 1));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let error = analyse(&Trial::read(&folder).expect("read"), Some("verum")).expect_err("no such arm");
    assert_eq!(error.to_string(), "there is no arm 'verum'; the arms are: high, low, placebo");
    let tables = Path::new(env!("CARGO_TARGET_TMPDIR")).join("incomplete");
    std::fs::create_dir_all(&tables).expect("made");
    for table in ["photos.csv", "changes.csv"] {
        std::fs::copy(folder.join(table), tables.join(table)).expect("copied");
    }
    let error = Trial::read(&tables).expect_err("not complete").to_string();
    assert!(error.contains("run `vellus batch` again"), "{error}");
    let error = Trial::read(Path::new("/absent")).expect_err("no such folder").to_string();
    assert!(error.contains("vellus batch"), "{error}");
}
