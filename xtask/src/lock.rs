//! One setup at a time.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::Context;

use crate::workspace::step;

/// Held while a setup changes the directory; let go when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

// === impl Lock ===

impl Lock {
    /// Waits until no other setup works in `directory`, which is made if need be.
    pub fn acquire(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join("lock");
        let attempt = || format!("failed to lock `{}`", path.display());
        fs::create_dir_all(directory).with_context(attempt)?;
        let file = File::create(&path).with_context(attempt)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                step("waiting for another `cargo xtask` that is setting up");
                file.lock().with_context(attempt)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(attempt),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_waits_for_the_first() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let first = Lock::acquire(directory.path()).expect("the first lock");
        let contender = File::create(directory.path().join("lock")).expect("the lock file");
        assert!(matches!(contender.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        contender.try_lock().expect("the first lock is gone");
    }
}
