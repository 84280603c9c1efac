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
