//! What can be photographed: every parameter of a scalp and of the visit, and named sets of them.
//!
//! Ranges `[low, high]` are drawn from once per photo or per hair, as the field says. Reference values of
//! hair density are 100-220 /cm², of units 70-80 /cm² with about two hairs each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::detail::Detail;
use crate::encode::Encoding;
use crate::tone::{HairTone, SkinTone};

/// How the hair was prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Cut to stubs: every hair shows a root and a cut end (phototrichogram).
    Clipped,
    /// Left long: hairs run through the field and out of it (trichoscopy).
    Unclipped,
}

/// All parameters of a scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scene {
    /// Name, as in [`Scene::named`]. Default: "clipped_typical".
    pub name: String,
    /// How the hair was prepared. Default: clipped.
    pub mode: Mode,
    /// Width of the photo, px. Default: 1280.
    pub width_px: u32,
    /// Height of the photo, px. Default: 1024.
    pub height_px: u32,
    /// Scale, µm per px. Default: 5.
    pub um_per_px: f64,

    /// Follicular units per cm² of scalp. Default: 75.
    pub units_per_cm2: f64,
    /// Weights of units with one, two, three and four hairs. Default: 0.3, 0.42, 0.22, 0.06.
    pub hairs_per_unit: [f64; 4],
    /// Least distance of two units, as a share of 1/√density (at most 0.75). Default: 0.66.
    pub unit_spacing: f64,
    /// Gap between the axes of neighbours in a unit, in mean diameters (1: they touch). Default: 0.7-2.2.
    pub neighbour_gap: [f64; 2],
    /// Standard deviation of the roots of one unit along the hair, µm. Default: 45.
    pub root_stagger_um: f64,
    /// Standard deviation of direction between units, degrees. Default: 9.
    pub unit_turn_deg: f64,
    /// Standard deviation of direction within a unit, degrees. Default: 7.
    pub hair_turn_deg: f64,

    /// Colour of the hair. Default: dark brown.
    pub hair_tone: HairTone,
    /// Share of hairs without pigment (white). Default: 0.
    pub white_fraction: f64,
    /// Mean and standard deviation of terminal diameters, µm (kept in 50-110). Default: 70, 13.
    pub terminal_diameter_um: [f64; 2],
    /// Share of intermediate hairs (30-50 µm). Default: 0.15.
    pub intermediate_fraction: f64,
    /// Share of vellus hairs (15-30 µm). Default: 0.12.
    pub vellus_fraction: f64,
    /// Length of a hair, µm. Default: 350-750.
    pub length_um: [f64; 2],
    /// Standard deviation of curvature, 1/mm. Default: 0.12.
    pub curvature_per_mm: f64,
    /// Share of terminal hairs with a natural, tapering tip; fine hairs taper twice as often. Default: 0.08.
    pub taper_fraction: f64,
    /// Share of terminal hairs with a visible medulla. Default: 0.3.
    pub medulla_fraction: f64,
    /// Share of hairs at rest, which do not grow between visits. Default: 0.14.
    pub telogen_fraction: f64,

    /// Colour of the skin. Default: light.
    pub skin_tone: SkinTone,
    /// Contrast of the colour mottling, 1 as usual. Default: 1.
    pub mottle: f64,
    /// Contrast of the furrows of the skin, 1 as usual on dry skin. Default: 0.4.
    pub furrows: f64,
    /// Dry specular sparkle, 0 (immersion, polarised) to 1. Default: 0.
    pub dryness: f64,
    /// Strength of the bluish shine of the root through the skin, 0-1. Default: 0.4.
    pub root_halo: f64,
    /// Length over which a shaft emerges from the skin, µm. Default: 35.
    pub root_veil_um: f64,
    /// Visible follicle openings, 0-1. Default: 0.5.
    pub openings: f64,
    /// Capillaries per cm². Default: 30.
    pub vessels_per_cm2: f64,
    /// Freckles per cm². Default: 25.
    pub freckles_per_cm2: f64,
    /// Yellow dots (sebum in empty follicles) per cm². Default: 4.
    pub yellow_dots_per_cm2: f64,
    /// Black dots (hairs broken at the skin) per cm². Default: 2.
    pub black_dots_per_cm2: f64,

    /// Flakes per cm². Default: 4.
    pub flakes_per_cm2: f64,
    /// Air bubbles in the immersion per cm². Default: 3.
    pub bubbles_per_cm2: f64,
    /// Loose cut hairs and fibres per cm², which have no root. Default: 0.
    pub loose_per_cm2: f64,
    /// Highlight along the shafts, 0-1. Default: 0-0.15.
    pub highlight: [f64; 2],
    /// Depth of the shadow that shafts throw on the skin, 0-1. Default: 0.05-0.12.
    pub shadow: [f64; 2],
    /// Area of burnt-out glare, 0-1. Default: 0.
    pub glare: [f64; 2],
    /// Lens blur, standard deviation in px. Default: 0.8-1.1.
    pub blur_sigma_px: [f64; 2],
    /// How much the blur grows from one side of the field to the other, px. Default: 0.1-0.4.
    pub defocus_px: [f64; 2],
    /// Light lost at the corners, 0-1. Default: 0.1-0.25.
    pub vignetting: [f64; 2],
    /// Fall of the light from one side to the other, 0-1. Default: 0.05-0.15.
    pub light_gradient: [f64; 2],
    /// Exposure, as a factor. Default: 0.92-1.05.
    pub exposure: [f64; 2],
    /// Electrons of a pixel at full scale; sets the shot noise. Default: 5000.
    pub full_well_e: f64,
    /// Read noise, electrons. Default: 8.
    pub read_noise_e: f64,
    /// Correlation of the noise of neighbours (colour filter array), px. Default: 0.6.
    pub noise_grain_px: f64,
    /// Unsharp mask of the camera, 0-1. Default: 0-0.25.
    pub sharpening: [f64; 2],
    /// Blue cast of the light, 0-1. Default: 0.
    pub blue_cast: f64,
    /// Round field stop instead of the whole frame. Default: no.
    pub aperture: bool,
    /// Burned-in caption. Default: none.
    pub caption: Option<String>,
    /// Burned-in scale mark. Default: none.
    pub scale_mark: Option<ScaleMarkKind>,
    /// Grey band at the bottom, px. Default: 0.
    pub padding_px: u32,
    /// How the photo is stored. Default: JPEG, quality 92.
    pub encoding: Encoding,
    /// Finer things. Default: none.
    pub detail: Detail,
}

/// Kind of burned-in scale mark; each spans 1.0 mm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleMarkKind {
    /// Thick black bar in a white box, with its length under it.
    Bar,
    /// Thin L; the horizontal arm is the scale.
    Corner,
    /// Ruler with ticks every 0.1 mm.
    Ruler,
}

/// Name of the scene that is drawn anew for every seed.
pub const RANDOM: &str = "random";
/// Smallest and largest side of a drawn photo, px: a few hairs, and 24 megapixels.
pub const SIDE_PX: std::ops::RangeInclusive<u32> = 64..=6000;

/// The scene asked for does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scene {name:?}; scenes are {}", Scene::names().join(", "))]
pub struct UnknownScene {
    /// The name that was asked for.
    pub name: String,
}

/// A parameter of a scene is outside what can be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} is {value}; it must be in {low} to {high}")]
pub struct SceneError {
    /// Name of the parameter, with its unit.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Least value allowed.
    pub low: f64,
    /// Largest value allowed.
    pub high: f64,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            name: "clipped_typical".into(),
            mode: Mode::Clipped,
            width_px: 1280,
            height_px: 1024,
            um_per_px: 5.0,
            units_per_cm2: 75.0,
            hairs_per_unit: [0.3, 0.42, 0.22, 0.06],
            unit_spacing: 0.66,
            neighbour_gap: [0.7, 2.2],
            root_stagger_um: 45.0,
            unit_turn_deg: 9.0,
            hair_turn_deg: 7.0,
            hair_tone: HairTone::DarkBrown,
            white_fraction: 0.0,
            terminal_diameter_um: [70.0, 13.0],
            intermediate_fraction: 0.15,
            vellus_fraction: 0.12,
            length_um: [350.0, 750.0],
            curvature_per_mm: 0.12,
            taper_fraction: 0.08,
            medulla_fraction: 0.3,
            telogen_fraction: 0.14,
            skin_tone: SkinTone::Light,
            mottle: 1.0,
            furrows: 0.4,
            dryness: 0.0,
            root_halo: 0.4,
            root_veil_um: 35.0,
            openings: 0.5,
            vessels_per_cm2: 30.0,
            freckles_per_cm2: 25.0,
            yellow_dots_per_cm2: 4.0,
            black_dots_per_cm2: 2.0,
            flakes_per_cm2: 4.0,
            bubbles_per_cm2: 3.0,
            loose_per_cm2: 0.0,
            highlight: [0.0, 0.15],
            shadow: [0.05, 0.12],
            glare: [0.0, 0.0],
            blur_sigma_px: [0.8, 1.1],
            defocus_px: [0.1, 0.4],
            vignetting: [0.1, 0.25],
            light_gradient: [0.05, 0.15],
            exposure: [0.92, 1.05],
            full_well_e: 5000.0,
            read_noise_e: 8.0,
            noise_grain_px: 0.6,
            sharpening: [0.0, 0.25],
            blue_cast: 0.0,
            aperture: false,
            caption: None,
            scale_mark: None,
            padding_px: 0,
            encoding: Encoding::Jpeg { quality: 92 },
            detail: Detail::default(),
        }
    }
}

impl Scene {
    /// Names of all scenes.
    pub fn names() -> &'static [&'static str] {
        &[
            "clipped_easy",
            "clipped_typical",
            "clipped_dense",
            "clipped_light_hair",
            "clipped_grey",
            "clipped_dark_skin",
            "clipped_dry",
            "dirty",
            "blurred_noisy",
            "lowres",
            "hires",
            "aperture",
            "unclipped_sparse",
            "unclipped_typical",
            "unclipped_dense",
            "empty_skin",
        ]
    }

    /// The scene of that name, or for [`RANDOM`] the one of that seed; in another size, px, if one is given.
    ///
    /// # Errors
    /// [`UnknownScene`].
    pub fn asked(name: &str, seed: u64, size_px: Option<[u32; 2]>) -> Result<Self, UnknownScene> {
        let mut scene = if name == RANDOM { Self::random(seed) } else { Self::named(name)? };
        if let Some([width_px, height_px]) = size_px {
            (scene.width_px, scene.height_px) = (width_px, height_px);
            scene.padding_px = scene.padding_px.min(height_px / 6);
        }
        Ok(scene)
    }

    /// The scene of that name.
    pub fn named(name: &str) -> Result<Self, UnknownScene> {
        let typical = Self { name: name.into(), ..Self::default() };
        let unclipped = Self {
            mode: Mode::Unclipped,
            units_per_cm2: 48.0,
            length_um: [2500.0, 9000.0],
            curvature_per_mm: 0.14,
            unit_turn_deg: 28.0,
            hair_turn_deg: 16.0,
            taper_fraction: 0.15,
            hair_tone: HairTone::DarkBrown,
            highlight: [0.15, 0.45],
            dryness: 0.25,
            furrows: 0.6,
            root_halo: 0.25,
            bubbles_per_cm2: 0.0,
            hairs_per_unit: [0.42, 0.4, 0.15, 0.03],
            scale_mark: Some(ScaleMarkKind::Bar),
            ..typical.clone()
        };
        Ok(match name {
            "clipped_typical" => typical,
            "clipped_easy" => Self {
                units_per_cm2: 60.0,
                hairs_per_unit: [0.6, 0.35, 0.05, 0.0],
                neighbour_gap: [1.8, 3.2],
                hair_tone: HairTone::Black,
                vellus_fraction: 0.04,
                intermediate_fraction: 0.08,
                mottle: 0.6,
                furrows: 0.1,
                vessels_per_cm2: 8.0,
                freckles_per_cm2: 6.0,
                yellow_dots_per_cm2: 0.0,
                black_dots_per_cm2: 0.0,
                flakes_per_cm2: 0.0,
                bubbles_per_cm2: 0.0,
                root_halo: 0.2,
                sharpening: [0.0, 0.0],
                noise_grain_px: 0.0,
                encoding: Encoding::Png,
                ..typical
            },
            "clipped_dense" => Self {
                units_per_cm2: 96.0,
                hairs_per_unit: [0.2, 0.4, 0.3, 0.1],
                length_um: [450.0, 950.0],
                unit_turn_deg: 14.0,
                hair_turn_deg: 10.0,
                ..typical
            },
            "clipped_light_hair" => Self {
                hair_tone: HairTone::Blond,
                terminal_diameter_um: [64.0, 11.0],
                root_halo: 0.15,
                ..typical
            },
            "clipped_grey" => Self {
                hair_tone: HairTone::DarkBrown,
                white_fraction: 0.6,
                skin_tone: SkinTone::Tan,
                medulla_fraction: 0.5,
                ..typical
            },
            "clipped_dark_skin" => Self {
                hair_tone: HairTone::Black,
                skin_tone: SkinTone::Dark,
                highlight: [0.1, 0.3],
                curvature_per_mm: 0.45,
                root_halo: 0.15,
                openings: 1.0,
                ..typical
            },
            "clipped_dry" => Self {
                um_per_px: 5.54,
                units_per_cm2: 58.0,
                hairs_per_unit: [0.3, 0.42, 0.23, 0.05],
                neighbour_gap: [0.85, 1.35],
                root_stagger_um: 65.0,
                unit_turn_deg: 6.0,
                hair_turn_deg: 5.0,
                hair_tone: HairTone::Black,
                terminal_diameter_um: [86.0, 13.0],
                intermediate_fraction: 0.08,
                vellus_fraction: 0.06,
                length_um: [220.0, 800.0],
                curvature_per_mm: 0.1,
                taper_fraction: 0.02,
                skin_tone: SkinTone::Medium,
                furrows: 0.6,
                mottle: 0.9,
                dryness: 0.9,
                root_halo: 1.0,
                root_veil_um: 110.0,
                openings: 0.8,
                vessels_per_cm2: 6.0,
                freckles_per_cm2: 6.0,
                flakes_per_cm2: 18.0,
                bubbles_per_cm2: 0.0,
                loose_per_cm2: 3.0,
                highlight: [0.05, 0.2],
                shadow: [0.15, 0.3],
                blur_sigma_px: [1.1, 1.5],
                defocus_px: [0.4, 1.2],
                vignetting: [0.25, 0.45],
                light_gradient: [0.15, 0.3],
                exposure: [0.55, 0.75],
                blue_cast: 0.8,
                caption: Some("1280X1024  70x".into()),
                scale_mark: Some(ScaleMarkKind::Corner),
                padding_px: 16,
                ..typical
            },
            "dirty" => Self {
                hair_tone: HairTone::Black,
                skin_tone: SkinTone::Medium,
                dryness: 0.5,
                furrows: 1.0,
                vessels_per_cm2: 110.0,
                freckles_per_cm2: 70.0,
                yellow_dots_per_cm2: 25.0,
                black_dots_per_cm2: 12.0,
                flakes_per_cm2: 45.0,
                bubbles_per_cm2: 40.0,
                loose_per_cm2: 12.0,
                glare: [0.1, 0.4],
                root_veil_um: 60.0,
                scale_mark: Some(ScaleMarkKind::Bar),
                ..typical
            },
            "blurred_noisy" => Self {
                blur_sigma_px: [2.0, 2.8],
                defocus_px: [0.6, 1.4],
                full_well_e: 900.0,
                read_noise_e: 14.0,
                exposure: [0.6, 0.8],
                encoding: Encoding::Jpeg { quality: 75 },
                ..typical
            },
            "lowres" => Self {
                um_per_px: 12.0,
                width_px: 800,
                height_px: 640,
                blur_sigma_px: [0.6, 0.9],
                scale_mark: Some(ScaleMarkKind::Ruler),
                ..typical
            },
            "hires" => {
                Self { um_per_px: 3.0, width_px: 2048, height_px: 1536, blur_sigma_px: [1.1, 1.6], ..typical }
            }
            "aperture" => Self { aperture: true, vignetting: [0.3, 0.5], ..typical },
            "unclipped_typical" => unclipped,
            "unclipped_sparse" => Self {
                units_per_cm2: 30.0,
                hairs_per_unit: [0.6, 0.35, 0.05, 0.0],
                length_um: [1500.0, 6000.0],
                vellus_fraction: 0.2,
                ..unclipped
            },
            "unclipped_dense" => Self {
                units_per_cm2: 78.0,
                hairs_per_unit: [0.3, 0.42, 0.22, 0.06],
                length_um: [3000.0, 10_000.0],
                ..unclipped
            },
            "empty_skin" => Self {
                units_per_cm2: 0.0,
                dryness: 0.2,
                vessels_per_cm2: 90.0,
                freckles_per_cm2: 40.0,
                yellow_dots_per_cm2: 20.0,
                flakes_per_cm2: 15.0,
                bubbles_per_cm2: 10.0,
                scale_mark: Some(ScaleMarkKind::Bar),
                ..typical
            },
            _ => return Err(UnknownScene { name: name.into() }),
        })
    }

    /// Checks that the scene can be drawn: sizes, scale, densities and shares are in sensible ranges.
    pub fn check(&self) -> Result<(), SceneError> {
        let size = [16.0, 16_000.0];
        let share = [0.0, 1.0];
        let density = [0.0, 1000.0];
        let limits = [
            ("width_px", f64::from(self.width_px), size),
            ("height_px", f64::from(self.height_px), size),
            ("padding_px", f64::from(self.padding_px), [0.0, 0.5 * f64::from(self.height_px)]),
            ("um_per_px", self.um_per_px, [0.5, 50.0]),
            ("units_per_cm2", self.units_per_cm2, [0.0, 400.0]),
            ("terminal_diameter_um", self.terminal_diameter_um[0], [5.0, 300.0]),
            ("length_um", self.length_um[0], [20.0, 50_000.0]),
            ("length_um", self.length_um[1], [self.length_um[0], 50_000.0]),
            ("blur_sigma_px", self.blur_sigma_px[0], [0.0, 20.0]),
            ("blur_sigma_px", self.blur_sigma_px[1], [self.blur_sigma_px[0], 20.0]),
            ("white_fraction", self.white_fraction, share),
            ("intermediate_fraction", self.intermediate_fraction, share),
            ("vellus_fraction", self.vellus_fraction, [0.0, 1.0 - self.intermediate_fraction]),
            ("medulla_fraction", self.medulla_fraction, share),
            ("taper_fraction", self.taper_fraction, share),
            ("telogen_fraction", self.telogen_fraction, share),
            ("vessels_per_cm2", self.vessels_per_cm2, density),
            ("freckles_per_cm2", self.freckles_per_cm2, density),
            ("yellow_dots_per_cm2", self.yellow_dots_per_cm2, density),
            ("black_dots_per_cm2", self.black_dots_per_cm2, density),
            ("flakes_per_cm2", self.flakes_per_cm2, density),
            ("bubbles_per_cm2", self.bubbles_per_cm2, density),
            ("loose_per_cm2", self.loose_per_cm2, density),
            ("full_well_e", self.full_well_e, [0.0, 1e9]),
        ];
        match limits.into_iter().find(|(_, value, [low, high])| !(*low..=*high).contains(value)) {
            Some((name, value, [low, high])) => Err(SceneError { name, value, low, high }),
            None => Ok(()),
        }
    }

    /// Hairs per cm² that the scene aims at.
    pub fn hairs_per_cm2(&self) -> f64 {
        let total: f64 = self.hairs_per_unit.iter().sum();
        let mean: f64 = self.hairs_per_unit.iter().zip(1..).map(|(w, n)| w * f64::from(n)).sum();
        if total > 0.0 { self.units_per_cm2 * mean / total } else { 0.0 }
    }

    /// Height of the picture without the padding band, px.
    pub fn field_height_px(&self) -> u32 {
        self.height_px.saturating_sub(self.padding_px)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_scene_of_that_name() {
        for name in Scene::names() {
            let scene = Scene::named(name).expect(name);
            assert_eq!(scene.name, *name);
            assert_eq!(scene.check(), Ok(()));
        }
        let error = Scene::named("clipped").expect_err("no such scene");
        assert!(error.to_string().contains("clipped_typical"));
    }

    #[test]
    fn impossible_parameters_are_named() {
        let error = Scene { um_per_px: 0.0, ..Scene::default() }.check().expect_err("no scale");
        assert_eq!(error.to_string(), "um_per_px is 0; it must be in 0.5 to 50");
        assert!(Scene { um_per_px: f64::NAN, ..Scene::default() }.check().is_err());
    }

    #[test]
    fn densities_are_those_of_scalps() {
        for name in Scene::names().iter().filter(|n| **n != "empty_skin" && **n != "unclipped_sparse") {
            let density = Scene::named(name).expect(name).hairs_per_cm2();
            assert!((60.0..=230.0).contains(&density), "{name}: {density}");
        }
    }
}
