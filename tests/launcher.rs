//! The launcher as people meet it: started twice, killed, interrupted, and refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use gradus_testkit::{LocalRun, Signal};

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
    // It would hold up the drain for as long as actors may take.
    launch.signal("actor-0", Signal::STOP);
    launch.terminate();
    launch.wait_for_output("draining");
    launch.terminate_again();
    let ended = launch.wait_for_end();
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.output.contains("ended with work in progress; the same command goes on"), "{}", ended.output);
    drop(launch);
    assert_eq!(run.start().wait_for_end().code, Some(0));
    is_finished(&run);
}

#[test]
fn a_refused_start_says_why_once_and_leaves_the_finished_run_as_it_was() {
    let run = small_run().set("stages.imitate.steps=2").set("stages.look.steps=1").set("stages.think.steps=1");
    let ended = run.start().wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    let content = |run: &LocalRun| files_of(&run.run_directory());
    let before = content(&run);
    let run_file = &before[&run.run_directory().join("run.toml")];
    assert!(String::from_utf8_lossy(run_file).contains("seed = 7"));

    let run = run.set("run.seed=8");
    let refused = run.gradus("run");
    assert_eq!(refused.code, Some(1), "{}", refused.output);
    assert_eq!(
        refused.output.matches("belongs to another run file: `run.seed` differ").count(),
        1,
        "{}",
        refused.output
    );
    let after = content(&run);
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (path, content) in after {
        assert!(content == before[&path], "`{}` has changed", path.display());
    }
}

/// Reads all files below a directory.
fn files_of(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}
