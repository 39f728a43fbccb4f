//! GET of one role assignment.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use resources::role_assignments::TYPE;

use super::shown;
use crate::state::Control;

/// GET {scope}/providers/Microsoft.Authorization/roleAssignments/{guid}
pub(crate) struct GetAssignment;

impl Operation for GetAssignment {
    const ROUTE: Route = Route::item(Verb::Get, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetAssignment>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(found) => {
            let body = shown(found, &request.target, &request.world);
            Ok(Reply::json(StatusCode::OK, &body).with_header("etag", &found.etag))
        }
        None => {
            let message = format!("The role assignment '{}' is not found.", request.target.name());
            Err(ArmError::new(ErrorCode::RoleAssignmentNotFound, message).into())
        }
    }
}
