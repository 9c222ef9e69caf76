//! Runs the shared corpus of cases where it is there, and the project's own cases always.

use std::{collections::BTreeMap, io::Write as _, path::Path};

use gradus_types::RewardSpec;
use gradus_verify::{
    Gold, Profile, Response, RewardPlan, Verdict,
    exchange::{Mode, Record},
    explain, verify,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    source: String,
    kind: String,
    expected: f64,
    tier: String,
    #[serde(flatten)]
    record: Record,
}

impl Case {
    /// Compares both sides, or scores the rule that decides instead; and tells how.
    fn verdict(&self, profile: &Profile) -> (Verdict, String) {
        let Some(rule) = self.record.config.rule else {
            let (gold, verification) = self.record.compare(profile);
            return (verification.verdict, explain(&gold, &verification));
        };
        let spec = RewardSpec { gold: Some(self.record.gold.clone()), ..rule.spec() };
        let score = RewardPlan::compile(&spec)
            .expect("the specs of rules compile")
            .score(&Response::of_text(&self.record.prediction));
        let decision = score.decision().expect("every rule compares answers");
        (decision.verdict, decision.reason.clone())
    }
}

/// A case of the project's own: whether the answers are equal, under each profile that is named.
#[derive(Debug, Deserialize)]
struct OwnCase {
    kind: String,
    #[serde(default = "answer")]
    mode: Mode,
    gold: String,
    prediction: String,
    expected: BTreeMap<String, bool>,
}

const fn answer() -> Mode {
    Mode::Answer
}

#[test]
fn the_cases_of_the_project_are_met_under_every_profile() {
    let text = include_str!("cases.jsonl");
    let mut report = String::new();
    for case in text.lines().map(|line| serde_json::from_str::<OwnCase>(line).unwrap()) {
        for (name, expected) in &case.expected {
            let profile = match name.as_str() {
                "math_verify" => Profile::math_verify(),
                "strict" => Profile::strict(),
                _ => Profile::reward(),
            };
            let (gold, prediction) = case.mode.searches();
            let gold = Gold::read(&case.gold, gold, &profile);
            let verification = verify(&gold, &case.prediction, prediction, &profile);
            if (verification.verdict == Verdict::Equal) != *expected {
                let OwnCase { kind, prediction, gold: answer, .. } = &case;
                report += &format!("{kind} under {name}, expected {expected}: {prediction} for {answer}\n");
                report += &format!("{}\n", explain(&gold, &verification));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_shared_corpus_is_met() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/verify/cases.jsonl");
    let path = std::env::var_os("GRADUS_CASES").map_or(path, Into::into);
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Test output is where skips are told.
        let _ = writeln!(std::io::stderr(), "skipped: there is no corpus at `{}`", path.display());
        return;
    };
    let mut report = String::new();
    let mut tally: BTreeMap<(bool, &str), (u32, u32)> = BTreeMap::new();
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for case in &cases {
        let (verdict, told) = case.verdict(&Profile::math_verify());
        let is_right = (verdict == Verdict::Equal) == (case.expected >= 1.0);
        let (num_cases, num_right) =
            tally.entry((case.source == "huggingface/Math-Verify", case.tier.as_str())).or_default();
        *num_cases += 1;
        *num_right += u32::from(is_right);
        if !is_right {
            let Case { id, source, kind, expected, tier, .. } = case;
            report += &format!("{tier} {source} {kind} {id}, expected {expected}\n{told}\n");
        }
    }
    let rights = |own: bool, tier: &'static str| tally.get(&(own, tier)).copied().unwrap_or_default();
    let (own, other, policy) = (rights(true, "core"), rights(false, "core"), rights(false, "policy"));
    let is_met = own.1 == own.0 && f64::from(other.1) >= 0.995 * f64::from(other.0) && policy.1 == policy.0;
    assert!(is_met, "{tally:?}\n{report}");
    let core: Vec<&Case> = cases.iter().filter(|case| case.tier == "core").collect();
    let is_wrong = |case: &&&Case| (case.verdict(&Profile::reward()).0 == Verdict::Equal) != (case.expected >= 1.0);
    let wrong: Vec<&str> = core.iter().filter(is_wrong).map(|case| case.id.as_str()).collect();
    assert!(wrong.len() as f64 <= 0.005 * core.len() as f64, "wrong by default: {wrong:?}");
}
