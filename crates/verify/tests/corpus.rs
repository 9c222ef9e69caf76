//! Runs the shared corpus of cases where it is there, and the project's own cases always.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use gradus_verify::{
    AnswerElement, ExtractionSettings, Gold, Profile, Search, Targets, Verdict, Verification, explain,
    profile::Variables, verify,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    source: String,
    kind: String,
    mode: String,
    gold: String,
    prediction: String,
    expected: f64,
    #[serde(default)]
    config: Config,
    tier: String,
}

#[derive(Debug, Default, Deserialize)]
struct Config {
    targets: Option<Vec<String>>,
    strings: Option<Vec<String>>,
    precision: Option<u32>,
    strict: Option<bool>,
    boxed_priority: Option<u16>,
    #[serde(default)]
    answer_tag: bool,
    rule: Option<String>,
}

fn profile_of(case: &Case, mut profile: Profile) -> Profile {
    let config = &case.config;
    if let Some(targets) = &config.targets {
        let has = |name: &str| targets.iter().any(|target| target == name);
        let words = if has("string") { config.strings.clone().unwrap_or_default() } else { Vec::new() };
        let extraction = &mut profile.extraction;
        extraction.targets = Targets { latex: has("latex"), expression: has("expr"), letters: false, words };
    }
    if let Some(precision) = config.precision {
        profile.values.num_decimals = precision;
    }
    if config.strict == Some(false) {
        profile.variables = Variables::ByPosition;
    }
    if let Some(priority) = config.boxed_priority {
        profile.extraction.boxed_priority = priority;
    }
    if config.answer_tag {
        let extraction = profile.extraction.clone();
        profile.extraction = ExtractionSettings { answer_element: AnswerElement::First, ..extraction };
    }
    profile
}

fn searches(mode: &str) -> (Search, Search) {
    match mode {
        "response" => (Search::Whole, Search::Text),
        "answer" => (Search::Whole, Search::Whole),
        _ => (Search::Text, Search::Text),
    }
}

fn outcome(case: &Case, profile: Profile) -> Verification {
    let profile = profile_of(case, profile);
    let (gold, prediction) = searches(&case.mode);
    verify(&Gold::read(&case.gold, gold, &profile), &case.prediction, prediction, &profile)
}

/// A case of the project's own: whether the answers are equal, under each profile that is named.
#[derive(Debug, Deserialize)]
struct OwnCase {
    kind: String,
    #[serde(default = "answer")]
    mode: String,
    gold: String,
    prediction: String,
    expected: BTreeMap<String, bool>,
}

fn answer() -> String {
    "answer".to_owned()
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
            let (gold, prediction) = searches(&case.mode);
            let gold = Gold::read(&case.gold, gold, &profile);
            let verification = verify(&gold, &case.prediction, prediction, &profile);
            if (verification.verdict == Verdict::Equal) != *expected {
                let _ = writeln!(
                    report,
                    "{} under {name}, expected {expected}: {} for {}",
                    case.kind, case.prediction, case.gold
                );
                let _ = writeln!(report, "{}", explain(&gold, &verification));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_shared_corpus_is_met() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/verify/cases.jsonl");
    let path = std::env::var_os("GRADUS_CASES").map_or(path, Into::into);
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let mut report = String::new();
    let mut tally: BTreeMap<(bool, &str), (u32, u32, u32)> = BTreeMap::new();
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for case in cases.iter().filter(|case| case.config.rule.is_none()) {
        let verification = outcome(case, Profile::math_verify());
        let is_right = (verification.verdict == Verdict::Equal) == (case.expected >= 1.0);
        let own = case.source == "huggingface/Math-Verify";
        let entry = tally.entry((own, case.tier.as_str())).or_default();
        entry.0 += 1;
        entry.1 += u32::from(is_right);
        entry.2 += u32::from(verification.verdict == Verdict::Undecided);
        if !is_right {
            let tail =
                |text: &str| text.chars().rev().take(150).collect::<Vec<_>>().into_iter().rev().collect::<String>();
            let read = verification.tried.last().map(|reading| {
                reading.answer.as_ref().map(|answer| answer.structure.class()).map_err(ToString::to_string)
            });
            let _ = writeln!(
                report,
                "{} {} {} {} expected {}: {:?} by {} ({}); read {read:?}\n    gold {:?} from {:?}\n    pred {:?} from {:?}",
                case.tier,
                case.source,
                case.kind,
                case.id,
                case.expected,
                verification.verdict,
                verification.method,
                verification.reason,
                verification.gold,
                tail(&case.gold),
                verification.extracted,
                tail(&case.prediction),
            );
        }
    }
    let _ = std::fs::write(std::env::temp_dir().join("corpus-report.txt"), &report);
    let rights = |own: bool| tally.get(&(own, "core")).copied().unwrap_or_default();
    let (own, other) = (rights(true), rights(false));
    assert!(own.1 == own.0 && f64::from(other.1) >= 0.995 * f64::from(other.0), "{tally:?}\n{report}");
}
