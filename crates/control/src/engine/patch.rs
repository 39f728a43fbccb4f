//! PATCH: changes a part of a resource.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Json, Needs, Operation, Route, Verb};
use rbac::{RowKind, Writes};
use resources::{Draft, Kind, Polling};

use super::{reply, typed_operation, write};
use crate::failure::not_found;
use crate::state::Control;

typed_operation! {
    /// PATCH of a `K`.
    Patch
}

impl<K: Kind> Operation for Patch<K> {
    const ROUTE: Route = Route::item(Verb::Patch, K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = write::rows::<K>();
    type Body = Json;
}

pub(crate) async fn patch<K: Kind>(control: Arc<Control>, request: Authorized<Patch<K>>) -> HandlerResult {
    let body = &request.body.0;
    let writing = write::Writing::of(&control, &request);
    let (written, _) = writing
        .write::<K>(Polling::None, |place| match &place.existing {
            Some(existing) => Draft::from_patch(body, existing, K::DISPLAY_TYPE),
            None => Err(not_found(&control.store.world(), &place.id)),
        })
        .await?;
    Ok(reply::<K>(200, &written.resource, &control, &control.store.world(), &request.request))
}
