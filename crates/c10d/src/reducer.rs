//! Sums gradients over all ranks while backward still runs.
//!
//! Parameters are cut into buckets in reverse order, roughly the order in which backward produces their gradients. A hook behind each
//! parameter's accumulation counts its bucket down; a full bucket is copied into one flat tensor and all-reduced at once, strictly in
//! bucket order, so that all ranks launch the same sequence. This is the scheme of PyTorch's DistributedDataParallel (Li et al. 2020,
//! arXiv:2006.15704, §3.2), with three differences: the layout never changes, so a resumed run repeats the same sums bit for bit;
//! gradients are summed, not averaged; and the deadline and the failure are those of [`Armed::finish`], not of backward.

use std::{ffi::c_void, marker::PhantomData, ptr::NonNull, time::Duration};

use gradus_c10d_sys as sys;
use tch::Tensor;

use crate::{Error, Member, Operation, ProcessGroup, ffi};

/// Sums the gradients of a fixed list of parameters over the ranks of a group. It needs as much memory again as the gradients.
#[derive(Debug)]
pub struct GradientReducer {
    handle: NonNull<sys::Reducer>,
    member: Member,
    timeout: Duration,
}

/// A reducer whose next backward launches the all-reduces.
#[must_use = "the peers wait until `finish`"]
#[derive(Debug)]
pub struct Armed<'reducer> {
    handle: NonNull<sys::Reducer>,
    member: Member,
    reducer: PhantomData<&'reducer mut GradientReducer>,
}

/// What one reduction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Buckets all-reduced.
    pub num_buckets: usize,
    /// Buckets whose all-reduce was launched while backward still ran; none in a group of one.
    pub num_overlapped_buckets: usize,
    /// Parameters that had no gradient on any rank, and still have none.
    pub num_absent_gradients: usize,
}

// === impl GradientReducer ===

impl GradientReducer {
    /// Builds a reducer over `parameters`, leaves that require a gradient, with at most `bucket_capacity_bytes` of gradients in a bucket
    /// (a larger parameter has one to itself). All ranks call this at the same point with the same shapes and capacity, which is checked.
    /// In a group of one nothing is installed and nothing is sent.
    pub fn new(group: &ProcessGroup, parameters: &[Tensor], bucket_capacity_bytes: usize) -> Result<Self, Error> {
        let pointers: Vec<*mut c_void> = parameters.iter().map(|tensor| tensor.as_ptr().cast_mut().cast()).collect();
        let config = sys::ReducerConfig {
            parameters: pointers.as_ptr(),
            num_parameters: pointers.len(),
            bucket_capacity_bytes: bucket_capacity_bytes as u64,
            timeout_ms: ffi::milliseconds(group.timeout()),
        };
        let (member, timeout) = (group.member(), group.timeout());
        // SAFETY: group and tensors are live for the call, which copies references to both; the tensors themselves are not changed.
        let handle =
            ffi::create(|out, message| unsafe { sys::gradus_reducer_create(group.as_ptr(), &config, out, message) })
                .map_err(|failure| Error::in_group(failure, member, Operation::BuildReducer, timeout))?;
        let handle = NonNull::new(handle).expect("the shim never succeeds with a null handle");
        Ok(Self { handle, member, timeout })
    }

    /// Prepares for the last backward of a step. Earlier microbatches only accumulate into `.grad`; the one backward between this and
    /// [`Armed::finish`] completes the gradients and sends them off. Fails for good once a reduction has failed.
    pub fn arm(&mut self) -> Result<Armed<'_>, Error> {
        // SAFETY: the handle is live.
        ffi::check(|message| unsafe { sys::gradus_reducer_arm(self.handle.as_ptr(), message) })
            .map_err(|failure| Error::in_group(failure, self.member, Operation::ArmReducer, self.timeout))?;
        Ok(Armed { handle: self.handle, member: self.member, reducer: PhantomData })
    }
}

impl Drop for GradientReducer {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and is freed once; freeing takes the hooks off the parameters. No backward over them may run on
        // another thread meanwhile; tch tensors are not `Sync`, so none does.
        unsafe { sys::gradus_reducer_free(self.handle.as_ptr()) };
    }
}

// SAFETY: the reducer holds no thread-local state, and its hooks take a lock; it may be used and freed on any thread.
unsafe impl Send for GradientReducer {}

// === impl Armed ===

impl Armed<'_> {
    /// Sends what backward did not reach and waits for all ranks, at most `timeout`. Afterwards `.grad` of every parameter that had a
    /// gradient on any rank holds the sum over all ranks, a missing one counting as zero; a parameter that had none anywhere has none.
    pub fn finish(self, timeout: Duration) -> Result<Reduction, Error> {
        let mut raw = sys::Reduction::default();
        let timeout_ms = ffi::milliseconds(timeout);
        // SAFETY: the borrow of the reducer keeps the handle live, and no backward runs: it would need the parameters' thread.
        ffi::check(|message| unsafe {
            sys::gradus_reducer_finish(self.handle.as_ptr(), timeout_ms, &mut raw, message)
        })
        .map_err(|failure| Error::in_group(failure, self.member, Operation::ReduceGradients, timeout))?;
        Ok(Reduction {
            num_buckets: raw.num_buckets as usize,
            num_overlapped_buckets: raw.num_overlapped_buckets as usize,
            num_absent_gradients: raw.num_absent_gradients as usize,
        })
    }
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        // SAFETY: the borrow of the reducer keeps the handle live. After `finish` this changes nothing.
        unsafe { sys::gradus_reducer_disarm(self.handle.as_ptr()) };
    }
}
