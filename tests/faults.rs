//! What goes wrong around a run: processes that are killed, drained and restarted, and starts that cannot succeed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, fs, net::TcpListener};

use gradus_testkit::{LocalRun, Signal, run_program};
use serde_json::Value;

/// The step that the supervised stage ends with.
const IMITATED: u64 = 24;
/// Groups of a reinforcement-learning step, and such steps of a run that is disturbed.
const BATCH_PROMPTS: u64 = 4;
const NUM_ROLLOUT_STEPS: u64 = 24;

/// Scalars that follow from the groups of a batch, or from the weights before it.
const REPEATABLE: [&str; 5] =
    ["reward/mean", "rollout/completion_length", "pad/num_selected_samples", "loss/policy", "optim/gradient_norm"];

/// A run whose second stage is long enough to be disturbed and, until its end, saved nowhere.
fn disturbed_run() -> LocalRun {
    LocalRun::new()
        .set("stages.look.steps=20")
        .set("stages.look.checkpoint_interval_steps=0")
        .set("evaluation.num_prompts=2")
}

/// Checks a finished run's accounts, and returns the digests of its checkpoints.
fn accounted_for(run: &LocalRun) -> Vec<String> {
    let report = run.records().report();
    assert_eq!(report["status"], "finished");
    let (ledger, counters) = (&report["ledger"], &report["counters"]);
    assert_eq!(ledger["balances"], true, "{ledger}");
    assert_eq!(ledger["training"]["consumed"], NUM_ROLLOUT_STEPS * BATCH_PROMPTS, "{ledger}");
    assert_eq!((&ledger["training"]["quarantined"], &ledger["evaluation"]["consumed"]), (&0.into(), &8.into()));
    assert_eq!(counters["diverged_steps"], 0, "{counters}");
    run.records().checkpoints().iter().map(|checkpoint| checkpoint.digest().to_owned()).collect()
}

/// Checks that every time a step was carried out it was on the same groups from the same weights.
fn repeated_steps_are_the_same(lines: &[Value]) {
    let mut first: BTreeMap<u64, &Value> = BTreeMap::new();
    for line in lines {
        let step = line["step"].as_u64().unwrap();
        let before = first.entry(step).or_insert(line);
        for name in REPEATABLE {
            assert_eq!(before[name], line[name], "`{name}` of step {step}");
        }
    }
    assert_eq!(first.into_keys().collect::<Vec<_>>(), (1..=IMITATED + NUM_ROLLOUT_STEPS).collect::<Vec<_>>());
}

#[test]
fn killing_any_process_costs_time_and_nothing_else() {
    let run = disturbed_run();
    let launch = run.start();
    launch.wait_for_step(3);
    launch.kill_and_wait_for_restart("learner-1");
    launch.wait_for_step(IMITATED + 2);
    launch.kill_and_wait_for_restart("coordinator");
    launch.wait_for_step(IMITATED + 4);
    launch.kill_and_wait_for_restart("reward-server");
    launch.wait_for_step(IMITATED + 6);
    launch.kill_and_wait_for_restart("learner-0");
    launch.wait_for_step(IMITATED + 8);
    launch.kill_and_wait_for_restart("learner-1");
    launch.wait_for_step(IMITATED + 10);
    launch.signal("actor-0", Signal::KILL);
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let digests = accounted_for(&run);
    let report = run.records().report();
    let (counters, generation) = (&report["counters"], &report["world"]["generation"]);
    assert_eq!(counters["openings"], 2);
    assert!(generation.as_u64() >= Some(4), "{generation}");
    assert!(counters["repeated_steps"].as_u64() >= Some(14), "{counters}");
    assert!(counters["replayed_groups"].as_u64() >= Some(14 * BATCH_PROMPTS), "{counters}");
    repeated_steps_are_the_same(&run.records().scalars());

    let undisturbed = disturbed_run();
    assert_eq!(undisturbed.start().wait_for_end().code, Some(0));
    assert_eq!(digests, accounted_for(&undisturbed));
}

#[test]
fn a_power_cut_costs_no_lease_time_though_every_process_has_the_same_name_again() {
    // A start of the coordinator gives every lending its full time again; nobody is to wait for that.
    let run = disturbed_run().set("coordinator.lease_seconds=3600");
    let launch = run.start();
    for step in [IMITATED + 2, IMITATED + 6] {
        launch.wait_for_step(step);
        launch.signal("actor-0", Signal::KILL);
    }
    launch.wait_for_step(IMITATED + 8);
    launch.kill_everything();
    drop(launch);
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    accounted_for(&run);
    repeated_steps_are_the_same(&run.records().scalars());
}

#[test]
fn an_address_of_another_machine_for_collectives_is_given_up_on() {
    // Reserved for documentation: no machine has it.
    let run = LocalRun::new().set("learner.collective_host=192.0.2.1");
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.output.contains("failed to listen on `192.0.2.1:0`"), "{}", ended.output);
    assert!(ended.output.contains("cannot be kept running"), "{}", ended.output);
}

#[test]
fn a_cache_that_holds_no_completion_is_named_before_a_prompt_is_blamed() {
    let run = LocalRun::new().set("actor.cache_bytes=1000");
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.output.contains("`actor.cache_bytes` = 1000 does not hold a single completion"), "{}", ended.output);
}

/// Starts a run of which no file may have more bytes, and checks that the launcher gives up at once.
fn ends_for_want_of_room(run: &LocalRun, max_file_bytes: u64, what: &str) {
    let ended = run.start_limited(max_file_bytes).wait_for_end();
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.output.contains("ended with code 74 and cannot be kept running"), "{}", ended.output);
    assert!(ended.output.contains(what) && ended.output.contains("File too large"), "{}", ended.output);
}

#[test]
fn a_journal_that_cannot_grow_ends_a_run_at_once() {
    // Logs that say little have room for the failure.
    let run = disturbed_run().set("stages.imitate.steps=200").set("telemetry.log=error");
    ends_for_want_of_room(&run, 7_000, "failed to append to `run/journal.bin`");
}

#[test]
fn a_checkpoint_that_has_no_room_ends_a_run_at_once_and_leaves_nothing_half_written() {
    let run = disturbed_run();
    ends_for_want_of_room(&run, 200_000, "failed to write checkpoint");
    let left = fs::read_dir(run.run_directory().join("checkpoints")).into_iter().flatten().count();
    assert_eq!(left, 0, "half a checkpoint is left behind");
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    accounted_for(&run);
}

#[test]
fn an_interrupted_run_drains_and_goes_on_where_it_stood() {
    let run = disturbed_run();
    let launch = run.start();
    launch.wait_for_step(IMITATED + 4);
    launch.terminate();
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    assert!(ended.output.contains("drained; the same command goes on"), "{}", ended.output);
    drop(launch);

    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    accounted_for(&run);
    let training = &run.records().report()["ledger"]["training"];
    assert_eq!(training["expired"], 0, "actors return their leases when they leave: {training}");
    repeated_steps_are_the_same(&run.records().scalars());
}

#[test]
fn a_stopped_run_saves_its_step_and_goes_on_from_it() {
    let run = disturbed_run();
    let launch = run.start();
    launch.wait_for_step(IMITATED + 4);
    launch.control("stop");
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    assert!(ended.output.contains("the same command goes on"), "{}", ended.output);
    drop(launch);
    let saved = run.records().checkpoints().last().unwrap().step();
    assert!((IMITATED + 4..IMITATED + 20).contains(&saved), "{saved}");

    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    accounted_for(&run);
    assert_eq!(run.records().report()["counters"]["repeated_steps"], 0);
}

#[test]
fn a_process_that_is_sent_away_is_started_again_unless_it_is_the_coordinator() {
    let run = disturbed_run().set("coordinator.heartbeat_timeout_seconds=1.0");
    let launch = run.start();
    launch.wait_for_step(IMITATED + 2);
    launch.signal("learner-1", Signal::TERM);
    launch.wait_until("the world has formed anew", |status| status["world"]["generation"] == 2);
    launch.wait_for_step(IMITATED + 4);
    launch.signal("coordinator", Signal::TERM);
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    drop(launch);
    assert_eq!(run.start().wait_for_end().code, Some(0));
    accounted_for(&run);
}

#[test]
fn a_service_that_is_asked_to_leave_does_so_with_success() {
    let run = LocalRun::new();
    let sockets = run.run_directory().join("sockets");
    for (program, socket) in [
        ("gradus-coordinator", "coordinator.sock"),
        ("gradus-reward-server", "reward-server.sock"),
        // These two find no coordinator, which is no reason to stay.
        ("gradus-actor", "actor-0.sock"),
        ("gradus-learner", "weights.sock"),
    ] {
        let service = run.start_service(program);
        service.wait_for_file(&sockets.join(socket));
        service.terminate();
        let ended = service.wait_for_end();
        assert_eq!(ended.code, Some(0), "{program}: {}", ended.output);
        assert!(!sockets.join(socket).exists(), "{program} has left its socket behind");
    }
}

#[test]
fn a_port_in_use_is_named_and_given_up_on() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = LocalRun::new().set(&format!("coordinator.http={address}"));
    for ended in [run.start().wait_for_end(), run.start_service("gradus-coordinator").wait_for_end()] {
        assert_eq!(ended.code, Some(1), "{}", ended.output);
        assert!(ended.output.contains(&address) && ended.output.contains("coordinator.http"), "{}", ended.output);
    }
    drop(taken);
    let service = run.start_service("gradus-coordinator");
    service.wait_for_file(&run.run_directory().join("http-address"));
    service.terminate();
    assert_eq!(service.wait_for_end().code, Some(0));
}

#[test]
fn a_missing_model_directory_is_named_before_anything_starts() {
    let run = LocalRun::new().set("model.path=nowhere");
    let mut all = vec![run.start().wait_for_end(), run.gradus("check")];
    all.extend(["gradus-actor", "gradus-learner"].map(|program| run.start_service(program).wait_for_end()));
    for ended in all {
        assert_eq!(ended.code, Some(1), "{}", ended.output);
        assert!(ended.output.contains("`nowhere") && ended.output.contains("model.path"), "{}", ended.output);
    }
    assert!(!run.run_directory().join("checkpoints").exists() && !run.run_directory().join("sockets").exists());
}

#[test]
fn all_faults_of_a_run_file_are_listed_and_nothing_is_written() {
    let run = LocalRun::new().set("run.sed=3").set("stages.look.steps=\"many\"");
    let mut all = vec![run.start().wait_for_end(), run.gradus("check")];
    let services = ["gradus-coordinator", "gradus-actor", "gradus-learner", "gradus-reward-server"];
    all.extend(services.map(|program| run.start_service(program).wait_for_end()));
    for ended in all {
        assert_eq!(ended.code, Some(1), "{}", ended.output);
        assert!(ended.output.contains("`run.sed`: unknown key; did you mean `seed`?"), "{}", ended.output);
        assert!(ended.output.contains("steps`") && ended.output.contains("\"many\""), "{}", ended.output);
    }
    assert!(!run.run_directory().exists());
}

#[test]
fn an_unreadable_picture_is_set_aside_and_the_run_goes_on() {
    let run = LocalRun::new()
        .set("data.photos={ kind = \"files\", paths = [\"photos/samples.jsonl\"] }")
        .set("stages.look.data=photos")
        .set("stages.think.steps=1")
        .set("evaluation.num_prompts=2");
    let sample = ["data", "sample", "colour", "--count=12", "--output=photos"];
    assert_eq!(run_program("gradus", run.path(), &sample).code, Some(0));
    let records = fs::read_to_string(run.path().join("photos/samples.jsonl")).unwrap();
    let picture = |row: usize| -> String {
        let record: Value = serde_json::from_str(records.lines().nth(row - 1).unwrap()).unwrap();
        format!("photos/{}", record["images"][0].as_str().unwrap())
    };
    // The first is no picture at all; of the second only the beginning is there, which is noticed when it is decoded.
    run.write(&picture(3), "not a picture");
    let whole = fs::read(run.path().join(picture(5))).unwrap();
    run.write(&picture(5), &whole[..whole.len() / 2]);

    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let report = run.records().report();
    assert_eq!((&report["status"], &report["ledger"]["balances"]), (&"finished".into(), &true.into()));
    let listed = fs::read_to_string(run.run_directory().join("quarantine-photos-answer.jsonl")).unwrap();
    let listed: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.iter().map(|record| &record["row"]).collect::<Vec<_>>(), [3]);
    let reasons: Vec<&str> = report["quarantined"].as_object().unwrap().values().filter_map(Value::as_str).collect();
    assert!(!reasons.is_empty() && report["ledger"]["training"]["quarantined"] == reasons.len(), "{report}");
}
