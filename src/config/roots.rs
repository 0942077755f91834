//! Whose certificates are believed: those that the platform trusts, read once for all clients of the process, and those of an
//! authority of one's own. All is read and looked at before any of it is needed.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::files::Patience;

/// Far more than any bundle of certificates has.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Who judges a server's certificate.
pub type Judge = Arc<dyn ServerCertVerifier>;

/// The crypto that all TLS here uses: its own, which a library must not install for the whole process.
pub(crate) fn crypto() -> &'static Arc<CryptoProvider> {
    static CRYPTO: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    CRYPTO.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
}

/// The judge for a client with the certificates of a PEM file and of a PEM text. `needed` says whether any server will have to
/// show a certificate. The error completes a sentence about `ca_file`.
pub(super) fn judge(
    file: Option<&Path>,
    pem: Option<&[u8]>,
    needed: bool,
    patience: &Patience,
) -> Result<Option<Judge>, String> {
    let own = own_roots(file, pem, patience)?;
    if !needed {
        return Ok(None);
    }
    let platform = platform(patience);
    match (own, platform) {
        (None, platform) => platform.map(|judge| Some(judge as Judge)),
        (Some(own), Err(_)) => Ok(Some(own)),
        (Some(own), Ok(platform)) => Ok(Some(Arc::new(Both { own, platform }))),
    }
}

/// The certificates of one's own, if there are any.
fn own_roots(
    file: Option<&Path>,
    pem: Option<&[u8]>,
    patience: &Patience,
) -> Result<Option<Arc<WebPkiServerVerifier>>, String> {
    let read =
        |path: &Path| patience.read(path, MAX_FILE).map_err(|what| format!("{} {what}", path.display()));
    let file = file.map(read).transpose()?;
    // Only Rust has the text, so only who gave one hears of it.
    let or_text = if pem.is_some() { "(or `ca_pem`) " } else { "" };
    // In PEM form anything can be called a certificate; in a store it was read.
    let mut store = RootCertStore::empty();
    for pem in file.as_ref().map(|file| &file.bytes[..]).into_iter().chain(pem) {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.ok().filter(|found| !found.is_empty());
        let found = found.ok_or_else(|| format!("{or_text}holds no certificates in PEM form"))?;
        found
            .into_iter()
            .try_for_each(|root| store.add(root))
            .map_err(|_| format!("{or_text}holds a certificate that can't be read"))?;
    }
    if store.is_empty() {
        return Ok(None);
    }
    let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(store), crypto().clone()).build();
    judge.map(Some).map_err(|error| format!("{or_text}holds certificates that can't be used: {error}"))
}

/// The judge over what the platform trusts: reading that takes longer than a call, and it is large.
fn platform(patience: &Patience) -> Result<Arc<Verifier>, String> {
    static PLATFORM: OnceLock<Arc<Verifier>> = OnceLock::new();
    if let Some(known) = PLATFORM.get() {
        return Ok(known.clone());
    }
    // Read outside the lock, which a child that is forked meanwhile would find locked for ever.
    let read = patience.wait_for(|_| Verifier::new(crypto().clone()));
    let place = place();
    match read {
        Ok(Ok(judge)) => Ok(PLATFORM.get_or_init(|| Arc::new(judge)).clone()),
        Ok(Err(_)) => Err(format!(
            "is not given, and there are no root certificates {place}: install the package ca-certificates, or set \
             `ca_file` or SSL_CERT_FILE to a PEM file"
        )),
        Err(what) => {
            Err(format!("is not given, and reading the root certificates {place} failed: it {what}"))
        }
    }
}

/// Where the platform's certificates are looked for.
fn place() -> String {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().filter_map(|variable| {
        let value = std::env::var_os(variable).filter(|value| !value.is_empty())?;
        Some(format!("{variable} ({})", Path::new(&value).display()))
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() { "on this machine".to_owned() } else { format!("in {}", named.join(" or ")) }
}

/// A certificate is believed that either accepts.
#[derive(Debug)]
struct Both {
    own: Arc<WebPkiServerVerifier>,
    platform: Arc<Verifier>,
}

impl ServerCertVerifier for Both {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = |judge: &dyn ServerCertVerifier| {
            judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        // One's own first: the platform writes what it refuses into the log.
        let Err(error) = judged(&*self.own) else { return Ok(ServerCertVerified::assertion()) };
        judged(&*self.platform).map_err(|platforms| match error {
            // It comes from neither, or from the platform's: that one knows more about it.
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => platforms,
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.own.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.own.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.own.supported_verify_schemes()
    }
}
