//! The kept inputs of the fuzz target of manifests, through the same function.

#[path = "../../vellus/fuzz/src/manifest.rs"]
mod target;

#[test]
fn no_kept_manifest_breaks_a_promise() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../vellus/fuzz/kept/manifest");
    let mut inputs = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        target::manifest(&std::fs::read(entry.expect("an entry").path()).expect("read"));
        inputs += 1;
    }
    assert!(inputs > 1);
}
