//! Who grows, who rests, and of whom it cannot be told.

use super::*;
use crate::{Calibration, CalibrationSource, Photo, Protocol, measure};

/// A blank photo of 200 × 100 px, 10 µm per px.
fn photo() -> Measurement {
    let photo = Photo::from_image(image::RgbImage::new(200, 100).into()).expect("pixels");
    let scale = Calibration::new(10.0, CalibrationSource::Flag).expect("a scale");
    measure(&photo, Some(scale), &Protocol::default())
}

fn hair(root_px: PointPx, tip_px: PointPx) -> Hair {
    let text = r#"{"id": 1, "root_px": [0, 0], "tip_px": [0, 0], "width_px": 5, "width_se_px": 0.1, "diameter_um": 50,
        "diameter_se_um": 1, "diameter_sd_um": 1, "diameter_limit_um": null, "length_px": 1, "length_um": 1,
        "direction_deg": 0, "class": "terminal", "polarity": "dark", "follicular_unit": null, "counted": true,
        "not_counted": null, "confidence": 1, "root_confidence": 1, "origin": "automatic", "centreline_px": [[0, 0], [1, 0]]}"#;
    let like: Hair = serde_json::from_str(text).expect("a hair");
    let length_px = libm::hypot(tip_px[0] - root_px[0], tip_px[1] - root_px[1]);
    Hair { root_px, tip_px, length_px, length_um: Some(10.0 * length_px), ..like }
}

#[test]
fn what_left_the_frame_or_was_cut_is_not_resting() {
    let [a, b] = [[20.0, 50.0], [60.0, 50.0]];
    let long = |px: f64| hair(a, [a[0] + px, 50.0]);
    let limit = 160.0;
    let told = |change, before: &Hair, after: &Hair| growth(change, [before, after], limit);
    assert_eq!(told(Ok(300.0), &hair(a, b), &long(70.0)), Ok(true));
    assert_eq!(told(Ok(10.0), &hair(a, b), &long(41.0)), Ok(false));
    assert_eq!(told(Ok(-200.0), &hair(a, b), &long(20.0)), Err(GrowthNotTold::Cut));
    // Whole before: what is seen beyond that has grown. Cut off by the frame before, too: more of it may only be in sight.
    assert_eq!(told(Err(true), &hair(a, b), &long(60.0)), Ok(true));
    assert_eq!(told(Err(true), &hair(a, b), &long(45.0)), Err(GrowthNotTold::LeavesFrame));
    assert_eq!(told(Err(false), &hair(a, b), &long(60.0)), Err(GrowthNotTold::LeavesFrame));
    let unread = Hair { length_um: None, ..hair(a, b) };
    assert_eq!(told(Ok(10.0), &unread, &long(41.0)), Err(GrowthNotTold::NoLength));
}

#[test]
fn the_share_is_taken_over_hairs_with_room_to_grow() {
    let photo = photo();
    let towards_the_frame = hair([140.0, 50.0], [180.0, 50.0]);
    let away_from_it = hair([180.0, 50.0], [140.0, 50.0]);
    // 400 µm and 160 µm of growth reach 56 px from the root: to 196 px, on the rim of 2 px, and to 124 px.
    assert!(has_room(&photo, &away_from_it, Some(400.0), 160.0));
    assert!(has_room(&photo, &towards_the_frame, Some(400.0), 160.0));
    assert!(!has_room(&photo, &towards_the_frame, Some(400.0), 180.0));
    assert!(!has_room(&photo, &away_from_it, None, 160.0));
}

#[test]
fn the_interval_of_a_share_is_wilsons() {
    // 45 of 50: 0.7864 to 0.9565 (R: prop.test(45, 50, correct = FALSE)).
    let share = wilson(45.0, 50.0);
    assert_eq!(share.value, 0.9);
    assert!((share.ci95[0] - 0.786).abs() < 1e-3 && (share.ci95[1] - 0.957).abs() < 1e-3, "{share:?}");
    assert_eq!(wilson(0.0, 0.0).ci95, [0.0, 1.0]);
}
