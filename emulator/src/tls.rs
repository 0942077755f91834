//! TLS for the emulator: a certificate from files, or one made at start by an authority made at start.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempPath;
use tokio_rustls::TlsAcceptor;

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
    /// The authority is written to the file, or else to a temporary one.
    SelfSigned {
        authority: Option<PathBuf>,
    },
}

/// Ready to accept connections.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The file of the authority that a self-signed certificate is verified by.
    pub(crate) authority: Option<AuthorityFile>,
}

/// A temporary file goes when the emulator does.
pub(crate) enum AuthorityFile {
    Given(PathBuf),
    Temporary(TempPath),
}

impl AuthorityFile {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(path) => path,
        }
    }
}

impl Tls {
    /// From `source`, for these `names` and addresses, or what is wrong.
    pub(crate) fn new(source: &Source, names: &[String], addresses: &[SocketAddr]) -> Result<Self, String> {
        match source {
            Source::Files { certificate, key } => {
                let wrong =
                    |file: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
                let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
                    .and_then(Iterator::collect)
                    .map_err(|error| wrong(certificate, &error))?;
                if chain.is_empty() {
                    return Err(wrong(certificate, &"no certificate found"));
                }
                let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
                let acceptor = acceptor(chain, private).map_err(|error| wrong(certificate, &error))?;
                Ok(Self { acceptor, authority: None })
            }
            Source::SelfSigned { authority } => {
                let made = SelfSigned::new(names, addresses).map_err(|error| error.to_string())?;
                let file = write(authority.as_deref(), &made.authority)
                    .map_err(|error| format!("cannot write the CA certificate: {error}"))?;
                let acceptor = acceptor(made.chain, made.key).map_err(|error| error.to_string())?;
                Ok(Self { acceptor, authority: Some(file) })
            }
        }
    }
}

fn acceptor(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

struct SelfSigned {
    /// In PEM.
    authority: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl SelfSigned {
    fn new(names: &[String], addresses: &[SocketAddr]) -> Result<Self, rcgen::Error> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(DnType::CommonName, "Agglestone emulator CA");
        let authority_key = KeyPair::generate()?;
        let authority_certificate = authority.self_signed(&authority_key)?;

        let mut subjects: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        subjects.extend(addresses.iter().map(|address| address.ip().to_string()));
        subjects.extend(names.iter().cloned());
        subjects.sort();
        subjects.dedup();
        let mut leaf = CertificateParams::new(subjects)?;
        leaf.distinguished_name.push(DnType::CommonName, "Agglestone emulator");
        leaf.use_authority_key_identifier_extension = true;
        let leaf_key = KeyPair::generate()?;
        let issuer = Issuer::new(authority, authority_key);
        let certificate = leaf.signed_by(&leaf_key, &issuer)?;
        Ok(Self {
            authority: authority_certificate.pem(),
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(leaf_key.serialize_der()).into(),
        })
    }
}

fn write(to: Option<&Path>, pem: &str) -> std::io::Result<AuthorityFile> {
    if let Some(path) = to {
        std::fs::write(path, pem)?;
        return Ok(AuthorityFile::Given(path.to_owned()));
    }
    let mut file = tempfile::Builder::new().prefix("agglestone-emulator-ca-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    Ok(AuthorityFile::Temporary(file.into_temp_path()))
}
