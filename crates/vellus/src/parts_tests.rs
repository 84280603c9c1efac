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
    // As if that half alone had been asked for, but for the intervals and the least of what shines: both come from how the
    // region looks.
    let alone = measured(vec![rectangle("left", 0.0, 350.0)]);
    assert_eq!((&alone.summary, &alone.regions[0].hairs), (&alone.regions[0].summary, &left.hairs));
    let figures = |s: &crate::Summary| {
        let to_tenths = |um: Option<f64>| um.map(|um| (10.0 * um).round());
        let (diameter, length) = (to_tenths(s.mean_diameter_um), to_tenths(s.mean_length_um));
        (s.hair_count, s.density_per_cm2, diameter, s.unit_count, length)
    };
    assert_eq!(figures(&alone.summary), figures(&left.summary));
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

#[test]
fn regions_without_scalp_and_beyond_the_photo_are_named() {
    let all = measured(vec![
        rectangle("in", 0.0, 350.0),
        rectangle("half", 350.0, 1400.0),
        rectangle("out", 5000.0, 350.0),
        RegionPart { name: "line".to_owned(), shape: "polygon:10,10,20,10,30,10".parse().expect("a shape") },
    ]);
    let message = |code| {
        let found = all.quality.findings.iter().find(|finding| finding.code == code);
        found.expect("a finding").message.clone()
    };
    let empty = message(FindingCode::RegionWithoutScalp);
    assert!(empty.contains("'out', 'line'.") && !empty.contains("'in'"), "{empty}");
    let beyond = message(FindingCode::RegionOutside);
    assert!(beyond.contains("'half'") && !beyond.contains("'out'"), "{beyond}");
    assert_eq!(all.quality.verdict, crate::Verdict::Warn);
    let fine = measured(vec![rectangle("left", 0.0, 350.0), rectangle("right", 350.0, 350.0)]);
    assert!(fine.quality.findings.iter().all(|f| f.code != FindingCode::RegionWithoutScalp));
    assert!(fine.quality.findings.iter().all(|f| f.code != FindingCode::RegionOutside));
}

#[test]
fn shared_scalp_is_counted_pixel_by_pixel_and_in_time() {
    let shapes = ["rect:0,0,6,6", "circle:6,6,4", "polygon:2,1,11,3,5,10", "rect:3,2,8,3", "whole"];
    let parts: Vec<RegionPart> = (shapes.iter().enumerate())
        .map(|(i, text)| RegionPart { name: i.to_string(), shape: text.parse().expect("a shape") })
        .collect();
    let scalp: Vec<bool> = (0..12 * 12).map(|i| i % 5 != 0).collect();
    let mut wanted = (0, 0, 0);
    for a in 0..parts.len() {
        for b in a + 1..parts.len() {
            let shared = (0..144).filter(|&i| {
                let (x, y) = ((i % 12) as f64, (i / 12) as f64);
                scalp[i] && parts[a].shape.contains(x, y) && parts[b].shape.contains(x, y)
            });
            let shared = shared.count() as u64;
            if shared > wanted.2 {
                wanted = (a, b, shared);
            }
        }
    }
    let most = |seconds| super::most_shared(&parts, &scalp, 12, super::Deadline::after(seconds));
    assert_eq!(most(60.0), Some(Some(wanted)));
    assert_eq!(most(0.0), None);
    let mut late = measured(vec![rectangle("left", 0.0, 350.0), rectangle("right", 350.0, 350.0)]);
    let scalp = vec![true; 700 * 560];
    late.regions.clear();
    assert!(!super::sum_up(&mut late, Some(&scalp), super::Deadline::after(0.0)));
    assert_eq!((late.hairs.len(), late.summary.hair_count, late.regions.len()), (0, 0, 2));
    assert_eq!(late.quality.verdict, crate::Verdict::Fail);
}
