//! Weights that pass, and every way in which they do not.

use proptest::prelude::*;

use super::*;
use crate::fixture::{announced, buckets, tensors};

/// The bucket size of these tests: the tensors of the fixture are split, and share buckets.
const LIMIT: usize = 32;

/// Makes the stream in which a policy arrives.
fn arrivals(buckets: &[Bucket]) -> Vec<Arrival> {
    let num_buckets = u32::try_from(buckets.len()).unwrap();
    let arrive = |(index, bucket): (usize, &Bucket)| Arrival {
        version: PolicyVersion(7),
        index: u32::try_from(index).unwrap(),
        num_buckets,
        bucket: bucket.clone(),
    };
    buckets.iter().enumerate().map(arrive).collect()
}

fn verify(policy: PublishedPolicy, arrivals: Vec<Arrival>) -> Result<VerifiedWeights, Error> {
    arrivals.into_iter().try_fold(Verification::new(policy), Verification::accept)?.finish()
}

/// Verifies the fixture's policy after a change to its stream.
fn check(change: impl FnOnce(&mut Vec<Arrival>)) -> Error {
    let packed = buckets(tensors(), LIMIT);
    let mut stream = arrivals(&packed);
    change(&mut stream);
    verify(announced(&packed), stream).unwrap_err()
}

#[test]
fn verified_weights_are_the_published_tensors() {
    for limit in [4, 12, LIMIT, 4_096] {
        let packed = buckets(tensors(), limit);
        let weights = verify(announced(&packed), arrivals(&packed)).unwrap();
        assert_eq!(weights.tensors().collect::<Vec<_>>(), tensors());
        assert_eq!(weights.version(), PolicyVersion(7));
    }
}

#[test]
fn a_truncated_stream_is_refused_with_the_count() {
    let error = check(|stream| {
        stream.pop();
    });
    assert!(matches!(error, Error::Count { expected: 6, actual: 5, .. }), "{error}");
    assert!(matches!(check(Vec::clear), Error::Count { expected: 0, actual: 0, .. }));
}

#[test]
fn swapped_and_repeated_buckets_are_refused_with_their_place() {
    let error = check(|stream| stream.swap(1, 2));
    assert!(matches!(error, Error::Order { index: 1, actual: 2, .. }), "{error}");
    let error = check(|stream| stream.insert(1, stream[0].clone()));
    assert!(matches!(error, Error::Order { index: 1, actual: 0, .. }), "{error}");
}

#[test]
fn swapped_buckets_that_were_renumbered_are_refused_too() {
    let error = check(|stream| {
        let (first, second) = (stream[4].bucket.clone(), stream[5].bucket.clone());
        (stream[4].bucket, stream[5].bucket) = (second, first);
    });
    assert!(matches!(error, Error::Layout { index: 4, .. }), "{error}");
}

#[test]
fn a_bucket_of_another_version_is_refused() {
    let error = check(|stream| stream[2].version = PolicyVersion(6));
    assert_eq!(error.to_string(), "failed to verify policy version `7`: bucket 2 is of version `6`");
}

#[test]
fn another_number_of_buckets_half_way_is_refused() {
    let error = check(|stream| stream[3].num_buckets = 9);
    assert!(matches!(error, Error::Count { expected: 6, actual: 9, .. }), "{error}");
}

#[test]
fn a_bucket_with_a_digest_of_its_own_making_is_caught_at_the_end() {
    let packed = buckets(tensors(), LIMIT);
    let mut stream = arrivals(&packed);
    let mut data = stream[1].bucket.data.to_vec();
    data[0] ^= 0x80;
    stream[1].bucket = Bucket::new(stream[1].bucket.pieces.clone(), data.into());
    let error = verify(announced(&packed), stream).unwrap_err();
    assert!(matches!(error, Error::PolicyDigest { .. }), "{error}");
    assert!(error.wants_newest());
}

#[test]
fn layouts_that_do_not_fit_are_refused_even_with_right_digests() {
    type Change = fn(&mut Piece);
    let changes: [(Change, &str); 5] = [
        (|piece| piece.offset += 4, "is not where the last one ended"),
        (|piece| piece.length -= 4, "does not end where the data does"),
        (|piece| piece.begin = 4, "has a gap"),
        (|piece| piece.shape = vec![-1], "has a shape that no tensor can have"),
        (|piece| piece.shape = vec![1], "has more bytes than its shape says"),
    ];
    for (change, expected) in changes {
        let error = check(|stream| {
            let mut pieces = stream[0].bucket.pieces.clone();
            change(&mut pieces[0]);
            stream[0].bucket = Bucket::new(pieces, stream[0].bucket.data.clone());
        });
        assert!(error.to_string().ends_with(&format!("tensor `embed` {expected}")), "{error}");
    }
}

#[test]
fn a_tensor_that_comes_twice_is_refused() {
    let mut twice = tensors();
    twice[2].name = "q".to_owned();
    let packed = buckets(twice, LIMIT);
    let error = verify(announced(&packed), arrivals(&packed)).unwrap_err();
    assert!(error.to_string().ends_with("tensor `q` comes twice"), "{error}");
}

proptest! {
    #[test]
    fn any_flipped_bit_is_refused_with_its_bucket(bit in 0_usize..42 * 32) {
        let index = bit / (LIMIT * 8);
        let error = check(|stream| {
            let mut data = stream[index].bucket.data.to_vec();
            let within = bit % (LIMIT * 8);
            data[within / 8] ^= 1 << (within % 8);
            stream[index].bucket.data = data.into();
        });
        let found = matches!(error, Error::BucketDigest { index: found, .. } if found as usize == index);
        prop_assert!(found, "{}", error);
    }
}
