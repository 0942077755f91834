//! How an emulator is set up, and everything that can be wrong with it before it runs.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};

use crate::demo;
use crate::emulator::Emulator;
use crate::keeping::DataFile;
use crate::keys;
use crate::setup::Setup;
use crate::signing::SigningKey;
use crate::snapshot::{Restored, Snapshot};
use crate::start_error::StartError;
use crate::tls::{self, Tls};
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
    request_timeout: Duration,
    allow_remote: bool,
    primary_api_key: Option<String>,
    secondary_api_key: Option<String>,
    control_token: Option<String>,
    public_url: Option<String>,
    trust_forwarded: bool,
    allowed_hosts: Vec<String>,
    cors: Vec<String>,
    tls: Option<tls::Source>,
    data: Option<PathBuf>,
    signing_key: Option<PathBuf>,
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
            request_timeout: Duration::from_secs(60),
            allow_remote: false,
            primary_api_key: None,
            secondary_api_key: None,
            control_token: None,
            public_url: None,
            trust_forwarded: false,
            allowed_hosts: vec![],
            cors: vec![],
            tls: None,
            data: None,
            signing_key: None,
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

    /// How long a request may take to arrive, head and body each, how long a connection may be idle, and how long a client may
    /// read nothing of its answer; otherwise a minute.
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.request_timeout = limit;
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

    /// Where callers reach the emulator, as `http://emulator:8970`. Issuer and key set are there then;
    /// otherwise they are where the request that asks for them was sent to.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Believes `Forwarded` and `X-Forwarded-Proto` and `-Host`, for an emulator behind a proxy that sets them.
    pub fn trust_forwarded(mut self, trust: bool) -> Self {
        self.trust_forwarded = trust;
        self
    }

    /// One more name that the portal answers to.
    pub fn allowed_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Lets web pages of one more origin call the service; `*` is every origin. None may unless told here.
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        self.cors.push(origin.into());
        self
    }

    /// Serves HTTPS, HTTP/2 included, with the certificate chain and the private key in these PEM files.
    pub fn tls_files(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls = Some(tls::Source::Files { certificate: certificate.into(), key: key.into() });
        self
    }

    /// Serves HTTPS, HTTP/2 included, with a certificate made at start. Its authority is written to `ca_file`,
    /// or to a temporary file that [`Emulator::ca_file`] names.
    pub fn tls_self_signed(mut self, ca_file: Option<PathBuf>) -> Self {
        self.tls = Some(tls::Source::SelfSigned { authority: ca_file });
        self
    }

    /// Keeps users, keys, the signing key and revocations in this file. What is in it wins over given keys and seed.
    pub fn data_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Signs tokens with the RSA key in this PEM file; emulators with one key accept each other's tokens.
    pub fn signing_key_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.signing_key = Some(file.into());
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
        if self.request_timeout.is_zero() {
            return Err(StartError::RequestTimeout);
        }
        self.check_secrets()?;
        let addresses = self.addresses()?;
        let kept = self.kept()?;
        let public_url = self.checked_public_url()?;
        let cors = self.checked_origins()?;
        let public_host = public_url.as_ref().and_then(Uri::host).map(str::to_owned);
        let names: Vec<String> =
            [vec![self.host.clone()], self.allowed_hosts.clone(), public_host.into_iter().collect()].concat();
        let tls = self.tls.as_ref().map(|source| Tls::new(source, &names, &addresses));
        let mut setup = Setup {
            users: self.users()?,
            signing: self.given_signing_key()?,
            revoked: Default::default(),
            public_url: public_url.map(|url| url.to_string().trim_end_matches('/').to_owned()),
            trust_forwarded: self.trust_forwarded,
            names,
            cors,
            tls: tls.transpose().map_err(StartError::Tls)?,
            tenant: self.tenant,
            token_lifetime: self.token_lifetime,
            request_timeout: self.request_timeout,
            primary_api_key: self.primary_api_key,
            secondary_api_key: self.secondary_api_key,
            control_token: self.control_token,
        };
        if let Some(kept) = kept {
            setup.users = kept.users;
            setup.primary_api_key = Some(kept.primary_api_key);
            setup.secondary_api_key = Some(kept.secondary_api_key);
            setup.signing = Some(kept.signing);
            setup.revoked = kept.revoked;
        }
        Emulator::run(&addresses, setup, self.data.map(DataFile::new)).map_err(|error| match error.kind() {
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

    fn checked_public_url(&self) -> Result<Option<Uri>, StartError> {
        let Some(text) = &self.public_url else {
            return Ok(None);
        };
        let is_base = |uri: &Uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.path_and_query().is_none_or(|path| path == "/")
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        };
        match text.parse::<Uri>().ok().filter(is_base) {
            Some(uri) => Ok(Some(uri)),
            None => Err(StartError::PublicUrl(text.clone())),
        }
    }

    fn checked_origins(&self) -> Result<Vec<HeaderValue>, StartError> {
        let checked = |origin: &String| {
            let uri = origin.parse::<Uri>().ok();
            let is_origin =
                uri.is_some_and(|uri| uri.scheme().is_some() && uri.path() == "/" && !origin.ends_with('/'));
            let value = HeaderValue::from_str(origin).ok();
            value.filter(|_| origin == "*" || is_origin).ok_or_else(|| StartError::Origin(origin.clone()))
        };
        self.cors.iter().map(checked).collect()
    }

    /// What the data file holds, if there is one already.
    fn kept(&self) -> Result<Option<Restored>, StartError> {
        let Some(file) = &self.data else {
            return Ok(None);
        };
        let wrong = |why: String| StartError::File("data file", file.clone(), why);
        match std::fs::read(file) {
            Ok(text) => Snapshot::read(&text, &self.tenant).map(Some).map_err(wrong),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    fn given_signing_key(&self) -> Result<Option<Arc<SigningKey>>, StartError> {
        let Some(file) = &self.signing_key else {
            return Ok(None);
        };
        let wrong = |why: String| StartError::File("signing key", file.clone(), why);
        let pem = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let key = SigningKey::from_pem(&pem).map_err(|why| wrong(why.into()))?;
        Ok(Some(Arc::new(key)))
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
