//! The readable table of a comparison.
//!
//! First the answer, a sentence each for how many hairs and how thick, with the interval and the smallest change that
//! could be told, so that the reason stands beside the verdict. Then why both photos may be compared, every quantity
//! before and after, what became of the hairs, and every doubt with its advice. All of it is about the skin that both
//! photos show. What the record does not hold has no row.

use std::fmt::Write;

use vellus::comparison::{
    ChangeVerdict, Comparison, HairFates, MatchSource, Phototrichogram, Registration, Repeatability,
    SecondLook, SecondLookOutcome,
};
use vellus::{Estimate, Finding, Measurement, Severity};

use crate::quantity::{QUANTITIES, Quantity, answers, verdict};
use crate::text::{Paint, TableStyle, columns, findings, number, range, scale, signed, told_decimals};

/// The verdict on what did not change, in short.
const WITHIN_ERROR: &str = "within error";

/// The table of one comparison as text, with a final line feed.
pub fn summary(comparison: &Comparison, style: TableStyle) -> String {
    let mut text = style.paint(Paint::Bold, &heading(comparison));
    text.push('\n');
    answer(&mut text, comparison, style);
    let doubts = doubts(comparison);
    if doubts.iter().any(|(_, finding)| finding.severity > Severity::Note) {
        let words = "The numbers stand, with the reservation below.";
        let _ = writeln!(text, "  {}", style.paint(Paint::Yellow, words));
    }
    let _ = writeln!(text, "\n{}\n", columns(&same_site(comparison), &[]));
    let rows = quantities(comparison, style);
    let _ = writeln!(text, "{}", columns(&rows, &[1, 2, 3, 4, 5]));
    if rows.iter().any(|row| row[6] == WITHIN_ERROR) {
        let _ = writeln!(text, "  {WITHIN_ERROR}: {}.", verdict(ChangeVerdict::WithinError));
    }
    let _ = writeln!(text, "  {}\n", told_from(comparison.repeatability.as_ref()));
    let _ = writeln!(text, "{}", columns(&hairs(comparison), &[1]));
    if is_raised(comparison) {
        let _ = writeln!(text, "  {RAISED}");
    }
    if let Some(phototrichogram) = &comparison.phototrichogram {
        let _ = writeln!(text, "\n{}", columns(&growth(phototrichogram), &[1]));
    }
    findings(&mut text, doubts, style);
    text
}

/// `a.jpg → b.jpg  ·  5 µm per px ± 1 % (given)`.
fn heading(comparison: &Comparison) -> String {
    let [baseline, follow_up] = [&comparison.baseline, &comparison.follow_up];
    let scales = [baseline, follow_up].map(|measurement| scale(measurement.calibration));
    let scale = if scales[0] == scales[1] { scales[0].clone() } else { scales.join(" → ") };
    format!("{} → {}  ·  {scale}", name(baseline, "baseline"), name(follow_up, "follow-up"))
}

/// The path as given.
pub fn name<'a>(measurement: &'a Measurement, otherwise: &'a str) -> &'a str {
    measurement.image.path.as_deref().unwrap_or(otherwise)
}

/// The sentences that a reader in a hurry reads.
pub fn answer(text: &mut String, comparison: &Comparison, style: TableStyle) {
    if let Some(phototrichogram) = &comparison.phototrichogram {
        let _ = writeln!(text, "  {}.", growing(phototrichogram));
    }
    for (name, quantity, change) in answers(&comparison.change) {
        let paint = match change.verdict {
            ChangeVerdict::Increase => Paint::Green,
            ChangeVerdict::Decrease => Paint::Red,
            ChangeVerdict::WithinError => Paint::Plain,
        };
        let _ = writeln!(text, "  {name}: {}.", style.paint(paint, &quantity.sentence(&change)));
    }
}

/// Whether the photos may be compared, and where.
fn same_site(comparison: &Comparison) -> [[String; 2]; 2] {
    let registration = &comparison.registration;
    let unit = if comparison.baseline.calibration.is_some() { "µm" } else { "px" };
    let area = registration.overlap_area_mm2.map(|area| format!("{} mm², ", number(area, 2)));
    let turn = match registration.rotation_deg {
        turn if number(turn.abs(), 1) == "0.0" => "not turned".to_owned(),
        turn => {
            let sense = if turn > 0.0 { "clockwise" } else { "anticlockwise" };
            format!("turned {}° {sense}", number(turn.abs(), 1))
        }
    };
    [
        [
            "Same site".to_owned(),
            format!(
                "{} probability, by {} hairs; residual {} {unit}",
                probability(registration.same_site_probability),
                registration.supporting_hairs,
                number(registration.rms_residual_um, 1)
            ),
        ],
        [
            "Compared".to_owned(),
            format!(
                "{}{} of the baseline; {turn}, shifted {} {unit}, scale × {}",
                area.unwrap_or_default(),
                percent(registration.overlap_fraction),
                number(registration.shift_um, 0),
                number(registration.scale_ratio, 3)
            ),
        ],
    ]
}

/// `same site 99.8 %, overlap 7.31 mm² (75 %), residual 8.2 µm`, for tables of many comparisons.
pub fn registration_words(registration: &Registration, scaled: bool) -> String {
    let unit = if scaled { "µm" } else { "px" };
    let area = registration.overlap_area_mm2.map(|area| format!("{} mm², ", number(area, 2)));
    format!(
        "same site {}, compared {}{}, residual {} {unit}",
        probability(registration.same_site_probability),
        area.unwrap_or_default(),
        percent(registration.overlap_fraction),
        number(registration.rms_residual_um, 1)
    )
}

/// A probability as a percentage that never claims certainty.
fn probability(probability: f64) -> String {
    if probability > 0.9995 { "> 99.9 %".to_owned() } else { format!("{} %", number(100.0 * probability, 1)) }
}

fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share, 0))
}

fn quantities(comparison: &Comparison, style: TableStyle) -> Vec<[String; 7]> {
    let mut rows = vec![
        ["What", "Before", "After", "Change", "95 % interval", "Told from", "Verdict"].map(str::to_owned),
    ];
    for quantity in &QUANTITIES {
        let Some(change) = (quantity.of)(&comparison.change) else { continue };
        let decimals = quantity.decimals;
        let (paint, words) = match change.verdict {
            ChangeVerdict::Increase => (Paint::Green, verdict(change.verdict)),
            ChangeVerdict::Decrease => (Paint::Red, verdict(change.verdict)),
            // In full it is below the table; ten times it would hide what changed.
            ChangeVerdict::WithinError => (Paint::Plain, WITHIN_ERROR),
        };
        rows.push([
            quantity.title(),
            number(change.baseline, decimals),
            number(change.follow_up, decimals),
            signed(change.difference, decimals),
            range(change.ci95, told_decimals(change.ci95, decimals)),
            number(change.smallest_detectable_change, decimals),
            style.paint(paint, words),
        ]);
    }
    rows
}

fn hairs(comparison: &Comparison) -> Vec<[String; 4]> {
    let fates: &HairFates = &comparison.hairs;
    let heading = ["Hairs of the compared area", "Number", "95 % interval", ""];
    let mut rows = vec![heading.map(str::to_owned)];
    let mut add = |name: &str, estimate: Option<Estimate>, remark: String| {
        if let Some(estimate) = estimate {
            rows.push([name.to_owned(), number(estimate.value, 1), range(estimate.ci95, 1), remark]);
        }
    };
    add("Seen in both photos", Some(fates.matched), String::new());
    add("Gained", Some(fates.gained), String::new());
    add("Lost", Some(fates.lost), String::new());
    add("Thickened", fates.thickened, "beyond the error of their two diameters".to_owned());
    add("Thinned", fates.thinned, "beyond the error of their two diameters".to_owned());
    add("Grown", fates.grown, "beyond the error of their two lengths".to_owned());
    add("Vellus, now terminal", fates.vellus_to_terminal, String::new());
    add("Terminal, now vellus", fates.terminal_to_vellus, String::new());

    let [before, after] = [&comparison.second_look.baseline, &comparison.second_look.follow_up];
    let unseen = [
        ("Seen only before, not judged", &comparison.not_seen.baseline, before),
        ("Seen only after, not judged", &comparison.not_seen.follow_up, after),
    ];
    for (name, ids, looks) in unseen {
        if !ids.is_empty() {
            rows.push([name.to_owned(), ids.len().to_string(), String::new(), reasons(ids, looks)]);
        }
    }
    let asked = before.len() + after.len();
    let found = |source| comparison.matches.iter().filter(|m| m.source == source).count();
    let (later, earlier) = (found(MatchSource::SecondLookFollowUp), found(MatchSource::SecondLookBaseline));
    let remark = format!("found {}: {later} in the follow-up, {earlier} in the baseline", later + earlier);
    rows.push(["Looked for again".to_owned(), asked.to_string(), String::new(), remark]);
    rows
}

/// Said where the change of the number of hairs is not what was seen to come less what was seen to go.
const RAISED: &str =
    "The change of the hairs is not gained less lost: it also makes up for hairs that came or went unseen.";

/// Whether the change of the number of hairs differs from gained less lost as it is told, by half a hair and more.
fn is_raised(comparison: &Comparison) -> bool {
    let seen = comparison.hairs.gained.value - comparison.hairs.lost.value;
    // Of repeat photos the change is the mean, the hairs are those of the first two.
    comparison.repeatability.is_none()
        && comparison.change.hair_count.is_some_and(|count| (count.difference - seen).abs() >= 0.5)
}

/// `outside the other photo 2, covered by other hair 1`.
fn reasons(ids: &[u32], looks: &[SecondLook]) -> String {
    const WORDS: [(SecondLookOutcome, &str); 8] = [
        (SecondLookOutcome::Outside, "outside the other photo"),
        (SecondLookOutcome::Masked, "behind caption, glare or bubble"),
        (SecondLookOutcome::Covered, "covered by other hair"),
        (SecondLookOutcome::Unclear, "too weak to tell"),
        (SecondLookOutcome::DoubtfulHair, "perhaps no hair"),
        (SecondLookOutcome::RemovedByReader, "removed by a reader from the other photo alone"),
        (SecondLookOutcome::Absent, "perhaps absent"),
        (SecondLookOutcome::Found, "perhaps there"),
    ];
    let outcome = |id: &u32| looks.iter().find(|look| look.hair == *id).map(|look| look.outcome);
    let mut parts: Vec<String> = Vec::new();
    for (reason, words) in WORDS {
        let count = ids.iter().filter(|id| outcome(id) == Some(reason)).count();
        if count > 0 {
            parts.push(format!("{words} {count}"));
        }
    }
    let unasked = ids.iter().filter(|id| outcome(id).is_none()).count();
    if unasked > 0 {
        parts.push(format!("not looked for {unasked}"));
    }
    parts.join(", ")
}

/// `Growing (anagen): 82 % (68 to 91) of 37 hairs`.
pub fn growing(phototrichogram: &Phototrichogram) -> String {
    let share = phototrichogram.anagen_fraction.scaled(100.0);
    format!(
        "Growing (anagen): {} % ({}) of {} hairs",
        number(share.value, 0),
        range(share.ci95, 0),
        phototrichogram.hairs
    )
}

fn growth(phototrichogram: &Phototrichogram) -> Vec<[String; 3]> {
    let share = |name: &str, estimate: Estimate| {
        let estimate = estimate.scaled(100.0);
        [name.to_owned(), format!("{} %", number(estimate.value, 0)), range(estimate.ci95, 0)]
    };
    let heading = format!("Growth in {} h", number(phototrichogram.interval_h, 1).trim_end_matches(".0"));
    let told = format!(
        "of {} hairs; growing from {} µm",
        phototrichogram.hairs,
        number(phototrichogram.anagen_limit_um, 0)
    );
    let mut rows = vec![
        [heading, String::new(), told],
        share("Growing (anagen)", phototrichogram.anagen_fraction),
        share("Resting (telogen)", phototrichogram.telogen_fraction),
    ];
    let not_counted = [
        (phototrichogram.left_frame, "at the frame"),
        (phototrichogram.cut, "cut"),
        (phototrichogram.no_length, "without a length in one photo"),
    ];
    let all: u32 = not_counted.iter().map(|(hairs, _)| hairs).sum();
    if all > 0 {
        let why =
            not_counted.iter().filter(|(hairs, _)| *hairs > 0).map(|(hairs, why)| format!("{why} {hairs}"));
        let why = why.collect::<Vec<_>>().join(", ");
        rows.push(["Growth not told".to_owned(), all.to_string(), why]);
    }
    if let Some(speed) = phototrichogram.growth_um_per_day {
        rows.push(["Growth, µm per day".to_owned(), number(speed.value, 0), range(speed.ci95, 0)]);
    }
    rows
}

/// What stands in the last but one column, and where it comes from.
fn told_from(repeatability: Option<&Repeatability>) -> String {
    let told = "told from: the smallest change that can be told";
    let Some(repeatability) = repeatability else {
        return format!("{told}, from validation; repeat photos would measure it at this site.");
    };
    let errors: Vec<String> = ["density_per_cm2", "hair_count", "mean_diameter_um"]
        .into_iter()
        .filter_map(|key| {
            let quantity = Quantity::named(key)?;
            let values = &repeatability.standard_error_of_measurement;
            let value = values.iter().find(|value| value.quantity == key)?.value;
            Some(format!("{} {}", quantity.title(), number(value, quantity.decimals)))
        })
        .collect();
    format!(
        "{told}, from {} + {} photos of this site ({} {}).\n  Standard error of one photo: {}.",
        repeatability.baseline_photos,
        repeatability.follow_up_photos,
        repeatability.pairs,
        if repeatability.pairs == 1 { "pair" } else { "pairs" },
        errors.join("; ")
    )
}

/// The doubts about the comparison, then those about either photo; what both photos share is said once.
pub fn doubts(comparison: &Comparison) -> Vec<(&str, &Finding)> {
    let [before, after] =
        [&comparison.baseline, &comparison.follow_up].map(|visit: &Measurement| &visit.quality.findings);
    let mut doubts: Vec<(&str, &Finding)> = comparison.findings.iter().map(|finding| ("", finding)).collect();
    for finding in before {
        doubts.push((if after.contains(finding) { "Both photos: " } else { "Baseline: " }, finding));
    }
    doubts.extend(after.iter().filter(|finding| !before.contains(finding)).map(|f| ("Follow-up: ", f)));
    doubts
}

#[cfg(test)]
#[path = "comparison_table_tests.rs"]
mod tests;
