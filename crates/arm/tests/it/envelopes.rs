//! How replies look.

use std::collections::HashSet;

use arm::{ApiVersion, ArmError, ErrorCode, Page, Precondition, Resource, Scope, SystemData, nearest, nearest_n};
use serde_json::json;

fn resource() -> Resource {
    let at = "2026-11-22T07:42:00Z".parse().unwrap();
    Resource {
        id: Scope::parse("/subscriptions/s/resourcegroups/rg").unwrap(),
        resource_type: "Microsoft.Resources/resourceGroups".to_owned(),
        name: "rg".to_owned(),
        location: Some("local".to_owned()),
        kind: None,
        tags: None,
        sku: None,
        identity: None,
        properties: json!({"provisioningState": "Succeeded"}).as_object().unwrap().clone(),
        etag: "\"1\"".to_owned(),
        system_data: SystemData {
            created_by: "admin".to_owned(),
            created_by_type: "Application".to_owned(),
            created_at: at,
            last_modified_by: "admin".to_owned(),
            last_modified_by_type: "Application".to_owned(),
            last_modified_at: at,
        },
    }
}

#[test]
fn a_resource_prints_what_it_has_and_reads_back() {
    let resource = resource();
    let json = resource.to_json();
    assert_eq!(json["id"], "/subscriptions/s/resourceGroups/rg");
    assert_eq!(json["type"], "Microsoft.Resources/resourceGroups");
    assert_eq!(json["systemData"]["createdAt"], "2026-11-22T07:42:00.0000000Z");
    assert!(json.get("kind").is_none() && json.get("sku").is_none() && json.get("identity").is_none());
    assert_eq!(serde_json::from_value::<Resource>(json).unwrap(), resource);
    let stored = serde_json::to_value(&resource).unwrap();
    assert_eq!(serde_json::from_value::<Resource>(stored).unwrap(), resource);
}

#[test]
fn an_error_has_the_envelope_of_arm() {
    let error = ArmError::new(ErrorCode::InvalidParameter, "`sku.capacity` is 0")
        .with_target("sku.capacity")
        .with_detail(ArmError::new(ErrorCode::BadRequest, "one"))
        .with_info(json!({"type": "T", "info": {}}));
    let expected = json!({"error": {
        "code": "InvalidParameter", "message": "`sku.capacity` is 0", "target": "sku.capacity",
        "details": [{"code": "BadRequest", "message": "one"}],
        "additionalInfo": [{"type": "T", "info": {}}]
    }});
    assert_eq!(error.to_json(), expected);
    assert_eq!(error.status(), 400);
}

#[test]
fn one_code_may_have_two_statuses_and_no_more() {
    assert_eq!(ErrorCode::RoleDefinitionNotFound.as_str(), ErrorCode::RoleDefinitionDoesNotExist.as_str());
    assert_eq!(
        (ErrorCode::RoleDefinitionNotFound.status(), ErrorCode::RoleDefinitionDoesNotExist.status()),
        (404, 400)
    );
    let pairs: HashSet<_> = ErrorCode::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
    assert_eq!(pairs.len(), ErrorCode::ALL.len());
    assert!(ErrorCode::ALL.iter().all(|code| (400..600).contains(&code.status())));
}

#[test]
fn an_api_version_must_come() {
    assert_eq!(ApiVersion::from_query(Some("2025-06-01")).unwrap().as_str(), "2025-06-01");
    for missing in [None, Some(""), Some(" ")] {
        assert_eq!(ApiVersion::from_query(missing).unwrap_err().code, ErrorCode::MissingApiVersionParameter);
    }
}

#[test]
fn preconditions_hold_or_not() {
    let of = Precondition::from_headers;
    assert!(of(None, None).holds(None) && of(None, None).holds(Some("\"1\"")));
    assert!(of(Some("\"1\""), None).holds(Some("\"1\"")));
    assert!(of(Some("1"), None).holds(Some("\"1\"")));
    assert!(!of(Some("\"2\""), None).holds(Some("\"1\"")));
    assert!(!of(Some("\"1\""), None).holds(None));
    assert!(of(Some("\"2\", \"1\""), None).holds(Some("\"1\"")));
    assert!(of(Some("*"), None).holds(Some("\"1\"")) && !of(Some("*"), None).holds(None));
    assert!(of(None, Some("*")).holds(None) && !of(None, Some("*")).holds(Some("\"1\"")));
}

#[test]
fn the_last_page_has_no_link() {
    assert_eq!(Page::of(vec![json!(1)]).to_json(), json!({"value": [1]}));
    let page = Page { value: vec![], next_link: Some("https://x/next".to_owned()) };
    assert_eq!(page.to_json(), json!({"value": [], "nextLink": "https://x/next"}));
}

#[test]
fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
    assert_eq!(nearest("gpt-40", ["gpt-4o", "phi-4", "mistral"]), Some("gpt-4o"));
    assert_eq!(nearest("SMOLLM2", ["smollm2-135m", "SmolLM2"]), Some("SmolLM2"));
    assert_eq!(nearest("zzzzzz", ["gpt-4o"]), None);
    assert_eq!(nearest_n("abcd", ["abcf", "abce", "abcdef"], 2), ["abce", "abcf"]);
}
