//! A collective on its way.

use std::{ptr::NonNull, time::Duration};

use gradus_c10d_sys as sys;
use tch::Tensor;

use crate::{
    Error, Member, Operation,
    ffi::{self, Failure},
};

/// A launched collective and the tensor it works on in place. The tensor's memory is held until the collective has run, also when
/// this is dropped; its content is undefined until [`Work::wait`] gives it back.
#[must_use = "the result is there only after `wait`"]
#[derive(Debug)]
pub struct Work {
    tensor: Tensor,
    pending: Pending,
}

/// A launched collective without a result of its own.
#[must_use = "the other ranks have met only after `wait`"]
#[derive(Debug)]
pub struct Pending {
    handle: NonNull<sys::Work>,
    member: Member,
    operation: Operation,
}

// === impl Work ===

impl Work {
    pub(crate) fn new(tensor: Tensor, pending: Pending) -> Self {
        Self { tensor, pending }
    }

    /// Waits for all ranks, at most `timeout`, and returns the tensor.
    pub fn wait(self, timeout: Duration) -> Result<Tensor, Error> {
        self.pending.wait(timeout)?;
        Ok(self.tensor)
    }
}

// === impl Pending ===

impl Pending {
    pub(crate) fn new(
        result: Result<*mut sys::Work, Failure>,
        member: Member,
        operation: Operation,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let handle = result.map_err(|failure| Error::in_group(failure, member, operation, timeout))?;
        let handle = NonNull::new(handle).expect("the shim never succeeds with a null handle");
        Ok(Self { handle, member, operation })
    }

    /// Waits for all ranks, at most `timeout`.
    pub fn wait(self, timeout: Duration) -> Result<(), Error> {
        // SAFETY: the handle is live until this is dropped at the end of the call.
        ffi::check(|message| unsafe {
            sys::gradus_work_wait(self.handle.as_ptr(), ffi::milliseconds(timeout), message)
        })
        .map_err(|failure| Error::in_group(failure, self.member, self.operation, timeout))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and is freed once. c10d's own references keep the tensor until the collective has run.
        unsafe { sys::gradus_work_free(self.handle.as_ptr()) };
    }
}

// SAFETY: the handle holds reference-counted objects with atomic counts, and waiting takes a lock; any thread may do it.
unsafe impl Send for Pending {}
