//! TLS of the bare proxy and of the load: the same library and provider as the server's.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Makes a certificate for `localhost` in the folder: `bench.pem` and `bench.key`.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    fs::write(folder.join("bench.pem"), made.cert.pem())?;
    fs::write(folder.join("bench.key"), made.signing_key.serialize_pem())?;
    Ok(())
}

/// The serving side.
pub(crate) fn server(certificate: &str, key: &str) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The asking side, which believes the authorities of these files.
pub(crate) fn client(authorities: &[&Path]) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for file in authorities {
        for certificate in CertificateDer::pem_file_iter(file).with_context(|| file.display().to_string())? {
            roots.add(certificate?)?;
        }
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
