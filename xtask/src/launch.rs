//! Builds the services and hands over to `gradus demo`.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use anyhow::Context;

use crate::workspace::{Workspace, run, step};

/// The packages that make the five programs.
const SERVICES: [&str; 5] =
    ["gradus-cli", "gradus-coordinator", "gradus-actor", "gradus-learner", "gradus-reward-server"];

/// Builds the five programs.
pub fn build(workspace: &Workspace) -> anyhow::Result<()> {
    step("building the services");
    let mut cargo = workspace.cargo();
    cargo.arg("build").arg("--bins");
    for package in SERVICES {
        cargo.args(["--package", package]);
    }
    run(&mut cargo)
}

/// Builds, and becomes `gradus demo`.
pub fn demo(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<ExitCode> {
    build(workspace)?;
    let program = workspace.target().join("debug/gradus");
    let error =
        Command::new(&program).arg("demo").args(arguments).env("LD_LIBRARY_PATH", workspace.loader_path()).exec();
    Err(error).with_context(|| format!("failed to start `{}`", program.display()))
}
