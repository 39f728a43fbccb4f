//! The headers that every response carries, whatever its handler.

use http::header::{CACHE_CONTROL, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use uuid::Uuid;

use crate::failure::Failure;
use crate::route::Plane;

static X_MS_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
static X_CUPOLA_DECISION_ID: HeaderName = HeaderName::from_static("x-cupola-decision-id");
static X_MS_CORRELATION_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");
static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
static APIM_REQUEST_ID: HeaderName = HeaderName::from_static("apim-request-id");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) static X_MS_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// The plane that a raw path looks like, for the envelope of an error that comes before a route is known.
pub(crate) fn plane_by_look(path: &str) -> Plane {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next().unwrap_or_default();
    let is = |name: &str| first.eq_ignore_ascii_case(name);
    if is("accounts") {
        let is_next = |segment: Option<&str>, name: &str| segment.is_some_and(|given| given.eq_ignore_ascii_case(name));
        let is_project = is_next(segments.nth(1), "api") && is_next(segments.next(), "projects");
        return if is_project { Plane::Project } else { Plane::Inference };
    }
    match () {
        () if is("subscriptions") || is("providers") || is("tenants") => Plane::Arm,
        () if is("v1.0") => Plane::Graph,
        () => Plane::Protocol,
    }
}

/// What every answer says of its request, and what an error before a route needs.
pub(crate) struct Heading {
    pub(crate) id: Uuid,
    pub(crate) decision_id: Uuid,
    pub(crate) now: Timestamp,
    pub(crate) plane_by_look: Plane,
    pub(crate) client_request_id: Option<HeaderValue>,
}

impl Heading {
    /// The failure with the ids that its envelope carries.
    pub(crate) fn on(&self, failure: Failure) -> Failure {
        failure.with_request_ids(self.id, self.client_request_id.as_ref(), self.now)
    }
}

/// Adds the ids by which a request is found again, and what keeps browsers and caches safe.
pub(crate) fn add(headers: &mut HeaderMap, heading: Heading, is_local: bool) {
    let (id, decision_id) = (text_of(heading.id), text_of(heading.decision_id));
    let mut set = |name: &'static HeaderName, value: Option<HeaderValue>| {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    };
    match heading.plane_by_look {
        // What the activity log has as `correlationId`.
        Plane::Arm => set(&X_MS_CORRELATION_REQUEST_ID, decision_id.clone()),
        Plane::Graph | Plane::Protocol => set(&REQUEST_ID, id.clone()),
        Plane::Inference | Plane::Project => {
            set(&APIM_REQUEST_ID, id.clone());
            set(&X_REQUEST_ID, id.clone());
        }
    }
    set(&X_MS_REQUEST_ID, id);
    set(&X_CUPOLA_DECISION_ID, decision_id);
    set(&X_MS_CLIENT_REQUEST_ID, heading.client_request_id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !is_local {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn text_of(id: Uuid) -> Option<HeaderValue> {
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())).ok()
}

/// Whether the server is reached by the name of the own machine. A browser that was told to use only TLS there would do so
/// on every port, and a command-line client waits for its sign-in without.
pub(crate) fn is_local(public_url: &str) -> bool {
    let host = public_url.trim_start_matches("https://");
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

#[cfg(test)]
mod tests;
