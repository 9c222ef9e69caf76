//! Holds the verifier to what must be so of every pair of answers, whatever they say: over the project's own cases, generated ones, and the
//! shared corpus where it is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "properties/pairs.rs"]
mod pairs;
#[path = "properties/rewriting.rs"]
mod rewriting;

use std::{fmt::Write as _, thread};

use gradus_verify::{Gold, Profile, Search, Verdict, Verification, verify};

use pairs::Pair;

/// The most failures that are printed.
const NUM_PRINTED: usize = 40;

fn profiles() -> [(&'static str, Profile); 3] {
    [("reward", Profile::reward()), ("math_verify", Profile::math_verify()), ("strict", Profile::strict())]
}

fn outcome(pair: &Pair, profile: &Profile) -> Verification {
    verify(&Gold::read(&pair.gold, pair.searches.0, profile), &pair.prediction, pair.searches.1, profile)
}

fn verdict(pair: &Pair, profile: &Profile) -> Verdict {
    outcome(pair, profile).verdict
}

/// Tells whether a pair is two answers, with nothing around them.
fn is_bare(pair: &Pair) -> bool {
    pair.searches == (Search::Whole, Search::Whole)
}

/// Goes through every pair under every profile, and panics with what a property had to say.
fn check(property: impl Fn(&Pair, &Profile) -> Vec<String>) {
    let (mut report, mut num_failures) = (String::new(), 0);
    let pairs = pairs::all();
    for (name, profile) in profiles() {
        for failure in pairs.iter().flat_map(|pair| property(pair, &profile)) {
            num_failures += 1;
            if num_failures <= NUM_PRINTED {
                let _ = writeln!(report, "  {name}: {failure}");
            }
        }
    }
    assert!(num_failures == 0, "{num_failures} failures\n{report}");
}

/// Rewrites each side in turn that is an answer and nothing else, which must not change the verdict.
fn check_invariant(rewrite: impl Fn(&str) -> String) {
    check(|pair, profile| {
        let expected = verdict(pair, profile);
        let mut rewritten = Vec::new();
        if pair.searches.0 == Search::Whole {
            rewritten.push(Pair { gold: rewrite(&pair.gold), ..pair.clone() });
        }
        if pair.searches.1 == Search::Whole {
            rewritten.push(Pair { prediction: rewrite(&pair.prediction), ..pair.clone() });
        }
        let found = rewritten.iter().map(|pair| (pair, verdict(pair, profile)));
        found
            .filter(|(_, found)| *found != expected)
            .map(|(to, found)| {
                let Pair { gold, prediction, .. } = pair;
                format!("`{gold}` and `{prediction}` are {expected:?}, `{}` and `{}` {found:?}", to.gold, to.prediction)
            })
            .collect()
    });
}

#[test]
fn an_answer_is_itself() {
    check(|pair, profile| {
        let sides = [(&pair.gold, pair.searches.0), (&pair.prediction, pair.searches.1)];
        let found = sides.map(|(side, search)| {
            let gold = Gold::read(side, search, profile);
            (side, verify(&gold, side, search, profile))
        });
        let is_other = |found: &Verification| found.extracted.is_some() && found.verdict != Verdict::Equal;
        let others = found.iter().filter(|(_, found)| is_other(found));
        others.map(|(side, found)| format!("`{side}` is {:?} of itself ({})", found.verdict, found.reason)).collect()
    });
}

#[test]
fn verdicts_do_not_depend_on_thread_or_order() {
    let pairs = pairs::all();
    let go = |backwards: bool| -> Vec<Verification> {
        let profiles = profiles();
        let place = |step: usize| if backwards { pairs.len() - 1 - step } else { step };
        let all = profiles.iter().flat_map(|(_, profile)| {
            let mut found: Vec<_> = (0..pairs.len()).map(|step| outcome(&pairs[place(step)], profile)).collect();
            if backwards {
                found.reverse();
            }
            found
        });
        all.collect()
    };
    let expected = go(false);
    thread::scope(|scope| {
        let threads = [false, true, true].map(|backwards| scope.spawn(move || go(backwards)));
        for thread in threads {
            assert!(thread.join().unwrap() == expected);
        }
    });
}

#[test]
fn no_side_counts_for_more_where_everything_that_is_written_counts() {
    let profile = Profile::strict();
    let mut failures = Vec::new();
    for pair in pairs::all().iter().filter(|pair| is_bare(pair)) {
        let Pair { gold, prediction, .. } = pair;
        let turned = Pair { gold: prediction.clone(), prediction: gold.clone(), ..pair.clone() };
        let (there, back) = (verdict(pair, &profile), verdict(&turned, &profile));
        if there != back {
            failures.push(format!("`{gold}` and `{prediction}`: {there:?}, the other way round {back:?}"));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn space_around_an_answer_says_nothing() {
    check_invariant(|text| format!(" \n\t{text}\n "));
}

#[test]
fn space_around_a_response_says_nothing() {
    check(|pair, profile| {
        let around = |text: &str| format!("\n \t{text} \n\n");
        let around = Pair { gold: around(&pair.gold), prediction: around(&pair.prediction), ..pair.clone() };
        let (expected, found) = (verdict(pair, profile), verdict(&around, profile));
        (found != expected)
            .then(|| format!("{pair:?}: {expected:?}, with space around {found:?}"))
            .into_iter()
            .collect()
    });
}

/// Rewrites each gold answer, which must still be itself, whether it can be read or not.
fn check_same(rewrite: impl Fn(&str) -> String) {
    check(|pair, profile| {
        let rewritten =
            Pair { prediction: rewrite(&pair.gold), searches: (Search::Whole, Search::Whole), ..pair.clone() };
        let found = outcome(&rewritten, profile);
        let is_other = found.verdict != Verdict::Equal && !pair.gold.is_empty();
        let Pair { gold, prediction, .. } = rewritten;
        is_other
            .then(|| format!("`{gold}` and `{prediction}` {:?} ({})", found.verdict, found.reason))
            .into_iter()
            .collect()
    });
}

#[test]
fn space_between_signs_says_nothing() {
    check_invariant(rewriting::spaced);
    check_same(rewriting::spaced);
}

#[test]
fn brackets_that_grow_say_nothing() {
    check_invariant(rewriting::grown);
    check_same(rewriting::grown);
}
