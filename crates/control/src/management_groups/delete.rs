//! DELETE of an empty management group, with the assignments at it: 204, whether or not it was there.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::management_groups::{Hierarchy, TYPE};
use store::{Row, StoreError, World};

use super::tree;
use crate::engine::precondition;
use crate::state::Control;
use crate::turn::NotWritten;

/// DELETE /providers/Microsoft.Management/managementGroups/{name}
pub(crate) struct DeleteGroup;

impl Operation for DeleteGroup {
    const ROUTE: Route = Route::item(Verb::Delete, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = NoBody;
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteGroup>) -> HandlerResult {
    let Some(group) = request.world.resources.get(&request.target) else {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    };
    let rows = |world: &World| {
        is_empty(&tree(world), &request.target)?;
        Ok(vec![Row::DeleteResource { id: group.id.clone(), precondition: precondition(&request.headers) }])
    };
    match control.store.write_in_turn(&request.permit, rows).await {
        Ok(_) | Err(NotWritten::Store(StoreError::NotFound { .. })) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(reason) => Err(reason.into()),
    }
}

/// Nothing may lose the group that it is below. Asked in the writer's turn.
fn is_empty(tree: &Hierarchy<'_>, group: &arm::Scope) -> Result<(), ArmError> {
    if group == tree.root() {
        let message = format!("The root management group '{}' cannot be deleted.", group.name());
        return Err(ArmError::new(ErrorCode::CannotDeleteResource, message));
    }
    let groups = tree.groups_below(group).count();
    let subscriptions = tree.subscriptions_below(group).len();
    if groups + subscriptions == 0 {
        return Ok(());
    }
    let message = format!(
        "The management group '{}' has {groups} groups and {subscriptions} subscriptions directly below it. Move or delete them first.",
        group.name()
    );
    Err(ArmError::new(ErrorCode::CannotDeleteResource, message))
}
