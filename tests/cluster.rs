//! Whole runs of the real programs: a cold start and two stages of reinforcement learning, from nothing to a last checkpoint.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs};

use gradus_testkit::{Checkpoint, LocalRun, run_program};
use serde_json::Value;

/// Steps of the three stages of the run file.
const STAGE_STEPS: [u64; 3] = [24, 6, 4];
const NUM_STEPS: u64 = STAGE_STEPS[0] + STAGE_STEPS[1] + STAGE_STEPS[2];
/// Groups of a reinforcement-learning step.
const BATCH_PROMPTS: u64 = 4;
/// What rollout and training logprobs of the same tokens may differ by, at f32.
const MAX_LOGPROB_GAP: f64 = 1e-3;

/// Runs to the end.
fn finish(run: &LocalRun) -> Value {
    let launch = run.start();
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let report = run.records().report();
    assert_eq!(report["status"], "finished");
    report
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("`{value}` is no number"))
}

#[test]
fn three_stages_run_to_their_end() {
    let run = LocalRun::new();
    let report = finish(&run);
    prompts_are_accounted_for(&report);
    every_step_has_its_scalars(&run.records().scalars());
    every_stage_is_measured_before_and_after(&report);
    let checkpoints = run.records().checkpoints();
    checkpoints_stand_where_they_are_due(&checkpoints, &report);
    frozen_parameters_stay(&checkpoints);
    a_checkpoint_is_a_model(&run, checkpoints.last().unwrap());
}

fn prompts_are_accounted_for(report: &Value) {
    let (ledger, training) = (&report["ledger"], &report["ledger"]["training"]);
    assert_eq!(ledger["balances"], true, "{ledger}");
    assert_eq!(training["consumed"], (STAGE_STEPS[1] + STAGE_STEPS[2]) * BATCH_PROMPTS, "{ledger}");
    for account in ["stale", "unscored", "expired", "rejected", "quarantined", "duplicates"] {
        assert_eq!(training[account], 0, "`{account}` of {ledger}");
    }
    // Ten prompts before the first stage and after each.
    assert_eq!(ledger["evaluation"]["consumed"], 40, "{ledger}");
    assert_eq!((&report["step"], &report["policy_version"]), (&NUM_STEPS.into(), &NUM_STEPS.into()));
    assert_eq!((&report["world"]["generation"], &report["counters"]["repeated_steps"]), (&1.into(), &0.into()));
}

fn every_step_has_its_scalars(lines: &[Value]) {
    let steps: Vec<u64> = lines.iter().filter_map(|line| line["step"].as_u64()).collect();
    assert_eq!(steps, (1..=NUM_STEPS).collect::<Vec<_>>());
    let (imitated, rolled_out) = lines.split_at(STAGE_STEPS[0] as usize);
    assert!(number(&imitated[imitated.len() - 1]["loss/sft"]) < 0.5 * number(&imitated[0]["loss/sft"]));
    for line in rolled_out {
        // A step whose groups are all tied trains on nothing, and has no gap.
        let gap = line.get("rollout/logprob_gap_max").map_or(0.0, number);
        assert!(gap <= MAX_LOGPROB_GAP && (gap > 0.0) == (number(&line["optim/num_updates"]) > 0.0), "{line}");
        assert_eq!(number(&line["rollout/staleness_mean"]), 0.0, "{line}");
        assert_eq!(number(&line["rollout/num_unscored"]), 0.0, "{line}");
    }
    let resampled = &rolled_out[..STAGE_STEPS[1] as usize];
    assert!(resampled.iter().all(|line| number(&line["pad/num_selected_samples"]) <= 12.0));
    assert!(resampled.iter().any(|line| number(&line["pad/num_selected_samples"]) > 0.0), "all groups are tied");
}

fn every_stage_is_measured_before_and_after(report: &Value) {
    let versions: Vec<u64> =
        report["evaluations"].as_array().unwrap().iter().filter_map(|one| one["policy_version"].as_u64()).collect();
    assert_eq!(versions, [0, 24, 30, 34]);
}

fn checkpoints_stand_where_they_are_due(checkpoints: &[Checkpoint], report: &Value) {
    let steps: Vec<u64> = checkpoints.iter().map(Checkpoint::step).collect();
    assert_eq!(steps, [24, 28, 30, 34]);
    let digests: BTreeSet<&str> = checkpoints.iter().map(Checkpoint::digest).collect();
    assert_eq!(digests.len(), checkpoints.len(), "a stage has changed nothing");
    let last = checkpoints.last().unwrap();
    assert_eq!(report["checkpoint"]["digest"], last.digest());
}

/// The vision tower learns in the second stage and is frozen in the third.
fn frozen_parameters_stay(checkpoints: &[Checkpoint]) {
    let [imitated, _, looked, thought] = checkpoints else { panic!("four checkpoints") };
    let is_visual = |name: &str| name.starts_with("visual.") || name.contains(".visual.");
    let changed = |before: &Checkpoint, after: &Checkpoint| -> Vec<String> {
        let names = before.tensors.iter().filter(|(name, bytes)| after.tensors[*name] != **bytes);
        names.map(|(name, _)| name.clone()).collect()
    };
    assert!(changed(imitated, looked).iter().any(|name| is_visual(name)), "the pictures' stage learns to see");
    let later = changed(looked, thought);
    assert!(!later.is_empty() && !later.iter().any(|name| is_visual(name)), "{later:?}");
}

fn a_checkpoint_is_a_model(run: &LocalRun, checkpoint: &Checkpoint) {
    run.write("prompts.jsonl", "{\"prompt\": \"Which is larger?\"}\n");
    let model = format!("--model={}", checkpoint.path.display());
    let arguments = ["generate", &model, "--input=prompts.jsonl", "--output=completions.jsonl", "--max-new-tokens=4"];
    let ended = run_program("gradus", run.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let line = fs::read_to_string(run.path().join("completions.jsonl")).unwrap();
    let answer: Value = serde_json::from_str(&line).unwrap();
    assert!(!answer["completions"][0]["token_ids"].as_array().unwrap().is_empty(), "{answer}");
}

#[test]
fn actors_and_ranks_show_their_metrics_where_the_run_file_says() {
    // A single actor, which has answered whatever was answered.
    let run =
        LocalRun::new().set("actor.num_processes=1").set("actor.http=127.0.0.1:0").set("learner.http=127.0.0.1:0");
    let launch = run.start();
    launch.wait_for_step(STAGE_STEPS[0] + 1);
    let [actor, learner] = ["actor-0", "learner-1"].map(|name| launch.metrics(name));
    assert!(actor.contains("\nactor_groups_total{outcome=\"Accepted\"} "), "{actor}");
    assert!(learner.contains("\nlearner_world_generation 1\n") && learner.contains("\nlearner_step "), "{learner}");
    let status = launch.wait_until("a step's time is known", |status| status["stage_time_left_seconds"].is_number());
    assert!(status["stage_time_left_seconds"].as_f64() <= status["time_left_seconds"].as_f64(), "{status}");
}

#[test]
fn runs_of_the_same_seed_end_with_the_same_weights_however_many_actors_they_have() {
    let digests = ["actor.num_processes=1", "actor.num_processes=3"].map(|actors| {
        let run = LocalRun::new().set(actors).set("evaluation.num_prompts=1");
        finish(&run);
        run.records().checkpoints().iter().map(|checkpoint| checkpoint.digest().to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(digests[0], digests[1]);
}
