//! DELETE: removes a resource and everything below it, in one write. 200 or 202 as clients of the type expect,
//! or 204 when there was nothing.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation as AnyOperation, Reply, Route, Verb};
use arm::{Precondition, ScopeLevel};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::{Kind, Polling};
use store::{Row, StoreError};

use super::{precondition, typed_operation, write};
use crate::actor::Author;
use crate::failure::{not_found, stored};
use crate::operations::{Operation, accepted};
use crate::place::Place;
use crate::state::Control;

typed_operation! {
    /// DELETE of a `K`.
    Delete
}

impl<K: Kind> AnyOperation for Delete<K> {
    const ROUTE: Route = Route::item(Verb::Delete, K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = NoBody;
}

pub(crate) async fn delete<K: Kind>(control: Arc<Control>, request: Authorized<Delete<K>>) -> HandlerResult {
    let place = Place::of::<K>(&request.world, &request.target)?;
    let demand = precondition(&request.headers);
    write::demanded(&demand, &place)?;
    if place.existing.is_none() {
        // Azure answers 404 for a resource group and 204 for everything in one.
        return match place.id.level() {
            ScopeLevel::ResourceGroup => Err(not_found(&request.world, &place.id).into()),
            _ => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        };
    }
    let precondition = match demand {
        Precondition::IfMatch(etag) => Precondition::IfMatch(etag),
        _ => Precondition::None,
    };
    let region = place.existing.as_ref().and_then(|existing| existing.location.clone());
    let operation = Operation::new(&place.id, request.now);
    let mut rows = vec![Row::DeleteResource { id: place.id, precondition }];
    if K::DELETE_POLLING != Polling::None {
        rows.extend(operation.row(&Author::of(&request.permit, &request.world), request.now));
    }
    match control.store.write(&request.permit, rows).await {
        Ok(_) if K::DELETE_POLLING == Polling::None => Ok(Reply::empty(StatusCode::OK)),
        Ok(_) => Ok(accepted(K::DELETE_POLLING, &operation, region.as_deref(), &request)),
        // Somebody else was faster; what the client wanted is so.
        Err(StoreError::NotFound { .. }) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(error) => Err(stored(&error)),
    }
}
