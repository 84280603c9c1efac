//! What the evidence of a shaft weighs, out of drawn scalps.
//!
//! Drawn photo → [`Row`]s, each a shaft that the search found, with its terms and whether it is a hair → weights, by [`fit`].
//!
//! The search itself asks the weights which candidates may enter. What they let through alone teaches nothing of what they
//! refuse: weights so fitted tell apart better what was found, and are far worse in the search (clinic F1 0.84 for 0.86).
//! Therefore every photo is searched twice, by the weights as they are and by ones that let through much more.

pub mod fit;

use std::collections::HashSet;

use vellus::contrast::contrast;
use vellus::evidence::weights::Terms;
use vellus::linear::linear;
use vellus::measure::scalp_of;
use vellus::scale::look;
use vellus::shafts::{Setting, Shaft, shafts};
use vellus::{Photo, Protocol};
use vellus_phantom::Phantom;

use crate::line::Point;
use crate::score::are_hairs;

/// By how much surer the second search takes every shaft to be, log-odds: what it gives an even chance has one in thirteen by the
/// weights as they are. Far below, a model that is a sum fits what is never shown at the cost of what is.
const LOOSER: f32 = 2.5;

/// A shaft that was found on a drawn photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Seed of the photo.
    pub seed: u64,
    /// What its log-odds are made of.
    pub terms: Terms,
    /// Whether it is a hair, drawn right and once.
    pub is_hair: bool,
}

/// The shafts of a drawn photo, each once. Left out is what lies on hairs that nobody is asked to find, and shafts of which not the
/// weights alone decide.
///
/// # Panics
/// When the picture has no pixel.
pub fn rows(phantom: &Phantom, seed: u64) -> Vec<Row> {
    let Phantom { image, truth, .. } = phantom;
    let photo = Photo::from_image(image.clone().into()).expect("pixels");
    let light = linear(&photo);
    let valid = scalp_of(&photo, &light, &look(&photo).rulers);
    let contrast = contrast(&light, &valid, &valid, truth.um_per_px);
    let setting = Setting::of(&contrast, truth.um_per_px, Protocol::default().max_diameter_um);
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for weights in [setting.weights, setting.weights.surer_by(LOOSER)] {
        let setting = Setting { weights, ..setting };
        let found = shafts(&contrast, &valid, &setting);
        // Those that were told apart by more than the weights would be told twice.
        let weighed: Vec<(&Shaft, Terms)> = found
            .iter()
            .map(|shaft| (shaft, setting.terms(&shaft.evidence, shaft.margin)))
            .filter(|(shaft, terms)| weighed(terms).is_some() && shaft.log_odds == weights.log_odds(terms))
            .collect();
        let line =
            |shaft: &Shaft| -> Vec<Point> { shaft.ribbon.axis.iter().map(|p| p.map(f64::from)).collect() };
        let are = are_hairs(weighed.iter().map(|(shaft, _)| line(shaft)).collect(), truth);
        for ((shaft, terms), is_hair) in weighed.into_iter().zip(are) {
            let place: Vec<[u32; 2]> = shaft.ribbon.axis.iter().map(|p| p.map(f32::to_bits)).collect();
            if known.insert(place) {
                all.extend(is_hair.map(|is_hair| Row { seed, terms, is_hair }));
            }
        }
    }
    all
}

/// The terms of a shaft of which the weights alone decide.
pub fn weighed(terms: &Terms) -> Option<&[f32]> {
    match terms {
        Terms::Fine { terms, against } => (*against == 0.0).then_some(terms),
        Terms::Other(terms) => Some(terms),
        Terms::NotHair => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawn::{draw_as_file, small_scene};
    use vellus::evidence::weights::Weights;

    #[test]
    fn a_drawn_photo_gives_hairs_and_what_is_none() {
        let phantom = draw_as_file(&small_scene("clipped_typical", 480, 400), 3);
        let rows = rows(&phantom, 3);
        let hairs: Vec<&Row> = rows.iter().filter(|row| row.is_hair).collect();
        assert!(2 * hairs.len() >= phantom.truth.hairs.len(), "{} of {}", hairs.len(), rows.len());
        // What only the second search lets through.
        let refused = rows.iter().filter(|row| Weights::USED.log_odds(&row.terms) < -2.0);
        assert!(refused.filter(|row| !row.is_hair).count() > 0, "{rows:?}");
        // No shaft twice.
        let twice = |k: usize| rows[..k].iter().any(|row| row.terms == rows[k].terms);
        assert!(!(0..rows.len()).any(twice));
        let sure = |row: &Row| Weights::USED.log_odds(&row.terms) > 2.0;
        assert!(hairs.iter().filter(|row| sure(row)).count() > hairs.len() / 2);
    }
}
