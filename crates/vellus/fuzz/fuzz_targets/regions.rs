#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vellus_fuzz::inputs::regions(bytes));
