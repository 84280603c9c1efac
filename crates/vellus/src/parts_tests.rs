use crate::photo::{DecodeLimits, Photo};
use crate::{Calibration, CalibrationSource, FindingCode, Protocol, RegionPart, RegionShape, measure};

fn rectangle(name: &str, x: f64, width: f64) -> RegionPart {
    let shape = RegionShape::Rectangle { x_px: x, y_px: 0.0, width_px: width, height_px: 560.0 };
    RegionPart { name: name.to_owned(), shape }
}

fn measured(parts: Vec<RegionPart>) -> crate::Measurement {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/clipped.jpg");
    let photo = Photo::open(path, &DecodeLimits::default()).expect("the sample");
    let region = if parts.is_empty() { RegionShape::Whole } else { RegionShape::Parts { parts } };
    let scale = Calibration::new(5.0, CalibrationSource::Flag).expect("a scale");
    measure(&photo, Some(scale), &Protocol { region, ..Protocol::default() })
}

#[test]
fn halves_add_up_to_the_whole() {
    let whole = measured(vec![]);
    assert!(whole.regions.is_empty());
    let halves = measured(vec![rectangle("left", 0.0, 350.0), rectangle("right", 350.0, 350.0)]);
    assert_eq!(halves.summary, whole.summary);
    assert_eq!(halves.region.area_px, whole.region.area_px);
    let [left, right] = &halves.regions[..] else { panic!("two regions") };
    assert_eq!((left.name.as_str(), right.name.as_str()), ("left", "right"));
    assert_eq!(left.summary.hair_count + right.summary.hair_count, whole.summary.hair_count);
    assert!(left.summary.hair_count > 0 && right.summary.hair_count > 0);
    assert_eq!(left.region.area_px + right.region.area_px, whole.region.area_px);
    let density = f64::from(left.summary.hair_count) / left.region.area_mm2.expect("a scale") * 100.0;
    assert!((left.summary.density_per_cm2.expect("a scale") - density).abs() < 1e-9);
    // As if that half alone had been asked for.
    let alone = measured(vec![rectangle("left", 0.0, 350.0)]);
    assert_eq!((&alone.summary, &alone.regions[0]), (&left.summary, left));
    assert!(!halves.quality.findings.iter().any(|finding| finding.code == FindingCode::RegionsOverlap));
}

#[test]
fn what_lies_in_two_regions_counts_in_both_and_is_said() {
    let both = measured(vec![rectangle("a", 0.0, 700.0), rectangle("b", 0.0, 700.0)]);
    let whole = measured(vec![]);
    assert_eq!(both.summary, whole.summary);
    assert!(both.regions.iter().all(|region| region.summary.hair_count == whole.summary.hair_count));
    let finding =
        both.quality.findings.iter().find(|f| f.code == FindingCode::RegionsOverlap).expect("a finding");
    let said = format!("{} hairs lie in more than one region", whole.summary.hair_count);
    assert!(
        finding.message.contains(&said) && finding.message.contains("'a' and 'b'"),
        "{}",
        finding.message
    );
}
