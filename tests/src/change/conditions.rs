//! Pairs of which nothing changed but how the photo was taken, or the length or colour of the hair.

use image::RgbImage;
use vellus::comparison::Comparison;
use vellus::{CompareOptions, Shot, compare};
use vellus_phantom::random::Stream;
use vellus_phantom::tone::{linear_to_srgb, srgb_to_linear};
use vellus_phantom::{HairTone, Pose, Scene, Visit, Warp, grow, photograph};

use crate::drawn::{shot, through_file};

/// Seed of the first pair: none that a sample, a table or a test was looked at with.
pub const FIRST_SEED: u64 = 9801;

/// What differs at the follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Differs {
    /// Blur that is added, standard deviation in px of 5 µm.
    Focus(f64),
    /// Smoothing of the encoded values, standard deviation in px of 5 µm.
    Smoothing(f64),
    /// Factor of the light.
    Brightness(f64),
    /// Doublings of red against blue, in the light.
    LightColour(f64),
    /// Length of a pixel, µm; 5 at the baseline. The field stays.
    Magnification(f64),
    /// Factor of the length of all hairs.
    HairLength(f64),
    /// Colour of all hairs; dark brown at the baseline.
    HairColour(HairTone),
}

impl Differs {
    /// Every kind, graded; the first of each is no difference.
    pub fn graded() -> Vec<Self> {
        let focus = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0].map(Self::Focus);
        let smoothing = [0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5].map(Self::Smoothing);
        let brightness = [0.1, 0.18, 0.25, 0.35, 0.5, 0.7, 1.2, 1.35, 1.5, 1.8].map(Self::Brightness);
        let colour = [-1.5, -1.0, -0.5, 0.5, 1.0, 1.5].map(Self::LightColour);
        let magnification = [3.5, 4.2, 6.0, 7.0, 8.0, 10.0].map(Self::Magnification);
        let length = [0.35, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 3.0].map(Self::HairLength);
        let tones = [HairTone::Black, HairTone::Brown, HairTone::Red, HairTone::Blond, HairTone::Grey];
        let tones = tones.map(Self::HairColour);
        [&focus[..], &smoothing, &brightness, &colour, &magnification, &length, &tones].concat()
    }

    /// Its kind and how much, in words.
    pub fn words(self) -> (&'static str, String) {
        match self {
            Self::Focus(px) => ("focus", format!("{px} px blurred")),
            Self::Smoothing(px) => ("smoothing", format!("{px} px smoothed")),
            Self::Brightness(factor) => ("brightness", format!("× {factor}")),
            Self::LightColour(doublings) => ("colour of the light", format!("{doublings:+} doublings")),
            Self::Magnification(um) => ("magnification", format!("{um} µm per px")),
            Self::HairLength(factor) => ("hair length", format!("× {factor}")),
            Self::HairColour(tone) => ("hair colour", format!("{tone:?}")),
        }
    }

    /// The condition of a comparison that it is about: both values, bias of density and diameter, whether it is said.
    pub fn of(self, comparison: &Comparison) -> Option<vellus::ConditionChange> {
        let conditions = &comparison.conditions;
        match self {
            Self::Focus(_) => conditions.blur_sigma_um,
            Self::Smoothing(_) => conditions.smoothing_sigma_um,
            Self::Brightness(_) => conditions.skin_brightness,
            Self::LightColour(_) => conditions.skin_red_over_blue,
            Self::Magnification(_) => conditions.magnification,
            Self::HairLength(_) => conditions.hair_length_um,
            Self::HairColour(_) => conditions.hair_brightness,
        }
    }

    /// How the two values of it are set against each other: by difference, or by doublings.
    pub fn against(self, [before, after]: [f64; 2]) -> f64 {
        match self {
            Self::Focus(_) | Self::Smoothing(_) | Self::HairColour(_) => after - before,
            _ => (after / before).log2(),
        }
    }
}

/// The first visit to a scalp.
pub fn baseline(scene: &Scene, seed: u64) -> Shot {
    let visit = Visit::new(scene, seed);
    let photo = photograph(&grow(scene, seed), &visit, seed).image;
    shot(&through_file(&photo, visit.encoding), Some(scene.um_per_px))
}

/// A second visit to the same scalp, with the camera put down anew, light and noise of its own; each hair was `lost` with that
/// chance.
pub fn follow_up(scene: &Scene, differs: Differs, seed: u64, lost: f64) -> Shot {
    let mut scalp = grow(scene, seed);
    let mut chance = Stream::new(seed, "lost since");
    scalp.hairs.retain(|_| !chance.chance(lost));
    let mut scene = scene.clone();
    match differs {
        Differs::Magnification(um_per_px) => {
            for side in [&mut scene.width_px, &mut scene.height_px] {
                *side = (f64::from(*side) * scene.um_per_px / um_per_px).round() as u32;
            }
            scene.um_per_px = um_per_px;
        }
        Differs::HairLength(factor) => scalp.hairs.iter_mut().for_each(|hair| {
            hair.shape.length_um *= factor;
            hair.lay();
        }),
        Differs::HairColour(tone) => scalp.hairs.iter_mut().for_each(|hair| hair.tone = tone),
        _ => {}
    }
    let other = Stream::new(seed, "conditions").bits();
    let mut rng = Stream::new(other, "pose");
    let mut visit = Visit::new(&scene, other);
    let shift = rng.uniform(80.0, 300.0);
    visit.pose = Pose {
        rotation_deg: rng.uniform(-4.0, 4.0),
        shift_um: [shift, -0.6 * shift],
        stretch: rng.uniform(0.995, 1.005),
    };
    visit.warp = Warp::random(25.0, &mut rng);
    visit.hair_turn_deg = 4.0;
    match differs {
        Differs::Focus(px) => visit.blur_sigma_px = visit.blur_sigma_px.hypot(px),
        Differs::Brightness(factor) => visit.exposure *= factor,
        _ => {}
    }
    let mut photo = photograph(&scalp, &visit, other).image;
    if let Differs::LightColour(doublings) = differs {
        tint(&mut photo, doublings);
    }
    if let Differs::Smoothing(px) = differs
        && px > 0.0
    {
        photo = image::imageops::blur(&photo, px as f32);
    }
    shot(&through_file(&photo, visit.encoding), Some(scene.um_per_px))
}

/// Dims blue (more red) or red (more blue) of the light.
fn tint(photo: &mut RgbImage, doublings: f64) {
    let (channel, factor) = (if doublings > 0.0 { 2 } else { 0 }, (-doublings.abs()).exp2());
    let table: Vec<u8> = (0..=255u8)
        .map(|level| {
            (255.0 * linear_to_srgb(factor * srgb_to_linear(f64::from(level) / 255.0))).round() as u8
        })
        .collect();
    photo.pixels_mut().for_each(|pixel| pixel[channel] = table[usize::from(pixel[channel])]);
}

/// What came of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Biased {
    /// Difference as measured on the photos, in the unit of its curve; `None` where it could not be.
    pub measured: Option<f64>,
    /// Change of the density that was told, % of the density at the baseline.
    pub density_percent: f64,
    /// Change of the mean diameter that was told, % of the diameter at the baseline.
    pub diameter_percent: f64,
    /// Whether a change of one of the two was claimed.
    pub claimed: bool,
    /// Whether the condition was said to differ.
    pub said: bool,
    /// Codes of all conditions that were said to differ.
    pub codes: Vec<vellus::FindingCode>,
}

/// Compares; `None` where that was refused.
pub fn biased(baseline: &Shot, follow_up: &Shot, differs: Differs) -> Option<Biased> {
    let comparison = compare(baseline, follow_up, &CompareOptions::default()).ok()?;
    let condition = differs.of(&comparison);
    let [density, diameter] = [comparison.change.density_per_cm2?, comparison.change.mean_diameter_um?];
    let percent = |q: vellus::QuantityChange| 100.0 * q.difference / q.baseline;
    let claimed = [density, diameter].iter().any(|q| q.verdict != vellus::ChangeVerdict::WithinError);
    Some(Biased {
        measured: condition.map(|c| differs.against([c.baseline, c.follow_up])),
        density_percent: percent(density),
        diameter_percent: percent(diameter),
        claimed,
        said: condition.is_some_and(|c| c.differs),
        codes: comparison.findings.iter().map(|finding| finding.code).collect(),
    })
}
