//! What a case sets up, as facts.

use std::sync::Arc;

use arm::{Scope, ScopeLevel, nearest};
use uuid::Uuid;

use super::case_error::CaseError;
use super::input::{Assigned, Denied, Input, RoleGiven};
use super::names::Names;
use crate::attributes::{Attributes, Environment};
use crate::built_in::{built_in, by_name};
use crate::deny_assignment::DenyAssignment;
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::{RoleDefinition, RolePermission};
use crate::snapshot::Facts;

/// "Everybody" in `principals`.
const EVERYBODY: &str = "*";
/// The GUIDs of roles given in place count from here.
const FIRST_ROLE: u128 = 0xCA5E_401E_0000_4000_8000_0000_0000_0000;
/// Where roles and denies are kept does not matter to a decision; their ids have to differ.
const AUTHORIZATION: &str = "Microsoft.Authorization";

/// The question, the facts, and the names of the case.
pub(super) struct Scene {
    pub(super) caller: Uuid,
    pub(super) permission: Permission,
    pub(super) scope: Scope,
    pub(super) attributes: Attributes,
    pub(super) facts: Facts,
    pub(super) names: Names,
}

impl Scene {
    pub(super) fn of(input: &Input) -> Result<Scene, CaseError> {
        let (mut facts, mut names) = (Facts::default(), Names::default());
        let caller = names.guid(&input.caller);
        facts.principals.push((caller, PrincipalType::User));
        for group in input.groups.iter().filter(|group| **group != input.caller) {
            let group = names.guid(group);
            facts.principals.push((group, PrincipalType::Group));
            facts.members.push((group, caller));
        }
        let scope = scope(&input.resource, "input.resource")?;
        facts.parents = parents(&scope, &input.mg)?;
        for (number, assigned) in input.assignments.iter().enumerate() {
            assign(number, assigned, &mut facts, &mut names)?;
        }
        for (number, denied) in input.denies.iter().enumerate() {
            facts.denies.push(deny(number, denied, &mut names)?);
        }
        let principal = Some(&input.principal).filter(|values| !values.is_empty());
        let attributes = Attributes {
            request: input.request.clone(),
            resource: input.resource_attributes.clone(),
            principal: principal.map(|values| Arc::new(values.clone())),
            environment: Environment::from(input.environment.clone()),
        };
        let action = input.action.clone().into();
        let permission = if input.data { Permission::DataAction(action) } else { Permission::Action(action) };
        Ok(Scene { caller, permission, scope, attributes, facts, names })
    }
}

/// Each management group below the next, the subscription (or the management group that is asked about) below the first.
fn parents(scope: &Scope, groups: &[String]) -> Result<Vec<(Scope, Scope)>, CaseError> {
    let mut below = match (scope.subscription_id(), scope.level()) {
        (Some(id), _) => Some(Scope::subscription(id)),
        (None, ScopeLevel::ManagementGroup) => Some(scope.clone()),
        (None, _) => None,
    };
    let mut parents = Vec::new();
    for (at, text) in groups.iter().enumerate() {
        let field = format!("input.mg[{at}]");
        let group = management_group(text, &field)?;
        parents.extend(below.replace(group.clone()).map(|below| (below, group)));
    }
    Ok(parents)
}

/// From an id or a bare name.
fn management_group(text: &str, field: &str) -> Result<Scope, CaseError> {
    let group = match text.starts_with('/') {
        true => scope(text, field)?,
        false => scope(&format!("/providers/Microsoft.Management/managementGroups/{text}"), field)?,
    };
    match group.level() {
        ScopeLevel::ManagementGroup => Ok(group),
        _ => Err(error(field, format!("`{text}` is not the id of a management group"))),
    }
}

fn assign(number: usize, assigned: &Assigned, facts: &mut Facts, names: &mut Names) -> Result<(), CaseError> {
    let field = format!("input.assignments[{number}]");
    let role = match &assigned.role {
        RoleGiven::BuiltIn(name) => built_in_role(name, &format!("{field}.role"))?,
        RoleGiven::InPlace { name, permissions } => {
            let role = role_in_place(number, name, permissions);
            let id = role.id;
            facts.roles.push(role);
            id
        }
    };
    let scope = scope(&assigned.scope, &format!("{field}.scope"))?;
    facts.assignments.push(RoleAssignment {
        id: scope.extension(AUTHORIZATION, "roleAssignments", &Uuid::from_u128(number as u128).to_string()),
        scope,
        role,
        principal: names.guid(&assigned.principal),
        principal_type: PrincipalType::User,
        condition: condition(assigned.condition.as_ref()),
    });
    Ok(())
}

/// By GUID, alone or at the end of an id, or by name.
fn built_in_role(text: &str, field: &str) -> Result<Uuid, CaseError> {
    if let Some(guid) = text.rsplit('/').next().and_then(|last| Uuid::try_parse(last).ok()) {
        let known = built_in().iter().any(|role| role.id == guid);
        let problem = || format!("no built-in role has the GUID `{guid}`; define it in `roleObj`");
        return if known { Ok(guid) } else { Err(error(field, problem())) };
    }
    if let Some(role) = by_name(text) {
        return Ok(role.id);
    }
    let names = built_in().iter().flat_map(|role| role.aliases.iter().chain([&role.name]));
    let hint = match nearest(text, names.map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "expected a GUID or a name of one, or a definition in `roleObj`".to_owned(),
    };
    Err(error(field, format!("no built-in role is named `{text}`; {hint}")))
}

fn role_in_place(number: usize, name: &str, permissions: &[RolePermission]) -> RoleDefinition {
    RoleDefinition {
        id: Uuid::from_u128(FIRST_ROLE + number as u128),
        name: name.to_owned(),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions: permissions.to_vec(),
        assignable_scopes: vec!["/".to_owned()],
    }
}

fn deny(number: usize, denied: &Denied, names: &mut Names) -> Result<DenyAssignment, CaseError> {
    let field = format!("input.denies[{number}]");
    let scope = scope(&denied.scope, &format!("{field}.scope"))?;
    if denied.exclude.iter().any(|id| id == EVERYBODY) {
        let problem = "`*` stands for everybody, and everybody cannot be excluded".to_owned();
        return Err(error(&format!("{field}.exclude"), problem));
    }
    let mut guid = |id: &String| if id == EVERYBODY { DenyAssignment::ALL_PRINCIPALS } else { names.guid(id) };
    Ok(DenyAssignment {
        id: scope.extension(AUTHORIZATION, "denyAssignments", &Uuid::from_u128(number as u128).to_string()),
        scope,
        name: format!("denies[{number}]"),
        permissions: vec![denied.permission.clone()],
        principals: denied.principals.iter().map(&mut guid).collect(),
        exclude_principals: denied.exclude.iter().map(&mut guid).collect(),
        do_not_apply_to_child_scopes: denied.do_not_apply_to_child_scopes,
        condition: condition(denied.condition.as_ref()),
        is_system_protected: false,
    })
}

/// An empty condition is none, as in a stored assignment.
fn condition(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

fn scope(text: &str, field: &str) -> Result<Scope, CaseError> {
    Scope::parse(text).map_err(|problem| error(field, problem.to_string()))
}

fn error(field: &str, problem: String) -> CaseError {
    CaseError { case: None, field: field.to_owned(), problem }
}
