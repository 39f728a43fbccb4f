//! What a handler answers: a status, headers, and a body that may stream.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use serde_json::Value;

use crate::body::BoxError;

/// A response's body.
pub type ReplyBody = http_body_util::combinators::UnsyncBoxBody<Bytes, BoxError>;

/// Most answers have no more headers, those of every answer included, so that their map does not grow.
const HEADERS_USUAL: usize = 24;

/// A handler's answer.
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: ReplyBody,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: StatusCode, value: &Value) -> Reply {
        Reply {
            status,
            headers: of_type("application/json; charset=utf-8"),
            body: full(Bytes::from(value.to_string())),
        }
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Reply {
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        Reply { status, headers: HeaderMap::new(), body }
    }

    /// An answer of ready bytes.
    pub fn bytes(status: StatusCode, content_type: &'static str, bytes: impl Into<Bytes>) -> Reply {
        Reply { status, headers: of_type(content_type), body: full(bytes.into()) }
    }

    /// An answer that is sent as `body` yields it.
    pub fn stream<B>(status: StatusCode, content_type: &'static str, body: B) -> Reply
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Reply { status, headers: of_type(content_type), body: body.map_err(Into::into).boxed_unsync() }
    }

    /// Adds headers, in place of those of the same names.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Reply {
        self.headers.extend(headers);
        self
    }

    /// Adds a header; a value with bytes that headers cannot carry is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Reply {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a header that is ready.
    #[must_use]
    pub fn with_ready(mut self, name: &'static HeaderName, value: HeaderValue) -> Reply {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header whose value is a number.
    pub fn put_number(&mut self, name: &'static HeaderName, value: u64) {
        if let Ok(value) = HeaderValue::from_str(itoa::Buffer::new().format(value)) {
            self.headers.insert(name, value);
        }
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its body, for who reads it inside the process.
    pub fn into_body(self) -> ReplyBody {
        self.body
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer to HEAD: the same head, `content-length` included, and nothing behind it on any protocol version.
    pub(crate) fn without_body(mut self) -> Reply {
        if let Some(length) = self.body.size_hint().exact().filter(|length| *length > 0) {
            self.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Reply { body: full(Bytes::new()), ..self }
    }

    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn of_type(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(HEADERS_USUAL);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

fn full(bytes: Bytes) -> ReplyBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
