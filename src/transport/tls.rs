//! Whose certificates are believed, and which protocols are offered.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::config::Config;
use crate::error::{Code, Error, Result};

/// TLS with its own crypto provider, which a library must not install for the whole process, and both versions of HTTP.
pub(super) fn config(config: &Config) -> Result<ClientConfig> {
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
