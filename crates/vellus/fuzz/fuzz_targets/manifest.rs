//! Any text as a manifest of a batch: what is accepted can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vellus_batch::manifest::Manifest;

fuzz_target!(|text: &str| {
    if let Ok(manifest) = Manifest::parse(text, "folder".into(), "fuzz.csv") {
        let again = String::from_utf8(manifest.csv()).expect("text");
        let again = Manifest::parse(&again, "folder".into(), "fuzz.csv").expect("its own text");
        assert_eq!(again.rows.len(), manifest.rows.len());
    }
});
