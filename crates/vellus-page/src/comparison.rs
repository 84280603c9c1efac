//! The pages of two visits, and of more.

use askama::Template;
use image::RgbImage;
use serde::Serialize;
use vellus::{Comparison, Series};
use vellus_report::overlay::{Warp, registered};

use crate::chart::Plot;
use crate::doubts::{Badge, Doubt};
use crate::fates::{self, Facts, Fate};
use crate::marks::Mark;
use crate::measurement::{Layer, in_script};
use crate::method::{self, Fact};
use crate::numbers::Figure;
use crate::part::{self, Answer, Part};
use crate::texts::{Language, Texts};
use crate::trends::{self, Trend};
use crate::{PageError, assets, embed, marks};

#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    t: &'a Texts,
    css: &'static str,
    scripts: [&'static str; 3],
    title: String,
    file: String,
    badge: Badge,
    figures: Vec<Figure>,
    answers: Vec<Answer>,
    sentences: Vec<String>,
    corrected: Vec<String>,
    doubts: Vec<Doubt>,
    width: u32,
    height: u32,
    photo: String,
    visits: Vec<Visit>,
    layers: Vec<Layer>,
    parts: Vec<Part>,
    told_from: String,
    trends: Vec<(Trend, Plot)>,
    facts: Vec<(String, Vec<Fact>)>,
    limits: Vec<String>,
    protocol: String,
    data: String,
}

/// A follow-up over the baseline.
struct Visit {
    /// From 2.
    number: usize,
    file: String,
    /// In the baseline's frame.
    photo: String,
    marks: Vec<Mark>,
    signs: Vec<Option<&'static str>>,
    /// What its pair shows, on paper.
    legend: Vec<Layer>,
}

#[derive(Serialize)]
struct Data<'a> {
    editable: bool,
    fields: &'a [String],
    hairs: Vec<Facts>,
    words: std::collections::BTreeMap<&'a str, &'a str>,
}

/// The page of two visits. `photos`: the baseline, then the follow-up, as they were compared.
///
/// # Errors
/// [`PageError::Photos`] when there are not two photos.
pub fn comparison_page(
    photos: &[RgbImage],
    comparison: &Comparison,
    language: Language,
) -> Result<String, PageError> {
    let texts = Texts::of(language)?;
    let [before, after] = [&comparison.baseline, &comparison.follow_up].map(method::file_name);
    let title = texts.fill("page.comparison", &[("before", &before), ("after", &after)]);
    page(photos, std::slice::from_ref(comparison), &[], (title, format!("{before} → {after}")), &texts)
}

/// The page of more than two visits. `photos`: the first visit's, then that of each follow-up.
///
/// # Errors
/// [`PageError::Photos`] when the photos are not one more than the comparisons.
pub fn series_page(photos: &[RgbImage], series: &Series, language: Language) -> Result<String, PageError> {
    let texts = Texts::of(language)?;
    let visits = (series.comparisons.len() + 1).to_string();
    let title = texts.fill("page.series", &[("visits", &visits)]);
    let baseline = series.comparisons.first().map(|comparison| method::file_name(&comparison.baseline));
    let later = series.comparisons.iter().map(|comparison| method::file_name(&comparison.follow_up));
    let files: Vec<String> = baseline.into_iter().chain(later).collect();
    page(photos, &series.comparisons, &series.trends, (title, files.join(" → ")), &texts)
}

fn page(
    photos: &[RgbImage],
    comparisons: &[Comparison],
    trends: &[vellus::series::Trend],
    (title, file): (String, String),
    texts: &Texts,
) -> Result<String, PageError> {
    let (Some(last), Some(baseline)) = (comparisons.last(), photos.first()) else {
        return Err(PageError::Photos { comparisons: comparisons.len(), photos: photos.len() });
    };
    if photos.len() != comparisons.len() + 1 {
        return Err(PageError::Photos { comparisons: comparisons.len(), photos: photos.len() });
    }
    let budget = embed::BUDGET_BYTES / photos.len();
    let (mut visits, mut hairs) = (Vec::new(), Vec::new());
    for (i, (comparison, photo)) in comparisons.iter().zip(&photos[1..]).enumerate() {
        let warp = Warp::new(&comparison.registration, baseline.width(), baseline.height());
        let drawn = fates::drawn(comparison, &warp, i + 2, hairs.len() as u32, texts);
        let marks: Vec<Mark> = drawn.iter().map(|hair| hair.mark()).collect();
        visits.push(Visit {
            legend: legend(&marks, comparison.phototrichogram.is_some(), texts),
            number: i + 2,
            file: method::file_name(&comparison.follow_up),
            photo: embed::data_uri(&registered(photo, &warp, baseline.width(), baseline.height()), budget)?,
            signs: drawn.iter().map(|hair| hair.fate.sign()).collect(),
            marks,
        });
        hairs.extend(drawn.into_iter().map(|hair| hair.facts));
    }
    let fields = fates::fields(texts);
    let data = Data { editable: false, fields: &fields, hairs, words: texts.table("js") };
    let several = comparisons.len() > 1;
    let corrected = corrected(comparisons, texts);
    let mut badge = part::badge(last, texts);
    if !corrected.is_empty() {
        badge.word = texts.fill("corrected.badge", &[("badge", &badge.word)]);
    }
    let page = Page {
        t: texts,
        css: assets::CSS,
        scripts: [assets::VIEW, assets::SWIPE, assets::START],
        title,
        file,
        badge,
        corrected,
        figures: part::figures(last, texts),
        answers: part::answers(last, texts),
        sentences: part::sentences(last, comparisons.len() + 1, texts),
        doubts: doubts(comparisons, texts),
        width: baseline.width(),
        height: baseline.height(),
        photo: embed::data_uri(baseline, budget)?,
        layers: layers(&visits, last.phototrichogram.is_some(), texts),
        parts: comparisons
            .iter()
            .enumerate()
            .map(|(i, comparison)| part::part(comparison, several.then_some(i + 2), texts))
            .collect(),
        told_from: part::told_from(last, texts),
        trends: trends::trends(trends, texts),
        facts: std::iter::once(&last.baseline)
            .chain(comparisons.iter().map(|comparison| &comparison.follow_up))
            .map(|measurement| (method::file_name(measurement), method::facts(measurement, texts)))
            .collect(),
        limits: method::limits(texts),
        protocol: method::protocol(&last.baseline)?,
        data: in_script(&data)?,
        visits,
    };
    Ok(page.render()?)
}

/// What readers corrected of each photo.
fn corrected(comparisons: &[Comparison], texts: &Texts) -> Vec<String> {
    let follow_ups = comparisons.iter().map(|comparison| &comparison.follow_up);
    let photos = comparisons.first().map(|comparison| &comparison.baseline).into_iter().chain(follow_ups);
    photos
        .filter_map(|photo| {
            let corrections = photo.corrections.as_ref()?;
            let values = [
                ("readers", corrections.readers.join(", ")),
                ("automatic", corrections.automatic_summary.hair_count.to_string()),
                ("added", corrections.added.to_string()),
                ("removed", corrections.removed.to_string()),
            ];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            Some(format!("{}: {}", method::file_name(photo), texts.fill("corrected.short", &values)))
        })
        .collect()
}

fn named(class: &str, growth: bool, texts: &Texts) -> String {
    let key = if class == "same" && growth { "same_growth" } else { class };
    texts.get(&format!("layer.{key}")).to_owned()
}

/// The kinds of one pair, with their numbers.
fn legend(marks: &[Mark], growth: bool, texts: &Texts) -> Vec<Layer> {
    let layer = |class| {
        let count = marks.iter().filter(|mark| mark.class == class).count();
        Layer { class, name: named(class, growth, texts), count, on: true, printed: true }
    };
    Fate::ALL.map(Fate::class).into_iter().map(layer).filter(|layer| layer.count > 0).collect()
}

fn layers(visits: &[Visit], growth: bool, texts: &Texts) -> Vec<Layer> {
    let last = visits.last().map(|visit| visit.marks.as_slice()).unwrap_or_default();
    let everywhere =
        |class: &str| visits.iter().flat_map(|visit| &visit.marks).any(|mark| mark.class == class);
    let layer = |class: &'static str, count: usize, on| Layer {
        class,
        name: named(class, growth, texts),
        count,
        on,
        printed: false,
    };
    let mut layers: Vec<Layer> = Fate::ALL
        .map(Fate::class)
        .into_iter()
        .filter(|class| everywhere(class))
        .map(|class| layer(class, last.iter().filter(|mark| mark.class == class).count(), true))
        .collect();
    if visits.iter().flat_map(|visit| &visit.marks).any(|mark| mark.label.is_some()) {
        layers.push(layer("changes", last.iter().filter(|mark| mark.label.is_some()).count(), false));
    }
    layers
}

/// Those of each comparison, then those of the photos; what the two photos of a pair share is said once.
fn doubts(comparisons: &[Comparison], texts: &Texts) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = Vec::new();
    let several = comparisons.len() > 1;
    for (i, comparison) in comparisons.iter().enumerate() {
        let visit = texts.fill("doubts.visit", &[("number", &(i + 2).to_string())]);
        let own = if several { visit.as_str() } else { "" };
        for mut doubt in Doubt::all(&comparison.findings, "", texts) {
            doubt.whose = own.to_owned();
            doubts.push(doubt);
        }
        let (before, after) = (&comparison.baseline.quality.findings, &comparison.follow_up.quality.findings);
        let shared =
            |finding: &vellus::Finding| !several && after.contains(finding) && before.contains(finding);
        if i == 0 {
            for finding in before {
                let whose = if shared(finding) { "doubts.both" } else { "doubts.baseline" };
                doubts.push(Doubt::of(finding, whose, texts));
            }
        }
        for finding in after.iter().filter(|finding| !shared(finding)) {
            let mut doubt = Doubt::of(finding, "doubts.follow_up", texts);
            if several {
                doubt.whose = visit.clone();
            }
            doubts.push(doubt);
        }
    }
    doubts
}

impl fates::Drawn {
    fn mark(&self) -> Mark {
        marks::drawn(self.facts.id, self.fate.class(), &self.course, self.width, self.change.clone())
    }
}
