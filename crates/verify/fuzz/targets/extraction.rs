//! Looks for a text that breaks `check_extraction`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gradus_verify_fuzz::check_extraction(data));
