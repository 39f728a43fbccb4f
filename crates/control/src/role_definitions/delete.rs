//! DELETE of a custom role: 200 with what is gone, or 204 when there was nothing. One that is assigned stays.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Linked, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{Precondition, Scope};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::role_definitions::TYPE;
use store::{Row, StoreError};

use super::custom;
use super::definition::shown;
use crate::engine::precondition;
use crate::failure::stored;
use crate::state::Control;
use crate::turn::Revision;

/// DELETE {scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}
pub(crate) struct DeleteDefinition;

impl Operation for DeleteDefinition {
    const ROUTE: Route = Route::item(Verb::Delete, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::RoleDefinition];
    type Body = NoBody;

    /// Every place where the role can be assigned.
    fn linked(input: &Input<'_, NoBody>) -> Vec<Linked> {
        custom::writes_at(custom::assignable_scopes(input.world, input.target))
    }
}

pub(crate) async fn delete(control: Arc<Control>, request: Authorized<DeleteDefinition>) -> HandlerResult {
    let world = &request.world;
    let role = custom::named(&request.target)?;
    custom::is_not_built_in(world, role)?;
    let found = custom::stored(world, &request.target).map(Arc::as_ref);
    let demand = precondition(&request.headers);
    Revision { target: &request.target, decided_on: found, demand }.check(found)?;
    let (Some(found), Some(definition)) = (found, world.access.role(role)) else {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    };
    let scope = request.target.parent().unwrap_or_else(Scope::root);
    let gone = Reply::json(StatusCode::OK, &shown(definition, &scope, world));
    // Only the one that access was decided on: its scopes are the ones that were asked about.
    let row = Row::DeleteResource { id: found.id.clone(), precondition: Precondition::IfMatch(found.etag.clone()) };
    match control.store.write(&request.permit, vec![row]).await {
        Ok(_) => Ok(gone),
        Err(error) if is_gone(&error) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(error) => Err(stored(&error)),
    }
}

/// Somebody else was faster; what the client wanted is so.
fn is_gone(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { .. } | StoreError::PreconditionFailed { current: None, .. })
}
