//! Which headers cross the border: a short list each way, so that a new one stays where it is until somebody thinks about it.

use http::HeaderMap;
use http::header::{CONNECTION, HeaderName};

/// What a caller's request may carry on: tracing, its own id of the request, and the dialect's opt-ins. Never a credential, a cookie,
/// an address, or an account to be billed.
const FORWARDED: [&str; 7] = [
    "traceparent",
    "tracestate",
    "x-ms-client-request-id",
    "idempotency-key",
    "openai-beta",
    "anthropic-version",
    "anthropic-beta",
];

/// What an answer may bring back for the client to learn: when to come again, and what is left. Never a cookie, a server's name, or
/// an id of the other side's. What describes the body's form is read here and not handed on.
const RETURNED: [&str; 10] = [
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "openai-processing-ms",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
];

/// The caller's headers that go along; what `Connection` names ends here.
pub(crate) fn forwarded(from_caller: &HeaderMap) -> HeaderMap {
    listed(from_caller, &FORWARDED)
}

/// The answer's headers that a client may learn.
pub(crate) fn returned(from_upstream: &HeaderMap) -> HeaderMap {
    listed(from_upstream, &RETURNED)
}

/// The session that an MCP server opened.
pub(crate) fn session(from_upstream: &HeaderMap) -> Option<String> {
    from_upstream.get("mcp-session-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn listed(headers: &HeaderMap, names: &'static [&'static str]) -> HeaderMap {
    let hop: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut kept = HeaderMap::new();
    for name in names.iter().filter(|name| !hop.iter().any(|named| named == *name)) {
        if let Some(value) = headers.get(*name) {
            kept.insert(HeaderName::from_static(name), value.clone());
        }
    }
    kept
}

/// Whether a header of our own may have this name, a credential's as well: none that steers the connection or the message, or that
/// says in which form the answer comes.
pub(crate) fn may_be_own(name: &HeaderName) -> bool {
    const NEVER: [&str; 16] = [
        "host",
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "content-length",
        "content-type",
        "content-encoding",
        "cookie",
        "accept",
        "accept-encoding",
    ];
    !NEVER.contains(&name.as_str()) && !name.as_str().starts_with("x-forwarded-")
}
