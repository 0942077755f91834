//! How an emulator is set up, and everything that can be wrong with it before it runs.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::demo;
use crate::emulator::Emulator;
use crate::users::{self, Users};

/// The tenant an emulator serves unless told otherwise.
pub const DEFAULT_TENANT: &str = "7e57ab1e-0a66-4e57-8000-10ca1be57a4d";

/// The port of the program; in-process emulators take a free one.
pub const DEFAULT_PORT: u16 = 8970;

/// How to start an emulator: on a free port of `127.0.0.1`, with [`DEFAULT_TENANT`], the demo users
/// and tokens that live 15 minutes, unless changed here.
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `start`"]
pub struct Options {
    host: String,
    port: u16,
    tenant: String,
    seed: Seed,
    token_lifetime: Duration,
    allow_remote: bool,
}

#[derive(Clone, Debug)]
enum Seed {
    Demo,
    Text(String),
    File(PathBuf),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 0,
            tenant: DEFAULT_TENANT.into(),
            seed: Seed::Demo,
            token_lifetime: Duration::from_secs(900),
            allow_remote: false,
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The address or name to listen on.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The port to listen on; 0 takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The tenant to serve.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Users instead of the demo users, as JSON text `{"users":[..]}`.
    pub fn seed(mut self, json: impl Into<String>) -> Self {
        self.seed = Seed::Text(json.into());
        self
    }

    /// Users instead of the demo users, from a file of the same shape.
    pub fn seed_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.seed = Seed::File(file.into());
        self
    }

    /// How long tokens live, in whole seconds, at least one.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Lets [`host`](Self::host) be an address that other machines can reach. Keys go over the network unencrypted then.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.allow_remote = allow;
        self
    }

    /// Starts the emulator; requests can be sent as soon as this returns.
    pub fn start(self) -> Result<Emulator, StartError> {
        if !is_one_segment(&self.tenant) {
            return Err(StartError::Tenant(self.tenant));
        }
        if self.token_lifetime.as_secs() == 0 {
            return Err(StartError::TokenLifetime);
        }
        let users = self.users()?;
        let addresses = self.addresses()?;
        Emulator::run(&addresses, self.host.clone(), self.tenant, users, self.token_lifetime).map_err(
            |error| match error.kind() {
                io::ErrorKind::AddrInUse => StartError::PortTaken(self.host, self.port),
                _ => StartError::Listen(self.host, self.port, error),
            },
        )
    }

    fn users(&self) -> Result<Users, StartError> {
        let wrong = |place: &str, why: String| StartError::Seed(place.to_owned(), why);
        let (place, text) = match &self.seed {
            Seed::Demo => return Ok(demo::users()),
            Seed::Text(text) => ("seed".to_owned(), text.clone()),
            Seed::File(file) => {
                let place = format!("seed file {}", Path::display(file));
                let text = std::fs::read_to_string(file).map_err(|error| wrong(&place, error.to_string()))?;
                (place, text)
            }
        };
        let list = users::read_list(&text).map_err(|why| wrong(&place, why))?;
        Ok(list.into_iter().collect())
    }

    fn addresses(&self) -> Result<Vec<SocketAddr>, StartError> {
        // An IPv6 address is written in brackets in URLs and without them elsewhere; take both.
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<_> = (host, self.port)
            .to_socket_addrs()
            .map_err(|error| StartError::Listen(self.host.clone(), self.port, error))?
            .collect();
        let reachable = |address: &SocketAddr| !address.ip().is_loopback();
        match addresses.iter().find(|address| reachable(address)) {
            Some(address) if !self.allow_remote => Err(StartError::Remote(address.ip())),
            _ => Ok(addresses),
        }
    }
}

/// Whether a tenant can stand in a path as it is.
fn is_one_segment(tenant: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !matches!(tenant, "" | "." | "..") && tenant.bytes().all(unreserved)
}

/// Why an emulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The tenant can't stand in a path as it is.
    Tenant(String),
    /// Tokens would not live for a second.
    TokenLifetime,
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
            Self::Seed(place, why) => write!(f, "{place}: {why}"),
            Self::Remote(address) => write!(
                f,
                "{address} is reachable from other machines and the emulator serves plain HTTP; \
                 pass --allow-remote to permit this"
            ),
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
