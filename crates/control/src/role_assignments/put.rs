//! PUT of a role assignment: 201, or 200 when the same one is written again.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Json, Needs, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope};
use http::StatusCode;
use rbac::{Attributes, RowKind, Writes};
use resources::role_assignments::{TYPE, Wanted};
use store::{Row, World};

use super::assignable::{holder_type, is_assigned, role_can_be_assigned};
use super::attributes::{self, Given};
use super::{assignment_resource, known_scope, shown};
use crate::actor::Author;
use crate::authorship::guid_name;
use crate::engine::precondition;
use crate::failure::{condition_is_sound, internal};
use crate::state::Control;
use crate::turn::{NotWritten, Revision};

/// PUT {scope}/providers/Microsoft.Authorization/roleAssignments/{guid}
pub(crate) struct PutAssignment;

impl Operation for PutAssignment {
    const ROUTE: Route = Route::item(Verb::Put, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Assignment];
    type Body = Json;

    /// What is asked for, and what is there: an update is decided by both, since it can change neither role nor principal.
    fn attributes(input: &Input<'_, Json>) -> Attributes {
        let stored = attributes::of_stored(Attributes::default(), input.target, input.world);
        attributes::of_request(stored, &input.body.0, input.target, input.world)
    }
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutAssignment>) -> HandlerResult {
    let above = request.target.parent().unwrap_or_else(Scope::root);
    let name = guid_name(&request.target, ErrorCode::InvalidRoleAssignmentId, "role assignment")?;
    let scope = known_scope(&request.world, &above)?;
    let wanted = Wanted::from_json(&request.body.0, &scope, name)?;
    if let Some(condition) = &wanted.condition {
        condition_is_sound(condition, "properties.condition")?;
    }
    let author = Author::of(&request.permit, &request.world);
    let revision = Revision {
        target: &request.target,
        decided_on: request.world.resources.get(&request.target).map(Arc::as_ref),
        demand: precondition(&request.headers),
    };
    let rows = |world: &World| {
        let existing = world.resources.get(&request.target);
        revision.check(existing.map(Arc::as_ref))?;
        role_can_be_assigned(world, &scope, wanted.role)?;
        let principal_type = holder_type(world, &wanted)?;
        let precondition = match existing {
            Some(existing) => {
                keeps_its_facts(existing, &wanted)?;
                Precondition::IfMatch(existing.etag.clone())
            }
            None => {
                // What exists already is said to exist, also where there is no room: the store names it.
                if !is_assigned(world, &scope, &wanted) {
                    control.limits.room_for_assignment(world, &scope)?;
                }
                Precondition::MustNotExist
            }
        };
        let existing = existing.map(Arc::as_ref);
        let resource = assignment_resource(&scope, name, &wanted, principal_type, &author, request.now, existing);
        Ok::<_, NotWritten>(vec![Row::PutResource { resource, precondition }])
    };
    let written = control.store.write_in_turn(&request.permit, rows).await?;
    let Some(upserted) = written.resources.first() else {
        return Err(internal("the store wrote no role assignment"));
    };
    let status = if upserted.created { StatusCode::CREATED } else { StatusCode::OK };
    let body = shown(&upserted.resource, &request.target, &control.store.world());
    Ok(Reply::json(status, &body).with_header("etag", &upserted.resource.etag))
}

/// An assignment's name may be written again with another description or condition, never for other facts.
fn keeps_its_facts(existing: &Resource, wanted: &Wanted) -> Result<(), ArmError> {
    let given = Given::of(existing);
    if given.principal == Some(wanted.principal) && given.role == Some(wanted.role) {
        return Ok(());
    }
    let message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
    Err(ArmError::new(ErrorCode::RoleAssignmentUpdateNotPermitted, message))
}
