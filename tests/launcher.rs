//! The launcher as people meet it: started twice, killed, interrupted, and refused.

use std::fs;

use gradus_testkit::LocalRun;

/// The last step of the run file.
const NUM_STEPS: u64 = 34;

/// A run of one rank and one actor, which is measured as little as may be.
fn small_run() -> LocalRun {
    LocalRun::new().set("learner.world_size=1").set("actor.num_processes=1").set("evaluation.num_prompts=1")
}

fn is_finished(run: &LocalRun) {
    let report = run.records().report();
    assert_eq!((&report["status"], &report["ledger"]["balances"]), (&"finished".into(), &true.into()), "{report}");
    assert_eq!(report["step"], NUM_STEPS);
}

#[test]
fn a_second_launcher_is_refused_and_the_first_goes_on() {
    let run = small_run();
    let launch = run.start();
    launch.wait_for_step(2);
    let second = run.gradus("run");
    assert_eq!(second.code, Some(1), "{}", second.output);
    assert!(second.output.contains("another launcher is at work in run directory `run`"), "{}", second.output);
    assert!(second.output.contains("`kill "), "{}", second.output);
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    is_finished(&run);
}

#[test]
fn processes_leave_when_their_launcher_is_killed_and_a_new_start_waits_for_them() {
    let run = small_run();
    let killed = run.start();
    killed.wait_for_step(26);
    killed.kill_launcher();
    let launch = run.start();
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    is_finished(&run);
    let counters = &run.records().report()["counters"];
    assert_eq!((&counters["openings"], &counters["diverged_steps"]), (&2.into(), &0.into()), "{counters}");
}

#[test]
fn processes_of_a_killed_launcher_leave_by_themselves() {
    let run = small_run();
    let launch = run.start();
    launch.wait_for_step(1);
    launch.kill_launcher();
    launch.wait_for_all_to_leave();
}

#[test]
fn a_second_interrupt_ends_every_process_at_once() {
    let run = small_run();
    let launch = run.start();
    launch.wait_for_step(1);
    launch.terminate();
    launch.terminate();
    // No process is left when the launcher has ended.
    let ended = launch.wait_for_end();
    assert!(ended.output.contains("the same command goes on"), "{}", ended.output);
    drop(launch);
    assert_eq!(run.start().wait_for_end().code, Some(0));
    is_finished(&run);
}

#[test]
fn a_refused_start_says_why_once_and_leaves_the_finished_run_as_it_was() {
    let run = small_run().set("stages.imitate.steps=2").set("stages.look.steps=1").set("stages.think.steps=1");
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let files = ["run.toml", "report.json", "identity.json", "metrics.jsonl"];
    let content = |run: &LocalRun| files.map(|file| fs::read_to_string(run.run_directory().join(file)).unwrap());
    let before = content(&run);
    assert!(before[0].contains("seed = 7"), "{}", before[0]);

    let run = run.set("run.seed=8");
    let refused = run.start().wait_for_end();
    assert_eq!(refused.code, Some(1), "{}", refused.output);
    assert_eq!(
        refused.output.matches("belongs to another run file: `run.seed` differ").count(),
        1,
        "{}",
        refused.output
    );
    assert_eq!(content(&run), before);
}
