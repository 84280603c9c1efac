//! The program `accuracy`: what it prints and how it writes into a page.

use std::fs;

use assert_cmd::Command;
use vellus_tests::page::Markers;

fn accuracy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accuracy"));
    // The scene that takes least time.
    command.args(["--seeds", "1", "--scenes", "empty_skin"]);
    command
}

#[test]
fn the_table_takes_the_place_between_the_markers() {
    let Markers { begin, end } = Markers::of("accuracy");
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.md");
    fs::write(&page, format!("# Page\n\n{begin}\nold\n{end}\n\nend\n")).expect("written");
    let run = accuracy().arg("--write").arg(&page).output().expect("accuracy starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));

    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    let text = fs::read_to_string(&page).expect("a page");
    assert_eq!(text, format!("# Page\n\n{begin}\n{}\n{end}\n\nend\n", printed.trim()));
    assert!(printed.starts_with("| condition | hairs |"), "{printed}");
    assert!(printed.contains("| `empty_skin` | 0 |"), "{printed}");
    assert!(printed.contains("by `cargo score -- --seeds 1 --scenes empty_skin`"), "{printed}");
    assert!(printed.contains(&format!("vellus {}", vellus::VERSION)), "{printed}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside the page");
}

#[test]
fn a_page_without_markers_is_refused_and_left_alone() {
    let Markers { begin, end } = Markers::of("accuracy");
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.md");
    fs::write(&page, "no markers\n").expect("written");
    let run = accuracy().arg("--write").arg(&page).output().expect("accuracy starts");
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("page.md") && said.contains(&begin) && said.contains(&end), "{said}");
    assert_eq!(fs::read_to_string(&page).expect("a page"), "no markers\n");
}

#[test]
fn an_unknown_scene_is_named_before_anything_is_measured() {
    let run = accuracy().args(["--scenes", "clipped_hard"]).output().expect("accuracy starts");
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("clipped_hard") && said.contains("clipped_easy"), "{said}");
}
