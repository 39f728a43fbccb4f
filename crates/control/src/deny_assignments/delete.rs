//! DELETE of a deny assignment: 200, or 204 when there was nothing. Clients read no body here.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::deny_assignments::TYPE;
use store::{Row, StoreError};

use super::is_the_callers_to_change;
use crate::engine::precondition;
use crate::failure::stored;
use crate::state::Control;

/// DELETE {scope}/providers/Microsoft.Authorization/denyAssignments/{guid}
pub(crate) struct DeleteDeny;

impl Operation for DeleteDeny {
    const ROUTE: Route = Route::item(Verb::Delete, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Assignment];
    type Body = NoBody;
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteDeny>) -> HandlerResult {
    let Some(found) = request.world.resources.get(&request.target) else {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    };
    is_the_callers_to_change(found)?;
    let row = Row::DeleteResource { id: found.id.clone(), precondition: precondition(&request.headers) };
    match control.store.write(&request.permit, vec![row]).await {
        Ok(_) => Ok(Reply::empty(StatusCode::OK)),
        Err(StoreError::NotFound { .. }) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(error) => Err(stored(&error)),
    }
}
