//! GET: reads one resource.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, Verb};
use rbac::Reads;
use resources::Kind;

use super::{reply, typed_operation};
use crate::failure::not_found;
use crate::state::Control;

typed_operation! {
    /// GET of a `K`.
    Get
}

impl<K: Kind> Operation for Get<K> {
    const ROUTE: Route = Route::item(Verb::Get, K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get<K: Kind>(control: Arc<Control>, request: Authorized<Get<K>>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(resource) => Ok(reply::<K>(200, resource, &control, &request.world, &request.request)),
        None => Err(not_found(&request.world, &request.target).into()),
    }
}
