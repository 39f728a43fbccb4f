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

/// Where a path template has a name, found once when it is mounted.
pub(crate) struct Named {
    /// Which segment it is.
    place: usize,
    name: &'static str,
    /// Behind a name may stand an ending, `{name}:verb`, which is no part of it.
    ending_bytes: usize,
}

impl Named {
    /// The names of a route's template. Those of ARM routes are in the target.
    pub(crate) fn of(route: &Route) -> Vec<Named> {
        let Route::Path { template, .. } = route else { return Vec::new() };
        let parts = template.split('/').filter(|part| !part.is_empty()).enumerate();
        let named = parts.filter_map(|(place, part)| {
            let (name, ending) = part.strip_prefix('{')?.split_once('}')?;
            Some(Named { place, name, ending_bytes: ending.len() })
        });
        named.collect()
    }
}

impl Params {
    /// The segments that have names, of a path that matched.
    pub(crate) fn of<'a>(named: &[Named], segments: impl Iterator<Item = &'a str>) -> Params {
        let mut params = Vec::with_capacity(named.len());
        let mut segments = segments.enumerate();
        for Named { place, name, ending_bytes } in named {
            let segment = segments.find(|(at, _)| at == place).map(|(_, segment)| segment);
            // Paths match without case; the segment has the ending as it was written.
            let kept = segment.and_then(|segment| segment.get(..segment.len().checked_sub(*ending_bytes)?));
            params.extend(kept.map(|kept| (*name, kept.to_owned())));
        }
        Params(params)
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
