//! The documented format of a decision case: what it may say, and what is said about what it may not.

use rbac::{Case, CaseError, Decided, read_cases};
use serde_json::{Value, json};

use crate::tenant::{ACCOUNT, AGENTS, GROUP, READ_ACCOUNT, SUB};

fn case(input: &Value) -> Value {
    json!({"id": 1, "input": input})
}

fn read(value: &Value) -> Result<Vec<Case>, CaseError> {
    read_cases(&value.to_string())
}

fn decide(input: &Value) -> Result<Decided, CaseError> {
    read(&case(input))?[0].decide()
}

fn decision(input: &Value) -> String {
    decide(input).unwrap().decision
}

/// Reading `acc1` as `u1`, with these fields besides.
fn reading(fields: Value) -> Value {
    let mut input = json!({"ids": ["u1", "team"], "action": READ_ACCOUNT, "data": false, "resource": ACCOUNT});
    input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    input
}

fn granting(role: &str, at: &str, to: &str) -> Value {
    reading(json!({"assignments": [{"role": role, "scope": at, "principal": to}]}))
}

#[test]
fn one_case_a_list_and_one_per_line_are_all_read() {
    let one =
        json!({"id": "a", "expected": "ALLOW", "title": "t", "source": "s", "input": granting("Reader", SUB, "u1")});
    let two = json!({"id": 2, "input": reading(json!({}))});
    assert_eq!(read(&one).unwrap().len(), 1);
    assert_eq!(read(&json!([one, two])).unwrap().len(), 2);
    let cases = read_cases(&format!("{one}\n{two}\n")).unwrap();
    assert_eq!(cases.iter().map(Case::id).collect::<Vec<_>>(), [&json!("a"), &json!(2)]);
    assert_eq!((cases[0].expected(), cases[1].expected()), (Some("ALLOW"), None));
    assert_eq!(read_cases("[]").unwrap().len(), 0);
    assert!(read_cases(" \n").unwrap_err().to_string().contains("found nothing"));
}

#[test]
fn roles_are_found_by_name_former_name_guid_and_in_place() {
    for role in ["Reader", "reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "ACDD72A7338548EFBD42F606FBA81AE7"] {
        assert_eq!(decision(&granting(role, SUB, "u1")), "ALLOW", "{role}");
    }
    let agents = |role: &str| {
        json!({"ids": ["u1"], "action": AGENTS, "data": true, "resource": ACCOUNT,
               "assignments": [{"role": role, "scope": ACCOUNT, "principal": "u1"}]})
    };
    assert_eq!(decision(&agents("Azure AI User")), "ALLOW", "a former name of Foundry User");
    let in_place = |extra: Value| {
        let mut assigned = json!({"roleObj": {"permissions": [{"actions": ["*/read"], "notActions": []}]}, "scope": SUB, "principal": "u1"});
        assigned.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        reading(json!({"assignments": [assigned]}))
    };
    assert_eq!(decision(&in_place(json!({}))), "ALLOW");
    let named = decide(&in_place(json!({"role": "readers of everything"}))).unwrap();
    assert!(named.reason.contains("`readers of everything`"), "{}", named.reason);
}

#[test]
fn ids_may_be_any_text_and_the_reason_speaks_of_them() {
    let decided = decide(&granting("Reader", SUB, "team")).unwrap();
    assert_eq!(decided.decision, "ALLOW");
    assert!(decided.reason.contains("held by the group `team`"), "{}", decided.reason);
    assert_eq!(decision(&granting("Reader", SUB, "TEAM")), "NOT_ALLOWED", "another id");
    let guid = "6F1C0C6E-0000-4000-8000-000000000001";
    let mixed = json!({"ids": [guid], "action": READ_ACCOUNT, "data": false, "resource": ACCOUNT,
        "assignments": [{"role": "Reader", "scope": SUB, "principal": guid.to_lowercase()}]});
    assert_eq!(decision(&mixed), "ALLOW", "GUIDs are compared without case");
}

#[test]
fn denies_are_read_with_exclusions_place_planes_and_conditions() {
    let denied = |deny: Value| {
        let mut deny = deny;
        let fields = deny.as_object_mut().unwrap();
        fields.entry("scope").or_insert(json!(GROUP));
        fields.entry("principals").or_insert(json!(["*"]));
        fields.entry("actions").or_insert(json!(["*"]));
        let assignments = json!([{"role": "Owner", "scope": SUB, "principal": "u1"}]);
        decide(&reading(json!({"assignments": assignments, "denies": [deny]}))).unwrap()
    };
    assert_eq!(denied(json!({})).decision, "DENY");
    assert!(denied(json!({})).reason.contains("`denies[0]`"));
    assert_eq!(denied(json!({"principals": ["team"]})).decision, "DENY");
    assert_eq!(denied(json!({"principals": ["others"]})).decision, "ALLOW");
    assert_eq!(denied(json!({"exclude": ["team"]})).decision, "ALLOW");
    assert_eq!(denied(json!({"notActions": ["*/read"]})).decision, "ALLOW");
    assert_eq!(denied(json!({"actions": [], "dataActions": ["*"]})).decision, "ALLOW");
    assert_eq!(denied(json!({"doNotApplyToChildScopes": true})).decision, "ALLOW");
    assert_eq!(denied(json!({"doNotApplyToChildScopes": true, "scope": ACCOUNT})).decision, "DENY");
    assert_eq!(denied(json!({"condition": "Exists @Request[x]"})).decision, "ALLOW");
    assert_eq!(denied(json!({"condition": "@Request[x] StringEquals 'y'"})).decision, "DENY", "undecided denies");
}

#[test]
fn conditions_read_all_four_kinds_of_attributes() {
    let kinds =
        [("request", "Request"), ("res", "Resource"), ("principal", "Principal"), ("environment", "Environment")];
    for (field, source) in kinds {
        let asked = |value: Value| {
            let condition = format!("@{source}[level] ForAnyOfAnyValues:NumericEquals {{3}}");
            let assignments = json!([{"role": "Reader", "scope": SUB, "principal": "u1", "condition": condition}]);
            decide(&reading(json!({"assignments": assignments, field: {"level": value}}))).unwrap()
        };
        assert_eq!(asked(json!(3)).decision, "ALLOW", "{field}");
        assert_eq!(asked(json!(["1", "3"])).decision, "ALLOW", "{field}");
        let refused = asked(json!([4]));
        assert_eq!(refused.decision, "NOT_ALLOWED(condition)", "{field}");
        assert!(refused.reason.contains("the request has `4`"), "{}", refused.reason);
    }
}

#[test]
fn management_groups_are_given_nearest_first_by_id_or_name() {
    let mg = "/providers/Microsoft.Management/managementGroups";
    for line in [json!([format!("{mg}/near"), format!("{mg}/far")]), json!(["near", "far"])] {
        let mut input = granting("Reader", &format!("{mg}/far"), "u1");
        assert_eq!(decision(&input), "NOT_ALLOWED");
        input["mg"] = line;
        assert_eq!(decision(&input), "ALLOW");
    }
}

#[test]
fn a_mistake_is_said_with_case_field_and_what_was_expected() {
    let with = |fields: Value| case(&reading(fields));
    let assigned = |assignment: Value| {
        with(json!({"assignments": [{"role": "Reader", "scope": SUB, "principal": "u1"}, assignment]}))
    };
    let denied = |fields: Value| {
        let mut deny = json!({"scope": GROUP, "principals": ["*"]});
        deny.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        with(json!({"denies": [deny]}))
    };
    let mistakes = [
        (json!({"input": {}}), None, "id", "required"),
        (json!({"id": [1], "input": {}}), Some("[1]"), "id", "a number or a text"),
        (json!({"id": 7}), Some("7"), "input", "required"),
        (json!({"id": "x", "expect": "ALLOW", "input": {}}), Some("\"x\""), "expect", "did you mean `expected`?"),
        (json!({"id": 1, "expected": "DENIED", "input": {}}), Some("1"), "expected", "`DENY`"),
        (with(json!({"assignment": []})), Some("1"), "input.assignment", "did you mean `assignments`?"),
        (with(json!({"zebra": 1})), Some("1"), "input.zebra", "known are `ids`"),
        (with(json!({"ids": []})), Some("1"), "input.ids", "the caller's id"),
        (with(json!({"ids": ["u1", 2]})), Some("1"), "input.ids[1]", "a text, found `2`"),
        (with(json!({"data": "yes"})), Some("1"), "input.data", "`true` or `false`"),
        (with(json!({"resource": "subscriptions/s1"})), Some("1"), "input.resource", "an id starts with `/`"),
        (with(json!({"mg": [SUB]})), Some("1"), "input.mg[0]", "management group"),
        (with(json!({"request": {"level": {"is": 3}}})), Some("1"), "input.request.level", "a text, number or boolean"),
        (
            assigned(json!({"role": "Redaer", "scope": SUB, "principal": "u1"})),
            Some("1"),
            "input.assignments[1].role",
            "did you mean `Reader`?",
        ),
        (
            assigned(json!({"role": "11111111-2222-3333-4444-555555555555", "scope": SUB, "principal": "u1"})),
            Some("1"),
            "input.assignments[1].role",
            "no built-in role has the GUID",
        ),
        (
            assigned(json!({"scope": SUB, "principal": "u1"})),
            Some("1"),
            "input.assignments[1].role",
            "`role` or `roleObj`",
        ),
        (assigned(json!({"role": "Reader", "principal": "u1"})), Some("1"), "input.assignments[1].scope", "required"),
        (
            assigned(json!({"role": "Reader", "scope": "/x/y", "principal": "u1"})),
            Some("1"),
            "input.assignments[1].scope",
            "expected",
        ),
        (
            assigned(json!({"roleObj": {"permissions": [{"action": []}]}, "scope": SUB, "principal": "u1"})),
            Some("1"),
            "input.assignments[1].roleObj.permissions[0].action",
            "did you mean `actions`?",
        ),
        (denied(json!({"excludes": []})), Some("1"), "input.denies[0].excludes", "did you mean `exclude`?"),
        (denied(json!({"exclude": ["*"]})), Some("1"), "input.denies[0].exclude", "everybody cannot be excluded"),
        (denied(json!({"actions": "*"})), Some("1"), "input.denies[0].actions", "a list"),
    ];
    for (value, case, field, expected) in mistakes {
        let error = read(&value).and_then(|cases| cases[0].decide()).unwrap_err();
        let text = error.to_string();
        assert_eq!((error.case.as_deref(), error.field.as_str()), (case, field), "{text}");
        assert!(text.contains(expected) && text.contains(field), "{text}");
    }
    let broken = read_cases("{\"id\": 1,").unwrap_err().to_string();
    assert!(broken.contains("not JSON"), "{broken}");
}
