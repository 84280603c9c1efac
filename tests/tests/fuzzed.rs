//! What fuzzing found, and what it began with: the kept inputs of every target, through the same functions. Manifests are run by
//! `vellus-batch`.

#[path = "../../crates/vellus/fuzz/src/inputs.rs"]
mod inputs;

use std::path::{Path, PathBuf};

/// Most bytes of all inputs together: they are there to be read by people, too.
const MOST_BYTES: usize = 100_000;

/// Its name, and what it does with bytes.
type Target = (&'static str, fn(&[u8]));

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/vellus/fuzz/kept").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("read"))).collect()
}

#[test]
fn no_kept_input_breaks_a_promise() {
    let targets: [Target; 5] = [
        ("decode", inputs::decode),
        ("texts", inputs::texts),
        ("regions", inputs::regions),
        ("measure", inputs::measure),
        ("compare", inputs::compare),
    ];
    let mut bytes = 0;
    for (target, run) in targets {
        let kept = corpus(target);
        assert!(!kept.is_empty(), "{target} has no input");
        for (path, input) in kept {
            bytes += input.len();
            let ran = std::panic::catch_unwind(|| run(&input));
            assert!(ran.is_ok(), "{target}: {}", path.display());
        }
    }
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}

#[test]
fn the_inputs_reach_what_they_are_for() {
    let decoded = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/vellus/fuzz/kept/decode").join(name);
        vellus::Photo::open(&path, &vellus::DecodeLimits::default())
    };
    for name in [
        "progressive.jpg",
        "palette.png",
        "lab.tiff",
        "rgb.bmp",
        "rgb.gif",
        "lossy.webp",
        "jpeg.dcm",
        "rle.dcm",
    ] {
        assert!(decoded(name).is_ok(), "{name}: {:?}", decoded(name).err());
    }
    let error = decoded("unknown-kind.dcm").expect_err("its length is that of a gigabyte").to_string();
    assert!(error.contains("cut short or contradict"), "{error}");
}
