//! Direct members of groups.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult};
use serde_json::Value;
use store::{DirectoryObject, ObjectKind, Row, World};

use super::error::{bad_request, not_found};
use super::{lookup, operations as op, page, reply};
use crate::state::Directory;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::ListMembers>) -> HandlerResult {
    let group = lookup::named(&ask, ObjectKind::Group)?.id;
    page::of_any_kind(&ask, ask.world.directory.members(group))
}

pub(super) async fn add(directory: Arc<Directory>, ask: Authorized<op::AddMember>) -> HandlerResult {
    let group = lookup::named(&ask, ObjectKind::Group)?;
    let member = referenced(&ask.body.0, &ask.world)?;
    may_join(group, member, &ask.world)?;
    let row = Row::AddMember { group: group.id, member: member.id };
    reply::done(&directory, &ask, vec![row]).await
}

pub(super) async fn remove(directory: Arc<Directory>, ask: Authorized<op::RemoveMember>) -> HandlerResult {
    let group = lookup::named(&ask, ObjectKind::Group)?.id;
    let name = ask.params.get("member").unwrap_or_default();
    let member = lookup::by_id(name, &ask.world).map(|member| member.id);
    let member = member.filter(|id| ask.world.directory.members(group).any(|member| member.id == *id));
    let member = member.ok_or_else(|| not_found(name))?;
    reply::done(&directory, &ask, vec![Row::RemoveMember { group, member }]).await
}

/// The object of an `@odata.id`: the last segment of its URL, whatever host the client thinks it talks to.
fn referenced<'a>(body: &Value, world: &'a World) -> Result<&'a Arc<DirectoryObject>, Failure> {
    let reference = body.get("@odata.id").and_then(Value::as_str);
    let reference =
        reference.ok_or_else(|| bad_request("The body must have '@odata.id', the URL of a directory object."))?;
    let name = reference.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    lookup::by_id(name, world).ok_or_else(|| not_found(name))
}

fn may_join(group: &DirectoryObject, member: &DirectoryObject, world: &World) -> Result<(), Failure> {
    if member.kind == ObjectKind::Application {
        return Err(bad_request("An application cannot be a member of a group; add its service principal."));
    }
    if world.directory.members(group.id).any(|known| known.id == member.id) {
        return Err(bad_request(
            "One or more added object references already exist for the following modified properties: 'members'.",
        ));
    }
    let in_a_circle = member.id == group.id || world.access.groups_of(group.id).contains(&member.id);
    if in_a_circle {
        return Err(bad_request(format!(
            "The group '{}' cannot be a member, since '{}' is a member of it.",
            member.id, group.id
        )));
    }
    Ok(())
}
