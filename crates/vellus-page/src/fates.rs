//! What became of each hair, in the baseline's frame.

use serde::Serialize;
use vellus::comparison::{Comparison, Match, SecondLook};
use vellus::{Hair, Measurement};
use vellus_report::overlay::Warp;
use vellus_report::{DiameterChange, diameter_change, signed};

use crate::doubts::word;
use crate::marks::rounded;
use crate::outline::{Point, simplified};
use crate::texts::Texts;

/// What became of a hair; what matters most last, so that it lies on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Unseen,
    Same,
    Thinner,
    Thicker,
    Resting,
    Growing,
    Lost,
    Gained,
}

impl Fate {
    /// In the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Gained,
        Self::Lost,
        Self::Thicker,
        Self::Thinner,
        Self::Growing,
        Self::Resting,
        Self::Same,
        Self::Unseen,
    ];

    /// Its class in the page.
    pub fn class(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Same => "same",
            Self::Thinner => "thinner",
            Self::Thicker => "thicker",
            Self::Resting => "resting",
            Self::Growing => "growing",
            Self::Lost => "lost",
            Self::Gained => "gained",
        }
    }

    /// So that colour is not the only cue.
    pub fn sign(self) -> Option<&'static str> {
        match self {
            Self::Unseen | Self::Same => None,
            Self::Thinner => Some("▼"),
            Self::Thicker | Self::Growing => Some("▲"),
            Self::Resting => Some("■"),
            Self::Lost => Some("−"),
            Self::Gained => Some("+"),
        }
    }
}

/// What the scripts know of a hair.
#[derive(Serialize)]
pub struct Facts {
    pub id: u32,
    /// Its ids in both photos.
    pub name: String,
    /// The follow-up that it was compared with.
    pub visit: usize,
    pub course: Vec<Point>,
    pub root: Point,
    pub half: f64,
    pub values: Vec<String>,
}

/// A hair with its fate.
pub struct Drawn {
    pub fate: Fate,
    pub course: Vec<Point>,
    pub width: Option<f64>,
    /// Its change of diameter, or its growth, µm, if that was told.
    pub change: Option<String>,
    pub facts: Facts,
}

/// A fate, the hair in the baseline and in the follow-up, and what matches them.
type Seen<'a> = (Fate, Option<&'a Hair>, Option<&'a Hair>, Option<&'a Match>);

/// What is told of a hair, as labels.
pub fn fields(texts: &Texts) -> Vec<String> {
    ["hair.fate", "change.baseline", "change.follow_up", "hair.change"]
        .map(|key| texts.get(key).to_owned())
        .to_vec()
}

/// Every hair of a comparison that has a fate. Ids begin after `taken`.
pub fn drawn(comparison: &Comparison, warp: &Warp, visit: usize, taken: u32, texts: &Texts) -> Vec<Drawn> {
    let growth = comparison.phototrichogram.is_some();
    let mut hairs: Vec<Seen> = Vec::new();
    let (before, after) = (&comparison.baseline, &comparison.follow_up);
    for found in &comparison.matches {
        let pair = (find(before, found.baseline), find(after, found.follow_up));
        hairs.push((lasting(found, growth), pair.0, pair.1, Some(found)));
    }
    let alone = [
        (Fate::Unseen, &comparison.not_seen.baseline, true),
        (Fate::Unseen, &comparison.not_seen.follow_up, false),
        (Fate::Lost, &comparison.lost, true),
        (Fate::Gained, &comparison.gained, false),
    ];
    for (fate, ids, in_baseline) in alone {
        for &id in ids {
            let hair = find(if in_baseline { before } else { after }, id);
            hairs.push(if in_baseline { (fate, hair, None, None) } else { (fate, None, hair, None) });
        }
    }
    hairs.sort_by_key(|(fate, ..)| *fate);
    let mut drawn = Vec::new();
    for (fate, own, other, found) in hairs {
        // Where both photos show it, the baseline's course: it needs no warp.
        let (course, width) = match (own, other) {
            (Some(hair), _) => (hair.centreline_px.clone(), hair.width_px),
            (None, Some(hair)) => (
                hair.centreline_px.iter().map(|&point| warp.to_baseline(point)).collect(),
                hair.width_px.map(|width| width * warp.scale_to_baseline()),
            ),
            (None, None) => continue,
        };
        let course = rounded(&simplified(&course));
        let looks = [&comparison.second_look.baseline, &comparison.second_look.follow_up];
        let values = vec![
            told(fate, own, other, looks, texts),
            own.map_or("–".to_owned(), diameter),
            other.map_or("–".to_owned(), diameter),
            found.map_or("–".to_owned(), change),
        ];
        let change = if growth {
            found.and_then(|found| found.length_change_um)
        } else {
            found.and_then(|found| found.diameter_change_um)
        };
        let id = taken + drawn.len() as u32 + 1;
        let number = |hair: Option<&Hair>| hair.map_or("–".to_owned(), |hair| hair.id.to_string());
        drawn.push(Drawn {
            fate,
            facts: Facts {
                id,
                name: format!("{} → {}", number(own), number(other)),
                visit,
                root: course.first().copied().unwrap_or_default(),
                half: 0.5 * width.unwrap_or(4.0),
                course: course.clone(),
                values,
            },
            course,
            width,
            change: change.map(|change| signed(change, 0)),
        });
    }
    drawn
}

fn find(measurement: &Measurement, id: u32) -> Option<&Hair> {
    measurement.hairs.iter().find(|hair| hair.id == id)
}

/// As the overlay has it: what is outside the common area did not change.
fn lasting(found: &Match, growth: bool) -> Fate {
    match (found.anagen, diameter_change(found)) {
        _ if !found.in_common_area => Fate::Same,
        (Some(true), _) if growth => Fate::Growing,
        (Some(false), _) if growth => Fate::Resting,
        (_, Some(DiameterChange::Thickened)) if !growth => Fate::Thicker,
        (_, Some(DiameterChange::Thinned)) if !growth => Fate::Thinner,
        _ => Fate::Same,
    }
}

/// The fate in words; of a hair that the other photo cannot show, why.
fn told(
    fate: Fate,
    own: Option<&Hair>,
    other: Option<&Hair>,
    [before, after]: [&Vec<SecondLook>; 2],
    texts: &Texts,
) -> String {
    let words = texts.get(&format!("layer.{}", fate.class())).to_owned();
    if fate != Fate::Unseen {
        return words;
    }
    let asked = match (own, other) {
        (Some(hair), _) => before.iter().find(|look| look.hair == hair.id),
        (None, Some(hair)) => after.iter().find(|look| look.hair == hair.id),
        _ => None,
    };
    match asked.and_then(|look| texts.find(&format!("outcome.{}", word(&look.outcome)))) {
        Some(reason) => format!("{words}: {reason}"),
        None => words,
    }
}

fn diameter(hair: &Hair) -> String {
    match (hair.diameter_um, hair.diameter_se_um) {
        (Some(value), Some(error)) => format!("{value:.1} ± {error:.1} µm"),
        (Some(value), None) => format!("{value:.1} µm"),
        _ => "–".to_owned(),
    }
}

fn change(found: &Match) -> String {
    match (found.diameter_change_um, found.diameter_change_se_um) {
        (Some(value), Some(error)) => format!("{} ± {error:.1} µm", signed(value, 1)),
        _ => "–".to_owned(),
    }
}
