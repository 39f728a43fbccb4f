//! One action's answer.

use arm::Scope;
use jiff::Timestamp;
use rbac::{AccessRequest, Attributes, DenyAssignmentRef, Grant, Verdict};
use resources::role_assignments::role_definition_id;
use serde_json::{Map, Value, json};
use store::World;
use uuid::Uuid;

use super::question::{Asked, Question};

/// How long an answer may be kept, in milliseconds: not at all. A grant or a revocation holds on the next request here, and
/// who keeps an answer would not see it.
const TIME_TO_LIVE_MS: u64 = 0;

/// Decides one action as a request would be decided now.
pub(super) fn answer(question: &Question, asked: &Asked, is_explained: bool, now: Timestamp, world: &World) -> Value {
    let attributes = Attributes {
        request: asked.attributes.clone(),
        resource: question.resource_attributes.clone(),
        ..Attributes::none()
    };
    let attributes = access::circumstances(attributes, Some(question.subject), world, now);
    let request = AccessRequest {
        principal: question.subject,
        permission: &asked.permission,
        scope: &question.resource,
        attributes: &attributes,
    };
    let mut answer = Map::from_iter([
        ("actionId".to_owned(), json!(asked.permission.text())),
        ("isDataAction".to_owned(), json!(asked.permission.is_data())),
    ]);
    let mut say = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    match rbac::evaluate(&request, &world.access) {
        Verdict::Allowed(grant) => {
            say("accessDecision", json!("Allowed"));
            if let Grant::Assignment { assignment, scope, role, principal, .. } = &grant {
                say("roleAssignment", role_assignment(assignment, scope, *role, *principal, world));
            }
        }
        Verdict::NotAllowed(_) => {
            say("accessDecision", json!("NotAllowed"));
        }
        Verdict::Denied(deny) => {
            say("accessDecision", json!("Denied"));
            say("denyAssignment", deny_assignment(&deny));
        }
    }
    say("timeToLiveInMs", json!(TIME_TO_LIVE_MS));
    if is_explained {
        say("explanation", json!(rbac::explain(&request, &world.access)));
    }
    Value::Object(answer)
}

/// The role assignment that grants it.
fn role_assignment(id: &Scope, scope: &Scope, role: Uuid, principal: Uuid, world: &World) -> Value {
    let condition = world.access.assignment(id).and_then(|assignment| assignment.condition.clone());
    let kind = world.access.kind_of(principal);
    let mut shown = Map::from_iter([
        ("id".to_owned(), json!(id)),
        ("roleDefinitionId".to_owned(), json!(role_definition_id(scope, role))),
        ("principalId".to_owned(), json!(principal)),
        ("principalType".to_owned(), json!(kind)),
        ("scope".to_owned(), json!(scope)),
    ]);
    if let Some(condition) = condition {
        shown.extend([("condition".to_owned(), json!(condition)), ("conditionVersion".to_owned(), json!("2.0"))]);
    }
    Value::Object(shown)
}

/// The deny assignment that blocks it.
fn deny_assignment(deny: &DenyAssignmentRef) -> Value {
    json!({ "id": deny.id, "denyAssignmentName": deny.name, "scope": deny.scope })
}
