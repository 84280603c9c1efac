//! The page of a trial, from the tables of a batch.

use std::collections::BTreeMap;

use askama::Template;
use vellus::estimate::Z95;
use vellus_report::{number, signed};
use vellus_stats::repeat::{Repeatability, pairs};
use vellus_stats::replicates::Replicates;
use vellus_stats::sample::Interval;
use vellus_stats::table::{Change, PHOTO_QUANTITIES};
use vellus_stats::units::{Unit, Units, of_change};
use vellus_stats::{Analysis, Trial};

use crate::chart::{Plot, range_with_zero};
use crate::doubts::Badge;
use crate::texts::{Language, Texts};
use crate::{PageError, assets};

/// Quantities that have a chart, in this order; the tables have all.
const SHOWN: [&str; 4] =
    ["density_per_cm2", "matched_hair_diameter_um", "mean_diameter_um", "cumulative_thickness_mm_per_cm2"];
/// Most photos that are listed, those that failed before all others.
const MOST_PHOTOS: usize = 1000;
/// A colour per arm; of more arms the last ones share.
const COLOURS: [&str; 4] = ["", "a1", "a2", "a3"];

#[derive(Template)]
#[template(path = "trial.html")]
struct Page<'a> {
    t: &'a Texts,
    css: &'static str,
    title: String,
    name: &'a str,
    badge: Badge,
    headline: String,
    sentences: Vec<String>,
    corrected: Option<String>,
    missing: Vec<String>,
    arms: Vec<(&'static str, String)>,
    arm_plots: Vec<(String, Plot)>,
    arm_rows: Vec<[String; 7]>,
    difference_rows: Vec<[String; 7]>,
    subject_plots: Vec<(String, Plot)>,
    repeat_rows: Vec<[String; 6]>,
    agreement: Vec<(String, Plot, String)>,
    photos: Vec<Photo>,
    more: Option<String>,
    limits: Vec<String>,
}

struct Photo {
    name: String,
    subject: String,
    visit: String,
    arm: String,
    class: &'static str,
    status: String,
    verdict: String,
    /// Who corrected it and how; empty where nobody did.
    corrected: String,
    reason: String,
}

/// The page of a trial. `name` is what it is called, such as its folder.
///
/// # Errors
/// [`PageError`], none of which a trial can cause by what is in it.
pub fn trial_page(
    trial: &Trial,
    analysis: &Analysis,
    name: &str,
    language: Language,
) -> Result<String, PageError> {
    let texts = &Texts::of(language)?;
    let units = Units::of(trial);
    let arm = |change: &Change| units.arm(of_change(change)).to_owned();
    let mut arms: Vec<String> = trial.changes.iter().map(arm).collect();
    arms.sort();
    arms.dedup();
    let measured = trial.photos.iter().filter(|photo| photo.status == "measured").count();
    let failed = trial.photos.len() - measured;
    let (class, sign) = if failed == 0 { ("pass", "✓") } else { ("warn", "!") };
    let counts = [
        ("photos", trial.photos.len().to_string()),
        ("subjects", analysis.subjects.subjects.to_string()),
        ("measured", measured.to_string()),
        ("failed", failed.to_string()),
    ];
    let counts = counts.each_ref().map(|(name, value)| (*name, value.as_str()));
    let corrected = corrected(trial, texts);
    let mut badge = texts.fill("trial.badge", &counts);
    if corrected.is_some() {
        badge = texts.fill("corrected.badge", &[("badge", &badge)]);
    }
    let page = Page {
        t: texts,
        css: assets::CSS,
        title: texts.fill("page.trial", &[("name", name)]),
        name,
        badge: Badge { class, sign, word: badge },
        corrected,
        headline: texts.fill("trial.sentence", &counts),
        sentences: sentences(analysis, texts),
        missing: missing(analysis, texts),
        arm_plots: SHOWN.iter().filter_map(|key| arm_plot(key, trial, analysis, &arms, texts)).collect(),
        arm_rows: arm_rows(analysis, texts),
        difference_rows: difference_rows(analysis, texts),
        subject_plots: SHOWN.iter().filter_map(|key| subject_plot(key, trial, &arms, &arm, texts)).collect(),
        repeat_rows: analysis.repeatability.iter().map(|told| repeat_row(told, texts)).collect(),
        agreement: analysis
            .repeatability
            .iter()
            .filter(|told| SHOWN.contains(&told.quantity))
            .filter_map(|told| agreement(told, &Replicates::of(trial), texts))
            .collect(),
        photos: photos(trial, texts),
        more: (trial.photos.len() > MOST_PHOTOS).then(|| {
            let values = [MOST_PHOTOS.to_string(), trial.photos.len().to_string()];
            texts.fill("trial.more", &[("shown", &values[0]), ("all", &values[1])])
        }),
        limits: crate::method::limits(texts),
        arms: arms.iter().enumerate().map(|(i, arm)| (colour(i), named(arm, texts))).collect(),
    };
    Ok(page.render()?)
}

fn colour(i: usize) -> &'static str {
    COLOURS[i.min(COLOURS.len() - 1)]
}

fn named(arm: &str, texts: &Texts) -> String {
    if arm.starts_with('(') { texts.get("trial.no_arm").to_owned() } else { arm.to_owned() }
}

fn quantity(key: &str, texts: &Texts) -> String {
    texts.find(&format!("quantities.{key}")).unwrap_or(key).to_owned()
}

fn decimals(key: &str) -> usize {
    vellus_report::Quantity::named(key).map_or(1, |quantity| quantity.decimals)
}

fn range(interval: &Interval, decimals: usize, texts: &Texts) -> String {
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => texts.range([low, high], decimals),
        _ => texts.get("number.none").to_owned(),
    }
}

fn p(p: Option<f64>) -> String {
    p.map_or("–".to_owned(), |p| if p < 1e-4 { "< 0.0001".to_owned() } else { format!("{p:.4}") })
}

/// What the last visit says of the quantity that answers the question, arm by arm.
fn sentences(analysis: &Analysis, texts: &Texts) -> Vec<String> {
    let Some(last) = analysis.changes.last().map(|change| change.visit.clone()) else { return Vec::new() };
    let told = analysis
        .changes
        .iter()
        .filter(|change| change.visit == last && SHOWN[..2].contains(&change.quantity.as_str()));
    told.map(|change| {
        let decimals = decimals(&change.quantity);
        let arm = named(&change.arm, texts);
        let range = range(&change.change, decimals, texts);
        let interval = match change.change.low {
            Some(_) => texts.fill("number.interval", &[("range", &range)]),
            None => range,
        };
        let values = [
            ("visit", last.clone()),
            ("arm", arm),
            ("quantity", quantity(&change.quantity, texts)),
            ("change", signed(change.change.value, decimals)),
            ("interval", interval),
            ("subjects", change.subjects.to_string()),
        ];
        texts.fill("trial.arm_sentence", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    })
    .collect()
}

/// How many photos readers corrected.
fn corrected(trial: &Trial, texts: &Texts) -> Option<String> {
    let mut readers: Vec<&str> =
        trial.photos.iter().filter_map(|photo| photo.corrected_by.as_deref()).collect();
    let count = readers.len();
    readers.sort_unstable();
    readers.dedup();
    let values = [
        ("count", count.to_string()),
        ("photos", trial.photos.len().to_string()),
        ("readers", readers.join(", ")),
    ];
    (count > 0).then(|| {
        texts.fill("trial.corrected", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    })
}

fn missing(analysis: &Analysis, texts: &Texts) -> Vec<String> {
    let gap = |row: &&vellus_stats::missing::Missing| row.without_photo + row.refused + row.no_baseline > 0;
    analysis
        .missing
        .iter()
        .filter(gap)
        .map(|row| {
            let values = [
                ("arm", named(&row.arm, texts)),
                ("visit", row.visit.clone()),
                ("subjects", row.subjects.to_string()),
                ("without", row.without_photo.to_string()),
                ("refused", row.refused.to_string()),
                ("no_baseline", row.no_baseline.to_string()),
            ];
            texts.fill("trial.missing", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
        })
        .collect()
}

/// The follow-ups in their order.
fn visits(trial: &Trial) -> BTreeMap<usize, String> {
    trial.changes.iter().map(|change| (change.visit_number, change.visit.clone())).collect()
}

fn arm_plot(
    key: &str,
    trial: &Trial,
    analysis: &Analysis,
    arms: &[String],
    texts: &Texts,
) -> Option<(String, Plot)> {
    let told: Vec<_> = analysis.changes.iter().filter(|change| change.quantity == key).collect();
    if told.is_empty() {
        return None;
    }
    let visits = visits(trial);
    let ends = |change: &Interval| [change.low.unwrap_or(change.value), change.high.unwrap_or(change.value)];
    let y = range_with_zero(told.iter().flat_map(|change| ends(&change.change)));
    let name = quantity(key, texts);
    let titles = [texts.get("table.visit").to_owned(), texts.get("table.change").to_owned()];
    let label = format!("{}: {name}", texts.get("trial.arms"));
    let names = visits.values().enumerate().map(|(i, visit)| (i as f64, visit.clone()));
    let mut plot = Plot::new(label, titles, [-0.5, visits.len() as f64 - 0.5], y).x_names(names);
    plot.level(0.0, "zero", None);
    for change in told {
        let at = visits.values().position(|visit| *visit == change.visit)?;
        let i = arms.iter().position(|arm| *arm == change.arm)?;
        let x = at as f64 + 0.16 * (i as f64 - 0.5 * (arms.len() - 1) as f64);
        let words = format!(
            "{}, {}: {} ({})",
            named(&change.arm, texts),
            change.visit,
            signed(change.change.value, decimals(key)),
            range(&change.change, decimals(key), texts)
        );
        plot.point(x, change.change.value, Some(ends(&change.change)), colour(i), words);
    }
    Some((name, plot))
}

fn arm_rows(analysis: &Analysis, texts: &Texts) -> Vec<[String; 7]> {
    let row = |change: &vellus_stats::arms::ArmChange| {
        let decimals = decimals(&change.quantity);
        let responders = match &change.responder_rate {
            Some(rate) => {
                let percent = Interval {
                    value: 100.0 * rate.value,
                    low: rate.low.map(|v| 100.0 * v),
                    high: rate.high.map(|v| 100.0 * v),
                };
                format!("{} ({:.0} %; {})", change.responders, percent.value, range(&percent, 0, texts))
            }
            None => change.responders.to_string(),
        };
        [
            quantity(&change.quantity, texts),
            change.visit.clone(),
            named(&change.arm, texts),
            change.subjects.to_string(),
            signed(change.change.value, decimals),
            range(&change.change, decimals, texts),
            responders,
        ]
    };
    analysis.changes.iter().map(row).collect()
}

fn difference_rows(analysis: &Analysis, texts: &Texts) -> Vec<[String; 7]> {
    let row = |told: &vellus_stats::arms::ArmDifference| {
        let decimals = decimals(&told.quantity);
        let adjusted = told.ancova.as_ref().map(|ancova| ancova.difference);
        [
            quantity(&told.quantity, texts),
            told.visit.clone(),
            named(&told.arm, texts),
            named(&told.reference, texts),
            adjusted.map_or("–".to_owned(), |difference| signed(difference.value, decimals)),
            adjusted.map_or("–".to_owned(), |difference| range(&difference, decimals, texts)),
            p(told.ancova.as_ref().and_then(|ancova| ancova.p)),
        ]
    };
    analysis.differences.iter().map(row).collect()
}

/// Place of the visit, difference, half its interval.
type Step = (usize, f64, f64);

fn subject_plot(
    key: &str,
    trial: &Trial,
    arms: &[String],
    arm: &impl Fn(&Change) -> String,
    texts: &Texts,
) -> Option<(String, Plot)> {
    let visits = visits(trial);
    // Subject and site → the arm's colour and the course.
    let mut courses: BTreeMap<Unit<'_>, (usize, Vec<Step>)> = BTreeMap::new();
    for change in &trial.changes {
        let Some(quantity) = change.quantity.as_ref().filter(|quantity| quantity.name == key) else {
            continue;
        };
        let place = arms.iter().position(|known| *known == arm(change)).unwrap_or(0);
        let at = visits.keys().position(|number| *number == change.visit_number)? + 1;
        let course = courses.entry(of_change(change)).or_insert((place, Vec::new()));
        course.1.push((at, quantity.difference, Z95 * quantity.standard_error));
    }
    let all = courses.values().flat_map(|(_, course)| course);
    let y = range_with_zero(all.flat_map(|(_, value, half)| [value - half, value + half]));
    if courses.is_empty() {
        return None;
    }
    let name = quantity(key, texts);
    let titles = [texts.get("table.visit").to_owned(), texts.get("table.change").to_owned()];
    let label = format!("{}: {name}", texts.get("trial.trends"));
    let names = std::iter::once((0.0, "0".to_owned()))
        .chain(visits.values().enumerate().map(|(i, visit)| (i as f64 + 1.0, visit.clone())));
    let mut plot = Plot::new(label, titles, [-0.3, visits.len() as f64 + 0.4], y).x_names(names);
    plot.level(0.0, "zero", None);
    let several = courses.len() as f64;
    for (i, ((subject, site), (place, mut course))) in courses.into_iter().enumerate() {
        course.sort_by_key(|(at, ..)| *at);
        // Apart, so that intervals do not hide each other.
        let aside = 0.5 * ((i as f64 + 0.5) / several - 0.5);
        let points: Vec<[f64; 2]> = std::iter::once([0.0, 0.0])
            .chain(course.iter().map(|(at, value, _)| [*at as f64 + aside, *value]))
            .collect();
        plot.line(&points, if colour(place).is_empty() { "faint" } else { colour(place) });
        for (at, value, half) in course {
            let site = site.map(|site| format!(", {site}")).unwrap_or_default();
            let interval = [value - half, value + half];
            let words = format!(
                "{subject}{site}: {} ({})",
                signed(value, decimals(key)),
                texts.range(interval, decimals(key))
            );
            plot.point(at as f64 + aside, value, Some(interval), colour(place), words);
        }
    }
    Some((name, plot))
}

fn repeat_row(told: &Repeatability, texts: &Texts) -> [String; 6] {
    let with = |interval: &Interval, decimals| {
        format!("{} ({})", number(interval.value, decimals), range(interval, decimals, texts))
    };
    [
        quantity(told.quantity, texts),
        with(&told.sem, 2),
        number(told.smallest_detectable_change, 2),
        told.cv_percent.map_or("–".to_owned(), |cv| number(cv, 1)),
        told.icc_3_1.as_ref().map_or("–".to_owned(), |icc| with(icc, 2)),
        told.groups.to_string(),
    ]
}

fn agreement(told: &Repeatability, replicates: &Replicates, texts: &Texts) -> Option<(String, Plot, String)> {
    let limits = told.bland_altman?;
    let place = PHOTO_QUANTITIES.iter().position(|(name, _)| *name == told.quantity)?;
    let points: Vec<[f64; 2]> = pairs(&replicates.values(place))
        .into_iter()
        .map(|[first, second]| [0.5 * (first + second), second - first])
        .collect();
    let ends = [limits.lower_limit.value, limits.upper_limit.value];
    let y = range_with_zero(points.iter().map(|point| point[1]).chain(ends));
    let low = points.iter().map(|point| point[0]).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point[0]).fold(f64::NEG_INFINITY, f64::max);
    let name = quantity(told.quantity, texts);
    let label = format!("{}: {name}", texts.get("trial.agreement"));
    let titles = [texts.get("trial.mean_of_two").to_owned(), texts.get("trial.difference").to_owned()];
    let mut plot = Plot::new(label, titles, [low, high], y).x_scale();
    plot.level(0.0, "zero", None);
    plot.level(limits.bias.value, "bias", None);
    for end in ends {
        plot.level(end, "limit", Some(signed(end, 1)));
    }
    for [mean, difference] in points {
        plot.point(mean, difference, None, "", format!("{mean:.1}: {}", signed(difference, 1)));
    }
    let limit = |limit: &Interval| format!("{} ({})", signed(limit.value, 1), range(limit, 1, texts));
    let values = [
        ("bias", signed(limits.bias.value, 1)),
        ("bias_range", range(&limits.bias, 1, texts)),
        ("low", limit(&limits.lower_limit)),
        ("high", limit(&limits.upper_limit)),
        ("pairs", limits.pairs.to_string()),
    ];
    let words = texts.fill("trial.agreement_caption", &values.each_ref().map(|(n, v)| (*n, v.as_str())));
    Some((name, plot, words))
}

/// Those that failed first, then in the order of the table.
fn photos(trial: &Trial, texts: &Texts) -> Vec<Photo> {
    let mut rows: Vec<&vellus_stats::table::Photo> = trial.photos.iter().collect();
    rows.sort_by_key(|photo| match photo.status.as_str() {
        "failed" => 0,
        "measured" => 2,
        _ => 1,
    });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |photo: &vellus_stats::table::Photo| {
        let class = match (photo.status.as_str(), photo.verdict.as_deref()) {
            ("measured", Some("warn")) => "warn",
            ("measured", _) => "pass",
            _ => "fail",
        };
        let verdict = photo.verdict.as_deref().unwrap_or_default();
        let reason = photo.reason.as_ref().or(photo.failure.as_ref());
        let replicate =
            photo.replicate.as_ref().map(|replicate| format!(" · {replicate}")).unwrap_or_default();
        Photo {
            name: text(&photo.photo),
            subject: [text(&photo.subject), text(&photo.site)].join(" ").trim().to_owned(),
            visit: format!("{}{replicate}", text(&photo.visit)),
            arm: text(&photo.arm),
            class,
            status: texts.find(&format!("trial.status_{}", photo.status)).unwrap_or(&photo.status).to_owned(),
            verdict: texts.find(&format!("trial.{verdict}")).unwrap_or(verdict).to_owned(),
            corrected: photo.corrected_by.as_deref().map_or(String::new(), |reader| {
                let number = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "–".to_owned());
                let values = [
                    ("readers", reader.to_owned()),
                    ("automatic", number(&photo.automatic_hair_count)),
                    ("added", number(&photo.hairs_added)),
                    ("removed", number(&photo.hairs_removed)),
                ];
                texts.fill("corrected.short", &values.each_ref().map(|(n, v)| (*n, v.as_str())))
            }),
            reason: reason.cloned().unwrap_or_default(),
        }
    };
    rows.into_iter().take(MOST_PHOTOS).map(row).collect()
}
