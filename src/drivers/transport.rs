//! Makes the HTTP clients: pooled connections, no redirects, finite times, TLS with the platform's roots.

use std::error::Error as _;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::config::Config;
use crate::error::{Code, Error, Result};

/// Both builders of reqwest have the same methods and no common trait.
macro_rules! build {
    ($client:ty, $config:expr) => {{
        let config: &Config = $config;
        let mut builder = <$client>::builder()
            // A redirect would carry the key's header to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            // What may be repeated is the call's decision, not the transport's.
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout())
            // A request's own timeout replaces this one; it is here so that none is ever infinite.
            .timeout(config.timeout())
            .tls_backend_preconfigured(tls(config)?);
        if config.is_plain_loopback() {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            Error::new(Code::Connect, format!("the HTTP client can't be made{cause}"))
        })
    }};
}

pub(crate) fn blocking(config: &Config) -> Result<reqwest::blocking::Client> {
    build!(reqwest::blocking::Client, config)
}

pub(crate) fn nonblocking(config: &Config) -> Result<reqwest::Client> {
    build!(reqwest::Client, config)
}

/// TLS with its own crypto provider: a library must not install one for the whole process.
fn tls(config: &Config) -> Result<ClientConfig> {
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
