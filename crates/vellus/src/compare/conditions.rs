//! In what two photos of one scalp differ that is no change of its hair, and by how much that biases what is told.
//!
//! Two [`Tone`]s, measurements and their matches → [`Conditions`], and a [`Finding`] for each that differs too much.
//!
//! A photo out of focus, under other light, at another magnification, of hair that was cut to another length or dyed since,
//! shows other hairs and other widths of the same scalp. By how much was measured on drawn pairs of which nothing changed
//! but the one condition ([`bias`]); where that is more than [`LIMIT_PERCENT`], a finding says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::comparison::{Match, Registration};
use crate::finding::{Finding, FindingCode};
use crate::measurement::Measurement;
use crate::median::median;

use super::bias::{self, Curve};
use super::constellation::GUESSED_UM_PER_PX;
use super::quantity::round;
use super::tone::Tone;

/// One condition at both visits. The unit is in the name of the field that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConditionChange {
    /// At the baseline.
    pub baseline: f64,
    /// At the follow-up.
    pub follow_up: f64,
    /// By how much such a difference alone moved the density on drawn pairs without a change, % of the density.
    pub density_bias_percent: f64,
    /// The same for the mean diameter, % of the diameter.
    pub diameter_bias_percent: f64,
    /// Whether it differs by more than any drawn pair did: the biases may be larger.
    pub beyond_tried: bool,
    /// Whether it differs enough for a finding.
    pub differs: bool,
}

/// What both visits should have in common. `null` where it could not be told at both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Conditions {
    /// Standard deviation of the blur of a shaft's edge on the scalp, µm (of 5 µm pixels without a scale): px of each photo times
    /// the length of its own pixels. The biases are those of a lens.
    pub blur_sigma_um: Option<ConditionChange>,
    /// The same as software adds it, which works on pixels: px of each photo times the mean length of their pixels, so that another
    /// magnification alone is no difference. The biases are those of a photo that was smoothed in encoded values.
    pub smoothing_sigma_um: Option<ConditionChange>,
    /// Light of bare skin, mean of the primaries, linear, 0 (black) to 1 (white).
    pub skin_brightness: Option<ConditionChange>,
    /// Red light of bare skin over blue.
    pub skin_red_over_blue: Option<ConditionChange>,
    /// Pixels that a length on the skin takes, over those that it takes at the baseline.
    pub magnification: Option<ConditionChange>,
    /// Median visible length of the hairs that both photos show whole, µm; `null` without a scale. In a phototrichogram hair is to
    /// grow, so that it is no finding.
    pub hair_length_um: Option<ConditionChange>,
    /// Light of the middle of the wide shafts that both photos show, over that of the skin around, 0 (black) to 1.
    pub hair_brightness: Option<ConditionChange>,
}

/// Fewest hairs by which length and colour are compared: the median of fewer is one hair's.
const FEWEST_HAIRS: usize = 5;
/// Bias of the density or of the mean diameter from which a difference is said, %: half of the smallest change that is
/// told of 50 hairs (see `RepeatError`: 5.5 % of their number, 4.9 % of their diameter).
pub const LIMIT_PERCENT: f64 = 2.5;

/// Both photos as they are compared.
pub(super) struct Compared<'a> {
    pub measurements: [&'a Measurement; 2],
    pub tones: [&'a Tone; 2],
    pub matches: &'a [Match],
    pub registration: &'a Registration,
    /// Whether hair was to grow between the photos.
    pub growing: bool,
}

impl Conditions {
    /// What a comparison shows.
    pub(super) fn of(compared: &Compared) -> Self {
        let Compared { measurements, tones, matches, registration, growing } = compared;
        let um_per_px = measurements.map(|m| m.calibration.map_or(GUESSED_UM_PER_PX, |c| c.um_per_px));
        let pixel_um = libm::sqrt(um_per_px[0] * um_per_px[1]);
        let blur_px = both(measurements.map(|m| m.quality.blur_sigma_px));
        let blur = blur_px.map(|px| [0, 1].map(|k| px[k] * um_per_px[k]));
        let smoothing = blur_px.map(|px| px.map(|px| px * pixel_um));
        let skin = both(tones.map(|tone| tone.skin));
        let brightness = skin.map(|skin| skin.map(|primaries| primaries.iter().sum::<f64>() / 3.0));
        let red_over_blue = skin.and_then(|skin| both(skin.map(|[r, _, b]| (b > 0.0).then(|| r / b))));
        let magnification = [1.0, registration.scale_ratio * um_per_px[0] / um_per_px[1]];
        let lengths = matches.iter().filter(|m| m.in_common_area && m.length_change_um.is_some());
        let lengths = lengths.filter_map(|m| {
            let of = |k: usize, id: u32| hair_length(measurements[k], id);
            Some([of(0, m.baseline)?, of(1, m.follow_up)?])
        });
        let shafts = matches.iter().filter(|m| m.in_common_area).filter_map(|m| {
            let of = |k: usize, id: u32| {
                let shafts = &tones[k].shafts;
                shafts.binary_search_by_key(&id, |(id, _)| *id).ok().map(|at| shafts[at].1)
            };
            Some([of(0, m.baseline)?, of(1, m.follow_up)?])
        });
        Self {
            blur_sigma_um: blur.map(|visits| bias::FOCUS.change(visits)),
            smoothing_sigma_um: smoothing.map(|visits| bias::SMOOTHING.change(visits)),
            skin_brightness: brightness.filter(positive).map(|visits| bias::BRIGHTNESS.change(visits)),
            skin_red_over_blue: red_over_blue
                .filter(positive)
                .map(|visits| bias::LIGHT_COLOUR.change(visits)),
            magnification: Some(magnification)
                .filter(positive)
                .map(|visits| bias::MAGNIFICATION.change(visits)),
            hair_length_um: medians(lengths.collect()).filter(positive).map(|visits| {
                let change = bias::HAIR_LENGTH.change(visits);
                ConditionChange { differs: change.differs && !growing, ..change }
            }),
            hair_brightness: medians(shafts.collect()).map(|visits| bias::HAIR_BRIGHTNESS.change(visits)),
        }
    }

    /// What several pairs of photos of two visits show together.
    pub(super) fn mean(of: &[&Self]) -> Self {
        let mean = |curve: &Curve, pick: &dyn Fn(&Self) -> Option<ConditionChange>| {
            let told: Vec<ConditionChange> = of.iter().filter_map(|conditions| pick(conditions)).collect();
            let n = told.len() as f64;
            let sum = |of: &dyn Fn(&ConditionChange) -> f64| told.iter().map(of).sum::<f64>() / n;
            (!told.is_empty()).then(|| {
                let change = curve.change([sum(&|c| c.baseline), sum(&|c| c.follow_up)]);
                ConditionChange { differs: change.differs && told.iter().any(|c| c.differs), ..change }
            })
        };
        Self {
            blur_sigma_um: mean(&bias::FOCUS, &|c| c.blur_sigma_um),
            smoothing_sigma_um: mean(&bias::SMOOTHING, &|c| c.smoothing_sigma_um),
            skin_brightness: mean(&bias::BRIGHTNESS, &|c| c.skin_brightness),
            skin_red_over_blue: mean(&bias::LIGHT_COLOUR, &|c| c.skin_red_over_blue),
            magnification: mean(&bias::MAGNIFICATION, &|c| c.magnification),
            hair_length_um: mean(&bias::HAIR_LENGTH, &|c| c.hair_length_um),
            hair_brightness: mean(&bias::HAIR_BRIGHTNESS, &|c| c.hair_brightness),
        }
    }

    /// By how much the differences may move density and diameters, %. A photo is soft by its lens or by software, not by both.
    pub(super) fn biases_percent(&self) -> [f64; 2] {
        let of = |condition: Option<ConditionChange>| {
            condition.map_or([0.0; 2], |c| [c.density_bias_percent, c.diameter_bias_percent])
        };
        let soft = [of(self.blur_sigma_um), of(self.smoothing_sigma_um)];
        let others = [
            self.skin_brightness,
            self.skin_red_over_blue,
            self.magnification,
            self.hair_length_um,
            self.hair_brightness,
        ];
        [0, 1].map(|k| {
            let soft = soft[0][k].abs().max(soft[1][k].abs());
            others.iter().fold(soft, |sum, condition| libm::hypot(sum, of(*condition)[k]))
        })
    }

    /// A finding for each condition that differs enough.
    pub fn findings(&self) -> Vec<Finding> {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let um = |um: f64| format!("{um:.0} µm");
        let doubts: [(FindingCode, Option<ConditionChange>, [String; 2]); 7] = [
            doubt(FindingCode::FocusDiffers, self.blur_sigma_um, |c| {
                [format!("Edges are blurred by {} (sigma)", um(c.baseline)), um(c.follow_up)]
            }),
            doubt(FindingCode::SmoothingDiffers, self.smoothing_sigma_um, |c| {
                [
                    format!(
                        "If software smoothed, denoised or resized one of the photos, diameters are biased: edges are soft by {} \
                         (sigma)",
                        um(c.baseline)
                    ),
                    um(c.follow_up),
                ]
            }),
            doubt(FindingCode::LightDiffers, self.skin_brightness, |c| {
                [format!("Skin has {} of the light of white", percent(c.baseline)), percent(c.follow_up)]
            }),
            doubt(FindingCode::LightColourDiffers, self.skin_red_over_blue, |c| {
                [
                    format!("Skin has {:.1} times as much red light as blue", c.baseline),
                    format!("{:.1} times", c.follow_up),
                ]
            }),
            doubt(FindingCode::MagnificationDiffers, self.magnification, |c| {
                [
                    "A length on the skin takes 100 % of its pixels".to_owned(),
                    percent(c.follow_up / c.baseline),
                ]
            }),
            doubt(FindingCode::HairLengthDiffers, self.hair_length_um, |c| {
                [format!("The same hairs are {} long", um(c.baseline)), um(c.follow_up)]
            }),
            doubt(FindingCode::HairColourDiffers, self.hair_brightness, |c| {
                [
                    format!("The same shafts have {} of the light of the skin", percent(c.baseline)),
                    percent(c.follow_up),
                ]
            }),
        ];
        let differs = doubts.into_iter().filter_map(|(code, change, words)| Some((code, change?, words)));
        differs
            .filter(|(_, change, _)| change.differs)
            .map(|(code, change, [before, after])| {
                let biases = [change.density_bias_percent, change.diameter_bias_percent].map(signed);
                let [density, diameter] = &biases;
                let moves = if change.beyond_tried {
                    format!(
                        "That is more than was tried on drawn scalps; the largest that was moves the density by {density} and the \
                         mean diameter by {diameter} where nothing changed."
                    )
                } else {
                    format!(
                        "On drawn scalps without any change that alone moves the density by {density} and the mean diameter by \
                         {diameter}."
                    )
                };
                Finding::new(code, format!("{before} at the baseline and {after} at the follow-up. {moves}"))
            })
            .collect()
    }
}

fn doubt(
    code: FindingCode,
    change: Option<ConditionChange>,
    words: impl Fn(ConditionChange) -> [String; 2],
) -> (FindingCode, Option<ConditionChange>, [String; 2]) {
    (code, change, change.map_or([String::new(), String::new()], words))
}

/// `+3 %`, `−12 %`, `0 %`.
fn signed(percent: f64) -> String {
    match libm::round(percent) {
        0.0 => "0 %".to_owned(),
        whole if whole < 0.0 => format!("−{:.0} %", -whole),
        whole => format!("+{whole:.0} %"),
    }
}

impl Curve {
    /// A condition at both visits.
    fn change(&self, visits: [f64; 2]) -> ConditionChange {
        let [density, diameter] = self.bias(visits);
        ConditionChange {
            baseline: round(visits[0]),
            follow_up: round(visits[1]),
            density_bias_percent: round(density),
            diameter_bias_percent: round(diameter),
            beyond_tried: self.is_beyond(visits),
            differs: self.is_beyond(visits) || density.abs().max(diameter.abs()) > LIMIT_PERCENT,
        }
    }
}

fn both<T>([first, second]: [Option<T>; 2]) -> Option<[T; 2]> {
    first.zip(second).map(|(first, second)| [first, second])
}

fn positive(visits: &[f64; 2]) -> bool {
    visits.iter().all(|value| value.is_finite() && *value > 0.0)
}

/// Of pairs, the median of each visit.
fn medians(pairs: Vec<[f64; 2]>) -> Option<[f64; 2]> {
    if pairs.len() < FEWEST_HAIRS {
        return None;
    }
    both([0, 1].map(|visit| median(&pairs.iter().map(|pair| pair[visit]).collect::<Vec<f64>>())))
}

fn hair_length(measurement: &Measurement, id: u32) -> Option<f64> {
    measurement.hairs.iter().find(|hair| hair.id == id).and_then(|hair| hair.length_um)
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
