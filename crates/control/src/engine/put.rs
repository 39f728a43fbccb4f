//! PUT: creates or replaces a resource.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Json, Needs, Operation, Route, Verb};
use rbac::{RowKind, Writes};
use resources::{Draft, Kind};

use super::{reply, typed_operation, write};
use crate::operations::announced;
use crate::state::Control;

typed_operation! {
    /// PUT of a `K`.
    Put
}

impl<K: Kind> Operation for Put<K> {
    const ROUTE: Route = Route::item(Verb::Put, K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = write::rows::<K>();
    type Body = Json;
}

pub(crate) async fn put<K: Kind>(control: Arc<Control>, request: Authorized<Put<K>>) -> HandlerResult {
    let body = &request.body.0;
    let writing = write::Writing::of(&control, &request);
    let (written, operation) =
        writing.write::<K>(K::CREATE_POLLING, |place| Draft::from_json(body, &place.id, K::DISPLAY_TYPE)).await?;
    let status = if written.created { K::PUT.created } else { K::PUT.updated };
    let reply = reply::<K>(status, &written.resource, &control, &control.store.world(), &request.request);
    Ok(match operation {
        Some(operation) => {
            announced(reply, K::CREATE_POLLING, &operation, written.resource.location.as_deref(), &request)
        }
        None => reply,
    })
}
