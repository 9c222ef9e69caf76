//! New weights for the engine's policy.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use gradus_model::Policy;
use gradus_types::PolicyVersion;

use crate::engine::Error;

/// The weights of a policy version, verified by whoever fetched them.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The version.
    pub version: PolicyVersion,
    /// Each parameter's name and elements, row-major f32, little-endian.
    pub tensors: Vec<(String, Bytes)>,
}

// === impl Weights ===

impl Weights {
    /// Overwrites the parameters of a policy, all or none: names and sizes are compared before the first one is touched.
    pub fn assign_to(&self, policy: &Policy) -> Result<(), Error> {
        self.check(policy)?;
        for (name, bytes) in &self.tensors {
            policy
                .assign(name, bytes)
                .map_err(|source| Error::Model { attempt: "assign new weights", source: Arc::new(source) })?;
        }
        Ok(())
    }

    fn check(&self, policy: &Policy) -> Result<(), Error> {
        let mut given: BTreeMap<&str, usize> = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, bytes) in &self.tensors {
            if given.insert(name, bytes.len()).is_some() {
                problems.push(format!("`{name}` is given twice"));
            }
        }
        for parameter in policy.parameters() {
            let expected = parameter.tensor.numel() * size_of::<f32>();
            match given.remove(parameter.name.as_str()) {
                None => problems.push(format!("`{}` is missing", parameter.name)),
                Some(found) if found != expected => {
                    problems.push(format!("`{}` has {found} bytes instead of {expected}", parameter.name));
                }
                Some(_) => {}
            }
        }
        problems.extend(given.keys().map(|name| format!("the policy has no `{name}`")));
        if problems.is_empty() { Ok(()) } else { Err(Error::Weights { version: self.version, problems }) }
    }
}
