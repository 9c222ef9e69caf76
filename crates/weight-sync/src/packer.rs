//! Packs a policy's tensors into buckets.

use bytes::{Bytes, BytesMut};
use gradus_types::PolicyDigest;

use crate::{
    Error, Tensor,
    bucket::{Bucket, Piece},
};

/// The size of a bucket: large enough that calls cost nothing, small enough to verify one while the next travels.
pub const BUCKET_BYTES: usize = 4 << 20;

/// Fills buckets with tensors in the order in which they come. A tensor that does not fit is split.
pub struct Packer {
    limit: usize,
    pieces: Vec<Piece>,
    data: BytesMut,
}

/// Computes the digest of a policy: what its weights, packed in this order, hash to.
pub fn digest(tensors: impl IntoIterator<Item = Tensor>) -> Result<PolicyDigest, Error> {
    let mut hasher = blake3::Hasher::new();
    pack(tensors, BUCKET_BYTES, |bucket| {
        hasher.update(&bucket.digest.0);
    })?;
    Ok(PolicyDigest(*hasher.finalize().as_bytes()))
}

/// Computes the digest of a policy from those of its buckets.
pub fn digest_of<'a>(buckets: impl IntoIterator<Item = &'a Bucket>) -> PolicyDigest {
    let mut hasher = blake3::Hasher::new();
    for bucket in buckets {
        hasher.update(&bucket.digest.0);
    }
    PolicyDigest(*hasher.finalize().as_bytes())
}

/// Packs tensors and hands out each bucket when it is full.
pub fn pack(
    tensors: impl IntoIterator<Item = Tensor>,
    limit: usize,
    mut hand_out: impl FnMut(Bucket),
) -> Result<(), Error> {
    let mut packer = Packer::new(limit);
    for tensor in tensors {
        packer.push(&tensor, &mut hand_out)?;
    }
    packer.finish(hand_out);
    Ok(())
}

// === impl Packer ===

impl Packer {
    fn new(limit: usize) -> Self {
        Self { limit, pieces: Vec::new(), data: BytesMut::new() }
    }

    fn push(&mut self, tensor: &Tensor, hand_out: &mut impl FnMut(Bucket)) -> Result<(), Error> {
        if !tensor.is_consistent() {
            let (name, shape) = (tensor.name.clone(), tensor.shape.clone());
            return Err(Error::Shape { name, shape, num_bytes: tensor.bytes.len() });
        }
        let mut begin = 0;
        loop {
            let length = (tensor.bytes.len() - begin).min(self.limit - self.data.len());
            self.add(tensor, begin, length);
            begin += length;
            if self.data.len() == self.limit {
                hand_out(self.take());
            }
            if begin == tensor.bytes.len() {
                return Ok(());
            }
        }
    }

    fn add(&mut self, tensor: &Tensor, begin: usize, length: usize) {
        self.pieces.push(Piece {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            offset: self.data.len() as u64,
            length: length as u64,
            begin: begin as u64,
        });
        self.data.extend_from_slice(&tensor.bytes[begin..begin + length]);
    }

    fn finish(mut self, mut hand_out: impl FnMut(Bucket)) {
        if !self.pieces.is_empty() {
            hand_out(self.take());
        }
    }

    fn take(&mut self) -> Bucket {
        let data: Bytes = std::mem::take(&mut self.data).freeze();
        Bucket::new(std::mem::take(&mut self.pieces), data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{buckets, tensor, tensors};

    #[test]
    fn small_tensors_share_a_bucket_and_a_large_one_is_split() {
        let packed = buckets([tensor("a", 2), tensor("b", 1), tensor("c", 9)], 16);
        let layout: Vec<Vec<(&str, u64, u64)>> = packed
            .iter()
            .map(|bucket| bucket.pieces.iter().map(|piece| (piece.name.as_str(), piece.begin, piece.length)).collect())
            .collect();
        assert_eq!(layout, [vec![("a", 0, 8), ("b", 0, 4), ("c", 0, 4)], vec![("c", 4, 16)], vec![("c", 20, 16)]]);
    }

    #[test]
    fn an_empty_tensor_has_its_place() {
        let packed = buckets([tensor("a", 4), tensor("empty", 0)], 16);
        assert_eq!(packed.len(), 2);
        assert_eq!(packed[1].pieces[0].length, 0);
    }

    #[test]
    fn a_tensor_whose_bytes_do_not_fit_its_shape_is_refused() {
        let wrong = Tensor { name: "head".into(), shape: vec![3], bytes: Bytes::from_static(&[0; 8]) };
        let error = digest([wrong]).unwrap_err();
        assert_eq!(error.to_string(), "failed to pack tensor `head`: shape [3] in f32 does not have 8 bytes");
    }

    #[test]
    fn a_digest_depends_on_names_shapes_order_and_every_bit() {
        let original = digest(tensors()).unwrap();
        let mut renamed = tensors();
        renamed[1].name.push('x');
        let mut reshaped = tensors();
        reshaped[1].shape.insert(0, 1);
        let mut swapped = tensors();
        swapped.swap(0, 1);
        let mut flipped = tensors();
        let mut bytes = flipped[2].bytes.to_vec();
        bytes[5] ^= 1;
        flipped[2].bytes = bytes.into();
        for changed in [renamed, reshaped, swapped, flipped] {
            assert_ne!(digest(changed).unwrap(), original);
        }
        assert_eq!(digest(tensors()).unwrap(), original);
    }

    #[test]
    fn the_digest_of_a_stream_is_that_of_its_buckets() {
        let packed = buckets(tensors(), BUCKET_BYTES);
        assert_eq!(digest_of(&packed), digest(tensors()).unwrap());
    }
}
