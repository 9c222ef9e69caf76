//! Buckets on the wire.

use bytes::Bytes;
use gradus_proto::v1;
use gradus_types::{PolicyDigest, PolicyVersion};

use crate::bucket::{Bucket, Piece};

/// A bucket with its place among those of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The version it claims to be of.
    pub version: PolicyVersion,
    /// Its place.
    pub index: u32,
    /// The number of buckets of the version.
    pub num_buckets: u32,
    /// The bucket.
    pub bucket: Bucket,
}

impl From<Arrival> for v1::WeightBucket {
    fn from(arrival: Arrival) -> Self {
        let tensors = arrival.bucket.pieces.into_iter().map(v1::WeightTensor::from).collect();
        Self {
            version: arrival.version.0,
            index: arrival.index,
            num_buckets: arrival.num_buckets,
            tensors,
            data: arrival.bucket.data,
            digest: Bytes::copy_from_slice(&arrival.bucket.digest.0),
        }
    }
}

impl From<v1::WeightBucket> for Arrival {
    /// Takes a bucket as it came. What is wrong with it is the verification's to find: a digest of another length equals none.
    fn from(wire: v1::WeightBucket) -> Self {
        Self {
            version: PolicyVersion(wire.version),
            index: wire.index,
            num_buckets: wire.num_buckets,
            bucket: Bucket {
                pieces: wire.tensors.into_iter().map(Piece::from).collect(),
                data: wire.data,
                digest: PolicyDigest(wire.digest.as_ref().try_into().unwrap_or_default()),
            },
        }
    }
}

impl From<Piece> for v1::WeightTensor {
    fn from(piece: Piece) -> Self {
        Self {
            name: piece.name,
            shape: piece.shape.iter().map(|&size| size.cast_unsigned()).collect(),
            offset: piece.offset,
            length: piece.length,
            begin: piece.begin,
        }
    }
}

impl From<v1::WeightTensor> for Piece {
    fn from(wire: v1::WeightTensor) -> Self {
        Self {
            name: wire.name,
            // A size beyond what a tensor can have turns negative, which the verification refuses.
            shape: wire.shape.iter().map(|&size| size.cast_signed()).collect(),
            offset: wire.offset,
            length: wire.length,
            begin: wire.begin,
        }
    }
}
