//! Verification, bucket by bucket, and the weights that passed it.

use std::collections::HashSet;

use bytes::{Bytes, BytesMut};
use gradus_types::{PolicyDigest, PolicyVersion, PublishedPolicy};

use crate::{
    Error, Tensor,
    bucket::{Bucket, Piece, num_bytes},
    packer::digest_of,
    wire::Arrival,
};

/// The buckets of a policy that have arrived and are right so far.
#[derive(Debug)]
pub struct Verification {
    policy: PublishedPolicy,
    num_buckets: Option<u32>,
    buckets: Vec<Bucket>,
    names: HashSet<String>,
    open: Option<Open>,
}

/// A tensor of which more pieces must come.
#[derive(Debug)]
struct Open {
    name: String,
    shape: Vec<i64>,
    num_received: u64,
}

/// The weights of a policy, every bit of which is what the learner published. Nothing else gives access to fetched tensors.
#[derive(Clone, Debug)]
pub struct VerifiedWeights {
    version: PolicyVersion,
    digest: PolicyDigest,
    buckets: Vec<Bucket>,
}

// === impl Verification ===

impl Verification {
    /// Starts the verification of a policy.
    pub fn new(policy: PublishedPolicy) -> Self {
        Self { policy, num_buckets: None, buckets: Vec::new(), names: HashSet::new(), open: None }
    }

    /// Returns how many buckets have passed.
    pub fn num_received(&self) -> u32 {
        u32::try_from(self.buckets.len()).unwrap_or(u32::MAX)
    }

    /// Checks the bucket that comes next.
    pub fn accept(mut self, arrival: Arrival) -> Result<Self, Error> {
        let (version, index) = (self.policy.version, self.num_received());
        let expected = *self.num_buckets.get_or_insert(arrival.num_buckets);
        if arrival.version != version {
            return Err(Error::Version { version, index, actual: arrival.version });
        }
        if arrival.index != index {
            return Err(Error::Order { version, index, actual: arrival.index });
        }
        if arrival.num_buckets != expected || index >= expected {
            return Err(Error::Count { version, expected, actual: arrival.num_buckets.max(index + 1) });
        }
        let (bucket, actual) = (arrival.bucket.digest, arrival.bucket.actual_digest());
        if bucket != actual {
            return Err(Error::BucketDigest { version, index, expected: bucket, actual });
        }
        self.check_layout(&arrival.bucket)?;
        self.buckets.push(arrival.bucket);
        Ok(self)
    }

    /// Checks what can only be checked at the end, and hands out the weights.
    pub fn finish(self) -> Result<VerifiedWeights, Error> {
        let (version, received) = (self.policy.version, self.num_received());
        let expected = self.num_buckets.unwrap_or(0);
        if received != expected || received == 0 {
            return Err(Error::Count { version, expected, actual: received });
        }
        if let Some(open) = self.open {
            return Err(Error::Layout { version, index: received - 1, name: open.name, reason: "ends too early" });
        }
        let actual = digest_of(&self.buckets);
        if actual != self.policy.digest {
            return Err(Error::PolicyDigest { version, expected: self.policy.digest, actual });
        }
        Ok(VerifiedWeights { version, digest: actual, buckets: self.buckets })
    }

    /// Checks that the pieces cover the bucket's data, and each tensor, without gaps.
    fn check_layout(&mut self, bucket: &Bucket) -> Result<(), Error> {
        let mut offset = 0;
        for piece in &bucket.pieces {
            let placed = if piece.offset == offset { Ok(()) } else { Err("is not where the last one ended") };
            let checked = placed.and_then(|()| self.continue_with(piece));
            checked.map_err(|reason| self.layout(&piece.name, reason))?;
            offset = offset.saturating_add(piece.length);
        }
        if offset == bucket.data.len() as u64 {
            return Ok(());
        }
        let last = bucket.pieces.last().map_or("", |piece| &piece.name);
        Err(self.layout(last, "does not end where the data does"))
    }

    /// Checks that a piece begins a new tensor, or goes on where the last piece of an open one ended.
    fn continue_with(&mut self, piece: &Piece) -> Result<(), &'static str> {
        let mut open = match self.open.take() {
            Some(open) if open.name != piece.name || open.shape != piece.shape => {
                return Err("comes before another's end");
            }
            Some(open) => open,
            None if !self.names.insert(piece.name.clone()) => return Err("comes twice"),
            None => Open { name: piece.name.clone(), shape: piece.shape.clone(), num_received: 0 },
        };
        if piece.begin != open.num_received {
            return Err("has a gap");
        }
        let total = num_bytes(&piece.shape).ok_or("has a shape that no tensor can have")?;
        open.num_received = open.num_received.saturating_add(piece.length);
        if open.num_received > total {
            return Err("has more bytes than its shape says");
        }
        if open.num_received < total {
            self.open = Some(open);
        }
        Ok(())
    }

    fn layout(&self, name: &str, reason: &'static str) -> Error {
        let (version, index) = (self.policy.version, self.num_received());
        Error::Layout { version, index, name: name.to_owned(), reason }
    }
}

// === impl VerifiedWeights ===

impl VerifiedWeights {
    /// Returns the version.
    #[must_use]
    pub const fn version(&self) -> PolicyVersion {
        self.version
    }

    /// Returns the digest that was announced and found.
    #[must_use]
    pub const fn digest(&self) -> PolicyDigest {
        self.digest
    }

    /// Iterates over the tensors, in the order in which they were published. Only a tensor that was split is copied.
    pub fn tensors(&self) -> impl Iterator<Item = Tensor> + '_ {
        let mut pieces = self.buckets.iter().flat_map(|bucket| {
            bucket.pieces.iter().map(|piece| {
                let begin = usize::try_from(piece.offset).expect("an offset within data that is in memory");
                let length = usize::try_from(piece.length).expect("a length within data that is in memory");
                (piece, bucket.data.slice(begin..begin + length))
            })
        });
        std::iter::from_fn(move || {
            let (first, data) = pieces.next()?;
            let total = num_bytes(&first.shape)?;
            let bytes = assemble(data, total, pieces.by_ref().map(|(_, data)| data));
            Some(Tensor { name: first.name.clone(), shape: first.shape.clone(), bytes })
        })
    }
}

/// Puts the pieces of a tensor together.
fn assemble(first: Bytes, total: u64, mut rest: impl Iterator<Item = Bytes>) -> Bytes {
    if first.len() as u64 == total {
        return first;
    }
    let mut bytes = BytesMut::from(first);
    while (bytes.len() as u64) < total
        && let Some(next) = rest.next()
    {
        bytes.extend_from_slice(&next);
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests;
