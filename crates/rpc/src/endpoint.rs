//! Where a service is: a TCP port or a Unix socket.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::Error;

/// The address of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A TCP port.
    Tcp {
        /// A host name or an address; an IPv6 address without its brackets.
        host: String,
        /// The port; 0 lets the operating system choose one.
        port: u16,
    },
    /// A socket in the file system of this machine.
    Unix {
        /// The socket's file.
        path: PathBuf,
    },
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::Endpoint { text: text.to_owned(), reason };
        if let Some(path) = text.strip_prefix("unix:") {
            return match path.strip_prefix("//").unwrap_or(path) {
                "" => Err(refuse("the path is empty")),
                path => Ok(Self::Unix { path: PathBuf::from(path) }),
            };
        }
        if text.starts_with("https://") {
            return Err(refuse("TLS is not spoken between services"));
        }
        let address = text.strip_prefix("http://").unwrap_or(text);
        let address = address.strip_suffix('/').unwrap_or(address);
        let (host, port) = address.rsplit_once(':').ok_or_else(|| refuse("the port is missing"))?;
        let port = port.parse().map_err(|_| refuse("the port is not a number below 65536"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        match bare.unwrap_or(host) {
            "" => Err(refuse("the host is missing")),
            host if host.contains(['/', '@', ' ']) => Err(refuse("the host has characters that hosts do not have")),
            host if bare.is_none() && host.contains(':') => Err(refuse("an IPv6 address needs brackets")),
            host => Ok(Self::Tcp { host: host.to_owned(), port }),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(formatter, "{host}:{port}"),
            Self::Unix { path } => write!(formatter, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_and_written() {
        for (text, written) in [
            ("127.0.0.1:7600", "127.0.0.1:7600"),
            ("http://learner-0:80/", "learner-0:80"),
            ("[::1]:7600", "[::1]:7600"),
            ("unix:runs/demo/weights.sock", "unix:runs/demo/weights.sock"),
            ("unix:///run/weights.sock", "unix:/run/weights.sock"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), written);
            assert_eq!(written.parse::<Endpoint>().unwrap(), endpoint);
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_the_reason() {
        for (text, reason) in [
            ("localhost", "port is missing"),
            ("localhost:port", "not a number"),
            (":7600", "host is missing"),
            ("::1:7600", "brackets"),
            ("unix:", "path is empty"),
            ("https://host:1", "TLS"),
            ("a/b:1", "characters"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
