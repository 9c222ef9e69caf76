//! `cargo xtask bench verify`: how fast answers are compared, and math-verify beside it in the same run.
//!
//! Both go over the same cases: those of the project, pairs made by the generator, and further files that are given as arguments.
//! Each side is measured by a program of its own that prints lines of name, tab and value; here they only become a table.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Context;

use crate::workspace::{Workspace, read, step, succeeds};

/// The release that is measured beside.
const MATH_VERIFY: &str = "math-verify==0.9.0";

/// The seed and the number of the generated pairs.
const GENERATED: [&str; 2] = ["20261", "5000"];

/// What was measured, in the order in which it was printed.
type Figures = Vec<(String, String)>;

/// Measures both, on further files of cases as well, and prints one table.
pub fn run(workspace: &Workspace, further: &[String]) -> anyhow::Result<ExitCode> {
    let cases = cases(workspace, further)?;
    step("measuring the verifier");
    let mut ours = example(workspace, "speed", &cases)?;
    ours.extend(example(workspace, "memory", &cases)?);
    let theirs = math_verify(workspace, &cases)?;
    let mut output = io::stdout().lock();
    writeln!(output, "{}\n", machine(workspace))?;
    output.write_all(table(&ours, &theirs).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The files of cases, the generated ones made anew.
fn cases(workspace: &Workspace, further: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let directory = workspace.target().join("verifier-bench");
    fs::create_dir_all(&directory).with_context(|| format!("failed to create `{}`", directory.display()))?;
    let generated = directory.join("generated.jsonl");
    let mut generator = workspace.cargo();
    generator.args(["run", "--quiet", "--release", "--package", "gradus-testkit", "--example", "answer_cases", "--"]);
    fs::write(&generated, read(generator.args(GENERATED))?)
        .with_context(|| format!("failed to write `{}`", generated.display()))?;
    let own = workspace.root().join("crates/verify/tests/cases.jsonl");
    // The measuring programs run elsewhere than this command was given.
    let further = further.iter().map(|path| {
        fs::canonicalize(path).with_context(|| format!("failed to find `{path}`, a file of cases to be measured on"))
    });
    let mut cases = further.collect::<anyhow::Result<Vec<PathBuf>>>()?;
    cases.splice(0..0, [own]);
    cases.push(generated);
    Ok(cases)
}

/// Runs one of the measuring programs.
fn example(workspace: &Workspace, name: &str, cases: &[PathBuf]) -> anyhow::Result<Figures> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--release", "--package", "gradus-verify", "--example", name, "--"]).args(cases);
    Ok(figures(&read(&mut cargo)?))
}

/// Measures math-verify, in a virtual environment that is made where there is none; nothing where that cannot be had.
fn math_verify(workspace: &Workspace, cases: &[PathBuf]) -> anyhow::Result<Figures> {
    let environment = workspace.root().join(".venv");
    let python = environment.join("bin/python");
    let has_it = |python: &Path| succeeds(Command::new(python).args(["-c", "import math_verify"]));
    if !has_it(&python) {
        step(&format!("installing {MATH_VERIFY} into `.venv`"));
        let is_made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&environment))
            && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", MATH_VERIFY]))
            && has_it(&python);
        if !is_made {
            step("skipped: math-verify (it cannot be installed here)");
            return Ok(Vec::new());
        }
    }
    step("measuring math-verify, which takes a few minutes");
    let script = workspace.root().join("crates/verify/benches/peer.py");
    Ok(figures(&read(Command::new(&python).arg(script).args(cases))?))
}

fn figures(text: &str) -> Figures {
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What the figures were measured on, and of what.
fn machine(workspace: &Workspace) -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = processors.lines().filter(|line| line.starts_with("model name"));
    let model = models
        .clone()
        .next()
        .and_then(|line| line.split_once(':'))
        .map_or("an unknown processor", |(_, model)| model.trim());
    let commit = read(Command::new("git").current_dir(workspace.root()).args(["rev-parse", "--short", "HEAD"]));
    let commit = commit.map_or_else(|_| "unknown".to_owned(), |commit| commit.trim().to_owned());
    format!("{} × {model}, commit {commit}, profile release", models.count())
}

/// A row a figure, a column a verifier.
fn table(ours: &Figures, theirs: &Figures) -> String {
    let other = |name: &str| theirs.iter().find(|(other, _)| other == name).map_or("–", |(_, value)| value.as_str());
    let beside = if theirs.is_empty() { "math-verify (skipped)" } else { MATH_VERIFY };
    let mut text = format!("| | gradus-verify | {beside} |\n|---|---|---|\n");
    for (name, value) in ours {
        text.push_str(&format!("| {name} | {value} | {} |\n", other(name)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_name_stand_in_one_row() {
        let ours = figures("pairs\t10\nmean\t5.0 µs\nno figure\n");
        let text = table(&ours, &figures("mean\t18000.0 µs\n"));
        assert!(text.contains("| pairs | 10 | – |\n| mean | 5.0 µs | 18000.0 µs |\n"), "{text}");
        assert!(table(&ours, &Vec::new()).contains("(skipped)"));
    }
}
