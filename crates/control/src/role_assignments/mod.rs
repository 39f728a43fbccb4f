//! Role assignments: the generic verbs with their own checks and their own filters.

mod assignable;
mod attributes;
mod delete;
mod get;
mod last_owner;
mod list;
mod put;
mod scope;

use std::sync::Arc;

use access::Routes;
use arm::{Resource, Scope};
use jiff::Timestamp;
use rbac::PrincipalType;
use resources::role_assignments::{TYPE, Wanted, present, role_definition_id};
use serde_json::{Map, Value, json};
use store::World;
use uuid::Uuid;

use crate::actor::Author;
use crate::authorship::sign;
use crate::state::Control;

pub(crate) use attributes::stored_attributes;
pub(crate) use scope::known_scope;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(put::PutAssignment, put::put)
        .on(get::GetAssignment, get::get)
        .on(delete::DeleteAssignment, delete::delete)
        .on(list::ListAssignments, list::list)
}

/// An assignment on the wire, as asked at `asked_at`.
pub(crate) fn shown(assignment: &Resource, asked_at: &Scope, world: &World) -> Value {
    let principal = attributes::Given::of(assignment).principal;
    let is_there = principal.is_some_and(|principal| world.directory.object(principal).is_some());
    present(assignment, asked_at, !is_there)
}

/// The assignments at exactly this scope.
pub(crate) fn assignments_at<'a>(world: &'a World, scope: &Scope) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
    world.resources.on(scope, TYPE)
}

/// The row of a role assignment called `name` at `scope`, which must be a canonical id; it keeps the birth of the one that
/// is there.
pub fn assignment_resource(
    scope: &Scope,
    name: Uuid,
    wanted: &Wanted,
    principal_type: PrincipalType,
    author: &Author,
    now: Timestamp,
    existing: Option<&Resource>,
) -> Resource {
    let mut properties = Map::from_iter([
        ("roleDefinitionId".to_owned(), json!(role_definition_id(scope, wanted.role))),
        ("principalId".to_owned(), json!(wanted.principal)),
        ("principalType".to_owned(), json!(principal_type.as_str())),
    ]);
    if let Some(condition) = &wanted.condition {
        properties.insert("condition".to_owned(), json!(condition));
        properties.insert("conditionVersion".to_owned(), json!("2.0"));
    }
    if let Some(description) = &wanted.description {
        properties.insert("description".to_owned(), json!(description));
    }
    sign(&mut properties, author, now, existing);
    let id = scope.extension("Microsoft.Authorization", "roleAssignments", &name.to_string());
    Resource::plain(id, TYPE, properties, author.system_data(now))
}
