//! Which part of the server a host name is: an account's own host is another spelling of its path.
//!
//! `https://{account}.openai.{domain}/openai/v1/…` is `{public url}/accounts/{account}/openai/v1/…`, and nothing else is
//! there: the control plane and sign-in stay on the public URL. Without a configured domain the host names nothing.

use std::borrow::Cow;

use arm::{AccountDomain, PathError, RequestPath};
use http::request::Parts;
use http::{HeaderValue, Version, header::HOST};

/// The path of a request before it is normalised: what came, with the account of the host in front.
pub(crate) fn raw_path<'a>(parts: &'a Parts, domain: Option<&AccountDomain>) -> Cow<'a, str> {
    let path = parts.uri.path();
    match domain.zip(authority(parts)).and_then(|(domain, authority)| domain.account(authority)) {
        Some(account) => Cow::Owned(format!("/accounts/{account}{path}")),
        None => Cow::Borrowed(path),
    }
}

/// Normalises the path, and refuses targets that two readers could read differently.
pub(crate) fn sound_path(parts: &Parts, domain: Option<&AccountDomain>) -> Result<RequestPath, PathError> {
    let absolute_form = parts.version < Version::HTTP_2 && parts.uri.authority().is_some();
    let hosts = || parts.headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
    let differs = parts
        .uri
        .authority()
        .is_some_and(|authority| hosts().any(|host| !authority.as_str().as_bytes().eq_ignore_ascii_case(host)));
    let malformed = |reason| PathError::Malformed { path: parts.uri.path().to_owned(), reason };
    if absolute_form || differs {
        return Err(malformed("the request target must be a path, and agree with the Host header"));
    }
    if hosts().count() > 1 {
        return Err(malformed("there must be one Host header"));
    }
    let account = domain.zip(authority(parts)).and_then(|(domain, authority)| domain.account(authority));
    if account.is_some_and(|account| account.is_empty() || !account.bytes().all(is_of_a_name)) {
        return Err(malformed("the Host header does not name an account"));
    }
    RequestPath::normalise(&raw_path(parts, domain))
}

/// `:authority`, or the Host header of HTTP/1.1.
fn authority(parts: &Parts) -> Option<&str> {
    let named = parts.uri.authority().map(http::uri::Authority::as_str);
    named.or_else(|| parts.headers.get(HOST)?.to_str().ok())
}

/// One segment of a path, whatever it is: a host with more labels than an account has is one that nobody has.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests;
