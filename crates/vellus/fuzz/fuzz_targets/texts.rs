//! Any text as a protocol, a region, GeoJSON or corrections: what is accepted keeps its promises.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vellus::corrections::CorrectionsFile;
use vellus::{Protocol, RegionShape, region_file};

fuzz_target!(|bytes: &[u8]| {
    let _ = CorrectionsFile::parse(bytes, "fuzz.corrections.json");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(protocol) = Protocol::from_toml(text) {
        protocol.check().expect("what was accepted stays so");
    }
    if let Ok(shape) = text.parse::<RegionShape>() {
        assert!(shape.is_valid());
        assert_eq!(shape.row(3, 7).len(), 7);
    }
    if let Ok(parts) = region_file::parse_geojson(text, "fuzz") {
        for part in parts {
            let row = part.shape.row(2, 9);
            assert!((0..9).all(|x| row[x] == part.shape.contains(x as f64, 2.0)));
        }
    }
});
