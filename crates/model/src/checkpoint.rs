//! Hugging Face checkpoint directories: `config.json` and safetensors, in one file or in shards with an index.

mod load;
mod save;
mod tensor_file;

use std::path::{Path, PathBuf};

use tch::Kind;

pub(crate) use load::{check, load};
pub(crate) use save::save;
pub use tensor_file::write_tensors;

use crate::weight_names::Naming;

/// Where a policy's weights came from: what saving needs to write them alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The naming generation of the checkpoint.
    pub naming: Naming,
    /// The stored number type of each tensor in inventory order; empty when there was no checkpoint, which means f32.
    pub kinds: Vec<Kind>,
}

/// The file transformers writes when everything fits in one.
const SINGLE_FILE: &str = "model.safetensors";

/// The file that says which shard holds which tensor.
const INDEX_FILE: &str = "model.safetensors.index.json";

const CONFIG_FILE: &str = "config.json";

fn read_error(path: &Path) -> impl FnOnce(std::io::Error) -> crate::Error {
    let path = PathBuf::from(path);
    move |source| crate::Error::Read { path, source }
}

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> crate::Error {
    let path = PathBuf::from(path);
    move |source| crate::Error::Write { path, source }
}
