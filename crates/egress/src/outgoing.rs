//! A request on its way out.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::Full;
use percent_encoding::utf8_percent_encode;

use crate::credential::{CredentialError, Secret};
use crate::guard::Refused;
use crate::headers;
use crate::target::{ENCODED, Target};

/// What stands for the key in the format of a header.
const KEY_PLACE: &str = "{api_key}";
/// Most requests have no more headers, so that their map does not grow.
const HEADERS_USUAL: usize = 12;
const AGENT: &str = concat!("cupola/", env!("CARGO_PKG_VERSION"));

/// A header whose value is a secret.
#[derive(Clone)]
pub struct SecretHeader {
    name: HeaderName,
    value: HeaderValue,
}

impl SecretHeader {
    /// `Authorization: Bearer {secret}`.
    pub fn bearer(secret: &Secret) -> Result<SecretHeader, CredentialError> {
        SecretHeader::of(AUTHORIZATION, &format!("Bearer {}", secret.reveal()))
    }

    /// `{name}: {secret}`; a name that steers the connection or the message is refused.
    pub fn named(name: &str, secret: &Secret) -> Result<SecretHeader, CredentialError> {
        let parsed = HeaderName::from_bytes(name.as_bytes()).ok().filter(headers::may_be_own);
        let name = parsed.ok_or_else(|| CredentialError::Header { name: name.to_owned() })?;
        SecretHeader::of(name, secret.reveal())
    }

    /// `{name}: {format}` with the secret where `format` has `{api_key}`, such as `Bearer {api_key}`; the name is checked as by
    /// [`SecretHeader::named`].
    pub fn formatted(name: &str, format: &str, secret: &Secret) -> Result<SecretHeader, CredentialError> {
        let value = Secret::new(format.replace(KEY_PLACE, secret.reveal()));
        SecretHeader::named(name, &value)
    }

    fn of(name: HeaderName, value: &str) -> Result<SecretHeader, CredentialError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| CredentialError::NotPrintable)?;
        value.set_sensitive(true);
        Ok(SecretHeader { name, value })
    }
}

/// Headers of our own, each by a name that steers neither the connection nor the message.
#[derive(Clone, Debug, Default)]
pub struct OwnHeaders(HeaderMap);

impl OwnHeaders {
    /// Adds one, in place of an earlier one of that name. What cannot be sent is an error that names the header.
    pub fn put(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        let parsed = HeaderName::from_bytes(name.as_bytes()).ok().filter(headers::may_be_own);
        let parsed = parsed.ok_or_else(|| HeaderError::Name { name: name.to_owned() })?;
        let value = HeaderValue::from_str(value).map_err(|_| HeaderError::Value { name: name.to_owned() })?;
        self.0.insert(parsed, value);
        Ok(())
    }
}

/// Why a header of our own is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not a name, or the name of one that steers the connection or the message.
    #[error("`{name}` is not a header that can be added to a request")]
    Name {
        /// The name.
        name: String,
    },
    /// Characters that a header cannot carry.
    #[error("the value of the header `{name}` holds characters that a header cannot carry")]
    Value {
        /// The name.
        name: String,
    },
}

/// A request to an admitted target.
pub struct Outgoing {
    target: Target,
    method: Method,
    headers: HeaderMap,
    credential: Option<SecretHeader>,
    body: Bytes,
    pub(crate) patience: Patience,
}

/// How long one request waits; what is unset waits as long as every other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    /// For the head of the answer.
    pub first_byte: Option<Duration>,
    /// Between two pieces of its body.
    pub idle: Option<Duration>,
}

impl Outgoing {
    /// A POST of these bytes.
    pub fn post(target: Target, content_type: &'static str, body: Bytes) -> Outgoing {
        let mut outgoing = Outgoing { method: Method::POST, body, ..Outgoing::get(target) };
        outgoing.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        outgoing
    }

    /// A request without a body, or with these bytes of a media type. The media type is not checked: it is a constant of ours.
    pub fn asking(method: Method, target: Target, body: Option<(&'static str, Bytes)>) -> Outgoing {
        let outgoing = match body {
            Some((content_type, body)) => Outgoing::post(target, content_type, body),
            None => Outgoing::get(target),
        };
        Outgoing { method, ..outgoing }
    }

    /// A POST of a form's fields.
    pub fn form(target: Target, fields: &[(&'static str, &str)]) -> Outgoing {
        let pair = |(name, value): &(&'static str, &str)| format!("{name}={}", utf8_percent_encode(value, ENCODED));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        Outgoing::post(target, "application/x-www-form-urlencoded", Bytes::from(body))
    }

    /// A GET.
    pub fn get(target: Target) -> Outgoing {
        let mut headers = HeaderMap::with_capacity(HEADERS_USUAL);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        // Nothing is unpacked here, so nothing small can become large.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Outgoing {
            target,
            method: Method::GET,
            headers,
            credential: None,
            body: Bytes::new(),
            patience: Patience::default(),
        }
    }

    /// Takes along what may be taken of a caller's headers.
    #[must_use]
    pub fn forwarding(mut self, from_caller: &HeaderMap) -> Outgoing {
        for (name, value) in headers::forwarded(from_caller) {
            let Some(name) = name else { continue };
            self.headers.entry(name).or_insert(value);
        }
        self
    }

    /// Adds headers of our own, in place of a caller's of the same name.
    #[must_use]
    pub fn with_own(mut self, own: &OwnHeaders) -> Outgoing {
        for (name, value) in &own.0 {
            self.headers.insert(name, value.clone());
        }
        self
    }

    /// What kind of answer is wanted.
    #[must_use]
    pub fn accept(self, media_type: &'static str) -> Outgoing {
        self.with_header(ACCEPT, HeaderValue::from_static(media_type))
    }

    /// A header for who did not bring it along.
    #[must_use]
    pub fn or_header(mut self, name: &'static str, value: &'static str) -> Outgoing {
        self.headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
        self
    }

    /// How long is waited for its answer, instead of the usual time.
    #[must_use]
    pub fn within(mut self, patience: Patience) -> Outgoing {
        self.patience = patience;
        self
    }

    /// A header of our own.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Outgoing {
        self.headers.insert(name, value);
        self
    }

    /// Our own credential for the target.
    #[must_use]
    pub fn authorized_by(mut self, credential: Option<SecretHeader>) -> Outgoing {
        self.credential = credential;
        self
    }

    pub(crate) fn into_request(self) -> Result<Request<Full<Bytes>>, Refused> {
        let uri = self.target.uri()?;
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers;
        if let Some(SecretHeader { name, value }) = self.credential {
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}
