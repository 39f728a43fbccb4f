//! PUT and PATCH of a management group: 200 with the group as it is then. Clients poll nothing: it is done.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Json, Linked, Needs, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope, ScopeLevel};
use http::StatusCode;
use jiff::Timestamp;
use rbac::{RowKind, Writes};
use resources::management_groups::{DEPTH_LIMIT, Expand, GROUPS_LIMIT, Hierarchy, NAME, TYPE, Wanted, details, shown};
use serde_json::{Map, Value, json};
use store::{Row, World};

use super::{group_not_found, moving, tree};
use crate::actor::Author;
use crate::engine::precondition;
use crate::failure::internal;
use crate::place::misplaced;
use crate::state::{Control, tenant_id};
use crate::turn::{NotWritten, Revision};

/// PUT /providers/Microsoft.Management/managementGroups/{name}
pub(crate) struct PutGroup;

impl Operation for PutGroup {
    const ROUTE: Route = Route::item(Verb::Put, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = Json;

    fn linked(input: &Input<'_, Json>) -> Vec<Linked> {
        linked(input.world, input.target, Wanted::from_put(&input.body.0, input.target))
    }
}

/// PATCH /providers/Microsoft.Management/managementGroups/{name}
pub(crate) struct PatchGroup;

impl Operation for PatchGroup {
    const ROUTE: Route = Route::item(Verb::Patch, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Resource];
    type Body = Json;

    fn linked(input: &Input<'_, Json>) -> Vec<Linked> {
        linked(input.world, input.target, Wanted::from_patch(&input.body.0))
    }
}

/// A body that cannot be read moves nothing; the handler says what is wrong with it.
fn linked(world: &World, group: &Scope, wanted: Result<Wanted, ArmError>) -> Vec<Linked> {
    let tree = tree(world);
    let from = tree.parent(group);
    let to = wanted.ok().and_then(|wanted| wanted.parent).or_else(|| from.clone());
    let to = to.unwrap_or_else(|| tree.root().clone());
    if group == tree.root() { Vec::new() } else { moving::linked(&tree, group, from.as_ref(), &to) }
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutGroup>) -> HandlerResult {
    if request.target.level() != ScopeLevel::ManagementGroup {
        return Err(misplaced(TYPE, &request.target.parent().unwrap_or_else(Scope::root)).into());
    }
    let wanted = Wanted::from_put(&request.body.0, &request.target)?;
    if request.world.resources.get(&request.target).is_none() {
        NAME.check(request.target.name(), "a management group")?;
    }
    write(&control, &request, &wanted).await
}

pub(crate) async fn patch(control: Arc<Control>, request: Authorized<PatchGroup>) -> HandlerResult {
    let wanted = Wanted::from_patch(&request.body.0)?;
    if request.world.resources.get(&request.target).is_none() {
        return Err(group_not_found(&request.target).into());
    }
    write(&control, &request, &wanted).await
}

async fn write<O: Operation<Mode = Writes>>(
    control: &Control,
    request: &Authorized<O>,
    wanted: &Wanted,
) -> HandlerResult {
    let author = Author::of(&request.permit, &request.world);
    let revision = Revision {
        target: &request.target,
        decided_on: request.world.resources.get(&request.target).map(Arc::as_ref),
        demand: precondition(&request.headers),
    };
    let rows = |world: &World| {
        let tree = tree(world);
        let existing = world.resources.get(&request.target).map(Arc::as_ref);
        revision.check(existing)?;
        let parent = place(&tree, &request.target, wanted)?;
        let resource = resource(&request.target, wanted, parent, existing, (world, &author, request.now));
        let precondition = match existing {
            Some(existing) => Precondition::IfMatch(existing.etag.clone()),
            None => Precondition::MustNotExist,
        };
        Ok::<_, NotWritten>(vec![Row::PutResource { resource, precondition }])
    };
    let written = control.store.write_in_turn(&request.permit, rows).await?;
    let upserted = written.resources.first().ok_or_else(|| internal("the store wrote no management group"))?;
    let world = control.store.world();
    let body = shown(&upserted.resource, &tree(&world), tenant_id(&world), Expand::default());
    Ok(Reply::json(StatusCode::OK, &body).with_header("etag", &upserted.resource.etag))
}

/// The group that `group` will be below; none for the root. Asked in the writer's turn, so that two moves that are each
/// right make no circle together.
fn place(tree: &Hierarchy<'_>, group: &Scope, wanted: &Wanted) -> Result<Option<Scope>, ArmError> {
    let wrong = |message: String| {
        Err(ArmError::new(ErrorCode::InvalidParameter, message).with_target("properties.details.parent.id"))
    };
    if group == tree.root() {
        return match &wanted.parent {
            Some(_) => wrong(format!("the root management group '{}' cannot be moved", group.name())),
            None => Ok(None),
        };
    }
    if tree.group(group).is_none() && tree.len() >= GROUPS_LIMIT {
        let message = format!("The tenant already has {GROUPS_LIMIT} management groups; no more can be created.");
        return Err(ArmError::new(ErrorCode::Conflict, message));
    }
    let parent = wanted.parent.clone().or_else(|| tree.parent(group)).unwrap_or_else(|| tree.root().clone());
    let Some(parent) = tree.group(&parent).map(|found| found.id.clone()) else {
        let message = format!("The parent management group '{}' could not be found.", parent.name());
        let error = ArmError::new(ErrorCode::ParentResourceNotFound, message);
        return Err(error.with_target("properties.details.parent.id"));
    };
    let above = tree.above(&parent);
    if parent == *group || above.iter().any(|above| above.id == *group) {
        return wrong(format!("'{}' is '{}' or below it, so it cannot be the group above it", parent, group));
    }
    // The parent is a level, unless it is the root; so is each group above it but the root.
    if above.len() + tree.height(group) > DEPTH_LIMIT {
        return wrong(format!("the tree would have more than {DEPTH_LIMIT} levels below the root management group"));
    }
    Ok(Some(parent))
}

fn resource(
    id: &Scope,
    wanted: &Wanted,
    parent: Option<Scope>,
    existing: Option<&Resource>,
    (world, author, now): (&World, &Author, Timestamp),
) -> Resource {
    let id = existing.map_or_else(|| id.clone(), |existing| existing.id.clone());
    let kept = |name: &str| existing.and_then(|existing| existing.properties.get(name));
    let name = wanted.display_name.as_deref().or_else(|| kept("displayName").and_then(Value::as_str));
    let version = kept("details").and_then(|details| details.get("version")).and_then(Value::as_u64).unwrap_or(0);
    let details = details(parent.as_ref(), version.saturating_add(1), &author.label, &arm::wire_time(now));
    let properties = Map::from_iter([
        ("displayName".to_owned(), json!(name.unwrap_or(id.name()))),
        ("tenantId".to_owned(), json!(tenant_id(world))),
        ("details".to_owned(), details),
    ]);
    Resource::plain(id, TYPE, properties, author.system_data(now))
}
