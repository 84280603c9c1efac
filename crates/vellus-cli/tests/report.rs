//! `--report`: pages as files, in a folder and in a language; `--rois`; what is wrong usage.

mod desk;

use std::fs;
use std::path::Path;

use desk::Desk;
use desk::trial::desk_with;

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name)
}

fn desk_with_samples() -> Desk {
    let desk = Desk::new();
    for name in ["clipped.jpg", "unclipped.jpg", "baseline.jpg", "follow_up.jpg"] {
        fs::copy(sample(name), desk.path(name)).expect("a sample");
    }
    desk
}

#[test]
fn a_photo_has_a_page_and_several_have_one_each() {
    let desk = desk_with_samples();
    desk.vellus("measure clipped.jpg --um-per-px 5 --quiet --report page.html").succeeds();
    let page = fs::read(desk.path("page.html")).expect("the page");
    assert!(page.starts_with(b"<!doctype html>") && page.len() < 3_000_000);
    fs::create_dir(desk.path("pages")).expect("a folder");
    desk.vellus("measure clipped.jpg unclipped.jpg --um-per-px 5 --quiet --report pages --threads 1")
        .succeeds();
    assert_eq!(desk::names(&desk.path("pages")), ["clipped.report.html", "unclipped.report.html"]);
    assert_eq!(fs::read(desk.path("pages/clipped.report.html")).expect("the page"), page, "the same bytes");
}

#[test]
fn a_page_is_in_the_language_that_was_asked_for() {
    let desk = desk_with_samples();
    desk.vellus("measure clipped.jpg --um-per-px 5 --quiet --report de.html --language de").succeeds();
    let page = fs::read_to_string(desk.path("de.html")).expect("the page");
    assert!(page.contains("<html lang=\"de\">") && page.contains("Haardichte"));
    desk.vellus("measure clipped.jpg --report x.html --language fr")
        .refuses_usage_saying(&["fr", "en, de, hi"]);
    desk.vellus("measure clipped.jpg --language de").refuses_usage_saying(&["--report"]);
}

#[test]
fn wrong_places_are_told_before_anything_is_measured() {
    let desk = desk_with_samples();
    desk.vellus("measure clipped.jpg --report page.pdf").refuses_usage_saying(&["page.pdf", ".html"]);
    desk.vellus("measure clipped.jpg --report -").refuses_usage_saying(&["--report -", ".html"]);
    desk.vellus("measure clipped.jpg --report none/page.html")
        .refuses_usage_saying(&["none", "does not exist"]);
    desk.vellus("measure clipped.jpg unclipped.jpg --report page.html")
        .refuses_usage_saying(&["page.html", "folder"]);
    fs::copy(sample("clipped.jpg"), desk.path("photo.html")).expect("a photo of that name");
    desk.vellus("measure photo.html --report photo.html")
        .refuses_usage_saying(&["photo.html", "overwritten"]);
    assert!(!desk.names().contains(&"page.html".to_owned()));
}

#[test]
fn two_visits_have_a_page_and_a_refusal_has_none() {
    let desk = desk_with_samples();
    desk.vellus("compare baseline.jpg follow_up.jpg --um-per-px 5 --quiet --report change.html").succeeds();
    let page = fs::read_to_string(desk.path("change.html")).expect("the page");
    assert!(page.contains("id=\"swipe\"") && page.contains("Increase"));
    let run = desk.vellus("compare clipped.jpg follow_up.jpg --um-per-px 5 --quiet --report none.html");
    assert_eq!(run.code, Some(1));
    assert!(!desk.names().contains(&"none.html".to_owned()));
}

#[test]
fn a_trial_has_a_page_with_every_photo() {
    let desk = desk_with(6);
    desk.vellus("batch trial.csv -o out --um-per-px 5 --quiet").succeeds();
    desk.vellus("stats out --quiet --report trial.html --language hi").succeeds();
    let page = fs::read_to_string(desk.path("trial.html")).expect("the page");
    let photos =
        fs::read_to_string(desk.path("out/tables/photos.csv")).expect("the table").lines().count() - 1;
    let listed = page.split("<tbody>").last().expect("the list").matches("<tr class=").count();
    assert_eq!(listed, photos);
}

#[test]
fn shafts_are_regions_of_interest_of_imagej_and_qupath() {
    let desk = desk_with_samples();
    desk.vellus("measure clipped.jpg --um-per-px 5 --quiet --rois clipped.zip").succeeds();
    let set = fs::read(desk.path("clipped.zip")).expect("the set");
    assert!(set.starts_with(b"PK") && set.windows(13).any(|name| name == b"hair-0001.roi"));
    desk.vellus("measure clipped.jpg --um-per-px 5 --quiet --rois clipped.geojson").succeeds();
    let text = fs::read_to_string(desk.path("clipped.geojson")).expect("the features");
    assert!(text.starts_with("{\"type\":\"FeatureCollection\"") && text.contains("\"LineString\""));
    fs::create_dir(desk.path("rois")).expect("a folder");
    desk.vellus("measure clipped.jpg unclipped.jpg --um-per-px 5 --quiet --rois rois --threads 1").succeeds();
    assert_eq!(desk::names(&desk.path("rois")), ["clipped.rois.zip", "unclipped.rois.zip"]);
    assert_eq!(fs::read(desk.path("rois/clipped.rois.zip")).expect("the set"), set, "the same bytes");
    desk.vellus("measure clipped.jpg --rois rois.txt")
        .refuses_usage_saying(&["rois.txt", ".zip or .geojson"]);
    desk.vellus("measure clipped.jpg --rois -").refuses_usage_saying(&["--rois -", ".zip or .geojson"]);
    desk.vellus("measure clipped.jpg --json x.zip --rois x.zip").refuses_usage_saying(&["x.zip", "twice"]);
}
