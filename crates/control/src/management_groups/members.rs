//! The subscriptions directly below a management group: one, or all.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb, page};
use arm::{ArmError, ErrorCode, Resource, Scope};
use http::StatusCode;
use rbac::Reads;
use resources::management_groups::{SUBSCRIPTIONS, subscription};
use serde_json::Value;
use store::World;

use super::{group_not_found, tree};
use crate::state::{Control, tenant_id};

/// GET /providers/Microsoft.Management/managementGroups/{name}/subscriptions/{s}
pub(crate) struct GetMember;

impl Operation for GetMember {
    const ROUTE: Route = Route::item(Verb::Get, SUBSCRIPTIONS);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /providers/Microsoft.Management/managementGroups/{name}/subscriptions
pub(crate) struct ListMembers;

impl Operation for ListMembers {
    const ROUTE: Route = Route::collection(SUBSCRIPTIONS);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetMember>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(found) => Ok(Reply::json(StatusCode::OK, &shown(found, &request.world))),
        None => Err(not_a_member(&request.target).into()),
    }
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListMembers>) -> HandlerResult {
    let tree = tree(&request.world);
    let group = tree.group(&request.target).ok_or_else(|| group_not_found(&request.target))?;
    let may_read = |id| request.visible.as_ref().is_some_and(|visible| visible.covers(id));
    let members = tree.subscriptions_below(&group.id).iter().copied().filter(|member| may_read(&member.id));
    page(&request, members.map(|member| (member.id.key().to_owned(), member)), |member| shown(member, &request.world))
}

/// A membership on the wire, with the subscription's name of today.
pub(super) fn shown(membership: &Resource, world: &World) -> Value {
    let id = membership.id.name();
    let named = world.resources.get(&Scope::subscription(id));
    let name = named.and_then(|named| named.properties.get("displayName")).and_then(Value::as_str);
    subscription(membership, name.unwrap_or(id), tenant_id(world))
}

pub(super) fn not_a_member(target: &Scope) -> ArmError {
    let group = target.parent().unwrap_or_else(Scope::root);
    let message =
        format!("The subscription '{}' is not directly below the management group '{}'.", target.name(), group.name());
    ArmError::new(ErrorCode::ResourceNotFound, message)
}
