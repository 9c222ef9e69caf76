//! Looks for a text that breaks `check_parser`.

#![no_main]

use gradus_verify_fuzz::{checks::check_parser, memory::within_bound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| within_bound(check_parser, data));
