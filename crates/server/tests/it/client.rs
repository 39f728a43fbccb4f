//! A small HTTPS client that trusts one certificate authority.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What a request came to: a status and a body, or nothing because the connection broke.
pub(crate) type Answer = std::io::Result<(StatusCode, Value)>;

/// Sends requests to `https://localhost:{port}`.
#[derive(Clone)]
pub(crate) struct Client {
    roots: Arc<RootCertStore>,
    port: u16,
}

impl Client {
    pub(crate) fn new(port: u16, ca: &Path) -> Client {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca).unwrap() {
            roots.add(certificate.unwrap()).unwrap();
        }
        Client { roots: Arc::new(roots), port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Trusts the server's authority and asks for these protocols.
    pub(crate) fn config(&self, protocols: &[&[u8]]) -> ClientConfig {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(Arc::clone(&self.roots)).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        config
    }

    /// A verified connection.
    pub(crate) async fn connect(&self, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let tls = TlsConnector::from(Arc::new(self.config(protocols)));
        tls.connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    /// One request on a connection of its own.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let stream = self.connect(&[]).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path.parse::<Uri>().unwrap());
        request = request.header("host", format!("localhost:{}", self.port));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let (head, body) = sender.send_request(request).await.map_err(std::io::Error::other)?.into_parts();
        let bytes = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
        Ok((head.status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    /// A token of a service principal for the control plane.
    pub(crate) async fn arm_token(&self, env: &super::running::Env) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={}%2Farm%2F.default",
            env["CUPOLA_ADMIN_CLIENT_ID"], env["CUPOLA_ADMIN_CLIENT_SECRET"], env["CUPOLA_URL"]
        );
        let path = format!("/{}/oauth2/v2.0/token", env["CUPOLA_TENANT_ID"]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (status, body) = self.send(Method::POST, &path, &headers, &form).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }
}
