//! Looks for a text that breaks `check_extraction`.

#![no_main]

use gradus_verify_fuzz::{checks::check_extraction, memory::within_bound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| within_bound(check_extraction, data));
