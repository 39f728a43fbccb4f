//! The headers that every response carries, whatever its handler.

use http::header::{CACHE_CONTROL, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use crate::route::Plane;

/// The plane that a raw path looks like, for the envelope of an error that comes before a route is known.
pub(crate) fn plane_by_look(path: &str) -> Plane {
    let lower = path.to_ascii_lowercase();
    let mut segments = lower.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (Some("subscriptions" | "providers" | "tenants"), ..) => Plane::Arm,
        (Some("v1.0"), ..) => Plane::Graph,
        (Some("accounts"), _, Some("api"), Some("projects")) => Plane::Project,
        (Some("accounts"), ..) => Plane::Inference,
        _ => Plane::Protocol,
    }
}

/// Adds the ids by which a request is found again, and what keeps browsers and caches safe.
pub(crate) fn add(
    headers: &mut HeaderMap,
    plane: Plane,
    id: Uuid,
    decision_id: Uuid,
    client_request_id: Option<HeaderValue>,
    public_url: &str,
) {
    let mut set = |name: &'static str, value: Uuid| {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-ms-request-id", id);
    set("x-cupola-decision-id", decision_id);
    match plane {
        // What the activity log has as `correlationId`.
        Plane::Arm => set("x-ms-correlation-request-id", decision_id),
        Plane::Graph | Plane::Protocol => set("request-id", id),
        Plane::Inference | Plane::Project => {
            set("apim-request-id", id);
            set("x-request-id", id);
        }
    }
    if let Some(value) = client_request_id {
        headers.insert(HeaderName::from_static("x-ms-client-request-id"), value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !is_local(public_url) {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Whether the server is reached by the name of the own machine. A browser that was told to use only TLS there would do so
/// on every port, and a command-line client waits for its sign-in without.
fn is_local(public_url: &str) -> bool {
    let host = public_url.trim_start_matches("https://");
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

#[cfg(test)]
mod tests;
