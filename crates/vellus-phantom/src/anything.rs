//! Scenes in which every parameter is drawn from a wide range, to train and test on what no named scene shows.
//!
//! Ranges are wider than what is usual on photos: who has seen stranger things bears real ones better.

use crate::detail::Detail;
use crate::encode::Encoding;
use crate::random::Stream;
use crate::scene::{Mode, ScaleMarkKind, Scene};
use crate::tone::{HairTone, SkinTone};

/// Turns a photo of anything into one of a kind.
type Kind = fn(Scene, &mut Stream) -> Scene;

/// Name of each kind of random scene, how often it is drawn, and what makes it so.
const KINDS: [(&str, f64, Kind); 5] = [
    ("random_dry", 0.36, dry),
    ("random_clipped", 0.28, clipped),
    ("random_stubble", 0.07, stubble),
    ("random_unclipped", 0.23, unclipped),
    ("random_empty", 0.06, empty),
];

impl Scene {
    /// A scene whose parameters, mode and size included, are all drawn from `seed`.
    pub fn random(seed: u64) -> Self {
        let mut rng = Stream::new(seed, "random scene");
        let (name, _, kind) = KINDS[rng.weighted(&KINDS.map(|(_, share, _)| share))];
        let scene = photo(&mut rng);
        let scene = kind(Self { name: name.into(), ..scene }, &mut rng);
        sized(scene, &mut rng)
    }
}

/// An interval that starts in `from` and is up to `most` wide.
fn interval(rng: &mut Stream, from: [f64; 2], most: f64) -> [f64; 2] {
    let low = rng.within(from);
    [low, low + most * rng.unit()]
}

/// Uniform in the logarithm.
fn log_uniform(rng: &mut Stream, low: f64, high: f64) -> f64 {
    low * libm::pow(high / low, rng.unit())
}

/// A value from a range with chance `p`, otherwise 0.
fn sometimes(rng: &mut Stream, p: f64, range: [f64; 2]) -> f64 {
    let value = rng.within(range);
    if rng.chance(p) { value } else { 0.0 }
}

/// Between 0 and `most`, small values more often.
fn mostly_small(rng: &mut Stream, most: f64) -> f64 {
    let t = rng.unit();
    most * t * t
}

fn skin_tone(rng: &mut Stream) -> SkinTone {
    [SkinTone::Light, SkinTone::Medium, SkinTone::Tan, SkinTone::Dark][rng.weighted(&[3.0, 3.0, 2.0, 2.0])]
}

fn hair_tone(rng: &mut Stream, weights: [f64; 7]) -> HairTone {
    use HairTone::{Black, Blond, Brown, DarkBrown, Grey, Red, White};
    [Black, DarkBrown, Brown, Red, Blond, Grey, White][rng.weighted(&weights)]
}

/// What does not depend on the hair: skin, clutter, light, lens, sensor, marks.
fn photo(rng: &mut Stream) -> Scene {
    let skin_tone = skin_tone(rng);
    let dark = matches!(skin_tone, SkinTone::Dark | SkinTone::Tan);
    let cast = |rng: &mut Stream, sd: f64| core::array::from_fn(|_| libm::exp(rng.normal(0.0, sd)));
    // Half of the photos come from a good camera held well: what cannot be seen teaches nothing.
    let good = rng.chance(0.5);
    let blur = if good { log_uniform(rng, 0.45, 1.2) } else { log_uniform(rng, 0.45, 2.4) };
    let noise = log_uniform(rng, if good { 4000.0 } else { 1500.0 }, 20_000.0);
    let defocus = if !good && rng.chance(0.3) { 5.0 } else { 0.6 };
    let vignetting = if rng.chance(0.1) { 0.55 } else { 0.2 };
    Scene {
        skin_tone,
        mottle: rng.uniform(0.3, 2.2),
        furrows: if rng.chance(0.35) { rng.uniform(1.0, 3.2) } else { mostly_small(rng, 1.6) },
        dryness: sometimes(rng, 0.45, [0.1, 1.1]),
        // A third of the roots are as clean as a cut end.
        root_halo: sometimes(rng, 0.7, [0.1, 1.0]),
        root_veil_um: sometimes(rng, 0.65, [15.0, 120.0]),
        openings: rng.uniform(0.0, 1.2),
        vessels_per_cm2: mostly_small(rng, 160.0),
        freckles_per_cm2: mostly_small(rng, 90.0),
        yellow_dots_per_cm2: mostly_small(rng, 30.0),
        black_dots_per_cm2: mostly_small(rng, 14.0),
        flakes_per_cm2: mostly_small(rng, 60.0),
        bubbles_per_cm2: sometimes(rng, 0.3, [2.0, 60.0]),
        loose_per_cm2: sometimes(rng, 0.4, [1.0, 14.0]),
        highlight: interval(rng, [0.0, 0.25], 0.15),
        shadow: interval(rng, [0.0, 0.3], 0.2),
        glare: [0.0, sometimes(rng, 0.3, [0.1, 0.6])],
        blur_sigma_px: [blur, 1.2 * blur],
        defocus_px: interval(rng, [0.0, 0.5], defocus),
        vignetting: interval(rng, [0.0, 0.4], vignetting),
        light_gradient: interval(rng, [0.0, 0.2], 0.25),
        exposure: interval(rng, [0.6, 1.2], 0.1),
        full_well_e: noise,
        read_noise_e: rng.uniform(3.0, 16.0),
        noise_grain_px: rng.uniform(0.0, 1.0),
        sharpening: interval(rng, [0.0, 0.3], 0.7),
        blue_cast: sometimes(rng, 0.3, [0.1, 1.3]),
        aperture: rng.chance(0.06),
        caption: rng.chance(0.15).then(|| "1280X1024  70x".into()),
        scale_mark: scale_mark(rng),
        padding_px: sometimes(rng, 0.12, [8.0, 90.0]) as u32,
        encoding: match rng.below(3) {
            0 => Encoding::Png,
            _ => Encoding::Jpeg { quality: rng.uniform(62.0, 97.0) as u8 },
        },
        detail: Detail {
            bundled_fraction: rng.uniform(0.0, 0.6),
            converge: interval(rng, [0.0, 0.5], 1.2),
            darkness_sd: rng.uniform(0.0, 0.5),
            bevel_sd: rng.uniform(0.0, 0.6),
            unevenness: mostly_small(rng, 0.16),
            fragment_fraction: rng.uniform(0.0, 0.8),
            crusts: sometimes(rng, 0.5, [0.05, 0.8]),
            crumbs_per_hair: sometimes(rng, 0.5, [0.1, 1.6]),
            // Cameras and immersion decide how dark hair looks, and whether its edges are darker than its core.
            pigment: log_uniform(rng, 0.7, 2.8),
            edge_loss: rng.uniform(0.0, 1.15),
            gloss_width: log_uniform(rng, 0.07, 0.25),
            vessel_depth: log_uniform(rng, 0.5, 2.2),
            vessel_width: log_uniform(rng, 0.7, 2.2),
            vessel_taper: rng.uniform(0.0, 0.85),
            furrow_size: log_uniform(rng, 0.5, 1.8),
            furrow_width: log_uniform(rng, 0.3, 1.3),
            rims: rng.unit(),
            complexion: cast(rng, 0.10),
            creases: sometimes(rng, 0.5, [0.2, 1.2]),
            network: if dark { sometimes(rng, 0.6, [0.2, 1.4]) } else { sometimes(rng, 0.1, [0.1, 0.6]) },
            swelling: sometimes(rng, 0.5, [0.1, 0.8]),
            halo_size: log_uniform(rng, 0.6, 2.2),
            specks_per_cm2: sometimes(rng, 0.4, [3.0, 60.0]),
            tint: sometimes(rng, 0.6, [0.03, 0.16]),
            light: cast(rng, 0.12),
            prints: sometimes(rng, 0.55, [0.5, 4.5]),
            ..Detail::default()
        },
        ..Scene::default()
    }
}

fn scale_mark(rng: &mut Stream) -> Option<ScaleMarkKind> {
    use ScaleMarkKind::{Bar, Corner, Ruler};
    [None, Some(Bar), Some(Corner), Some(Ruler)][rng.weighted(&[6.0, 1.0, 2.0, 1.0])]
}

/// Two colours of hair in one photo: the second is another shade, or white.
fn colours(scene: Scene, rng: &mut Stream, weights: [f64; 7]) -> Scene {
    let second_tone = Some(hair_tone(rng, weights));
    let second_fraction = sometimes(rng, 0.5, [0.05, 0.5]);
    Scene {
        hair_tone: hair_tone(rng, weights),
        white_fraction: sometimes(rng, 0.25, [0.02, 0.7]),
        detail: Detail { second_tone, second_fraction, ..scene.detail },
        ..scene
    }
}

/// Shares of fine hair, and calibre.
fn calibres(scene: Scene, rng: &mut Stream) -> Scene {
    // Fine hair is what is missed first: half of the photos have much of it.
    // In a tenth nearly all is fine, as where hair is lost: only there fine shafts lie side by side.
    let vellus_fraction = match rng.weighted(&[5.0, 4.0, 1.0]) {
        0 => mostly_small(rng, 0.3),
        1 => rng.uniform(0.1, 0.6),
        _ => rng.uniform(0.6, 0.95),
    };
    let thick = rng.chance(0.07);
    Scene {
        terminal_diameter_um: [
            rng.within(if thick { [98.0, 125.0] } else { [50.0, 98.0] }),
            rng.uniform(6.0, 16.0),
        ],
        vellus_fraction,
        intermediate_fraction: mostly_small(rng, (0.98 - vellus_fraction).min(0.6)),
        medulla_fraction: rng.uniform(0.0, 0.6),
        ..scene
    }
}

/// Short stubs on dry skin under a contact microscope.
fn dry(scene: Scene, rng: &mut Stream) -> Scene {
    let scene = calibres(colours(scene, rng, [9.0, 5.0, 2.0, 0.4, 0.3, 0.2, 0.1]), rng);
    let shortest = rng.uniform(140.0, 420.0);
    let gap = rng.uniform(0.7, 1.1);
    // Mostly the cream of untanned scalp; whatever else a seventh of the time.
    let usual = rng.chance(0.85);
    let skin_tone = if usual && rng.chance(0.5) { SkinTone::Light } else { SkinTone::Medium };
    let complexion = [rng.uniform(0.9, 1.05), rng.uniform(0.95, 1.15), rng.uniform(0.8, 1.15)];
    Scene {
        um_per_px: if rng.chance(0.6) { rng.uniform(5.2, 5.9) } else { log_uniform(rng, 3.0, 9.0) },
        units_per_cm2: rng.uniform(35.0, 90.0),
        hairs_per_unit: [
            rng.uniform(0.1, 0.5),
            rng.uniform(0.2, 0.5),
            rng.uniform(0.1, 0.4),
            rng.uniform(0.0, 0.15),
        ],
        neighbour_gap: [gap, gap + rng.uniform(0.1, 0.6)],
        root_stagger_um: rng.uniform(25.0, 95.0),
        unit_turn_deg: rng.uniform(3.0, 13.0),
        hair_turn_deg: rng.uniform(2.0, 11.0),
        length_um: [shortest, shortest + rng.uniform(200.0, 700.0)],
        curvature_per_mm: log_uniform(rng, 0.05, 0.5),
        taper_fraction: mostly_small(rng, 0.3),
        furrows: rng.uniform(0.2, 1.8),
        dryness: rng.uniform(0.1, 0.9),
        root_halo: sometimes(rng, 0.85, [0.3, 1.7]),
        root_veil_um: sometimes(rng, 0.85, [30.0, 190.0]),
        loose_per_cm2: sometimes(rng, 0.5, [2.0, 14.0]),
        highlight: [0.0, sometimes(rng, 0.6, [0.05, 0.4])],
        // Short depth of field: a side of the photo is often out of focus.
        defocus_px: [0.0, sometimes(rng, 0.4, [0.5, 4.5])],
        blue_cast: sometimes(rng, 0.8, [0.3, 1.4]),
        vignetting: interval(rng, [0.05, 0.35], 0.2),
        bubbles_per_cm2: 0.0,
        white_fraction: if usual { 0.0 } else { scene.white_fraction },
        skin_tone: if usual { skin_tone } else { scene.skin_tone },
        detail: Detail {
            bundled_fraction: rng.uniform(0.2, 0.9),
            crusts: sometimes(rng, 0.7, [0.1, 0.9]),
            creases: sometimes(rng, 0.8, [0.2, 1.6]),
            complexion: if usual { complexion } else { scene.detail.complexion },
            network: if usual { 0.0 } else { scene.detail.network },
            halo_size: log_uniform(rng, 0.8, 3.0),
            ..scene.detail
        },
        ..scene
    }
}

/// Any other clipped hair: immersed, light, grey, dense, blurred, near or far.
fn clipped(scene: Scene, rng: &mut Stream) -> Scene {
    let scene = calibres(colours(scene, rng, [2.0, 2.0, 2.0, 1.0, 2.5, 1.5, 1.0]), rng);
    let shortest = rng.uniform(200.0, 600.0);
    let gap = rng.uniform(0.6, 1.4);
    Scene {
        um_per_px: log_uniform(rng, 2.2, 13.0),
        units_per_cm2: rng.uniform(35.0, 110.0),
        neighbour_gap: [gap, gap + rng.uniform(0.2, 1.6)],
        unit_turn_deg: rng.uniform(4.0, 25.0),
        hair_turn_deg: rng.uniform(3.0, 16.0),
        length_um: [shortest, shortest + rng.uniform(200.0, 1800.0)],
        curvature_per_mm: log_uniform(rng, 0.05, 1.2),
        taper_fraction: mostly_small(rng, 0.6),
        ..scene
    }
}

/// Shaved hair seen from farther away.
fn stubble(scene: Scene, rng: &mut Stream) -> Scene {
    let scene = calibres(colours(scene, rng, [4.0, 4.0, 2.0, 0.5, 0.5, 0.5, 0.3]), rng);
    let shortest = rng.uniform(80.0, 250.0);
    Scene {
        um_per_px: rng.uniform(8.0, 20.0),
        units_per_cm2: rng.uniform(50.0, 130.0),
        length_um: [shortest, shortest + rng.uniform(60.0, 400.0)],
        unit_turn_deg: rng.uniform(4.0, 25.0),
        bubbles_per_cm2: 0.0,
        blur_sigma_px: interval(rng, [0.35, 0.9], 0.3),
        ..scene
    }
}

/// Long hair of any colour, curl and density.
fn unclipped(scene: Scene, rng: &mut Stream) -> Scene {
    let scene = calibres(colours(scene, rng, [3.0, 3.0, 2.0, 1.0, 1.5, 1.2, 1.0]), rng);
    let shortest = log_uniform(rng, 700.0, 4000.0);
    Scene {
        mode: Mode::Unclipped,
        um_per_px: if rng.chance(0.5) { rng.uniform(4.5, 6.5) } else { log_uniform(rng, 2.2, 14.0) },
        units_per_cm2: log_uniform(rng, 12.0, 110.0),
        hairs_per_unit: [
            rng.uniform(0.2, 0.7),
            rng.uniform(0.2, 0.5),
            rng.uniform(0.0, 0.35),
            rng.uniform(0.0, 0.12),
        ],
        neighbour_gap: interval(rng, [0.6, 1.2], 1.2),
        length_um: [shortest, shortest * rng.uniform(1.3, 4.0)],
        curvature_per_mm: log_uniform(rng, 0.04, 0.9),
        unit_turn_deg: rng.uniform(6.0, 50.0),
        hair_turn_deg: rng.uniform(3.0, 25.0),
        taper_fraction: mostly_small(rng, 0.6),
        highlight: interval(rng, [0.0, 0.5], 0.3),
        ..scene
    }
}

/// Skin without hair.
fn empty(scene: Scene, rng: &mut Stream) -> Scene {
    Scene {
        units_per_cm2: 0.0,
        um_per_px: log_uniform(rng, 3.0, 14.0),
        vessels_per_cm2: rng.uniform(10.0, 180.0),
        bubbles_per_cm2: mostly_small(rng, 60.0),
        loose_per_cm2: 0.0,
        ..scene
    }
}

/// A photo of 6-50 mm², so that one costs about as much as another.
fn sized(scene: Scene, rng: &mut Stream) -> Scene {
    let width_um = log_uniform(rng, 3800.0, 7500.0).max(scene.um_per_px * 320.0);
    let width_px = (width_um / scene.um_per_px).clamp(320.0, 1280.0);
    let height_px = width_px * [0.5625, 0.75, 0.8, 1.0][rng.below(4)];
    Scene {
        width_px: width_px as u32,
        height_px: height_px as u32,
        padding_px: scene.padding_px.min(height_px as u32 / 6),
        ..scene
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;

    #[test]
    fn any_seed_can_be_drawn() {
        for seed in 0..400 {
            let scene = Scene::random(seed);
            assert_eq!(scene.check(), Ok(()), "seed {seed}");
            assert_eq!(scene, Scene::random(seed));
        }
    }

    #[test]
    fn every_kind_comes_up_and_differs() {
        for (name, _, _) in KINDS {
            let seed = (0..400).find(|seed| Scene::random(*seed).name == name).expect(name);
            let small = Scene { width_px: 200, height_px: 160, padding_px: 10, ..Scene::random(seed) };
            let phantom = draw(&small, seed);
            assert_eq!(phantom, draw(&small, seed), "{name}");
            assert_eq!(phantom.cover.get_pixel(100, 155).0[0], 255, "{name}: the padding is no scalp");
        }
    }
}
