//! DELETE of a role assignment: 200 with what is gone, or 204 when there was nothing.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Needs, NoBody, Operation, Reply, Route, Verb};
use http::StatusCode;
use rbac::{Attributes, RowKind, Writes};
use resources::role_assignments::TYPE;
use store::{Row, StoreError};

use super::{attributes, shown};
use crate::engine::precondition;
use crate::failure::stored;
use crate::state::Control;

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
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteAssignment>) -> HandlerResult {
    let Some(found) = request.world.resources.get(&request.target) else {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    };
    let row = Row::DeleteResource { id: found.id.clone(), precondition: precondition(&request.headers) };
    match control.store.write(&request.permit, vec![row]).await {
        Ok(_) => Ok(Reply::json(StatusCode::OK, &shown(found, &request.target, &request.world))),
        Err(StoreError::NotFound { .. }) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(error) => Err(stored(&error)),
    }
}
