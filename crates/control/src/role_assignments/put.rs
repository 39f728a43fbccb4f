//! PUT of a role assignment: 201, or 200 when the same one is written again.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Input, Json, Needs, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope};
use http::StatusCode;
use rbac::{Attributes, PrincipalType, RowKind, Writes};
use resources::role_assignments::{TYPE, Wanted};
use store::{ObjectKind, Row, StoreError, World};
use uuid::Uuid;

use super::attributes::{self, Given};
use super::{assignment_resource, known_scope, shown};
use crate::actor::Author;
use crate::engine::precondition;
use crate::failure::stored;
use crate::state::{Control, tenant_id};

/// Most role assignments of one subscription, as in Azure.
const ASSIGNMENT_LIMIT: usize = 4000;

/// PUT {scope}/providers/Microsoft.Authorization/roleAssignments/{guid}
pub(crate) struct PutAssignment;

impl Operation for PutAssignment {
    const ROUTE: Route = Route::item(Verb::Put, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Assignment];
    type Body = Json;

    fn attributes(input: &Input<'_, Json>) -> Attributes {
        let stored = attributes::of_stored(Attributes::default(), input.target, input.world);
        attributes::of_request(stored, &input.body.0, input.target, input.world)
    }
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutAssignment>) -> HandlerResult {
    let world = &request.world;
    let above = request.target.parent().unwrap_or_else(Scope::root);
    let name = assignment_name(&request.target)?;
    let scope = known_scope(world, &above)?;
    let wanted = Wanted::from_json(&request.body.0, &scope)?;
    let principal_type = checked(world, &scope, &wanted)?;
    let existing = world.resources.get(&request.target);
    let demand = precondition(&request.headers);
    if !demand.holds(existing.map(|existing| existing.etag.as_str())) {
        let message = format!("`{}` is not in the state that the request's condition demands", request.target);
        return Err(ArmError::new(ErrorCode::PreconditionFailed, message).into());
    }
    let author = Author::of(&request.permit, world);
    let mut resource = assignment_resource(&scope, name, &wanted, principal_type, &author, request.now);
    let precondition = match existing {
        Some(existing) => {
            keeps_its_facts(existing, &wanted)?;
            keep_birth(existing, &mut resource);
            Precondition::IfMatch(existing.etag.clone())
        }
        None => {
            within_limit(world, &scope)?;
            Precondition::MustNotExist
        }
    };
    write(&control, &request, Row::PutResource { resource, precondition }).await
}

async fn write(control: &Control, request: &Authorized<PutAssignment>, row: Row) -> HandlerResult {
    let written = control.store.write(&request.permit, vec![row]).await.map_err(|error| match error {
        StoreError::PreconditionFailed { .. } => {
            let message = format!("`{}` was changed by another request; try again", request.target);
            Failure::arm(ArmError::new(ErrorCode::Conflict, message))
        }
        other => stored(&other),
    })?;
    let Some(upserted) = written.resources.first() else {
        return Err(crate::failure::internal("the store wrote no role assignment"));
    };
    let status = if upserted.created { StatusCode::CREATED } else { StatusCode::OK };
    let body = shown(&upserted.resource, &request.target, &control.store.world());
    Ok(Reply::json(status, &body).with_header("etag", &upserted.resource.etag))
}

/// The name of an assignment is a GUID.
fn assignment_name(target: &Scope) -> Result<Uuid, ArmError> {
    Uuid::try_parse(target.name()).map_err(|_| {
        let message =
            format!("The role assignment ID '{}' is not valid. The role assignment ID must be a GUID.", target.name());
        ArmError::new(ErrorCode::InvalidRoleAssignmentId, message)
    })
}

/// The role, the principal and the condition exist and fit; answers the principal's type.
fn checked(world: &World, scope: &Scope, wanted: &Wanted) -> Result<PrincipalType, ArmError> {
    role_can_be_assigned(world, scope, wanted.role)?;
    let Some(kind) = principal_type_of(world, wanted.principal) else {
        let message =
            format!("Principal {} does not exist in the directory {}.", wanted.principal.simple(), tenant_id(world));
        return Err(ArmError::new(ErrorCode::PrincipalNotFound, message).with_target("properties.principalId"));
    };
    if let Some(given) = wanted.principal_type
        && given != kind.as_str()
    {
        let message = format!(
            "The principal {} is of type '{kind}', not '{given}'. Leave 'principalType' out or correct it.",
            wanted.principal.simple()
        );
        return Err(ArmError::new(ErrorCode::UnmatchedPrincipalType, message).with_target("properties.principalType"));
    }
    if let Some(condition) = &wanted.condition {
        rbac::Condition::parse(condition).map_err(|error| {
            let message = format!("The given role assignment condition is invalid: {error}");
            ArmError::new(ErrorCode::InvalidCondition, message).with_target("properties.condition")
        })?;
    }
    Ok(kind)
}

fn role_can_be_assigned(world: &World, scope: &Scope, role: Uuid) -> Result<(), ArmError> {
    let Some(definition) = world.access.role(role) else {
        let message = format!("The specified role definition with ID '{}' does not exist.", role.simple());
        return Err(
            ArmError::new(ErrorCode::RoleDefinitionDoesNotExist, message).with_target("properties.roleDefinitionId")
        );
    };
    let chain = world.access.chain(scope);
    let fits = |assignable: &String| Scope::parse(assignable).is_ok_and(|place| chain.contains(&place));
    if definition.assignable_scopes.iter().any(fits) {
        return Ok(());
    }
    let message = format!(
        "The role '{}' cannot be assigned at '{scope}': it is not among its assignable scopes.",
        definition.name
    );
    Err(ArmError::new(ErrorCode::RoleDefinitionDoesNotExist, message).with_target("properties.roleDefinitionId"))
}

/// What kind of principal has this object id; applications are not principals.
pub(super) fn principal_type_of(world: &World, principal: Uuid) -> Option<PrincipalType> {
    match world.directory.object(principal)?.kind {
        ObjectKind::User => Some(PrincipalType::User),
        ObjectKind::Group => Some(PrincipalType::Group),
        ObjectKind::ServicePrincipal => Some(PrincipalType::ServicePrincipal),
        ObjectKind::Application => None,
    }
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

fn keep_birth(existing: &Resource, resource: &mut Resource) {
    for name in ["createdOn", "createdBy"] {
        if let Some(value) = existing.properties.get(name) {
            resource.properties.insert(name.to_owned(), value.clone());
        }
    }
}

fn within_limit(world: &World, scope: &Scope) -> Result<(), ArmError> {
    let Some(subscription) = scope.subscription_id().map(Scope::subscription) else { return Ok(()) };
    if world.resources.children_of_type(&subscription, TYPE).count() < ASSIGNMENT_LIMIT {
        return Ok(());
    }
    let message = format!("The subscription already has {ASSIGNMENT_LIMIT} role assignments; no more can be created.");
    Err(ArmError::new(ErrorCode::RoleAssignmentLimitExceeded, message))
}
