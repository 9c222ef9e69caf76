//! Looks for a text that breaks `check_decision`.

#![no_main]

use gradus_verify_fuzz::{checks::check_decision, memory::within_bound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| within_bound(check_decision, data));
