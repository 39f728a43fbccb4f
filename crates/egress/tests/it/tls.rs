//! Whom the way out believes.

use std::path::Path;
use std::sync::Arc;

use egress::{Egress, EgressError, Settings, SetupError};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::mock::{Mock, json};
use crate::way::{get, settings};

/// Makes an authority, writes it to `path`, and serves a certificate for `name` that it signed.
fn acceptor(path: &Path, name: &str, protocols: &[&[u8]]) -> TlsAcceptor {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    std::fs::write(path, authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

fn believing(mock: &Mock, ca: &Path) -> Egress {
    Egress::new(Settings { ca_files: vec![ca.to_owned()], ..settings(&[&mock.url]) }).unwrap()
}

#[tokio::test]
async fn a_certificate_of_the_operators_authority_is_believed_in_either_protocol() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    for (protocols, version) in [
        (&[&b"h2"[..]][..], http::Version::HTTP_2),
        (&[b"http/1.1"], http::Version::HTTP_11),
        (&[], http::Version::HTTP_11),
    ] {
        let mock = Mock::start(Some(acceptor(&ca, "127.0.0.1", protocols))).await;
        mock.will(json(200, "{}"));
        assert_eq!(get(&believing(&mock, &ca), &mock.url).await.unwrap().status(), 200);
        assert_eq!(mock.seen()[0].version, version);
    }
}

#[tokio::test]
async fn another_authority_or_another_name_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let (ca, other) = (dir.path().join("ca.pem"), dir.path().join("other.pem"));
    let _ = acceptor(&other, "127.0.0.1", &[]);
    for (name, believed) in [("127.0.0.1", &other), ("another.example", &ca)] {
        let mock = Mock::start(Some(acceptor(&ca, name, &[]))).await;
        let error = get(&believing(&mock, believed), &mock.url).await.err().unwrap();
        assert!(matches!(error, EgressError::Unreachable { .. }), "{name}: {error}");
        assert!(mock.seen().is_empty());
    }
}

#[test]
fn a_file_without_certificates_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "nothing here").unwrap();
    for path in [empty, dir.path().join("missing.pem")] {
        let opened = Egress::new(Settings { ca_files: vec![path.clone()], ..settings(&[]) });
        assert!(matches!(opened.err(), Some(SetupError::Certificates { path: named, .. }) if named == path));
    }
}
