//! GET {scope}/providers/Microsoft.Authorization/permissions: what the caller's own roles give at a scope.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use rbac::Reads;
use serde_json::{Value, json};

use crate::state::Control;
use crate::subscriptions::caller;

/// Any token: nothing is shown but the caller's own.
pub(crate) struct ListPermissions;

impl Operation for ListPermissions {
    const ROUTE: Route = Route::collection("Microsoft.Authorization/permissions");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListPermissions>) -> HandlerResult {
    let world = &request.world;
    let chain = world.access.chain(&request.target);
    let mut value: Vec<Value> = Vec::new();
    for held in caller(&request.permit).into_iter().flat_map(|caller| world.access.assignments_of(caller)) {
        if chain.contains(&held.scope) {
            let role = world.access.role(held.role);
            value.extend(role.iter().flat_map(|role| &role.permissions).map(|permission| json!(permission)));
        }
    }
    value.dedup();
    // What is the caller's own is few; they have no names, so their place orders them.
    page(&request, value.into_iter().enumerate().map(|(at, value)| (format!("{at:06}"), value)), |value| value)
}
