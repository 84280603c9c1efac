//! Diameters of drawn scalps, whose truth is exact, by colour of hair, skin and scene.

use vellus::Verdict;
use vellus_phantom::{HairTone, Scene, SkinTone};

use crate::change::map_in_batches;
use crate::drawn::{draw_as_file, measure_phantom, scene};
use crate::score::{judge, mean};

/// Seed of the first photo: nothing was fitted to these.
pub const FIRST_SEED: u64 = 8001;
/// Size of the field, µm: small, so that many scenes take little time.
const FIELD_UM: [f64; 2] = [4000.0, 3200.0];

/// One true hair that was found.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// Place of its scene.
    pub scene: usize,
    /// Its colour.
    pub tone: HairTone,
    /// Colour of the skin.
    pub skin: Option<SkinTone>,
    /// True diameter, µm.
    pub true_um: f64,
    /// Diameter found and its standard error, µm; `None` where none is given.
    pub read_um: Option<[f64; 2]>,
}

/// The drawn scenes with hair, and the typical one with hair and skin of every other colour.
pub fn scenes() -> Vec<Scene> {
    let mut scenes: Vec<Scene> =
        Scene::names().iter().filter(|name| **name != "empty_skin").map(|name| scene(name)).collect();
    let typical = || scene("clipped_typical");
    let tones = [HairTone::Black, HairTone::Brown, HairTone::Red, HairTone::Grey, HairTone::White];
    scenes.extend(tones.map(|hair_tone| Scene {
        name: format!("clipped_typical, {} hair", words(&hair_tone)),
        hair_tone,
        ..typical()
    }));
    let skins = [SkinTone::Medium, SkinTone::Tan, SkinTone::Dark];
    scenes.extend(skins.map(|skin_tone| Scene {
        name: format!("clipped_typical, {} skin", words(&skin_tone)),
        skin_tone,
        ..typical()
    }));
    for scene in &mut scenes {
        let [width, height] = FIELD_UM.map(|um| (um / scene.um_per_px).round() as u32);
        (scene.width_px, scene.height_px) = (width, height);
    }
    scenes
}

/// A colour's name as words.
pub fn words(colour: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(colour).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().replace('_', " ")
}

/// Hits of so many photos of each scene; photos that are refused have none.
pub fn hits(scenes: &[Scene], photos: u64) -> Vec<Hit> {
    let jobs: Vec<(usize, u64)> = (0..scenes.len())
        .flat_map(|k| (FIRST_SEED..FIRST_SEED + photos).map(move |seed| (k, seed)))
        .collect();
    map_in_batches(&jobs, |&(k, seed)| of_photo(k, &scenes[k], seed), |_| {}).concat()
}

fn of_photo(place: usize, scene: &Scene, seed: u64) -> Vec<Hit> {
    let phantom = draw_as_file(scene, seed);
    let measurement = measure_phantom(&phantom);
    if measurement.quality.verdict == Verdict::Fail {
        return Vec::new();
    }
    let judged = judge(&measurement, &phantom.truth);
    (judged.hits.iter())
        .map(|&(i, k)| {
            let (hair, truth) = (judged.counted[i], judged.asked[k]);
            Hit {
                scene: place,
                tone: truth.tone,
                skin: phantom.truth.skin,
                true_um: truth.diameter_um,
                read_um: hair.diameter_um.zip(hair.diameter_se_um).map(|(um, se)| [um, se]),
            }
        })
        .collect()
}

/// How diameters of a group of hits are off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Errors {
    /// Hits.
    pub hits: usize,
    /// Those with a diameter.
    pub given: usize,
    /// Mean error, µm.
    pub bias_um: f64,
    /// Mean size of the error, µm.
    pub size_um: f64,
    /// Slope of the diameter found on the true one; `None` for fewer than ten.
    pub slope: Option<f64>,
    /// Share within 1.96 stated standard errors of the truth, %.
    pub held_percent: f64,
}

/// Fewest hairs of which a slope is told.
const LEAST_FOR_SLOPE: usize = 10;

impl Errors {
    /// Of some hits; `None` where none has a diameter.
    pub fn of<'a>(hits: impl Iterator<Item = &'a Hit>) -> Option<Self> {
        let hits: Vec<&Hit> = hits.collect();
        let read: Vec<(f64, [f64; 2])> =
            hits.iter().filter_map(|hit| Some((hit.true_um, hit.read_um?))).collect();
        let errors: Vec<f64> = read.iter().map(|(truth, [um, _])| um - truth).collect();
        let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        let held = read.iter().filter(|(truth, [um, se])| (um - truth).abs() <= super::Z95 * se).count();
        let points: Vec<(f64, f64)> = read.iter().map(|&(truth, [um, _])| (truth, um)).collect();
        Some(Self {
            hits: hits.len(),
            given: read.len(),
            bias_um: mean(&errors)?,
            size_um: mean(&sizes)?,
            slope: (read.len() >= LEAST_FOR_SLOPE).then(|| slope(&points)),
            held_percent: 100.0 * held as f64 / read.len() as f64,
        })
    }
}

/// Slope of the line of least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let [x, y] = points.iter().fold([0.0; 2], |[x, y], p| [x + p.0 / n, y + p.1 / n]);
    let (xy, xx) =
        points.iter().fold((0.0, 0.0), |(xy, xx), p| (xy + (p.0 - x) * (p.1 - y), xx + (p.0 - x).powi(2)));
    xy / xx
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_by_hand() {
        let hit =
            |true_um: f64, read_um| Hit { scene: 0, tone: HairTone::Black, skin: None, true_um, read_um };
        let mut hits: Vec<Hit> =
            (0..10).map(|k| f64::from(k) * 10.0).map(|um| hit(um, Some([0.9 * um, 2.0]))).collect();
        hits.push(hit(50.0, None));
        let errors = Errors::of(hits.iter()).expect("diameters");
        assert_eq!((errors.hits, errors.given), (11, 10));
        assert!((errors.bias_um + 4.5).abs() < 1e-9 && (errors.size_um - 4.5).abs() < 1e-9, "{errors:?}");
        assert!((errors.slope.expect("ten") - 0.9).abs() < 1e-9);
        // Up to 3.92 µm off, as at 0 to 30.
        assert!((errors.held_percent - 40.0).abs() < 1e-9, "{errors:?}");
        assert_eq!(Errors::of(hits[10..].iter()), None);
    }
}
