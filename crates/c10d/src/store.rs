//! The key-value store where the ranks of a group find each other.

use std::{
    net::{SocketAddr, TcpListener},
    os::fd::IntoRawFd,
    ptr::NonNull,
    slice,
    time::Duration,
};

use gradus_c10d_sys as sys;

use crate::{
    Error,
    ffi::{self, Failure},
};

/// A connection to a rendezvous store, served by one process and used by all ranks.
#[derive(Debug)]
pub struct Store {
    handle: NonNull<sys::Store>,
    address: SocketAddr,
    timeout: Duration,
}

// === impl Store ===

impl Store {
    /// Serves a store on `address`, and only there; port 0 takes a free port, which [`Store::address`] tells. The store lives until
    /// this value and all its generations are dropped.
    pub fn host(address: SocketAddr, timeout: Duration) -> Result<Self, Error> {
        let listen = || {
            let listener = TcpListener::bind(address)?;
            let bound = listener.local_addr()?;
            Ok((listener, bound))
        };
        let (listener, address) = listen().map_err(|source| Error::Listen { address, source })?;
        let descriptor = listener.into_raw_fd();
        // SAFETY: the descriptor is a listening socket bound to the endpoint, and its ownership passes to the shim; the endpoint
        // outlives the call.
        Self::open("host", address, timeout, |endpoint, out, message| unsafe {
            sys::gradus_store_host(descriptor, endpoint, out, message)
        })
    }

    /// Connects to the store at `address`, trying until `timeout`.
    pub fn connect(address: SocketAddr, timeout: Duration) -> Result<Self, Error> {
        // SAFETY: the endpoint outlives the call.
        Self::open("connect to", address, timeout, |endpoint, out, message| unsafe {
            sys::gradus_store_connect(endpoint, out, message)
        })
    }

    /// The same store with its keys under `generation`. A group that failed is joined again under the next one, so that nothing its
    /// predecessor left behind is taken for an answer.
    pub fn generation(&self, generation: u64) -> Result<Self, Error> {
        let prefix = ffi::c_string(&format!("generation/{generation}"))?;
        // SAFETY: the handle is live and the prefix outlives the call; the new handle keeps the connection alive by itself.
        let result = ffi::create(|out, message| unsafe {
            sys::gradus_store_prefixed(self.handle.as_ptr(), prefix.as_ptr(), out, message)
        });
        Self::wrap(result, "open a generation of", self.address, self.timeout)
    }

    /// Sets `key`.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        let key = ffi::c_string(key)?;
        // SAFETY: the handle is live; key and value outlive the call and are copied by it.
        ffi::check(|message| unsafe {
            sys::gradus_store_set(self.handle.as_ptr(), key.as_ptr(), value.as_ptr(), value.len(), message)
        })
        .map_err(|failure| Error::in_store(failure, "set a key in", self.address, self.timeout))
    }

    /// Waits until someone has set `key`, and reads it.
    pub fn get(&self, key: &str, timeout: Duration) -> Result<Vec<u8>, Error> {
        let key = ffi::c_string(key)?;
        let timeout_ms = ffi::milliseconds(timeout);
        let mut bytes = sys::Bytes { data: std::ptr::null_mut(), size: 0 };
        // SAFETY: the handle is live and the key outlives the call.
        ffi::check(|message| unsafe {
            sys::gradus_store_get(self.handle.as_ptr(), key.as_ptr(), timeout_ms, &mut bytes, message)
        })
        .map_err(|failure| Error::in_store(failure, "read a key from", self.address, timeout))?;
        // SAFETY: on success `data` points to `size` bytes, is never null, and is ours until freed below.
        let value = unsafe { slice::from_raw_parts(bytes.data, bytes.size) }.to_vec();
        // SAFETY: the bytes came from the shim and are freed once.
        unsafe { sys::gradus_bytes_free(bytes) };
        Ok(value)
    }

    /// Where the store listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::Store {
        self.handle.as_ptr()
    }

    fn open(
        action: &'static str,
        address: SocketAddr,
        timeout: Duration,
        call: impl FnOnce(*const sys::Endpoint, *mut *mut sys::Store, *mut *mut std::ffi::c_char) -> sys::Status,
    ) -> Result<Self, Error> {
        let host = ffi::c_string(&address.ip().to_string())?;
        let timeout_ms = ffi::milliseconds(timeout);
        let endpoint = sys::Endpoint { host: host.as_ptr(), port: address.port(), timeout_ms };
        Self::wrap(ffi::create(|out, message| call(&endpoint, out, message)), action, address, timeout)
    }

    fn wrap(
        result: Result<*mut sys::Store, Failure>,
        action: &'static str,
        address: SocketAddr,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let handle = result.map_err(|failure| Error::in_store(failure, action, address, timeout))?;
        let handle = NonNull::new(handle).expect("the shim never succeeds with a null handle");
        Ok(Self { handle, address, timeout })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and is freed once.
        unsafe { sys::gradus_store_free(self.handle.as_ptr()) };
    }
}

// SAFETY: TCPStore and PrefixStore hold no thread-local state; the handle may be used and freed on any thread.
unsafe impl Send for Store {}
// SAFETY: TCPStore takes a lock around every request, and PrefixStore only forwards to it.
unsafe impl Sync for Store {}
