use super::*;
use crate::summary::summary;
use vellus::{Photo, Polarity, Protocol, measure};

/// A hair that was found along a line.
fn hair(id: u32, line: &[Point], counted: bool) -> Hair {
    let (root_px, tip_px) = (line[0], line[line.len() - 1]);
    Hair {
        id,
        root_px,
        tip_px,
        centreline_px: line.to_vec(),
        width_px: None,
        width_se_px: None,
        diameter_um: None,
        diameter_se_um: None,
        diameter_sd_um: None,
        diameter_limit_um: None,
        diameter_basis: None,
        length_px: length(line),
        length_um: None,
        direction_deg: 0.0,
        class: None,
        polarity: Polarity::Dark,
        follicular_unit: None,
        counted,
        not_counted: None,
        confidence: 0.5,
        root_confidence: 0.9,
        origin: vellus::Origin::Automatic,
    }
}

/// Marks and hairs in a photo of 400 × 400 px at 5 µm per px, where 33 µm are 6.6 px.
fn judged(marks: &[(MarkClass, [Point; 2])], hairs: Vec<Hair>) -> Judged {
    let grey = image::RgbImage::from_pixel(400, 400, image::Rgb([180, 150, 130]));
    let photo = Photo::from_image(grey.into()).expect("a photo");
    let mut measurement = measure(&photo, None, &Protocol::default());
    measurement.summary.hair_count = hairs.iter().filter(|hair| hair.counted).count() as u32;
    measurement.summary.hair_count_ci95 = Some([0.0, 3.0]);
    measurement.hairs = hairs;
    let hairs = marks.iter().map(|&(class, [root_px, tip_px])| Mark { class, root_px, tip_px }).collect();
    let marks = Marks {
        photo: "a.jpg".to_owned(),
        width_px: 400,
        height_px: 400,
        um_per_px: 5.0,
        unmarked_lines_px: crate::marks::UnmarkedLines { x: vec![300.0], y: vec![] },
        hairs,
    };
    judge(&marks, &measurement)
}

fn causes(judged: &Judged) -> Vec<(bool, Cause)> {
    judged.faults.iter().map(|fault| (fault.missed, fault.cause)).collect()
}

const LINE: [Point; 2] = [[50.0, 100.0], [130.0, 100.0]];

#[test]
fn a_hit_is_one_to_one_and_tells_the_root_end() {
    let found = [[52.0, 103.0], [128.0, 101.0]];
    let told = judged(&[(MarkClass::Single, LINE)], vec![hair(1, &found, true)]);
    assert_eq!((told.hits, told.roots_right, told.found, told.faults.len()), (1, 1, 1, 0));
    let turned = [found[1], found[0]];
    let told = judged(&[(MarkClass::Single, LINE)], vec![hair(1, &turned, true), hair(2, &found, true)]);
    assert_eq!((told.hits, told.found, causes(&told)), (1, 2, vec![(false, Cause::Split)]));
    let across = [[90.0, 60.0], [90.0, 140.0]];
    let told = judged(&[(MarkClass::Single, LINE)], vec![hair(1, &across, true)]);
    assert_eq!(causes(&told), [(true, Cause::Unseen), (false, Cause::NothingMarked)]);
}

#[test]
fn misses_have_their_cause() {
    let beside = LINE.map(|[x, y]| [x, y + 5.0]);
    let both = [(MarkClass::Grouped, LINE), (MarkClass::Grouped, beside)];
    let told = judged(&both, vec![hair(1, &LINE, true)]);
    assert_eq!(causes(&told), [(true, Cause::Merged)]);
    let told = judged(&both[..1], vec![hair(1, &LINE, false)]);
    assert_eq!((causes(&told), told.found), (vec![(true, Cause::NotCounted)], 0));
    let short = [[50.0, 100.0], [85.0, 100.0]];
    let told = judged(&both[..1], vec![hair(1, &short, true)]);
    assert_eq!(causes(&told), [(true, Cause::DrawnOtherwise), (false, Cause::DrawnOtherwise)]);
    assert_eq!(causes(&judged(&[(MarkClass::Thin, LINE)], vec![])), [(true, Cause::Fine)]);
}

#[test]
fn what_nobody_marked_is_left_out_of_account() {
    let at_the_frame = [[1.0, 50.0], [60.0, 50.0]];
    let at_the_seam = [[280.0, 200.0], [320.0, 200.0]];
    let marks = [(MarkClass::Abnormal, LINE), (MarkClass::Single, at_the_seam)];
    let hairs = vec![hair(1, &LINE, true), hair(2, &at_the_frame, true), hair(3, &at_the_seam, true)];
    let told = judged(&marks, hairs);
    assert_eq!((told.marked.len(), told.found, told.faults.len()), (0, 0, 0));
    // The interval moves with the three hairs that are left out.
    assert_eq!(told.found_ci95, Some([-3.0, 0.0]));
    let all = summary(&[told.clone(), told]);
    assert_eq!((all.f1, all.interval_coverage.map(|share| share.value)), (None, Some(1.0)));
}
