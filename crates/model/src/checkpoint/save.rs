//! Writing a checkpoint that transformers loads: `config.json` and safetensors, sharded when large.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;
use tch::{Kind, Tensor};

use super::{
    CONFIG_FILE, INDEX_FILE, Origin, SINGLE_FILE,
    tensor_file::{self, Outgoing, sync},
    write_error,
};
use crate::{Config, Error, StoredType, parameters::Parameters};

/// transformers' default limit of a shard.
const MAX_SHARD_BYTES: usize = 5_000_000_000;

/// Writes a checkpoint into a directory, which is created when missing, and syncs every file to disk.
pub(crate) fn save(
    directory: &Path,
    config: &Config,
    parameters: &Parameters,
    origin: &Origin,
    stored: StoredType,
) -> Result<(), Error> {
    fs::create_dir_all(directory).map_err(write_error(directory))?;
    let tensors = outgoing(parameters, origin, stored);
    let json = match (stored, tensors.iter().map(|tensor| tensor.kind).reduce(narrower)) {
        (StoredType::Checkpoint, Some(kind)) => config.to_json_stored_as(type_name(kind)),
        _ => config.to_json_stored_as(type_name(Kind::Float)),
    };
    write(&directory.join(CONFIG_FILE), json.as_bytes())?;
    write_tensors(directory, tensors, MAX_SHARD_BYTES)
}

/// Writes one file when everything fits into a shard, else numbered shards and their index.
fn write_tensors(directory: &Path, tensors: Vec<Outgoing>, max_shard_bytes: usize) -> Result<(), Error> {
    let shards = split(tensors, max_shard_bytes);
    let num_shards = shards.len();
    if let [single] = &shards[..] {
        return tensor_file::write(&directory.join(SINGLE_FILE), single);
    }
    let mut weight_map = BTreeMap::new();
    let mut total_size = 0;
    for (number, shard) in shards.iter().enumerate() {
        let file_name = format!("model-{:05}-of-{num_shards:05}.safetensors", number + 1);
        tensor_file::write(&directory.join(&file_name), shard)?;
        for tensor in shard {
            total_size += tensor.num_bytes();
            weight_map.insert(tensor.name.clone(), file_name.clone());
        }
    }
    let index = json!({"metadata": {"total_size": total_size}, "weight_map": weight_map});
    write(&directory.join(INDEX_FILE), format!("{index:#}\n").as_bytes())
}

fn outgoing(parameters: &Parameters, origin: &Origin, stored: StoredType) -> Vec<Outgoing> {
    let kind = |position: usize| match stored {
        StoredType::F32 => Kind::Float,
        StoredType::Checkpoint => origin.kinds.get(position).copied().unwrap_or(Kind::Float),
    };
    let tensor = |(position, (entry, tensor)): (usize, (&crate::inventory::Entry, &Tensor))| Outgoing {
        name: origin.naming.stored(&entry.name),
        kind: kind(position),
        shape: entry.shape.iter().map(|&extent| extent as usize).collect(),
        tensor: tensor.detach(),
    };
    parameters.iter().enumerate().map(tensor).collect()
}

/// Fills shards in order up to a size; a tensor larger than it has a shard of its own.
fn split(tensors: Vec<Outgoing>, max_bytes: usize) -> Vec<Vec<Outgoing>> {
    let mut shards: Vec<Vec<Outgoing>> = vec![Vec::new()];
    let mut filled = 0;
    for tensor in tensors {
        let size_bytes = tensor.num_bytes();
        if filled > 0 && filled + size_bytes > max_bytes {
            shards.push(Vec::new());
            filled = 0;
        }
        filled += size_bytes;
        shards.last_mut().expect("there is always a shard").push(tensor);
    }
    shards
}

fn write(path: &Path, contents: &[u8]) -> Result<(), Error> {
    fs::write(path, contents).and_then(|()| sync(path)).map_err(write_error(path))
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::BFloat16 => "bfloat16",
        Kind::Half => "float16",
        _ => "float32",
    }
}

fn narrower(first: Kind, second: Kind) -> Kind {
    if first == Kind::Float { second } else { first }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{checkpoint::load, initialize, inventory};

    const CONFIG: &str = r#"{"model_type": "qwen2", "vocab_size": 16, "hidden_size": 8, "intermediate_size": 8,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64,
        "rms_norm_eps": 1e-6, "rope_theta": 1e4}"#;

    #[test]
    fn a_large_checkpoint_is_sharded_and_loads_again() {
        let config = Config::from_json(CONFIG).unwrap();
        let parameters = initialize::parameters(inventory::entries(&config), 5, Device::Cpu);
        let directory = tempfile::tempdir().unwrap();
        write(&directory.path().join(CONFIG_FILE), CONFIG.as_bytes()).unwrap();
        let tensors = outgoing(&parameters, &Origin::default(), StoredType::F32);
        write_tensors(directory.path(), tensors, 1024).unwrap();
        assert!(directory.path().join(INDEX_FILE).exists());
        assert!(!directory.path().join(SINGLE_FILE).exists());
        let (_, loaded, _) = load(directory.path(), Device::Cpu).unwrap();
        assert_eq!(parameters.digest("").unwrap(), loaded.digest("").unwrap());
    }
}
