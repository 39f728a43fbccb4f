//! The pages of lists in Azure's form: `value`, and a `nextLink` where there is more.

use arm::{Page, Window};
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::authorized::Authorized;
use crate::failure::HandlerResult;
use crate::input::{Query, RequestInfo};
use crate::operation::Operation;
use crate::reply::Reply;

/// Where a page ends, in the query of the next one.
pub const SKIP_TOKEN: &str = "$skipToken";
/// What stays as it is in the path of a link: what no reader of URLs takes for a mark.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What stays as it is in the query of a link; names in ARM's queries begin with `$`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'$').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Answers the page that `request` asks for. `items` are all of them, each with the key that orders it; only those of the
/// page are shown.
pub fn page<O: Operation, T>(
    request: &Authorized<O>,
    items: impl IntoIterator<Item = (String, T)>,
    show: impl FnMut(T) -> Value,
) -> HandlerResult {
    let window = Window::from_query(request.query.get("$top"), request.query.get(SKIP_TOKEN))?;
    let (items, token) = window.cut(items);
    let next_link = token.map(|token| next_link(&request.request, &request.query, &token));
    let page = Page { value: items.into_iter().map(show).collect(), next_link };
    Ok(Reply::json(StatusCode::OK, &page.to_json()))
}

/// The same request from `token` on, absolute.
pub fn next_link(request: &RequestInfo, query: &Query, token: &str) -> String {
    let path = utf8_percent_encode(&request.path, PATH);
    let kept = query.pairs().filter(|(name, _)| !name.eq_ignore_ascii_case(SKIP_TOKEN));
    let pairs: Vec<String> = kept
        .chain(std::iter::once((SKIP_TOKEN, token)))
        .map(|(name, value)| format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY)))
        .collect();
    format!("{}{path}?{}", request.public_url, pairs.join("&"))
}
