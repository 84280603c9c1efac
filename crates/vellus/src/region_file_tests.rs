use proptest::prelude::*;

use super::*;

fn flags(shape: &RegionShape, width: usize, height: usize) -> Vec<bool> {
    (0..width * height).map(|i| shape.contains((i % width) as f64, (i / width) as f64)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_outline_holds_the_pixels_of_its_mask(width in 1usize..9, bits in prop::collection::vec(any::<bool>(), 1..60)) {
        let height = bits.len() / width;
        let mask = &bits[..width * height];
        let shape = RegionShape::Outline { rings_px: outline(mask, width) };
        prop_assert_eq!(&flags(&shape, width, height), mask);
        let rows: Vec<bool> = (0..height).flat_map(|y| shape.row(y, width)).collect();
        prop_assert_eq!(&rows, mask);
    }
}

#[test]
fn qupath_names_polygons_and_holes() {
    let text = r#"{"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates":
            [[[0, 0], [8, 0], [8, 8], [0, 8], [0, 0]], [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]]},
         "properties": {"objectType": "annotation", "name": "frontal"}},
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates":
            [[[[10, 0], [12, 0], [12, 2], [10, 2], [10, 0]]], [[[14, 0], [16, 0], [16, 2], [14, 2], [14, 0]]]]},
         "properties": {"classification": {"name": "vertex"}}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 9], [1, 9], [1, 10], [0, 9]]]}}]}"#;
    let parts = parse_geojson(text, "left").expect("regions");
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["frontal", "vertex", "left 3"]);
    let count = |part: &RegionPart| flags(&part.shape, 20, 12).into_iter().filter(|&inside| inside).count();
    assert_eq!((count(&parts[0]), count(&parts[1])), (64 - 4, 8));
    assert!(parts[0].shape.contains(0.0, 0.0) && !parts[0].shape.contains(8.0, 0.0));
}

#[test]
fn what_is_no_region_is_refused() {
    let cases = [
        ("[", "no JSON"),
        ("3", "no GeoJSON"),
        (r#"{"features": []}"#, "no feature"),
        (r#"{"type": "Point", "coordinates": [1, 2]}"#, "is a Point and no area"),
        (r#"{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}"#, "fewer than three corners"),
        (r#"{"type": "Polygon", "coordinates": [[[0, 0], [1, "a"], [2, 2]]]}"#, "no pair of pixels"),
        (r#"{"type": "Polygon", "coordinates": []}"#, "no corners"),
        (r#"{"features": [{"type": "Feature", "geometry": null}]}"#, "feature 1 has no geometry"),
    ];
    for (text, wanted) in cases {
        let error = parse_geojson(text, "x").expect_err("refused");
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_mask_image_is_read_and_a_black_one_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("crown.png");
    let limits = DecodeLimits::default();
    image::GrayImage::from_fn(9, 7, |x, y| image::Luma([if x > 3 && y < 5 { 1 } else { 0 }]))
        .save(&path)
        .expect("written");
    let file = read(&path, &limits).expect("a region");
    assert_eq!((file.size_px, file.parts[0].name.as_str()), (Some([9, 7]), "crown"));
    assert_eq!(flags(&file.parts[0].shape, 9, 7).into_iter().filter(|&inside| inside).count(), 25);
    image::GrayImage::new(9, 7).save(&path).expect("written");
    assert!(matches!(read(&path, &limits), Err(RegionFileError::Black { .. })));
}

#[test]
fn overlapping_polygons_of_a_multipolygon_are_joined() {
    let count = |coordinates: &str| {
        let text = format!(r#"{{"type": "MultiPolygon", "coordinates": {coordinates}}}"#);
        let parts = parse_geojson(&text, "x").expect("a region");
        flags(&parts[0].shape, 30, 12).into_iter().filter(|&inside| inside).count()
    };
    let square = |x: i32, side: i32| {
        let end = x + side;
        format!("[[{x}, 1], [{end}, 1], [{end}, {0}], [{x}, {0}], [{x}, 1]]", 1 + side)
    };
    assert_eq!(count(&format!("[[{}], [{}]]", square(0, 8), square(4, 8))), 8 * 12);
    // A hole counts within its own polygon alone.
    let holed = format!("[{}, [[2, 3], [6, 3], [6, 7], [2, 7]]]", square(0, 8));
    assert_eq!(count(&format!("[{holed}]")), 48);
    assert_eq!(count(&format!("[{holed}, [[[4, 3], [20, 3], [20, 4], [4, 4]]]]")), 48 + 2 + 12);
    // Apart, they stay what they are, corners and all.
    assert_eq!(count(&format!("[[{}], [{}]]", square(0, 8), square(10, 8))), 128);
    let far = format!("[[{}], [{}]]", square(0, 8), "[[1, 1], [1000000, 1], [1000000, 1000000]]");
    let error = parse_geojson(&format!(r#"{{"type": "MultiPolygon", "coordinates": {far}}}"#), "x");
    assert!(error.expect_err("refused").contains("too many to join"));
}

#[test]
fn names_are_plain_and_differ() {
    let square = r#""geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}"#;
    let feature = |name: &str| format!(r#"{{{square}, "properties": {{"name": "{name}"}}}}"#);
    let features = ["A 3", "A", "A", "red\\u001b[31m\\nline"].map(feature).join(",");
    let parts = parse_geojson(&format!(r#"{{"features": [{features}]}}"#), "x").expect("regions");
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["A 3", "A", "A 4", "red [31m line"]);
}

/// ImageJ's masks hold 255 inside, and show it as black.
#[test]
fn an_inverting_table_of_colours_is_taken_by_its_values() {
    let folder = tempfile::tempdir().expect("folder");
    let values: Vec<u8> = (0..63).map(|i| if i % 9 > 3 && i / 9 < 5 { 255 } else { 0 }).collect();
    let written = |palette: Vec<u8>| {
        let path = folder.path().join("mask.png");
        let mut encoder = png::Encoder::new(std::fs::File::create(&path).expect("file"), 9, 7);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
        encoder.write_header().expect("header").write_image_data(&values).expect("written");
        let file = read(&path, &DecodeLimits::default()).expect("a region");
        flags(&file.parts[0].shape, 9, 7).into_iter().filter(|&inside| inside).count()
    };
    assert_eq!(written((0..=255).flat_map(|i| [255 - i; 3]).collect()), 25);
    assert_eq!(written((0..=255).flat_map(|i| [i; 3]).collect()), 25);
    // By what is shown, where the table is no such one.
    assert_eq!(written((0..=255).flat_map(|i| if i == 0 { [255; 3] } else { [0; 3] }).collect()), 38);
}

#[test]
fn a_jpeg_is_no_mask() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("mask.jpg");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/clipped.jpg"), &path).expect("written");
    let error = read(&path, &DecodeLimits::default()).expect_err("refused").to_string();
    assert!(
        error.ends_with(
            "mask.jpg is a JPEG, which blurs the edge of a mask; export the mask as PNG, TIFF or BMP"
        ),
        "{error}"
    );
}
