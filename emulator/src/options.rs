//! How an emulator is set up, and everything that can be wrong with it before it runs.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::demo;
use crate::emulator::Emulator;
use crate::keys;
use crate::setup::Setup;
use crate::start_error::StartError;
use crate::users::{self, Users};

/// The tenant an emulator serves unless told otherwise.
pub const DEFAULT_TENANT: &str = "7e57ab1e-0a66-4e57-8000-10ca1be57a4d";

/// The port of the program; in-process emulators take a free one.
pub const DEFAULT_PORT: u16 = 8970;

/// How to start an emulator: on a free port of `127.0.0.1`, with [`DEFAULT_TENANT`], the demo users
/// random keys, and tokens that live 15 minutes, unless changed here.
#[derive(Clone)]
#[must_use = "nothing runs before `start`"]
pub struct Options {
    host: String,
    port: u16,
    tenant: String,
    seed: Seed,
    token_lifetime: Duration,
    allow_remote: bool,
    primary_api_key: Option<String>,
    secondary_api_key: Option<String>,
    control_token: Option<String>,
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
            primary_api_key: None,
            secondary_api_key: None,
            control_token: None,
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

    /// The primary API key to start with: 4 to 256 visible ASCII characters. Otherwise a random one.
    pub fn primary_api_key(mut self, key: impl Into<String>) -> Self {
        self.primary_api_key = Some(key.into());
        self
    }

    /// The secondary API key to start with; see [`primary_api_key`](Self::primary_api_key).
    pub fn secondary_api_key(mut self, key: impl Into<String>) -> Self {
        self.secondary_api_key = Some(key.into());
        self
    }

    /// The bearer token of the control API, of the same form as keys. Otherwise a random one.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
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
        self.check_secrets()?;
        let addresses = self.addresses()?;
        let setup = Setup {
            users: self.users()?,
            host: self.host.clone(),
            tenant: self.tenant,
            token_lifetime: self.token_lifetime,
            primary_api_key: self.primary_api_key,
            secondary_api_key: self.secondary_api_key,
            control_token: self.control_token,
        };
        Emulator::run(&addresses, setup).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortTaken(self.host, self.port),
            _ => StartError::Listen(self.host, self.port, error),
        })
    }

    fn check_secrets(&self) -> Result<(), StartError> {
        let given = [
            ("primary API key", &self.primary_api_key),
            ("secondary API key", &self.secondary_api_key),
            ("control token", &self.control_token),
        ];
        for (name, secret) in given {
            let why = secret.as_deref().and_then(keys::flaw);
            why.map_or(Ok(()), |why| Err(StartError::Secret(name, why.into())))?;
        }
        if self.primary_api_key.is_some() && self.primary_api_key == self.secondary_api_key {
            return Err(StartError::Secret("secondary API key", "equals the primary API key".into()));
        }
        Ok(())
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

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tenant", &self.tenant)
            .field("seed", &self.seed)
            .field("token_lifetime", &self.token_lifetime)
            .field("allow_remote", &self.allow_remote)
            .finish_non_exhaustive()
    }
}
