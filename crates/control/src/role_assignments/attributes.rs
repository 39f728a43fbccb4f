//! What conditions on assigning roles may read: role, principal and principal type, asked for and stored.

use arm::{Resource, Scope};
use rbac::{Attributes, Values};
use resources::role_assignments::{TYPE, Wanted, role_of};
use serde_json::Value;
use store::World;
use uuid::Uuid;

use super::assignable::principal_type_of;

const ROLE: &str = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
const PRINCIPAL: &str = "Microsoft.Authorization/roleAssignments:PrincipalId";
const PRINCIPAL_TYPE: &str = "Microsoft.Authorization/roleAssignments:PrincipalType";

/// `@Request[…]` of a body. A body that cannot be read has no attributes, so no condition lets it through.
pub(super) fn of_request(attributes: Attributes, body: &Value, target: &Scope, world: &World) -> Attributes {
    let scope = target.parent().unwrap_or_else(Scope::root);
    let Ok(name) = Uuid::try_parse(target.name()) else { return attributes };
    let Ok(wanted) = Wanted::from_json(body, &scope, name) else { return attributes };
    // What the directory says counts, not what the body claims.
    let kind = principal_type_of(world, wanted.principal).map(rbac::PrincipalType::as_str).or(wanted.principal_type);
    attributes
        .with_request(ROLE, wanted.role.to_string())
        .with_request(PRINCIPAL, wanted.principal.to_string())
        .with_request(PRINCIPAL_TYPE, kind.unwrap_or_default())
}

/// `@Resource[…]` of what is stored at the target, if anything.
pub(super) fn of_stored(attributes: Attributes, target: &Scope, world: &World) -> Attributes {
    let Some(stored) = world.resources.get(target) else { return attributes };
    let text = |name: &str| stored.properties.get(name).and_then(Value::as_str).unwrap_or_default();
    let role = role_of(text("roleDefinitionId")).map(|role| role.to_string()).unwrap_or_default();
    attributes
        .with_resource(ROLE, role)
        .with_resource(PRINCIPAL, text("principalId"))
        .with_resource(PRINCIPAL_TYPE, text("principalType"))
}

/// `@Resource[…]` of a role assignment, for who asks what it would take to change it; nothing of other resources.
pub(crate) fn stored_attributes(target: &Scope, world: &World) -> Values {
    let is_assignment = target.resource_type().is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(TYPE));
    if is_assignment { of_stored(Attributes::none(), target, world).resource } else { Values::default() }
}

/// What a stored assignment gives, and to whom.
pub(super) struct Given {
    pub(super) role: Option<Uuid>,
    pub(super) principal: Option<Uuid>,
}

impl Given {
    pub(super) fn of(assignment: &Resource) -> Given {
        let text = |name: &str| assignment.properties.get(name).and_then(Value::as_str);
        Given {
            role: text("roleDefinitionId").and_then(role_of),
            principal: text("principalId").and_then(|text| Uuid::try_parse(text).ok()),
        }
    }
}
