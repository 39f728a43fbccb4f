//! A second evaluator, written from the rules alone and sharing no code with the first: lists, text and recursion.

use std::collections::{BTreeMap, BTreeSet};

use rbac::{Attributes, Facts, Permission, PrincipalType, RoleAssignment, RolePermission};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The ids of all assignments that grant.
    Allow(BTreeSet<String>),
    NotAllowed,
    NotAllowedCondition,
}

pub(crate) struct Request<'a> {
    pub(crate) principal: Uuid,
    pub(crate) permission: &'a Permission,
    pub(crate) scope: &'a str,
    pub(crate) attributes: &'a Attributes,
}

pub(crate) fn evaluate(facts: &Facts, request: &Request<'_>) -> Outcome {
    let holders = holders(facts, request.principal);
    let above = above(facts, request.scope);
    let (mut granting, mut conditional) = (BTreeSet::new(), false);
    for assignment in &facts.assignments {
        if !holders.contains(&assignment.principal) || !above.contains(&lower(assignment.scope.as_str())) {
            continue;
        }
        match gives(facts, assignment, request) {
            Some(true) => {
                granting.insert(assignment.id.to_string());
            }
            Some(false) => conditional = true,
            None => {}
        }
    }
    match (granting.is_empty(), conditional) {
        (false, _) => Outcome::Allow(granting),
        (true, true) => Outcome::NotAllowedCondition,
        (true, false) => Outcome::NotAllowed,
    }
}

/// Some(true): gives it. Some(false): only a condition is in the way. None: does not include it.
fn gives(facts: &Facts, assignment: &RoleAssignment, request: &Request<'_>) -> Option<bool> {
    let mut roles = rbac::built_in().iter().chain(&facts.roles);
    let role = roles.rfind(|role| role.id == assignment.role)?;
    let including: Vec<&RolePermission> =
        role.permissions.iter().filter(|object| includes(object, request.permission)).collect();
    if including.is_empty() {
        return None;
    }
    let holds = |condition: Option<&str>| condition.is_none_or(|text| condition_holds(text, request));
    let of_role = including.iter().any(|object| holds(object.condition.as_deref()));
    Some(of_role && holds(assignment.condition.as_deref()))
}

fn includes(object: &RolePermission, permission: &Permission) -> bool {
    let (given, taken) = match permission {
        Permission::Action(_) => (&object.actions, &object.not_actions),
        Permission::DataAction(_) => (&object.data_actions, &object.not_data_actions),
        Permission::Directory(_) => return false,
    };
    let matches = |patterns: &[String]| patterns.iter().any(|pattern| pattern_matches(pattern, permission.text()));
    matches(given) && !matches(taken)
}

pub(crate) fn pattern_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (lower(pattern), lower(action));
    !pattern.is_empty() && !action.is_empty() && glob(&pattern, &action)
}

fn glob(pattern: &str, text: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("/*/") {
        let collapsed = format!("/{rest}");
        if glob(&collapsed, text) {
            return true;
        }
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        return (0..=text.len()).any(|skip| glob(rest, &text[skip..]));
    }
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some(wanted), Some(found)) if wanted == found => glob(&pattern[1..], &text[1..]),
        _ => false,
    }
}

/// The principal, and each group in the directory that it is in, however deep.
fn holders(facts: &Facts, principal: Uuid) -> BTreeSet<Uuid> {
    let kinds: BTreeMap<Uuid, PrincipalType> = facts.principals.iter().copied().collect();
    let mut holders = BTreeSet::new();
    if kinds.contains_key(&principal) {
        holders.insert(principal);
    }
    loop {
        let next: Vec<Uuid> = facts
            .members
            .iter()
            .filter(|(group, member)| {
                holders.contains(member) && !holders.contains(group) && kinds.get(group) == Some(&PrincipalType::Group)
            })
            .map(|(group, _)| *group)
            .collect();
        if next.is_empty() {
            return holders;
        }
        holders.extend(next);
    }
}

/// Every place at which an assignment reaches the scope, in lower case.
pub(crate) fn above(facts: &Facts, scope: &str) -> BTreeSet<String> {
    let parents: BTreeMap<String, String> =
        facts.parents.iter().map(|(child, parent)| (lower(child.as_str()), lower(parent.as_str()))).collect();
    let mut above = BTreeSet::from(["/".to_owned()]);
    let scope = lower(scope);
    let mut ends: Vec<usize> = scope.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
    ends.push(scope.len());
    for end in ends {
        let mut place = scope[..end].to_owned();
        while above.insert(place.clone()) {
            match parents.get(&place) {
                Some(parent) => place = parent.clone(),
                None => break,
            }
        }
    }
    above
}

/// Conditions of the usual shape: clauses joined by `AND`, each `(!(ActionMatches{'a'})) OR (test)`, each test one
/// comparison of one attribute with GUIDs or a text. Anything else does not hold.
fn condition_holds(text: &str, request: &Request<'_>) -> bool {
    text.split(" AND ").all(|clause| {
        let action = between(clause, "ActionMatches{'", "'}");
        match action {
            Some(action) if !action.eq_ignore_ascii_case(request.permission.text()) => true,
            Some(_) => clause.split_once(" OR ").is_some_and(|(_, test)| test_holds(test, request.attributes)),
            None => test_holds(clause, request.attributes),
        }
    })
}

fn test_holds(test: &str, attributes: &Attributes) -> bool {
    let source = if test.contains("@Request[") {
        &attributes.request
    } else if test.contains("@Resource[") {
        &attributes.resource
    } else {
        return false;
    };
    let Some(name) = between(test, "[", "]") else {
        return false;
    };
    let Some(values) = source.get(name) else {
        return false;
    };
    if let Some((_, guids)) = test.split_once("GuidEquals") {
        let bare = |text: &str| lower(text).replace('-', "");
        let listed: Vec<String> =
            guids.trim_matches(|c| " {})(".contains(c)).split(',').map(|guid| bare(guid.trim())).collect();
        return values.iter().any(|value| listed.contains(&bare(value.rsplit('/').next().unwrap())));
    }
    let Some(wanted) = between(test, "StringEqualsIgnoreCase '", "'") else {
        return false;
    };
    values.iter().any(|value| value.eq_ignore_ascii_case(wanted))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}
