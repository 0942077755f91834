//! The certificates that a server shows, also where nobody believes them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use agglestone::binding::Judge;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a server showed.
pub type Seen = Arc<Mutex<Vec<CertificateDer<'static>>>>;

/// One certificate of a chain.
pub struct Certificate {
    pub subject: String,
    pub ends: SystemTime,
}

impl Certificate {
    /// The day it ends.
    pub fn ends_in_words(&self) -> String {
        let text = humantime::format_rfc3339_seconds(self.ends).to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }
}

/// The same TLS, whose judge writes down what it is shown and then judges as before.
pub fn recorded(mut tls: ClientConfig, judge: Judge) -> (ClientConfig, Seen) {
    let seen = Seen::default();
    let recorder = Recorder { judge, seen: seen.clone() };
    tls.dangerous().set_certificate_verifier(Arc::new(recorder));
    (tls, seen)
}

/// The server's own first.
pub fn read(seen: &Seen) -> Vec<Certificate> {
    let seen = seen.lock().expect("nobody panics with it");
    let parsed = seen.iter().filter_map(|der| X509Certificate::from_der(der).ok());
    parsed
        .map(|(_, certificate)| {
            let ends = certificate.validity().not_after.timestamp();
            let ends = SystemTime::UNIX_EPOCH + Duration::from_secs(ends.try_into().unwrap_or(0));
            Certificate { subject: certificate.subject().to_string(), ends }
        })
        .collect()
}

#[derive(Debug)]
struct Recorder {
    judge: Judge,
    seen: Seen,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.seen.lock().expect("nobody panics with it") =
            chain.map(|certificate| certificate.clone().into_owned()).collect();
        self.judge.verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
