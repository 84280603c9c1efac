use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_unfinished_file_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.json");
    write(&path, b"first").expect("written");
    {
        let mut file = AtomicFile::create(&path).expect("started");
        file.write_all(b"second").expect("written");
    }
    assert_eq!(std::fs::read(&path).expect("readable"), b"first");
    assert_eq!(names(folder.path()), ["a.json"]);
}

#[test]
fn a_finished_file_replaces_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.json");
    write(&path, b"first").expect("written");
    write(&path, b"second").expect("written");
    assert_eq!(std::fs::read(&path).expect("readable"), b"second");
    assert_eq!(names(folder.path()), ["a.json"]);
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(write(&folder.path().join("missing").join("a.json"), b"x").is_err());
}

#[cfg(unix)]
#[test]
fn a_result_is_readable_like_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
    write(&ours, b"x").expect("written");
    std::fs::write(&plain, b"x").expect("written");
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode();
    assert_eq!(mode(&ours), mode(&plain));
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    write(Path::new("/dev/null"), b"x").expect("written");
    assert!(!Path::new("/dev/null").metadata().expect("there").is_file());
}

#[test]
fn a_new_private_file_takes_no_other_ones_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.csv");
    write_new_private(&path, b"first").expect("written");
    assert!(write_new_private(&path, b"second").is_err());
    assert_eq!(std::fs::read(&path).expect("readable"), b"first");
    assert_eq!(names(folder.path()), ["key.csv"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }
}
