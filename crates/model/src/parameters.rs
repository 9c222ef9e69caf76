//! The named f32 master weights of a policy, in the order of its inventory.

use std::collections::HashMap;

use tch::{Kind, Tensor, no_grad};

use crate::{Error, FreezeReport, NamedBytes, Parameter, inventory::Entry};

/// Master weights by canonical name. Tensors are leaves of the autograd graph; frozen ones do not require gradients.
#[derive(Debug)]
pub(crate) struct Parameters {
    entries: Vec<(Entry, Tensor)>,
    index: HashMap<String, usize>,
}

impl Parameters {
    /// Takes one tensor an entry, f32 and of the entry's shape, all trainable.
    pub(crate) fn new(entries: Vec<Entry>, tensors: Vec<Tensor>) -> Self {
        debug_assert_eq!(entries.len(), tensors.len());
        let index = entries.iter().enumerate().map(|(position, entry)| (entry.name.clone(), position)).collect();
        let trainable = tensors.into_iter().map(|tensor| tensor.set_requires_grad(true));
        Self { entries: entries.into_iter().zip(trainable).collect(), index }
    }

    /// Returns the master weight of a name the inventory holds.
    pub(crate) fn get(&self, name: &str) -> &Tensor {
        let position = *self.index.get(name).expect("layers ask only for names of the inventory");
        &self.entries[position].1
    }

    /// Iterates over entries and tensors in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Entry, &Tensor)> {
        self.entries.iter().map(|(entry, tensor)| (entry, tensor))
    }

    /// Returns a number that grows with every in-place change of any weight, by whomever.
    pub(crate) fn version(&self) -> i64 {
        self.entries.iter().map(|(_, tensor)| tensor.internal_version()).sum()
    }

    pub(crate) fn list(&self) -> Vec<Parameter> {
        let parameter = |(entry, tensor): &(Entry, Tensor)| Parameter {
            name: entry.name.clone(),
            tensor: tensor.shallow_clone(),
            trainable: tensor.requires_grad(),
        };
        self.entries.iter().map(parameter).collect()
    }

    pub(crate) fn freeze(&mut self, prefixes: &[String]) -> Result<FreezeReport, Error> {
        let is_unmatched = |prefix: &&String| !self.entries.iter().any(|(entry, _)| is_under(&entry.name, prefix));
        let unmatched: Vec<String> = prefixes.iter().filter(is_unmatched).cloned().collect();
        if !unmatched.is_empty() {
            return Err(self.unknown(unmatched));
        }
        let mut report = FreezeReport { num_frozen_tensors: 0, num_frozen_elements: 0 };
        for (entry, tensor) in &mut self.entries {
            let is_frozen = prefixes.iter().any(|prefix| is_under(&entry.name, prefix));
            *tensor = tensor.set_requires_grad(!is_frozen);
            if is_frozen {
                tensor.zero_grad();
                report.num_frozen_tensors += 1;
                report.num_frozen_elements += tensor.numel();
            }
        }
        Ok(report)
    }

    pub(crate) fn digest(&self, prefix: &str) -> Result<blake3::Hash, Error> {
        let mut hasher = blake3::Hasher::new();
        let mut is_empty = true;
        for (entry, tensor) in self.entries.iter().filter(|(entry, _)| is_under(&entry.name, prefix)) {
            is_empty = false;
            hasher.update(format!("{} {:?}\n", entry.name, entry.shape).as_bytes());
            hasher.update(&element_bytes(tensor, Kind::Float));
        }
        if is_empty { Err(self.unknown(vec![prefix.to_owned()])) } else { Ok(hasher.finalize()) }
    }

    pub(crate) fn named_bytes(&self) -> impl Iterator<Item = NamedBytes> + '_ {
        self.entries.iter().map(|(entry, tensor)| NamedBytes {
            name: entry.name.clone(),
            shape: entry.shape.clone(),
            bytes: element_bytes(tensor, Kind::Float),
        })
    }

    pub(crate) fn assign(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let Some(&position) = self.index.get(name) else {
            return Err(self.unknown(vec![name.to_owned()]));
        };
        let (entry, tensor) = &self.entries[position];
        let expected_bytes = tensor.numel() * size_of::<f32>();
        if bytes.len() != expected_bytes {
            let (name, shape, found_bytes) = (entry.name.clone(), entry.shape.clone(), bytes.len());
            return Err(Error::AssignSize { name, shape, expected_bytes, found_bytes });
        }
        let torch = |source| Error::Torch { attempt: format!("assign `{name}`"), source };
        let update = Tensor::f_from_data_size(bytes, &entry.shape, Kind::Float).map_err(torch)?;
        no_grad(|| tensor.shallow_clone().f_copy_(&update)).map_err(torch)
    }

    fn unknown(&self, names: Vec<String>) -> Error {
        Error::UnknownParameter { names, example: self.entries[0].0.name.clone() }
    }
}

/// Copies a tensor's elements off the device, row-major and little-endian, converted to a kind.
pub(crate) fn element_bytes(tensor: &Tensor, kind: Kind) -> Vec<u8> {
    let on_host = no_grad(|| tensor.detach().to_device(tch::Device::Cpu).to_kind(kind).contiguous());
    let mut bytes = vec![0; on_host.numel() * kind.elt_size_in_bytes()];
    on_host.copy_data_u8(&mut bytes, on_host.numel());
    bytes
}

/// Whether a name lies under a prefix that ends at a dot, or equals it. Everything lies under the empty prefix.
fn is_under(name: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('.');
    prefix.is_empty() || name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
