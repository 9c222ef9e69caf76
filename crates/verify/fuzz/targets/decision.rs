//! Looks for a text that breaks `check_decision`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gradus_verify_fuzz::check_decision(data));
