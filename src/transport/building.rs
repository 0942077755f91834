//! Makes the HTTP clients: pooled connections, no redirects, finite times, TLS with the platform's roots.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::sigpipe;
use crate::config::{self, Config};
use crate::error::{Code, Error, Result};

/// Both builders of reqwest have the same methods and no common trait.
macro_rules! build {
    ($client:ty, $config:expr, $tls:expr, $connect_timeout:expr) => {{
        let config: &Config = $config;
        let mut builder = <$client>::builder()
            // A redirect would carry the key's header to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            // What may be repeated is the call's decision, not the transport's. One repetition remains below reqwest and
            // can't be turned off: a request that was waiting for a pooled connection when that ended, and of which not
            // a byte was written, goes to another one. That is safe for every method, and no attempt of its own.
            .retry(reqwest::retry::never())
            .connect_timeout($connect_timeout)
            // A request's own timeout replaces this one; it is here so that none is ever infinite.
            .timeout(config.timeout())
            // Only while requests are under way: an idle connection costs nobody anything.
            .http2_keep_alive_interval(silence(config))
            .http2_keep_alive_timeout(silence(config))
            .tls_backend_preconfigured($tls);
        // The one that the configuration was made with, not what the environment says by now.
        builder = match config.proxy() {
            Some(named) => builder.proxy(proxy(named)?),
            None => builder.no_proxy(),
        };
        builder.build().map_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            Error::new(Code::Connect, format!("the HTTP client can't be made{cause}"))
        })
    }};
}

pub(super) fn blocking(
    config: &Config,
    tls: ClientConfig,
    connect_timeout: Duration,
) -> Result<reqwest::blocking::Client> {
    // It does its I/O on a thread of its own, which is started here.
    sigpipe::blocked(|| build!(reqwest::blocking::Client, config, tls, connect_timeout))
}

pub(super) fn nonblocking(
    config: &Config,
    tls: ClientConfig,
    connect_timeout: Duration,
) -> Result<reqwest::Client> {
    build!(reqwest::Client, config, tls, connect_timeout)
}

fn proxy(named: &config::Proxy) -> Result<reqwest::Proxy> {
    let address = named.address();
    let proxy = reqwest::Proxy::all(address)
        .map_err(|_| Error::new(Code::Connect, format!("{address} is no address of a proxy")))?;
    Ok(match named.authorization() {
        Some(header) => proxy.custom_http_auth(header.clone()),
        None => proxy,
    })
}

/// How long an HTTP/2 connection may be silent before it is asked whether it is alive, and again how long it may take to
/// answer that.
///
/// Over HTTP/2 all calls share one connection, so one that died without a word (a firewall forgot it, a machine is gone)
/// would take the attempts of every call with it. Whoever can be connected to in this time can answer in it, too; and a third
/// of an attempt leaves it the time to fail as a lost connection, which is replaced, before it fails as a timeout, which
/// is not. Less than a second would make slow answers cost many questions.
fn silence(config: &Config) -> Duration {
    config.connect_timeout().min(config.timeout() / 3).max(Duration::from_secs(1))
}

/// TLS with its own crypto provider, which a library must not install for the whole process, and both versions of HTTP.
pub(super) fn tls(config: &Config) -> Result<ClientConfig> {
    let mut tls = trust(config)?;
    // reqwest adds none to a configuration that it is given. Asking a proxy for its own TLS it takes them out again.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Whose certificates are believed.
fn trust(config: &Config) -> Result<ClientConfig> {
    let failed = |error: rustls::Error| Error::new(Code::Tls, format!("TLS can't be set up: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    if config.is_plain_loopback() {
        // No certificate will be looked at, and reading the platform's takes longer than a whole call.
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let extra = config.extra_roots().iter().cloned();
    let verifier = Verifier::new_with_extra_roots(extra, provider).map_err(failed)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}
