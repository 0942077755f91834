//! Why an emulator did not start.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

/// Why an emulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The tenant can't stand in a path as it is.
    Tenant(String),
    /// Tokens would not live for a second.
    TokenLifetime,
    /// Requests would have no time to arrive.
    RequestTimeout,
    /// A given key or control token can't be used: which one, and what is wrong with it.
    Secret(&'static str, String),
    /// The public URL isn't one that paths can be put behind.
    PublicUrl(String),
    /// This is not the origin of a web page.
    Origin(String),
    /// The certificate can't be had; why.
    Tls(String),
    /// A file can't be used: what it is for, where it is, and what is wrong with it.
    File(&'static str, PathBuf, String),
    /// The seed can't be read: where it is from, and what is wrong.
    Seed(String, String),
    /// Other machines can reach this address, and nobody allowed that.
    Remote(IpAddr),
    /// Somebody else listens on this host and port.
    PortTaken(String, u16),
    /// This host and port can't be listened on.
    Listen(String, u16, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(tenant) => {
                write!(f, "invalid tenant {tenant:?}: use only letters, digits and - . _ ~")
            }
            Self::TokenLifetime => write!(f, "the token lifetime must be at least one second"),
            Self::RequestTimeout => write!(f, "the request timeout must be longer than zero"),
            Self::Secret(name, why) => write!(f, "the {name} {why}"),
            Self::PublicUrl(url) => {
                write!(
                    f,
                    "invalid public URL {url:?}: expected http:// or https://, a host, and no path or query"
                )
            }
            Self::Origin(origin) => {
                write!(f, "invalid origin {origin:?}: expected scheme://host[:port], or * for all")
            }
            Self::Tls(why) => write!(f, "TLS: {why}"),
            Self::File(what, file, why) => write!(f, "{what} {}: {why}", file.display()),
            Self::Seed(place, why) => write!(f, "{place}: {why}"),
            Self::Remote(address) => {
                write!(f, "{address} is reachable from other machines; pass --allow-remote to permit this")
            }
            Self::PortTaken(host, port) => write!(
                f,
                "port {port} on {host} is already in use; choose another with --port, or pass --port 0 for any free port"
            ),
            Self::Listen(host, port, error) => {
                write!(f, "cannot listen on {host}, port {port}: {error}")
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(_, _, error) => Some(error),
            _ => None,
        }
    }
}
