//! Goes again through the inputs that fuzzing found its way with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

#[path = "../fuzz/src/checks.rs"]
mod checks;

/// Runs a check on every kept input of a target.
fn check(target: &str, check: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("`{}`: {error}", directory.display()));
    let mut num_inputs = 0;
    for entry in entries {
        check(&fs::read(entry.unwrap().path()).unwrap());
        num_inputs += 1;
    }
    assert!(num_inputs > 0, "`{}` is empty", directory.display());
}

#[test]
fn extraction_holds_on_every_kept_input() {
    check("extraction", checks::check_extraction);
}

#[test]
fn the_parser_holds_on_every_kept_input() {
    check("parser", checks::check_parser);
}

#[test]
fn decisions_hold_on_every_kept_input() {
    check("decision", checks::check_decision);
}
