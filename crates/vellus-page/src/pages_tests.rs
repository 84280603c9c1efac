use image::{Rgb, RgbImage};
use serde_json::Value;
use vellus::compare::{CompareOptions, Shot, compare};
use vellus::{Calibration, CalibrationSource, Measurement, Photo, Protocol, measure};

use super::*;

fn sample(name: &str) -> Photo {
    let path = format!("{}/../../samples/{name}", env!("CARGO_MANIFEST_DIR"));
    Photo::open(path, &vellus::DecodeLimits::default()).unwrap()
}

fn rgb(photo: &Photo) -> RgbImage {
    let vellus::photo::Pixels::Rgb8(samples) = &photo.pixels else { panic!("the samples have 8 bits") };
    RgbImage::from_raw(photo.width_px, photo.height_px, samples.clone()).unwrap()
}

fn scale() -> Option<Calibration> {
    Some(Calibration::new(5.0, CalibrationSource::Flag).unwrap())
}

fn measured(scale: Option<Calibration>) -> (RgbImage, Measurement) {
    let photo = sample("clipped.jpg");
    let mut measurement = measure(&photo, scale, &Protocol::default());
    measurement.image.path = Some("visits/clipped.jpg".to_owned());
    (rgb(&photo), measurement)
}

fn data(page: &str) -> Value {
    let rest = page.split("id=\"page-data\">").nth(1).unwrap();
    serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap()
}

/// Nothing that a browser would fetch.
fn assert_self_contained(page: &str) {
    for outside in ["src=\"http", "href=\"http", "url(http", "@import", "//cdn", "fetch(", "XMLHttpRequest"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_page_has_the_numbers_and_the_hairs_of_its_record() {
    let (photo, measurement) = measured(scale());
    let page = measurement_page(&photo, &measurement, Language::En).unwrap();
    assert_self_contained(&page);
    assert_eq!(page, measurement_page(&photo, &measurement, Language::En).unwrap(), "same input, same bytes");
    let density = format!("{:.1}", measurement.summary.density_per_cm2.unwrap());
    assert!(page.contains(&density) && page.contains(&measurement.image.content_hash));
    let data = data(&page);
    let hairs = data["hairs"].as_array().unwrap();
    assert_eq!(hairs.len(), measurement.hairs.len());
    for (hair, own) in hairs.iter().zip(&measurement.hairs) {
        assert_eq!(hair["id"], own.id);
        assert_eq!(hair["root"], serde_json::json!(own.root_px));
        assert!(hair["course"].as_array().unwrap().len() >= 2);
    }
    assert_eq!(data["stem"], "clipped");
    assert_eq!(data["image"]["path"], "clipped.jpg", "no folder of this machine");
    assert!(!page.contains("visits/"));
}

#[test]
fn a_page_is_in_its_language() {
    let (photo, measurement) = measured(scale());
    for (language, words) in [(Language::De, "Haardichte"), (Language::Hi, "बालों का घनत्व")]
    {
        let page = measurement_page(&photo, &measurement, language).unwrap();
        assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())) && page.contains(words));
    }
}

#[test]
fn without_a_scale_there_is_nothing_in_micrometres() {
    let (photo, measurement) = measured(None);
    let page = measurement_page(&photo, &measurement, Language::En).unwrap();
    assert!(
        page.contains("No scale was given, and none could be read.")
            && page.contains("--um-per-px: photograph a ruler")
    );
    let data = data(&page);
    assert!(data["um_per_px"].is_null());
    assert!(!data["hairs"].to_string().contains("µm"), "hairs are told in px");
}

#[test]
fn a_photo_that_cannot_be_measured_says_why_and_has_no_numbers() {
    let black = RgbImage::from_pixel(400, 300, Rgb([2, 2, 2]));
    let measurement =
        measure(&Photo::from_image(black.clone().into()).unwrap(), scale(), &Protocol::default());
    let page = measurement_page(&black, &measurement, Language::En).unwrap();
    assert!(page.contains("This photo cannot be measured"));
    assert!(page.contains("What to do:") && !page.contains("All numbers"));
}

#[test]
fn names_are_text() {
    let (photo, mut measurement) = measured(scale());
    measurement.image.path = Some("</title></script><img src=x onerror=alert(1)>.jpg".to_owned());
    let page = measurement_page(&photo, &measurement, Language::En).unwrap();
    assert!(!page.contains("<img") && page.matches("</script>").count() == 2, "a name became an element");
}

#[test]
fn two_visits_lie_in_the_baselines_frame() {
    let photos = ["baseline.jpg", "follow_up.jpg"].map(sample);
    let [before, after] = photos.each_ref().map(|photo| Shot::take(photo, scale(), &Protocol::default()));
    let options = CompareOptions { interval_h: None, second_look: true };
    let comparison = compare(&before, &after, &options).unwrap();
    let pictures = photos.each_ref().map(rgb);
    let page = comparison_page(&pictures, &comparison, Language::En).unwrap();
    assert_self_contained(&page);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    // The same hair, found in both photos: the baseline's place, and in the follow-up where the map puts it.
    let data = data(&page);
    let own = &comparison.baseline.hairs[comparison.baseline.hairs.len() / 2];
    if comparison.matches.iter().any(|found| found.baseline == own.id) {
        let name = format!("{} → ", own.id);
        let hair = data["hairs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|hair| hair["name"].as_str().unwrap().starts_with(&name));
        let root = &hair.unwrap()["root"];
        assert!((root[0].as_f64().unwrap() - own.root_px[0]).abs() < 0.1);
    }
    assert!(!page.contains("Growing hairs (anagen)"));
    let grown = compare(&before, &after, &CompareOptions { interval_h: Some(48.0), ..options }).unwrap();
    let told = comparison_page(&pictures, &grown, Language::En).unwrap();
    assert!(told.contains("Growing hairs (anagen)") && told.contains("In both, growth not told"));
    let error = comparison_page(&pictures[..1], &comparison, Language::En).unwrap_err().to_string();
    assert!(error.contains("needs 2 photos, but there are 1"), "{error}");
}
