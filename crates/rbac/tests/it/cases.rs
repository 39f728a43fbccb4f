//! The conformance cases: each through the compiled index, through the naive evaluator, and as a case of the documented
//! format.

use std::collections::BTreeMap;

use arm::Scope;
use rbac::{
    AccessRequest, DenyAssignment, Facts, Permission, PrincipalType, RoleDefinition, RolePermission, Snapshot, Verdict,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::naive::condition::Known;
use crate::naive::{self, Outcome};
use crate::tenant::{assignment, attributes, conformance, person};

#[derive(Deserialize)]
struct Case {
    id: Value,
    #[serde(default)]
    title: String,
    expected: String,
    input: Input,
}

#[derive(Deserialize)]
struct Input {
    ids: Vec<String>,
    action: String,
    data: bool,
    resource: String,
    #[serde(default)]
    mg: Vec<String>,
    #[serde(default)]
    assignments: Vec<Granted>,
    #[serde(default)]
    denies: Vec<Denied>,
    #[serde(default)]
    request: BTreeMap<String, Value>,
    #[serde(default)]
    res: BTreeMap<String, Value>,
    #[serde(default)]
    principal: BTreeMap<String, Value>,
    #[serde(default)]
    environment: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Granted {
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    role_obj: Option<RoleObject>,
    scope: String,
    principal: String,
    #[serde(default)]
    condition: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Denied {
    scope: String,
    principals: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    not_actions: Vec<String>,
    #[serde(default)]
    data_actions: Vec<String>,
    #[serde(default)]
    not_data_actions: Vec<String>,
    #[serde(default)]
    do_not_apply_to_child_scopes: bool,
    #[serde(default)]
    condition: Option<String>,
}

#[derive(Deserialize)]
struct RoleObject {
    permissions: Vec<RolePermission>,
}

/// What a case sets up, and the question.
struct Scene {
    facts: Facts,
    permission: Permission,
    scope: Scope,
    known: Known,
}

fn scene(input: &Input) -> Scene {
    let mut facts = Facts::default();
    let (caller, groups) = input.ids.split_first().expect("a caller");
    facts.principals.push((person(caller), PrincipalType::User));
    for group in groups {
        facts.principals.push((person(group), PrincipalType::Group));
        facts.members.push((person(group), person(caller)));
    }
    let scope = Scope::parse(&input.resource).unwrap();
    let subscription = scope.subscription_id().map(Scope::subscription);
    let line: Vec<Scope> =
        subscription.into_iter().chain(input.mg.iter().map(|group| Scope::parse(group).unwrap())).collect();
    facts.parents = line.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    for (number, granted) in input.assignments.iter().enumerate() {
        let role = match (&granted.role_obj, &granted.role) {
            (Some(object), _) => custom_role(number, &object.permissions, &mut facts),
            (None, role) => role.clone().expect("a role"),
        };
        let mut assignment = assignment(number, &role, &granted.scope, &granted.principal);
        assignment.condition = granted.condition.clone();
        facts.assignments.push(assignment);
    }
    facts.denies = input.denies.iter().enumerate().map(|(number, denied)| deny(number, denied)).collect();
    let known = Known {
        request: values(&input.request),
        resource: values(&input.res),
        principal: values(&input.principal),
        environment: values(&input.environment),
    };
    let action = input.action.clone().into();
    let permission = if input.data { Permission::DataAction(action) } else { Permission::Action(action) };
    Scene { facts, permission, scope, known }
}

fn custom_role(number: usize, permissions: &[RolePermission], facts: &mut Facts) -> String {
    let id = Uuid::from_u128(0xC0FF_EE00 + number as u128);
    facts.roles.push(RoleDefinition {
        id,
        name: format!("custom {number}"),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions: permissions.to_vec(),
        assignable_scopes: vec!["/".to_owned()],
    });
    id.to_string()
}

fn deny(number: usize, denied: &Denied) -> DenyAssignment {
    let scope = Scope::parse(&denied.scope).unwrap();
    let ids = |names: &[String]| -> Vec<Uuid> {
        let id = |name: &String| if name == "*" { DenyAssignment::ALL_PRINCIPALS } else { person(name) };
        names.iter().map(id).collect()
    };
    DenyAssignment {
        id: scope.extension("Microsoft.Authorization", "denyAssignments", &number.to_string()),
        scope,
        name: format!("deny {number}"),
        permissions: vec![RolePermission {
            actions: denied.actions.clone(),
            not_actions: denied.not_actions.clone(),
            data_actions: denied.data_actions.clone(),
            not_data_actions: denied.not_data_actions.clone(),
            ..RolePermission::default()
        }],
        principals: ids(&denied.principals),
        exclude_principals: ids(&denied.exclude),
        do_not_apply_to_child_scopes: denied.do_not_apply_to_child_scopes,
        condition: denied.condition.clone(),
        is_system_protected: false,
    }
}

fn values(given: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    given
        .iter()
        .map(|(name, value)| match value {
            Value::Array(list) => (name.clone(), list.iter().map(text).collect()),
            one => (name.clone(), vec![text(one)]),
        })
        .collect()
}

fn compiled(input: &Input) -> &'static str {
    let scene = scene(input);
    let request = AccessRequest {
        principal: person(&input.ids[0]),
        permission: &scene.permission,
        scope: &scene.scope,
        attributes: &attributes(&scene.known),
    };
    match rbac::evaluate(&request, &Snapshot::compile(scene.facts)) {
        Verdict::Allowed(_) => "ALLOW",
        Verdict::NotAllowed(misses) if misses.condition_false.is_some() => "NOT_ALLOWED(condition)",
        Verdict::NotAllowed(_) => "NOT_ALLOWED",
        Verdict::Denied(_) => "DENY",
    }
}

fn naive(input: &Input) -> &'static str {
    let scene = scene(input);
    let request = naive::Request {
        principal: person(&input.ids[0]),
        permission: &scene.permission,
        scope: scene.scope.as_str(),
        known: &scene.known,
    };
    match naive::Tenant::new(&scene.facts).evaluate(&request) {
        Outcome::Allow(_) => "ALLOW",
        Outcome::NotAllowedCondition => "NOT_ALLOWED(condition)",
        Outcome::NotAllowed => "NOT_ALLOWED",
        Outcome::Deny(_) => "DENY",
    }
}

/// Each file of cases, and its text.
fn files() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(conformance("rbac")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    let read = |file: &std::path::PathBuf| (file.display().to_string(), std::fs::read_to_string(file).unwrap());
    files.iter().map(read).collect()
}

#[test]
fn every_case_is_decided_as_expected_by_every_evaluator() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (file, text) in files() {
        let documented = rbac::read_cases(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
        assert_eq!(documented.len(), cases.len(), "{file}");
        for (case, documented) in cases.iter().zip(&documented) {
            let decided = documented.decide().unwrap_or_else(|error| panic!("{file} {}: {error}", case.id));
            let found = [compiled(&case.input), naive(&case.input), &decided.decision];
            if found != [&case.expected; 3] {
                let Case { id, title, expected, .. } = case;
                wrong.push(format!("{file} {id} {title}: expected {expected}, compiled, naive, as a case: {found:?}"));
            }
            tried += 1;
        }
    }
    assert!(tried >= 64 + 30, "{tried} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_of_ours_says_where_it_comes_from() {
    for (file, text) in files() {
        for case in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            let said = |field: &str| case[field].as_str().is_some_and(|text| !text.is_empty());
            assert!(said("title") && said("source"), "{file} {}", case["id"]);
        }
    }
}
