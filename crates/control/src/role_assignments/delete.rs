//! DELETE of a role assignment: 200 with what is gone, or 204 when there was nothing.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Linked, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::Precondition;
use http::StatusCode;
use rbac::{Attributes, RowKind, Writes};
use resources::role_assignments::TYPE;
use store::{Row, StoreError, World};

use super::{attributes, last_owner, shown};
use crate::engine::precondition;
use crate::state::Control;
use crate::turn::{NotWritten, Revision};

/// DELETE {scope}/providers/Microsoft.Authorization/roleAssignments/{guid}
pub(crate) struct DeleteAssignment;

impl Operation for DeleteAssignment {
    const ROUTE: Route = Route::item(Verb::Delete, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Assignment];
    type Body = NoBody;

    fn attributes(input: &Input<'_, NoBody>) -> Attributes {
        attributes::of_stored(Attributes::default(), input.target, input.world)
    }

    fn linked(input: &Input<'_, NoBody>) -> Vec<Linked> {
        let found = input.world.resources.get(input.target);
        found.and_then(|found| last_owner::linked(input.world, found)).into_iter().collect()
    }
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteAssignment>) -> HandlerResult {
    let found = request.world.resources.get(&request.target);
    let revision = Revision {
        target: &request.target,
        decided_on: found.map(Arc::as_ref),
        demand: precondition(&request.headers),
    };
    let Some(found) = found else {
        revision.check(None)?;
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    };
    let was_last = last_owner::is_last(&request.world, found);
    let rows = |world: &World| {
        let current = world.resources.get(&found.id).ok_or_else(|| gone(&request.target))?;
        revision.check(Some(current))?;
        if last_owner::is_last(world, current) && !was_last {
            // Others went meanwhile: whether the caller may remove the last one was not asked.
            return Err(NotWritten::Refused(revision.moved()));
        }
        let precondition = Precondition::IfMatch(current.etag.clone());
        Ok(vec![Row::DeleteResource { id: current.id.clone(), precondition }])
    };
    match control.store.write_in_turn(&request.permit, rows).await {
        Ok(_) => Ok(Reply::json(StatusCode::OK, &shown(found, &request.target, &request.world))),
        Err(NotWritten::Store(StoreError::NotFound { .. })) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(reason) => Err(reason.into()),
    }
}

/// Somebody else was faster; what the client wanted is so.
fn gone(target: &arm::Scope) -> NotWritten {
    NotWritten::Store(StoreError::NotFound { what: format!("`{target}`") })
}
