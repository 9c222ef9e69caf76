//! Process groups: the ranks that sum, broadcast and wait together.

use std::{ffi::CString, ptr, ptr::NonNull, time::Duration};

use gradus_c10d_sys as sys;
use tch::Tensor;

use crate::{
    Error, Member, Operation, Store,
    ffi::{self, Failure},
    work::{Pending, Work},
};

/// What carries the collectives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// TCP between hosts, for tensors on the CPU. The NCCL backend, for GPUs, is not built yet.
    Gloo,
}

/// A rank's place in its group.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which rank this is.
    pub member: Member,
    /// Where this rank listens for its peers.
    pub listen_on: ListenOn,
    /// How long joining, and every single collective, may take.
    pub timeout: Duration,
}

/// Where a rank listens for its peers.
#[derive(Clone, Debug)]
pub enum ListenOn {
    /// A name or address that resolves to this machine.
    Hostname(String),
    /// A network interface, as `ip link` names it.
    Interface(String),
}

/// The membership of one rank in a group. Ranks launch the same collectives in the same order; dropping it leaves the
/// group, after its launched collectives have run, or at once when one has failed.
#[derive(Debug)]
pub struct ProcessGroup {
    handle: Handle,
    member: Member,
    timeout: Duration,
}

/// Aborts a group from any thread.
#[derive(Debug)]
pub struct AbortHandle {
    handle: Handle,
    member: Member,
}

/// One of the references to a group on the C++ side.
#[derive(Debug)]
struct Handle(NonNull<sys::Group>);

// === impl ProcessGroup ===

impl ProcessGroup {
    /// Joins the group that meets in `store`, and returns once this rank is connected to every other.
    pub fn join(store: &Store, config: &Config) -> Result<Self, Error> {
        let Config { member, listen_on, timeout } = config;
        let listen_on = listen_on.c_strings()?;
        let raw = sys::GroupConfig {
            rank: i32::try_from(member.rank).unwrap_or(i32::MAX),
            world_size: i32::try_from(member.world_size).unwrap_or(i32::MAX),
            hostname: listen_on.0.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
            interface: listen_on.1.as_ref().map_or(ptr::null(), |name| name.as_ptr()),
            timeout_ms: ffi::milliseconds(*timeout),
        };
        // SAFETY: the store is live; the configuration and the names it points to outlive the call, and exactly one is not null.
        let result = ffi::create(|out, message| unsafe { sys::gradus_group_join(store.as_ptr(), &raw, out, message) });
        let handle =
            Handle::new(result).map_err(|failure| Error::in_group(failure, *member, Operation::Join, *timeout))?;
        Ok(Self { handle, member: *member, timeout: *timeout })
    }

    /// This rank's number, from 0.
    pub fn rank(&self) -> u32 {
        self.member.rank
    }

    /// The number of ranks.
    pub fn world_size(&self) -> u32 {
        self.member.world_size
    }

    /// The rank and the size of the group.
    pub fn member(&self) -> Member {
        self.member
    }

    /// What carries the collectives.
    pub fn backend(&self) -> Backend {
        Backend::Gloo
    }

    /// Launches the sum of `tensor` over all ranks, in place. The tensor is dense, contiguous, on the CPU, and of the same shape and
    /// kind on every rank; aliases of it are not to be read or written before the wait.
    pub fn all_reduce_sum(&self, mut tensor: Tensor) -> Result<Work, Error> {
        let pointer = tensor.as_mut_ptr().cast();
        // SAFETY: a tch tensor is a pointer to an `at::Tensor`, live for the call, of which c10d keeps a reference of its own.
        let result = ffi::create(|out, message| unsafe {
            sys::gradus_group_all_reduce_sum(self.as_ptr(), pointer, out, message)
        });
        Ok(Work::new(tensor, Pending::new(result, self.member, Operation::AllReduce, self.timeout)?))
    }

    /// Launches the copy of `tensor` from `root_rank` to all ranks, in place, under the conditions of [`Self::all_reduce_sum`].
    pub fn broadcast(&self, mut tensor: Tensor, root_rank: u32) -> Result<Work, Error> {
        let pointer = tensor.as_mut_ptr().cast();
        let root_rank = i32::try_from(root_rank).unwrap_or(i32::MAX);
        // SAFETY: as in `all_reduce_sum`; c10d refuses a root that is not a rank of the group.
        let result = ffi::create(|out, message| unsafe {
            sys::gradus_group_broadcast(self.as_ptr(), pointer, root_rank, out, message)
        });
        Ok(Work::new(tensor, Pending::new(result, self.member, Operation::Broadcast, self.timeout)?))
    }

    /// Returns once every rank has come here, at most after `timeout`.
    pub fn barrier(&self, timeout: Duration) -> Result<(), Error> {
        // SAFETY: the group is live.
        let result = ffi::create(|out, message| unsafe { sys::gradus_group_barrier(self.as_ptr(), out, message) });
        Pending::new(result, self.member, Operation::Barrier, self.timeout)?.wait(timeout)
    }

    /// A handle with which another thread, a watchdog or a shutdown, can abort this group.
    pub fn abort_handle(&self) -> Result<AbortHandle, Error> {
        // SAFETY: the group is live; the new handle shares its ownership.
        let result = ffi::create(|out, message| unsafe { sys::gradus_group_share(self.as_ptr(), out, message) });
        let handle = Handle::new(result)
            .map_err(|failure| Error::in_group(failure, self.member, Operation::Abort, self.timeout))?;
        Ok(AbortHandle { handle, member: self.member })
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::Group {
        self.handle.0.as_ptr()
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

// === impl AbortHandle ===

impl AbortHandle {
    /// Closes the connections to all peers and wakes every waiter of this rank with [`Error::Aborted`]; the peers find the connection
    /// closed. The group takes no more collectives. Aborting twice is aborting once.
    pub fn abort(&self) -> Result<(), Error> {
        // SAFETY: the group is live, and the shim lets any thread abort it.
        ffi::check(|message| unsafe { sys::gradus_group_abort(self.handle.0.as_ptr(), message) })
            .map_err(|failure| Error::in_group(failure, self.member, Operation::Abort, Duration::ZERO))
    }
}

// === impl ListenOn ===

impl ListenOn {
    /// The hostname and the interface, of which one is there.
    fn c_strings(&self) -> Result<(Option<CString>, Option<CString>), Error> {
        Ok(match self {
            Self::Hostname(name) => (Some(ffi::c_string(name)?), None),
            Self::Interface(name) => (None, Some(ffi::c_string(name)?)),
        })
    }
}

// === impl Handle ===

impl Handle {
    fn new(result: Result<*mut sys::Group, Failure>) -> Result<Self, Failure> {
        Ok(Self(NonNull::new(result?).expect("the shim never succeeds with a null handle")))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and is freed once. The last one joins Gloo's threads, which never hold one themselves.
        unsafe { sys::gradus_group_free(self.0.as_ptr()) };
    }
}

// SAFETY: the group holds no thread-local state and may be used and freed on any thread.
unsafe impl Send for Handle {}
// SAFETY: the shim serialises launches under a mutex, and aborts and waits under another.
unsafe impl Sync for Handle {}
