#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use serde_json::json;
use uuid::Uuid;

use super::action::{WrongAction, check};
use super::{Wanted, stored_id};

#[test]
fn each_wrong_action_is_wrong_for_its_own_reason() {
    for (text, wrong) in [
        ("", WrongAction::Empty),
        ("Microsoft.X/a?/read", WrongAction::Character('?')),
        (" Microsoft.X/read", WrongAction::Character(' ')),
        ("Microsoft.X/\u{212a}/read", WrongAction::Character('\u{212a}')),
        ("**", WrongAction::Wildcards),
        ("*/x/*", WrongAction::Wildcards),
        ("Microsoft.X/read/", WrongAction::EmptySegment),
        ("Microsoft.X//read", WrongAction::EmptySegment),
        ("Microsoft.*/read", WrongAction::PartialWildcard),
        ("things/read", WrongAction::Namespace),
        ("things/*", WrongAction::Namespace),
        ("Microsoft.X", WrongAction::LastWord),
        ("Microsoft.X/things", WrongAction::LastWord),
    ] {
        assert_eq!(check(text), Err(wrong), "{text:?}");
    }
    for text in ["*", "*/read", "Microsoft.X/*", "Microsoft.X/*/read", "microsoft.x/Y/Action", "Microsoft.X-Y/read"] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
}

#[test]
fn what_a_get_answers_can_be_put_again() {
    let role = Uuid::from_u128(7);
    let body = json!({
        "id": format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "name": role, "type": super::TYPE,
        "properties": {
            "roleName": " Viewer ", "type": "CustomRole", "description": "", "assignableScopes": ["/subscriptions/S", "/subscriptions/s/"],
            "permissions": [{ "actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": [] }],
            "createdOn": "2026-11-22T05:39:21.0000000Z", "updatedOn": "x", "createdBy": "y", "updatedBy": "z",
        },
    });
    let wanted = Wanted::from_json(&body, role).unwrap();
    assert_eq!((wanted.name.as_str(), wanted.assignable_scopes.len()), ("Viewer", 1));
    let again = json!({ "properties": wanted.properties() });
    assert_eq!(Wanted::from_json(&again, role).unwrap(), wanted);
    assert!(Wanted::from_json(&body, Uuid::from_u128(8)).is_err());
    assert_eq!(stored_id(role).as_str(), format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"));
}
