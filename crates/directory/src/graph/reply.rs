//! The answers that most handlers give.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Operation, Reply};
use http::StatusCode;
use rbac::Writes;
use store::{DirectoryObject, ObjectKind, Row, StoreError, World};

use super::error::stored;
use super::security_attributes::{self, has_security_attributes};
use super::{lookup, view};
use crate::state::Directory;

/// 200 with the object that the URL names.
pub(super) fn shown<O: Operation>(ask: &Authorized<O>, kind: ObjectKind) -> HandlerResult {
    let object = lookup::named(ask, kind)?;
    let mut shown = view::entity(object, &ask.world, &ask.request);
    if has_security_attributes(kind) && security_attributes::are_selected(&ask.query) {
        shown = view::with_security_attributes(shown, object);
    }
    Ok(Reply::json(StatusCode::OK, &shown))
}

/// Stores a new object and answers 201 with it, as the store now has it.
pub(super) async fn created<O>(
    directory: &Directory,
    ask: &Authorized<O>,
    object: DirectoryObject,
    more: Vec<Row>,
) -> HandlerResult
where
    O: Operation<Mode = Writes>,
{
    let shown = object.clone();
    let rows = std::iter::once(Row::PutObject(object)).chain(more).collect();
    directory.store.write(&ask.permit, rows).await.map_err(|error| stored(&error))?;
    let body = view::entity(&shown, &directory.store.world(), &ask.request);
    let location = format!("{}/v1.0/{}/{}", ask.request.public_url, view::collection(shown.kind), shown.id);
    Ok(Reply::json(StatusCode::CREATED, &body).with_header("location", &location))
}

/// Changes the object that the URL names and answers 204. `change` sees the world that the change is written to, so it takes
/// nothing back that somebody else wrote meanwhile.
pub(super) async fn changed<O>(
    directory: &Directory,
    ask: &Authorized<O>,
    kind: ObjectKind,
    change: impl FnOnce(&Arc<DirectoryObject>, &World) -> Result<Vec<Row>, Failure>,
) -> HandlerResult
where
    O: Operation<Mode = Writes>,
{
    let name = ask.params.get("id").unwrap_or_default();
    let rows = |world: &World| Ok(change(lookup::named_in(world, name, kind)?, world)?);
    match directory.store.write_in_turn(&ask.permit, rows).await {
        Ok(_) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        Err(Unchanged::Refused(failure)) => Err(failure),
        Err(Unchanged::Store(error)) => Err(stored(&error)),
    }
}

/// Why an object was not changed.
enum Unchanged {
    Refused(Failure),
    Store(StoreError),
}

impl From<Failure> for Unchanged {
    fn from(failure: Failure) -> Unchanged {
        Unchanged::Refused(failure)
    }
}

impl From<StoreError> for Unchanged {
    fn from(error: StoreError) -> Unchanged {
        Unchanged::Store(error)
    }
}

/// Stores changes and answers 204.
pub(super) async fn done<O>(directory: &Directory, ask: &Authorized<O>, rows: Vec<Row>) -> HandlerResult
where
    O: Operation<Mode = Writes>,
{
    directory.store.write(&ask.permit, rows).await.map_err(|error| stored(&error))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
