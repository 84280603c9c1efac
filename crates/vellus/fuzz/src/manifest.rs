//! A batch's manifest.

use vellus_batch::manifest::Manifest;

/// Bytes as a manifest: what is accepted can be written and read again.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(manifest) = Manifest::parse(text, "folder".into(), "fuzz.csv") {
        let again = String::from_utf8(manifest.csv()).expect("text");
        let again = Manifest::parse(&again, "folder".into(), "fuzz.csv").expect("its own text");
        assert_eq!(again, manifest);
    }
}
