//! Lists: OData's filter, page size and continuation, the same for every kind.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Operation, Reply};
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use store::{DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use super::error::bad_request;
use super::filter::Filter;
use super::security_attributes::{self, has_security_attributes};
use super::{schema, view};

/// Objects of a page when the client names no size, as in Graph.
const DEFAULT_PAGE_SIZE: usize = 100;
/// Largest page, as in Graph: bounds the work of one request.
const LARGEST_PAGE_SIZE: usize = 999;
/// What may stand unescaped in the query of a continuation link.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'$');

/// All objects of a kind, filtered; an index answers where the filter names one object.
pub(super) fn of_kind<O: Operation>(ask: &Authorized<O>, kind: ObjectKind) -> HandlerResult {
    let filter = filter(ask, schema::filterable(kind))?;
    let directory = &ask.world.directory;
    let indexed = filter.as_ref().and_then(|filter| {
        let by_upn = || filter.demands("userPrincipalName").map(|upn| directory.by_upn(upn));
        let by_app = || filter.demands("appId").map(|id| directory.by_app_id(Uuid::parse_str(id).ok()?, kind));
        let by_id = || filter.demands("id").map(|id| directory.object(Uuid::parse_str(id).ok()?));
        by_id().or_else(by_upn).or_else(by_app)
    });
    // Only the lists of the kinds that have them need a right for asking; the others show none.
    let with_attributes = has_security_attributes(kind) && security_attributes::are_selected(&ask.query);
    let show = |object: &DirectoryObject, world: &World| match with_attributes {
        true => view::with_security_attributes(view::element(object, world), object),
        false => view::element(object, world),
    };
    match indexed {
        Some(found) => {
            let found = found.into_iter().filter(|object| object.kind == kind);
            page(ask, view::collection(kind), found, filter.as_ref(), show)
        }
        None => page(ask, view::collection(kind), directory.of_kind(kind), filter.as_ref(), show),
    }
}

/// Objects of any kind, such as the members of a group; `candidates` come by object id.
pub(super) fn of_any_kind<'a, O: Operation>(
    ask: &'a Authorized<O>,
    candidates: impl Iterator<Item = &'a Arc<DirectoryObject>>,
) -> HandlerResult {
    let filter = filter(ask, schema::FILTERABLE_ANYWHERE)?;
    page(ask, "directoryObjects", candidates, filter.as_ref(), view::typed)
}

fn filter<O: Operation>(ask: &Authorized<O>, properties: &[&'static str]) -> Result<Option<Filter>, Failure> {
    if ask.query.get("$search").is_some() {
        return Err(bad_request("$search is not supported; use $filter with startswith."));
    }
    let text = ask.query.get("$filter").filter(|text| !text.trim().is_empty());
    text.map(|text| Filter::parse(text, properties)).transpose().map_err(|error| bad_request(error.0))
}

fn page<'a, O: Operation>(
    ask: &'a Authorized<O>,
    context: &str,
    candidates: impl Iterator<Item = &'a Arc<DirectoryObject>>,
    filter: Option<&Filter>,
    show: impl Fn(&DirectoryObject, &World) -> Value,
) -> HandlerResult {
    let world = &ask.world;
    let size = size(ask)?;
    let after = after(ask)?;
    let passes = |object: &&Arc<DirectoryObject>| {
        filter.is_none_or(|filter| filter.holds(&|name| view::property(object, world, name)))
    };
    let mut matching = candidates.filter(|object| after.is_none_or(|after| object.id > after)).filter(passes);
    let shown: Vec<&Arc<DirectoryObject>> = matching.by_ref().take(size).collect();
    let next = matching.next().and(shown.last()).map(|last| next_link(ask, last.id));
    let mut answer = Map::new();
    let base = &ask.request.public_url;
    answer.insert("@odata.context".to_owned(), json!(format!("{base}/v1.0/$metadata#{context}")));
    if let Some(next) = next {
        answer.insert("@odata.nextLink".to_owned(), Value::String(next));
    }
    answer.insert("value".to_owned(), shown.into_iter().map(|object| show(object, world)).collect());
    Ok(Reply::json(StatusCode::OK, &Value::Object(answer)))
}

fn size<O: Operation>(ask: &Authorized<O>) -> Result<usize, Failure> {
    let Some(text) = ask.query.get("$top") else {
        return Ok(DEFAULT_PAGE_SIZE);
    };
    let size = text.parse().ok().filter(|size| (1..=LARGEST_PAGE_SIZE).contains(size));
    size.ok_or_else(|| bad_request(format!("$top must be a number from 1 to {LARGEST_PAGE_SIZE}.")))
}

fn after<O: Operation>(ask: &Authorized<O>) -> Result<Option<Uuid>, Failure> {
    let token = ask.query.get("$skiptoken").map(Uuid::parse_str).transpose();
    token.map_err(|_| bad_request("$skiptoken is not one that an @odata.nextLink carried."))
}

/// The absolute URL of the next page: the same question, from behind `last` on.
fn next_link<O: Operation>(ask: &Authorized<O>, last: Uuid) -> String {
    let route = ask.request.route.template();
    let path = route.replace("{id}", ask.params.get("id").unwrap_or_default());
    let kept = ask.query.pairs().filter(|(name, _)| !name.eq_ignore_ascii_case("$skiptoken"));
    let mut query: Vec<String> = kept.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    query.push(format!("$skiptoken={last}"));
    format!("{}{path}?{}", ask.request.public_url, query.join("&"))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}
