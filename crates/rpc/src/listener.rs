//! A server's socket, taken before anything else starts, so that a port in use is the first thing to be reported.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    net::{TcpListener, UnixListener, UnixStream},
    time::Instant,
};
use tracing::info;

use crate::{Endpoint, Error};

/// The longest path of a Unix socket on Linux, in bytes: 108 with the terminating zero.
const MAX_SOCKET_PATH_BYTES: usize = 107;

/// How long a server that is closing may take to let go of its socket, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(20);

/// A socket that is listened on.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
    pub(crate) socket: Socket,
}

/// The two kinds of sockets.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// Removes the file of a Unix socket, unless another process has put its own there meanwhile.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

// === impl Listener ===

impl Listener {
    /// Listens on an endpoint. The file of a Unix socket whose process is gone is replaced; one that is just closing is waited
    /// for, as is a port.
    pub async fn bind(endpoint: &Endpoint) -> Result<Self, Error> {
        patiently(|| Self::try_bind(endpoint)).await
    }

    async fn try_bind(endpoint: &Endpoint) -> Result<Self, Error> {
        match endpoint {
            Endpoint::Tcp { host, port } => {
                let (listener, endpoint) = try_bind_tcp(host, *port).await?;
                Ok(Self { endpoint, socket: Socket::Tcp(listener) })
            }
            Endpoint::Unix { path } => {
                let (listener, file) = bind_unix(path, endpoint).await?;
                Ok(Self { endpoint: endpoint.clone(), socket: Socket::Unix(listener, file) })
            }
        }
    }

    /// Returns where clients reach it: port 0 has become the port that the operating system chose.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Listens on a TCP port, once a server that is just closing has let go of it, and says which it is.
pub(crate) async fn bind_tcp(host: &str, port: u16) -> Result<(TcpListener, Endpoint), Error> {
    patiently(|| try_bind_tcp(host, port)).await
}

/// Tries again, for a moment, while the failure may be that of a server on its way out.
async fn patiently<T, F: Future<Output = Result<T, Error>>>(bind: impl Fn() -> F) -> Result<T, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match bind().await {
            Err(error) if is_passing(&error) && Instant::now() < deadline => tokio::time::sleep(INTERVAL).await,
            outcome => return outcome,
        }
    }
}

/// Tells whether a failure to listen may be that of a server that is closing: it still listens, resets who connects, or removes
/// the socket's file between two looks at it.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::InUse { .. } => true,
        Error::Listen { source, .. } => {
            matches!(source.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotFound)
        }
        _ => false,
    }
}

async fn try_bind_tcp(host: &str, port: u16) -> Result<(TcpListener, Endpoint), Error> {
    let endpoint = Endpoint::Tcp { host: host.to_owned(), port };
    match TcpListener::bind((host, port)).await.and_then(|listener| Ok((listener.local_addr()?.port(), listener))) {
        Ok((port, listener)) => Ok((listener, Endpoint::Tcp { host: host.to_owned(), port })),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Error::InUse { endpoint }),
        Err(source) => Err(Error::Listen { endpoint, source }),
    }
}

async fn bind_unix(path: &Path, endpoint: &Endpoint) -> Result<(UnixListener, SocketFile), Error> {
    let length = path.as_os_str().len();
    if length > MAX_SOCKET_PATH_BYTES {
        return Err(Error::PathTooLong { path: path.to_owned(), length, limit: MAX_SOCKET_PATH_BYTES });
    }
    remove_stale(path, endpoint).await?;
    let listen = || -> io::Result<_> {
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            fs::create_dir_all(directory)?;
        }
        Ok((UnixListener::bind(path)?, SocketFile::new(path)?))
    };
    match listen() {
        Ok(bound) => Ok(bound),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Error::InUse { endpoint: endpoint.clone() }),
        Err(source) => Err(Error::Listen { endpoint: endpoint.clone(), source }),
    }
}

/// Removes the file of a socket that nobody listens on any more.
async fn remove_stale(path: &Path, endpoint: &Endpoint) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if !metadata.file_type().is_socket() => return Err(Error::NotASocket { path: path.to_owned() }),
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            info!(%endpoint, "removing the socket of a process that is gone");
            fs::remove_file(path).map_err(|source| Error::Listen { endpoint: endpoint.clone(), source })
        }
        Err(source) => Err(Error::Listen { endpoint: endpoint.clone(), source }),
        Ok(_) => Err(Error::InUse { endpoint: endpoint.clone() }),
    }
}

// === impl SocketFile ===

impl SocketFile {
    fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(path)? })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            // A file that cannot be removed is replaced by the next process.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Poll,
    };

    use super::*;

    fn unix(path: PathBuf) -> Endpoint {
        Endpoint::Unix { path }
    }

    // The clock of these two stands still, and jumps to the end of a wait when there is nothing else to do.
    #[tokio::test(start_paused = true)]
    async fn a_port_in_use_is_an_error_that_names_it() {
        let first = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = Listener::bind(first.endpoint()).await.unwrap_err();
        assert!(error.to_string().contains(&format!("`{}`", first.endpoint())), "{error}");
        assert!(matches!(error, Error::InUse { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_in_use_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let endpoint = unix(directory.path().join("sockets").join("a.sock"));
        let _first = Listener::bind(&endpoint).await.unwrap();
        assert!(matches!(Listener::bind(&endpoint).await, Err(Error::InUse { .. })));
        assert!(directory.path().join("sockets/a.sock").exists());
    }

    #[tokio::test]
    async fn a_server_that_is_just_closing_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let endpoint = unix(directory.path().join("a.sock"));
        let closing = Listener::bind(&endpoint).await.unwrap();
        let mut next = Box::pin(Listener::bind(&endpoint));
        let refused = std::future::poll_fn(|context| Poll::Ready(next.as_mut().poll(context).is_pending())).await;
        assert!(refused, "{endpoint} is in use");
        drop(closing);
        assert_eq!(next.await.unwrap().endpoint(), &endpoint);
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_for_a_while_on_ports_as_on_sockets() {
        let endpoint: Endpoint = "127.0.0.1:7600".parse().unwrap();
        let num_tries = AtomicUsize::new(0);
        let attempt = || async {
            match num_tries.fetch_add(1, Ordering::Relaxed) {
                0..3 => Err(Error::InUse { endpoint: endpoint.clone() }),
                tries => Ok(tries),
            }
        };
        assert_eq!(patiently(attempt).await.unwrap(), 3);
        let started = Instant::now();
        let refused = patiently(|| async { Err::<(), _>(Error::InUse { endpoint: endpoint.clone() }) }).await;
        assert!(matches!(refused, Err(Error::InUse { .. })) && started.elapsed() >= PATIENCE);
    }

    #[tokio::test]
    async fn a_socket_whose_process_is_gone_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let listener = Listener::bind(&unix(path.clone())).await.unwrap();
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_not_touched() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sock");
        fs::write(&path, "precious").unwrap();
        assert!(matches!(Listener::bind(&unix(path.clone())).await, Err(Error::NotASocket { .. })));
        assert_eq!(fs::read_to_string(path).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_path_too_long_for_a_socket_says_what_to_do() {
        let path = PathBuf::from("/tmp").join("x".repeat(120));
        let error = Listener::bind(&unix(path)).await.unwrap_err();
        assert!(error.to_string().contains("choose a shorter run directory"), "{error}");
    }
}
