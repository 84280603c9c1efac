//! A part of the field that is out of focus is told; a field of one blur is not.

use vellus::FindingCode;
use vellus_tests::blurred::partly_blurred;
use vellus_tests::drawn::{draw_as_file, measure_image, scene};

#[test]
fn a_part_out_of_focus_is_told_and_widens_the_count() {
    for name in ["clipped_typical", "clipped_easy"] {
        let drawn = draw_as_file(&scene(name), 31);
        let um = drawn.truth.um_per_px;
        let whole = measure_image(&drawn.image, um);
        let told = |m: &vellus::Measurement| {
            m.quality.findings.iter().any(|finding| finding.code == FindingCode::PartOutOfFocus)
        };
        assert!(!told(&whole), "{name}: {:?}", whole.quality.findings);
        let part = measure_image(&partly_blurred(&drawn.image, 30.0 / um as f32, 0.5), um);
        assert!(told(&part), "{name}: {:?}", part.quality.appearance);
        let share = part.quality.appearance.expect("an appearance").unsharp_fraction;
        // Cells without enough hair tell nothing, and between the parts the blur sets in by and by.
        assert!((0.2..=0.6).contains(&share), "{name}: {share}");
        let [_, high] = part.summary.hair_count_ci95.expect("an interval");
        assert!(high >= f64::from(part.summary.hair_count) / (1.0 - share) - 1.0, "{name}: {high}");
    }
}
