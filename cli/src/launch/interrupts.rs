//! Ctrl-C and `kill`, counted: the first drains the run, the second ends it at once.

use std::{
    io::{ErrorKind, Read},
    os::unix::net::UnixStream,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, Result};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    low_level::pipe,
};

/// The requests to leave that this process has had so far.
#[derive(Debug)]
pub struct Interrupts {
    /// Every signal writes a byte into the other end.
    signals: UnixStream,
    num_seen: AtomicU64,
}

impl Interrupts {
    /// Listens for SIGINT and SIGTERM, which end the process no more by themselves.
    pub fn listen() -> Result<Self> {
        let attempt = "failed to listen for Ctrl-C";
        let (signals, writer) = UnixStream::pair().context(attempt)?;
        signals.set_nonblocking(true).context(attempt)?;
        for signal in [SIGINT, SIGTERM] {
            let writer = writer.try_clone().context(attempt)?;
            pipe::register(signal, writer).context(attempt)?;
        }
        Ok(Self { signals, num_seen: AtomicU64::new(0) })
    }

    /// Returns how many there were.
    pub fn count(&self) -> u64 {
        let mut bytes = [0; 16];
        let num_new = match (&self.signals).read(&mut bytes) {
            Ok(num_new) => num_new as u64,
            Err(error) => {
                debug_assert_eq!(error.kind(), ErrorKind::WouldBlock, "both ends belong to this process");
                0
            }
        };
        self.num_seen.fetch_add(num_new, Ordering::Relaxed) + num_new
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[test]
    fn every_signal_counts() {
        let interrupts = Interrupts::listen().unwrap();
        assert_eq!(interrupts.count(), 0);
        for expected in 1..=2 {
            kill_process(getpid(), Signal::INT).unwrap();
            // The kernel delivers it to some thread of this process, soon.
            while interrupts.count() < expected {
                std::thread::yield_now();
            }
        }
        assert_eq!(interrupts.count(), 2);
    }
}
