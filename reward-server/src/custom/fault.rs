//! What can be wrong with a scorer that a user declared.

use std::{io, path::PathBuf};

use axum::http::uri::InvalidUri;

use super::wasm::NoScorer;

/// Why a declared scorer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The address of a service over HTTP cannot be read.
    #[error("`{written}` is no URL")]
    Url {
        /// The address as written.
        written: String,
        /// What is wrong with it.
        source: InvalidUri,
    },
    /// The address of a service over HTTP is of another kind.
    #[error("`{written}` is no URL of the form `http://HOST:PORT/PATH`")]
    NotHttp {
        /// The address as written.
        written: String,
    },
    /// The address of a service over gRPC cannot be used.
    #[error(transparent)]
    Address(#[from] gradus_rpc::Error),
    /// A function is not named as one.
    #[error("`{written}` is no `FILE.py:NAME`")]
    Function {
        /// The function as written.
        written: String,
    },
    /// The file of a function is not there.
    #[error("there is no file `{file}`")]
    NoFile {
        /// The file.
        file: String,
    },
    /// The file of a component cannot be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file of a component holds no scorer.
    #[error("`{}` cannot be used as a component", path.display())]
    Component {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: NoScorer,
    },
    /// The threads of a component cannot be started.
    #[error(transparent)]
    Threads(#[from] gradus_runtime::Error),
    /// A worker cannot be started, or does not load the function.
    #[error("{detail}")]
    Worker {
        /// What it said.
        detail: String,
    },
}
