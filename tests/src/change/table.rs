//! The two tables about change, as Markdown.

use std::fmt::Write;

use vellus_phantom::PairKind;

use super::extraction::Extraction;
use super::judge::{CLASSES_UM, Tally, Told};
use super::pairs::{KINDS, PairScore, REFUSED};
use super::taken::Taken;
use super::{median, worst};
use crate::score::mean;
use crate::table::{plain, signed};

/// One row per kind of pair.
pub fn pairs(scores: &[PairScore]) -> String {
    let mut text = String::from(
        "| what happened | pairs | refused | registration, × best affine: median, worst | matches right, % \
         | found in both, matched, % | lost or gained, right, % | density error, %: mean size, worst \
         | 95 % interval covers count, % | mean diameter, % | direction right | verdict right \
         | anagen error, points: mean size, worst |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for kind in KINDS {
        let of_kind: Vec<&PairScore> = scores.iter().filter(|score| score.case.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let refused = of_kind.iter().filter(|s| s.outcome.as_ref().is_err_and(|e| e == REFUSED)).count();
        let told: Vec<&Told> = of_kind.iter().filter_map(|score| score.outcome.as_ref().ok()).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {refused} | {} |",
            words(kind),
            of_kind.len(),
            cells(&told).join(" | ")
        );
    }
    text
}

fn cells(told: &[&Told]) -> [String; 10] {
    let all = |value: &dyn Fn(&Told) -> f64| told.iter().map(|t| value(t)).collect::<Vec<_>>();
    let sum = |tally: &dyn Fn(&Told) -> Tally| {
        plain(told.iter().map(|t| tally(t)).fold(Tally::default(), Tally::plus).percent(), 1)
    };
    let share = |flag: &dyn Fn(&Told) -> bool| {
        let share = mean(&all(&|t| f64::from(u8::from(flag(t)))));
        plain(share.map(|s| 100.0 * s), 0)
    };
    let ratios = all(&|t| t.registration_ratio);
    let densities = all(&|t| t.density_error_percent);
    let growth: Vec<f64> = told.iter().filter_map(|t| t.anagen_error_points).collect();
    let of = |flag: &dyn Fn(&Told) -> Option<bool>| {
        let flags: Vec<bool> = told.iter().filter_map(|t| flag(t)).collect();
        let right = flags.iter().filter(|right| **right).count();
        if flags.is_empty() { "–".to_owned() } else { format!("{right} of {}", flags.len()) }
    };
    [
        two(median(ratios.clone()), worst(&ratios), 2),
        sum(&|t| t.matches),
        sum(&|t| t.found_in_both),
        sum(&|t| t.lost_or_gained),
        two(mean_size(&densities), worst(&densities), 1),
        share(&|t| t.covers_count),
        share(&|t| t.covers_diameter),
        of(&|t| t.right_direction),
        of(&|t| t.right_verdict),
        two(mean_size(&growth), worst(&growth), 1),
    ]
}

/// How many of the hairs that went or came are called so; `RECOGNISED` in `compare/repeat.rs` has its figures from here.
pub fn recognised(scores: &[PairScore]) -> String {
    let told = scores.iter().filter_map(|score| score.outcome.as_ref().ok());
    let sums = told.fold([Tally::default(); 3], |sums, told| {
        std::array::from_fn(|class| sums[class].plus(told.recognised[class]))
    });
    let share = |class: usize| {
        let all = sums[class].right + sums[class].wrong;
        format!("{} % of {all}", plain(sums[class].percent(), 0))
    };
    let [fine, thick] = CLASSES_UM;
    format!(
        "Of the hairs that went or came are called so: below {fine:.0} µm {}, up to {thick:.0} µm {}, thicker {}.\n",
        share(0),
        share(1),
        share(2)
    )
}

/// One row per way to tell the change of a count.
pub fn extractions(scores: &[Extraction]) -> String {
    let mut text = String::from(
        "| change of the count by | scalps | mean error, % of all hairs | worst | bias |\n\
         |---|---:|---:|---:|---:|\n",
    );
    type Way = fn(&Extraction) -> Option<f64>;
    let ways: [(&str, Way); 3] = [
        ("matching hair to hair, with the second look", |e| e.with),
        ("matching hair to hair, without it", |e| e.without),
        ("counting twice", |e| e.counting_twice),
    ];
    for (name, way) in ways {
        let errors: Vec<f64> = scores.iter().filter_map(way).collect();
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} |",
            errors.len(),
            plain(mean_size(&errors), 1),
            plain(worst(&errors), 1),
            signed(mean(&errors)),
        );
    }
    let said = scores.iter().map(|e| e.said).fold(Taken::default(), Taken::plus);
    let _ = writeln!(text, "\n{}", said.words());
    text
}

fn words(kind: PairKind) -> &'static str {
    match kind {
        PairKind::Null => "nothing",
        PairKind::Misaligned => "nothing, camera 20° and 1.5 mm off",
        PairKind::Regrowth => "hairs gained and thickened",
        PairKind::Loss => "hairs lost and thinned",
        PairKind::Growth => "growth over 48 h",
        PairKind::Thickening => "hairs thickened",
        PairKind::Wrong => "another scalp",
        PairKind::Extraction => "hairs taken out",
    }
}

fn mean_size(values: &[f64]) -> Option<f64> {
    mean(&values.iter().map(|v| v.abs()).collect::<Vec<_>>())
}

fn two(first: Option<f64>, second: Option<f64>, digits: usize) -> String {
    if first.is_none() {
        return "–".to_owned();
    }
    format!("{}, {}", plain(first, digits), plain(second, digits))
}
