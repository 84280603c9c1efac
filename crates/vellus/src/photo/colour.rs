//! From the colours that a file declares to sRGB, which the measurement takes all samples for.
//!
//! In: samples and what the file says of them ([`Declared`]). Out: samples that mean sRGB, and [`ColourSpace`], which tells
//! what was done. A profile that agrees with sRGB to [`SAME_LEVELS`] changes nothing, so that the numbers of nearly all
//! photos do not hang on whether a program wrote one.
//!
//! Profiles are read by `moxcms`; the curves and the matrix are evaluated here, with `libm`, because vector code gives
//! other last digits on other machines. Applied are profiles of three curves and a matrix, and of one grey curve (ICC.1:2022,
//! 8.3.3 and 8.4.2). Profiles of tables (printers, scanners, CMYK) are not: the samples stay as they are, and that is said.

use moxcms::{ColorProfile, DataColorSpace, ToneReprCurve};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColourModel, Pixels};

/// What the samples of a photo were taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColourSpace {
    /// sRGB, as the file says nothing.
    #[default]
    AssumedSrgb,
    /// sRGB, as the file says, or by a profile that differs from it by two levels of 255 at the most.
    Srgb,
    /// Converted to sRGB from the space that the file names (Display P3, Adobe RGB and their like; CIELab).
    Converted,
    /// sRGB, although the file names another space, which cannot be converted.
    NotConverted,
}

/// What a file says of its colours.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Declared {
    /// An ICC profile.
    Icc(Vec<u8>),
    /// sRGB.
    Srgb,
    /// Display P3.
    DisplayP3,
    /// Adobe RGB, by EXIF's interoperability index R03.
    AdobeRgb,
    /// sRGB's primaries with samples that are light to the power of 1 over this.
    Gamma(f64),
    /// A space that has a number, but no conversion here.
    Other,
    /// Converted by the decoder.
    Done,
}

/// Up to this many levels of 255 a profile is sRGB: profiles of one space differ by rounding, and no camera is nearer.
const SAME_LEVELS: f64 = 2.0;
/// Largest profile that is read, bytes. Matrix profiles take a few kB; those of tables are not applied.
const MAX_PROFILE_BYTES: usize = 4 << 20;

/// Converts the samples where that is needed and possible.
pub(super) fn to_srgb(pixels: &mut Pixels, colour: ColourModel, declared: Option<&Declared>) -> ColourSpace {
    let space = match declared {
        None => return ColourSpace::AssumedSrgb,
        Some(Declared::Srgb) => return ColourSpace::Srgb,
        Some(Declared::Done) => return ColourSpace::Converted,
        Some(Declared::Other) => None,
        Some(_) if colour == ColourModel::Cmyk => None,
        Some(Declared::Icc(bytes)) if bytes.len() > MAX_PROFILE_BYTES => None,
        Some(Declared::Icc(bytes)) => ColorProfile::new_from_slice(bytes).ok().as_ref().and_then(Space::new),
        Some(Declared::DisplayP3) => Space::new(&ColorProfile::new_display_p3()),
        Some(Declared::AdobeRgb) => Space::new(&ColorProfile::new_adobe_rgb()),
        Some(Declared::Gamma(gamma)) => Space::gamma(*gamma),
    };
    let Some(space) = space else { return ColourSpace::NotConverted };
    if space.is_srgb() {
        return ColourSpace::Srgb;
    }
    // Once per level, and once per pixel: a curve takes longer than a look-up.
    match pixels {
        Pixels::Rgb8(samples) => {
            let curves = space.tabulated(255);
            samples.par_chunks_mut(3 << 14).for_each(|part| {
                for pixel in part.as_chunks_mut::<3>().0 {
                    let light = [0, 1, 2].map(|c| curves[c][usize::from(pixel[c])]);
                    *pixel = space.encoded(light).map(|value| (value * 255.0 + 0.5) as u8);
                }
            });
        }
        Pixels::Rgb16(samples) => {
            let curves = space.tabulated(65_535);
            samples.par_chunks_mut(3 << 14).for_each(|part| {
                for pixel in part.as_chunks_mut::<3>().0 {
                    let light = [0, 1, 2].map(|c| curves[c][usize::from(pixel[c])]);
                    *pixel = space.encoded(light).map(|value| (value * 65_535.0 + 0.5) as u16);
                }
            });
        }
    }
    ColourSpace::Converted
}

/// Curves to linear light, and a matrix from there to linear sRGB.
struct Space {
    curves: [ToneReprCurve; 3],
    to_srgb: [[f64; 3]; 3],
}

impl Space {
    fn new(profile: &ColorProfile) -> Option<Self> {
        match profile.color_space {
            DataColorSpace::Rgb => {
                // A profile that brings tables, too, means these; what its matrix says may be coarse.
                if profile.lut_a_to_b_perceptual.is_some() || profile.lut_a_to_b_colorimetric.is_some() {
                    return None;
                }
                let curves = [&profile.red_trc, &profile.green_trc, &profile.blue_trc];
                let [Some(red), Some(green), Some(blue)] = curves else { return None };
                let to_srgb = inverse(matrix(&ColorProfile::new_srgb()))?;
                let to_srgb = product(to_srgb, matrix(profile));
                let curves = [red.clone(), green.clone(), blue.clone()];
                Self { curves, to_srgb }.usable()
            }
            DataColorSpace::Gray => {
                let curve = profile.gray_trc.clone()?;
                Self { curves: [curve.clone(), curve.clone(), curve], to_srgb: IDENTITY }.usable()
            }
            _ => None,
        }
    }

    fn gamma(gamma: f64) -> Option<Self> {
        let curve = ToneReprCurve::Parametric(vec![gamma as f32]);
        Self { curves: [curve.clone(), curve.clone(), curve], to_srgb: IDENTITY }.usable()
    }

    /// A profile can hold anything: one that makes no numbers, or no white of white, is none.
    fn usable(self) -> Option<Self> {
        let white = self.encoded(self.linear([1.0; 3]));
        let black = self.encoded(self.linear([0.0; 3]));
        let whole = |colour: [f64; 3]| colour.into_iter().all(f64::is_finite);
        (whole(white) && whole(black) && white.iter().zip(black).all(|(w, b)| *w > 0.5 && b < 0.5))
            .then_some(self)
    }

    fn linear(&self, encoded: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|c| evaluate(&self.curves[c], encoded[c]))
    }

    fn tabulated(&self, most: usize) -> [Vec<f64>; 3] {
        [0, 1, 2]
            .map(|c| (0..=most).map(|level| evaluate(&self.curves[c], level as f64 / most as f64)).collect())
    }

    /// Linear light of this space to encoded sRGB, 0 to 1; what sRGB cannot hold is clipped.
    fn encoded(&self, light: [f64; 3]) -> [f64; 3] {
        self.to_srgb.map(|row| {
            let linear = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
            encode_srgb(linear)
        })
    }

    fn is_srgb(&self) -> bool {
        const STEPS: usize = 5;
        (0..STEPS * STEPS * STEPS).all(|i| {
            let colour =
                [i / (STEPS * STEPS), i / STEPS % STEPS, i % STEPS].map(|k| k as f64 / (STEPS - 1) as f64);
            let same = self.encoded(self.linear(colour));
            colour.iter().zip(same).all(|(a, b)| (a - b).abs() * 255.0 <= SAME_LEVELS)
        })
    }
}

const IDENTITY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// sRGB's curve (IEC 61966-2-1), clipped to 0..=1.
pub(super) fn encode_srgb(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * libm::pow(linear, 1.0 / 2.4) - 0.055 }
}

/// A curve of a profile (ICC.1:2022, 10.6 and 10.18).
fn evaluate(curve: &ToneReprCurve, x: f64) -> f64 {
    match curve {
        ToneReprCurve::Lut(table) => match table[..] {
            [] => x,
            // Eight bits before the point, eight behind it.
            [gamma] => libm::pow(x, f64::from(gamma) / 256.0),
            _ => {
                let at = x * (table.len() - 1) as f64;
                let low = (at as usize).min(table.len() - 2);
                let [a, b] = [table[low], table[low + 1]].map(|value| f64::from(value) / 65_535.0);
                a + (b - a) * (at - low as f64)
            }
        },
        ToneReprCurve::Parametric(parameters) => {
            let p: Vec<f64> = parameters.iter().map(|&value| f64::from(value)).collect();
            let power = |a: f64, b: f64, g: f64| libm::pow((a * x + b).max(0.0), g);
            match p[..] {
                [g] => libm::pow(x, g),
                [g, a, b] => {
                    if a * x + b >= 0.0 {
                        power(a, b, g)
                    } else {
                        0.0
                    }
                }
                [g, a, b, c] => {
                    if a * x + b >= 0.0 {
                        power(a, b, g) + c
                    } else {
                        c
                    }
                }
                [g, a, b, c, d] => {
                    if x >= d {
                        power(a, b, g)
                    } else {
                        c * x
                    }
                }
                [g, a, b, c, d, e, f] => {
                    if x >= d {
                        power(a, b, g) + e
                    } else {
                        c * x + f
                    }
                }
                _ => f64::NAN,
            }
        }
    }
}

/// Columns: the colorants of red, green and blue.
fn matrix(profile: &ColorProfile) -> [[f64; 3]; 3] {
    let [r, g, b] = [profile.red_colorant, profile.green_colorant, profile.blue_colorant];
    [[r.x, g.x, b.x], [r.y, g.y, b.y], [r.z, g.z, b.z]]
}

fn product(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    a.map(|row| [0, 1, 2].map(|c| row[0] * b[0][c] + row[1] * b[1][c] + row[2] * b[2][c]))
}

fn inverse(m: [[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let rows = nalgebra::Matrix3::from(m).transpose().try_inverse()?;
    Some([0, 1, 2].map(|r| [0, 1, 2].map(|c| rows[(r, c)])))
}

/// CIELab under D50, L 0 to 100, to encoded sRGB, 0 to 1. CIE 15:2018; the matrix joins the inverse of sRGB's to the
/// Bradford adaptation from D50 to D65 (B. Lindbloom's tables).
pub(super) fn lab_to_srgb([l, a, b]: [f64; 3]) -> [f64; 3] {
    const WHITE: [f64; 3] = [0.964_22, 1.0, 0.825_21];
    const TO_SRGB: [[f64; 3]; 3] = [
        [3.133_856_1, -1.616_866_7, -0.490_614_6],
        [-0.978_768_4, 1.916_141_5, 0.033_454_0],
        [0.071_945_3, -0.228_991_4, 1.405_242_7],
    ];
    let fy = (l + 16.0) / 116.0;
    let f = [fy + a / 500.0, fy, fy - b / 200.0];
    let xyz = [0, 1, 2].map(|i| {
        let cube = f[i] * f[i] * f[i];
        // (6/29)³, and the straight piece below it.
        WHITE[i] * if cube > 216.0 / 24_389.0 { cube } else { (116.0 * f[i] - 16.0) * 27.0 / 24_389.0 }
    });
    TO_SRGB.map(|row| encode_srgb(row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2]))
}

/// EXIF of a camera set to Adobe RGB without a profile: colour space "uncalibrated", interoperability R03 (DCF 2.0).
pub(super) fn of_exif(exif: &[u8]) -> Option<Declared> {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let fields = exif::Reader::new().read_raw(exif.to_vec()).ok()?;
    let field = |tag| fields.get_field(tag, exif::In::PRIMARY);
    let space = field(exif::Tag::ColorSpace)?.value.get_uint(0)?;
    let index = field(exif::Tag::InteroperabilityIndex);
    let is_r03 = index.is_some_and(|field| match &field.value {
        exif::Value::Ascii(text) => text.first().is_some_and(|text| text.starts_with(b"R03")),
        _ => false,
    });
    match space {
        1 => Some(Declared::Srgb),
        0xffff if is_r03 => Some(Declared::AdobeRgb),
        _ => None,
    }
}
