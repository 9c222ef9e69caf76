//! The raw C interface to libtorch's collectives (c10d), through the C++ shim in `shim/`.
//!
//! The declarations mirror `shim/gradus_c10d.h`, which documents them. Every function returns a [`Status`]; on anything but
//! [`Status::OK`] it stores a message that the caller frees with [`gradus_string_free`]. Handles are opaque and owned by whoever
//! received them. `gradus_c10d` is the safe face and the only caller.
//!
//! Only the Gloo half exists: the collectives run on CPU tensors. The NCCL half, for GPUs, is not built yet.

use std::{
    ffi::{c_char, c_int, c_void},
    marker::{PhantomData, PhantomPinned},
};

/// The outcome of a call: `gradus_status`. A plain integer, so that an unknown value is not undefined behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(pub c_int);

impl Status {
    /// The call did what it was asked.
    pub const OK: Self = Self(0);
    /// A deadline passed.
    pub const TIMEOUT: Self = Self(2);
    /// The group was aborted.
    pub const ABORTED: Self = Self(3);
    /// The connection to a peer is gone.
    pub const PEER_LOST: Self = Self(4);
}

/// What makes a handle opaque: no size, no layout, and neither `Send`, `Sync` nor `Unpin` by default.
type Opaque = PhantomData<(*mut u8, PhantomPinned)>;

/// A rendezvous store.
#[repr(C)]
pub struct Store {
    opaque: [u8; 0],
    marker: Opaque,
}

/// A process group.
#[repr(C)]
pub struct Group {
    opaque: [u8; 0],
    marker: Opaque,
}

/// A launched collective.
#[repr(C)]
pub struct Work {
    opaque: [u8; 0],
    marker: Opaque,
}

/// A gradient reducer.
#[repr(C)]
pub struct Reducer {
    opaque: [u8; 0],
    marker: Opaque,
}

/// Where a store listens, and how long its clients wait: `gradus_endpoint`.
#[derive(Debug)]
#[repr(C)]
pub struct Endpoint {
    /// The address, as text.
    pub host: *const c_char,
    /// The port.
    pub port: u16,
    /// The bound of connecting and of every answer.
    pub timeout_ms: i64,
}

/// A rank's place in its group: `gradus_group_config`.
#[derive(Debug)]
#[repr(C)]
pub struct GroupConfig {
    /// This process's rank.
    pub rank: i32,
    /// The number of ranks.
    pub world_size: i32,
    /// The name or address to listen at, or null.
    pub hostname: *const c_char,
    /// The network interface to listen on, or null.
    pub interface: *const c_char,
    /// The bound of joining and of every collective.
    pub timeout_ms: i64,
}

/// What a reducer reduces: `gradus_reducer_config`.
#[derive(Debug)]
#[repr(C)]
pub struct ReducerConfig {
    /// The parameters, each an `at::Tensor *`.
    pub parameters: *const *mut c_void,
    /// How many there are.
    pub num_parameters: usize,
    /// The most bytes of gradients that share a bucket.
    pub bucket_capacity_bytes: u64,
    /// The bound of the ranks' agreement about the layout.
    pub timeout_ms: i64,
}

/// Bytes owned by the caller: `gradus_bytes`.
#[derive(Debug)]
#[repr(C)]
pub struct Bytes {
    /// The first byte.
    pub data: *mut u8,
    /// How many there are.
    pub size: usize,
}

/// What one reduction did: `gradus_reduction`.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Reduction {
    /// Buckets all-reduced.
    pub num_buckets: i64,
    /// Buckets whose all-reduce was launched while backward still ran.
    pub num_overlapped_buckets: i64,
    /// Parameters without a gradient on any rank.
    pub num_absent_gradients: i64,
}

unsafe extern "C" {
    /// Frees a message.
    pub fn gradus_string_free(message: *mut c_char);
    /// Frees bytes.
    pub fn gradus_bytes_free(bytes: Bytes);

    /// Serves a store on a listening socket bound to the endpoint, which it takes over.
    pub fn gradus_store_host(
        listen_fd: c_int,
        endpoint: *const Endpoint,
        out: *mut *mut Store,
        message: *mut *mut c_char,
    ) -> Status;
    /// Connects to a store.
    pub fn gradus_store_connect(endpoint: *const Endpoint, out: *mut *mut Store, message: *mut *mut c_char) -> Status;
    /// A view of a store in which every key carries a prefix.
    pub fn gradus_store_prefixed(
        store: *mut Store,
        prefix: *const c_char,
        out: *mut *mut Store,
        message: *mut *mut c_char,
    ) -> Status;
    /// Sets a key.
    pub fn gradus_store_set(
        store: *mut Store,
        key: *const c_char,
        value: *const u8,
        size: usize,
        message: *mut *mut c_char,
    ) -> Status;
    /// Waits for a key and reads it.
    pub fn gradus_store_get(
        store: *mut Store,
        key: *const c_char,
        timeout_ms: i64,
        out: *mut Bytes,
        message: *mut *mut c_char,
    ) -> Status;
    /// Frees a store.
    pub fn gradus_store_free(store: *mut Store);

    /// Joins a Gloo group.
    pub fn gradus_group_join(
        store: *mut Store,
        config: *const GroupConfig,
        out: *mut *mut Group,
        message: *mut *mut c_char,
    ) -> Status;
    /// Launches an in-place sum of an `at::Tensor` over all ranks.
    pub fn gradus_group_all_reduce_sum(
        group: *mut Group,
        tensor: *mut c_void,
        out: *mut *mut Work,
        message: *mut *mut c_char,
    ) -> Status;
    /// Launches an in-place broadcast of an `at::Tensor` from one rank to all.
    pub fn gradus_group_broadcast(
        group: *mut Group,
        tensor: *mut c_void,
        root_rank: i32,
        out: *mut *mut Work,
        message: *mut *mut c_char,
    ) -> Status;
    /// Launches a barrier.
    pub fn gradus_group_barrier(group: *mut Group, out: *mut *mut Work, message: *mut *mut c_char) -> Status;
    /// Closes the connections to all peers and wakes every waiter.
    pub fn gradus_group_abort(group: *mut Group, message: *mut *mut c_char) -> Status;
    /// A second handle to the same group.
    pub fn gradus_group_share(group: *mut Group, out: *mut *mut Group, message: *mut *mut c_char) -> Status;
    /// Frees a handle to a group.
    pub fn gradus_group_free(group: *mut Group);

    /// Waits for a collective.
    pub fn gradus_work_wait(work: *mut Work, timeout_ms: i64, message: *mut *mut c_char) -> Status;
    /// Frees a collective, which runs to its end all the same.
    pub fn gradus_work_free(work: *mut Work);

    /// Builds a reducer; a collective of its own.
    pub fn gradus_reducer_create(
        group: *mut Group,
        config: *const ReducerConfig,
        out: *mut *mut Reducer,
        message: *mut *mut c_char,
    ) -> Status;
    /// Makes the next backward launch the all-reduces.
    pub fn gradus_reducer_arm(reducer: *mut Reducer, message: *mut *mut c_char) -> Status;
    /// Launches what is missing, waits for all of it and stores the sums.
    pub fn gradus_reducer_finish(
        reducer: *mut Reducer,
        timeout_ms: i64,
        out: *mut Reduction,
        message: *mut *mut c_char,
    ) -> Status;
    /// Gives up an armed reduction.
    pub fn gradus_reducer_disarm(reducer: *mut Reducer);
    /// Frees a reducer and takes its hooks off the parameters.
    pub fn gradus_reducer_free(reducer: *mut Reducer);
}
