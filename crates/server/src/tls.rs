//! The local certificate authority of a data folder, and the server certificate that it signs at each start.
//!
//! Only the authority is kept (`ca.pem`, `ca.key`): the server's own key lives in memory, so it cannot be stolen from
//! the disk, and its names and dates are always right.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use arm::AccountDomain;
use aws_lc_rs::digest;
use jiff::{Span, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, SerialNumber, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::files::{PRIVATE, PUBLIC, write_whole};

/// The authority outlives every certificate that it signs.
const CA_LIFETIME_YEARS: i16 = 10;
/// The longest life that all TLS clients accept of a server certificate, in days; a start renews it.
const LEAF_LIFETIME_DAYS: i32 = 397;
/// Certificates are valid from a little before they are made: clocks differ.
const BACKDATE_DAYS: i32 = 1;
/// Names under which the local machine reaches this server, whatever its public name.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Where distributions keep the authorities that the system trusts.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The files that clients are pointed at.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// The system's authorities and ours.
    pub bundle: PathBuf,
}

/// What the server is called.
#[derive(Clone, Debug)]
pub struct Names {
    /// The host of the public URL.
    pub host: String,
    /// The domain of the hosts of accounts.
    pub domain: Option<AccountDomain>,
}

/// Loads or makes the authority of `dir` and signs a certificate for `names`; `system_bundle` overrides the system's.
pub fn prepare(
    dir: &Path,
    names: &Names,
    system_bundle: Option<&Path>,
    now: Timestamp,
) -> Result<(ServerConfig, Trust)> {
    let trust = Trust { ca: dir.join("ca.pem"), bundle: dir.join("ca-bundle.pem") };
    let key = authority_key(&dir.join("ca.key"), &trust.ca, now)?;
    write_bundle(&trust, system_bundle)?;
    let config = server_config(&key, names, now).context("the server certificate cannot be made")?;
    Ok((config, trust))
}

/// The authority's key; made together with its certificate where there is none.
fn authority_key(key_path: &Path, certificate_path: &Path, now: Timestamp) -> Result<KeyPair> {
    if key_path.exists() && certificate_path.exists() {
        let pem = std::fs::read_to_string(key_path)
            .with_context(|| format!("the authority's key `{}` cannot be read", key_path.display()))?;
        return KeyPair::from_pem(&pem).map_err(|_| {
            anyhow!(
                "the authority's key `{}` is damaged; remove it and `{}` to make a new one",
                key_path.display(),
                certificate_path.display()
            )
        });
    }
    let key = KeyPair::generate().context("the authority's key cannot be made")?;
    let mut params = authority_params(&key)?;
    set_lifetime(&mut params, now, CA_LIFETIME_YEARS.years());
    let certificate = params.self_signed(&key).context("the authority's certificate cannot be made")?;
    write_whole(key_path, &key.serialize_pem(), PRIVATE)?;
    write_whole(certificate_path, &certificate.pem(), PUBLIC)?;
    Ok(key)
}

/// The authority's fixed part, a function of its key: the name tells two data folders apart in one trust store.
fn authority_params(key: &KeyPair) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).context("the authority's certificate cannot be made")?;
    let fingerprint = digest::digest(&digest::SHA256, key.public_key_raw());
    let short: String = fingerprint.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, format!("Cupola local authority {short}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn server_config(authority: &KeyPair, names: &Names, now: Timestamp) -> Result<ServerConfig> {
    let issuer = Issuer::new(authority_params(authority)?, authority);
    let key = KeyPair::generate()?;
    let certificate = leaf_params(names, now)?.signed_by(&key, &issuer)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn leaf_params(called: &Names, now: Timestamp) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, "Cupola");
    let mut names: Vec<String> = LOCAL_NAMES.iter().map(|&name| name.to_owned()).collect();
    if !names.contains(&called.host) {
        names.push(called.host.clone());
    }
    names.extend(called.domain.iter().flat_map(AccountDomain::wildcards));
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into()?),
        });
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict verifiers (OpenSSL's X509_STRICT, the default of newer Pythons) demand it.
    params.use_authority_key_identifier_extension = true;
    let mut serial = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut serial)?;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    set_lifetime(&mut params, now, LEAF_LIFETIME_DAYS.days());
    Ok(params)
}

/// The authorities that this process believes: those that `SSL_CERT_FILE` names, else the system's.
pub fn system_bundle() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| SYSTEM_BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Writes the bundle that verifies both this server and the rest of the world.
fn write_bundle(trust: &Trust, system_bundle: Option<&Path>) -> Result<()> {
    let ours = std::fs::read_to_string(&trust.ca)
        .with_context(|| format!("the authority's certificate `{}` cannot be read", trust.ca.display()))?;
    // A shell that has sourced demo.env points at our own bundle: reading it would only grow it.
    let named = system_bundle.filter(|path| !path.ends_with("ca-bundle.pem"));
    let candidates = named.into_iter().chain(SYSTEM_BUNDLES.iter().map(Path::new));
    let system = candidates.filter_map(|path| std::fs::read_to_string(path).ok()).next().unwrap_or_default();
    let text = if system.is_empty() { ours } else { format!("{}\n{ours}", system.trim_end()) };
    write_whole(&trust.bundle, &text, PUBLIC)
}

fn set_lifetime(params: &mut CertificateParams, now: Timestamp, lifetime: Span) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let midnight =
        |date: Date| date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs());
    params.not_before = midnight(today.saturating_sub(BACKDATE_DAYS.days()));
    params.not_after = midnight(today.saturating_add(lifetime));
}

#[cfg(test)]
mod tests;
