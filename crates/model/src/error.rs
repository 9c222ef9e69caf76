//! What can go wrong with a policy.

use std::{fmt, path::PathBuf};

use crate::PromptFault;

/// A failure to read, build, change or run a policy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A device name that is not `cpu`, `cuda` or `cuda:N`.
    #[error("unknown device `{name}`; write `cpu`, `cuda` or `cuda:N`")]
    UnknownDevice {
        /// The name as given.
        name: String,
    },
    /// A file of the checkpoint cannot be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the checkpoint cannot be written.
    #[error("failed to write `{}`; check that the disk has room and the directory may be written to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not the JSON it should be.
    #[error("failed to parse `{}` as JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A `config.json` describes a model this crate cannot compute; every problem is listed.
    #[error("unusable model config: {}", problems.join("; "))]
    Config {
        /// One sentence a problem, naming key and value.
        problems: Vec<String>,
    },
    /// A file is not valid safetensors.
    #[error("failed to read tensors from `{}`", path.display())]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// A file of tensors cannot be written.
    #[error(
        "failed to write tensors to `{}`; check that the disk has room and the directory may be written to",
        path.display()
    )]
    WriteTensors {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// The tensors of a checkpoint are not those its config implies; every difference is listed.
    #[error("checkpoint `{}` does not fit its config: {}", directory.display(), describe(missing, extra, misshapen))]
    Tensors {
        /// The checkpoint.
        directory: PathBuf,
        /// Names the config implies and the checkpoint lacks.
        missing: Vec<String>,
        /// Names in the checkpoint that the config does not imply.
        extra: Vec<String>,
        /// Tensors whose shape or number type is not as it should be.
        misshapen: Vec<Misshapen>,
    },
    /// A parameter name or prefix that matches nothing.
    #[error("no parameter matches `{}`; names look like `{example}`", names.join("`, `"))]
    UnknownParameter {
        /// The names or prefixes as given.
        names: Vec<String>,
        /// A parameter that exists.
        example: String,
    },
    /// New bytes for a parameter are too many or too few.
    #[error("failed to assign `{name}`: got {found_bytes} bytes, its {shape:?} f32 elements need {expected_bytes}")]
    AssignSize {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Vec<i64>,
        /// Bytes it needs.
        expected_bytes: usize,
        /// Bytes given.
        found_bytes: usize,
    },
    /// A prompt the model cannot compute.
    #[error("rejected prompt")]
    Prompt(#[from] PromptFault),
    /// A suffix without tokens in a packed batch.
    #[error("suffix {suffix} of group {group} has no tokens; leave it out of the batch")]
    EmptySuffix {
        /// Index of the group in the batch.
        group: usize,
        /// Index of the suffix in the group.
        suffix: usize,
    },
    /// A token id outside the vocabulary.
    #[error("token id `{token_id}` is outside the vocabulary of {vocab_size}")]
    TokenOutOfRange {
        /// The id.
        token_id: u32,
        /// The vocabulary's size.
        vocab_size: i64,
    },
    /// A decode step was given a wrong number of tokens for a group.
    #[error("group {group} of the decode step has {num_live} live completions but got {num_tokens} tokens")]
    DecodeTokens {
        /// Index of the group in the step.
        group: usize,
        /// Completions still live in its cache.
        num_live: usize,
        /// Tokens given.
        num_tokens: usize,
    },
    /// Nothing to compute.
    #[error("{what} is empty; there is nothing to compute")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// A temperature that is not a positive finite number.
    #[error("temperature `{temperature}` is not a positive finite number; logprobs are undefined for it")]
    Temperature {
        /// As given.
        temperature: f64,
    },
    /// libtorch refused an operation.
    #[error("libtorch failed to {attempt}")]
    Torch {
        /// What was attempted.
        attempt: String,
        /// Why.
        source: tch::TchError,
    },
}

/// A tensor of a checkpoint whose shape or number type is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misshapen {
    /// Its name in the checkpoint.
    pub name: String,
    /// The shape the config implies.
    pub expected: Vec<i64>,
    /// Shape and number type found.
    pub found: String,
}

impl fmt::Display for Misshapen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is {} but should be {:?}", self.name, self.found, self.expected)
    }
}

fn describe(missing: &[String], extra: &[String], misshapen: &[Misshapen]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("{} missing (`{}`)", missing.len(), missing.join("`, `")));
    }
    if !extra.is_empty() {
        parts.push(format!("{} extra (`{}`)", extra.len(), extra.join("`, `")));
    }
    if !misshapen.is_empty() {
        let shapes: Vec<String> = misshapen.iter().map(Misshapen::to_string).collect();
        parts.push(format!("{} misshapen ({})", misshapen.len(), shapes.join(", ")));
    }
    parts.join("; ")
}
