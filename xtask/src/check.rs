//! Tests, lints and benchmarks.

use std::process::ExitCode;

use crate::{
    launch, verifier_bench,
    workspace::{Workspace, read, run, step, succeeds},
};

/// Runs all tests. With `arguments`, which the test runner gets, the documentation tests are left out: they know other filters.
pub fn test(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<ExitCode> {
    launch::build(workspace)?;
    let mut cargo = workspace.cargo();
    if has_subcommand(workspace, "nextest") {
        step("running the tests with cargo-nextest");
        cargo.args(["nextest", "run"]);
    } else {
        step("running the tests (cargo-nextest, which is not installed, runs them faster)");
        cargo.arg("test");
        if arguments.is_empty() {
            cargo.args(["--lib", "--bins", "--tests"]);
        }
    }
    if !names_a_package(arguments) {
        cargo.arg("--workspace");
    }
    run(cargo.args(arguments))?;
    if arguments.is_empty() {
        step("running the documentation tests");
        run(workspace.cargo().args(["test", "--workspace", "--doc"]))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks formatting, clippy's lints and what cargo-deny knows about the dependencies.
pub fn lint(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    step("checking the formatting");
    run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    step("running clippy");
    run(workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    if !has_subcommand(workspace, "deny") {
        step("skipped: licences, duplicates and advisories (cargo-deny is not installed)");
        return Ok(ExitCode::SUCCESS);
    }
    step("checking licences, duplicates and sources");
    run(workspace.cargo().args(["deny", "check", "licenses", "bans", "sources"]))?;
    if !succeeds(workspace.cargo().args(["deny", "fetch", "db"])) {
        step("skipped: advisories (their database cannot be reached)");
        return Ok(ExitCode::SUCCESS);
    }
    step("checking advisories");
    run(workspace.cargo().args(["deny", "check", "advisories"]))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the benchmarks, or says that there are none. `reward-server` loads a reward server, with the arguments that follow; `verify` measures
/// the verifier beside math-verify, on the files of cases that follow as well.
pub fn bench(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<ExitCode> {
    match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("verify", files)) => return verifier_bench::run(workspace, files),
        Some(("reward-server", rest)) => {
            step("loading a reward server");
            run(workspace.cargo().args(["bench", "-p", "gradus-reward-server", "--bench", "load", "--"]).args(rest))?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let metadata = read(workspace.cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    if !metadata.contains(r#""kind":["bench"]"#) {
        step("the workspace has no benchmarks");
        return Ok(ExitCode::SUCCESS);
    }
    step("running the benchmarks");
    run(workspace.cargo().args(["bench", "--workspace", "--benches"]).args(arguments))?;
    Ok(ExitCode::SUCCESS)
}

fn has_subcommand(workspace: &Workspace, name: &str) -> bool {
    succeeds(workspace.cargo().args([name, "--version"]))
}

/// `--workspace` would win over a package that the arguments name.
fn names_a_package(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}
