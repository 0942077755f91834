//! How TLS is spoken: whose certificates are believed, and which protocols are offered.

use rustls::{ClientConfig, RootCertStore};

use crate::config::{Config, crypto};
use crate::error::{Code, Error, Result};

/// TLS for one client, with both versions of HTTP.
pub(crate) fn config(config: &Config) -> Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(crypto().clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(Code::Tls, format!("TLS can't be set up: {error}")))?;
    let mut tls = match config.judge() {
        Some(judge) => {
            builder.dangerous().with_custom_certificate_verifier(judge.clone()).with_no_client_auth()
        }
        // No certificate will be looked at.
        None => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    // reqwest adds none to a configuration that it is given. Asking a proxy for its own TLS it takes them out again.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}
