//! Real photos that come again in another form: what is the same hair must have the same diameter.

use std::path::{Path, PathBuf};

use image::imageops::{FilterType, resize};
use image::{ImageBuffer, Rgb, RgbImage};
use vellus::Measurement;
use vellus::linear::linear_of_srgb;
use vellus_phantom::Encoding;
use vellus_phantom::random::Stream;
use vellus_phantom::tone::linear_to_srgb;

use crate::change::map_in_batches;
use crate::drawn::{measure_image, through_file};
use crate::retake::hairs_in_both;
use crate::score::mean;

/// Scale of the clinic's microscope: its printed bar of 1.0 mm spans 180.5 px.
const UM_PER_PX: f64 = 5.54;
/// Hair of a scalp is not thicker, µm.
const THICKEST_UM: f64 = 140.0;
/// Of the photos one in so many is taken, by name, if not all.
const STEP: usize = 3;

/// In which form a photo comes again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// As JPEG of this quality.
    Jpeg(u8),
    /// With noise, standard deviation in grey levels.
    Noise(f64),
    /// Darker, in light.
    Light(f64),
    /// Darker, in grey levels, as an editor does it.
    GreyLevels(f64),
    /// In light that is warmer: factors of red, green and blue.
    Colour([f64; 3]),
    /// Smaller, averaged in light, as a coarser sensor sees it.
    Coarser(f64),
    /// Smaller, averaged in grey levels, as an editor does it.
    Reduced(f64),
}

impl Form {
    /// All that are tried.
    pub const ALL: [Self; 7] = [
        Self::Jpeg(75),
        Self::Noise(2.0),
        Self::Light(0.6),
        Self::GreyLevels(0.6),
        // Planckian light of 5500 K against 6500 K in sRGB primaries (Kang et al. 2002's fit of the locus).
        Self::Colour([WARMER[0], 1.0, WARMER[1]]),
        Self::Coarser(0.7),
        Self::Reduced(0.7),
    ];

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Jpeg(quality) => format!("JPEG {quality}"),
            Self::Noise(levels) => format!("noise of {levels} grey levels"),
            Self::Light(share) => format!("{:.0} % of the light", 100.0 * share),
            Self::GreyLevels(share) => format!("{:.0} % of the grey levels", 100.0 * share),
            Self::Colour(_) => "light warmer by 1,000 K".into(),
            Self::Coarser(share) => format!("reduced to {share}, in light"),
            Self::Reduced(share) => format!("reduced to {share}, in grey levels"),
        }
    }

    /// How much smaller it is.
    fn share(self) -> f64 {
        match self {
            Self::Coarser(share) | Self::Reduced(share) => share,
            _ => 1.0,
        }
    }

    /// The photo in this form.
    fn image(self, photo: &RgbImage) -> RgbImage {
        let each = |f: &dyn Fn(usize, f64) -> f64| {
            let mut picture = photo.clone();
            for pixel in picture.pixels_mut() {
                for (c, value) in pixel.0.iter_mut().enumerate() {
                    *value = f(c, f64::from(*value)).round().clamp(0.0, 255.0) as u8;
                }
            }
            picture
        };
        let lit = |gains: [f64; 3]| each(&|c, value| encoded(gains[c] * light(value)));
        let smaller = |from: &ImageBuffer<Rgb<f32>, Vec<f32>>, share: f64| {
            let [width, height] =
                [photo.width(), photo.height()].map(|n| (share * f64::from(n)).round() as u32);
            resize(from, width, height, FilterType::CatmullRom)
        };
        let planes = |f: &dyn Fn(f64) -> f64| {
            ImageBuffer::from_fn(photo.width(), photo.height(), |x, y| {
                Rgb(photo.get_pixel(x, y).0.map(|v| f(f64::from(v)) as f32))
            })
        };
        let levels = |from: &ImageBuffer<Rgb<f32>, Vec<f32>>, f: &dyn Fn(f64) -> f64| {
            RgbImage::from_fn(from.width(), from.height(), |x, y| {
                Rgb(from.get_pixel(x, y).0.map(|v| f(f64::from(v)).round().clamp(0.0, 255.0) as u8))
            })
        };
        match self {
            Self::Jpeg(quality) => through_file(photo, Encoding::Jpeg { quality }),
            Self::Noise(sd) => {
                let mut stream = Stream::new(8001, "noise of a copy");
                let mut picture = photo.clone();
                for value in picture.iter_mut() {
                    *value = stream.normal(f64::from(*value), sd).round().clamp(0.0, 255.0) as u8;
                }
                picture
            }
            Self::Light(share) => lit([share; 3]),
            Self::GreyLevels(share) => each(&|_, value| share * value),
            Self::Colour(gains) => lit(gains),
            Self::Coarser(share) => levels(&smaller(&planes(&light), share), &encoded),
            // `resize` keeps to 0 to 1.
            Self::Reduced(share) => levels(&smaller(&planes(&|v| v / 255.0), share), &|v| 255.0 * v),
        }
    }
}

/// Factors of red and blue over green, linear light.
const WARMER: [f64; 2] = [1.11, 0.84];

/// Linear light of a grey level.
fn light(level: f64) -> f64 {
    f64::from(linear_of_srgb((level / 255.0) as f32))
}

/// Grey level of linear light.
fn encoded(light: f64) -> f64 {
    255.0 * linear_to_srgb(light.clamp(0.0, 1.0))
}

/// One photo against itself in another form.
#[derive(Debug, Clone)]
pub struct Again {
    /// The photo's name.
    pub photo: String,
    /// Hairs with a diameter that were counted in the photo as it is.
    pub hairs: usize,
    /// Those of them that the other form has, too.
    pub in_both: usize,
    /// Mean diameter of those, other form over first less one, %; `None` without any.
    pub change_percent: Option<f64>,
    /// Whether the change is within the 95 % intervals that the stated errors of the two means give.
    pub covered: bool,
    /// Counted hairs of the other form that are thicker than a hair can be.
    pub too_thick: usize,
}

impl Again {
    /// Of two measurements of one scalp; `share` is by how much the second photo is smaller.
    fn of(photo: &str, first: &Measurement, second: &Measurement, share: f64) -> Self {
        let carry = |p: [f64; 2]| p.map(|v| share * (v + 0.5) - 0.5);
        let of = |measurement: &Measurement, id: u32| {
            let hair = measurement.hairs.iter().find(|hair| hair.id == id)?;
            Some([hair.diameter_um?, hair.diameter_se_um?])
        };
        let pairs: Vec<[[f64; 2]; 2]> = hairs_in_both(first, second, carry)
            .into_iter()
            .filter_map(|(a, b)| Some([of(first, a)?, of(second, b)?]))
            .collect();
        let means = [0, 1].map(|k| mean(&pairs.iter().map(|pair| pair[k][0]).collect::<Vec<_>>()));
        let change = means[0].zip(means[1]).map(|(first, second)| second - first);
        // As if the errors of single hairs had nothing in common: the strictest reading of what is stated.
        let variance: f64 = pairs.iter().flatten().map(|[_, se]| se * se).sum();
        let se = variance.sqrt() / pairs.len().max(1) as f64;
        Self {
            photo: photo.to_owned(),
            hairs: first.counted().filter(|hair| hair.diameter_um.is_some()).count(),
            in_both: pairs.len(),
            change_percent: change.zip(means[0]).map(|(change, first)| 100.0 * change / first),
            covered: change.is_some_and(|change| change.abs() <= super::Z95 * se),
            too_thick: too_thick(second),
        }
    }
}

/// Counted hairs that are thicker than a hair can be.
fn too_thick(measurement: &Measurement) -> usize {
    measurement.counted().filter(|hair| hair.diameter_um.is_some_and(|um| um > THICKEST_UM)).count()
}

/// One photo as it is and in all forms.
#[derive(Debug, Clone)]
pub struct Photo {
    /// Counted hairs of the photo as it is that are thicker than a hair can be.
    pub too_thick: usize,
    /// One per form.
    pub again: Vec<Again>,
}

impl Photo {
    /// Changes of its mean diameter, %, in one line.
    pub fn line(&self) -> String {
        let change = |again: &Again| {
            let mark = if again.covered { "" } else { "!" };
            again.change_percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent:+.1}{mark}"))
        };
        let name = self.again.first().map_or("", |again| again.photo.as_str());
        format!("{name} {}", self.again.iter().map(change).collect::<Vec<_>>().join(", "))
    }

    /// Measures a photo in all forms.
    ///
    /// # Panics
    /// When the file is no photo.
    fn of(path: &Path) -> Self {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let image = image::open(path).expect("a photo that decodes").to_rgb8();
        let first = measure_image(&image, UM_PER_PX);
        let again = |form: Form| {
            let picture = form.image(&image);
            // By what the whole pixels of its width really are.
            let share = f64::from(picture.width()) / f64::from(image.width());
            let share = if form.share() < 1.0 { share } else { 1.0 };
            Again::of(&name, &first, &measure_image(&picture, UM_PER_PX / share), share)
        };
        Self { too_thick: too_thick(&first), again: Form::ALL.map(again).to_vec() }
    }
}

/// The photos of a folder that are taken: a fixed third, or all.
pub fn chosen(folder: &Path, all: bool) -> Vec<PathBuf> {
    crate::shared::photos(folder).into_iter().step_by(if all { 1 } else { STEP }).collect()
}

/// Measures photos in all forms.
pub fn measure_all(paths: &[PathBuf], done: impl FnMut(&Photo)) -> Vec<Photo> {
    map_in_batches(paths, |path| Photo::of(path), done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_do_what_they_say() {
        let photo = RgbImage::from_pixel(40, 30, Rgb([200, 150, 100]));
        let darker = Form::Light(0.6).image(&photo).get_pixel(20, 15).0;
        for (before, after) in [200, 150, 100].into_iter().zip(darker) {
            assert!((light(f64::from(after)) / light(f64::from(before)) - 0.6).abs() < 0.01);
        }
        assert_eq!(Form::GreyLevels(0.6).image(&photo).get_pixel(20, 15).0, [120, 90, 60]);
        let [red, green, blue] = Form::ALL[4].image(&photo).get_pixel(20, 15).0;
        assert!(red > 200 && green == 150 && blue < 100, "{red} {green} {blue}");
        for form in [Form::Coarser(0.7), Form::Reduced(0.7)] {
            let smaller = form.image(&photo);
            assert_eq!((smaller.dimensions(), smaller.get_pixel(14, 10).0), ((28, 21), [200, 150, 100]));
        }
    }

    #[test]
    fn averages_in_light_are_brighter_than_in_grey_levels() {
        let stripes = RgbImage::from_fn(40, 40, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
        let middle = |form: Form| form.image(&stripes).get_pixel(10, 10).0[0];
        assert!(middle(Form::Coarser(0.5)) > middle(Form::Reduced(0.5)) + 30);
    }
}
