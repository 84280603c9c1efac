//! Hairs that a reader drew: over others, on bare skin, where they cannot be measured.

use super::*;

/// The interval of a count as the hairs' confidences alone tell it.
fn by_confidence(measured: &Measurement) -> [f64; 2] {
    let field = Field {
        area_mm2: None,
        area_px: 1.0,
        calibration: None,
        resolvable_diameter_um: None,
        count_error: None,
    };
    let summary = summarise(&measured.hairs, &measured.follicular_units, &field, &measured.protocol);
    summary.hair_count_ci95.expect("an interval")
}

#[test]
fn a_hair_drawn_over_one_that_counts_is_not_counted_twice() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let hair = by_id(&sample.automatic, sample.found(9));
    assert!(hair.counted);
    for aside in [-6.0, -3.0, 0.0, 2.0, 4.0, 6.0] {
        let twice = sample.corrected(vec![
            change("add", vec![], vec![over(hair, aside, next)]),
            change("add", vec![], vec![over(hair, aside, next + 1)]),
        ]);
        assert_eq!(twice.hairs, sample.automatic.hairs, "{aside} px aside");
        assert_eq!(twice.summary, sample.automatic.summary);
        let record = twice.corrections.as_ref().expect("a record");
        assert_eq!((record.added, record.hairs_made, record.not_applied), (0, 0, 2));
        let finding = twice.quality.findings.iter().find(|f| f.code == FindingCode::HairDrawnTwice);
        let message = &finding.expect("said").message;
        assert!(message.contains(&format!("hair {next} over hair {}", hair.id)), "{message}");
        assert_eq!(twice.quality.verdict, Verdict::Warn);
    }
    // Drawn first and removed afterwards, it is one hair.
    let corrected = sample.corrected(vec![
        change("add", vec![], vec![over(hair, 1.0, next)]),
        change("remove", vec![sample.hair(hair.id)], vec![]),
    ]);
    assert_eq!(corrected.summary.hair_count, sample.automatic.summary.hair_count);
    assert_eq!(corrected.quality.verdict, Verdict::Pass);
    // And so is one that is removed and then drawn twice.
    let corrected = sample.corrected(vec![
        change("remove", vec![sample.hair(hair.id)], vec![]),
        change("add", vec![], vec![over(hair, 1.0, next)]),
        change("add", vec![], vec![over(hair, -1.0, next + 1)]),
    ]);
    assert_eq!(corrected.summary.hair_count, sample.automatic.summary.hair_count);
    assert_eq!(corrected.corrections.expect("a record").added, 1);
}

#[test]
fn a_drawn_hair_takes_the_place_of_one_that_does_not_count() {
    let sample = sample();
    let hair = by_id(&sample.automatic, sample.found(9));
    let next = sample.automatic.hairs.len() as u32 + 1;
    // A protocol that takes every hair for doubtful.
    let protocol = Protocol { min_confidence: 1.0, ..Protocol::default() };
    let file = sample.file(vec![change("add", vec![], vec![over(hair, 1.0, next)])]);
    let corrected = measure_corrected(&sample.photo, scale(), &protocol, &file).expect("the same photo");
    let corrected = corrected.measurement;
    let record = corrected.corrections.as_ref().expect("a record");
    assert_eq!((record.added, record.replaced, record.hairs_taken, record.hairs_made), (1, 1, 1, 1));
    assert_eq!(record.automatic_summary.hair_count, 0);
    assert_eq!(corrected.summary.hair_count, 1);
    assert!(corrected.hairs.iter().all(|one| one.id != hair.id));
    let read = by_id(&corrected, next).diameter_um.expect("nothing stands in the way");
    assert!((read - hair.diameter_um.expect("read")).abs() < 1.0, "{read}");
    // The confidences hold the hair once, for sure.
    let doubt = hair.confidence * (1.0 - hair.confidence);
    let automatic = measure(&sample.photo, scale(), &protocol);
    let before = by_confidence(&automatic)[1];
    let variance = (before / crate::estimate::Z95).powi(2) - doubt;
    let after = by_confidence(&corrected)[1] - 1.0;
    assert!((after - crate::estimate::Z95 * variance.sqrt()).abs() < 1e-6, "{after}");
}

#[test]
fn a_width_that_is_misread_does_not_take_a_drawn_hair_out_of_the_count() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let id = sample.found(48);
    let hair = by_id(&sample.automatic, id);
    let um = hair.diameter_um.expect("read");
    // A protocol under which this hair is wider than any can be.
    let protocol = Protocol { max_diameter_um: um - 8.0, ..Protocol::default() };
    let automatic = measure(&sample.photo, scale(), &protocol);
    let near = |h: &&Hair| libm::hypot(h.root_px[0] - hair.root_px[0], h.root_px[1] - hair.root_px[1]) < 5.0;
    let there = automatic.hairs.iter().find(near);
    let mut list = Vec::new();
    list.extend(
        there
            .map(|h| change("remove", vec![json!({"id": h.id, "course_px": [h.root_px, h.tip_px]})], vec![])),
    );
    list.push(change("add", vec![], vec![over(hair, 0.5, next.max(automatic.hairs.len() as u32 + 1))]));
    let mut file = sample.file(list);
    file.corrections.automatic_hairs = automatic.hairs.len() as u32;
    let corrected = measure_corrected(&sample.photo, scale(), &protocol, &file).expect("the same photo");
    let drawn = corrected.measurement.hairs.iter().find(|h| h.origin == Origin::Added).expect("drawn");
    assert!(drawn.counted && drawn.diameter_um.is_none(), "{drawn:?}");
    let finding = corrected.measurement.quality.findings.iter().find(|f| f.code == FindingCode::WidthNotRead);
    let message = &finding.expect("said").message;
    assert!(message.contains("cumulative thickness"), "{message}");
}

#[test]
fn a_hair_drawn_on_bare_skin_counts_without_a_width() {
    let sample = sample();
    let next = sample.automatic.hairs.len() as u32 + 1;
    let course = json!({"id": next, "course_px": [[350.0, 500.0], [420.0, 520.0]]});
    let corrected = sample.corrected(vec![change("add", vec![], vec![course])]);
    let hair = by_id(&corrected, next);
    assert_eq!((hair.diameter_um, hair.width_px, hair.class), (None, None, None));
    assert!(hair.counted);
    assert!(codes(&corrected).contains(&FindingCode::WidthNotRead));
    assert_eq!(hair.centreline_px[0], [350.0, 500.0]);
}

#[test]
fn a_hair_drawn_beyond_what_is_analysed_gets_the_true_reason() {
    let mut sample = sample();
    // The margin of 2 mm is 400 px: of 700 columns those up to about 500 are analysed.
    let region = RegionShape::Rectangle { x_px: 0.0, y_px: 0.0, width_px: 100.0, height_px: 560.0 };
    let protocol = Protocol { region, ..Protocol::default() };
    sample.automatic = measure(&sample.photo, scale(), &protocol);
    let id = sample.automatic.hairs.iter().map(|hair| hair.id).max().unwrap_or(0) + 1;
    let course = |x: f64| json!({"course_px": [[x, 300.0], [x + 30.0, 320.0]]});
    let with_id = |mut hair: Value, id: u32| {
        hair["id"] = json!(id);
        hair
    };
    let file = sample.file(vec![
        change("add", vec![], vec![with_id(course(600.0), id)]),
        change("add", vec![], vec![with_id(course(130.0), id + 1)]),
    ]);
    let corrected =
        measure_corrected(&sample.photo, scale(), &protocol, &file).expect("the same photo").measurement;
    let far = by_id(&corrected, id);
    assert_eq!(far.not_counted, Some(NotCounted::RootOutsideRegion));
    let said: Vec<&str> = (corrected.quality.findings.iter())
        .filter(|finding| finding.code == FindingCode::WidthNotRead)
        .map(|finding| finding.message.as_str())
        .collect();
    let beyond =
        format!("Hair {id}, which a reader drew, is rooted beyond the part of the photo that is analysed");
    assert!(said.iter().any(|message| message.starts_with(&beyond)), "{said:?}");
    let of_shaft = |message: &&&str| message.starts_with("No shaft") && message.contains(&id.to_string());
    assert!(
        !said.iter().any(|message| of_shaft(&message) && !message.contains(&(id + 1).to_string())),
        "{said:?}"
    );
    // The other lies beside the region, but was looked at.
    assert_eq!(by_id(&corrected, id + 1).not_counted, Some(NotCounted::RootOutsideRegion));
}
