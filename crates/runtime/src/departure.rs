//! What asks a process to leave: SIGTERM, SIGINT and, where a launcher holds the other end of a pipe, the launcher's death.

use std::{io, os::fd::OwnedFd, sync::Arc};

use tokio::{
    net::unix::pipe::Receiver,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::Error;

/// The requests to leave that a process hears.
#[derive(Debug)]
pub(crate) struct Requests {
    terminate: Signal,
    interrupt: Signal,
    leash: Option<Leash>,
}

/// The reading end of a pipe that is closed when the launcher is gone.
#[derive(Debug)]
pub(crate) struct Leash(Receiver);

// === impl Requests ===

impl Requests {
    /// Listens for signals on behalf of the named process, and for the end of its leash.
    pub(crate) fn listen(name: &str, leash: Option<Leash>) -> Result<Self, Error> {
        let open =
            |kind| signal(kind).map_err(|source| Error::Start { name: name.to_owned(), source: Arc::new(source) });
        Ok(Self { terminate: open(SignalKind::terminate())?, interrupt: open(SignalKind::interrupt())?, leash })
    }

    /// Waits for the first request and names it.
    pub(crate) async fn first(&mut self) -> &'static str {
        let leash = self.leash.take();
        let launcher_is_gone = async {
            match leash {
                Some(leash) => leash.closed().await,
                None => std::future::pending().await,
            }
        };
        // Every arm is cancel-safe, and the leash is of no more use.
        tokio::select! {
            name = signalled(&mut self.terminate, &mut self.interrupt) => name,
            () = launcher_is_gone => "end of standard input",
        }
    }

    /// Waits for a signal after the first request. A launcher that dies during the drain does not cut it short.
    pub(crate) async fn second(&mut self) -> &'static str {
        signalled(&mut self.terminate, &mut self.interrupt).await
    }
}

async fn signalled(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

// === impl Leash ===

impl Leash {
    /// Watches a pipe. Needs a reactor.
    pub(crate) fn new(pipe: OwnedFd) -> io::Result<Self> {
        Receiver::from_owned_fd(pipe).map(Self)
    }

    /// Waits until nobody holds the other end. What is written into the pipe has no meaning.
    async fn closed(&self) {
        let mut ignored = [0; 64];
        while self.0.readable().await.is_ok() {
            match self.0.try_read(&mut ignored) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                Ok(_) | Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn the_end_of_the_leash_is_a_request_to_leave_and_words_on_it_are_not() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut requests = Requests::listen("test", Some(Leash::new(reader.into()).unwrap())).unwrap();
        writer.write_all(b"stay").unwrap();
        let mut first = std::pin::pin!(requests.first());
        assert!(
            tokio::select! { biased; _ = &mut first => false, () = tokio::task::yield_now() => true },
            "the other end is open"
        );
        drop(writer);
        assert_eq!(first.await, "end of standard input");
    }

    #[tokio::test]
    async fn what_is_no_pipe_is_no_leash() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(Leash::new(file.into()).is_err());
    }
}
