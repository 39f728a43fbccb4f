//! Which groups an object is in, through other groups too.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Json, Operation, Reply};
use http::StatusCode;
use serde_json::{Value, json};
use store::{DirectoryObject, ObjectKind};
use uuid::Uuid;

use super::error::bad_request;
use super::{lookup, operations as op};
use crate::state::Directory;

/// Most groups that one check may name, as in Graph.
const CHECKED_GROUPS_LIMIT: usize = 20;

pub(super) async fn of_user(_: Arc<Directory>, ask: Authorized<op::UserMemberGroups>) -> HandlerResult {
    Ok(all(&ask, lookup::named(&ask, ObjectKind::User)?))
}

pub(super) async fn of_group(_: Arc<Directory>, ask: Authorized<op::GroupMemberGroups>) -> HandlerResult {
    Ok(all(&ask, lookup::named(&ask, ObjectKind::Group)?))
}

pub(super) async fn of_service_principal(
    _: Arc<Directory>,
    ask: Authorized<op::ServicePrincipalMemberGroups>,
) -> HandlerResult {
    Ok(all(&ask, lookup::named(&ask, ObjectKind::ServicePrincipal)?))
}

pub(super) async fn of_object(_: Arc<Directory>, ask: Authorized<op::ObjectMemberGroups>) -> HandlerResult {
    Ok(all(&ask, lookup::any(&ask)?))
}

pub(super) async fn check_user(_: Arc<Directory>, ask: Authorized<op::CheckUserGroups>) -> HandlerResult {
    check(&ask, lookup::named(&ask, ObjectKind::User)?)
}

pub(super) async fn check_group(_: Arc<Directory>, ask: Authorized<op::CheckGroupGroups>) -> HandlerResult {
    check(&ask, lookup::named(&ask, ObjectKind::Group)?)
}

pub(super) async fn check_service_principal(
    _: Arc<Directory>,
    ask: Authorized<op::CheckServicePrincipalGroups>,
) -> HandlerResult {
    check(&ask, lookup::named(&ask, ObjectKind::ServicePrincipal)?)
}

pub(super) async fn check_object(_: Arc<Directory>, ask: Authorized<op::CheckObjectGroups>) -> HandlerResult {
    check(&ask, lookup::any(&ask)?)
}

fn all<O: Operation<Body = Json>>(ask: &Authorized<O>, object: &DirectoryObject) -> Reply {
    answer(ask, ask.world.access.groups_of(object.id))
}

fn check<O: Operation<Body = Json>>(ask: &Authorized<O>, object: &DirectoryObject) -> HandlerResult {
    let asked = asked(&ask.body.0)?;
    let mut groups = ask.world.access.groups_of(object.id);
    groups.retain(|group| asked.contains(group));
    Ok(answer(ask, groups))
}

fn asked(body: &Value) -> Result<Vec<Uuid>, Failure> {
    let wrong =
        || bad_request(format!("The body must have 'groupIds', a list of 1 to {CHECKED_GROUPS_LIMIT} object ids."));
    let list = body.get("groupIds").and_then(Value::as_array).ok_or_else(wrong)?;
    if list.is_empty() || list.len() > CHECKED_GROUPS_LIMIT {
        return Err(wrong());
    }
    list.iter().map(|id| id.as_str().and_then(|id| Uuid::parse_str(id).ok()).ok_or_else(wrong)).collect()
}

fn answer<O: Operation>(ask: &Authorized<O>, groups: Vec<Uuid>) -> Reply {
    let context = format!("{}/v1.0/$metadata#Collection(Edm.String)", ask.request.public_url);
    Reply::json(StatusCode::OK, &json!({"@odata.context": context, "value": groups}))
}
