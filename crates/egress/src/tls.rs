//! Whom we believe: the authorities in the operator's files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::error::SetupError;

/// A client that trusts the certificates of these files, with the one cryptographic provider.
pub(crate) fn config(ca_files: &[PathBuf]) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore::empty();
    for path in ca_files {
        add(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Tls(error.to_string()))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Adds what can be used. System bundles hold certificates that newer rules refuse; a file with none at all is a mistake.
fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), SetupError> {
    let unusable = |reason: String| SetupError::Certificates { path: path.to_owned(), reason };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    let (added, _) = roots.add_parsable_certificates(found.filter_map(Result::ok));
    if added == 0 { Err(unusable("it holds no certificate authority".to_owned())) } else { Ok(()) }
}
