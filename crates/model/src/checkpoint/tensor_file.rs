//! One safetensors file on its way to disk.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::{self, File},
    io,
    path::Path,
};

use safetensors::{Dtype, SafeTensorError, View, serialize_to_file};
use tch::{Kind, Tensor};

use crate::{Error, parameters::element_bytes};

/// A tensor on its way out; its bytes are copied off the device only when it is written.
pub(crate) struct Outgoing {
    pub name: String,
    pub kind: Kind,
    pub shape: Vec<usize>,
    pub tensor: Tensor,
}

/// Writes named tensors into a safetensors file, each in its own number type (f32, bf16 or f16), and syncs it.
///
/// # Errors
/// The file cannot be written; then there is none.
pub fn write_tensors(path: &Path, tensors: impl IntoIterator<Item = (String, Tensor)>) -> Result<(), Error> {
    let outgoing = |(name, tensor): (String, Tensor)| Outgoing {
        name,
        kind: tensor.kind(),
        shape: tensor.size().iter().map(|&extent| extent as usize).collect(),
        tensor: tensor.detach(),
    };
    write(path, &tensors.into_iter().map(outgoing).collect::<Vec<_>>())
}

pub(crate) fn write(path: &Path, tensors: &[Outgoing]) -> Result<(), Error> {
    write_synced(path, tensors).map_err(|source| {
        // What is there of the file is of no use; the failure itself is worth more than that of tidying up after it.
        let _ = fs::remove_file(path);
        Error::WriteTensors { path: path.to_owned(), source }
    })
}

fn write_synced(path: &Path, tensors: &[Outgoing]) -> Result<(), SafeTensorError> {
    // The library writes a temporary file that only its owner may read, and renames it. A file made the usual way has the
    // permissions that the umask asks for.
    let permissions = File::create(path)?.metadata()?.permissions();
    // transformers refuses files that do not name their framework.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let named = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor));
    serialize_to_file(named, Some(metadata), path)?;
    fs::set_permissions(path, permissions)?;
    sync(path).map_err(SafeTensorError::from)
}

pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

// === impl Outgoing ===

impl View for &Outgoing {
    fn dtype(&self) -> Dtype {
        match self.kind {
            Kind::BFloat16 => Dtype::BF16,
            Kind::Half => Dtype::F16,
            _ => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(element_bytes(&self.tensor, self.kind))
    }

    fn data_len(&self) -> usize {
        self.num_bytes()
    }
}

impl Outgoing {
    pub fn num_bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.kind.elt_size_in_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn tensors() -> Vec<(String, Tensor)> {
        vec![("a".to_owned(), Tensor::from_slice(&[1.0_f32, 2.0])), ("b".to_owned(), Tensor::from_slice(&[3.0_f32]))]
    }

    #[test]
    fn a_file_may_be_read_by_whom_the_umask_lets() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("moments.safetensors"), directory.path().join("other"));
        write_tensors(&path, tensors()).unwrap();
        fs::write(&other, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&other));
        let read = Tensor::read_safetensors(&path).unwrap();
        assert_eq!(read.iter().map(|(name, tensor)| (name.as_str(), tensor.numel())).max(), Some(("b", 1)));
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_and_not_left_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("missing").join("moments.safetensors");
        let error = write_tensors(&path, tensors()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("failed to write tensors to `{}`", path.display())), "{error}");
        assert!(!path.exists());
    }
}
