use super::*;
use vellus::{Hair, Origin, Photo, Polarity, Protocol, measure};

/// A measurement with a counted hair along each line, at 5.54 µm per px by default.
fn reading(reader: &str, lines: &[[f64; 4]]) -> Reading {
    let grey = image::RgbImage::from_pixel(400, 400, image::Rgb([180, 150, 130]));
    let photo = Photo::from_image(grey.into()).expect("a photo");
    let mut measurement = measure(&photo, None, &Protocol::default());
    measurement.quality.verdict = Verdict::Pass;
    measurement.hairs = lines
        .iter()
        .zip(1..)
        .map(|(&[x0, y0, x1, y1], id)| Hair {
            id,
            root_px: [x0, y0],
            tip_px: [x1, y1],
            centreline_px: vec![[x0, y0], [x1, y1]],
            width_px: None,
            width_se_px: None,
            diameter_um: None,
            diameter_se_um: None,
            diameter_sd_um: None,
            diameter_limit_um: None,
            diameter_basis: None,
            length_px: 0.0,
            length_um: None,
            direction_deg: 0.0,
            class: None,
            polarity: Polarity::Dark,
            follicular_unit: None,
            counted: true,
            not_counted: None,
            confidence: 1.0,
            root_confidence: 1.0,
            origin: Origin::Automatic,
        })
        .collect();
    Reading { reader: reader.to_owned(), measurement }
}

/// So many hairs, each 60 px long, in rows.
fn hairs(n: usize) -> Vec<[f64; 4]> {
    let row = |k: usize| 12.0 * (k % 30) as f64 + 12.0;
    (0..n).map(|k| [20.0 + 100.0 * (k / 30) as f64, row(k), 80.0 + 100.0 * (k / 30) as f64, row(k)]).collect()
}

fn photo(name: &str, readings: Vec<Reading>) -> ReadPhoto {
    ReadPhoto { photo: name.to_owned(), readings }
}

fn pair_of<'a>(told: &'a Agreement, first: &str, second: &str) -> &'a PairAgreement {
    told.pairs.iter().find(|pair| pair.first == first && pair.second == second).expect("a pair")
}

#[test]
fn counts_by_hand() {
    // Counts of R1: 10, 12, 20; of R2: 11, 12, 22. Mean squares: rows 64.5, readers 1.5, rest 0.5; so ICC(2,1) is
    // (64.5 − 0.5) / (64.5 + 0.5 + 2 (1.5 − 0.5) / 3) = 64 / 65.667. Differences 1, 0, 2: mean 1, SD 1.
    let photos: Vec<ReadPhoto> = [("a", 10, 11), ("b", 12, 12), ("c", 20, 22)]
        .iter()
        .map(|(name, r1, r2)| photo(name, vec![reading("R1", &hairs(*r1)), reading("R2", &hairs(*r2))]))
        .collect();
    let told = agreement(&photos);
    assert_eq!(told.pairs.len(), 1);
    let pair = pair_of(&told, "R1", "R2");
    let icc = pair.count_icc_2_1.expect("an ICC");
    assert!((icc.value - 64.0 / (65.0 + 2.0 / 3.0)).abs() < 1e-12, "{icc:?}");
    assert!(icc.low.expect("an end") < icc.value && icc.high.expect("an end") > icc.value);
    let limits = pair.count_agreement.expect("limits");
    assert!((limits.bias.value - 1.0).abs() < 1e-12);
    assert!(
        (limits.lower_limit.value + 0.96).abs() < 1e-12 && (limits.upper_limit.value - 2.96).abs() < 1e-12
    );
    // All of R1's 42 are among R2's 45.
    assert_eq!((pair.first_counted, pair.second_counted, pair.both), (42, 45, 42));
    assert!((pair.f1.expect("hairs") - 84.0 / 87.0).abs() < 1e-12);
}

#[test]
fn hairs_by_hand() {
    // Both see a and b, which R2 draws backwards and 3 px off; c is R1's alone, d and e are R2's.
    let r1 = [[20.0, 20.0, 80.0, 20.0], [20.0, 60.0, 80.0, 60.0], [20.0, 100.0, 80.0, 100.0]];
    let r2 = [
        [20.0, 20.0, 80.0, 20.0],
        [80.0, 63.0, 20.0, 63.0],
        [200.0, 20.0, 260.0, 20.0],
        [200.0, 60.0, 260.0, 60.0],
    ];
    let machine = reading(MACHINE, &r1[..1]);
    let told = agreement(&[photo("a", vec![machine, reading("R1", &r1), reading("R2", &r2)])]);
    let names: Vec<&str> = told.readers.iter().map(|reader| reader.reader.as_str()).collect();
    assert_eq!(names, [MACHINE, "R1", "R2"]);
    let pair = pair_of(&told, "R1", "R2");
    assert_eq!((pair.both, pair.f1), (2, Some(4.0 / 7.0)));
    assert_eq!(pair.root_end_same.map(|same| same.value), Some(0.5));
    assert_eq!((pair.count_icc_2_1, pair.count_agreement), (None, None));
    assert_eq!(pair_of(&told, MACHINE, "R1").f1, Some(0.5));
    assert!(text(&told).contains("needs two photos"), "{}", text(&told));
}

#[test]
fn a_photo_that_one_reader_has_is_said() {
    let both = |name| {
        photo(name, vec![reading(MACHINE, &hairs(2)), reading("R1", &hairs(3)), reading("R2", &hairs(3))])
    };
    let alone = photo("alone.jpg", vec![reading(MACHINE, &hairs(2)), reading("R1", &hairs(5))]);
    let told = agreement(&[both("a.jpg"), alone, both("b.jpg")]);
    assert_eq!((pair_of(&told, "R1", "R2").photos, pair_of(&told, MACHINE, "R1").photos), (2, 3));
    let not_read = &told.not_read_by_all;
    assert_eq!((not_read.len(), &*not_read[0].photo), (1, "alone.jpg"));
    let text = text(&told);
    assert!(text.contains("alone.jpg was read by R1 and not by R2"), "{text}");
    assert!(text.contains("3 photos, 2 readers"), "{text}");
    // Counts that are all equal have no ICC; no number is infinite or none.
    let json = serde_json::to_value(&told).expect("JSON");
    assert!(json["pairs"][2]["count_icc_2_1"].is_null());
}

#[test]
fn readers_who_agree_wholly_have_an_icc_of_one() {
    let same = |name, n| photo(name, vec![reading("R1", &hairs(n)), reading("R2", &hairs(n))]);
    let told = agreement(&[same("a", 3), same("b", 9), same("c", 5)]);
    let icc = told.pairs[0].count_icc_2_1.expect("an ICC");
    assert!((icc.value - 1.0).abs() < 1e-12, "{icc:?}");
    assert!([icc.low, icc.high].iter().flatten().all(|end| end.is_finite()));
    assert_eq!(told.pairs[0].f1, Some(1.0));
}

#[test]
fn a_photo_without_a_measurement_is_no_count_of_none() {
    let read = |n: usize| vec![reading("R1", &hairs(n)), reading("R2", &hairs(n + n % 2))];
    let mut photos = vec![photo("a", read(10)), photo("b", read(13)), photo("c", read(21))];
    let without = agreement(&photos);
    let mut black = read(0);
    black.iter_mut().for_each(|reading| reading.measurement.quality.verdict = Verdict::Fail);
    photos.push(photo("black", black));
    let told = agreement(&photos);
    assert_eq!(told.pairs, without.pairs, "an ICC of photos that say nothing is none");
    assert_eq!(told.readers, without.readers);
    let named: Vec<[&str; 2]> =
        told.not_measurable.iter().map(|of| [of.photo.as_str(), of.reader.as_str()]).collect();
    assert_eq!(named, [["black", "R1"], ["black", "R2"]]);
    assert!(text(&told).contains("black cannot be measured as R1 left it"), "{}", text(&told));
}
