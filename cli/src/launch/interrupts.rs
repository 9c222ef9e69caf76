//! Ctrl-C and `kill`, counted: the first drains the run, the second ends it at once.

use std::{
    io::{ErrorKind, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result};
use gradus_runtime::REPEAT;
use signal_hook::{
    SigId,
    consts::{SIGINT, SIGTERM},
    flag,
    low_level::{pipe, unregister},
};

/// The requests to leave that this process has had so far. Dropping the value gives the signals their usual effect again.
#[derive(Debug)]
pub struct Interrupts {
    /// Every signal writes a byte into the other end.
    signals: UnixStream,
    counted: Mutex<Counted>,
    writers: Vec<SigId>,
    is_deaf: Arc<AtomicBool>,
}

/// The requests, told from repeats.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    num_requests: u64,
    first: Option<Instant>,
}

// === impl Interrupts ===

impl Interrupts {
    /// Listens for SIGINT and SIGTERM, which end the process no more by themselves.
    pub fn listen() -> Result<Self> {
        let attempt = "failed to listen for Ctrl-C";
        let (signals, writer) = UnixStream::pair().context(attempt)?;
        signals.set_nonblocking(true).context(attempt)?;
        let is_deaf = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&is_deaf)).context(attempt)?;
            writers.push(pipe::register(signal, writer.try_clone().context(attempt)?).context(attempt)?);
        }
        Ok(Self { signals, counted: Mutex::default(), writers, is_deaf })
    }

    /// Listens to nothing, and counts nothing.
    #[cfg(test)]
    pub fn none() -> Self {
        let (signals, _writer) = UnixStream::pair().expect("sockets can be made");
        Self { signals, counted: Mutex::default(), writers: Vec::new(), is_deaf: Arc::default() }
    }

    /// Returns how many there were.
    pub fn count(&self) -> u64 {
        let mut bytes = [0; 16];
        let has_new = match (&self.signals).read(&mut bytes) {
            Ok(num_new) => num_new > 0,
            Err(error) => {
                debug_assert_eq!(error.kind(), ErrorKind::WouldBlock, "both ends belong to this process");
                false
            }
        };
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if has_new {
            counted.note(Instant::now());
        }
        counted.num_requests
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.is_deaf.store(true, Ordering::SeqCst);
        self.writers.drain(..).for_each(|writer| _ = unregister(writer));
    }
}

// === impl Counted ===

impl Counted {
    /// Counts what has come since the last look, which is one request.
    fn note(&mut self, now: Instant) {
        let first = *self.first.get_or_insert(now);
        if self.num_requests == 0 || now.saturating_duration_since(first) >= REPEAT {
            self.num_requests += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[test]
    fn a_signal_counts() {
        let interrupts = Interrupts::listen().unwrap();
        assert_eq!(interrupts.count(), 0);
        kill_process(getpid(), Signal::INT).unwrap();
        // The kernel delivers it to some thread of this process, soon.
        while interrupts.count() < 1 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_repeat_of_the_first_signal_is_no_second_one() {
        let (mut counted, now) = (Counted::default(), Instant::now());
        let mut after = |millis| {
            counted.note(now + Duration::from_millis(millis));
            counted.num_requests
        };
        assert_eq!([after(0), after(5), after(999), after(1_000), after(1_001)], [1, 1, 1, 2, 3]);
    }
}
