//! Tensors as they come, and the buckets they travel in.

use bytes::Bytes;
use gradus_types::PolicyDigest;

/// A tensor of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The checkpoint's tensor name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Its values, row-major f32, little-endian.
    pub bytes: Bytes,
}

/// The place of a tensor, or of a piece of one, in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The checkpoint's tensor name.
    pub name: String,
    /// The shape of the whole tensor.
    pub shape: Vec<i64>,
    /// The first byte of the bucket's data that belongs to it.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// The first byte of the tensor that it holds.
    pub begin: u64,
}

/// What is sent at a time: a bounded number of bytes of consecutive tensors, with their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The tensors, or pieces, in order.
    pub pieces: Vec<Piece>,
    /// Their bytes, without gaps.
    pub data: Bytes,
    /// The digest that the bucket was sent with.
    pub digest: PolicyDigest,
}

// === impl Tensor ===

impl Tensor {
    /// Tells whether there are as many bytes as the shape says.
    pub fn is_consistent(&self) -> bool {
        num_bytes(&self.shape) == Some(self.bytes.len() as u64)
    }
}

/// Returns the bytes of an f32 tensor, or nothing where the shape is none or overflows.
pub fn num_bytes(shape: &[i64]) -> Option<u64> {
    shape.iter().try_fold(4_u64, |product, &size| product.checked_mul(u64::try_from(size).ok()?))
}

// === impl Bucket ===

impl Bucket {
    /// Makes a bucket and its digest.
    pub fn new(pieces: Vec<Piece>, data: Bytes) -> Self {
        let digest = digest(&pieces, &data);
        Self { pieces, data, digest }
    }

    /// Computes the digest of what the bucket holds.
    pub fn actual_digest(&self) -> PolicyDigest {
        digest(&self.pieces, &self.data)
    }
}

/// Hashes the layout, each field with its length before it so that no two layouts hash alike, and then the data.
fn digest(pieces: &[Piece], data: &[u8]) -> PolicyDigest {
    let mut hasher = blake3::Hasher::new();
    let number = |hasher: &mut blake3::Hasher, value: u64| {
        hasher.update(&value.to_le_bytes());
    };
    number(&mut hasher, pieces.len() as u64);
    for piece in pieces {
        number(&mut hasher, piece.name.len() as u64);
        hasher.update(piece.name.as_bytes());
        number(&mut hasher, piece.shape.len() as u64);
        for &size in &piece.shape {
            hasher.update(&size.to_le_bytes());
        }
        for value in [piece.offset, piece.length, piece.begin] {
            number(&mut hasher, value);
        }
    }
    hasher.update(data);
    PolicyDigest(*hasher.finalize().as_bytes())
}
