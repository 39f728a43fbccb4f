//! HEAD: asks whether a resource is there. 204 or 404, never a body.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use http::StatusCode;
use rbac::Reads;
use resources::Kind;

use super::typed_operation;
use crate::state::Control;

typed_operation! {
    /// HEAD of a `K`.
    Head
}

impl<K: Kind> Operation for Head<K> {
    const ROUTE: Route = Route::item(Verb::Head, K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn head<K: Kind>(_: Arc<Control>, request: Authorized<Head<K>>) -> HandlerResult {
    let is_there = request.world.resources.get(&request.target).is_some();
    Ok(Reply::empty(if is_there { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }))
}
