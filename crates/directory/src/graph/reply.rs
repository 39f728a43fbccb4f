//! The answers that most handlers give.

use access::{Authorized, HandlerResult, Operation, Reply};
use http::StatusCode;
use rbac::Writes;
use store::{DirectoryObject, ObjectKind, Row};

use super::error::stored;
use super::{lookup, view};
use crate::state::Directory;

/// 200 with the object that the URL names.
pub(super) fn shown<O: Operation>(ask: &Authorized<O>, kind: ObjectKind) -> HandlerResult {
    let object = lookup::named(ask, kind)?;
    Ok(Reply::json(StatusCode::OK, &view::entity(object, &ask.world, &ask.request)))
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

/// Stores changes and answers 204.
pub(super) async fn done<O>(directory: &Directory, ask: &Authorized<O>, rows: Vec<Row>) -> HandlerResult
where
    O: Operation<Mode = Writes>,
{
    directory.store.write(&ask.permit, rows).await.map_err(|error| stored(&error))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
