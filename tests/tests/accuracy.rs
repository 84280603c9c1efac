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

/// What stands between the markers of a name.
fn between<'a>(text: &'a str, name: &str) -> &'a str {
    let Markers { begin, end } = Markers::of(name);
    text.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).expect("markers").0.trim()
}

#[test]
fn the_tables_take_the_places_between_the_markers() {
    let folder = tempfile::tempdir().expect("a folder");
    let (page, kept) = (folder.path().join("page.md"), folder.path().join("kept"));
    let diagram = folder.path().join("diagram.svg");
    let places = ["accuracy", "coverage", "reliability"].map(|name| {
        let Markers { begin, end } = Markers::of(name);
        format!("{begin}\nold\n{end}\n")
    });
    fs::write(&page, format!("# Page\n\n{}\nend\n", places.concat())).expect("written");
    let write = || {
        let mut command = accuracy();
        command.arg("--write").arg(&page).arg("--keep").arg(&kept).arg("--diagram").arg(&diagram);
        command.output().expect("accuracy starts")
    };
    let run = write();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));

    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    let text = fs::read_to_string(&page).expect("a page");
    let tables = ["accuracy", "coverage", "reliability"].map(|name| between(&text, name));
    assert_eq!(tables.join("\n\n"), printed.trim());
    assert!(text.starts_with("# Page\n") && text.ends_with("\nend\n") && !text.contains("\nold\n"), "{text}");
    assert!(printed.starts_with("| condition | hairs |"), "{printed}");
    assert!(printed.contains("| `empty_skin` | 0 |"), "{printed}");
    assert!(printed.contains("| `empty_skin` | 1 | "), "{printed}");
    assert!(printed.contains("by `cargo score -- --seeds 1 --scenes empty_skin`"), "{printed}");
    assert!(printed.contains(&format!("vellus {}", vellus::VERSION)), "{printed}");
    assert!(fs::read_to_string(&diagram).expect("a diagram").starts_with("<svg "));

    // What was kept is not measured again.
    let again = write();
    assert_eq!(String::from_utf8(again.stdout).expect("UTF-8"), printed);
    assert_eq!(String::from_utf8_lossy(&again.stderr), "");
    assert_eq!(fs::read_dir(&kept).expect("a folder").count(), 1);
}

#[test]
fn a_page_without_markers_is_refused_and_left_alone() {
    let Markers { begin, end } = Markers::of("coverage");
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.md");
    let half = Markers::of("accuracy");
    let text = format!("{}\n{}\n", half.begin, half.end);
    fs::write(&page, &text).expect("written");
    let run = accuracy().arg("--write").arg(&page).output().expect("accuracy starts");
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("page.md") && said.contains(&begin) && said.contains(&end), "{said}");
    assert_eq!(fs::read_to_string(&page).expect("a page"), text);
}

#[test]
fn an_unknown_scene_is_named_before_anything_is_measured() {
    let run = accuracy().args(["--scenes", "clipped_hard"]).output().expect("accuracy starts");
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("clipped_hard") && said.contains("clipped_easy"), "{said}");
}
