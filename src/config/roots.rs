//! The certificates of an authority of one's own, read and looked at before any of them is needed.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::path::why_unreadable;

/// The certificates of a PEM file and of a PEM text. The error completes a sentence about `ca_file`.
pub(super) fn extra_roots(
    file: Option<&Path>,
    pem: Option<&[u8]>,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| format!("{} can't be read: {}", path.display(), why_unreadable(&error)))
    };
    let file = file.map(read).transpose()?;
    // Only Rust has the text, so only who gave one hears of it.
    let or_text = if pem.is_some() { "(or `ca_pem`) " } else { "" };
    let mut roots = Vec::new();
    for pem in file.as_deref().into_iter().chain(pem) {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match found {
            Ok(found) if !found.is_empty() => roots.extend(found),
            _ => return Err(format!("{or_text}holds no certificates in PEM form")),
        }
    }
    // In PEM form anything can be called a certificate.
    let mut store = RootCertStore::empty();
    match roots.iter().try_for_each(|root| store.add(root.clone())) {
        Ok(()) => Ok(roots),
        Err(_) => Err(format!("{or_text}holds a certificate that can't be read")),
    }
}
