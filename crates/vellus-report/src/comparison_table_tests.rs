use vellus::FindingCode;
use vellus::comparison::NamedValue;

use super::*;
use crate::fixture;

const PLAIN: TableStyle = TableStyle { colour: false };

#[test]
fn the_table_says_what_changed_and_why() {
    let text = summary(&fixture::comparison(), PLAIN);
    let expected = "\
visits/left, parietal.jpg → visits/left, parietal, month 6.jpg  ·  5.54 µm per px ± 1 % (given)
  Density: increase (+11.0, 4.0 to 18.0 per cm²; changes from 6.0 could be told).
  Hair diameter, same hairs: no change beyond measurement error (+0.4, −0.8 to 1.6 µm; changes from 1.5 could be told).

  Same site   > 99.9 % probability, by 41 hairs; residual 8.2 µm
  Compared    33.50 mm², 83 % of the baseline; turned 4.0° clockwise, shifted 512 µm, scale × 1.000

  What                            Before  After  Change  95 % interval  Told from  Verdict
  Hairs                             40.2   43.9    +3.7     1.4 to 6.0        2.0  increase
  Density, per cm²                 120.0  131.0   +11.0    4.0 to 18.0        6.0  increase
  Hairs of at least 30 µm           31.0   33.9    +2.9     0.5 to 5.3        2.1  increase
  Hairs of at least 40 µm           29.5   29.5     0.0    −1.8 to 1.8        2.2  within error
  Diameter, mean, µm                61.2   60.9    −0.3    −2.4 to 1.8        2.4  within error
  Diameter, median, µm              64.0   63.9    −0.1    −2.7 to 2.5        3.0  within error
  Diameter of hairs in both, µm     60.8   61.2    +0.4    −0.8 to 1.6        1.5  within error
  Cumulative thickness, mm/cm²      7.34   7.98   +0.64   0.18 to 1.10       0.40  increase
  Unit density, per cm²             61.0   63.9    +2.9    −2.1 to 7.9        5.2  within error
  Hairs per unit                    1.97   2.05   +0.08  −0.06 to 0.22       0.15  within error
  within error: no change beyond measurement error.
  told from: the smallest change that can be told, from validation; repeat photos would measure it at this site.

  Hairs of the compared area     Number  95 % interval
  Seen in both photos              38.1  36.9 to 39.3
  Gained                            3.1  1.3 to 4.9
  Lost                              2.0  1.0 to 3.0
  Thickened                         3.0  1.6 to 4.4     beyond the error of their two diameters
  Thinned                           1.0  0.0 to 2.4     beyond the error of their two diameters
  Grown                             0.0  0.0 to 1.0     beyond the error of their two lengths
  Vellus, now terminal              1.0  0.0 to 2.2
  Terminal, now vellus              0.0  0.0 to 0.6
  Seen only before, not judged        2                 outside the other photo 2
  Looked for again                    8                 found 1: 1 in the follow-up, 0 in the baseline
  The change of the hairs is not gained less lost: it also makes up for hairs that came or went unseen.
";
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn only_a_change_that_is_not_gained_less_lost_is_explained() {
    let mut comparison = fixture::comparison();
    let says = |comparison: &Comparison| summary(comparison, PLAIN).contains("not gained less lost");
    assert!(says(&comparison));
    let seen = comparison.hairs.gained.value - comparison.hairs.lost.value;
    comparison.change.hair_count.as_mut().expect("a count").difference = seen + 0.2;
    assert!(!says(&comparison));
}

#[test]
fn nothing_is_minus_zero() {
    for comparison in [fixture::comparison(), fixture::unscaled_comparison()] {
        let text = summary(&comparison, PLAIN);
        for zero in ["-0.0 ", "−0.0 ", "−0 ", "−0.00 "] {
            assert!(!text.contains(zero), "{text}");
        }
    }
}

#[test]
fn without_a_scale_nothing_is_in_micrometres_or_per_area() {
    let text = summary(&fixture::unscaled_comparison(), PLAIN);
    for unit in ["µm", "cm²", "mm²"] {
        assert!(!text.contains(unit), "{unit} in\n{text}");
    }
    assert!(text.contains("no scale") && text.contains("shifted 512 px"), "{text}");
    assert_eq!(text.matches("--um-per-px").count(), 1, "what both photos share is said once:\n{text}");
    assert!(text.contains("Both photos: No scale"), "{text}");
}

#[test]
fn doubts_say_whose_they_are() {
    let mut comparison = fixture::comparison();
    comparison.findings = vec![Finding::new(FindingCode::ScaleMissing, "About both.")];
    comparison.baseline.quality.findings = vec![Finding::new(FindingCode::Glare, "12 % is glare.")];
    comparison.follow_up.quality.findings = vec![Finding::new(FindingCode::OutOfFocus, "It is blurred.")];
    let text = summary(&comparison, PLAIN);
    for words in [
        "  The numbers stand, with the reservation below.\n",
        "• About both.",
        "• Baseline: 12 % is glare.",
        "• Follow-up: It is blurred.",
        "    → Focus on",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn replicates_say_how_well_the_site_repeats() {
    let mut comparison = fixture::comparison();
    comparison.repeatability = Some(Repeatability {
        baseline_photos: 3,
        follow_up_photos: 2,
        pairs: 4,
        standard_error_of_measurement: vec![
            NamedValue { quantity: "density_per_cm2".to_owned(), value: 2.13 },
            NamedValue { quantity: "mean_diameter_um".to_owned(), value: 0.52 },
        ],
    });
    let text = summary(&comparison, PLAIN);
    let words = "from 3 + 2 photos of this site (4 pairs).\n  \
                 Standard error of one photo: Density, per cm² 2.1; Diameter, mean, µm 0.5.";
    assert!(text.contains(words), "{text}");
    assert!(!text.contains("validation"), "{text}");
}

#[test]
fn a_phototrichogram_has_its_fractions() {
    let comparison = fixture::phototrichogram();
    let text = summary(&comparison, PLAIN);
    for words in [
        "Growing (anagen): 82 % (68 to 91) of 37 hairs.\n",
        "Growth in 48 h",
        "Growing (anagen)     82 %  68 to 91",
        "18 %  9 to 32",
        "331  307 to 355",
        "37 hairs",
        "Growth not told         6  at the frame 5, cut 1",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let coloured = summary(&fixture::comparison(), TableStyle { colour: true });
    assert!(coloured.contains("\u{1b}[32mincrease"));
    assert!(!summary(&fixture::comparison(), PLAIN).contains('\u{1b}'));
    // Colours do not move the columns.
    let plain: String = coloured.split("\u{1b}[32m").flat_map(|part| part.split("\u{1b}[0m")).collect();
    assert!(plain.contains("4.0 to 18.0        6.0  increase\n"), "{plain}");
}
