//! Small policies for the tests.

use gradus_types::{PolicyVersion, PublishedPolicy};

use crate::{
    Tensor,
    bucket::Bucket,
    packer::{digest_of, pack},
};

/// Makes a one-dimensional tensor of so many ascending values.
pub fn tensor(name: &str, num_values: u8) -> Tensor {
    let bytes: Vec<u8> = (0..num_values).flat_map(|value| f32::from(value).to_le_bytes()).collect();
    Tensor { name: name.to_owned(), shape: vec![i64::from(num_values)], bytes: bytes.into() }
}

/// Makes a policy of four tensors.
pub fn tensors() -> Vec<Tensor> {
    let mut tensors = vec![tensor("embed", 12), tensor("q", 5), tensor("k", 5), tensor("head", 20)];
    tensors[0].shape = vec![3, 4];
    tensors
}

/// Packs tensors.
pub fn buckets(tensors: impl IntoIterator<Item = Tensor>, limit: usize) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    pack(tensors, limit, |bucket| buckets.push(bucket)).unwrap();
    buckets
}

/// Announces the policy that the buckets hold, as version 7.
pub fn announced(buckets: &[Bucket]) -> PublishedPolicy {
    PublishedPolicy {
        version: PolicyVersion(7),
        weights_endpoint: "unix:weights.sock".to_owned(),
        digest: digest_of(buckets),
    }
}
