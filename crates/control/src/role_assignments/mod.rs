//! Role assignments: the generic verbs with their own checks and their own filters.

mod attributes;
mod delete;
mod get;
mod list;
mod put;
mod scope;

use access::Routes;
use arm::{Resource, Scope};
use jiff::Timestamp;
use rbac::PrincipalType;
use resources::role_assignments::{TYPE, Wanted, present, role_definition_id};
use serde_json::{Map, Value, json};
use store::World;
use uuid::Uuid;

use crate::actor::Author;
use crate::state::Control;

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

/// The row of a role assignment called `name` at `scope`, which must be a canonical id.
pub fn assignment_resource(
    scope: &Scope,
    name: Uuid,
    wanted: &Wanted,
    principal_type: PrincipalType,
    author: &Author,
    now: Timestamp,
) -> Resource {
    let time = json!(arm::wire_time(now));
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
    properties.extend([
        ("createdOn".to_owned(), time.clone()),
        ("updatedOn".to_owned(), time),
        ("createdBy".to_owned(), json!(author.principal)),
        ("updatedBy".to_owned(), json!(author.principal)),
    ]);
    Resource {
        id: scope.extension("Microsoft.Authorization", "roleAssignments", &name.to_string()),
        resource_type: TYPE.to_owned(),
        name: name.to_string(),
        location: None,
        kind: None,
        tags: None,
        sku: None,
        identity: None,
        properties,
        etag: String::new(),
        system_data: author.system_data(now),
    }
}
