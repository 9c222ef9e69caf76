//! What every call into the shim shares: statuses, messages, text and durations.

use std::{
    ffi::{CStr, CString, c_char},
    ptr,
    time::Duration,
};

use gradus_c10d_sys as sys;

use crate::Error;

/// A status other than success, with the shim's message.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: sys::Status,
    pub(crate) message: String,
}

/// Runs `call`, which is given where to leave a message, and takes the message over.
pub(crate) fn check(call: impl FnOnce(*mut *mut c_char) -> sys::Status) -> Result<(), Failure> {
    let mut message: *mut c_char = ptr::null_mut();
    let status = call(&mut message);
    if status == sys::Status::OK {
        return Ok(());
    }
    Err(Failure { status, message: take_message(message) })
}

/// Runs `call`, which leaves a handle as well.
pub(crate) fn create<T>(call: impl FnOnce(*mut *mut T, *mut *mut c_char) -> sys::Status) -> Result<*mut T, Failure> {
    let mut handle: *mut T = ptr::null_mut();
    check(|message| call(&mut handle, message))?;
    Ok(handle)
}

/// `text` for C.
pub(crate) fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::Nul { name: text.to_owned() })
}

/// Whole milliseconds, at least one: c10d reads zero as "for ever".
pub(crate) fn milliseconds(timeout: Duration) -> i64 {
    i64::try_from(timeout.as_millis()).unwrap_or(i64::from(i32::MAX)).clamp(1, i64::from(i32::MAX))
}

/// The first line of a message: the rest is a C++ backtrace.
fn take_message(message: *mut c_char) -> String {
    if message.is_null() {
        return "out of memory".to_owned();
    }
    // SAFETY: the shim stores a NUL-terminated string it no longer uses, and nobody else has the pointer.
    let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().lines().next().unwrap_or_default().to_owned();
    // SAFETY: the message came from the shim and is freed once, after its last use above.
    unsafe { sys::gradus_string_free(message) };
    text
}
