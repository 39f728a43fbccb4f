//! Moving a subscription: PUT puts it below a management group, DELETE back below the root group.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Linked, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::management_groups::SUBSCRIPTIONS;
use serde_json::Map;
use store::{Row, World};

use super::members::{not_a_member, shown};
use super::{group_not_found, moving, tree};
use crate::actor::Author;
use crate::failure::{internal, subscription_not_found};
use crate::state::Control;
use crate::turn::NotWritten;

/// PUT /providers/Microsoft.Management/managementGroups/{name}/subscriptions/{s}. No body.
pub(crate) struct PutSubscription;

impl Operation for PutSubscription {
    const ROUTE: Route = Route::item(Verb::Put, SUBSCRIPTIONS);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = NoBody;

    fn linked(input: &Input<'_, NoBody>) -> Vec<Linked> {
        let to = input.target.parent().unwrap_or_else(Scope::root);
        linked(input.world, input.target.name(), &to)
    }
}

/// DELETE /providers/Microsoft.Management/managementGroups/{name}/subscriptions/{s}
pub(crate) struct DeleteSubscription;

impl Operation for DeleteSubscription {
    const ROUTE: Route = Route::item(Verb::Delete, SUBSCRIPTIONS);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = NoBody;

    fn linked(input: &Input<'_, NoBody>) -> Vec<Linked> {
        let root = tree(input.world).root().clone();
        match input.world.resources.get(input.target) {
            Some(_) => linked(input.world, input.target.name(), &root),
            None => Vec::new(),
        }
    }
}

/// A subscription that is in no group yet is moved as from the root group. What is not there moves nowhere.
fn linked(world: &World, subscription: &str, to: &Scope) -> Vec<Linked> {
    let tree = tree(world);
    if tree.group(to).is_none() || world.resources.get(&Scope::subscription(subscription)).is_none() {
        return Vec::new();
    }
    let from = tree.membership(subscription).and_then(|membership| membership.id.parent());
    let from = from.unwrap_or_else(|| tree.root().clone());
    moving::linked(&tree, &Scope::subscription(subscription), Some(&from), to)
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutSubscription>) -> HandlerResult {
    let name = request.target.name();
    let author = Author::of(&request.permit, &request.world);
    let rows = |world: &World| {
        is_where_it_was(&request.world, world, name)?;
        let group = request.target.parent().unwrap_or_else(Scope::root);
        let group = tree(world).group(&group).map(|found| found.id.clone()).ok_or_else(|| group_not_found(&group))?;
        let subscription =
            world.resources.get(&Scope::subscription(name)).ok_or_else(|| subscription_not_found(name))?;
        let id = group.child("subscriptions", subscription.id.name());
        let name = subscription.properties.get("displayName").map(|name| ("displayName".to_owned(), name.clone()));
        let resource = Resource::plain(id, SUBSCRIPTIONS, Map::from_iter(name), author.system_data(request.now));
        Ok::<_, NotWritten>(vec![Row::PutResource { resource, precondition: Precondition::None }])
    };
    let written = control.store.write_in_turn(&request.permit, rows).await?;
    let member = written.resources.first().ok_or_else(|| internal("the store moved no subscription"))?;
    Ok(Reply::json(StatusCode::OK, &shown(&member.resource, &control.store.world())))
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteSubscription>) -> HandlerResult {
    if request.world.resources.get(&request.target).is_none() {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let rows = |world: &World| {
        is_where_it_was(&request.world, world, request.target.name())?;
        if request.target.parent().as_ref() == Some(tree(world).root()) {
            let message = "A subscription below the root management group cannot be taken out of it. Put it below another group instead.";
            return Err(NotWritten::Refused(ArmError::new(ErrorCode::Conflict, message)));
        }
        let found = world.resources.get(&request.target).ok_or_else(|| not_a_member(&request.target))?;
        // The store puts it below the root group in the same write.
        Ok(vec![Row::DeleteResource { id: found.id.clone(), precondition: Precondition::None }])
    };
    control.store.write_in_turn(&request.permit, rows).await?;
    Ok(Reply::empty(StatusCode::OK))
}

/// Access was decided by the group that the subscription was below: moved meanwhile, it is another's to give away.
fn is_where_it_was(decided_on: &World, world: &World, subscription: &str) -> Result<(), ArmError> {
    let group = |world: &World| tree(world).membership(subscription).map(|membership| membership.id.clone());
    if group(decided_on) == group(world) {
        return Ok(());
    }
    let message = format!("The subscription '{subscription}' was moved by another request; try again.");
    Err(ArmError::new(ErrorCode::Conflict, message))
}
