//! One follow-up against the baseline: the answer, the table, why both may be compared.

use vellus::comparison::{ChangeVerdict, Comparison, QuantityChange};
use vellus::{Estimate, Severity};
use vellus_report::{QUANTITIES, Quantity, answers as answering, number, signed};

use crate::doubts::{Badge, word};
use crate::method::{Fact, file_name};
use crate::numbers::Figure;
use crate::texts::Texts;

/// How many or how thick: a quantity with its verdict and the reason.
pub struct Answer {
    pub label: String,
    pub badge: Badge,
    pub difference: String,
    pub interval: String,
    pub reason: String,
}

/// A comparison as tables.
pub struct Part {
    /// Of a series: which visit.
    pub title: Option<String>,
    pub rows: Vec<Row>,
    pub hairs: Vec<Count>,
    pub register: Vec<Fact>,
}

/// A quantity.
pub struct Row {
    pub quantity: String,
    pub before: String,
    pub after: String,
    pub difference: String,
    pub interval: String,
    pub least: String,
    pub badge: Badge,
}

/// A number of hairs.
pub struct Count {
    pub name: String,
    pub number: String,
    /// `None`: a plain count, which has none.
    pub interval: Option<String>,
    pub remark: String,
}

/// Whether the comparison stands, for the top of the page.
pub fn badge(comparison: &Comparison, texts: &Texts) -> Badge {
    let photos = [&comparison.baseline, &comparison.follow_up].map(|visit| &visit.quality.findings);
    let all = comparison.findings.iter().chain(photos.into_iter().flatten());
    let verdict = if all.into_iter().any(|finding| finding.severity > Severity::Note) {
        vellus::Verdict::Warn
    } else {
        vellus::Verdict::Pass
    };
    let mut badge = Badge::of(verdict, texts);
    if verdict == vellus::Verdict::Pass {
        badge.word = texts.get("change.good").to_owned();
    }
    badge
}

/// `prefix` is empty, or `short_` for a table.
fn verdict(verdict: ChangeVerdict, prefix: &str, texts: &Texts) -> Badge {
    let (class, sign) = match verdict {
        ChangeVerdict::Increase => ("up", "▲"),
        ChangeVerdict::Decrease => ("down", "▼"),
        ChangeVerdict::WithinError => ("same", "="),
    };
    Badge { class, sign, word: texts.get(&format!("change.{prefix}{class}")).to_owned() }
}

/// Of a phototrichogram the share of growing hairs, before everything else.
pub fn figures(comparison: &Comparison, texts: &Texts) -> Vec<Figure> {
    let growth = comparison.phototrichogram.iter();
    growth
        .map(|growth| {
            let share = growth.anagen_fraction.scaled(100.0);
            Figure {
                label: texts.get("quantity.growing").to_owned(),
                value: number(share.value, 0),
                unit: "%".to_owned(),
                interval: texts.fill("number.interval", &[("range", &texts.range(share.ci95, 0))]),
            }
        })
        .collect()
}

/// The sentence that says why a change is claimed or not.
fn reason(quantity: &Quantity, change: &QuantityChange, texts: &Texts) -> String {
    let values = [
        ("range", texts.range_of_change(change.ci95, quantity.decimals)),
        ("least", number(change.smallest_detectable_change, quantity.decimals)),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let key = match change.verdict {
        ChangeVerdict::WithinError if change.ci95[0] <= 0.0 && change.ci95[1] >= 0.0 => "change.why_zero",
        ChangeVerdict::WithinError => "change.why_small",
        _ => "change.why_claimed",
    };
    texts.fill(key, &values)
}

fn title(quantity: &Quantity, texts: &Texts) -> String {
    texts.get(&format!("quantities.{}", quantity.key)).to_owned()
}

/// The one or two quantities that answer the question.
pub fn answers(comparison: &Comparison, texts: &Texts) -> Vec<Answer> {
    answering(&comparison.change)
        .into_iter()
        .map(|(_, quantity, change)| Answer {
            label: title(quantity, texts),
            badge: verdict(change.verdict, "", texts),
            difference: signed(change.difference, quantity.decimals),
            interval: texts.fill(
                "number.interval",
                &[("range", &texts.range_of_change(change.ci95, quantity.decimals))],
            ),
            reason: reason(quantity, &change, texts),
        })
        .collect()
}

/// The summary that a patient understands.
pub fn sentences(comparison: &Comparison, visits: usize, texts: &Texts) -> Vec<String> {
    let mut sentences = vec![texts.fill(
        "patient.compared",
        &[("visits", &visits.to_string()), ("area", &area(comparison)), ("share", &share(comparison))],
    )];
    if let Some(growth) = &comparison.phototrichogram {
        let share = growth.anagen_fraction.scaled(100.0);
        let values = [
            ("hairs", growth.hairs.to_string()),
            ("value", number(share.value, 0)),
            ("range", texts.range(share.ci95, 0)),
        ];
        sentences.push(
            texts.fill("patient.growing", &values.each_ref().map(|(name, value)| (*name, value.as_str()))),
        );
    }
    for (_, quantity, change) in answering(&comparison.change) {
        let key = match change.verdict {
            ChangeVerdict::Increase => "patient.up",
            ChangeVerdict::Decrease => "patient.down",
            ChangeVerdict::WithinError => "patient.same",
        };
        let size = match change.verdict {
            ChangeVerdict::WithinError => signed(change.difference, quantity.decimals),
            _ => number(change.difference.abs(), quantity.decimals),
        };
        let range = texts.range_of_change(change.ci95, quantity.decimals);
        let values = [("quantity", title(quantity, texts)), ("difference", size), ("range", range)];
        sentences.push(texts.fill(key, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    }
    let fates = &comparison.hairs;
    let value = |estimate: Estimate| number(estimate.value, 0);
    let range = |estimate: Estimate| texts.range(estimate.ci95, 0);
    let values = [
        ("matched", value(fates.matched)),
        ("matched_range", range(fates.matched)),
        ("gained", value(fates.gained)),
        ("gained_range", range(fates.gained)),
        ("lost", value(fates.lost)),
        ("lost_range", range(fates.lost)),
    ];
    sentences
        .push(texts.fill("patient.hairs", &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    sentences.push(texts.get("patient.cause").to_owned());
    sentences.push(texts.get("summary.no_diagnosis").to_owned());
    sentences
}

/// `15.85 mm², `, or nothing without a scale.
fn area(comparison: &Comparison) -> String {
    comparison.registration.overlap_area_mm2.map(|area| format!("{area:.2} mm², ")).unwrap_or_default()
}

fn share(comparison: &Comparison) -> String {
    format!("{:.0} %", 100.0 * comparison.registration.overlap_fraction)
}

/// Where the smallest detectable changes come from.
pub fn told_from(comparison: &Comparison, texts: &Texts) -> String {
    match &comparison.repeatability {
        None => texts.get("change.told_validation").to_owned(),
        Some(repeat) => texts.fill(
            "change.told_repeat",
            &[
                ("before", &repeat.baseline_photos.to_string()),
                ("after", &repeat.follow_up_photos.to_string()),
            ],
        ),
    }
}

/// The tables of one comparison; `visit` is its number in a series.
pub fn part(comparison: &Comparison, visit: Option<usize>, texts: &Texts) -> Part {
    let rows = QUANTITIES.iter().filter_map(|quantity| {
        let change = (quantity.of)(&comparison.change)?;
        let decimals = quantity.decimals;
        Some(Row {
            quantity: title(quantity, texts),
            before: number(change.baseline, decimals),
            after: number(change.follow_up, decimals),
            difference: signed(change.difference, decimals),
            interval: texts.range_of_change(change.ci95, decimals),
            least: number(change.smallest_detectable_change, decimals),
            badge: verdict(change.verdict, "short_", texts),
        })
    });
    let visit = visit
        .map(|visit| format!("{} {visit}: {}", texts.get("table.visit"), file_name(&comparison.follow_up)));
    Part {
        title: visit,
        rows: rows.collect(),
        hairs: hairs(comparison, texts),
        register: register(comparison, texts),
    }
}

fn hairs(comparison: &Comparison, texts: &Texts) -> Vec<Count> {
    let fates = &comparison.hairs;
    let mut rows = Vec::new();
    let mut add = |key: &str, estimate: Option<Estimate>, factor: f64, decimals: usize| {
        if let Some(estimate) = estimate {
            let estimate = estimate.scaled(factor);
            rows.push(Count {
                name: texts.get(&format!("fate.{key}")).to_owned(),
                number: number(estimate.value, decimals),
                interval: Some(texts.range(estimate.ci95, decimals)),
                remark: String::new(),
            });
        }
    };
    if let Some(growth) = &comparison.phototrichogram {
        add("growing", Some(growth.anagen_fraction), 100.0, 0);
        add("resting", Some(growth.telogen_fraction), 100.0, 0);
        add("speed", growth.growth_um_per_day, 1.0, 0);
    }
    add("matched", Some(fates.matched), 1.0, 1);
    add("gained", Some(fates.gained), 1.0, 1);
    add("lost", Some(fates.lost), 1.0, 1);
    add("thickened", fates.thickened, 1.0, 1);
    add("thinned", fates.thinned, 1.0, 1);
    add("grown", fates.grown, 1.0, 1);
    add("vellus_to_terminal", fates.vellus_to_terminal, 1.0, 1);
    add("terminal_to_vellus", fates.terminal_to_vellus, 1.0, 1);
    let unseen = [
        ("unseen_before", &comparison.not_seen.baseline, &comparison.second_look.baseline),
        ("unseen_after", &comparison.not_seen.follow_up, &comparison.second_look.follow_up),
    ];
    for (key, ids, looks) in unseen {
        if ids.is_empty() {
            continue;
        }
        let mut reasons: Vec<(String, usize)> = Vec::new();
        for id in ids {
            let outcome = looks.iter().find(|look| look.hair == *id).map(|look| word(&look.outcome));
            let Some(outcome) = outcome else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, count)) => *count += 1,
                None => reasons.push((outcome, 1)),
            }
        }
        let words = reasons.iter().map(|(outcome, count)| {
            format!("{count} {}", texts.find(&format!("outcome.{outcome}")).unwrap_or(outcome))
        });
        rows.push(Count {
            name: texts.get(&format!("fate.{key}")).to_owned(),
            number: ids.len().to_string(),
            interval: None,
            remark: words.collect::<Vec<_>>().join(", "),
        });
    }
    rows
}

fn register(comparison: &Comparison, texts: &Texts) -> Vec<Fact> {
    let registration = &comparison.registration;
    let unit = if comparison.baseline.calibration.is_some() { "µm" } else { "px" };
    let probability = registration.same_site_probability;
    let probability =
        if probability > 0.9995 { "> 99.9 %".to_owned() } else { format!("{:.1} %", 100.0 * probability) };
    let pose = [
        ("turn", signed(registration.rotation_deg, 1)),
        ("shift", format!("{:.0} {unit}", registration.shift_um)),
        ("scale", format!("{:.3}", registration.scale_ratio)),
    ];
    let pose = pose.each_ref().map(|(name, value)| (*name, value.as_str()));
    let overlap = [("area", area(comparison)), ("share", share(comparison))];
    let overlap = overlap.each_ref().map(|(name, value)| (*name, value.as_str()));
    let fact =
        |key: &str, value: String| Fact { term: texts.get(&format!("register.{key}")).to_owned(), value };
    vec![
        fact("same_site", probability),
        fact("hairs", registration.supporting_hairs.to_string()),
        fact("residual", format!("{} {unit}", number(registration.rms_residual_um, 1))),
        fact("overlap", texts.fill("register.overlap_value", &overlap)),
        fact("pose", texts.fill("register.pose_value", &pose)),
    ]
}
