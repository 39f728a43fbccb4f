//! Which headers cross the border: a short list each way, so that a new one stays where it is until somebody thinks about it.

use arm::steers_message;
use http::HeaderMap;
use http::header::{CONNECTION, HeaderName};

/// What a caller's request may carry on: tracing, its own id of the request, and the dialect's opt-ins. Never a credential, a cookie,
/// an address, or an account to be billed.
fn may_go_along(name: &str) -> bool {
    matches!(
        name,
        "traceparent"
            | "tracestate"
            | "x-ms-client-request-id"
            | "idempotency-key"
            | "openai-beta"
            | "anthropic-version"
            | "anthropic-beta"
    )
}

/// What an answer may bring back for the client to learn: when to come again, and what is left. Never a cookie, a server's name, or
/// an id of the other side's. What describes the body's form is read here and not handed on.
fn may_come_back(name: &str) -> bool {
    matches!(
        name,
        "retry-after"
            | "retry-after-ms"
            | "x-should-retry"
            | "openai-processing-ms"
            | "x-ratelimit-limit-requests"
            | "x-ratelimit-limit-tokens"
            | "x-ratelimit-remaining-requests"
            | "x-ratelimit-remaining-tokens"
            | "x-ratelimit-reset-requests"
            | "x-ratelimit-reset-tokens"
    )
}

/// The caller's headers that go along; what `Connection` names ends here.
pub(crate) fn forwarded(from_caller: &HeaderMap) -> HeaderMap {
    listed(from_caller, may_go_along)
}

/// The answer's headers that a client may learn.
pub(crate) fn returned(from_upstream: &HeaderMap) -> HeaderMap {
    listed(from_upstream, may_come_back)
}

/// The session that an MCP server opened.
pub(crate) fn session(from_upstream: &HeaderMap) -> Option<String> {
    from_upstream.get("mcp-session-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Those that are listed, of several of one name the first.
fn listed(headers: &HeaderMap, is_listed: fn(&str) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| is_listed(name.as_str())) {
        if !ends_here(headers, name) {
            kept.entry(name).or_insert_with(|| value.clone());
        }
    }
    kept
}

/// Whether `Connection` names a header.
fn ends_here(headers: &HeaderMap, name: &HeaderName) -> bool {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|hop| hop.trim().eq_ignore_ascii_case(name.as_str()))
}

/// Whether a header of our own may have this name, a credential's as well: none that steers the connection or the message, or that
/// says in which form the answer comes.
pub(crate) fn may_be_own(name: &HeaderName) -> bool {
    !steers_message(name.as_str())
}
