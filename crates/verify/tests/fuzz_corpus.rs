//! Goes again through the inputs that fuzzing found its way with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use gradus_verify::{Gold, Profile, Search, Verdict, verify};

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

fn verdict(gold: &str, prediction: &str, search: Search, profile: &Profile) -> Verdict {
    verify(&Gold::read(gold, search, profile), prediction, search, profile).verdict
}

#[test]
fn a_union_that_cannot_be_laid_out_is_itself_and_no_proof_of_a_difference() {
    let union = r"\boxed{[-1, -\frac{1}{2}) \cup (0, 1) \iup (1, \infty)}";
    for profile in [Profile::reward(), Profile::math_verify(), Profile::strict()] {
        for search in [Search::Whole, Search::Text] {
            assert_eq!(verdict(union, union, search, &profile), Verdict::Equal);
        }
        let other = r"[-1, -\frac{1}{2}) \cup a(0, 1)";
        assert_eq!(verdict(union, other, Search::Whole, &profile), Verdict::Undecided);
    }
}

#[test]
fn a_chain_of_equations_comes_to_the_same_on_either_side_in_strict() {
    for (chain, value) in [("bmod 5 = 5 = 2", "2"), ("2 + 3 = 5", "5"), ("2 + 2 = 5", "5"), ("a = b = 7", "7")] {
        let profile = Profile::strict();
        let there = verdict(chain, value, Search::Whole, &profile);
        assert_eq!(there, verdict(value, chain, Search::Whole, &profile), "{chain}");
    }
}
