//! GET of one deny assignment.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use resources::deny_assignments::TYPE;

use super::shown;
use crate::state::Control;

/// GET {scope}/providers/Microsoft.Authorization/denyAssignments/{guid}
pub(crate) struct GetDeny;

impl Operation for GetDeny {
    const ROUTE: Route = Route::item(Verb::Get, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetDeny>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(found) => Ok(Reply::json(StatusCode::OK, &shown(found, &request.world)).with_header("etag", &found.etag)),
        None => {
            let message = format!("The deny assignment '{}' is not found.", request.target.name());
            Err(ArmError::new(ErrorCode::DenyAssignmentNotFound, message).into())
        }
    }
}
