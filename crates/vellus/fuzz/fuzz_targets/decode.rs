//! Any bytes as a photo: it decodes within the limits or says why not, and what it says quotes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vellus::deidentify::metadata_groups;
use vellus::{DecodeLimits, Photo};

fuzz_target!(|bytes: &[u8]| {
    let limits = DecodeLimits { max_pixels: 1 << 20, ..DecodeLimits::default() };
    let _ = metadata_groups(bytes);
    match Photo::from_bytes(bytes, &limits) {
        Ok(photo) => {
            let pixels = photo.width_px as usize * photo.height_px as usize;
            assert!(pixels > 0 && pixels <= 1 << 20 && photo.pixels.len() == pixels);
            assert!(photo.source.images > 0);
        }
        Err(error) => assert!(error.to_string().chars().count() < 600),
    }
});
