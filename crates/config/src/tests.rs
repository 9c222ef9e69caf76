//! Run files as people write them, and what comes of them.

use std::path::Path;

use crate::{DataSource, Error, RunConfig, StageKind, parse};

const MINIMAL: &str = r#"
[run]
name = "trial"
seed = 7
directory = "runs/trial"

[model]
path = "models/tiny"
compute = "f32"

[data.questions]
kind = "files"
paths = ["questions.jsonl"]

[[stages]]
name = "imitate"
kind = "sft"
data = "questions"
steps = 10
batch_samples = 4
max_tokens = 128
optimizer.learning_rate = 1e-3

[[stages]]
name = "practise"
kind = "rl"
data = "questions"
steps = 20
batch_prompts = 4
optimizer.learning_rate = 1e-4
sampling = { num_completions = 8, temperature = 1.0, max_new_tokens = 32, max_prompt_tokens = 64 }
reward.components = [{ name = "accuracy", kind = "answer", weight = 1.0, tolerance = 0.05 }]
algorithm.pad.ratio = 0.25
"#;

fn read(text: &str, assignments: &[&str]) -> Result<RunConfig, Error> {
    let assignments: Vec<String> = assignments.iter().map(ToString::to_string).collect();
    parse(text, Path::new("trial.toml"), &assignments)
}

fn faults(text: &str, assignments: &[&str]) -> String {
    read(text, assignments).expect_err("the file has faults").to_string()
}

#[test]
fn a_minimal_run_resolves_with_the_documented_defaults() {
    let config = read(MINIMAL, &[]).expect("valid");
    assert_eq!(config.stages.len(), 2);
    assert_eq!(config.total_steps(), 30);
    assert_eq!(config.coordinator_endpoint(), "unix:runs/trial/sockets/coordinator.sock");
    let StageKind::Rl(rl) = &config.stages[1].kind else { panic!("the second stage is reinforcement learning") };
    assert_eq!(rl.max_staleness_versions, 0);
    assert_eq!(rl.algorithm.pad.as_ref().map(|pad| pad.ratio), Some(0.25));
    assert_eq!(rl.reward.components[0].parameters["tolerance"], 0.05);
    assert!(matches!(&config.data["questions"].source, DataSource::Files(files) if files.shuffle));
}

#[test]
fn every_fault_is_reported_at_once() {
    let broken = MINIMAL
        .replace("seed = 7", "sed = 7")
        .replace("batch_samples = 4", "batch_samples = \"four\"")
        .replace("batch_prompts = 4", "batch_prompt = 4");
    let report = faults(&broken, &[]);
    assert!(report.contains("`run.sed`: unknown key; did you mean `seed`?"), "{report}");
    assert!(report.contains("`stages.0.batch_samples`: invalid type"), "{report}");
    assert!(report.contains("`stages.1.batch_prompt`: unknown key; did you mean `batch_prompts`?"), "{report}");
}

#[test]
fn what_is_no_toml_is_told_once_by_the_chain_of_causes() {
    let error = parse("[run]\nname = ", Path::new("run.toml"), &[]).unwrap_err();
    assert_eq!(error.to_string(), "failed to parse run file `run.toml` as TOML");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("line 2"), "{cause}");
}

#[test]
fn nested_unknown_keys_are_named_with_their_whole_path() {
    let report = faults(MINIMAL, &["stages.1.algorithm.clip_lo=0.1", "stages.practise.algorithm.pad.rato=1"]);
    assert!(report.contains("`stages.1.algorithm.clip_lo`: unknown key; did you mean `clip_low`?"), "{report}");
    assert!(report.contains("`stages.1.algorithm.pad.rato`: unknown key; did you mean `ratio`?"), "{report}");
}

#[test]
fn assignments_replace_keys_by_position_and_by_name() {
    let config = read(MINIMAL, &["run.seed=9", "stages.practise.steps=3", "stages.0.steps=5", "run.name=other"]);
    let config = config.expect("valid");
    assert_eq!((config.run.seed, config.stages[1].steps, config.stages[0].steps), (9, 3, 5));
    assert_eq!(config.run.name, "other");
}

#[test]
fn an_assignment_to_a_stage_that_is_not_there_lists_the_stages() {
    let report = faults(MINIMAL, &["stages.practice.steps=3"]);
    assert!(report.contains("imitate, practise"), "{report}");
}

#[test]
fn keys_of_another_kind_are_refused() {
    let report = faults(MINIMAL, &["stages.0.batch_prompts=3", "data.questions.image_size=84"]);
    assert!(report.contains("`stages.0.batch_prompts`: does not go with kind `sft`"), "{report}");
    assert!(report.contains("`data.questions.image_size`: does not go with kind `files`"), "{report}");
}

#[test]
fn a_scorer_has_the_keys_of_its_kind_and_no_other() {
    let scorers = |scorers: &str| faults(&format!("{MINIMAL}\n[reward_server]\nscorers = [{scorers}]\n"), &[]);
    let report = scorers(
        r#"{ name = "a", kind = "grpc", url = "http://h:1/" }, { name = "b", kind = "wasm", component = "b.wasm", fuel = 0 },
        { name = "b", kind = "http", url = "http://h:1/", address = "h:1", retry_budget = -1.0 }, { name = "c", kind = "wasm" }"#,
    );
    for fault in [
        "`reward_server.scorers.0.url`: does not go with kind `grpc`",
        "`reward_server.scorers.0.address`: missing; kind `grpc` needs it",
        "`reward_server.scorers.1.fuel`: it must be above 0",
        "`reward_server.scorers.2.name`: `b` is an earlier scorer",
        "`reward_server.scorers.2.address`: does not go with kind `http`",
        "`reward_server.scorers.2.retry_budget`: `-1` is not within 0 and 1",
        "`reward_server.scorers.3.component`: missing; kind `wasm` needs it",
    ] {
        assert!(report.contains(fault), "no `{fault}` in {report}");
    }
}

#[test]
fn references_and_ranges_are_checked_with_their_values() {
    let report = faults(
        MINIMAL,
        &["stages.0.data=question", "stages.1.sampling.num_completions=1", "stages.1.algorithm.pad.threshold_low=0"],
    );
    assert!(report.contains("did you mean `questions`?"), "{report}");
    assert!(report.contains("`1` leaves no group to compare"), "{report}");
    assert!(report.contains("`stages.1.algorithm.pad.threshold_low`: `0` must be above 0"), "{report}");
}

#[test]
fn times_that_no_clock_can_hold_and_values_that_are_no_numbers_are_refused() {
    let keys = ["reward_server.sample_timeout_seconds", "coordinator.lease_seconds", "actor.score_timeout_seconds"];
    for value in ["1e30", "inf", "nan", "0"] {
        let report = faults(MINIMAL, &keys.map(|key| format!("{key}={value}")).each_ref().map(String::as_str));
        for key in keys {
            assert!(report.contains(&format!("`{key}`: `")), "{report}");
            assert!(report.contains("must be above 0 and at most 1000000000"), "{report}");
        }
    }
    let scorer = r#"{ name = "a", kind = "http", url = "http://h:1/", timeout_seconds = 1e30, parallel = 0 }"#;
    let report = faults(&format!("{MINIMAL}\n[reward_server]\nunscored_value = nan\nscorers = [{scorer}]\n"), &[]);
    for fault in [
        "`reward_server.unscored_value`: `NaN` is no number that JSON can hold",
        "`reward_server.scorers.0.timeout_seconds`: `",
        "`reward_server.scorers.0.parallel`: `0` is not within 1 and 1024",
    ] {
        assert!(report.contains(fault), "no `{fault}` in {report}");
    }
}

#[test]
fn what_would_let_a_service_do_nothing_is_refused() {
    let keys = ["actor.max_groups", "actor.max_completions", "actor.cache_bytes", "learner.bucket_bytes"];
    let report = faults(MINIMAL, &keys.map(|key| format!("{key}=0")).each_ref().map(String::as_str));
    for key in keys {
        assert!(report.contains(&format!("`{key}`: `0` must be at least 1")), "{report}");
    }
}

#[test]
fn an_evaluation_that_could_measure_nothing_is_refused() {
    let evaluation = "evaluation={data=[],num_prompts=5,temperature=-0.5,max_new_tokens=0,max_prompt_tokens=0,reward={components=[{name=\"accuracy\",kind=\"answer\",weight=1.0}]}}";
    let report = faults(MINIMAL, &[evaluation]);
    for key in ["data", "temperature", "max_new_tokens", "max_prompt_tokens"] {
        assert!(report.contains(&format!("`evaluation.{key}`")), "{report}");
    }
}

#[test]
fn a_seed_has_no_default() {
    let report = faults(&MINIMAL.replace("seed = 7\n", ""), &[]);
    assert!(report.contains("missing field `seed`"), "{report}");
}

#[test]
fn a_resolved_run_written_out_reads_back_as_itself() {
    let config = read(MINIMAL, &["evaluation={data=[\"questions\"],num_prompts=5,max_new_tokens=8,max_prompt_tokens=64,reward={components=[{name=\"accuracy\",kind=\"answer\",weight=1.0}]}}"])
        .expect("valid");
    let written = toml::to_string(&config).expect("a resolved run is TOML");
    assert_eq!(read(&written, &[]).expect("valid"), config);
}

#[test]
fn the_recipes_are_valid() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    for entry in std::fs::read_dir(directory).expect("the recipes lie in the repository") {
        let path = entry.expect("readable").path();
        crate::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
    }
}
