//! What is drawn of each hair of a comparison, in the baseline's frame.

use vellus::comparison::{Comparison, Match, MatchSource};
use vellus::{Hair, Measurement};

use super::super::badge::Badge;
use super::super::canvas::Colour;
use super::super::warp::Warp;
use super::{Shaft, Side};
use crate::fate::{DiameterChange, diameter_change};

/// Grey: lasted.
pub const SAME: Colour = [200, 200, 200];
/// Blue: gained.
pub const GAINED: Colour = [0, 114, 178];
/// Vermilion: lost.
pub const LOST: Colour = [213, 94, 0];
/// Bluish green: thickened, or growing.
pub const THICKENED: Colour = [0, 158, 115];
/// Yellow: thinned, or resting.
pub const THINNED: Colour = [240, 228, 66];
/// Near white: the other photo could not show it.
pub const NOT_SEEN: Colour = [245, 245, 245];
/// What became of a hair; what matters most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    NotSeen,
    Same,
    Thinned,
    Thickened,
    Resting,
    Growing,
    Lost,
    Gained,
}

impl Fate {
    pub fn colour(self) -> Colour {
        match self {
            Self::NotSeen => NOT_SEEN,
            Self::Same => SAME,
            Self::Thinned | Self::Resting => THINNED,
            Self::Thickened | Self::Growing => THICKENED,
            Self::Lost => LOST,
            Self::Gained => GAINED,
        }
    }

    pub fn badge(self) -> Option<Badge> {
        match self {
            Self::NotSeen | Self::Same => None,
            Self::Thinned => Some(Badge::Down),
            Self::Thickened | Self::Growing => Some(Badge::Up),
            Self::Resting => Some(Badge::Square),
            Self::Lost => Some(Badge::Minus),
            Self::Gained => Some(Badge::Plus),
        }
    }
}

/// A hair in the baseline's frame.
pub struct Drawn {
    pub fate: Fate,
    pub before: Option<Shaft>,
    pub after: Option<Shaft>,
    /// The photo that showed it only when it was asked again.
    pub second_look: Option<Side>,
    /// Change of its diameter, if it did change; of a phototrichogram, its growth.
    pub label: Option<String>,
}

/// Every hair that has a fate, those that matter most last, so that they lie on top.
pub fn hairs(comparison: &Comparison, warp: &Warp) -> Vec<Drawn> {
    let before = |id: u32| find(&comparison.baseline, id).map(Shaft::of);
    let after = |id: u32| find(&comparison.follow_up, id).map(|hair| in_baseline(hair, warp));
    let alone = |fate, before, after| Drawn { fate, before, after, second_look: None, label: None };
    let mut drawn: Vec<Drawn> = Vec::new();
    let growth = comparison.phototrichogram.is_some();
    drawn.extend(comparison.matches.iter().map(|found| Drawn {
        before: before(found.baseline),
        after: after(found.follow_up),
        ..lasting(found, growth)
    }));
    drawn.extend(comparison.not_seen.baseline.iter().map(|&id| alone(Fate::NotSeen, before(id), None)));
    drawn.extend(comparison.not_seen.follow_up.iter().map(|&id| alone(Fate::NotSeen, None, after(id))));
    drawn.extend(comparison.lost.iter().map(|&id| alone(Fate::Lost, before(id), None)));
    drawn.extend(comparison.gained.iter().map(|&id| alone(Fate::Gained, None, after(id))));
    drawn.sort_by_key(|hair| hair.fate);
    drawn
}

pub fn find(measurement: &Measurement, id: u32) -> Option<&Hair> {
    measurement.hairs.iter().find(|hair| hair.id == id)
}

/// A match without its shafts. Where growth is asked for, what it says comes before the change of diameter.
fn lasting(found: &Match, growth: bool) -> Drawn {
    let fate = match (found.anagen, diameter_change(found)) {
        _ if !found.in_common_area => Fate::Same,
        (Some(true), _) if growth => Fate::Growing,
        (Some(false), _) if growth => Fate::Resting,
        (_, Some(DiameterChange::Thickened)) if !growth => Fate::Thickened,
        (_, Some(DiameterChange::Thinned)) if !growth => Fate::Thinned,
        _ => Fate::Same,
    };
    let label = if growth { found.length_change_um } else { found.diameter_change_um };
    let label = label.filter(|_| fate != Fate::Same);
    Drawn {
        fate,
        before: None,
        after: None,
        second_look: match found.source {
            MatchSource::BothPhotos => None,
            MatchSource::SecondLookFollowUp => Some(Side::FollowUp),
            MatchSource::SecondLookBaseline => Some(Side::Baseline),
        },
        label: label.map(|change| in_font(&crate::text::signed(change, 0))),
    }
}

/// The font's minus is its dash.
pub fn in_font(text: &str) -> String {
    text.replace('−', "–")
}

/// A shaft of the follow-up in the baseline's frame.
fn in_baseline(hair: &Hair, warp: &Warp) -> Shaft {
    let axis = hair.centreline_px.iter().map(|&point| warp.to_baseline(point).map(|v| v as f32)).collect();
    let width = hair.width_px.map(|width| (width * warp.scale_to_baseline()) as f32);
    Shaft { axis, width }
}
