//! Command lines for the Azure CLI, safe to paste into a shell.

use arm::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::deny_assignment::DenyAssignment;
use crate::principal::PrincipalType;
use crate::role_definition::RoleDefinition;
use crate::snapshot::Snapshot;

/// The version of the deny assignments' API that accepts a write.
const DENY_API_VERSION: &str = "2024-07-01-preview";

/// The line that makes a role assignment.
pub(super) fn create_assignment(role: &RoleDefinition, scope: &Scope, principal: Uuid, kind: PrincipalType) -> String {
    let (role, scope) = (role_argument(role), quoted(scope.as_str()));
    format!(
        "az role assignment create --assignee-object-id {principal} --assignee-principal-type {kind} \
         --role {role} --scope {scope}"
    )
}

/// The line that writes a deny assignment anew with one more excluded principal.
pub(super) fn exclude_from(deny: &DenyAssignment, principal: Uuid, snapshot: &Snapshot) -> String {
    let reference = |id: &Uuid| match (*id == DenyAssignment::ALL_PRINCIPALS, snapshot.kind_of(*id)) {
        (true, _) => json!({"id": id, "type": "SystemDefined"}),
        (false, Some(kind)) => json!({"id": id, "type": kind}),
        (false, None) => json!({"id": id}),
    };
    let references = |ids: &[Uuid]| Value::from(ids.iter().map(reference).collect::<Vec<_>>());
    let excluded = [deny.exclude_principals.as_slice(), &[principal]].concat();
    let mut properties = json!({
        "denyAssignmentName": deny.name,
        "permissions": deny.permissions,
        "principals": references(&deny.principals),
        "excludePrincipals": references(&excluded),
        "doNotApplyToChildScopes": deny.do_not_apply_to_child_scopes,
    });
    if let (Some(condition), Some(fields)) = (&deny.condition, properties.as_object_mut()) {
        fields.insert("condition".to_owned(), json!(condition));
        fields.insert("conditionVersion".to_owned(), json!("2.0"));
    }
    let url = quoted(&format!("{}?api-version={DENY_API_VERSION}", deny.id));
    let body = quoted(&json!({ "properties": properties }).to_string());
    format!("az rest --method put --url {url} --body {body}")
}

/// The role's name in double quotes, or its GUID where a shell would read more than a name in it.
fn role_argument(role: &RoleDefinition) -> String {
    let plain = |character: char| character.is_alphanumeric() || " -_.,:()/&+".contains(character);
    if role.name.chars().all(plain) { format!("\"{}\"", role.name) } else { role.id.to_string() }
}

/// As it is where a shell reads nothing into it, otherwise in single quotes.
fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/-_.".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
