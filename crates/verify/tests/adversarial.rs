//! Holds the verifier to answers that are made to hang, exhaust or mislead it.

use gradus_testkit::{AnswerMode, HostileAnswer, hostile_answers};
use gradus_verify::{Gold, Profile, Search, Verdict, Verification, fuel::FUEL_PER_COMPARISON, verify};

fn outcome(hostile: &HostileAnswer, profile: &Profile) -> Verification {
    let search = match hostile.mode {
        AnswerMode::Answer => Search::Whole,
        AnswerMode::Response => Search::Text,
    };
    verify(&Gold::read(&hostile.gold, Search::Whole, profile), &hostile.prediction, search, profile)
}

fn check(profile: &Profile, profile_name: &str) {
    let mut faults = Vec::new();
    for hostile in hostile_answers() {
        let Verification { verdict, method, reason, fuel, .. } = outcome(&hostile, profile);
        let opposite = if hostile.is_equal { Verdict::Different } else { Verdict::Equal };
        let is_excused = verdict == Verdict::Undecided && !hostile.must_be_decided;
        let is_wrong = verdict == opposite || verdict == Verdict::Undecided && !is_excused;
        if is_wrong || fuel > FUEL_PER_COMPARISON {
            faults.push(format!("{}: {verdict:?} by {method} ({reason}), {fuel} units", hostile.name));
        }
    }
    assert!(faults.is_empty(), "{profile_name}:\n  {}", faults.join("\n  "));
}

#[test]
fn hostile_answers_are_right_or_undecided_under_the_profile_of_rewards() {
    check(&Profile::reward(), "reward");
}

#[test]
fn hostile_answers_are_right_or_undecided_under_the_strict_profile() {
    check(&Profile::strict(), "strict");
}

#[test]
fn an_answer_that_is_out_of_bounds_is_still_the_answer_that_is_written_alike() {
    let profile = Profile::reward();
    for hostile in hostile_answers().into_iter().filter(|hostile| hostile.mode == AnswerMode::Answer) {
        let itself = HostileAnswer { prediction: hostile.gold.clone(), ..hostile };
        assert_ne!(outcome(&itself, &profile).verdict, Verdict::Different, "{}", itself.name);
    }
}
