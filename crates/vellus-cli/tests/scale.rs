//! Where a scale comes from, which one counts, and how a ruler gives one.

mod desk;

use std::fs;
use std::path::Path;

use desk::Desk;
use image::{Rgb, RgbImage};
use serde_json::Value;

fn desk_with_photo() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("visit")).expect("a folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/clipped.jpg");
    fs::copy(sample, desk.path("visit/photo.jpg")).expect("a sample");
    desk
}

fn calibration(desk: &Desk, options: &str) -> Value {
    let run = desk.vellus(&format!("measure visit/photo.jpg --json - {options}")).succeeds();
    run.documents()[0]["calibration"].clone()
}

#[test]
fn an_option_wins_over_the_site_file_and_that_over_nothing() {
    let desk = desk_with_photo();
    assert_eq!(calibration(&desk, ""), Value::Null);
    fs::write(desk.path("vellus.toml"), "um_per_px = 5.1\num_per_px_error = 0.102\n").expect("written");
    let of_site = calibration(&desk, "");
    assert_eq!((&of_site["um_per_px"], &of_site["source"]), (&Value::from(5.1), &Value::from("site_file")));
    let error = of_site["relative_error"].as_f64().expect("a number");
    assert!((error - 0.02).abs() < 1e-9 && of_site["error_basis"] == "stated", "{of_site}");
    let given = calibration(&desk, "--um-per-px 5");
    assert_eq!((&given["source"], &given["error_basis"]), (&Value::from("flag"), &Value::from("assumed")));
    // 700 px wide.
    let width = calibration(&desk, "--field-width-mm 3.5");
    assert_eq!((&width["um_per_px"], &width["source"]), (&Value::from(5.0), &Value::from("field_width")));
    assert_eq!(calibration(&desk, "--site none"), Value::Null);
}

#[test]
fn what_cannot_be_a_scale_is_wrong_usage() {
    let desk = desk_with_photo();
    let refuses = |options: &str, words: &[&str]| {
        desk.vellus(&format!("measure visit/photo.jpg {options}")).refuses_usage_saying(words);
    };
    refuses("--um-per-px 5±3", &["5±3", "20 %"]);
    refuses("--um-per-px 5 --field-width-mm 3", &["--field-width-mm"]);
    refuses("--field-width-mm 0", &["--field-width-mm", "0 mm", "0.05"]);
    refuses("--site missing.toml", &["missing.toml", "cannot be read", "--site none"]);
    fs::write(desk.path("vellus.toml"), "um_per_pxx = 5.1\n").expect("written");
    refuses("", &["vellus.toml", "um_per_pxx", "--site none"]);
    fs::write(desk.path("vellus.toml"), "um_per_px = 500.0\n").expect("written");
    refuses("", &["vellus.toml", "500", "200"]);
}

/// A ruler with a tick every `period_px` from the left to the right.
fn ruler(period_px: u32) -> RgbImage {
    RgbImage::from_fn(700, 400, |x, y| {
        let number = x / period_px;
        let length = if number.is_multiple_of(10) { 120 } else { 70 };
        let tick = x % period_px < 2 && (120..120 + length).contains(&y);
        Rgb(if tick { [20, 20, 20] } else { [225, 220, 210] })
    })
}

#[test]
fn a_ruler_gives_the_site_file_that_measures_the_photos() {
    let desk = desk_with_photo();
    ruler(25).save(desk.path("ruler.png")).expect("written");
    let run = desk
        .vellus("calibrate ruler.png --tick-mm 0.125 --output visit/vellus.toml --device scope --magnification 70x")
        .succeeds();
    assert!(run.stdout.contains("Along x      5 µm per px"), "{}", run.stdout);
    assert!(run.stdout.contains("no ruler lies in that direction"), "{}", run.stdout);
    let file = fs::read_to_string(desk.path("visit/vellus.toml")).expect("the site file");
    assert!(file.contains("device = \"scope\"") && file.contains("magnification = \"70x\""), "{file}");
    let scale = calibration(&desk, "");
    assert_eq!((&scale["um_per_px"], &scale["source"]), (&Value::from(5.0), &Value::from("site_file")));
    assert!(scale["relative_error"].as_f64().expect("a number") < 0.006, "{scale}");
}

#[test]
fn a_photo_without_a_ruler_gives_no_site_file() {
    let desk = desk_with_photo();
    desk.vellus("calibrate visit/photo.jpg --output vellus.toml")
        .fails_saying(&["photo.jpg", "no ruler was found"]);
    desk.vellus("calibrate visit/photo.jpg --tick-mm 0").fails_saying(&["0 mm", "0.001"]);
    assert!(!desk.path("vellus.toml").exists());
}

#[test]
fn ticks_that_are_not_told_one_by_one_give_no_scale() {
    let desk = desk_with_photo();
    for period_px in [6, 9, 12] {
        ruler(period_px).save(desk.path("fine.png")).expect("written");
        let run = desk.vellus("calibrate fine.png --tick-mm 0.1 --output fine.toml");
        run.fails_saying(&["fine.png", "ticks"]);
        assert!(!desk.path("fine.toml").exists());
    }
}

#[test]
fn longer_ticks_among_fine_ones_are_not_taken_for_all() {
    let desk = desk_with_photo();
    // Ticks of 4 px, of which every fifth is longer: alone they would be a ruler of 20 px, and the scale a fifth.
    let with = |fine: bool| {
        RgbImage::from_fn(700, 400, |x, y| {
            let is_longer = (x / 4).is_multiple_of(5);
            let length = if is_longer { 120 } else { 70 };
            let tick = x % 4 < 2 && (is_longer || fine) && (120..120 + length).contains(&y);
            Rgb(if tick { [20, 20, 20] } else { [225, 220, 210] })
        })
    };
    with(true).save(desk.path("fine.png")).expect("written");
    let run = desk.vellus("calibrate fine.png --tick-mm 0.1 --output fine.toml");
    run.fails_saying(&["fine.png", "ticks 20.0 px apart", "finer ones", "16 px apart"]);
    assert!(!desk.path("fine.toml").exists());
    with(false).save(desk.path("coarse.png")).expect("written");
    let run = desk.vellus("calibrate coarse.png --tick-mm 0.1").succeeds();
    assert!(run.stdout.contains("Along x      5 µm per px"), "{}", run.stdout);
    assert!(
        run.stdout.contains("34 ticks") && run.stdout.contains("3.3 mm from the first"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_site_file_keeps_its_other_keys_and_no_other_file_is_written_over() {
    let desk = desk_with_photo();
    ruler(25).save(desk.path("ruler.png")).expect("written");
    fs::write(desk.path("vellus.toml"), "device = \"scope\"\num_per_px = 9.0\n").expect("written");
    desk.vellus("calibrate ruler.png --tick-mm 0.125 --output vellus.toml --magnification 70x").succeeds();
    let file = fs::read_to_string(desk.path("vellus.toml")).expect("the site file");
    assert!(file.contains("device = \"scope\"") && file.contains("um_per_px = 5.0"), "{file}");
    let before = fs::read(desk.path("ruler.png")).expect("read");
    desk.vellus("calibrate ruler.png --output ruler.png")
        .refuses_usage_saying(&["ruler.png", "no site file"]);
    assert_eq!(fs::read(desk.path("ruler.png")).expect("read"), before);
}
