//! GET and list of role definitions. Each is printed with the id that clients make up for it at that scope.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb, page};
use arm::{ArmError, ErrorCode, Resource, Scope};
use http::StatusCode;
use rbac::{Reads, RoleDefinition, Visible};
use resources::role_assignments::role_definition_id;
use resources::role_definitions::{TYPE, stored_id};
use serde_json::{Map, Value, json};
use store::World;
use uuid::Uuid;

use crate::filter::{self, Term, unsupported};
use crate::role_assignments::known_scope;
use crate::state::Control;

/// GET {scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}
pub(crate) struct GetDefinition;

impl Operation for GetDefinition {
    const ROUTE: Route = Route::item(Verb::Get, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET {scope}/providers/Microsoft.Authorization/roleDefinitions
pub(crate) struct ListDefinitions;

impl Operation for ListDefinitions {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetDefinition>) -> HandlerResult {
    let scope = request.target.parent().unwrap_or_else(Scope::root);
    let world = &request.world;
    let role = Uuid::try_parse(request.target.name()).ok().and_then(|id| world.access.role(id));
    let Some(role) = role.filter(|role| is_available(role, &scope, false, world)) else {
        return Err(unknown(request.target.name()));
    };
    let reply = Reply::json(StatusCode::OK, &shown(role, &scope, world));
    Ok(match stored(world, role) {
        Some(stored) => reply.with_header("etag", &stored.etag),
        None => reply,
    })
}

/// The same code is 400 where an assignment names the role; a read answers 404 with it, as in Azure.
fn unknown(id: &str) -> Failure {
    let message = format!("The specified role definition with ID '{id}' does not exist.");
    let failure = Failure::arm(ArmError::new(ErrorCode::RoleDefinitionDoesNotExist, message));
    Failure { status: StatusCode::NOT_FOUND, ..failure }
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListDefinitions>) -> HandlerResult {
    let world = &request.world;
    let scope = known_scope(world, &request.target)?;
    let wanted = Wanted::parse(request.query.get("$filter"))?;
    let found = world
        .access
        .roles()
        .filter(|role| wanted.matches(role) && is_available(role, &scope, wanted.at_scope, world))
        .filter(|role| request.visible.as_ref().is_some_and(|visible| is_visible(role, &scope, visible, world)))
        .map(|role| (role.id.to_string(), role));
    page(&request, found, |role| shown(role, &scope, world))
}

/// Whether a role can be assigned somewhere where the caller may read. Built-in ones can be everywhere.
fn is_visible(role: &RoleDefinition, scope: &Scope, visible: &Visible, world: &World) -> bool {
    if role.built_in || visible.covers(scope) {
        return true;
    }
    // What may be assigned at a place above may be wherever the caller reads below it.
    let chain = world.access.chain(scope);
    role.assignable_scopes
        .iter()
        .filter_map(|place| Scope::parse(place).ok())
        .any(|place| chain.contains(&place) || visible.covers(&place))
}

/// Whether a role can be assigned at the scope or, unless `at_scope`, somewhere below it.
fn is_available(role: &RoleDefinition, scope: &Scope, at_scope: bool, world: &World) -> bool {
    if role.built_in {
        return true;
    }
    let chain = world.access.chain(scope);
    role.assignable_scopes
        .iter()
        .filter_map(|place| Scope::parse(place).ok())
        .any(|place| chain.contains(&place) || (!at_scope && world.access.chain(&place).contains(scope)))
}

/// A definition on the wire, as asked at `scope`. Custom ones say who wrote them and when.
pub(super) fn shown(role: &RoleDefinition, scope: &Scope, world: &World) -> Value {
    let mut properties = Map::from_iter([
        ("roleName".to_owned(), json!(role.name)),
        ("type".to_owned(), json!(role_type(role))),
        ("description".to_owned(), json!(role.description)),
        ("assignableScopes".to_owned(), json!(role.assignable_scopes)),
        ("permissions".to_owned(), json!(role.permissions)),
    ]);
    for name in ["createdOn", "updatedOn", "createdBy", "updatedBy"] {
        if let Some(value) = stored(world, role).and_then(|stored| stored.properties.get(name)) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    json!({ "id": role_definition_id(scope, role.id), "name": role.id, "type": TYPE, "properties": properties })
}

/// The row of a custom role.
fn stored<'a>(world: &'a World, role: &RoleDefinition) -> Option<&'a Arc<Resource>> {
    if role.built_in { None } else { world.resources.get(&stored_id(role.id)) }
}

fn role_type(role: &RoleDefinition) -> &'static str {
    if role.built_in { "BuiltInRole" } else { "CustomRole" }
}

/// The filter, read.
#[derive(Default)]
struct Wanted {
    at_scope: bool,
    name: Option<String>,
    role_type: Option<String>,
}

impl Wanted {
    fn parse(text: Option<&str>) -> Result<Wanted, ArmError> {
        let mut wanted = Wanted::default();
        for term in filter::parse(text)? {
            match term {
                Term::Call { name, argument: None } if name.eq_ignore_ascii_case("atScope") => wanted.at_scope = true,
                // What is listed without a filter is at the scope and below already.
                Term::Call { name, argument: None } if name.eq_ignore_ascii_case("atScopeAndBelow") => {}
                Term::Equals { name, value } if name.eq_ignore_ascii_case("roleName") => wanted.name = Some(value),
                Term::Equals { name, value } if name.eq_ignore_ascii_case("type") => wanted.role_type = Some(value),
                _ => return Err(unsupported(text.unwrap_or_default())),
            }
        }
        Ok(wanted)
    }

    /// Names are compared without case; former names find the role too, which prints today's.
    fn matches(&self, role: &RoleDefinition) -> bool {
        let is_named = self.name.as_ref().is_none_or(|name| role.is_named(name));
        is_named && self.role_type.as_ref().is_none_or(|wanted| role_type(role).eq_ignore_ascii_case(wanted))
    }
}
