//! Two authorities and the certificates that they sign.

use std::sync::{Arc, OnceLock};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::spec::{Issuer, Tls};

struct Authority {
    signer: rcgen::Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { signer: rcgen::Issuer::new(params, key), pem })
    }
}

/// The one authority or the other, the same for the whole run.
fn authority(issuer: Issuer) -> &'static Authority {
    static BOTH: [OnceLock<Authority>; 2] = [OnceLock::new(), OnceLock::new()];
    let made = &BOTH[usize::from(issuer == Issuer::Other)];
    made.get_or_init(|| Authority::new().expect("an authority"))
}

/// The certificate of an authority.
pub fn pem(issuer: Issuer) -> &'static str {
    &authority(issuer).pem
}

/// What does the handshakes of a server.
pub fn acceptor(tls: &Tls) -> Result<TlsAcceptor> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![tls.name.clone()])?;
    params.not_before = date_time_ymd(tls.not_before, 1, 1);
    params.not_after = date_time_ymd(tls.not_after, 1, 1);
    let certificate = params.signed_by(&key, &authority(tls.issuer).signer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = tls.protocols.iter().map(|name| name.clone().into_bytes()).collect();
    Ok(Arc::new(config).into())
}
