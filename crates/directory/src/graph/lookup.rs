//! Which object a URL names.

use std::sync::Arc;

use access::{Authorized, Failure, Operation};
use store::{DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use super::error::not_found;

/// The object of `kind` that the URL's `{id}` names: an object id, or for users also the sign-in name.
pub(super) fn named<O: Operation>(ask: &Authorized<O>, kind: ObjectKind) -> Result<&Arc<DirectoryObject>, Failure> {
    named_in(&ask.world, ask.params.get("id").unwrap_or_default(), kind)
}

/// The same in another world than the request's.
pub(super) fn named_in<'a>(
    world: &'a World,
    name: &str,
    kind: ObjectKind,
) -> Result<&'a Arc<DirectoryObject>, Failure> {
    let by_id = by_id(name, world);
    let found = match kind {
        ObjectKind::User => by_id.or_else(|| world.directory.by_upn(name)),
        _ => by_id,
    };
    found.filter(|object| object.kind == kind).ok_or_else(|| not_found(name))
}

/// The object of any kind that the URL's `{id}` names.
pub(super) fn any<O: Operation>(ask: &Authorized<O>) -> Result<&Arc<DirectoryObject>, Failure> {
    let name = ask.params.get("id").unwrap_or_default();
    by_id(name, &ask.world).ok_or_else(|| not_found(name))
}

/// The object with this object id, given as text.
pub(super) fn by_id<'a>(text: &str, world: &'a World) -> Option<&'a Arc<DirectoryObject>> {
    Uuid::parse_str(text).ok().and_then(|id| world.directory.object(id))
}
