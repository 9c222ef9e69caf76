//! Holds the verifier to pairs whose truth is known by construction.

use std::{collections::BTreeMap, fmt::Write as _};

use gradus_testkit::{AnswerCase, AnswerMode, answer_cases};
use gradus_verify::{Gold, Profile, Search, Verdict, Verification, verify};

const NUM_CASES: usize = 5_000;

/// How the cases of one class went.
#[derive(Default)]
struct Tally {
    num_cases: usize,
    num_undecided: usize,
    failures: Vec<String>,
}

fn outcome(case: &AnswerCase) -> Verification {
    let profile = if case.is_policy() { Profile::strict() } else { Profile::reward() };
    let search = match case.mode {
        AnswerMode::Answer => Search::Whole,
        AnswerMode::Response => Search::Text,
    };
    verify(&Gold::read(&case.gold, Search::Whole, &profile), &case.prediction, search, &profile)
}

fn check(seed: u64) {
    let (mut classes, mut num_unequal, mut false_positives) = (BTreeMap::<&str, Tally>::new(), 0, 0);
    for case in answer_cases(seed, NUM_CASES) {
        let verification = outcome(&case);
        let says_equal = verification.verdict == Verdict::Equal;
        let tally = classes.entry(case.class).or_default();
        tally.num_cases += 1;
        tally.num_undecided += usize::from(verification.verdict == Verdict::Undecided);
        num_unequal += usize::from(!case.is_equal);
        false_positives += usize::from(says_equal && !case.is_equal);
        if says_equal != case.is_equal {
            let AnswerCase { id, gold, prediction, is_equal, .. } = case;
            let Verification { verdict, method, reason, .. } = verification;
            tally.failures.push(format!(
                "{id}: `{gold}` and `{prediction}` are the same: {is_equal}; found {verdict:?} by {method} ({reason})"
            ));
        }
    }
    let report = report(&classes);
    let num_failures: usize = classes.values().map(|tally| tally.failures.len()).sum();
    assert!(num_failures * 100 <= NUM_CASES, "seed {seed}: {num_failures} of {NUM_CASES} are wrong\n{report}");
    assert!(
        false_positives * 1_000 <= num_unequal,
        "seed {seed}: {false_positives} of {num_unequal} unequal pairs are taken for equal\n{report}"
    );
    for (class, tally) in &classes {
        assert!(tally.failures.len() * 100 <= 3 * tally.num_cases, "seed {seed}: `{class}` is below 97 %\n{report}");
    }
}

/// What went wrong, by class.
fn report(classes: &BTreeMap<&str, Tally>) -> String {
    let mut report = String::new();
    for (class, Tally { num_cases, num_undecided, failures }) in
        classes.iter().filter(|(_, tally)| !tally.failures.is_empty())
    {
        let _ = writeln!(report, "{class}: {} of {num_cases} wrong, {num_undecided} undecided", failures.len());
        for failure in failures.iter().take(8) {
            let _ = writeln!(report, "    {failure}");
        }
    }
    report
}

#[test]
fn pairs_of_known_truth_are_told_apart() {
    check(20_261);
}

#[test]
fn pairs_of_another_seed_are_told_apart() {
    check(7);
}
