//! What can go wrong in a coordinator, and what to do about it.

use std::{io, path::PathBuf};

use gradus_process::Exits;

use crate::{
    Failure,
    machine::{Location, Refusal},
};

/// The failures that end a coordinator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or directory of the run could not be used.
    #[error(
        "failed to {action} `{path}`; check permissions and free space, then start again: what was acknowledged is safe"
    )]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another coordinator runs in the directory.
    #[error("another coordinator is using run directory `{path}`: stop it, or set another `run.directory`")]
    Locked {
        /// The run directory.
        path: PathBuf,
    },
    /// The run directory belongs to another run.
    #[error(
        "run directory `{path}` belongs to another run file: {} differ; set another `run.directory`, or remove the directory to start over",
        list(differences)
    )]
    OtherRun {
        /// The run directory.
        path: PathBuf,
        /// The keys whose values differ.
        differences: Vec<String>,
    },
    /// A record before the end of a file does not match its checksum.
    #[error(
        "`{path}` is damaged at byte {offset} of {length}, before its end: restore it from a copy, or start over in another `run.directory` with a checkpoint of this one as `model.path`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place of the record, in bytes.
        offset: u64,
        /// The length of the file, in bytes.
        length: u64,
    },
    /// A journal in another version's form.
    #[error(
        "`{path}` was written by another version of gradus; go on with that one, or start over in another `run.directory`"
    )]
    OtherForm {
        /// The file.
        path: PathBuf,
    },
    /// A record that is whole but cannot be read.
    #[error(
        "failed to read record {position} of `{path}`: it was written by another version of gradus; go on with that one"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The position of the record, from 0.
        position: u64,
        /// Why it cannot be read.
        source: postcard::Error,
    },
    /// A record that the state machine does not accept.
    #[error(
        "failed to replay record {position} of `{path}`: it was written by another version of gradus, or for another run file"
    )]
    Replay {
        /// The journal.
        path: PathBuf,
        /// The position of the record, from 0.
        position: u64,
        /// Why it is refused.
        source: Refusal,
    },
    /// A JSON file of the run could not be read or written.
    #[error("failed to {action} `{path}` as JSON")]
    Json {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: serde_json::Error,
    },
    /// The payload of a group is no message.
    #[error("failed to decode the payload at {location:?}: it was written by another version of gradus")]
    Payload {
        /// Where it is.
        location: Location,
        /// Why.
        source: prost::DecodeError,
    },
    /// The payload of a group is no group.
    #[error("failed to read the payload at {location:?}: it was written by another version of gradus")]
    PayloadContent {
        /// Where it is.
        location: Location,
        /// Why.
        source: gradus_proto::ConvertError,
    },
    /// A prompt set cannot be opened.
    #[error("failed to open the prompt sets of the run")]
    Data(#[source] gradus_dataset::Error),
    /// The training scalars cannot be kept.
    #[error("failed to open the training scalars of the run")]
    Scalars(#[source] gradus_telemetry::Error),
    /// An endpoint cannot be served.
    #[error("failed to serve at the endpoint that `{key}` names; change the key if something else must stay there")]
    Serve {
        /// The key of the run file.
        key: &'static str,
        /// Why.
        source: gradus_rpc::Error,
    },
    /// A task, a pool or a thread failed.
    #[error(transparent)]
    Runtime(#[from] gradus_runtime::Error),
    /// The state could not be asked for: its owner has ended.
    #[error(transparent)]
    State(#[from] Failure),
    /// A record could not be written in the journal's form.
    #[error("failed to encode a journal record")]
    Encode(#[source] postcard::Error),
}

impl Error {
    /// Makes an adapter from an I/O error on a file.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}

impl Exits for Error {}

fn list(keys: &[String]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}
