//! PUT of a deny assignment: 201, or 200 when it is written again.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Json, Needs, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope};
use http::StatusCode;
use rbac::{ActionPattern, PrincipalType, RowKind, Writes};
use resources::deny_assignments::{EVERYBODY, SYSTEM_DEFINED, TYPE, Wanted};
use store::{Row, World};
use uuid::Uuid;

use super::{is_the_callers_to_change, shown};
use crate::actor::Author;
use crate::authorship::{guid_name, sign};
use crate::engine::precondition;
use crate::failure::{condition_is_sound, internal};
use crate::role_assignments::known_scope;
use crate::state::{Control, tenant_id};
use crate::turn::{NotWritten, Revision};

/// PUT {scope}/providers/Microsoft.Authorization/denyAssignments/{guid}
pub(crate) struct PutDeny;

/// The action that ends a deny assignment.
const REMOVAL: &str = "Microsoft.Authorization/denyAssignments/delete";

impl Operation for PutDeny {
    const ROUTE: Route = Route::item(Verb::Put, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Assignment];
    type Body = Json;
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutDeny>) -> HandlerResult {
    let above = request.target.parent().unwrap_or_else(Scope::root);
    let name = guid_name(&request.target, ErrorCode::InvalidDenyAssignmentId, "deny assignment")?;
    let scope = known_scope(&request.world, &above)?;
    let wanted = Wanted::from_json(&request.body.0, &scope)?;
    is_nobodys_trap(&wanted)?;
    for (path, condition) in wanted.conditions() {
        condition_is_sound(condition, &path)?;
    }
    let author = Author::of(&request.permit, &request.world);
    let id = scope.extension("Microsoft.Authorization", "denyAssignments", &name.to_string());
    let revision = Revision {
        target: &request.target,
        decided_on: request.world.resources.get(&request.target).map(Arc::as_ref),
        demand: precondition(&request.headers),
    };
    let rows = |world: &World| {
        let existing = world.resources.get(&request.target).map(Arc::as_ref);
        revision.check(existing)?;
        existing.map_or(Ok(()), is_the_callers_to_change)?;
        principals_exist(world, &wanted)?;
        let mut properties = wanted.properties(|principal| type_of(world, principal));
        sign(&mut properties, &author, request.now, existing);
        let resource = Resource::plain(id.clone(), TYPE, properties, author.system_data(request.now));
        let precondition = match existing {
            Some(existing) => Precondition::IfMatch(existing.etag.clone()),
            None => Precondition::MustNotExist,
        };
        Ok::<_, NotWritten>(vec![Row::PutResource { resource, precondition }])
    };
    let written = control.store.write_in_turn(&request.permit, rows).await?;
    let upserted = written.resources.first().ok_or_else(|| internal("the store wrote no deny assignment"))?;
    let status = if upserted.created { StatusCode::CREATED } else { StatusCode::OK };
    let body = shown(&upserted.resource, &control.store.world());
    Ok(Reply::json(status, &body).with_header("etag", &upserted.resource.etag))
}

/// What only the system may make is refused; and so is what nobody could ever take away again.
fn is_nobodys_trap(wanted: &Wanted) -> Result<(), ArmError> {
    if wanted.is_system_protected {
        let message = "Only the system makes deny assignments whose 'isSystemProtected' is true. Leave it out.";
        let error = ArmError::new(ErrorCode::DenyAssignmentIsSystemProtected, message);
        return Err(error.with_target("properties.isSystemProtected"));
    }
    let is_for_everybody = wanted.principals.iter().any(|principal| principal.id == EVERYBODY);
    if is_for_everybody && wanted.exclude_principals.is_empty() && denies_its_removal(wanted) {
        let message = format!(
            "`properties.permissions` denies `{REMOVAL}` to everybody, so nobody could delete this deny assignment: exclude at least one principal, or put the action among `notActions`"
        );
        return Err(
            ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("properties.excludePrincipals")
        );
    }
    Ok(())
}

/// Whatever its conditions say: one that cannot be decided denies.
fn denies_its_removal(wanted: &Wanted) -> bool {
    // It hangs on its scope, so it is a child of it.
    let matches = |list: &[String]| list.iter().any(|text| ActionPattern::new(text).matches(REMOVAL));
    let denies = |permission: &resources::role_definitions::Permission| {
        matches(&permission.actions) && !matches(&permission.not_actions)
    };
    !wanted.do_not_apply_to_child_scopes && wanted.permissions.iter().any(denies)
}

/// Everybody named is in the directory, as what the body says they are.
fn principals_exist(world: &World, wanted: &Wanted) -> Result<(), ArmError> {
    for principal in wanted.principals.iter().chain(&wanted.exclude_principals) {
        principal.known_type(|id| type_of(world, id), tenant_id(world))?;
    }
    Ok(())
}

fn type_of(world: &World, principal: Uuid) -> Option<&'static str> {
    if principal == EVERYBODY {
        return Some(SYSTEM_DEFINED);
    }
    world.access.kind_of(principal).map(PrincipalType::as_str)
}
