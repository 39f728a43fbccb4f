//! What the application is told: a code or an error, in the form that it asked for, at a place that is its own.

use access::{PublicRequest, Reply};
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::page;
use super::redirect::Redirect;

/// Everything in a query value but what never needs escaping (RFC 3986 §2.3).
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How the application wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    /// In the query of a redirect.
    Query,
    /// As a form that the browser posts.
    FormPost,
}

/// Where an answer goes, and what it repeats.
#[derive(Clone, Debug)]
pub(super) struct ReturnAddress {
    pub(super) redirect: Redirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

impl ReturnAddress {
    /// Sends a code.
    pub(super) fn code(&self, request: &PublicRequest, code: &str) -> Option<Reply> {
        self.send(request, &[("code", code)])
    }

    /// Sends an error by OAuth's name, with a text for people.
    pub(super) fn error(&self, request: &PublicRequest, error: &str, description: &str) -> Option<Reply> {
        self.send(request, &[("error", error), ("error_description", description)])
    }

    fn send(&self, request: &PublicRequest, fields: &[(&str, &str)]) -> Option<Reply> {
        let mut fields = fields.to_vec();
        fields.extend(self.state.as_deref().map(|state| ("state", state)));
        match self.mode {
            ResponseMode::FormPost => {
                page::form_post(request, &self.redirect, &fields).map(|html| html.reply(StatusCode::OK))
            }
            ResponseMode::Query => {
                let location = with_query(&self.redirect.uri, &fields);
                // 303: whatever was sent here, the browser only looks there.
                let reply = Reply::empty(StatusCode::SEE_OTHER).with_header("location", &location);
                Some(reply.with_header("cache-control", "no-store").with_header("referrer-policy", "no-referrer"))
            }
        }
    }
}

fn with_query(uri: &str, fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, IN_QUERY))).collect();
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{}", pairs.join("&"))
}
