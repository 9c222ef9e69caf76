//! `gradus objective`: evaluates an RL objective on given streams, for comparing Gradus with other frameworks.
//!
//! In: one JSON object, `{"config": {…the keys of a stage's [algorithm]…}, "groups": [{"rewards": […], "samples": [{"logprobs":
//! […], "old_logprobs": […], "ref_logprobs": […] | null, "values": […] | null, "mask": […]}]}]}`, optionally with `"seed"`,
//! `"step"` and `"num_steps"`, which the draw of prioritized resampling depends on. A reward of `null` is one that could not be
//! computed.
//!
//! Out: `{"advantages": [[…]], "loss", "loss_components": {…}, "grad_logprobs": [[…]], "metrics": {…}}` with one list per sample,
//! group after group. Masked tokens and samples without a reward have zeros; what is averaged over counts unmasked tokens alone.
//! Advantages compare whole completions, so `values` enter none of them; how well they predict the rewards is among the metrics.

mod evaluate;
mod input;

use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args;

use evaluate::evaluate;
use input::Input;

/// The arguments of `gradus objective`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// The streams as JSON; `-` reads standard input.
    #[arg(long, value_name = "F.json")]
    pub input: PathBuf,
    /// Where the result is written; standard output by default.
    #[arg(long, value_name = "F.json")]
    pub output: Option<PathBuf>,
}

/// Reads the streams, evaluates the objective and writes the result.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let path = arguments.input.display();
    let text = read(&arguments.input).with_context(|| format!("failed to read `{path}`"))?;
    let input: Input = serde_json::from_str(&text).with_context(|| format!("failed to parse `{path}`"))?;
    let outcome = evaluate(&input).with_context(|| format!("failed to evaluate `{path}`"))?;
    let mut json = serde_json::to_string(&outcome).context("failed to encode the result")?;
    json.push('\n');
    match &arguments.output {
        Some(output) => fs::write(output, json).with_context(|| format!("failed to write `{}`", output.display())),
        None => io::stdout().write_all(json.as_bytes()).context("failed to write to standard output"),
    }
}

fn read(path: &PathBuf) -> io::Result<String> {
    if path.as_os_str() != "-" {
        return fs::read_to_string(path);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
