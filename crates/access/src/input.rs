//! What a request says besides its body: named path segments, query, headers.

use std::net::SocketAddr;
use std::sync::Arc;

use arm::{AccountDomain, Scope};
use http::HeaderMap;
use jiff::Timestamp;
use store::World;
use uuid::Uuid;

use crate::route::Route;

/// The named segments of a path template, as the client wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(&'static str, String)>);

impl Params {
    /// Pairs up a template's `{names}` with the segments of a path that matched it. Behind a name may stand an ending, `{name}:verb`,
    /// which is no part of it.
    pub(crate) fn of<'a>(template: &'static str, segments: impl Iterator<Item = &'a str>) -> Params {
        let named = template.split('/').filter(|part| !part.is_empty()).zip(segments).filter_map(|(part, segment)| {
            let (name, ending) = part.strip_prefix('{')?.split_once('}')?;
            // Paths match without case; the segment has the ending as it was written.
            let named = segment.get(..segment.len().checked_sub(ending.len())?)?;
            Some((name, named.to_owned()))
        });
        Params(named.collect())
    }

    /// The segment named `name`; `None` where the template has no such name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// The query, decoded; names are compared without case, the first of several wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c=d`; `+` and `%20` are spaces, a name without `=` has an empty value.
    pub fn parse(text: &str) -> Query {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Query(pairs.collect())
    }

    /// The value of `name`, if the query has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All pairs in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A request's own facts.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// Ours; returned as `x-ms-request-id` and `x-request-id`.
    pub id: Uuid,
    /// The route that matched.
    pub route: Route,
    /// The normalised path, letters as they came.
    pub path: Arc<str>,
    /// The configured public URL, without a trailing slash; never from the Host header.
    pub public_url: Arc<str>,
    /// The domain under which accounts have hosts of their own, if the operator set one.
    pub domain: Option<Arc<AccountDomain>>,
    /// The other end of the connection.
    pub peer: SocketAddr,
}

/// What an operation may look at when it names the attributes of its request for conditions.
pub struct Input<'a, B> {
    /// The scope the decision is about.
    pub target: &'a Scope,
    /// Named path segments.
    pub params: &'a Params,
    /// The query.
    pub query: &'a Query,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The snapshot that the decision reads.
    pub world: &'a World,
    /// The decoded body.
    pub body: &'a B,
    /// The time of the request.
    pub now: Timestamp,
}
