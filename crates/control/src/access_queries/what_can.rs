//! GET {scope}/providers/Cupola.Access/whatCan?principal=…: what somebody holds, and what that allows at a scope.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Needs, NoBody, Operation, Reply, Route};
use arm::{ArmError, ErrorCode, Scope};
use http::StatusCode;
use rbac::Reads;
use serde_json::{Value, json};
use store::World;
use uuid::Uuid;

use super::names::with_names;
use super::principal::find_principal;
use super::who_can::not_there;
use super::wrong;
use crate::check_access::READ_ASSIGNMENTS;
use crate::state::Control;

/// The operation. About oneself any token is enough, as it is for one's permissions at a scope.
pub(crate) struct WhatCan;

impl Operation for WhatCan {
    const ROUTE: Route = Route::collection("Cupola.Access/whatCan");
    const NEEDS: Needs = Needs::OwnOr(READ_ASSIGNMENTS);
    type Mode = Reads;
    type Body = NoBody;

    fn is_own(input: &Input<'_, NoBody>, caller: Uuid) -> bool {
        let asked = input.query.get("principal").map(|name| find_principal(input.world, name));
        matches!(asked, Some(Ok(principal)) if principal == caller)
    }
}

pub(super) async fn answer(_: Arc<Control>, request: Authorized<WhatCan>) -> HandlerResult {
    let Some(name) = request.query.get("principal") else {
        let expected = "expected an object id, a sign-in name, an application id or a display name";
        return Err(wrong("principal", expected).into());
    };
    let principal = find_principal(&request.world, name)
        .map_err(|error| ArmError::new(ErrorCode::ResourceNotFound, error.to_string()).with_target("principal"))?;
    Ok(Reply::json(StatusCode::OK, &what_can(&request.world, principal, &request.target)))
}

/// What the principal holds around the scope and may do at it: `rbac::WhatCan` with names and `notes`.
pub fn what_can(world: &World, principal: Uuid, scope: &Scope) -> Value {
    let mut answer = with_names(json!(rbac::what_can(principal, Some(scope), &world.access)), world);
    if let Some(answer) = answer.as_object_mut() {
        let notes: Vec<String> = not_there(scope, world).into_iter().collect();
        answer.insert("notes".to_owned(), json!(notes));
    }
    answer
}
