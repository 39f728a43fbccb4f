//! Objects of any kind, by their ids.

use std::collections::HashSet;
use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Reply};
use http::StatusCode;
use serde_json::{Value, json};
use store::ObjectKind;
use uuid::Uuid;

use super::error::bad_request;
use super::{lookup, operations as op, view};
use crate::state::Directory;

/// Most ids of one request, as in Graph.
const IDS_LIMIT: usize = 1000;

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::ShowDirectoryObject>) -> HandlerResult {
    Ok(Reply::json(StatusCode::OK, &view::typed(lookup::any(&ask)?, &ask.world)))
}

/// Unknown ids are left out: that is how clients learn that a principal is gone.
pub(super) async fn get_by_ids(_: Arc<Directory>, ask: Authorized<op::GetByIds>) -> HandlerResult {
    let ids = ids(&ask.body.0)?;
    let kinds = kinds(&ask.body.0)?;
    let objects = ids.iter().filter_map(|id| ask.world.directory.object(*id));
    let wanted = objects.filter(|object| kinds.as_ref().is_none_or(|kinds| kinds.contains(&object.kind)));
    let value: Vec<Value> = wanted.map(|object| view::typed(object, &ask.world)).collect();
    let context = format!("{}/v1.0/$metadata#directoryObjects", ask.request.public_url);
    Ok(Reply::json(StatusCode::OK, &json!({"@odata.context": context, "value": value})))
}

fn ids(body: &Value) -> Result<Vec<Uuid>, Failure> {
    let wrong = || bad_request(format!("The body must have 'ids', a list of 1 to {IDS_LIMIT} object ids."));
    let list = body.get("ids").and_then(Value::as_array).ok_or_else(wrong)?;
    if list.is_empty() || list.len() > IDS_LIMIT {
        return Err(wrong());
    }
    let mut seen = HashSet::new();
    let parsed = list.iter().map(|id| id.as_str().and_then(|id| Uuid::parse_str(id).ok()).ok_or_else(wrong));
    parsed.filter(|id| id.as_ref().map_or(true, |id| seen.insert(*id))).collect()
}

/// The kinds wanted; kinds that exist elsewhere (devices, partners) match nothing here. `None`: every kind.
fn kinds(body: &Value) -> Result<Option<HashSet<ObjectKind>>, Failure> {
    let Some(given) = body.get("types").filter(|types| !types.is_null()) else {
        return Ok(None);
    };
    let list = given.as_array().ok_or_else(|| bad_request("The property 'types' must be a list of texts."))?;
    if list.is_empty() || list.iter().any(|kind| kind.as_str() == Some("directoryObject")) {
        return Ok(None);
    }
    Ok(Some(list.iter().filter_map(Value::as_str).filter_map(kind).collect()))
}

fn kind(name: &str) -> Option<ObjectKind> {
    let kinds = [ObjectKind::User, ObjectKind::Group, ObjectKind::Application, ObjectKind::ServicePrincipal];
    let named = |kind: &ObjectKind| {
        view::odata_type(*kind).rsplit('.').next().is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    kinds.into_iter().find(named)
}
