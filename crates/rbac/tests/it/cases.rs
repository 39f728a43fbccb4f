//! The conformance cases: each through the compiled index and through the naive evaluator.

use std::collections::BTreeMap;

use arm::Scope;
use rbac::{
    AccessRequest, Attributes, Facts, Permission, PrincipalType, RoleDefinition, RolePermission, Snapshot, Verdict,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::naive::{self, Outcome};
use crate::tenant::{assignment, conformance, person};

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
struct RoleObject {
    permissions: Vec<RolePermission>,
}

/// What a case sets up, and the question.
struct Scene {
    facts: Facts,
    permission: Permission,
    scope: Scope,
    attributes: Attributes,
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
    let attributes = Attributes {
        request: values(&input.request),
        resource: values(&input.res),
        principal: values(&input.principal),
        environment: values(&input.environment),
    };
    let action = input.action.clone().into();
    let permission = if input.data { Permission::DataAction(action) } else { Permission::Action(action) };
    Scene { facts, permission, scope, attributes }
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
        attributes: &scene.attributes,
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
        attributes: &scene.attributes,
    };
    match naive::evaluate(&scene.facts, &request) {
        Outcome::Allow(_) => "ALLOW",
        Outcome::NotAllowedCondition => "NOT_ALLOWED(condition)",
        Outcome::NotAllowed => "NOT_ALLOWED",
    }
}

fn cases() -> Vec<Case> {
    let mut files: Vec<_> =
        std::fs::read_dir(conformance("rbac")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "json")) {
        let text = std::fs::read_to_string(file).unwrap();
        cases.extend(serde_json::from_str::<Vec<Case>>(&text).unwrap());
    }
    cases
}

#[test]
fn every_case_is_decided_as_expected_by_both_evaluators() {
    let cases = cases();
    assert!(cases.len() >= 61, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let (compiled, naive) = (compiled(&case.input), naive(&case.input));
        if compiled != case.expected || naive != case.expected {
            let Case { id, title, expected, .. } = case;
            wrong.push(format!("{id} {title}: expected {expected}, compiled {compiled}, naive {naive}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
