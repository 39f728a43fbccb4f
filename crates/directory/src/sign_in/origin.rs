//! Where a form was sent from: a page of another site must not sign anybody in.

use http::HeaderMap;
use http::header::ORIGIN;

/// Whether a form comes from a page of this server, or from a client that is no browser. Browsers say where a form was;
/// nothing but a browser can be made to send one without its owner's will.
pub(crate) fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        // The address that the browser was told may differ from the configured one; that the two pages do not is enough.
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.eq_ignore_ascii_case(public_url),
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests;
