//! Reading a checkpoint: finds every tensor of the inventory, converts it to f32, and reports everything that does not fit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};
use serde::Deserialize;
use tch::{Device, Kind, Tensor};

use super::{CONFIG_FILE, INDEX_FILE, Origin, SINGLE_FILE, read_error};
use crate::{
    Config, Error, Misshapen,
    inventory::{self, Entry},
    parameters::Parameters,
    weight_names::Naming,
};

/// The largest header accepted, the limit of the safetensors format.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// The head of a tied model, which some checkpoints store although the embedding is used in its place.
const TIED_HEAD: &str = "lm_head.weight";

/// Reads configuration and weights of a checkpoint directory onto a device.
pub(crate) fn load(directory: &Path, device: Device) -> Result<(Config, Parameters, Origin), Error> {
    let Survey { config, entries, naming, stored } = survey(directory)?;
    let mut tensors = Vec::with_capacity(entries.len());
    let mut kinds = Vec::with_capacity(entries.len());
    for entry in &entries {
        let tensor = stored[&naming.stored(&entry.name)].read()?;
        kinds.push(tensor.kind());
        tensors.push(tensor.to_kind(Kind::Float).to_device(device));
    }
    Ok((config, Parameters::new(entries, tensors), Origin { naming, kinds }))
}

/// Reads the configuration of a checkpoint directory, and checks the headers of its tensor files against it.
pub(crate) fn check(directory: &Path) -> Result<Config, Error> {
    Ok(survey(directory)?.config)
}

/// What a checkpoint directory holds, found to fit together.
struct Survey {
    config: Config,
    entries: Vec<Entry>,
    naming: Naming,
    stored: BTreeMap<String, Stored>,
}

fn survey(directory: &Path) -> Result<Survey, Error> {
    let path = directory.join(CONFIG_FILE);
    let config = Config::from_json(&fs::read_to_string(&path).map_err(read_error(&path))?)?;
    let mut stored = open_all(directory)?;
    let naming = Naming::of(stored.keys().map(String::as_str));
    let entries = inventory::entries(&config);
    if config.tie_word_embeddings {
        stored.remove(TIED_HEAD);
    }
    compare(directory, &entries, naming, &stored)?;
    Ok(Survey { config, entries, naming, stored })
}

/// A tensor in a file, not yet read.
struct Stored {
    path: PathBuf,
    /// Where the file's tensor data begins.
    data_start: u64,
    info: TensorInfo,
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

fn open_all(directory: &Path) -> Result<BTreeMap<String, Stored>, Error> {
    let index_path = directory.join(INDEX_FILE);
    if !index_path.exists() {
        return open(&directory.join(SINGLE_FILE));
    }
    let text = fs::read_to_string(&index_path).map_err(read_error(&index_path))?;
    let index: Index =
        serde_json::from_str(&text).map_err(|source| Error::Json { path: index_path.clone(), source })?;
    let shards: BTreeSet<&String> = index.weight_map.values().collect();
    let mut stored = BTreeMap::new();
    for shard in shards {
        stored.append(&mut open(&directory.join(shard))?);
    }
    Ok(stored)
}

/// Reads the header of a safetensors file.
fn open(path: &Path) -> Result<BTreeMap<String, Stored>, Error> {
    let invalid = |source| Error::Safetensors { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(read_error(path))?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(read_error(path))?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER_BYTES {
        return Err(invalid(safetensors::SafeTensorError::HeaderTooLarge));
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(read_error(path))?;
    let metadata: Metadata =
        serde_json::from_slice(&header).map_err(|source| Error::Json { path: path.to_owned(), source })?;
    let data_start = 8 + length;
    let file_bytes = file.metadata().map_err(read_error(path))?.len();
    if data_start + metadata.data_len() as u64 != file_bytes {
        return Err(invalid(safetensors::SafeTensorError::MetadataIncompleteBuffer));
    }
    let stored = |info: &TensorInfo| Stored { path: path.to_owned(), data_start, info: info.clone() };
    Ok(metadata.tensors().into_iter().map(|(name, info)| (name, stored(info))).collect())
}

fn compare(
    directory: &Path,
    entries: &[Entry],
    naming: Naming,
    stored: &BTreeMap<String, Stored>,
) -> Result<(), Error> {
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    let mut expected = BTreeSet::new();
    for entry in entries {
        let name = naming.stored(&entry.name);
        match stored.get(&name) {
            None => missing.push(name.clone()),
            Some(found) if !found.fits(entry) => {
                let found = found.describe();
                misshapen.push(Misshapen { name: name.clone(), expected: entry.shape.clone(), found });
            }
            Some(_) => {}
        }
        expected.insert(name);
    }
    let extra: Vec<String> = stored.keys().filter(|name| !expected.contains(*name)).cloned().collect();
    if missing.is_empty() && extra.is_empty() && misshapen.is_empty() {
        return Ok(());
    }
    Err(Error::Tensors { directory: directory.to_owned(), missing, extra, misshapen })
}

// === impl Stored ===

impl Stored {
    fn kind(&self) -> Option<Kind> {
        match self.info.dtype {
            Dtype::F32 => Some(Kind::Float),
            Dtype::BF16 => Some(Kind::BFloat16),
            Dtype::F16 => Some(Kind::Half),
            _ => None,
        }
    }

    fn shape(&self) -> Vec<i64> {
        self.info.shape.iter().map(|&extent| extent as i64).collect()
    }

    fn fits(&self, entry: &Entry) -> bool {
        self.kind().is_some() && self.shape() == entry.shape
    }

    fn describe(&self) -> String {
        format!("{:?} {:?}", self.shape(), self.info.dtype)
    }

    /// Reads the tensor in its stored number type, on the host.
    fn read(&self) -> Result<Tensor, Error> {
        let (start, end) = self.info.data_offsets;
        let mut bytes = vec![0; end - start];
        let mut file = File::open(&self.path).map_err(read_error(&self.path))?;
        file.seek(SeekFrom::Start(self.data_start + start as u64)).map_err(read_error(&self.path))?;
        file.read_exact(&mut bytes).map_err(read_error(&self.path))?;
        let kind = self.kind().expect("number types were checked before reading");
        Tensor::f_from_data_size(&bytes, &self.shape(), kind)
            .map_err(|source| Error::Torch { attempt: format!("read a tensor of `{}`", self.path.display()), source })
    }
}
