#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::{ErrorCode, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Wanted, role_definition_id, role_of};
use crate::testing::scope;

const ROLE: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const PRINCIPAL: &str = "22222222-2222-2222-2222-222222222222";

fn read(properties: Value) -> Result<Wanted, arm::ArmError> {
    Wanted::from_json(&json!({ "properties": properties }), &scope("accounts/a1"), Uuid::nil())
}

#[test]
fn a_definition_id_carries_the_scopes_subscription() {
    let role = Uuid::parse_str(ROLE).unwrap();
    let id = role_definition_id(&scope("accounts/a1"), role);
    assert_eq!(
        id,
        format!(
            "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"
        )
    );
    assert_eq!(
        role_definition_id(&Scope::root(), role),
        format!("/providers/Microsoft.Authorization/roleDefinitions/{ROLE}")
    );
    assert_eq!(role_of(&id), Some(role));
    assert_eq!(role_of(ROLE), Some(role));
    assert_eq!(role_of(&format!("/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/{ROLE}")), None);
}

#[test]
fn the_answer_of_a_get_can_be_put_again() {
    let wanted = read(json!({
        "scope": scope("accounts/a1").as_str(), "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"),
        "principalId": PRINCIPAL, "principalType": "User", "condition": null, "conditionVersion": null, "description": null,
        "createdOn": "2026-11-22T05:39:21.0000000Z", "updatedOn": "x", "createdBy": "y", "updatedBy": "z",
        "delegatedManagedIdentityResourceId": null,
    }));
    assert_eq!(wanted.unwrap().principal_type, Some("User"));
}

#[test]
fn bad_input_names_the_field() {
    let good = json!({ "roleDefinitionId": ROLE, "principalId": PRINCIPAL });
    for (name, value) in [
        ("roleDefinitionId", json!("Owner")),
        ("roleDefinitionId", Value::Null),
        ("principalId", json!("alice@contoso.com")),
        ("principalType", json!("Robot")),
        ("descripton", json!("x")),
        ("delegatedManagedIdentityResourceId", json!("/x")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        assert_eq!(read(body).unwrap_err().target.as_deref(), Some(format!("properties.{name}").as_str()));
    }
    assert_eq!(
        Wanted::from_json(&json!({}), &Scope::root(), Uuid::nil()).unwrap_err().target.as_deref(),
        Some("properties")
    );
}

#[test]
fn a_condition_is_of_version_2_and_has_a_limit() {
    let with = |condition: String, version: Value| {
        read(
            json!({ "roleDefinitionId": ROLE, "principalId": PRINCIPAL, "condition": condition, "conditionVersion": version }),
        )
    };
    assert!(with("true".to_owned(), json!("2.0")).is_ok());
    assert_eq!(with("true".to_owned(), Value::Null).unwrap().condition.as_deref(), Some("true"));
    assert!(with("true".to_owned(), json!("1.0")).is_err());
    assert!(with("x".repeat(8 * 1024 + 1), json!("2.0")).is_err());
}

#[test]
fn an_assignment_cannot_be_moved_by_its_body() {
    let body = json!({ "roleDefinitionId": ROLE, "principalId": PRINCIPAL, "scope": "/" });
    assert_eq!(read(body).unwrap_err().code, ErrorCode::RoleAssignmentUpdateNotPermitted);
}

#[test]
fn a_role_assignment_on_the_wire_is_the_golden_one() {
    let stored = json!({
        "id": format!("{}/providers/Microsoft.Authorization/roleAssignments/{PRINCIPAL}", scope("accounts/a1")),
        "type": super::TYPE, "name": PRINCIPAL, "etag": "\"1\"",
        "properties": {
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"),
            "principalId": PRINCIPAL, "principalType": "User",
            "createdOn": "1970-01-01T00:00:00.0000000Z", "updatedOn": "1970-01-01T00:00:00.0000000Z",
            "createdBy": PRINCIPAL, "updatedBy": PRINCIPAL,
        },
        "systemData": {
            "createdBy": "a", "createdByType": "User", "createdAt": "1970-01-01T00:00:00.0000000Z",
            "lastModifiedBy": "a", "lastModifiedByType": "User", "lastModifiedAt": "1970-01-01T00:00:00.0000000Z",
        },
    });
    let stored = serde_json::from_value(stored).unwrap();
    crate::testing::golden("role_assignment", &super::present(&stored, &scope("accounts/a1"), false));
    let orphaned = super::present(&stored, &scope("accounts/a1"), true);
    assert_eq!(orphaned["properties"]["principalType"], "Unknown");
}
